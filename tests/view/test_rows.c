/*
 * test_rows.c - view 1 at every size of window, UI scale and depth: nothing overlaps, nothing is
 * cut.
 */
#include "check.h"

#include <math.h>
#include <string.h>

#include "base/require.h"
#include "base/text.h"
#include "layout.h"
#include "view/axis.h"

enum { ONE = -1 };

static const struct {
    int width, height; // device pixels
} windows[] = { { 960, 600 }, { 1440, 900 }, { 2560, 1440 }, { 3840, 2160 } };

static const float scales[] = { 0.8f, 1.0f, 1.25f, 1.5f, 2.0f, 3.0f };
static const int depths[] = { 1, 2, 10, 33, 100, 200 };

/* At every window and scale that leaves room for the smallest layout. */
static void check_windows(struct scene *scene, const char *name) {
    for (int w = 0; w < ARRAY_LEN(windows); w++) {
        for (int s = 0; s < ARRAY_LEN(scales); s++) {
            float scale = fminf(scales[s], view_scale_limit(windows[w].width, windows[w].height));
            if (scale < scales[s] && s > 0 && scale <= scales[s - 1]) {
                continue; // as before
            }
            layout_scale(scale);
            text_set(what, sizeof what, "%s at %d x %d, scale %g", name, windows[w].width,
                     windows[w].height, (double)scale);
            scene_size(scene, (float)windows[w].width / scale, (float)windows[w].height / scale,
                       (enum theme)(s % THEME_COUNT));
            check(scene);
        }
    }
    layout_scale(1.0f);
}

static void every_depth_in_every_window_at_every_scale(void **state) {
    (void)state;
    for (int d = 0; d < ARRAY_LEN(depths); d++) {
        for (int b = ONE; b <= SCENE_VANISHING; b += SCENE_VANISHING - ONE) {
            for (int g = 0; g < VIEW_GRADIENT_COUNT; g++) {
                char name[64];
                struct scene *scene = scene_make(depths[d], SCENE_HEALTHY, b);
                scene->state.gradient = (enum view_gradient)g;
                text_set(name, sizeof name, "%d layers, %d runs, gradient %d", depths[d],
                         b == ONE ? 1 : 2, g);
                check_windows(scene, name);
            }
        }
    }
}

static void every_kind_of_run_in_every_window(void **state) {
    (void)state;
    for (int a = 0; a < SCENE_RUN_COUNT; a++) {
        for (int b = ONE; b < SCENE_RUN_COUNT; b++) {
            char name[64];
            text_set(name, sizeof name, "kinds %d and %d", a, b);
            check_windows(scene_make(10, a, b), name);
        }
    }
}

static void linear_axes_in_every_window(void **state) {
    (void)state;
    for (int d = 0; d < ARRAY_LEN(depths); d++) {
        for (int a = 0; a < SCENE_RUN_COUNT; a++) {
            char name[64];
            struct scene *scene = scene_make(depths[d], a, SCENE_HEALTHY);
            scene->state.linear = true;
            text_set(name, sizeof name, "linear, %d layers, kind %d", depths[d], a);
            check_windows(scene, name);
            assert_true(depths[d] == 1 || shown("linear scale"));
            assert_false(shown("log₁₀|"));
        }
    }
}

/* What a panel may draw in: from its title to the next one below it. */
static int panel_areas(struct rect areas[PANEL_COUNT], const struct scene *scene) {
    int count = 0;
    for (int i = 0; i < hits.count; i++) {
        if (hits.hit[i].kind == HIT_PANEL) {
            areas[count++] = hits.hit[i].rect;
        }
    }
    for (int i = 0; i < count; i++) {
        float end = scene->state.height - 34.0f; // where the footer begins
        for (int k = 0; k < count; k++) {
            bool below = areas[k].y > areas[i].y && fabsf(areas[k].x - areas[i].x) < 1.0f;
            end = below ? fminf(end, areas[k].y) : end;
        }
        areas[i].h = end - areas[i].y;
    }
    return count;
}

