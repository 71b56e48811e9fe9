#include "base/check.h"

#include "base/require.h"
#include "engine/denormals.h"
#include "engine/tools.h"
#include "measure/histogram.h"

/*
 * Histograms against the definition itself: the edges are exact doubles, and a value belongs to the
 * bin whose edges enclose it. Denormal numbers are zeros, as on every thread that trains.
 */

enum { MOST = 5000 };

static float x[MOST];

struct plain {
    uint64_t below, above, nan, inf;
    uint32_t counts[HISTOGRAM_BINS];
};

static double value_of(float value) {
    return is_denormal((double)value) ? 0.0 : (double)value;
}

/* By comparing with the edges, one after the other. */
static void count_plainly(const struct histogram *h, const float *values, size_t n,
                          struct plain *plain) {
    memset(plain, 0, sizeof *plain);
    for (size_t i = 0; i < n; i++) {
        double value = value_of(values[i]);
        if (isnan(value)) {
            plain->nan++;
        } else if (isinf(value)) {
            plain->inf++;
        } else if (value < h->low) {
            plain->below++;
        } else if (value > h->high) {
            plain->above++;
        } else {
            int bin = HISTOGRAM_BINS - 1; // the upper edge of the range belongs to the last bin
            while (bin > 0 && value < h->low + bin * h->width) {
                bin--;
            }
            plain->counts[bin]++;
        }
    }
}

static void assert_counts(const struct histogram *h, const float *values, size_t n) {
    struct plain plain;
    count_plainly(h, values, n, &plain);
    uint64_t total = h->below + h->above + h->nan + h->inf;
    for (int bin = 0; bin < HISTOGRAM_BINS; bin++) {
        if (h->counts[bin] != plain.counts[bin]) {
            fail_msg("bin %d from %g: %u, not %u", bin, h->low + bin * h->width, h->counts[bin],
                     plain.counts[bin]);
        }
        total += h->counts[bin];
    }
    assert_int_equal(total, n);
    assert_int_equal(h->n, n);
    assert_int_equal(h->below, plain.below);
    assert_int_equal(h->above, plain.above);
    assert_int_equal(h->nan, plain.nan);
    assert_int_equal(h->inf, plain.inf);
}

/* Edges that are whole multiples of a power of two. */
static void assert_dyadic(const struct histogram *h) {
    int exponent;
    assert_true(h->width > 0.0 && frexp(h->width, &exponent) == 0.5);
    assert_true(h->high - h->low == HISTOGRAM_BINS * h->width);
    assert_true(h->low / h->width == floor(h->low / h->width));
    assert_true(fabs(h->low / h->width) < 0x1p24); // exact in float, for any checker
}

struct facts {
    double min, max, mean, sd;
};

/* Two passes in double over the finite values; NaN if there are none. */
static struct facts facts_of(const float *values, size_t n) {
    struct facts f = { HUGE_VAL, -HUGE_VAL, 0.0, 0.0 };
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        if (isfinite(values[i])) {
            f.min = fmin(f.min, value_of(values[i]));
            f.max = fmax(f.max, value_of(values[i]));
            f.mean += value_of(values[i]);
            count++;
        }
    }
    if (count == 0) {
        double none = (double)NAN;
        return (struct facts){ none, none, none, none };
    }
    f.mean /= (double)count;
    for (size_t i = 0; i < n; i++) {
        double d = value_of(values[i]) - f.mean;
        f.sd += isfinite(values[i]) ? d * d : 0.0;
    }
    f.sd = sqrt(f.sd / (double)count);
    return f;
}

static struct facts fit_and_add(struct histogram *h, size_t n) {
    struct facts f = facts_of(x, n);
    histogram_fit(h, f.min, f.max, f.mean, f.sd);
    histogram_add(h, x, n);
    assert_dyadic(h);
    assert_counts(h, x, n);
    return f;
}

static const struct {
    double mean, sd;
} clouds[] = {
    { 0, 1 },     { 0.5, 0.1 },    { -3, 0.01 },     { 1e6, 0.1 },      { 16777216, 3 },
    { 0, 1e-30 }, { 0, 3e-38 },    { 1e-30, 1e-33 }, { -1e-35, 1e-36 }, { 0, 1e30 },
    { 0, 8e37 },  { -2e38, 1e37 }, { 3e38, 1e36 },   { 100, 1e-4 },     { 0, 1e-45 },
};

