#include <string.h>

#include "base/require.h"
#include "engine/grouped.h"
#include "engine/kernels.h"
#include "engine/network.h"
#include "engine/network_parts.h"
#include "engine/product.h"

/* W as this pass uses it. */
static void prepare_weights(struct network *network, int index) {
    const struct network_config *config = &network->config;
    struct layer *layer = &network->layer[index];
    if (!layer->owns_weight) {
        layer->weights_used = network->layer[1].weights_used; // tied, see weight_owner()
        return;
    }
    layer->weights_used = layer->weight.value;
    if (layer->thinned && network->now.training) {
        noise_draw_weights(&config->noise, config->seed, network->now.step, index + 1,
                           layer->weight_kept, layer->fan_in * layer->groups, layer->fan_out);
        kernels->masked(layer->weight_kept, layer->weight.value, layer->thinned, layer->weight.n,
                        (real)(1.0 / (1.0 - config->noise.drop_connect)), 0, 0);
        layer->weights_used = layer->thinned;
    }
}

/* a = h W, without what is added. */
static void multiply(struct network *network, int index) {
    struct layer *layer = &network->layer[index];
    const real *h = network_layer_input(network, index);
    int batch = network->now.count;
    if (layer->groups > 1) {
        struct grouped shape = { layer->groups, batch, layer->fan_in, layer->fan_out };
        grouped_forward(&shape, h, layer->weights_used, layer->a);
    } else {
        struct product_shape shape = { batch, layer->fan_in, layer->fan_out, NULL };
        product_forward(&shape, h, layer->weights_used, NULL, layer->a);
    }
}

/* a += b in rows first.. of a layer; a recurrent network adds x U + b, which is its layer 1's a. */
static void add_bias(struct network *network, int index, size_t first, size_t rows) {
    struct layer *layer = &network->layer[index];
    size_t columns = (size_t)layer->columns, at = first * columns;
    if (network->drive && index > 0 && index < network->config.layers) {
        kernels->add_scaled(layer->a + at, network->drive + at, 1, rows * columns);
        return;
    }
    kernels->add_row(layer->a + at, layer->bias.value, rows, columns);
    if (network->drive && index == 0) {
        memcpy(network->drive + at, layer->a + at, rows * columns * sizeof(real));
    }
}

void network_drop(const struct network *network, const struct layer *layer, size_t first,
                  size_t rows, real *out) {
    size_t units = (size_t)layer->units, at = first * units;
    if (layer->unit_kept && network->now.training) {
        struct noise_map map = noise_unit_map(&network->config.noise);
        kernels->masked(layer->unit_kept + at, layer->y + at, out, rows * units, map.scale,
                        map.shift, map.dropped);
    } else if (out != layer->y + at) {
        memcpy(out, layer->y + at, rows * units * sizeof(real));
    }
}

/* y = phi(z), h from it, and the sums, for rows first.. */
static void activate_rows(struct network *network, int index, size_t first, size_t rows,
                          struct layer_sums *sums) {
    struct layer *layer = &network->layer[index];
    size_t units = (size_t)layer->units, columns = (size_t)layer->columns;
    real *z = layer->z + first * columns, *y = layer->y + first * units,
         *h = layer->h + first * units;
    phi_forward(&layer->phi, layer->slope.value, z, y, rows, units);
    if (h != y) {
        network_drop(network, layer, first, rows, h);
    }
    if (layer->block_end) {
        const real *x = (layer - network->config.connection.span)->h + first * units;
        kernels->scaled_sum(x, layer->scale_used, h, h, rows * units);
    }
    if (units == columns) {
        struct pass_sums more = kernels->pass_sums(z, h, rows * units);
        sums->z += more.z;
        sums->h += more.h;
        sums->h_squared += more.h_squared;
    } else {
        sums->z += kernels->sum(z, rows * columns);
        sums->h += kernels->sum(h, rows * units);
        sums->h_squared += kernels->sum_squares(h, rows * units);
    }
}