/* Ops of the body lie each in one panel's area, as far as they are not clipped. */
static void assert_panels_keep_to_themselves(const struct scene *scene) {
    struct rect areas[PANEL_COUNT];
    int count = panel_areas(areas, scene), clips = 0;
    float top = scene->state.height, bottom = scene->state.height - 34.0f;
    for (int i = 0; i < count; i++) {
        top = fminf(top, areas[i].y);
    }
    for (size_t i = 1; i < list.op_count; i++) {
        const struct draw_op *op = &list.ops[i];
        clips -= op->kind == DRAW_UNCLIP;
        struct rect box = op_box(op);
        bool body = op->kind != DRAW_UNCLIP && box.y >= top && box.y < bottom && clips == 0;
        bool inside = !body || !(box.w >= 0.0f && box.h >= 0.0f); // only gaps
        for (int k = 0; k < count && !inside; k++) {
            struct rect area = { areas[k].x - 5.0f, areas[k].y, areas[k].w + 25.0f, areas[k].h };
            inside = within(box, area);
        }
        if (!inside) {
            fail_msg("%s: op %zu of kind %d at %.1f %.1f %.1f %.1f leaves its panel (%s)", what, i,
                     (int)op->kind, (double)box.x, (double)box.y, (double)box.w, (double)box.h,
                     op->kind == DRAW_TEXT ? text_of(op) : "");
        }
        clips += op->kind == DRAW_CLIP;
    }
}

static void nothing_leaves_its_panel(void **state) {
    (void)state;
    for (int d = 0; d < ARRAY_LEN(depths); d++) {
        for (int b = ONE; b < SCENE_RUN_COUNT; b++) {
            struct scene *scene = scene_make(depths[d], SCENE_HEALTHY, b);
            for (int w = 0; w < ARRAY_LEN(windows); w++) {
                scene_size(scene, (float)windows[w].width, (float)windows[w].height, THEME_DARK);
                text_set(what, sizeof what, "%d layers, kind %d at %d", depths[d], b,
                         windows[w].width);
                draw(scene);
                assert_panels_keep_to_themselves(scene);
            }
        }
    }
}

/* Every set of folded panels; folded ones have their title, open ones more than that. */
static void panels_fold(void **state) {
    (void)state;
    struct scene *scene = scene_make(10, SCENE_HEALTHY, SCENE_VANISHING);
    for (unsigned set = 0; set < 1u << (PANEL_COUNT - 1); set++) {
        for (int id = 1; id < PANEL_COUNT; id++) {
            scene->state.panels.folded[id] = set >> (id - 1) & 1;
        }
        scene->state.panels.chosen = (enum panel_id)(set % PANEL_COUNT);
        bool small = set % 2 == 0;
        scene_size(scene, small ? 960.0f : 1440.0f, small ? 600.0f : 900.0f, THEME_LIGHT);
        text_set(what, sizeof what, "folded %#x", set);
        check(scene);
        assert_panels_keep_to_themselves(scene);
        struct rect areas[PANEL_COUNT];
        assert_int_equal(panel_areas(areas, scene), PANEL_COUNT - 1);
        assert_int_equal(shown("layer × step"), !scene->state.panels.folded[PANEL_HISTORY]);
        assert_int_equal(shown("histogram of h"), !scene->state.panels.folded[PANEL_ACTIVATIONS]);
        assert_true(shown("History") && shown("Activations") && shown("Why"));
    }
}

static void a_panel_fills_the_window(void **state) {
    (void)state;
    for (int id = 1; id < PANEL_COUNT; id++) {
        for (int d = 0; d < ARRAY_LEN(depths); d++) {
            char name[64];
            struct scene *scene = scene_make(depths[d], SCENE_HEALTHY, SCENE_VANISHING);
            scene->state.panels.blown = (enum panel_id)id;
            scene->state.panels.folded[id] = true; // which does not matter now
            text_set(name, sizeof name, "panel %d of %d layers", id, depths[d]);
            check_windows(scene, name);
            assert_true(shown("Esc"));
            struct rect areas[PANEL_COUNT];
            assert_int_equal(panel_areas(areas, scene), 1);
        }
    }
}

/* As many layers as may be violins, where a violin has room for its shape and where not. */
static void detail_depends_on_room(void **state) {
    (void)state;
    for (int b = ONE; b <= SCENE_VANISHING; b += SCENE_VANISHING - ONE) {
        struct scene *scene = scene_make(59, SCENE_HEALTHY, b);
        scene_size(scene, 960, 600, THEME_DARK);
        draw(scene);
        assert_int_equal(shown("density of h"), b != ONE);
        assert_int_equal(shown("histogram of h"), b == ONE);
        scene_size(scene, 2560, 1440, THEME_DARK);
        draw(scene);
        assert_true(shown("histogram of h"));
    }
}

