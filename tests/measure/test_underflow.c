#include "base/check.h"

#include "base/require.h"
#include "engine/denormals.h"
#include "measured.h"

/*
 * Which zeros are underflow: those that are not zero when the same network is computed in double,
 * whose range is eight times as many decades.
 */

enum { WIDEST = 16, LAYERS_MOST = 8 };

struct twin {
    double z[LAYERS_MOST + 1][MEASURED_BATCH * WIDEST], h[LAYERS_MOST + 1][MEASURED_BATCH * WIDEST];
    double delta[LAYERS_MOST + 1][MEASURED_BATCH * WIDEST];
};

/* The whole pass in double, with the float network's weights and output delta. */
static void compute(const struct measured *m, struct twin *twin) {
    const struct network *network = &m->net.network;
    const struct activation_row *phi = &activations[network->config.phi.which];
    int layers = network->config.layers;
    for (int l = 0; l <= layers; l++) {
        const struct layer *layer = &network->layer[l];
        for (int k = 0; k < MEASURED_BATCH * layer->fan_out; k++) {
            int b = k / layer->fan_out, j = k % layer->fan_out;
            double z = (double)layer->bias.value[j];
            for (int i = 0; i < layer->fan_in; i++) {
                int from = b * layer->fan_in + i;
                z += (l > 0 ? twin->h[l - 1][from] : (double)m->inputs[from]) *
                     (double)layer->weight.value[i * layer->fan_out + j];
            }
            twin->z[l][k] = z;
            twin->h[l][k] = phi->value(z);
            twin->delta[l][k] = l == layers ? (double)layer->delta[k] : 0.0;
        }
    }
    for (int l = layers - 1; l >= 0; l--) {
        const struct layer *layer = &network->layer[l], *above = layer + 1;
        for (int k = 0; k < MEASURED_BATCH * layer->fan_out; k++) {
            int b = k / layer->fan_out, j = k % layer->fan_out;
            double g = 0.0;
            for (int o = 0; o < above->fan_out; o++) {
                g += twin->delta[l + 1][b * above->fan_out + o] *
                     (double)above->weight.value[j * above->fan_out + o];
            }
            twin->delta[l][k] = g * phi->slope(twin->z[l][k]);
        }
    }
}

static uint64_t lost(const float *values, const double *exact, size_t n) {
    uint64_t count = 0;
    for (size_t i = 0; i < n; i++) {
        count += values[i] == 0.0f && exact[i] != 0.0;
    }
    return count;
}

static struct measured *scaled(int activation, int layers, double scale) {
    struct network_config config = measured_config(activation, INITIALISER_NORMAL, layers);
    config.init_scale = scale;
    struct measured *m = measured_create(&config);
    return m;
}

/* Odd activations of any depth and any size of the weights: exactly what double can still tell. */
static void counts_are_what_double_still_holds(void **state) {
    (void)state;
    static struct twin twin;
    uint64_t most_partial = 0, sigmoid_z = 0;
    for (double scale = 1e-3; scale > 1e-38; scale *= 0.02) {
        for (int activation = 0; activation < ACTIVATION_COUNT; activation++) {
            if (activation == ACTIVATION_RELU || activation == ACTIVATION_MAXOUT) {
                continue; // where z underflowed, what they would have done is unknown
            }
            struct measured *m = scaled(activation, LAYERS_MOST, scale);
            measured_pass(m, 1);
            compute(m, &twin);
            for (int l = 0; l < LAYERS_MOST; l++) {
                const struct layer *layer = &m->net.network.layer[l];
                const struct layer_stats *stats = &m->run.layer[l];
                size_t n = measured_entries(m, l);
                assert_int_equal(stats->z.underflow, lost(layer->z, twin.z[l], n));
                assert_int_equal(stats->h.underflow, lost(layer->h, twin.h[l], n));
                assert_int_equal(stats->delta.underflow, lost(layer->delta, twin.delta[l], n));
                assert_int_equal(stats->delta_histogram.underflow, stats->delta.underflow);
                bool partial = stats->delta.underflow > 0 && stats->delta.underflow < n;
                most_partial += partial;
                sigmoid_z += activation == ACTIVATION_SIGMOID ? stats->z.underflow : 0;
            }
            measured_finish(m);
        }
    }
    assert_true(most_partial > 0); // also where only a part of a layer is gone
    assert_true(sigmoid_z > 0);    // whose h is 1/2 then, and not lost
}

