/* test_layer.c - view 3 draws what was measured of a layer, and never more than has room. */
#include "check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/require.h"
#include "base/text.h"
#include "draw/rect.h"
#include "layout.h"
#include "scene_layer.h"
#include "view/format.h"

enum { ONE = -1 };

static const struct {
    float width, height;
} sizes[] = { { 960, 600 }, { 960, 1400 }, { 1200, 620 }, { 1440, 900 }, { 2880, 1800 } };

static struct scene *looked(int layers, int b, enum scene_looked kind) {
    struct scene *scene = scene_make(layers, SCENE_HEALTHY, b);
    scene_look(scene, kind);
    text_set(what, sizeof what, "%d layers, %s, kind %d", layers, b < 0 ? "one run" : "two runs",
             (int)kind);
    return scene;
}

static void everything_fits_at_every_size(void **state) {
    (void)state;
    static const int depths[] = { 1, 10, 100, 200 };
    for (int kind = 0; kind < LOOKED_COUNT; kind++) {
        for (int d = 0; d < ARRAY_LEN(depths); d++) {
            for (int b = ONE; b <= SCENE_VANISHING; b += SCENE_VANISHING - ONE) {
                struct scene *scene = looked(depths[d], b, (enum scene_looked)kind);
                for (int s = 0; s < ARRAY_LEN(sizes); s++) {
                    scene_size(scene, sizes[s].width, sizes[s].height, THEME_DARK);
                    check(scene);
                }
            }
        }
    }
}

/* The image op of that many pixels; which: the how-manieth. */
static const struct draw_op *image_of(int width, int height, int which) {
    for (size_t i = 0; i < list.op_count; i++) {
        const struct draw_op *op = &list.ops[i];
        if (op->kind == DRAW_IMAGE && op->image_width == width && op->image_height == height &&
            which-- == 0) {
            return op;
        }
    }
    fail_msg("%s: no image of %d x %d", what, width, height);
    return NULL;
}

static uint32_t pixel_of(const struct draw_op *op, int x, int y) {
    return list.pixels[op->pixels + (size_t)(y * op->image_width + x)];
}

static int channel(uint32_t pixel, int shift) {
    return (int)(pixel >> shift & 0xff);
}

static void assert_near(uint32_t pixel, uint32_t want) {
    for (int shift = 0; shift <= 16; shift += 8) { // one of 255 steps from -1 to 1 apart
        assert_true(abs(channel(pixel, shift) - channel(want, shift)) <= 2);
    }
}

/* -1..1: three rms of all weights are an end of the scale, or the largest weight if that is less.
 */
static float place_of(const float *weights, int n, float weight) {
    double squares = 0.0, largest = 0.0;
    for (int i = 0; i < n; i++) {
        squares += (double)weights[i] * (double)weights[i];
        largest = fmax(largest, fabs((double)weights[i]));
    }
    double scale = fmin(3.0 * sqrt(squares / n), largest);
    return (float)fmin(fmax((double)weight / scale, -1.0), 1.0);
}

static void a_cell_has_the_colour_of_its_weight(void **state) {
    (void)state;
    for (int theme = 0; theme < THEME_COUNT; theme++) {
        struct scene *scene = looked(10, SCENE_VANISHING, LOOKED_MATRIX);
        scene_size(scene, 1440, 900, (enum theme)theme);
        check(scene);
        for (int run = 0; run < 2; run++) {
            const float *weights = scene_weights(run);
            const struct draw_op *image = image_of(40, 24, run);
            for (int i = 0; i < 24 * 40; i++) {
                float place = place_of(weights, 24 * 40, weights[i]);
                assert_near(pixel_of(image, i % 40, i / 40),
                            theme_diverging((enum theme)theme, place));
            }
        }
    }
    assert_int_equal(theme_diverging(THEME_DARK, 0.0f), themes[THEME_DARK].panel);
}

static void a_picture_has_the_weights_of_its_unit(void **state) {
    (void)state;
    struct scene *scene = looked(10, ONE, LOOKED_PICTURES);
    check(scene);
    const float *weights = scene_weights(0);
    for (int unit = 0; unit < 30; unit++) {
        for (int input = 0; input < 64; input++) {
            float place = place_of(weights, 64 * 30, weights[input * 30 + unit]);
            assert_near(pixel_of(image_of(8, 8, unit), input % 8, input / 8),
                        theme_diverging(THEME_DARK, place));
        }
    }
    const struct draw_op *chosen = image_of(8, 8, 30), *tile = image_of(8, 8, 4);
    assert_true(chosen->rect.w > tile->rect.w); // the same once more, larger
    assert_memory_equal(list.pixels + chosen->pixels, list.pixels + tile->pixels,
                        64 * sizeof *list.pixels);
}

