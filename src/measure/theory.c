#include "measure/theory.h"

#include <math.h>
#include <string.h>

#include "base/text.h"
#include "engine/kernels.h"
#include "measure/quadrature.h"

// Below it q stands for its limit 0, above it for infinity; and the q at which that limit is taken.
static const double q_lowest = 1e-13, q_highest = 1e12, q_limit = 1e-20;

// A relative error of q may grow so much over a network before the theory is of no use for it.
static const double most_sensitive = 2.0;

static void panels_of(struct quadrature *rule, enum quadrature_order order, struct phi phi,
                      double middle, double root) {
    const struct activation_row *row = &activations[phi.which];
    double kinks[ACTIVATION_MAX_KINKS];
    for (int k = 0; k < row->kinks; k++) {
        kinks[k] = middle + row->kink[k] / root;
    }
    quadrature_panels(rule, order, middle, 1.0 / root, kinks, row->kinks);
}

void theory_rule(struct quadrature *rule, enum quadrature_order order, struct phi phi, double q) {
    panels_of(rule, order, phi, 0.0, sqrt(q));
}

struct theory_moments theory_moments(struct phi phi, double q) {
    double root = sqrt(fmax(q, q_limit));
    struct quadrature rule;
    panels_of(&rule, QUADRATURE_64, phi, 0.0, root);
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

double theory_next_q(struct phi phi, double sw2, double sb2, double q) {
    return sw2 * theory_moments(phi, q).square + sb2;
}

double theory_chi(struct phi phi, double sw2, double q) {
    return sw2 * theory_moments(phi, q).slope_square;
}

double theory_next_c(struct phi phi, double sw2, double sb2, double q, double c, double *slope) {
    double root = sqrt(fmax(q, q_limit)), side = sqrt(fmax(1.0 - c * c, 1e-24));
    struct quadrature first, second;
    panels_of(&first, QUADRATURE_32, phi, 0.0, root);
    double product = 0.0, slopes = 0.0;
    for (int i = 0; i < first.n; i++) {
        double z = root * first.x[i], sum = 0.0, slope_sum = 0.0;
        panels_of(&second, QUADRATURE_32, phi, -c * first.x[i] / side, root * side);
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
static double settled_c(struct phi phi, double sw2, double sb2, double q, double *slope) {
    double low = 0.0, high = 1.0, c = 0.5;
    for (int i = 0; i < 60; i++) {
        double off = theory_next_c(phi, sw2, sb2, q, c, slope) - c;
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

static double depth_scale(double factor) {
    return factor == 1.0 ? (double)INFINITY : -1.0 / log(fabs(factor));
}

/* Steps of the map, which lead to the fixed point that the network goes to, then Newton's. */
static bool settled_q(struct phi phi, double sw2, double sb2, double from, double *q) {
    enum { MAP_STEPS = 100, NEWTON_STEPS = 100 };
    *q = from;
    for (int i = 0; i < MAP_STEPS + NEWTON_STEPS; i++) {
        struct theory_moments now = theory_moments(phi, *q);
        double off = sw2 * now.square + sb2 - *q, steep = sw2 * now.growth;
        // where the map is the identity, as for ReLU with He, rounding is all there is
        if (fabs(off) < 1e-14 * *q || (sb2 == 0.0 && *q < q_lowest)) {
            break;
        }
        if (i >= MAP_STEPS && steep >= 1.0 && off > 0.0) {
            return false; // still growing, and faster the larger it is
        }
        *q += i < MAP_STEPS ? off : off / (1.0 - steep);
        if (!(*q < q_highest)) {
            return false;
        }
        *q = fmax(*q, 0.0);
    }
    *q = sb2 == 0.0 && *q < q_lowest ? 0.0 : *q;
    return true;
}

bool theory_fixed_point(struct phi phi, double sw2, double sb2, double from,
                        struct theory_point *point) {
    memset(point, 0, sizeof *point);
    if (!settled_q(phi, sw2, sb2, from, &point->q)) {
        return false;
    }
    struct theory_moments moments = theory_moments(phi, point->q);
    point->chi = sw2 * moments.slope_square;
    double steep = sw2 * moments.growth;
    const double close = 1e-12; // to 1, where only rounding is between
    point->chi = fabs(point->chi - 1.0) < close ? 1.0 : point->chi;
    point->xi_q = depth_scale(fabs(steep - 1.0) < close ? 1.0 : steep);
    point->xi_gradient = depth_scale(point->chi);
    point->c = 1.0;
    point->xi_c = point->xi_gradient;
    if (point->chi > 1.0 && point->q > 0.0) {
        double slope;
        point->c = settled_c(phi, sw2, sb2, point->q, &slope);
        point->xi_c = depth_scale(slope);
    }
    return true;
}

void theory_critical(struct phi phi, double q, double *sw2, double *sb2) {
    struct theory_moments moments = theory_moments(phi, q);
    *sw2 = 1.0 / moments.slope_square;
    *sb2 = q - moments.square / moments.slope_square;
}

double theory_batch_norm_factor(struct phi phi) {
    struct theory_moments moments = theory_moments(phi, 1.0);
    return sqrt(moments.slope_square / (moments.square - moments.mean * moments.mean));
}

double theory_layer_norm_factor(struct phi phi) {
    struct theory_moments moments = theory_moments(phi, 1.0);
    return sqrt(moments.slope_square / moments.square);
}

double theory_dropout_sw2(double sw2, double keep) {
    return sw2 / keep;
}

double theory_residual_forward(struct phi phi, double sw2_first, double sw2_second, double scale,
                               double q) {
    double square = theory_moments(phi, sw2_first * q).square;
    return 1.0 + scale * scale * sw2_second * square / q;
}

double theory_residual_backward(struct phi phi, double sw2_first, double sw2_second, double scale,
                                double q) {
    double slope_square = theory_moments(phi, sw2_first * q).slope_square;
    return 1.0 + scale * scale * sw2_first * sw2_second * slope_square;
}

double theory_input_square(const struct network *network) {
    size_t n = (size_t)network->now.count * (size_t)network->config.inputs;
    return kernels->sum_squares(network->now.input, n) / (double)n;
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
