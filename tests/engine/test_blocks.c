#include "base/check.h"

#include <stdlib.h>

#include "base/require.h"
#include "engine/denormals.h"
#include "net.h"

/* What blocks of layers promise: normalisation, residual, split and recurrent layers, noise. */

enum { INPUTS = 7, BATCH = 12, WIDTH = 24, LAYERS = 7, CLASSES = 3 };

static float inputs[BATCH * INPUTS];
static uint8_t labels[BATCH];

static struct network_config config_of(int activation, int normalisation, int connection) {
    struct network_config config = usual_config(activation, connection);
    config.layers = LAYERS;
    config.width = WIDTH;
    config.inputs = INPUTS;
    config.outputs = CLASSES;
    config.batch = BATCH;
    config.normalisation = (enum normalisation)normalisation;
    return config;
}

static size_t units_of(const struct layer *layer) {
    return (size_t)BATCH * (size_t)layer->units;
}

static void evaluate(struct network *network) {
    network_forward(network, &(struct network_batch){ .input = inputs,
                                                      .targets = { .labels = labels },
                                                      .count = BATCH });
}

/* Some steps on, so that nothing is 0 or 1 only because training begins there. */
static void train(struct net *net, int steps) {
    for (int step = 1; step <= steps; step++) {
        net_step(net, inputs, labels, BATCH, step);
    }
}

/* All that is learned, and the running averages. */
static void copy_network(struct net *to, struct net *from) {
    for (int l = 0; l < net_layers(from); l++) {
        struct layer *a = &from->network.layer[l], *b = &to->network.layer[l];
        struct parameters *p[LAYER_VECTORS], *q[LAYER_VECTORS];
        int count = network_vectors(a, p);
        assert_int_equal(network_vectors(b, q), count);
        for (int v = 0; v < count; v++) {
            memcpy(q[v]->value, p[v]->value, p[v]->n * sizeof(real));
        }
        memcpy(b->weight.value, a->weight.value, a->weight.n * sizeof(real));
        if (a->normaliser.running_mean) {
            size_t bytes = (size_t)a->columns * sizeof(real);
            memcpy(b->normaliser.running_mean, a->normaliser.running_mean, bytes);
            memcpy(b->normaliser.running_variance, a->normaliser.running_variance, bytes);
        }
    }
}

static void assert_same_units(const struct net *a, const struct net *b) {
    for (int l = 0; l < net_layers(a); l++) {
        const struct layer *p = &a->network.layer[l], *q = &b->network.layer[l];
        assert_memory_equal(p->h, q->h, units_of(p) * sizeof(real));
    }
}

/* The same whenever it is made, and the same as without noise, for every kind of block. */
static void evaluation_is_without_noise(void **state) {
    (void)state;
    for (int number = 0; number < NORMALISATION_COUNT * CONNECTION_COUNT * ARRAY_LEN(noises);
         number++) {
        const struct noise_settings *noise = &noises[number % ARRAY_LEN(noises)];
        int block = number / ARRAY_LEN(noises);
        struct network_config config =
            config_of(ACTIVATION_SELU, block % NORMALISATION_COUNT, block / NORMALISATION_COUNT);
        struct net noisy, again, quiet;
        config.noise = *noise;
        net_init(&noisy, &config);
        net_init(&again, &config);
        config.noise = (struct noise_settings){ .stochastic_depth = noise->stochastic_depth };
        net_init(&quiet, &config);
        train(&noisy, 5);
        copy_network(&again, &noisy);
        copy_network(&quiet, &noisy);
        evaluate(&noisy.network);
        evaluate(&noisy.network);
        evaluate(&again.network);
        evaluate(&quiet.network);
        assert_same_units(&noisy, &again);
        assert_same_units(&noisy, &quiet);
        assert_true(noisy.network.loss == quiet.network.loss);
        net_finish(&noisy);
        net_finish(&again);
        net_finish(&quiet);
    }
}

