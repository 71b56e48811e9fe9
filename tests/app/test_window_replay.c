/* What a window has saved is restored: by another window, by a drop on it, and without one. */
#include "base/check.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/headless.h"
#include "base/file.h"
#include "base/folder.h"
#include "base/require.h"
#include "base/text.h"
#include "draw/rect.h"
#include "measure/digest.h"
#include "stage.h"

static struct options options; // of the window under test
static struct folder *folder;  // its screenshots
static char shot[FILE_PATH_MAX];
static uint64_t digest;
static int64_t step;

/* A small network on generated data, paused at step 0. */
static int setup(void **state) {
    int failed = folder_setup(state);
    folder = *state;
    options = stage_options(failed ? NULL : folder->path);
    return failed;
}

#define PLAY(...) STAGE_PLAY(&options, __VA_ARGS__)

static bool is_paused(void) {
    return stage_settled() && stage.snapshot->state == WORKER_PAUSED;
}

static bool some_steps_made(void) {
    return stage_drawn() && stage.snapshot->has_runs && stage.snapshot->step >= 30;
}

static bool more_steps_made(void) {
    return stage_settled() && stage.snapshot->step >= 150;
}

/* The only picture in the folder. */
static bool find_shot(void) {
    int count = 0;
    DIR *directory = opendir(folder->path);
    assert_non_null(directory);
    for (struct dirent *entry; (entry = readdir(directory));) {
        if (strstr(entry->d_name, ".png") && entry->d_name[0] == 'l') {
            text_set(shot, sizeof shot, "%s/%s", folder->path, entry->d_name);
            count++;
        }
    }
    closedir(directory);
    assert_true(count < 2);
    return count == 1;
}

static bool is_saved(void) {
    return find_shot() && stage_drawn();
}

static void keep_shown(void) {
    digest = digest_snapshot(stage.picture->shown);
    step = stage.picture->shown->step;
}

/* Train, change what can be changed meanwhile, look at something else, and save. */
static void save_a_shot(void) {
    PLAY(UNTIL(stage_settled), KEY(SDLK_w), KEY(SDLK_SPACE), UNTIL(some_steps_made),
         KEY(SDLK_PERIOD), UNTIL(stage_settled), KEY(SDLK_x), UNTIL(stage_settled), KEY(SDLK_o),
         UNTIL(more_steps_made), KEY(SDLK_SPACE), UNTIL(is_paused), KEY(SDLK_v), KEY(SDLK_2),
         KEY(SDLK_RIGHTBRACKET), UNTIL(is_paused), ACT(keep_shown), KEY(SDLK_s), UNTIL(is_saved));
    assert_true(step >= 150);
}

static void open_shot(const char *const *words, int count) {
    char problem[OPTIONS_PROBLEM] = "", *all[8] = { (char *)"layerscope" };
    for (int i = 0; i < count; i++) {
        all[i + 1] = (char *)words[i];
    }
    if (!options_parse(&options, count + 1, all, problem)) {
        fail_msg("%s", problem);
    }
    options.width = 1000;
    options.height = 640;
    options.remembers = false;
}

static bool is_replayed(void) {
    return is_paused() && !stage.session.replay.active;
}

static void assert_restored(void) {
    assert_contains(stage.session.toast, "replayed: the numbers match");
    assert_false(stage.session.toast_bad);
    assert_int_equal(stage.snapshot->step, step);
    assert_true(digest_snapshot(stage.snapshot) == digest);
}

static void another_window_restores_it(void **state) {
    (void)state;
    save_a_shot();
    struct experiment saved = stage.session.request.experiment;
    enum theme theme = stage.session.theme;
    int selected = stage.session.selected;
    open_shot((const char *[]){ shot }, 1);
    assert_int_equal(options.replay.changes, 3);
    PLAY(UNTIL(is_replayed), ACT(assert_restored));
    assert_true(experiment_equal(&stage.session.request.experiment, &saved));
    assert_int_equal(stage.session.view, VIEW_HISTORY);
    assert_int_equal(stage.session.theme, theme);
    assert_int_equal(stage.session.selected, selected);
}

