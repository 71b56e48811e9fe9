#include "measure/capture.h"

#include <math.h>
#include <string.h>

#include "base/text.h"
#include "engine/kernels.h"
#include "measure/curve.h"
#include "measure/diagnosis.h"
#include "measure/participation.h"
#include "measure/underflow.h"

enum { MAX_UNITS = 4096 };

/* The first finite value, or 0. */
static double finite_pivot(const real *x, size_t n) {
    size_t i = 0;
    while (i < n && !isfinite(x[i])) {
        i++;
    }
    return i < n ? (double)x[i] : 0.0;
}

/* The sums again, value by value, leaving out what is not finite. */
static struct spread finite_spread(struct moments *moments, const real *x, size_t n, double pivot) {
    struct spread spread = { .min = (real)INFINITY, .max = -(real)INFINITY };
    for (size_t i = 0; i < n; i++) {
        if (isnan(x[i])) {
            moments->nan++;
        } else if (isinf(x[i])) {
            moments->inf++;
        } else {
            double d = (double)x[i] - pivot;
            spread.sum += d;
            spread.squares += d * d;
            spread.min = x[i] < spread.min ? x[i] : spread.min;
            spread.max = x[i] > spread.max ? x[i] : spread.max;
            spread.zero += x[i] == 0;
        }
    }
    return spread;
}

void capture_moments(struct moments *moments, const real *values, size_t n) {
    memset(moments, 0, sizeof *moments);
    moments->n = n;
    // Sums around a value of the layer itself lose nothing when the mean is large beside the sd.
    double pivot = (double)values[0];
    struct spread spread = kernels->spread(values, n, values[0]);
    if (!isfinite(spread.sum) || !isfinite(spread.squares)) {
        pivot = finite_pivot(values, n);
        spread = finite_spread(moments, values, n, pivot);
    }
    double count = (double)(n - moments->nan - moments->inf);
    moments->zero = spread.zero;
    if (count == 0.0) {
        moments->mean = moments->sd = moments->rms = moments->min = moments->max = (double)NAN;
        return;
    }
    double offset = spread.sum / count;
    double variance = spread.squares / count - offset * offset;
    moments->mean = pivot + offset;
    moments->sd = sqrt(fmax(variance, 0.0));
    moments->rms = sqrt(fmax(spread.squares / count + pivot * (pivot + 2.0 * offset), 0.0));
    moments->min = (double)spread.min;
    moments->max = (double)spread.max;
}

/* Units of h (rows, columns) that are zero in every row. */
static uint64_t count_dead(const real *h, size_t rows, size_t columns) {
    unsigned char fired[MAX_UNITS] = { 0 };
    for (size_t i = 0; i < rows; i++) {
        const real *row = h + i * columns;
        for (size_t j = 0; j < columns; j++) {
            fired[j] |= row[j] != 0;
        }
    }
    uint64_t dead = 0;
    for (size_t j = 0; j < columns; j++) {
        dead += !fired[j];
    }
    return dead;
}

static void fit_and_count(struct histogram *histogram, const struct moments *m, const real *x) {
    histogram_fit(histogram, m->min, m->max, m->mean, m->sd);
    histogram_add(histogram, x, (size_t)m->n);
}

static void capture_weights(const struct network *network, int index, int64_t step,
                            struct layer_stats *stats) {
    const struct parameters *w = &network->layer[index].weight;
    struct moments moments;
    capture_moments(&moments, w->value, w->n);
    fit_and_count(&stats->weight_histogram, &moments, w->value);
    memset(&stats->weight_gradient_histogram, 0, sizeof stats->weight_gradient_histogram);
    log_histogram_add(&stats->weight_gradient_histogram, w->gradient, w->n);
    struct update_sums sums = network_preview(network, index, step);
    stats->weight_rms = sqrt(sums.value / (double)w->n);
    stats->weight_gradient_rms = sqrt(sums.gradient / (double)w->n);
    stats->update_rms = sqrt(sums.update / (double)w->n);
    stats->update_ratio = sums.value > 0.0 ? sqrt(sums.update / sums.value) : (double)NAN;
}

