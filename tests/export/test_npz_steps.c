/*
 * Archives of steps that cannot be written; what stands in those that can is tested with the
 * program itself, by NumPy.
 */
#include "base/check.h"

#include <stdlib.h>

#include "base/file.h"
#include "export/npz_steps.h"
#include "tools.h"

enum { STEPS = 5 };

static bool write_steps(const char *path, char *problem) {
    struct npz_steps *steps = npz_steps_open(path, problem);
    if (!steps) {
        return false;
    }
    struct snapshot *snapshot = calloc(1, sizeof *snapshot);
    assert_non_null(snapshot);
    snapshot->runs = 2;
    snapshot->run[0].layers = 3;
    bool added = true;
    for (; snapshot->step < STEPS && added; snapshot->step++) {
        added = npz_steps_add(steps, snapshot, problem);
    }
    free(snapshot);
    return npz_steps_close(steps, added, problem) && added;
}

static void same_steps_same_bytes(void **state) {
    (void)state;
    char a[TOOLS_PATH], b[TOOLS_PATH], problem[FILE_PROBLEM_MAX];
    scratch_path(a, "a.npz");
    scratch_path(b, "b.npz");
    assert_true(write_steps(a, problem));
    assert_true(write_steps(b, problem));
    assert_same_file(a, b);
}

static void failures_leave_nothing(void **state) {
    (void)state;
    assert_fails_cleanly(write_steps, 20000);
}

static void what_is_given_up_leaves_nothing(void **state) {
    (void)state;
    char path[TOOLS_PATH], problem[FILE_PROBLEM_MAX];
    scratch_path(path, "c.npz");
    struct npz_steps *steps = npz_steps_open(path, problem);
    assert_non_null(steps);
    assert_true(npz_steps_close(steps, false, problem));
    assert_null(fopen(path, "rb"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_steps_same_bytes),
        cmocka_unit_test(failures_leave_nothing),
        cmocka_unit_test(what_is_given_up_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
