#include <string.h>

#include "engine/grouped.h"
#include "engine/kernels.h"
#include "engine/network.h"
#include "engine/network_parts.h"
#include "engine/product.h"

/* d loss / d h of layer index for some examples, through the weights above it, to g. */
static void through_weights(const struct network *network, int index, int first, int rows,
                            real *g) {
    const struct layer *above = &network->layer[index + 1];
    const real *delta = above->delta_a + (size_t)first * (size_t)above->columns;
    if (above->groups > 1) {
        struct grouped shape = { above->groups, rows, above->fan_in, above->fan_out };
        grouped_backward(&shape, delta, above->weights_used, g);
    } else {
        struct product_shape shape = { rows, above->fan_in, above->fan_out, network->config.crew };
        product_backward(&shape, delta, above->weights_used, g);
    }
}

void network_gradient_h(const struct network *network, int index, int first, int rows, real *around,
                        real *g) {
    const struct layer *layer = &network->layer[index];
    size_t n = (size_t)rows * (size_t)layer->units;
    through_weights(network, index, first, rows, g);
    if (layer->feeds_block) {
        kernels->add_scaled(g, around, 1, n);
    }
    if (layer->block_end) {
        memcpy(around, g, n * sizeof *g);
    }
}

static void scale_by(real *x, real factor, size_t n) {
    for (size_t i = 0; i < n; i++) {
        x[i] *= factor;
    }
}

/* From d loss / d h to d loss / d (s y) of a block's last layer, which also goes around. */
static void enter_block(const struct network *network, struct layer *layer, size_t first,
                        size_t rows, real *g) {
    size_t units = (size_t)layer->units, n = rows * units;
    memcpy(network->stream + first * units, g, n * sizeof *g);
    if (layer->scale_learned && layer->survived > 0) {
        real dropped[CHUNK_ENTRIES];
        network_drop(network, layer, first, rows, dropped);
        layer->scale.gradient[0] += (real)kernels->dot(g, dropped, n);
    }
    scale_by(g, layer->scale_used, n);
}

/* The squares of layer_sums, for some rows. */
struct backward_sums {
    double product, g, branch, delta;
};

/* g (rows of d loss / d h, but for what goes around the block above) to delta. */
static void backward_rows(const struct network *network, struct layer *layer, size_t first,
                          size_t rows, real *g, struct backward_sums *sums) {
    size_t units = (size_t)layer->units, n = rows * units;
    bool altered = layer->feeds_block || layer->block_end || layer->unit_kept;
    double product = altered ? kernels->sum_squares(g, n) : 0.0, arrived = product;
    if (layer->feeds_block) {
        kernels->add_scaled(g, network->stream + first * units, 1, n);
        arrived = kernels->sum_squares(g, n);
    }
    if (layer->block_end) {
        enter_block(network, layer, first, rows, g);
    }
    if (layer->unit_kept) {
        struct noise_map map = noise_unit_map(&network->config.noise);
        kernels->masked(layer->unit_kept + first * units, g, g, n, map.scale, 0, 0);
    }
    const real *z = layer->z + first * (size_t)layer->columns;
    real *delta = layer->delta + first * (size_t)layer->columns;
    if (learns_slopes(layer)) {
        kernels->slope_gradient(z, g, layer->slope.gradient, rows, units);
    }
    size_t together = phi_units(layer);
    struct slope_sums more =
        phi_backward(&layer->phi, layer->slope.value, z, layer->y + first * units, g, delta,
                     n / together, together);
    sums->product += altered ? product : more.g_squared;
    sums->g += altered ? arrived : more.g_squared;
    sums->branch += more.g_squared;
    sums->delta += more.delta_squared;
}

struct backward_job {
    const struct network *network;
    struct layer *layer;
    real *g;
    size_t rows; // of a part
    struct backward_sums sums[PARTS_MOST];
};

