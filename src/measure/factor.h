/*
 * factor.h - the parts of the backward pass from one layer to the one below it, in their order.
 *
 * Each is the ratio of the RMS of the gradient after that part to the one before: 1 where there is
 * no such part, NaN for 0 / 0. Their product is exactly rms delta_l / rms delta_{l+1}.
 */
#ifndef MEASURE_FACTOR_H
#define MEASURE_FACTOR_H

enum factor {
    FACTOR_NORMALISATION, // of layer l + 1: rms(d loss / d a_{l+1}) / rms delta_{l+1}
    FACTOR_WEIGHT,        // through W_{l+1}^T
    FACTOR_SKIP,          // adding what came around the residual block above
    FACTOR_BRANCH,        // the branch scale and the dropped units of layer l
    FACTOR_SLOPE,         // through phi'
    FACTOR_COUNT
};

struct factor_row {
    const char *name;  // in files
    const char *label; // on screen
    const char *about;
};

extern const struct factor_row factors[FACTOR_COUNT];

double factor_product(const double factor[FACTOR_COUNT]);

#endif
