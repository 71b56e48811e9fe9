/*
 * test_time.c - pictures over time: what is shown of the past, and what dragging there means.
 */
#include "check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/require.h"
#include "layout.h"
#include "view/panel.h"

static int count_text(const char *wanted) {
    int count = 0;
    for (size_t i = 0; i < list.op_count; i++) {
        const struct draw_op *op = &list.ops[i];
        count += op->kind == DRAW_TEXT && strcmp(list.chars + op->text, wanted) == 0;
    }
    return count;
}

/* Rectangles of that colour and width that stand at x. */
static int count_uprights(float x, float width, colour ink) {
    int count = 0;
    for (size_t i = 0; i < list.op_count; i++) {
        const struct draw_op *op = &list.ops[i];
        count += op->kind == DRAW_RECT && op->colour == ink && op->rect.w == width &&
                 fabsf(op->rect.x + 0.5f * width - x) < 0.01f && op->rect.h > 20.0f;
    }
    return count;
}

/* The hits over time axes, from the first drawn. */
static int time_hits(struct view_hit *found, int most) {
    int count = 0;
    for (int i = 0; i < hits.count; i++) {
        if (hits.hit[i].kind == HIT_TIME && count < most) {
            found[count++] = hits.hit[i];
        }
    }
    return count;
}

/* The past: its step stands in the top bar and as a line in every plot over time. */
static void the_past_is_told_apart(void **state) {
    (void)state;
    static const int64_t steps[] = { 0, 1, 75, 299, 300 };
    for (int theme = 0; theme < THEME_COUNT; theme++) {
        for (int i = 0; i < ARRAY_LEN(steps); i++) {
            struct scene *scene = scene_make(10, SCENE_HEALTHY, SCENE_VANISHING);
            scene_size(scene, 1440, 900, (enum theme)theme);
            colour focus = themes[theme].focus;
            draw(scene);
            struct view_hit plots[4];
            assert_int_equal(time_hits(plots, 4), 3); // loss, accuracy, history
            assert_int_equal(count_text("step 300 · epoch 0.64"), 1);
            for (int p = 0; p < 3; p++) {
                assert_true(plots[p].left == 0.0 && plots[p].right == 300.0 && plots[p].value == 1);
            }
            scene->snapshot.step = steps[i];
            scene->state.cursor = steps[i];
            scene->state.newest = 12345;
            draw(scene);
            char words[64];
            snprintf(words, sizeof words, "step %d of 12,345", (int)steps[i]);
            assert_int_equal(count_text(words), 1);
            assert_int_equal(time_hits(plots, 4), 3);
            for (int p = 0; p < 3; p++) {
                struct rect plot = plots[p].rect;
                float x = plot.x + plot.w * (float)steps[i] / 300.0f;
                assert_true(count_uprights(x, 2.0f, focus) >= 1);
                assert_int_equal(plots[p].value, 0); // the end of the axis is not the newest step
            }
            snprintf(words, sizeof words, "%d", (int)steps[i]);
            assert_true(count_text(words) >= 3);
        }
    }
}

/* A change is a line in every plot over time; near it the pointer says what it was. */
static void changes_are_marked(void **state) {
    (void)state;
    struct scene *scene = scene_make(10, SCENE_HEALTHY, SCENE_VANISHING);
    scene_size(scene, 1440, 900, THEME_DARK);
    struct view_hit plots[4];
    draw(scene);
    assert_int_equal(time_hits(plots, 4), 3);
    size_t before = list.op_count;
    event_log_mark(&scene->history.events, 60, "tanh → ReLU");
    event_log_mark(&scene->history.events, 225, "learning rate 0.01");
    draw(scene);
    assert_int_equal(list.op_count, before + 2 * 2 * 3); // a line and a flag
    for (int p = 0; p < 3; p++) {
        struct rect plot = plots[p].rect;
        for (int e = 0; e < 2; e++) {
            float x = plot.x + plot.w * (e ? 225.0f : 60.0f) / 300.0f;
            int lines = 0;
            for (size_t i = 0; i < list.op_count; i++) {
                const struct draw_op *op = &list.ops[i];
                const float *at = &list.numbers[op->first];
                lines += op->kind == DRAW_POLYLINE && op->count == 2 && fabsf(at[0] - x) < 0.01f &&
                         at[0] == at[2] && at[1] == plot.y + plot.h && at[3] == plot.y;
            }
            assert_int_equal(lines, 1);
        }
        scene->state.pointer =
            (struct view_pointer){ true, plot.x + plot.w * 0.2f + 3.0f, plot.y + 5.0f };
        draw(scene);
        assert_int_equal(count_text("at step 60: tanh → ReLU"), 1);
        assert_int_equal(count_text("at step 225: learning rate 0.01"), 0);
        scene->state.pointer.x += 10.0f;
        draw(scene);
        assert_int_equal(count_text("at step 60: tanh → ReLU"), 0);
        scene->state.pointer.inside = false;
        draw(scene);
    }
}

