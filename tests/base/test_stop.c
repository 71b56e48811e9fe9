#include "check.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/stop.h"
#include "child.h"
#include "folder.h"

static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
static const char *const names[] = { "SIGINT", "SIGTERM", "SIGHUP" };
enum { NUMBERS = 3 };

/* The runner may have been started with some of them ignored. */
static int usual_setup(void **state) {
    for (int i = 0; i < NUMBERS; i++) {
        signal(numbers[i], SIG_DFL);
    }
    return folder_setup(state);
}

static void claim(bool good, const char *what) {
    if (!good) {
        fprintf(stderr, "%s\n", what);
    }
}

static bool died_of(const struct child *child, int number) {
    return WIFSIGNALED(child->status) && WTERMSIG(child->status) == number;
}

static void be_asked(void *argument) {
    int i = *(int *)argument;
    stop_listen();
    claim(stop_signal() == 0 && stop_name()[0] == '\0', "something came by itself");
    stop_finish();
    raise(numbers[i]);
    claim(stop_signal() == numbers[i], "it was not noted");
    claim(strcmp(stop_name(), names[i]) == 0, "it is called otherwise");
    stop_finish();
    claim(false, "it does not end");
}

static void the_first_is_noted_and_is_the_end_in_the_end(void **state) {
    (void)state;
    for (int i = 0; i < NUMBERS; i++) {
        struct child child;
        assert_true(child_run(&child, be_asked, &i));
        assert_string_equal(child.error, "");
        assert_true(died_of(&child, numbers[i]));
    }
}

static void be_asked_twice(void *argument) {
    char problem[FILE_PROBLEM_MAX];
    struct file_writer one, other, done;
    stop_listen();
    claim(file_writer_open(&done, argument, problem), problem);
    claim(file_writer_open(&one, argument, problem), problem);
    claim(file_writer_open(&other, argument, problem), problem);
    fputs("new", done.stream);
    claim(file_writer_commit(&done, problem), problem);
    raise(SIGINT);
    raise(SIGTERM);
    claim(false, "it does not end");
}

static void a_second_one_leaves_no_temporary_file(void **state) {
    struct folder *folder = *state;
    struct child child;
    assert_true(child_run(&child, be_asked_twice, (char *)(uintptr_t)folder_file(folder, "a.txt")));
    assert_string_equal(child.error, "");
    assert_true(died_of(&child, SIGTERM));
    assert_int_equal(remove(folder_file(folder, "a.txt")), 0); // which was whole
    assert_int_equal(rmdir(folder->path), 0);                  // else there was more
    assert_int_equal(mkdir(folder->path, 0700), 0);
}

static void be_deaf(void *argument) {
    (void)argument;
    signal(SIGHUP, SIG_IGN);
    stop_listen();
    raise(SIGHUP);
    claim(stop_signal() == 0, "it was heard");
}

static void what_was_ignored_stays_ignored(void **state) {
    (void)state;
    struct child child;
    assert_true(child_run(&child, be_deaf, NULL));
    assert_string_equal(child.error, "");
    assert_true(child_succeeded(&child));
}

static void tell(void *context) {
    (void)!write(*(int *)context, "c", 1);
}

/* Sleeps until it is called; once before the signal came, and again after it. */
static void be_called(void *argument) {
    int ends[2];
    char byte = 0;
    (void)argument;
    stop_listen();
    claim(pipe(ends) == 0 && stop_call(tell, &ends[1]), "there is no thread");
    raise(SIGTERM);
    claim(read(ends[0], &byte, 1) == 1 && byte == 'c', "it was not called");
    stop_end_call();
    claim(stop_call(tell, &ends[1]), "there is no thread");
    claim(read(ends[0], &byte, 1) == 1, "it was not called again");
    stop_end_call();
    close(ends[1]);
    claim(read(ends[0], &byte, 1) == 0, "it was called too often");
}

static void who_sleeps_is_called(void **state) {
    (void)state;
    struct child child;
    assert_true(child_run(&child, be_called, NULL));
    assert_string_equal(child.error, "");
    assert_true(child_succeeded(&child));
}

static void be_left_alone(void *argument) {
    int ends[2];
    char byte;
    (void)argument;
    stop_end_call();
    stop_listen();
    claim(pipe(ends) == 0 && stop_call(tell, &ends[1]), "there is no thread");
    stop_end_call();
    stop_end_call();
    close(ends[1]);
    claim(read(ends[0], &byte, 1) == 0, "it was called");
}

static void without_a_signal_nobody_is_called(void **state) {
    (void)state;
    struct child child;
    assert_true(child_run(&child, be_left_alone, NULL));
    assert_string_equal(child.error, "");
    assert_true(child_succeeded(&child));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, usual_setup, folder_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_first_is_noted_and_is_the_end_in_the_end),
        TEST(a_second_one_leaves_no_temporary_file),
        TEST(what_was_ignored_stays_ignored),
        TEST(who_sleeps_is_called),
        TEST(without_a_signal_nobody_is_called),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
