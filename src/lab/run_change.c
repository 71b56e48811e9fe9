#include "lab/run_change.h"

#include <stdlib.h>

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

/* Network r of the next run goes on from network `from` of this one. */
static void continue_networks(struct run *next, int r, const struct run *run, int from) {
    network_continue(&next->network[r], &run->network[from], run->step);
    for (int m = 0; m < run->ensemble[from].others; m++) {
        network_continue(&next->ensemble[r].network[m], &run->ensemble[from].network[m], run->step);
    }
    next->twin[r] = run->twin[from];
    next->twin[r].diverged = next->twin[r].diverged_backward = false;
    next->lsuv[r] = run->lsuv[from];
    next->pretraining[r].stats = run->pretraining[from].stats;
}

bool run_change(struct run *run, const struct experiment *experiment, bool swapped, char *problem) {
    struct experiment before = run->experiment;
    if (run_pretrains(run)) {
        text_set(problem, EXPERIMENT_PROBLEM, "the network is still being pre-trained");
        return false;
    }
    if (swapped) {
        experiment_swap(&before);
    }
    if (!experiment_goes_on(&before, experiment, problem)) {
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
        continue_networks(next, r, run, swapped ? 1 - r : r);
    }
    next->step = run->step;
    next->loaded = run->loaded;
    next->seen = run->seen;
    next->batches = run->batches;
    batches_resize(&next->batches, (uint32_t)next->batch);
    run->batches = (struct batches){ 0 };
    run_finish(run);
    *run = *next;
    free(next);
    return true;
}