/* Dragging says which step: what is drawn at x is what a press at x gives back. */
static void a_place_is_a_step(void **state) {
    (void)state;
    struct scene *scene = scene_make(10, SCENE_HEALTHY, -1);
    struct view_hit plots[4];
    draw(scene);
    int count = time_hits(plots, 4);
    for (int p = 0; p < count; p++) {
        struct rect plot = plots[p].rect;
        for (int step = 0; step <= 300; step += 30) {
            float x = plot.x + plot.w * (float)step / 300.0f;
            struct view_hit hit =
                view_hit_at(&hits, fminf(x, plot.x + plot.w - 0.5f), plot.y + 2.0f);
            assert_int_equal(hit.kind, HIT_TIME);
            assert_int_equal(lround(view_hit_x(&hit, x)), step);
        }
    }
}

/* A pressed plot goes on meaning what it shows while the axis grows. */
static void a_dragged_hit_follows(void **state) {
    (void)state;
    struct scene *scene = scene_make(10, SCENE_HEALTHY, -1);
    struct view_hit plots[4];
    draw(scene);
    time_hits(plots, 4);
    struct view_hit pressed = plots[1], gone = plots[2];
    gone.rect.x += 1.0f;
    scene->history.last_step = 900;
    draw(scene);
    view_hit_follow(&hits, &pressed);
    assert_true(pressed.right == 900.0 && pressed.rect.x == plots[1].rect.x);
    view_hit_follow(&hits, &gone);
    assert_true(gone.right == 300.0);
}

static const char *tip_line(const char *part) {
    for (size_t i = 0; i < list.op_count; i++) {
        const struct draw_op *op = &list.ops[i];
        if (op->kind == DRAW_TEXT && strstr(list.chars + op->text, part)) {
            return list.chars + op->text;
        }
    }
    return "";
}

/* The box beside the pointer has the history's own numbers. */
static void the_pointer_reads_the_numbers(void **state) {
    (void)state;
    struct scene *scene = scene_make(10, SCENE_HEALTHY, SCENE_VANISHING);
    struct view_hit plots[4];
    draw(scene);
    time_hits(plots, 4);
    scene->history.layer[HISTORY_DELTA_RMS][1][6][150] = 0.0123f;
    scene->history.scalar[0][HISTORY_LOSS][150] = 0.25f;
    scene->history.scalar[1][HISTORY_LOSS][150] = NAN;
    scene->history.scalar[0][HISTORY_ACCURACY][150] = 0.875f;
    scene->history.scalar[0][HISTORY_TEST_ACCURACY][150] = 0.5f;
    for (int p = 0; p < 3; p++) {
        struct rect plot = plots[p].rect;
        bool map = plot.w > 600.0f;
        float y = map ? plot.y + plot.h * (0.5f + 6.5f / 20.0f) : plot.y + 0.5f * plot.h;
        scene->state.pointer = (struct view_pointer){ true, plot.x + 0.5f * plot.w, y };
        draw(scene);
        if (map) {
            assert_string_equal(tip_line("in layer"), "B: rms δ = 0.012 in layer 7 at step 150");
        } else if (tip_line("A: loss")[0]) {
            assert_string_equal(tip_line("A: loss"), "A: loss 0.250, mean of the batch");
            assert_string_equal(tip_line("B: loss"), "B: loss NaN, mean of the batch");
        } else {
            assert_string_equal(tip_line("A: right"),
                                "A: right in 87.5% of the batch, 50.0% held-out");
        }
        assert_true(count_text("step 150") == (map ? 0 : 1));
    }
}

/* A histogram with these counts from bin 10 on, each bin 1/8 wide from -8. */
static void set_histogram(struct layer_stats *layer, const uint32_t *counts, int bins) {
    struct histogram *histogram = &layer->h_histogram;
    memset(histogram, 0, sizeof *histogram);
    memset(&layer->h, 0, sizeof layer->h);
    histogram->low = -8.0;
    histogram->high = 8.0;
    histogram->width = 0.125;
    for (int i = 0; i < bins; i++) {
        histogram->counts[64 + i] = counts[i];
        histogram->n += counts[i];
    }
    layer->h.n = histogram->n;
}

/* The areas that are drawn in the left half of the window. */
static int areas(const struct draw_op **found, int most) {
    int count = 0;
    for (size_t i = 0; i < list.op_count; i++) {
        const struct draw_op *op = &list.ops[i];
        if (op->kind == DRAW_AREA && count < most && list.numbers[op->first] < 700.0f) {
            found[count++] = op;
        }
    }
    return count;
}