/* Within five sd of the mean nothing is outside, and the bins are not coarser than they must be. */
static void a_fit_shows_the_whole_cloud(void **state) {
    (void)state;
    for (int i = 0; i < ARRAY_LEN(clouds); i++) {
        struct histogram h;
        fill_normals(x, MOST, (uint32_t)i, clouds[i].mean, clouds[i].sd);
        struct facts f = fit_and_add(&h, MOST);
        assert_int_equal(h.below + h.above, 0); // 5,000 normals lie within five sd
        assert_true(h.low <= f.min && h.high >= f.max);
        double reach = fmax(fabs(f.min), fabs(f.max));
        double needed = fmax(fmax((f.max - f.min) / 127.0, reach * 0x1p-22), 0x1p-120);
        assert_true(h.width < 2.0 * needed || (reach == 0.0 && h.high - h.low == 1.0));
    }
}

/* What lies far out is counted beside the range and does not flatten the rest. */
static void an_outlier_is_counted_apart(void **state) {
    (void)state;
    for (int sign = -1; sign <= 1; sign += 2) {
        struct histogram h;
        fill_normals(x, MOST, 3, 0.0, 1.0);
        x[17] = (float)(sign * 1e4);
        struct facts f = fit_and_add(&h, MOST);
        assert_int_equal(sign > 0 ? h.above : h.below, 1);
        assert_int_equal(sign > 0 ? h.below : h.above, 0);
        assert_true(h.low <= fmax(f.min, f.mean - 5 * f.sd));
        assert_true(h.high >= fmin(f.max, f.mean + 5 * f.sd));
        assert_true(h.high - h.low < 2.2 * 10 * f.sd);
    }
}

static void one_value_has_one_bin(void **state) {
    (void)state;
    static const float values[] = { 5.0f,     -1e-20f, 0.0f,     -0.0f, 1.0f,     FLT_MAX,
                                    -FLT_MAX, FLT_MIN, -FLT_MIN, 0.1f,  -1234.5f, 1e-30f };
    for (int i = 0; i < ARRAY_LEN(values); i++) {
        for (size_t n = 1; n <= 200; n += 199) {
            struct histogram h;
            for (size_t j = 0; j < n; j++) {
                x[j] = values[i];
            }
            fit_and_add(&h, n);
            double size = fabs((double)values[i]);
            assert_true(h.width <= fmax(size * 0x1p-21, 0x1p-120) || size == 0.0);
            assert_true(h.width < size * 0x1p-21 || h.width == 0x1p-120 || size == 0.0);
            int filled = 0;
            for (int bin = 0; bin < HISTOGRAM_BINS; bin++) {
                filled += h.counts[bin] == n;
            }
            assert_int_equal(filled, 1);
        }
    }
}

static void what_is_not_finite_is_counted_apart(void **state) {
    (void)state;
    static const float specials[] = { NAN, INFINITY, -INFINITY, -NAN };
    struct histogram h;
    for (int i = 0; i < 100; i++) {
        x[i] = specials[i % 4];
    }
    fit_and_add(&h, 100); // nothing finite at all
    assert_int_equal(h.nan, 50);
    assert_int_equal(h.inf, 50);
    assert_true(h.low == 0.0 && h.high == 1.0);
    fill_normals(x + 4, 996, 1, 0.0, 1.0);
    fit_and_add(&h, 1000);
    assert_int_equal(h.nan, 2);
    assert_int_equal(h.inf, 2);
    assert_true(h.high < 10.0);
    x[0] = -1e-30f; // a tiny negative beside huge values
    x[1] = -3e38f;
    x[2] = 3e38f;
    fit_and_add(&h, 3);
}

/* Every edge and its neighbours, on the fixed ranges of bounded activations and others. */
static void edges_belong_to_the_upper_bin_but_the_last(void **state) {
    (void)state;
    static const double ranges[][2] = { { 0, 1 }, { -1, 1 }, { -0.5, 0.5 }, { 0, 0x1p-100 } };
    for (int i = 0; i < ARRAY_LEN(ranges); i++) {
        struct histogram h;
        size_t n = 0;
        histogram_range(&h, ranges[i][0], ranges[i][1]);
        assert_dyadic(&h);
        for (int bin = 0; bin <= HISTOGRAM_BINS; bin++) {
            float edge = (float)(h.low + bin * h.width);
            x[n++] = edge;
            x[n++] = nextafterf(edge, INFINITY);
            x[n++] = nextafterf(edge, -INFINITY);
        }
        histogram_add(&h, x, n);
        assert_counts(&h, x, n);
        x[0] = (float)ranges[i][1];
        histogram_range(&h, ranges[i][0], ranges[i][1]);
        histogram_add(&h, x, 1);
        assert_int_equal(h.counts[HISTOGRAM_BINS - 1], 1);
        assert_int_equal(h.above, 0);
    }
}

