#include "check.h"

#include <math.h>
#include <string.h>

#include "scene.h"
#include "view/spread.h"

static uint64_t everything(const struct spread *spread) {
    uint64_t sum = 0;
    for (int i = 0; i < spread->bars; i++) {
        sum += spread->count[i];
    }
    for (int i = 0; i < APART_COUNT; i++) {
        sum += spread->apart[i];
    }
    return sum;
}

static void check(const struct spread *spread, uint64_t n, double least) {
    assert_int_equal(spread->n, n);
    assert_int_equal(everything(spread), n);
    uint64_t tallest = 0;
    for (int i = 0; i < spread->bars; i++) {
        tallest = spread->count[i] > tallest ? spread->count[i] : tallest;
    }
    assert_int_equal(spread->tallest, tallest);
    if (spread->bars > 0) {
        assert_true(spread->count[0] > 0 && spread->count[spread->bars - 1] > 0);
        assert_true(spread->width >= least * (1.0 - 1e-12));
    }
}

static void check_layer(const struct layer_stats *layer) {
    static const struct axis axes[] = { { 0.0, 1.0, 1.0, false },   { -1.0, 1.0, 1.0, false },
                                        { 0.0, 3.0, 1.0, false },   { -4.0, 4.0, 1.0, false },
                                        { 0.0, 6e8, 1e8, false },   { 0.3, 0.31, 0.1, false },
                                        { -1e-9, 1e-9, 1.0, false } };
    static const struct axis decades[] = { { -9.0, 0.0, 1.0, true },
                                           { -40.0, 39.0, 10.0, true },
                                           { -3.0, -2.0, 1.0, true } };
    struct spread spread;
    for (size_t a = 0; a < sizeof axes / sizeof axes[0]; a++) {
        for (double part = 1.0; part > 1e-3; part *= 0.3) {
            double least = part * (axes[a].high - axes[a].low);
            spread_linear(&spread, &layer->h_histogram, &layer->h, &axes[a], least);
            check(&spread, layer->h.n, least);
            spread_linear(&spread, &layer->z_histogram, &layer->z, &axes[a], least);
            check(&spread, layer->z.n, least);
        }
    }
    for (size_t a = 0; a < sizeof decades / sizeof decades[0]; a++) {
        for (double least = 0.01; least < 4.0; least *= 2.0) {
            spread_log(&spread, &layer->delta_histogram, &decades[a], least);
            check(&spread, layer->delta.n, least);
        }
    }
    for (double high = 1e-12; high < 1e12; high *= 10.0) {
        const struct axis axis = { 0.0, high, high, false };
        spread_magnitude(&spread, &layer->delta_histogram, &axis, 0.02 * high);
        assert_int_equal(everything(&spread), layer->delta.n);
    }
}

static void everything_is_shown_or_counted_apart(void **state) {
    (void)state;
    for (int kind = 0; kind < SCENE_RUN_COUNT; kind++) {
        struct scene *scene = scene_make(10, kind, -1);
        for (int l = 0; l < 10; l++) {
            check_layer(&scene->snapshot.run[0].layer[l]);
        }
    }
}

static struct histogram histogram_over(double low, double width) {
    struct histogram histogram = { .low = low,
                                   .high = low + HISTOGRAM_BINS * width,
                                   .width = width };
    return histogram;
}

static const struct axis unit = { 0.0, 1.0, 0.5, false };

static void zeros_leave_the_bin_they_were_counted_in(void **state) {
    (void)state;
    struct histogram histogram = histogram_over(0.0, 1.0 / 128.0);
    histogram.counts[0] = 500; // 490 of them exactly zero
    histogram.counts[64] = 100;
    histogram.n = 600;
    struct moments moments = { .n = 600, .zero = 490, .underflow = 7 };
    struct spread spread;
    spread_linear(&spread, &histogram, &moments, &unit, 1e-9);
    assert_int_equal(spread.apart[APART_ZERO], 483);
    assert_int_equal(spread.apart[APART_UNDERFLOW], 7);
    assert_int_equal(spread.tallest, 100); // the spike flattens nothing
    assert_int_equal(spread.count[0], 10);
}

