/*
 * grouped.h - the products of a layer that is split into groups which never meet.
 *
 * Group g of k takes inputs g in .. (g + 1) in - 1 to outputs g out .. (g + 1) out - 1; W is
 * (k, in, out), one block after the other. h is (batch, k in), z and delta are (batch, k out).
 * Shapes and results otherwise as in product.h. Threads: pure functions.
 */
#ifndef ENGINE_GROUPED_H
#define ENGINE_GROUPED_H

#include "engine/product.h"

struct grouped {
    int groups, batch, in, out;
};

void grouped_forward(const struct grouped *shape, const real *h, const real *W, real *z);
void grouped_backward(const struct grouped *shape, const real *delta, const real *W, real *g);

/* Some rows of dW as (k in, out), times scale. */
void grouped_gradient(const struct grouped *shape, const real *h, const real *delta, real scale,
                      struct gradient_rows rows, real *out);

#endif
