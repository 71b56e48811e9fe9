/* A picture is its experiment: what is written into a PNG comes out of it again. */
#include "base/check.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/look_text.h"
#include "app/options.h"
#include "app/screenshot.h"
#include "base/file.h"
#include "base/folder.h"
#include "export/png_texts.h"
#include "lab/lab.h"

enum { EXPERIMENTS = 10000, FILES = 1000 };

static uint32_t pixel = 0x336699;
static struct canvas canvas = { .pixels = &pixel, .width = 1, .height = 1, .scale = 1.0f };
static struct snapshot snapshot;

static void write_shot(const char *path, const struct shot_source *source) {
    char problem[FILE_PROBLEM_MAX] = "";
    if (!screenshot_write(&canvas, path, source, problem)) {
        fail_msg("%s", problem);
    }
}

/* As `layerscope FILE` does. */
static void open_file(struct options *options, const char *path) {
    char problem[OPTIONS_PROBLEM] = "";
    char *words[] = { (char *)"layerscope", (char *)path };
    if (!options_parse(options, 2, words, problem)) {
        fail_msg("%s", problem);
    }
}

/* Some settings that may change while it trains, drawn anew. */
static void change_some(struct replay *replay, uint32_t row) {
    int count;
    const struct setting *table = settings_table(&count);
    for (uint32_t change = 1; change <= (row % 4 == 3 ? 3 : 0); change++) {
        struct experiment from, to;
        replay_experiment(replay, replay->changes, &from);
        to = from;
        for (int i = 0; i < count; i++) {
            uint32_t column = 10000u * change + (uint32_t)i;
            if (table[i].live && dice(row, column) < 0.2) {
                int run = to.compare && table[i].per_run && dice(row, column + 1000u) < 0.5;
                random_value(&to, run, &table[i], row, column + 2000u);
            }
        }
        replay_note(replay, (int64_t)(dice(row, change) * 1e6) * change, false, &from, &to);
    }
}

/* Most are the same bytes; comparing setting by setting takes long. */
static void assert_equal(const struct experiment *a, const struct experiment *b) {
    assert_true(memcmp(a, b, sizeof *a) == 0 || experiment_equal(a, b));
}

static void assert_same(const struct replay *a, const struct replay *b) {
    assert_equal(&a->first, &b->first);
    assert_int_equal(a->changes, b->changes);
    assert_int_equal(a->count, b->count);
    for (int i = 0; i < a->count; i++) {
        assert_int_equal(a->edit[i].step, b->edit[i].step);
        assert_int_equal(a->edit[i].change, b->edit[i].change);
        assert_int_equal(a->edit[i].run, b->edit[i].run);
        assert_ptr_equal(a->edit[i].setting, b->edit[i].setting);
        assert_string_equal(a->edit[i].value, b->edit[i].value);
    }
}

/* Steps of changes rise. */
static void sort_steps(struct replay *replay) {
    int64_t step = 0;
    for (int i = 0; i < replay->count; i++) {
        step = replay->edit[i].step > step ? replay->edit[i].step : step;
        replay->edit[i].step = step;
    }
}

static void any_experiment_comes_back(void **state) {
    struct folder *folder = *state;
    const char *png = folder_file(folder, "shot.png");
    static struct options options;
    int changes = 0;
    for (uint32_t row = 0; row < EXPERIMENTS; row++) {
        static struct replay replay;
        struct experiment experiment;
        random_experiment(&experiment, row);
        replay_begin(&replay, &experiment);
        change_some(&replay, row);
        sort_steps(&replay);
        replay.step = (int64_t)(dice(row, 0x30000u) * 1e12);
        snapshot.has_runs = true;
        snapshot.step = replay.step;
        const struct shot_source source = { &replay, &snapshot, "", 1.5, NULL, NULL };
        write_shot(png, &source);
        open_file(&options, png);
        assert_equal(&options.experiment, &experiment);
        assert_same(&options.replay, &replay);
        assert_true(options.shot.there && options.shot.has_digest);
        assert_true(options.shot.digest == digest_snapshot(&snapshot));
        assert_int_equal(options.shot.step, replay.step);
        assert_int_equal(options.replay.step, replay.step);
        changes += replay.changes;
    }
    assert_true(changes > EXPERIMENTS / 2); // or few were tested
}

