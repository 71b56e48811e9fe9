#include "check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/mount.h>
#endif

#include "base/file.h"
#include "child.h"
#include "folder.h"

enum { NOBODY = 65534 };

static int entries(const char *path) {
    int count = 0;
    DIR *folder = opendir(path);
    while (folder && readdir(folder)) {
        count++;
    }
    if (folder) {
        closedir(folder);
    }
    return count - 2; // . and ..
}

/* Write size bytes, in pieces that a stream's buffer does not swallow, and commit. */
static bool write_whole(const char *path, size_t size, char *problem) {
    static const char piece[10000] = "start";
    struct file_writer writer;
    if (!file_writer_open(&writer, path, problem)) {
        return false;
    }
    for (size_t left = size; left > 0;) {
        size_t step = left < sizeof piece ? left : sizeof piece;
        fwrite(piece, 1, step, writer.stream);
        left -= step;
    }
    return file_writer_commit(&writer, problem);
}

static void appears_whole_and_alone(void **state) {
    struct folder *folder = *state;
    const char *path = folder_file(folder, "a.txt");
    char problem[FILE_PROBLEM_MAX], text[64];
    struct file_writer writer;
    assert_true(file_writer_open(&writer, path, problem));
    fputs("new text", writer.stream);
    fflush(writer.stream);
    assert_int_equal(access(path, F_OK), -1);
    assert_true(file_writer_commit(&writer, problem));
    assert_null(writer.stream);
    read_text(path, text, sizeof text);
    assert_string_equal(text, "new text");
    assert_int_equal(entries(folder->path), 1);
}

static void replaces_only_at_the_end(void **state) {
    struct folder *folder = *state;
    const char *path = folder_file(folder, "a.txt");
    char problem[FILE_PROBLEM_MAX], text[64];
    struct file_writer writer;
    assert_int_equal(write_file(path, "old", 3), 0);
    assert_int_equal(chmod(path, 0604), 0);
    assert_true(file_writer_open(&writer, path, problem));
    fputs("new", writer.stream);
    fflush(writer.stream);
    read_text(path, text, sizeof text);
    assert_string_equal(text, "old");
    assert_true(file_writer_commit(&writer, problem));
    read_text(path, text, sizeof text);
    assert_string_equal(text, "new");
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0604);
}

static void new_files_obey_the_umask(void **state) {
    struct folder *folder = *state;
    const char *path = folder_file(folder, "a.txt");
    char problem[FILE_PROBLEM_MAX];
    struct stat info;
    mode_t before = umask(027);
    assert_true(write_whole(path, 1, problem));
    umask(before);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0640);
}

static void abandoned_leaves_no_trace(void **state) {
    struct folder *folder = *state;
    const char *path = folder_file(folder, "a.txt");
    char problem[FILE_PROBLEM_MAX], text[64];
    struct file_writer writer;
    assert_int_equal(write_file(path, "old", 3), 0);
    assert_true(file_writer_open(&writer, path, problem));
    fputs("new", writer.stream);
    file_writer_abandon(&writer);
    file_writer_abandon(&writer); // zeroed by now
    read_text(path, text, sizeof text);
    assert_string_equal(text, "old");
    assert_int_equal(entries(folder->path), 1);
}

static void closed_is_there_if_it_was_written(void **state) {
    struct folder *folder = *state;
    const char *path = folder_file(folder, "a.txt");
    char problem[FILE_PROBLEM_MAX] = "", text[64];
    struct file_writer writer;
    for (int written = 1; written >= 0; written--) {
        assert_true(file_writer_open(&writer, path, problem));
        fputs(written ? "whole" : "half", writer.stream);
        assert_true(file_writer_close(&writer, written, problem) == written);
        read_text(path, text, sizeof text);
        assert_string_equal(text, "whole");
        assert_int_equal(entries(folder->path), 1);
        assert_string_equal(problem, "");
    }
    assert_false(file_no_memory("a.txt", problem));
    assert_string_equal(problem, "cannot write a.txt: memory ran out");
}

