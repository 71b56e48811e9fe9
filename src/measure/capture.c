#include "measure/capture.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "engine/kernels.h"
#include "measure/capture_factors.h"
#include "measure/curve.h"
#include "measure/diagnosis.h"
#include "measure/participation.h"
#include "measure/underflow.h"

// Rows of W that a glance sees at least, and room for a row of the widest one.
enum { GLANCE_ROWS = 4, GLANCE_ROOM = NETWORK_MAX_WIDTH * PHI_MAX_PIECES };

// Weights from which on layers are measured by all threads.
enum { SHARED_ENTRIES = 64 * 1024 };

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

double capture_input_square(const struct network *network) {
    size_t n = (size_t)network->now.count * (size_t)network->config.inputs;
    return kernels->sum_squares(network->now.input, n) / (double)n;
}

/* Units of h (rows, columns) that are zero in every row. */
static uint64_t count_dead(const real *h, size_t rows, size_t columns) {
    uint32_t seen[NETWORK_MAX_WIDTH] = { 0 }; // bits of any entry
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < columns; j++) {
            uint32_t bits;
            static_assert(sizeof bits == sizeof *h, "a number's bits");
            memcpy(&bits, &h[i * columns + j], sizeof bits);
            seen[j] |= bits;
        }
    }
    uint64_t dead = 0;
    for (size_t j = 0; j < columns; j++) {
        dead += seen[j] << 1 == 0; // but for the sign
    }
    return dead;
}

/* negative: NULL where nobody wants them. */
static void count_octaves(struct log_histogram *histogram, const real *x, size_t n,
                          uint32_t *negative) {
    memset(histogram, 0, sizeof *histogram);
    if (negative) {
        log_histogram_add_signed(histogram, x, n, negative);
    } else {
        log_histogram_add(histogram, x, n);
    }
}

static void fit_and_count(struct histogram *histogram, const struct moments *m, const real *x) {
    histogram_fit(histogram, m->min, m->max, m->mean, m->sd);
    histogram_add(histogram, x, (size_t)m->n);
}

/* What is said of n entries of W and of as many of dW. */
static void capture_entries(const real *W, const real *dW, size_t n, struct update_sums sums,
                            struct layer_stats *stats, struct layer_signs *signs) {
    struct moments moments;
    capture_moments(&moments, W, n);
    fit_and_count(&stats->weight_histogram, &moments, W);
    count_octaves(&stats->weight_gradient_histogram, dW, n,
                  signs ? signs->negative_weight_gradient : NULL);
    if (signs) {
        signs->weight = moments;
        capture_moments(&signs->weight_gradient, dW, n);
    }
    stats->weight_rms = sqrt(sums.value / (double)n);
    stats->weight_gradient_rms = sqrt(sums.gradient / (double)n);
    stats->update_rms = sqrt(sums.update / (double)n);
    stats->update_ratio = sums.value > 0.0 ? sqrt(sums.update / sums.value) : (double)NAN;
}

/* The rows of W that a glance looks at: all, if they are few; else evenly spaced ones. */
static struct gradient_rows rows_to_see(int rows, int columns) {
    if ((size_t)rows * (size_t)columns <= CAPTURE_GLANCE) {
        return (struct gradient_rows){ 0, rows, 1 };
    }
    int least = GLANCE_ROOM / columns < GLANCE_ROWS ? GLANCE_ROOM / columns : GLANCE_ROWS;
    int count = CAPTURE_GLANCE / 2 / columns;
    count = count > TILE_ROWS ? count / TILE_ROWS * TILE_ROWS : count;
    count = count > least ? count : least;
    count = count < rows ? count : rows;
    int stride = rows / count;
    return (struct gradient_rows){ (rows - 1 - (count - 1) * stride) / 2, count, stride };
}

/* sums: those of all of W, of which the rest is said, too; NULL: some rows of it are looked at. */
static void capture_weights(const struct network *network, int index, int64_t step,
                            const struct update_sums *sums, struct layer_stats *stats,
                            struct layer_signs *signs) {
    const struct layer *layer = &network->layer[index];
    if (sums) {
        capture_entries(layer->weight.value, layer->weight.gradient, layer->weight.n, *sums, stats,
                        signs);
        return;
    }
    real W[GLANCE_ROOM], dW[GLANCE_ROOM];
    int columns = layer->fan_out;
    struct gradient_rows rows = rows_to_see(layer->fan_in * layer->groups, columns);
    struct update_sums seen = network_preview_rows(network, index, step, rows, dW);
    for (int i = 0; i < rows.count; i++) {
        memcpy(W + (size_t)i * (size_t)columns,
               layer->weight.value + (size_t)(rows.first + i * rows.stride) * (size_t)columns,
               (size_t)columns * sizeof *W);
    }
    capture_entries(W, dW, (size_t)rows.count * (size_t)columns, seen, stats, signs);
}

