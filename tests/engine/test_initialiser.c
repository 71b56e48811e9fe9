#include "base/check.h"

#include <stdlib.h>

#include "base/require.h"
#include "engine/initialiser.h"
#include "engine/orthogonal.h"
#include "tools.h"

enum { MOST = 1024 * 300 };

static float W[MOST], other[MOST];

static const int shapes[][2] = {
    { 784, 100 }, { 100, 100 }, { 100, 10 }, { 500, 500 }, { 17, 33 }, { 1, 1000 }, { 1000, 1 },
};

static bool is_drawn(int which) {
    return which != INITIALISER_ZERO && initialisers[which].distribution <= DISTRIBUTION_UNIFORM;
}

static bool is_normal(int which) {
    return initialisers[which].distribution == DISTRIBUTION_NORMAL;
}

static double spread_of(int which, double scale, int fan_in, int fan_out) {
    return scale * initialisers[which].spread(fan_in, fan_out);
}

static void fill(int which, double scale, uint64_t seed, int layer, int fan_in, int fan_out,
                 float *to) {
    assert_true(fan_in * fan_out <= MOST);
    const struct initialiser_target target = { (enum initialiser)which, scale, to };
    assert_true(initialiser_fill(&target, 1, seed, layer, fan_in, fan_out, NULL));
}

/* The published formulas, once more. */
static void the_formulas_are_the_published_ones(void **state) {
    (void)state;
    static const struct {
        enum initialiser which;
        double variance; // for fan_in 784, fan_out 100
    } rows[] = {
        { INITIALISER_ZERO, 0.0 },
        { INITIALISER_CONSTANT, 1.0 },
        { INITIALISER_SMALL, 1e-4 },
        { INITIALISER_NORMAL, 1.0 },
        { INITIALISER_UNIFORM, 1.0 / 3.0 },
        { INITIALISER_XAVIER, 1.0 / 784.0 },
        { INITIALISER_LECUN_UNIFORM, 1.0 / 784.0 },
        { INITIALISER_GLOROT_NORMAL, 2.0 / 884.0 },
        { INITIALISER_GLOROT_UNIFORM, 2.0 / 884.0 },
        { INITIALISER_SIGMOID_XAVIER, 32.0 / 884.0 },
        { INITIALISER_HE, 2.0 / 784.0 },
        { INITIALISER_HE_UNIFORM, 2.0 / 784.0 },
        { INITIALISER_HE_FAN_OUT, 2.0 / 100.0 },
        { INITIALISER_PYTORCH, 1.0 / (3.0 * 784.0) },
        { INITIALISER_ORTHOGONAL, 1.0 / 784.0 },
        { INITIALISER_IDENTITY, 1.0 / 784.0 },
        { INITIALISER_LSUV, 1.0 / 784.0 }, // before it has seen data
        { INITIALISER_RBM, 1e-4 },
    };
    static_assert(ARRAY_LEN(rows) == INITIALISER_COUNT, "an initialiser has no reference");
    for (int i = 0; i < ARRAY_LEN(rows); i++) {
        double variance = initialiser_variance(rows[i].which, 1.0, 784, 100);
        assert_true(relative_error(variance, rows[i].variance) < 1e-14);
        variance = initialiser_variance(rows[i].which, 3.0, 784, 100);
        assert_true(relative_error(variance, 9.0 * rows[i].variance) < 1e-14);
        double biases = initialiser_bias_variance(rows[i].which, 3.0, 784, 100);
        double want = rows[i].which == INITIALISER_PYTORCH ? 9.0 * rows[i].variance : 0.0;
        assert_true(relative_error(biases, want) < 1e-14);
    }
}

/*
 * Within five standard errors; the variance of a sample variance is (kurtosis - 1) / n, which is
 * 2 / n for a normal and 0.8 / n for a uniform distribution.
 */