static void two_writers_of_one_file_do_not_meet(void **state) {
    struct folder *folder = *state;
    const char *path = folder_file(folder, "a.txt");
    char problem[FILE_PROBLEM_MAX], text[64];
    struct file_writer first, second;
    assert_true(file_writer_open(&first, path, problem));
    assert_true(file_writer_open(&second, path, problem));
    fputs("first", first.stream);
    fputs("second", second.stream);
    assert_true(file_writer_commit(&second, problem));
    assert_true(file_writer_commit(&first, problem));
    read_text(path, text, sizeof text);
    assert_string_equal(text, "first");
    assert_int_equal(entries(folder->path), 1);
}

static void links_are_followed(void **state) {
    struct folder *folder = *state;
    char target[FOLDER_PATH + 16], link[FOLDER_PATH + 16], problem[FILE_PROBLEM_MAX], text[64];
    snprintf(target, sizeof target, "%s/target", folder->path);
    snprintf(link, sizeof link, "%s/link", folder->path);
    assert_int_equal(write_file(target, "old", 3), 0);
    assert_int_equal(symlink("target", link), 0);
    assert_true(write_whole(link, 5, problem));
    struct stat info;
    assert_int_equal(lstat(link, &info), 0);
    assert_true(S_ISLNK(info.st_mode));
    read_text(target, text, sizeof text);
    assert_string_equal(text, "start");
}

static void the_working_folder_needs_no_slash(void **state) {
    struct folder *folder = *state;
    char problem[FILE_PROBLEM_MAX], before[FILE_PATH_MAX];
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(folder->path), 0);
    bool written = write_whole("plain.txt", 3, problem);
    assert_int_equal(chdir(before), 0);
    assert_true(written);
    assert_int_equal(access(folder_file(folder, "plain.txt"), R_OK), 0);
    assert_int_equal(entries(folder->path), 1);
}

static void names_may_fill_their_limit(void **state) {
    struct folder *folder = *state;
    char name[300], problem[FILE_PROBLEM_MAX];
    memset(name, 'x', sizeof name);
    name[255] = '\0';
    assert_true(write_whole(folder_file(folder, name), 3, problem));
    memset(name, 'y', sizeof name);
    name[256] = '\0';
    assert_false(write_whole(folder_file(folder, name), 3, problem));
    assert_contains(problem, "yy: File name too long");
    assert_int_equal(entries(folder->path), 1);
}

static void a_path_too_long_is_refused(void **state) {
    (void)state;
    static char path[2 * FILE_PATH_MAX];
    char problem[FILE_PROBLEM_MAX];
    for (size_t length = FILE_PATH_MAX - 40; length < FILE_PATH_MAX + 300; length++) {
        memset(path, 0, sizeof path);
        for (size_t i = 0; i < length; i++) {
            path[i] = i % 100 == 0 ? '/' : 'x';
        }
        assert_false(write_whole(path, 3, problem));
        assert_contains(problem, "cannot write /xxx");
        if (length >= FILE_PATH_MAX) {
            assert_contains(problem, "File name too long");
            assert_false(file_make_folder(path, problem));
            assert_contains(problem, "File name too long");
        }
    }
}

static void an_empty_name_is_refused(void **state) {
    (void)state;
    char problem[FILE_PROBLEM_MAX];
    assert_false(write_whole("", 3, problem));
    assert_string_equal(problem, "cannot write a file: its name is empty");
    assert_false(file_make_folder("", problem));
    assert_contains(problem, "its name is empty");
}

static void a_missing_folder_is_named(void **state) {
    struct folder *folder = *state;
    char problem[FILE_PROBLEM_MAX], expected[FILE_PROBLEM_MAX];
    const char *path = folder_file(folder, "no/such/a.png");
    struct file_writer writer;
    assert_false(file_writer_open(&writer, path, problem));
    assert_null(writer.stream);
    snprintf(expected, sizeof expected, "cannot write %s: the folder %s/no/such does not exist",
             path, folder->path);
    assert_string_equal(problem, expected);
}

