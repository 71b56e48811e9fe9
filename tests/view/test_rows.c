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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_depth_in_every_window_at_every_scale),
        cmocka_unit_test(every_kind_of_run_in_every_window),
        cmocka_unit_test(magnitudes_are_written_out),
        cmocka_unit_test(a_long_verdict_is_read_to_its_end),
    };
    return cmocka_run_group_tests(tests, layout_start, layout_stop);
}