/* Three channels are three primaries around grey. */
static void colours_are_primaries(void **state) {
    (void)state;
    struct scene *scene = looked(10, ONE, LOOKED_COLOURS);
    check(scene);
    const float *weights = scene_weights(0);
    for (int input = 0; input < 64; input++) {
        uint32_t pixel = pixel_of(image_of(8, 8, 2), input % 8, input / 8);
        for (int c = 0; c < 3; c++) {
            float place = place_of(weights, 192 * 20, weights[(64 * c + input) * 20 + 2]);
            assert_true(fabsf((float)channel(pixel, 16 - 8 * c) - 127.5f * (1.0f + place)) <= 1.0f);
        }
    }
}

static void drivers_are_shown_in_their_order(void **state) {
    (void)state;
    struct scene *scene = looked(10, ONE, LOOKED_BEHIND);
    scene_size(scene, 1440, 900, THEME_DARK);
    check(scene);
    const struct layer_detail *detail = &scene->snapshot.detail[0];
    const struct draw_op *before = NULL;
    for (int k = 0; k < DETAIL_TOP; k++) {
        const struct draw_op *image = image_of(8, 8, k);
        char h[32];
        for (int x = 0; x < 8; x++) {
            int level = (int)lroundf(255.0f * (float)x / 7.0f);
            assert_int_equal(pixel_of(image, x, 3), 0xff000000u + (uint32_t)level * 0x10101u);
        }
        assert_true(k == 0 || image->rect.x > before->rect.x || image->rect.y > before->rect.y);
        format_brief(h, sizeof h, (double)detail->driver[k].h);
        assert_true(shown(h));
        before = image;
    }
}

/* Counts and moments of all that is drawn as bars, in numbers. */
static void the_numbers_are_those_of_the_weights(void **state) {
    (void)state;
    struct scene *scene = looked(10, SCENE_VANISHING, LOOKED_MATRIX);
    scene_size(scene, 1440, 900, THEME_DARK);
    check(scene);
    for (int run = 0; run < 2; run++) {
        const float *weights = scene_weights(run);
        double mean = 0.0, deviations = 0.0;
        char text[128], number[2][32];
        for (int i = 0; i < 24 * 40; i++) {
            mean += (double)weights[i] / (24 * 40);
        }
        for (int i = 0; i < 24 * 40; i++) {
            deviations += ((double)weights[i] - mean) * ((double)weights[i] - mean);
        }
        format_value(number[0], sizeof number[0], mean);
        format_value(number[1], sizeof number[1], sqrt(deviations / (24 * 40)));
        text_set(text, sizeof text, "n = 960, mean %s, sd %s", number[0], number[1]);
        assert_true(shown(text));
    }
}

/* The shares of the bars of a histogram op are those of the counts. */
/* Twins say the same of each, and always n, however narrow. */
static void twins_say_the_same_of_their_weights(void **state) {
    (void)state;
    struct scene *scene = looked(10, SCENE_VANISHING, LOOKED_MATRIX);
    scene_size(scene, 960, 600, THEME_DARK);
    scene->snapshot.detail[1].gradient_histogram.zero = 211; // ", 22% zero": all has no room
    draw(scene);
    int said = 0, means = 0;
    for (size_t i = 0; i < list.op_count; i++) {
        const char *text = list.ops[i].kind == DRAW_TEXT ? text_of(&list.ops[i]) : "";
        said += strncmp(text, "n = 960", 7) == 0;
        means += strncmp(text, "n = 960, mean", 13) == 0;
    }
    assert_int_equal(said, 4);
    assert_true(means == 4 || means == 2);
}

static void the_bars_of_activations_are_the_examples(void **state) {
    (void)state;
    struct scene *scene = looked(10, ONE, LOOKED_MATRIX);
    scene_size(scene, 1440, 900, THEME_DARK);
    check(scene);
    const struct layer_detail *detail = &scene->snapshot.detail[0];
    int zeros = 0, positive = 0;
    for (int i = 0; i < LOOKED_EXAMPLES; i++) {
        zeros += detail->h[i] <= 0.0f;
        positive += detail->h[i] > 0.0f;
    }
    char text[64], share[16];
    format_share(share, sizeof share, (uint64_t)zeros, LOOKED_EXAMPLES);
    text_set(text, sizeof text, "%s are 0", share);
    assert_true(zeros > 10 && shown(text));
    double sum = 0.0, tallest = 0.0;
    for (size_t i = 0; i < list.op_count; i++) {
        const struct draw_op *op = &list.ops[i];
        for (size_t b = 0;
             op->kind == DRAW_HISTOGRAM && op->grow == GROW_UP && op->count > 1 && b < op->count;
             b++) {
            sum += (double)list.numbers[op->first + b];
            tallest = fmax(tallest, (double)list.numbers[op->first + b]);
        }
    }
    double each = sum / positive; // of one example; every bar is a whole number of them
    assert_true(fabs(tallest / each - round(tallest / each)) < 1e-3);
    assert_true(round(tallest / each) >= 2.0);
}

