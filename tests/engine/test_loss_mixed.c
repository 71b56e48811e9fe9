#include "base/check.h"

#include "base/require.h"
#include "engine/loss.h"
#include "tools.h"

/*
 * The losses under mixup, in double precision (the very sources, compiled with ENGINE_DOUBLE):
 * against the formulas of one example, and their delta against numeric gradients of those.
 */

enum { BATCH = 6, OUTPUTS_MOST = 5 };

static const double lambdas[] = { 0.0, 1e-3, 0.25, 0.5, 0.875, 1.0 };

struct evaluation {
    double z[BATCH * OUTPUTS_MOST], prediction[BATCH * OUTPUTS_MOST], delta[BATCH * OUTPUTS_MOST];
    uint8_t labels[BATCH], others[BATCH];
    double lambda, loss;
    int outputs;
};

/* Pairs of every kind: the same label twice, neighbours, and far apart. */
static void evaluation_init(struct evaluation *e, int outputs, double lambda) {
    memset(e, 0, sizeof *e);
    int classes = outputs == 1 ? 2 : outputs;
    e->outputs = outputs;
    e->lambda = lambda;
    fill_normals(e->z, (size_t)BATCH * (size_t)outputs, (uint32_t)outputs, 0.0, 2.0);
    for (int i = 0; i < BATCH; i++) {
        e->labels[i] = (uint8_t)(i % classes);
        e->others[i] = (uint8_t)((i + i / 2) % classes);
    }
}

static void evaluate(struct evaluation *e, int which, bool mixed) {
    const struct loss_targets targets = {
        .labels = e->labels,
        .other_labels = mixed ? e->others : NULL,
        .lambda = mixed ? e->lambda : 0.0,
    };
    e->loss = losses[which].evaluate(e->z, &targets, BATCH, e->outputs, e->prediction, e->delta);
}

static double share(int label, int k, int outputs) {
    return outputs == 1 ? label : label == k;
}

/* -log softmax(z)[label], straight; the logits here are small. */
static double cross_entropy(const double *z, int label, int outputs) {
    double sum = 0.0;
    for (int k = 0; k < outputs; k++) {
        sum += exp(z[k]);
    }
    return -log(exp(z[label]) / sum);
}

static double binary_cross_entropy(const double *z, int label, int outputs) {
    double sum = 0.0;
    for (int k = 0; k < outputs; k++) {
        double yes = 1.0 / (1.0 + exp(-z[k]));
        sum -= share(label, k, outputs) > 0.0 ? log(yes) : log(1.0 - yes);
    }
    return sum / outputs;
}

/* The loss of one example, from the definition of mixup. */
static double formula(int which, const double *z, const struct evaluation *e, int i) {
    int first = e->labels[i], second = e->others[i];
    double a = e->lambda, b = 1.0 - e->lambda, sum = 0.0;
    if (which == LOSS_MSE) {
        for (int k = 0; k < e->outputs; k++) {
            double target = a * share(first, k, e->outputs) + b * share(second, k, e->outputs);
            sum += (z[k] - target) * (z[k] - target);
        }
        return sum / e->outputs;
    }
    if (which == LOSS_CROSS_ENTROPY) {
        return a * cross_entropy(z, first, e->outputs) + b * cross_entropy(z, second, e->outputs);
    }
    return a * binary_cross_entropy(z, first, e->outputs) +
           b * binary_cross_entropy(z, second, e->outputs);
}

static int outputs_least(int which) {
    return losses[which].single_output ? 1 : 2;
}

static void the_loss_is_the_mixed_one(void **state) {
    (void)state;
    struct evaluation e;
    for (int which = 0; which < LOSS_COUNT; which++) {
        for (int outputs = outputs_least(which); outputs <= OUTPUTS_MOST; outputs++) {
            for (int l = 0; l < ARRAY_LEN(lambdas); l++) {
                evaluation_init(&e, outputs, lambdas[l]);
                evaluate(&e, which, true);
                double want = 0.0;
                for (int i = 0; i < BATCH; i++) {
                    want += formula(which, e.z + (size_t)i * (size_t)outputs, &e, i) / BATCH;
                }
                assert_true(relative_error(e.loss, want) < 1e-13);
            }
        }
    }
}

static double numeric_gradient(int which, const struct evaluation *e, int i, int k) {
    const double h = 1e-3;
    static const double weight[] = { 1.0, -8.0, 8.0, -1.0 }, at[] = { -2.0, -1.0, 1.0, 2.0 };
    double z[OUTPUTS_MOST] = { 0 }, sum = 0.0;
    memcpy(z, e->z + (size_t)i * (size_t)e->outputs, (size_t)e->outputs * sizeof *z);
    double middle = z[k];
    for (int j = 0; j < 4; j++) {
        z[k] = middle + h * at[j];
        sum += weight[j] * formula(which, z, e, i);
    }
    return sum / (12.0 * h);
}