/* Above every bar, while there are few enough layers for histograms. */
static void magnitudes_are_written_out(void **state) {
    (void)state;
    static const struct {
        int layers, b;
    } cases[] = {
        { 1, ONE }, { 2, SCENE_VANISHING }, { 10, ONE }, { 10, SCENE_VANISHING }, { 16, ONE }
    };
    for (int c = 0; c < ARRAY_LEN(cases); c++) {
        struct scene *scene = scene_make(cases[c].layers, SCENE_HEALTHY, cases[c].b);
        int labels = 0, runs = cases[c].b == ONE ? 1 : 2;
        for (int run = 0; run < runs; run++) {
            scene->snapshot.run[run].output.delta.rms =
                3e-12; // so that the why tells no such ratio
            for (int l = 0; l < cases[c].layers; l++) {
                scene->snapshot.run[run].layer[l].delta.rms = 3e-12 * pow(1.3, l + run);
            }
        }
        scene_size(scene, VIEW_MIN_WIDTH, VIEW_MIN_HEIGHT, THEME_DARK);
        text_set(what, sizeof what, "%d layers, %d runs", cases[c].layers, runs);
        check(scene);
        for (size_t i = 0; i < list.op_count; i++) {
            const char *text = list.ops[i].kind == DRAW_TEXT ? text_of(&list.ops[i]) : "";
            labels += list.ops[i].font == FONT_NUMBER && strstr(text, "e-1") != NULL;
        }
        if (labels != runs * cases[c].layers) {
            fail_msg("%s: %d labels", what, labels);
        }
    }
}

/* A log axis has no place for 0, NaN and Inf: a low mark in a bar's place, a gap in a line. */
static void no_bar_stands_for_nothing(void **state) {
    (void)state;
    static const double nothings[] = { 0.0, (double)NAN, (double)INFINITY };
    for (int i = 0; i < ARRAY_LEN(nothings); i++) {
        struct scene *scene = scene_make(3, SCENE_HEALTHY, ONE);
        for (int l = 0; l < 3; l++) {
            scene->snapshot.run[0].layer[l].delta.rms = l == 1 ? nothings[i] : 1e-3;
        }
        scene->state.panels.blown = PANEL_MAGNITUDE;
        draw(scene);
        int bars = 0, marks = 0;
        for (size_t k = 0; k < list.op_count; k++) {
            const struct draw_op *op = &list.ops[k];
            bool fill = op->colour == themes[THEME_DARK].run[0];
            bars += op->kind == DRAW_RECT && fill && op->rect.h > 3.0f && op->radius == 0.0f;
            marks += op->kind == DRAW_FRAME && op->rect.h == 3.0f;
        }
        assert_int_equal(bars, 2);
        assert_int_equal(marks, 1);
        assert_true(shown(i == 0 ? "0" : i == 1 ? "NaN" : "Inf"));
    }
    struct scene *scene = scene_make(100, SCENE_HEALTHY, ONE);
    scene->snapshot.run[0].layer[40].delta.rms = 0.0;
    scene->state.panels.blown = PANEL_MAGNITUDE;
    draw(scene);
    int gaps = 0;
    for (size_t k = 0; k < list.op_count; k++) {
        const struct draw_op *op = &list.ops[k];
        for (size_t p = 0; p < op->count && op->kind == DRAW_POLYLINE && op->count == 100; p++) {
            bool gap = isnan(list.numbers[op->first + 2 * p + 1]);
            assert_int_equal(gap, p == 40);
            gaps += gap;
        }
    }
    assert_int_equal(gaps, 1);
}

static int swatches(enum factor factor) {
    int count = 0;
    for (size_t k = 0; k < list.op_count; k++) {
        const struct draw_op *op = &list.ops[k];
        count += op->kind == DRAW_RECT && op->colour == themes[THEME_DARK].factor[factor] &&
                 op->rect.w == 9.0f && op->rect.h == 9.0f;
    }
    return count;
}

/* Over the whole body it stands for both runs, whichever of them has a part. */
static void the_legend_of_why_is_of_both_runs(void **state) {
    (void)state;
    for (int run = 0; run < 2; run++) {
        struct scene *scene = scene_make(10, SCENE_HEALTHY, SCENE_VANISHING);
        scene->state.panels.blown = PANEL_WHY;
        scene->snapshot.run[run].layer[2].factor[FACTOR_NORMALISATION] = 0.5;
        draw(scene);
        assert_int_equal(swatches(FACTOR_NORMALISATION), 1);
        assert_int_equal(swatches(FACTOR_SKIP), 0);
    }
}

