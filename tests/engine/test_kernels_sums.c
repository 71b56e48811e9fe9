#include "base/check.h"

#include <stdlib.h>

#include "base/require.h"
#include "engine/denormals.h"
#include "tools.h"

/* Sums, counts and the small loops of each instruction set, against plain loops in double. */

enum { MOST = 5000 };

static const struct kernels *sets[SETS_MOST];
static int set_count;
static float x[MOST + 1], y[MOST + 1], out[MOST + 1];

// Lengths around the lanes, the vectors and their multiples.
static const size_t lengths[] = { 1, 2, 7, 8, 15, 16, 17, 31, 32, 33, 47, 48, 100, 1023, MOST };

struct plain_sums {
    long double sum, squares, sizes;
};

/* Sums of x - pivot, and of its sizes for the tolerance. */
static struct plain_sums plain(const float *values, size_t n, double pivot) {
    struct plain_sums sums = { 0 };
    for (size_t i = 0; i < n; i++) {
        long double d = (long double)values[i] - (long double)pivot;
        sums.sum += d;
        sums.squares += d * d;
        sums.sizes += d < 0 ? -d : d;
    }
    return sums;
}

static void sums_equal_plain_ones(void **state) {
    (void)state;
    static const double scales[] = { 1.0, 1e-30, 1e30, 3e38 };
    for (int s = 0; s < set_count; s++) {
        for (int k = 0; k < ARRAY_LEN(scales); k++) {
            fill_normals(x, MOST, 1, 0.3 * scales[k], 0.2 * scales[k]);
            for (int i = 0; i < ARRAY_LEN(lengths); i++) {
                struct plain_sums want = plain(x, lengths[i], 0.0);
                double slack = 1e-13 * (double)want.sizes;
                assert_true(fabs(sets[s]->sum(x, lengths[i]) - (double)want.sum) <= slack);
                double squares = sets[s]->sum_squares(x, lengths[i]);
                assert_true(relative_error(squares, (double)want.squares) <= 1e-13);
            }
        }
        assert_true(sets[s]->sum(x, 0) == 0.0 && sets[s]->sum_squares(x, 0) == 0.0);
    }
}

/* What float sums get wrong: 1e8 ones, and a small value beside a large one. */
static void sums_run_in_double(void **state) {
    (void)state;
    for (int s = 0; s < set_count; s++) {
        x[0] = 1e20f;
        x[1] = 1.0f;
        x[16] = -1e20f; // the same lane
        for (int i = 2; i < 16; i++) {
            x[i] = 16777216.0f + 2.0f * (float)i;
        }
        assert_true(sets[s]->sum(x, 17) == 1.0 + 14 * 16777216.0 + 2.0 * (2 + 15) * 14 / 2);
        x[0] = 1e-30f;
        assert_true(relative_error(sets[s]->sum_squares(x, 1), 1e-60) < 1e-6);
        x[0] = FLT_MAX;
        double most = (double)FLT_MAX;
        assert_true(sets[s]->sum_squares(x, 1) == most * most);
    }
}

/* Sixteen fixed lanes: the sums do not depend on the instruction set. */
static void all_sets_sum_to_the_same_bits(void **state) {
    (void)state;
    fill_normals(x, MOST, 2, 0.1, 1.0);
    for (int s = 1; s < set_count; s++) {
        for (int i = 0; i < ARRAY_LEN(lengths); i++) {
            size_t n = lengths[i];
            assert_true(sets[s]->sum(x, n) == sets[0]->sum(x, n));
            assert_true(sets[s]->sum_squares(x, n) == sets[0]->sum_squares(x, n));
        }
    }
}

static void not_a_number_and_infinity_reach_the_sum(void **state) {
    (void)state;
    for (int s = 0; s < set_count; s++) {
        for (size_t at = 0; at < 40; at++) {
            fill_normals(x, 40, 3, 0.0, 1.0);
            x[at] = NAN;
            assert_true(isnan(sets[s]->sum(x, 40)) && isnan(sets[s]->sum_squares(x, 40)));
            x[at] = INFINITY;
            assert_true(isinf(sets[s]->sum(x, 40)) && isinf(sets[s]->sum_squares(x, 40)));
            x[(at + 16) % 40] = -INFINITY;
            assert_true(isnan(sets[s]->sum(x, 40)) && isinf(sets[s]->sum_squares(x, 40)));
        }
    }
}

