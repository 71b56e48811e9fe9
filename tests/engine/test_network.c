#include "base/check.h"

#include <stdlib.h>

#include "base/require.h"
#include "engine/denormals.h"
#include "net.h"

enum { INPUTS = 12, BATCH = 10, CLASSES = 3 };

static float inputs[BATCH * INPUTS];
static uint8_t labels[BATCH];

static struct network_config small_config(void) {
    return (struct network_config){
        .layers = 4,
        .width = 9,
        .inputs = INPUTS,
        .outputs = CLASSES,
        .batch = BATCH,
        .phi = phi_of(ACTIVATION_TANH),
        .init = INITIALISER_XAVIER,
        .init_scale = 1.0,
        .bias = 0.05,
        .loss = LOSS_CROSS_ENTROPY,
        .optimiser = { .which = OPTIMISER_SGD, .learning_rate = 0.1 },
        .seed = 42,
    };
}

struct tensor {
    float *values;
    size_t n;
};

enum { TENSORS = 11 };

/* All that a layer was dealt. Returns how many tensors. */
static int tensors_of(const struct network *network, int index, struct tensor out[TENSORS]) {
    const struct layer *layer = &network->layer[index];
    const struct parameters *pieces[] = { &layer->weight, &layer->bias };
    size_t entries = (size_t)network->config.batch * (size_t)layer->fan_out;
    int count = 0;
    for (int i = 0; i < 2; i++) {
        out[count++] = (struct tensor){ pieces[i]->value, pieces[i]->n };
        out[count++] = (struct tensor){ pieces[i]->gradient, pieces[i]->n };
        for (int s = 0; s < optimisers[network->config.optimiser.which].states; s++) {
            out[count++] = (struct tensor){ pieces[i]->state[s], pieces[i]->n };
        }
    }
    out[count++] = (struct tensor){ layer->z, entries };
    out[count++] = (struct tensor){ layer->h, entries };
    out[count++] = (struct tensor){ layer->delta, entries };
    return count;
}

/* Every tensor has its shape and its own memory, and together they are what was counted. */
static void tensors_do_not_overlap(void **state) {
    (void)state;
    for (int which = 0; which < OPTIMISER_COUNT; which++) {
        struct network_config config = small_config();
        config.optimiser = optimiser_of(which, 0.01);
        struct net net;
        struct tensor tensors[TENSORS];
        net_init(&net, &config);
        assert_int_equal(net.arena.used, net.arena.capacity);
        size_t floats = 0;
        for (int l = 0; l < net_layers(&net); l++) {
            struct layer *layer = &net.network.layer[l];
            assert_int_equal(layer->fan_in, l == 0 ? INPUTS : config.width);
            assert_int_equal(layer->fan_out, l < config.layers ? config.width : CLASSES);
            assert_int_equal(layer->weight.n, layer->fan_in * layer->fan_out);
            assert_int_equal(layer->bias.n, layer->fan_out);
            int count = tensors_of(&net.network, l, tensors);
            assert_int_equal(count, 7 + 2 * optimisers[which].states);
            for (int t = 0; t < count; t++) {
                assert_int_equal((uintptr_t)tensors[t].values % ARENA_ALIGNMENT, 0);
                for (size_t i = 0; i < tensors[t].n; i++) {
                    tensors[t].values[i] = (float)(l * TENSORS + t);
                }
                floats += (tensors[t].n + 15) / 16 * 16;
            }
        }
        assert_int_equal(net.arena.used, floats * sizeof(float));
        for (int l = 0; l < net_layers(&net); l++) {
            int count = tensors_of(&net.network, l, tensors);
            for (int t = 0; t < count; t++) {
                for (size_t i = 0; i < tensors[t].n; i++) {
                    assert_true(tensors[t].values[i] == (float)(l * TENSORS + t));
                }
            }
        }
        net_finish(&net);
    }
}

