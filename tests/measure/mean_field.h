/*
 * mean_field.h - the maps of mean-field theory followed to where they lead, by direct quadrature:
 * slow and plain. phase.h and real networks are held against it, and it against published numbers.
 *
 * sw2, sb2, q and chi as in theory.h.
 */
#ifndef TESTS_MEASURE_MEAN_FIELD_H
#define TESTS_MEASURE_MEAN_FIELD_H

#include <math.h>
#include <stdbool.h>

#include "measure/theory.h"

/* q of the next layer, and chi, at q. */
static inline double mean_field_next_q(struct phi phi, double sw2, double sb2, double q) {
    return sw2 * theory_moments(phi, q).square + sb2;
}

static inline double mean_field_chi(struct phi phi, double sw2, double q) {
    return sw2 * theory_moments(phi, q).slope_square;
}

/*
 * Correlation of two inputs one layer on, from correlation c, both having the same q, which must be
 * the fixed point; *slope is its derivative by c, sw2 E[phi'(u1) phi'(u2)]. Error below 1e-9.
 */
static inline double mean_field_next_c(struct phi phi, double sw2, double sb2, double q, double c,
                                       double *slope) {
    const double q_limit = 1e-20; // where the limit of q = 0 is taken
    double root = sqrt(fmax(q, q_limit)), side = sqrt(fmax(1.0 - c * c, 1e-24));
    struct quadrature first, second;
    theory_rule(&first, QUADRATURE_32, phi, 0.0, root);
    double product = 0.0, slopes = 0.0;
    for (int i = 0; i < first.n; i++) {
        double z = root * first.x[i], sum = 0.0, slope_sum = 0.0;
        theory_rule(&second, QUADRATURE_32, phi, -c * first.x[i] / side, root * side);
        for (int j = 0; j < second.n; j++) {
            double other = root * (c * first.x[i] + side * second.x[j]);
            sum += second.w[j] * phi_value(&phi, other);
            slope_sum += second.w[j] * phi_slope(&phi, other);
        }
        product += first.w[i] * phi_value(&phi, z) * sum;
        slopes += first.w[i] * phi_slope(&phi, z) * slope_sum;
    }
    *slope = sw2 * slopes;
    return (sw2 * product + sb2) / fmax(q, q_limit);
}

/* Newton's method for the c below 1 that reproduces itself, kept inside a shrinking bracket. */
static inline double mean_field_settled_c(struct phi phi, double sw2, double sb2, double q,
                                          double *slope) {
    double low = 0.0, high = 1.0, c = 0.5;
    for (int i = 0; i < 60; i++) {
        double off = mean_field_next_c(phi, sw2, sb2, q, c, slope) - c;
        *(off > 0.0 ? &low : &high) = c;
        double next = c - off / (*slope - 1.0);
        if (!(next >= low && next <= high)) {
            next = 0.5 * (low + high);
        }
        if (fabs(next - c) < 1e-11) {
            break;
        }
        c = next;
    }
    return c;
}

/* Steps of the map, which lead to the fixed point that the network goes to, then Newton's. */
static inline bool mean_field_settled_q(struct phi phi, double sw2, double sb2, double from,
                                        double *q) {
    enum { MAP_STEPS = 100, NEWTON_STEPS = 100 };
    const double lowest = 1e-13, highest = 1e12; // which stand for 0 and infinity
    *q = from;
    for (int i = 0; i < MAP_STEPS + NEWTON_STEPS; i++) {
        struct theory_moments now = theory_moments(phi, *q);
        double off = sw2 * now.square + sb2 - *q, steep = sw2 * now.growth;
        // where the map is the identity, as for ReLU with He, rounding is all there is
        if (fabs(off) < 1e-14 * *q || (sb2 == 0.0 && *q < lowest)) {
            break;
        }
        if (i >= MAP_STEPS && steep >= 1.0 && off > 0.0) {
            return false; // still growing, and faster the larger it is
        }
        *q += i < MAP_STEPS ? off : off / (1.0 - steep);
        if (!(*q < highest)) {
            return false;
        }
        *q = fmax(*q, 0.0);
    }
    *q = sb2 == 0.0 && *q < lowest ? 0.0 : *q;
    return true;
}

/* Where q settles in a deep network. What decays does so as e^(-l / xi) over l layers. */
struct mean_field_point {
    double q, chi;
    double xi_q;
    double xi_gradient; // negative where gradients grow, infinite on the critical line
    double c, xi_c;     // where the correlation of two inputs settles, and how fast
};

static inline double mean_field_depth_scale(double factor) {
    return factor == 1.0 ? (double)INFINITY : -1.0 / log(fabs(factor));
}

/* From q on; false if q grows without bounds. q = 0 is a fixed point as any other. */
static inline bool mean_field_settle(struct phi phi, double sw2, double sb2, double from,
                                     struct mean_field_point *point) {
    const double close = 1e-12; // to 1, where only rounding is between
    *point = (struct mean_field_point){ .c = 1.0 };
    if (!mean_field_settled_q(phi, sw2, sb2, from, &point->q)) {
        return false;
    }
    double steep = sw2 * theory_moments(phi, point->q).growth;
    double chi = mean_field_chi(phi, sw2, point->q);
    point->chi = fabs(chi - 1.0) < close ? 1.0 : chi;
    point->xi_q = mean_field_depth_scale(fabs(steep - 1.0) < close ? 1.0 : steep);
    point->xi_c = point->xi_gradient = mean_field_depth_scale(point->chi);
    if (point->chi > 1.0 && point->q > 0.0) {
        double slope;
        point->c = mean_field_settled_c(phi, sw2, sb2, point->q, &slope);
        point->xi_c = mean_field_depth_scale(slope);
    }
    return true;
}

/* Factors of the RMS of delta per layer at the first weights, large batches and wide layers. */
static inline double mean_field_batch_norm(struct phi phi) {
    struct theory_moments moments = theory_moments(phi, 1.0);
    return sqrt(moments.slope_square / (moments.square - moments.mean * moments.mean));
}

static inline double mean_field_layer_norm(struct phi phi) {
    struct theory_moments moments = theory_moments(phi, 1.0);
    return sqrt(moments.slope_square / moments.square);
}

/*
 * Factors of the mean squares through x + scale W2 phi(W1 x), forward on x with mean square q, and
 * backward (Yang & Schoenholz 2017): 1 + scale^2 times the branch's own factor.
 */
static inline double mean_field_block_forward(struct phi phi, double sw2_first, double sw2_second,
                                              double scale, double q) {
    double square = theory_moments(phi, sw2_first * q).square;
    return 1.0 + scale * scale * sw2_second * square / q;
}

static inline double mean_field_block_backward(struct phi phi, double sw2_first, double sw2_second,
                                               double scale, double q) {
    double slope_square = theory_moments(phi, sw2_first * q).slope_square;
    return 1.0 + scale * scale * sw2_first * sw2_second * slope_square;
}

#endif