/* tanh with weights of 1e-30: layer 1 is about 1e-30, layer 2 is gone, and so is delta below. */
static void tiny_weights_underflow_layer_by_layer(void **state) {
    (void)state;
    struct measured *m = scaled(ACTIVATION_TANH, 4, 1e-30);
    measured_pass(m, 1);
    const uint64_t n = (uint64_t)MEASURED_BATCH * 11;
    static const bool forward[] = { false, true, true, true },
                      backward[] = { true, true, true, false };
    for (int l = 0; l < 4; l++) {
        assert_int_equal(m->run.layer[l].z.underflow, forward[l] ? n : 0);
        assert_int_equal(m->run.layer[l].h.underflow, forward[l] ? n : 0);
        assert_int_equal(m->run.layer[l].delta.underflow, backward[l] ? n : 0);
        assert_int_equal(m->run.layer[l].delta.zero, backward[l] ? n : 0);
    }
    measured_finish(m);
}

/* ReLU: an exact zero explains the zeros that follow from it. */
static void zeros_of_the_rectifier_are_no_underflow(void **state) {
    (void)state;
    for (int layers = 1; layers <= LAYERS_MOST; layers++) {
        struct network_config config = measured_config(ACTIVATION_RELU, INITIALISER_HE, layers);
        struct measured *m = measured_create(&config);
        for (int j = 0; j < 11; j++) { // a dead layer in the middle, and all zeros behind it
            m->net.network.layer[layers / 2].bias.value[j] = -100.0f;
        }
        measured_pass(m, 1);
        for (int l = 0; l < layers; l++) {
            assert_int_equal(m->run.layer[l].z.underflow, 0);
            assert_int_equal(m->run.layer[l].h.underflow, 0);
            assert_int_equal(m->run.layer[l].delta.underflow, 0);
        }
        assert_true(m->run.layer[layers / 2].h.zero == (uint64_t)MEASURED_BATCH * 11);
        assert_true(layers == 1 || m->run.layer[0].delta.zero == (uint64_t)MEASURED_BATCH * 11);
        measured_finish(m);
    }
    struct measured *m = scaled(ACTIVATION_RELU, 3, 1e-30);
    measured_pass(m, 1);
    uint64_t alive = 0; // examples that anything of got through layer 1
    for (int b = 0; b < MEASURED_BATCH; b++) {
        bool fires = false;
        for (int j = 0; j < 11; j++) {
            fires |= m->net.network.layer[0].h[b * 11 + j] > 0.0f;
        }
        alive += fires;
    }
    assert_int_equal(m->run.layer[0].z.underflow, 0);
    assert_int_equal(m->run.layer[1].z.underflow, 11 * alive);
    measured_finish(m);
}

/* An example that is all zeros carries nothing that could be lost, beside examples that do. */
static void a_zero_example_is_no_underflow(void **state) {
    (void)state;
    struct measured *m = scaled(ACTIVATION_TANH, 3, 1e-30);
    memset(m->inputs, 0, sizeof(float) * 5 * MEASURED_INPUTS);
    measured_pass(m, 1);
    assert_int_equal(m->run.layer[0].z.zero, 5 * 11);
    assert_int_equal(m->run.layer[0].z.underflow, 0);
    for (int l = 1; l < 3; l++) {
        assert_int_equal(m->run.layer[l].z.zero, MEASURED_BATCH * 11);
        assert_int_equal(m->run.layer[l].z.underflow, (MEASURED_BATCH - 5) * 11);
    }
    measured_finish(m);
}

