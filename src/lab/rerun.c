#include "lab/rerun.h"

#include "base/memory.h"
#include "base/text.h"
#include "lab/layer_look.h"
#include "lab/model_load.h"
#include "lab/run_change.h"

void rerun_begin(struct rerun *rerun, const struct replay *replay, const struct dataset *data,
                 const char *load, int threads) {
    rerun_rest(rerun);
    rerun->replay = replay;
    rerun->data = data;
    rerun->load = load;
    rerun->threads = threads;
}

/* What the first so many changes make of it. */
static struct experiment experiment_after(const struct rerun *rerun, int changes) {
    struct experiment experiment;
    replay_experiment(rerun->replay, changes, &experiment);
    if (experiment.threads == 0) {
        experiment.threads = rerun->threads;
    }
    return experiment;
}

static bool start(struct rerun *rerun, char *problem) {
    const struct experiment first = experiment_after(rerun, 0);
    rerun_rest(rerun);
    rerun->has_run = run_init(&rerun->run, &first, rerun->data, problem);
    if (rerun->has_run && rerun->load && !model_load(&rerun->run, rerun->load, problem)) {
        rerun_rest(rerun);
    }
    return rerun->has_run;
}

/* The next change. Without it the run would be another one. */
static bool change(struct rerun *rerun, char *problem) {
    const struct experiment experiment = experiment_after(rerun, ++rerun->changed);
    bool swapped = replay_swaps(rerun->replay, rerun->changed);
    data_look_forget(&rerun->data_look);
    if (!run_change(&rerun->run, &experiment, swapped, problem)) {
        rerun_rest(rerun);
    }
    return rerun->has_run;
}

enum rerun_state rerun_advance(struct rerun *rerun, int64_t step, char *problem) {
    const struct replay *replay = rerun->replay;
    if (replay->lost && step >= replay->lost_step) {
        text_set(problem, EXPERIMENT_PROBLEM, "More than %d settings were changed before it.",
                 (int)REPLAY_EDITS);
        return RERUN_IMPOSSIBLE;
    }
    int64_t next = replay_step_of(replay, rerun->changed + 1);
    bool ahead = rerun->run.step > step || rerun->run.step > next;
    if ((!rerun->has_run || ahead) && !start(rerun, problem)) {
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
    if (replay_step_of(replay, rerun->changed + 1) <= run->step) {
        return change(rerun, problem) ? RERUN_UNDER_WAY : RERUN_IMPOSSIBLE;
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
    const struct data_effort effort = { .work = DATA_LOOK_WORK };
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
    rerun->changed = 0;
}
