/*
 * tiny.h - whole layers of at most TINY_WIDTH inputs and units, any number of them in one call.
 *
 * There a call costs as much as its work, and an array that was just written in pieces cannot be
 * read as vectors for a while. So a vector holds one row of the batch, or two where they fit, from
 * one layer to the next. Shapes as in product.h, phi as in kernels.h.
 *
 * Threads: pure functions.
 */
#ifndef ENGINE_TINY_H
#define ENGINE_TINY_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/activation.h"
#include "engine/real.h"

enum { TINY_WIDTH = 16 };

struct pass_sums; // of kernels.h
struct slope_sums;

struct tiny_layer {
    size_t in, out;      // 0: this layer is not for these loops
    enum activation phi; // of one call, all the same
    const real *input;   // (batch, in); of a layer above another, that one's h
    const real *W, *b;   // (in, out), (out)
    bool bias_last;      // z = sum + b, as in product.h; else the sum begins with b
    real *z, *h;         // (batch, out)
    real *delta;         // (batch, out)
    real *dW, *db;       // (in, out), (out)
};

struct tiny_kernels {
    /* z = input W + b, h = phi(z) of layers one above another; sums (count) are theirs. */
    void (*forward[ACTIVATION_COUNT])(const struct tiny_layer *layers, size_t count, size_t batch,
                                      struct pass_sums *sums);

    /*
     * delta = g phi'(z) with g = delta W^T of the layer above, from layers[count - 1], whose
     * layer above is layers[count], down to layers[0]; sums (count) are theirs.
     */
    void (*backward[ACTIVATION_COUNT])(const struct tiny_layer *layers, size_t count, size_t batch,
                                       struct slope_sums *sums);

    /* dW = scale input^T delta, and db = scale times the sum of delta's rows. */
    void (*gradients)(const struct tiny_layer *layers, size_t count, size_t batch, real scale);
};

#endif
