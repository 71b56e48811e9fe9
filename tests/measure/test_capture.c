#include "base/check.h"

#include "base/require.h"
#include "engine/denormals.h"
#include "measure/curve.h"
#include "measure/diagnosis.h"
#include "measured.h"

/* Every field of a captured layer against plain loops over the network's arrays, in double. */

static double rms_of(const float *values, size_t n) {
    double squares = 0.0;
    for (size_t i = 0; i < n; i++) {
        squares += (double)values[i] * (double)values[i];
    }
    return sqrt(squares / (double)n);
}

static void check_moments(const struct moments *m, const float *values, size_t n) {
    double mean = 0.0, deviations = 0.0, min = (double)values[0], max = min;
    uint64_t zero = 0;
    for (size_t i = 0; i < n; i++) {
        double value = (double)values[i];
        mean += value / (double)n;
        min = fmin(min, value);
        max = fmax(max, value);
        zero += value == 0.0;
    }
    for (size_t i = 0; i < n; i++) {
        deviations += ((double)values[i] - mean) * ((double)values[i] - mean);
    }
    double sd = sqrt(deviations / (double)n), rms = rms_of(values, n);
    assert_int_equal(m->n, n);
    assert_int_equal(m->zero, zero);
    assert_int_equal(m->nan + m->inf, 0);
    assert_true(fabs(m->mean - mean) <= 1e-13 * rms);
    assert_true(fabs(m->sd - sd) <= 1e-10 * rms);
    assert_true(relative_error(m->rms, rms) <= 1e-12);
    assert_true(m->min == min && m->max == max);
}

static void check_histogram(const struct histogram *h, const float *values, size_t n) {
    uint64_t total = h->below + h->above + h->nan + h->inf;
    uint32_t counts[HISTOGRAM_BINS] = { 0 };
    for (size_t i = 0; i < n; i++) {
        double place = floor((double)values[i] / h->width) - h->low / h->width; // both exact
        if ((double)values[i] >= h->low && (double)values[i] <= h->high) {
            counts[(int)fmin(place, HISTOGRAM_BINS - 1)]++;
        }
    }
    for (int bin = 0; bin < HISTOGRAM_BINS; bin++) {
        assert_int_equal(h->counts[bin], counts[bin]);
        total += h->counts[bin];
    }
    assert_int_equal(h->n, n);
    assert_int_equal(total, n);
}

static void check_log_histogram(const struct log_histogram *h, const float *values, size_t n) {
    uint64_t total = h->zero + h->nan + h->inf, zero = 0;
    for (size_t i = 0; i < n; i++) {
        zero += values[i] == 0.0f;
    }
    for (int bin = 0; bin < LOG_HISTOGRAM_BINS; bin++) {
        total += h->counts[bin];
    }
    assert_int_equal(h->n, n);
    assert_int_equal(total, n);
    assert_int_equal(h->zero, zero);
}

static void check_layer(const struct measured *m, int index, const struct layer_stats *stats) {
    const struct layer *layer = &m->net.network.layer[index];
    const struct parameters *w = &layer->weight;
    size_t n = measured_entries(m, index);
    double rate = m->net.network.config.optimiser.learning_rate;
    size_t units = (size_t)MEASURED_BATCH * (size_t)layer->units;
    assert_int_equal(stats->units, layer->units);
    check_moments(&stats->z, layer->z, n);
    check_moments(&stats->h, layer->h, units);
    check_moments(&stats->delta, layer->delta, n);
    check_histogram(&stats->z_histogram, layer->z, n);
    check_histogram(&stats->h_histogram, layer->h, units);
    check_histogram(&stats->weight_histogram, w->value, w->n);
    check_log_histogram(&stats->delta_histogram, layer->delta, n);
    check_log_histogram(&stats->weight_gradient_histogram, w->gradient, w->n);
    double value = rms_of(w->value, w->n), gradient = rms_of(w->gradient, w->n);
    assert_true(relative_error(stats->weight_rms, value) <= 1e-12);
    assert_true(relative_error(stats->weight_gradient_rms, gradient) <= 1e-12);
    assert_true(relative_error(stats->update_rms, rate * gradient) <= 1e-6);
    if (value > 0.0) {
        assert_true(relative_error(stats->update_ratio, rate * gradient / value) <= 1e-6);
    } else {
        assert_true(isnan(stats->update_ratio));
    }
}

