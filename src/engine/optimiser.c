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

static struct update_constants adam(const struct optimiser_settings *s, int64_t step) {
    return (struct update_constants){
        .rate = (real)(s->learning_rate / (1.0 - pow(s->beta1, (double)step))),
        .beta1 = (real)s->beta1,
        .beta2 = (real)s->beta2,
        .square_correction = (real)(1.0 / sqrt(1.0 - pow(s->beta2, (double)step))),
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
