/* paper.h - a black canvas with its list, and how much ink it got: shared by the canvas tests. */
#ifndef TESTS_DRAW_PAPER_H
#define TESTS_DRAW_PAPER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "draw/canvas.h"

enum { PAPER_WIDTH = 200, PAPER_HEIGHT = 120 };

static const colour white = 0xFFFFFFFF, faint = 0x80FFFFFF;

struct paper {
    struct canvas canvas;
    struct display_list list;
};

static inline void paper_open(struct paper *paper) {
    assert_true(canvas_init(&paper->canvas, PAPER_WIDTH, PAPER_HEIGHT, 1.0f));
    display_list_init(&paper->list, (struct text_metrics){ 0 });
}

static inline void paper_close(struct paper *paper) {
    canvas_finish(&paper->canvas);
    display_list_finish(&paper->list);
}

/* Draw what was listed on black and begin a new list. */
static inline void paper_draw(struct paper *paper) {
    assert_false(paper->list.incomplete);
    canvas_draw(&paper->canvas, &paper->list, NULL, 0xFF000000);
    display_list_clear(&paper->list);
}

/* 0..255 of one pixel; only grey is drawn. */
static inline int paper_at(const struct paper *paper, int x, int y) {
    uint32_t pixel = paper->canvas.pixels[y * PAPER_WIDTH + x];
    assert_int_equal(pixel >> 24, 0);
    return (int)(pixel & 0xFF);
}

/* Sum of the coverage in a part, in pixels. */
static inline double paper_ink_in(const struct paper *paper, int x0, int y0, int x1, int y1) {
    double sum = 0.0;
    for (int y = y0; y < y1; y++) {
        for (int x = x0; x < x1; x++) {
            sum += paper_at(paper, x, y) / 255.0;
        }
    }
    return sum;
}

static inline double paper_ink(const struct paper *paper) {
    return paper_ink_in(paper, 0, 0, PAPER_WIDTH, PAPER_HEIGHT);
}

static inline void assert_near(double value, double expected, double tolerance) {
    if (!(value >= expected - tolerance && value <= expected + tolerance)) {
        fail_msg("%g is not %g +- %g", value, expected, tolerance);
    }
}

#endif