static void check_units(const struct measured *m, int index, const struct layer_stats *stats) {
    const struct layer *layer = &m->net.network.layer[index];
    const struct activation_row *phi = &activations[m->net.network.config.phi.which];
    uint64_t saturated = 0, dead = 0;
    for (int j = 0; j < layer->units; j++) {
        bool fired = false;
        for (int i = 0; i < MEASURED_BATCH; i++) {
            double h = (double)layer->h[i * layer->units + j];
            fired |= h != 0.0;
            saturated += h < phi->saturated_low || h > phi->saturated_high;
        }
        dead += !fired;
    }
    assert_int_equal(stats->saturated, saturated);
    assert_int_equal(stats->dead, dead);
    if (phi->bounded) {
        assert_true(stats->h_histogram.low == phi->low && stats->h_histogram.high == phi->high);
    }
}

/* From the arrays alone: g = delta_{l+1} W_{l+1}^T. */
static void check_factors(const struct measured *m, int index, const struct layer_stats *stats) {
    const struct layer *layer = &m->net.network.layer[index], *above = layer + 1;
    double g_squared = 0.0, above_rms = rms_of(above->delta, measured_entries(m, index + 1));
    size_t entries = (size_t)MEASURED_BATCH * (size_t)layer->units;
    for (size_t k = 0; k < entries; k++) {
        size_t i = k / (size_t)layer->units, j = k % (size_t)layer->units;
        double g = 0.0;
        for (size_t o = 0; o < (size_t)above->fan_out; o++) {
            g += (double)above->delta[i * (size_t)above->fan_out + o] *
                 (double)above->weight.value[j * (size_t)above->fan_out + o];
        }
        g_squared += g * g;
    }
    double g_rms = sqrt(g_squared / (double)entries);
    double rms = rms_of(layer->delta, measured_entries(m, index));
    if (g_rms > 0.0) {
        assert_true(relative_error(stats->factor[FACTOR_WEIGHT], g_rms / above_rms) <= 1e-5);
        assert_true(relative_error(stats->factor[FACTOR_SLOPE], rms / g_rms) <= 1e-5);
    } else { // nothing came in, or nothing got through
        assert_true(above_rms > 0.0 ? stats->factor[FACTOR_WEIGHT] == 0.0
                                    : isnan(stats->factor[FACTOR_WEIGHT]));
        assert_true(isnan(stats->factor[FACTOR_SLOPE]));
    }
}

static void every_field_is_what_the_arrays_hold(void **state) {
    (void)state;
    for (int activation = 0; activation < ACTIVATION_COUNT; activation++) {
        for (int init = 0; init < INITIALISER_COUNT; init++) {
            struct network_config config = measured_config(activation, init, 4);
            struct measured *m = measured_create(&config);
            measured_pass(m, 1);
            assert_int_equal(m->run.layers, 4);
            assert_int_equal(m->run.inputs, MEASURED_INPUTS);
            assert_int_equal(m->run.outputs, 3);
            for (int l = 0; l < 4; l++) {
                check_layer(m, l, &m->run.layer[l]);
                check_units(m, l, &m->run.layer[l]);
                check_factors(m, l, &m->run.layer[l]);
            }
            check_layer(m, 4, &m->run.output);
            assert_int_equal(m->run.output.saturated + m->run.output.dead, 0);
            assert_true(isnan(m->run.output.factor[FACTOR_SLOPE]) &&
                        isnan(m->run.output.factor[FACTOR_WEIGHT]));
            assert_true(m->run.loss == m->net.network.loss);
            assert_true(m->run.accuracy == m->net.network.correct / MEASURED_BATCH);
            const struct activation_row *phi = &activations[activation];
            assert_string_equal(m->run.activation, phi->label);
            assert_string_equal(m->run.init, initialisers[init].label);
            assert_string_equal(m->run.saturation_rule,
                                phi->saturation_rule ? phi->saturation_rule : "");
            assert_int_equal(m->run.bounded, phi->bounded);
            assert_true(m->run.h_low == phi->low && m->run.h_high == phi->high);
            assert_true(strlen(m->run.diagnosis.sentence) > 0);
            measured_finish(m);
        }
    }
}