static void capture_layer(const struct network *network, int index, int64_t step,
                          struct layer_stats *stats) {
    const struct layer *layer = &network->layer[index];
    size_t n = (size_t)network->batch * (size_t)layer->fan_out;
    stats->units = layer->fan_out;
    capture_moments(&stats->z, layer->z, n);
    capture_moments(&stats->h, layer->h, n);
    capture_moments(&stats->delta, layer->delta, n);
    fit_and_count(&stats->z_histogram, &stats->z, layer->z);
    memset(&stats->delta_histogram, 0, sizeof stats->delta_histogram);
    log_histogram_add(&stats->delta_histogram, layer->delta, n);
    capture_weights(network, index, step, stats);
}

static void capture_hidden(const struct network *network, int index, struct layer_stats *stats) {
    const struct layer *layer = &network->layer[index];
    const struct activation_row *phi = &activations[network->config.activation];
    size_t rows = (size_t)network->batch, columns = (size_t)layer->fan_out, n = rows * columns;
    if (phi->bounded) {
        histogram_range(&stats->h_histogram, phi->low, phi->high);
        histogram_add(&stats->h_histogram, layer->h, n);
    } else {
        fit_and_count(&stats->h_histogram, &stats->h, layer->h);
    }
    stats->saturated = phi->saturation_rule
                           ? kernels->count_outside(layer->h, n, (real)phi->saturated_low,
                                                    (real)phi->saturated_high)
                           : 0;
    stats->dead = stats->h.zero >= rows ? count_dead(layer->h, rows, columns) : 0;
    stats->participation = (double)NAN;
    const struct layer *above = &network->layer[index + 1];
    double above_squared = above->sums.delta_squared / (double)above->fan_out;
    double g_squared = layer->sums.g_squared / (double)layer->fan_out;
    double squared = layer->sums.delta_squared / (double)layer->fan_out;
    stats->factor_weight = sqrt(g_squared / above_squared);
    stats->factor_slope = sqrt(squared / g_squared);
}

static void capture_names(const struct network *network, struct run_snapshot *run) {
    const struct network_config *config = &network->config;
    const struct activation_row *phi = &activations[config->activation];
    run->layers = config->layers;
    run->inputs = config->inputs;
    run->outputs = config->outputs;
    text_set(run->activation, sizeof run->activation, "%s", phi->label);
    text_set(run->init, sizeof run->init, "%s", initialisers[config->init].label);
    run->bounded = phi->bounded;
    run->h_low = phi->low;
    run->h_high = phi->high;
    text_set(run->saturation_rule, sizeof run->saturation_rule, "%s",
             phi->saturation_rule ? phi->saturation_rule : "");
    curve_fill(&run->curve, config->activation);
}

/* First what participation_ratio() needs, then a byte per example. */
static size_t scratch_numbers(const struct network_config *config) {
    return participation_scratch(config->batch, config->width);
}

size_t capture_scratch(const struct network_config *config) {
    return scratch_numbers(config) * sizeof(real) + (size_t)config->batch;
}

void capture_network(const struct network *network, int64_t step, void *scratch,
                     struct run_snapshot *run) {
    int layers = network->config.layers;
    capture_names(network, run);
    for (int l = 0; l < layers; l++) {
        capture_layer(network, l, step, &run->layer[l]);
        capture_hidden(network, l, &run->layer[l]);
    }
    capture_layer(network, layers, step, &run->output);
    fit_and_count(&run->output.h_histogram, &run->output.h, network->layer[layers].h);
    run->output.saturated = run->output.dead = 0;
    run->output.factor_slope = run->output.factor_weight = (double)NAN;
    run->output.participation = (double)NAN;
    unsigned char *lost = (unsigned char *)((real *)scratch + scratch_numbers(&network->config));
    underflow_count(network, lost, run);
    run->learning_rate = optimiser_rate(&network->config.optimiser, step);
    run->weight_decay = network->config.optimiser.weight_decay;
    run->clip_scale = network->clip_scale;
    run->loss = network->loss;
    run->accuracy = network->correct / network->batch;
    diagnosis_make(run);
}

void capture_participation(const struct network *network, void *scratch, struct run_snapshot *run) {
    bool room = scratch_numbers(&network->config) > 0; // whatever the size of this batch
    for (int l = 0; room && l < network->config.layers; l++) {
        const struct layer *layer = &network->layer[l];
        struct layer_stats *stats = &run->layer[l];
        if (stats->h.nan + stats->h.inf == 0) {
            stats->participation =
                participation_ratio(layer->h, network->batch, layer->fan_out, stats->h.sd, scratch);
        }
    }
}
