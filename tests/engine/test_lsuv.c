#include "base/check.h"

#include "base/require.h"
#include "engine/denormals.h"
#include "engine/lsuv.h"
#include "net.h"

enum { BATCH = 60, INPUTS = 40, WIDTH = 30, CLASSES = 4, MOST_LAYERS = 60, MOST_COLUMNS = 120 };

/* Inputs as MNIST has them: most of them exactly 0, the others up to 1; and standard normals. */
enum input { INPUT_IMAGE, INPUT_NORMAL, INPUT_COUNT };

static real inputs[INPUT_COUNT][BATCH * INPUTS];

static int set_up(void **state) {
    (void)state;
    engine_start();
    denormals_flush();
    fill_normals(inputs[INPUT_NORMAL], BATCH * INPUTS, 3, 0.0, 1.0);
    fill_normals(inputs[INPUT_IMAGE], BATCH * INPUTS, 4, -0.6, 0.8);
    for (int i = 0; i < BATCH * INPUTS; i++) {
        real value = inputs[INPUT_IMAGE][i];
        inputs[INPUT_IMAGE][i] = value < 0 ? 0 : value > 1 ? 1 : value;
    }
    return 0;
}

static struct network_config config_of(int activation, int layers, double scale) {
    return (struct network_config){
        .layers = layers,
        .width = WIDTH,
        .inputs = INPUTS,
        .outputs = CLASSES,
        .batch = BATCH,
        .phi = phi_of((enum activation)activation),
        .init = INITIALISER_LSUV,
        .init_scale = scale,
        .loss = LOSS_CROSS_ENTROPY,
        .optimiser = { .which = OPTIMISER_SGD, .learning_rate = 0.1 },
        .seed = 17,
    };
}

/*
 * Variance of all z of each layer in a new pass, in double. Each layer starts from the h that the
 * network has below it: from the input on, a deep network in its chaotic phase would soon differ.
 */
static void variances(struct network *network, const real *input, double *variance) {
    static const uint8_t labels[BATCH] = { 0 };
    static double z[BATCH * MOST_COLUMNS];
    net_forward(network, input, labels, BATCH, 1);
    for (int l = 0; l <= network->config.layers; l++) {
        const struct layer *layer = &network->layer[l];
        const real *h = l > 0 ? network->layer[l - 1].h : input;
        int in = layer->fan_in, out = layer->fan_out, columns = layer->columns;
        double mean = 0.0, squares = 0.0;
        for (int b = 0; b < BATCH; b++) {
            for (int j = 0; j < columns; j++) {
                const real *W = layer->weight.value + j / out * in * out + j % out;
                const real *x = h + (b * layer->groups + j / out) * in;
                double sum = (double)layer->bias.value[j];
                for (int i = 0; i < in; i++) {
                    sum += (double)x[i] * (double)W[i * out];
                }
                z[b * columns + j] = sum;
                mean += sum / (BATCH * columns);
            }
        }
        for (int i = 0; i < BATCH * columns; i++) {
            squares += (z[i] - mean) * (z[i] - mean);
        }
        variance[l] = squares / (BATCH * columns);
    }
}

/* What the checks of many networks found. */
struct findings {
    double worst, apart; // from the variance, of the log from it
    int scaled;
};

/* The margin holds at every layer, and the log tells the truth. */
static void check(const struct network_config *config, const real *input,
                  struct findings *findings) {
    static struct lsuv_log log;
    double variance[MOST_LAYERS + 1], wanted = config->init_scale * config->init_scale;
    struct net net;
    net_init(&net, config);
    lsuv_scale(&net.network, input, BATCH, &log);
    variances(&net.network, input, variance);
    assert_int_equal(log.layers, config->layers + 1);
    for (int l = 0; l < log.layers; l++) {
        const struct lsuv_layer *done = &log.layer[l];
        double off = fabs(variance[l] / wanted - 1.0);
        findings->worst = fmax(findings->worst, off);
        findings->scaled += done->iterations;
        assert_true(off <= LSUV_MARGIN);
        findings->apart = fmax(findings->apart, relative_error(done->after, variance[l]));
        assert_true(done->iterations <= 2);
    }
    net_finish(&net);
}

static void tell(const struct findings *findings) {
    print_message("worst |var - 1|: %.2g; %d scalings; log off by %.2g\n", findings->worst,
                  findings->scaled, findings->apart);
    assert_true(findings->scaled > 500 && findings->apart < 1e-4);
}

/* Every activation, shallow and deep, at two gains. */
static void every_layer_has_the_variance(void **state) {
    (void)state;
    static const int depths[] = { 1, 10, MOST_LAYERS };
    static const double scales[] = { 1.0, 1.5 };
    struct findings findings = { 0 };
    for (int k = 0; k < ACTIVATION_COUNT * INPUT_COUNT * 3 * 2; k++) {
        int activation = k / 2 / 3 / INPUT_COUNT;
        const real *input = inputs[k / 2 / 3 % INPUT_COUNT];
        double scale = scales[k % 2];
        struct network_config config = config_of(activation, depths[k / 2 % 3], scale);
        check(&config, input, &findings);
    }
    tell(&findings);
}