static void capture_layer(const struct network *network, int index, struct layer_stats *stats,
                          struct layer_signs *signs) {
    const struct layer *layer = &network->layer[index];
    size_t rows = (size_t)network->now.count, n = rows * (size_t)layer->columns;
    stats->units = layer->units;
    stats->identity = layer->block_end && network->config.connection.span > 1;
    capture_moments(&stats->z, layer->z, n);
    capture_moments(&stats->h, layer->h, rows * (size_t)layer->units);
    capture_moments(&stats->delta, layer->delta, n);
    fit_and_count(&stats->z_histogram, &stats->z, layer->z);
    count_octaves(&stats->delta_histogram, layer->delta, n, signs ? signs->negative_delta : NULL);
}

/* Does h lie where phi does? */
static bool is_bounded(const struct layer *layer) {
    return activations[layer->phi.which].bounded && layer->h == layer->y;
}

static void capture_hidden(const struct network *network, int index, struct layer_stats *stats) {
    const struct layer *layer = &network->layer[index];
    const struct activation_row *phi = &activations[layer->phi.which];
    size_t rows = (size_t)network->now.count, units = (size_t)layer->units, n = rows * units;
    if (is_bounded(layer)) {
        histogram_range(&stats->h_histogram, phi->low, phi->high);
        histogram_add(&stats->h_histogram, layer->h, n);
    } else {
        fit_and_count(&stats->h_histogram, &stats->h, layer->h);
    }
    stats->saturated = phi->saturation_rule
                           ? kernels->count_outside(layer->y, n, (real)phi->saturated_low,
                                                    (real)phi->saturated_high)
                           : 0;
    bool many = stats->h.zero >= rows || layer->h != layer->y;
    stats->dead = many && !stats->identity ? count_dead(layer->y, rows, units) : 0;
    stats->participation = (double)NAN;
    stats->gradient_rms = sqrt(layer->sums.g_squared / (double)n);
    memset(&stats->gradient_histogram, 0, sizeof stats->gradient_histogram);
}

static const char *rule_of(const struct phi *phi) {
    const char *rule = activations[phi->which].saturation_rule;
    return rule ? rule : "";
}

/* phi with the mean of its learned slopes; how it started, if it has none. */
static struct phi drawn_phi(const struct network *network, const struct phi *phi) {
    struct phi drawn = *phi;
    double sum = 0.0;
    size_t n = 0;
    for (int l = 0; l < network->config.layers; l++) {
        const struct layer *layer = &network->layer[l];
        if (layer->phi.which == phi->which && layer->slope.n > 0) {
            sum += kernels->sum(layer->slope.value, layer->slope.n);
            n += layer->slope.n;
        }
    }
    drawn.leak = n > 0 ? sum / (double)n : drawn.leak;
    return drawn;
}

static void capture_other(const struct network *network, struct other_activation *other) {
    const struct network_exception *from = &network->config.exception;
    other->first = from->first;
    other->last = from->last;
    if (from->first > 0) {
        text_set(other->activation, sizeof other->activation, "%s",
                 activations[from->phi.which].label);
        text_set(other->saturation_rule, sizeof other->saturation_rule, "%s", rule_of(&from->phi));
        struct phi drawn = drawn_phi(network, &from->phi);
        curve_fill(&other->curve, &drawn);
    }
}

static void capture_names(const struct network *network, struct run_snapshot *run) {
    const struct network_config *config = &network->config;
    const struct activation_row *phi = &activations[config->phi.which];
    run->layers = config->layers;
    run->inputs = config->inputs;
    run->outputs = config->outputs;
    run->input_rms = sqrt(capture_input_square(network));
    text_set(run->activation, sizeof run->activation, "%s", phi->label);
    text_set(run->init, sizeof run->init, "%s", initialisers[config->init].label);
    text_set(run->normalisation, sizeof run->normalisation, "%s",
             config->normalisation ? normalisations[config->normalisation].label : "");
    text_set(run->connection, sizeof run->connection, "%s",
             config->connection.which ? connections[config->connection.which].label : "");
    run->residual = connection_blocks(&config->connection, config->layers) > 0;
    run->bounded = config->exception.first == 0;
    for (int l = 0; l < config->layers; l++) {
        run->bounded &= is_bounded(&network->layer[l]);
    }
    run->h_low = phi->low;
    run->h_high = phi->high;
    text_set(run->saturation_rule, sizeof run->saturation_rule, "%s", rule_of(&config->phi));
    struct phi drawn = drawn_phi(network, &config->phi);
    curve_fill(&run->curve, &drawn);
    capture_other(network, &run->other);
}

