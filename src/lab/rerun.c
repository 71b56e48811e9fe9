#include "lab/rerun.h"

#include "base/memory.h"
#include "base/text.h"
#include "lab/layer_look.h"
#include "lab/model_load.h"
#include "lab/run_change.h"

// Multiply-adds of a look at the data, as while training goes on.
static const double looking_work = 1e8;

void rerun_begin(struct rerun *rerun, const struct experiment *first, const struct dataset *data,
                 const char *load) {
    rerun_rest(rerun);
    rerun->first = *first;
    rerun->data = data;
    rerun->load = load;
    rerun->changes = 0;
    rerun->lost = false;
}

void rerun_note(struct rerun *rerun, int64_t step, const struct experiment *experiment,
                bool swapped) {
    if (rerun->changes == RERUN_CHANGES) {
        rerun->lost = true;
        return;
    }
    struct rerun_change *change = &rerun->change[rerun->changes++];
    change->step = step;
    change->experiment = *experiment;
    change->swapped = swapped;
    if (rerun->has_run && rerun->run.step >= step) {
        rerun_rest(rerun); // it came by without that change
    }
}

static bool start(struct rerun *rerun, char *problem) {
    rerun_rest(rerun);
    rerun->changed = 0;
    rerun->has_run = run_init(&rerun->run, &rerun->first, rerun->data, problem);
    return rerun->has_run && (!rerun->load || model_load(&rerun->run, rerun->load, problem));
}

/* The next change, if it is due. */
static const struct rerun_change *due(const struct rerun *rerun) {
    const struct rerun_change *next = &rerun->change[rerun->changed];
    return rerun->changed < rerun->changes && next->step <= rerun->run.step ? next : NULL;
}

enum rerun_state rerun_advance(struct rerun *rerun, int64_t step, char *problem) {
    if (rerun->lost && step >= rerun->change[RERUN_CHANGES - 1].step) {
        text_set(problem, EXPERIMENT_PROBLEM, "The settings were changed too often before it.");
        return RERUN_IMPOSSIBLE;
    }
    if ((!rerun->has_run || rerun->run.step > step) && !start(rerun, problem)) {
        return RERUN_IMPOSSIBLE;
    }
    struct run *run = &rerun->run;
    if (run->step > step) {
        text_set(problem, EXPERIMENT_PROBLEM,
                 "What was before the weights were saved is not known.");
        return RERUN_IMPOSSIBLE;
    }
    if (run_pretrains(run)) {
        run_pretrain(run);
        return RERUN_UNDER_WAY;
    }
    const struct rerun_change *change = due(rerun);
    if (change) {
        rerun->changed++;
        data_look_forget(&rerun->data_look);
        bool done = run_change(run, &change->experiment, change->swapped, problem);
        return done ? RERUN_UNDER_WAY : RERUN_IMPOSSIBLE;
    }
    if (!run->passed) {
        run_pass(run);
    }
    if (run->step == step) {
        return RERUN_THERE;
    }
    if (run_stopped(run)) {
        text_set(problem, EXPERIMENT_PROBLEM, "The run has diverged before it.");
        return RERUN_IMPOSSIBLE;
    }
    run_update(run);
    return RERUN_UNDER_WAY;
}

void rerun_look(struct rerun *rerun, const struct look *look) {
    struct snapshot *snapshot = &rerun->snapshot;
    const struct data_effort effort = { .work = looking_work };
    snapshot->step = rerun->run.step;
    snapshot->runs = rerun->run.networks;
    layer_look(&rerun->run, look, snapshot);
    snapshot->data_detail.made = false;
    if (look->kind == LOOK_DATA && data_look(&rerun->data_look, &rerun->run, &effort)) {
        data_detail_copy(&snapshot->data_detail, &rerun->data_look.detail);
    }
}

void rerun_rest(struct rerun *rerun) {
    data_look_forget(&rerun->data_look);
    run_finish(&rerun->run);
    memory_clear(&rerun->snapshot, sizeof rerun->snapshot);
    rerun->has_run = false;
}
