/*
 * theory.h - mean-field theory: what very wide networks do at their first weights.
 *
 * With W ~ N(0, sw2 / fan_in), b ~ N(0, sb2) and q = E[z^2] of a layer (Poole et al. 2016;
 * Schoenholz et al. 2017):
 *
 *     q'  = sw2 E[phi(sqrt(q) x)^2] + sb2      x ~ N(0, 1); q_1 = sw2 E[input^2] + sb2
 *     chi = sw2 E[phi'(sqrt(q) x)^2]           the factor of the mean square of delta per layer
 *
 * chi < 1 is the ordered phase, where gradients vanish, chi > 1 the chaotic one, where they
 * explode. Expectations are Gauss-Legendre quadrature, 64 nodes on each of at least 8 panels that
 * split at the kinks of phi: their error is below 1e-10 (plain Gauss-Hermite errs by 1e-2 at a
 * kink).
 *
 * Memory: none is allocated. Threads: pure functions, from any thread.
 */
#ifndef MEASURE_THEORY_H
#define MEASURE_THEORY_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/network.h"
#include "measure/quadrature.h"
#include "measure/snapshot.h"

/* Of phi at z ~ N(0, q). */
struct theory_moments {
    double mean;         // E[phi]
    double square;       // E[phi^2]
    double slope_square; // E[phi'^2]
    double growth;       // d E[phi^2] / dq
};

struct theory_moments theory_moments(struct phi phi, double q);

/* The nodes for other expectations of phi(sqrt(q) x), q > 0. */
void theory_rule(struct quadrature *rule, enum quadrature_order order, struct phi phi, double q);

/* q of the next layer, and chi, at q. */
double theory_next_q(struct phi phi, double sw2, double sb2, double q);
double theory_chi(struct phi phi, double sw2, double q);

/*
 * Correlation of two inputs one layer on, from correlation c, both having the same q, which must be
 * the fixed point; *slope is its derivative by c, sw2 E[phi'(u1) phi'(u2)]. Error below 1e-9.
 */
double theory_next_c(struct phi phi, double sw2, double sb2, double q, double c, double *slope);

/* Where q settles in a deep network. Depth scales are in layers: what decays does so as e^(-l/xi).
 */
struct theory_point {
    double q, chi;
    double xi_q; // of q
    double
        xi_gradient; // -1 / log chi: negative where gradients grow, infinite on the critical line
    double c, xi_c;  // where the correlation of two inputs settles, and how fast
};

/* From q on; false if q grows without bounds. q = 0 is a fixed point as any other. */
bool theory_fixed_point(struct phi phi, double sw2, double sb2, double from,
                        struct theory_point *point);

/*
 * The critical line chi = 1, parametrised by its q: all of (sw2, sb2) that have q as a fixed point
 * with chi = 1. sb2 may come out negative, where there is no such network.
 */
void theory_critical(struct phi phi, double q, double *sw2, double *sb2);

/* Factors of the RMS of delta per layer at the first weights, large batches and wide layers. */
double theory_batch_norm_factor(struct phi phi);
double theory_layer_norm_factor(struct phi phi);

/* Dropout that keeps p and divides by p acts like this sw2, in q and in chi. */
double theory_dropout_sw2(double sw2, double keep);

/*
 * Factors of the mean squares through x + scale W2 phi(W1 x), forward on x with mean square q, and
 * backward (Yang & Schoenholz 2017): 1 + scale^2 times the branch's own factor.
 */
double theory_residual_forward(struct phi phi, double sw2_first, double sw2_second, double scale,
                               double q);
double theory_residual_backward(struct phi phi, double sw2_first, double sw2_second, double scale,
                                double q);

/* fan_in Var(W) of hidden layer l >= 1, and Var(b), as the initialiser promises them. */
double theory_sw2(const struct network_config *config, int l);
double theory_sb2(const struct network_config *config, int l);

/*
 * Does theory know of this activation, and of first weights like these? If not, why, in one
 * sentence (SNAPSHOT_SENTENCE bytes).
 */
bool theory_of_activation(const struct network_config *config, char *reason);
bool theory_of_weights(const struct network_config *config, char *reason);

/*
 * What is drawn over the measured values. input_square: mean of input^2 over the batch. step:
 * updates made so far.
 */
void theory_predict(const struct network_config *config, double input_square, int64_t step,
                    struct theory *theory);

/* Mean of input^2 over the batch of the last pass. */
double theory_input_square(const struct network *network);

#endif
