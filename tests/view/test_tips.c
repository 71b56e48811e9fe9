/*
 * test_tips.c - the pointer over any number on the screen says what it is.
 */
#include "check.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/require.h"
#include "base/text.h"
#include "gallery.h"
#include "layout.h"
#include "view/explain.h"

enum { MOST_NUMBERS = 2048 };

/* A text with a digit, and where it stands. */
static struct number {
    struct rect box;
    char text[48];
} numbers[MOST_NUMBERS];

static bool has_digit(const char *text) {
    for (; *text; text++) {
        if (isdigit((unsigned char)*text)) {
            return true;
        }
    }
    return false;
}

/* The name of a key, on its cap, is no number. */
static bool is_key(size_t i) {
    const struct draw_op *op = &list.ops[i];
    const struct draw_op *frame = i > 0 ? &list.ops[i - 1] : NULL;
    return frame && frame->kind == DRAW_FRAME && frame->radius == 3.0f &&
           frame->rect.x == op->rect.x;
}

static int find_numbers(const struct scene *scene) {
    int count = 0;
    for (size_t i = first_op(scene); i < list.op_count; i++) {
        const struct draw_op *op = &list.ops[i];
        if (op->kind == DRAW_TEXT && has_digit(text_of(op)) && !is_key(i)) {
            assert_true(count < MOST_NUMBERS);
            numbers[count].box = op_box(op);
            text_set(numbers[count].text, sizeof numbers[count].text, "%s", text_of(op));
            count++;
        }
    }
    return count;
}

static void point_at(struct scene *scene, struct rect box) {
    scene->state.pointer =
        (struct view_pointer){ true, box.x + 0.5f * box.w, box.y + 0.5f * box.h };
}

static void assert_numbers_explained(struct scene *scene) {
    draw(scene);
    int count = find_numbers(scene);
    for (int i = 0; i < count; i++) {
        point_at(scene, numbers[i].box);
        draw(scene);
        if (tip_op(scene) == 0) {
            fail_msg("%s: nothing is said of \"%s\" at %.0f, %.0f", what, numbers[i].text,
                     (double)scene->state.pointer.x, (double)scene->state.pointer.y);
        }
        assert_no_text_overlaps(scene);
        assert_no_text_is_cut(scene);
        assert_all_within_the_window(scene);
    }
    scene->state.pointer.inside = false;
}

static void every_number_is_explained(void **state) {
    (void)state;
    for (int e = 0; e < gallery_count; e++) {
        for (int runs = 1; runs <= 2; runs++) {
            struct scene *scene = gallery_show(&gallery[e], 10, runs);
            bool small = runs == 2;
            scene_size(scene, small ? 960.0f : 1440.0f, small ? 600.0f : 900.0f, THEME_DARK);
            text_set(what, sizeof what, "%s, %d runs", gallery[e].name, runs);
            if (!scene->state.bare) {
                assert_numbers_explained(scene);
            }
        }
    }
}

/* In the smallest window, whose hover box is narrow. */
static void every_subject_is_explained(void **state) {
    (void)state;
    for (int subject = SUBJECT_NONE + 1; subject < SUBJECT_COUNT; subject++) {
        assert_non_null(explanations[subject][0]);
        for (int i = 0; i < EXPLAIN_LINES && explanations[subject][i]; i++) {
            const char *line = explanations[subject][i];
            if (draw_text_width(&list, FONT_LABEL, 11.0f, line) > 0.5f * (float)VIEW_MIN_WIDTH) {
                fail_msg("\"%s\" is too long", line);
            }
        }
    }
}

/* What is closer to the pointer has more to say. */
static void a_panel_speaks_where_nothing_else_does(void **state) {
    (void)state;
    struct scene *scene = scene_make(10, 0, -1);
    draw(scene);
    const struct view_hit *title = NULL, *row = NULL;
    for (int i = 0; i < hits.count; i++) {
        const struct view_hit *hit = &hits.hit[i];
        title = hit->kind == HIT_PANEL && hit->value == PANEL_ACTIVATIONS ? hit : title;
        row = hit->kind == HIT_LAYERS && !row ? hit : row;
    }
    assert_true(title && row);
    struct rect over_title = title->rect, over_row = row->rect;
    point_at(scene, over_title);
    draw(scene);
    for (int i = 0; i < EXPLAIN_LINES; i++) {
        assert_true(shown(explanations[SUBJECT_ACTIVATIONS][i]));
    }
    point_at(scene, over_row);
    draw(scene);
    assert_false(shown(explanations[SUBJECT_ACTIVATIONS][0]));
    assert_true(shown("activations h, units × batch"));
}

/* A line of the hover box that begins so; NULL: there is none. */
static const char *line_of_tip(const struct scene *scene, const char *start) {
    for (size_t i = tip_op(scene); i > 0 && i < list.op_count; i++) {
        const struct draw_op *op = &list.ops[i];
        if (op->kind == DRAW_TEXT && strncmp(text_of(op), start, strlen(start)) == 0) {
            return text_of(op);
        }
    }
    return NULL;
}

static void the_menu_hides_what_is_below(void **state) {
    (void)state;
    struct scene *scene = scene_make(10, SCENE_HEALTHY, SCENE_VANISHING);
    point_at(scene, (struct rect){ 1200.0f, 250.0f, 0.0f, 0.0f });
    draw(scene);
    assert_true(tip_op(scene) > 0);
    scene_menu(scene, 5, 0);
    draw(scene);
    assert_int_equal(tip_op(scene), 0);
}

/* ReLU, all over its plot. */
static void the_pointer_reads_phi(void **state) {
    (void)state;
    struct scene *scene = scene_make(10, SCENE_HEALTHY, SCENE_VANISHING);
    draw(scene);
    struct rect title = { 0 };
    for (int i = 0; i < hits.count; i++) {
        title = hits.hit[i].kind == HIT_PANEL && hits.hit[i].value == PANEL_PHI ? hits.hit[i].rect
                                                                                : title;
    }
    int below = 0, above = 0;
    for (float x = 50.0f; x < title.w - 10.0f; x += 9.7f) {
        double z, phi, slope;
        point_at(scene, (struct rect){ title.x + x, title.y + 60.0f, 0.0f, 0.0f });
        draw(scene);
        const char *at = line_of_tip(scene, "z = "), *of = line_of_tip(scene, "A  φ(z)");
        assert_true(at && of && line_of_tip(scene, "B  φ(z)"));
        assert_int_equal(sscanf(at, "z = %lf in layer 5", &z), 1);
        assert_int_equal(sscanf(of, "A  φ(z) = %lf, φ′(z) = %lf", &phi, &slope), 2);
        assert_true(fabs(phi - fmax(z, 0.0)) <= 0.01 * fabs(z) + 0.03); // the table's step
        assert_true(slope == (z > 0.0) || fabs(z) < 0.1);
        below += z < -0.1;
        above += z > 0.1;
    }
    assert_true(below > 5 && above > 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_subject_is_explained),
        cmocka_unit_test(a_panel_speaks_where_nothing_else_does),
        cmocka_unit_test(the_pointer_reads_phi),
        cmocka_unit_test(the_menu_hides_what_is_below),
        cmocka_unit_test(every_number_is_explained),
    };
    return cmocka_run_group_tests(tests, layout_start, layout_stop);
}
