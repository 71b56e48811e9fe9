/* test_ranges.c - axes that grow at once, shrink slowly, and stand still when they are frozen. */
#include "check.h"

#include <math.h>
#include <string.h>

#include "base/require.h"
#include "layout.h"
#include "view/ranges.h"

enum { ONE = -1 };

static bool near(double a, double b) {
    return fabs(a - b) <= 1e-9 * fmax(1.0, fabs(b));
}

static struct view_ranges ranges_of(double low, double high) {
    struct view_ranges ranges = { 0 };
    for (int i = 0; i < RANGE_COUNT; i++) {
        ranges.row[i] = (struct range){ .kind = 1, .low = low, .high = high };
    }
    return ranges;
}

static void they_grow_at_once(void **state) {
    (void)state;
    struct view_ranges held = ranges_of(-1.0, 2.0), fit = ranges_of(-3.0, 1.0);
    ranges_grow(&held, &fit);
    assert_true(held.row[0].low == -3.0 && held.row[0].high == 2.0);
    struct view_ranges other = ranges_of(-1.0, 0.5);
    other.row[RANGE_GRADIENTS].kind = 2; // of something else: it begins anew
    ranges_grow(&held, &other);
    assert_true(held.row[RANGE_GRADIENTS].low == -1.0 && held.row[RANGE_GRADIENTS].high == 0.5);
    assert_true(held.row[RANGE_ACTIVATIONS].low == -3.0);
}

/* Half of the way in half a second, whatever it is cut into; at last they are there. */
static void they_shrink_slowly(void **state) {
    (void)state;
    struct view_ranges fit = ranges_of(-1.0, 2.0), once = ranges_of(-2.0, 4.0), often = once;
    assert_true(ranges_update(&once, &fit, 0.5));
    for (int i = 0; i < 50; i++) {
        ranges_update(&often, &fit, 0.01);
    }
    assert_true(near(once.row[0].low, -1.5) && near(once.row[0].high, 3.0));
    assert_true(near(often.row[0].low, -1.5) && near(often.row[0].high, 3.0));
    bool more = true;
    double seconds = 0.0;
    for (; more && seconds < 100.0; seconds += 0.1) {
        more = ranges_update(&once, &fit, 0.1);
        assert_true(once.row[0].low <= -1.0 && once.row[0].high >= 2.0);
    }
    assert_true(once.row[0].low == -1.0 && once.row[0].high == 2.0);
    assert_true(seconds > 0.5 && seconds < 5.0);
    assert_false(ranges_update(&once, &fit, 1.0));
}

/* From far away by ratios: a gradient that exploded a million times is forgotten in seconds. */
static void they_come_back_from_far(void **state) {
    (void)state;
    struct view_ranges fit = ranges_of(0.0, 1.0), held = ranges_of(0.0, 1e6);
    ranges_update(&held, &fit, 0.5);
    assert_true(near(held.row[0].high, 1e3));
    double seconds = 0.5;
    while (ranges_update(&held, &fit, 0.1)) {
        seconds += 0.1;
    }
    assert_true(held.row[0].high == 1.0 && seconds < 6.0);
}

static void assert_same_ranges(const struct view_ranges *a, const struct view_ranges *b) {
    for (int i = 0; i < RANGE_COUNT; i++) {
        assert_true(a->row[i].low == b->row[i].low && a->row[i].high == b->row[i].high);
    }
}

/* A run that has diverged does not flatten the other one; alone it has the axes for itself. */
static void what_diverged_does_not_count_beside_another(void **state) {
    (void)state;
    for (int gradient = 0; gradient < VIEW_GRADIENT_COUNT; gradient++) {
        struct snapshot *both = &scene_make(10, SCENE_EXPLODING, SCENE_HEALTHY)->snapshot;
        struct view_ranges shared, fit, alone;
        ranges_fit(&shared, both, 2, (enum view_gradient)gradient, false);
        both->run[0].diverged = true;
        ranges_fit(&fit, both, 2, (enum view_gradient)gradient, false);
        assert_false(range_counts(both, 2, 0));
        assert_true(range_counts(both, 2, 1) && range_counts(both, 1, 0));
        ranges_fit(&alone, both, 1, (enum view_gradient)gradient, false);
        assert_true(alone.row[RANGE_ACTIVATIONS].high == shared.row[RANGE_ACTIVATIONS].high);
        assert_true(fit.row[RANGE_ACTIVATIONS].high < 0.1 * shared.row[RANGE_ACTIVATIONS].high);
        both->run[1].diverged = true; // then both count again
        struct view_ranges again;
        ranges_fit(&again, both, 2, (enum view_gradient)gradient, false);
        assert_same_ranges(&again, &shared);
        both->run[0] = both->run[1];
        ranges_fit(&alone, both, 1, (enum view_gradient)gradient, false);
        assert_same_ranges(&fit, &alone);
    }
}

