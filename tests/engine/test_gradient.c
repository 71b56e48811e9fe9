#include "base/check.h"

#include <stdlib.h>

#include "base/require.h"
#include "base/text.h"
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
        .phi = phi_of((enum activation)activation),
        .init = (enum initialiser)init,
        .init_scale = 0.6 / sd,
        .bias = 0.1 + 0.01 * (double)seed,
        .loss = (enum loss)loss,
        .optimiser = { .which = OPTIMISER_SGD, .learning_rate = 0.1 },
        .seed = seed,
    };
}

static uint64_t hashed(uint64_t hash, uint64_t bits) {
    return (hash ^ bits) * 1099511628211u;
}

/*
 * On which side of phi's kinks every z is, and which of its pieces is the largest, as one number: a
 * difference across one means nothing.
 */
static uint64_t pattern(const struct network *network) {
    uint64_t hash = 1469598103934665603u;
    for (int l = 0; l < network->config.layers; l++) {
        const struct layer *layer = &network->layer[l];
        const struct activation_row *phi = &activations[layer->phi.which];
        for (int i = 0; i < BATCH * layer->columns; i++) {
            for (int k = 0; k < phi->kinks; k++) {
                hash = hashed(hash, layer->z[i] > phi->kink[k]);
            }
            if (layer->phi.pieces > 1) { // side by side in every group
                int group = i / layer->fan_out, units = layer->units / layer->groups;
                int unit = i % layer->fan_out % units;
                hash = hashed(hash, layer->z[i] >= layer->y[group * units + unit]);
            }
        }
    }
    return hash;
}

static double loss_at(struct network *network, double *parameter, double value, uint64_t *signs) {
    double before = *parameter;
    *parameter = value;
    net_forward(network, inputs, labels, BATCH, 1);
    *parameter = before;
    *signs = pattern(network);
    return network->loss;
}

/* d loss / d parameter by a five-point difference of that step; false if a unit switched on the
 * way. */
static bool difference(struct network *network, double *parameter, double h, uint64_t signs,
                       double *gradient) {
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

/* W of layer index, then what else it learns; NULL from the last one on. */
static struct parameters *piece_of(struct network *network, int index, int which) {
    struct layer *layer = &network->layer[index];
    struct parameters *vectors[LAYER_VECTORS];
    int count = network_vectors(layer, vectors);
    if (layer->owns_weight) {
        return which == 0 ? &layer->weight : which <= count ? vectors[which - 1] : NULL;
    }
    return which < count ? vectors[which] : NULL;
}

/* So that nothing is 0 or 1 only because training begins there. */
static void shake(struct network *network, uint64_t seed) {
    for (int l = 0; l <= network->config.layers; l++) {
        struct parameters *piece;
        for (int k = 0; (piece = piece_of(network, l, k)) != NULL; k++) {
            double *noise = malloc(piece->n * sizeof *noise);
            fill_normals(noise, piece->n, (uint32_t)(seed + 100u * (uint64_t)l + (uint64_t)k), 0.0,
                         0.15);
            for (size_t j = 0; j < piece->n; j++) {
                piece->value[j] += noise[j];
            }
            free(noise);
        }
    }
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
        worst->where[0] = activations[config->phi.which].name;
        worst->where[1] = losses[config->loss].name;
        worst->where[2] = initialisers[config->init].name;
    }
}

static void describe(const struct network_config *config, char *text, size_t size) {
    const struct connection_settings *join = &config->connection;
    text_set(text, size, "%s %s %s, %s norm, %s", activations[config->phi.which].name,
             losses[config->loss].name, initialisers[config->init].name,
             normalisations[config->normalisation].name, connections[join->which].name);
    if (join->which == CONNECTION_RESIDUAL) {
        text_append(text, size, " %d %s", join->span, branches[join->branch].name);
    }
}

