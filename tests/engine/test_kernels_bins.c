#include "base/check.h"

#include <stdlib.h>

#include "base/require.h"
#include "engine/denormals.h"
#include "tools.h"

/*
 * Which bin a value falls into, for each instruction set, against the same rule in double, where
 * every step of it is exact. Denormal numbers count as zeros, as on every thread that trains.
 */

enum { MOST = 300000, SOME = 20000, BINS = KERNEL_LINEAR_BINS };
enum { LINEAR = BINS + BUCKET_COUNT, OCTAVES = KERNEL_OCTAVE_BINS + BUCKET_COUNT };

static const struct kernels *sets[SETS_MOST];
static int set_count;
static float x[MOST];

static unsigned special_bucket(float value, unsigned bins) {
    return isnan(value) ? bins + BUCKET_NAN : isinf(value) ? bins + BUCKET_INF : 0;
}

static unsigned linear_bin(float value, double inverse, int first, int count) {
    unsigned special = special_bucket(value, (unsigned)count);
    if (special) {
        return special;
    }
    double place = is_denormal((double)value) ? 0.0 : (double)value * inverse;
    double bin = floor(place) - first;
    if (place == (double)first + count) {
        bin = count - 1;
    }
    return bin < 0.0      ? (unsigned)(count + BUCKET_BELOW)
           : bin >= count ? (unsigned)(count + BUCKET_ABOVE)
                          : (unsigned)bin;
}

/* Two bins per octave: is |x| above 2^k sqrt 2? x^2 > 2^(2k + 1) says so exactly. */
static unsigned octave_bin(float value) {
    unsigned special = special_bucket(value, KERNEL_OCTAVE_BINS);
    if (special) {
        return special;
    }
    double size = fabs((double)value);
    if (size < (double)FLT_MIN) {
        return KERNEL_OCTAVE_BINS + BUCKET_ZERO;
    }
    int exponent;
    frexp(size, &exponent);
    int octave = exponent - 1;
    bool upper = size * size > ldexp(1.0, 2 * octave + 1);
    return (unsigned)(2 * (octave + 126) + upper);
}

/* n values at once, and the first ones alone, which tells whose place is wrong. */
enum { ALONE = 800 };

static void check_linear(size_t n, int power, int first) {
    double inverse = ldexp(1.0, power);
    uint32_t all[LINEAR + 1] = { 0 };
    for (size_t i = 0; i < n; i++) {
        all[linear_bin(x[i], inverse, first, BINS)]++;
    }
    for (int s = 0; s < set_count; s++) {
        uint32_t counts[LINEAR + 1] = { 0 };
        sets[s]->linear_counts(x, n, (float)inverse, first, counts);
        assert_memory_equal(counts, all, sizeof all);
        for (size_t i = 0; i < n && i < ALONE; i++) {
            unsigned want = linear_bin(x[i], inverse, first, BINS);
            uint32_t before = counts[want];
            sets[s]->linear_counts(x + i, 1, (float)inverse, first, counts);
            if (counts[want] != before + 1) {
                fail_msg("%s: %.9g with width 2^%d from %d is not in %u", sets[s]->name,
                         (double)x[i], -power, first, want);
            }
        }
    }
}

static void check_octaves(size_t n) {
    uint32_t all[OCTAVES + 1] = { 0 }, below_zero[OCTAVES + 1] = { 0 };
    for (size_t i = 0; i < n; i++) {
        all[octave_bin(x[i])]++;
        below_zero[octave_bin(x[i])] += x[i] <= -FLT_MIN;
    }
    for (int s = 0; s < set_count; s++) {
        uint32_t counts[OCTAVES + 1] = { 0 }, again[OCTAVES + 1] = { 0 };
        sets[s]->octave_counts(x, n, counts, NULL);
        assert_memory_equal(counts, all, sizeof all);
        uint32_t negative[OCTAVES + 1] = { 0 };
        sets[s]->octave_counts(x, n, again, negative);
        assert_memory_equal(again, all, sizeof all);
        assert_memory_equal(negative, below_zero, sizeof below_zero);
        for (size_t i = 0; i < n && i < ALONE; i++) {
            uint32_t before = counts[octave_bin(x[i])];
            sets[s]->octave_counts(x + i, 1, counts, NULL);
            if (counts[octave_bin(x[i])] != before + 1) {
                fail_msg("%s: %.9g is not in %u", sets[s]->name, (double)x[i], octave_bin(x[i]));
            }
        }
    }
}