/* The INI text alone, as a file. */
static void any_experiment_comes_back_from_ini(void **state) {
    struct folder *folder = *state;
    const char *ini = folder_file(folder, "experiment.ini");
    static struct options options;
    for (uint32_t row = 0; row < FILES; row++) {
        static char text[REPLAY_TEXT];
        static struct replay replay;
        struct experiment experiment;
        random_experiment(&experiment, row);
        replay_begin(&replay, &experiment);
        change_some(&replay, row);
        sort_steps(&replay);
        int length = replay_print_ini(&replay, text, sizeof text);
        assert_int_equal(write_file(ini, text, (size_t)length), 0);
        open_file(&options, ini);
        assert_equal(&options.experiment, &experiment);
        assert_same(&options.replay, &replay);
        assert_false(options.shot.there);
    }
}

static const char *text_of(const struct png_texts *texts, const char *key) {
    const char *value = png_texts_find(texts, key);
    if (!value) {
        fail_msg("there is no %s", key);
    }
    return value;
}

static void what_a_picture_says(void **state) {
    struct folder *folder = *state;
    static struct replay replay;
    static struct snapshot one;
    struct experiment experiment;
    struct png_texts texts;
    char problem[FILE_PROBLEM_MAX], digest[DIGEST_TEXT];
    const char *png = folder_file(folder, "shot.png");
    experiment_defaults(&experiment);
    experiment.seed = UINT64_MAX;
    replay_begin(&replay, &experiment);
    replay.step = one.step = 123456789012;
    replay.pretrained = 17;
    one.has_runs = true;
    digest_print(digest_snapshot(&one), digest);
    const struct shot_source source = { &replay, &one, "view = data\n", 1.25, "A title", "" };
    write_shot(png, &source);
    assert_true(png_texts_read(&texts, png, problem));
    assert_string_equal(text_of(&texts, "Software"), "layerscope " LAYERSCOPE_VERSION);
    assert_string_equal(text_of(&texts, "layerscope:version"), LAYERSCOPE_VERSION);
    assert_string_equal(text_of(&texts, "layerscope:step"), "123456789012");
    assert_string_equal(text_of(&texts, "layerscope:seed"), "18446744073709551615");
    assert_string_equal(text_of(&texts, "layerscope:pretraining"), "17");
    assert_string_equal(text_of(&texts, "layerscope:digest"), digest);
    assert_string_equal(text_of(&texts, "layerscope:look"), "view = data\n");
    assert_string_equal(text_of(&texts, "layerscope:scale"), "1.25");
    assert_contains(text_of(&texts, "layerscope:experiment"), "seed = 18446744073709551615\n");
    assert_null(png_texts_find(&texts, "layerscope:inexact"));
    png_texts_finish(&texts);
    one.has_runs = false;
    replay.lost = true;
    write_shot(png, &source);
    assert_true(png_texts_read(&texts, png, problem));
    assert_null(png_texts_find(&texts, "layerscope:step"));
    assert_null(png_texts_find(&texts, "layerscope:digest"));
    assert_contains(text_of(&texts, "layerscope:inexact"), "settings were changed");
    png_texts_finish(&texts);
}

static void the_comparison_in_words(void **state) {
    (void)state;
    static struct snapshot one;
    char sentence[SHOT_SENTENCE];
    one.has_runs = true;
    one.step = 300;
    struct shot shot = { .there = true, .has_digest = true, .digest = digest_snapshot(&one) };
    text_set(shot.version, sizeof shot.version, LAYERSCOPE_VERSION);
    assert_true(shot_compare(&shot, &one, sentence));
    assert_contains(sentence, "step 300 replayed: the numbers match, digest ");
    shot.digest ^= 1;
    assert_false(shot_compare(&shot, &one, sentence));
    assert_contains(sentence, "step 300 replayed, but the numbers are not those of the picture");
    assert_contains(sentence, "another build or processor");
    text_set(shot.version, sizeof shot.version, "9.8");
    assert_false(shot_compare(&shot, &one, sentence));
    assert_contains(sentence, "which layerscope 9.8 made; this is " LAYERSCOPE_VERSION);
    text_set(shot.inexact, sizeof shot.inexact, "too much was changed");
    assert_false(shot_compare(&shot, &one, sentence));
    assert_contains(sentence, ", for too much was changed.");
    shot.has_digest = false;
    text_set(shot.damage, sizeof shot.damage, "it ends too early");
    assert_true(shot_compare(&shot, &one, sentence));
    assert_contains(sentence, "no digest to compare with. The file is damaged: it ends too early.");
}

