/*
 * small.h - the products of layers so small that a call costs more than the work.
 *
 * One row of W, z or delta is one vector of SMALL_WIDTH numbers, the rest of it zero; wider rows
 * take plain loops. Shapes and results as in product.h. Threads: pure functions.
 */
#ifndef ENGINE_SMALL_H
#define ENGINE_SMALL_H

#include <stddef.h>

#include "engine/real.h"

enum { SMALL_WIDTH = 16 };

struct small_kernels {
    void (*forward)(const real *h, const real *W, const real *b, real *z, size_t batch, size_t in,
                    size_t out);
    void (*backward)(const real *delta, const real *W, real *g, size_t batch, size_t in,
                     size_t out);
    void (*gradient)(const real *h, const real *delta, real *dW, size_t batch, size_t in,
                     size_t out, real scale);
};

#endif