static void a_folder_is_no_file(void **state) {
    struct folder *folder = *state;
    char problem[FILE_PROBLEM_MAX];
    assert_false(write_whole(folder->path, 3, problem));
    assert_contains(problem, folder->path);
    assert_contains(problem, "Is a directory");
    assert_int_equal(write_file(folder_file(folder, "file"), "x", 1), 0);
    assert_false(write_whole(folder_file(folder, "file/a.png"), 3, problem));
    assert_contains(problem, "file/a.png: Not a directory");
}

/* In a child: without the rights of root, write and report on stderr. */
static void write_as_nobody(void *path) {
    char problem[FILE_PROBLEM_MAX] = "written";
    if (getuid() == 0 && setuid(NOBODY) != 0) {
        return;
    }
    write_whole(path, 3, problem);
    fputs(problem, stderr);
}

static void a_read_only_folder_is_refused(void **state) {
    struct folder *folder = *state;
    struct child child;
    assert_int_equal(chmod(folder->path, 0555), 0);
    const char *path = folder_file(folder, "a.png");
    assert_true(child_run(&child, write_as_nobody, folder->file));
    assert_int_equal(chmod(folder->path, 0755), 0);
    assert_contains(child.error, path);
    assert_contains(child.error, "a.png: Permission denied");
    assert_int_equal(entries(folder->path), 0);
}

static void a_read_only_file_is_refused(void **state) {
    struct folder *folder = *state;
    struct child child;
    char text[16];
    const char *path = folder_file(folder, "a.png");
    assert_int_equal(chmod(folder->path, 0777), 0);
    assert_int_equal(write_file(path, "old", 3), 0);
    assert_int_equal(chmod(path, 0444), 0);
    assert_true(child_run(&child, write_as_nobody, folder->file));
    assert_contains(child.error, "a.png: Permission denied");
    read_text(path, text, sizeof text);
    assert_string_equal(text, "old");
    assert_int_equal(entries(folder->path), 1);
}

static void a_full_device_is_reported(void **state) {
    (void)state;
    if (access("/dev/full", W_OK) != 0) {
        skip();
    }
    static const size_t sizes[] = { 1, 100, 10000, 1000000 };
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        char problem[FILE_PROBLEM_MAX];
        assert_false(write_whole("/dev/full", sizes[i], problem));
        assert_string_equal(problem, "cannot write /dev/full: No space left on device");
    }
    struct stat info;
    assert_int_equal(stat("/dev/full", &info), 0);
    assert_true(S_ISCHR(info.st_mode)); // not replaced by a file
}

struct attempt {
    const char *path;
    size_t size;
};

static void write_with_a_size_limit(void *argument) {
    const struct attempt *attempt = argument;
    char problem[FILE_PROBLEM_MAX] = "written";
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){ 5000, 5000 });
    write_whole(attempt->path, attempt->size, problem);
    fputs(problem, stderr);
}

static void a_failure_is_told_before_the_end(void **state) {
    (void)state;
    static const char much[100000] = "start";
    char problem[FILE_PROBLEM_MAX] = "";
    struct file_writer writer;
    if (access("/dev/full", W_OK) != 0) {
        skip();
    }
    assert_true(file_writer_open(&writer, "/dev/full", problem));
    assert_true(file_writer_check(&writer, problem));
    fwrite(much, 1, sizeof much, writer.stream);
    assert_false(file_writer_check(&writer, problem));
    assert_string_equal(problem, "cannot write /dev/full: No space left on device");
    file_writer_abandon(&writer);
}

static void a_file_cut_short_never_replaces_the_old(void **state) {
    struct folder *folder = *state;
    const char *path = folder_file(folder, "a.png");
    static const size_t sizes[] = { 5001, 9999, 10000, 10001, 1000000 };
    assert_int_equal(write_file(path, "old", 3), 0);
    struct child child;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        char text[16];
        assert_true(
            child_run(&child, write_with_a_size_limit, &(struct attempt){ path, sizes[i] }));
        assert_contains(child.error, "a.png: File too large");
        read_text(path, text, sizeof text);
        assert_string_equal(text, "old");
        assert_int_equal(entries(folder->path), 1);
    }
    assert_true(child_run(&child, write_with_a_size_limit, &(struct attempt){ path, 5000 }));
    assert_string_equal(child.error, "written");
}

