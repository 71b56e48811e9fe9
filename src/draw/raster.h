/*
 * raster.h - what the parts of the canvas share: its state while drawing, and blending.
 *
 * Everything here is in device pixels; a pixel's centre lies at + 0.5. Coverage and alpha that
 * reach a blend are 0..256, so that full means full. Private to canvas*.c.
 */
#ifndef DRAW_RASTER_H
#define DRAW_RASTER_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "draw/display_list.h"
#include "draw/loops.h"
#include "draw/text.h"

/* From x0, y0 up to but without x1, y1. */
struct box {
    int x0, y0, x1, y1;
};

enum { RASTER_CLIPS = 32 };

/* Source pixels of an image that make up one device pixel along one axis. */
struct taps {
    int first, last;               // inclusive
    int first_weight, last_weight; // of 256; those between have all; last_weight if last > first
};

struct raster {
    struct arena arena; // everything below and this struct itself
    const struct loops *loops;
    uint32_t *pixels; // (height, width)
    uint32_t *own;    // allocated
    int width, height;
    double scale;
    struct text *text; // NULL: texts are left out
    struct box clip;   // inside the canvas
    struct box outer[RASTER_CLIPS];
    int clips; // may exceed RASTER_CLIPS: those further in do not clip

    // Scratch. What is zero stays zero between primitives.
    unsigned char *mask; // (height, mask_stride), zero
    int mask_stride;
    float *cover;        // a strip's changes of coverage, zero
    uint64_t *changed;   // and where they are, zero
    uint32_t *row;       // one row of an image
    struct taps *taps;   // of that row
    uint16_t *spread[2]; // two rows of an image's source, spread over that row: red, green, blue
};

/* Points to device pixels, bounded so that sums stay exact; NaN stays NaN. */
static inline double device(const struct raster *raster, float points) {
    const double limit = 1e9;
    double at = (double)points * raster->scale;

    at = at > limit ? limit : at;
    return at < -limit ? -limit : at;
}

struct dpoint {
    double x, y;
};

/* A pair of coordinates of a list. */
static inline struct dpoint device_point(const struct raster *raster, const float *pair) {
    return (struct dpoint){ device(raster, pair[0]), device(raster, pair[1]) };
}

static inline bool is_gap(struct dpoint point) {
    return isnan(point.x) || isnan(point.y);
}

/* The nearest whole pixel edge, far beyond every canvas at most. */
static inline int snap(double at) {
    const double limit = 1 << 28;
    // Layouts like halves, and two ways to compute the same half must not round apart.
    const double bias = 1.0 / 512.0;

    if (!(at > -limit)) {
        return -(1 << 28);
    }
    return at < limit ? (int)floor(at + 0.5 + bias) : 1 << 28;
}

/* The greatest whole number not above at, which lies near the canvas. */
static inline int whole(double at) {
    const int shift = 1 << 24; // makes it positive, so that conversion rounds down
    return (int)(at + shift) - shift;
}

static inline int max_int(int a, int b) {
    return a > b ? a : b;
}

static inline int min_int(int a, int b) {
    return a < b ? a : b;
}

static inline struct box box_intersection(struct box a, struct box b) {
    return (struct box){ max_int(a.x0, b.x0), max_int(a.y0, b.y0), min_int(a.x1, b.x1),
                         min_int(a.y1, b.y1) };
}

static inline bool box_empty(struct box box) {
    return box.x0 >= box.x1 || box.y0 >= box.y1;
}

/*
 * A rectangle's edges on whole pixels; at least one pixel wide and high where the rectangle has any
 * size, empty where it has none or is no number.
 */
struct box raster_box(const struct raster *raster, struct rect rect);

/* 0..255 to 0..256 */
static inline uint32_t to_256(uint32_t byte) {
    return byte + (byte >> 7);
}

static inline uint32_t alpha_of(colour ink) {
    return to_256(ink >> 24);
}

/* 0..1 to 0..256, clamped; NaN counts as 0. */
static inline uint32_t coverage_256(float coverage) {
    if (!(coverage > 0.0f)) {
        return 0;
    }
    return coverage < 1.0f ? (uint32_t)(coverage * 256.0f + 0.5f) : 256;
}

/* Red and blue in one multiplication, green in another. */
static inline uint32_t blend(uint32_t under, uint32_t over, uint32_t alpha) {
    uint32_t rest = 256 - alpha;
    uint32_t red_blue = (under & 0xFF00FF) * rest + (over & 0xFF00FF) * alpha + 0x800080;
    uint32_t green = (under & 0x00FF00) * rest + (over & 0x00FF00) * alpha + 0x008000;

    return (red_blue >> 8 & 0xFF00FF) | (green >> 8 & 0x00FF00);
}

/* count pixels from *to on. */
static inline void raster_span(const struct raster *raster, uint32_t *to, int count, colour over,
                               uint32_t alpha) {
    if (alpha == 256) {
        raster->loops->fill(to, count, over & 0xFFFFFF);
    } else if (alpha > 0) {
        raster->loops->tint(to, count, over, alpha);
    }
}

void raster_fill(struct raster *raster, struct box box, colour ink);

/* Blend a colour through the mask inside box and zero the mask there. */
void raster_composite(struct raster *raster, struct box box, colour ink, uint32_t alpha);

/* One function per kind of primitive. */
void raster_rect(struct raster *raster, const struct display_list *list, const struct draw_op *op);
void raster_frame(struct raster *raster, const struct display_list *list, const struct draw_op *op);
void raster_polyline(struct raster *raster, const struct display_list *list,
                     const struct draw_op *op);
void raster_area(struct raster *raster, const struct display_list *list, const struct draw_op *op);
void raster_histogram(struct raster *raster, const struct display_list *list,
                      const struct draw_op *op);
void raster_polygon(struct raster *raster, const struct display_list *list,
                    const struct draw_op *op);
void raster_image(struct raster *raster, const struct display_list *list, const struct draw_op *op);
void raster_text(struct raster *raster, const struct display_list *list, const struct draw_op *op);

#endif
