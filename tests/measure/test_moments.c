#include "base/check.h"

#include "base/require.h"
#include "engine/denormals.h"
#include "engine/tools.h"
#include "measure/capture.h"

/* capture_moments() against two passes in long double over the finite entries. */

enum { MOST = 5000 };

static float x[MOST];

struct plain {
    uint64_t zero, nan, inf;
    long double mean, sd, rms, min, max;
};

static struct plain plainly(const float *values, size_t n) {
    struct plain p = { .min = HUGE_VALL, .max = -HUGE_VALL };
    long double count = 0, squares = 0, deviations = 0;
    for (size_t i = 0; i < n; i++) {
        p.nan += isnan(values[i]) != 0;
        p.inf += isinf(values[i]) != 0;
        if (isfinite(values[i])) {
            long double value = (long double)values[i];
            count++;
            p.zero += values[i] == 0.0f;
            p.mean += value;
            squares += value * value;
            p.min = value < p.min ? value : p.min;
            p.max = value > p.max ? value : p.max;
        }
    }
    p.mean /= count;
    for (size_t i = 0; i < n; i++) {
        long double d = isfinite(values[i]) ? (long double)values[i] - p.mean : 0;
        deviations += d * d;
    }
    p.sd = sqrtl(deviations / count);
    p.rms = sqrtl(squares / count);
    return p;
}

static void check(size_t n) {
    struct moments m;
    memset(&m, 0xAA, sizeof m);
    capture_moments(&m, x, n);
    struct plain want = plainly(x, n);
    assert_int_equal(m.n, n);
    assert_int_equal(m.zero, want.zero);
    assert_int_equal(m.underflow, 0);
    assert_int_equal(m.nan, want.nan);
    assert_int_equal(m.inf, want.inf);
    double mean_slack = 1e-12 * (double)want.rms; // a mean may be almost zero
    if (!(fabs(m.mean - (double)want.mean) <= mean_slack &&
          relative_error(m.sd, (double)want.sd) <= 1e-9 &&
          relative_error(m.rms, (double)want.rms) <= 1e-12)) {
        fail_msg("n %zu: mean %.17g %.17g, sd %.17g %.17g, rms %.17g %.17g", n, m.mean,
                 (double)want.mean, m.sd, (double)want.sd, m.rms, (double)want.rms);
    }
    assert_true(m.min == (double)want.min && m.max == (double)want.max);
}

static const struct {
    double mean, sd;
} clouds[] = {
    { 0, 1 },    { 1, 1e-3 },    { -1e6, 0.1 }, { 16777216, 2 },  { 0, 1e-30 },  { 1e-25, 1e-30 },
    { 0, 1e30 }, { 1e38, 1e36 }, { 0, 5e37 },   { 3e-38, 1e-40 }, { 0.5, 1e-7 },
};

static const size_t lengths[] = { 1, 2, 15, 16, 17, 33, 1000, MOST };

static void clouds_of_any_place_and_size(void **state) {
    (void)state;
    for (int i = 0; i < ARRAY_LEN(clouds); i++) {
        for (int k = 0; k < ARRAY_LEN(lengths); k++) {
            fill_normals(x, lengths[k], (uint32_t)i, clouds[i].mean, clouds[i].sd);
            check(lengths[k]);
        }
    }
}

/* The same with entries that are not finite, in the first place too. */
static void what_is_not_finite_is_left_out(void **state) {
    (void)state;
    static const float specials[] = { NAN, INFINITY, -INFINITY };
    for (int i = 0; i < ARRAY_LEN(clouds); i++) {
        for (int special = 0; special < ARRAY_LEN(specials); special++) {
            for (int k = 1; k < ARRAY_LEN(lengths); k++) {
                size_t n = lengths[k];
                fill_normals(x, n, (uint32_t)i, clouds[i].mean, clouds[i].sd);
                x[n - 1] = specials[special];
                check(n);
                if (n > 2) {
                    x[0] = specials[(special + 1) % 3];
                    x[n / 2] = specials[(special + 2) % 3];
                    check(n);
                }
            }
        }
    }
}

static void an_outlier_in_the_first_place_costs_no_digits(void **state) {
    (void)state;
    fill_normals(x, MOST, 1, 0.0, 1e-3);
    x[0] = 1e6f;
    check(MOST);
    fill_normals(x, MOST, 1, 1e6, 1.0);
    x[0] = 0.0f;
    check(MOST);
}

static void constants_have_no_spread(void **state) {
    (void)state;
    static const float values[] = { 0.0f, -0.0f, 1.0f, -3.7f, 1e-38f, FLT_MIN, FLT_MAX, -FLT_MAX };
    for (int i = 0; i < ARRAY_LEN(values); i++) {
        for (int j = 0; j < 100; j++) {
            x[j] = values[i];
        }
        struct moments m;
        capture_moments(&m, x, 100);
        double value = is_denormal((double)values[i]) ? 0.0 : (double)values[i];
        assert_true(m.sd == 0.0 && m.mean == value && m.min == value && m.max == value);
        assert_true(relative_error(m.rms, fabs(value)) < 1e-15);
        assert_int_equal(m.zero, value == 0.0 ? 100 : 0);
    }
}

static void nothing_finite_gives_nan(void **state) {
    (void)state;
    static const float specials[] = { NAN, INFINITY, -INFINITY };
    for (int kind = 0; kind < 4; kind++) {
        for (int i = 0; i < 40; i++) {
            x[i] = kind < 3 ? specials[kind] : specials[i % 3];
        }
        struct moments m;
        capture_moments(&m, x, 40);
        assert_true(isnan(m.mean) && isnan(m.sd) && isnan(m.rms) && isnan(m.min) && isnan(m.max));
        assert_int_equal(m.nan + m.inf, 40);
        assert_int_equal(m.zero, 0);
    }
}

int main(void) {
    denormals_flush();
    engine_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clouds_of_any_place_and_size),
        cmocka_unit_test(what_is_not_finite_is_left_out),
        cmocka_unit_test(an_outlier_in_the_first_place_costs_no_digits),
        cmocka_unit_test(constants_have_no_spread),
        cmocka_unit_test(nothing_finite_gives_nan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