static void spread_is_sums_extremes_and_zeros(void **state) {
    (void)state;
    for (int s = 0; s < set_count; s++) {
        for (int i = 0; i < ARRAY_LEN(lengths); i++) {
            size_t n = lengths[i];
            fill_normals(x, n, 4, 100.0, 2.0);
            size_t zeros = 0;
            for (size_t j = 3; j < n; j += 5) {
                x[j] = j % 2 ? 0.0f : -0.0f;
                zeros++;
            }
            float min = x[0], max = x[0];
            for (size_t j = 0; j < n; j++) {
                min = fminf(min, x[j]);
                max = fmaxf(max, x[j]);
            }
            struct plain_sums want = plain(x, n, 99.5);
            struct spread got = sets[s]->spread(x, n, 99.5f);
            assert_true(fabs(got.sum - (double)want.sum) <= 1e-13 * (double)want.sizes);
            assert_true(relative_error(got.squares, (double)want.squares) <= 1e-13);
            assert_true(got.min == min && got.max == max);
            assert_int_equal(got.zero, zeros);
        }
    }
}

static void spread_finds_the_extremes_in_every_place(void **state) {
    (void)state;
    enum { N = 37 };
    for (int s = 0; s < set_count; s++) {
        for (size_t at = 0; at < N; at++) {
            memset(x, 0, sizeof x);
            x[at] = 3.0f;
            assert_true(sets[s]->spread(x, N, 0.0f).max == 3.0f);
            assert_true(sets[s]->spread(x, N, 0.0f).min == 0.0f);
            x[at] = -3.0f;
            assert_true(sets[s]->spread(x, N, 0.0f).min == -3.0f);
            assert_int_equal(sets[s]->spread(x, N, 0.0f).zero, N - 1);
            x[at] = NAN; // passed over, wherever it stands
            x[(at + 1) % N] = 5.0f;
            x[(at + 2) % N] = -5.0f;
            struct spread spread = sets[s]->spread(x, N, 0.0f);
            assert_true(spread.min == -5.0f && spread.max == 5.0f && isnan(spread.sum));
            assert_int_equal(spread.zero, N - 3);
        }
    }
}

/* More than 2^24 in each lane of four, beyond which no float counts. Memory that is only read takes
 * none. */
static void zeros_are_counted_however_many_there_are(void **state) {
    (void)state;
    const size_t n = ((size_t)1 << 26) + 100;
    float *zeros = calloc(n, sizeof *zeros);
    assert_non_null(zeros);
    for (int s = 0; s < set_count; s++) {
        assert_int_equal(sets[s]->spread(zeros, n, 0.0f).zero, n);
    }
    free(zeros);
}

static void outside_excludes_the_limits(void **state) {
    (void)state;
    static const float values[] = { -2.0f, -1.0f, -0.99f,   0.0f,      1.0f,
                                    1.01f, NAN,   INFINITY, -INFINITY, -0.0f };
    for (int s = 0; s < set_count; s++) {
        for (int i = 0; i < ARRAY_LEN(lengths); i++) {
            size_t want = 0, n = lengths[i];
            for (size_t j = 0; j < n; j++) {
                x[j] = values[j * 7 % ARRAY_LEN(values)];
                want += x[j] < -1.0f || x[j] > 1.0f;
            }
            assert_int_equal(sets[s]->count_outside(x, n, -1.0f, 1.0f), want);
            assert_int_equal(sets[s]->count_outside(x, n, -INFINITY, INFINITY), 0);
        }
    }
}

static void rectifier_keeps_what_is_positive(void **state) {
    (void)state;
    for (int s = 0; s < set_count; s++) {
        for (int i = 0; i < ARRAY_LEN(lengths); i++) {
            size_t n = lengths[i];
            fill_normals(x, n, 5, 0.0, 1.0);
            x[0] = -0.0f;
            sets[s]->activation[ACTIVATION_RELU].forward(x, out, n);
            memcpy(y, x, n * sizeof *y);
            sets[s]->activation[ACTIVATION_RELU].forward(y, y, n);
            for (size_t j = 0; j < n; j++) {
                assert_true(out[j] == (x[j] > 0.0f ? x[j] : 0.0f) && out[j] == y[j]);
            }
        }
        float special[] = { NAN, INFINITY, -INFINITY };
        sets[s]->activation[ACTIVATION_RELU].forward(special, out, 3);
        assert_true(isnan(out[0]) && out[1] == INFINITY && out[2] == 0.0f);
        float g[] = { 2.0f, 2.0f, NAN }, h[] = { 0.0f, 1e-30f, 1.0f };
        sets[s]->activation[ACTIVATION_RELU].backward(h, h, g, out, 3);
        assert_true(out[0] == 0.0f && out[1] == 2.0f && isnan(out[2]));
    }
}