/* The factors of a layer multiply to RMS delta_l / RMS delta_{l+1}. */
static void factors_multiply_to_the_ratio(void **state) {
    (void)state;
    static const int depths[] = { 1, 2, 10, 100 };
    double worst = 0.0;
    int compared = 0;
    for (int activation = 0; activation < ACTIVATION_COUNT; activation++) {
        for (int init = 0; init < INITIALISER_COUNT; init++) {
            for (int d = 0; d < ARRAY_LEN(depths); d++) {
                struct network_config config = measured_config(activation, init, depths[d]);
                struct measured *m = measured_create(&config);
                measured_pass(m, 1);
                for (int l = 0; l < depths[d]; l++) {
                    const struct layer_stats *stats = &m->run.layer[l];
                    const struct layer_stats *above =
                        l + 1 < depths[d] ? &m->run.layer[l + 1] : &m->run.output;
                    uint64_t broken =
                        stats->delta.nan + stats->delta.inf + above->delta.nan + above->delta.inf;
                    if (!(stats->delta.rms > 0.0) || broken > 0) {
                        continue; // RMS is of the finite entries, the factors are of all
                    }
                    double product = factor_product(stats->factor);
                    double error = relative_error(product, stats->delta.rms / above->delta.rms);
                    worst = fmax(worst, error);
                    compared++;
                    assert_true(error <= 1e-5);
                }
                measured_finish(m);
            }
        }
    }
    print_message("%d layers, worst relative error %.2g\n", compared, worst);
    assert_true(compared > 1000);
}

/* update_rms is of the update that really follows, for every optimiser, also later in a run. */
static void the_update_is_the_one_that_follows(void **state) {
    (void)state;
    for (int number = 0; number < 2 * OPTIMISER_COUNT; number++) {
        struct network_config config = measured_config(ACTIVATION_TANH, INITIALISER_XAVIER, 3);
        struct optimiser_settings optimiser = optimiser_of(number / 2, 0.05);
        config.optimiser = number % 2 ? with_adjustments(optimiser) : optimiser;
        config.optimiser.schedule.warmup = 4;
        struct measured *m = measured_create(&config);
        for (int step = 1; step <= 10; step++) {
            float before[11 * 11];
            measured_pass(m, step);
            assert_true(m->run.learning_rate == 0.05 * (step <= 4 ? step / 4.0 : 1.0));
            assert_true(m->run.weight_decay == config.optimiser.weight_decay);
            assert_true(m->run.clip_scale == m->net.network.clip_scale);
            struct parameters *w = &m->net.network.layer[1].weight;
            memcpy(before, w->value, sizeof before);
            network_update(&m->net.network, step);
            double squares = 0.0;
            for (size_t i = 0; i < w->n; i++) {
                double change = (double)w->value[i] - (double)before[i];
                squares += change * change;
            }
            double want = sqrt(squares / (double)w->n), size = rms_of(before, w->n);
            double rounding = (double)FLT_EPSILON * size;
            assert_true(fabs(m->run.layer[1].update_rms - want) <= 1e-5 * want + rounding);
            assert_true(fabs(m->run.layer[1].update_ratio - want / size) <=
                        1e-5 * want / size + (double)FLT_EPSILON);
        }
        measured_finish(m);
    }
}

