#include "measure/theory.h"

#include <math.h>
#include <string.h>

#include "base/text.h"

static const double q_limit = 1e-20; // where the limit of q = 0 is taken

// A relative error of q may grow so much over a network before the theory is of no use for it.
static const double most_sensitive = 2.0;

void theory_rule(struct quadrature *rule, enum quadrature_order order, struct phi phi,
                 double middle, double root) {
    const struct activation_row *row = &activations[phi.which];
    double kinks[ACTIVATION_MAX_KINKS];
    for (int k = 0; k < row->kinks; k++) {
        kinks[k] = middle + row->kink[k] / root;
    }
    quadrature_panels(rule, order, middle, 1.0 / root, kinks, row->kinks);
}

struct theory_moments theory_moments(struct phi phi, double q) {
    double root = sqrt(fmax(q, q_limit));
    struct quadrature rule;
    theory_rule(&rule, QUADRATURE_64, phi, 0.0, root);
    struct theory_moments sum = { 0 };
    for (int i = 0; i < rule.n; i++) {
        double z = root * rule.x[i], w = rule.w[i];
        double h = phi_value(&phi, z), slope = phi_slope(&phi, z);
        sum.mean += w * h;
        sum.square += w * h * h;
        sum.slope_square += w * slope * slope;
        sum.growth += w * rule.x[i] * h * slope / root; // by parts; needs no phi''
    }
    return sum;
}

void theory_critical(struct phi phi, double q, double *sw2, double *sb2) {
    struct theory_moments moments = theory_moments(phi, q);
    *sw2 = 1.0 / moments.slope_square;
    *sb2 = q - moments.square / moments.slope_square;
}

double theory_sw2(const struct network_config *config, int l) {
    int fan_in = l == 1 ? config->inputs : config->width;
    return fan_in * initialiser_variance(config->init, config->init_scale, fan_in, config->width);
}

double theory_sb2(const struct network_config *config, int l) {
    int fan_in = l == 1 ? config->inputs : config->width;
    return initialiser_bias_variance(config->init, config->init_scale, fan_in, config->width) +
           config->bias_sd * config->bias_sd;
}

#define REASON(theory, ...) text_set((theory)->reason, sizeof(theory)->reason, __VA_ARGS__)

bool theory_of_activation(const struct network_config *config, char *reason) {
    const struct activation_row *row = &activations[config->phi.which];
    if (row->learned) {
        text_set(reason, SNAPSHOT_SENTENCE,
                 "Theory needs an activation without learned parts; the slopes of %s are learned.",
                 row->label);
    } else if (config->phi.pieces > 1) {
        text_set(reason, SNAPSHOT_SENTENCE,
                 "Theory needs an activation of one z; %s is the largest of %d.", row->label,
                 config->phi.pieces);
    } else {
        return true;
    }
    return false;
}

bool theory_of_weights(const struct network_config *config, char *reason) {
    const struct initialiser_row *init = &initialisers[config->init];
    if (init->uses_data) {
        text_set(reason, SNAPSHOT_SENTENCE,
                 "Theory needs random weights; those of %s have been fitted to data.", init->label);
    } else if (init->distribution > DISTRIBUTION_UNIFORM) {
        text_set(reason, SNAPSHOT_SENTENCE,
                 "Theory needs independent random weights; those of %s are not.", init->label);
    } else if (config->bias != 0.0) {
        text_set(reason, SNAPSHOT_SENTENCE, "Theory has biases around 0; here they are around %g.",
                 config->bias);
    } else {
        return true;
    }
    return false;
}