/* delta = g phi'(z), where phi' comes from h. */
static void slopes_multiply_the_gradient(void **state) {
    (void)state;
    static float g[MOST];
    fill_normals(g, MOST, 6, 0.0, 1e-3);
    fill_normals(x, MOST, 7, 0.0, 2.0);
    for (int s = 0; s < set_count; s++) {
        sets[s]->sigmoid(x, y, MOST);
        sets[s]->activation[ACTIVATION_SIGMOID].backward(x, y, g, out, MOST);
        for (int i = 0; i < MOST; i++) {
            double h = (double)y[i], want = (double)g[i] * h * (1.0 - h);
            assert_true(relative_error((double)out[i], want) <= 4.0 * (double)FLT_EPSILON);
        }
        sets[s]->activation[ACTIVATION_TANH].forward(x, y, MOST);
        sets[s]->activation[ACTIVATION_TANH].backward(x, y, g, out, MOST);
        for (int i = 0; i < MOST; i++) {
            double h = (double)y[i], want = (double)g[i] * (1.0 - h * h);
            double slack = 4.0 * (double)FLT_EPSILON * fabs((double)g[i]);
            assert_true(fabs((double)out[i] - want) <= slack);
        }
        memcpy(x, g, sizeof g);
        sets[s]->activation[ACTIVATION_TANH].backward(y, y, x, x, MOST); // in place
        assert_memory_equal(x, out, MOST * sizeof *x);
        fill_normals(x, MOST, 7, 0.0, 2.0);
    }
}

/* Every activation in one pass with its sums: the same values, and the sums of those. */
static void passes_with_sums_are_the_loops_and_their_sums(void **state) {
    (void)state;
    static float g[MOST], again[MOST + 1];
    fill_normals(g, MOST, 6, 0.0, 1e-3);
    fill_normals(x, MOST, 7, 0.0, 2.0);
    for (int k = 0; k < set_count * ACTIVATION_COUNT * ARRAY_LEN(lengths); k++) {
        const struct kernels *set = sets[k % set_count];
        int which = k / set_count % ACTIVATION_COUNT;
        size_t n = lengths[k / set_count / ACTIVATION_COUNT];
        if (!set->activation[which].forward) {
            continue; // has parameters of its own
        }
        again[n] = 7.0f;
        set->activation[which].forward(x, y, n);
        struct pass_sums sums = set->activation[which].forward_summed(x, again, n);
        assert_memory_equal(again, y, n * sizeof *y);
        assert_true(again[n] == 7.0f && sums.z == set->sum(x, n) && sums.h == set->sum(y, n));
        assert_true(sums.h_squared == set->sum_squares(y, n));
        struct pass_sums apart = set->pass_sums(x, y, n);
        assert_memory_equal(&sums, &apart, sizeof sums);
        set->activation[which].backward(x, y, g, out, n);
        struct slope_sums slopes = set->activation[which].backward_summed(x, y, g, again, n);
        assert_memory_equal(again, out, n * sizeof *out);
        assert_true(again[n] == 7.0f && slopes.g_squared == set->sum_squares(g, n));
        assert_true(slopes.delta_squared == set->sum_squares(out, n));
    }
}

static void rows_and_columns(void **state) {
    (void)state;
    static const size_t shapes[][2] = { { 1, 1 }, { 5, 3 }, { 3, 17 }, { 33, 100 }, { 200, 1 } };
    float b[100], sums[100];
    for (int s = 0; s < set_count; s++) {
        for (int k = 0; k < ARRAY_LEN(shapes); k++) {
            size_t rows = shapes[k][0], columns = shapes[k][1];
            fill_normals(x, rows * columns, 8, 0.2, 1.0);
            fill_normals(b, columns, 9, 0.0, 1.0);
            memcpy(y, x, rows * columns * sizeof *x);
            y[rows * columns] = 7.0f;
            sets[s]->add_row(y, b, rows, columns);
            assert_true(y[rows * columns] == 7.0f);
            sets[s]->column_sums(x, rows, columns, 0.25f, sums);
            for (size_t j = 0; j < columns; j++) {
                double want = 0.0, sizes = 0.0;
                for (size_t i = 0; i < rows; i++) {
                    assert_true(y[i * columns + j] == x[i * columns + j] + b[j]);
                    want += (double)x[i * columns + j];
                    sizes += fabs((double)x[i * columns + j]);
                }
                double slack = (double)(rows + 1) * (double)FLT_EPSILON * sizes;
                assert_true(fabs((double)sums[j] - 0.25 * want) <= slack);
            }
        }
    }
}

int main(void) {
    denormals_flush();
    set_count = kernel_sets(sets);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_equal_plain_ones),
        cmocka_unit_test(sums_run_in_double),
        cmocka_unit_test(all_sets_sum_to_the_same_bits),
        cmocka_unit_test(not_a_number_and_infinity_reach_the_sum),
        cmocka_unit_test(spread_is_sums_extremes_and_zeros),
        cmocka_unit_test(spread_finds_the_extremes_in_every_place),
        cmocka_unit_test(zeros_are_counted_however_many_there_are),
        cmocka_unit_test(outside_excludes_the_limits),
        cmocka_unit_test(rectifier_keeps_what_is_positive),
        cmocka_unit_test(slopes_multiply_the_gradient),
        cmocka_unit_test(passes_with_sums_are_the_loops_and_their_sums),
        cmocka_unit_test(rows_and_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
