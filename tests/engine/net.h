/*
 * net.h - a network with its own memory, and the loops over its arrays that the tests need.
 */
#ifndef TESTS_ENGINE_NET_H
#define TESTS_ENGINE_NET_H

#include "base/arena.h"
#include "engine/network.h"
#include "engine/tools.h"

struct net {
    struct network network;
    struct arena arena;
};

/* What PyTorch has where nobody says otherwise, but for the learning rate. */
static inline struct optimiser_settings optimiser_of(int which, double learning_rate) {
    return (struct optimiser_settings){ .which = (enum optimiser)which,
                                        .learning_rate = learning_rate,
                                        .momentum = 0.9,
                                        .beta1 = 0.9,
                                        .beta2 = 0.999,
                                        .rho = 0.9,
                                        .alpha = 0.99 };
}

/* Each kind of noise alone, and those that go together. */
static const struct noise_settings noises[] = {
    { 0 },
    { .dropout = 0.3 },
    { .alpha_dropout = 0.3 },
    { .drop_connect = 0.3 },
    { .stochastic_depth = 0.5 },
    { .dropout = 0.2, .drop_connect = 0.2, .stochastic_depth = 0.3 },
};

/* With penalties, decay and clipping that all matter. */
static inline struct optimiser_settings with_adjustments(struct optimiser_settings settings) {
    settings.l1 = 0.001;
    settings.l2 = 0.01;
    settings.weight_decay = 0.1;
    settings.clip_norm = 0.3;
    settings.clip_value = 0.02;
    return settings;
}

/* He's weights, cross-entropy, SGD; the sizes and whatever else differs are the caller's. */
static inline struct network_config usual_config(int activation, int connection) {
    return (struct network_config){
        .phi = phi_of((enum activation)activation),
        .connection = { .which = (enum connection)connection, .span = 2, .groups = 3 },
        .init = INITIALISER_HE,
        .init_scale = 1.0,
        .loss = LOSS_CROSS_ENTROPY,
        .optimiser = optimiser_of(OPTIMISER_SGD, 0.05),
        .seed = 4,
    };
}

/* At step 0. Stops the test if memory runs out. */
static inline void net_init(struct net *net, const struct network_config *config) {
    struct arena counting = { 0 };
    network_layout(&net->network, config, &counting);
    assert_true(arena_init(&net->arena, counting.used));
    network_layout(&net->network, config, &net->arena);
    assert_true(network_reset(&net->network, NULL));
}

static inline void net_finish(struct net *net) {
    arena_finish(&net->arena);
}

/* Normal inputs (count, features) around 0.1, and labels of so many classes. */
static inline void fill_examples(real *inputs, uint8_t *labels, int count, int features,
                                 int classes) {
    fill_normals(inputs, (size_t)count * (size_t)features, 1, 0.1, 1.0);
    for (int i = 0; i < count; i++) {
        labels[i] = (uint8_t)(i * i % classes);
    }
}

/* The forward pass of training step `step`. */
static inline void net_forward(struct network *network, const real *input, const uint8_t *labels,
                               int batch, int64_t step) {
    network_forward(network, &(struct network_batch){ .input = input,
                                                      .targets = { .labels = labels },
                                                      .count = batch,
                                                      .training = true,
                                                      .step = step });
}

/* One whole step. */
static inline void net_step(struct net *net, const real *input, const uint8_t *labels, int batch,
                            int64_t step) {
    net_forward(&net->network, input, labels, batch, step);
    network_backward(&net->network);
    network_update(&net->network, step);
}

static inline int net_layers(const struct net *net) {
    return net->network.config.layers + 1; // with the output
}

/* W of layer index, then its b. */
static inline struct parameters *net_piece(struct net *net, int index, int which) {
    struct layer *layer = &net->network.layer[index];
    return which == 0 ? &layer->weight : &layer->bias;
}

static inline void assert_same_parameters(struct net *a, struct net *b) {
    assert_int_equal(net_layers(a), net_layers(b));
    for (int i = 0; i < 2 * net_layers(a); i++) {
        struct parameters *p = net_piece(a, i / 2, i % 2), *q = net_piece(b, i / 2, i % 2);
        assert_int_equal(p->n, q->n);
        assert_memory_equal(p->value, q->value, p->n * sizeof(real));
    }
}

#endif
