/*
 * loops.h - where a canvas spends its time: loops over a row of pixels, or the rows of a segment.
 *
 * loops.c is compiled for the baseline and, where there are such processors, for AVX2; both give
 * the same bits; canvas.c picks one. Private to canvas*.c.
 */
#ifndef DRAW_LOOPS_H
#define DRAW_LOOPS_H

#include <stddef.h>
#include <stdint.h>

#include "draw/display_list.h"

enum { LOOPS_BEYOND = 64 }; // bytes behind a mask that must be there

/* What a round pen covers that goes straight from an origin to (dx, dy). */
struct capsule {
    float dx, dy;
    float inverse; // 1 / length^2, 0 for a dot
    float reach;   // distance from the way where coverage ends
    double x, y;   // centre of the first pixel of a box, from the origin
    double slope;  // dx / dy
    double spread; // half a row's part of the capsule is at most that long; 0: look at all rows
};

struct loops {
    /* count pixels of one colour. */
    void (*fill)(uint32_t *to, int count, uint32_t rgb);

    /* Blend a colour over count pixels; alpha is 0..256, all over or times coverage 0..255. */
    void (*tint)(uint32_t *to, int count, colour ink, uint32_t alpha);
    void (*ink)(uint32_t *to, const unsigned char *coverage, int count, colour ink, uint32_t alpha);

    /* The same where most coverage is 0, and all of it becomes so. */
    void (*drain)(uint32_t *to, unsigned char *coverage, int count, colour ink, uint32_t alpha);

    /* Raise the coverage in a box of width x height pixels, the first of them at mask. */
    void (*capsule)(unsigned char *mask, ptrdiff_t stride, int width, int height,
                    const struct capsule *capsule);
};

#endif