static void a_run_without_a_window_restores_it(void **state) {
    (void)state;
    save_a_shot();
    static char png[FILE_PATH_MAX];
    text_set(png, sizeof png, "%s/again.png", folder->path);
    open_shot((const char *[]){ "run", shot, "--png", png }, 4);
    assert_int_equal(headless_run(&options), 0);
    struct shot said;
    char *experiment, problem[EXPERIMENT_PROBLEM];
    assert_true(shot_read(&said, png, &experiment, problem));
    assert_true(said.digest == digest && said.step == step);
    assert_contains(said.look, "view = history\n");
    assert_contains(experiment, "\nswap = yes\n");
    assert_int_equal(said.width, 1000);
    free(experiment);
}

static void push_drop(const char *path) {
    SDL_Event event = { .drop = { .type = SDL_DROPFILE, .file = SDL_strdup(path) } };
    assert_int_equal(SDL_PushEvent(&event), 1);
}

/* The only SVG in the folder. */
static bool is_saved_as_svg(void) {
    DIR *directory = opendir(folder->path);
    assert_non_null(directory);
    shot[0] = '\0';
    for (struct dirent *entry; (entry = readdir(directory));) {
        const char *ending = strrchr(entry->d_name, '.');
        if (ending && strcmp(ending, ".svg") == 0 && entry->d_name[0] == 'l') {
            text_set(shot, sizeof shot, "%s/%s", folder->path, entry->d_name);
        }
    }
    closedir(directory);
    return shot[0] && stage_drawn();
}

static void drop_shot(void) {
    push_drop(shot);
}

static bool is_begun(void) {
    return stage.session.replay.active || strstr(stage.session.toast, "replayed");
}

static void a_drop_restores_it(void **state) {
    (void)state;
    save_a_shot();
    experiment_defaults(&options.experiment); // something else altogether
    options.experiment.data = DATASET_XOR;
    options.paused = false;
    PLAY(UNTIL(some_steps_made), ACT(drop_shot), UNTIL(is_begun), UNTIL(is_replayed),
         ACT(assert_restored), ACT(drop_shot), UNTIL(is_begun), UNTIL(is_replayed),
         ACT(assert_restored));
    assert_int_equal(stage.session.view, VIEW_HISTORY);
}

static void a_dropped_svg_restores_it(void **state) {
    (void)state;
    PLAY(UNTIL(stage_settled), KEY(SDLK_SPACE), UNTIL(more_steps_made), KEY(SDLK_SPACE),
         UNTIL(is_paused), KEY(SDLK_2), UNTIL(is_paused), ACT(keep_shown),
         KEY_WITH(SDLK_s, KMOD_LSHIFT), UNTIL(is_saved_as_svg));
    experiment_defaults(&options.experiment); // something else altogether
    options.experiment.data = DATASET_XOR;
    PLAY(UNTIL(stage_settled), ACT(drop_shot), UNTIL(is_begun), UNTIL(is_replayed),
         ACT(assert_restored));
    assert_int_equal(stage.session.view, VIEW_HISTORY);
}

/* The step that is scrubbed to counts, and only the changes before it. */
static void a_past_step_is_restored(void **state) {
    (void)state;
    PLAY(UNTIL(stage_settled), KEY(SDLK_w), KEY(SDLK_SPACE), UNTIL(some_steps_made),
         KEY(SDLK_PERIOD), UNTIL(more_steps_made), KEY(SDLK_SPACE), UNTIL(is_paused),
         KEY(SDLK_HOME), UNTIL(stage_drawn), ACT(keep_shown), KEY(SDLK_s), UNTIL(is_saved));
    assert_int_equal(step, 0);
    open_shot((const char *[]){ shot }, 1);
    assert_int_equal(options.replay.changes, 0);
    PLAY(UNTIL(is_replayed), ACT(assert_restored));
}

static void spoil_shot(void) {
    options.shot.digest ^= 1;
    options.shot.look[0] = '\0';
}

static void other_numbers_are_told(void **state) {
    (void)state;
    save_a_shot();
    open_shot((const char *[]){ shot }, 1);
    spoil_shot();
    PLAY(UNTIL(is_replayed));
    assert_contains(stage.session.toast, "the numbers are not those of the picture");
    assert_true(stage.session.toast_bad);
    open_shot((const char *[]){ "run", shot }, 2);
    spoil_shot();
    options.json = "/dev/null";
    assert_int_equal(headless_run(&options), 1);
}

