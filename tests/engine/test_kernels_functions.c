#include "base/check.h"

#include <fenv.h>
#include <stdlib.h>

#include "base/require.h"
#include "engine/denormals.h"
#include "tools.h"

/*
 * exp and every activation that is more than arithmetic, of each instruction set, against the C
 * library in double.
 */

enum { BLOCK = 4096, EXP = ACTIVATION_COUNT };

static const struct function {
    const char *name;
    int which;       // an activation, or EXP
    double most_ulp; // as kernels.h states
    float at_minus_infinity, at_infinity;
    double smallest; // below it a zero is right: a factor of the result fell below FLT_MIN
} functions[] = {
    { "exp", EXP, 1.5, 0.0f, INFINITY, 0.0 },
    { "sigmoid", ACTIVATION_SIGMOID, 2.5, 0.0f, 1.0f, 0.0 },
    { "tanh", ACTIVATION_TANH, 2.5, -1.0f, 1.0f, 0.0 },
    { "elu", ACTIVATION_ELU, 2.0, -1.0f, INFINITY, 0.0 },
    { "selu", ACTIVATION_SELU, 3.0, (float)-(SELU_SCALE *SELU_ALPHA), INFINITY, 0.0 },
    { "gelu", ACTIVATION_GELU, 6.0, 0.0f, INFINITY, 1.6e-37 },
    { "silu", ACTIVATION_SILU, 3.0, 0.0f, INFINITY, 1.1e-36 },
    { "softsign", ACTIVATION_SOFTSIGN, 1.5, -1.0f, 1.0f, 0.0 },
    { "softplus", ACTIVATION_SOFTPLUS, 3.0, 0.0f, INFINITY, 0.0 },
    { "mish", ACTIVATION_MISH, 4.0, 0.0f, INFINITY, 1.1e-36 },
    { "scaled_tanh", ACTIVATION_SCALED_TANH, 4.0, (float)-SCALED_TANH_HEIGHT,
      (float)SCALED_TANH_HEIGHT, 2.1e-38 },
};

static double exactly(const struct function *function, double x) {
    return function->which == EXP ? exp(x) : activations[function->which].value(x);
}

typedef void loop(const real *x, real *y, size_t n);

static loop *loop_of(const struct function *function, const struct kernels *set) {
    return function->which == EXP ? set->exp : set->activation[function->which].forward;
}

static const struct kernels *sets[SETS_MOST];
static int set_count;
static double worst[ARRAY_LEN(functions)][SETS_MOST];

/*
 * The error of y in units of the last place of the exact value. Zero stands for what is below
 * zero_below, and below FLT_MIN a part may have been lost.
 */
static double ulps(float y, double exact, double zero_below) {
    double size = fabs(exact), smallest = (double)FLT_MIN;
    double lost = smallest * (1.0 + 4.0 * (double)FLT_EPSILON);
    if (size < fmax(lost, y == 0.0f ? zero_below : 0.0) && fabs((double)y) < 2.0 * lost) {
        return 0.0;
    }
    if (size > (double)FLT_MAX * (1.0 + (double)FLT_EPSILON / 4.0)) { // where rounding overflows
        return isinf(y) && (y > 0) == (exact > 0) ? 0.0 : (double)INFINITY;
    }
    int exponent;
    frexp(fmax(size, smallest), &exponent);
    return fabs((double)y - exact) / ldexp(1.0, exponent - FLT_MANT_DIG);
}

/* All kernels on n values, against the exact ones; their worst error is noted. */
static void compare(const float *x, size_t n) {
    static double exact[BLOCK];
    static float y[BLOCK];
    for (int f = 0; f < ARRAY_LEN(functions); f++) {
        for (size_t i = 0; i < n; i++) {
            exact[i] = exactly(&functions[f], (double)x[i]);
        }
        for (int s = 0; s < set_count; s++) {
            loop_of(&functions[f], sets[s])(x, y, n);
            for (size_t i = 0; i < n; i++) {
                double error = ulps(y[i], exact[i], functions[f].smallest);
                if (!(error <= functions[f].most_ulp)) {
                    fail_msg("%s, %s(%.9g) = %.9g, exactly %.17g: %.3g ulp", sets[s]->name,
                             functions[f].name, (double)x[i], (double)y[i], exact[i], error);
                }
                worst[f][s] = fmax(worst[f][s], error);
            }
        }
    }
}

