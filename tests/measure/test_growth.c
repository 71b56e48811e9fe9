#include "base/check.h"

#include <math.h>
#include <stdlib.h>

#include "base/require.h"
#include "engine/denormals.h"
#include "engine/net.h"
#include "mean_field.h"
#include "measure/theory.h"

/*
 * How activations and gradients grow from layer to layer at the first weights, measured on the
 * engine's own networks, against theory.h and numbers measured elsewhere (NumPy, float64).
 */

enum { INPUTS = 256, BATCH_MOST = 512, CLASSES = 10, SEEDS = 3 };

static float inputs[BATCH_MOST * INPUTS];
static uint8_t labels[BATCH_MOST];

static struct network_config config_of(int activation, int layers, int width, int batch) {
    return (struct network_config){
        .layers = layers,
        .width = width,
        .inputs = INPUTS,
        .outputs = CLASSES,
        .batch = batch,
        .phi = phi_of((enum activation)activation),
        .init = INITIALISER_HE,
        .init_scale = 1.0,
        .loss = LOSS_CROSS_ENTROPY,
        .optimiser = { .which = OPTIMISER_SGD, .learning_rate = 0.1 },
        .seed = 1,
    };
}

/* Mean squares over a layer of a pass. */
struct squares {
    double z, h, g, delta; // of z, h, d loss / d h, d loss / d z
};

static double mean_square(const real *values, size_t n) {
    return kernels->sum_squares(values, n) / (double)n;
}

static void measure(const struct net *net, int index, struct squares *squares) {
    const struct layer *layer = &net->network.layer[index];
    size_t rows = (size_t)net->network.now.count, n = rows * (size_t)layer->columns;
    size_t units = rows * (size_t)layer->units;
    squares->z = mean_square(layer->z, n);
    squares->h = mean_square(layer->h, units);
    squares->g = layer->sums.g_squared / (double)units;
    squares->delta = mean_square(layer->delta, n);
}

/* Factors per layer of those squares from hidden layer `from` to `to`, up for z and h, down for the
 * gradients: geometric means over the way and over seeds. */
static struct squares growth(struct network_config config, int from, int to) {
    double log_z = 0.0, log_h = 0.0, log_g = 0.0, log_delta = 0.0;
    for (int seed = 1; seed <= SEEDS; seed++) {
        struct squares low, high;
        struct net net;
        config.seed = (uint64_t)seed;
        net_init(&net, &config);
        net_forward(&net.network, inputs, labels, config.batch, 1);
        network_backward(&net.network);
        measure(&net, from - 1, &low);
        measure(&net, to - 1, &high);
        log_z += log(high.z / low.z);
        log_h += log(high.h / low.h);
        log_g += log(low.g / high.g);
        log_delta += log(low.delta / high.delta);
        net_finish(&net);
    }
    double steps = SEEDS * (to - from);
    return (struct squares){ exp(log_z / steps), exp(log_h / steps), exp(log_g / steps),
                             exp(log_delta / steps) };
}

static void assert_near(const char *what, double value, double reference, double relative) {
    if (!(fabs(value - reference) <= relative * reference)) {
        fail_msg("%s: %.4f, should be %.4f up to %g %%", what, value, reference, 100.0 * relative);
    }
}

/* Under batch norm RMS delta grows toward the input, more so in small batches. */
static void batch_norm_makes_gradients_grow(void **state) {
    (void)state;
    static const int batches[] = { 8, 32, 128, 512 };
    static const struct {
        enum activation which;
        double measured[4]; // elsewhere, N = 512
    } rows[] = {
        { ACTIVATION_RELU, { 1.329, 1.233, 1.2165, 1.2076 } },
        { ACTIVATION_TANH, { 1.164, 1.104, 1.093, 1.089 } },
        { ACTIVATION_SIGMOID, { 1.107, 1.035, 1.023, 1.020 } },
        { ACTIVATION_LINEAR, { 1.094, 1.017, 1.005, 1.001 } },
    };
    for (int i = 0; i < ARRAY_LEN(rows); i++) {
        double factor[4];
        const char *name = activations[rows[i].which].name;
        for (int b = 0; b < 4; b++) {
            struct network_config config = config_of((int)rows[i].which, 10, 512, batches[b]);
            config.normalisation = NORMALISATION_BATCH;
            factor[b] = sqrt(growth(config, 1, 10).delta);
            assert_near(name, factor[b], rows[i].measured[b], 0.015);
            assert_true(b == 0 || factor[b] < factor[b - 1]);
        }
        assert_near(name, factor[3], mean_field_batch_norm(phi_of(rows[i].which)), 0.01);
        print_message("batch norm, %s: %.4f %.4f %.4f %.4f for 8, 32, 128, 512 examples\n", name,
                      factor[0], factor[1], factor[2], factor[3]);
    }
}

