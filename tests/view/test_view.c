/*
 * test_view.c - what must hold for every picture: nothing overlaps, nothing leaves the window,
 * nothing is cut, whatever the size, the depth and the state of the runs.
 */
#include "check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/require.h"
#include "base/text.h"
#include "draw/rect.h"
#include "layout.h"

enum { ONE = -1 };

static const struct {
    float width, height;
} sizes[] = { { 960, 600 },  { 960, 1400 },  { 1200, 620 }, { 1280, 760 },
              { 1440, 900 }, { 1920, 1080 }, { 2880, 1800 } };

static const int depths[] = { 1, 2, 3, 10, 16, 17, 33, 59, 60, 100, 200 };

static void check_sizes(struct scene *scene, const char *name) {
    for (int s = 0; s < ARRAY_LEN(sizes); s++) {
        for (int gradient = 0; gradient < VIEW_GRADIENT_COUNT; gradient++) {
            text_set(what, sizeof what, "%s at %gx%g%s", name, (double)sizes[s].width,
                     (double)sizes[s].height, gradient ? ", weights" : "");
            scene_size(scene, sizes[s].width, sizes[s].height, (enum theme)(s % THEME_COUNT));
            scene->state.gradient = (enum view_gradient)gradient;
            check(scene);
        }
    }
}

static void every_depth_at_every_size(void **state) {
    (void)state;
    for (int d = 0; d < ARRAY_LEN(depths); d++) {
        for (int b = ONE; b <= SCENE_VANISHING; b += SCENE_VANISHING - ONE) {
            char name[48];
            struct scene *scene = scene_make(depths[d], SCENE_HEALTHY, b);
            text_set(name, sizeof name, "%d layers, %s", depths[d], b < 0 ? "one run" : "two runs");
            check_sizes(scene, name);
            scene->state.selected = depths[d];
            check_sizes(scene, name);
        }
    }
}

static void planes_at_every_size(void **state) {
    (void)state;
    for (int b = ONE; b <= SCENE_VANISHING; b += SCENE_VANISHING - ONE) {
        for (int shared = 0; shared < 2; shared++) {
            struct scene *scene = scene_make(10, SCENE_HEALTHY, b);
            scene_planes(scene, shared);
            check_sizes(scene, b < 0 ? "plane of one run" : shared ? "one plane" : "two planes");
            scene->state.plane[0].start.known = false;
            text_set(scene->state.plane[0].start.reason, SNAPSHOT_SENTENCE,
                     "Theory needs random weights; those of LSUV have been fitted to data.");
            scene->state.plane[1].phase = NULL;
            text_set(scene->state.plane[1].reason, SNAPSHOT_SENTENCE,
                     "Theory needs an activation of one z; Maxout is the largest of 2.");
            check_sizes(scene, "no places");
        }
    }
}

static void theory_at_every_depth_and_size(void **state) {
    (void)state;
    for (int d = 0; d < ARRAY_LEN(depths); d++) {
        for (int b = ONE; b <= SCENE_VANISHING; b += SCENE_VANISHING - ONE) {
            char name[48];
            struct scene *scene = scene_make(depths[d], SCENE_HEALTHY, b);
            scene_theory(scene);
            text_set(name, sizeof name, "theory, %d layers, %s", depths[d], b < 0 ? "one" : "two");
            check_sizes(scene, name);
        }
    }
}

static void every_kind_of_run(void **state) {
    (void)state;
    for (int a = 0; a < SCENE_RUN_COUNT; a++) {
        for (int b = ONE; b < SCENE_RUN_COUNT; b++) {
            char name[48];
            text_set(name, sizeof name, "kinds %d and %d", a, b);
            check_sizes(scene_make(10, a, b), name);
        }
    }
}

static void twins_of_different_depth(void **state) {
    (void)state;
    struct scene *scene = scene_make(33, SCENE_HEALTHY, SCENE_VANISHING);
    scene->snapshot.run[1].layers = 4;
    scene->history.layers[1] = 4;
    scene->state.selected = 20; // B has no such layer
    check_sizes(scene, "33 and 4 layers");
}