static void backward_part(void *context, int part) {
    struct backward_job *job = context;
    size_t count = (size_t)job->network->now.count, first = (size_t)part * job->rows;
    size_t end = first + job->rows < count ? first + job->rows : count;
    size_t step = chunk_rows(job->layer->columns);
    struct backward_sums sums = { 0 };
    for (; first < end; first += step) {
        size_t rows = end - first < step ? end - first : step;
        backward_rows(job->network, job->layer, first, rows,
                      job->g + first * (size_t)job->layer->units, &sums);
    }
    job->sums[part] = sums;
}

/* g (d loss / d h) to delta of a whole layer. Parts that add to the same sums go one by one. */
static void backward_phi(const struct network *network, struct layer *layer, real *g) {
    struct row_parts cut = row_parts(network->now.count, layer->columns);
    bool alone = learns_slopes(layer) || layer->scale_learned;
    struct backward_job job;
    job.network = network;
    job.layer = layer;
    job.g = g;
    job.rows = cut.rows;
    crew_run(alone ? NULL : network->config.crew, cut.parts, backward_part, &job);
    struct backward_sums sums = { 0 };
    for (int part = 0; part < cut.parts; part++) {
        sums.product += job.sums[part].product;
        sums.g += job.sums[part].g;
        sums.branch += job.sums[part].branch;
        sums.delta += job.sums[part].delta;
    }
    layer->sums.product_squared = sums.product;
    layer->sums.g_squared = sums.g;
    layer->sums.branch_squared = sums.branch;
    layer->sums.delta_squared = layer->sums.linear_squared = sums.delta;
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
    scale_by(layer->slope.gradient, (real)1 / (real)batch, layer->slope.n);
    scale_by(layer->scale.gradient, (real)1 / (real)batch, layer->scale.n);
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
    real *g = layer->phi.pieces > 1 ? network->gradient : layer->delta;
    through_weights(network, index, 0, network->now.count, g);
    clear_gradients(layer);
    backward_phi(network, layer, g);
    finish_gradients(layer, network->now.count);
    if (layer->normaliser.which != NORMALISATION_NONE) {
        normaliser_backward(&layer->normaliser, layer->delta, layer->delta_a, network->now.count);
        size_t entries = (size_t)network->now.count * (size_t)layer->columns;
        layer->sums.linear_squared = kernels->sum_squares(layer->delta_a, entries);
    }
    if (network->drive) {
        collect_drive(network, index);
    }
}

/*
 * From layer index `last` down, how many that are tiny, have the same phi and have a tiny layer
 * above them?
 */
static int tiny_run_down(const struct network *network, int last) {
    int count = 0;
    while (count <= last && is_tiny(network, last - count) && is_tiny(network, last - count + 1) &&
           network->tiny[last - count].phi == network->tiny[last].phi) {
        count++;
    }
    return count;
}

static void backward_tiny(struct network *network, int first, int count) {
    struct slope_sums sums[NETWORK_MAX_LAYERS];
    const struct tiny_layer *tiny = &network->tiny[first];
    kernels->tiny->backward[tiny->phi](tiny, (size_t)count, (size_t)network->now.count, sums);
    for (int i = 0; i < count; i++) {
        struct layer_sums *to = &network->layer[first + i].sums;
        to->product_squared = to->g_squared = to->branch_squared = sums[i].g_squared;
        to->delta_squared = to->linear_squared = sums[i].delta_squared;
    }
}

void network_deltas(struct network *network) {
    for (int i = network->config.layers - 1; i >= 0; i--) {
        int run = tiny_run_down(network, i);
        if (run > 0) {
            i -= run - 1;
            backward_tiny(network, i, run);
        } else if (is_enough(network)) {
            return;
        } else {
            backward_hidden(network, i);
        }
    }
    network->has_gradients = false;
}

void network_backward(struct network *network) {
    network_deltas(network);
    network_gradients(network);
}