/* A unit that is zero for every example is dead; one that fires once is not. */
static void dead_units_are_counted(void **state) {
    (void)state;
    struct network_config config = measured_config(ACTIVATION_RELU, INITIALISER_HE, 3);
    struct measured *m = measured_create(&config);
    struct layer *layer = &m->net.network.layer[1];
    for (int j = 0; j < 5; j++) {
        layer->bias.value[j] = -1e3f;
    }
    for (int j = 5; j < 11; j++) {
        layer->bias.value[j] = 9.0f;
    }
    measured_pass(m, 1);
    assert_int_equal(m->run.layer[1].dead, 5);
    assert_int_equal(m->run.layer[1].h.zero, 5 * MEASURED_BATCH);
    assert_int_equal(m->run.layer[1].delta.zero, 5 * MEASURED_BATCH);
    assert_int_equal(m->run.layer[1].delta.underflow, 0);
    assert_int_equal(m->run.layer[1].saturated, 0); // ReLU does not saturate
    for (int j = 1; j < 5; j++) {
        layer->bias.value[j] = 9.0f;
    }
    measured_pass(m, 1);
    assert_int_equal(m->run.layer[1].h.zero, MEASURED_BATCH); // as few as one dead unit gives
    assert_int_equal(m->run.layer[1].dead, 1);
    layer->bias.value[0] = 0.0f;
    measured_pass(m, 1);
    assert_true(m->run.layer[1].h.zero < MEASURED_BATCH && m->run.layer[1].h.zero > 0);
    assert_int_equal(m->run.layer[1].dead, 0);
    measured_finish(m);
}

static void saturated_entries_are_counted(void **state) {
    (void)state;
    static const int bounded[] = { ACTIVATION_SIGMOID, ACTIVATION_TANH };
    for (int i = 0; i < ARRAY_LEN(bounded); i++) {
        struct network_config config = measured_config(bounded[i], INITIALISER_SMALL, 2);
        struct measured *m = measured_create(&config);
        struct layer *layer = &m->net.network.layer[1];
        layer->bias.value[2] = 30.0f;
        layer->bias.value[3] = -30.0f;
        layer->bias.value[4] = 1.0f;
        measured_pass(m, 1);
        assert_int_equal(m->run.layer[1].saturated, 2 * MEASURED_BATCH);
        assert_int_equal(m->run.layer[0].saturated, 0);
        measured_finish(m);
    }
}

/* NaN and infinities are counted, and the rest is measured as if they were not there. */
static void what_is_not_finite_is_counted(void **state) {
    (void)state;
    struct network_config config = measured_config(ACTIVATION_RELU, INITIALISER_HE, 3);
    struct measured *m = measured_create(&config);
    m->inputs[0] = NAN;
    m->inputs[MEASURED_INPUTS] = INFINITY;
    measured_pass(m, 1);
    const struct layer_stats *first = &m->run.layer[0];
    uint64_t nan = 0, inf = 0;
    for (size_t i = 0; i < measured_entries(m, 0); i++) {
        nan += isnan(m->net.network.layer[0].z[i]) != 0;
        inf += isinf(m->net.network.layer[0].z[i]) != 0;
    }
    assert_true(nan == 11 && inf == 11); // one example each
    assert_int_equal(first->z.nan, nan);
    assert_int_equal(first->z.inf, inf);
    assert_int_equal(first->z_histogram.nan, nan);
    assert_int_equal(first->z_histogram.inf, inf);
    assert_true(isfinite(first->z.mean) && isfinite(first->z.sd) && first->z.max < 100.0);
    assert_true(first->z_histogram.high < 200.0);
    assert_true(isnan(m->run.loss));
    measured_finish(m);
}

