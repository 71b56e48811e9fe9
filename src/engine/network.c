#include "engine/network.h"

#include <string.h>

#include "base/require.h"
#include "engine/kernels.h"
#include "engine/product.h"

// Rows are taken in chunks of about so many entries, which stay in the first-level cache between
// the bias, the activation and the sums.
enum { CHUNK_ENTRIES = 4096 };

static void layout_parameters(struct parameters *piece, size_t n, int states, struct arena *arena) {
    piece->n = n;
    piece->value = arena_take(arena, n, sizeof(real));
    piece->gradient = arena_take(arena, n, sizeof(real));
    for (int s = 0; s < OPTIMISER_MAX_STATES; s++) {
        piece->state[s] = s < states ? arena_take(arena, n, sizeof(real)) : NULL;
    }
}

void network_layout(struct network *network, const struct network_config *config,
                    struct arena *arena) {
    REQUIRE(config->layers >= 1 && config->layers <= NETWORK_MAX_LAYERS);
    REQUIRE(!config->activated_output || config->loss == LOSS_MSE);
    memset(network, 0, sizeof *network);
    network->config = *config;
    int states = optimisers[config->optimiser.which].states;
    int fan_in = config->inputs;
    for (int i = 0; i <= config->layers; i++) {
        struct layer *layer = &network->layer[i];
        layer->fan_in = fan_in;
        layer->fan_out = i < config->layers ? config->width : config->outputs;
        size_t entries = (size_t)config->batch * (size_t)layer->fan_out;
        layout_parameters(&layer->weight, (size_t)fan_in * (size_t)layer->fan_out, states, arena);
        layout_parameters(&layer->bias, (size_t)layer->fan_out, states, arena);
        layer->z = arena_take(arena, entries, sizeof(real));
        layer->h = arena_take(arena, entries, sizeof(real));
        layer->delta = arena_take(arena, entries, sizeof(real));
        fan_in = layer->fan_out;
    }
}

void network_reset(struct network *network) {
    const struct network_config *config = &network->config;
    for (int i = 0; i <= config->layers; i++) {
        struct layer *layer = &network->layer[i];
        initialiser_fill(config->init, config->init_scale, config->seed, i + 1, layer->fan_in,
                         layer->fan_out, layer->weight.value);
        for (int j = 0; j < layer->fan_out; j++) {
            layer->bias.value[j] = (real)config->bias;
        }
        for (int s = 0; s < optimisers[config->optimiser.which].states; s++) {
            memset(layer->weight.state[s], 0, layer->weight.n * sizeof(real));
            memset(layer->bias.state[s], 0, layer->bias.n * sizeof(real));
        }
    }
}

const real *network_layer_input(const struct network *network, int index) {
    return index == 0 ? network->input : network->layer[index - 1].h;
}

static size_t chunk_rows(int columns) {
    size_t rows = CHUNK_ENTRIES / (size_t)columns;
    return rows ? rows : 1;
}

/* z += b, h = phi(z) and the sums of h. */
static void activate(struct layer *layer, const struct activation_row *phi, int batch) {
    size_t columns = (size_t)layer->fan_out, step = chunk_rows(layer->fan_out);
    double sum = 0.0, squares = 0.0, sum_z = 0.0;
    for (size_t first = 0; first < (size_t)batch; first += step) {
        size_t rows = (size_t)batch - first < step ? (size_t)batch - first : step;
        real *z = layer->z + first * columns, *h = layer->h + first * columns;
        kernels->add_row(z, layer->bias.value, rows, columns);
        sum_z += kernels->sum(z, rows * columns);
        phi->forward(z, h, rows * columns);
        sum += kernels->sum(h, rows * columns);
        squares += kernels->sum_squares(h, rows * columns);
    }
    layer->sums.z = sum_z;
    layer->sums.h = sum;
    layer->sums.h_squared = squares;
}

