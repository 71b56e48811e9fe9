#include "check.h"

#include <math.h>
#include <string.h>

#include "base/require.h"
#include "layout.h"
#include "view/waterfall.h"

/*
 * The bars of hand-made factors, as rectangles: four decades over 400 points, so one is 100. The
 * factors are powers of ten, and the RMS of the layers what they make.
 */

static struct run_snapshot run;
static struct frame frame;
static struct view_state state;
static struct tip said;

static const struct rect plot = { 100.0f, 50.0f, 400.0f, 80.0f };
static const struct axis four_decades = { .low = -4.0, .high = 0.0, .step = 1.0, .log = true };

static void reset(int layers) {
    memset(&run, 0, sizeof run);
    run.layers = layers;
    run.input_rms = run.output.delta.rms = 1.0;
    for (int l = 0; l < layers; l++) {
        for (int f = 0; f < FACTOR_COUNT; f++) {
            run.layer[l].factor[f] = run.layer[l].forward[f] = 1.0;
        }
    }
    frame = (struct frame){ .list = &list,
                            .hits = &hits,
                            .state = &state,
                            .theme = &themes[THEME_DARK],
                            .runs = 1,
                            .layers = layers,
                            .selected = 1,
                            .tip = &said };
    display_list_clear(&list);
}

/* Both passes by the factors of each layer; what is not there stays 1. */
static void set(int l, double weight, double slope, double up_weight, double up_slope) {
    struct layer_stats *layer = &run.layer[l - 1];
    layer->factor[FACTOR_WEIGHT] = weight;
    layer->factor[FACTOR_SLOPE] = slope;
    layer->forward[FACTOR_WEIGHT] = up_weight;
    layer->forward[FACTOR_SLOPE] = up_slope;
}

static void settle(void) {
    double size = run.output.delta.rms;
    for (int l = run.layers; l >= 1; l--) {
        size *= factor_product(run.layer[l - 1].factor);
        run.layer[l - 1].delta.rms = size;
    }
    size = run.input_rms;
    for (int l = 1; l <= run.layers; l++) {
        size *= factor_product(run.layer[l - 1].forward);
        run.layer[l - 1].h.rms = size;
    }
}

static void fall(enum direction direction, bool upright) {
    struct rect area = plot;
    if (upright) {
        area = (struct rect){ plot.x, plot.y, plot.h, plot.w };
    }
    struct waterfall waterfall = { &run, direction, upright, area, four_decades };
    display_list_clear(&list);
    waterfall_draw(&frame, &waterfall, false);
}

/* The n-th filled rectangle of a colour. */
static struct rect bar(colour ink, int n) {
    for (size_t i = 0; i < list.op_count; i++) {
        if (list.ops[i].kind == DRAW_RECT && list.ops[i].colour == ink && n-- == 0) {
            return list.ops[i].rect;
        }
    }
    fail_msg("no such bar");
    return plot;
}

static int bars(void) {
    int count = 0;
    for (size_t i = 0; i < list.op_count; i++) {
        count += list.ops[i].kind == DRAW_RECT;
    }
    return count;
}

static void assert_rect(struct rect got, float x, float y, float w, float h) {
    if (fabsf(got.x - x) > 0.01f || fabsf(got.y - y) > 0.01f || fabsf(got.w - w) > 0.01f ||
        fabsf(got.h - h) > 0.01f) {
        fail_msg("%g %g %g %g", (double)got.x, (double)got.y, (double)got.w, (double)got.h);
    }
}

static colour ink(enum factor f) {
    return themes[THEME_DARK].factor[f];
}

/* Two layers of 40 points, two parts of 20 each, a tenth of that free above and below. */
static void bars_reach_from_before_to_after(void **state_) {
    (void)state_;
    reset(2);
    set(2, 0.1, 0.01, 0.1, 1.0);
    set(1, 10.0, 0.01, 0.1, 0.1);
    settle();
    fall(DIRECTION_BACKWARD, false); // layer 2 is on top, and the gradient comes from above
    assert_int_equal(bars(), 4);
    assert_rect(bar(ink(FACTOR_WEIGHT), 1), 400.0f, 52.0f, 100.0f, 16.0f); // 1 to 0.1
    assert_rect(bar(ink(FACTOR_SLOPE), 1), 200.0f, 72.0f, 200.0f, 16.0f);  // to 0.001
    assert_rect(bar(ink(FACTOR_WEIGHT), 0), 200.0f, 92.0f, 100.0f, 16.0f); // up to 0.01
    assert_rect(bar(ink(FACTOR_SLOPE), 0), 100.0f, 112.0f, 200.0f, 16.0f); // to 0.0001
    fall(DIRECTION_FORWARD, false); // the signal comes from below
    assert_rect(bar(ink(FACTOR_WEIGHT), 0), 400.0f, 112.0f, 100.0f, 16.0f);
    assert_rect(bar(ink(FACTOR_SLOPE), 0), 300.0f, 92.0f, 100.0f, 16.0f);
    assert_rect(bar(ink(FACTOR_WEIGHT), 1), 200.0f, 72.0f, 100.0f, 16.0f);
    assert_rect(bar(ink(FACTOR_SLOPE), 1), 199.0f, 52.0f, 2.0f, 16.0f); // it does nothing
}

