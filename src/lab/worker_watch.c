/* worker_watch.c - what the worker measures beside training, and when: in shares of its time; and
 * how the screen gets at it. */
#include <math.h>

#include "base/clock.h"
#include "base/memory.h"
#include "lab/layer_look.h"
#include "lab/worker_parts.h"

// Shares of the worker's time that looking may take, and how often it looks at most.
static const double measuring_share = 0.04;
static const double evaluating_share = 0.005;
static const double looking_share = 0.02; // at the data, while a view does

// What a view looks at closer goes into the film about as often as the film must have a step, which
// slows down the first ones. Seconds and share of the time that this may take; beyond it some steps
// go without.
static const double keeping_seconds = 4.0, keeping_share = 0.1;

// Between snapshots that the film takes beside those that it must have: packing one takes a third
// of the time that measuring it does.
static const double film_seconds = 0.1;

static const double word_seconds = 0.1; // between two words on how far a rerun is

// A live evaluation looks at as many held-out examples as this many multiply-adds allow. It starts
// small: a full one in the first step would use up the share of the first minute, in which the
// accuracy changes most.
static const double evaluation_work = 4e9;
static const double evaluation_ramp = 60.0; // seconds until an evaluation is a full one
enum { EVALUATION_LEAST = 256 };

// Multiply-adds for a look at the data where another one follows; where none does, evaluation_work.
static const double looking_work = 1e8;

// Multiply-adds for dW up to which the first picture has all of it: a few milliseconds.
static const double first_work = 2e8;

// Multiply-adds of a peek, forward, and how few examples it may be of.
static const double peek_work = 3.2e9;
enum { PEEK_LEAST = 16 };

/* Weights of the networks that are shown. */
static double weights(const struct worker *worker) {
    double sum = 0.0;
    for (int r = 0; r < worker->run.networks; r++) {
        const struct network *network = &worker->run.network[r];
        for (int l = 0; l <= network->config.layers; l++) {
            sum += (double)network->layer[l].weight.n;
        }
    }
    return sum;
}

static int64_t evaluation_size(const struct worker *worker, double elapsed) {
    double examples = evaluation_work * fmin(elapsed / evaluation_ramp, 1.0) /
                      (weights(worker) * worker->run.experiment.ensemble);
    return examples > EVALUATION_LEAST ? (int64_t)fmin(examples, 1e9) : EVALUATION_LEAST;
}

void watch_evaluate(struct worker *worker) {
    double begin = clock_seconds(), elapsed = begin - worker->started;
    if (worker->run.step == 0 || worker->evaluated > evaluating_share * elapsed) {
        return;
    }
    run_evaluate(&worker->run, evaluation_size(worker, elapsed), worker_is_called, worker);
    worker->evaluated += clock_seconds() - begin;
}

/* Nothing has been trained yet, or pre-training has just ended. */
static bool is_first(const struct worker *worker) {
    return worker->run.step == 0 &&
           (!run_pretrains(&worker->run) || run_pretrained(&worker->run) == 0);
}

bool watch_owes_film(const struct worker *worker) {
    int64_t step = worker->run.step;
    bool returns = worker->replaying && step == worker->plan.ghost;
    return !run_pretrains(&worker->run) && (returns || film_wants(worker->film, step));
}

bool watch_wants(struct worker *worker, double now, bool trains) {
    if (worker->shown) {
        return false;
    }
    if (!trains || is_first(worker)) {
        return true;
    }
    return !mailbox_waiting(&worker->snapshot_box) &&
           (watch_owes_film(worker) ||
            worker->measured <= measuring_share * (now - worker->started));
}

/* Is a glance enough? The next picture comes soon; the first has all that takes no time to see. */
static bool glances(const struct worker *worker, bool trains) {
    return trains && !(is_first(worker) && weights(worker) * worker->run.batch <= first_work);
}

static bool has_looked(const struct worker *worker) {
    return worker->data_look.detail.made && worker->looked_at == worker_updates(worker);
}

static bool look_at_data(struct worker *worker, bool closely) {
    const struct data_effort effort = { .work = closely ? evaluation_work : looking_work,
                                        .enough = closely ? worker_is_called : NULL,
                                        .context = worker };
    if (!data_look(&worker->data_look, &worker->run, &effort)) {
        return false;
    }
    worker->looked_at = worker_updates(worker);
    worker->looked_closely = closely;
    return true;
}

/* The data as the view that is open wants them; while training goes on, in its share of time, or
 * because the film keeps them. */
static void add_data(struct worker *worker, bool keeps, struct snapshot *snapshot) {
    double begin = clock_seconds();
    bool wanted = worker->request.look.kind == LOOK_DATA;
    if (wanted && !has_looked(worker) &&
        (keeps || begin >= worker->next_data_look || !worker_may_train(worker)) &&
        look_at_data(worker, false)) {
        double end = clock_seconds();
        worker->next_data_look = end + (end - begin) * (1.0 / looking_share - 1.0);
    }
    snapshot->data_detail.made = false;
    if (wanted) {
        data_detail_copy(&snapshot->data_detail, &worker->data_look.detail);
    }
}

