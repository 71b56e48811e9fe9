/*
 * product.h - the three matrix products of a dense layer, through CBLAS.
 *
 * All matrices are row-major. The layer's W is (in, out), its batch is B rows. Very small layers
 * take plain loops, where a library call costs more than the work; which one depends on the
 * shapes alone, so that the same experiment gives the same bits.
 *
 * Threads: each product runs on the calling thread only (engine_start()).
 */
#ifndef ENGINE_PRODUCT_H
#define ENGINE_PRODUCT_H

#include "engine/real.h"

/* z (B, out) = h (B, in) W */
void product_forward(const real *h, const real *W, real *z, int batch, int in, int out);

/* g (B, in) = delta (B, out) W^T */
void product_backward(const real *delta, const real *W, real *g, int batch, int in, int out);

/* dW (in, out) = scale h^T delta */
void product_gradient(const real *h, const real *delta, real *dW, int batch, int in, int out,
                      real scale);

#endif
