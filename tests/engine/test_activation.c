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
        assert_true(row->kinks >= 0 && row->kinks <= ACTIVATION_MAX_KINKS);
        assert_true(row->source != NULL || a == ACTIVATION_LINEAR);
        int exponent; // histograms of a bounded h have bins of a whole power of two
        assert_true(frexp(row->high - row->low, &exponent) == 0.5);
        for (int b = 0; b < a; b++) {
            assert_string_not_equal(row->name, activations[b].name);
        }
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
        { ACTIVATION_LINEAR, { -2.0, -1.0, -0.5, 0.5, 1.0, 2.0 } },
        { ACTIVATION_SIGMOID,
          { 0.119202922022, 0.268941421370, 0.377540668798, 0.622459331202, 0.731058578630,
            0.880797077978 } },
        { ACTIVATION_TANH,
          { -0.964027580076, -0.761594155956, -0.462117157260, 0.462117157260, 0.761594155956,
            0.964027580076 } },
        { ACTIVATION_RELU, { 0.0, 0.0, 0.0, 0.5, 1.0, 2.0 } },
        { ACTIVATION_LEAKY_RELU, { -0.02, -0.01, -0.005, 0.5, 1.0, 2.0 } },
        { ACTIVATION_PRELU, { -0.5, -0.25, -0.125, 0.5, 1.0, 2.0 } },
        { ACTIVATION_MAXOUT, { -2.0, -1.0, -0.5, 0.5, 1.0, 2.0 } }, // of a single piece
        { ACTIVATION_ELU, { -0.864664716763, -0.632120558829, -0.393469340287, 0.5, 1.0, 2.0 } },
        { ACTIVATION_SELU,
          { -1.520166468596, -1.111330737813, -0.691758187803, 0.525350493678, 1.050700987355,
            2.101401974711 } },
        { ACTIVATION_GELU,
          { -0.045500263896, -0.158655253931, -0.154268769363, 0.345731230637, 0.841344746069,
            1.954499736104 } },
        { ACTIVATION_SILU,
          { -0.238405844044, -0.268941421370, -0.188770334399, 0.311229665601, 0.731058578630,
            1.761594155956 } },
        { ACTIVATION_SOFTSIGN,
          { -0.666666666667, -0.5, -0.333333333333, 0.333333333333, 0.5, 0.666666666667 } },
        { ACTIVATION_SOFTPLUS,
          { 0.126928011043, 0.313261687518, 0.474076984180, 0.974076984180, 1.313261687518,
            2.126928011043 } },
        { ACTIVATION_HARD_TANH, { -1.0, -1.0, -0.5, 0.5, 1.0, 1.0 } },
        { ACTIVATION_MISH,
          { -0.252501482696, -0.303401461374, -0.220743774652, 0.375245211305, 0.865098388267,
            1.943958959534 } },
        { ACTIVATION_SCALED_TANH,
          { -1.492938805384, -0.9999972559225, -0.5516837063305, 0.5516837063305, 0.9999972559225,
            1.492938805384 } },
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
    assert_true(activations[ACTIVATION_LEAKY_RELU].slope(0.0) == ACTIVATION_LEAK);
    assert_true(activations[ACTIVATION_HARD_TANH].slope(1.0) == 0.0);
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
            row->backward(z, h, g, delta, COUNT);
            for (int i = 0; i < COUNT; i++) {
                double value = row->value((double)z[i]), slope = row->slope((double)z[i]);
                assert_true(relative_error((double)h[i], value) < 4e-7);
                // near a bound or a root of phi' few digits are left for it
                double slack = fabs((double)g[i]) * 4e-7 * (fabs(slope) + fabs(value));
                if (fabs((double)delta[i] - (double)g[i] * slope) > slack) {
                    fail_msg("%s, slope of %s at %.9g: %.9g, exactly %.9g", sets[s]->name,
                             row->name, (double)z[i], (double)delta[i] / (double)g[i], slope);
                }
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
        row->backward(z, h, g, delta, COUNT);
        row->backward(z, h, g, g, COUNT);
        assert_memory_equal(g, delta, sizeof g);
        memcpy(g, z, sizeof g);
        row->forward(g, g, COUNT);
        assert_memory_equal(g, h, sizeof h);
    }
}

/*
 * Beyond the rule phi' is below the share of its largest that it has at tanh's |h| = 0.97, and
 * inside it is not. The rule for sigmoid is tanh's at twice the z: sigmoid(z) = (1 + tanh(z / 2)) /
 * 2.
 */
static void the_saturation_rules_agree(void **state) {
    (void)state;
    const struct activation_row *sigmoid = &activations[ACTIVATION_SIGMOID];
    const struct activation_row *tanh_row = &activations[ACTIVATION_TANH];
    double z = atanh(tanh_row->saturated_high);
    assert_true(fabs(z - 2.0923) < 5e-5);
    assert_true(fabs(sigmoid->value(2.0 * z) - sigmoid->saturated_high) < 1e-12);
    assert_true(fabs(sigmoid->value(-2.0 * z) - sigmoid->saturated_low) < 1e-12);
    assert_true(tanh_row->saturated_low == -tanh_row->saturated_high);
    for (int a = 0; a < ACTIVATION_COUNT; a++) {
        const struct activation_row *row = &activations[a];
        for (double at = -12.0005; row->saturation_rule && at < 12.0; at += 1e-3) {
            double h = (double)(float)row->value(at), share = row->slope(at) / row->slope(0.0);
            bool saturated = h < row->saturated_low || h > row->saturated_high;
            assert_true(saturated ? share < 0.0592 : share > 0.059);
        }
    }
}

static void slopes_that_fade_say_so(void **state) {
    (void)state;
    for (int a = 0; a < ACTIVATION_COUNT; a++) {
        bool fades = false;
        for (double z = -200.0; z <= 200.0; z += 0.25) {
            double slope = fabs(activations[a].slope(z));
            fades |= slope > 0.0 && slope < (double)FLT_MIN;
        }
        assert_int_equal(fades, activations[a].fades);
    }
}

/* Everywhere else the slope is continuous and bounded, so that its quadrature converges fast. */
static void kinks_are_where_the_slope_bends(void **state) {
    (void)state;
    for (int a = 0; a < ACTIVATION_COUNT; a++) {
        const struct activation_row *row = &activations[a];
        const double step = 1e-4;
        for (double z = -4.00005; z < 4.0; z += step) { // never on a kink itself
            double before = row->slope(z) - row->slope(z - step);
            double after = row->slope(z + step) - row->slope(z);
            double bend = fabs(after - before) / step;
            bool near = false;
            for (int k = 0; k < row->kinks; k++) {
                near |= fabs(z - row->kink[k]) <= step;
            }
            assert_true(near || bend < 1e-3);
        }
        for (int k = 0; k < row->kinks; k++) {
            double at = row->kink[k], before = row->slope(at - step) - row->slope(at - 2.0 * step);
            double across = row->slope(at + step) - row->slope(at - step);
            double after = row->slope(at + 2.0 * step) - row->slope(at + step);
            double jump = fabs(across - before - after), bend = fabs(after - before);
            assert_true(fmax(jump, bend) > 0.1 * step);
        }
    }
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
        cmocka_unit_test(slopes_that_fade_say_so),
        cmocka_unit_test(kinks_are_where_the_slope_bends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