static void point_at(struct scene *scene, float x, float y) {
    scene->state.pointer = (struct view_pointer){ true, x, y };
    draw(scene);
    assert_all_within_the_window(scene);
}

/* A click in the middle of each column chooses its unit, and a hover tells its weight. */
static void the_pointer_finds_every_unit_of_a_matrix(void **state) {
    (void)state;
    struct scene *scene = looked(10, ONE, LOOKED_MATRIX);
    check(scene);
    struct rect image = image_of(40, 24, 0)->rect;
    for (int unit = 0; unit < 40; unit++) {
        int input = unit % 24;
        float x = image.x + image.w * ((float)unit + 0.5f) / 40.0f;
        float y = image.y + image.h * ((float)input + 0.5f) / 24.0f;
        point_at(scene, x, y);
        struct view_hit hit = view_hit_at(&hits, x, y);
        assert_int_equal(hit.kind, HIT_UNIT);
        assert_int_equal(floor(view_hit_x(&hit, x)), unit + 1);
        char text[96], weight[32];
        format_value(weight, sizeof weight, (double)scene_weights(0)[input * 40 + unit]);
        text_set(text, sizeof text, "input %d to unit %d: weight %s", input + 1, unit + 1, weight);
        assert_true(shown(text));
    }
}

/* In a cell of several units the hover is of the one that a click chooses. */
static void the_pointer_finds_a_unit_within_a_cell(void **state) {
    (void)state;
    struct scene *scene = looked(10, ONE, LOOKED_BLOCKS);
    check(scene);
    struct rect image = image_of(250, 200, 0)->rect;
    for (int unit = 0; unit < 500; unit += 37) {
        float x = image.x + image.w * ((float)unit + 0.5f) / 500.0f;
        char text[64];
        point_at(scene, x, image.y + 3.0f);
        struct view_hit hit = view_hit_at(&hits, x, image.y + 3.0f);
        assert_int_equal(floor(view_hit_x(&hit, x)), unit + 1);
        text_set(text, sizeof text, "a click chooses unit %d:", unit + 1);
        assert_true(shown(text));
    }
}

static void the_pointer_finds_every_picture(void **state) {
    (void)state;
    struct scene *scene = looked(10, ONE, LOOKED_PICTURES);
    check(scene);
    for (int unit = 0; unit < 30; unit++) {
        struct rect tile = image_of(8, 8, unit)->rect;
        float x = tile.x + tile.w * 2.5f / 8.0f, y = tile.y + tile.h * 5.5f / 8.0f;
        point_at(scene, x, y);
        struct view_hit hit = view_hit_at(&hits, x, y);
        assert_int_equal(hit.kind, HIT_UNIT);
        assert_int_equal(floor(view_hit_x(&hit, x)), unit + 1);
        char text[96], weight[32];
        format_value(weight, sizeof weight, (double)scene_weights(0)[(5 * 8 + 2) * 30 + unit]);
        text_set(text, sizeof text, "unit %d: weight of pixel (3, 6) %s", unit + 1, weight);
        assert_true(shown(text));
    }
}

/* First the dead ones, with their number; a click there chooses them, too. */
static void the_list_begins_with_what_is_idle(void **state) {
    (void)state;
    struct scene *scene = looked(10, SCENE_VANISHING, LOOKED_MATRIX);
    scene_size(scene, 1440, 900, THEME_DARK);
    check(scene);
    assert_true(shown("2 dead of 40"));
    assert_true(shown("0 dead, 2 saturated"));
    int found[2] = { 0, 0 };
    float left = 0.0f; // of A's list
    for (int i = 0; i < hits.count; i++) {
        const struct view_hit *hit = &hits.hit[i];
        if (hit->kind == HIT_UNIT && hit->left == hit->right) {
            left = found[0] > 0 ? left : hit->rect.x;
            int run = hit->rect.x > left + 10.0f;
            const struct layer_detail *detail = &scene->snapshot.detail[run];
            if (found[run] < 4) {
                assert_int_equal((int)hit->left, detail->order[found[run]] + 1);
            }
            found[run]++;
        }
    }
    assert_true(found[0] >= 8 && found[1] >= 8);
    assert_int_equal(scene->snapshot.detail[0].order[0] + 1, LOOKED_DEAD);
    assert_int_equal(scene->snapshot.detail[1].order[1] + 1, LOOKED_DEAD_TOO);
}

