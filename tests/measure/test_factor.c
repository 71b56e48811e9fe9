#include "base/check.h"

#include <float.h>

#include "base/require.h"
#include "engine/denormals.h"
#include "measure/factor.h"
#include "measured.h"

/*
 * The factors of networks of blocks, in both directions: each against the gradient, or the signal,
 * before and after its part, made here from the arrays alone in double, and their product against
 * RMS delta_l / RMS delta_{l+1}, or RMS h_l / RMS h_{l-1}.
 */

enum { LAYERS = 7, WIDTH = 12, ENTRIES = MEASURED_BATCH * WIDTH, PARTS = FACTOR_COUNT + 1 };

static const int activations_tried[] = { ACTIVATION_TANH, ACTIVATION_SIGMOID, ACTIVATION_PRELU,
                                         ACTIVATION_SELU, ACTIVATION_MAXOUT };

enum { JOINS = 3 + 2 * BRANCH_COUNT };

static struct connection_settings join_of(int k) {
    static const enum connection others[] = { CONNECTION_PLAIN, CONNECTION_SPLIT,
                                              CONNECTION_RECURRENT };
    if (k < ARRAY_LEN(others)) {
        return (struct connection_settings){ .which = others[k], .span = 1, .groups = 3 };
    }
    k -= ARRAY_LEN(others);
    return (struct connection_settings){ .which = CONNECTION_RESIDUAL,
                                         .span = 1 + k / BRANCH_COUNT,
                                         .branch = (enum branch)(k % BRANCH_COUNT) };
}

static double rms_of(const double *values, int n) {
    double squares = 0.0;
    for (int i = 0; i < n; i++) {
        squares += values[i] * values[i];
    }
    return sqrt(squares / n);
}

static double rms_of_reals(const real *values, int n) {
    double squares = 0.0;
    for (int i = 0; i < n; i++) {
        squares += (double)values[i] * (double)values[i];
    }
    return sqrt(squares / n);
}

/* (d loss / d a) W^T of the layer above: what reaches h. W has a block for each group. */
static void through_weights(const struct layer *above, double *g) {
    int in = above->fan_in, out = above->fan_out;
    for (int k = 0; k < ENTRIES; k++) {
        int row = k / WIDTH, group = k % WIDTH / in;
        const real *w = above->weights_used + (size_t)(k % WIDTH) * (size_t)out;
        const real *delta = above->delta_a + (ptrdiff_t)row * above->columns + group * out;
        g[k] = 0.0;
        for (int j = 0; j < out; j++) {
            g[k] += (double)delta[j] * (double)w[j];
        }
    }
}

/* RMS of the gradient before the first and after each part; g: of h of all layers above. */
static void follow(const struct network *network, int index, double g[LAYERS][ENTRIES],
                   double rms[PARTS]) {
    const struct layer *layer = &network->layer[index], *above = layer + 1;
    const struct noise_settings *noise = &network->config.noise;
    double drop = noise->alpha_dropout > 0.0 ? noise->alpha_dropout : noise->dropout;
    double alpha = SELU_SCALE * SELU_ALPHA, kept = 1.0 / (1.0 - drop), branch[ENTRIES];
    if (noise->alpha_dropout > 0.0) {
        kept = 1.0 / sqrt((1.0 - drop) * (1.0 + alpha * alpha * drop));
    }
    rms[0] = rms_of_reals(above->delta, MEASURED_BATCH * above->columns);
    rms[1] = rms_of_reals(above->delta_a, MEASURED_BATCH * above->columns);
    through_weights(above, g[index]);
    rms[2] = rms_of(g[index], ENTRIES);
    for (int k = 0; k < ENTRIES; k++) {
        g[index][k] += layer->feeds_block ? g[index + network->config.connection.span][k] : 0.0;
        branch[k] = g[index][k];
        if (layer->block_end) {
            branch[k] *= (double)layer->scale.value[0] * (double)layer->survived;
        }
        if (drop > 0.0) {
            branch[k] *= layer->unit_kept[k] ? kept : 0.0;
        }
    }
    rms[3] = rms_of(g[index], ENTRIES);
    rms[4] = rms_of(branch, ENTRIES);
    rms[5] = rms_of_reals(layer->delta, MEASURED_BATCH * layer->columns);
}

/* Equal up to rounding; what is 0 / 0 is NaN, and what is x / 0 infinite. */
static bool same(double got, double want) {
    if (!isfinite(want)) {
        return isnan(want) ? isnan(got) : got == want;
    }
    return fabs(got - want) <= 1e-5 * fabs(want);
}

static long compared, products;
static double worst;

