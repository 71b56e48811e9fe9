/*
 * fixture.h - a run with its data, and room for what it tells, for the tests that train; how it is
 * trained, and whether two have come to the same.
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

/* So many passes, each with its update. */
static inline void steps(struct run *run, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        run_pass(run);
        run_update(run);
    }
}

/* Have all layers of both the same W and b, bit by bit? */
static inline bool same_weights(const struct network *a, const struct network *b) {
    bool same = a->config.layers == b->config.layers;
    for (int l = 0; same && l <= a->config.layers; l++) {
        const struct layer *p = &a->layer[l], *q = &b->layer[l];
        same = p->weight.n == q->weight.n && p->bias.n == q->bias.n &&
               memcmp(p->weight.value, q->weight.value, p->weight.n * sizeof(real)) == 0 &&
               memcmp(p->bias.value, q->bias.value, p->bias.n * sizeof(real)) == 0;
    }
    return same;
}

#endif
