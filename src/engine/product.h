/*
 * product.h - the matrix products of a dense layer and of its measurements.
 *
 * All matrices are row-major. The layer's W is (in, out), its batch is B rows. Very small layers
 * take plain loops, others the tiles of tiles.h where the instruction set has them, else the matrix
 * library (CBLAS). Which one depends on the shapes alone, so that the same experiment gives the
 * same bits.
 *
 * The part functions give the same bits as the whole, so that threads may share a product.
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

/* Part boundaries must be multiples of this, or the end. */
enum { PRODUCT_GRAIN = 96 };

/* Columns first..last - 1 of z; of g; rows first..last - 1 of dW, written to `rows`. */
void product_forward_part(const real *h, const real *W, real *z, int batch, int in, int out,
                          int first, int last);
void product_backward_part(const real *delta, const real *W, real *g, int batch, int in, int out,
                           int first, int last);
void product_gradient_part(const real *h, const real *delta, real *rows, int batch, int in, int out,
                           real scale, int first, int last);

/*
 * The upper half of the Gram matrix of X (rows, columns), written to G or added to it:
 * X X^T (rows, rows) of its rows, else X^T X (columns, columns).
 */
void product_gram(const real *X, int rows, int columns, bool of_rows, bool add, real *G);

#endif
