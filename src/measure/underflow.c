#include "measure/underflow.h"

#include <math.h>
#include <string.h>

enum { CHUNK = 1024 };

// Slopes below so many REAL_MIN may be zero, because e^z in them is (see kernels.h).
static const double slope_lost = 100.0;

/* Rows are examples, columns are units. */
struct grid {
    const real *values;
    size_t rows, columns;
};

static bool any_nonzero(const real *x, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (x[i] != 0) {
            return true;
        }
    }
    return false;
}

/*
 * phi' at n entries of layer from `first` on; not zero where only float32 cannot hold it, and zero
 * where the unit was dropped. Of a sloped phi only that it is not zero is told.
 */
static void slopes_of(const struct layer *layer, size_t first, real *slopes, size_t n) {
    for (size_t j = 0; j < n; j++) {
        slopes[j] = layer->unit_kept ? layer->unit_kept[first + j] : 1;
    }
    const struct activation_row *phi = &activations[layer->phi.which];
    if (phi->form != ACTIVATION_FIXED) {
        return;
    }
    phi->backward(layer->z + first, layer->y + first, slopes, slopes, n);
    for (size_t j = 0; phi->fades && j < n; j++) {
        if (slopes[j] == 0 && (!layer->unit_kept || layer->unit_kept[first + j])) {
            double slope = fabs(phi->slope((double)layer->z[first + j]));
            slopes[j] = slope > 0.0 && slope < slope_lost * (double)REAL_MIN ? REAL_MIN : 0;
        }
    }
}

/* ReLU's phi' is zero where h is, and nowhere else: are there as many zeros of delta? */
static bool only_silence(const struct layer *layer, const struct layer_stats *stats) {
    return layer->phi.which == ACTIVATION_RELU && layer->h == layer->y && !layer->unit_kept &&
           moments_finite(&stats->delta) && stats->delta.zero == stats->h.zero;
}

/* Are there zeros of delta that phi' does not explain? Fast, for most layers have none. */
static bool has_unexplained_zeros(const struct layer *layer, size_t n) {
    real slopes[CHUNK];
    for (size_t i = 0; i < n; i += CHUNK) {
        size_t count = n - i < CHUNK ? n - i : CHUNK;
        slopes_of(layer, i, slopes, count);
        unsigned unexplained = 0;
        for (size_t j = 0; j < count; j++) {
            unexplained += (layer->delta[i + j] == 0) & (slopes[j] != 0);
        }
        if (unexplained > 0) {
            return true;
        }
    }
    return false;
}

/* How a unit is tied to what feeds it: by no weight but zeros, by some, by all of them. */
enum { TIED_NOT, TIED_PARTLY, TIED_FULLY };

/* The weight between unit j and input i is W[j * unit + i * input]. */
struct ties {
    const real *W;
    size_t unit, input;
    unsigned char tied[NETWORK_MAX_WIDTH];
};

/* Does any input that is not zero reach unit j through a weight that is not? */
static bool reached(const struct ties *ties, size_t j, const real *in, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (in[i] != 0 && ties->W[j * ties->unit + i * ties->input] != 0) {
            return true;
        }
    }
    return false;
}

/*
 * Count the zeros of `out` that are underflow. `in` is what the weights multiplied; through, where
 * given, is the layer whose phi' the values passed. On entry lost[i] says that example i
 * underflowed on its way in, on return, that it did here.
 */
static uint64_t count_lost(struct grid out, struct grid in, const struct ties *ties,
                           const struct layer *through, unsigned char *lost) {
    real slopes[NETWORK_MAX_WIDTH];
    for (size_t j = 0; j < out.columns; j++) {
        slopes[j] = 1;
    }
    uint64_t total = 0;
    for (size_t i = 0; i < out.rows; i++) {
        const real *row = out.values + i * out.columns, *from = in.values + i * in.columns;
        bool carries = lost[i] || any_nonzero(from, in.columns);
        if (through) {
            slopes_of(through, i * out.columns, slopes, out.columns);
        }
        uint64_t count = 0;
        for (size_t j = 0; carries && j < out.columns; j++) {
            if (row[j] == 0 && slopes[j] != 0 && ties->tied[j] != TIED_NOT) {
                count +=
                    ties->tied[j] == TIED_FULLY || lost[i] || reached(ties, j, from, in.columns);
            }
        }
        lost[i] = count > 0;
        total += count;
    }
    return total;
}

/* Of the units of layer to their inputs; a bias that is not zero hides what comes in. */
static void tie_inputs(const struct layer *layer, struct ties *ties) {
    size_t columns = (size_t)layer->fan_out;
    unsigned char any[NETWORK_MAX_WIDTH] = { 0 }, all[NETWORK_MAX_WIDTH];
    memset(all, 1, columns);
    for (size_t i = 0; i < (size_t)layer->fan_in; i++) {
        const real *w = layer->weight.value + i * columns;
        for (size_t j = 0; j < columns; j++) {
            any[j] |= w[j] != 0;
            all[j] &= w[j] != 0;
        }
    }
    ties->W = layer->weight.value;
    ties->unit = 1;
    ties->input = columns;
    for (size_t j = 0; j < columns; j++) {
        ties->tied[j] = layer->bias.value[j] == 0 ? any[j] + all[j] : TIED_NOT;
    }
}

