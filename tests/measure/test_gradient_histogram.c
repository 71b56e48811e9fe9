#include "base/check.h"

#include "base/require.h"
#include "engine/denormals.h"
#include "measure/gradient.h"
#include "measured.h"

/* d loss / d h, which a pass does not keep, made again. */

/* g (B, d_l) of a layer, from the last one down to it. */
static void gradient_of(const struct measured *m, int index, real *g) {
    const struct network *network = &m->net.network;
    static real around[MEASURED_BATCH * 64];
    for (int l = network->config.layers - 1; l >= index; l--) {
        network_gradient_h(network, l, 0, MEASURED_BATCH, around, g);
    }
}

static void the_sum_of_squares_is_that_of_the_pass(void **state) {
    (void)state;
    for (int c = 0; c < CONNECTION_COUNT; c++) {
        for (int normalisation = 0; normalisation < NORMALISATION_COUNT; normalisation++) {
            for (int dropped = 0; dropped < 2; dropped++) {
                struct network_config config =
                    measured_config(ACTIVATION_TANH, INITIALISER_GLOROT_NORMAL, 6);
                config.width = 12;
                config.normalisation = (enum normalisation)normalisation;
                config.connection = (struct connection_settings){ .which = (enum connection)c,
                                                                  .span = 2,
                                                                  .groups = 3 };
                config.noise.dropout = dropped ? 0.3 : 0.0;
                struct measured *m = measured_create(&config);
                measured_pass(m, 1);
                gradient_capture(&m->net.network, false, &m->run);
                for (int l = 0; l < 6; l++) {
                    static real g[MEASURED_BATCH * 64];
                    const struct layer *layer = &m->net.network.layer[l];
                    double squares = 0.0;
                    gradient_of(m, l, g);
                    for (int i = 0; i < MEASURED_BATCH * layer->units; i++) {
                        squares += (double)g[i] * (double)g[i];
                    }
                    assert_true(relative_error(squares, layer->sums.g_squared) <= 1e-5);
                    assert_int_equal(m->run.layer[l].gradient_histogram.n,
                                     MEASURED_BATCH * layer->units);
                }
                measured_finish(m);
            }
        }
    }
}

/* Of a plain network delta = g phi'(z), entry by entry. */
static void delta_follows_from_it(void **state) {
    (void)state;
    for (int activation = 0; activation < ACTIVATION_COUNT; activation++) {
        const struct activation_row *phi = &activations[activation];
        if (phi->form != ACTIVATION_FIXED) {
            continue;
        }
        struct network_config config = measured_config(activation, INITIALISER_GLOROT_NORMAL, 4);
        struct measured *m = measured_create(&config);
        measured_pass(m, 1);
        for (int l = 0; l < 4; l++) {
            static real g[MEASURED_BATCH * 64];
            const struct layer *layer = &m->net.network.layer[l];
            gradient_of(m, l, g);
            for (int i = 0; i < MEASURED_BATCH * layer->units; i++) {
                double expected = (double)g[i] * phi->slope((double)layer->z[i]);
                double slack = 1e-5 * fabs((double)g[i]) + 1e-9;
                assert_true(fabs((double)layer->delta[i] - expected) <= slack);
            }
        }
        measured_finish(m);
    }
}

/* Half octaves, counted one by one from the definition, in double; rounding may move an edge. */
static void the_histogram_counts_every_entry(void **state) {
    (void)state;
    struct network_config config = measured_config(ACTIVATION_RELU, INITIALISER_HE, 5);
    struct measured *m = measured_create(&config);
    measured_pass(m, 1);
    gradient_capture(&m->net.network, false, &m->run);
    for (int l = 0; l < 5; l++) {
        const struct layer *layer = &m->net.network.layer[l], *above = layer + 1;
        const struct log_histogram *histogram = &m->run.layer[l].gradient_histogram;
        int64_t counts[LOG_HISTOGRAM_BINS] = { 0 }, zero = 0, off = 0;
        for (int k = 0; k < MEASURED_BATCH * layer->units; k++) {
            int i = k / layer->units, j = k % layer->units;
            double g = 0.0;
            for (int o = 0; o < above->fan_out; o++) {
                g += (double)above->delta[i * above->fan_out + o] *
                     (double)above->weight.value[j * above->fan_out + o];
            }
            if (g == 0.0) {
                zero++;
            } else {
                counts[(int)floor(2.0 * (log2(fabs(g)) - LOG_HISTOGRAM_LOW))]++;
            }
        }
        for (int bin = 0; bin < LOG_HISTOGRAM_BINS; bin++) {
            off += llabs(counts[bin] - (int64_t)histogram->counts[bin]);
        }
        assert_true(off <= 2);
        assert_int_equal(histogram->zero, zero);
        assert_int_equal(histogram->underflow, 0);
    }
    measured_finish(m);
}

/* Weights of 1e-30: 1e-30 reaches h of the last layer, 1e-60 none below. */
static void underflow_is_told_from_zero(void **state) {
    (void)state;
    const uint64_t n = (uint64_t)MEASURED_BATCH * 11;
    struct network_config config = measured_config(ACTIVATION_TANH, INITIALISER_NORMAL, 4);
    config.init_scale = 1e-30;
    struct measured *m = measured_create(&config);
    measured_pass(m, 1);
    gradient_capture(&m->net.network, false, &m->run);
    for (int l = 0; l < 4; l++) {
        assert_int_equal(m->run.layer[l].gradient_histogram.zero, l < 3 ? n : 0);
        assert_int_equal(m->run.layer[l].gradient_histogram.underflow, l < 3 ? n : 0);
    }
    measured_finish(m);

    config = measured_config(ACTIVATION_RELU, INITIALISER_HE, 4); // a dead layer explains zeros
    m = measured_create(&config);
    for (int j = 0; j < 11; j++) {
        m->net.network.layer[2].bias.value[j] = -100.0f;
        m->net.network.layer[3].bias.value[j] = 1.0f; // alive with nothing coming in
    }
    measured_pass(m, 1);
    gradient_capture(&m->net.network, false, &m->run);
    assert_int_equal(m->run.layer[2].gradient_histogram.zero, 0);
    assert_int_equal(m->run.layer[1].gradient_histogram.zero, n);
    for (int l = 0; l < 4; l++) {
        assert_int_equal(m->run.layer[l].gradient_histogram.underflow, 0);
    }
    measured_finish(m);
}

static void a_glance_says_how_much_it_saw(void **state) {
    (void)state;
    struct network_config config = measured_config(ACTIVATION_TANH, INITIALISER_XAVIER, 2);
    for (int width = 11; width < 1000; width += 400) {
        config.width = width;
        struct measured *m = measured_create(&config);
        measured_pass(m, 1);
        assert_int_equal(m->run.layer[0].gradient_histogram.n, 0); // not asked for
        gradient_capture(&m->net.network, true, &m->run);
        int rows = width == 11 ? MEASURED_BATCH : 4;
        assert_int_equal(m->run.layer[0].gradient_histogram.n, rows * width);
        gradient_capture(&m->net.network, false, &m->run);
        assert_int_equal(m->run.layer[0].gradient_histogram.n, MEASURED_BATCH * width);
        measured_finish(m);
    }
}

int main(void) {
    denormals_flush();
    engine_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sum_of_squares_is_that_of_the_pass),
        cmocka_unit_test(delta_follows_from_it),
        cmocka_unit_test(the_histogram_counts_every_entry),
        cmocka_unit_test(underflow_is_told_from_zero),
        cmocka_unit_test(a_glance_says_how_much_it_saw),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