static void delta_is_its_gradient(void **state) {
    (void)state;
    struct evaluation e;
    double worst = 0.0;
    for (int which = 0; which < LOSS_COUNT; which++) {
        for (int outputs = outputs_least(which); outputs <= OUTPUTS_MOST; outputs++) {
            for (int l = 0; l < ARRAY_LEN(lambdas); l++) {
                evaluation_init(&e, outputs, lambdas[l]);
                evaluate(&e, which, true);
                for (int at = 0; at < BATCH * outputs; at++) {
                    double want = numeric_gradient(which, &e, at / outputs, at % outputs);
                    double error = fabs(e.delta[at] - want);
                    worst = fmax(worst, error);
                    assert_true(error <= 1e-10 + 1e-7 * fabs(want));
                }
            }
        }
    }
    print_message("worst difference of delta from the numeric gradient: %.2g\n", worst);
}

static void assert_same_evaluation(const struct evaluation *a, const struct evaluation *b) {
    assert_memory_equal(a->delta, b->delta, sizeof a->delta);
    assert_memory_equal(a->prediction, b->prediction, sizeof a->prediction);
    assert_true(a->loss == b->loss);
}

/* All of the first label, or the same label twice, is the plain loss to the last bit. */
static void nothing_mixed_in_changes_nothing(void **state) {
    (void)state;
    struct evaluation plain, mixed;
    for (int which = 0; which < LOSS_COUNT; which++) {
        for (int outputs = outputs_least(which); outputs <= OUTPUTS_MOST; outputs++) {
            evaluation_init(&plain, outputs, 1.0);
            mixed = plain;
            evaluate(&plain, which, false);
            evaluate(&mixed, which, true);
            assert_same_evaluation(&plain, &mixed);
            for (double lambda = 0.0; lambda < 1.0; lambda += 0.0625) {
                mixed.lambda = lambda / 3.0; // not exact, either
                memcpy(mixed.others, mixed.labels, sizeof mixed.others);
                evaluate(&mixed, which, true);
                assert_same_evaluation(&plain, &mixed);
            }
        }
    }
}

static void either_label_may_come_first(void **state) {
    (void)state;
    struct evaluation one, two;
    for (int which = 0; which < LOSS_COUNT; which++) {
        for (int outputs = outputs_least(which); outputs <= OUTPUTS_MOST; outputs++) {
            evaluation_init(&one, outputs, 0.25);
            two = one;
            two.lambda = 0.75;
            memcpy(two.labels, one.others, sizeof two.labels);
            memcpy(two.others, one.labels, sizeof two.others);
            evaluate(&one, which, true);
            evaluate(&two, which, true);
            assert_true(relative_error(one.loss, two.loss) < 1e-14);
            for (int at = 0; at < BATCH * outputs; at++) {
                assert_true(fabs(one.delta[at] - two.delta[at]) < 1e-15);
            }
        }
    }
}

/* A label that has no share may be as wrong as it likes. */
static void what_has_no_share_does_not_count(void **state) {
    (void)state;
    static const double z[] = { 0.0, -(double)INFINITY };
    static const uint8_t sure[] = { 0 }, hopeless[] = { 1 };
    double prediction[2], delta[2];
    for (int swapped = 0; swapped < 2; swapped++) {
        const struct loss_targets targets = {
            .labels = swapped ? hopeless : sure,
            .other_labels = swapped ? sure : hopeless,
            .lambda = swapped ? 0.0 : 1.0,
        };
        double loss = losses[LOSS_CROSS_ENTROPY].evaluate(z, &targets, 1, 2, prediction, delta);
        assert_true(loss == 0.0 && delta[0] == 0.0 && delta[1] == 0.0);
    }
}

/* lam correct(y_i) + (1 - lam) correct(y_j), as the authors' code counts. */
static void each_label_counts_by_its_share(void **state) {
    (void)state;
    static const double predictions[] = {
        0.1, 0.2, 0.7, // 2
        0.5, 0.3, 0.2, // 0
        0.2, 0.6, 0.2, // 1
    };
    static const uint8_t labels[] = { 2, 1, 1 }, others[] = { 0, 0, 1 };
    const struct loss_targets targets = { labels, others, 0.75 };
    assert_true(loss_correct(predictions, &targets, 3, 3) == 0.75 + 0.25 + 1.0);
    static const double single[] = { 0.9, 0.2, 0.5 };
    static const uint8_t yes[] = { 1, 1, 1 }, no[] = { 0, 0, 0 };
    assert_true(loss_correct(single, &(struct loss_targets){ yes, no, 0.75 }, 3, 1) ==
                0.75 + 0.25 + 0.5);
}

int main(void) {
    engine_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_loss_is_the_mixed_one),
        cmocka_unit_test(delta_is_its_gradient),
        cmocka_unit_test(nothing_mixed_in_changes_nothing),
        cmocka_unit_test(either_label_may_come_first),
        cmocka_unit_test(what_has_no_share_does_not_count),
        cmocka_unit_test(each_label_counts_by_its_share),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