static void a_reset_starts_anew(void **state) {
    (void)state;
    for (int which = 0; which < OPTIMISER_COUNT; which++) {
        struct network_config config = small_config();
        config.optimiser = optimiser_of(which, 0.01);
        struct net net, fresh;
        net_init(&net, &config);
        net_init(&fresh, &config);
        for (int step = 1; step <= 5; step++) {
            net_step(&net, inputs, labels, BATCH, step);
        }
        assert_true(net.network.layer[0].weight.value[0] != fresh.network.layer[0].weight.value[0]);
        assert_true(network_reset(&net.network, NULL));
        for (int step = 1; step <= 5; step++) { // the state of the optimiser is gone, too
            net_step(&net, inputs, labels, BATCH, step);
            net_step(&fresh, inputs, labels, BATCH, step);
        }
        assert_same_parameters(&net, &fresh);
        net_finish(&net);
        net_finish(&fresh);
    }
}

static void the_first_weights_are_the_initialisers(void **state) {
    (void)state;
    for (int init = 0; init < INITIALISER_COUNT; init++) {
        struct network_config config = small_config();
        config.init = (enum initialiser)init;
        config.init_scale = 1.25;
        config.bias_sd = init % 2 ? 0.5 : 0.0;
        struct net net;
        net_init(&net, &config);
        for (int l = 0; l < net_layers(&net); l++) {
            struct layer *layer = &net.network.layer[l];
            float W[INPUTS * 9], b[9];
            const struct initialiser_target target = { config.init, 1.25, W };
            assert_true(
                initialiser_fill(&target, 1, 42, l + 1, layer->fan_in, layer->fan_out, NULL));
            assert_memory_equal(layer->weight.value, W, layer->weight.n * sizeof(float));
            initialiser_fill_biases(config.init, 1.25, 0.05, 42, l + 1, layer->fan_in,
                                    layer->fan_out, b);
            initialiser_spread_biases(config.bias_sd, 42, l + 1, layer->fan_out, b);
            assert_memory_equal(layer->bias.value, b, layer->bias.n * sizeof(float));
        }
        net_finish(&net);
    }
}

/* Common random numbers: a deeper network has the same first layers, a wider one the same corner.
 */
static void depth_and_width_share_their_weights(void **state) {
    (void)state;
    struct network_config config = small_config(), deep = config, wide = config;
    config.init = deep.init = wide.init = INITIALISER_NORMAL;
    deep.layers = 20;
    wide.width = 31;
    struct net a, b, c;
    net_init(&a, &config);
    net_init(&b, &deep);
    net_init(&c, &wide);
    for (int l = 0; l < config.layers; l++) {
        struct layer *one = &a.network.layer[l], *other = &c.network.layer[l];
        assert_memory_equal(one->weight.value, b.network.layer[l].weight.value,
                            one->weight.n * sizeof(float));
        for (int i = 0; i < one->fan_in; i++) {
            assert_memory_equal(one->weight.value + (size_t)i * (size_t)one->fan_out,
                                other->weight.value + (size_t)i * (size_t)other->fan_out,
                                (size_t)one->fan_out * sizeof(float));
        }
    }
    net_finish(&a);
    net_finish(&b);
    net_finish(&c);
}

static void the_same_seed_gives_the_same_bits(void **state) {
    (void)state;
    for (int which = 0; which < OPTIMISER_COUNT; which++) {
        for (int activation = 0; activation < ACTIVATION_COUNT; activation++) {
            struct network_config config = small_config();
            config.width = 40; // large enough for the matrix library
            config.optimiser = optimiser_of(which, 0.01);
            config.phi = phi_of((enum activation)activation);
            struct net a, b, other;
            net_init(&a, &config);
            net_init(&b, &config);
            config.seed++;
            net_init(&other, &config);
            for (int step = 1; step <= 20; step++) {
                net_step(&a, inputs, labels, BATCH, step);
                net_step(&b, inputs, labels, BATCH, step);
                net_step(&other, inputs, labels, BATCH, step);
                assert_true(a.network.loss == b.network.loss);
                assert_true(a.network.loss != other.network.loss);
            }
            assert_same_parameters(&a, &b);
            net_finish(&a);
            net_finish(&b);
            net_finish(&other);
        }
    }
}

