#include "engine/network.h"

#include <string.h>

#include "base/require.h"
#include "engine/network_parts.h"

/* The layers whose W and b a hidden layer uses: its own, but in a recurrent network. */
static int weight_owner(const struct network_config *config, int index) {
    return config->connection.which == CONNECTION_RECURRENT && index > 1 ? 1 : index;
}

static int bias_owner(const struct network_config *config, int index) {
    return config->connection.which == CONNECTION_RECURRENT ? 0 : index;
}

/* The activation of hidden layer index; the last layer of a longer block has none of its own. */
static struct phi phi_at(const struct network_config *config, int index,
                         const struct layer *layer) {
    if (layer->block_end && config->connection.span > 1) {
        return phi_of(ACTIVATION_LINEAR);
    }
    const struct network_exception *other = &config->exception;
    bool excepted = other->first > 0 && index + 1 >= other->first && index + 1 <= other->last;
    return excepted ? other->phi : config->phi;
}

static void shape_layer(struct network *network, int index) {
    const struct network_config *config = &network->config;
    struct layer *layer = &network->layer[index];
    bool hidden = index < config->layers;
    layer->units = hidden ? config->width : config->outputs;
    layer->groups = 1;
    layer->phi = phi_of(ACTIVATION_LINEAR);
    layer->owns_weight = !hidden || weight_owner(config, index) == index;
    layer->owns_bias = !hidden || bias_owner(config, index) == index;
    if (hidden) {
        const struct connection_settings *join = &config->connection;
        layer->block = connection_block(join, config->layers, index, &layer->block_end);
        layer->phi = phi_at(config, index, layer);
        layer->groups = join->which == CONNECTION_SPLIT && index > 0 ? join->groups : 1;
        layer->scale_learned = layer->block_end && branches[join->branch].learned;
        if (layer->block > 0) {
            network->layer[(layer->block - 1) * join->span].feeds_block = true;
        }
    }
    REQUIRE(layer->units % layer->groups == 0 && layer->units <= NETWORK_MAX_WIDTH);
    int inputs = index > 0 ? network->layer[index - 1].units : config->inputs;
    layer->fan_in = inputs / layer->groups;
    layer->fan_out = layer->units / layer->groups * layer->phi.pieces;
    layer->columns = layer->fan_out * layer->groups;
    REQUIRE(layer->fan_out <= STRIP_MOST);
}

static void layout_weights(struct network *network, int index, struct arena *arena) {
    const struct network_config *config = &network->config;
    struct layer *layer = &network->layer[index];
    int states = optimisers[config->optimiser.which].states;
    if (layer->owns_bias) {
        parameters_layout(&layer->bias, (size_t)layer->columns, states, arena);
    } else {
        layer->bias = network->layer[bias_owner(config, index)].bias;
    }
    if (!layer->owns_weight) {
        layer->weight = network->layer[weight_owner(config, index)].weight;
        REQUIRE(layer->columns == network->layer[0].columns);
        return;
    }
    size_t n = (size_t)layer->fan_in * (size_t)layer->columns;
    parameters_layout(&layer->weight, n, states, arena);
    if (index < config->layers && config->noise.drop_connect > 0.0) {
        layer->thinned = arena_take(arena, n, sizeof(real));
        layer->weight_kept = arena_take(arena, n, 1);
    }
}

static void layout_activations(struct network *network, int index, struct arena *arena) {
    const struct network_config *config = &network->config;
    struct layer *layer = &network->layer[index];
    bool hidden = index < config->layers, dropped = hidden && noise_drops_units(&config->noise);
    size_t rows = (size_t)config->batch, units = rows * (size_t)layer->units;
    size_t entries = rows * (size_t)layer->columns;
    layer->z = arena_take(arena, entries, sizeof(real));
    layer->y = arena_take(arena, units, sizeof(real));
    layer->h = layer->y;
    layer->delta = arena_take(arena, entries, sizeof(real));
    layer->a = layer->z;
    layer->delta_a = layer->delta;
    if (dropped) {
        layer->unit_kept = arena_take(arena, units, 1);
    }
    if (dropped || layer->block_end) {
        layer->h = arena_take(arena, units, sizeof(real));
    }
    if (hidden && config->normalisation != NORMALISATION_NONE) {
        normaliser_layout(&layer->normaliser, config->normalisation, config->batch, layer->columns,
                          optimisers[config->optimiser.which].states, arena);
        layer->a = layer->normaliser.zhat;
        layer->delta_a = arena_take(arena, entries, sizeof(real));
    }
}