/* Of the units of the layer below to those of layer, whose gradient they receive. */
static void tie_outputs(const struct layer *layer, struct ties *ties) {
    size_t columns = (size_t)layer->fan_out;
    ties->W = layer->weight.value;
    ties->unit = columns;
    ties->input = 1;
    for (size_t j = 0; j < (size_t)layer->fan_in; j++) {
        size_t tied = 0;
        for (size_t k = 0; k < columns; k++) {
            tied += layer->weight.value[j * columns + k] != 0;
        }
        ties->tied[j] = tied == columns ? TIED_FULLY : tied > 0 ? TIED_PARTLY : TIED_NOT;
    }
}

/* Entries of h that are zero although z is not, and phi there is not either; adds to lost. */
static uint64_t count_lost_values(const struct layer *layer, size_t rows, unsigned char *lost) {
    size_t columns = (size_t)layer->fan_out;
    const struct phi *phi = &layer->phi;
    uint64_t total = 0;
    if (phi_value(phi, -1.0) == 0.0) {
        return 0; // like ReLU, which is zero there for good and exact elsewhere
    }
    for (size_t k = 0; k < rows * columns; k++) {
        if (layer->y[k] == 0 && layer->z[k] != 0 && phi_value(phi, (double)layer->z[k]) != 0.0 &&
            (!layer->unit_kept || layer->unit_kept[k])) {
            lost[k / columns] = 1;
            total++;
        }
    }
    return total;
}

static void count_forward(const struct network *network, unsigned char *lost,
                          struct run_snapshot *run) {
    struct ties ties;
    const struct network_config *config = &network->config;
    size_t batch = (size_t)network->now.count;
    memset(lost, 0, batch);
    for (int l = 0; l < config->layers; l++) {
        const struct layer *layer = &network->layer[l];
        struct layer_stats *stats = &run->layer[l];
        bool keeps_zero = phi_value(&layer->phi, 0.0) == 0.0;
        if (stats->z.zero > 0) {
            struct grid in = { network_layer_input(network, l), batch, (size_t)layer->fan_in };
            struct grid out = { layer->z, batch, (size_t)layer->fan_out };
            tie_inputs(layer, &ties);
            stats->z.underflow = count_lost(out, in, &ties, NULL, lost);
        }
        if (stats->z.underflow == 0 || !keeps_zero) {
            memset(lost, 0, batch);
        } else {
            stats->h.underflow = stats->z.underflow;
        }
        if (stats->h.zero > (keeps_zero ? stats->z.zero : 0)) {
            stats->h.underflow += count_lost_values(layer, batch, lost);
        }
    }
}

static void count_backward(const struct network *network, unsigned char *lost,
                           struct run_snapshot *run) {
    struct ties ties;
    size_t batch = (size_t)network->now.count;
    memset(lost, 0, batch);
    for (int l = network->config.layers - 1; l >= 0; l--) {
        const struct layer *layer = &network->layer[l], *above = layer + 1;
        struct moments *moments = &run->layer[l].delta;
        size_t columns = (size_t)layer->fan_out;
        if (moments->zero == 0 || only_silence(layer, &run->layer[l]) ||
            !has_unexplained_zeros(layer, batch * columns)) {
            memset(lost, 0, batch);
            continue;
        }
        struct grid in = { above->delta, batch, (size_t)above->fan_out };
        struct grid out = { layer->delta, batch, columns };
        tie_outputs(above, &ties);
        moments->underflow = count_lost(out, in, &ties, layer, lost);
        run->layer[l].delta_histogram.underflow = moments->underflow;
    }
}

/* Does a delta that is not zero meet a weight (n) that is not? */
static bool meets(const real *delta, const real *weights, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (delta[i] != 0 && weights[i] != 0) {
            return true;
        }
    }
    return false;
}

uint64_t underflow_of_gradient(const struct layer *above, const real *delta, const real *g,
                               bool delta_lost, bool *lost) {
    size_t columns = (size_t)above->fan_out, units = (size_t)above->fan_in;
    uint64_t count = 0;
    bool carries = *lost || (delta_lost && !any_nonzero(delta, columns));
    for (size_t j = 0; j < units; j++) {
        const real *weights = above->weight.value + j * columns;
        count +=
            g[j] == 0 && (carries ? any_nonzero(weights, columns) : meets(delta, weights, columns));
    }
    *lost = count > 0;
    return count;
}

bool underflow_explains_zeros(const struct network_config *config) {
    return config->connection.which == CONNECTION_PLAIN &&
           config->normalisation == NORMALISATION_NONE && config->noise.drop_connect == 0.0 &&
           config->phi.pieces == 1 &&
           (config->exception.first == 0 || config->exception.phi.pieces == 1);
}

void underflow_count(const struct network *network, unsigned char *lost, struct run_snapshot *run) {
    if (underflow_explains_zeros(&network->config)) {
        count_forward(network, lost, run);
        count_backward(network, lost, run);
    }
}