/* One parameter, with ever smaller steps where the loss bends fast; false if a kink was crossed. */
static bool check_entry(struct network *network, struct parameters *piece, size_t j, int l, int k,
                        uint64_t signs, struct worst *found) {
    static const double steps[] = { 4e-4, 1e-4, 2.5e-5 };
    const struct network_config *config = &network->config;
    double numeric = 0.0, analytic = piece->gradient[j];
    for (int i = 0; i < ARRAY_LEN(steps); i++) {
        if (!difference(network, &piece->value[j], steps[i], signs, &numeric)) {
            return false;
        }
        double slack =
            most_relative * fmax(fabs(analytic), fabs(numeric)) + rounding * steps[0] / steps[i];
        if (fabs(analytic - numeric) <= slack) {
            note(found, config, analytic, numeric);
            return true;
        }
    }
    char text[160];
    describe(config, text, sizeof text);
    fail_msg("%s, %d layers, entry %zu of piece %d of layer %d: %.12g, numerically %.12g", text,
             config->layers, j, k, l + 1, analytic, numeric);
    return false;
}

/* Every parameter of one network. False if a kink was crossed: another seed will do. */
static bool check_network(const struct network_config *config, bool shaken, struct worst *worst) {
    struct net net;
    struct worst found = *worst;
    net_init(&net, config);
    struct network *network = &net.network;
    if (shaken) {
        shake(network, config->seed);
    }
    net_forward(network, inputs, labels, BATCH, 1);
    network_backward(network);
    uint64_t signs = pattern(network);
    bool smooth = true;
    for (int l = 0; l <= config->layers; l++) {
        struct parameters *piece;
        for (int k = 0; smooth && (piece = piece_of(network, l, k)) != NULL; k++) {
            for (size_t j = 0; smooth && j < piece->n; j++) {
                smooth = check_entry(network, piece, j, l, k, signs, &found);
            }
        }
    }
    net_finish(&net);
    *worst = smooth ? found : *worst;
    return smooth;
}

/* With other seeds, if need be. */
static void check_seeds(struct network_config config, bool shaken, struct worst *worst) {
    for (uint64_t seed = 1; seed <= 60; seed++) {
        config.seed = seed;
        config.bias = 0.1 + 0.01 * (double)seed;
        if (check_network(&config, shaken, worst)) {
            return;
        }
    }
    char text[160];
    describe(&config, text, sizeof text);
    fail_msg("%s: no network without a kink nearby", text);
}

