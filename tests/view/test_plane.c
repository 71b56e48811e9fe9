/* test_plane.c - what view 5 and the marks of theory draw is what they were given. */
#include "check.h"

#include <math.h>
#include <string.h>

#include "base/require.h"
#include "base/text.h"
#include "draw/rect.h"
#include "scene.h"
#include "view/plane.h"

enum { ONE = -1 };

static struct display_list list;
static struct view_hits hits;

/* Every letter is 0.5 of the font's size wide. */
static float width(void *context, enum font font, float size, const char *utf8) {
    (void)context, (void)font;
    return 0.5f * size * (float)strlen(utf8);
}

static void draw(struct scene *scene) {
    display_list_clear(&list);
    view_draw(&list, &hits, &scene->state, &scene->snapshot, &scene->history);
    assert_false(list.incomplete);
}

static bool says(const char *part) {
    for (size_t i = 0; i < list.op_count; i++) {
        if (list.ops[i].kind == DRAW_TEXT && strstr(list.chars + list.ops[i].text, part)) {
            return true;
        }
    }
    return false;
}

/* The plane that a click with either button on it moves these runs on; NULL: there is none. */
static const struct view_hit *plane_of(int value) {
    for (int i = 0; i < hits.count; i++) {
        if (hits.hit[i].kind == HIT_PLANE && hits.hit[i].value == value) {
            return &hits.hit[i];
        }
    }
    return NULL;
}

static struct point place(const struct view_hit *plane, double sw, double sb) {
    const struct rect *rect = &plane->rect;
    return (struct point){ rect->x + rect->w * (float)(sw / plane->right),
                           rect->y + rect->h * (float)(1.0 - sb / plane->top) };
}

static struct point centre(struct rect rect) {
    return (struct point){ rect.x + 0.5f * rect.w, rect.y + 0.5f * rect.h };
}

static bool near(float a, float b) {
    return fabsf(a - b) < 0.01f;
}

/* The small round dots in a run's colour: where it starts. */
static int dots(colour ink, struct point *at) {
    int count = 0;
    for (size_t i = 0; i < list.op_count; i++) {
        const struct draw_op *op = &list.ops[i];
        if (op->kind == DRAW_RECT && op->colour == ink && near(op->rect.w, 6.0f) &&
            near(op->rect.h, 6.0f) && near(op->radius, 3.0f)) {
            *at = centre(op->rect);
            count++;
        }
    }
    return count;
}

static void runs_stand_where_they_start(void **state) {
    (void)state;
    for (int shared = 0; shared < 2; shared++) {
        struct scene *scene = scene_make(10, SCENE_HEALTHY, SCENE_VANISHING);
        scene_planes(scene, shared);
        draw(scene);
        const struct theme_row *theme = &themes[scene->state.theme];
        for (int run = 0; run < 2; run++) {
            const struct phase_start *start = &scene->state.plane[run].start;
            const struct view_hit *plane = plane_of(shared ? 1 : 3 * run);
            struct point dot, want;
            assert_non_null(plane);
            want = place(plane, sqrt(start->sw2), sqrt(start->sb2));
            assert_int_equal(dots(theme->run[run], &dot), 1);
            assert_true(near(dot.x, want.x) && near(dot.y, want.y));
        }
        assert_null(plane_of(shared ? 3 : 1));
    }
}

static void what_is_beyond_stands_on_the_edge(void **state) {
    (void)state;
    struct scene *scene = scene_make(10, SCENE_HEALTHY, ONE);
    scene_planes(scene, true);
    scene->state.plane[0].start.sw2 = 100.0;
    scene->state.plane[0].start.sb2 = 100.0;
    draw(scene);
    const struct view_hit *plane = plane_of(0);
    struct point dot;
    assert_int_equal(dots(themes[scene->state.theme].run[0], &dot), 1);
    assert_true(near(dot.x, plane->rect.x + plane->rect.w) && near(dot.y, plane->rect.y));
    assert_true(says("beyond the plane"));
}