/* Whatever the height and the decades, there is something to read. */
static void every_log_axis_has_labels(void **state) {
    (void)state;
    for (double decades = 2.0; decades < 90.0; decades += 1.0) {
        for (float height = 20.0f; height < 500.0f; height += 7.0f) {
            struct axis axis = axis_decades(-decades, 0.0, 2, height);
            double at;
            assert_true(axis_tick(&axis, 1, &at)); // two of them
            assert_false(axis_tick(&axis, 40, &at));
        }
    }
}

/* The longest sentence there is, with all five factors. */
static void a_long_verdict_is_read_to_its_end(void **state) {
    (void)state;
    for (int b = ONE; b <= SCENE_VANISHING; b += SCENE_VANISHING - ONE) {
        struct scene *scene = scene_make(10, SCENE_VANISHING, b);
        for (int run = 0; run < SNAPSHOT_RUNS; run++) {
            struct diagnosis *diagnosis = &scene->snapshot.run[run].diagnosis;
            text_set(diagnosis->sentence, sizeof diagnosis->sentence,
                     "layer 1 gets 1.2e+12× less gradient than layer 100: each Leaky ReLU layer "
                     "passes on 0.84 of it (φ′ 0.71 × Wᵀ 1.4 × norm 0.93 × skip 1.1 × branch "
                     "0.83).");
        }
        check_windows(scene, "long verdicts");
        scene_size(scene, VIEW_MIN_WIDTH, VIEW_MIN_HEIGHT, THEME_DARK);
        draw(scene);
        assert_true(shown("0.83)."));
    }
}

/* The pointer over a layer's column, at a share of a panel's height below its title. */
static void point_at(struct scene *scene, int layer, enum panel_id id, float share) {
    struct rect areas[PANEL_COUNT];
    scene->state.pointer.inside = false;
    draw(scene);
    panel_areas(areas, scene);
    for (int i = 0, k = 0; i < hits.count; i++) {
        if (hits.hit[i].kind == HIT_PANEL && hits.hit[i].value == (int)id) {
            scene->state.pointer.y = areas[k].y + 24.0f + share * (areas[k].h - 24.0f);
        }
        k += hits.hit[i].kind == HIT_PANEL;
        if (hits.hit[i].kind == HIT_LAYERS) {
            float width = hits.hit[i].rect.w / (float)hits.hit[i].right;
            scene->state.pointer.x = hits.hit[i].rect.x + ((float)layer - 0.3f) * width;
        }
    }
    scene->state.pointer.inside = true;
    draw(scene);
}

static void the_pointer_tells_exact_numbers(void **state) {
    (void)state;
    struct scene *scene = scene_make(10, SCENE_HEALTHY, SCENE_VANISHING);
    scene_size(scene, 1440, 900, THEME_DARK);
    scene->snapshot.run[0].layer[2].h.mean = 0.12345;
    scene->snapshot.run[1].layer[2].delta.rms = 1.2344e-8;
    scene->snapshot.run[1].layer[3].delta.rms = 2.469e-8;
    point_at(scene, 3, PANEL_ACTIVATIONS, 0.5f);
    assert_true(shown("Layer 3: activations h"));
    assert_true(shown("A  mean 0.123"));
    assert_true(shown("of 12,800 values"));
    point_at(scene, 3, PANEL_MAGNITUDE, 0.5f);
    assert_true(shown("Layer 3: rms δ"));
    assert_true(shown("B  1.234e-8, n = 12,800 · 0.500 × that of layer 4"));
    scene->state.gradient = VIEW_GRADIENT_WEIGHT; // of which a glance sees some
    scene->snapshot.run[1].layer[2].weight_gradient_histogram.n = 4200;
    point_at(scene, 3, PANEL_MAGNITUDE, 0.5f);
    assert_true(shown(", n = 4,200 ·"));
    scene->state.gradient = VIEW_GRADIENT_DELTA;
    point_at(scene, 10, PANEL_MAGNITUDE, 0.5f);
    assert_true(shown("Layer 10: rms δ"));
    assert_false(shown("that of layer 11"));
    scene->state.pointer.inside = false;
    draw(scene);
    assert_false(shown("Layer 10: rms"));
}