/* What one bar would hold, as the negative half of leaky ReLU, is no part of the axis. */
static void a_sliver_is_counted_apart(void **state) {
    (void)state;
    double low = -0.1, high = 3.0; // exactly one bar of thirty
    range_drop_sliver(&low, &high);
    assert_true(low == -0.1 && high == 3.0);
    low = -0.0999;
    range_drop_sliver(&low, &high);
    assert_true(low == 0.0 && high == 3.0);
    low = -4.0;
    high = 0.05;
    range_drop_sliver(&low, &high);
    assert_true(low == -4.0 && high == 0.0);
    struct run_snapshot *run = &scene_make(1, SCENE_HEALTHY, ONE)->snapshot.run[0];
    run->layer[0].h = (struct moments){
        .n = 1000, .mean = 0.5, .sd = 0.7, .rms = 0.86, .min = -0.07, .max = 9.0
    };
    struct range range = { .low = 0.0, .high = 0.0 };
    range_include_activations(&range, run);
    assert_true(range.low == 0.0 && near(range.high, 0.5 + 3.0 * 0.7));
    run->layer[0].h.min = -0.4;
    range_include_activations(&range, run);
    assert_true(near(range.low, -0.4));
}

static void empty_strips_stay_open_for_a_while(void **state) {
    (void)state;
    struct view_ranges fit = ranges_of(0.0, 1.0), held = fit, none = fit;
    fit.row[0].strip[APART_NAN] = true;
    assert_false(ranges_update(&held, &fit, 0.1));
    assert_true(held.row[0].strip[APART_NAN]);
    assert_true(ranges_update(&held, &none, 1.0));
    assert_true(held.row[0].strip[APART_NAN]); // although there is no NaN any more
    ranges_update(&held, &fit, 0.1);           // once more: the time begins anew
    ranges_update(&held, &none, 1.5);
    assert_true(held.row[0].strip[APART_NAN]);
    assert_false(ranges_update(&held, &none, 1.0));
    assert_false(held.row[0].strip[APART_NAN]);
}

/* Of a run whose numbers are known. */
static void the_fit_holds_what_there_is(void **state) {
    (void)state;
    struct scene *scene = scene_make(3, SCENE_EXPLODING, ONE);
    struct run_snapshot *run = &scene->snapshot.run[0];
    struct view_ranges fit;
    const int one = -2 * LOG_HISTOGRAM_LOW;
    for (int l = 0; l < 3; l++) {
        struct layer_stats *layer = &run->layer[l];
        memset(&layer->delta_histogram, 0, sizeof layer->delta_histogram);
        layer->h.mean = 1.0 + l;
        layer->h.sd = 0.5;
        layer->h.min = 0.25;
        layer->h.max = 50.0;
        layer->delta_histogram.n = 10000;
        layer->delta_histogram.counts[one + 2 * l] = 9999; // [2^l, ..)
        layer->delta_histogram.counts[one + 20] = 1;       // 2^10
        layer->delta.rms = pow(10.0, l);
    }
    ranges_fit(&fit, &scene->snapshot, 1, VIEW_GRADIENT_DELTA, false);
    assert_true(near(fit.row[RANGE_ACTIVATIONS].low, 0.0)); // 0 is always there
    assert_true(near(fit.row[RANGE_ACTIVATIONS].high, 3.0 + 3.0 * 0.5));
    assert_true(near(fit.row[RANGE_GRADIENTS].low, 0.0));
    assert_true(near(fit.row[RANGE_GRADIENTS].high, 10.5 * log10(2.0)));
    assert_true(near(fit.row[RANGE_MAGNITUDE].low, 0.0));
    assert_true(near(fit.row[RANGE_MAGNITUDE].high, 2.0));
    // linear: without the largest thousandth, from 0 on
    ranges_fit(&fit, &scene->snapshot, 1, VIEW_GRADIENT_DELTA, true);
    assert_true(near(fit.row[RANGE_GRADIENTS].low, 0.0));
    assert_true(near(fit.row[RANGE_GRADIENTS].high, 4.0 * sqrt(2.0)));
    assert_true(near(fit.row[RANGE_MAGNITUDE].high, 100.0));
    // NaN and zeros have no place, and something is there all the same
    for (int l = 0; l < 3; l++) {
        memset(&run->layer[l].delta_histogram, 0, sizeof run->layer[l].delta_histogram);
        run->layer[l].delta_histogram.n = run->layer[l].delta_histogram.nan = 5;
        run->layer[l].h.mean = run->layer[l].h.sd = (double)NAN;
    }
    ranges_fit(&fit, &scene->snapshot, 1, VIEW_GRADIENT_DELTA, false);
    for (int i = 0; i < RANGE_COUNT; i++) {
        assert_true(isfinite(fit.row[i].low) && isfinite(fit.row[i].high));
        assert_true(fit.row[i].low <= fit.row[i].high);
    }
}