static const float special[] = {
    0.0f,    -0.0f,       1e-45f,       -1e-45f,     1.17549421e-38f, -1.17549421e-38f,
    FLT_MIN, 1e-30f,      -1e-30f,      1e-10f,      -1e-10f,         -FLT_MIN,
    FLT_MAX, -FLT_MAX,    1e30f,        -1e30f,      INFINITY,        -INFINITY,
    NAN,     -NAN,        1.0f,         -1.0f,       0.99999994f,     2.0f,
    -2.0f,   16777216.0f, -16777216.0f, 16777215.0f, 2147e6f,         -2147483648.0f,
    4e9f,    -4e9f,       1.41421354f,  1.41421366f, -1.41421366f,
};

static const struct {
    int power, first;
} ranges[] = {
    { 7, 0 },    { 6, -64 },      { 0, -64 },           { 5, -128 },
    { 3, 1000 }, { 19, 1 << 20 }, { 0, (1 << 22) - 5 }, { 0, -(1 << 22) },
    { 120, 0 },  { 120, -17 },    { -122, -64 },        { -122, -128 },
    { -122, 0 }, { -100, -1 },    { -30, -64 },         { 60, -64 },
};

static void special_values_fall_where_they_should(void **state) {
    (void)state;
    memcpy(x, special, sizeof special);
    for (int i = 0; i < ARRAY_LEN(ranges); i++) {
        check_linear(ARRAY_LEN(special), ranges[i].power, ranges[i].first);
    }
    check_octaves(ARRAY_LEN(special));
}

/* A value just below zero is below zero, however wide the bins are. */
static void tiny_negative_values_are_negative(void **state) {
    (void)state;
    x[0] = -FLT_MIN;
    x[1] = -1e-20f;
    x[2] = -1.0f;
    x[3] = FLT_MIN;
    for (int power = -122; power <= 120; power++) {
        check_linear(4, power, -64);
        check_linear(4, power, 0);
        check_linear(4, power, -BINS); // zero is the closed upper edge
    }
}

/* Every edge of the range, and its two neighbours. */
static void edges_belong_to_the_upper_bin_but_the_last(void **state) {
    (void)state;
    for (int i = 0; i < ARRAY_LEN(ranges); i++) {
        size_t n = 0;
        for (int bin = 0; bin <= BINS; bin++) {
            float edge = (float)ldexp((double)ranges[i].first + bin, -ranges[i].power);
            x[n++] = edge;
            x[n++] = nextafterf(edge, INFINITY);
            x[n++] = nextafterf(edge, -INFINITY);
        }
        check_linear(n, ranges[i].power, ranges[i].first);
    }
    float high = 1.0f; // [0, 1] in 128: the last bin is closed
    for (int s = 0; s < set_count; s++) {
        uint32_t counts[LINEAR] = { 0 };
        sets[s]->linear_counts(&high, 1, 128.0f, 0, counts);
        assert_int_equal(counts[BINS - 1], 1);
    }
}

static void random_values_fall_where_they_should(void **state) {
    (void)state;
    for (int i = 0; i < ARRAY_LEN(ranges); i++) {
        double width = ldexp(1.0, -ranges[i].power);
        fill_normals(x, 3000, (uint32_t)i, (ranges[i].first + 64.0) * width, 40.0 * width);
        check_linear(3000, ranges[i].power, ranges[i].first);
    }
}

