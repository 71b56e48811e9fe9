/*
 * quadrature.h - expectations over the standard normal distribution by Gauss-Legendre panels.
 *
 * The density is integrated over -14..14, outside of which it is below 1e-43. Threads: any; the
 * nodes are computed once, by Newton's method.
 */
#ifndef MEASURE_QUADRATURE_H
#define MEASURE_QUADRATURE_H

enum { QUADRATURE_MAX_NODES = 64, QUADRATURE_MAX_PANELS = 16 };

/* Nodes x and weights w, the normal density included. */
struct quadrature {
    int n;
    double x[QUADRATURE_MAX_PANELS * QUADRATURE_MAX_NODES];
    double w[QUADRATURE_MAX_PANELS * QUADRATURE_MAX_NODES];
};

enum quadrature_order { QUADRATURE_32, QUADRATURE_64, QUADRATURE_ORDERS };

/*
 * Panels for a function of x that bends on the scale of `scale` around x = middle and has count
 * kinks (at most 2) at the given x.
 */
void quadrature_panels(struct quadrature *rule, enum quadrature_order order, double middle,
                       double scale, const double *kinks, int count);

#endif
