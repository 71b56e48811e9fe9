#include "lab/worker.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "lab/experiment_change.h"
#include "lab/model_load.h"
#include "lab/worker_parts.h"

static const double rate_seconds = 0.5; // over which steps per second are counted

// A key that is held down restarts again and again: every so often a first picture gets its time.
static const double unseen_most = 0.25;

void worker_publish(struct worker *worker, enum worker_state state) {
    struct snapshot *snapshot = &worker->snapshots[worker->snapshot_box.back];
    snapshot->request = worker->met;
    snapshot->refused = worker->refused;
    snapshot->renewed = worker->renewed;
    text_set(snapshot->renewal, sizeof snapshot->renewal, "%s", worker->renewal);
    snapshot->state = state;
    snapshot->loading = worker->loading_share;
    snapshot->steps_per_second = worker->rate;
    text_set(snapshot->message, sizeof snapshot->message, "%s", worker->message);
    if (!worker->has_run) {
        snapshot->has_runs = false;
        const struct dataset_settings data = experiment_data(&worker->request.experiment);
        dataset_title(&data, snapshot->data, sizeof snapshot->data);
    }
    worker->last = worker->snapshot_box.back;
    if (mailbox_publish(&worker->snapshot_box)) {
        worker->nudge(worker->nudge_context);
    }
}

/* The request cannot be met: its reason is in message; what ran before goes on. One that was given
 * up for a newer one needs no answer. */
void worker_refuse(struct worker *worker) {
    if (worker->has_run && worker->run.abandoned) { // the memory went just now
        run_finish(&worker->run);
        worker->has_run = false;
    }
    if (worker->unmet) {
        return;
    }
    worker->refused = worker->request.serial;
    if (worker->has_run) {
        worker->request.experiment = worker->run.experiment;
        worker->shown = false;
    } else {
        worker_publish(worker, WORKER_STOPPED);
    }
}

/* All cores but the one that the screen wants. */
static int threads_beside_screen(void) {
    int cores = crew_available();
    return cores > 1 ? cores - 1 : 1;
}

/* The request's, beside a screen. */
struct experiment worker_wanted(const struct worker *worker) {
    struct experiment experiment = worker->request.experiment;
    if (experiment.threads == 0) {
        experiment.threads = threads_beside_screen();
    }
    return experiment;
}

/* With the run of the request as it is now, does it fit? The run of before may go. */
static bool fits(const struct worker *worker, const struct experiment *experiment,
                 const struct dataset_shape *shape, char *problem) {
    size_t reclaimable =
        worker->has_run ? experiment_bytes(&worker->run.experiment, &worker->data.shape) : 0;
    return experiment_fits(experiment, shape, reclaimable, problem);
}

/* Of the run that is. */
static bool has_picture(const struct worker *worker) {
    return worker->last_capture >= worker->started;
}

/* Will the next request end this run for sure, and is it time for that? */
static bool ends_run(const struct worker *worker) {
    const struct request *next = &worker->incoming;
    const struct experiment *wanted = &next->experiment;
    struct dataset_settings data = experiment_data(wanted);
    char ignored[EXPERIMENT_PROBLEM];
    if (next->restarts == worker->restarts_done &&
        (next->swaps != worker->swaps_done ||
         experiment_equal(&worker->request.experiment, wanted) ||
         experiment_goes_on(&worker->run.experiment, wanted, ignored))) {
        return false;
    }
    return (has_picture(worker) || clock_seconds() - worker->unseen < unseen_most) &&
           dataset_settings_equal(&data, &worker->data_settings) &&
           fits(worker, wanted, &worker->data.shape, ignored) &&
           pretraining_accepts(wanted, &worker->data, ignored);
}

/* Is what is being computed of no use, because the next request ends the run? */
static bool run_is_over(void *context) {
    struct worker *worker = context;
    if (!worker->gives_up && mailbox_waiting(&worker->request_box)) {
        worker_fetch(worker);
        worker->gives_up = ends_run(worker);
    }
    return worker->gives_up || atomic_load(&worker->stop);
}

/* The run is that of the request now. */
void worker_begin_run(struct worker *worker) {
    worker->run.is_over = run_is_over;
    worker->run.context = worker;
    worker->run.experiment.threads = worker->request.experiment.threads;
    worker->pass_ready = worker->shown = false;
    data_look_forget(&worker->data_look);
}

/* Are the weights those of a file? They are of one experiment; another one takes new weights, and
 * so does what a picture shows. */
static bool loads(const struct worker *worker) {
    return worker->request.load && worker->request.replay == 0 &&
           experiment_equal(&worker->request.experiment, &worker->first);
}