static void every_magnitude_has_its_octave(void **state) {
    (void)state;
    size_t n = 0;
    for (int k = -149; k < 128; k++) {
        for (int half = 0; half < 2; half++) {
            float edge = (float)ldexp(half ? sqrt(2.0) : 1.0, k);
            for (int sign = -1; sign <= 1; sign += 2) {
                x[n++] = (float)sign * edge;
                x[n++] = (float)sign * nextafterf(edge, INFINITY);
                x[n++] = (float)sign * nextafterf(edge, 0.0f);
            }
        }
    }
    check_octaves(n);
    const struct random_stream stream = { .seed = 5, .purpose = RANDOM_DATA_INPUT };
    for (uint32_t row = 0; row < 20; row++) { // any bits at all
        for (uint32_t i = 0; i < SOME / 4; i++) {
            uint32_t words[4];
            random_words(&stream, row, i, words);
            for (int j = 0; j < 4; j++) {
                x[4 * i + (uint32_t)j] = float_of_bits(words[j]);
            }
        }
        check_octaves(SOME);
        check_linear(SOME, 10, -64);
    }
}

/* Both sides of every edge of 24 octaves, which are counted two by two, with what is not finite. */
static void edges_of_neighbouring_octaves(void **state) {
    (void)state;
    for (int low = -126; low <= 104; low += 5) {
        size_t n = 0;
        for (int k = low + 23; k >= low; k--) {
            for (int half = 0; half < 2; half++) {
                float edge = (float)ldexp(half ? sqrt(2.0) : 1.0, k);
                for (float at = nextafterf(edge, 0.0f); n % 4 != 3; at = nextafterf(at, INFINITY)) {
                    x[n] = n % 3 ? at : -at;
                    n++;
                }
                x[n++] = 0.0f;
            }
        }
        check_octaves(n);
        memcpy(x + n, x, n * sizeof *x);
        x[n + 70] = INFINITY;
        x[n + 7] = -INFINITY;
        x[n + 20] = NAN;
        check_octaves(2 * n);
    }
}

static void any_length(void **state) {
    (void)state;
    fill_normals(x, 70, 99, 0.0, 1.0);
    for (size_t n = 0; n <= 70; n++) {
        check_linear(n, 5, -64);
        check_octaves(n);
    }
}

/* More than a 16-bit count holds, all alike or nearly so. */
static void many_values_are_all_counted(void **state) {
    (void)state;
    for (size_t every = 2; every <= MOST; every *= 100) {
        for (size_t i = 0; i < MOST; i++) {
            x[i] = i % every == 1 ? 0.0f : i % every == 0 ? 3.25f : 0.5f;
        }
        for (size_t n = MOST - 100; n <= MOST; n += 33) {
            check_linear(n, 5, -64);
            check_octaves(n);
        }
    }
}

/* Far below the largest, and far above most. */
static void magnitudes_far_apart_are_all_counted(void **state) {
    (void)state;
    fill_normals(x, 5000, 7, 0.0, 1.0);
    for (size_t i = 0; i < 5000; i += 3) {
        x[i] *= i % 2 ? 0.0f : 1e-15f;
    }
    for (int power = 0; power <= 120; power += 30) {
        x[4321] = (float)ldexp(1.0, power);
        check_octaves(5000);
        x[4321] = -(float)ldexp(1.0, -power);
        check_octaves(5000);
    }
}

int main(void) {
    denormals_flush();
    set_count = kernel_sets(sets);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(special_values_fall_where_they_should),
        cmocka_unit_test(tiny_negative_values_are_negative),
        cmocka_unit_test(edges_belong_to_the_upper_bin_but_the_last),
        cmocka_unit_test(random_values_fall_where_they_should),
        cmocka_unit_test(every_magnitude_has_its_octave),
        cmocka_unit_test(edges_of_neighbouring_octaves),
        cmocka_unit_test(any_length),
        cmocka_unit_test(many_values_are_all_counted),
        cmocka_unit_test(magnitudes_far_apart_are_all_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