static bool has_moments(int activation) {
    return activations[activation].form == ACTIVATION_FIXED;
}

static void every_activation_has_its_factor_under_batch_norm(void **state) {
    (void)state;
    for (int a = 0; a < ACTIVATION_COUNT; a++) {
        struct network_config config = config_of(a, 10, 256, 256);
        config.normalisation = NORMALISATION_BATCH;
        if (has_moments(a)) {
            assert_near(activations[a].name, sqrt(growth(config, 1, 10).delta),
                        mean_field_batch_norm(config.phi), 0.015);
        }
    }
}

/* Layer norm keeps gradients, but for the sigmoid, which it does not cure. */
static void every_activation_has_its_factor_under_layer_norm(void **state) {
    (void)state;
    static const struct {
        enum activation which;
        double measured;
    } rows[] = {
        { ACTIVATION_RELU, 1.006 },
        { ACTIVATION_TANH, 1.087 },
        { ACTIVATION_SIGMOID, 0.394 },
    };
    for (int i = 0; i < ARRAY_LEN(rows); i++) {
        struct network_config config = config_of((int)rows[i].which, 10, 512, 64);
        config.normalisation = NORMALISATION_LAYER;
        double factor = sqrt(growth(config, 1, 10).delta);
        const char *name = activations[rows[i].which].name;
        assert_near(name, factor, rows[i].measured, 0.01);
        print_message("layer norm, %s: %.4f\n", name, factor);
    }
    for (int a = 0; a < ACTIVATION_COUNT; a++) {
        struct network_config config = config_of(a, 10, 256, 64);
        config.normalisation = NORMALISATION_LAYER;
        if (has_moments(a)) {
            assert_near(activations[a].name, sqrt(growth(config, 1, 10).delta),
                        mean_field_layer_norm(config.phi), 0.02);
        }
    }
}

/* Dropping with p and dividing by 1 - p acts like larger weights: q and delta^2 grow by 1 / (1 - p)
 * per layer in He's network, and stay where the weights are made smaller. */
static void dropout_keeps_its_factor(void **state) {
    (void)state;
    static const double keeps[] = { 0.5, 0.7, 0.9 };
    for (int number = 0; number < 2 * ARRAY_LEN(keeps); number++) {
        double keep = keeps[number / 2], drop = 1.0 - keep;
        struct network_config config = config_of(ACTIVATION_RELU, 10, 512, 64);
        config.noise = number % 2 ? (struct noise_settings){ .drop_connect = drop }
                                  : (struct noise_settings){ .dropout = drop };
        struct squares factor = growth(config, 1, 10);
        double want = mean_field_chi(config.phi, 2.0 / keep, 1.0);
        assert_near("chi", want, 1.0 / keep, 1e-12);
        assert_near("q", factor.z, want, 0.05);
        assert_near("delta", sqrt(factor.delta), sqrt(want), 0.02);
        print_message("%s, keep %.1f: q %.3f, RMS delta %.4f per layer (%.3f, %.4f)\n",
                      number % 2 ? "DropConnect" : "dropout", keep, factor.z, sqrt(factor.delta),
                      want, sqrt(want));
        config.init_scale = sqrt(keep);
        factor = growth(config, 1, 10);
        assert_near("q", factor.z, 1.0, 0.05);
        assert_near("delta", sqrt(factor.delta), 1.0, 0.02);
    }
}

