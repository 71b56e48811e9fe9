/*
 * test_contrast.c - every text and every mark of every picture against what it stands on, from the
 * display lists: text >= 4.5 : 1, marks >= 3 : 1 (WCAG 2, 1.4.3 and 1.4.11).
 */
#include "check.h"

#include <math.h>
#include <string.h>

#include "base/require.h"
#include "base/text.h"
#include "beneath.h"
#include "gallery.h"
#include "layout.h"

static const int depths[] = { 1, 10, 100 };

/* Wherever its letters may be. */
static void assert_readable(size_t i) {
    enum { ACROSS = 9, DOWN = 3 };
    const struct draw_op *op = &list.ops[i];
    struct rect box = op_box(op);
    for (int k = 0; k < ACROSS * DOWN; k++) {
        struct point at = { box.x + box.w * ((float)(k % ACROSS) + 0.5f) / (float)ACROSS,
                            box.y + box.h * ((float)(k / ACROSS) + 0.5f) / (float)DOWN };
        colour ground = beneath(&list, i, at);
        double found = contrast(over(ground, op->colour), ground);
        if (found < 4.5) {
            fail_msg("%s: \"%s\" in %06x on %06x has %.2f", what, text_of(op),
                     (unsigned)op->colour & 0xffffff, (unsigned)ground & 0xffffff, found);
        }
    }
}

static bool same_ink(colour a, colour b) {
    return (a & 0xffffff) == (b & 0xffffff);
}

static bool is_one_of(colour ink, const colour *inks, int count) {
    bool found = false;
    for (int i = 0; i < count; i++) {
        found |= same_ink(ink, inks[i]);
    }
    return found;
}

/* What marks stand on, and what only orders the picture or sets a mark off from its ground. */
static bool is_ground(const struct theme_row *row, colour ink) {
    const colour grounds[] = { row->background, row->panel, row->raised, row->grid, row->halo };
    return is_one_of(ink, grounds, ARRAY_LEN(grounds));
}

static bool is_mark_ink(const struct theme_row *row, colour ink) {
    const colour inks[] = { row->run[0],       row->run[1],      row->run_faint[0],
                            row->run_faint[1], row->run_text[0], row->run_text[1],
                            row->good,         row->warning,     row->bad,
                            row->focus,        row->mark,        row->axis,
                            row->text,         row->secondary,   row->negative,
                            row->positive };
    return is_one_of(ink, inks, ARRAY_LEN(inks)) || is_one_of(ink, row->factor, FACTOR_COUNT);
}

static bool is_dot(const struct draw_op *op) {
    return op->kind == DRAW_RECT && op->radius > 0.0f && op->rect.w <= 10.0f;
}

/* Lines of any colour, dots, and whatever has the colour of a mark and is no wash. */
static bool is_mark(const struct theme_row *row, const struct draw_op *op) {
    bool ink = op->kind == DRAW_POLYLINE || is_dot(op) || is_mark_ink(row, op->colour);
    bool drawn = op->kind < DRAW_TEXT && op->kind != DRAW_IMAGE;
    bool wash = (float)(op->colour >> 24) <= 255.0f * THEME_WASH + 1.0f;
    return drawn && ink && !wash && !is_ground(row, op->colour);
}

/* A place that it surely covers; false where there is none. */
static bool place_of(const struct draw_op *op, struct point *at) {
    struct rect box = op_box(op);
    *at = (struct point){ box.x + 0.5f * box.w, box.y + 0.5f * box.h };
    if (op->kind == DRAW_FRAME) {
        at->x = box.x + 0.5f * op->width;
    }
    for (size_t i = 0; op->kind == DRAW_POLYLINE && i < op->count; i++) {
        const float *numbers = list.numbers + op->first + 2 * i;
        *at = (struct point){ numbers[0], numbers[1] };
        if (isfinite(at->y)) {
            break;
        }
    }
    return isfinite(at->x) && isfinite(at->y);
}

