/* Buckets of somebody else's in our bins: against the same mass taken by very small pieces. */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/check.h"
#include "measure/rebin.h"

static uint64_t state = 7;

static double uniform(void) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (double)(state >> 11) * 0x1p-53;
}

/* Rising buckets, some of them points, around 0 or not. */
static int random_buckets(struct bucket *buckets, int most) {
    int count = 1 + (int)(uniform() * most);
    double scale = pow(10.0, 6.0 * uniform() - 5.0), at = scale * (uniform() - 0.7) * count;
    for (int i = 0; i < count; i++) {
        double width = uniform() < 0.2 ? 0.0 : scale * uniform();
        buckets[i] = (struct bucket){ at, at + width, floor(1000.0 * uniform()) + 1.0 };
        at += width + (uniform() < 0.2 ? scale * uniform() : 0.0);
    }
    return count;
}

/* Values of a bucket as many evenly spread points, each with its share of the count. */
enum { POINTS = 5000 };

static double point_of(const struct bucket *bucket, int i) {
    return bucket->low + (bucket->high - bucket->low) * ((double)i + 0.5) / POINTS;
}

static double total_of(const struct bucket *buckets, int count) {
    double total = 0.0;
    for (int i = 0; i < count; i++) {
        total += buckets[i].count;
    }
    return total;
}

/* Cumulated counts are off by half a value, and by what the points are off at an edge. */
static void spreads_evenly(void **unused) {
    (void)unused;
    for (int round = 0; round < 60; round++) {
        struct bucket buckets[12];
        int count = random_buckets(buckets, 12);
        double total = total_of(buckets, count), most = 0.0;
        struct moments moments;
        struct histogram bins;
        rebin_moments(&moments, buckets, count);
        histogram_fit(&bins, moments.min, moments.max, moments.mean, moments.sd);
        rebin(&bins, buckets, count);
        double mass[HISTOGRAM_BINS + 2] = { 0.0 }, near_zero = 0.0;
        for (int i = 0; i < count; i++) {
            const struct bucket *b = &buckets[i];
            bool around = b->low <= 0.0 && b->high >= 0.0 && b->high - b->low < bins.width / 1024;
            most = fmax(most, b->count);
            for (int k = 0; k < POINTS; k++) {
                double place = floor((point_of(b, k) - bins.low) / bins.width);
                place = point_of(b, k) == bins.high ? HISTOGRAM_BINS - 1 : place;
                int bin = (int)fmin(fmax(place, -1.0), HISTOGRAM_BINS) + 1;
                *(around ? &near_zero : &mass[bin]) += b->count / POINTS;
            }
        }
        double counted = (double)bins.near_zero + (double)bins.below,
               expected = near_zero + mass[0];
        for (int bin = 0; bin < HISTOGRAM_BINS; bin++) {
            assert_true(fabs(counted - expected) <= 0.6 + 2.0 * most / POINTS);
            counted += bins.counts[bin];
            expected += mass[bin + 1];
        }
        assert_true(counted + (double)bins.above == (double)bins.n);
        assert_true((double)bins.n == total);
    }
}

static void spreads_magnitudes_evenly(void **unused) {
    (void)unused;
    for (int round = 0; round < 60; round++) {
        struct bucket buckets[12];
        int count = random_buckets(buckets, 12);
        double mass[LOG_HISTOGRAM_BINS] = { 0.0 }, near_zero = 0.0, end = 0.0, most = 0.0;
        struct log_histogram bins;
        rebin_log(&bins, buckets, count);
        for (int i = 0; i < count; i++) {
            const struct bucket *b = &buckets[i];
            most = fmax(most, b->count);
            if (b->low <= 0.0 && b->high >= 0.0) {
                near_zero += b->count;
                end = fmax(end, fmax(-b->low, b->high));
                continue;
            }
            for (int k = 0, bin = 0; k < POINTS; k++) {
                double magnitude = fabs(point_of(b, k));
                while (log_histogram_magnitude(bin + 1) <= magnitude) {
                    bin++;
                }
                while (log_histogram_magnitude(bin) > magnitude) {
                    bin--;
                }
                mass[bin] += b->count / POINTS;
            }
        }
        assert_true((double)(bins.near_zero + bins.zero) == near_zero);
        assert_true(bins.zero > 0 || bins.near_zero_end == end);
        double counted = 0.0, expected = 0.0;
        for (int bin = 0; bin < LOG_HISTOGRAM_BINS; bin++) {
            counted += bins.counts[bin];
            expected += mass[bin];
            assert_true(fabs(counted - expected) <= 1.1 + 4.0 * most / POINTS);
        }
        assert_true(counted + near_zero == (double)bins.n);
        assert_true((double)bins.n == total_of(buckets, count));
    }
}