/* First what participation_ratio() needs, then a byte per example. */
static size_t scratch_numbers(const struct network_config *config) {
    return config->layers > 0 ? participation_scratch(config->batch, config->width) : 0;
}

size_t capture_scratch(const struct network_config *config) {
    return scratch_numbers(config) * sizeof(real) + (size_t)config->batch;
}

/* What is said of the layers: each part of it is one of them, the output last. */
struct layers_job {
    const struct network *network;
    int64_t step;
    const struct update_sums *sums; // of each, or NULL for a glance
    struct run_snapshot *run;
    struct layer_signs *signs; // or NULL
};

static void capture_part(void *context, int l) {
    const struct layers_job *job = context;
    const struct network *network = job->network;
    bool hidden = l < network->config.layers;
    struct layer_stats *stats = hidden ? &job->run->layer[l] : &job->run->output;
    struct layer_signs *signs = job->signs ? &job->signs[l] : NULL;
    capture_layer(network, l, stats, signs);
    capture_weights(network, l, job->step, job->sums ? &job->sums[l] : NULL, stats, signs);
    if (hidden) {
        capture_hidden(network, l, stats);
        capture_factors(network, l, job->run->input_rms, stats);
        return;
    }
    fit_and_count(&stats->h_histogram, &stats->h, network->layer[l].h);
    stats->saturated = stats->dead = 0;
    for (int f = 0; f < FACTOR_COUNT; f++) {
        stats->factor[f] = stats->forward[f] = (double)NAN;
    }
    stats->gradient_rms = (double)NAN;
    stats->participation = (double)NAN;
}

/* Is it worth waking helpers? */
static bool is_much(const struct network *network) {
    size_t entries = 0;
    for (int l = 0; l <= network->config.layers; l++) {
        entries += network->layer[l].weight.n;
    }
    return entries >= SHARED_ENTRIES;
}

static void capture(struct layers_job *job, void *scratch) {
    const struct network *network = job->network;
    struct run_snapshot *run = job->run;
    capture_names(network, run);
    crew_run(is_much(network) ? network->config.crew : NULL, network->config.layers + 1,
             capture_part, job);
    unsigned char *lost = (unsigned char *)((real *)scratch + scratch_numbers(&network->config));
    underflow_count(network, lost, run);
    run->learning_rate = optimiser_rate(&network->config.optimiser, job->step);
    run->weight_decay = network->config.optimiser.weight_decay;
    run->clip_scale = network->clip_scale;
    run->loss = network->loss;
    run->accuracy = network->correct / network->now.count;
    diagnosis_make(run);
}

void capture_network(const struct network *network, int64_t step, void *scratch,
                     struct run_snapshot *run, struct layer_signs *signs) {
    struct update_sums sums[NETWORK_MAX_LAYERS + 1];
    for (int l = 0; l <= network->config.layers; l++) {
        sums[l] = network_preview(network, l, step); // which is shared, too
    }
    struct layers_job job = {
        .network = network, .step = step, .sums = sums, .run = run, .signs = signs
    };
    capture(&job, scratch);
}

void capture_glance(const struct network *network, int64_t step, void *scratch,
                    struct run_snapshot *run) {
    struct layers_job job = { .network = network, .step = step, .run = run };
    capture(&job, scratch);
}

void capture_participation(const struct network *network, void *scratch, struct run_snapshot *run) {
    bool room = scratch_numbers(&network->config) > 0; // whatever the size of this batch
    for (int l = 0; room && l < network->config.layers; l++) {
        const struct layer *layer = &network->layer[l];
        struct layer_stats *stats = &run->layer[l];
        if (moments_finite(&stats->h)) {
            stats->participation = participation_ratio(layer->h, network->now.count, layer->units,
                                                       stats->h.sd, scratch);
        }
    }
}