/* Heights of a ridge's bars: every second point's above the base, the ends left out. */
static float bar_of(const struct draw_op *op, int bar) {
    return op->base - list.numbers[op->first + 2 * (size_t)(1 + 2 * bar) + 1];
}

/* By hand: bars as high as their counts, base lines where the steps are, the newest last. */
static void ridges_are_histograms_where_their_steps_are(void **state) {
    (void)state;
    static const uint32_t counts[] = { 4, 8, 2, 0, 6 }, other[] = { 1, 1, 1, 1, 5 };
    struct scene *scene = scene_make(10, SCENE_HEALTHY, -1);
    struct film_ridges *ridges = scene_ridges(scene, 3);
    ridges->step[0] = 0;
    ridges->step[1] = 75; // a quarter down
    set_histogram(&ridges->stats[0][0], counts, 5);
    set_histogram(&ridges->stats[0][1], counts, 5);
    set_histogram(&ridges->stats[0][2], other, 5);
    draw(scene);
    const struct draw_op *op[8];
    assert_int_equal(areas(op, 8), 3);
    for (int i = 0; i < 2; i++) {
        float tallest = bar_of(op[i], 1);
        assert_true(tallest > 10.0f);
        for (int b = 0; b < 5; b++) {
            assert_float_equal(bar_of(op[i], b), tallest * (float)counts[b] / 8.0f, 0.01f);
        }
    }
    assert_float_equal(bar_of(op[2], 0), bar_of(op[2], 4) / 5.0f, 0.01f);
    assert_float_equal((op[1]->base - op[0]->base) / (op[2]->base - op[0]->base), 0.25f, 1e-4f);
    assert_true(op[0]->colour != op[1]->colour && op[1]->colour != op[2]->colour);
}

/* Zeros, values that are not finite and those beyond the axis stand beside the ridge. */
static void what_no_bar_shows_stands_apart(void **state) {
    (void)state;
    static const uint32_t counts[] = { 60, 20 };
    struct scene *scene = scene_make(10, SCENE_HEALTHY, -1);
    struct film_ridges *ridges = scene_ridges(scene, 1);
    struct layer_stats *layer = &ridges->stats[0][0];
    set_histogram(layer, counts, 2);
    layer->h.zero = 40;
    layer->h_histogram.nan = layer->h.nan = 20;
    layer->h_histogram.n = layer->h.n = 100;
    draw(scene);
    const struct draw_op *op[8];
    assert_int_equal(areas(op, 8), 1);
    assert_float_equal(bar_of(op[0], 0), bar_of(op[0], 1), 0.01f); // 60 - 40 and 20
    float zero = 0.0f, bad = 0.0f;
    for (size_t i = 0; i < list.op_count; i++) {
        const struct draw_op *rect = &list.ops[i];
        if (rect->kind == DRAW_RECT && rect->rect.h == 4.0f && rect->rect.x < 720.0f) {
            zero += rect->colour == themes[0].run[0] ? rect->rect.w : 0.0f;
            bad += rect->colour == themes[0].bad ? rect->rect.w : 0.0f;
        }
    }
    assert_true(zero > 5.0f);
    assert_float_equal(bad / zero, 0.5f, 0.01f);
    assert_int_equal(count_text("rest"), 1);
}

/* Every ridge quantity, size, depth, theme and state draws something sane. */
static void any_state_can_be_drawn_over_time(void **state) {
    (void)state;
    static const int depths[] = { 1, 2, 33, 200 };
    static const float sizes[][2] = { { 960, 600 }, { 1440, 900 }, { 2560, 1440 } };
    for (int kind = 0; kind < SCENE_RUN_COUNT; kind++) {
        for (int d = 0; d < ARRAY_LEN(depths); d++) {
            for (int s = 0; s < ARRAY_LEN(sizes); s++) {
                int twin = (kind + d) % 2 ? kind : -1;
                struct scene *scene = scene_make(depths[d], kind, twin);
                scene_size(scene, sizes[s][0], sizes[s][1], (enum theme)(s % THEME_COUNT));
                scene_ridges(scene, (d + 1) * 8);
                scene->state.ridge = (enum view_ridge)((kind + s + d) % VIEW_RIDGE_COUNT);
                scene->state.lines = (kind + s) % 2;
                scene->state.pointer = (struct view_pointer){ true, 300.0f, 400.0f };
                snprintf(what, sizeof what, "kind %d, %d layers, %.0f wide, ridge %d", kind,
                         depths[d], (double)sizes[s][0], (int)scene->state.ridge);
                draw(scene);
                scene->state.pointer.inside = false; // whose box covers what is below
                check(scene);
                scene->state.cursor = 120;
                scene->snapshot.step = 120;
                scene->state.newest = 123456;
                check(scene);
                scene->history.columns = 0;
                scene->state.ridges = NULL;
                check(scene);
                assert_int_equal(count_text("no snapshot kept yet"), 1);
            }
        }
    }
}

