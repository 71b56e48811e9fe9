#include "tools.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"
#include "base/file.h"
#include "base/text.h"

enum { CHECKER_ARGUMENTS = 32, NOBODY = 65534 };

static char scratch[TOOLS_PATH];

static int entries(const char *folder) {
    DIR *directory = opendir(folder);
    assert_non_null(directory);
    int count = 0;
    while (readdir(directory)) {
        count++;
    }
    closedir(directory);
    return count - 2; // "." and ".."
}

int scratch_setup(void **state) {
    (void)state;
    const char *parent = getenv("TMPDIR");
    text_set(scratch, sizeof scratch, "%s/layerscope-test-XXXXXX", parent ? parent : "/tmp");
    return mkdtemp(scratch) ? 0 : -1;
}

static int take_away(const char *path, const struct stat *info, int type, struct FTW *place) {
    (void)info, (void)type, (void)place;
    return remove(path);
}

int scratch_teardown(void **state) {
    (void)state;
    return nftw(scratch, take_away, 16, FTW_DEPTH | FTW_PHYS);
}

void scratch_path(char path[TOOLS_PATH], const char *name) {
    text_set(path, TOOLS_PATH, "%s/%s", scratch, name);
}

void assert_same_file(const char *a, const char *b) {
    FILE *first = fopen(a, "rb"), *second = fopen(b, "rb");
    assert_non_null(first);
    assert_non_null(second);
    int byte;
    do {
        byte = fgetc(first);
        assert_int_equal(byte, fgetc(second));
    } while (byte != EOF);
    fclose(first);
    fclose(second);
}

/* Set by meson. */
static const char *environment(const char *name) {
    const char *value = getenv(name);
    assert_non_null(value);
    return value ? value : ""; // static analysis cannot see that cmocka does not return
}

void assert_checked(const char *const *arguments) {
    char checker[TOOLS_PATH];
    const char *root = environment("SOURCE_ROOT"), *python = environment("PYTHON_NUMPY");
    text_set(checker, sizeof checker, "%s/tests/export/check_files.py", root);
    const char *line[CHECKER_ARGUMENTS] = { python, checker };
    for (int i = 0; arguments[i]; i++) {
        assert_true(i + 3 < CHECKER_ARGUMENTS);
        line[i + 2] = arguments[i];
    }
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        execv(python, (char *const *)line);
        _exit(127);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void assert_problem(bool written, const char *path, const char *problem) {
    assert_false(written);
    assert_non_null(strstr(problem, path));
    assert_true(strlen(problem) > strlen("cannot write : ") + strlen(path));
}

static void fails_without_folder(bool (*write)(const char *path, char *problem)) {
    char path[TOOLS_PATH], problem[FILE_PROBLEM_MAX] = "";
    scratch_path(path, "no such folder/file");
    assert_problem(write(path, problem), path, problem);
    scratch_path(path, "kept/file"); // "kept" is a file
    problem[0] = '\0';
    assert_problem(write(path, problem), path, problem);
}

/* Root may write anywhere, so the attempt is made as somebody else. */
static void fails_in_read_only_folder(bool (*write)(const char *path, char *problem)) {
    char path[TOOLS_PATH], problem[FILE_PROBLEM_MAX] = "";
    scratch_path(path, "new");
    bool root = geteuid() == 0;
    assert_int_equal(chmod(scratch, 0555), 0);
    if (root) {
        assert_int_equal(seteuid(NOBODY), 0);
    }
    bool written = write(path, problem);
    if (root) {
        assert_int_equal(seteuid(0), 0);
    }
    assert_int_equal(chmod(scratch, 0755), 0);
    assert_problem(written, path, problem);
}

static void fails_on_full_disk(bool (*write)(const char *path, char *problem), const char *name,
                               long room) {
    char path[TOOLS_PATH], problem[FILE_PROBLEM_MAX] = "";
    scratch_path(path, name);
    struct rlimit before, full;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    full = before;
    full.rlim_cur = (rlim_t)room;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &full), 0);
    bool written = write(path, problem);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_DFL);
    assert_problem(written, path, problem);
    assert_non_null(strstr(problem, strerror(EFBIG)));
}

static void write_text(const char *path, const char *text) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

void assert_fails_cleanly(bool (*write)(const char *path, char *problem), long least) {
    char kept[TOOLS_PATH], copy[TOOLS_PATH];
    scratch_path(kept, "kept");
    scratch_path(copy, "copy");
    write_text(kept, "precious");
    write_text(copy, "precious");
    int before = entries(scratch);

    fails_without_folder(write);
    fails_in_read_only_folder(write);
    long sizes[] = { 0, 1, 100, least / 2, least - 1 };
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        fails_on_full_disk(write, "new", sizes[i]);
        fails_on_full_disk(write, "kept", sizes[i]);
    }
    assert_same_file(kept, copy);
    assert_int_equal(entries(scratch), before);
}