/* Adding piece by piece is adding at once, for any length; so is adding more than once. */
static void counts_add_up(void **state) {
    (void)state;
    struct histogram whole, pieces;
    fill_normals(x, MOST, 5, 0.0, 0.4);
    x[7] = NAN;
    x[8] = INFINITY;
    histogram_range(&whole, -1.0, 1.0);
    pieces = whole;
    histogram_add(&whole, x, MOST);
    assert_counts(&whole, x, MOST);
    assert_true(whole.below > 0 && whole.above > 0);
    size_t at = 0;
    for (size_t length = 0; at < MOST; length++) {
        length = length < MOST - at ? length : MOST - at;
        histogram_add(&pieces, x + at, length);
        at += length;
    }
    assert_memory_equal(&whole, &pieces, sizeof whole);
}

static void magnitudes_fall_into_half_octaves(void **state) {
    (void)state;
    struct log_histogram h = { 0 };
    const struct random_stream stream = { .seed = 6, .purpose = RANDOM_DATA_INPUT };
    for (uint32_t i = 0; i < MOST / 4; i++) {
        uint32_t words[4];
        random_words(&stream, 0, i, words);
        for (int j = 0; j < 4; j++) {
            x[4 * i + (uint32_t)j] = float_of_bits(words[j]);
        }
    }
    x[0] = NAN;
    x[1] = x[2] = -INFINITY;
    x[3] = x[4] = x[5] = -0.0f;
    x[6] = FLT_MIN;
    x[7] = FLT_MAX;
    log_histogram_add(&h, x, MOST);
    uint64_t total = h.zero + h.nan + h.inf, zero = 0, nan = 0, inf = 0;
    uint32_t counts[LOG_HISTOGRAM_BINS] = { 0 };
    for (int i = 0; i < MOST; i++) {
        double size = fabs(value_of(x[i]));
        zero += size == 0.0;
        nan += isnan(size) != 0;
        inf += isinf(size) != 0;
        for (int bin = 0; bin < LOG_HISTOGRAM_BINS; bin++) { // edges squared are powers of two
            double low = ldexp(1.0, 2 * LOG_HISTOGRAM_LOW + bin);
            counts[bin] += size * size >= low && size * size < 2.0 * low;
        }
    }
    for (int bin = 0; bin < LOG_HISTOGRAM_BINS; bin++) {
        assert_int_equal(h.counts[bin], counts[bin]);
        total += h.counts[bin];
    }
    assert_int_equal(h.n, MOST);
    assert_int_equal(total, MOST);
    assert_int_equal(h.zero, zero);
    assert_int_equal(h.nan, nan);
    assert_int_equal(h.inf, inf);
    assert_int_equal(h.underflow, 0); // capture's business
    assert_true(h.counts[0] >= 1 && h.counts[LOG_HISTOGRAM_BINS - 1] >= 1);
}

static void magnitudes_have_the_edges_that_are_told(void **state) {
    (void)state;
    for (int bin = 0; bin < LOG_HISTOGRAM_BINS; bin++) {
        float middle =
            (float)pow(10.0, 0.5 * (log_histogram_edge(bin) + log_histogram_edge(bin + 1)));
        struct log_histogram h = { 0 };
        log_histogram_add(&h, &middle, 1);
        assert_int_equal(h.counts[bin], 1);
    }
    assert_true(fabs(log_histogram_edge(0) - log10((double)FLT_MIN)) < 1e-12);
    assert_true(fabs(log_histogram_edge(LOG_HISTOGRAM_BINS) - 128.0 * log10(2.0)) < 1e-12);
}

int main(void) {
    denormals_flush();
    engine_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fit_shows_the_whole_cloud),
        cmocka_unit_test(an_outlier_is_counted_apart),
        cmocka_unit_test(one_value_has_one_bin),
        cmocka_unit_test(what_is_not_finite_is_counted_apart),
        cmocka_unit_test(edges_belong_to_the_upper_bin_but_the_last),
        cmocka_unit_test(counts_add_up),
        cmocka_unit_test(magnitudes_fall_into_half_octaves),
        cmocka_unit_test(magnitudes_have_the_edges_that_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
