#include "check.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/paths.h"
#include "base/text.h"
#include "folder.h"

static const char shipped[] = "assets/mnist/train-labels-idx1-ubyte.gz";
static const char *this_program;

static void make_file(struct folder *folder, const char *name, const char *text) {
    char path[FILE_PATH_MAX], problem[FILE_PROBLEM_MAX];
    text_set(path, sizeof path, "%s", folder_file(folder, name));
    *strrchr(path, '/') = '\0';
    assert_true(file_make_folder(path, problem));
    assert_int_equal(write_file(folder_file(folder, name), text, strlen(text)), 0);
}

static void the_environment_decides_alone(void **state) {
    struct folder *folder = *state;
    char path[FILE_PATH_MAX];
    make_file(folder, "assets/x.txt", "x");
    setenv("LAYERSCOPE_DATADIR", folder->path, 1);
    assert_true(paths_shipped(path, sizeof path, "assets/x.txt"));
    assert_string_equal(path, folder_file(folder, "assets/x.txt"));
    assert_false(paths_shipped(path, sizeof path, shipped)); // though the source tree has it
    assert_string_equal(path, folder_file(folder, shipped));
}

static void a_build_folder_finds_its_sources(void **state) {
    (void)state;
    char path[FILE_PATH_MAX], expected[FILE_PATH_MAX];
    const char *root = getenv("SOURCE_ROOT");
    assert_non_null(root);
    text_set(expected, sizeof expected, "%s/%s", root, shipped);
    unsetenv("LAYERSCOPE_DATADIR");
    assert_true(paths_shipped(path, sizeof path, shipped));
    assert_string_equal(path, expected);
    setenv("LAYERSCOPE_DATADIR", "", 1); // empty is not set
    assert_true(paths_shipped(path, sizeof path, shipped));
    assert_string_equal(path, expected);
}

static void what_is_nowhere_gives_the_first_place(void **state) {
    (void)state;
    char path[FILE_PATH_MAX];
    unsetenv("LAYERSCOPE_DATADIR");
    assert_false(paths_shipped(path, sizeof path, "no/such/file"));
    assert_contains(path, "/share/layerscope/no/such/file");
}

static void a_path_cut_short_is_not_found(void **state) {
    struct folder *folder = *state;
    char path[FILE_PATH_MAX];
    make_file(folder, "assets/x", "x");
    setenv("LAYERSCOPE_DATADIR", folder->path, 1);
    size_t length = strlen(folder->path) + strlen("/assets/x");
    assert_true(paths_shipped(path, length + 1, "assets/x"));
    assert_false(paths_shipped(path, length + 1, "assets/xy"));
}

/* Copy this program to folder/name and ask the copy where it finds a file. */
static bool ask_copy(struct folder *folder, const char *name, const char *file, char *answer) {
    char copy[FILE_PATH_MAX], command[5 * FILE_PATH_MAX];
    make_file(folder, name, "");
    text_set(copy, sizeof copy, "%s", folder_file(folder, name));
    text_set(command, sizeof command, "cp '%s' '%s' && chmod 755 '%s' && '%s' '%s'", this_program,
             copy, copy, copy, file);
    unsetenv("LAYERSCOPE_DATADIR");
    FILE *output = popen(command, "r"); // NOLINT(cert-env33-c): of names that are ours
    assert_non_null(output);
    answer[0] = '\0';
    assert_non_null(fgets(answer, FILE_PATH_MAX, output));
    return pclose(output) == 0;
}

static void an_installed_program_finds_its_share(void **state) {
    struct folder *folder = *state;
    char answer[FILE_PATH_MAX];
    make_file(folder, "share/layerscope/assets/x.txt", "x");
    assert_true(ask_copy(folder, "bin/program", "assets/x.txt", answer));
    assert_string_equal(answer, folder_file(folder, "share/layerscope/assets/x.txt"));
}

static void an_installed_program_does_not_look_into_the_sources(void **state) {
    struct folder *folder = *state;
    char answer[FILE_PATH_MAX];
    assert_false(ask_copy(folder, "bin/program", "tests/base/test_paths.c", answer));
    assert_string_equal(answer, folder_file(folder, "share/layerscope/tests/base/test_paths.c"));
}

static void a_build_folder_anywhere_is_recognised(void **state) {
    struct folder *folder = *state;
    char answer[FILE_PATH_MAX], expected[FILE_PATH_MAX];
    make_file(folder, "build/build.ninja", "");
    text_set(expected, sizeof expected, "%s/tests/base/test_paths.c", getenv("SOURCE_ROOT"));
    assert_true(ask_copy(folder, "build/src/program", "tests/base/test_paths.c", answer));
    assert_string_equal(answer, expected);
}