/* Every activation, loss, depth and initialiser that trains. */
static void gradients_are_the_numeric_ones(void **state) {
    (void)state;
    static const int depths[] = { 0, 1, 3, DEEPEST };
    struct worst worst = { 0 };
    for (int activation = 0; activation < ACTIVATION_COUNT; activation++) {
        for (int loss = 0; loss < LOSS_COUNT; loss++) {
            for (int init = INITIALISER_CONSTANT + 1; init < INITIALISER_COUNT; init++) {
                if (activation == ACTIVATION_MAXOUT && init == INITIALISER_IDENTITY) {
                    continue; // all pieces but the first are zero: their gradient is a toss
                }
                for (int d = 0; d < ARRAY_LEN(depths); d++) {
                    for (int classes = 2; classes <= 3; classes++) {
                        check_seeds(config_of(activation, loss, init, depths[d], classes, 1), false,
                                    &worst);
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
        if (activations[activation].kinks > 0 || activations[activation].form != ACTIVATION_FIXED) {
            continue;
        }
        for (int classes = 2; classes <= 3; classes++) {
            struct network_config config =
                config_of(activation, LOSS_MSE, INITIALISER_XAVIER, 3, classes, 1);
            config.activated_output = true;
            assert_true(check_network(&config, false, &worst));
        }
    }
    assert_true(worst.compared > 100 && worst.small * 4 < worst.compared);
}

enum { JOINS = 3 + 2 * BRANCH_COUNT };

/* Every way to join layers: plain, split, recurrent, residual of one or two layers. */
static struct connection_settings join_of(int k) {
    static const enum connection others[] = { CONNECTION_PLAIN, CONNECTION_SPLIT,
                                              CONNECTION_RECURRENT };
    if (k < ARRAY_LEN(others)) {
        return (struct connection_settings){ .which = others[k], .span = 1, .groups = 2 };
    }
    k -= ARRAY_LEN(others);
    return (struct connection_settings){ .which = CONNECTION_RESIDUAL,
                                         .span = 1 + k / BRANCH_COUNT,
                                         .branch = (enum branch)(k % BRANCH_COUNT) };
}

static struct network_config block_config(int activation, int loss, int normalisation, int join) {
    struct network_config config = config_of(activation, loss, INITIALISER_GLOROT_NORMAL, 4, 3, 1);
    config.width = 6; // two groups of three
    config.init_scale = 0.9;
    config.normalisation = (enum normalisation)normalisation;
    config.connection = join_of(join);
    return config;
}

/* Every activation, normalisation, connection and loss. */
static void blocks_have_the_numeric_gradients(void **state) {
    (void)state;
    struct worst worst = { 0 };
    for (int activation = 0; activation < ACTIVATION_COUNT; activation++) {
        for (int normalisation = 0; normalisation < NORMALISATION_COUNT; normalisation++) {
            for (int join = 0; join < JOINS; join++) {
                for (int loss = 0; loss < LOSS_COUNT; loss++) {
                    check_seeds(block_config(activation, loss, normalisation, join), true, &worst);
                }
            }
        }
    }
    print_message("%ld gradients; worst relative error %.2g; %ld too small to compare\n",
                  worst.compared, worst.error, worst.small);
    assert_true(worst.compared > 100000 && worst.small * 4 < worst.compared);
}

/* The masks of a step stay while its loss is looked at from all sides. */
static void noise_has_the_numeric_gradients(void **state) {
    (void)state;
    struct worst worst = { 0 };
    for (int activation = 0; activation < ACTIVATION_COUNT; activation++) {
        for (int normalisation = 0; normalisation < NORMALISATION_COUNT; normalisation++) {
            for (int join = 0; join < JOINS; join++) {
                for (int n = 1; n < ARRAY_LEN(noises); n++) { // 0: none
                    struct network_config config =
                        block_config(activation, LOSS_CROSS_ENTROPY, normalisation, join);
                    config.noise = noises[n];
                    check_seeds(config, true, &worst);
                }
            }
        }
    }
    print_message("%ld gradients; worst relative error %.2g; %ld too small to compare\n",
                  worst.compared, worst.error, worst.small);
    assert_true(worst.compared > 100000);
}

/* Two activations in one network, of any kind, and maxout of more than two pieces. */
static void other_activations_have_the_numeric_gradients(void **state) {
    (void)state;
    struct worst worst = { 0 };
    for (int activation = 0; activation < ACTIVATION_COUNT; activation++) {
        for (int other = 0; other < ACTIVATION_COUNT; other++) {
            struct network_config config =
                block_config(activation, LOSS_CROSS_ENTROPY, NORMALISATION_NONE, 0);
            config.phi.leak = 0.2;
            config.phi.pieces = config.phi.pieces > 1 ? 3 : 1;
            config.exception = (struct network_exception){
                .phi = phi_of((enum activation)other),
                .first = 2,
                .last = 3,
            };
            check_seeds(config, false, &worst);
        }
    }
    assert_true(worst.compared > 10000);
}

/* delta_l row i is the bias gradient of example i alone, and dW = h^T delta / B, db its mean. */
static void check_delta(const struct network_config *config) {
    struct net net, alone;
    net_init(&net, config);
    net_init(&alone, config);
    net_forward(&net.network, inputs, labels, BATCH, 1);
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
        net_forward(&alone.network, inputs + (size_t)b * INPUTS, labels + b, 1, 1);
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
        cmocka_unit_test(blocks_have_the_numeric_gradients),
        cmocka_unit_test(noise_has_the_numeric_gradients),
        cmocka_unit_test(other_activations_have_the_numeric_gradients),
        cmocka_unit_test(delta_is_of_each_examples_own_loss),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
