/*
 * optimiser.h - the table of optimisers.
 *
 * All parameters of a layer's W (or b) are updated in one pass that also sums what is measured.
 */
#ifndef ENGINE_OPTIMISER_H
#define ENGINE_OPTIMISER_H

#include <stddef.h>
#include <stdint.h>

#include "engine/real.h"

enum optimiser { OPTIMISER_SGD, OPTIMISER_MOMENTUM, OPTIMISER_ADAM, OPTIMISER_COUNT };

enum { OPTIMISER_MAX_STATES = 2 };

struct optimiser_settings {
    enum optimiser which;
    double learning_rate;
    double momentum;     // momentum only
    double beta1, beta2; // Adam only
};

/* One contiguous piece of parameters with its gradient and its optimiser state. */
struct parameters {
    real *value;
    real *gradient;
    real *state[OPTIMISER_MAX_STATES]; // NULL where the optimiser needs none
    size_t n;
};

/* Sums of squares over a piece, in double. */
struct update_sums {
    double value;    // before the update
    double gradient;
    double update;
};

struct optimiser_row {
    const char *name;
    const char *label;
    const char *formula;
    const char *about;
    const char *source;
    int states; // extra reals per parameter
    /* Make update number step (from 1); gradient sum only is returned. */
    double (*apply)(const struct optimiser_settings *settings, int64_t step,
                    struct parameters *piece);
    /* The sums that apply() would give, with nothing changed. */
    struct update_sums (*preview)(const struct optimiser_settings *settings, int64_t step,
                                  const struct parameters *piece);
};

extern const struct optimiser_row optimisers[OPTIMISER_COUNT];

#endif