/* A softmax regression: where nothing has layers, no panel makes numbers of them up. */
static void networks_without_hidden_layers(void **state) {
    (void)state;
    static const int deep[] = { 0, 10, 100 };
    for (int d = 0; d < ARRAY_LEN(deep); d++) {
        for (int b = ONE; b <= SCENE_VANISHING; b += SCENE_VANISHING - ONE) {
            char name[48];
            struct scene *scene = scene_make(deep[d] ? deep[d] : 1, SCENE_HEALTHY, b);
            text_set(name, sizeof name, "none and %d layers, %d", deep[d], b);
            scene->snapshot.run[0].layers = scene->history.layers[0] = 0;
            scene->snapshot.run[1].layers = scene->history.layers[1] = deep[d];
            scene->state.selected = 1;
            check_sizes(scene, name);
            bool none = deep[d] == 0 || b == ONE;
            assert_int_equal(shown("no hidden layers"), none);
            assert_int_equal(shown("Layer 1") || shown("00 per layer"), !none);
        }
    }
}

/* With its key, which a click presses; its name gives way, and the sentence is never cut. */
static void the_verdict_proposes_a_cure(void **state) {
    (void)state;
    struct scene *scene = scene_make(10, SCENE_VANISHING, SCENE_HEALTHY);
    struct view_cure *cure = &scene->state.cure[0];
    *cure = (struct view_cure){ .key = "Y", .text = "He initialisation", .command = 77 };
    check_sizes(scene, "cure");
    draw(scene);
    int found = 0;
    for (int i = 0; i < hits.count; i++) {
        const struct view_hit *hit = &hits.hit[i];
        if (hit->kind == HIT_COMMAND && hit->value == 77) {
            float x = hit->rect.x + 0.5f * hit->rect.w, y = hit->rect.y + 0.5f * hit->rect.h;
            assert_int_equal(view_hit_at(&hits, x, y).value, 77);
            found++;
        }
    }
    assert_int_equal(found, 1);
    assert_true(shown("He initialisation"));
    text_set(cure->text, sizeof cure->text, "a cure whose name takes as much room as there may be");
    memset(scene->snapshot.run[0].diagnosis.sentence, 'x', SNAPSHOT_SENTENCE - 1);
    for (int i = 8; i < SNAPSHOT_SENTENCE - 1; i += 9) {
        scene->snapshot.run[0].diagnosis.sentence[i] = ' ';
    }
    check_sizes(scene, "long cure");
    scene->state.cure[1] = (struct view_cure){ .text = "A shows the cure: ReLU, He" };
    check_sizes(scene, "cure of B");
    assert_true(shown("A shows the cure: ReLU, He"));
}

static void help_shows_every_key(void **state) {
    (void)state;
    struct scene *scene = scene_make(10, SCENE_HEALTHY, SCENE_VANISHING);
    scene->state.show_help = true;
    for (int s = 0; s < ARRAY_LEN(sizes); s++) {
        text_set(what, sizeof what, "help at %g", (double)sizes[s].width);
        scene_size(scene, sizes[s].width, sizes[s].height, THEME_DARK);
        check(scene);
        assert_int_equal(hits.count, scene->state.key_count);
        int headings = 0;
        for (size_t i = first_op(scene); i < list.op_count; i++) {
            headings += list.ops[i].kind == DRAW_TEXT && !strcmp(text_of(&list.ops[i]), "Training");
        }
        assert_int_equal(headings, 1); // although its keys are not next to each other
    }
}

static void many_keys_fit_into_the_smallest_window(void **state) {
    (void)state;
    struct scene *scene = scene_make(2, SCENE_HEALTHY, ONE);
    scene->state.show_help = true;
    scene->state.key_count = 60;
    for (int i = 0; i < 60; i++) {
        struct view_key *key = &scene->state.keys[i];
        *key = scene->state.keys[i % 20];
        text_set(key->about, sizeof key->about, "number %d does this", i);
    }
    scene_size(scene, VIEW_MIN_WIDTH, VIEW_MIN_HEIGHT, THEME_DARK);
    text_set(what, sizeof what, "60 keys");
    check(scene);
    assert_int_equal(hits.count, 60);
}

