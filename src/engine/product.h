/*
 * product.h - the matrix products of a dense layer and of its measurements.
 *
 * All matrices are row-major. The layer's W is (in, out), its batch is B rows. Very small layers
 * take plain loops, others the tiles of tiles.h where the instruction set has them, else the matrix
 * library (CBLAS). Which one depends on the shapes alone, so that the same experiment gives the
 * same bits.
 *
 * A crew's threads share a product, each of them a part of its rows or of its columns; the result
 * is the same bits for every number of threads.
 *
 * Threads: the matrix library stays on the thread that calls it (engine_start()).
 */
#ifndef ENGINE_PRODUCT_H
#define ENGINE_PRODUCT_H

#include "engine/crew.h"
#include "engine/real.h"

struct product_shape {
    int batch, in, out;
    struct crew *crew; // NULL: the calling thread does it all
};

/* z (B, out) = h (B, in) W, plus b (out) in every row unless it is NULL. */
void product_forward(const struct product_shape *shape, const real *h, const real *W, const real *b,
                     real *z);

/* g (B, in) = delta (B, out) W^T */
void product_backward(const struct product_shape *shape, const real *delta, const real *W, real *g);

/* dW (in, out) = scale h^T delta */
void product_gradient(const struct product_shape *shape, const real *h, const real *delta,
                      real scale, real *dW);

/* Some rows of dW: first, first + stride, ..., count of them. */
struct gradient_rows {
    int first, count, stride;
};

/* How many of them lie beside each other from number i on. */
static inline int gradient_rows_run(struct gradient_rows rows, int i) {
    return rows.stride == 1 ? rows.count - i : 1;
}

/*
 * Those rows alone, one after the other in `out` (count, out), by the calling thread. Where
 * in out <= 1024, ask for all of them: plain loops make such a product whole.
 */
void product_gradient_rows(const struct product_shape *shape, const real *h, const real *delta,
                           real scale, struct gradient_rows rows, real *out);

/*
 * The upper half of the Gram matrix of X (rows, columns), written to G or added to it:
 * X X^T (rows, rows) of its rows, else X^T X (columns, columns).
 */
void product_gram(const real *X, int rows, int columns, bool of_rows, bool add, real *G);

#endif
