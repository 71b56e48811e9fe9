/* loops.c - see loops.h; compiled once per instruction set, whose name LOOPS_NAME has. */
#include "draw/loops.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "draw/raster.h"

extern const struct loops LOOPS_NAME;

// Written as vectors because compilers differ in which loops they turn into them, and a branch per
// pixel costs twice the whole line.
enum { LANES = 8 };
typedef float lanes __attribute__((vector_size(LANES * sizeof(float))));
typedef int32_t lane_bits __attribute__((vector_size(LANES * sizeof(int32_t))));
typedef unsigned char lane_bytes __attribute__((vector_size(LANES)));

static const lane_bits lane_number = { 0, 1, 2, 3, 4, 5, 6, 7 };

static void fill(uint32_t *to, int count, uint32_t rgb) {
    for (int i = 0; i < count; i++) {
        to[i] = rgb;
    }
}

static void tint(uint32_t *to, int count, colour over, uint32_t alpha) {
    for (int i = 0; i < count; i++) {
        to[i] = blend(to[i], over, alpha);
    }
}

/* Zeros are not skipped, because guessing where they are costs more. */
static void ink(uint32_t *restrict to, const unsigned char *restrict coverage, int count,
                colour over, uint32_t alpha) {
    for (int i = 0; i < count; i++) {
        to[i] = blend(to[i], over, to_256(coverage[i]) * alpha >> 8);
    }
}

static void drain(uint32_t *restrict to, unsigned char *restrict coverage, int count, colour over,
                  uint32_t alpha) {
    enum { STEP = 16 };
    int i = 0;
    for (; i + STEP <= count; i += STEP) {
        uint64_t part[2];
        memcpy(part, coverage + i, sizeof part);
        if ((part[0] | part[1]) == 0) {
            continue;
        }
        for (int j = i; j < i + STEP; j++) {
            to[j] = blend(to[j], over, to_256(coverage[j]) * alpha >> 8);
        }
        memset(coverage + i, 0, sizeof part);
    }
    for (; i < count; i++) {
        if (coverage[i]) {
            to[i] = blend(to[i], over, to_256(coverage[i]) * alpha >> 8);
            coverage[i] = 0;
        }
    }
}

static inline lanes at_least_0(lanes value) {
    return (lanes)((lane_bits)value & (value > 0.0f));
}

static inline lanes at_most_1(lanes value) {
    const lanes one = { 1.0f, 1.0f, 1.0f, 1.0f, 1.0f, 1.0f, 1.0f, 1.0f };
    lane_bits less = value < 1.0f;
    return (lanes)(((lane_bits)value & less) | ((lane_bits)one & ~less));
}

/* Coverage in 0..255 of pixels with their centres at x and y from the origin. */
static inline lane_bits capsule_coverage(lanes x, float y, const struct capsule *capsule) {
    float dx = capsule->dx, dy = capsule->dy;
    lanes along = at_most_1(at_least_0((x * dx + y * dy) * capsule->inverse));
    lanes off_x = x - along * dx, off_y = y - along * dy, square = off_x * off_x + off_y * off_y;
    lanes distance;

    for (int i = 0; i < LANES; i++) {
        distance[i] = sqrtf(square[i]);
    }
    lanes coverage = at_most_1(at_least_0(capsule->reach - distance));
    return __builtin_convertvector(coverage * 255.0f + 0.5f, lane_bits);
}

static inline void raise_to(unsigned char *mask, lane_bits coverage) {
    lane_bytes now, wanted = __builtin_convertvector(coverage, lane_bytes);
    memcpy(&now, mask, sizeof now);
    lane_bytes more = (lane_bytes)(wanted > now);
    now = (wanted & more) | (now & ~more);
    memcpy(mask, &now, sizeof now);
}

static inline void capsule_row(unsigned char *mask, int count, float x, float y,
                               const struct capsule *capsule) {
    for (int i = 0; i < count; i += LANES) {
        lanes at = x + __builtin_convertvector(lane_number + i, lanes);
        raise_to(mask + i, capsule_coverage(at, y, capsule) & (lane_number < count - i));
    }
}

static void capsule(unsigned char *mask, ptrdiff_t stride, int width, int height,
                    const struct capsule *c) {
    if (c->spread == 0.0) {
        for (int y = 0; y < height; y++) {
            capsule_row(mask + y * stride, width, (float)c->x, (float)(c->y + y), c);
        }
        return;
    }
    for (int y = 0; y < height; y++) { // between the two parallels that touch the capsule
        double middle = (c->y + y) * c->slope - c->x;
        int from = max_int(0, whole(middle - c->spread) + 1);
        int to = min_int(width, whole(middle + c->spread) + 1);
        if (from < to) {
            capsule_row(mask + y * stride + from, to - from, (float)(c->x + from),
                        (float)(c->y + y), c);
        }
    }
}

const struct loops LOOPS_NAME = { fill, tint, ink, drain, capsule };