/* What does not fit is told shorter, not cut in the middle of a word. */
static void help_drops_what_it_only_adds(void **state) {
    (void)state;
    struct scene *scene = scene_make(2, SCENE_HEALTHY, ONE);
    scene->state.show_help = true;
    scene->state.key_count = 60;
    for (int i = 0; i < 60; i++) {
        scene->state.keys[i] = scene->state.keys[i % 20];
        scene->state.keys[i].label[0] = '\0';
    }
    static const char *const about[][2] = {
        { "walk on to the next (Shift: to the one before it)", "walk on to the next" },
        { "all of them; also those which nobody has ever seen", "all of them" },
        { "keep the outline behind all others, or let go of it",
          "keep the outline behind all others" },
    };
    for (int i = 0; i < ARRAY_LEN(about); i++) {
        text_set(scene->state.keys[i].about, sizeof scene->state.keys[i].about, "%s", about[i][0]);
    }
    text_set(scene->state.keys[3].about, sizeof scene->state.keys[3].about,
             "nobody knows a shorter way of telling all of this");
    text_set(scene->state.keys[3].label, sizeof scene->state.keys[3].label, "say all");
    scene_size(scene, VIEW_MIN_WIDTH, VIEW_MIN_HEIGHT, THEME_DARK);
    draw(scene);
    for (int i = 0; i < ARRAY_LEN(about); i++) {
        assert_true(shown(about[i][1]) && !shown(about[i][0]));
    }
    assert_true(shown("say all"));
    scene_size(scene, 2560, 1440, THEME_DARK);
    draw(scene);
    for (int i = 0; i < ARRAY_LEN(about); i++) {
        assert_true(shown(about[i][0]));
    }
}

static struct rect box_of(const struct scene *scene, const char *words) {
    for (size_t i = first_op(scene); i < list.op_count; i++) {
        if (list.ops[i].kind == DRAW_TEXT && strstr(text_of(&list.ops[i]), words)) {
            return op_box(&list.ops[i]);
        }
    }
    fail_msg("nothing says %s", words);
    return (struct rect){ 0.0f, 0.0f, 0.0f, 0.0f };
}

/* News and what the pointer rests on are both to be read. */
static void tips_make_way_for_toasts(void **state) {
    (void)state;
    struct scene *scene = scene_make(10, SCENE_HEALTHY, SCENE_VANISHING);
    scene_size(scene, VIEW_MIN_WIDTH, VIEW_MIN_HEIGHT, THEME_DARK);
    text_set(scene->state.toast, sizeof scene->state.toast, "news of the day");
    draw(scene);
    struct rect news = box_of(scene, "news of the day");
    int tips = 0;
    for (int i = -8; i <= 4; i++) { // the last rows, down to the footer
        float y = news.y + 8.0f * (float)i;
        scene->state.pointer = (struct view_pointer){ true, 400.0f, y };
        draw(scene);
        for (size_t o = list.op_count; o-- > 0 && list.ops[o].kind == DRAW_TEXT &&
                                       !strstr(text_of(&list.ops[o]), "news of the day");) {
            struct rect box = op_box(&list.ops[o]);
            assert_true(box.y + box.h <= news.y);
            tips++;
        }
    }
    assert_true(tips > 0);
}

static void toasts_of_any_length(void **state) {
    (void)state;
    struct scene *scene = scene_make(10, SCENE_HEALTHY, SCENE_VANISHING);
    scene_size(scene, VIEW_MIN_WIDTH, VIEW_MIN_HEIGHT, THEME_DARK);
    draw(scene);
    size_t before = list.op_count;
    memset(scene->state.toast, 'x', sizeof scene->state.toast - 1); // one long word
    text_set(what, sizeof what, "long toast");
    draw(scene);
    assert_true(list.op_count > before);
    assert_all_within_the_window(scene);
    text_set(scene->state.toast, sizeof scene->state.toast, "saved /tmp/한글/a.png");
    draw(scene);
    assert_no_text_is_cut(scene);
    assert_all_within_the_window(scene);
}

static void nothing_yet(void **state) {
    (void)state;
    struct scene *scene = scene_empty("loading MNIST from a folder");
    for (int s = 0; s < ARRAY_LEN(sizes); s++) {
        scene_size(scene, sizes[s].width, sizes[s].height, THEME_LIGHT);
        text_set(what, sizeof what, "empty at %g", (double)sizes[s].width);
        check(scene);
        assert_true(shown("loading MNIST from a folder"));
    }
    text_set(scene->snapshot.message, sizeof scene->snapshot.message, "%s", "");
    draw(scene); // even the message may be missing
    assert_all_within_the_window(scene);
}

static void histories_of_no_and_one_step(void **state) {
    (void)state;
    struct scene *scene = scene_make(10, SCENE_HEALTHY, SCENE_VANISHING);
    scene->history.last_step = 0;
    for (int columns = 0; columns < 3; columns++) {
        scene->history.columns = columns;
        text_set(what, sizeof what, "history of %d columns", columns);
        check_sizes(scene, "short history");
    }
    memset(&scene->history, 0, sizeof scene->history);
    check_sizes(scene, "zeroed history");
}

static void a_diverged_run_says_where(void **state) {
    (void)state;
    draw(scene_make(10, SCENE_DIVERGED, SCENE_HEALTHY));
    assert_true(shown("step 43 in layer 7"));
    assert_true(shown("NaN"));
    assert_true(shown("±Inf"));
    assert_true(shown("DIVERGED"));
}