/* delta = g phi'(z) in place, with the sums of both. */
static void pass_through_slope(struct layer *layer, const struct activation_row *phi, int batch) {
    size_t columns = (size_t)layer->fan_out, step = chunk_rows(layer->fan_out);
    double before = 0.0, after = 0.0;
    for (size_t first = 0; first < (size_t)batch; first += step) {
        size_t rows = (size_t)batch - first < step ? (size_t)batch - first : step;
        real *delta = layer->delta + first * columns;
        before += kernels->sum_squares(delta, rows * columns);
        phi->backward(layer->h + first * columns, delta, delta, rows * columns);
        after += kernels->sum_squares(delta, rows * columns);
    }
    layer->sums.g_squared = before;
    layer->sums.delta_squared = after;
}

/* The output layer: its prediction, the loss, and where the backward pass starts. */
static void finish_forward(struct network *network) {
    const struct network_config *config = &network->config;
    const struct activation_row *phi = &activations[config->activation];
    struct layer *output = &network->layer[config->layers];
    int batch = network->batch;
    size_t entries = (size_t)batch * (size_t)output->fan_out;
    bool activated = config->activated_output;
    if (activated) {
        activate(output, phi, batch);
    } else {
        kernels->add_row(output->z, output->bias.value, (size_t)batch, (size_t)output->fan_out);
        output->sums.z = kernels->sum(output->z, entries);
    }
    network->loss =
        losses[config->loss].evaluate(activated ? output->h : output->z, network->labels, batch,
                                      output->fan_out, output->h, output->delta);
    network->correct = loss_correct(output->h, network->labels, batch, output->fan_out);
    if (activated) {
        pass_through_slope(output, phi, batch);
        return;
    }
    output->sums.h = kernels->sum(output->h, entries);
    output->sums.h_squared = kernels->sum_squares(output->h, entries);
    output->sums.delta_squared = kernels->sum_squares(output->delta, entries);
}

void network_forward(struct network *network, const real *input, const uint8_t *labels, int batch) {
    const struct network_config *config = &network->config;
    REQUIRE(batch >= 1 && batch <= config->batch);
    network->input = input;
    network->labels = labels;
    network->batch = batch;
    for (int i = 0; i <= config->layers; i++) {
        struct layer *layer = &network->layer[i];
        product_forward(network_layer_input(network, i), layer->weight.value, layer->z, batch,
                        layer->fan_in, layer->fan_out);
        if (i < config->layers) {
            activate(layer, &activations[config->activation], batch);
        }
    }
    finish_forward(network);
}

void network_backward(struct network *network) {
    const struct network_config *config = &network->config;
    int batch = network->batch;
    real scale = (real)1 / (real)batch;
    for (int i = config->layers; i >= 0; i--) {
        struct layer *layer = &network->layer[i];
        product_gradient(network_layer_input(network, i), layer->delta, layer->weight.gradient,
                         batch, layer->fan_in, layer->fan_out, scale);
        kernels->column_sums(layer->delta, (size_t)batch, (size_t)layer->fan_out, scale,
                             layer->bias.gradient);
        if (i > 0) {
            struct layer *below = &network->layer[i - 1];
            product_backward(layer->delta, layer->weight.value, below->delta, batch, layer->fan_in,
                             layer->fan_out);
            pass_through_slope(below, &activations[config->activation], batch);
        }
    }
}

void network_update(struct network *network, int64_t step) {
    const struct optimiser_settings *settings = &network->config.optimiser;
    struct update_constants c = optimisers[settings->which].constants(settings, step);
    for (int i = 0; i <= network->config.layers; i++) {
        struct layer *layer = &network->layer[i];
        layer->sums.weight_gradient_squared = kernels->apply[settings->which](&c, &layer->weight);
        kernels->apply[settings->which](&c, &layer->bias);
    }
}

struct update_sums network_preview(const struct network *network, int index, int64_t step) {
    const struct optimiser_settings *settings = &network->config.optimiser;
    struct update_constants c = optimisers[settings->which].constants(settings, step);
    return kernels->preview[settings->which](&c, &network->layer[index].weight);
}