static void layout_scalars(struct network *network, int index, struct arena *arena) {
    const struct network_config *config = &network->config;
    struct layer *layer = &network->layer[index];
    int states = optimisers[config->optimiser.which].states;
    size_t slopes = phi_slopes(&layer->phi, (size_t)layer->units);
    if (slopes > 0) {
        parameters_layout(&layer->slope, slopes, states, arena);
    }
    if (layer->block_end) {
        parameters_layout(&layer->scale, 1, states, arena);
    }
}

/* What a network needs once, for one layer after the other. */
static void layout_shared(struct network *network, struct arena *arena) {
    const struct network_config *config = &network->config;
    size_t entries = (size_t)config->batch * (size_t)config->width;
    bool pieces =
        config->phi.pieces > 1 || (config->exception.first > 0 && config->exception.phi.pieces > 1);
    if (connection_blocks(&config->connection, config->layers) > 0) {
        network->stream = arena_take(arena, entries, sizeof(real));
    }
    if (pieces && config->layers > 0) {
        network->gradient = arena_take(arena, entries, sizeof(real));
    }
    if (config->connection.which == CONNECTION_RECURRENT && config->layers > 1) {
        size_t drive = (size_t)config->batch * (size_t)network->layer[0].columns;
        network->drive = arena_take(arena, drive, sizeof(real));
        network->drive_delta = arena_take(arena, drive, sizeof(real));
    }
}

/* Call it when all layers are shaped: they say to each other what they feed. */
static bool is_plain(const struct network_config *config, const struct layer *layer) {
    return layer->groups == 1 && layer->block == 0 && !layer->feeds_block &&
           activations[layer->phi.which].form == ACTIVATION_FIXED &&
           config->normalisation == NORMALISATION_NONE &&
           config->connection.which != CONNECTION_RECURRENT && config->noise.drop_connect == 0.0 &&
           !noise_drops_units(&config->noise);
}

/* What the loops of tiny.h need to know of the layers they compute whole. */
static void layout_tiny(struct network *network) {
    const struct network_config *config = &network->config;
    for (int i = 0; i <= config->layers; i++) {
        struct layer *layer = &network->layer[i];
        bool output = i == config->layers;
        enum activation phi =
            output && config->activated_output ? config->phi.which : layer->phi.which;
        network->tiny[i] = (struct tiny_layer){ 0 };
        if (!kernels->tiny || !layer->plain || layer->fan_in > TINY_WIDTH ||
            layer->fan_out > TINY_WIDTH || activations[phi].form != ACTIVATION_FIXED) {
            continue;
        }
        layer->weights_used = layer->weight.value;
        network->tiny[i] = (struct tiny_layer){ .in = (size_t)layer->fan_in,
                                                .out = (size_t)layer->fan_out,
                                                .phi = phi,
                                                .input = i > 0 ? network->layer[i - 1].h : NULL,
                                                .W = layer->weight.value,
                                                .b = layer->bias.value,
                                                .bias_last = output,
                                                .z = layer->z,
                                                .h = layer->h,
                                                .delta = layer->delta,
                                                .dW = layer->weight.gradient,
                                                .db = layer->bias.gradient };
    }
}

void network_layout(struct network *network, const struct network_config *config,
                    struct arena *arena) {
    REQUIRE(config->layers >= 0 && config->layers <= NETWORK_MAX_LAYERS);
    REQUIRE(!config->activated_output || config->loss == LOSS_MSE);
    memset(network, 0, sizeof *network);
    network->config = *config;
    network->clip_scale = 1.0;
    for (int i = 0; i <= config->layers; i++) {
        shape_layer(network, i);
        layout_weights(network, i, arena);
        layout_scalars(network, i, arena);
        layout_activations(network, i, arena);
    }
    for (int i = 0; i <= config->layers; i++) {
        network->layer[i].plain = is_plain(config, &network->layer[i]);
    }
    layout_shared(network, arena);
    layout_tiny(network);
}

/* What a pass writes is the viewer's own, what training changes is the network's. */
static void view_normaliser(struct normaliser *own, const struct normaliser *trained) {
    own->gamma = trained->gamma;
    own->beta = trained->beta;
    own->running_mean = trained->running_mean;
    own->running_variance = trained->running_variance;
}

