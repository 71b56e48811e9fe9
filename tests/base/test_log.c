#include "check.h"

#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "child.h"

static void log_two_lines(void *argument) {
    (void)argument;
    log_error("cannot open %s: %d", "x.png", 7);
    log_error("%s", "100 % sure");
}

static void one_line_each_with_the_programs_name(void **state) {
    (void)state;
    struct child child;
    assert_true(child_run(&child, log_two_lines, NULL));
    assert_string_equal(child.error, "layerscope: cannot open x.png: 7\nlayerscope: 100 % sure\n");
}

static void log_longest_problem(void *argument) {
    (void)argument;
    char problem[FILE_PROBLEM_MAX];
    memset(problem, 'x', sizeof problem);
    strcpy(problem + sizeof problem - 8, "the end");
    log_error("%s", problem);
}

static void a_long_path_does_not_hide_the_reason(void **state) {
    (void)state;
    struct child child;
    assert_true(child_run(&child, log_longest_problem, NULL));
    assert_contains(child.error, "xxthe end\n");
}

static void only_memory_is_not_the_users_doing(void **state) {
    (void)state;
    assert_int_equal(log_refusal("--layers: 'x' is no number."), 2);
    assert_int_equal(log_refusal("Memory ran out for the history."), 1);
    assert_int_equal(log_refusal("cannot read a.csv: Cannot allocate memory"), 1);
    assert_int_equal(log_refusal("a.csv: memory ran out for its 3 columns"), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_line_each_with_the_programs_name),
        cmocka_unit_test(a_long_path_does_not_hide_the_reason),
        cmocka_unit_test(only_memory_is_not_the_users_doing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
