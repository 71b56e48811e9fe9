#include "check.h"

#include <math.h>
#include <string.h>

#include "base/require.h"
#include "base/text.h"
#include "layout.h"

/* The figure for a page, from hand-made snapshots: what it says, and that all of it can be read. */

enum { ONE = -1 };

static struct scene *book(int layers, int a, int b) {
    struct scene *scene = scene_make(layers, a, b);
    scene->state.view = VIEW_TEXTBOOK;
    return scene;
}

static int cells(void) {
    int count = 0;
    for (int i = 0; i < hits.count; i++) {
        count += hits.hit[i].kind == HIT_LAYER;
    }
    return count;
}

static void every_depth_size_and_quantity(void **state) {
    (void)state;
    static const int depths[] = { 1, 2, 10, 33, 100, 200 };
    static const float sizes[][2] = { { 960, 600 }, { 1440, 900 }, { 2560, 1440 } };
    for (int d = 0; d < ARRAY_LEN(depths); d++) {
        for (int s = 0; s < ARRAY_LEN(sizes); s++) {
            for (int k = 0; k < 2 * VIEW_BOOK_COUNT; k++) {
                int b = k % 2 ? SCENE_VANISHING : ONE;
                struct scene *scene = book(depths[d], SCENE_HEALTHY, b);
                scene_size(scene, sizes[s][0], sizes[s][1], THEME_LIGHT);
                scene->state.book = (enum view_book)(k / 2);
                scene->state.bare = k % 4 == 3;
                text_set(what, sizeof what, "%d layers, quantity %d, %g", depths[d], k,
                         (double)sizes[s][0]);
                check(scene);
                assert_true(cells() >= 1 && cells() <= depths[d]);
            }
        }
    }
}

static void every_kind_of_run(void **state) {
    (void)state;
    for (int a = 0; a < SCENE_RUN_COUNT; a++) {
        for (int q = 0; q < VIEW_BOOK_COUNT; q++) {
            struct scene *scene = book(10, a, (a + 1) % SCENE_RUN_COUNT);
            scene->state.book = (enum view_book)q;
            text_set(what, sizeof what, "kind %d, quantity %d", a, q);
            check(scene);
        }
    }
}

static void the_experiment_is_the_caption(void **state) {
    (void)state;
    struct scene *scene = book(10, SCENE_COLLAPSED, ONE);
    scene->state.bare = true;
    text_set(scene->snapshot.run[0].normalisation, SNAPSHOT_NAME, "layer norm");
    draw(scene);
    assert_true(shown("Activations, tanh with small initialisation, layer norm"));
    char step[48];
    text_set(step, sizeof step, "784 → 10 × 100 → 10 · MNIST · batch 128 · step %lld",
             (long long)scene->snapshot.step);
    assert_true(shown(step));
    assert_true(shown("n = 12,800 values of h per layer · line: mean"));
    assert_false(shown("layerscope")); // no bars on a page
    assert_false(shown("every"));
    assert_int_equal(cells(), 10);
    scene->state.book = VIEW_BOOK_DELTA;
    draw(scene);
    assert_true(shown("Gradients, tanh") && shown("values of |δ|") && shown("line: rms"));
}

static void a_twin_without_layers_has_none_in_the_caption(void **state) {
    (void)state;
    struct scene *scene = book(10, SCENE_HEALTHY, SCENE_HEALTHY);
    scene->snapshot.run[0].layers = 0;
    draw(scene);
    assert_true(shown("784 → 10 and 784 → 10 × 100 → 10"));
}

/* Mean and sd of the snapshot, as written, and the line where the mean is. */
static void numbers_are_the_snapshots(void **state) {
    (void)state;
    struct scene *scene = book(1, SCENE_COLLAPSED, ONE);
    struct moments *h = &scene->snapshot.run[0].layer[0].h;
    h->mean = -0.25;
    h->sd = 0.5;
    draw(scene);
    assert_true(shown("mean −0.250 sd 0.500"));
    struct rect cell = { 0 };
    for (int i = 0; i < hits.count; i++) {
        cell = hits.hit[i].kind == HIT_LAYER ? hits.hit[i].rect : cell;
    }
    bool found = false;
    for (size_t i = 0; i < list.op_count; i++) { // tanh: the axis is -1 to 1
        const struct draw_op *op = &list.ops[i];
        if (op->kind == DRAW_POLYLINE && op->colour == themes[THEME_DARK].mark) {
            found |= fabsf(list.numbers[op->first] - (cell.x + 0.375f * cell.w)) < 0.5f;
        }
    }
    assert_true(found);
}

