#include "measure/underflow.h"

#include <math.h>
#include <string.h>

enum { MAX_UNITS = 4096, CHUNK = 1024 };

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

/* phi' at n entries of layer from `first` on; not zero where only float32 cannot hold it. */
static void slopes_of(const struct layer *layer, size_t first, enum activation activation,
                      real *slopes, size_t n) {
    for (size_t j = 0; j < n; j++) {
        slopes[j] = 1;
    }
    const struct activation_row *phi = &activations[activation];
    phi->backward(layer->z + first, layer->h + first, slopes, slopes, n);
    for (size_t j = 0; phi->fades && j < n; j++) {
        if (slopes[j] == 0) {
            double slope = fabs(phi->slope((double)layer->z[first + j]));
            slopes[j] = slope > 0.0 && slope < slope_lost * (double)REAL_MIN ? REAL_MIN : 0;
        }
    }
}

/* Are there zeros of delta that phi' does not explain? Fast, for most layers have none. */
static bool has_unexplained_zeros(const struct layer *layer, size_t n, enum activation activation) {
    real slopes[CHUNK];
    for (size_t i = 0; i < n; i += CHUNK) {
        size_t count = n - i < CHUNK ? n - i : CHUNK;
        slopes_of(layer, i, activation, slopes, count);
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

/*
 * Count the zeros of `out` that are underflow. `in` is what the weights multiplied; able[j] says
 * whether unit j could be anything but zero; through, where given, is the layer whose phi' the
 * values passed. On entry lost[i] says that example i underflowed on its way in, on return, that it
 * did here.
 */
static uint64_t count_lost(struct grid out, struct grid in, const unsigned char *able,
                           const struct layer *through, enum activation activation,
                           unsigned char *lost) {
    real slopes[MAX_UNITS];
    for (size_t j = 0; j < out.columns; j++) {
        slopes[j] = 1;
    }
    uint64_t total = 0;
    for (size_t i = 0; i < out.rows; i++) {
        const real *row = out.values + i * out.columns;
        bool carries = lost[i] || any_nonzero(in.values + i * in.columns, in.columns);
        if (through) {
            slopes_of(through, i * out.columns, activation, slopes, out.columns);
        }
        uint64_t count = 0;
        for (size_t j = 0; carries && j < out.columns; j++) {
            count += row[j] == 0 && able[j] && slopes[j] != 0;
        }
        lost[i] = count > 0;
        total += count;
    }
    return total;
}

/* able[j]: unit j of layer has an incoming weight that is not zero, and no bias that hides it. */
static void units_with_input(const struct layer *layer, unsigned char *able) {
    size_t columns = (size_t)layer->fan_out, found = 0;
    memset(able, 0, columns);
    for (size_t i = 0; i < (size_t)layer->fan_in && found < columns; i++) {
        const real *w = layer->weight.value + i * columns;
        for (size_t j = 0; j < columns; j++) {
            found += !able[j] && w[j] != 0;
            able[j] |= w[j] != 0;
        }
    }
    for (size_t j = 0; j < columns; j++) {
        able[j] &= layer->bias.value[j] == 0;
    }
}

/* able[j]: unit j of the layer below has an outgoing weight in layer that is not zero. */
static void units_with_output(const struct layer *layer, unsigned char *able) {
    for (size_t j = 0; j < (size_t)layer->fan_in; j++) {
        const real *w = layer->weight.value + j * (size_t)layer->fan_out;
        able[j] = any_nonzero(w, (size_t)layer->fan_out);
    }
}

static void count_forward(const struct network *network, unsigned char *lost,
                          struct run_snapshot *run) {
    unsigned char able[MAX_UNITS];
    const struct network_config *config = &network->config;
    size_t batch = (size_t)network->batch;
    bool keeps_zero = activations[config->activation].value(0.0) == 0.0;
    memset(lost, 0, batch);
    for (int l = 0; l < config->layers; l++) {
        const struct layer *layer = &network->layer[l];
        struct layer_stats *stats = &run->layer[l];
        if (stats->z.zero > 0) {
            struct grid in = { network_layer_input(network, l), batch, (size_t)layer->fan_in };
            struct grid out = { layer->z, batch, (size_t)layer->fan_out };
            units_with_input(layer, able);
            stats->z.underflow = count_lost(out, in, able, NULL, config->activation, lost);
        }
        if (stats->z.underflow == 0 || !keeps_zero) {
            memset(lost, 0, batch);
        } else {
            stats->h.underflow = stats->z.underflow;
        }
    }
}

static void count_backward(const struct network *network, unsigned char *lost,
                           struct run_snapshot *run) {
    unsigned char able[MAX_UNITS];
    enum activation activation = network->config.activation;
    size_t batch = (size_t)network->batch;
    memset(lost, 0, batch);
    for (int l = network->config.layers - 1; l >= 0; l--) {
        const struct layer *layer = &network->layer[l], *above = layer + 1;
        struct moments *moments = &run->layer[l].delta;
        size_t columns = (size_t)layer->fan_out;
        if (moments->zero == 0 || !has_unexplained_zeros(layer, batch * columns, activation)) {
            memset(lost, 0, batch);
            continue;
        }
        struct grid in = { above->delta, batch, (size_t)above->fan_out };
        struct grid out = { layer->delta, batch, columns };
        units_with_output(above, able);
        moments->underflow = count_lost(out, in, able, layer, activation, lost);
        run->layer[l].delta_histogram.underflow = moments->underflow;
    }
}

void underflow_count(const struct network *network, unsigned char *lost, struct run_snapshot *run) {
    count_forward(network, lost, run);
    count_backward(network, lost, run);
}