/* A batch below the largest one is the same as a network made for it. */
static void a_smaller_batch_works(void **state) {
    (void)state;
    struct network_config config = small_config();
    for (int batch = 1; batch <= BATCH; batch++) {
        struct net large, fitting;
        config.batch = BATCH;
        net_init(&large, &config);
        config.batch = batch;
        net_init(&fitting, &config);
        net_step(&large, inputs, labels, BATCH, 1); // leaves numbers behind the smaller batch
        assert_true(network_reset(&large.network, NULL));
        for (int step = 1; step <= 3; step++) {
            net_step(&large, inputs, labels, batch, step);
            net_step(&fitting, inputs, labels, batch, step);
        }
        assert_int_equal(large.network.now.count, batch);
        assert_true(large.network.loss == fitting.network.loss);
        assert_true(large.network.correct == fitting.network.correct);
        for (int l = 0; l < net_layers(&large); l++) {
            struct layer_sums *sums = &large.network.layer[l].sums;
            assert_memory_equal(sums, &fitting.network.layer[l].sums, sizeof *sums);
        }
        assert_same_parameters(&large, &fitting);
        net_finish(&large);
        net_finish(&fitting);
    }
}

static double sum_of(const float *values, size_t n, bool squared) {
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        sum += squared ? (double)values[i] * (double)values[i] : (double)values[i];
    }
    return sum;
}

/* The sums that every pass takes along are those of the arrays, also where rows come in chunks. */
static void sums_are_those_of_the_arrays(void **state) {
    (void)state;
    enum { LARGE = 333, ROWS = 50 };
    static float many[ROWS * INPUTS];
    static uint8_t classes[ROWS];
    fill_normals(many, (size_t)ROWS * INPUTS, 3, 0.2, 1.0);
    for (int activation = 0; activation < ACTIVATION_COUNT; activation++) {
        struct network_config config = small_config();
        config.width = LARGE;
        config.batch = ROWS;
        config.phi = phi_of((enum activation)activation);
        struct net net;
        net_init(&net, &config);
        net_forward(&net.network, many, classes, ROWS, 1);
        network_backward(&net.network);
        struct update_sums preview[5] = { 0 };
        for (int l = 0; l < net_layers(&net); l++) {
            struct layer *layer = &net.network.layer[l];
            struct layer_sums *sums = &layer->sums;
            size_t n = ROWS * (size_t)layer->fan_out;
            assert_true(fabs(sums->z - sum_of(layer->z, n, false)) < 1e-9 * (double)n);
            size_t units = ROWS * (size_t)layer->units;
            assert_true(fabs(sums->h - sum_of(layer->h, units, false)) < 1e-9 * (double)n);
            assert_true(relative_error(sums->h_squared, sum_of(layer->h, units, true)) < 1e-12);
            assert_true(relative_error(sums->delta_squared, sum_of(layer->delta, n, true)) < 1e-12);
            preview[l] = network_preview(&net.network, l, 1);
        }
        network_update(&net.network, 1);
        for (int l = 0; l < net_layers(&net); l++) {
            struct layer *layer = &net.network.layer[l];
            double squares = sum_of(layer->weight.gradient, layer->weight.n, true);
            assert_true(relative_error(layer->sums.weight_gradient_squared, squares) < 1e-12);
            assert_true(preview[l].gradient == layer->sums.weight_gradient_squared);
            assert_true(relative_error(preview[l].update, 0.01 * squares) < 1e-6);
        }
        net_finish(&net);
    }
}

/*
 * All weights zero: no gradient passes W^T, so the hidden deltas are exactly zero at step 0, and
 * the units of a layer stay identical for ever.
 */