static float number_at(const struct draw_op *op, size_t point, int coordinate) {
    return list.numbers[op->first + 2 * point + (size_t)coordinate];
}

/* Lines: a NaN is a gap, and a decade is as high as another. */
static void lines_have_gaps(void **state) {
    (void)state;
    struct scene *scene = scene_make(1, SCENE_HEALTHY, -1);
    scene_ridges(scene, 2);
    scene->state.lines = true;
    for (int q = 0; q < HISTORY_QUANTITIES; q++) {
        for (int i = 0; i < scene->history.columns; i++) {
            scene->history.layer[q][0][0][i] = i < 100 ? 1.0f : i < 200 ? NAN : 0.01f;
        }
    }
    draw(scene);
    int lines = 0;
    for (size_t i = 0; i < list.op_count; i++) {
        const struct draw_op *op = &list.ops[i];
        if (op->kind != DRAW_POLYLINE || op->width != 2.5f) {
            continue;
        }
        lines++;
        int gaps = 0;
        for (size_t p = 0; p < op->count; p++) {
            gaps += isnan(number_at(op, p, 1));
        }
        assert_true(gaps > (int)op->count / 4 && gaps < (int)op->count / 2);
        assert_true(number_at(op, op->count - 1, 1) > number_at(op, 0, 1) + 10.0f);
    }
    assert_int_equal(lines, HISTORY_QUANTITIES);
}

/* A rectangle of run 0's colour with its left edge at x and its top at y. */
static bool has_bar(float x, float y) {
    for (size_t i = 0; i < list.op_count; i++) {
        const struct draw_op *op = &list.ops[i];
        if (op->kind == DRAW_RECT && op->colour == themes[0].run[0] &&
            fabsf(op->rect.x - x) < 0.01f && fabsf(op->rect.y - y) < 0.01f) {
            return true;
        }
    }
    return false;
}

/* Outlines: how many, and of those with four points how many stand exactly around a bar. */
static int count_outlines(int *around) {
    int count = 0;
    *around = 0;
    for (size_t i = 0; i < list.op_count; i++) {
        const struct draw_op *op = &list.ops[i];
        if (op->kind == DRAW_POLYLINE && op->width == 1.25f) {
            count++;
            *around += op->count == 4 && has_bar(number_at(op, 1, 0) + 1.5f, number_at(op, 1, 1)) &&
                       number_at(op, 1, 1) == number_at(op, 2, 1);
        }
    }
    return count;
}

/* A ghost of what is shown lies exactly around it; of a shallower network only where it has layers.
 */
static void a_ghost_lies_over_what_is_shown(void **state) {
    (void)state;
    static struct snapshot ghost;
    int around;
    struct scene *scene = scene_make(10, SCENE_HEALTHY, -1);
    draw(scene);
    assert_int_equal(count_outlines(&around), 0);
    snapshot_copy(&ghost, &scene->snapshot);
    ghost.step = 1234;
    scene->state.ghost = &ghost;
    draw(scene);
    assert_int_equal(count_outlines(&around), 30); // of h, of delta, of its RMS
    assert_int_equal(around, 10);
    assert_int_equal(count_text("ghost: step 1,234"), 1);
    ghost.run[0].layers = 4;
    draw(scene);
    assert_int_equal(count_outlines(&around), 12);
    ghost.run[0].layer[1].delta.rms *= 0.1; // another height
    draw(scene);
    count_outlines(&around);
    assert_int_equal(around, 3);
    scene = scene_make(100, SCENE_HEALTHY, SCENE_VANISHING);
    scene->state.ghost = &ghost;
    draw(scene);
    assert_int_equal(count_outlines(&around), 1); // a line through A's columns; it has no B
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_past_is_told_apart),
        cmocka_unit_test(a_place_is_a_step),
        cmocka_unit_test(a_dragged_hit_follows),
        cmocka_unit_test(the_pointer_reads_the_numbers),
        cmocka_unit_test(ridges_are_histograms_where_their_steps_are),
        cmocka_unit_test(what_no_bar_shows_stands_apart),
        cmocka_unit_test(any_state_can_be_drawn_over_time),
        cmocka_unit_test(lines_have_gaps),
        cmocka_unit_test(changes_are_marked),
        cmocka_unit_test(a_ghost_lies_over_what_is_shown),
    };
    return cmocka_run_group_tests(tests, layout_start, layout_stop);
}