/* In the place of the verdict, which is about a network that is trained. */
static void pretraining_says_how_far_it_is(void **state) {
    (void)state;
    static const char sentence[] =
        "pre-training layer 2 of 10, epoch 3 of 5, reconstruction error 0.0123";
    for (int b = ONE; b <= SCENE_VANISHING; b += SCENE_VANISHING - ONE) {
        struct scene *scene = scene_make(10, SCENE_HEALTHY, b);
        scene->snapshot.run[0].pretraining = (struct pretraining_stats){
            .active = true,
            .layer = 2,
            .layers = 10,
            .epoch = 3,
            .epochs = 5,
            .step = 1234,
            .reconstruction_error = 0.01234,
        };
        draw(scene);
        assert_true(shown(sentence));
        assert_true(shown("PRE-TRAINING"));
        assert_false(shown("HEALTHY"));
        assert_int_equal(shown("VANISHING"), b == SCENE_VANISHING);
        check_sizes(scene, "pre-training");
        scene->snapshot.run[0].pretraining.active = false;
        draw(scene);
        assert_false(shown("pre-training"));
        assert_true(shown("HEALTHY"));
    }
}

static void one_nan_among_thousands_is_not_hidden(void **state) {
    (void)state;
    struct scene *scene = scene_make(10, SCENE_HEALTHY, ONE);
    draw(scene);
    assert_false(shown("NaN"));
    struct layer_stats *layer = &scene->snapshot.run[0].layer[3];
    layer->delta.nan = layer->delta_histogram.nan = 1;
    layer->delta_histogram.n++;
    draw(scene);
    assert_true(shown("NaN"));
    assert_true(shown("<0.1%"));
    int labels = 0; // in the strip and above the layer's bar
    for (size_t i = 0; i < list.op_count; i++) {
        labels += list.ops[i].kind == DRAW_TEXT && !strcmp(text_of(&list.ops[i]), "NaN");
    }
    assert_int_equal(labels, 2);
}

static void the_picture_says_what_it_shows(void **state) {
    (void)state;
    struct scene *scene = scene_make(10, SCENE_HEALTHY, SCENE_VANISHING);
    draw(scene);
    assert_true(shown("n = 12,800 per layer"));
    assert_true(shown("each layer scaled to its tallest bin"));
    assert_true(shown("rms δ of each layer"));
    assert_true(shown("exactly 0"));
    assert_true(shown("VANISHING"));
    assert_true(shown("Why: "));
    assert_true(shown("2,140 steps/s"));
    scene->state.steady = true;
    scene->state.gradient = VIEW_GRADIENT_WEIGHT;
    draw(scene);
    assert_true(shown("rms ∂L/∂W of each layer"));
    assert_false(shown("steps/s"));
    scene->snapshot.state = WORKER_PAUSED;
    draw(scene);
    assert_true(shown("paused"));
}

static void loading_shows_how_far_it_is(void **state) {
    (void)state;
    for (int runs = 0; runs < 2; runs++) {
        struct scene *scene = scene_make(10, SCENE_HEALTHY, ONE);
        scene->snapshot.has_runs = runs > 0;
        scene->snapshot.state = WORKER_LOADING;
        text_set(scene->snapshot.message, sizeof scene->snapshot.message, "loading x.csv: 25 %%");
        check(scene);
        assert_false(shown("Esc stops it"));
        size_t before = list.op_count;
        scene->snapshot.loading = 0.25;
        check(scene);
        assert_true(shown("Esc stops it") && shown("loading x.csv: 25 %"));
        assert_true(list.op_count > before + 1);
        const struct draw_op *bars[2] = { NULL, NULL };
        for (size_t i = 0; i < list.op_count; i++) {
            bool bar = list.ops[i].kind == DRAW_RECT && list.ops[i].rect.h == (runs ? 3.0f : 6.0f);
            bars[0] = bar ? bars[1] : bars[0];
            bars[1] = bar ? &list.ops[i] : bars[1];
        }
        assert_true(bars[0] && fabsf(bars[1]->rect.w - 0.25f * bars[0]->rect.w) < 0.01f);
    }
}

static void underflow_is_told_from_zero(void **state) {
    (void)state;
    draw(scene_make(100, SCENE_HEALTHY, SCENE_VANISHING));
    assert_true(shown("underflow"));
    draw(scene_make(10, SCENE_HEALTHY, ONE));
    assert_false(shown("underflow"));
}

