#include "engine/optimiser.h"

#include <assert.h>
#include <math.h>

#include "base/require.h"

static struct update_constants sgd(const struct optimiser_settings *s, int64_t step) {
    (void)step;
    return (struct update_constants){ .rate = (real)s->learning_rate };
}

static struct update_constants momentum(const struct optimiser_settings *s, int64_t step) {
    (void)step;
    return (struct update_constants){
        .rate = (real)s->learning_rate,
        .momentum = (real)s->momentum,
    };
}

/* beta in the engine's number type, still below 1. */
static real decay(double beta) {
    const real most = 1 - REAL_EPSILON / 2;
    return (real)beta < most ? (real)beta : most;
}

static struct update_constants adam(const struct optimiser_settings *s, int64_t step) {
    // The corrections are of the rounded betas: 1 - 0.999f is 1.3e-5 off 0.001.
    real beta1 = decay(s->beta1), beta2 = decay(s->beta2);
    return (struct update_constants){
        .rate = (real)(s->learning_rate / (1.0 - pow((double)beta1, (double)step))),
        .beta1 = beta1,
        .beta2 = beta2,
        .square_correction = (real)(1.0 / sqrt(1.0 - pow((double)beta2, (double)step))),
        .epsilon = (real)1e-8,
    };
}

const struct optimiser_row optimisers[] = {
    [OPTIMISER_SGD] = {
        .name = "sgd",
        .label = "SGD",
        .formula = "w -= η g",
        .about = "plain stochastic gradient descent",
        .source = "Robbins & Monro, 1951",
        .constants = sgd,
    },
    [OPTIMISER_MOMENTUM] = {
        .name = "momentum",
        .label = "Momentum",
        .formula = "v = μ v + g; w -= η v",
        .about = "a running sum of gradients (heavy ball)",
        .source = "Polyak, 1964; Sutskever et al., ICML 2013",
        .states = 1,
        .constants = momentum,
    },
    [OPTIMISER_ADAM] = {
        .name = "adam",
        .label = "Adam",
        .formula = "w -= η m̂ / (√v̂ + 1e-8)",
        .about = "steps of about the learning rate, whatever the gradient's size",
        .source = "Kingma & Ba, ICLR 2015",
        .states = 2,
        .constants = adam,
    },
};
static_assert(ARRAY_LEN(optimisers) == OPTIMISER_COUNT, "a row is missing");

void parameters_layout(struct parameters *piece, size_t n, int states, struct arena *arena) {
    piece->n = n;
    piece->value = arena_take(arena, n, sizeof(real));
    piece->gradient = arena_take(arena, n, sizeof(real));
    for (int s = 0; s < OPTIMISER_MAX_STATES; s++) {
        piece->state[s] = s < states ? arena_take(arena, n, sizeof(real)) : NULL;
    }
}