void network_layout_viewer(struct network *viewer, const struct network *network, int rows,
                           struct arena *arena) {
    *viewer = *network;
    viewer->config.batch = rows;
    for (int i = 0; i <= network->config.layers; i++) {
        struct layer *layer = &viewer->layer[i];
        layout_activations(viewer, i, arena);
        if (layer->normaliser.which != NORMALISATION_NONE) {
            view_normaliser(&layer->normaliser, &network->layer[i].normaliser);
        }
    }
    layout_shared(viewer, arena);
    layout_tiny(viewer);
}

/* The gain of a layer's first weights beside init_scale: blocks may begin as the identity. */
static double block_gain(const struct network_config *config, const struct layer *layer) {
    if (layer->block == 0) {
        return 1.0;
    }
    const struct branch_row *branch = &branches[config->connection.branch];
    if (layer->block_end) {
        return branch->last_zero ? 0.0 : 1.0;
    }
    return branch->gain(connection_blocks(&config->connection, config->layers),
                        config->connection.span);
}

/* Every group draws numbers of its own; those of the first are what a dense layer has there. */
static int group_stream(int index, int group) {
    return index + 1 + group * (NETWORK_MAX_LAYERS + 1);
}

static struct initialiser_target group_target(const struct network *network, int index, int group) {
    const struct network_config *config = &network->config;
    const struct layer *layer = &network->layer[index];
    size_t block = (size_t)layer->fan_in * (size_t)layer->fan_out;
    return (struct initialiser_target){ .which = config->init,
                                        .scale = config->init_scale * block_gain(config, layer),
                                        .W = layer->weight.value + (size_t)group * block };
}

/* Of a twin, too, which draws the same numbers, or NULL. */
static bool reset_weights(const struct network *network, const struct network *twin, int index) {
    const struct layer *layer = &network->layer[index];
    for (int g = 0; layer->owns_weight && g < layer->groups; g++) {
        struct initialiser_target targets[] = { group_target(network, index, g),
                                                group_target(twin ? twin : network, index, g) };
        if (!initialiser_fill(targets, twin ? 2 : 1, network->config.seed, group_stream(index, g),
                              layer->fan_in, layer->fan_out, network->config.crew)) {
            return false;
        }
    }
    return true;
}

static void reset_biases(const struct network *network, int index) {
    const struct network_config *config = &network->config;
    const struct layer *layer = &network->layer[index];
    for (int g = 0; layer->owns_bias && g < layer->groups; g++) {
        real *b = layer->bias.value + g * layer->fan_out;
        int stream = group_stream(index, g);
        initialiser_fill_biases(config->init, config->init_scale, config->bias, config->seed,
                                stream, layer->fan_in, layer->fan_out, b);
        initialiser_spread_biases(config->bias_sd, config->seed, stream, layer->fan_out, b);
    }
}

static void reset_vectors(const struct network *network, struct layer *layer) {
    const struct network_config *config = &network->config;
    for (size_t j = 0; j < layer->slope.n; j++) {
        layer->slope.value[j] = (real)layer->phi.leak;
    }
    if (layer->block_end) {
        int blocks = connection_blocks(&config->connection, config->layers);
        layer->scale.value[0] = (real)branches[config->connection.branch].scale(blocks);
    }
    normaliser_reset(&layer->normaliser);
}

static void clear_states(const struct parameters *piece) {
    for (int s = 0; s < OPTIMISER_MAX_STATES; s++) {
        if (piece->state[s]) {
            memset(piece->state[s], 0, piece->n * sizeof(real));
        }
    }
}

static void reset_rest(struct network *network) {
    for (int i = 0; i <= network->config.layers; i++) {
        struct layer *layer = &network->layer[i];
        struct parameters *vectors[LAYER_VECTORS];
        reset_biases(network, i);
        reset_vectors(network, layer);
        clear_states(&layer->weight);
        for (int v = network_vectors(layer, vectors) - 1; v >= 0; v--) {
            clear_states(vectors[v]);
        }
    }
}

static bool draw_alike(const struct network *network, const struct network *twin, int index) {
    const struct layer *a = &network->layer[index], *b = &twin->layer[index];
    return index <= network->config.layers && index <= twin->config.layers && a->owns_weight &&
           b->owns_weight && a->groups == b->groups && a->fan_in == b->fan_in &&
           a->fan_out == b->fan_out && network->config.seed == twin->config.seed;
}

