/* worker_replay.c - the worker goes where a run has been before, and says where its own comes from.
 */
#include "base/text.h"
#include "lab/worker_parts.h"

void worker_begin_replay(struct worker *worker) {
    struct experiment last = worker->request.experiment;
    pthread_mutex_lock(&worker->replay_lock);
    worker->plan = worker->offered;
    pthread_mutex_unlock(&worker->replay_lock);
    worker->changes_done = 0;
    worker->request.experiment = worker->plan.first;
    worker_restart(worker);
    worker->replaying = worker->met == worker->request.serial;
    if (worker->unmet) { // the next request may still want it
        worker->replay_known = 0;
    }
    if (worker->replaying || worker->unmet) { // else it was refused: what ran before goes on
        worker->request.experiment = last;
    }
}

/* Make the next change of the replay; false if that cannot be. */
static bool change(struct worker *worker) {
    struct experiment last = worker->request.experiment;
    int number = ++worker->changes_done;
    char reason[EXPERIMENT_PROBLEM];
    replay_experiment(&worker->plan, number, &worker->request.experiment);
    bool good = worker_change(worker, replay_swaps(&worker->plan, number), reason);
    worker->request.experiment = last;
    if (!good) {
        text_set(worker->message, sizeof worker->message, "[change %d] %.600s", number, reason);
        worker->replaying = false;
        worker_refuse(worker);
    }
    return good;
}

void worker_advance_replay(struct worker *worker) {
    const struct replay *plan = &worker->plan;
    const struct run *run = &worker->run;
    while (worker->replaying && !run_pretrains(run) &&
           replay_step_of(plan, worker->changes_done + 1) <= run->step && change(worker)) {
    }
    bool behind = run->step < plan->step || run_pretrained(run) < plan->pretrained;
    worker->replaying = worker->replaying && behind && !run_stopped(run);
}

void worker_replay(struct worker *worker, const struct replay *replay) {
    pthread_mutex_lock(&worker->replay_lock);
    worker->offered = *replay;
    pthread_mutex_unlock(&worker->replay_lock);
}

uint64_t worker_log(struct worker *worker, struct replay *log) {
    pthread_mutex_lock(&worker->replay_lock);
    *log = worker->log;
    uint64_t life = worker->life;
    pthread_mutex_unlock(&worker->replay_lock);
    return life;
}

void worker_log_run(struct worker *worker) {
    pthread_mutex_lock(&worker->replay_lock);
    replay_begin(&worker->log, &worker->request.experiment);
    worker->life++;
    pthread_mutex_unlock(&worker->replay_lock);
}

void worker_log_change(struct worker *worker, bool swapped, const struct experiment *before) {
    pthread_mutex_lock(&worker->replay_lock);
    replay_note(&worker->log, worker->run.step, swapped, before, &worker->run.experiment);
    pthread_mutex_unlock(&worker->replay_lock);
}
