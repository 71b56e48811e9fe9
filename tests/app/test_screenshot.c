#include "base/check.h"

#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "app/screenshot.h"
#include "base/file.h"
#include "base/folder.h"
#include "base/require.h"
#include "base/text.h"

enum { WIDTH = 40, HEIGHT = 30, NOBODY = 65534 };

static struct picture picture; // of which only the canvas is drawn on

static int make_canvas(void **state) {
    (void)state;
    if (!canvas_init(&picture.canvas, WIDTH, HEIGHT, 1.0f)) {
        return -1;
    }
    for (int i = 0; i < WIDTH * HEIGHT; i++) {
        picture.canvas.pixels[i] = (uint32_t)i * 2654435761u & 0xFFFFFF; // hard to compress
    }
    return 0;
}

static int drop_canvas(void **state) {
    (void)state;
    canvas_finish(&picture.canvas);
    return 0;
}

/* The picture as of that step. */
static bool save(const char *folder, int64_t step, char *path, char *problem) {
    static struct replay replay;
    static const struct snapshot nothing;
    struct experiment experiment;
    experiment_defaults(&experiment);
    replay_begin(&replay, &experiment);
    replay.step = step;
    const struct shot_source source = { &replay, &nothing, "", 1.0, NULL, NULL };
    return screenshot_save(&picture, false, folder, &source, path, problem);
}

static int entries(const char *folder) {
    DIR *directory = opendir(folder);
    assert_non_null(directory);
    int count = -2; // "." and ".."
    while (readdir(directory)) {
        count++;
    }
    closedir(directory);
    return count;
}

static int big_endian(const unsigned char *bytes) {
    return bytes[0] << 24 | bytes[1] << 16 | bytes[2] << 8 | bytes[3];
}

/* A PNG of the canvas's size at path. */
static void assert_picture(const char *path) {
    unsigned char head[24];
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fread(head, 1, sizeof head, file), sizeof head);
    fclose(file);
    assert_memory_equal(head, "\x89PNG\r\n\x1a\n", 8);
    assert_int_equal(big_endian(head + 16), WIDTH);
    assert_int_equal(big_endian(head + 20), HEIGHT);
}

/* Does path end like pattern, in which 0 stands for any digit? */
static void assert_pattern(const char *path, const char *pattern) {
    size_t length = strlen(pattern);
    assert_true(strlen(path) > length);
    const char *end = path + strlen(path) - length;
    for (size_t i = 0; i < length; i++) {
        bool digit = end[i] >= '0' && end[i] <= '9';
        if (pattern[i] == '0' ? !digit : end[i] != pattern[i]) {
            fail_msg("%s does not end like %s", path, pattern);
        }
    }
}

static void the_name_has_moment_and_step(void **state) {
    struct folder *folder = *state;
    char path[FILE_PATH_MAX], problem[FILE_PROBLEM_MAX];
    const char *deep = folder_file(folder, "not/yet/there");
    assert_true(save(deep, 12, path, problem));
    assert_pattern(path, "/not/yet/there/layerscope_0000-00-00_00-00-00_step000000.png");
    assert_contains(path, "step000012");
    assert_picture(path);
    assert_int_equal(entries(deep), 1);
    assert_true(save(deep, 123456789012, path, problem));
    assert_contains(path, "_step123456789012.png");
}

/* Names of pictures of step 3 from now on, however long it takes to get to the next line. */
static void take_names(struct folder *folder, const char *ending) {
    enum { SECONDS = 600 };
    time_t now = time(NULL);
    for (int i = 0; i < SECONDS; i++) {
        char name[64];
        time_t then = now + i;
        struct tm local;
        strftime(name, sizeof name, "layerscope_%Y-%m-%d_%H-%M-%S_step000003",
                 localtime_r(&then, &local));
        text_append(name, sizeof name, "%s", ending);
        assert_int_equal(write_file(folder_file(folder, name), "", 0), 0);
    }
}

static void taken_names_get_a_number(void **state) {
    struct folder *folder = *state;
    char first[FILE_PATH_MAX], second[FILE_PATH_MAX], problem[FILE_PROBLEM_MAX];
    take_names(folder, ".png");
    assert_true(save(folder->path, 3, first, problem));
    assert_pattern(first, "_2.png");
    assert_picture(first);
    take_names(folder, "_2.png");
    assert_true(save(folder->path, 3, second, problem));
    assert_pattern(second, "_3.png");
    assert_true(strcmp(first, second) < 0); // sorted by name is sorted by time
}

