/*
 * canvas.h - a display list becomes pixels, on the CPU and anti-aliased.
 *
 * One XRGB8888 buffer (0x00RRGGBB in a uint32_t), the same for window, PNG and tests. Built with
 * -ffp-contract=off, so the pixels are bit-identical across compilers. Whatever numbers a list
 * holds (huge, infinite, NaN), drawing it is safe and takes no longer than its length warrants.
 *
 * Memory: canvas_init() makes one allocation, canvas_draw() none but for texts that are new to the
 * text cache. Threads: one.
 */
#ifndef DRAW_CANVAS_H
#define DRAW_CANVAS_H

#include "draw/display_list.h"
#include "draw/text.h"

struct canvas {
    uint32_t *pixels; // (height, width)
    int width, height;
    float scale;   // device pixels per point; may be changed between frames
    void *scratch; // coverage mask and row buffers
};

enum { CANVAS_MAX_SIDE = 16384 };

/*
 * width x height device pixels. Returns false, canvas zeroed, when memory runs out or a side is not
 * within 1..CANVAS_MAX_SIDE.
 */
bool canvas_init(struct canvas *canvas, int width, int height, float scale);
void canvas_finish(struct canvas *canvas); // accepts a zeroed canvas

/* Draw there from now on: (height, width) pixels, borrowed, or with NULL the canvas's own. */
void canvas_draw_on(struct canvas *canvas, uint32_t *pixels);

/*
 * Draw the list over a background that fills the canvas first. Sets the scale of text, which may be
 * NULL: texts are then left out.
 */
void canvas_draw(struct canvas *canvas, const struct display_list *list, struct text *text,
                 colour background);

#endif