static void without_a_place_there_is_a_reason(void **state) {
    (void)state;
    struct scene *scene = scene_make(10, SCENE_HEALTHY, SCENE_VANISHING);
    struct point dot;
    scene_planes(scene, false);
    struct phase_start *start = &scene->state.plane[0].start;
    start->known = false;
    text_set(start->reason, sizeof start->reason, "Its weights are fitted.");
    scene->state.plane[1].phase = NULL;
    text_set(scene->state.plane[1].reason, sizeof scene->state.plane[1].reason, "No theory of it.");
    draw(scene);
    assert_true(says("Its weights are fitted.") && says("No theory of it."));
    assert_int_equal(dots(themes[scene->state.theme].run[0], &dot), 0);
    assert_int_equal(dots(themes[scene->state.theme].run[1], &dot), 0);
    assert_non_null(plane_of(0));
    assert_null(plane_of(3));
}

static void what_the_plane_leaves_out_is_told(void **state) {
    (void)state;
    struct scene *scene = scene_make(10, SCENE_HEALTHY, ONE);
    scene_planes(scene, false);
    draw(scene);
    assert_false(says("plain network"));
    text_set(scene->state.plane[0].start.missing, sizeof scene->state.plane[0].start.missing,
             "dropout");
    draw(scene);
    assert_true(says("plain network"));
}

/* The thin line is of as many layers as the network of its plane has. */
static void the_thin_line_says_whose_depth_it_is(void **state) {
    (void)state;
    struct scene *scene = scene_make(10, SCENE_HEALTHY, ONE);
    scene_planes(scene, false);
    draw(scene);
    assert_true(says("6 ξ = 10 layers: brighter trains"));
    for (int shared = 0; shared < 2; shared++) {
        scene = scene_make(10, SCENE_HEALTHY, SCENE_HEALTHY);
        scene_planes(scene, shared);
        draw(scene);
        assert_true(says("6 ξ = 10 layers: brighter trains"));
        scene->snapshot.run[0].layers = 3;
        draw(scene);
        assert_true(says(shared ? "6 ξ = 3 layers of A" : "6 ξ = layers, A: 3, B: 10"));
    }
}

static void the_line_goes_through_its_places(void **state) {
    (void)state;
    struct scene *scene = scene_make(10, SCENE_HEALTHY, ONE);
    scene_planes(scene, false);
    draw(scene);
    const struct phase *phase = scene->state.plane[0].phase;
    const struct view_hit *plane = plane_of(0);
    int lines = 0;
    for (size_t i = 0; i < list.op_count; i++) {
        const struct draw_op *op = &list.ops[i];
        if (op->kind != DRAW_POLYLINE || op->count != 3 * (size_t)phase->line_count - 1) {
            continue;
        }
        lines++;
        for (int s = 0; s < phase->line_count; s++) {
            const float *numbers = &list.numbers[op->first + 6 * (size_t)s];
            for (int end = 0; end < 2; end++) {
                struct point want =
                    place(plane, (double)phase->line[s].sw[end], (double)phase->line[s].sb[end]);
                assert_true(near(numbers[2 * end], want.x) && near(numbers[2 * end + 1], want.y));
            }
        }
    }
    assert_int_equal(lines, 2); // and its halo
}

static int channel_off(colour a, colour b) {
    int most = 0;
    for (int shift = 0; shift < 24; shift += 8) {
        int off = (int)(a >> shift & 0xff) - (int)(b >> shift & 0xff);
        most = off > most ? off : -off > most ? -off : most;
    }
    return most;
}

