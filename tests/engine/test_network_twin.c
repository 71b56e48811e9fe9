#include "base/check.h"

#include <stdlib.h>

#include "base/require.h"
#include "engine/denormals.h"
#include "net.h"

/*
 * The network in float beside a twin in double: the formulas of network.h once more, as plain
 * loops that share no code with the engine, from the same first weights and on the same batch.
 */

enum { INPUTS = 12, BATCH = 10, WIDTH = 16, CLASSES = 3, DEEPEST = 10 };
enum { LARGEST = WIDTH * WIDTH };

static float inputs[BATCH * INPUTS];
static uint8_t labels[BATCH];

struct twin_layer {
    int in, out;
    double W[LARGEST], b[WIDTH];
    double z[BATCH * WIDTH], h[BATCH * WIDTH], delta[BATCH * WIDTH];
    double dW[LARGEST], db[WIDTH];
    double state[2][LARGEST + WIDTH]; // of the optimiser: W's, then b's
};

struct twin {
    int layers; // with the output
    struct network_config config;
    double input[BATCH * INPUTS];
    struct twin_layer layer[DEEPEST + 1];
};

static void twin_init(struct twin *twin, const struct net *net) {
    memset(twin, 0, sizeof *twin);
    twin->config = net->network.config;
    twin->layers = net_layers(net);
    for (int i = 0; i < BATCH * INPUTS; i++) {
        twin->input[i] = (double)inputs[i];
    }
    for (int l = 0; l < twin->layers; l++) {
        const struct layer *from = &net->network.layer[l];
        struct twin_layer *to = &twin->layer[l];
        to->in = from->fan_in;
        to->out = from->fan_out;
        for (int i = 0; i < to->in * to->out; i++) {
            to->W[i] = (double)from->weight.value[i];
        }
        for (int j = 0; j < to->out; j++) {
            to->b[j] = (double)from->bias.value[j];
        }
    }
}

/* phi and phi' in the words of the papers; activations[] has other forms of most of them. */
static double phi(int activation, double z) {
    double s = 1.0 / (1.0 + exp(-z));
    switch (activation) {
    case ACTIVATION_LINEAR:
        return z;
    case ACTIVATION_SIGMOID:
        return s;
    case ACTIVATION_TANH:
        return tanh(z);
    case ACTIVATION_RELU:
        return fmax(z, 0.0);
    case ACTIVATION_LEAKY_RELU:
        return fmax(z, 0.01 * z);
    case ACTIVATION_ELU:
        return z > 0.0 ? z : expm1(z);
    case ACTIVATION_SELU:
        return 1.0507009873554805 * (z > 0.0 ? z : 1.6732632423543772 * expm1(z));
    case ACTIVATION_GELU:
        return z * 0.5 * (1.0 + erf(z / sqrt(2.0)));
    case ACTIVATION_SILU:
        return z * s;
    case ACTIVATION_SOFTSIGN:
        return z / (1.0 + fabs(z));
    case ACTIVATION_SOFTPLUS:
        return log(1.0 + exp(z));
    case ACTIVATION_HARD_TANH:
        return z < -1.0 ? -1.0 : z > 1.0 ? 1.0 : z;
    case ACTIVATION_MISH:
        return z * tanh(log(1.0 + exp(z)));
    default:
        return 1.7159 * tanh(2.0 * z / 3.0);
    }
}

static double slope_of_phi(int activation, double z) {
    double s = 1.0 / (1.0 + exp(-z)), h = phi(activation, z);
    switch (activation) {
    case ACTIVATION_LINEAR:
        return 1.0;
    case ACTIVATION_SIGMOID:
        return h * (1.0 - h);
    case ACTIVATION_TANH:
        return 1.0 - h * h;
    case ACTIVATION_RELU:
        return z > 0.0;
    case ACTIVATION_LEAKY_RELU:
        return z > 0.0 ? 1.0 : 0.01;
    case ACTIVATION_ELU:
        return z > 0.0 ? 1.0 : exp(z);
    case ACTIVATION_SELU:
        return 1.0507009873554805 * (z > 0.0 ? 1.0 : 1.6732632423543772 * exp(z));
    case ACTIVATION_GELU:
        return 0.5 * (1.0 + erf(z / sqrt(2.0))) + z * exp(-z * z / 2.0) / sqrt(2.0 * acos(-1.0));
    case ACTIVATION_SILU:
        return s + z * s * (1.0 - s);
    case ACTIVATION_SOFTSIGN:
        return 1.0 / ((1.0 + fabs(z)) * (1.0 + fabs(z)));
    case ACTIVATION_SOFTPLUS:
        return s;
    case ACTIVATION_HARD_TANH:
        return z > -1.0 && z < 1.0;
    case ACTIVATION_MISH: {
        double t = tanh(log(1.0 + exp(z)));
        return t + z * (1.0 - t * t) * s;
    }
    default:
        return 1.7159 * 2.0 / 3.0 * (1.0 - h * h / (1.7159 * 1.7159));
    }
}

