#include "check.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "base/require.h"

enum { SAMPLES = 200000 };

static double sample[SAMPLES], other[SAMPLES];

/* From kat_vectors of the Random123 distribution (Salmon et al.), philox4x32 with 10 rounds. */
static void philox_gives_the_published_vectors(void **state) {
    (void)state;
    static const struct {
        uint32_t counter[4], key[2], words[4];
    } rows[] = {
        { { 0, 0, 0, 0 }, { 0, 0 }, { 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 } },
        { { 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff },
          { 0xffffffff, 0xffffffff },
          { 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd } },
        { { 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344 },
          { 0xa4093822, 0x299f31d0 },
          { 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1 } },
    };
    for (int i = 0; i < ARRAY_LEN(rows); i++) {
        uint32_t words[4];
        random_philox(rows[i].counter, rows[i].key, words);
        assert_memory_equal(words, rows[i].words, sizeof words);
    }
}

static void every_coordinate_gives_other_words(void **state) {
    (void)state;
    static const struct {
        struct random_stream stream;
        uint32_t row, block;
    } rows[] = {
        { { .seed = 1 }, 0, 0 },
        { { .seed = 2 }, 0, 0 },
        { { .seed = 1 + (1ull << 32) }, 0, 0 },
        { { .seed = 1, .purpose = RANDOM_BATCH }, 0, 0 },
        { { .seed = 1, .purpose = RANDOM_DATA_LABEL }, 0, 0 },
        { { .seed = 1, .layer = 1 }, 0, 0 },
        { { .seed = 1 }, 1, 0 },
        { { .seed = 1 }, 0, 1 },
    };
    uint32_t words[ARRAY_LEN(rows)][4];
    for (int i = 0; i < ARRAY_LEN(rows); i++) {
        random_words(&rows[i].stream, rows[i].row, rows[i].block, words[i]);
        for (int j = 0; j < i; j++) {
            assert_memory_not_equal(words[i], words[j], sizeof words[i]);
        }
    }
}

static void a_column_does_not_depend_on_the_slice(void **state) {
    (void)state;
    const struct random_stream stream = { .seed = 99, .layer = 3 };
    enum { COLUMNS = 41 };
    double uniforms[COLUMNS], normals[COLUMNS], slice[COLUMNS];
    random_uniforms(&stream, 5, 0, COLUMNS, uniforms);
    random_normals(&stream, 5, 0, COLUMNS, normals);
    for (uint32_t first = 0; first < COLUMNS; first++) {
        for (uint32_t count = 0; count <= COLUMNS - first; count++) {
            random_uniforms(&stream, 5, first, count, slice);
            assert_memory_equal(slice, uniforms + first, count * sizeof *slice);
            random_normals(&stream, 5, first, count, slice);
            assert_memory_equal(slice, normals + first, count * sizeof *slice);
        }
    }
    random_uniforms(&stream, 5, UINT32_MAX, 1, slice);
    random_uniforms(&stream, 5, UINT32_MAX - 5, 6, uniforms);
    assert_true(slice[0] == uniforms[5]);
}

static void normals_and_uniforms_are_comonotone(void **state) {
    (void)state;
    const struct random_stream stream = { .seed = 4 };
    random_uniforms(&stream, 0, 0, 1000, sample);
    random_normals(&stream, 0, 0, 1000, other);
    for (int i = 0; i < 1000; i++) {
        assert_true(other[i] == random_normal_quantile(sample[i]));
        assert_true((other[i] < 0) == (sample[i] < 0.5));
    }
}

struct moments {
    double mean, variance, skewness, kurtosis;
};

static struct moments moments_of(const double *x, int n) {
    struct moments m = { 0 };
    for (int i = 0; i < n; i++) {
        m.mean += x[i] / n;
    }
    for (int i = 0; i < n; i++) {
        double d = x[i] - m.mean;
        m.variance += d * d / n;
        m.skewness += d * d * d / n;
        m.kurtosis += d * d * d * d / n;
    }
    m.skewness /= pow(m.variance, 1.5);
    m.kurtosis /= m.variance * m.variance;
    return m;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Kolmogorov and Smirnov's sqrt(n) D against a distribution function; sorts x. */
static double distance(double *x, int n, double (*below)(double)) {
    double largest = 0;
    qsort(x, (size_t)n, sizeof *x, ascending);
    for (int i = 0; i < n; i++) {
        double p = below(x[i]);
        largest = fmax(largest, fmax(p - (double)i / n, (double)(i + 1) / n - p));
    }
    return sqrt(n) * largest;
}

static double uniform_below(double x) {
    return x;
}

static double normal_below(double x) {
    return 0.5 * erfc(-x / sqrt(2.0));
}

static const double DISTANCE_LIMIT = 1.95; // exceeded with probability 0.001

static void uniforms_are_uniform(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 3; seed++) {
        const struct random_stream stream = { .seed = seed };
        random_uniforms(&stream, 0, 0, SAMPLES, sample);
        struct moments m = moments_of(sample, SAMPLES);
        assert_true(fabs(m.mean - 0.5) < 4 * sqrt(1.0 / 12 / SAMPLES));
        assert_true(fabs(m.variance - 1.0 / 12) < 4 * sqrt(1.0 / 180 / SAMPLES));
        assert_true(distance(sample, SAMPLES, uniform_below) < DISTANCE_LIMIT);
        assert_true(sample[0] > 0.0 && sample[SAMPLES - 1] < 1.0);
    }
}