static bool is_replaying(void) {
    return stage_drawn() && stage.session.replay.active && strstr(stage.session.toast, "replaying");
}

static bool is_one_further(void) {
    return is_paused() && stage.snapshot->step == step + 1;
}

static void space_leaves_the_replay(void **state) {
    (void)state;
    options.shot.there = true;
    options.replay.first = options.experiment;
    options.replay.step = 1000000000;
    PLAY(UNTIL(is_replaying), KEY(SDLK_SPACE), UNTIL(is_paused), ACT(keep_shown), UNTIL(stage_idle),
         KEY(SDLK_RETURN), UNTIL(is_one_further));
    assert_true(step < options.replay.step);
    assert_false(stage.session.replay.active);
}

static void drop_nonsense(void) {
    const char *path = folder_file(folder, "notes.txt");
    assert_int_equal(write_file(path, "Dear diary,\n", 12), 0);
    push_drop(path);
}

static void drop_picture_of_others(void) {
    const char *path = folder_file(folder, "cat.png");
    assert_int_equal(write_file(path, "\x89PNG\r\n\x1a\n", 8), 0);
    push_drop(path);
}

static void drop_nothing(void) {
    push_drop(folder_file(folder, "absent.ini"));
}

static void drop_experiment(void) {
    static const char text[] = "data = gaussian\nlayers = 3\nwidth = 7\n[change 1]\nstep = 25\n"
                               "momentum = 0.5\n";
    const char *path = folder_file(folder, "small.ini");
    assert_int_equal(write_file(path, text, sizeof text - 1), 0);
    push_drop(path);
}

static bool is_refused(void) {
    return stage_drawn() && stage.session.toast_bad && stage.session.toast[0];
}

static void close_toast(void) {
    assert_true(stage.session.toast_bad);
    assert_int_equal(stage.session.request.experiment.run[0].layers, 4);
}

static bool is_small_and_past_the_change(void) {
    return stage_settled() && stage.session.request.experiment.run[0].width == 7 &&
           stage.snapshot->run[0].layers == 3 && stage.snapshot->step >= 26;
}

static bool has_no_toast(void) {
    return stage_drawn() && stage.session.toast[0] == '\0';
}

static void what_is_not_understood_changes_nothing(void **state) {
    (void)state;
    PLAY(UNTIL(stage_settled), ACT(drop_nonsense), UNTIL(is_refused), ACT(close_toast),
         KEY(SDLK_ESCAPE), UNTIL(has_no_toast), ACT(drop_picture_of_others), UNTIL(is_refused),
         ACT(close_toast), KEY(SDLK_ESCAPE), UNTIL(has_no_toast), ACT(drop_nothing),
         UNTIL(is_refused), ACT(close_toast));
    assert_contains(stage.session.toast, "absent.ini: No such file");
}

static void a_dropped_experiment_is_begun(void **state) {
    (void)state;
    options.paused = false;
    PLAY(UNTIL(some_steps_made), ACT(drop_experiment), UNTIL(is_small_and_past_the_change));
    assert_true(stage.session.request.experiment.run[0].momentum == 0.5);
    assert_int_equal(stage.snapshot->changes, 1);
    assert_false(stage.session.request.paused);
}

/* What is looked at is restored to the last pixel, as far as it is no news of the moment. */
static uint32_t *kept;
static int kept_width, kept_height;

static void keep_pixels(void) {
    const struct canvas *canvas = &stage.picture->canvas;
    size_t size = (size_t)canvas->width * (size_t)canvas->height * sizeof *kept;
    free(kept);
    kept = malloc(size);
    assert_non_null(kept);
    memcpy(kept, canvas->pixels, size);
    kept_width = canvas->width;
    kept_height = canvas->height;
    keep_shown();
}

/* Where the picture tells the memory of the film, which took what there was time for. */
static struct rect memory_told(void) {
    const struct display_list *list = &stage.picture->list;
    struct rect place = { 0 };
    for (size_t i = 0; i < list->op_count; i++) {
        const struct draw_op *op = &list->ops[i];
        if (op->kind == DRAW_TEXT && strncmp(list->chars + op->text, "memory: ", 8) == 0) {
            place = op->rect;
            place.x += (op->rect.w - op->text_width) / 2.0f;
            place.w = op->text_width;
        }
    }
    float scale = stage.picture->canvas.scale;
    return (struct rect){ scale * place.x, scale * place.y, scale * place.w, scale * place.h };
}