static void the_curve_is_the_activation(void **state) {
    (void)state;
    for (int activation = 0; activation < ACTIVATION_COUNT; activation++) {
        struct curve curve;
        struct phi phi = phi_of((enum activation)activation);
        curve_fill(&curve, &phi);
        assert_true(curve.low == -curve.high && curve.high == CURVE_REACH);
        for (int i = 0; i < SNAPSHOT_CURVE; i++) {
            double z = -CURVE_REACH + 2.0 * CURVE_REACH * i / (SNAPSHOT_CURVE - 1);
            double value = activations[activation].value(z);
            double slope = activations[activation].slope(z);
            assert_true(fabs((double)curve.value[i] - value) < 1e-6 * fmax(1.0, fabs(value)));
            bool at_kink = false;
            for (int k = 0; k < activations[activation].kinks; k++) {
                at_kink |= fabs(z - activations[activation].kink[k]) < 1e-9;
            }
            assert_true(at_kink || fabs((double)curve.slope[i] - slope) < 1e-6);
        }
        assert_true(curve.value[SNAPSHOT_CURVE / 2] == (float)activations[activation].value(0.0));
    }
}

/* Two captures of the same pass are the same, and nothing of the network is changed. */
static void a_capture_changes_nothing(void **state) {
    (void)state;
    struct network_config config = measured_config(ACTIVATION_SIGMOID, INITIALISER_SMALL, 6);
    config.optimiser.which = OPTIMISER_ADAM;
    struct measured *m = measured_create(&config);
    static struct run_snapshot first;
    measured_pass(m, 1);
    first = m->run;
    unsigned char *block = malloc(m->net.arena.used);
    struct network *network = malloc(sizeof *network);
    assert_true(block && network);
    memcpy(block, m->net.arena.base, m->net.arena.used);
    *network = m->net.network;
    capture_network(&m->net.network, 1, m->scratch, &m->run, NULL);
    assert_memory_equal(block, m->net.arena.base, m->net.arena.used);
    assert_memory_equal(network, &m->net.network, sizeof *network);
    assert_memory_equal(&first.layer, &m->run.layer, 6 * sizeof first.layer[0]);
    assert_memory_equal(&first.diagnosis, &m->run.diagnosis, sizeof first.diagnosis);
    free(block);
    free(network);
    measured_finish(m);
}

static void forward_and_deltas(struct measured *m) {
    net_forward(&m->net.network, m->inputs, m->labels, MEASURED_BATCH, 1);
    network_deltas(&m->net.network);
}

/* Small W: a glance sees all that a capture does, to the last bit. */
static void a_glance_at_few_weights_sees_all(void **state) {
    (void)state;
    struct network_config config = measured_config(ACTIVATION_TANH, INITIALISER_XAVIER, 3);
    struct measured *all = measured_create(&config), *glance = measured_create(&config);
    measured_pass(all, 1);
    forward_and_deltas(glance);
    capture_glance(&glance->net.network, 1, glance->scratch, &glance->run);
    assert_memory_equal(&glance->run.layer[1], &all->run.layer[1], sizeof all->run.layer[1]);
    assert_memory_equal(&glance->run.output, &all->run.output, sizeof all->run.output);
    network_update(&all->net.network, 1);
    network_update(&glance->net.network, 1);
    assert_same_parameters(&all->net, &glance->net);
    measured_finish(all);
    measured_finish(glance);
}

