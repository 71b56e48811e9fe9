/*
 * lsuv.h - layer-sequential unit variance (Mishkin & Matas, arXiv 1511.06422, 2015).
 *
 * From orthonormal weights on, layer after layer and the output layer, too: pass a batch forward,
 * divide W by the standard deviation of z over all its entries, until the variance is 1 within the
 * margin. Variance, margin and the most iterations are those of the authors' Caffe code. init_scale
 * is a gain here as elsewhere: its square is the variance aimed at, and margins are relative to it.
 * Biases stay as they are, which is 0 unless `bias` says otherwise; the same for all units, they do
 * not change a variance. All groups of a split layer and all pieces of maxout are divided by one
 * number.
 *
 * On one and the same batch a single division does it, for z is linear in W; the authors need more
 * because they draw another batch each time.
 */
#ifndef ENGINE_LSUV_H
#define ENGINE_LSUV_H

#include "engine/network.h"

#define LSUV_MARGIN 0.02
enum { LSUV_ITERATIONS = 20 };

/* What was done to one layer. */
struct lsuv_layer {
    int iterations;       // divisions
    double before, after; // variance of z on the batch
};

/* Of all layers, the last of which is the output; layers 0: it was not this initialiser. */
struct lsuv_log {
    int layers;
    struct lsuv_layer layer[NETWORK_MAX_LAYERS + 1];
};

/*
 * Scale the weights that network_reset() drew, on batch examples of input (batch, d_0) and without
 * noise. The network has no normalisation, and each layer a W of its own. A layer whose z is the
 * same everywhere or not finite stays as it is, and the log says so.
 */
void lsuv_scale(struct network *network, const real *input, int batch, struct lsuv_log *log);

#endif