/* Build the request's networks on the worker's data and go to step 0. */
static bool build_run(struct worker *worker) {
    // all cores for the first picture
    worker->has_run =
        run_restart(&worker->run, &worker->request.experiment, &worker->data, worker->message);
    worker->leaves_core = worker->request.experiment.threads == 0;
    const char *load = loads(worker) ? worker->request.load : NULL;
    if (worker->has_run && load && !model_load(&worker->run, load, worker->message)) {
        run_finish(&worker->run);
        worker->has_run = false;
    }
    worker_log_run(worker);
    rerun_begin(&worker->rerun, &worker->log, &worker->data, load, threads_beside_screen());
    worker->barred.past = false;
    worker->changed_step = -1;
    worker_begin_run(worker);
    return worker->has_run;
}

static void reset_clocks(struct worker *worker) {
    if (has_picture(worker)) {
        worker->unseen = clock_seconds();
    }
    worker->next_data_look = worker->next_film = 0.0;
    worker->started = worker->rate_start = worker->next_step = clock_seconds();
    worker->measured = worker->evaluated = worker->keeping = worker->rate = 0.0;
    worker->rate_step = 0;
}

/* The old data set and networks go only once the request's are sure to fit. false: it cannot be
 * met, message says why. */
static bool start(struct worker *worker) {
    const struct experiment *experiment = &worker->request.experiment;
    struct dataset_settings wanted = experiment_data(experiment);
    rerun_rest(&worker->rerun);
    bool reload = !worker->has_data || !dataset_settings_equal(&wanted, &worker->data_settings);
    struct dataset loaded;
    struct dataset_shape shape = worker->data.shape;
    worker->message[0] = '\0';
    worker->unmet = worker->replaying = false;
    if ((reload && !dataset_describe(&wanted, &shape, worker->message)) ||
        !fits(worker, experiment, &shape, worker->message) ||
        (reload && !worker_load(worker, &wanted, &loaded))) {
        return false;
    }
    if (!pretraining_accepts(experiment, reload ? &loaded : &worker->data, worker->message)) {
        if (reload) {
            dataset_finish(&loaded);
        }
        return false;
    }
    if (reload) {
        run_finish(&worker->run);
        dataset_finish(&worker->data);
        worker->data = loaded;
        worker->data_settings = wanted;
        worker->has_data = true;
    }
    if (!build_run(worker)) {
        return false;
    }
    int layers[SNAPSHOT_RUNS] = { experiment->run[0].layers, experiment->run[1].layers };
    history_reset(worker->history, worker->run.networks, layers);
    film_reset(worker->film);
    reset_clocks(worker);
    worker->met = worker->request.serial;
    return true;
}

/* What ran before has gone, and then memory ran out after all: it begins again. */
static void go_back(struct worker *worker, const struct experiment *before) {
    char reason[sizeof worker->message];
    uint64_t met = worker->met;
    memcpy(reason, worker->message, sizeof reason);
    worker->request.experiment = *before;
    start(worker);
    worker->met = met;
    memcpy(worker->message, reason, sizeof reason);
}

void worker_restart(struct worker *worker) {
    const struct experiment before = worker->run.experiment;
    bool had_run = worker->has_run;
    if (!start(worker)) {
        if (had_run && !worker->has_run) {
            go_back(worker, &before);
        }
        worker_refuse(worker);
    }
}

/* Updates made of whatever is being trained. */
int64_t worker_updates(const struct worker *worker) {
    return worker->run.step + run_pretrained(&worker->run);
}

bool worker_may_train(const struct worker *worker) {
    return worker->has_run && !run_stopped(&worker->run) &&
           (!worker->request.paused || worker->replaying ||
            worker->steps_done < worker->request.steps);
}

/* Is there something that cannot wait for an evaluation? */
bool worker_is_called(void *context) {
    struct worker *worker = context;
    return worker->has_incoming || mailbox_waiting(&worker->request_box) ||
           atomic_load(&worker->stop);
}

/* Start again although nobody asked for it, and say why. */
static void renew(struct worker *worker, const char *reason) {
    worker_restart(worker);
    if (reason[0] && worker->met == worker->request.serial) {
        worker->renewed = worker->met;
        text_set(worker->renewal, sizeof worker->renewal, "%s", reason);
    }
}

/* Loading was given up for what ran before, and still does. */
static bool goes_back(const struct worker *worker) {
    struct experiment wanted = worker->request.experiment;
    wanted.threads = worker->run.experiment.threads;
    return worker->unmet && worker->has_run && !worker->run.abandoned &&
           worker->request.restarts == worker->restarts_done &&
           experiment_equal(&wanted, &worker->run.experiment);
}

/* Look into the mailbox; a wish for a restart starts anew, and so does a changed experiment that
 * cannot go on. */