/* The factors of one direction against RMS before the first and after each part, in its order. */
static void check_factors(const struct measured *m, int index, enum direction direction,
                          const bool present[FACTOR_COUNT], const double rms[PARTS], double ratio) {
    const struct network_config *config = &m->net.network.config;
    const double *factor = snapshot_factors(&m->run.layer[index], direction);
    bool through = rms[0] > 0.0; // nothing on the way is zero, so no factor is 0 / 0
    for (int p = 0; p < FACTOR_COUNT; p++) {
        enum factor f = factor_at(direction, p);
        double want = present[f] ? rms[p + 1] / rms[p] : 1.0;
        if (!same(factor[f], want)) {
            fail_msg("%s, %s norm, %s %d %s, layer %d, %s: %.9g, should be %.9g",
                     activations[config->phi.which].name,
                     normalisations[config->normalisation].name,
                     connections[config->connection.which].name, config->connection.span,
                     branches[config->connection.branch].name, index + 1,
                     factors[direction][f].about, factor[f], want);
        }
        compared++;
        through &= rms[p + 1] > 0.0;
    }
    if (through) {
        double error = relative_error(factor_product(factor), ratio);
        assert_true(error <= 1e-5);
        worst = fmax(worst, error);
        products++;
    }
}

static void check_backward(const struct measured *m, int index, double g[LAYERS][ENTRIES]) {
    const struct network_config *config = &m->net.network.config;
    const struct layer *layer = &m->net.network.layer[index];
    double rms[PARTS];
    follow(&m->net.network, index, g, rms);
    const bool present[FACTOR_COUNT] = {
        [FACTOR_NORMALISATION] = index + 1 < LAYERS && config->normalisation != NORMALISATION_NONE,
        [FACTOR_WEIGHT] = true,
        [FACTOR_SKIP] = layer->feeds_block,
        [FACTOR_BRANCH] = layer->block_end || noise_drops_units(&config->noise),
        [FACTOR_SLOPE] = true,
    };
    const struct layer_stats *above =
        index + 1 < LAYERS ? &m->run.layer[index + 1] : &m->run.output;
    check_factors(m, index, DIRECTION_BACKWARD, present, rms,
                  m->run.layer[index].delta.rms / above->delta.rms);
}

/* h_{l-1} W + b, and what a recurrent network adds, of one row. */
static void multiply_row(const struct network *network, int index, int row, double *a) {
    const struct layer *layer = &network->layer[index];
    const real *h = network_layer_input(network, index);
    int in = layer->fan_in, out = layer->fan_out;
    bool driven = index > 0 && network->drive;
    for (int k = 0; k < layer->columns; k++) {
        int group = k / out;
        const real *x = h + (ptrdiff_t)row * in * layer->groups + group * in;
        const real *w = layer->weights_used + (size_t)group * (size_t)(in * out) + k % out;
        a[k] = driven ? (double)network->drive[row * layer->columns + k]
                      : (double)layer->bias.value[k];
        for (int i = 0; i < in; i++) {
            a[k] += (double)x[i] * (double)w[(ptrdiff_t)i * out];
        }
    }
}

/* RMS of the signal before the first and after each part. */
static void follow_up(const struct network *network, int index, double rms[PARTS]) {
    static double a[ENTRIES * PHI_MAX_PIECES], added[ENTRIES];
    const struct layer *layer = &network->layer[index];
    const struct noise_settings *noise = &network->config.noise;
    double p = noise->alpha_dropout > 0.0 ? noise->alpha_dropout : noise->dropout;
    double alpha = noise->alpha_dropout > 0.0 ? SELU_SCALE * SELU_ALPHA : 0.0;
    double kept = alpha > 0.0 ? 1.0 / sqrt((1.0 - p) * (1.0 + alpha * alpha * p)) : 1.0 / (1.0 - p);
    double shift = kept * alpha * p, scale = 1.0;
    if (layer->block_end) {
        scale = (double)layer->scale.value[0] * (double)layer->survived;
    }
    for (int row = 0; row < MEASURED_BATCH; row++) {
        multiply_row(network, index, row, a + (ptrdiff_t)row * layer->columns);
    }
    for (int k = 0; k < ENTRIES; k++) {
        added[k] = (double)layer->y[k];
        if (p > 0.0) {
            added[k] = kept * (layer->unit_kept[k] ? added[k] : -alpha) + shift;
        }
        added[k] *= scale;
    }
    int inputs = index > 0 ? WIDTH : network->config.inputs;
    rms[0] = rms_of_reals(network_layer_input(network, index), MEASURED_BATCH * inputs);
    rms[1] = rms_of(a, MEASURED_BATCH * layer->columns);
    rms[2] = rms_of_reals(layer->z, MEASURED_BATCH * layer->columns);
    rms[3] = rms_of_reals(layer->y, ENTRIES);
    rms[4] = rms_of(added, ENTRIES);
    rms[5] = rms_of_reals(layer->h, ENTRIES);
}

static void check_forward(const struct measured *m, int index) {
    const struct network_config *config = &m->net.network.config;
    const struct layer *layer = &m->net.network.layer[index];
    double rms[PARTS];
    follow_up(&m->net.network, index, rms);
    const bool present[FACTOR_COUNT] = {
        [FACTOR_WEIGHT] = true,
        [FACTOR_NORMALISATION] = config->normalisation != NORMALISATION_NONE,
        [FACTOR_SLOPE] = true,
        [FACTOR_BRANCH] = layer->block_end || noise_drops_units(&config->noise),
        [FACTOR_SKIP] = layer->block_end,
    };
    double below = index > 0 ? m->run.layer[index - 1].h.rms : m->run.input_rms;
    assert_true(relative_error(below, rms[0]) < 1e-6);
    check_factors(m, index, DIRECTION_FORWARD, present, rms, m->run.layer[index].h.rms / below);
}