static struct view_hit hit_in_the_middle_of(struct rect rect) {
    return view_hit_at(&hits, rect.x + 0.5f * rect.w, rect.y + 0.5f * rect.h);
}

/* Rows whose values can be clicked, of run or of both; row i of the menu in lines[i], else -1. */
static int rows_shown(const struct scene *scene, float y[VIEW_MAX_ROWS]) {
    int count = 0;
    for (int i = 0; i < scene->state.menu.row_count; i++) {
        y[i] = -1.0f;
    }
    for (int i = 0; i < hits.count; i++) {
        if (hits.hit[i].kind == HIT_MENU_ROW) {
            assert_true(y[hits.hit[i].value] < 0.0f); // each at most once
            y[hits.hit[i].value] = hits.hit[i].rect.y;
            count++;
        }
    }
    return count;
}

static void assert_menu_is_sound(struct scene *scene) {
    struct rect panel = list.ops[menu_op(scene)].rect;
    int commands = 0, options = 0;
    for (int i = 0; i < hits.count; i++) {
        struct view_hit hit = hit_in_the_middle_of(hits.hit[i].rect);
        if (hits.hit[i].kind >= HIT_MENU) {
            assert_true(within(hits.hit[i].rect, panel));
        }
        if (hits.hit[i].kind == HIT_MENU_VALUE || hits.hit[i].kind == HIT_MENU_OPTION) {
            assert_int_equal(hit.kind, hits.hit[i].kind);
            assert_int_equal(hit.value, hits.hit[i].value);
        }
        if (hits.hit[i].kind == HIT_COMMAND && within(hits.hit[i].rect, panel)) {
            commands += hit.kind == HIT_COMMAND; // else the menu covers it
        }
        options += hits.hit[i].kind == HIT_MENU_OPTION;
    }
    assert_int_equal(commands, 3);
    assert_int_equal(options, scene->state.menu.option_count);
    for (size_t i = menu_op(scene); i < list.op_count; i++) {
        assert_true(list.ops[i].kind == DRAW_UNCLIP || within(op_box(&list.ops[i]), panel));
    }
}

/* In a window of the usual size all stands beside it, to the last layer and the loss. */
static void the_menu_covers_nothing(void **state) {
    (void)state;
    struct scene *scene = scene_make(10, SCENE_HEALTHY, SCENE_VANISHING);
    scene_size(scene, 1440, 900, THEME_DARK);
    scene_menu(scene, 0, 0);
    draw(scene);
    float edge = box_of(scene, "Settings").x;
    assert_true(edge < 1100.0f);
    int columns = 0;
    for (int i = 0; i < hits.count; i++) {
        const struct view_hit *hit = &hits.hit[i];
        if (hit->kind == HIT_LAYER || hit->kind == HIT_TIME) {
            assert_true(hit->rect.x + hit->rect.w < edge);
            columns += hit->kind == HIT_LAYER && hit->value == 10;
        }
    }
    assert_true(columns > 0);
}

static void the_menu_at_every_size(void **state) {
    (void)state;
    for (int b = ONE; b <= SCENE_VANISHING; b += SCENE_VANISHING - ONE) {
        for (int s = 0; s < ARRAY_LEN(sizes); s++) {
            struct scene *scene = scene_make(10, SCENE_HEALTHY, b);
            int rows = scene->state.menu.row_count;
            for (int row = 0; row < rows; row++) {
                float y[VIEW_MAX_ROWS];
                text_set(what, sizeof what, "menu at %g, row %d", (double)sizes[s].width, row);
                scene_size(scene, sizes[s].width, sizes[s].height, (enum theme)(s % THEME_COUNT));
                scene_menu(scene, row, b == ONE ? 0 : row % 2);
                check(scene);
                assert_menu_is_sound(scene);
                assert_true(rows_shown(scene, y) >= 9);
                assert_true(y[row] >= 0.0f);
                scene->state.menu.first = hits.menu_first;
            }
        }
    }
}

/* The pointer over a name says what it stands for, before it is chosen. */
static void names_explain_themselves(void **state) {
    (void)state;
    struct scene *scene = scene_make(10, SCENE_HEALTHY, ONE);
    scene_size(scene, 1440, 900, THEME_DARK);
    scene_menu(scene, 5, 0);
    scene->state.menu.choices[9] =
        (struct view_choice){ "Xavier", "N(0, 1/fan_in)", "for tanh", NULL };
    draw(scene);
    assert_false(shown("N(0, 1/fan_in)"));
    for (int i = 0; i < hits.count; i++) {
        const struct view_hit *hit = &hits.hit[i];
        if (hit->kind == HIT_MENU_OPTION && hit->value == 9) {
            scene->state.pointer =
                (struct view_pointer){ true, hit->rect.x + 3.0f, hit->rect.y + 3.0f };
        }
    }
    assert_true(scene->state.pointer.inside);
    draw(scene);
    assert_true(shown("Xavier") && shown("N(0, 1/fan_in)") && shown("for tanh"));
}