/* x + s y in training where the block survives, x where not; in evaluation x + odds s y. */
static void a_block_counts_for_its_odds(void **state) {
    (void)state;
    for (int span = 1; span <= 2; span++) {
        struct network_config config =
            config_of(ACTIVATION_TANH, NORMALISATION_NONE, CONNECTION_RESIDUAL);
        config.connection.span = span;
        config.connection.branch = BRANCH_DEPTH;
        config.noise.stochastic_depth = 0.4;
        int blocks = (LAYERS - 1) / span, skipped = 0;
        struct net net;
        net_init(&net, &config);
        for (int step = 1; step <= 50; step++) {
            bool training = step < 50;
            if (training) {
                net_forward(&net.network, inputs, labels, BATCH, step);
            } else {
                evaluate(&net.network);
            }
            for (int b = 1; b <= blocks; b++) {
                const struct layer *last = &net.network.layer[b * span], *x = last - span;
                double odds = 1.0 - 0.4 * b / blocks;
                bool survives = noise_survives(&config.noise, 4, step, b, blocks);
                double scale = (training ? survives : odds) / sqrt(blocks);
                skipped += training && !survives;
                for (size_t i = 0; i < units_of(last); i++) {
                    double want = (double)x->h[i] + scale * (double)last->y[i];
                    assert_true(fabs((double)last->h[i] - want) < 1e-6 * fmax(1.0, fabs(want)));
                    assert_true(!training || survives || last->h[i] == x->h[i]);
                }
            }
        }
        assert_true(skipped > 0 && skipped < 49 * blocks);
        net_finish(&net);
    }
}

/* Mean and variance (population) of every column of a = h W + b, in double. */
static void column_moments(const struct network *network, int index, double *mean,
                           double *variance) {
    const struct layer *layer = &network->layer[index];
    const real *h = network_layer_input(network, index);
    for (int j = 0; j < layer->columns; j++) {
        double a[BATCH];
        mean[j] = variance[j] = 0.0;
        for (int i = 0; i < BATCH; i++) {
            a[i] = (double)layer->bias.value[j];
            for (int k = 0; k < layer->fan_in; k++) {
                a[i] += (double)h[i * layer->fan_in + k] *
                        (double)layer->weight.value[k * layer->columns + j];
            }
            mean[j] += a[i] / BATCH;
        }
        for (int i = 0; i < BATCH; i++) {
            variance[j] += (a[i] - mean[j]) * (a[i] - mean[j]) / BATCH;
        }
    }
}

/* PyTorch's: 0.9 of the old and 0.1 of the new, whose variance is the unbiased one. */
static void batch_norm_evaluates_with_running_averages(void **state) {
    (void)state;
    enum { STEPS = 12 };
    struct network_config config = config_of(ACTIVATION_RELU, NORMALISATION_BATCH, 0);
    double running[2][LAYERS][WIDTH] = { 0 };
    struct net net;
    net_init(&net, &config);
    for (int l = 0; l < LAYERS; l++) {
        for (int j = 0; j < WIDTH; j++) {
            running[1][l][j] = 1.0;
        }
    }
    for (int step = 1; step <= STEPS; step++) {
        net_forward(&net.network, inputs, labels, BATCH, step);
        for (int l = 0; l < LAYERS; l++) {
            double mean[WIDTH], variance[WIDTH];
            column_moments(&net.network, l, mean, variance);
            for (int j = 0; j < WIDTH; j++) {
                running[0][l][j] = 0.9 * running[0][l][j] + 0.1 * mean[j];
                running[1][l][j] =
                    0.9 * running[1][l][j] + 0.1 * variance[j] * BATCH / (BATCH - 1.0);
            }
        }
        network_backward(&net.network);
        network_update(&net.network, step);
    }
    real before[WIDTH];
    memcpy(before, net.network.layer[1].normaliser.running_mean, sizeof before);
    evaluate(&net.network);
    assert_memory_equal(before, net.network.layer[1].normaliser.running_mean, sizeof before);
    for (int l = 0; l < LAYERS; l++) {
        const struct layer *layer = &net.network.layer[l];
        const struct normaliser *norm = &layer->normaliser;
        double mean[WIDTH], variance[WIDTH];
        column_moments(&net.network, l, mean, variance); // of the evaluating pass
        for (int j = 0; j < WIDTH; j++) {
            double m = running[0][l][j], v = running[1][l][j], z = 0.0;
            assert_true(fabs((double)norm->running_mean[j] - m) < 1e-5);
            assert_true(fabs((double)norm->running_variance[j] - v) < 1e-5 * fmax(1.0, v));
            for (int i = 0; i < BATCH; i++) {
                z += (double)layer->z[i * WIDTH + j] / BATCH;
            }
            double want = (double)norm->gamma.value[j] * (mean[j] - m) / sqrt(v + 1e-5) +
                          (double)norm->beta.value[j];
            assert_true(fabs(z - want) < 1e-4);
        }
    }
    net_finish(&net);
}