/* The ground there: of the rectangles that cover it the last one that is a ground. */
static colour ground_at(const struct theme_row *row, size_t end, struct point at) {
    const colour grounds[] = { row->background, row->panel, row->raised };
    colour found = row->background;
    for (size_t i = 0; i < end; i++) {
        const struct draw_op *op = &list.ops[i];
        const struct rect *rect = &op->rect;
        if (op->kind == DRAW_RECT && op->colour >> 24 == 0xff && at.x >= rect->x &&
            at.x <= rect->x + rect->w && at.y >= rect->y && at.y <= rect->y + rect->h &&
            is_one_of(op->colour, grounds, ARRAY_LEN(grounds))) {
            found = op->colour;
        }
    }
    return found;
}

static void assert_seen(const struct theme_row *row, size_t i) {
    const struct draw_op *op = &list.ops[i];
    struct point at;
    if (!is_mark(row, op) || !place_of(op, &at)) {
        return;
    }
    colour ground = ground_at(row, i, at), rim = beneath(&list, i, at);
    double found = contrast(over(ground, op->colour), ground);
    bool rimmed = is_dot(op) && contrast(over(rim, op->colour), rim) >= 3.0;
    if (found < 3.0 && !rimmed) {
        fail_msg("%s: a mark of kind %d in %08x on %06x at %.0f, %.0f has %.2f", what,
                 (int)op->kind, (unsigned)op->colour, (unsigned)ground & 0xffffff, (double)at.x,
                 (double)at.y, found);
    }
}

/* In each theme; of an overlay only itself. */
static void assert_contrast(struct scene *scene, const char *name) {
    for (int theme = 0; theme < THEME_COUNT; theme++) {
        const struct theme_row *row = &themes[theme];
        text_set(what, sizeof what, "%s, %s", name, row->name);
        scene_size(scene, 1440, 900, (enum theme)theme);
        draw(scene);
        for (size_t i = first_op(scene); i < list.op_count; i++) {
            if (list.ops[i].kind == DRAW_TEXT) {
                assert_readable(i);
            }
            assert_seen(row, i);
        }
    }
}

static void every_text_and_mark_of_every_picture(void **state) {
    (void)state;
    for (int e = 0; e < gallery_count; e++) {
        for (int i = 0; i < 2 * ARRAY_LEN(depths); i++) {
            char name[96];
            text_set(name, sizeof name, "%s, %d layers, %d runs", gallery[e].name, depths[i / 2],
                     1 + i % 2);
            assert_contrast(gallery_show(&gallery[e], depths[i / 2], 1 + i % 2), name);
        }
    }
}

static void every_text_and_mark_of_overlays(void **state) {
    (void)state;
    struct scene *scene = gallery_show(&gallery[0], 10, 2);
    scene->state.show_help = true;
    assert_contrast(scene, "help");
    scene = gallery_show(&gallery[0], 10, 2);
    scene->state.menu.rows[4].idle[0] = true;
    scene_menu(scene, 5, 1);
    assert_contrast(scene, "menu");
    scene_type(scene, "0.3x", "learning_rate: '0.3x' is not a number from 0 to 1e+06.");
    assert_contrast(scene, "typing");
    scene = gallery_show(&gallery[0], 10, 2);
    scene_palette(scene, "rate", 30, 9);
    assert_contrast(scene, "palette");
    scene = gallery_show(&gallery[0], 10, 2);
    text_set(scene->state.toast, sizeof scene->state.toast, "could not write it");
    assert_contrast(scene, "good news");
    scene->state.toast_bad = true;
    assert_contrast(scene, "bad news");
    scene->state.toast[0] = '\0';
    scene->state.pointer = (struct view_pointer){ true, 400.0f, 200.0f };
    assert_contrast(scene, "hover box");
    assert_true(tip_op(scene) > 0);
    for (int i = 0; i < scene->state.key_count; i++) {
        scene->state.keys[i].on = true;
    }
    scene->state.frozen = true;
    assert_contrast(scene, "all switched on");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_text_and_mark_of_every_picture),
        cmocka_unit_test(every_text_and_mark_of_overlays),
    };
    return cmocka_run_group_tests(tests, layout_start, layout_stop);
}