/* Without effect: dimmed, and the reason stands below the list. */
static void what_has_no_effect_is_dimmed(void **state) {
    (void)state;
    for (int theme = 0; theme < THEME_COUNT; theme++) {
        struct scene *scene = scene_make(10, SCENE_HEALTHY, ONE);
        scene_size(scene, 960, 600, (enum theme)theme);
        scene_menu(scene, 5, 0);
        scene->state.menu.rows[4].idle[0] = true; // leak
        text_set(scene->state.menu.idle, sizeof scene->state.menu.idle, "only with x = y");
        check(scene);
        assert_true(shown("without effect here: only with x = y"));
        int dimmed = 0;
        for (size_t i = menu_op(scene); i < list.op_count; i++) {
            const struct draw_op *op = &list.ops[i];
            if (op->kind == DRAW_TEXT && strcmp(text_of(op), "leak") == 0) {
                dimmed += op->colour == themes[theme].secondary;
            } else if (op->kind == DRAW_TEXT && strcmp(text_of(op), "bias") == 0) {
                assert_int_equal(op->colour, themes[theme].text);
            }
        }
        assert_int_equal(dimmed, 1);
    }
}

/* Down to the end and up again: the list moves only when the selected row would leave it. */
static void the_list_moves_no_further_than_it_must(void **state) {
    (void)state;
    struct scene *scene = scene_make(10, SCENE_HEALTHY, SCENE_VANISHING);
    int rows = scene->state.menu.row_count, moves = 0;
    float before[VIEW_MAX_ROWS], now[VIEW_MAX_ROWS];
    scene_size(scene, VIEW_MIN_WIDTH, VIEW_MIN_HEIGHT, THEME_DARK);
    scene_menu(scene, 0, 0);
    draw(scene);
    rows_shown(scene, before);
    for (int turn = 1; turn < 2 * rows; turn++) {
        int row = turn < rows ? turn : 2 * rows - 1 - turn;
        scene_menu(scene, row, 0);
        scene->state.menu.first = hits.menu_first;
        draw(scene);
        rows_shown(scene, now);
        bool moved = memcmp(before, now, (size_t)rows * sizeof *now) != 0;
        // a row that stood in the list, not at its edge, stays where it was
        assert_true(!moved || before[row] < 0.0f || row == 0 || row == rows - 1 ||
                    before[row - 1] < 0.0f || before[row + 1] < 0.0f);
        assert_true(now[row] >= 0.0f && (row == rows - 1 || now[row + 1] >= 0.0f ||
                                         strcmp(scene->state.menu.rows[row].group,
                                                scene->state.menu.rows[row + 1].group) != 0));
        moves += moved;
        memcpy(before, now, sizeof now);
    }
    assert_true(moves > 4);
}

static void a_menu_of_as_many_rows_as_there_may_be(void **state) {
    (void)state;
    struct scene *scene = scene_make(200, SCENE_HEALTHY, SCENE_VANISHING);
    struct view_menu *menu = &scene->state.menu;
    for (int i = 0; i < VIEW_MAX_ROWS; i++) {
        menu->rows[i] = menu->rows[i % 10];
        text_set(menu->rows[i].label, sizeof menu->rows[i].label, "setting %d", i);
    }
    menu->row_count = VIEW_MAX_ROWS;
    for (int row = 0; row < VIEW_MAX_ROWS; row += 127) {
        for (int s = 0; s < ARRAY_LEN(sizes); s++) {
            float y[VIEW_MAX_ROWS];
            text_set(what, sizeof what, "128 rows at %g", (double)sizes[s].width);
            scene_size(scene, sizes[s].width, sizes[s].height, THEME_DARK);
            scene_menu(scene, row, 1);
            check(scene);
            rows_shown(scene, y);
            assert_true(y[row] >= 0.0f);
        }
    }
}