static void twin_forward(struct twin *twin) {
    const double *below = twin->input;
    for (int l = 0; l < twin->layers; l++) {
        struct twin_layer *layer = &twin->layer[l];
        for (int b = 0; b < BATCH; b++) {
            for (int j = 0; j < layer->out; j++) {
                double z = layer->b[j];
                for (int i = 0; i < layer->in; i++) {
                    z += below[b * layer->in + i] * layer->W[i * layer->out + j];
                }
                layer->z[b * layer->out + j] = z;
                layer->h[b * layer->out + j] = phi((int)twin->config.phi.which, z);
            }
        }
        below = layer->h;
    }
}

/* delta of the output, and the mean loss. */
static double twin_loss(struct twin *twin) {
    struct twin_layer *layer = &twin->layer[twin->layers - 1];
    double total = 0.0;
    for (int b = 0; b < BATCH; b++) {
        const double *z = layer->z + (size_t)b * (size_t)layer->out;
        double sum = 0.0;
        for (int k = 0; k < layer->out; k++) {
            sum += exp(z[k]);
        }
        for (int k = 0; k < layer->out; k++) {
            double t = layer->out == 1 ? labels[b] : labels[b] == k, p = 1.0 / (1.0 + exp(-z[k]));
            double *delta = &layer->delta[b * layer->out + k];
            switch (twin->config.loss) {
            case LOSS_CROSS_ENTROPY:
                *delta = exp(z[k]) / sum - t;
                total -= t * log(exp(z[k]) / sum);
                break;
            case LOSS_BINARY_CROSS_ENTROPY:
                *delta = (p - t) / layer->out;
                total -= (t * log(p) + (1.0 - t) * log(1.0 - p)) / layer->out;
                break;
            default:
                *delta = 2.0 * (z[k] - t) / layer->out;
                total += (z[k] - t) * (z[k] - t) / layer->out;
            }
        }
    }
    return total / BATCH;
}

static void twin_gradient(struct twin_layer *layer, const double *below) {
    for (int j = 0; j < layer->out; j++) {
        layer->db[j] = 0.0;
        for (int b = 0; b < BATCH; b++) {
            layer->db[j] += layer->delta[b * layer->out + j] / BATCH;
        }
        for (int i = 0; i < layer->in; i++) {
            double sum = 0.0;
            for (int b = 0; b < BATCH; b++) {
                sum += below[b * layer->in + i] * layer->delta[b * layer->out + j];
            }
            layer->dW[i * layer->out + j] = sum / BATCH;
        }
    }
}

static void twin_backward(struct twin *twin) {
    for (int l = twin->layers - 1; l >= 0; l--) {
        struct twin_layer *layer = &twin->layer[l], *below = layer - 1;
        twin_gradient(layer, l > 0 ? below->h : twin->input);
        for (int k = 0; l > 0 && k < BATCH * layer->in; k++) {
            int b = k / layer->in, i = k % layer->in;
            double g = 0.0;
            for (int j = 0; j < layer->out; j++) {
                g += layer->delta[b * layer->out + j] * layer->W[i * layer->out + j];
            }
            below->delta[k] = g * slope_of_phi((int)twin->config.phi.which, below->z[k]);
        }
    }
}

