#include <math.h>
#include <string.h>

#include "base/require.h"
#include "engine/grouped.h"
#include "engine/kernels.h"
#include "engine/network.h"
#include "engine/network_parts.h"
#include "engine/product.h"

/* Some rows of h^T delta / B of one layer, written to out. */
static void product_rows(const struct network *network, int index, const real *delta,
                         struct gradient_rows rows, real *out) {
    const struct layer *layer = &network->layer[index];
    const real *h = network_layer_input(network, index);
    int batch = network->now.count;
    real scale = (real)1 / (real)batch;
    if (layer->groups > 1) {
        struct grouped shape = { layer->groups, batch, layer->fan_in, layer->fan_out };
        grouped_gradient(&shape, h, delta, scale, rows, out);
    } else {
        struct product_shape shape = { batch, layer->fan_in, layer->fan_out, network->config.crew };
        product_gradient_rows(&shape, h, delta, scale, rows, out);
    }
}

/* d loss / d a of layer index; x U + b of a recurrent network is part of every layer's a. */
static const real *linear_delta(const struct network *network, int index) {
    return network->drive && index == 0 ? network->drive_delta : network->layer[index].delta_a;
}

/* Add the rows of the other layers that share the W of layer index. */
static void add_tied_rows(const struct network *network, int index, struct gradient_rows rows,
                          real *out) {
    real buffer[STRIP_MOST];
    int columns = network->layer[index].fan_out, most = STRIP_MOST / columns;
    for (int i = index + 1; i < network->config.layers; i++) {
        for (int from = 0; from < rows.count; from += most) {
            struct gradient_rows some = rows;
            some.first += from * rows.stride;
            some.count = rows.count - from < most ? rows.count - from : most;
            product_rows(network, i, network->layer[i].delta_a, some, buffer);
            kernels->add_scaled(out + (size_t)from * (size_t)columns, buffer, 1,
                                (size_t)some.count * (size_t)columns);
        }
    }
}