/* Of logged buckets: they have no place on the axis, and are no zeros either. */
static void values_around_zero_are_apart(void **state) {
    (void)state;
    struct histogram histogram;
    histogram_range(&histogram, -1.0, 1.0);
    histogram.counts[70] = 30;
    histogram.near_zero = 12;
    histogram.n = 42;
    const struct moments moments = { .n = 42 };
    const struct axis axis = axis_exact(-1.0, 1.0, 100.0f, 30.0f);
    static struct spread spread;
    spread_linear(&spread, &histogram, &moments, &axis, 0.1);
    assert_int_equal(spread.apart[APART_NEAR_ZERO], 12);
    assert_int_equal(spread.apart[APART_ZERO], 0);
    assert_int_equal(spread.tallest, 30);
    struct log_histogram log_bins = { .n = 42, .near_zero = 12, .near_zero_end = 1e-12 };
    log_bins.counts[2 * -LOG_HISTOGRAM_LOW] = 30;
    const struct axis decades = axis_decades(-3.0, 1.0, 3, 100.0f);
    spread_log(&spread, &log_bins, &decades, 0.1);
    assert_int_equal(spread.apart[APART_NEAR_ZERO], 12);
    assert_int_equal(spread.apart[APART_ZERO] + spread.apart[APART_BELOW], 0);
    assert_int_equal(spread.tallest, 30);
    const struct axis magnitude = axis_exact(0.0, 4.0, 100.0f, 30.0f);
    spread_magnitude(&spread, &log_bins, &magnitude, 0.5);
    assert_int_equal(spread.apart[APART_NEAR_ZERO], 12);
    assert_int_equal(spread.apart[APART_ABOVE] + spread.apart[APART_BELOW], 0);
}

static void zeros_beyond_the_histogram_are_zeros_still(void **state) {
    (void)state;
    struct histogram histogram = histogram_over(0.5, 1.0 / 256.0);
    histogram.below = 30;
    histogram.counts[3] = 70;
    histogram.n = 100;
    struct moments moments = { .n = 100, .zero = 20 };
    struct spread spread;
    spread_linear(&spread, &histogram, &moments, &unit, 0.01);
    assert_int_equal(spread.apart[APART_ZERO], 20);
    assert_int_equal(spread.apart[APART_BELOW], 10);

    histogram = histogram_over(-1.0, 1.0 / 128.0); // 0 is the included upper edge
    histogram.counts[127] = 40;
    histogram.n = 40;
    moments = (struct moments){ .n = 40, .zero = 25 };
    const struct axis both = { -1.0, 1.0, 0.5, false };
    spread_linear(&spread, &histogram, &moments, &both, 0.01);
    assert_int_equal(spread.apart[APART_ZERO], 25);
    assert_int_equal(spread.tallest, 15);
}

static void bars_keep_exact_edges(void **state) {
    (void)state;
    struct histogram histogram = histogram_over(0.25, 1.0 / 512.0);
    for (int i = 5; i < 100; i++) {
        histogram.counts[i] = (uint32_t)i;
        histogram.n += (uint64_t)i;
    }
    struct moments moments = { .n = histogram.n };
    struct spread spread;
    spread_linear(&spread, &histogram, &moments, &unit, 0.007); // four bins to a bar
    assert_true(fabs(spread.width - 4.0 / 512.0) < 1e-15);
    assert_true(fabs(fmod(spread.low, spread.width)) < 1e-15);
    assert_true(fabs(spread.low - (0.25 + 4.0 / 512.0)) < 1e-15); // bins 4..7; 4 is empty
    assert_int_equal(spread.count[0], 5 + 6 + 7);
    assert_int_equal(spread.count[1], 8 + 9 + 10 + 11);
}