static double change_of(const struct optimiser_settings *s, double g, double *m, double *v,
                        int step) {
    switch (s->which) {
    case OPTIMISER_MOMENTUM:
        *m = s->momentum * *m + g;
        return -s->learning_rate * *m;
    case OPTIMISER_NESTEROV:
        *m = s->momentum * *m + g;
        return -s->learning_rate * (s->momentum * *m + g);
    case OPTIMISER_ADAGRAD:
        *m += g * g;
        return -s->learning_rate * g / (sqrt(*m) + 1e-10);
    case OPTIMISER_ADADELTA: {
        *m = s->rho * *m + (1.0 - s->rho) * g * g;
        double change = sqrt((*v + 1e-6) / (*m + 1e-6)) * g;
        *v = s->rho * *v + (1.0 - s->rho) * change * change;
        return -s->learning_rate * change;
    }
    case OPTIMISER_RMSPROP:
        *m = s->alpha * *m + (1.0 - s->alpha) * g * g;
        return -s->learning_rate * g / (sqrt(*m) + 1e-8);
    case OPTIMISER_ADAM:
    case OPTIMISER_ADAMW:
        *m = s->beta1 * *m + (1.0 - s->beta1) * g;
        *v = s->beta2 * *v + (1.0 - s->beta2) * g * g;
        return -s->learning_rate * (*m / (1.0 - pow(s->beta1, step))) /
               (sqrt(*v / (1.0 - pow(s->beta2, step))) + 1e-8);
    default:
        return -s->learning_rate * g;
    }
}

/* One parameter, with its penalties and its decay. */
static void twin_change(const struct optimiser_settings *s, double *w, double gradient, double *m,
                        double *v, int step) {
    double sign = *w > 0.0 ? 1.0 : *w < 0.0 ? -1.0 : 0.0;
    double g = gradient + s->l1 * sign + s->l2 * *w;
    *w *= 1.0 - s->learning_rate * s->weight_decay;
    *w += change_of(s, g, m, v, step);
}

static void twin_update(struct twin *twin, int step) {
    const struct optimiser_settings *s = &twin->config.optimiser;
    for (int l = 0; l < twin->layers; l++) {
        struct twin_layer *layer = &twin->layer[l];
        double *m = layer->state[0], *v = layer->state[1];
        for (int i = 0; i < layer->in * layer->out; i++) {
            twin_change(s, &layer->W[i], layer->dW[i], &m[i], &v[i], step);
        }
        for (int j = 0; j < layer->out; j++) {
            twin_change(s, &layer->b[j], layer->db[j], &m[LARGEST + j], &v[LARGEST + j], step);
        }
    }
}

/* RMS of the difference over RMS of the reference. */
static double distance(const float *values, const double *reference, int n) {
    double off = 0.0, size = 0.0;
    for (int i = 0; i < n; i++) {
        double d = (double)values[i] - reference[i];
        off += d * d;
        size += reference[i] * reference[i];
    }
    return size > 0.0 ? sqrt(off / size) : off > 0.0 ? (double)INFINITY : 0.0;
}

/* Of 1, but no more than what makes the weights of a unit add up to a variance of 4: above that,
 * roundings grow from layer to layer. */
static double scale_of(int init) {
    double variance = initialiser_variance((enum initialiser)init, 1.0, WIDTH, WIDTH);
    return fmin(1.0, 2.0 / sqrt(variance * WIDTH));
}

static struct network_config config_of(int activation, int loss, int init, int depth) {
    return (struct network_config){
        .layers = depth,
        .width = WIDTH,
        .inputs = INPUTS,
        .outputs = CLASSES,
        .batch = BATCH,
        .phi = phi_of((enum activation)activation),
        .init = (enum initialiser)init,
        .init_scale = scale_of(init),
        .loss = (enum loss)loss,
        .optimiser = optimiser_of(OPTIMISER_SGD, 0.05),
        .seed = 3,
    };
}

struct worst {
    double forward, backward, loss;
};

static void compare_pass(const struct network_config *config, struct worst *worst) {
    static struct twin twin;
    struct net net;
    net_init(&net, config);
    twin_init(&twin, &net);
    net_forward(&net.network, inputs, labels, BATCH, 1);
    network_backward(&net.network);
    twin_forward(&twin);
    double loss = twin_loss(&twin);
    twin_backward(&twin);
    worst->loss = fmax(worst->loss, relative_error(net.network.loss, loss));
    for (int l = 0; l < twin.layers; l++) {
        const struct layer *layer = &net.network.layer[l];
        const struct twin_layer *want = &twin.layer[l];
        int n = BATCH * want->out;
        double z = distance(layer->z, want->z, n);
        double h = l < config->layers ? distance(layer->h, want->h, n) : 0.0;
        double delta = distance(layer->delta, want->delta, n);
        double dW = distance(layer->weight.gradient, want->dW, want->in * want->out);
        double db = distance(layer->bias.gradient, want->db, want->out);
        worst->forward = fmax(worst->forward, fmax(z, h));
        worst->backward = fmax(worst->backward, fmax(delta, fmax(dW, db)));
    }
    net_finish(&net);
}