/* Some rows of dW of layer index, written to out. */
static void gradient_rows(const struct network *network, int index, struct gradient_rows rows,
                          real *out) {
    const struct layer *layer = &network->layer[index];
    size_t columns = (size_t)layer->fan_out;
    product_rows(network, index, linear_delta(network, index), rows, out);
    if (network->drive && index == 1 && index < network->config.layers) {
        add_tied_rows(network, index, rows, out);
    }
    for (int i = 0, run; layer->thinned && i < rows.count; i += run) {
        run = gradient_rows_run(rows, i);
        real *row = out + (size_t)i * columns;
        kernels->masked(layer->weight_kept + (size_t)(rows.first + i * rows.stride) * columns, row,
                        row, (size_t)run * columns, noise_weight_scale(&network->config.noise), 0,
                        0);
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

/* Entries first..first + n - 1 of a piece. */
static struct parameters part_of(const struct parameters *piece, size_t first, size_t n) {
    struct parameters part = { .value = piece->value + first, .gradient = piece->gradient + first };
    for (int s = 0; s < OPTIMISER_MAX_STATES; s++) {
        part.state[s] = piece->state[s] ? piece->state[s] + first : NULL;
    }
    part.n = n;
    return part;
}

/*
 * Rows of dW that are made and used up while they are in the cache; of a layer that is worth
 * sharing, some for each thread.
 */
static int strip_rows(const struct layer *layer) {
    int columns = layer->fan_out, rows = STRIP_ENTRIES / columns, most = STRIP_MOST / columns;
    if (layer->weight.n >= SHARED_WEIGHTS && weight_rows(layer) / STRIPS_LEAST < rows) {
        rows = weight_rows(layer) / STRIPS_LEAST;
    }
    if (rows >= TILE_ROWS) {
        return rows / TILE_ROWS * TILE_ROWS;
    }
    return most < TILE_ROWS ? most : TILE_ROWS;
}

/* What strips are made for: dW in memory, the update, or the sums that it would have. */
enum strip_purpose { STRIPS_FILL, STRIPS_APPLY, STRIPS_PREVIEW };

/* What is done with the strips of one layer's W: each part of it takes some of them. */
struct strip_job {
    const struct network *network;
    int index;
    int rows;        // of a strip
    int part_strips; // strips of a part
    enum strip_purpose what;
    const struct update_constants *constants; // unless dW alone is made
    struct update_sums sums[PARTS_MOST];
};

static void update_sums_add(struct update_sums *sums, struct update_sums more) {
    sums->value += more.value;
    sums->gradient += more.gradient;
    sums->update += more.update;
}

static struct update_sums do_strip(const struct strip_job *job, int first, int last, real *buffer) {
    const struct network *network = job->network;
    const struct layer *layer = &network->layer[job->index];
    enum optimiser which = network->config.optimiser.which;
    size_t columns = (size_t)layer->fan_out;
    struct parameters strip =
        part_of(&layer->weight, (size_t)first * columns, (size_t)(last - first) * columns);
    struct update_sums sums = { 0 };
    if (job->what == STRIPS_APPLY && !network->has_gradients) {
        strip.gradient = buffer;
    }
    if (!network->has_gradients) {
        gradient_rows(network, job->index, (struct gradient_rows){ first, last - first, 1 },
                      strip.gradient);
    }
    if (job->what == STRIPS_APPLY) {
        sums.gradient = kernels->apply[which](job->constants, &strip);
    } else if (job->what == STRIPS_PREVIEW) {
        sums = kernels->preview[which](job->constants, &strip);
    }
    return sums;
}

static void strips_part(void *context, int part) {
    real buffer[STRIP_MOST];
    struct strip_job *job = context;
    int end = weight_rows(&job->network->layer[job->index]);
    int first = part * job->part_strips * job->rows;
    end = first + job->part_strips * job->rows < end ? first + job->part_strips * job->rows : end;
    struct update_sums sums = { 0 };
    for (; first < end; first += job->rows) {
        int last = first + job->rows < end ? first + job->rows : end;
        update_sums_add(&sums, do_strip(job, first, last, buffer));
    }
    job->sums[part] = sums;
}

/* All strips of layer index, with the sums over them. */
static struct update_sums do_strips(struct strip_job *job, const struct network *network,
                                    int index) {
    const struct layer *layer = &network->layer[index];
    job->network = network;
    job->index = index;
    job->rows = strip_rows(layer);
    int strips = (weight_rows(layer) + job->rows - 1) / job->rows;
    job->part_strips = (strips + PARTS_MOST - 1) / PARTS_MOST;
    int parts = (strips + job->part_strips - 1) / job->part_strips;
    double work = (double)layer->weight.n * (network->now.count + UPDATE_WORK);
    crew_run(work >= SHARED_WORK ? network->config.crew : NULL, parts, strips_part, job);
    struct update_sums sums = { 0 };
    for (int part = 0; part < parts; part++) {
        update_sums_add(&sums, job->sums[part]);
    }
    return sums;
}

/* dW and db of tiny layers of index first..first + count - 1. */
static void tiny_gradients_of(const struct network *network, int first, int count) {
    kernels->tiny->gradients(&network->tiny[first], (size_t)count, (size_t)network->now.count,
                             (real)1 / (real)network->now.count);
}

/* How many layers from index first on are tiny. */
static int tiny_count(const struct network *network, int first) {
    int count = 0;
    while (first + count <= network->config.layers && is_tiny(network, first + count)) {
        count++;
    }
    return count;
}

/* dW and db of all of them. */
static void tiny_gradients(const struct network *network) {
    for (int i = 0, count; i <= network->config.layers; i += count + 1) {
        count = tiny_count(network, i);
        if (count > 0) {
            tiny_gradients_of(network, i, count);
        }
    }
}

/* W and b of tiny layers of index first..first + count - 1, which have nothing else. */
static void update_tiny(struct network *network, int first, int count,
                        const struct update_constants *c) {
    struct parameters *pieces[2 * (NETWORK_MAX_LAYERS + 1)];
    double squares[2 * (NETWORK_MAX_LAYERS + 1)];
    REQUIRE(count >= 1);
    for (int i = 0; i < count; i++) {
        pieces[2 * i] = &network->layer[first + i].weight;
        pieces[2 * i + 1] = &network->layer[first + i].bias;
    }
    kernels->apply_each[network->config.optimiser.which](c, pieces, 2 * (size_t)count, squares);
    for (int i = 0; i < count; i++) {
        network->layer[first + i].sums.weight_gradient_squared = squares[2 * i];
    }
}

/* Where nobody asked for dW, it is never written to memory. */
static double update_weights(struct network *network, int index, const struct update_constants *c) {
    struct layer *layer = &network->layer[index];
    struct strip_job job;
    job.what = STRIPS_APPLY;
    job.constants = c;
    if (!network->has_gradients) {
        bias_gradient(network, index);
    }
    return layer->owns_weight ? do_strips(&job, network, index).gradient
                              : network->layer[index - 1].sums.weight_gradient_squared;
}

void network_gradients(struct network *network) {
    struct strip_job job;
    job.what = STRIPS_FILL;
    for (int i = 0; i <= network->config.layers && !network->has_gradients; i++) {
        if (is_tiny(network, i)) {
            continue;
        }
        if (network->layer[i].owns_weight) {
            do_strips(&job, network, i);
        }
        bias_gradient(network, i);
    }
    if (!network->has_gradients) {
        tiny_gradients(network);
    }
    network->has_gradients = true;
    network->clip_scale = clip_scale(network);
}

void network_weight_gradient(struct network *network, int index) {
    const struct layer *layer = &network->layer[index];
    if (!layer->owns_weight) {
        network_gradients(network);
    } else if (!network->has_gradients && is_tiny(network, index)) {
        tiny_gradients_of(network, index, 1);
    } else if (!network->has_gradients) {
        struct strip_job job;
        job.what = STRIPS_FILL;
        do_strips(&job, network, index);
    }
}

void network_update(struct network *network, int64_t step) {
    const struct optimiser_settings *settings = &network->config.optimiser;
    if (settings->clip_norm > 0.0) {
        network_gradients(network); // all of them are needed before the first update
    }
    double clip = network->clip_scale;
    struct update_constants constants =
        optimiser_constants(settings, PARAMETER_PENALISED, clip, step);
    if (!network->has_gradients) {
        tiny_gradients(network); // they need no strips; what was just written is not read at once
    }
    for (int i = 0; i <= network->config.layers; i++) {
        struct layer *layer = &network->layer[i];
        struct parameters *vectors[LAYER_VECTORS];
        int tiny = tiny_count(network, i);
        if (tiny > 0) {
            update_tiny(network, i, tiny, &constants);
            i += tiny - 1;
            continue;
        }
        if (is_enough(network)) {
            return;
        }
        layer->sums.weight_gradient_squared = update_weights(network, i, &constants);
        for (int v = network_vectors(layer, vectors) - 1; v >= 0; v--) {
            struct update_constants own = constants;
            if (vectors[v] == &layer->slope) {
                own = optimiser_constants(settings, PARAMETER_FREE, clip, step);
            }
            kernels->apply[settings->which](&own, vectors[v]);
        }
    }
}

struct update_sums network_preview(const struct network *network, int index, int64_t step) {
    struct update_constants c = optimiser_constants(&network->config.optimiser, PARAMETER_PENALISED,
                                                    network->clip_scale, step);
    struct strip_job job;
    job.what = STRIPS_PREVIEW; // strip by strip like the update: the same sums to the last bit
    job.constants = &c;
    return do_strips(&job, network, index);
}

struct update_sums network_preview_rows(const struct network *network, int index, int64_t step,
                                        struct gradient_rows rows, real *dW) {
    const struct layer *layer = &network->layer[index];
    size_t columns = (size_t)layer->fan_out;
    struct update_constants c = optimiser_constants(&network->config.optimiser, PARAMETER_PENALISED,
                                                    network->clip_scale, step);
    struct update_sums sums = { 0 };
    if (!network->has_gradients) {
        gradient_rows(network, index, rows, dW);
    }
    for (int i = 0, run; i < rows.count; i += run, dW += (size_t)run * columns) {
        run = gradient_rows_run(rows, i);
        struct parameters part =
            part_of(&layer->weight, (size_t)(rows.first + i * rows.stride) * columns,
                    (size_t)run * columns);
        if (network->has_gradients) {
            memcpy(dW, part.gradient, part.n * sizeof *dW);
        }
        part.gradient = dW;
        update_sums_add(&sums, kernels->preview[network->config.optimiser.which](&c, &part));
    }
    return sums;
}
