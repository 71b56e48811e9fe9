#include <math.h>

#include "engine/grouped.h"
#include "engine/kernels.h"
#include "engine/network.h"
#include "engine/network_parts.h"
#include "engine/product.h"

/* Rows first..last - 1 of h^T delta / B of one layer, written to rows. */
static void product_rows(const struct network *network, int index, const real *delta, int first,
                         int last, real *rows) {
    const struct layer *layer = &network->layer[index];
    const real *h = network_layer_input(network, index);
    int batch = network->now.count;
    real scale = (real)1 / (real)batch;
    if (layer->groups > 1) {
        struct grouped shape = { layer->groups, batch, layer->fan_in, layer->fan_out };
        grouped_gradient(&shape, h, delta, rows, scale, first, last);
    } else {
        struct product_shape shape = { batch, layer->fan_in, layer->fan_out, NULL };
        product_gradient_rows(&shape, h, delta, rows, scale, first, last);
    }
}

/* d loss / d a of layer index; x U + b of a recurrent network is part of every layer's a. */
static const real *linear_delta(const struct network *network, int index) {
    return network->drive && index == 0 ? network->drive_delta : network->layer[index].delta_a;
}

/* Add the rows of the other layers that share the W of layer index. */
static void add_tied_rows(const struct network *network, int index, int first, int last,
                          real *rows) {
    real buffer[STRIP_MOST];
    int columns = network->layer[index].fan_out, most = STRIP_MOST / columns;
    for (int i = index + 1; i < network->config.layers; i++) {
        for (int from = first; from < last; from += most) {
            int to = last - from < most ? last : from + most;
            product_rows(network, i, network->layer[i].delta_a, from, to, buffer);
            kernels->add_scaled(rows + (size_t)(from - first) * (size_t)columns, buffer, 1,
                                (size_t)(to - from) * (size_t)columns);
        }
    }
}

/* Rows first..last - 1 of dW of layer index, written to rows. */
static void gradient_rows(const struct network *network, int index, int first, int last,
                          real *rows) {
    const struct layer *layer = &network->layer[index];
    size_t columns = (size_t)layer->fan_out;
    product_rows(network, index, linear_delta(network, index), first, last, rows);
    if (network->drive && index == 1 && index < network->config.layers) {
        add_tied_rows(network, index, first, last, rows);
    }
    if (layer->thinned) {
        kernels->masked(layer->weight_kept + (size_t)first * columns, rows, rows,
                        (size_t)(last - first) * columns,
                        (real)(1.0 / (1.0 - network->config.noise.drop_connect)), 0, 0);
    }
}

/* db; what is shared belongs to the first layer that uses it. */
static void bias_gradient(const struct network *network, int index) {
    const struct layer *layer = &network->layer[index];
    if (layer->owns_bias) {
        kernels->column_sums(linear_delta(network, index), (size_t)network->now.count,
                             (size_t)layer->columns, (real)1 / (real)network->now.count,
                             layer->bias.gradient);
    }
}

/* Rows of W, of all its groups. */
static int weight_rows(const struct layer *layer) {
    return layer->fan_in * layer->groups;
}

static double vector_squares(struct layer *layer) {
    struct parameters *vectors[LAYER_VECTORS];
    double squares = 0.0;
    for (int v = network_vectors(layer, vectors) - 1; v >= 0; v--) {
        squares += kernels->sum_squares(vectors[v]->gradient, vectors[v]->n);
    }
    return squares;
}

/* What clipping leaves of the gradients. */
static double clip_scale(struct network *network) {
    const struct optimiser_settings *settings = &network->config.optimiser;
    double squares = 0.0;
    for (int i = 0; i <= network->config.layers && settings->clip_norm > 0.0; i++) {
        struct layer *layer = &network->layer[i];
        squares += vector_squares(layer);
        if (layer->owns_weight) {
            squares += kernels->sum_squares(layer->weight.gradient, layer->weight.n);
        }
    }
    return optimiser_clip_scale(settings, sqrt(squares));
}

void network_gradients(struct network *network) {
    for (int i = 0; i <= network->config.layers && !network->has_gradients; i++) {
        struct layer *layer = &network->layer[i];
        if (layer->owns_weight) {
            gradient_rows(network, i, 0, weight_rows(layer), layer->weight.gradient);
        }
        bias_gradient(network, i);
    }
    network->has_gradients = true;
    network->clip_scale = clip_scale(network);
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
    int rows = STRIP_ENTRIES / columns, most = STRIP_MOST / columns;
    if (rows >= STRIP_GRAIN) {
        return rows / STRIP_GRAIN * STRIP_GRAIN;
    }
    return most < STRIP_GRAIN ? most : STRIP_GRAIN;
}

/* Update W strip by strip; where nobody asked for dW, it is never written to memory. */
static double update_weights(struct network *network, int index, const struct update_constants *c) {
    real buffer[STRIP_MOST];
    struct layer *layer = &network->layer[index];
    enum optimiser which = network->config.optimiser.which;
    int step = strip_rows(layer->fan_out), rows = weight_rows(layer);
    double squares = 0.0;
    for (int first = 0; first < rows; first += step) {
        int last = first + step < rows ? first + step : rows;
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
    if (settings->clip_norm > 0.0) {
        network_gradients(network); // all of them are needed before the first update
    }
    double clip = network->clip_scale;
    struct update_constants weights = optimiser_constants(settings, PARAMETER_WEIGHT, clip, step);
    struct update_constants others = optimiser_constants(settings, PARAMETER_OTHER, clip, step);
    for (int i = 0; i <= network->config.layers; i++) {
        struct layer *layer = &network->layer[i];
        struct parameters *vectors[LAYER_VECTORS];
        if (!network->has_gradients) {
            bias_gradient(network, i);
        }
        layer->sums.weight_gradient_squared =
            layer->owns_weight ? update_weights(network, i, &weights)
                               : network->layer[i - 1].sums.weight_gradient_squared;
        for (int v = network_vectors(layer, vectors) - 1; v >= 0; v--) {
            kernels->apply[settings->which](&others, vectors[v]);
        }
    }
}

struct update_sums network_preview(const struct network *network, int index, int64_t step) {
    const struct optimiser_settings *settings = &network->config.optimiser;
    const struct parameters *weight = &network->layer[index].weight;
    struct update_constants c =
        optimiser_constants(settings, PARAMETER_WEIGHT, network->clip_scale, step);
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
