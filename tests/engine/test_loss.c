#include "base/check.h"

#include "base/require.h"
#include "engine/denormals.h"
#include "engine/loss.h"
#include "tools.h"

/* Each loss against its formula, written once more in double for one example. */

enum { BATCH = 9, OUTPUTS_MOST = 10 };

static double cross_entropy(const double *z, int label, int outputs) {
    double largest = z[0], sum = 0.0;
    for (int k = 0; k < outputs; k++) {
        largest = fmax(largest, z[k]);
    }
    for (int k = 0; k < outputs; k++) {
        sum += exp(z[k] - largest);
    }
    return log(sum) + largest - z[label];
}

static double target(int label, int k, int outputs) {
    return outputs == 1 ? label : label == k;
}

/* log(1 + e^x), also where e^x overflows */
static double softplus(double x) {
    return x > 0.0 ? x + log1p(exp(-x)) : log1p(exp(x));
}

static double binary_cross_entropy(const double *z, int label, int outputs) {
    double sum = 0.0;
    for (int k = 0; k < outputs; k++) { // -log s(z) = softplus(-z), -log(1 - s(z)) = softplus(z)
        sum += target(label, k, outputs) == 1.0 ? softplus(-z[k]) : softplus(z[k]);
    }
    return sum / outputs;
}

static double squared_error(const double *z, int label, int outputs) {
    double sum = 0.0;
    for (int k = 0; k < outputs; k++) {
        double error = z[k] - target(label, k, outputs);
        sum += error * error;
    }
    return sum / outputs;
}

typedef double formula(const double *z, int label, int outputs);

static formula *const formulas[LOSS_COUNT] = {
    [LOSS_CROSS_ENTROPY] = cross_entropy,
    [LOSS_BINARY_CROSS_ENTROPY] = binary_cross_entropy,
    [LOSS_MSE] = squared_error,
};

struct evaluation {
    float z[BATCH * OUTPUTS_MOST], prediction[BATCH * OUTPUTS_MOST], delta[BATCH * OUTPUTS_MOST];
    uint8_t labels[BATCH];
    int outputs;
    double loss;
};

static void evaluate(struct evaluation *e, int which) {
    const struct loss_targets targets = { .labels = e->labels };
    e->loss = losses[which].evaluate(e->z, &targets, BATCH, e->outputs, e->prediction, e->delta);
}

/* Logits drawn with a standard deviation, and labels that take turns. */
static void evaluation_init(struct evaluation *e, int outputs, double sd) {
    e->outputs = outputs;
    fill_normals(e->z, (size_t)BATCH * (size_t)outputs, (uint32_t)outputs, 0.0, sd);
    for (int i = 0; i < BATCH; i++) {
        e->labels[i] = (uint8_t)(i % (outputs == 1 ? 2 : outputs));
    }
}

static void example(const struct evaluation *e, int i, double *z) {
    for (int k = 0; k < e->outputs; k++) {
        z[k] = (double)e->z[i * e->outputs + k];
    }
}

static int outputs_least(int which) {
    return losses[which].single_output ? 1 : 2;
}

static const double sizes[] = { 0.01, 1.0, 5.0 };

static void every_row_is_complete(void **state) {
    (void)state;
    for (int which = 0; which < LOSS_COUNT; which++) {
        const struct loss_row *row = &losses[which];
        assert_true(strlen(row->name) > 0 && strlen(row->label) > 0);
        assert_true(strlen(row->formula) > 0 && strlen(row->about) > 0);
        assert_int_equal(loss_outputs((enum loss)which, 10), 10);
        assert_int_equal(loss_outputs((enum loss)which, 2), row->single_output ? 1 : 2);
    }
}

static void the_loss_is_its_formula(void **state) {
    (void)state;
    struct evaluation e;
    for (int which = 0; which < LOSS_COUNT; which++) {
        for (int outputs = outputs_least(which); outputs <= OUTPUTS_MOST; outputs++) {
            for (int s = 0; s < ARRAY_LEN(sizes); s++) {
                evaluation_init(&e, outputs, sizes[s]);
                evaluate(&e, which);
                double want = 0.0, z[OUTPUTS_MOST] = { 0 };
                for (int i = 0; i < BATCH; i++) {
                    example(&e, i, z);
                    want += formulas[which](z, e.labels[i], outputs) / BATCH;
                }
                assert_true(fabs(e.loss - want) <= 3e-7 * (1.0 + want));
            }
        }
    }
}