/* At the first weights, where much is zero, and after some steps. */
static void check_network(const struct network_config *config) {
    static double g[LAYERS][ENTRIES];
    struct measured *m = measured_create(config);
    for (int step = 1; step <= 4; step++) {
        measured_pass(m, step);
        for (int l = LAYERS - 1; l >= 0; l--) {
            check_backward(m, l, g);
            check_forward(m, l);
            double gradient = rms_of(g[l], ENTRIES);
            assert_true(same(m->run.layer[l].gradient_rms, gradient));
        }
        network_update(&m->net.network, step);
    }
    measured_finish(m);
}

static void every_factor_is_what_the_arrays_hold(void **state) {
    (void)state;
    for (int number = 0; number < JOINS * NORMALISATION_COUNT * ARRAY_LEN(noises); number++) {
        for (int a = 0; a < ARRAY_LEN(activations_tried); a++) {
            struct network_config config =
                measured_config(activations_tried[a], INITIALISER_HE, LAYERS);
            config.width = WIDTH;
            config.optimiser.learning_rate = 0.002; // deep ones would diverge
            config.connection = join_of(number % JOINS);
            config.normalisation = (enum normalisation)(number / JOINS % NORMALISATION_COUNT);
            config.noise = noises[number / JOINS / NORMALISATION_COUNT];
            if (config.connection.which != CONNECTION_RESIDUAL) {
                config.noise.stochastic_depth = 0.0;
            }
            check_network(&config);
        }
    }
    print_message("%ld factors, %ld products, the worst %.1g off\n", compared, products, worst);
    assert_true(products > 20000);
}

/* Where there is no such part, the factor is exactly 1. */
static void what_is_not_there_is_one(void **state) {
    (void)state;
    struct network_config config = measured_config(ACTIVATION_TANH, INITIALISER_XAVIER, LAYERS);
    struct measured *m = measured_create(&config);
    measured_pass(m, 1);
    for (int l = 0; l < LAYERS; l++) {
        for (int d = 0; d < DIRECTION_COUNT; d++) {
            const double *factor = snapshot_factors(&m->run.layer[l], (enum direction)d);
            assert_true(factor[FACTOR_NORMALISATION] == 1.0);
            assert_true(factor[FACTOR_SKIP] == 1.0);
            assert_true(factor[FACTOR_BRANCH] == 1.0);
        }
    }
    measured_finish(m);
    config.normalisation = NORMALISATION_BATCH;
    config.connection = (struct connection_settings){ .which = CONNECTION_RESIDUAL, .span = 2 };
    m = measured_create(&config);
    measured_pass(m, 1);
    for (int l = 0; l < LAYERS; l++) {
        const double *factor = m->run.layer[l].factor;
        assert_int_equal(factor[FACTOR_NORMALISATION] == 1.0, l == LAYERS - 1); // of the output
        assert_int_equal(factor[FACTOR_SKIP] == 1.0, l % 2 == 1 || l == LAYERS - 1);
        assert_true(factor[FACTOR_BRANCH] == 1.0); // s = 1, nothing dropped
        const double *forward = m->run.layer[l].forward;
        assert_true(forward[FACTOR_NORMALISATION] != 1.0);
        assert_int_equal(forward[FACTOR_SKIP] == 1.0, l == 0 || l % 2 == 1);
        assert_true(forward[FACTOR_BRANCH] == 1.0);
    }
    measured_finish(m);
}

/* From the input to the last layer, all factors of all layers. */
static void the_whole_way_up(void **state) {
    (void)state;
    struct network_config config = measured_config(ACTIVATION_SELU, INITIALISER_XAVIER, LAYERS);
    config.normalisation = NORMALISATION_LAYER;
    config.connection = (struct connection_settings){ .which = CONNECTION_RESIDUAL, .span = 2 };
    struct measured *m = measured_create(&config);
    measured_pass(m, 1);
    double product = 1.0;
    for (int l = 0; l < LAYERS; l++) {
        product *= factor_product(m->run.layer[l].forward);
    }
    double inputs = rms_of_reals(m->inputs, MEASURED_BATCH * MEASURED_INPUTS);
    assert_true(relative_error(m->run.input_rms, inputs) < 1e-6);
    assert_true(relative_error(product, m->run.layer[LAYERS - 1].h.rms / inputs) < 1e-5);
    measured_finish(m);
}

int main(void) {
    denormals_flush();
    engine_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_factor_is_what_the_arrays_hold),
        cmocka_unit_test(what_is_not_there_is_one),
        cmocka_unit_test(the_whole_way_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