/* One W and b at all depths but the first, which takes the input in; learned as one. */
static void recurrent_layers_share_what_they_use(void **state) {
    (void)state;
    struct network_config config = config_of(ACTIVATION_TANH, NORMALISATION_NONE, 0), tied = config;
    tied.connection.which = CONNECTION_RECURRENT;
    tied.init = config.init = INITIALISER_XAVIER;
    struct net net, plain;
    net_init(&net, &tied);
    net_init(&plain, &config);
    train(&net, 3);
    const struct layer *layer = net.network.layer;
    for (int l = 0; l < LAYERS; l++) {
        assert_ptr_equal(layer[l].weight.value, layer[l > 0 ? 1 : 0].weight.value);
        assert_ptr_equal(layer[l].bias.value, layer[0].bias.value);
        assert_int_equal(layer[l].owns_weight, l <= 1);
        assert_int_equal(layer[l].owns_bias, l == 0);
        struct parameters *vectors[LAYER_VECTORS];
        assert_int_equal(network_vectors(&net.network.layer[l], vectors), l == 0);
    }
    assert_true(layer[0].weight.value != layer[1].weight.value);
    // what depth would take: L - 2 more W and their gradients, L - 1 b
    size_t spared = 2 * (LAYERS - 2) * WIDTH * WIDTH * sizeof(real);
    assert_true(net.arena.used + spared <= plain.arena.used + 4 * sizeof(real) * BATCH * WIDTH);
    net_finish(&net);
    net_finish(&plain);
}

/* Other numbers in the weights of the last group change nothing in the others, forward or back. */
static void split_layers_do_not_see_each_other(void **state) {
    (void)state;
    for (int number = 0; number < 2 * ACTIVATION_COUNT; number++) {
        struct network_config config = config_of(
            number / 2, number % 2 ? NORMALISATION_BATCH : NORMALISATION_NONE, CONNECTION_SPLIT);
        struct net net, changed;
        net_init(&net, &config);
        net_init(&changed, &config);
        int groups = config.connection.groups, own = WIDTH / groups * (groups - 1);
        for (int l = 1; l < LAYERS; l++) {
            struct layer *layer = &changed.network.layer[l];
            size_t block = layer->weight.n / (size_t)groups;
            assert_int_equal(layer->groups, groups);
            assert_int_equal(block, layer->fan_in * layer->fan_out);
            for (size_t i = layer->weight.n - block; i < layer->weight.n; i++) {
                layer->weight.value[i] = -2 * layer->weight.value[i] + 0.125f;
            }
        }
        net_forward(&net.network, inputs, labels, BATCH, 1);
        net_forward(&changed.network, inputs, labels, BATCH, 1);
        for (int l = 1; l < LAYERS; l++) {
            const real *h = net.network.layer[l].h, *other = changed.network.layer[l].h;
            for (int i = 0; i < BATCH; i++) {
                assert_memory_equal(h + (size_t)i * WIDTH, other + (size_t)i * WIDTH,
                                    (size_t)own * sizeof(real));
                assert_memory_not_equal(h + (size_t)i * WIDTH + own,
                                        other + (size_t)i * WIDTH + own,
                                        (size_t)(WIDTH - own) * sizeof(real));
            }
        }
        net_finish(&net);
        net_finish(&changed);
    }
}

/* ReZero and Fixup: h_L = h_1, and what comes back is the same at every layer, to the last bit. */
static void blocks_begin_as_the_identity(void **state) {
    (void)state;
    static const enum branch still[] = { BRANCH_REZERO, BRANCH_FIXUP };
    for (int number = 0; number < 2 * 2 * ACTIVATION_COUNT * NORMALISATION_COUNT; number++) {
        int kind = number / 4;
        struct network_config config =
            config_of(kind % ACTIVATION_COUNT, kind / ACTIVATION_COUNT, CONNECTION_RESIDUAL);
        config.connection.branch = still[number % 2];
        config.connection.span = 1 + number / 2 % 2;
        // phi of the zeros that Fixup's last weights leave; over two layers there is none
        bool adds = config.connection.branch == BRANCH_FIXUP && config.connection.span == 1 &&
                    phi_value(&config.phi, 0.0) != 0.0;
        struct net net;
        net_init(&net, &config);
        net_forward(&net.network, inputs, labels, BATCH, 1);
        network_backward(&net.network);
        const struct layer *first = &net.network.layer[0];
        for (int l = config.connection.span; l < LAYERS; l += config.connection.span) {
            const struct layer *layer = &net.network.layer[l];
            assert_true(layer->block_end);
            assert_true(layer->sums.g_squared == first->sums.g_squared);
            assert_int_equal(adds, memcmp(layer->h, first->h, units_of(first) * sizeof(real)) != 0);
        }
        net_finish(&net);
    }
}