static void what_is_looked_at(void **state) {
    (void)state;
    static struct session session, back;
    struct experiment experiment;
    char text[SHOT_LOOK], again[SHOT_LOOK];
    experiment_defaults(&experiment);
    session_init(&session, &experiment);
    session.view = VIEW_HISTORY;
    session.theme = THEME_LIGHT;
    session.selected = 7;
    session.unit = 33;
    session.gradient = VIEW_GRADIENT_H;
    session.linear = session.lines = session.bare = true;
    session.theory = false;
    session.book = VIEW_BOOK_DELTA;
    session.why = VIEW_WHY_B;
    session.ridge = VIEW_RIDGE_WEIGHT;
    session.time = (struct view_time){ 12, 3456789 };
    session.panels.folded[PANEL_LOSS] = session.panels.folded[PANEL_ACTIVATIONS] = true;
    session.panels.blown = session.panels.chosen = PANEL_WHY;
    session.frozen = true;
    session.ranges.row[RANGE_MAGNITUDE] =
        (struct range){ .kind = 5, .low = -7.1, .high = 1.0 / 3.0, .strip = { false, true } };
    look_text_print(&session, text);
    assert_true(strlen(text) < SHOT_LOOK - 1);
    session_init(&back, &experiment);
    look_text_read(&back, text);
    assert_int_equal(back.view, VIEW_HISTORY);
    assert_int_equal(back.theme, THEME_LIGHT);
    assert_int_equal(back.selected, 7);
    assert_int_equal(back.time.high, 3456789);
    assert_memory_equal(&back.ranges, &session.ranges, sizeof back.ranges);
    assert_true(back.panels.folded[PANEL_LOSS] && !back.panels.folded[PANEL_PHI]);
    look_text_print(&back, again);
    assert_string_equal(text, again);
    look_text_read(&back,
                   "view = nonsense\ntheme = 1\nlayer = 999999999999\nunit = x\n[\nwhy = -1\n"
                   "surprise = 3\n\x01\x02\naxis_magnitude = 5 -401 1 0000000\n"
                   "axis_magnitude = 5 2 1 0000000\naxis_magnitude = 5 nan 1 0000000\n"
                   "axis_magnitude = 0 0 1 0000000\naxis_magnitude = 5 0 1 000\n");
    look_text_print(&back, again);
    assert_string_equal(text, again);
    look_text_read(&back, "layer = 200\n"); // of 10
    assert_int_equal(back.selected, 10);
}

static void pictures_that_cannot_be_opened(void **state) {
    struct folder *folder = *state;
    static struct options options;
    char problem[OPTIONS_PROBLEM] = "", path[FILE_PATH_MAX];
    static const struct {
        const char *experiment, *part;
    } rows[] = {
        { NULL, "carries no experiment: only pictures that layerscope has written" },
        { "layers = 300\n", "shot.png, line 1: layers: '300' is not" },
        { "[nonsense]\nlayers = 3\n", "shot.png, line 2: there is no section [nonsense]" },
        { "[change 1]\nstep = 3\nwidth = 9\n", "shot.png, line 3: width takes new weights" },
    };
    text_set(path, sizeof path, "%s", folder_file(folder, "shot.png"));
    for (int i = 0; i < ARRAY_LEN(rows); i++) {
        const struct png_text text = { "layerscope:experiment", rows[i].experiment };
        assert_true(
            png_file_write(path, &pixel, 1, 1, 1.0f, &text, rows[i].experiment != NULL, problem));
        char *words[] = { (char *)"layerscope", path };
        assert_false(options_parse(&options, 2, words, problem));
        assert_contains(problem, rows[i].part);
    }
}

int main(void) {
    if (access("/dev/shm", W_OK) == 0) { // tens of thousands of files are no disk's business
        setenv("TMPDIR", "/dev/shm", 0);
    }
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        IN_FOLDER(any_experiment_comes_back), IN_FOLDER(any_experiment_comes_back_from_ini),
        IN_FOLDER(what_a_picture_says),       cmocka_unit_test(the_comparison_in_words),
        cmocka_unit_test(what_is_looked_at),  IN_FOLDER(pictures_that_cannot_be_opened),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
