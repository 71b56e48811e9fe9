#include "base/check.h"

#include <float.h>

#include "base/require.h"
#include "engine/denormals.h"
#include "measure/factor.h"
#include "measured.h"

/*
 * The factors of networks of blocks: each against the gradient before and after its part, made here
 * from the arrays alone in double, and their product against RMS delta_l / RMS delta_{l+1}.
 */

enum { LAYERS = 7, WIDTH = 12, ENTRIES = MEASURED_BATCH * WIDTH, PARTS = FACTOR_COUNT + 1 };

static const int activations_tried[] = { ACTIVATION_TANH, ACTIVATION_SIGMOID, ACTIVATION_PRELU,
                                         ACTIVATION_SELU, ACTIVATION_MAXOUT };

static const struct noise_settings noises[] = {
    { 0 },
    { .dropout = 0.3 },
    { .alpha_dropout = 0.3 },
    { .drop_connect = 0.3 },
    { .stochastic_depth = 0.5 },
    { .dropout = 0.2, .drop_connect = 0.2, .stochastic_depth = 0.3 },
};

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
        const real *delta = above->delta_a + row * above->columns + group * out;
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

static void check_layer(const struct measured *m, int index, double g[LAYERS][ENTRIES]) {
    const struct layer_stats *stats = &m->run.layer[index];
    const struct network_config *config = &m->net.network.config;
    double rms[PARTS];
    follow(&m->net.network, index, g, rms);
    const struct layer *layer = &m->net.network.layer[index];
    const bool present[FACTOR_COUNT] = {
        [FACTOR_NORMALISATION] = index + 1 < LAYERS && config->normalisation != NORMALISATION_NONE,
        [FACTOR_WEIGHT] = true,
        [FACTOR_SKIP] = layer->feeds_block,
        [FACTOR_BRANCH] = layer->block_end || noise_drops_units(&config->noise),
        [FACTOR_SLOPE] = true,
    };
    for (int f = 0; f < FACTOR_COUNT; f++) {
        double want = present[f] ? rms[f + 1] / rms[f] : 1.0;
        if (!same(stats->factor[f], want)) {
            fail_msg("%s, %s norm, %s %d %s, layer %d, %s: %.9g, should be %.9g",
                     activations[config->phi.which].name,
                     normalisations[config->normalisation].name,
                     connections[config->connection.which].name, config->connection.span,
                     branches[config->connection.branch].name, index + 1, factors[f].name,
                     stats->factor[f], want);
        }
        compared++;
    }
    const struct layer_stats *above =
        index + 1 < LAYERS ? &m->run.layer[index + 1] : &m->run.output;
    double ratio = stats->delta.rms / above->delta.rms;
    bool through = true; // nothing on the way is zero, so no factor is 0 / 0
    for (int p = 0; p < PARTS; p++) {
        through &= rms[p] > 0.0;
    }
    if (through) {
        double error = relative_error(factor_product(stats->factor), ratio);
        assert_true(error <= 1e-5);
        worst = fmax(worst, error);
        products++;
    }
}

/* At the first weights, where much is zero, and after some steps. */
static void check_network(const struct network_config *config) {
    static double g[LAYERS][ENTRIES];
    struct measured *m = measured_create(config);
    for (int step = 1; step <= 4; step++) {
        measured_pass(m, step);
        for (int l = LAYERS - 1; l >= 0; l--) {
            check_layer(m, l, g);
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
        assert_true(m->run.layer[l].factor[FACTOR_NORMALISATION] == 1.0);
        assert_true(m->run.layer[l].factor[FACTOR_SKIP] == 1.0);
        assert_true(m->run.layer[l].factor[FACTOR_BRANCH] == 1.0);
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
    }
    measured_finish(m);
}

int main(void) {
    denormals_flush();
    engine_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_factor_is_what_the_arrays_hold),
        cmocka_unit_test(what_is_not_there_is_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