/* delta is the gradient of the example's own loss: no 1 / batch in it. */
static void delta_is_the_gradient_of_each_example(void **state) {
    (void)state;
    const double step = 1e-4;
    struct evaluation e;
    double worst = 0.0;
    for (int which = 0; which < LOSS_COUNT; which++) {
        for (int outputs = outputs_least(which); outputs <= OUTPUTS_MOST; outputs++) {
            for (int s = 0; s < ARRAY_LEN(sizes); s++) {
                evaluation_init(&e, outputs, sizes[s]);
                evaluate(&e, which);
                for (int at = 0; at < BATCH * outputs; at++) {
                    int i = at / outputs, k = at % outputs;
                    double z[OUTPUTS_MOST] = { 0 };
                    example(&e, i, z);
                    double middle = z[k];
                    z[k] = middle + step;
                    double up = formulas[which](z, e.labels[i], outputs);
                    z[k] = middle - step;
                    double down = formulas[which](z, e.labels[i], outputs);
                    double error = fabs((double)e.delta[at] - (up - down) / (2.0 * step));
                    worst = fmax(worst, error);
                    assert_true(error <= 3e-7 * (1.0 + fabs(middle)));
                }
            }
        }
    }
    print_message("worst difference of delta from the numeric gradient: %.2g\n", worst);
}

static void predictions_are_probabilities(void **state) {
    (void)state;
    struct evaluation e;
    for (int outputs = 2; outputs <= OUTPUTS_MOST; outputs++) {
        evaluation_init(&e, outputs, 3.0);
        evaluate(&e, LOSS_CROSS_ENTROPY);
        for (int i = 0; i < BATCH; i++) {
            double z[OUTPUTS_MOST] = { 0 }, sum = 0.0;
            example(&e, i, z);
            for (int k = 0; k < outputs; k++) {
                double p = exp(-cross_entropy(z, k, outputs));
                assert_true(relative_error((double)e.prediction[i * outputs + k], p) < 1e-6);
                sum += (double)e.prediction[i * outputs + k];
            }
            assert_true(fabs(sum - 1.0) < 1e-6);
        }
    }
    evaluation_init(&e, 1, 3.0);
    evaluate(&e, LOSS_BINARY_CROSS_ENTROPY);
    for (int i = 0; i < BATCH; i++) {
        double p = exp(-softplus(-(double)e.z[i]));
        assert_true(relative_error((double)e.prediction[i], p) < 1e-6);
    }
    evaluate(&e, LOSS_MSE);
    assert_memory_equal(e.prediction, e.z, BATCH * sizeof e.z[0]);
}

/*
 * Where an example is almost perfectly right its delta is tiny; it must still be right to float
 * precision and not what is left of 1 - 0.9999999.
 */
static void a_confident_delta_keeps_its_digits(void **state) {
    (void)state;
    struct evaluation e;
    for (int lead = 5; lead <= 60; lead += 5) {
        evaluation_init(&e, OUTPUTS_MOST, 1.0);
        for (int i = 0; i < BATCH; i++) {
            e.z[i * OUTPUTS_MOST + e.labels[i]] = 5.0f + (float)lead;
        }
        evaluate(&e, LOSS_CROSS_ENTROPY);
        for (int i = 0; i < BATCH; i++) {
            double z[OUTPUTS_MOST] = { 0 }, others = 0.0;
            example(&e, i, z);
            for (int k = 0; k < OUTPUTS_MOST; k++) {
                others += k != e.labels[i] ? exp(-cross_entropy(z, k, OUTPUTS_MOST)) : 0.0;
            }
            double got = (double)e.delta[i * OUTPUTS_MOST + e.labels[i]];
            // z - largest is rounded to float before the exponential
            assert_true(relative_error(got, -others) < 1e-6 + 1e-7 * lead);
        }
        evaluation_init(&e, 1, 1.0);
        for (int i = 0; i < BATCH; i++) {
            e.z[i] = e.labels[i] ? (float)lead : -(float)lead;
        }
        evaluate(&e, LOSS_BINARY_CROSS_ENTROPY);
        for (int i = 0; i < BATCH; i++) {
            double want = exp(-softplus((double)lead));
            double got = (double)e.delta[i];
            assert_true(relative_error(got, e.labels[i] ? -want : want) < 1e-6);
        }
    }
}

