/*
 * phi.h - an activation as chosen for a layer: its row of the table and what may be set about it.
 *
 * Threads: pure functions.
 */
#ifndef ENGINE_PHI_H
#define ENGINE_PHI_H

#include "engine/activation.h"
#include "engine/kernels.h"

enum { PHI_MAX_PIECES = 8 };

struct phi {
    enum activation which;
    double leak; // of ACTIVATION_SLOPED
    int pieces;  // of ACTIVATION_PIECES; others: 1
};

/* As chosen by default. */
struct phi phi_of(enum activation which);

/* phi and phi', exact to double. */
double phi_value(const struct phi *phi, double z);
double phi_slope(const struct phi *phi, double z);

/* Numbers in the vector of slopes: 0 but for ACTIVATION_SLOPED, units where they are learned. */
size_t phi_slopes(const struct phi *phi, size_t units);

/*
 * h (rows, units) = phi(z), z (rows, pieces units); h may be z where there is one piece. Returns
 * the sums of z and h.
 */
struct pass_sums phi_forward(const struct phi *phi, const real *slopes, const real *z, real *h,
                             size_t rows, size_t units);

/*
 * delta (rows, pieces units) = g phi'(z), g (rows, units); delta may be g where there is one piece.
 * Of equal pieces the first gets the gradient. Returns the sums of g and delta.
 */
struct slope_sums phi_backward(const struct phi *phi, const real *slopes, const real *z,
                               const real *h, const real *g, real *delta, size_t rows,
                               size_t units);

#endif