static void zero_weights_never_break_their_symmetry(void **state) {
    (void)state;
    for (int activation = 0; activation < ACTIVATION_COUNT; activation++) {
        for (int which = 0; which < OPTIMISER_COUNT; which++) {
            struct network_config config = small_config();
            config.init = INITIALISER_ZERO;
            config.phi = phi_of((enum activation)activation);
            config.optimiser = optimiser_of(which, 0.01);
            struct net net;
            net_init(&net, &config);
            net_step(&net, inputs, labels, BATCH, 1);
            for (int l = 0; l < config.layers; l++) {
                assert_true(sum_of(net.network.layer[l].delta, (size_t)BATCH * 9, true) == 0.0);
            }
            for (int step = 2; step <= 50; step++) {
                net_step(&net, inputs, labels, BATCH, step);
            }
            for (int l = 0; l < config.layers; l++) {
                struct layer *layer = &net.network.layer[l];
                for (size_t i = 0; i < layer->weight.n; i++) {
                    assert_true(layer->weight.value[i] == layer->weight.value[i / 9 * 9]);
                }
                for (size_t i = 0; i < (size_t)BATCH * 9; i++) {
                    assert_true(layer->h[i] == layer->h[i / 9 * 9]);
                }
            }
            net_finish(&net);
        }
    }
}

/* An update that makes the gradients itself does what one with their arrays does, bit by bit. */
static void gradients_need_not_be_asked_for(void **state) {
    (void)state;
    static const int widths[] = { 9, 33, 100, 700 };
    for (int number = 0; number < 2 * OPTIMISER_COUNT; number++) {
        struct optimiser_settings optimiser = optimiser_of(number / 2, 0.01);
        for (int w = 0; w < ARRAY_LEN(widths); w++) {
            struct network_config config = small_config();
            config.width = widths[w];
            config.optimiser = number % 2 ? with_adjustments(optimiser) : optimiser;
            struct net asked, spared;
            net_init(&asked, &config);
            net_init(&spared, &config);
            for (int step = 1; step <= 4; step++) {
                net_step(&asked, inputs, labels, BATCH, step);
                net_forward(&spared.network, inputs, labels, BATCH, 1);
                network_deltas(&spared.network);
                if (step == 3) {
                    network_gradients(&spared.network);
                }
                network_update(&spared.network, step);
                for (int l = 0; l < net_layers(&asked); l++) {
                    assert_true(asked.network.layer[l].sums.weight_gradient_squared ==
                                spared.network.layer[l].sums.weight_gradient_squared);
                }
            }
            assert_same_parameters(&asked, &spared);
            net_finish(&asked);
            net_finish(&spared);
        }
    }
}

/* The squares of all gradients. */
static double gradient_squares(struct net *net) {
    double squares = 0.0;
    for (int i = 0; i < 2 * net_layers(net); i++) {
        struct parameters *piece = net_piece(net, i / 2, i % 2);
        squares += sum_of(piece->gradient, piece->n, true);
    }
    return squares;
}

/* The update is clipped, biases included; the arrays keep what was measured. */
static void clipping_is_of_the_update_alone(void **state) {
    (void)state;
    static const double shares[] = { 0.0, 0.1, 0.9, 2.0 }; // of the norm that there is
    struct network_config config = small_config();
    struct net net, clipped;
    net_init(&net, &config);
    net_step(&net, inputs, labels, BATCH, 1);
    double norm = sqrt(gradient_squares(&net));
    for (int k = 0; k < ARRAY_LEN(shares); k++) {
        config.optimiser.clip_norm = shares[k] * norm;
        net_init(&clipped, &config);
        net_step(&clipped, inputs, labels, BATCH, 1);
        bool clips = shares[k] > 0.0 && shares[k] < 1.0;
        double scale = clips ? shares[k] * norm / (norm + 1e-6) : 1.0;
        assert_true(relative_error(clipped.network.clip_scale, scale) < 1e-12);
        struct net start;
        net_init(&start, &config);
        for (int i = 0; i < 2 * net_layers(&net); i++) {
            struct parameters *piece = net_piece(&clipped, i / 2, i % 2);
            struct parameters *first = net_piece(&start, i / 2, i % 2);
            assert_memory_equal(piece->gradient, net_piece(&net, i / 2, i % 2)->gradient,
                                piece->n * sizeof(float));
            for (size_t j = 0; j < piece->n; j++) {
                double want = (double)first->value[j] - 0.1 * scale * (double)piece->gradient[j];
                assert_true(fabs((double)piece->value[j] - want) < 1e-6);
            }
        }
        net_finish(&start);
        net_finish(&clipped);
    }
    net_finish(&net);
}

