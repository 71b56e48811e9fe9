/*
 * optimiser.h - the table of optimisers.
 *
 * All parameters of a layer's W (or b) are updated in one pass that also sums what is measured.
 * The rows hold what is said about an optimiser and the constants of an update; the loops that
 * apply them are in kernels.h, under the same enum. Formulas, order of operations and the small
 * constants are PyTorch's (1.13), so that the same settings train the same network there.
 */
#ifndef ENGINE_OPTIMISER_H
#define ENGINE_OPTIMISER_H

#include <stddef.h>
#include <stdint.h>

#include "engine/real.h"

enum optimiser {
    OPTIMISER_SGD,
    OPTIMISER_MOMENTUM,
    OPTIMISER_NESTEROV,
    OPTIMISER_ADAGRAD,
    OPTIMISER_ADADELTA,
    OPTIMISER_RMSPROP,
    OPTIMISER_ADAM,
    OPTIMISER_COUNT
};

enum { OPTIMISER_MAX_STATES = 2 };

struct optimiser_settings {
    enum optimiser which;
    double learning_rate;
    double momentum;     // momentum and Nesterov
    double beta1, beta2; // Adam
    double rho;          // AdaDelta
    double alpha;        // RMSProp
};

/* The constants of one update, in the engine's number type. */
struct update_constants {
    real rate;              // Adam: with the correction 1 / (1 - beta1^step) in it
    real momentum;          // decay of a running sum of gradients
    real beta1, beta2;      // decay of the mean gradient and of mean squares
    real square_correction; // Adam: 1 / sqrt(1 - beta2^step)
    real epsilon;
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
    double value; // before the update
    double gradient;
    double update;
};

struct optimiser_row {
    const char *name;
    const char *label;
    const char *formula;
    const char *about;
    const char *source;
    int states;                                   // extra reals per parameter
    const char *state_name[OPTIMISER_MAX_STATES]; // what PyTorch calls them

    /* The constants of update number step (from 1). */
    struct update_constants (*constants)(const struct optimiser_settings *settings, int64_t step);
};

extern const struct optimiser_row optimisers[OPTIMISER_COUNT];

#endif
