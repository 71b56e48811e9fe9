/*
 * tiny.h - whole layers of at most TINY_WIDTH inputs and units, each in one call.
 *
 * There a call costs as much as its work, and an array that was just written in pieces cannot be
 * read as vectors for a while. So a vector holds one row of the batch, or two where they fit, from
 * the product to what phi makes of it. Shapes as in product.h, phi as in kernels.h.
 *
 * Threads: pure functions.
 */
#ifndef ENGINE_TINY_H
#define ENGINE_TINY_H

#include <stddef.h>

#include "engine/activation.h"
#include "engine/real.h"

enum { TINY_WIDTH = 16 };

struct pass_sums; // of kernels.h
struct slope_sums;

struct tiny_layer {
    size_t batch, in, out;
    const real *input; // (batch, in)
    const real *W, *b; // (in, out), (out)
    real *z, *h;       // (batch, out)
    real *delta;       // (batch, out)
};

struct tiny_kernels {
    /* z = input W + b, h = phi(z); returns their sums. */
    struct pass_sums (*forward[ACTIVATION_COUNT])(const struct tiny_layer *layer);

    /*
     * delta of below = g phi'(z) with g = delta W^T of layer, whose inputs are below's units;
     * returns their sums.
     */
    struct slope_sums (*backward[ACTIVATION_COUNT])(const struct tiny_layer *layer,
                                                    const struct tiny_layer *below);

    /* dW = scale input^T delta, and db = scale times the sum of delta's rows. */
    void (*gradient)(const struct tiny_layer *layer, real scale, real *dW, real *db);
};

#endif