static void assert_same_pixels(const char *what) {
    const struct canvas *canvas = &stage.picture->canvas;
    struct rect spared = memory_told();
    int left = kept_width, right = -1, top = kept_height, bottom = -1, count = 0;
    assert_int_equal(canvas->width, kept_width);
    assert_int_equal(canvas->height, kept_height);
    for (int i = 0; i < kept_width * kept_height; i++) {
        int x = i % kept_width, y = i / kept_width;
        if (canvas->pixels[i] != kept[i] && !rect_contains(spared, (float)x, (float)y)) {
            left = x < left ? x : left;
            right = x > right ? x : right;
            top = y < top ? y : top;
            bottom = y;
            count++;
        }
    }
    if (count > 0) {
        fail_msg("%s: %d pixels differ, from (%d, %d) to (%d, %d)", what, count, left, top, right,
                 bottom);
    }
}

static const char *looked_at;

static void compare_pixels(void) {
    assert_same_pixels(looked_at);
}

/* Keys pressed at step 30 or so, and those once it is paused. */
static const struct look_case {
    const char *what;
    SDL_Keycode before[4], after[8];
} looks[] = {
    { "layers, ghost and frozen axes", { SDLK_m, SDLK_f }, { SDLK_RIGHTBRACKET, SDLK_v } },
    { "gradients of W, linear, ghost", { SDLK_m }, { SDLK_g, SDLK_l, SDLK_h } },
    { "frozen without theory", { SDLK_g, SDLK_g, SDLK_f }, { SDLK_h } },
    { "history", { 0 }, { SDLK_2, SDLK_LEFTBRACKET } },
    { "layer", { SDLK_PERIOD }, { SDLK_3 } },
    { "data", { 0 }, { SDLK_4 } },
    { "phase", { 0 }, { SDLK_5 } },
    { "textbook", { 0 }, { SDLK_t } },
};

static bool is_quiet(void) {
    return is_paused() && has_no_toast();
}

static void play_look(const struct look_case *look) {
    struct step script[32] = { UNTIL(stage_settled), KEY(SDLK_w), KEY(SDLK_SPACE),
                               UNTIL(some_steps_made) };
    int count = 4;
    looked_at = look->what;
    for (int i = 0; i < ARRAY_LEN(look->before) && look->before[i]; i++) {
        script[count++] = KEY(look->before[i]);
        script[count++] = UNTIL(stage_settled);
    }
    script[count++] = UNTIL(more_steps_made);
    script[count++] = KEY(SDLK_SPACE);
    script[count++] = UNTIL(is_paused);
    for (int i = 0; i < ARRAY_LEN(look->after) && look->after[i]; i++) {
        script[count++] = KEY(look->after[i]);
    }
    script[count++] = KEY(SDLK_ESCAPE);
    script[count++] = UNTIL(is_quiet);
    script[count++] = UNTIL(stage_idle);
    script[count++] = ACT(keep_pixels);
    script[count++] = KEY(SDLK_s);
    script[count++] = UNTIL(is_saved);
    stage_must_play(&options, script);
}

static void the_same_picture_comes_back(void **state) {
    (void)state;
    const struct options fresh = options;
    for (int i = 0; i < ARRAY_LEN(looks); i++) {
        options = fresh;
        play_look(&looks[i]);
        open_shot((const char *[]){ shot }, 1);
        PLAY(UNTIL(is_replayed), ACT(assert_restored), KEY(SDLK_ESCAPE), UNTIL(is_quiet),
             UNTIL(stage_idle), ACT(compare_pixels));
        assert_int_equal(unlink(shot), 0);
    }
    free(kept);
    kept = NULL;
}

int main(void) {
    setenv("SDL_VIDEODRIVER", "dummy", 1);
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        TEST(another_window_restores_it),
        TEST(a_run_without_a_window_restores_it),
        TEST(a_drop_restores_it),
        TEST(a_dropped_svg_restores_it),
        TEST(a_past_step_is_restored),
        TEST(the_same_picture_comes_back),
        TEST(other_numbers_are_told),
        TEST(space_leaves_the_replay),
        TEST(what_is_not_understood_changes_nothing),
        TEST(a_dropped_experiment_is_begun),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