/* Both signs of every stride-th float: as many of each magnitude as there are. */
static void errors_are_as_stated_over_the_float_range(void **state) {
    (void)state;
    enum { STRIDE = 1009 };
    static float x[BLOCK];
    size_t n = 0;
    for (uint32_t bits = 0; bits < 0x7f800000; bits += STRIDE) {
        x[n++] = float_of_bits(bits);
        x[n++] = float_of_bits(bits | 0x80000000);
        if (n == BLOCK || bits + STRIDE >= 0x7f800000) {
            compare(x, n);
            n = 0;
        }
    }
}

/* Every float around the places where the formulas change. */
static void errors_are_as_stated_around_every_seam(void **state) {
    (void)state;
    static const float seams[] = {
        -103.9720f,  -88.72284f, -88.02969f, -87.33655f, -20.0f,    -17.32868f, -13.25f, -13.2165f,
        -0.3465736f, 0.1732868f, 0.3465736f, 0.6931472f, 9.010913f, 10.0f,      13.25f,  16.635532f,
        17.32868f,   20.0f,      44.01485f,  87.33655f,  88.72284f, 88.8f,
    };
    static float x[BLOCK];
    for (int i = 0; i < ARRAY_LEN(seams); i++) {
        uint32_t middle = bits_of_float(seams[i]);
        for (uint32_t j = 0; j < BLOCK; j++) {
            x[j] = float_of_bits(middle - BLOCK / 2 + j);
        }
        compare(x, BLOCK);
    }
    for (int k = -126; k <= 127; k++) { // every power of two that the exponential may return
        float x0 = (float)((k - 0.5) * log(2.0));
        uint32_t middle = bits_of_float(x0);
        for (uint32_t j = 0; j < 64; j++) {
            x[j] = float_of_bits(middle - 32 + j);
        }
        compare(x, 64);
    }
}

static void the_worst_errors_are_told(void **state) {
    (void)state;
    for (int f = 0; f < ARRAY_LEN(functions); f++) {
        for (int s = 0; s < set_count; s++) {
            print_message("%-11s %-8s worst %.3f ulp of %.1f\n", functions[f].name, sets[s]->name,
                          worst[f][s], functions[f].most_ulp);
            assert_true(worst[f][s] > 0.4); // nothing is better than rounding allows
        }
    }
}

static void special_values_go_through(void **state) {
    (void)state;
    enum { MOST = 33 };
    float x[MOST], y[MOST];
    for (int f = 0; f < ARRAY_LEN(functions); f++) {
        for (int s = 0; s < set_count; s++) {
            for (size_t at = 0; at < MOST; at++) { // in every lane, and in the remainder
                memset(x, 0, sizeof x);
                x[at] = NAN;
                loop_of(&functions[f], sets[s])(x, y, MOST);
                for (size_t i = 0; i < MOST; i++) {
                    assert_true(isnan(y[i]) == (i == at));
                    assert_true(i == at || y[i] == (float)exactly(&functions[f], 0.0));
                }
                x[at] = INFINITY;
                loop_of(&functions[f], sets[s])(x, y, MOST);
                assert_true(y[at] == functions[f].at_infinity);
                x[at] = -INFINITY;
                loop_of(&functions[f], sets[s])(x, y, MOST);
                assert_true(y[at] == functions[f].at_minus_infinity);
            }
            x[0] = -NAN;
            x[1] = FLT_MAX;
            x[2] = -FLT_MAX;
            loop_of(&functions[f], sets[s])(x, y, 3);
            assert_true(isnan(y[0]));
            for (int i = 1; i <= 2; i++) {
                double exact = exactly(&functions[f], (double)x[i]);
                assert_true(ulps(y[i], exact, 0.0) <= functions[f].most_ulp);
            }
        }
    }
}

static void symmetries_are_exact(void **state) {
    (void)state;
    static float x[BLOCK], minus[BLOCK], y[BLOCK], mirrored[BLOCK];
    fill_normals(x, BLOCK, 1, 0.0, 3.0);
    x[0] = 0.0f;
    for (int i = 0; i < BLOCK; i++) {
        minus[i] = -x[i];
    }
    for (int s = 0; s < set_count; s++) {
        sets[s]->activation[ACTIVATION_TANH].forward(x, y, BLOCK);
        sets[s]->activation[ACTIVATION_TANH].forward(minus, mirrored, BLOCK);
        for (int i = 0; i < BLOCK; i++) {
            assert_true(mirrored[i] == -y[i]);
        }
    }
}