/* The image has the grid's places and some between them. */
static void colours_are_those_of_the_depth_scale(void **state) {
    (void)state;
    for (int theme = 0; theme < THEME_COUNT; theme++) {
        struct scene *scene = scene_make(10, SCENE_HEALTHY, ONE);
        scene_planes(scene, false);
        scene->state.theme = (enum theme)theme;
        draw(scene);
        const struct phase *phase = scene->state.plane[0].phase;
        const struct draw_op *image = NULL;
        for (size_t i = 0; i < list.op_count; i++) {
            bool large = list.ops[i].kind == DRAW_IMAGE && list.ops[i].image_height > 1;
            image = large ? &list.ops[i] : image;
        }
        assert_non_null(image);
        int fine = (image->image_width - 1) / (PHASE_COLUMNS - 1), blank = 0;
        assert_int_equal(image->image_width, fine * (PHASE_COLUMNS - 1) + 1);
        assert_int_equal(image->image_height, fine * (PHASE_ROWS - 1) + 1);
        for (int r = 0; r < PHASE_ROWS; r++) {
            for (int c = 0; c < PHASE_COLUMNS; c++) {
                int x = fine * c, y = fine * (PHASE_ROWS - 1 - r);
                colour got = list.pixels[image->pixels + (size_t)(y * image->image_width + x)];
                double xi = (double)phase->xi[r][c];
                colour want = theme_map((enum theme)theme, plane_colour_share(xi));
                assert_in_range(channel_off(got, want), 0, isnan(xi) ? 0 : 3);
                blank += isnan(xi);
            }
        }
        assert_true(blank > 0);
    }
    assert_true(fabsf(plane_colour_share(PLANE_XI_LOW)) < 1e-6f);
    assert_true(fabsf(plane_colour_share(PLANE_XI_HIGH) - 1.0f) < 1e-6f);
}

/* Half the width and height of A's plane, where sw = 1 and sb = 0.375: chi = q / q = 1 / 2. */
static void the_pointer_is_told_the_numbers(void **state) {
    (void)state;
    struct scene *scene = scene_make(10, SCENE_HEALTHY, ONE);
    scene_planes(scene, false);
    draw(scene);
    struct point at = centre(plane_of(0)->rect);
    scene->state.pointer = (struct view_pointer){ true, at.x, at.y };
    draw(scene);
    assert_true(says("σw² = 1, σb² = 0.141: ordered"));
    assert_true(says("χ = 0.5: a layer passes on √χ = 0.707"));
    assert_true(says("ξ = 1.44 layers"));
    assert_true(says("E[z²] settles at 0.281"));
    scene->state.pointer.x += 0.45f * plane_of(0)->rect.w;
    draw(scene);
    assert_true(says("chaotic") && says("there is no depth scale"));
}

static void sentences_are_of_the_numbers(void **state) {
    (void)state;
    struct scene *scene = scene_make(10, SCENE_HEALTHY, ONE);
    scene_planes(scene, false);
    draw(scene);
    assert_true(says("On the critical line"));
    scene->state.plane[0].start.sw2 = 1.0;
    draw(scene);
    assert_true(says("beyond")); // 10 layers are 6.9 depth scales
    scene->state.plane[0].start.sw2 = 1.2;
    draw(scene);
    assert_true(says("within")); // 5.1
    scene->state.plane[0].start.sw2 = 3.0;
    draw(scene);
    assert_true(says("Activations grow without bounds"));
    scene->state.plane[0].start.sw2 =
        2.0002; // chi 1.0001, as leaky ReLU's: (1.0001)^5 over 10 layers
    draw(scene);
    assert_true(says("All but on the critical line") && says("0.05%") && !says("Chaotic"));
}

/* The diamonds: their middles, outermost last. */
static int diamonds(struct point *at, int most) {
    int count = 0;
    for (size_t i = 0; i < list.op_count; i++) {
        const struct draw_op *op = &list.ops[i];
        const float *numbers = &list.numbers[op->first];
        if (op->kind == DRAW_POLYGON && op->count == 4 && op->colour == themes[0].mark) {
            assert_true(count < most);
            at[count++] = (struct point){ numbers[0], 0.5f * (numbers[1] + numbers[5]) };
        }
    }
    return count;
}