/* Every activation, loss and initialiser that trains, at depth 1, 3 and 10. */
static void every_pass_is_right(void **state) {
    static const int depths[] = { 1, 3, DEEPEST };
    struct worst worst = { 0 };
    const struct kernels *chosen = kernels;
    struct kernels others = *kernels;
    if (*state) { // the same with the loops that larger layers take
        others.tiny = NULL;
        kernels = &others;
    }
    for (int activation = 0; activation < ACTIVATION_COUNT; activation++) {
        if (activations[activation].learned || activation == ACTIVATION_MAXOUT) {
            continue; // test_blocks.c has them
        }
        for (int loss = 0; loss < LOSS_COUNT; loss++) {
            for (int init = INITIALISER_CONSTANT + 1; init < INITIALISER_COUNT; init++) {
                for (int d = 0; d < ARRAY_LEN(depths); d++) {
                    struct network_config config = config_of(activation, loss, init, depths[d]);
                    compare_pass(&config, &worst);
                }
            }
        }
    }
    kernels = chosen;
    print_message("worst relative RMS: z, h %.2g; delta, dW, db %.2g; loss %.2g\n", worst.forward,
                  worst.backward, worst.loss);
    assert_true(worst.forward < 1e-5 && worst.backward < 1e-4 && worst.loss < 1e-5);
}

static void two_hundred_steps_stay_close(void **state) {
    (void)state;
    static struct twin twin;
    // RMSProp's steps stay large near a minimum, where they then depend on every rounding
    static const double rates[] = {
        [OPTIMISER_SGD] = 0.05,      [OPTIMISER_MOMENTUM] = 0.005, [OPTIMISER_NESTEROV] = 0.005,
        [OPTIMISER_ADAGRAD] = 0.005, [OPTIMISER_ADADELTA] = 0.2,   [OPTIMISER_RMSPROP] = 0.0005,
        [OPTIMISER_ADAM] = 0.005,    [OPTIMISER_ADAMW] = 0.005
    };
    static_assert(ARRAY_LEN(rates) == OPTIMISER_COUNT, "an optimiser has no rate here");
    for (int which = 0; which < OPTIMISER_COUNT; which++) {
        double worst = 0.0;
        for (int activation = 0; activation < ACTIVATION_COUNT; activation++) {
            if (activations[activation].learned || activation == ACTIVATION_MAXOUT) {
                continue; // test_blocks.c has them
            }
            struct network_config config =
                config_of(activation, LOSS_CROSS_ENTROPY, INITIALISER_HE, 3);
            config.optimiser = optimiser_of(which, rates[which]);
            config.optimiser.l2 = activation % 3 ? 0.0 : 0.01;
            config.optimiser.weight_decay = activation % 4 < 2 ? 0.1 : 0.0;
            struct net net;
            net_init(&net, &config);
            twin_init(&twin, &net);
            double first_loss = 0.0;
            for (int step = 1; step <= 200; step++) {
                net_step(&net, inputs, labels, BATCH, step);
                twin_forward(&twin);
                double loss = twin_loss(&twin);
                twin_backward(&twin);
                twin_update(&twin, step);
                first_loss = step == 1 ? loss : first_loss;
                // a unit within rounding of ReLU's kink may be on in one of them for a step
                assert_true(fabs(net.network.loss - loss) < 1e-3 * fmax(loss, 0.1));
            }
            for (int l = 0; l < twin.layers; l++) {
                const struct layer *layer = &net.network.layer[l];
                const struct twin_layer *want = &twin.layer[l];
                worst = fmax(worst, distance(layer->weight.value, want->W, want->in * want->out));
                worst = fmax(worst, distance(layer->bias.value, want->b, want->out));
            }
            assert_true(net.network.loss < 0.95 * first_loss || activation == ACTIVATION_SIGMOID);
            net_finish(&net);
        }
        print_message("%s: weights %.2g off after 200 steps\n", optimisers[which].name, worst);
        assert_true(worst < 1e-3);
    }
}

int main(void) {
    denormals_flush();
    engine_start();
    fill_examples(inputs, labels, BATCH, INPUTS, CLASSES);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pass_is_right),
        cmocka_unit_test_prestate(every_pass_is_right, "without the loops of tiny.h"),
        cmocka_unit_test(two_hundred_steps_stay_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