static void normals_are_normal(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 3; seed++) {
        const struct random_stream stream = { .seed = seed, .purpose = RANDOM_DATA_INPUT };
        random_normals(&stream, 7, 0, SAMPLES, sample);
        struct moments m = moments_of(sample, SAMPLES);
        assert_true(fabs(m.mean) < 4 * sqrt(1.0 / SAMPLES));
        assert_true(fabs(m.variance - 1.0) < 4 * sqrt(2.0 / SAMPLES));
        assert_true(fabs(m.skewness) < 4 * sqrt(6.0 / SAMPLES));
        assert_true(fabs(m.kurtosis - 3.0) < 4 * sqrt(24.0 / SAMPLES));
        assert_true(distance(sample, SAMPLES, normal_below) < DISTANCE_LIMIT);
    }
}

static void draw_betas(double alpha, uint64_t seed) {
    const struct random_stream stream = { .seed = seed, .purpose = RANDOM_MIXUP };
    for (int i = 0; i < SAMPLES; i++) {
        sample[i] = random_beta(&stream, (uint32_t)i, alpha);
    }
}

static void a_beta_has_its_moments(void **state) {
    (void)state;
    static const double alphas[] = { 0.01, 0.2, 0.4, 0.5, 1.0, 2.0, 7.5, 1000.0 };
    for (int a = 0; a < ARRAY_LEN(alphas); a++) {
        double alpha = alphas[a], variance = 1.0 / (4.0 * (2.0 * alpha + 1.0));
        draw_betas(alpha, (uint64_t)a);
        struct moments m = moments_of(sample, SAMPLES);
        double kurtosis = 3.0 - 6.0 / (2.0 * alpha + 3.0);
        assert_true(fabs(m.mean - 0.5) < 4 * sqrt(variance / SAMPLES));
        assert_true(fabs(m.variance / variance - 1.0) < 4 * sqrt((kurtosis - 1.0) / SAMPLES));
        assert_true(fabs(m.kurtosis - kurtosis) < 0.05);
    }
}

static double arcsine_below(double x) { // alpha = 1/2
    return asin(sqrt(x)) / acos(0.0);
}

static double parabola_below(double x) { // alpha = 2
    return x * x * (3.0 - 2.0 * x);
}

static double third_below(double x) { // alpha = 3
    return x * x * x * (10.0 - 15.0 * x + 6.0 * x * x);
}

static void betas_are_beta(void **state) {
    (void)state;
    static const struct {
        double alpha;
        double (*below)(double);
    } rows[] = {
        { 0.5, arcsine_below },
        { 1.0, uniform_below },
        { 2.0, parabola_below },
        { 3.0, third_below },
    };
    for (int i = 0; i < ARRAY_LEN(rows); i++) {
        for (uint64_t seed = 0; seed < 3; seed++) {
            draw_betas(rows[i].alpha, seed);
            assert_true(distance(sample, SAMPLES, rows[i].below) < DISTANCE_LIMIT);
        }
    }
}

/* The shares below some points, from mpmath 1.2 (betainc, regularised, 30 digits). */
static void betas_of_practice_are_beta(void **state) {
    (void)state;
    static const double points[] = { 1e-6, 1e-3, 0.01, 0.05, 0.1, 0.2, 0.3, 0.4 };
    static const struct {
        double alpha, below[ARRAY_LEN(points)];
    } rows[] = {
        { 0.2,
          { 0.0332030382735, 0.132201291729, 0.209777690068, 0.291025066443, 0.33668977843,
            0.392722164353, 0.433204184376, 0.46774734929 } },
        { 0.4,
          { 0.00235501242178, 0.0373308266166, 0.0939161941436, 0.180043162002, 0.239739158734,
            0.322535827064, 0.387501428456, 0.445195337841 } },
    };
    for (int r = 0; r < ARRAY_LEN(rows); r++) {
        draw_betas(rows[r].alpha, 5);
        for (int p = 0; p < ARRAY_LEN(points); p++) {
            double low = 0.0, high = 0.0, want = rows[r].below[p];
            for (int i = 0; i < SAMPLES; i++) {
                low += sample[i] < points[p];
                high += sample[i] > 1.0 - points[p];
            }
            double error = 4 * sqrt(want * (1.0 - want) / SAMPLES);
            assert_true(fabs(low / SAMPLES - want) < error);
            assert_true(fabs(high / SAMPLES - want) < error);
        }
    }
}

static void a_beta_of_any_alpha_is_a_share(void **state) {
    (void)state;
    for (int power = -1074; power < 1024; power += 3) {
        double alpha = ldexp(1.0, power), ends = 0.0;
        for (uint32_t row = 0; row < 50; row++) {
            double beta = random_beta(&(struct random_stream){ .seed = 3 }, row, alpha);
            assert_true(beta >= 0.0 && beta <= 1.0);
            assert_true(beta == random_beta(&(struct random_stream){ .seed = 3 }, row, alpha));
            ends += beta == 0.0 || beta == 1.0;
        }
        assert_true(power > -20 || ends == 50.0);
        assert_true(power < 0 || ends == 0.0);
    }
}