/* The chosen unit stands on the list or below it, however long a list the window has room for. */
static void the_chosen_unit_is_in_sight(void **state) {
    (void)state;
    static const float heights[] = { 600.0f, 900.0f, 1800.0f, 3600.0f, 5000.0f };
    for (int h = 0; h < ARRAY_LEN(heights); h++) {
        struct scene *scene = looked(10, ONE, LOOKED_BLOCKS);
        const struct layer_detail *detail = &scene->snapshot.detail[0];
        scene_size(scene, 1440.0f, heights[h], THEME_DARK);
        for (int place = 0; place < detail->units; place += 5) {
            bool listed = false;
            scene->state.unit = detail->order[place] + 1;
            draw(scene);
            for (int i = 0; i < hits.count; i++) {
                const struct view_hit *hit = &hits.hit[i];
                listed |= hit->kind == HIT_UNIT && hit->left == hit->right &&
                          hit->left == (double)scene->state.unit;
            }
            if (!listed) {
                fail_msg("unit %d, number %d, is not in a list of %g points", scene->state.unit,
                         place + 1, (double)heights[h]);
            }
        }
    }
}

/* Where some layers have another activation, its rule is theirs. */
static void a_layer_is_idle_by_its_own_rule(void **state) {
    (void)state;
    struct scene *scene = looked(10, ONE, LOOKED_MATRIX);
    struct run_snapshot *run = &scene->snapshot.run[0];
    scene_size(scene, 1440, 900, THEME_DARK);
    text_set(run->saturation_rule, sizeof run->saturation_rule, "|h| > 0.97");
    check(scene);
    assert_true(shown("2 dead, 0 saturated of 40"));
    run->other.first = run->other.last = scene->snapshot.detail[0].layer; // ReLU
    check(scene);
    assert_true(shown("2 dead of 40"));
}

static void what_is_not_there_is_said(void **state) {
    (void)state;
    struct scene *scene = looked(10, SCENE_VANISHING, LOOKED_MATRIX);
    scene->snapshot.detail[1].layer = 0;
    check(scene);
    assert_true(shown("has no such layer"));
    scene->snapshot.detail[0].layer = 0;
    check(scene);
    assert_true(shown("measuring"));
    scene->state.cursor = 3;
    check(scene);
    assert_true(shown("measuring") && shown("rms") && shown("dead of 100"));
    scene->state.again = 1234;
    scene->snapshot.step = 56789;
    check(scene);
    assert_true(shown("training again up to step 56,789") && shown("at step 1,234"));
    scene->state.again = LOOK_BARRED;
    check(scene);
    assert_true(shown("weights and units were not looked at around step 56,789"));

    scene = looked(10, SCENE_VANISHING, LOOKED_MATRIX); // the worker is a request behind
    scene->state.unit = 9;
    check(scene);
    assert_true(shown("Unit 9") && shown("measuring"));
    scene->state.cursor = 3;
    scene->state.again = LOOK_BARRED;
    check(scene);
    assert_true(shown("Unit 9") && shown("not looked at"));
    scene->state.cursor = scene->state.again = -1;
    scene->state.unit = 41; // the other network has so many
    check(scene);
    assert_true(shown("has only 40 units"));

    scene = looked(1, ONE, LOOKED_ZERO);
    check(scene);
    assert_true(shown("no weight is other than 0") && shown("100% zero") && shown("40 dead"));
    scene = looked(1, ONE, LOOKED_NAN);
    check(scene);
    assert_true(shown("100% NaN") && shown("no example has a finite z"));
    assert_true(shown("no weight is finite") && !shown("other than 0"));
    const struct draw_op *image = image_of(40, 24, 0);
    assert_int_equal(pixel_of(image, 7, 7), theme_diverging(THEME_DARK, NAN));
    scene = looked(10, ONE, LOOKED_BLOCKS);
    check(scene);
    assert_true(shown("largest of 3 × 2 weights"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_fits_at_every_size),
        cmocka_unit_test(a_cell_has_the_colour_of_its_weight),
        cmocka_unit_test(a_picture_has_the_weights_of_its_unit),
        cmocka_unit_test(colours_are_primaries),
        cmocka_unit_test(drivers_are_shown_in_their_order),
        cmocka_unit_test(the_numbers_are_those_of_the_weights),
        cmocka_unit_test(twins_say_the_same_of_their_weights),
        cmocka_unit_test(the_bars_of_activations_are_the_examples),
        cmocka_unit_test(the_pointer_finds_every_unit_of_a_matrix),
        cmocka_unit_test(the_pointer_finds_a_unit_within_a_cell),
        cmocka_unit_test(the_pointer_finds_every_picture),
        cmocka_unit_test(the_list_begins_with_what_is_idle),
        cmocka_unit_test(the_chosen_unit_is_in_sight),
        cmocka_unit_test(a_layer_is_idle_by_its_own_rule),
        cmocka_unit_test(what_is_not_there_is_said),
    };
    return cmocka_run_group_tests(tests, layout_start, layout_stop);
}