static void make_small(struct scene *scene) {
    for (int l = 0; l < 10; l++) {
        struct layer_stats *layer = &scene->snapshot.run[0].layer[l];
        layer->delta.rms *= 1e-20;
    }
}

/* The view draws at least what it is told to hold, and tells what it drew. */
static void the_view_holds_ranges(void **state) {
    (void)state;
    struct scene *scene = scene_make(10, SCENE_HEALTHY, ONE); // rms of about 3e-3
    draw(scene);
    assert_true(near(hits.ranges.row[RANGE_MAGNITUDE].high, hits.fit.row[RANGE_MAGNITUDE].high));
    assert_false(shown("10⁻²³"));
    scene->state.ranges = hits.ranges;
    make_small(scene);
    draw(scene);
    assert_true(shown("10⁻³") || shown("10⁻²")); // still there
    assert_true(hits.ranges.row[RANGE_MAGNITUDE].low < -20.0);
    assert_true(hits.ranges.row[RANGE_MAGNITUDE].high > -3.0);
    assert_true(hits.fit.row[RANGE_MAGNITUDE].high < -20.0);
}

static void frozen_axes_stand_still(void **state) {
    (void)state;
    struct scene *scene = scene_make(10, SCENE_HEALTHY, ONE);
    draw(scene);
    scene->state.ranges = hits.ranges;
    scene->state.frozen = true;
    make_small(scene);
    check(scene);
    assert_true(shown("axes frozen"));
    assert_memory_equal(&hits.ranges.row[RANGE_MAGNITUDE],
                        &scene->state.ranges.row[RANGE_MAGNITUDE], sizeof(struct range));
    scene->state.gradient = VIEW_GRADIENT_WEIGHT; // of which nothing was frozen
    check(scene);
    assert_true(near(hits.ranges.row[RANGE_MAGNITUDE].low, hits.fit.row[RANGE_MAGNITUDE].low));
    scene->snapshot.run[0].layer[4].h_histogram.low *= 1e3; // what lies outside is counted there
    scene->snapshot.run[0].layer[4].h_histogram.width *= 1e3;
    scene->snapshot.run[0].layer[4].h_histogram.high *= 1e3;
    check(scene);
    assert_true(shown("> "));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(they_grow_at_once),
        cmocka_unit_test(they_shrink_slowly),
        cmocka_unit_test(they_come_back_from_far),
        cmocka_unit_test(what_diverged_does_not_count_beside_another),
        cmocka_unit_test(a_sliver_is_counted_apart),
        cmocka_unit_test(empty_strips_stay_open_for_a_while),
        cmocka_unit_test(the_fit_holds_what_there_is),
        cmocka_unit_test(the_view_holds_ranges),
        cmocka_unit_test(frozen_axes_stand_still),
    };
    return cmocka_run_group_tests(tests, layout_start, layout_stop);
}