/* Where they do not all fit it says which ones are there, the last one among them. */
/* Few layers fill the page: what is left free is less than a fifth of its width, or its height. */
static void few_layers_are_drawn_large(void **state) {
    (void)state;
    for (int layers = 1; layers <= 6; layers++) {
        struct scene *scene = book(layers, SCENE_HEALTHY, ONE);
        scene_size(scene, 1440, 900, THEME_PRINT);
        draw(scene);
        float right = 0.0f, bottom = 0.0f;
        for (int i = 0; i < hits.count; i++) {
            const struct rect *cell = &hits.hit[i].rect;
            if (hits.hit[i].kind == HIT_LAYER) {
                right = fmaxf(right, cell->x + cell->w);
                bottom = fmaxf(bottom, cell->y + cell->h);
            }
        }
        assert_true(right > 0.95f * 1440.0f || bottom > 0.9f * 900.0f);
        assert_true(right > 0.8f * 1440.0f && bottom > 0.7f * 900.0f);
    }
}

static void every_so_many_layers(void **state) {
    (void)state;
    struct scene *scene = book(200, SCENE_HEALTHY, ONE);
    scene_size(scene, 960, 600, THEME_PRINT);
    draw(scene);
    assert_true(shown("layers 1, 200 and every 20th"));
    assert_true(shown("Layer 200") && shown("Layer 1") && shown("Layer 180"));
    assert_int_equal(cells(), 11);
    scene = book(33, SCENE_HEALTHY, SCENE_VANISHING);
    scene_size(scene, 960, 600, THEME_PRINT);
    draw(scene);
    assert_true(shown("layers 1, 33 and every 5th"));
    assert_true(shown("Layer 33") && shown("Layer 30"));
    assert_int_equal(cells(), 8);
}

/* What no bar shows stands below, with the share of each. */
static void zeros_and_what_lies_outside(void **state) {
    (void)state;
    struct scene *scene = book(2, SCENE_HEALTHY, ONE);
    struct layer_stats *layer = &scene->snapshot.run[0].layer[0];
    memset(&layer->h_histogram, 0, sizeof layer->h_histogram);
    layer->h_histogram = (struct histogram){ .low = 0.0, .high = 128.0, .width = 1.0, .n = 1000 };
    layer->h_histogram.counts[0] = 490;
    layer->h_histogram.counts[1] = 400;
    layer->h_histogram.above = 100;
    layer->h_histogram.nan = 10;
    layer->h = (struct moments){
        .n = 1000, .zero = 480, .nan = 10, .mean = 0.5, .sd = 0.2, .rms = 0.5, .max = 200.0
    };
    draw(scene);
    assert_true(shown("48% exactly 0"));
    assert_true(shown("10% > "));
    assert_true(shown("1.0% NaN"));
    assert_true(shown("mean NaN sd NaN")); // not that of the other 99 %
    layer->h.nan = layer->h_histogram.nan = 0;
    draw(scene);
    assert_true(shown("mean +0.500 sd 0.200"));
    assert_false(shown("mean NaN sd NaN"));
}

static void twins_are_filled_and_outlined(void **state) {
    (void)state;
    struct scene *scene = book(10, SCENE_HEALTHY, SCENE_VANISHING);
    draw(scene);
    assert_true(shown("ReLU with He initialisation (filled)"));
    assert_true(shown("sigmoid with xavier initialisation (outline)"));
    int filled = 0;
    for (size_t i = 0; i < list.op_count; i++) {
        filled += list.ops[i].kind == DRAW_HISTOGRAM;
    }
    assert_int_equal(filled, 10);
    scene->snapshot.run[1].layers = 3; // B ends earlier
    draw(scene);
    assert_true(shown("784 → 10 × 100 → 10 and 784 → 3 × 100 → 10"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_depth_size_and_quantity),
        cmocka_unit_test(every_kind_of_run),
        cmocka_unit_test(the_experiment_is_the_caption),
        cmocka_unit_test(a_twin_without_layers_has_none_in_the_caption),
        cmocka_unit_test(numbers_are_the_snapshots),
        cmocka_unit_test(few_layers_are_drawn_large),
        cmocka_unit_test(every_so_many_layers),
        cmocka_unit_test(zeros_and_what_lies_outside),
        cmocka_unit_test(twins_are_filled_and_outlined),
    };
    return cmocka_run_group_tests(tests, layout_start, layout_stop);
}
