#include <string.h>

#include "engine/grouped.h"
#include "engine/kernels.h"
#include "engine/network.h"
#include "engine/network_parts.h"
#include "engine/product.h"

/* d loss / d h of layer index, through the weights above it, to g. */
static void through_weights(struct network *network, int index, real *g) {
    const struct layer *above = &network->layer[index + 1];
    int batch = network->now.count;
    if (above->groups > 1) {
        struct grouped shape = { above->groups, batch, above->fan_in, above->fan_out };
        grouped_backward(&shape, above->delta_a, above->weights_used, g);
    } else {
        struct product_shape shape = { batch, above->fan_in, above->fan_out, NULL };
        product_backward(&shape, above->delta_a, above->weights_used, g);
    }
}

static void multiply(real *x, real factor, size_t n) {
    for (size_t i = 0; i < n; i++) {
        x[i] *= factor;
    }
}

/* From d loss / d h to d loss / d (s y) of a block's last layer, which also goes around. */
static void enter_block(struct network *network, struct layer *layer, size_t first, size_t rows,
                        real *g) {
    size_t units = (size_t)layer->units, n = rows * units;
    memcpy(network->stream + first * units, g, n * sizeof *g);
    if (layer->scale_learned && layer->survived > 0) {
        real dropped[CHUNK_ENTRIES];
        network_drop(network, layer, first, rows, dropped);
        layer->scale.gradient[0] += (real)kernels->dot(g, dropped, n);
    }
    multiply(g, layer->scale_used, n);
}

/* g (rows of d loss / d h, but for what goes around the block above) to delta. */
static void backward_rows(struct network *network, struct layer *layer, size_t first, size_t rows,
                          real *g, struct layer_sums *sums) {
    size_t units = (size_t)layer->units, n = rows * units;
    double squares = kernels->sum_squares(g, n);
    sums->product_squared += squares;
    if (layer->feeds_block) {
        kernels->add_scaled(g, network->stream + first * units, 1, n);
        squares = kernels->sum_squares(g, n);
    }
    sums->g_squared += squares;
    if (layer->block_end) {
        enter_block(network, layer, first, rows, g);
    }
    if (layer->unit_kept) {
        struct noise_map map = noise_unit_map(&network->config.noise);
        kernels->masked(layer->unit_kept + first * units, g, g, n, map.scale, 0, 0);
    }
    if (layer->block_end || layer->unit_kept) {
        squares = kernels->sum_squares(g, n);
    }
    sums->branch_squared += squares;
    const real *z = layer->z + first * (size_t)layer->columns;
    real *delta = layer->delta + first * (size_t)layer->columns;
    if (activations[layer->phi.which].learned && layer->slope.n > 0) {
        kernels->slope_gradient(z, g, layer->slope.gradient, rows, units);
    }
    phi_backward(&layer->phi, layer->slope.value, z, layer->y + first * units, g, delta, rows,
                 units);
    sums->delta_squared += kernels->sum_squares(delta, rows * (size_t)layer->columns);
}

static void clear_gradients(struct layer *layer) {
    struct parameters *sums[] = { &layer->slope, &layer->scale };
    for (int i = 0; i < 2; i++) {
        if (sums[i]->n > 0) {
            memset(sums[i]->gradient, 0, sums[i]->n * sizeof(real));
        }
    }
}

/* The sums over the batch become means. */
static void finish_gradients(struct layer *layer, int batch) {
    multiply(layer->slope.gradient, (real)1 / (real)batch, layer->slope.n);
    multiply(layer->scale.gradient, (real)1 / (real)batch, layer->scale.n);
}

/* What reaches x U + b, of a recurrent network, from this layer on. */
static void collect_drive(struct network *network, int index) {
    const struct layer *layer = &network->layer[index];
    size_t n = (size_t)network->now.count * (size_t)layer->columns;
    if (index == network->config.layers - 1) {
        memcpy(network->drive_delta, layer->delta_a, n * sizeof(real));
    } else {
        kernels->add_scaled(network->drive_delta, layer->delta_a, 1, n);
    }
}

static void backward_hidden(struct network *network, int index) {
    struct layer *layer = &network->layer[index];
    struct layer_sums *sums = &layer->sums;
    size_t count = (size_t)network->now.count, step = chunk_rows(layer->columns);
    real *g = layer->phi.pieces > 1 ? network->gradient : layer->delta;
    through_weights(network, index, g);
    clear_gradients(layer);
    sums->product_squared = sums->g_squared = sums->branch_squared = sums->delta_squared = 0.0;
    for (size_t first = 0; first < count; first += step) {
        size_t rows = count - first < step ? count - first : step;
        backward_rows(network, layer, first, rows, g + first * (size_t)layer->units, sums);
    }
    finish_gradients(layer, network->now.count);
    sums->linear_squared = sums->delta_squared;
    if (layer->normaliser.which != NORMALISATION_NONE) {
        normaliser_backward(&layer->normaliser, layer->delta, layer->delta_a, network->now.count);
        sums->linear_squared = kernels->sum_squares(layer->delta_a, count * (size_t)layer->columns);
    }
    if (network->drive) {
        collect_drive(network, index);
    }
}

void network_deltas(struct network *network) {
    for (int i = network->config.layers - 1; i >= 0; i--) {
        backward_hidden(network, i);
    }
    network->has_gradients = false;
}

void network_backward(struct network *network) {
    network_deltas(network);
    network_gradients(network);
}