static void typing_in_the_menu(void **state) {
    (void)state;
    char typed[VIEW_TYPED], problem[640];
    memset(typed, 'm', sizeof typed - 1);
    typed[sizeof typed - 1] = '\0';
    text_set(problem, sizeof problem, "%s", "");
    for (int i = 0; i < 80; i++) {
        text_append(problem, sizeof problem, "refused, ");
    }
    struct scene *scene = scene_make(10, SCENE_HEALTHY, SCENE_VANISHING);
    const char *const texts[] = { "", "0.05", typed };
    for (int t = 0; t < ARRAY_LEN(texts); t++) {
        for (int s = 0; s < ARRAY_LEN(sizes); s++) {
            for (int refused = 0; refused < 2; refused++) {
                scene_size(scene, sizes[s].width, sizes[s].height, THEME_DARK);
                scene_menu(scene, 12, 1);
                scene_type(scene, texts[t], refused ? problem : NULL);
                draw(scene);
                assert_no_text_overlaps(scene);
                assert_all_within_the_window(scene);
                assert_menu_is_sound(scene);
                assert_true(shown(t == 2 ? "mmm" : texts[t]));
                assert_int_equal(shown("refused"), refused);
            }
        }
    }
}

/* Whatever is found, at every size; what a row has no room for stands in full below the rows. */
static void the_palette_at_every_size(void **state) {
    (void)state;
    for (int s = 0; s < ARRAY_LEN(sizes); s++) {
        for (int count = 0; count <= 40; count += 5) {
            for (int selected = 0; selected == 0 || selected < count; selected += 3) {
                struct scene *scene = scene_make(10, SCENE_HEALTHY, SCENE_VANISHING);
                text_set(what, sizeof what, "%d of %d found at %gx%g", selected, count,
                         (double)sizes[s].width, (double)sizes[s].height);
                scene_size(scene, sizes[s].width, sizes[s].height, (enum theme)(s % THEME_COUNT));
                scene_palette(scene, count % 2 ? "learning rate, and whatever else fits in" : "",
                              count, selected);
                draw(scene);
                assert_no_text_overlaps(scene);
                assert_all_within_the_window(scene);
                const struct view_palette *palette = &scene->state.palette;
                int rows = 0;
                for (int i = 0; i < hits.count; i++) {
                    assert_true(hits.hit[i].kind == HIT_PALETTE ||
                                hits.hit[i].kind == HIT_PALETTE_ROW);
                    rows += hits.hit[i].kind == HIT_PALETTE_ROW;
                }
                int left = count - palette->first;
                assert_int_equal(rows, left < VIEW_PALETTE_ROWS ? left : VIEW_PALETTE_ROWS);
                assert_true(count > 0 || shown("nothing has such a name"));
                if (count > selected && selected % 6 == 3) {
                    assert_true(shown("others")); // the end of it
                }
            }
        }
    }
}

static void every_click_finds_its_meaning(void **state) {
    (void)state;
    struct scene *scene = scene_make(200, SCENE_HEALTHY, SCENE_VANISHING);
    draw(scene);
    int rows = 0, commands = 0, chips = 0, handles = 0;
    for (int i = 0; i < hits.count; i++) {
        struct view_hit hit = hit_in_the_middle_of(hits.hit[i].rect);
        assert_int_equal(hit.kind, hits.hit[i].kind);
        assert_int_equal(hit.value, hits.hit[i].value);
        if (hit.kind == HIT_LAYERS) {
            assert_true(hit.left == 0.0 && hit.right == 200.0);
            rows++;
        }
        handles += hit.kind == HIT_FOLD;
        commands += hit.kind == HIT_COMMAND;
        chips += hit.kind == HIT_CHIP;
    }
    assert_int_equal(rows, 3);
    assert_int_equal(handles, PANEL_COUNT - 1);
    int footer = 0;
    for (int i = 0; i < scene->state.key_count; i++) {
        footer += scene->state.keys[i].footer;
    }
    assert_int_equal(commands, footer + 1); // and whose factors are shown
    assert_int_equal(chips, scene->state.chip_count);
    assert_int_equal(view_hit_at(&hits, -5.0f, -5.0f).kind, HIT_NONE);
}

static void long_values_in_the_top_bar(void **state) {
    (void)state;
    struct scene *scene = scene_make(10, SCENE_HEALTHY, SCENE_VANISHING);
    for (int i = 0; i < scene->state.chip_count; i++) {
        for (int run = 0; run < 2; run++) {
            struct view_chip *chip = &scene->state.chips[i];
            text_set(chip->value[run], sizeof chip->value[run], "glorot uniform %d", run);
        }
    }
    scene->snapshot.step = 123456789;
    check_sizes(scene, "long chips");
}