static void mean_and_variance_are_as_promised(void **state) {
    (void)state;
    double worst = 0.0;
    for (int which = 0; which < INITIALISER_COUNT; which++) {
        for (int k = 0; is_drawn(which) && k < ARRAY_LEN(shapes); k++) {
            int fan_in = shapes[k][0], fan_out = shapes[k][1];
            double n = (double)fan_in * fan_out, sum = 0.0, squares = 0.0;
            fill(which, 1.5, 11, k + 1, fan_in, fan_out, W);
            for (int i = 0; i < fan_in * fan_out; i++) {
                sum += (double)W[i];
                squares += (double)W[i] * (double)W[i];
            }
            double variance = initialiser_variance((enum initialiser)which, 1.5, fan_in, fan_out);
            double off =
                fabs(squares / n / variance - 1.0) / sqrt((is_normal(which) ? 2 : 0.8) / n);
            double mean_off = fabs(sum / n) / sqrt(variance / n);
            worst = fmax(worst, fmax(off, mean_off));
            assert_true(off < 5.0 && mean_off < 5.0);
        }
    }
    print_message("worst mean or variance: %.2f standard errors of 5\n", worst);
}

static void uniform_draws_keep_their_limit(void **state) {
    (void)state;
    for (int which = 0; which < INITIALISER_COUNT; which++) {
        if (!is_drawn(which)) {
            continue;
        }
        float limit = (float)spread_of(which, 2.0, 500, 500), largest = 0.0f;
        fill(which, 2.0, 3, 1, 500, 500, W);
        for (int i = 0; i < 500 * 500; i++) {
            largest = fmaxf(largest, fabsf(W[i]));
        }
        if (!is_normal(which)) {
            assert_true(largest <= limit && largest > 0.9999f * limit);
        } else {
            assert_true(largest > 4.0f * limit && largest < 7.0f * limit);
        }
    }
}

/* W / spread is the standard normal of (seed, layer, i, j), or 2 Phi of it - 1. */
static void every_weight_is_the_draw_of_its_place(void **state) {
    (void)state;
    enum { ROWS = 7, COLUMNS = 1500 };
    static double normal[COLUMNS];
    for (int which = 0; which < INITIALISER_COUNT; which++) {
        if (!is_drawn(which)) {
            continue;
        }
        double spread = spread_of(which, 1.7, ROWS, COLUMNS);
        fill(which, 1.7, 77, 5, ROWS, COLUMNS, W);
        for (uint32_t i = 0; i < ROWS; i++) {
            random_normals(&(struct random_stream){ 77, RANDOM_WEIGHT, 5 }, i, 0, COLUMNS, normal);
            for (int j = 0; j < COLUMNS; j++) {
                double rank = erf(normal[j] / sqrt(2.0)); // 2 Phi - 1
                double want = spread * (is_normal(which) ? normal[j] : rank);
                double got = (double)W[i * COLUMNS + (uint32_t)j];
                double slack = (double)FLT_EPSILON * fabs(want) + 1e-15 * spread;
                assert_true(fabs(got - want) <= slack);
            }
        }
    }
}

/* Changing the width adds columns and rows, and changes none; depth and scale change none either.
 */
static void neighbours_do_not_matter(void **state) {
    (void)state;
    for (int which = 0; which < INITIALISER_COUNT; which++) {
        if (!is_drawn(which)) {
            continue;
        }
        fill(which, 1.0, 5, 2, 40, 300, W);
        fill(which, 1.0, 5, 2, 90, 70, other);
        double wide = spread_of(which, 1.0, 40, 300), narrow = spread_of(which, 1.0, 90, 70);
        for (int i = 0; i < 40; i++) {
            for (int j = 0; j < 70; j++) {
                double a = (double)W[i * 300 + j] * narrow, b = (double)other[i * 70 + j] * wide;
                assert_true(relative_error(a, b) <= 2.0 * (double)FLT_EPSILON);
            }
        }
        fill(which, 4.0, 5, 2, 40, 300, other); // a power of two: exact
        for (int i = 0; i < 40 * 300; i++) {
            assert_true(other[i] == 4.0f * W[i]);
        }
        fill(which, 0.0, 5, 2, 40, 300, other);
        for (int i = 0; i < 40 * 300; i++) {
            assert_true(other[i] == 0.0f);
        }
    }
}

static double correlation(const float *a, const float *b, int n) {
    double product = 0.0, a_squared = 0.0, b_squared = 0.0;
    for (int i = 0; i < n; i++) {
        product += (double)a[i] * (double)b[i];
        a_squared += (double)a[i] * (double)a[i];
        b_squared += (double)b[i] * (double)b[i];
    }
    return product / sqrt(a_squared * b_squared);
}

