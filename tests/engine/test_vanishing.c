#include "base/check.h"

#include "base/require.h"
#include "engine/denormals.h"
#include "net.h"

/* What a network that vanishes does: the lecture's XOR, and denormal numbers. */

static const float xor_inputs[] = { 0, 0, 0, 1, 1, 0, 1, 1 };
static const uint8_t xor_labels[] = { 0, 1, 1, 0 };

/* 5 sigmoid units a layer, weights uniform(-1, 1). */
static struct network_config lecture_config(int layers, double learning_rate) {
    return (struct network_config){
        .layers = layers,
        .width = 5,
        .inputs = 2,
        .outputs = 1,
        .batch = 4,
        .phi = phi_of(ACTIVATION_SIGMOID),
        .init = INITIALISER_UNIFORM,
        .init_scale = 1.0,
        .loss = LOSS_BINARY_CROSS_ENTROPY,
        .optimiser = { .which = OPTIMISER_SGD, .learning_rate = learning_rate },
    };
}

/*
 * The lecture's nine hidden layers: ten activations of 5 sigmoid units, weights uniform(-1, 1),
 * learning rate 0.1, 10,000 steps on all four cases. It fails with every seed.
 */
static void the_deep_sigmoid_never_learns_xor(void **state) {
    (void)state;
    struct network_config config = lecture_config(10, 0.1);
    double low = 1.0, high = 0.0;
    for (config.seed = 1; config.seed <= 16; config.seed++) {
        struct net net;
        net_init(&net, &config);
        for (int step = 1; step <= 10000; step++) {
            net_step(&net, xor_inputs, xor_labels, 4, step);
        }
        net_forward(&net.network, xor_inputs, xor_labels, 4, 1);
        low = fmin(low, net.network.loss);
        high = fmax(high, net.network.loss);
        assert_true(fabs(net.network.loss - 0.6931) <= 1e-4);
        assert_true(net.network.correct == 2.0);
        net_finish(&net);
    }
    print_message("losses of 16 seeds: %.6f to %.6f\n", low, high);
}

/* The same with one hidden layer learns: it is the depth that fails. */
static void the_shallow_sigmoid_learns_xor(void **state) {
    (void)state;
    struct network_config config = lecture_config(1, 1.0);
    for (config.seed = 1; config.seed <= 16; config.seed++) {
        struct net net;
        net_init(&net, &config);
        for (int step = 1; step <= 10000; step++) {
            net_step(&net, xor_inputs, xor_labels, 4, step);
        }
        assert_true(net.network.correct == 4.0 && net.network.loss < 0.1);
        net_finish(&net);
    }
}

static void denormals_are_zeros(void **state) {
    (void)state;
    volatile float smallest = FLT_MIN, denormal = float_of_bits(0x00400000);
    assert_true(smallest * 0.5f == 0.0f); // flushed when they arise
    assert_true(denormal * 2.0f == 0.0f); // and when they are read
    assert_true(smallest * 1.0f == FLT_MIN);
    volatile double large = DBL_MIN;
    assert_true(large * 0.5 == 0.0);
}

enum { BATCH = 16, INPUTS = 20 };

static size_t count_denormals(const float *values, size_t n) {
    size_t count = 0;
    for (size_t i = 0; i < n; i++) { // by its bits: comparing would flush it
        uint32_t size = bits_of_float(values[i]) & 0x7fffffff;
        count += size > 0 && size < 0x00800000;
    }
    return count;
}

/* Every array of a 64-layer network whose gradients die out is free of denormals, zeros included.
 */
static void a_vanishing_network_keeps_running(void **state) {
    (void)state;
    static float inputs[BATCH * INPUTS];
    static const uint8_t labels[BATCH] = { 0, 1, 0, 1, 1 };
    fill_normals(inputs, (size_t)BATCH * INPUTS, 1, 0.0, 1.0);
    static const struct {
        enum activation activation;
        bool backward_only; // sigmoids keep z alive
    } rows[] = { { ACTIVATION_SIGMOID, true }, { ACTIVATION_TANH, false } };
    for (int which = 0; which < OPTIMISER_COUNT; which++) {
        for (int r = 0; r < ARRAY_LEN(rows); r++) {
            const struct network_config config = {
                .layers = 64,
                .width = 24,
                .inputs = INPUTS,
                .outputs = 2,
                .batch = BATCH,
                .phi = phi_of(rows[r].activation),
                .init = INITIALISER_SMALL,
                .init_scale = 1.0,
                .loss = LOSS_CROSS_ENTROPY,
                .optimiser = optimiser_of(which, 0.01),
                .seed = 8,
            };
            struct net net;
            net_init(&net, &config);
            for (int step = 1; step <= 20; step++) {
                net_step(&net, inputs, labels, BATCH, step);
                assert_true(isfinite(net.network.loss));
                bool forward = net.network.layer[63].sums.h_squared == 0.0;
                assert_true(step > 1 || forward == !rows[r].backward_only);
            }
            struct layer *first = &net.network.layer[0], *last = &net.network.layer[63];
            assert_true(first->sums.delta_squared == 0.0); // it did underflow
            assert_true(last->sums.delta_squared > 0.0);
            for (int l = 0; l < net_layers(&net); l++) {
                struct layer *layer = &net.network.layer[l];
                size_t entries = BATCH * (size_t)layer->fan_out;
                assert_int_equal(count_denormals(layer->z, entries), 0);
                assert_int_equal(count_denormals(layer->h, entries), 0);
                assert_int_equal(count_denormals(layer->delta, entries), 0);
                for (int i = 0; i < 2; i++) {
                    struct parameters *piece = net_piece(&net, l, i);
                    assert_int_equal(count_denormals(piece->value, piece->n), 0);
                    assert_int_equal(count_denormals(piece->gradient, piece->n), 0);
                    for (int s = 0; s < optimisers[which].states; s++) {
                        assert_int_equal(count_denormals(piece->state[s], piece->n), 0);
                    }
                }
            }
            net_finish(&net);
        }
    }
}

int main(void) {
    denormals_flush();
    engine_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_deep_sigmoid_never_learns_xor),
        cmocka_unit_test(the_shallow_sigmoid_learns_xor),
        cmocka_unit_test(denormals_are_zeros),
        cmocka_unit_test(a_vanishing_network_keeps_running),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