/* The same where layers are split or in residual blocks, and with as many pieces as fit. */
static void joined_layers_have_it_too(void **state) {
    (void)state;
    static const struct connection_settings joins[] = {
        { .which = CONNECTION_SPLIT, .groups = 3 },
        { .which = CONNECTION_SPLIT, .groups = WIDTH },
        { .which = CONNECTION_RESIDUAL, .span = 1, .branch = BRANCH_ONE },
        { .which = CONNECTION_RESIDUAL, .span = 2, .branch = BRANCH_ONE },
        { .which = CONNECTION_RESIDUAL, .span = 2, .branch = BRANCH_DEPTH },
        { .which = CONNECTION_RESIDUAL, .span = 2, .branch = BRANCH_REZERO },
    };
    struct findings findings = { 0 };
    for (int k = 0; k < ACTIVATION_COUNT * ARRAY_LEN(joins); k++) {
        struct network_config config = config_of(k / ARRAY_LEN(joins), 10, 1.0);
        config.connection = joins[k % ARRAY_LEN(joins)];
        config.phi.pieces = config.phi.pieces > 1 ? MOST_COLUMNS / WIDTH : 1;
        config.bias = 0.1;
        check(&config, inputs[k % INPUT_COUNT], &findings);
    }
    tell(&findings);
}

/* The weights are the orthogonal initialiser's over the sd that the log has, the biases `bias`. */
static void it_starts_from_orthonormal_weights(void **state) {
    (void)state;
    static struct lsuv_log log;
    static real Q[INPUTS * WIDTH];
    struct network_config config = config_of(ACTIVATION_TANH, 5, 1.0);
    config.bias = 0.25;
    struct net net;
    net_init(&net, &config);
    lsuv_scale(&net.network, inputs[INPUT_IMAGE], BATCH, &log);
    for (int l = 0; l < net_layers(&net); l++) {
        const struct layer *layer = &net.network.layer[l];
        const struct initialiser_target target = { INITIALISER_ORTHOGONAL, 1.0, Q };
        assert_true(
            initialiser_fill(&target, 1, config.seed, l + 1, layer->fan_in, layer->fan_out, NULL));
        assert_int_equal(log.layer[l].iterations, 1);
        for (size_t i = 0; i < layer->weight.n; i++) {
            double want = (double)Q[i] / sqrt(log.layer[l].before);
            assert_true(relative_error((double)layer->weight.value[i], want) < 1e-5);
        }
        for (int j = 0; j < layer->fan_out; j++) {
            assert_true(layer->bias.value[j] == (real)0.25);
        }
    }
    net_finish(&net);
}

/* White inputs through a linear network have the variance already: nothing is divided. */
static void what_is_right_stays(void **state) {
    (void)state;
    static struct lsuv_log log;
    static real white[BATCH * INPUTS];
    for (int i = 0; i < BATCH * INPUTS; i++) {
        white[i] = (i / INPUTS + i % INPUTS * (i / INPUTS / 2 % 2)) % 2 ? 1 : -1;
    }
    struct network_config config = config_of(ACTIVATION_LINEAR, 1, 1.0);
    config.width = INPUTS;
    struct net net, fresh;
    net_init(&net, &config);
    net_init(&fresh, &config);
    lsuv_scale(&net.network, white, BATCH, &log);
    assert_int_equal(log.layer[0].iterations, 0);
    assert_true(log.layer[0].before == log.layer[0].after);
    assert_memory_equal(net.network.layer[0].weight.value, fresh.network.layer[0].weight.value,
                        net.network.layer[0].weight.n * sizeof(real));
    net_finish(&net);
    net_finish(&fresh);
}

/* No variance to be had: the weights stay finite, and the log tells what there was. */
static void what_cannot_be_scaled_stays(void **state) {
    (void)state;
    static struct lsuv_log log;
    static real input[BATCH * INPUTS];
    struct network_config config = config_of(ACTIVATION_RELU, 3, 1.0);
    for (int kind = 0; kind < 3; kind++) { // all alike, not finite, no weights
        for (int i = 0; i < BATCH * INPUTS; i++) {
            input[i] = kind == 0 ? 0 : kind == 1 ? NAN : 1;
        }
        config.init_scale = kind == 2 ? 0.0 : 1.0;
        struct net net, fresh;
        net_init(&net, &config);
        net_init(&fresh, &config);
        lsuv_scale(&net.network, input, BATCH, &log);
        assert_same_parameters(&net, &fresh);
        for (int l = 0; l < log.layers; l++) {
            const struct lsuv_layer *done = &log.layer[l];
            assert_int_equal(done->iterations, 0);
            assert_true(kind == 1 ? isnan(done->before) : done->before == 0.0);
            assert_true(kind == 1 ? isnan(done->after) : done->after == 0.0);
        }
        net_finish(&net);
        net_finish(&fresh);
    }
}

static void the_same_batch_gives_the_same_bits(void **state) {
    (void)state;
    static struct lsuv_log log[3];
    struct network_config config = config_of(ACTIVATION_SELU, 12, 1.0);
    struct net net[3];
    for (int k = 0; k < 3; k++) {
        net_init(&net[k], &config);
        lsuv_scale(&net[k].network, inputs[k == 2], BATCH, &log[k]);
    }
    assert_same_parameters(&net[0], &net[1]);
    assert_memory_equal(&log[0], &log[1], sizeof log[0]);
    assert_true(log[0].layer[0].before != log[2].layer[0].before); // another batch
    for (int k = 0; k < 3; k++) {
        net_finish(&net[k]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_layer_has_the_variance),
        cmocka_unit_test(joined_layers_have_it_too),
        cmocka_unit_test(it_starts_from_orthonormal_weights),
        cmocka_unit_test(what_is_right_stays),
        cmocka_unit_test(what_cannot_be_scaled_stays),
        cmocka_unit_test(the_same_batch_gives_the_same_bits),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