static void set_home(struct folder *folder) {
    unsetenv("XDG_PICTURES_DIR");
    unsetenv("XDG_CONFIG_HOME");
    setenv("HOME", folder->path, 1);
}

static void what_the_user_keeps_of_ours(void **state) {
    struct folder *folder = *state;
    char path[FILE_PATH_MAX];
    set_home(folder);
    paths_config(path, sizeof path, "presets");
    assert_string_equal(path, folder_file(folder, ".config/layerscope/presets"));
    setenv("XDG_CONFIG_HOME", folder_file(folder, "conf"), 1);
    paths_config(path, sizeof path, "x/y");
    assert_string_equal(path, folder_file(folder, "conf/layerscope/x/y"));
}

static void state_is_where_xdg_says(void **state) {
    struct folder *folder = *state;
    char path[FILE_PATH_MAX];
    set_home(folder);
    unsetenv("XDG_STATE_HOME");
    paths_state(path, sizeof path, "window.ini");
    assert_string_equal(path, folder_file(folder, ".local/state/layerscope/window.ini"));
    setenv("XDG_STATE_HOME", folder_file(folder, "kept"), 1);
    paths_state(path, sizeof path, "window.ini");
    assert_string_equal(path, folder_file(folder, "kept/layerscope/window.ini"));
}

static void assert_pictures(const char *expected) {
    char path[FILE_PATH_MAX];
    paths_pictures(path, sizeof path);
    assert_string_equal(path, expected);
}

static void pictures_are_at_home_by_default(void **state) {
    set_home(*state);
    assert_pictures(folder_file(*state, "Pictures"));
}

static void pictures_follow_the_users_folders(void **state) {
    struct folder *folder = *state;
    set_home(folder);
    make_file(folder, ".config/user-dirs.dirs",
              "# comment\nXDG_MUSIC_DIR=\"$HOME/Musik\"\n  XDG_PICTURES_DIR=\"$HOME/Meine "
              "\\\"Bilder\\\"\"\n");
    assert_pictures(folder_file(folder, "Meine \"Bilder\""));
    make_file(folder, ".config/user-dirs.dirs", "XDG_PICTURES_DIR=\"/data/pictures\"\n");
    assert_pictures("/data/pictures");
    make_file(folder, "conf/user-dirs.dirs", "XDG_PICTURES_DIR=\"$HOME/other\"\n");
    setenv("XDG_CONFIG_HOME", folder_file(folder, "conf"), 1);
    assert_pictures(folder_file(folder, "other"));
    setenv("XDG_PICTURES_DIR", "/from/environment", 1);
    assert_pictures("/from/environment");
}

static void odd_user_dirs_are_ignored(void **state) {
    struct folder *folder = *state;
    static const char *const lines[] = { "XDG_PICTURES_DIR=\"relative\"\n",
                                         "XDG_PICTURES_DIR=",
                                         "XDG_PICTURES_DIR=\"$HOME/never closed",
                                         "XDG_PICTURES_DIR=\"$HOME/\\",
                                         "",
                                         "\n\n" };
    set_home(folder);
    setenv("XDG_PICTURES_DIR", "also/relative", 1);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        make_file(folder, ".config/user-dirs.dirs", lines[i]);
        assert_pictures(folder_file(folder, "Pictures"));
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)

int main(int count, char **words) {
    static char self[PATH_MAX];
    if (count == 2) { // a copy, asked where it finds a file
        char path[FILE_PATH_MAX];
        bool found = paths_shipped(path, sizeof path, words[1]);
        fputs(path, stdout);
        return found ? 0 : 1;
    }
    this_program = realpath(words[0], self);
    const struct CMUnitTest tests[] = {
        TEST(the_environment_decides_alone),
        TEST(a_build_folder_finds_its_sources),
        TEST(what_is_nowhere_gives_the_first_place),
        TEST(a_path_cut_short_is_not_found),
        TEST(an_installed_program_finds_its_share),
        TEST(an_installed_program_does_not_look_into_the_sources),
        TEST(a_build_folder_anywhere_is_recognised),
        TEST(what_the_user_keeps_of_ours),
        TEST(state_is_where_xdg_says),
        TEST(pictures_are_at_home_by_default),
        TEST(pictures_follow_the_users_folders),
        TEST(odd_user_dirs_are_ignored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
