#include "engine/network.h"

#include <string.h>

#include "base/require.h"
#include "engine/kernels.h"
#include "engine/product.h"

// Rows are taken in chunks of about so many entries, which stay in the first-level cache between
// the bias, the activation and the sums.
enum { CHUNK_ENTRIES = 4096 };

// Strips of dW stay in the second-level cache; they are whole rows, as many as a tile has.
enum { STRIP_ENTRIES = 24 * 1024, STRIP_GRAIN = 12, STRIP_MOST = STRIP_GRAIN * 4096 };

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
        REQUIRE(layer->fan_out * STRIP_GRAIN <= STRIP_MOST);
        size_t entries = (size_t)config->batch * (size_t)layer->fan_out;
        layout_parameters(&layer->weight, (size_t)fan_in * (size_t)layer->fan_out, states, arena);
        layout_parameters(&layer->bias, (size_t)layer->fan_out, states, arena);
        layer->z = arena_take(arena, entries, sizeof(real));
        layer->h = arena_take(arena, entries, sizeof(real));
        layer->delta = arena_take(arena, entries, sizeof(real));
        fan_in = layer->fan_out;
    }
}

bool network_reset(struct network *network) {
    const struct network_config *config = &network->config;
    for (int i = 0; i <= config->layers; i++) {
        struct layer *layer = &network->layer[i];
        if (!initialiser_fill(config->init, config->init_scale, config->seed, i + 1, layer->fan_in,
                              layer->fan_out, layer->weight.value)) {
            return false;
        }
        initialiser_fill_biases(config->init, config->init_scale, config->bias, config->seed, i + 1,
                                layer->fan_in, layer->fan_out, layer->bias.value);
        for (int s = 0; s < optimisers[config->optimiser.which].states; s++) {
            memset(layer->weight.state[s], 0, layer->weight.n * sizeof(real));
            memset(layer->bias.state[s], 0, layer->bias.n * sizeof(real));
        }
    }
    return true;
}

const real *network_layer_input(const struct network *network, int index) {
    return index == 0 ? network->input : network->layer[index - 1].h;
}

static struct product_shape shape_of(const struct network *network, const struct layer *layer) {
    return (struct product_shape){ network->batch, layer->fan_in, layer->fan_out, NULL };
}

static size_t chunk_rows(int columns) {
    size_t rows = CHUNK_ENTRIES / (size_t)columns;
    return rows ? rows : 1;
}

/* h = phi(z) and the sums of h. */
static void activate(struct layer *layer, const struct activation_row *phi, int batch) {
    size_t columns = (size_t)layer->fan_out, step = chunk_rows(layer->fan_out);
    struct pass_sums sums = { 0 };
    for (size_t first = 0; first < (size_t)batch; first += step) {
        size_t rows = (size_t)batch - first < step ? (size_t)batch - first : step;
        real *z = layer->z + first * columns, *h = layer->h + first * columns;
        struct pass_sums more =
            kernels->activation[phi - activations].forward_summed(z, h, rows * columns);
        sums.z += more.z;
        sums.h += more.h;
        sums.h_squared += more.h_squared;
    }
    layer->sums.z = sums.z;
    layer->sums.h = sums.h;
    layer->sums.h_squared = sums.h_squared;
}

/* delta = g phi'(z) in place, with the sums of both. */
static void pass_through_slope(struct layer *layer, const struct activation_row *phi, int batch) {
    size_t columns = (size_t)layer->fan_out, step = chunk_rows(layer->fan_out);
    double before = 0.0, after = 0.0;
    for (size_t first = 0; first < (size_t)batch; first += step) {
        size_t rows = (size_t)batch - first < step ? (size_t)batch - first : step;
        real *delta = layer->delta + first * columns;
        struct slope_sums more = kernels->activation[phi - activations].backward_summed(
            layer->z + first * columns, layer->h + first * columns, delta, delta, rows * columns);
        before += more.g_squared;
        after += more.delta_squared;
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
    }
    network->loss =
        losses[config->loss].evaluate(activated ? output->h : output->z, network->labels, batch,
                                      output->fan_out, output->h, output->delta);
    network->correct = loss_correct(output->h, network->labels, batch, output->fan_out);
    if (activated) {
        pass_through_slope(output, phi, batch);
        return;
    }
    struct pass_sums sums = kernels->pass_sums(output->z, output->h, entries);
    output->sums.z = sums.z;
    output->sums.h = sums.h;
    output->sums.h_squared = sums.h_squared;
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
        struct product_shape shape = shape_of(network, layer);
        product_forward(&shape, network_layer_input(network, i), layer->weight.value,
                        layer->bias.value, layer->z);
        if (i < config->layers) {
            activate(layer, &activations[config->activation], batch);
        }
    }
    finish_forward(network);
}

