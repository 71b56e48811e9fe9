#include "base/check.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/folder.h"
#include "base/require.h"
#include "base/text.h"
#include "lab/preset.h"

/* Presets: which there are, where they are, and that all of the shipped ones can be read. */

static void set_folders(struct folder *folder, const char *shipped) {
    setenv("XDG_CONFIG_HOME", folder_file(folder, "config"), 1);
    setenv("LAYERSCOPE_DATADIR", shipped ? shipped : folder->path, 1);
}

static void put(struct folder *folder, const char *where, const char *name, const char *text) {
    char path[FILE_PATH_MAX], problem[FILE_PROBLEM_MAX];
    text_set(path, sizeof path, "%s", folder_file(folder, where));
    assert_true(file_make_folder(path, problem));
    text_append(path, sizeof path, "/%s", name);
    assert_int_equal(write_file(path, text, strlen(text)), 0);
}

static const char shipped[] = "assets/presets", own[] = "config/layerscope/presets";

static void the_users_take_the_place_of_shipped_ones(void **state) {
    struct folder *folder = *state;
    set_folders(folder, NULL);
    struct preset list[PRESET_MOST];
    assert_int_equal(preset_list(list), 0); // neither folder is there
    put(folder, shipped, "beta.ini", "layers = 1\n");
    put(folder, shipped, "alpha.ini", "layers = 2\n");
    put(folder, shipped, "README.md", "");
    put(folder, shipped, ".ini", "");
    put(folder, shipped, ".hidden.ini", "");
    put(folder, own, "Beta.ini", "layers = 3\n");
    put(folder, own, "gamma.ini", "layers = 4\n");
    static const struct preset expected[] = { { "Beta", true },
                                              { "alpha", false },
                                              { "gamma", true } };
    assert_int_equal(preset_list(list), ARRAY_LEN(expected));
    for (int i = 0; i < ARRAY_LEN(expected); i++) {
        char path[FILE_PATH_MAX], name[128];
        assert_string_equal(list[i].name, expected[i].name);
        assert_int_equal(list[i].own, expected[i].own);
        preset_path(&list[i], path, sizeof path);
        text_set(name, sizeof name, "%s/%s.ini", expected[i].own ? own : shipped, list[i].name);
        assert_string_equal(path, folder_file(folder, name));
    }
}

static void names_are_found(void **state) {
    struct folder *folder = *state;
    set_folders(folder, NULL);
    put(folder, shipped, "deep-sigmoid.ini", "");
    put(folder, shipped, "xavier.ini", "");
    struct preset preset;
    char problem[EXPERIMENT_PROBLEM] = "";
    assert_true(preset_find("Deep_Sigmoid", &preset, problem));
    assert_string_equal(preset.name, "deep-sigmoid");
    assert_false(preset_find("xavir", &preset, problem));
    assert_contains(problem, "there is no 'xavir'; did you mean 'xavier'?");
    assert_false(preset_find("", &preset, problem));
    assert_contains(problem, "there is no ''. ");
    assert_false(preset_find("../presets/xavier", &preset, problem));
}

static void a_key_belongs_to_one(void **state) {
    struct folder *folder = *state;
    set_folders(folder, NULL);
    put(folder, shipped, "a.ini", "[preset]\nkey = 3\ntitle = shipped\n");
    put(folder, shipped, "z.ini", "[preset]\nkey = 4\n");
    put(folder, shipped, "broken.ini", "[preset]\nkey = 5\nkey = x\n");
    struct preset preset;
    struct experiment_notes notes;
    char problem[EXPERIMENT_PROBLEM] = "";
    assert_true(preset_of_key(3, &preset, &notes, problem));
    assert_string_equal(preset.name, "a");
    assert_string_equal(notes.title, "shipped");
    put(folder, own, "mine.ini", "[preset]\nkey = 3\n");
    assert_true(preset_of_key(3, &preset, &notes, problem));
    assert_string_equal(preset.name, "mine");
    assert_false(preset_of_key(5, &preset, &notes, problem));
    assert_contains(problem, "No preset has the key 5");
}

/* A title, a sentence, and every experiment of it. */
static void assert_complete(const struct preset *preset) {
    char path[FILE_PATH_MAX], problem[EXPERIMENT_PROBLEM] = "";
    struct experiment_notes notes;
    struct experiment experiment;
    bool found;
    preset_path(preset, path, sizeof path);
    experiment_defaults(&experiment);
    if (!experiment_read_notes(&notes, path, problem) ||
        !experiment_read_ini(&experiment, path, NULL, 0, &found, problem) ||
        !experiment_read_ini(&experiment, path, NULL, 1, &found, problem)) {
        fail_msg("%s", problem);
    }
    for (int i = 0; i < notes.cases; i++) {
        struct experiment one = experiment;
        if (!experiment_read_case(&one, path, notes.case_name[i], problem)) {
            fail_msg("%s", problem);
        }
    }
    size_t length = strlen(notes.about);
    assert_true(notes.title[0] && length > 20);
    assert_int_equal(notes.about[length - 1], '.'); // a line that is too long loses its end
    assert_true(notes.steps >= 0 || notes.epochs >= 0.0);
}

static void every_shipped_one_is_whole(void **state) {
    set_folders(*state, getenv("SOURCE_ROOT"));
    struct preset list[PRESET_MOST];
    int count = preset_list(list);
    assert_true(count >= 2);
    for (int i = 0; i < count; i++) {
        assert_complete(&list[i]);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_users_take_the_place_of_shipped_ones),
        TEST(names_are_found),
        TEST(a_key_belongs_to_one),
        TEST(every_shipped_one_is_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