/* Of the two activations in a network every layer has its own, and the second of a block none. */
static void every_layer_has_its_activation(void **state) {
    (void)state;
    for (int number = 0; number < CONNECTION_COUNT * ACTIVATION_COUNT; number++) {
        int other = number % ACTIVATION_COUNT;
        struct network_config config =
            config_of(ACTIVATION_TANH, NORMALISATION_NONE, number / ACTIVATION_COUNT);
        bool residual = config.connection.which == CONNECTION_RESIDUAL;
        if (activations[other].form == ACTIVATION_PIECES) {
            continue; // a recurrent W fits one number of pieces
        }
        config.exception = (struct network_exception){ phi_of((enum activation)other), 4, 6 };
        struct net net;
        net_init(&net, &config);
        net_forward(&net.network, inputs, labels, BATCH, 1);
        for (int l = 0; l < LAYERS; l++) {
            const struct layer *layer = &net.network.layer[l];
            bool linear = residual && l > 0 && l % 2 == 0, excepted = l + 1 >= 4 && l + 1 <= 6;
            struct phi want = phi_of(linear     ? ACTIVATION_LINEAR
                                     : excepted ? (enum activation)other
                                                : ACTIVATION_TANH);
            for (size_t i = 0; i < units_of(layer); i++) {
                double y = phi_value(&want, (double)layer->z[i]);
                assert_true(fabs((double)layer->y[i] - y) < 1e-5 * fmax(1.0, fabs(y)));
            }
        }
        net_finish(&net);
    }
}

/* An update that makes the gradients itself does what one with their arrays does, bit by bit. */
static void gradients_need_not_be_asked_for(void **state) {
    (void)state;
    for (int number = 0; number < NORMALISATION_COUNT * CONNECTION_COUNT * ARRAY_LEN(noises);
         number++) {
        int block = number / ARRAY_LEN(noises);
        struct network_config config =
            config_of(ACTIVATION_PRELU, block % NORMALISATION_COUNT, block / NORMALISATION_COUNT);
        config.noise = noises[number % ARRAY_LEN(noises)];
        config.width = 120; // several strips of a tied W
        struct net asked, spared;
        net_init(&asked, &config);
        net_init(&spared, &config);
        for (int step = 1; step <= 3; step++) {
            net_step(&asked, inputs, labels, BATCH, step);
            net_forward(&spared.network, inputs, labels, BATCH, step);
            network_deltas(&spared.network);
            network_update(&spared.network, step);
        }
        for (int l = 0; l < net_layers(&asked); l++) {
            struct layer *a = &asked.network.layer[l], *b = &spared.network.layer[l];
            struct parameters *p[LAYER_VECTORS], *q[LAYER_VECTORS];
            int count = network_vectors(a, p);
            assert_int_equal(network_vectors(b, q), count);
            assert_memory_equal(a->weight.value, b->weight.value, a->weight.n * sizeof(real));
            for (int v = 0; v < count; v++) {
                assert_memory_equal(p[v]->value, q[v]->value, p[v]->n * sizeof(real));
            }
        }
        net_finish(&asked);
        net_finish(&spared);
    }
}

int main(void) {
    denormals_flush();
    engine_start();
    fill_examples(inputs, labels, BATCH, INPUTS, CLASSES);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(evaluation_is_without_noise),
        cmocka_unit_test(a_block_counts_for_its_odds),
        cmocka_unit_test(batch_norm_evaluates_with_running_averages),
        cmocka_unit_test(recurrent_layers_share_what_they_use),
        cmocka_unit_test(split_layers_do_not_see_each_other),
        cmocka_unit_test(blocks_begin_as_the_identity),
        cmocka_unit_test(every_layer_has_its_activation),
        cmocka_unit_test(gradients_need_not_be_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