bool network_reset(struct network *network, struct network *twin) {
    for (int i = 0; i <= network->config.layers; i++) {
        if (!reset_weights(network, twin && draw_alike(network, twin, i) ? twin : NULL, i)) {
            return false;
        }
    }
    for (int i = 0; twin && i <= twin->config.layers; i++) {
        if (!draw_alike(network, twin, i) && !reset_weights(twin, NULL, i)) {
            return false;
        }
    }
    reset_rest(network);
    if (twin) {
        reset_rest(twin);
    }
    return true;
}

bool network_continues(const struct network *network, const struct network *from) {
    bool same = network->config.layers == from->config.layers;
    for (int i = 0; same && i <= network->config.layers; i++) {
        const struct layer *to = &network->layer[i], *old = &from->layer[i];
        same = to->fan_in == old->fan_in && to->fan_out == old->fan_out &&
               to->groups == old->groups && to->owns_weight == old->owns_weight &&
               to->owns_bias == old->owns_bias;
    }
    return same;
}

/* What a layer learns, W first, each in a place of its own; n is 0 where there is none. */
enum { LAYER_PIECES = LAYER_VECTORS + 1 };

static void layer_pieces(const struct layer *layer, struct parameters pieces[LAYER_PIECES]) {
    const struct parameters none = { 0 };
    pieces[0] = layer->owns_weight ? layer->weight : none;
    pieces[1] = layer->owns_bias ? layer->bias : none;
    pieces[2] = learns_slopes(layer) ? layer->slope : none;
    pieces[3] = layer->normaliser.gamma;
    pieces[4] = layer->normaliser.beta;
    pieces[5] = layer->scale_learned ? layer->scale : none;
}

static bool states_continue(const struct network *network, const struct network *from) {
    bool same = network->config.optimiser.which == from->config.optimiser.which;
    for (int i = 0; same && i <= network->config.layers; i++) {
        struct parameters to[LAYER_PIECES], old[LAYER_PIECES];
        layer_pieces(&network->layer[i], to);
        layer_pieces(&from->layer[i], old);
        for (int p = 0; p < LAYER_PIECES; p++) {
            same &= to[p].n == 0 || to[p].n == old[p].n;
        }
    }
    return same;
}

static void continue_piece(const struct parameters *to, const struct parameters *from,
                           bool with_state) {
    if (to->n > 0 && to->n == from->n) {
        memcpy(to->value, from->value, to->n * sizeof(real));
        for (int s = 0; with_state && s < OPTIMISER_MAX_STATES && to->state[s]; s++) {
            memcpy(to->state[s], from->state[s], to->n * sizeof(real));
        }
    }
}

void network_continue(struct network *network, const struct network *from, int64_t steps) {
    REQUIRE(network_continues(network, from));
    bool with_state = states_continue(network, from);
    network->config.optimiser.begun = with_state ? from->config.optimiser.begun : steps;
    for (int i = 0; i <= network->config.layers; i++) {
        struct layer *layer = &network->layer[i];
        struct parameters to[LAYER_PIECES], old[LAYER_PIECES];
        layer_pieces(layer, to);
        layer_pieces(&from->layer[i], old);
        reset_vectors(network, layer);
        for (int p = 0; p < LAYER_PIECES; p++) {
            if (!with_state) {
                clear_states(&to[p]);
            }
            continue_piece(&to[p], &old[p], with_state);
        }
        normaliser_continue(&layer->normaliser, &from->layer[i].normaliser);
    }
}

void network_undo_pass(struct network *network) {
    for (int i = 0; i < network->config.layers; i++) {
        normaliser_undo(&network->layer[i].normaliser);
    }
}

int network_vectors(struct layer *layer, struct parameters *vectors[LAYER_VECTORS]) {
    int count = 0;
    if (layer->owns_bias) {
        vectors[count++] = &layer->bias;
    }
    if (learns_slopes(layer)) {
        vectors[count++] = &layer->slope;
    }
    if (layer->normaliser.gamma.n > 0) {
        vectors[count++] = &layer->normaliser.gamma;
        vectors[count++] = &layer->normaliser.beta;
    }
    if (layer->scale_learned) {
        vectors[count++] = &layer->scale;
    }
    return count;
}

const real *network_layer_input(const struct network *network, int index) {
    return index == 0 ? network->now.input : network->layer[index - 1].h;
}
