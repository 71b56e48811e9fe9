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
                        noise_weight_scale(&config->noise), 0, 0);
        layer->weights_used = layer->thinned;
    }
}

/*
 * a = h W + b. A recurrent network adds x U + b instead, which is its layer 1's a.
 */
static void multiply(struct network *network, int index) {
    struct layer *layer = &network->layer[index];
    const real *h = network_layer_input(network, index);
    bool driven = network->drive && index > 0 && index < network->config.layers;
    const real *bias = driven ? NULL : layer->bias.value;
    int batch = network->now.count;
    size_t rows = (size_t)batch, columns = (size_t)layer->columns;
    if (layer->groups > 1) {
        struct grouped shape = { layer->groups, batch, layer->fan_in, layer->fan_out };
        grouped_forward(&shape, h, layer->weights_used, layer->a);
        kernels->add_row(layer->a, bias, rows, columns);
    } else {
        struct product_shape shape = { batch, layer->fan_in, layer->fan_out, network->config.crew };
        product_forward(&shape, h, layer->weights_used, bias, layer->a);
    }
    if (driven) {
        kernels->add_scaled(layer->a, network->drive, 1, rows * columns);
    } else if (network->drive && index == 0) {
        memcpy(network->drive, layer->a, rows * columns * sizeof(real));
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

/* Of layer_sums, for some rows. */
struct forward_sums {
    double z, h, h_squared, y_squared, added_squared;
};

/* y = phi(z), h from it, and the sums, for rows first.. */
static void activate_rows(const struct network *network, int index, size_t first, size_t rows,
                          struct forward_sums *sums) {
    const struct layer *layer = &network->layer[index];
    size_t units = (size_t)layer->units, columns = (size_t)layer->columns;
    real *z = layer->z + first * columns, *y = layer->y + first * units,
         *h = layer->h + first * units;
    size_t together = phi_units(layer);
    struct pass_sums more =
        phi_forward(&layer->phi, layer->slope.value, z, y, rows * units / together, together);
    double y_squared = more.h_squared, added = more.h_squared;
    if (h != y) {
        network_drop(network, layer, first, rows, h);
        added = layer->unit_kept ? kernels->sum_squares(h, rows * units) : y_squared;
        more.h_squared = added;
    }
    if (layer->block_end) {
        const real *x = (layer - network->config.connection.span)->h + first * units;
        kernels->scaled_sum(x, layer->scale_used, h, h, rows * units);
        added *= (double)layer->scale_used * (double)layer->scale_used;
        more.h_squared = kernels->sum_squares(h, rows * units);
    }
    if (h != y) {
        more.h = kernels->sum(h, rows * units);
    }
    sums->z += more.z;
    sums->h += more.h;
    sums->h_squared += more.h_squared;
    sums->y_squared += y_squared;
    sums->added_squared += added;
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

struct activate_job {
    const struct network *network;
    int index;
    size_t rows; // of a part
    struct forward_sums sums[PARTS_MOST];
};

static void activate_part(void *context, int part) {
    struct activate_job *job = context;
    size_t count = (size_t)job->network->now.count, first = (size_t)part * job->rows;
    size_t end = first + job->rows < count ? first + job->rows : count;
    size_t step = chunk_rows(job->network->layer[job->index].columns);
    struct forward_sums sums = { 0 };
    for (; first < end; first += step) {
        size_t rows = end - first < step ? end - first : step;
        activate_rows(job->network, job->index, first, rows, &sums);
    }
    job->sums[part] = sums;
}

/* From a to h. */
static void finish_hidden(struct network *network, int index) {
    struct layer *layer = &network->layer[index];
    struct row_parts cut = row_parts(network->now.count, layer->columns);
    struct activate_job job;
    prepare_units(network, index);
    prepare_block(network, layer);
    if (layer->normaliser.which != NORMALISATION_NONE) {
        normalise(network, layer);
    }
    job.network = network;
    job.index = index;
    job.rows = cut.rows;
    crew_run(network->config.crew, cut.parts, activate_part, &job);
    struct forward_sums sums = { 0 };
    for (int part = 0; part < cut.parts; part++) {
        sums.z += job.sums[part].z;
        sums.h += job.sums[part].h;
        sums.h_squared += job.sums[part].h_squared;
        sums.y_squared += job.sums[part].y_squared;
        sums.added_squared += job.sums[part].added_squared;
    }
    layer->sums.z = sums.z;
    layer->sums.h = sums.h;
    layer->sums.h_squared = sums.h_squared;
    layer->sums.a_squared = layer->normaliser.squares;
    layer->sums.y_squared = sums.y_squared;
    layer->sums.added_squared = sums.added_squared;
}

/* z of the output layer, and h where that is activated. */
static void finish_output(struct network *network) {
    const struct network_config *config = &network->config;
    struct layer *output = &network->layer[config->layers];
    size_t rows = (size_t)network->now.count;
    if (config->activated_output) {
        phi_forward(&config->phi, NULL, output->z, output->h, rows, (size_t)output->units);
    }
}

/* The prediction, the loss, and where the backward pass starts. */
static void find_loss(struct network *network) {
    const struct network_config *config = &network->config;
    struct layer *output = &network->layer[config->layers];
    const struct loss_targets *targets = &network->now.targets;
    int batch = network->now.count;
    size_t entries = (size_t)batch * (size_t)output->fan_out;
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

/* From layer index `first` on, how many that are tiny and have the same phi, up to end - 1? */
static int tiny_run(const struct network *network, int first, int end) {
    int count = 0;
    while (first + count < end && is_tiny(network, first + count) &&
           network->tiny[first + count].phi == network->tiny[first].phi) {
        count++;
    }
    return count;
}

static void forward_tiny(struct network *network, int first, int count) {
    struct pass_sums sums[NETWORK_MAX_LAYERS + 1];
    const struct tiny_layer *tiny = &network->tiny[first];
    kernels->tiny->forward[tiny->phi](tiny, (size_t)count, (size_t)network->now.count, sums);
    for (int i = 0; i < count; i++) { // the sums of the output layer are those of its prediction
        struct layer_sums *to = &network->layer[first + i].sums;
        to->z = sums[i].z;
        to->h = sums[i].h;
        to->h_squared = to->y_squared = to->added_squared = sums[i].h_squared;
    }
}

/* Layers of index first..last - 1; false if it was enough before. */
static bool pass_layers(struct network *network, const struct network_batch *batch, int first,
                        int last) {
    REQUIRE(batch->count >= 1 && batch->count <= network->config.batch);
    network->now = *batch;
    network->tiny[0].input = batch->input;
    for (int i = first; i < last; i++) {
        int run = tiny_run(network, i, last);
        if (run > 0) {
            forward_tiny(network, i, run);
            i += run - 1;
            continue;
        }
        if (is_enough(network)) {
            return false;
        }
        prepare_weights(network, i);
        multiply(network, i);
        if (i < network->config.layers) {
            finish_hidden(network, i);
        } else {
            finish_output(network);
        }
    }
    return true;
}

void network_forward(struct network *network, const struct network_batch *batch) {
    if (pass_layers(network, batch, 0, network->config.layers + 1)) {
        find_loss(network);
    }
}

void network_forward_part(struct network *network, const real *input, int batch, int first,
                          int last) {
    pass_layers(network, &(struct network_batch){ .input = input, .count = batch }, first, last);
}