static void the_pictures_folder_is_the_default(void **state) {
    struct folder *folder = *state;
    char path[FILE_PATH_MAX], problem[FILE_PROBLEM_MAX];
    assert_int_equal(setenv("XDG_PICTURES_DIR", folder->path, 1), 0);
    assert_true(save(NULL, 0, path, problem));
    assert_int_equal(unsetenv("XDG_PICTURES_DIR"), 0);
    assert_int_equal(entries(folder->path), 1);
    assert_memory_equal(path, folder->path, strlen(folder->path));
    assert_contains(path, "/layerscope/layerscope_");
    assert_picture(path);
}

/* Fails with a sentence that names part. */
static void assert_refused(const char *folder, const char *part) {
    char path[FILE_PATH_MAX], problem[FILE_PROBLEM_MAX] = "";
    assert_false(save(folder, 0, path, problem));
    assert_contains(problem, "cannot ");
    assert_contains(problem, ": ");
    assert_contains(problem, part);
}

static void folders_that_cannot_be(void **state) {
    struct folder *folder = *state;
    const char *file = folder_file(folder, "file");
    assert_int_equal(write_file(file, "", 0), 0);
    assert_refused(file, file);
    assert_refused(folder_file(folder, "file/below"), "file");
    assert_refused("", "empty");
    assert_refused("/dev/null/x", "/dev/null");
    static char name[2 * FILE_PATH_MAX];
    memset(name, 'x', sizeof name - 1);
    assert_refused(name, "long");
    name[0] = '/';
    name[300] = '\0';
    assert_refused(name, "long");
    assert_int_equal(entries(folder->path), 1);
}

/* The folder may be, but a file in it has too long a name. */
static void a_folder_of_almost_the_longest_name(void **state) {
    struct folder *folder = *state;
    char name[FILE_PATH_MAX];
    text_set(name, sizeof name, "%s", folder->path);
    while (strlen(name) + 201 < FILE_PATH_MAX - 20) {
        size_t length = strlen(name);
        name[length] = '/';
        memset(name + length + 1, 'd', 200);
        name[length + 201] = '\0';
    }
    size_t length = strlen(name);
    memset(name + length, 'e', FILE_PATH_MAX - 20 - length);
    name[length] = '/';
    name[FILE_PATH_MAX - 20] = '\0';
    assert_refused(name, "long");
    assert_int_equal(entries(name), 0);
}

static void a_read_only_folder(void **state) {
    struct folder *folder = *state;
    bool root = geteuid() == 0; // who may write anywhere, so somebody else tries
    assert_int_equal(chmod(folder->path, 0555), 0);
    if (root) {
        assert_int_equal(seteuid(NOBODY), 0);
    }
    assert_refused(folder->path, "Permission denied");
    assert_refused(folder_file(folder, "new"), "Permission denied");
    if (root) {
        assert_int_equal(seteuid(0), 0);
    }
    assert_int_equal(chmod(folder->path, 0755), 0);
    assert_int_equal(entries(folder->path), 0);
}

static void a_full_disk(void **state) {
    struct folder *folder = *state;
    struct rlimit before, full;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_IGN);
    static const rlim_t room[] = { 0, 1, 100, 1000 };
    for (int i = 0; i < ARRAY_LEN(room); i++) {
        full = before;
        full.rlim_cur = room[i];
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &full), 0);
        assert_refused(folder->path, folder->path);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
        assert_int_equal(entries(folder->path), 0);
    }
    signal(SIGXFSZ, SIG_DFL);
}

int main(void) {
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        IN_FOLDER(the_name_has_moment_and_step),
        IN_FOLDER(taken_names_get_a_number),
        IN_FOLDER(the_pictures_folder_is_the_default),
        IN_FOLDER(folders_that_cannot_be),
        IN_FOLDER(a_folder_of_almost_the_longest_name),
        IN_FOLDER(a_read_only_folder),
        IN_FOLDER(a_full_disk),
    };
    return cmocka_run_group_tests(tests, make_canvas, drop_canvas);
}