/* Does it describe this network at all? */
static bool applicable(const struct network_config *config, double input_square, int64_t step,
                       struct theory *theory) {
    if (step > 0) {
        REASON(theory, "Theory is about the first weights; training has changed them.");
    } else if (!theory_of_weights(config, theory->reason) ||
               !theory_of_activation(config, theory->reason)) {
        return false;
    } else if (!(theory_sw2(config, 1) > 0.0)) {
        REASON(theory, "Theory needs independent random weights; here they are all zero.");
    } else if (config->exception.first > 0) {
        REASON(theory, "Theory needs one activation in every layer.");
    } else if (config->connection.which != CONNECTION_PLAIN) {
        REASON(theory, "Theory here is of plain layers; these are %s.",
               connections[config->connection.which].label);
    } else if (config->noise.alpha_dropout > 0.0) {
        REASON(theory, "Theory here is of dropout that drops to zero, not of alpha dropout.");
    } else if (!(input_square > 0.0) || !isfinite(input_square)) {
        REASON(theory, "Theory needs inputs that are not all zero.");
    } else {
        return true;
    }
    return false;
}

/* Variance that a normalisation divides by: of a over the batch, or over the units. */
static double normalised_variance(const struct network_config *config, double sw2, double square,
                                  double mean) {
    return config->normalisation == NORMALISATION_BATCH ? sw2 * (square - mean * mean)
                                                        : sw2 * square + theory_sb2(config, 2);
}

/*
 * q, chi and RMS h of every layer; false if q is so sensitive that they mean nothing. Dropped
 * units and weights multiply mean squares by 1 / keep; behind a normalisation q is about 1.
 */
static bool predict_forward(const struct network_config *config, double input_square,
                            struct theory *theory) {
    double keep = 1.0 - config->noise.dropout, weights_keep = 1.0 - config->noise.drop_connect;
    double sw2 = theory_sw2(config, 2) / weights_keep, sensitivity = 1.0;
    double q = theory_sw2(config, 1) / weights_keep * input_square + theory_sb2(config, 1);
    bool normalised = config->normalisation != NORMALISATION_NONE;
    q = normalised ? q / (q + NORMALISATION_EPSILON) : q;
    for (int l = 1; l <= config->layers; l++) {
        struct theory_moments moments = theory_moments(config->phi, q);
        double square = moments.square / keep, chi = sw2 * moments.slope_square / keep;
        double next = sw2 * square + theory_sb2(config, 2);
        theory->q[l - 1] = q;
        theory->h_mean[l - 1] = moments.mean;
        theory->h_rms[l - 1] = sqrt(square);
        theory->h_sd[l - 1] = sqrt(fmax(square - moments.mean * moments.mean, 0.0));
        if (normalised) {
            double variance = normalised_variance(config, sw2, square, moments.mean);
            chi /= variance + NORMALISATION_EPSILON;
            next = variance / (variance + NORMALISATION_EPSILON);
        } else {
            sensitivity *= sw2 / keep * moments.growth * q / next;
        }
        theory->chi[l - 1] = chi;
        q = next;
        if (!(sensitivity <= most_sensitive) || !isfinite(q)) {
            REASON(theory,
                   "Theory says that q leaves an unstable fixed point here: by layer %d a small "
                   "difference has grown %.2g-fold.",
                   l, sensitivity);
            return false;
        }
    }
    return true;
}

void theory_predict(const struct network_config *config, double input_square, int64_t step,
                    struct theory *theory) {
    memset(theory, 0, sizeof *theory);
    theory->layers = config->layers;
    if (!applicable(config, input_square, step, theory) ||
        !predict_forward(config, input_square, theory)) {
        return;
    }
    theory->applies = true;
    int last = config->layers - 1;
    bool relu =
        config->normalisation == NORMALISATION_NONE && // which evens out what layers do
        (config->phi.which == ACTIVATION_RELU || config->phi.which == ACTIVATION_LEAKY_RELU);
    double ratio = 1.0;
    for (int l = last; l >= 0; l--) {
        ratio *= l < last ? sqrt(theory->chi[l]) : 1.0;
        theory->delta_ratio[l] = ratio;
        if (relu) {
            theory->h_band[l] = 0.5 * sqrt(5.0 * (l + 1) / config->width);
            theory->delta_band[l] = 0.5 * sqrt(5.0 * (last - l) / config->width);
        }
    }
}
