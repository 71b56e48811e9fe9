/*
 * fixture.h - a run with its data, and room for what it tells, for the tests that train.
 */
#ifndef TESTS_LAB_FIXTURE_H
#define TESTS_LAB_FIXTURE_H

#include <stdlib.h>

#include "lab.h"
#include "lab/run.h"

struct fixture {
    struct dataset data;
    struct run run;
    struct snapshot snapshot;
    struct history_record record;
};

/* At step 0. Stops the test with the program's own sentence if that cannot be. */
static inline struct fixture *started(const struct experiment *experiment) {
    struct fixture *f = calloc(1, sizeof *f);
    char problem[EXPERIMENT_PROBLEM] = "";
    struct dataset_settings settings = experiment_data(experiment);
    assert_non_null(f);
    if (!dataset_load(&f->data, &settings, problem) ||
        !run_init(&f->run, experiment, &f->data, problem)) {
        fail_msg("%s", problem);
    }
    return f;
}

static inline void finish(struct fixture *f) {
    run_finish(&f->run);
    dataset_finish(&f->data);
    free(f);
}

#endif