/* Large W: what is said is said of evenly spaced rows. */
static void a_glance_at_many_weights_sees_some_rows(void **state) {
    (void)state;
    enum { WIDE = 301, ROWS = CAPTURE_GLANCE / 2 / WIDE / 12 * 12, ENTRIES = ROWS * WIDE };
    enum { STRIDE = WIDE / ROWS, FIRST = (WIDE - 1 - (ROWS - 1) * STRIDE) / 2 };
    static float W[ENTRIES], dW[ENTRIES];
    struct network_config config = measured_config(ACTIVATION_TANH, INITIALISER_XAVIER, 3);
    config.width = WIDE;
    struct measured *m = measured_create(&config);
    forward_and_deltas(m);
    capture_glance(&m->net.network, 1, m->scratch, &m->run);
    network_gradients(&m->net.network);
    const struct layer *layer = &m->net.network.layer[1];
    const struct layer_stats *stats = &m->run.layer[1];
    for (size_t i = 0; i < ROWS; i++) {
        size_t row = (FIRST + i * STRIDE) * WIDE;
        memcpy(W + i * WIDE, layer->weight.value + row, WIDE * sizeof *W);
        memcpy(dW + i * WIDE, layer->weight.gradient + row, WIDE * sizeof *dW);
    }
    check_histogram(&stats->weight_histogram, W, ENTRIES);
    check_log_histogram(&stats->weight_gradient_histogram, dW, ENTRIES);
    assert_true(relative_error(stats->weight_rms, rms_of(W, ENTRIES)) <= 1e-12);
    assert_true(relative_error(stats->weight_gradient_rms, rms_of(dW, ENTRIES)) <= 1e-12);
    assert_true(relative_error(stats->update_rms, 0.05 * rms_of(dW, ENTRIES)) <= 1e-6);
    check_moments(&stats->z, layer->z, measured_entries(m, 1)); // as ever
    measured_finish(m);
}

/* dW of spaced rows, made by themselves, against all of dW; however a layer is connected. */
static void spaced_rows_are_rows_of_the_gradient(void **state) {
    (void)state;
    enum { WIDE = 140 };
    static float dW[20 * WIDE];
    const struct gradient_rows rows = { 3, 20, 7 };
    struct network_config plain = measured_config(ACTIVATION_TANH, INITIALISER_XAVIER, 3);
    plain.width = WIDE;
    struct network_config configs[] = { plain, plain, plain, plain };
    configs[1].connection = (struct connection_settings){ .which = CONNECTION_SPLIT, .groups = 2 };
    configs[2].connection.which = CONNECTION_RECURRENT;
    configs[3].noise.drop_connect = 0.3;
    for (int c = 0; c < ARRAY_LEN(configs); c++) {
        struct measured *m = measured_create(&configs[c]);
        const struct layer *layer = &m->net.network.layer[1];
        forward_and_deltas(m);
        struct update_sums sums = network_preview_rows(&m->net.network, 1, 1, rows, dW);
        network_gradients(&m->net.network);
        size_t columns = (size_t)layer->fan_out;
        double squares = 0.0, size = rms_of(layer->weight.gradient, layer->weight.n);
        for (size_t i = 0; i < (size_t)rows.count * columns; i++) {
            size_t row = (size_t)rows.first + i / columns * (size_t)rows.stride;
            double want = (double)layer->weight.gradient[row * columns + i % columns];
            assert_true(fabs((double)dW[i] - want) <= 1e-6 * size);
            squares += want * want;
        }
        assert_true(squares > 0.0 && relative_error(sums.gradient, squares) <= 1e-6);
        measured_finish(m);
    }
}

int main(void) {
    denormals_flush();
    engine_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_field_is_what_the_arrays_hold),
        cmocka_unit_test(factors_multiply_to_the_ratio),
        cmocka_unit_test(the_update_is_the_one_that_follows),
        cmocka_unit_test(dead_units_are_counted),
        cmocka_unit_test(saturated_entries_are_counted),
        cmocka_unit_test(what_is_not_finite_is_counted),
        cmocka_unit_test(the_curve_is_the_activation),
        cmocka_unit_test(a_capture_changes_nothing),
        cmocka_unit_test(a_glance_at_few_weights_sees_all),
        cmocka_unit_test(a_glance_at_many_weights_sees_some_rows),
        cmocka_unit_test(spaced_rows_are_rows_of_the_gradient),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