/* The top of the bar of RMS delta whose middle is x; its bottom is the lowest of all bars. */
static float bar_top(float x, float *bottom) {
    float top = NAN;
    *bottom = 0.0f;
    for (size_t i = 0; i < list.op_count; i++) {
        const struct draw_op *op = &list.ops[i];
        float end = op->rect.y + op->rect.h;
        if (op->kind == DRAW_RECT && op->colour == themes[0].run[0] && end >= *bottom &&
            near(op->rect.x + 0.5f * op->rect.w, x)) {
            *bottom = end;
            top = op->rect.y;
        }
    }
    return top;
}

/* Predict for each layer what was measured in another one: the diamonds stand at its height. */
static void diamonds_stand_at_the_predictions(void **state) {
    (void)state;
    enum { LAYERS = 6, MARKS = 3 * LAYERS + 2 };
    struct scene *scene = scene_make(LAYERS, SCENE_VANISHING, ONE);
    scene_theory(scene);
    struct run_snapshot *run = &scene->snapshot.run[0];
    for (int l = 0; l < LAYERS; l++) {
        int other = l == LAYERS - 1 ? l : (l + 2) % LAYERS;
        run->theory.delta_ratio[l] = run->layer[other].delta.rms / run->layer[LAYERS - 1].delta.rms;
        run->theory.delta_band[l] = 0.0;
    }
    draw(scene);
    struct point at[MARKS];
    float bottom, tops[LAYERS];
    int count = diamonds(at, MARKS);
    assert_int_equal(count, MARKS); // two of h and one of delta, and those of two legends
    const struct point *deltas = &at[count - LAYERS];
    for (int l = 0; l < LAYERS; l++) {
        tops[l] = bar_top(deltas[l].x, &bottom);
        assert_true(l == 0 || tops[l] < tops[l - 1]);
    }
    for (int l = 0; l < LAYERS; l++) {
        int other = l == LAYERS - 1 ? l : (l + 2) % LAYERS;
        assert_true(fabsf(deltas[l].y - tops[other]) < 0.05f);
    }
    run->theory.applies = false;
    draw(scene);
    assert_int_equal(diamonds(at, MARKS), 0);
    run->theory.applies = true;
    scene->state.theory = false;
    draw(scene);
    assert_int_equal(diamonds(at, MARKS), 0);
    scene->state.theory = true;
    scene->state.gradient = VIEW_GRADIENT_WEIGHT;
    draw(scene);
    assert_int_equal(diamonds(at, MARKS), 2 * LAYERS + 1); // of h alone
}

/* sd such that the band reaches from the bar of layer 2 to that of layer 4, around layer 3's. */
static void the_band_spans_two_sds(void **state) {
    (void)state;
    enum { LAYERS = 6, MARKS = 3 * LAYERS + 2 };
    struct scene *scene = scene_make(LAYERS, SCENE_VANISHING, ONE);
    scene_theory(scene);
    struct run_snapshot *run = &scene->snapshot.run[0];
    memset(run->theory.delta_band, 0, sizeof run->theory.delta_band);
    double high = run->layer[3].delta.rms, low = run->layer[1].delta.rms;
    run->theory.delta_ratio[2] = sqrt(high * low) / run->layer[LAYERS - 1].delta.rms;
    run->theory.delta_band[2] = 0.25 * log(high / low);
    draw(scene);
    struct point at[MARKS];
    float bottom;
    int count = diamonds(at, MARKS), bands = 0;
    const struct point *deltas = &at[count - LAYERS];
    for (size_t i = 0; i < list.op_count; i++) {
        const struct draw_op *op = &list.ops[i];
        if (op->kind == DRAW_RECT && op->colour == theme_fade(themes[0].mark, 0.3f)) {
            bands++;
            assert_true(near(op->rect.x + 0.5f * op->rect.w, deltas[2].x));
            assert_true(fabsf(op->rect.y - bar_top(deltas[3].x, &bottom)) < 0.05f);
            assert_true(fabsf(op->rect.y + op->rect.h - bar_top(deltas[1].x, &bottom)) < 0.05f);
        }
    }
    assert_int_equal(bands, 1);
}