/* What is measured of dW, and of the update with all that belongs to it. */
static void a_preview_has_everything_in_it(void **state) {
    (void)state;
    for (int which = 0; which < OPTIMISER_COUNT; which++) {
        struct network_config config = small_config();
        config.optimiser = with_adjustments(optimiser_of(which, 0.01));
        struct net net;
        net_init(&net, &config);
        for (int step = 1; step <= 5; step++) {
            float before[9 * 9];
            net_forward(&net.network, inputs, labels, BATCH, 1);
            network_backward(&net.network);
            struct layer *layer = &net.network.layer[2];
            memcpy(before, layer->weight.value, sizeof before);
            assert_true(net.network.clip_scale < 1.0 || step > 1);
            struct update_sums sums = network_preview(&net.network, 2, step);
            network_update(&net.network, step);
            assert_true(sums.gradient == layer->sums.weight_gradient_squared);
            double gradient = sum_of(layer->weight.gradient, layer->weight.n, true), change = 0.0;
            assert_true(relative_error(sums.gradient, gradient) < 1e-12);
            for (int i = 0; i < 9 * 9; i++) {
                double d = (double)layer->weight.value[i] - (double)before[i];
                change += d * d;
            }
            assert_true(relative_error(sqrt(sums.update), sqrt(change)) < 1e-4);
        }
        net_finish(&net);
    }
}

/* Parameters, their gradients and states, and z, h and delta: little is taken beside them. */
static void memory_is_what_the_arrays_need(void **state) {
    (void)state;
    static const int shapes[][4] = { { 784, 100, 10, 64 },
                                     { 500, 500, 10, 64 },
                                     { 784, 512, 4, 100 } };
    for (int k = 0; k < OPTIMISER_COUNT * ARRAY_LEN(shapes); k++) {
        const int *shape = shapes[k / OPTIMISER_COUNT];
        struct network_config config = small_config();
        config.inputs = shape[0];
        config.width = shape[1];
        config.layers = shape[2];
        config.batch = shape[3];
        config.outputs = 10;
        config.optimiser = optimiser_of(k % OPTIMISER_COUNT, 0.01);
        static struct network network;
        struct arena counting = { 0 };
        network_layout(&network, &config, &counting);
        double needed = 0.0, copies = 2.0 + optimisers[k % OPTIMISER_COUNT].states;
        for (int l = 0; l <= config.layers; l++) {
            double in = l == 0 ? config.inputs : config.width;
            double out = l < config.layers ? config.width : config.outputs;
            needed += (in + 1.0) * out * copies + 3.0 * config.batch * out;
        }
        assert_true((double)counting.used <= 1.10 * needed * sizeof(float));
    }
}

int main(void) {
    denormals_flush();
    engine_start();
    fill_examples(inputs, labels, BATCH, INPUTS, CLASSES);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tensors_do_not_overlap),
        cmocka_unit_test(a_reset_starts_anew),
        cmocka_unit_test(the_first_weights_are_the_initialisers),
        cmocka_unit_test(depth_and_width_share_their_weights),
        cmocka_unit_test(the_same_seed_gives_the_same_bits),
        cmocka_unit_test(gradients_need_not_be_asked_for),
        cmocka_unit_test(clipping_is_of_the_update_alone),
        cmocka_unit_test(a_preview_has_everything_in_it),
        cmocka_unit_test(a_smaller_batch_works),
        cmocka_unit_test(sums_are_those_of_the_arrays),
        cmocka_unit_test(zero_weights_never_break_their_symmetry),
        cmocka_unit_test(memory_is_what_the_arrays_need),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