/* Each bar of a layer, read at its middle: the counts of the snapshot, all of them. */
static void the_pointer_reads_every_bar(void **state) {
    (void)state;
    struct scene *scene = scene_make(2, SCENE_VANISHING, ONE);
    struct layer_stats *layer = &scene->snapshot.run[0].layer[0];
    struct log_histogram *histogram = &layer->delta_histogram;
    const int one = -2 * LOG_HISTOGRAM_LOW;
    memset(histogram, 0, sizeof *histogram);
    histogram->counts[one - 20] = 4711; // [2^-10, 2^-9.5)
    histogram->zero = 289;
    histogram->underflow = 89;
    histogram->nan = 17;
    histogram->inf = 13;
    histogram->n = 4711 + 289 + 17 + 13;
    scene->state.selected = 2;
    scene_size(scene, 1440, 900, THEME_DARK);
    bool bar = false, zero = false, underflow = false, nan = false, inf = false;
    for (float share = 0.0f; share < 1.0f; share += 0.004f) {
        point_at(scene, 1, PANEL_GRADIENTS, share);
        bar = bar || shown("0.0009766 to 0.001953: 4,711 of 5,030 values (94%)");
        zero = zero || shown("exactly 0: 200 of 5,030 values (4.0%)");
        underflow = underflow || shown("underflow: 89 of 5,030 values (1.8%)");
        nan = nan || shown("NaN: 17 of 5,030 values (0.3%)");
        inf = inf || shown("±Inf: 13 of 5,030 values (0.3%)");
        assert_false(shown("4,711 of 4,711"));
    }
    assert_true(bar && zero && underflow && nan && inf);
}

static void what_was_not_measured_is_said(void **state) {
    (void)state;
    struct scene *scene = scene_make(10, SCENE_HEALTHY, SCENE_VANISHING);
    scene->state.gradient = VIEW_GRADIENT_H;
    check_windows(scene, "not measured");
    assert_true(shown("the distribution of ∂ℓ/∂h was not measured at this step"));
    for (int run = 0; run < 2; run++) {
        for (int l = 0; l < 10; l++) {
            struct layer_stats *layer = &scene->snapshot.run[run].layer[l];
            layer->gradient_histogram = layer->delta_histogram;
        }
    }
    check_windows(scene, "measured");
    assert_false(shown("was not measured"));
    assert_true(shown("|∂ℓ/∂h|"));
}

/* What of a layer somebody logged: nothing but its weights, if these. */
static void keep_weights(struct scene *scene, bool weights) {
    for (int run = 0; run < 2; run++) {
        for (int l = 0; l < 10; l++) {
            struct layer_stats *layer = &scene->snapshot.run[run].layer[l];
            const struct histogram w = layer->h_histogram;
            memset(layer, 0, sizeof *layer);
            layer->h.mean = layer->h.sd = layer->h.rms = layer->delta.rms = (double)NAN;
            layer->weight_rms = layer->weight_gradient_rms = (double)NAN;
            if (weights) {
                layer->weight_histogram = w;
                layer->weight_rms = 0.25;
            }
        }
    }
}

static void weights_stand_in_for_activations_nobody_logged(void **state) {
    (void)state;
    struct scene *scene = scene_make(10, SCENE_HEALTHY, SCENE_VANISHING);
    scene_watched(scene);
    draw(scene);
    assert_true(shown("Activations") && shown("histogram of h") && !shown("is not in the logs"));
    keep_weights(scene, true);
    check_windows(scene, "weights alone");
    assert_true(shown("Weights") && shown("histogram of W") && !shown("Activations"));
    assert_true(shown("δ is not in the logs") && !shown("was not measured"));
    assert_false(shown("n = 0"));
    assert_true(hits.ranges.row[RANGE_ACTIVATIONS].high == 0.75);
    assert_true(hits.ranges.row[RANGE_ACTIVATIONS].low == -0.75);
    keep_weights(scene, false);
    check_windows(scene, "no layers");
    assert_true(shown("neither activations nor weights are in the logs"));
    assert_false(shown("n = 0"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_depth_in_every_window_at_every_scale),
        cmocka_unit_test(every_kind_of_run_in_every_window),
        cmocka_unit_test(linear_axes_in_every_window),
        cmocka_unit_test(nothing_leaves_its_panel),
        cmocka_unit_test(panels_fold),
        cmocka_unit_test(a_panel_fills_the_window),
        cmocka_unit_test(detail_depends_on_room),
        cmocka_unit_test(magnitudes_are_written_out),
        cmocka_unit_test(no_bar_stands_for_nothing),
        cmocka_unit_test(the_legend_of_why_is_of_both_runs),
        cmocka_unit_test(every_log_axis_has_labels),
        cmocka_unit_test(a_long_verdict_is_read_to_its_end),
        cmocka_unit_test(the_pointer_tells_exact_numbers),
        cmocka_unit_test(the_pointer_reads_every_bar),
        cmocka_unit_test(what_was_not_measured_is_said),
        cmocka_unit_test(weights_stand_in_for_activations_nobody_logged),
    };
    return cmocka_run_group_tests(tests, layout_start, layout_stop);
}
