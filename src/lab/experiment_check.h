/*
 * experiment_check.h - the table of what makes an experiment impossible.
 *
 * A setting by itself is checked by its row in the table of settings, and what the data can give by
 * dataset_describe(). Here stands what shows only once all settings and the shape of the data are
 * known: combinations that make no sense, and the memory. They are refused with a sentence that
 * says what to change; nothing is replaced in silence. experiment_fits() asks every row in order.
 *
 * Threads: pure functions.
 */
#ifndef LAB_EXPERIMENT_CHECK_H
#define LAB_EXPERIMENT_CHECK_H

#include "lab/experiment.h"

/* What a check may look at. */
struct experiment_case {
    const struct experiment *experiment;
    const struct dataset_shape *shape;
    int run;            // 0 where the row is not asked per run
    size_t reclaimable; // bytes, see experiment_fits()
};

struct experiment_check {
    const char *name;
    bool per_run; // asked of A and, if there is one, of B; the sentence then names B
    // false with one sentence in problem (EXPERIMENT_PROBLEM bytes) that says what to change
    bool (*passes)(const struct experiment_case *asked, char *problem);
};

/* The table; its length in *count. A row may rely on those above it. */
const struct experiment_check *experiment_checks(int *count);

#endif