/* Within five standard errors of 0, and initialisers of one kind perfectly alike. */
static void layers_and_seeds_share_nothing(void **state) {
    (void)state;
    enum { N = 300 };
    const double limit = 5.0 / N;
    for (int which = 0; which < INITIALISER_COUNT; which++) {
        if (!is_drawn(which)) {
            continue;
        }
        fill(which, 1.0, 1, 1, N, N, W);
        for (int layer = 2; layer <= 6; layer++) {
            fill(which, 1.0, 1, layer, N, N, other);
            assert_true(fabs(correlation(W, other, N * N)) < limit);
        }
        for (uint64_t seed = 2; seed <= 6; seed++) {
            fill(which, 1.0, seed, 1, N, N, other);
            assert_true(fabs(correlation(W, other, N * N)) < limit);
        }
        fill(which, 1.0, 1 + (1ull << 40), 1, N, N, other); // the seed's high half counts
        assert_true(fabs(correlation(W, other, N * N)) < limit);
        assert_true(fabs(correlation(W, W + 1, N * N - 1)) < limit);
        assert_true(fabs(correlation(W, W + N, N * N - N)) < limit);
        for (int twin = 0; twin < INITIALISER_COUNT; twin++) {
            if (!is_drawn(twin)) {
                continue;
            }
            fill(twin, 1.0, 1, 1, N, N, other);
            double shared = correlation(W, other, N * N);
            // a normal and the uniform of its rank: correlation sqrt(3 / pi)
            double want = is_normal(which) == is_normal(twin) ? 1.0 : sqrt(3.0 / acos(-1.0));
            assert_true(fabs(shared - want) < 2e-3);
        }
    }
}

/* Largest entry of |W^T W - scale^2 I|, or of W W^T where W is wide. */
static double off_orthogonal(int fan_in, int fan_out, double scale) {
    bool wide = fan_in < fan_out;
    int n = wide ? fan_in : fan_out, length = wide ? fan_out : fan_in;
    int step = wide ? 1 : fan_out, stride = wide ? fan_out : 1;
    double worst = 0.0;
    for (int a = 0; a < n; a++) {
        for (int b = a; b < n; b++) {
            double sum = 0.0;
            for (int k = 0; k < length; k++) {
                sum += (double)W[a * stride + k * step] * (double)W[b * stride + k * step];
            }
            worst = fmax(worst, fabs(sum - (a == b) * scale * scale));
        }
    }
    return worst;
}

static void orthogonal_weights_keep_lengths(void **state) {
    (void)state;
    static const int many[][2] = {
        { 1, 1 },     { 1, 7 },     { 7, 1 },     { 2, 2 },    { 32, 32 },   { 33, 33 },
        { 100, 100 }, { 200, 200 }, { 100, 500 }, { 500, 10 }, { 784, 100 }, { 70, 71 },
    };
    double worst = 0.0;
    for (int k = 0; k < ARRAY_LEN(many); k++) {
        int fan_in = many[k][0], fan_out = many[k][1];
        for (uint64_t seed = 1; seed <= 3; seed++) {
            fill(INITIALISER_ORTHOGONAL, 1.0, seed, 2, fan_in, fan_out, W);
            worst = fmax(worst, off_orthogonal(fan_in, fan_out, 1.0));
            fill(INITIALISER_ORTHOGONAL, 2.0, seed, 2, fan_in, fan_out, other);
            for (int i = 0; i < fan_in * fan_out; i++) {
                assert_true(other[i] == 2.0f * W[i]);
            }
        }
    }
    print_message("worst |Q'Q - I|: %.2g\n", worst);
    assert_true(worst < 1e-6);
}

/* lsuv begins with the very same weights; what it does with data is tested by its name. */
static void lsuv_begins_orthogonal(void **state) {
    (void)state;
    fill(INITIALISER_ORTHOGONAL, 1.5, 4, 3, 70, 30, W);
    fill(INITIALISER_LSUV, 1.5, 4, 3, 70, 30, other);
    assert_memory_equal(W, other, 70 * 30 * sizeof *W);
}

/*
 * It is the Q of a QR whose R has a positive diagonal: R = Q^T G is upper triangular, G being the
 * same normals that the other rows draw.
 */