/* The same with the layers from left to right, the gradient coming from the right. */
static void columns_are_rows_turned(void **state_) {
    (void)state_;
    reset(2);
    set(2, 0.1, 0.01, 0.1, 1.0);
    set(1, 10.0, 0.01, 0.1, 0.1);
    settle();
    fall(DIRECTION_BACKWARD, true);
    assert_rect(bar(ink(FACTOR_WEIGHT), 1), 162.0f, 50.0f, 16.0f, 100.0f);
    assert_rect(bar(ink(FACTOR_SLOPE), 1), 142.0f, 150.0f, 16.0f, 200.0f);
    assert_rect(bar(ink(FACTOR_WEIGHT), 0), 122.0f, 250.0f, 16.0f, 100.0f);
    assert_rect(bar(ink(FACTOR_SLOPE), 0), 102.0f, 250.0f, 16.0f, 200.0f);
    fall(DIRECTION_FORWARD, true);
    assert_rect(bar(ink(FACTOR_WEIGHT), 0), 102.0f, 50.0f, 16.0f, 100.0f);
}

static void parts_that_are_not_there_have_no_place(void **state_) {
    (void)state_;
    enum factor parts[FACTOR_COUNT];
    reset(3);
    assert_int_equal(waterfall_parts(&run, DIRECTION_BACKWARD, parts), 2);
    assert_true(parts[0] == FACTOR_WEIGHT && parts[1] == FACTOR_SLOPE);
    run.layer[1].factor[FACTOR_NORMALISATION] = 0.5;
    run.layer[2].forward[FACTOR_SKIP] = 2.0;
    assert_int_equal(waterfall_parts(&run, DIRECTION_BACKWARD, parts), 3);
    assert_true(parts[0] == FACTOR_NORMALISATION && parts[2] == FACTOR_SLOPE);
    assert_int_equal(waterfall_parts(&run, DIRECTION_FORWARD, parts), 3);
    assert_true(parts[0] == FACTOR_WEIGHT && parts[1] == FACTOR_SLOPE && parts[2] == FACTOR_SKIP);
}

/* 200 layers in 80 points: a bar each, of what does most of the change, however others pull. */
static void a_bar_each_where_layers_are_many(void **state_) {
    (void)state_;
    reset(200);
    for (int l = 1; l <= 200; l++) {
        set(l, 1.02, 0.95, l % 2 ? 1.1 : 1.0, l % 2 ? 0.99 : 0.9);
    }
    settle();
    fall(DIRECTION_BACKWARD, false);
    assert_int_equal(bars(), 200);
    assert_true(bar(ink(FACTOR_SLOPE), 199).h <= 0.41f);
    fall(DIRECTION_FORWARD, false);
    assert_int_equal(bars(), 200);
    (void)bar(ink(FACTOR_WEIGHT), 99);
    (void)bar(ink(FACTOR_SLOPE), 99);
    double low = 0.0, high = 0.0;
    waterfall_range(&run, DIRECTION_BACKWARD, &low, &high);
    assert_true(fabs(low - 200.0 * log10(1.02 * 0.95)) < 1e-9);
    assert_true(fabs(high - log10(1.02)) < 1e-9); // the first one goes up before it goes down
}

/* Zeros and NaN: a faded bar to the end of the axis, then nothing until there are numbers. */
static void what_is_lost_runs_off_the_axis(void **state_) {
    (void)state_;
    colour lost = theme_fade(themes[THEME_DARK].bad, 0.7f);
    reset(2);
    set(2, 0.1, 0.0, (double)NAN, (double)NAN);
    set(1, (double)NAN, (double)NAN, 0.1, (double)NAN);
    settle();
    fall(DIRECTION_BACKWARD, false);
    assert_int_equal(bars(), 2);
    assert_rect(bar(lost, 0), 100.0f, 72.0f, 300.0f, 16.0f);
    assert_true(isnan(waterfall_level(&run, DIRECTION_BACKWARD, 1)));
    fall(DIRECTION_FORWARD, false);
    assert_rect(bar(lost, 0), 100.0f, 92.0f, 300.0f, 16.0f);
    double low = 0.0, high = 0.0;
    waterfall_range(&run, DIRECTION_FORWARD, &low, &high);
    assert_true(fabs(low + 1.0) < 1e-12 && high == 0.0);
    reset(200); // the same where each has one bar
    for (int l = 1; l <= 200; l++) {
        set(l, l == 100 ? 0.0 : 1.0, 0.99, 1.0, 1.0);
    }
    settle();
    fall(DIRECTION_BACKWARD, false);
    (void)bar(lost, 0);
    assert_int_equal(bars(), 101);
}

static void one_layer(void **state_) {
    (void)state_;
    reset(1);
    set(1, 0.1, 0.1, 0.1, 0.1);
    settle();
    fall(DIRECTION_BACKWARD, false);
    assert_rect(bar(ink(FACTOR_SLOPE), 0), 300.0f, 94.0f, 100.0f, 32.0f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bars_reach_from_before_to_after),
        cmocka_unit_test(columns_are_rows_turned),
        cmocka_unit_test(parts_that_are_not_there_have_no_place),
        cmocka_unit_test(a_bar_each_where_layers_are_many),
        cmocka_unit_test(what_is_lost_runs_off_the_axis),
        cmocka_unit_test(one_layer),
    };
    return cmocka_run_group_tests(tests, layout_start, layout_stop);
}