/* Where bins are the buckets nothing is lost at all. */
static void keeps_what_has_our_edges(void **unused) {
    (void)unused;
    struct bucket buckets[HISTOGRAM_BINS];
    struct histogram bins;
    histogram_range(&bins, -1.0, 1.0);
    for (int i = 0; i < HISTOGRAM_BINS; i++) {
        double low = bins.low + i * bins.width;
        buckets[i] = (struct bucket){ low, low + bins.width, 1 + (i * 37) % 101 };
    }
    rebin(&bins, buckets, HISTOGRAM_BINS);
    for (int i = 0; i < HISTOGRAM_BINS; i++) {
        assert_int_equal(bins.counts[i], 1 + (i * 37) % 101);
    }
    assert_int_equal(bins.below + bins.above + bins.near_zero, 0);
    struct log_histogram magnitudes;
    for (int i = 0; i < HISTOGRAM_BINS; i++) {
        double sign = i % 2 ? -1.0 : 1.0, low = log_histogram_magnitude(200 + i);
        double high = log_histogram_magnitude(201 + i);
        buckets[i] = (struct bucket){ fmin(sign * low, sign * high), fmax(sign * low, sign * high),
                                      1 + (i * 37) % 101 };
    }
    rebin_log(&magnitudes, buckets, HISTOGRAM_BINS);
    for (int i = 0; i < HISTOGRAM_BINS; i++) {
        assert_int_equal(magnitudes.counts[200 + i], 1 + (i * 37) % 101);
    }
}

static void estimates_moments(void **unused) {
    (void)unused;
    for (int round = 0; round < 30; round++) {
        struct bucket buckets[8];
        int count = random_buckets(buckets, 8);
        double sum = 0.0, squares = 0.0, total = total_of(buckets, count), reach = 0.0;
        for (int i = 0; i < count; i++) {
            for (int k = 0; k < POINTS; k++) {
                double x = point_of(&buckets[i], k), share = buckets[i].count / POINTS / total;
                sum += share * x;
                squares += share * x * x;
                reach = fmax(reach, fabs(x));
            }
        }
        struct moments moments;
        rebin_moments(&moments, buckets, count);
        assert_true((double)moments.n == total);
        assert_true(fabs(moments.mean - sum) <= 1e-6 * reach);
        assert_true(fabs(moments.rms - sqrt(squares)) <= 1e-6 * reach);
        assert_true(fabs(moments.sd - sqrt(fmax(squares - sum * sum, 0.0))) <= 1e-5 * reach);
        assert_true(moments.min == buckets[0].low && moments.max == buckets[count - 1].high);
    }
    struct moments none;
    rebin_moments(&none, NULL, 0);
    assert_true(none.n == 0 && isnan(none.mean) && isnan(none.rms) && isnan(none.max));
}

/* Anything a file may hold: ends at infinity, values beyond float32, more than can be counted. */
static void bears_extremes(void **unused) {
    (void)unused;
    const double ends[] = { -(double)INFINITY,
                            -0x1.fffffffffffffp1023,
                            -1.0,
                            -0x1p-1074,
                            0.0,
                            0x1p-1074,
                            1e-40,
                            1.0,
                            1e39,
                            0x1.fffffffffffffp1023,
                            (double)INFINITY };
    enum { ENDS = sizeof ends / sizeof ends[0] };
    const double counts[] = { 0x1p-1074, 1.0, 7.5, 0x1p32, 1e300 };
    for (int i = 0; i < ENDS; i++) {
        for (int k = i; k < ENDS; k++) {
            for (int c = 0; c < 5; c++) {
                const struct bucket buckets[] = { { ends[i], ends[k], counts[c] },
                                                  { ends[k], ends[k], 3.0 } };
                struct moments moments;
                struct histogram bins;
                struct log_histogram magnitudes;
                rebin_moments(&moments, buckets, 2);
                histogram_fit(&bins, moments.min, moments.max, moments.mean, moments.sd);
                rebin(&bins, buckets, 2);
                rebin_log(&magnitudes, buckets, 2);
                uint64_t expected = counts[c] < 0x1p32 ? (uint64_t)llround(counts[c] + 3.0) : 0;
                assert_int_equal(bins.n, expected);
                assert_int_equal(magnitudes.n, expected);
            }
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spreads_evenly),           cmocka_unit_test(spreads_magnitudes_evenly),
        cmocka_unit_test(keeps_what_has_our_edges), cmocka_unit_test(estimates_moments),
        cmocka_unit_test(bears_extremes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
