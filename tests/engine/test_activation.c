#include "base/check.h"

#include "base/require.h"
#include "engine/activation.h"
#include "engine/denormals.h"
#include "tools.h"

static const struct kernels *sets[SETS_MOST];
static int set_count;

static void every_row_is_complete(void **state) {
    (void)state;
    for (int a = 0; a < ACTIVATION_COUNT; a++) {
        const struct activation_row *row = &activations[a];
        assert_true(strlen(row->name) > 0 && strlen(row->label) > 0);
        assert_true(strlen(row->formula) > 0 && strlen(row->about) > 0);
        assert_true(row->low < row->high);
        assert_true((row->saturation_rule == NULL) == (isinf(row->saturated_high) != 0));
        assert_true(row->saturated_low < row->saturated_high);
    }
}

/* References to 12 digits from the literature, not from this code. */
static void values_are_the_known_ones(void **state) {
    (void)state;
    static const double at[] = { -2.0, -1.0, -0.5, 0.5, 1.0, 2.0 };
    static const struct {
        enum activation which;
        double value[ARRAY_LEN(at)];
    } rows[] = {
        { ACTIVATION_SIGMOID,
          { 0.119202922022, 0.268941421370, 0.377540668798, 0.622459331202, 0.731058578630,
            0.880797077978 } },
        { ACTIVATION_TANH,
          { -0.964027580076, -0.761594155956, -0.462117157260, 0.462117157260, 0.761594155956,
            0.964027580076 } },
        { ACTIVATION_RELU, { 0.0, 0.0, 0.0, 0.5, 1.0, 2.0 } },
    };
    static_assert(ARRAY_LEN(rows) == ACTIVATION_COUNT, "an activation has no reference");
    for (int i = 0; i < ARRAY_LEN(rows); i++) {
        for (int j = 0; j < ARRAY_LEN(at); j++) {
            double value = activations[rows[i].which].value(at[j]);
            assert_true(fabs(value - rows[i].value[j]) < 1e-12);
        }
    }
}

static void the_slope_is_the_derivative(void **state) {
    (void)state;
    const double step = 1e-4;
    for (int a = 0; a < ACTIVATION_COUNT; a++) {
        const struct activation_row *row = &activations[a];
        for (double z = -8.003; z < 8.0; z += 0.0173) {
            double near = (row->value(z + step) - row->value(z - step)) / (2.0 * step);
            double far = (row->value(z + 2.0 * step) - row->value(z - 2.0 * step)) / (4.0 * step);
            double difference = (4.0 * near - far) / 3.0;
            assert_true(fabs(row->slope(z) - difference) < 1e-10);
        }
    }
    assert_true(activations[ACTIVATION_SIGMOID].slope(0.0) == 0.25);
    assert_true(activations[ACTIVATION_TANH].slope(0.0) == 1.0);
    assert_true(activations[ACTIVATION_RELU].slope(0.0) == 0.0); // as every framework chooses
}

static void values_stay_in_range(void **state) {
    (void)state;
    static const float far[] = { -INFINITY, -1e30f, -100.0f, 0.0f, 100.0f, 1e30f, INFINITY };
    for (int a = 0; a < ACTIVATION_COUNT; a++) {
        const struct activation_row *row = &activations[a];
        float h[ARRAY_LEN(far)];
        row->forward(far, h, ARRAY_LEN(far));
        for (int i = 0; row->bounded && i < ARRAY_LEN(far); i++) {
            assert_true(row->value((double)far[i]) >= row->low);
            assert_true(row->value((double)far[i]) <= row->high);
            assert_true((double)h[i] >= row->low && (double)h[i] <= row->high);
        }
        if (!row->bounded) {
            assert_true(h[ARRAY_LEN(far) - 1] == INFINITY);
        }
    }
}

enum { COUNT = 4001 };

/* The float arrays against value() and slope(), with every instruction set. */
static void arrays_agree_with_the_formulas(void **state) {
    (void)state;
    static float z[COUNT], h[COUNT], g[COUNT], delta[COUNT];
    fill_normals(z, COUNT, 1, 0.0, 2.5);
    fill_normals(g, COUNT, 2, 0.0, 1e-3);
    for (int s = 0; s < set_count; s++) {
        kernels = sets[s];
        for (int a = 0; a < ACTIVATION_COUNT; a++) {
            const struct activation_row *row = &activations[a];
            row->forward(z, h, COUNT);
            row->backward(h, g, delta, COUNT);
            for (int i = 0; i < COUNT; i++) {
                double value = row->value((double)z[i]), slope = row->slope((double)z[i]);
                assert_true(relative_error((double)h[i], value) < 4e-7);
                // h near its bound has few digits left for phi'
                double slack = fabs((double)g[i]) * (4e-7 * slope + 2.5e-7 * fabs(value));
                assert_true(fabs((double)delta[i] - (double)g[i] * slope) <= slack);
            }
        }
    }
}

/* delta may be g, and h may be z. */
static void arrays_work_in_place(void **state) {
    (void)state;
    static float z[COUNT], h[COUNT], g[COUNT], delta[COUNT];
    fill_normals(z, COUNT, 3, 0.0, 2.0);
    for (int a = 0; a < ACTIVATION_COUNT; a++) {
        const struct activation_row *row = &activations[a];
        fill_normals(g, COUNT, 4, 0.0, 1.0);
        row->forward(z, h, COUNT);
        row->backward(h, g, delta, COUNT);
        row->backward(h, g, g, COUNT);
        assert_memory_equal(g, delta, sizeof g);
        memcpy(g, z, sizeof g);
        row->forward(g, g, COUNT);
        assert_memory_equal(g, h, sizeof h);
    }
}

/* The rule for sigmoid is tanh's at twice the z: sigmoid(z) = (1 + tanh(z / 2)) / 2. */
static void the_saturation_rules_agree(void **state) {
    (void)state;
    const struct activation_row *sigmoid = &activations[ACTIVATION_SIGMOID];
    const struct activation_row *tanh_row = &activations[ACTIVATION_TANH];
    double z = atanh(tanh_row->saturated_high);
    assert_true(fabs(z - 2.0923) < 5e-5);
    assert_true(fabs(sigmoid->value(2.0 * z) - sigmoid->saturated_high) < 1e-12);
    assert_true(fabs(sigmoid->value(-2.0 * z) - sigmoid->saturated_low) < 1e-12);
    assert_true(tanh_row->saturated_low == -tanh_row->saturated_high);
}

int main(void) {
    denormals_flush();
    engine_start();
    set_count = kernel_sets(sets);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_complete),
        cmocka_unit_test(values_are_the_known_ones),
        cmocka_unit_test(the_slope_is_the_derivative),
        cmocka_unit_test(values_stay_in_range),
        cmocka_unit_test(arrays_agree_with_the_formulas),
        cmocka_unit_test(arrays_work_in_place),
        cmocka_unit_test(the_saturation_rules_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