static void take_request(struct worker *worker) {
    if (!worker->gives_up && mailbox_waiting(&worker->request_box)) {
        worker_fetch(worker);
    }
    if (!worker->has_incoming) {
        return;
    }
    struct request before = worker->request;
    worker->request = worker->incoming;
    worker->has_incoming = worker->gives_up = false;
    bool back = goes_back(worker);
    worker->unmet = worker->unmet && !back;
    bool again = worker->unmet || worker->request.restarts != worker->restarts_done;
    bool swapped = (worker->request.swaps - worker->swaps_done) % 2 != 0;
    bool changed = !experiment_equal(&before.experiment, &worker->request.experiment);
    bool replays = worker->request.replay != 0 && worker->request.replay != worker->replay_known;
    worker->swaps_done = worker->request.swaps;
    char reason[EXPERIMENT_PROBLEM];
    if (replays) {
        worker->replay_known = worker->request.replay;
        worker->restarts_done = worker->request.restarts;
        worker_begin_replay(worker);
    } else if (again) {
        worker->restarts_done = worker->request.restarts;
        worker_restart(worker);
    } else if (swapped || (changed && !back)) {
        if (!worker_change(worker, swapped, reason)) {
            renew(worker, reason);
        }
    } else if (worker->has_run) {
        worker->met = worker->request.serial;
        worker->message[0] = '\0';
    }
    if (!worker->request.look.past) {
        rerun_rest(&worker->rerun);
    }
    worker->replaying = worker->replaying && worker->request.replay != 0;
    worker->shown = false; // also a pause is answered by a snapshot
    worker->rate_start = clock_seconds();
    worker->rate_step = worker_updates(worker);
    worker->next_step = worker->rate_start;
}

static void update_rate(struct worker *worker, double now) {
    if (now - worker->rate_start >= rate_seconds) {
        worker->rate =
            (double)(worker_updates(worker) - worker->rate_step) / (now - worker->rate_start);
        worker->rate_start = now;
        worker->rate_step = worker_updates(worker);
    }
}

static void finish_step(struct worker *worker) {
    if (run_pretrains(&worker->run)) {
        run_pretrain(&worker->run);
    } else {
        run_update(&worker->run);
        if (worker->run.abandoned) {
            return;
        }
        run_record(&worker->run, &worker->record);
        history_append(worker->history, &worker->record);
    }
    worker->pass_ready = worker->shown = false;
    if (worker->steps_done < worker->request.steps && !worker->replaying) {
        worker->steps_done++;
    }
}

/* Seconds until the asked-for speed allows the next step; 0: now. */
static double time_to_wait(struct worker *worker, double now) {
    if (worker->request.speed <= 0.0 || worker->request.paused) {
        return 0.0;
    }
    if (now >= worker->next_step) {
        worker->next_step =
            fmax(worker->next_step, now - worker_frame_seconds) + 1.0 / worker->request.speed;
        return 0.0;
    }
    return worker->next_step - now;
}

/* Once the first picture is there the screen gets its core back. */
static void leave_a_core(struct worker *worker) {
    if (worker->leaves_core && has_picture(worker)) {
        run_use_threads(&worker->run, threads_beside_screen());
        worker->leaves_core = false;
    }
}

static void work(struct worker *worker) {
    if (!worker->has_run || run_stopped(&worker->run)) {
        worker->steps_done = worker->request.steps; // steps that cannot be made are not owed
    }
    if (!worker->has_run) {
        worker_sleep(worker, 0.0);
        return;
    }
    worker_advance_replay(worker);
    if (!worker->pass_ready && !run_pretrains(&worker->run)) {
        watch_evaluate(worker);
        watch_peek(worker);
        leave_a_core(worker);
        if (!worker->run.abandoned) {
            run_pass(&worker->run);
        }
        if (worker->run.abandoned) {
            return;
        }
        worker->pass_ready = true;
    }
    bool trains = worker_may_train(worker);
    double now = clock_seconds();
    update_rate(worker, now);
    bool shows = watch_wants(worker, now, trains);
    if (shows || watch_owes_film(worker)) {
        watch_capture(worker, now, trains, shows);
        leave_a_core(worker);
    }
    bool again = watch_again(worker);
    if (!trains && again) {
        return;
    }
    if (!trains) {
        watch_closely(worker);
        worker_sleep(worker, 0.0);
        return;
    }
    double wait = time_to_wait(worker, now);
    if (wait > 0.0) {
        if (!worker->shown) { // slow enough to show every step
            watch_capture(worker, now, false, true);
        }
        if (!again) {
            worker_sleep(worker, wait);
        }
        return;
    }
    finish_step(worker);
}

static void *worker_main(void *context) {
    struct worker *worker = context;
    worker_restart(worker);
    while (!atomic_load(&worker->stop)) {
        take_request(worker);
        if (!worker->unmet) {
            work(worker);
        }
    }
    return NULL;
}

struct worker *worker_start(const struct request *first, size_t history_budget,
                            void (*nudge)(void *context), void *context, char *problem) {
    struct worker *worker = worker_create(first, history_budget, nudge, context, problem);
    if (worker && !worker_launch(worker, worker_main, problem)) {
        worker_free(worker);
        return NULL;
    }
    return worker;
}