static void orthogonal_weights_come_from_the_draws(void **state) {
    (void)state;
    enum { ROWS = 60, COLUMNS = 37 };
    for (int wide = 0; wide < 2; wide++) {
        int fan_in = wide ? COLUMNS : ROWS, fan_out = wide ? ROWS : COLUMNS;
        fill(INITIALISER_ORTHOGONAL, 1.0, 9, 4, fan_in, fan_out, W);
        fill(INITIALISER_NORMAL, 1.0, 9, 4, fan_in, fan_out, other);
        for (int a = 0; a < COLUMNS; a++) {
            for (int b = 0; b <= a; b++) {
                double sum = 0.0;
                for (int k = 0; k < ROWS; k++) {
                    int q = wide ? a * ROWS + k : k * COLUMNS + a;
                    int g = wide ? b * ROWS + k : k * COLUMNS + b;
                    sum += (double)W[q] * (double)other[g];
                }
                assert_true(a == b ? sum > 0.0 : fabs(sum) < 1e-5);
            }
        }
    }
}

/* Dependent columns are beyond it, but not columns that are nearly so. */
static void nearly_dependent_columns_work(void **state) {
    (void)state;
    enum { N = 40 };
    static double A[N * N], scratch[N * N];
    const struct random_stream stream = { 5, RANDOM_WEIGHT, 1 };
    for (uint32_t i = 0; i < N; i++) {
        random_normals(&stream, i, 0, N, A + (size_t)i * N);
        A[i * N + 7] = A[i * N + 3] + 1e-9 * A[i * N + 7];
    }
    orthogonal_columns(A, N, N, scratch);
    for (int a = 0; a < N; a++) {
        for (int b = 0; b < N; b++) {
            double sum = 0.0;
            for (int k = 0; k < N; k++) {
                sum += A[k * N + a] * A[k * N + b];
            }
            assert_true(fabs(sum - (a == b)) < 1e-11);
        }
    }
}

static void patterns_are_as_said(void **state) {
    (void)state;
    fill(INITIALISER_CONSTANT, 0.3, 1, 1, 20, 30, W);
    fill(INITIALISER_IDENTITY, 0.3, 1, 1, 20, 30, other);
    double squares = 0.0;
    for (int i = 0; i < 20 * 30; i++) {
        assert_true(W[i] == 0.3f);
        assert_true(other[i] == (i / 30 == i % 30 ? 0.3f : 0.0f));
        squares += (double)other[i] * (double)other[i];
    }
    double want = initialiser_variance(INITIALISER_IDENTITY, 0.3, 20, 30);
    assert_true(relative_error(squares / 600.0, want) < 1e-6);
    fill(INITIALISER_ZERO, 1.0, 1, 1, 20, 30, W);
    for (int i = 0; i < 20 * 30; i++) {
        assert_true(W[i] == 0.0f);
    }
}

/* Biases are the constant one but for the row that draws them, from a stream of their own. */
static void biases_have_their_own_draws(void **state) {
    (void)state;
    enum { N = 10000 };
    for (int which = 0; which < INITIALISER_COUNT; which++) {
        enum initialiser row = (enum initialiser)which;
        double variance = initialiser_bias_variance(row, 1.5, 500, N), sum = 0.0, squares = 0.0;
        initialiser_fill_biases(row, 1.5, 0.25, 3, 2, 500, N, other);
        for (int j = 0; j < N; j++) {
            assert_true(variance > 0.0 || other[j] == 0.25f);
            sum += (double)other[j] - 0.25;
            squares += ((double)other[j] - 0.25) * ((double)other[j] - 0.25);
        }
        if (variance > 0.0) {
            assert_true(fabs(squares / N / variance - 1.0) < 5.0 * sqrt(0.8 / N));
            assert_true(fabs(sum / N) < 5.0 * sqrt(variance / N));
            fill(which, 1.5, 3, 2, 1, N, W);
            for (int j = 0; j < N; j++) {
                other[j] -= 0.25f;
            }
            assert_true(fabs(correlation(W, other, N)) < 5.0 / sqrt(N));
        }
    }
}