/*
 * Step through neighbouring floats: y stays within its range, and neither falls back from the value
 * it ends at nor falls by more than its stated error allows anywhere.
 */
static void assert_rises(const struct kernels *set, const struct function *function, float from,
                         float to) {
    double low = (double)function->at_minus_infinity, high = (double)function->at_infinity;
    static float x[BLOCK], y[BLOCK];
    float before = -INFINITY;
    bool ended = false;
    float at = from;
    while (at < to) {
        size_t n = 0;
        for (; n < BLOCK && at < to; n++, at = nextafterf(at, INFINITY)) {
            x[n] = at;
        }
        loop_of(function, set)(x, y, n);
        for (size_t i = 0; i < n; i++) {
            double slack = 2.0 * function->most_ulp * (double)FLT_EPSILON * fabs((double)y[i]);
            assert_true((double)y[i] >= low && (double)y[i] <= high);
            assert_true(y[i] >= before || (double)y[i] >= (double)before - slack);
            assert_true(!ended || y[i] == function->at_infinity);
            ended = ended || y[i] == function->at_infinity;
            before = y[i];
        }
    }
}

static void the_ends_of_the_range_are_monotone(void **state) {
    (void)state;
    for (int s = 0; s < set_count; s++) {
        assert_rises(sets[s], &functions[0], -87.5f, -86.5f);
        assert_rises(sets[s], &functions[0], 88.0f, 89.5f);
        assert_rises(sets[s], &functions[1], -89.0f, -86.5f);
        assert_rises(sets[s], &functions[1], 16.0f, 18.0f);
        assert_rises(sets[s], &functions[2], -10.0f, -8.5f);
        assert_rises(sets[s], &functions[2], 8.5f, 10.0f);
    }
}

/* e^x is zero below the smallest normal number, whether or not the thread flushes denormals. */
static void exponentials_underflow_to_zero_for_good(void **state) {
    (void)state;
    static const float low[] = { -87.34f, -87.4f, -87.5f, -88.0f, -104.0f, -1e30f, -INFINITY };
    fenv_t flushing;
    for (int s = 0; s < set_count; s++) {
        float y[ARRAY_LEN(low)], unflushed[ARRAY_LEN(low)];
        sets[s]->exp(low, y, ARRAY_LEN(low));
        fegetenv(&flushing);
        fesetenv(FE_DFL_ENV);
        sets[s]->exp(low, unflushed, ARRAY_LEN(low));
        fesetenv(&flushing);
        for (int i = 0; i < ARRAY_LEN(low); i++) {
            assert_true(bits_of_float(y[i]) == 0 && bits_of_float(unflushed[i]) == 0);
        }
    }
}

/* The same values whatever the length, in place too, and not one entry beyond. */
static void any_length_in_place_or_not(void **state) {
    (void)state;
    enum { MOST = 70 };
    float x[MOST + 1], whole[MOST + 1], y[MOST + 2];
    fill_normals(x, MOST + 1, 2, 0.0, 4.0);
    for (int f = 0; f < ARRAY_LEN(functions); f++) {
        for (int s = 0; s < set_count; s++) {
            loop *run = loop_of(&functions[f], sets[s]);
            for (size_t i = 0; i <= MOST; i++) {
                run(x + i, whole + i, 1);
            }
            for (size_t n = 0; n <= MOST; n++) {
                for (size_t offset = 0; offset < 2; offset++) {
                    y[offset + n] = 7.0f;
                    run(x, y + offset, n);
                    assert_memory_equal(y + offset, whole, n * sizeof *y);
                    assert_true(y[offset + n] == 7.0f);
                    memcpy(y + offset, x, n * sizeof *y);
                    run(y + offset, y + offset, n);
                    assert_memory_equal(y + offset, whole, n * sizeof *y);
                    assert_true(y[offset + n] == 7.0f);
                }
            }
        }
    }
}

int main(void) {
    denormals_flush();
    set_count = kernel_sets(sets);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_are_as_stated_over_the_float_range),
        cmocka_unit_test(errors_are_as_stated_around_every_seam),
        cmocka_unit_test(the_worst_errors_are_told),
        cmocka_unit_test(special_values_go_through),
        cmocka_unit_test(symmetries_are_exact),
        cmocka_unit_test(the_ends_of_the_range_are_monotone),
        cmocka_unit_test(exponentials_underflow_to_zero_for_good),
        cmocka_unit_test(any_length_in_place_or_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