static void extreme_logits_are_no_trouble(void **state) {
    (void)state;
    static const float extremes[] = { 1e4f, -1e4f, 0.0f, 1e4f, 88.0f, -88.0f, -104.0f };
    struct evaluation e;
    for (int which = 0; which < LOSS_COUNT; which++) {
        for (int outputs = outputs_least(which); outputs <= OUTPUTS_MOST; outputs++) {
            evaluation_init(&e, outputs, 1.0);
            double want = 0.0, z[OUTPUTS_MOST] = { 0 };
            for (int i = 0; i < BATCH * outputs; i++) {
                e.z[i] = extremes[i * 5 % ARRAY_LEN(extremes)];
            }
            evaluate(&e, which);
            for (int i = 0; i < BATCH; i++) {
                example(&e, i, z);
                want += formulas[which](z, e.labels[i], outputs) / BATCH;
            }
            assert_true(relative_error(e.loss, want) < 1e-6);
            for (int i = 0; i < BATCH * outputs; i++) {
                assert_true(isfinite(e.delta[i]) && isfinite(e.prediction[i]));
                assert_true(which == LOSS_MSE || fabsf(e.delta[i]) <= 1.0f);
            }
        }
    }
}

static void what_is_not_finite_shows(void **state) {
    (void)state;
    struct evaluation e;
    for (int which = 0; which < LOSS_COUNT; which++) {
        for (int at = 0; at < BATCH * 3; at++) {
            evaluation_init(&e, 3, 1.0);
            e.z[at] = NAN;
            evaluate(&e, which);
            assert_true(isnan(e.loss) && isnan(e.delta[at]));
            for (int i = 0; i < BATCH * 3; i++) { // the other examples are not touched
                assert_true(i / 3 == at / 3 || isfinite(e.delta[i]));
            }
        }
    }
}

static double correct(const float *prediction, const uint8_t *labels, int batch, int outputs) {
    return loss_correct(prediction, &(struct loss_targets){ .labels = labels }, batch, outputs);
}

static void the_largest_prediction_counts(void **state) {
    (void)state;
    static const float predictions[] = {
        0.1f, 0.2f, 0.7f, // 2
        0.5f, 0.3f, 0.2f, // 0
        0.2f, 0.6f, 0.2f, // 1
        0.4f, 0.4f, 0.2f, // the first of equals
    };
    static const struct {
        uint8_t labels[4];
        double correct;
    } rows[] = {
        { { 2, 0, 1, 0 }, 4.0 },
        { { 2, 0, 1, 1 }, 3.0 },
        { { 0, 0, 0, 0 }, 2.0 },
        { { 1, 1, 0, 2 }, 0.0 },
    };
    for (int i = 0; i < ARRAY_LEN(rows); i++) {
        assert_true(correct(predictions, rows[i].labels, 4, 3) == rows[i].correct);
    }
    assert_true(correct(predictions, rows[0].labels, 1, 3) == 1.0);
}

static void a_single_prediction_is_right_beyond_one_half(void **state) {
    (void)state;
    static const float predictions[] = { 0.9f, 0.1f, 0.500002f, 0.499998f, -3.0f, 4.0f };
    static const uint8_t right[] = { 1, 0, 1, 0, 0, 1 }, wrong[] = { 0, 1, 0, 1, 1, 0 };
    assert_true(correct(predictions, right, 6, 1) == 6.0);
    assert_true(correct(predictions, wrong, 6, 1) == 0.0);
    static const float undecided[] = { 0.5f, 0.50000006f, 0.49999997f, 0.5000005f };
    assert_true(correct(undecided, right, 4, 1) == 2.0);
    assert_true(correct(undecided, wrong, 4, 1) == 2.0);
}

int main(void) {
    denormals_flush();
    engine_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_complete),
        cmocka_unit_test(the_loss_is_its_formula),
        cmocka_unit_test(delta_is_the_gradient_of_each_example),
        cmocka_unit_test(predictions_are_probabilities),
        cmocka_unit_test(a_confident_delta_keeps_its_digits),
        cmocka_unit_test(extreme_logits_are_no_trouble),
        cmocka_unit_test(what_is_not_finite_shows),
        cmocka_unit_test(the_largest_prediction_counts),
        cmocka_unit_test(a_single_prediction_is_right_beyond_one_half),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
