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

/* Nodes x for other expectations, of phi(root (x - middle)), root > 0: split where phi has kinks.
 */
void theory_rule(struct quadrature *rule, enum quadrature_order order, struct phi phi,
                 double middle, double root);

/*
 * The critical line chi = 1, parametrised by its q: all of (sw2, sb2) that have q as a fixed point
 * with chi = 1. sb2 may come out negative, where there is no such network.
 */
void theory_critical(struct phi phi, double q, double *sw2, double *sb2);

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

#endif
