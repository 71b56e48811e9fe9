/*
 * test_time.c - pictures over time: what is shown of the past, and what dragging there means.
 */
#include "check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/require.h"
#include "draw/text.h"
#include "scene.h"
#include "view/panel.h"

static struct text *text;
static struct display_list list;
static struct view_hits hits;

static void draw(struct scene *scene) {
    display_list_clear(&list);
    view_draw(&list, &hits, &scene->state, &scene->snapshot, &scene->history);
    assert_false(list.incomplete);
}

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
    scene->history.layer[1][6][150] = 0.0123f;
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

static int setup(void **state) {
    (void)state;
    char problem[256];
    text = text_create(problem, sizeof problem);
    if (!text) {
        print_error("%s\n", problem);
        return -1;
    }
    display_list_init(&list, text_metrics(text));
    return 0;
}

static int teardown(void **state) {
    (void)state;
    display_list_finish(&list);
    text_destroy(text);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_past_is_told_apart),
        cmocka_unit_test(a_place_is_a_step),
        cmocka_unit_test(a_dragged_hit_follows),
        cmocka_unit_test(the_pointer_reads_the_numbers),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
