/*
 * factor.h - the parts of a pass from one layer to the next, backwards and forwards.
 *
 * Each is the ratio of the RMS after that part to the one before: 1 where there is no such part,
 * NaN for 0 / 0. Backwards, of the gradient, their product is exactly rms delta_l / rms
 * delta_{l+1}; forwards, of the signal, exactly rms h_l / rms h_{l-1}, with h_0 the input.
 */
#ifndef MEASURE_FACTOR_H
#define MEASURE_FACTOR_H

enum direction { DIRECTION_BACKWARD, DIRECTION_FORWARD, DIRECTION_COUNT };

/* In the order of the backward pass. */
enum factor {
    FACTOR_NORMALISATION, // backwards that of layer l + 1: rms(d loss / d a_{l+1}) / rms
                          // delta_{l+1}
    FACTOR_WEIGHT,        // through W_{l+1}^T; forwards h_{l-1} W_l + b_l, and a recurrent x U
    FACTOR_SKIP,          // adding what comes around a residual block
    FACTOR_BRANCH,        // the branch scale and the dropped units of layer l
    FACTOR_SLOPE,         // through phi'; forwards phi
    FACTOR_COUNT
};

struct factor_row {
    const char *name;  // in files
    const char *label; // on screen
    const char *about;
};

extern const struct factor_row factors[DIRECTION_COUNT][FACTOR_COUNT];

/* The parts as a pass meets them: in place `at`, 0..FACTOR_COUNT - 1. */
enum factor factor_at(enum direction direction, int at);

double factor_product(const double factor[FACTOR_COUNT]);

#endif