/* Chips drawn, and of them those that may be left out. */
static void count_chips(const struct scene *scene, int *chips, int *spare) {
    *chips = *spare = 0;
    for (int i = 0; i < hits.count; i++) {
        for (int c = 0; c < scene->state.chip_count && hits.hit[i].kind == HIT_CHIP; c++) {
            const struct view_chip *chip = &scene->state.chips[c];
            *chips += chip->command == hits.hit[i].value;
            *spare += chip->command == hits.hit[i].value && chip->spare;
        }
    }
}

static void spare_chips_give_way(void **state) {
    (void)state;
    struct scene *scene = scene_make(10, SCENE_HEALTHY, SCENE_VANISHING);
    const struct view_chip batch = scene->state.chips[5];
    assert_true(batch.spare);
    int chips, spare, first = scene->state.chip_count;
    for (int i = first; i < first + 4; i++) {
        scene->state.chips[i] = batch;
        scene->state.chips[i].command = 300 + i;
    }
    scene->state.chip_count += 4;
    check_sizes(scene, "many chips");
    scene_size(scene, 1920, 1080, THEME_DARK);
    draw(scene);
    count_chips(scene, &chips, &spare);
    assert_int_equal(chips, first + 4);
    assert_true(shown("activation") && shown("batch"));
    scene_size(scene, VIEW_MIN_WIDTH, VIEW_MIN_HEIGHT, THEME_DARK);
    draw(scene);
    count_chips(scene, &chips, &spare);
    assert_int_equal(spare, 0);
    assert_int_equal(chips, first - 1); // all others
}

/* A frame may allocate only while it is larger than every frame before. */
static void the_same_state_gives_the_same_list_in_the_same_memory(void **state) {
    (void)state;
    struct scene *scene = scene_make(33, SCENE_HEALTHY, SCENE_VANISHING);
    draw(scene);
    const struct display_list before = list;
    size_t op_bytes = before.op_count * sizeof *before.ops;
    struct draw_op *ops = malloc(op_bytes);
    memcpy(ops, before.ops, op_bytes);
    draw(scene);
    assert_ptr_equal(list.ops, before.ops);
    assert_ptr_equal(list.numbers, before.numbers);
    assert_int_equal(list.op_count, before.op_count);
    for (size_t i = 0; i < list.op_count; i++) {
        assert_int_equal(list.ops[i].kind, ops[i].kind);
        assert_memory_equal(&list.ops[i].rect, &ops[i].rect, sizeof ops[i].rect);
        assert_int_equal(list.ops[i].first, ops[i].first);
    }
    free(ops);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_depth_at_every_size),
        cmocka_unit_test(planes_at_every_size),
        cmocka_unit_test(theory_at_every_depth_and_size),
        cmocka_unit_test(every_kind_of_run),
        cmocka_unit_test(twins_of_different_depth),
        cmocka_unit_test(networks_without_hidden_layers),
        cmocka_unit_test(the_verdict_proposes_a_cure),
        cmocka_unit_test(help_shows_every_key),
        cmocka_unit_test(many_keys_fit_into_the_smallest_window),
        cmocka_unit_test(help_drops_what_it_only_adds),
        cmocka_unit_test(tips_make_way_for_toasts),
        cmocka_unit_test(toasts_of_any_length),
        cmocka_unit_test(nothing_yet),
        cmocka_unit_test(histories_of_no_and_one_step),
        cmocka_unit_test(a_diverged_run_says_where),
        cmocka_unit_test(pretraining_says_how_far_it_is),
        cmocka_unit_test(one_nan_among_thousands_is_not_hidden),
        cmocka_unit_test(the_picture_says_what_it_shows),
        cmocka_unit_test(loading_shows_how_far_it_is),
        cmocka_unit_test(underflow_is_told_from_zero),
        cmocka_unit_test(the_menu_covers_nothing),
        cmocka_unit_test(the_menu_at_every_size),
        cmocka_unit_test(names_explain_themselves),
        cmocka_unit_test(what_has_no_effect_is_dimmed),
        cmocka_unit_test(the_list_moves_no_further_than_it_must),
        cmocka_unit_test(a_menu_of_as_many_rows_as_there_may_be),
        cmocka_unit_test(typing_in_the_menu),
        cmocka_unit_test(the_palette_at_every_size),
        cmocka_unit_test(every_click_finds_its_meaning),
        cmocka_unit_test(long_values_in_the_top_bar),
        cmocka_unit_test(spare_chips_give_way),
        cmocka_unit_test(the_same_state_gives_the_same_list_in_the_same_memory),
    };
    return cmocka_run_group_tests(tests, layout_start, layout_stop);
}