/* Units without weights, and a bias that would hide an underflow. */
static void weights_and_biases_explain_zeros(void **state) {
    (void)state;
    struct measured *m = scaled(ACTIVATION_TANH, 3, 1e-30);
    struct layer *layer = &m->net.network.layer[1];
    for (int i = 0; i < 11; i++) {
        layer->weight.value[i * 11 + 4] = 0.0f; // unit 4 of layer 2 gets nothing
        layer->weight.value[7 * 11 + i] = 0.0f; // unit 7 of layer 1 passes nothing on
    }
    measured_pass(m, 1);
    assert_int_equal(m->run.layer[1].z.underflow, MEASURED_BATCH * 10);
    assert_int_equal(m->run.layer[0].delta.zero, MEASURED_BATCH * 11);
    assert_int_equal(m->run.layer[0].delta.underflow, MEASURED_BATCH * 10);
    measured_finish(m);

    for (int activation = 0; activation < ACTIVATION_COUNT; activation++) {
        struct network_config config = measured_config(activation, INITIALISER_ZERO, 3);
        m = measured_create(&config);
        measured_pass(m, 1);
        for (int l = 0; l < 3; l++) {
            assert_int_equal(m->run.layer[l].delta.zero, measured_entries(m, l));
            assert_int_equal(m->run.layer[l].z.underflow + m->run.layer[l].delta.underflow, 0);
        }
        measured_finish(m);
    }
}

/* A bias that just cancels what comes in: an exact zero, and nothing was lost. */
static void cancellation_is_no_underflow(void **state) {
    (void)state;
    struct measured *m = scaled(ACTIVATION_TANH, 2, 1.0);
    struct layer *layer = &m->net.network.layer[0];
    for (int i = 0; i < MEASURED_INPUTS; i++) {
        layer->weight.value[i * 11 + 4] = i == 0 ? 0.5f : 0.0f;
    }
    layer->bias.value[4] = -0.5f;
    for (int b = 0; b < MEASURED_BATCH; b++) {
        m->inputs[(size_t)b * MEASURED_INPUTS] = 1.0f;
    }
    measured_pass(m, 1);
    assert_int_equal(m->run.layer[0].z.zero, MEASURED_BATCH);
    assert_int_equal(m->run.layer[0].z.underflow, 0);
    measured_finish(m);
}

/* phi' that is exactly zero explains a zero: tanh at +-1. */
static void saturation_is_no_underflow(void **state) {
    (void)state;
    struct network_config config = measured_config(ACTIVATION_TANH, INITIALISER_NORMAL, 2);
    struct measured *m = measured_create(&config);
    for (int j = 0; j < 11; j++) {
        m->net.network.layer[0].bias.value[j] = 100.0f;
    }
    measured_pass(m, 1);
    assert_int_equal(m->run.layer[0].delta.zero, MEASURED_BATCH * 11);
    assert_int_equal(m->run.layer[0].delta.underflow, 0);
    measured_finish(m);

    m = scaled(ACTIVATION_TANH, 3, 1e-30); // beside units that do underflow
    m->net.network.layer[0].bias.value[3] = 100.0f;
    measured_pass(m, 1);
    assert_int_equal(m->run.layer[0].delta.zero, MEASURED_BATCH * 11);
    assert_int_equal(m->run.layer[0].delta.underflow, MEASURED_BATCH * 10);
    measured_finish(m);
}

int main(void) {
    denormals_flush();
    engine_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_are_what_double_still_holds),
        cmocka_unit_test(tiny_weights_underflow_layer_by_layer),
        cmocka_unit_test(zeros_of_the_rectifier_are_no_underflow),
        cmocka_unit_test(a_zero_example_is_no_underflow),
        cmocka_unit_test(weights_and_biases_explain_zeros),
        cmocka_unit_test(cancellation_is_no_underflow),
        cmocka_unit_test(saturation_is_no_underflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