/* Stochastic depth skips blocks in training, and in evaluation all count for their odds. */
static double survived(const struct network *network, const struct layer *layer) {
    const struct network_config *config = &network->config;
    const struct noise_settings *noise = &config->noise;
    int blocks = connection_blocks(&config->connection, config->layers);
    if (noise->stochastic_depth == 0.0) {
        return 1.0;
    }
    if (!network->now.training) {
        return noise_survival(noise, layer->block, blocks);
    }
    return noise_survives(noise, config->seed, network->now.step, layer->block, blocks);
}

static void prepare_block(const struct network *network, struct layer *layer) {
    if (layer->block_end) {
        layer->survived = (real)survived(network, layer);
        layer->scale_used = layer->survived * layer->scale.value[0];
    }
}

/* What the last pass dropped: masks are drawn anew for every step. */
static void prepare_units(struct network *network, int index) {
    const struct network_config *config = &network->config;
    struct layer *layer = &network->layer[index];
    if (layer->unit_kept && network->now.training) {
        noise_draw_units(&config->noise, config->seed, network->now.step, index + 1,
                         layer->unit_kept, network->now.count, layer->units);
    }
}

static void normalise(struct network *network, struct layer *layer) {
    (network->now.training ? normaliser_forward : normaliser_evaluate)(&layer->normaliser, layer->z,
                                                                       network->now.count);
}

/* From a = h W to h. */
static void finish_hidden(struct network *network, int index) {
    struct layer *layer = &network->layer[index];
    struct layer_sums sums = { 0 };
    size_t count = (size_t)network->now.count, step = chunk_rows(layer->columns);
    bool normalised = layer->normaliser.which != NORMALISATION_NONE;
    prepare_units(network, index);
    prepare_block(network, layer);
    if (normalised) {
        add_bias(network, index, 0, count);
        normalise(network, layer);
    }
    for (size_t first = 0; first < count; first += step) {
        size_t rows = count - first < step ? count - first : step;
        if (!normalised) {
            add_bias(network, index, first, rows);
        }
        activate_rows(network, index, first, rows, &sums);
    }
    layer->sums.z = sums.z;
    layer->sums.h = sums.h;
    layer->sums.h_squared = sums.h_squared;
}

/* The output layer: its prediction, the loss, and where the backward pass starts. */
static void finish_output(struct network *network) {
    const struct network_config *config = &network->config;
    struct layer *output = &network->layer[config->layers];
    const struct loss_targets *targets = &network->now.targets;
    int batch = network->now.count;
    size_t entries = (size_t)batch * (size_t)output->fan_out;
    kernels->add_row(output->z, output->bias.value, (size_t)batch, (size_t)output->fan_out);
    if (config->activated_output) {
        phi_forward(&config->phi, NULL, output->z, output->h, (size_t)batch, (size_t)output->units);
    }
    network->loss =
        losses[config->loss].evaluate(config->activated_output ? output->h : output->z, targets,
                                      batch, output->fan_out, output->h, output->delta);
    network->correct = loss_correct(output->h, targets, batch, output->fan_out);
    if (config->activated_output) {
        phi_backward(&config->phi, NULL, output->z, output->h, output->delta, output->delta,
                     (size_t)batch, (size_t)output->units);
    }
    struct pass_sums sums = kernels->pass_sums(output->z, output->h, entries);
    double squares = kernels->sum_squares(output->delta, entries);
    output->sums = (struct layer_sums){ .z = sums.z,
                                        .h = sums.h,
                                        .h_squared = sums.h_squared,
                                        .product_squared = squares,
                                        .g_squared = squares,
                                        .branch_squared = squares,
                                        .delta_squared = squares,
                                        .linear_squared = squares };
}

void network_forward(struct network *network, const struct network_batch *batch) {
    const struct network_config *config = &network->config;
    REQUIRE(batch->count >= 1 && batch->count <= config->batch);
    network->now = *batch;
    for (int i = 0; i <= config->layers; i++) {
        prepare_weights(network, i);
        multiply(network, i);
        if (i < config->layers) {
            finish_hidden(network, i);
        }
    }
    finish_output(network);
}