static int factorial(int n) {
    return n < 2 ? 1 : n * factorial(n - 1);
}

/* Pearson's chi-squared over all orders of four. */
static void every_order_is_as_likely(void **state) {
    (void)state;
    enum { PLACES = 4, ORDERS = 24, DRAWS = 24000 };
    int counts[ORDERS] = { 0 };
    for (uint32_t row = 0; row < DRAWS; row++) {
        uint32_t order[PLACES];
        random_permutation(&(struct random_stream){ .seed = 8 }, row, PLACES, order);
        int number = 0;
        for (int i = 0; i < PLACES; i++) {
            int smaller = 0;
            for (int j = i + 1; j < PLACES; j++) {
                assert_true(order[i] != order[j]);
                smaller += order[j] < order[i];
            }
            assert_in_range(order[i], 0, PLACES - 1);
            number += smaller * factorial(PLACES - 1 - i);
        }
        counts[number]++;
    }
    double squares = 0.0;
    for (int i = 0; i < ORDERS; i++) {
        double apart = counts[i] - (double)DRAWS / ORDERS;
        squares += apart * apart * ORDERS / DRAWS;
    }
    assert_true(squares < 49.73); // exceeded with probability 0.001
}

static void assert_uncorrelated(const double *x, const double *y, int n) {
    double product = 0;
    for (int i = 0; i < n; i++) {
        product += x[i] * y[i];
    }
    assert_true(fabs(product) < 4 * sqrt(n));
}

static void streams_are_uncorrelated(void **state) {
    (void)state;
    static const struct {
        struct random_stream stream;
        uint32_t row;
    } others[] = {
        { { .seed = 11 }, 0 },
        { { .seed = 10, .layer = 1 }, 0 },
        { { .seed = 10, .purpose = RANDOM_BATCH }, 0 },
        { { .seed = 10 }, 1 },
    };
    enum { N = 50000 };
    random_normals(&(struct random_stream){ .seed = 10 }, 0, 0, N + 1, sample);
    for (int i = 0; i < ARRAY_LEN(others); i++) {
        random_normals(&others[i].stream, others[i].row, 0, N, other);
        assert_uncorrelated(sample, other, N);
    }
    assert_uncorrelated(sample, sample + 1, N);
}

/* Roots of log Phi(z) = log p found with mpmath at 40 digits. */
static void quantile_gives_known_values(void **state) {
    (void)state;
    static const double rows[][2] = {
        { 0.5, 0.0 },
        { 0.25, -0.6744897501960817 },
        { 0.975, 1.9599639845400538 },
        { 0.995, 2.5758293035489004 },
        { 0.001, -3.0902323061678136 },
        { 1e-10, -6.361340902404057 },
        { 1e-20, -9.262340089798407 },
        { 1e-300, -37.0470962993612 },
    };
    for (int i = 0; i < ARRAY_LEN(rows); i++) {
        double z = random_normal_quantile(rows[i][0]);
        assert_true(fabs(z - rows[i][1]) <= 1.6e-15 * fmax(1.0, fabs(rows[i][1])));
    }
}

/* Phi(quantile(p)) = p, with Phi from the C library: an implementation that shares nothing. */
static void quantile_inverts_the_distribution(void **state) {
    (void)state;
    for (double p = 0x1p-1000; p < 0.5; p *= 1.37) {
        double z = random_normal_quantile(p);
        double slack = 1e-15 * (2.0 + z * z); // how much Phi amplifies an error of z
        assert_true(fabs(normal_below(z) / p - 1.0) < 4 * slack);
    }
    for (int i = 1; i < 4096; i++) {
        double p = i / 4096.0;
        assert_true(fabs(normal_below(random_normal_quantile(p)) - p) < 1e-15);
        assert_true(fabs(random_normal_quantile(p) + random_normal_quantile(1 - p)) < 1e-14);
        assert_true(random_normal_quantile(p - 1.0 / 8192) < random_normal_quantile(p));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(philox_gives_the_published_vectors),
        cmocka_unit_test(every_coordinate_gives_other_words),
        cmocka_unit_test(a_column_does_not_depend_on_the_slice),
        cmocka_unit_test(normals_and_uniforms_are_comonotone),
        cmocka_unit_test(uniforms_are_uniform),
        cmocka_unit_test(normals_are_normal),
        cmocka_unit_test(a_beta_has_its_moments),
        cmocka_unit_test(betas_are_beta),
        cmocka_unit_test(betas_of_practice_are_beta),
        cmocka_unit_test(a_beta_of_any_alpha_is_a_share),
        cmocka_unit_test(every_order_is_as_likely),
        cmocka_unit_test(streams_are_uncorrelated),
        cmocka_unit_test(quantile_gives_known_values),
        cmocka_unit_test(quantile_inverts_the_distribution),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
