/*
 * What we write as event files, read back by a decoder that is not ours and held against NumPy's
 * histograms of the very arrays, which test_npz_file.c checks.
 */
#include <string.h>
#include <sys/stat.h>

#include "../base/check.h"
#include "../lab/fixture.h"
#include "base/file.h"
#include "export/npz_file.h"
#include "export/tensorboard.h"
#include "tools.h"

static void set(struct experiment *experiment, int run, const char *name, const char *value) {
    char problem[EXPERIMENT_PROBLEM] = "";
    if (!setting_parse(experiment, run, setting_find(name), value, problem)) {
        fail_msg("%s", problem);
    }
}

static struct experiment twins(void) {
    struct experiment experiment;
    experiment_defaults(&experiment);
    experiment.compare = true;
    set(&experiment, 0, "data", "spirals");
    set(&experiment, 0, "batch", "20");
    for (int run = 0; run < 2; run++) {
        set(&experiment, run, "layers", "3");
        set(&experiment, run, "width", "7");
        set(&experiment, run, "activation", run == 0 ? "relu" : "tanh");
    }
    return experiment;
}

static void add_step(struct tensorboard *board, struct fixture *f) {
    static struct signs signs;
    char problem[FILE_PROBLEM_MAX] = "";
    run_capture_signed(&f->run, &f->snapshot, &signs);
    if (!tensorboard_add(board, &f->snapshot, &signs, problem)) {
        fail_msg("%s", problem);
    }
}

/* Three steps, the arrays of each beside them. */
static void write_steps(struct fixture *f, const char *folder) {
    char problem[FILE_PROBLEM_MAX] = "";
    struct tensorboard *board = tensorboard_create(folder, f->run.networks, problem);
    if (!board) {
        fail_msg("%s", problem);
    }
    for (int step = 0; step < 3; step++) {
        char name[32], path[TOOLS_PATH];
        run_evaluate(&f->run, INT64_MAX, NULL, NULL);
        run_pass(&f->run);
        add_step(board, f);
        snprintf(name, sizeof name, "step%d.npz", step);
        scratch_path(path, name);
        assert_true(npz_file_write(path, &f->run, problem));
        run_update(&f->run);
    }
    assert_true(tensorboard_close(board, NULL));
}

static void other_readers_find_what_was_measured(void **state) {
    (void)state;
    char folder[TOOLS_PATH], arrays[TOOLS_PATH];
    struct experiment experiment = twins();
    struct fixture *f = started(&experiment);
    scratch_path(folder, "board");
    scratch_path(arrays, "step%d.npz");
    write_steps(f, folder);
    assert_checked((const char *const[]){ "events", folder, arrays, "3", "3", NULL });
    finish(f);
}

static void says_nan_and_infinity_apart(void **state) {
    (void)state;
    char folder[TOOLS_PATH], problem[FILE_PROBLEM_MAX] = "";
    struct experiment experiment = twins();
    struct fixture *f = started(&experiment);
    scratch_path(folder, "diverged");
    struct tensorboard *board = tensorboard_create(folder, f->run.networks, problem);
    assert_non_null(board);
    f->run.network[0].layer[1].weight.value[3] = NAN;
    run_pass(&f->run);
    add_step(board, f);
    assert_true(tensorboard_close(board, NULL));
    char count[32];
    snprintf(count, sizeof count, "%d", (int)f->snapshot.run[0].layer[1].z.nan);
    assert_checked((const char *const[]){ "events_nan", folder, count, NULL });
    finish(f);
}

static void refuses_a_folder_that_has_a_run(void **state) {
    (void)state;
    char folder[TOOLS_PATH], problem[FILE_PROBLEM_MAX] = "";
    scratch_path(folder, "once");
    struct tensorboard *board = tensorboard_create(folder, 1, problem);
    assert_non_null(board);
    assert_true(tensorboard_close(board, NULL));
    assert_null(tensorboard_create(folder, 1, problem));
    assert_contains(problem, "holds event files of another run already");
    assert_null(tensorboard_create("/proc/nothing", 1, problem));
    assert_contains(problem, "/proc/nothing");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_readers_find_what_was_measured),
        cmocka_unit_test(says_nan_and_infinity_apart),
        cmocka_unit_test(refuses_a_folder_that_has_a_run),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
