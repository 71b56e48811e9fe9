#include "lab/run_change.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "lab/experiment_change.h"
#include "lab/run_build.h"

static void undo_pass(struct run *run) {
    if (!run->passed) {
        return;
    }
    run->passed = false;
    batches_return(&run->batches, run->place);
    for (int r = 0; r < run->networks; r++) {
        network_undo_pass(&run->network[r]);
        for (int m = 0; m < run->ensemble[r].others; m++) {
            network_undo_pass(&run->ensemble[r].network[m]);
        }
    }
}

static void continue_networks(struct run *next, const struct run *run, int r) {
    network_continue(&next->network[r], &run->network[r], run->step);
    for (int m = 0; m < run->ensemble[r].others; m++) {
        network_continue(&next->ensemble[r].network[m], &run->ensemble[r].network[m], run->step);
    }
    next->twin[r] = run->twin[r];
    next->twin[r].diverged = next->twin[r].diverged_backward = false;
    next->lsuv[r] = run->lsuv[r];
    next->pretraining[r].stats = run->pretraining[r].stats;
}

bool run_change(struct run *run, const struct experiment *experiment, char *problem) {
    if (run_pretrains(run)) {
        text_set(problem, EXPERIMENT_PROBLEM, "The network is still being pre-trained.");
        return false;
    }
    if (!experiment_goes_on(&run->experiment, experiment, problem)) {
        return false;
    }
    struct run *next = malloc(sizeof *next);
    if (!next) {
        text_set(problem, EXPERIMENT_PROBLEM, "Memory ran out.");
        return false;
    }
    if (!run_build(next, experiment, run->data, (struct arena){ 0 }, problem)) {
        free(next);
        return false;
    }
    undo_pass(run);
    for (int r = 0; r < run->networks; r++) {
        continue_networks(next, run, r);
    }
    next->step = run->step;
    next->seen = run->seen;
    next->batches = run->batches;
    batches_resize(&next->batches, (uint32_t)next->batch);
    run->batches = (struct batches){ 0 };
    run_finish(run);
    *run = *next;
    free(next);
    return true;
}