/* E[phi] = 0 and E[phi^2] = 1 of SELU stay, and delta^2 is multiplied by the kept share's slope. */
static void alpha_dropout_keeps_the_fixed_point(void **state) {
    (void)state;
    static const double drops[] = { 0.05, 0.1, 0.3 };
    for (int i = 0; i < ARRAY_LEN(drops); i++) {
        struct network_config config = config_of(ACTIVATION_SELU, 10, 512, 64);
        config.init = INITIALISER_XAVIER; // LeCun's normal, as the published networks have it
        config.noise.alpha_dropout = drops[i];
        struct squares factor = growth(config, 1, 10);
        double low = SELU_SCALE * SELU_ALPHA, chi = 1.071574992456;
        assert_near("q", factor.z, 1.0, 0.02);
        assert_near("delta", factor.delta, chi / (1.0 + low * low * drops[i]), 0.03);
    }
}

/* Blocks x + s F(x): mean squares forward, of h, and backward, of d loss / d h, per block. */
static void residual_blocks_have_their_factors(void **state) {
    (void)state;
    enum { BLOCKS = 20 };
    static const struct {
        enum branch branch;
        int span;
        double forward, backward, relative;
    } rows[] = {
        { BRANCH_ONE, 2, 2.94, 2.99, 0.05 },
        { BRANCH_ONE, 1, 2.83, 2.25, 0.1 }, // positive means add up: no theory
        { BRANCH_DEPTH, 2, 1.1, 1.1, 0.01 },
        { BRANCH_REZERO, 1, 1.0, 1.0, 0.0 },
        { BRANCH_REZERO, 2, 1.0, 1.0, 0.0 },
        { BRANCH_FIXUP, 1, 1.0, 1.0, 0.0 },
        { BRANCH_FIXUP, 2, 1.0, 1.0, 0.0 },
    };
    for (int i = 0; i < ARRAY_LEN(rows); i++) {
        int span = rows[i].span;
        struct network_config config = config_of(ACTIVATION_RELU, 1 + BLOCKS * span, 256, 64);
        config.connection = (struct connection_settings){ .which = CONNECTION_RESIDUAL,
                                                          .span = span,
                                                          .branch = rows[i].branch };
        const struct branch_row *branch = &branches[rows[i].branch];
        struct squares factor = growth(config, 1, 1 + BLOCKS * span);
        double forward = pow(factor.h, span), backward = pow(factor.g, span);
        print_message("residual over %d, %s: h^2 %.4f, g^2 %.4f per block\n", span, branch->name,
                      forward, backward);
        assert_near(branch->name, forward, rows[i].forward, rows[i].relative);
        assert_near(branch->name, backward, rows[i].backward, rows[i].relative);
        if (span == 2 && !branch->last_zero) {
            double s = branch->scale(BLOCKS);
            assert_near(branch->name, forward,
                        mean_field_block_forward(config.phi, 2.0, 2.0, s, 1.0), 0.05);
            assert_near(branch->name, backward,
                        mean_field_block_backward(config.phi, 2.0, 2.0, s, 1.0), 0.05);
        }
        if (rows[i].branch == BRANCH_DEPTH) { // over all twenty
            assert_near(branch->name, pow(forward, BLOCKS), 6.7, 0.05);
            assert_near(branch->name, pow(backward, BLOCKS), 6.7, 0.05);
        }
    }
}

int main(void) {
    denormals_flush();
    engine_start();
    fill_normals(inputs, (size_t)BATCH_MOST * INPUTS, 1, 0.0, 1.0);
    for (int i = 0; i < BATCH_MOST; i++) {
        labels[i] = (uint8_t)(i * i % CLASSES);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batch_norm_makes_gradients_grow),
        cmocka_unit_test(every_activation_has_its_factor_under_batch_norm),
        cmocka_unit_test(every_activation_has_its_factor_under_layer_norm),
        cmocka_unit_test(dropout_keeps_its_factor),
        cmocka_unit_test(alpha_dropout_keeps_the_fixed_point),
        cmocka_unit_test(residual_blocks_have_their_factors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
