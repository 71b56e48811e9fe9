#include "base/check.h"

#include "base/require.h"
#include "net.h"

/*
 * The gradients of back-propagation against numeric ones, in double precision: the very sources of
 * the engine, compiled with ENGINE_DOUBLE.
 */

enum { BATCH = 4, INPUTS = 4, WIDTH = 5, DEEPEST = 5 };

static const double most_relative = 1e-6;
static const double rounding = 2e-11; // of the difference quotient

static double inputs[BATCH * INPUTS];
static uint8_t labels[BATCH];

struct worst {
    double error, depth_error[DEEPEST + 1];
    long compared, small;
    const char *where[3];
};

/* All weights of about one size, whatever the initialiser, so that no gradient is lost in rounding.
 */
static struct network_config config_of(int activation, int loss, int init, int depth, int classes,
                                       uint64_t seed) {
    double sd = sqrt(initialiser_variance((enum initialiser)init, 1.0, WIDTH, WIDTH));
    return (struct network_config){
        .layers = depth,
        .width = WIDTH,
        .inputs = INPUTS,
        .outputs = loss_outputs((enum loss)loss, classes),
        .batch = BATCH,
        .activation = (enum activation)activation,
        .init = (enum initialiser)init,
        .init_scale = 0.6 / sd,
        .bias = 0.1 + 0.01 * (double)seed,
        .loss = (enum loss)loss,
        .optimiser = { .which = OPTIMISER_SGD, .learning_rate = 0.1 },
        .seed = seed,
    };
}

/* On which side of phi's kinks every z is, as one number: a difference across one means nothing. */
static uint64_t pattern(const struct network *network) {
    const struct activation_row *phi = &activations[network->config.activation];
    uint64_t hash = 1469598103934665603u;
    for (int l = 0; l < network->config.layers; l++) {
        for (int i = 0; i < BATCH * WIDTH; i++) {
            for (int k = 0; k < phi->kinks; k++) {
                hash = (hash ^ (network->layer[l].z[i] > phi->kink[k])) * 1099511628211u;
            }
        }
    }
    return hash;
}

static double loss_at(struct network *network, double *parameter, double value, uint64_t *signs) {
    double before = *parameter;
    *parameter = value;
    network_forward(network, inputs, labels, BATCH);
    *parameter = before;
    *signs = pattern(network);
    return network->loss;
}

/* d loss / d parameter by a five-point difference; false if a unit switched on the way. */
static bool difference(struct network *network, double *parameter, uint64_t signs,
                       double *gradient) {
    const double h = 4e-4;
    static const double weight[] = { 1.0, -8.0, 8.0, -1.0 }, at[] = { -2.0, -1.0, 1.0, 2.0 };
    double sum = 0.0;
    for (int i = 0; i < 4; i++) {
        uint64_t now;
        sum += weight[i] * loss_at(network, parameter, *parameter + h * at[i], &now);
        if (now != signs) {
            return false;
        }
    }
    *gradient = sum / (12.0 * h);
    return true;
}

static void note(struct worst *worst, const struct network_config *config, double analytic,
                 double numeric) {
    double size = fmax(fabs(analytic), fabs(numeric));
    worst->compared++;
    if (size * most_relative < rounding) {
        worst->small++;
        return;
    }
    double error = fabs(analytic - numeric) / size;
    worst->depth_error[config->layers] = fmax(worst->depth_error[config->layers], error);
    if (error > worst->error) {
        worst->error = error;
        worst->where[0] = activations[config->activation].name;
        worst->where[1] = losses[config->loss].name;
        worst->where[2] = initialisers[config->init].name;
    }
}

/* Every parameter of one network. False if a kink was crossed: another seed will do. */
static bool check_network(const struct network_config *config, struct worst *worst) {
    struct net net;
    struct worst found = *worst;
    net_init(&net, config);
    struct network *network = &net.network;
    network_forward(network, inputs, labels, BATCH);
    network_backward(network);
    uint64_t signs = pattern(network);
    bool smooth = true;
    for (int i = 0; smooth && i < 2 * net_layers(&net); i++) {
        struct parameters *piece = net_piece(&net, i / 2, i % 2);
        for (size_t j = 0; smooth && j < piece->n; j++) {
            double numeric, analytic = piece->gradient[j];
            smooth = difference(network, &piece->value[j], signs, &numeric);
            if (!smooth) {
                break;
            }
            double slack = most_relative * fmax(fabs(analytic), fabs(numeric)) + rounding;
            if (!(fabs(analytic - numeric) <= slack)) {
                fail_msg("%s %s %s, %d layers, %s %zu of layer %d: %.12g, numerically %.12g",
                         activations[config->activation].name, losses[config->loss].name,
                         initialisers[config->init].name, config->layers, i % 2 ? "b" : "W", j,
                         i / 2 + 1, analytic, numeric);
            }
            note(&found, config, analytic, numeric);
        }
    }
    net_finish(&net);
    *worst = smooth ? found : *worst;
    return smooth;
}