static void the_rows_say_why_there_are_no_marks(void **state) {
    (void)state;
    struct scene *scene = scene_make(10, SCENE_HEALTHY, SCENE_VANISHING);
    draw(scene);
    assert_false(says("theory"));
    scene->state.theory = true;
    draw(scene);
    assert_true(says("theory is of step 0: press Home"));
    scene_theory(scene);
    draw(scene);
    assert_true(says("±2 sd of finite width"));
    scene->snapshot.run[1].theory.applies = false;
    draw(scene);
    assert_true(says("theory of A alone"));
    scene->snapshot.run[0].theory.applies = false;
    text_set(scene->snapshot.run[0].theory.reason, SNAPSHOT_SENTENCE, "Weights are not random.");
    draw(scene);
    assert_true(says("Weights are not random."));
}

static void the_pointer_is_told_the_difference(void **state) {
    (void)state;
    struct scene *scene = scene_make(6, SCENE_VANISHING, ONE);
    scene_theory(scene);
    struct theory *theory = &scene->snapshot.run[0].theory;
    struct layer_stats *layer = &scene->snapshot.run[0].layer[1];
    theory->delta_ratio[1] = 0.8 * layer->delta.rms / scene->snapshot.run[0].layer[5].delta.rms;
    theory->h_sd[1] = 2.0 * layer->h.sd;
    draw(scene);
    struct point at[20];
    int count = diamonds(at, 20);
    scene->state.pointer = (struct view_pointer){ true, at[count - 5].x, at[count - 5].y };
    draw(scene);
    assert_true(says("theory: rms δ") && says("measured is 25% more"));
    scene->state.pointer = (struct view_pointer){ true, at[3].x, at[3].y };
    draw(scene);
    assert_true(says("theory: sd of h") && says("measured is 50% less"));
}

/* Nothing to compare with, or far too much of it. */
static void strange_runs_are_drawn(void **state) {
    (void)state;
    static const int depths[] = { 1, 2, 17, 200 };
    for (int kind = 0; kind < SCENE_RUN_COUNT; kind++) {
        for (int d = 0; d < ARRAY_LEN(depths); d++) {
            struct scene *scene = scene_make(depths[d], kind, SCENE_HEALTHY);
            scene_theory(scene);
            draw(scene);
            scene_planes(scene, kind % 2);
            draw(scene);
            for (size_t i = 0; i < list.op_count; i++) {
                const struct draw_op *op = &list.ops[i];
                bool flat = op->kind == DRAW_RECT || op->kind == DRAW_IMAGE;
                assert_true(!flat || (isfinite(op->rect.y) && isfinite(op->rect.h)));
            }
        }
    }
}

static int start(void **state) {
    (void)state;
    display_list_init(&list, (struct text_metrics){ width, NULL });
    return 0;
}

static int stop(void **state) {
    (void)state;
    display_list_finish(&list);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_stand_where_they_start),
        cmocka_unit_test(what_is_beyond_stands_on_the_edge),
        cmocka_unit_test(without_a_place_there_is_a_reason),
        cmocka_unit_test(what_the_plane_leaves_out_is_told),
        cmocka_unit_test(the_thin_line_says_whose_depth_it_is),
        cmocka_unit_test(the_line_goes_through_its_places),
        cmocka_unit_test(colours_are_those_of_the_depth_scale),
        cmocka_unit_test(the_pointer_is_told_the_numbers),
        cmocka_unit_test(sentences_are_of_the_numbers),
        cmocka_unit_test(diamonds_stand_at_the_predictions),
        cmocka_unit_test(the_band_spans_two_sds),
        cmocka_unit_test(the_rows_say_why_there_are_no_marks),
        cmocka_unit_test(the_pointer_is_told_the_difference),
        cmocka_unit_test(strange_runs_are_drawn),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