static void values_closer_than_a_bar_are_one_bar_around_them(void **state) {
    (void)state;
    struct histogram histogram = histogram_over(0.5 - 64e-9, 1e-9);
    histogram.width = 0x1p-30;
    histogram.low = 0.5 - 64.0 * histogram.width;
    histogram.high = 0.5 + 64.0 * histogram.width;
    histogram.counts[63] = 10; // on both sides of the edge 0.5
    histogram.counts[64] = 20;
    histogram.n = 30;
    struct moments moments = { .n = 30 };
    struct spread spread;
    spread_linear(&spread, &histogram, &moments, &unit, 0.02);
    assert_int_equal(spread.bars, 1);
    assert_int_equal(spread.count[0], 30);
    assert_true(fabs(spread.low + 0.5 * spread.width - 0.5) < 1e-6);
    assert_true(fabs(spread.width - 0.02) < 1e-12);
}

static void log_bars_lie_at_their_decade(void **state) {
    (void)state;
    struct log_histogram histogram = { .n = 10 };
    const int one = -2 * LOG_HISTOGRAM_LOW;
    histogram.counts[one] = 10; // [1, sqrt 2)
    const struct axis axis = { -3.0, 3.0, 1.0, true };
    struct spread spread;
    spread_log(&spread, &histogram, &axis, 0.01);
    assert_int_equal(spread.bars, 1);
    assert_true(fabs(spread.low) < 1e-12);
    assert_true(fabs(spread.width - 0.5 * log10(2.0)) < 1e-12);
}

/* A value of a bin may be anywhere in it: every bar gets its part of what spans it. */
static void a_linear_axis_of_magnitudes_spreads_wide_bins(void **state) {
    (void)state;
    struct log_histogram histogram = {
        .n = 1000, .zero = 100, .underflow = 40, .nan = 7, .inf = 3
    };
    const int one = -2 * LOG_HISTOGRAM_LOW;
    histogram.counts[one + 2] = 400; // [2, 2.83)
    histogram.counts[one + 3] = 300; // [2.83, 4)
    histogram.counts[one - 40] = 150;
    histogram.counts[one + 9] = 40; // beyond
    const struct axis axis = { 0.0, 4.0, 1.0, false };
    struct spread spread;
    spread_magnitude(&spread, &histogram, &axis, 0.01);
    assert_int_equal(everything(&spread), 1000);
    assert_int_equal(spread.bars, 400);
    assert_int_equal(spread.count[0], 150); // which are smaller than a bar
    assert_int_equal(spread.apart[APART_ABOVE], 40);
    assert_int_equal(spread.apart[APART_ZERO], 60);
    assert_int_equal(spread.apart[APART_UNDERFLOW], 40);
    assert_int_equal(spread.apart[APART_NAN], 7);
    assert_int_equal(spread.apart[APART_INF], 3);
    for (int i = 1; i < 400; i++) {
        double centre = 0.01 * (i + 0.5), wide = sqrt(8.0);
        double expected = centre < 2.0    ? 0.0
                          : centre < wide ? 400 * 0.01 / (wide - 2.0)
                                          : 300 * 0.01 / (4.0 - wide);
        bool edge = fabs(centre - wide) < 0.01;
        assert_true(fabs((double)spread.count[i] - expected) <= (edge ? 3.0 : 1.0));
    }
    // over a part of the axis the rest is counted above, to the value
    const struct axis half = { 0.0, 2.5, 1.0, false };
    spread_magnitude(&spread, &histogram, &half, 1.0);
    assert_int_equal(spread.bars, 2);
    assert_int_equal(everything(&spread), 1000);
    double inside = 400 * 0.5 / (sqrt(8.0) - 2.0);
    assert_true(fabs((double)spread.count[1] - inside) <= 0.5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_is_shown_or_counted_apart),
        cmocka_unit_test(zeros_leave_the_bin_they_were_counted_in),
        cmocka_unit_test(values_around_zero_are_apart),
        cmocka_unit_test(zeros_beyond_the_histogram_are_zeros_still),
        cmocka_unit_test(bars_keep_exact_edges),
        cmocka_unit_test(values_closer_than_a_bar_are_one_bar_around_them),
        cmocka_unit_test(log_bars_lie_at_their_decade),
        cmocka_unit_test(a_linear_axis_of_magnitudes_spreads_wide_bins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