static void check_until_smooth(int activation, int loss, int init, int depth, int classes,
                               struct worst *worst) {
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct network_config config = config_of(activation, loss, init, depth, classes, seed);
        if (check_network(&config, worst)) {
            return;
        }
    }
    fail_msg("%s, %s, %d layers: no network without a kink nearby", activations[activation].name,
             initialisers[init].name, depth);
}

/* Every activation, loss, depth and initialiser that trains. */
static void gradients_are_the_numeric_ones(void **state) {
    (void)state;
    static const int depths[] = { 0, 1, 3, DEEPEST };
    struct worst worst = { 0 };
    for (int activation = 0; activation < ACTIVATION_COUNT; activation++) {
        for (int loss = 0; loss < LOSS_COUNT; loss++) {
            for (int init = INITIALISER_CONSTANT + 1; init < INITIALISER_COUNT; init++) {
                for (int d = 0; d < ARRAY_LEN(depths); d++) {
                    for (int classes = 2; classes <= 3; classes++) {
                        check_until_smooth(activation, loss, init, depths[d], classes, &worst);
                    }
                }
            }
        }
    }
    print_message("%ld gradients; worst relative error %.2g (%s, %s, %s); depth 1 %.2g, 3 %.2g, "
                  "5 %.2g; %ld too small to compare\n",
                  worst.compared, worst.error, worst.where[0], worst.where[1], worst.where[2],
                  worst.depth_error[1], worst.depth_error[3], worst.depth_error[5], worst.small);
    assert_true(worst.compared > 20000 && worst.small * 4 < worst.compared);
}

/* phi on the output, too; the kinks of an output are not looked for, so only what is smooth. */
static void an_activated_output_has_the_numeric_gradients(void **state) {
    (void)state;
    struct worst worst = { 0 };
    for (int activation = 0; activation < ACTIVATION_COUNT; activation++) {
        if (activations[activation].kinks > 0) {
            continue;
        }
        for (int classes = 2; classes <= 3; classes++) {
            struct network_config config =
                config_of(activation, LOSS_MSE, INITIALISER_XAVIER, 3, classes, 1);
            config.activated_output = true;
            assert_true(check_network(&config, &worst));
        }
    }
    assert_true(worst.compared > 100 && worst.small * 4 < worst.compared);
}

/* delta_l row i is the bias gradient of example i alone, and dW = h^T delta / B, db its mean. */
static void check_delta(const struct network_config *config) {
    struct net net, alone;
    net_init(&net, config);
    net_init(&alone, config);
    network_forward(&net.network, inputs, labels, BATCH);
    network_backward(&net.network);
    for (int l = 0; l < net_layers(&net); l++) {
        struct layer *layer = &net.network.layer[l];
        const double *h = network_layer_input(&net.network, l);
        int in = layer->fan_in, out = layer->fan_out;
        for (int i = 0; i <= in; i++) {
            for (int j = 0; j < out; j++) {
                double sum = 0.0, sizes = 0.0; // the last row is the bias: its input is 1
                for (int b = 0; b < BATCH; b++) {
                    double term = (i < in ? h[b * in + i] : 1.0) * layer->delta[b * out + j];
                    sum += term / BATCH;
                    sizes += fabs(term);
                }
                double got = i < in ? layer->weight.gradient[i * out + j] : layer->bias.gradient[j];
                assert_true(fabs(got - sum) <= 1e-15 * sizes);
            }
        }
    }
    for (int b = 0; b < BATCH; b++) {
        network_forward(&alone.network, inputs + (size_t)b * INPUTS, labels + b, 1);
        network_backward(&alone.network);
        for (int l = 0; l < net_layers(&net); l++) {
            int out = net.network.layer[l].fan_out;
            for (int j = 0; j < out; j++) {
                double together = net.network.layer[l].delta[b * out + j];
                double single = alone.network.layer[l].bias.gradient[j];
                assert_true(fabs(together - single) <= 1e-13 * fabs(single) + 1e-18);
            }
        }
    }
    net_finish(&net);
    net_finish(&alone);
}

static void delta_is_of_each_examples_own_loss(void **state) {
    (void)state;
    for (int activation = 0; activation < ACTIVATION_COUNT; activation++) {
        for (int loss = 0; loss < LOSS_COUNT; loss++) {
            for (int depth = 1; depth <= DEEPEST; depth += 2) {
                struct network_config config =
                    config_of(activation, loss, INITIALISER_XAVIER, depth, 3, 9);
                check_delta(&config);
            }
        }
    }
}

int main(void) {
    engine_start();
    fill_normals(inputs, (size_t)BATCH * INPUTS, 1, 0.0, 1.0);
    for (int i = 0; i < BATCH; i++) {
        labels[i] = (uint8_t)(i % 2);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_are_the_numeric_ones),
        cmocka_unit_test(an_activated_output_has_the_numeric_gradients),
        cmocka_unit_test(delta_is_of_each_examples_own_loss),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
