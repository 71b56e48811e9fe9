/*
 * optimiser.h - the table of optimisers.
 *
 * All parameters of a layer's W (or b) are updated in one pass that also sums what is measured.
 * The rows hold what is said about an optimiser and the constants of an update; the loops that
 * apply them are in kernels.h, under the same enum. Formulas, order of operations and the small
 * constants are PyTorch's (1.13), so that the same settings train the same network there.
 *
 * Penalties and decay act on all parameters, as they do in PyTorch, but for PReLU's slopes (He et
 * al., ICCV 2015). The gradients of l1 sum |w| and l2 sum w^2 / 2 join dW before the optimiser sees
 * it; weight decay (Loshchilov & Hutter, ICLR 2019) goes past it: w loses the share learning rate x
 * weight_decay besides. Gradients are clipped before all that, by their common norm and then one by
 * one, and as part of the update: the arrays keep what was measured.
 */
#ifndef ENGINE_OPTIMISER_H
#define ENGINE_OPTIMISER_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "engine/real.h"
#include "engine/schedule.h"

enum optimiser {
    OPTIMISER_SGD,
    OPTIMISER_MOMENTUM,
    OPTIMISER_NESTEROV,
    OPTIMISER_ADAGRAD,
    OPTIMISER_ADADELTA,
    OPTIMISER_RMSPROP,
    OPTIMISER_ADAM,
    OPTIMISER_ADAMW,
    OPTIMISER_COUNT
};

enum { OPTIMISER_MAX_STATES = 2 };

struct optimiser_settings {
    enum optimiser which;
    double learning_rate;
    double momentum;     // momentum and Nesterov
    double beta1, beta2; // Adam and AdamW
    double rho;          // AdaDelta
    double alpha;        // RMSProp
    double l1, l2;       // sizes of the penalties
    double weight_decay;
    double clip_norm;  // largest norm of all gradients together; 0: any
    double clip_value; // largest size of a gradient's entry; 0: any
    struct schedule_settings schedule;
    int64_t begun; // updates made before its state was cleared: 0, but where training went on
};

/* The constants of one update, in the engine's number type. */
struct update_constants {
    real rate;              // Adam: with the correction 1 / (1 - beta1^step) in it
    real momentum;          // decay of a running sum of gradients
    real beta1, beta2;      // decay of the mean gradient and of mean squares
    real square_correction; // Adam: 1 / sqrt(1 - beta2^step)
    real epsilon;
    bool adjusted;               // does anything below change the update?
    real clip_scale, clip_value; // gradients are multiplied by one and cut off at the other
    real l1, l2;
    real decay; // learning rate times weight decay
};

/* One contiguous piece of parameters with its gradient and its optimiser state. */
struct parameters {
    real *value;
    real *gradient;
    real *state[OPTIMISER_MAX_STATES]; // NULL where the optimiser needs none
    size_t n;
};

/* Deal out n parameters with so many numbers of state each. */
void parameters_layout(struct parameters *piece, size_t n, int states, struct arena *arena);

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
    double weight_decay;                          // where nobody asks for another

    /* The constants of update number step (from 1); the schedule is in the learning rate already.
     */
    struct update_constants (*constants)(const struct optimiser_settings *settings, int64_t step);
};

extern const struct optimiser_row optimisers[OPTIMISER_COUNT];

/* The learning rate of update number step (from 1), as the schedule has it. */
double optimiser_rate(const struct optimiser_settings *settings, int64_t step);

/* Whether penalties and decay are for a piece of parameters. */
enum parameter_kind { PARAMETER_PENALISED, PARAMETER_FREE };

/*
 * The constants of update number step (from 1) of such parameters, with all that settings say.
 * clip_scale is what optimiser_clip_scale() says of their gradients.
 */
struct update_constants optimiser_constants(const struct optimiser_settings *settings,
                                            enum parameter_kind kind, double clip_scale,
                                            int64_t step);

/*
 * What clip_norm leaves of gradients whose common norm is `norm`, as PyTorch's clip_grad_norm_ has
 * it: clip_norm / (norm + 1e-6), but at most 1 (Pascanu, Mikolov & Bengio, ICML 2013).
 */
double optimiser_clip_scale(const struct optimiser_settings *settings, double norm);

#endif