void watch_closely(struct worker *worker) {
    bool done = has_looked(worker) && worker->looked_closely;
    if (worker->request.look.kind != LOOK_DATA || done || !look_at_data(worker, true)) {
        return;
    }
    const struct snapshot *last = &worker->snapshots[worker->last];
    struct snapshot *snapshot = &worker->snapshots[worker->snapshot_box.back];
    snapshot_copy(snapshot, last);
    data_detail_copy(&snapshot->data_detail, &worker->data_look.detail);
    film_add_detail(worker->film, snapshot, LOOK_DATA);
    worker_publish(worker, last->state);
}

static enum worker_state state_of(const struct worker *worker) {
    return run_stopped(&worker->run)                      ? WORKER_STOPPED
           : worker->request.paused && !worker->replaying ? WORKER_PAUSED
                                                          : WORKER_RUNNING;
}

/* Does the screen miss a detail of a past step that can be had? */
static bool misses_detail(struct worker *worker) {
    const struct look *look = &worker->request.look;
    const struct look *barred = &worker->barred;
    bool bars = barred->past && barred->step == look->step && barred->kind == look->kind &&
                barred->layer == look->layer && barred->unit == look->unit;
    bool misses = look->past && (look->kind == LOOK_LAYER || look->kind == LOOK_DATA) && !bars &&
                  worker->has_run && !run_pretrains(&worker->run) &&
                  film_lacks(worker->film, look->step, look);
    if (!misses) {
        atomic_store(&worker->again, look->past && bars ? LOOK_BARRED : -1);
    }
    return misses;
}

bool watch_again(struct worker *worker) {
    const struct look *look = &worker->request.look;
    if (!misses_detail(worker)) {
        return false;
    }
    char ignored[EXPERIMENT_PROBLEM];
    int64_t again = -1;
    enum rerun_state state = rerun_advance(&worker->rerun, look->step, ignored);
    double now = clock_seconds();
    if (state == RERUN_THERE) {
        rerun_look(&worker->rerun, look);
    }
    if (state == RERUN_IMPOSSIBLE ||
        (state == RERUN_THERE &&
         !film_add_detail(worker->film, &worker->rerun.snapshot, look->kind))) {
        worker->barred = *look;
        again = LOOK_BARRED;
    }
    atomic_store(&worker->again, state == RERUN_UNDER_WAY ? worker->rerun.run.step : again);
    if (state != RERUN_UNDER_WAY || now >= worker->next_word) {
        worker->next_word = now + word_seconds;
        worker->nudge(worker->nudge_context);
    }
    return true;
}

/* For the next picture. What it holds of another run, which may have been deeper, goes. */
static struct snapshot *free_slot(struct worker *worker) {
    struct snapshot *snapshot = &worker->snapshots[worker->snapshot_box.back];
    if (snapshot->life != worker->life) {
        memory_clear(snapshot, sizeof *snapshot);
        snapshot->life = worker->life;
    }
    return snapshot;
}

void watch_peek(struct worker *worker) {
    const struct look *look = &worker->request.look;
    struct run *run = &worker->run;
    double examples = fmax(PEEK_LEAST, floor(peek_work / weights(worker)));
    if (run->step > 0 || 2.0 * examples > run->batch) {
        return;
    }
    run_peek(run, (int)examples);
    if (run->abandoned) {
        return;
    }
    struct snapshot *snapshot = free_slot(worker);
    run_glance(run, snapshot);
    if (look->kind == LOOK_GRADIENTS) {
        run_gradients(run, true, snapshot);
    }
    layer_look(run, look, snapshot);
    add_data(worker, false, snapshot);
    snapshot->life = 0; // of some examples alone: nothing to come back to
    worker->last_capture = clock_seconds();
    worker_publish(worker, state_of(worker));
}

void watch_capture(struct worker *worker, double now, bool trains, bool shows) {
    bool owed = watch_owes_film(worker); // and so outside of the share
    bool films = !run_pretrains(&worker->run) && (owed || !trains || now >= worker->next_film);
    const struct look *look = &worker->request.look;
    struct snapshot *snapshot = free_slot(worker);
    snapshot->changes = worker->log.changes;
    if (run_pretrains(&worker->run)) {
        run_pass(&worker->run); // which does not count
        if (worker->run.abandoned) {
            return;
        }
    }
    bool glance = glances(worker, trains);
    if (glance) {
        run_glance(&worker->run, snapshot);
    } else {
        run_capture(&worker->run, snapshot);
    }
    if (!trains) {
        run_participation(&worker->run, snapshot);
    }
    if (owed || !trains || look->kind == LOOK_GRADIENTS) {
        run_gradients(&worker->run, glance, snapshot);
    }
    if (films) {
        film_add(worker->film, snapshot);
        worker->next_film = now + film_seconds;
    }
    bool may = worker->keeping <= keeping_seconds + keeping_share * (now - worker->started);
    bool keeps =
        films && (!trains || (may && film_wants_detail(worker->film, worker->run.step, look)));
    double begin = clock_seconds();
    if (shows || keeps) {
        layer_look(&worker->run, look, snapshot);
    }
    if (trains && !is_first(worker) && !owed) {
        worker->measured += clock_seconds() - now;
    }
    if (shows || keeps) {
        add_data(worker, keeps, snapshot);
    }
    if (keeps && (look->kind != LOOK_DATA || has_looked(worker))) {
        film_add_detail(worker->film, snapshot, look->kind);
        worker->keeping += clock_seconds() - begin;
    }
    if (shows) {
        worker->last_capture = now;
        worker->shown = true;
        worker_publish(worker, state_of(worker));
    }
}