void network_deltas(struct network *network) {
    const struct network_config *config = &network->config;
    for (int i = config->layers; i > 0; i--) {
        struct layer *layer = &network->layer[i], *below = layer - 1;
        struct product_shape shape = shape_of(network, layer);
        product_backward(&shape, layer->delta, layer->weight.value, below->delta);
        pass_through_slope(below, &activations[config->activation], network->batch);
    }
    network->has_gradients = false;
}

/* Rows first..last - 1 of dW of layer index, written to rows. */
static void gradient_rows(const struct network *network, int index, int first, int last,
                          real *rows) {
    const struct layer *layer = &network->layer[index];
    struct product_shape shape = shape_of(network, layer);
    product_gradient_rows(&shape, network_layer_input(network, index), layer->delta, rows,
                          (real)1 / (real)network->batch, first, last);
}

void network_gradients(struct network *network) {
    for (int i = 0; i <= network->config.layers && !network->has_gradients; i++) {
        struct layer *layer = &network->layer[i];
        gradient_rows(network, i, 0, layer->fan_in, layer->weight.gradient);
        kernels->column_sums(layer->delta, (size_t)network->batch, (size_t)layer->fan_out,
                             (real)1 / (real)network->batch, layer->bias.gradient);
    }
    network->has_gradients = true;
}

void network_backward(struct network *network) {
    network_deltas(network);
    network_gradients(network);
}

/* Entries first..first + n - 1 of a piece. */
static struct parameters part_of(const struct parameters *piece, size_t first, size_t n) {
    struct parameters part = { .value = piece->value + first, .gradient = piece->gradient + first };
    for (int s = 0; s < OPTIMISER_MAX_STATES; s++) {
        part.state[s] = piece->state[s] ? piece->state[s] + first : NULL;
    }
    part.n = n;
    return part;
}

/* Rows of dW that are made and used up while they are in the cache. */
static int strip_rows(int columns) {
    int rows = STRIP_ENTRIES / columns;
    return rows >= STRIP_GRAIN ? rows / STRIP_GRAIN * STRIP_GRAIN : STRIP_GRAIN;
}

/* Update W strip by strip; where nobody asked for dW, it is never written to memory. */
static double update_weights(struct network *network, int index, const struct update_constants *c) {
    real buffer[STRIP_MOST];
    struct layer *layer = &network->layer[index];
    enum optimiser which = network->config.optimiser.which;
    int step = strip_rows(layer->fan_out);
    double squares = 0.0;
    for (int first = 0; first < layer->fan_in; first += step) {
        int last = first + step < layer->fan_in ? first + step : layer->fan_in;
        struct parameters part = part_of(&layer->weight, (size_t)first * (size_t)layer->fan_out,
                                         (size_t)(last - first) * (size_t)layer->fan_out);
        if (!network->has_gradients) {
            part.gradient = buffer;
            gradient_rows(network, index, first, last, buffer);
        }
        squares += kernels->apply[which](c, &part);
    }
    return squares;
}

void network_update(struct network *network, int64_t step) {
    const struct optimiser_settings *settings = &network->config.optimiser;
    struct update_constants c = optimisers[settings->which].constants(settings, step);
    for (int i = 0; i <= network->config.layers; i++) {
        struct layer *layer = &network->layer[i];
        if (!network->has_gradients) {
            kernels->column_sums(layer->delta, (size_t)network->batch, (size_t)layer->fan_out,
                                 (real)1 / (real)network->batch, layer->bias.gradient);
        }
        layer->sums.weight_gradient_squared = update_weights(network, i, &c);
        kernels->apply[settings->which](&c, &layer->bias);
    }
}

struct update_sums network_preview(const struct network *network, int index, int64_t step) {
    const struct optimiser_settings *settings = &network->config.optimiser;
    const struct parameters *weight = &network->layer[index].weight;
    struct update_constants c = optimisers[settings->which].constants(settings, step);
    // Strip by strip like the update, so that the sums are the same to the last bit.
    size_t columns = (size_t)network->layer[index].fan_out;
    size_t entries = (size_t)strip_rows((int)columns) * columns;
    struct update_sums sums = { 0 };
    for (size_t first = 0; first < weight->n; first += entries) {
        size_t n = weight->n - first < entries ? weight->n - first : entries;
        struct parameters part = part_of(weight, first, n);
        struct update_sums more = kernels->preview[settings->which](&c, &part);
        sums.value += more.value;
        sums.gradient += more.gradient;
        sums.update += more.update;
    }
    return sums;
}