/* Two at once, by however many threads: the same as each alone. */
static void two_at_once_are_each_alone(void **state) {
    (void)state;
    static const int sizes[][2] = { { 37, 70 }, { 2, 3000 }, { 90, 500 } };
    static real got[2][MOST], want[2][MOST];
    for (int threads = 1; threads <= 3; threads++) {
        struct crew *crew = crew_create(threads);
        for (int i = 0; i < INITIALISER_COUNT * INITIALISER_COUNT; i++) {
            int first = i / INITIALISER_COUNT, second = i % INITIALISER_COUNT;
            const int *shape = sizes[i % ARRAY_LEN(sizes)];
            bool slow = initialisers[first].distribution == DISTRIBUTION_ORTHOGONAL ||
                        initialisers[second].distribution == DISTRIBUTION_ORTHOGONAL;
            shape = slow ? sizes[0] : shape;
            size_t bytes = (size_t)(shape[0] * shape[1]) * sizeof(real);
            const struct initialiser_target targets[] = {
                { (enum initialiser)first, 1.5, got[0] }, { (enum initialiser)second, 0.5, got[1] }
            };
            fill(first, 1.5, 9, 3, shape[0], shape[1], want[0]);
            fill(second, 0.5, 9, 3, shape[0], shape[1], want[1]);
            memset(got[0], 0xFF, bytes);
            memset(got[1], 0xFF, bytes);
            assert_true(initialiser_fill(targets, 2, 9, 3, shape[0], shape[1], crew));
            assert_memory_equal(got[0], want[0], bytes);
            assert_memory_equal(got[1], want[1], bytes);
        }
        crew_destroy(crew);
    }
}

/* Normal draws on top of them: of the right size, and like neither the uniform ones nor weights. */
static void normal_biases_come_on_top(void **state) {
    (void)state;
    enum { N = 10000 };
    static real uniform[N];
    for (int j = 0; j < N; j++) {
        W[j] = 0.25f;
    }
    initialiser_spread_biases(0.0, 3, 2, N, W);
    assert_true(W[0] == 0.25f && W[N - 1] == 0.25f);
    initialiser_spread_biases(2.0, 3, 2, N, W);
    double sum = 0.0, squares = 0.0, fourth = 0.0;
    for (int j = 0; j < N; j++) {
        double x = ((double)W[j] - 0.25) / 2.0;
        sum += x;
        squares += x * x;
        fourth += x * x * x * x;
        W[j] -= 0.25f;
    }
    assert_true(fabs(sum / N) < 5.0 / sqrt(N));
    assert_true(fabs(squares / N - 1.0) < 5.0 * sqrt(2.0 / N));
    assert_true(fabs(fourth / N - 3.0) < 5.0 * sqrt(96.0 / N)); // Gaussian
    fill(INITIALISER_NORMAL, 1.0, 3, 2, 2, N / 2, other);
    assert_true(fabs(correlation(W, other, N)) < 5.0 / sqrt(N));
    initialiser_fill_biases(INITIALISER_PYTORCH, 1.0, 0.0, 3, 2, 500, N, uniform);
    assert_true(fabs(correlation(W, uniform, N)) < 5.0 / sqrt(N));
    for (int j = 0; j < 7; j++) { // a narrower layer has the same first ones
        other[j] = 0.0f;
    }
    initialiser_spread_biases(2.0, 3, 2, 7, other);
    for (int j = 0; j < 7; j++) {
        assert_true(fabs((double)other[j] - (double)W[j]) < 1e-6);
    }
}

int main(void) {
    engine_start(); // orthogonal columns come from the matrix library
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_formulas_are_the_published_ones),
        cmocka_unit_test(mean_and_variance_are_as_promised),
        cmocka_unit_test(uniform_draws_keep_their_limit),
        cmocka_unit_test(every_weight_is_the_draw_of_its_place),
        cmocka_unit_test(neighbours_do_not_matter),
        cmocka_unit_test(layers_and_seeds_share_nothing),
        cmocka_unit_test(orthogonal_weights_keep_lengths),
        cmocka_unit_test(orthogonal_weights_come_from_the_draws),
        cmocka_unit_test(lsuv_begins_orthogonal),
        cmocka_unit_test(nearly_dependent_columns_work),
        cmocka_unit_test(patterns_are_as_said),
        cmocka_unit_test(biases_have_their_own_draws),
        cmocka_unit_test(normal_biases_come_on_top),
        cmocka_unit_test(two_at_once_are_each_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
