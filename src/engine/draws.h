/*
 * draws.h - the uniform and normal draws of base/random.h, many at a time: the same bits.
 *
 * draws.c is compiled once per instruction set, without contracting a * b + c. Threads: pure
 * functions.
 */
#ifndef ENGINE_DRAWS_H
#define ENGINE_DRAWS_H

#include "base/random.h"

struct draw_kernels {
    /* Columns first .. first + count - 1 of a row, first a multiple of four. */
    void (*uniforms)(const struct random_stream *stream, uint32_t row, uint32_t first,
                     uint32_t count, double *out);
    void (*normals)(const struct random_stream *stream, uint32_t row, uint32_t first,
                    uint32_t count, double *out);
};

#endif