#ifdef __linux__
static bool map_to_root(const char *path, unsigned id) {
    char map[64];
    int length = snprintf(map, sizeof map, "0 %u 1", id);
    return write_file(path, map, (size_t)length) == 0;
}

/* Let this process mount: as root, else as the root of a user namespace of its own. */
static bool may_mount(void) {
    unsigned user = (unsigned)getuid(), group = (unsigned)getgid();
    if (unshare(CLONE_NEWNS) == 0) {
        return true;
    }
    return unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 && map_to_root("/proc/self/uid_map", user) &&
           write_file("/proc/self/setgroups", "deny", 4) == 0 &&
           map_to_root("/proc/self/gid_map", group);
}

/* A disk of 16 KiB in a mount namespace of the child's own; silent where that is not allowed. */
static void write_to_a_small_disk(void *argument) {
    const struct folder *folder = argument;
    char path[FOLDER_PATH + 16], text[16], problem[FILE_PROBLEM_MAX] = "written";
    if (!may_mount() || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("tmpfs", folder->path, "tmpfs", 0, "size=16k") != 0) {
        return;
    }
    snprintf(path, sizeof path, "%s/a.png", folder->path);
    write_file(path, "old", 3);
    write_whole(path, 100000, problem);
    read_text(path, text, sizeof text);
    fprintf(stderr, "%s|%s|%d", problem, text, entries(folder->path));
}

static void a_full_disk_leaves_the_old_file(void **state) {
    struct child child;
    assert_true(child_run(&child, write_to_a_small_disk, *state));
    if (child.error[0] == '\0') {
        skip();
    }
    assert_contains(child.error, "a.png: No space left on device|old|1");
}
#endif

static void folders_are_made_with_their_parents(void **state) {
    struct folder *folder = *state;
    char problem[FILE_PROBLEM_MAX];
    assert_true(file_make_folder(folder_file(folder, "a/b//c/"), problem));
    assert_int_equal(access(folder_file(folder, "a/b/c"), X_OK), 0);
    assert_true(file_make_folder(folder_file(folder, "a/b/c"), problem));
    assert_true(file_make_folder("/", problem));
    assert_true(file_make_folder(".", problem));
}

static void a_file_in_the_way_of_a_folder_is_reported(void **state) {
    struct folder *folder = *state;
    char problem[FILE_PROBLEM_MAX];
    assert_int_equal(write_file(folder_file(folder, "file"), "x", 1), 0);
    assert_false(file_make_folder(folder_file(folder, "file"), problem));
    assert_contains(problem, "cannot make the folder /");
    assert_contains(problem, "/file: File exists");
    assert_false(file_make_folder(folder_file(folder, "file/b"), problem));
    assert_contains(problem, "/file/b: ");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(appears_whole_and_alone),
        TEST(replaces_only_at_the_end),
        TEST(new_files_obey_the_umask),
        TEST(abandoned_leaves_no_trace),
        TEST(closed_is_there_if_it_was_written),
        TEST(two_writers_of_one_file_do_not_meet),
        TEST(links_are_followed),
        TEST(the_working_folder_needs_no_slash),
        TEST(names_may_fill_their_limit),
        TEST(a_path_too_long_is_refused),
        TEST(an_empty_name_is_refused),
        TEST(a_missing_folder_is_named),
        TEST(a_folder_is_no_file),
        TEST(a_read_only_folder_is_refused),
        TEST(a_read_only_file_is_refused),
        TEST(a_full_device_is_reported),
        TEST(a_failure_is_told_before_the_end),
        TEST(a_file_cut_short_never_replaces_the_old),
#ifdef __linux__
        TEST(a_full_disk_leaves_the_old_file),
#endif
        TEST(folders_are_made_with_their_parents),
        TEST(a_file_in_the_way_of_a_folder_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
