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

static struct update_constants adagrad(const struct optimiser_settings *s, int64_t step) {
    (void)step;
    return (struct update_constants){
        .rate = (real)s->learning_rate,
        .epsilon = (real)1e-10,
    };
}

static struct update_constants adadelta(const struct optimiser_settings *s, int64_t step) {
    (void)step;
    return (struct update_constants){
        .rate = (real)s->learning_rate,
        .beta2 = decay(s->rho),
        .epsilon = (real)1e-6,
    };
}

static struct update_constants rmsprop(const struct optimiser_settings *s, int64_t step) {
    (void)step;
    return (struct update_constants){
        .rate = (real)s->learning_rate,
        .beta2 = decay(s->alpha),
        .epsilon = (real)1e-8,
    };
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
        .state_name = { "momentum_buffer" },
        .constants = momentum,
    },
    [OPTIMISER_NESTEROV] = {
        .name = "nesterov",
        .label = "Nesterov",
        .formula = "v = μ v + g; w -= η (g + μ v)",
        .about = "momentum that looks one step ahead",
        .source = "Nesterov, 1983; Sutskever et al., ICML 2013",
        .states = 1,
        .state_name = { "momentum_buffer" },
        .constants = momentum,
    },
    [OPTIMISER_ADAGRAD] = {
        .name = "adagrad",
        .label = "AdaGrad",
        .formula = "s += g²; w -= η g / (√s + 1e-10)",
        .about = "each weight's rate shrinks with all gradients it has seen",
        .source = "Duchi, Hazan & Singer, JMLR 12, 2011",
        .states = 1,
        .state_name = { "sum" },
        .constants = adagrad,
    },
    [OPTIMISER_ADADELTA] = {
        .name = "adadelta",
        .label = "AdaDelta",
        .formula = "Δ = g √(d + 1e-6) / √(s + 1e-6); w -= η Δ",
        .about = "steps in the unit of the weights: s, d are running means of g², Δ²; usual η 1",
        .source = "Zeiler, arXiv:1212.5701",
        .states = 2,
        .state_name = { "square_avg", "acc_delta" },
        .constants = adadelta,
    },
    [OPTIMISER_RMSPROP] = {
        .name = "rmsprop",
        .label = "RMSProp",
        .formula = "s = α s + (1 - α) g²; w -= η g / (√s + 1e-8)",
        .about = "AdaGrad that forgets: gradients divided by their recent RMS",
        .source = "Tieleman & Hinton, Coursera lecture 6.5, 2012",
        .states = 1,
        .state_name = { "square_avg" },
        .constants = rmsprop,
    },
    [OPTIMISER_ADAM] = {
        .name = "adam",
        .label = "Adam",
        .formula = "w -= η m̂ / (√v̂ + 1e-8)",
        .about = "steps of about the learning rate, whatever the gradient's size",
        .source = "Kingma & Ba, ICLR 2015",
        .states = 2,
        .state_name = { "exp_avg", "exp_avg_sq" },
        .constants = adam,
    },
    [OPTIMISER_ADAMW] = {
        .name = "adamw",
        .label = "AdamW",
        .formula = "w -= η (m̂ / (√v̂ + 1e-8) + λ w)",
        .about = "Adam beside decoupled weight decay λ, 0.01 unless weight_decay says another",
        .source = "Loshchilov & Hutter, ICLR 2019",
        .states = 2,
        .state_name = { "exp_avg", "exp_avg_sq" },
        .weight_decay = 0.01,
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

double optimiser_rate(const struct optimiser_settings *settings, int64_t step) {
    return settings->learning_rate * schedule_factor(&settings->schedule, step);
}

struct update_constants optimiser_constants(const struct optimiser_settings *settings,
                                            enum parameter_kind kind, double clip_scale,
                                            int64_t step) {
    struct optimiser_settings scheduled = *settings;
    scheduled.learning_rate = optimiser_rate(settings, step);
    struct update_constants c =
        optimisers[settings->which].constants(&scheduled, step - settings->begun);
    if (kind == PARAMETER_PENALISED) {
        c.l1 = (real)settings->l1;
        c.l2 = (real)settings->l2;
        c.decay = (real)(scheduled.learning_rate * settings->weight_decay);
    }
    bool clipped = clip_scale < 1.0 || settings->clip_value > 0.0;
    c.clip_scale = (real)clip_scale;
    c.clip_value = settings->clip_value > 0.0 ? (real)settings->clip_value : REAL_MAX;
    c.adjusted = clipped || c.l1 != 0 || c.l2 != 0 || c.decay != 0;
    return c;
}

double optimiser_clip_scale(const struct optimiser_settings *settings, double norm) {
    double scale = settings->clip_norm / (norm + 1e-6);
    return settings->clip_norm > 0.0 && scale < 1.0 ? scale : 1.0;
}
