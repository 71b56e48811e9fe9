#include "lab/worker.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/mailbox.h"
#include "base/text.h"
#include "lab/data_look.h"
#include "lab/layer_look.h"
#include "lab/run.h"

// Shares of the worker's time that looking may take, and how often it looks at most.
static const double measuring_share = 0.025;
static const double evaluating_share = 0.01;
static const double looking_share = 0.02; // at the data, while a view does
static const double frame_seconds = 1.0 / 60.0;
static const double rate_seconds = 0.5; // over which steps per second are counted

// A live evaluation looks at as many held-out examples as this many multiply-adds allow.
static const double evaluation_work = 4e9;
enum { EVALUATION_LEAST = 256 };

// Multiply-adds for a look at the data where another one follows; where none does, evaluation_work.
static const double looking_work = 1e8;

struct worker {
    pthread_t thread;
    pthread_mutex_t lock; // only for sleeping: guards nothing but the wake-up
    pthread_cond_t wake;
    atomic_bool stop;

    struct mailbox request_box;
    struct request requests[MAILBOX_SLOTS]; // by the request_box's owner
    struct mailbox snapshot_box;
    struct snapshot snapshots[MAILBOX_SLOTS]; // by the snapshot_box's owner
    unsigned last; // slot published last: nobody writes it before the next
    struct history *history;
    struct film *film;
    void (*nudge)(void *context);
    void *nudge_context;

    // The rest is the worker thread's own.
    struct request request;
    struct dataset data;
    struct dataset_settings data_settings;
    bool has_data;
    struct run run;
    bool has_run;
    bool pass_ready;                     // run_pass() done, run_update() not
    bool shown;                          // a snapshot of this pass was published
    uint64_t steps_done, restarts_done;  // of the request's counters
    uint64_t met, refused;               // serials of the newest request that could be met, or not
    double started, measured, evaluated; // seconds: start of this run, spent on looking
    double last_capture, next_step;
    struct data_look data_look;
    int64_t looked_at;       // updates() at the newest look at the data
    bool looked_closely;     // with evaluation_work
    double next_data_look;   // not before
    double rate_start, rate; // steps per second
    int64_t rate_step;
    char message[EXPERIMENT_PROBLEM];
    struct history_record record;
};

static void publish(struct worker *worker, enum worker_state state) {
    struct snapshot *snapshot = &worker->snapshots[worker->snapshot_box.back];
    snapshot->request = worker->met;
    snapshot->refused = worker->refused;
    snapshot->state = state;
    snapshot->steps_per_second = worker->rate;
    text_set(snapshot->message, sizeof snapshot->message, "%s", worker->message);
    if (!worker->has_run) {
        snapshot->has_runs = false;
        text_set(snapshot->data, sizeof snapshot->data, "%s",
                 datasets[worker->request.experiment.data].label);
    }
    worker->last = worker->snapshot_box.back;
    if (mailbox_publish(&worker->snapshot_box)) {
        worker->nudge(worker->nudge_context);
    }
}

/* What was published last once more, with another message. */
static void publish_again(struct worker *worker, enum worker_state state) {
    snapshot_copy(&worker->snapshots[worker->snapshot_box.back], &worker->snapshots[worker->last]);
    publish(worker, state);
}

/* Load the wanted data set into *loaded, unless it is there already; says so meanwhile. */
static bool load_data(struct worker *worker, const struct dataset_settings *wanted,
                      struct dataset *loaded) {
    text_set(worker->message, sizeof worker->message, "loading %s…", datasets[wanted->kind].label);
    publish_again(worker, WORKER_LOADING);
    if (!dataset_load(loaded, wanted, worker->message)) {
        return false;
    }
    worker->message[0] = '\0';
    return true;
}

/* The request cannot be met: its reason is in message; what ran before goes on. */
static void refuse(struct worker *worker) {
    worker->refused = worker->request.serial;
    if (worker->has_run) {
        worker->request.experiment = worker->run.experiment;
        worker->shown = false;
    } else {
        publish(worker, WORKER_STOPPED);
    }
}

/* Build the request's networks on the worker's data and go to step 0. */
static bool build_run(struct worker *worker) {
    data_look_forget(&worker->data_look);
    run_finish(&worker->run);
    struct experiment experiment = worker->request.experiment;
    if (experiment.threads == 0) { // the screen wants a core of its own
        int cores = crew_available();
        experiment.threads = cores > 1 ? cores - 1 : 1;
    }
    worker->has_run = run_init(&worker->run, &experiment, &worker->data, worker->message);
    worker->run.experiment.threads = worker->request.experiment.threads;
    worker->pass_ready = worker->shown = false;
    return worker->has_run;
}

static void reset_clocks(struct worker *worker) {
    worker->next_data_look = 0.0;
    worker->started = worker->rate_start = worker->next_step = clock_seconds();
    worker->measured = worker->evaluated = worker->rate = 0.0;
    worker->rate_step = 0;
}

/* Start the request's experiment; the old data set and networks go only once it is sure to fit. */
static void restart(struct worker *worker) {
    const struct experiment *experiment = &worker->request.experiment;
    struct dataset_settings wanted = experiment_data(experiment);
    bool reload = !worker->has_data || !dataset_settings_equal(&wanted, &worker->data_settings);
    size_t reclaimable =
        worker->has_run ? experiment_bytes(&worker->run.experiment, &worker->data.shape) : 0;
    struct dataset loaded;
    struct dataset_shape shape = worker->data.shape;
    worker->message[0] = '\0';
    if ((reload && !dataset_describe(&wanted, &shape, worker->message)) ||
        !experiment_fits(experiment, &shape, reclaimable, worker->message) ||
        (reload && !load_data(worker, &wanted, &loaded))) {
        refuse(worker);
        return;
    }
    if (!pretraining_accepts(experiment, reload ? &loaded : &worker->data, worker->message)) {
        if (reload) {
            dataset_finish(&loaded);
        }
        refuse(worker);
        return;
    }
    if (reload) {
        run_finish(&worker->run);
        dataset_finish(&worker->data);
        worker->data = loaded;
        worker->data_settings = wanted;
        worker->has_data = true;
    }
    if (!build_run(worker)) {
        refuse(worker);
        return;
    }
    int layers[SNAPSHOT_RUNS] = { experiment->run[0].layers, experiment->run[1].layers };
    history_reset(worker->history, worker->run.networks, layers);
    film_reset(worker->film);
    reset_clocks(worker);
    worker->met = worker->request.serial;
}

/* Updates made of whatever is being trained. */
static int64_t updates(const struct worker *worker) {
    return worker->run.step + run_pretrained(&worker->run);
}

/* Look into the mailbox; a changed experiment or a wish for a restart starts anew. */
static void take_request(struct worker *worker) {
    if (!mailbox_waiting(&worker->request_box)) {
        return;
    }
    struct request before = worker->request;
    worker->request = worker->requests[mailbox_latest(&worker->request_box)];
    if (!experiment_equal(&before.experiment, &worker->request.experiment) ||
        worker->request.restarts != worker->restarts_done) {
        worker->restarts_done = worker->request.restarts;
        restart(worker);
    } else if (worker->has_run) {
        worker->met = worker->request.serial;
        worker->message[0] = '\0';
    }
    worker->shown = false; // also a pause is answered by a snapshot
    worker->rate_start = clock_seconds();
    worker->rate_step = updates(worker);
    worker->next_step = worker->rate_start;
}

static bool may_train(const struct worker *worker) {
    return worker->has_run && !run_stopped(&worker->run) &&
           (!worker->request.paused || worker->steps_done < worker->request.steps);
}

static void update_rate(struct worker *worker, double now) {
    if (now - worker->rate_start >= rate_seconds) {
        worker->rate = (double)(updates(worker) - worker->rate_step) / (now - worker->rate_start);
        worker->rate_start = now;
        worker->rate_step = updates(worker);
    }
}

static int64_t evaluation_size(const struct worker *worker) {
    double parameters = 0.0;
    for (int r = 0; r < worker->run.networks; r++) {
        const struct network *network = &worker->run.network[r];
        for (int l = 0; l <= network->config.layers; l++) {
            parameters += (double)network->layer[l].weight.n;
        }
    }
    double examples = evaluation_work / (parameters * worker->run.experiment.ensemble);
    return examples > EVALUATION_LEAST ? (int64_t)fmin(examples, 1e9) : EVALUATION_LEAST;
}

/* Is there something that cannot wait for an evaluation? */
static bool is_called(void *context) {
    struct worker *worker = context;
    return mailbox_waiting(&worker->request_box) || atomic_load(&worker->stop);
}

/* Held-out accuracy, when its share of the time allows; the first picture comes first. */
static void evaluate(struct worker *worker) {
    double begin = clock_seconds();
    if (worker->run.step == 0 || worker->evaluated > evaluating_share * (begin - worker->started)) {
        return;
    }
    run_evaluate(&worker->run, evaluation_size(worker), is_called, worker);
    worker->evaluated += clock_seconds() - begin;
}

/* Nothing has been trained yet, or pre-training has just ended. */
static bool is_first(const struct worker *worker) {
    return worker->run.step == 0 &&
           (!run_pretrains(&worker->run) || run_pretrained(&worker->run) == 0);
}

/* Must this pass be measured for the film? What comes before training is not in it. */
static bool wants_film(const struct worker *worker) {
    return !run_pretrains(&worker->run) && film_wants(worker->film, worker->run.step);
}

/*
 * Is this pass to be shown? Always when nothing follows; else if the screen waits for it, and it is
 * measured anyway or measuring has not cost more than its share.
 */
static bool wants_capture(struct worker *worker, double now, bool trains) {
    if (worker->shown) {
        return false;
    }
    if (!trains || is_first(worker)) {
        return true;
    }
    return !mailbox_waiting(&worker->snapshot_box) && now - worker->last_capture >= frame_seconds &&
           (wants_film(worker) || worker->measured <= measuring_share * (now - worker->started));
}

static bool has_looked(const struct worker *worker) {
    return worker->data_look.detail.made && worker->looked_at == updates(worker);
}

static bool look_at_data(struct worker *worker, bool closely) {
    const struct data_effort effort = { .work = closely ? evaluation_work : looking_work,
                                        .enough = closely ? is_called : NULL,
                                        .context = worker };
    if (!data_look(&worker->data_look, &worker->run, &effort)) {
        return false;
    }
    worker->looked_at = updates(worker);
    worker->looked_closely = closely;
    return true;
}

/* The data as the view that is open wants them; while training goes on, in its share of time. */
static void add_data(struct worker *worker, struct snapshot *snapshot) {
    double begin = clock_seconds();
    bool wanted = worker->request.look.kind == LOOK_DATA;
    if (wanted && !has_looked(worker) && (begin >= worker->next_data_look || !may_train(worker)) &&
        look_at_data(worker, false)) {
        double end = clock_seconds();
        worker->next_data_look = end + (end - begin) * (1.0 / looking_share - 1.0);
    }
    snapshot->data_detail.made = false;
    if (wanted) {
        data_detail_copy(&snapshot->data_detail, &worker->data_look.detail);
    }
}

/* Nothing follows, so there is time to look at more of the data; once, and only while undisturbed.
 */
static void look_closely(struct worker *worker) {
    bool done = has_looked(worker) && worker->looked_closely;
    if (worker->request.look.kind != LOOK_DATA || done || !look_at_data(worker, true)) {
        return;
    }
    const struct snapshot *last = &worker->snapshots[worker->last];
    struct snapshot *snapshot = &worker->snapshots[worker->snapshot_box.back];
    snapshot_copy(snapshot, last);
    data_detail_copy(&snapshot->data_detail, &worker->data_look.detail);
    publish(worker, last->state);
}

/* Measure the pass, for the film and, where it is wanted there, for the screen. */
static void capture(struct worker *worker, double now, bool trains, bool shows) {
    bool owed = wants_film(worker); // and so outside of the share
    struct snapshot *snapshot = &worker->snapshots[worker->snapshot_box.back];
    if (run_pretrains(&worker->run)) {
        run_pass(&worker->run); // which does not count
    }
    if (trains && !is_first(worker)) {
        run_glance(&worker->run, snapshot);
    } else {
        run_capture(&worker->run, snapshot);
    }
    if (!trains) {
        run_participation(&worker->run, snapshot);
    }
    if (worker->request.look.kind == LOOK_GRADIENTS) {
        run_gradients(&worker->run, trains && !is_first(worker), snapshot);
    }
    if (shows) {
        layer_look(&worker->run, &worker->request.look, snapshot);
    }
    if (!run_pretrains(&worker->run)) {
        film_add(worker->film, snapshot);
    }
    if (trains && !is_first(worker) && !owed) {
        worker->measured += clock_seconds() - now;
    }
    if (shows) {
        worker->last_capture = now;
        worker->shown = true;
        add_data(worker, snapshot);
        publish(worker, run_stopped(&worker->run) ? WORKER_STOPPED
                        : worker->request.paused  ? WORKER_PAUSED
                                                  : WORKER_RUNNING);
    }
}

static void finish_step(struct worker *worker) {
    if (run_pretrains(&worker->run)) {
        run_pretrain(&worker->run);
    } else {
        run_update(&worker->run);
        run_record(&worker->run, &worker->record);
        history_append(worker->history, &worker->record);
    }
    worker->pass_ready = worker->shown = false;
    if (worker->steps_done < worker->request.steps) {
        worker->steps_done++;
    }
}

/* Sleep until a request, a stop, or for so many seconds; 0: until one of the former. */
static void sleep_until_woken(struct worker *worker, double seconds) {
    pthread_mutex_lock(&worker->lock);
    if (!atomic_load(&worker->stop) && !mailbox_waiting(&worker->request_box)) {
        if (seconds > 0.0) {
            struct timespec until;
            clock_gettime(CLOCK_REALTIME, &until);
            double end = (double)until.tv_sec + 1e-9 * (double)until.tv_nsec + seconds;
            until.tv_sec = (time_t)end;
            until.tv_nsec = (long)((end - floor(end)) * 1e9);
            pthread_cond_timedwait(&worker->wake, &worker->lock, &until);
        } else {
            pthread_cond_wait(&worker->wake, &worker->lock);
        }
    }
    pthread_mutex_unlock(&worker->lock);
}

/* Seconds until the asked-for speed allows the next step; 0: now. */
static double time_to_wait(struct worker *worker, double now) {
    if (worker->request.speed <= 0.0 || worker->request.paused) {
        return 0.0;
    }
    if (now >= worker->next_step) {
        worker->next_step =
            fmax(worker->next_step, now - frame_seconds) + 1.0 / worker->request.speed;
        return 0.0;
    }
    return worker->next_step - now;
}

static void work(struct worker *worker) {
    if (!worker->has_run || run_stopped(&worker->run)) {
        worker->steps_done = worker->request.steps; // steps that cannot be made are not owed
    }
    if (!worker->has_run) {
        sleep_until_woken(worker, 0.0);
        return;
    }
    if (!worker->pass_ready && !run_pretrains(&worker->run)) {
        evaluate(worker);
        run_pass(&worker->run);
        worker->pass_ready = true;
    }
    bool trains = may_train(worker);
    double now = clock_seconds();
    update_rate(worker, now);
    bool shows = wants_capture(worker, now, trains);
    if (shows || wants_film(worker)) {
        capture(worker, now, trains, shows);
    }
    if (!trains) {
        look_closely(worker);
        sleep_until_woken(worker, 0.0);
        return;
    }
    double wait = time_to_wait(worker, now);
    if (wait > 0.0) {
        if (!worker->shown) { // slow enough to show every step
            capture(worker, now, false, true);
        }
        sleep_until_woken(worker, wait);
        return;
    }
    finish_step(worker);
}

static void *worker_main(void *context) {
    struct worker *worker = context;
    restart(worker);
    while (!atomic_load(&worker->stop)) {
        take_request(worker);
        work(worker);
    }
    return NULL;
}

struct worker *worker_start(const struct request *first, size_t history_budget,
                            void (*nudge)(void *context), void *context, char *problem) {
    struct worker *worker = calloc(1, sizeof *worker);
    struct history *history = history_create(history_budget - FILM_SHARE(history_budget));
    struct film *film = film_create(FILM_SHARE(history_budget));
    if (!worker || !history || !film) {
        text_set(problem, EXPERIMENT_PROBLEM, "Memory ran out.");
        goto fail;
    }
    worker->history = history;
    worker->film = film;
    worker->nudge = nudge;
    worker->nudge_context = context;
    worker->request = *first;
    worker->steps_done = first->steps;
    worker->restarts_done = first->restarts;
    mailbox_init(&worker->request_box);
    mailbox_init(&worker->snapshot_box);
    pthread_mutex_init(&worker->lock, NULL);
    pthread_cond_init(&worker->wake, NULL);
    if (pthread_create(&worker->thread, NULL, worker_main, worker) != 0) {
        text_set(problem, EXPERIMENT_PROBLEM, "The system gives no thread to train on.");
        goto fail;
    }
    return worker;

fail:
    history_destroy(history);
    film_destroy(film);
    free(worker);
    return NULL;
}

void worker_stop(struct worker *worker) {
    if (!worker) {
        return;
    }
    pthread_mutex_lock(&worker->lock);
    atomic_store(&worker->stop, true);
    pthread_cond_signal(&worker->wake);
    pthread_mutex_unlock(&worker->lock);
    pthread_join(worker->thread, NULL);
    data_look_forget(&worker->data_look);
    run_finish(&worker->run);
    dataset_finish(&worker->data);
    history_destroy(worker->history);
    film_destroy(worker->film);
    pthread_cond_destroy(&worker->wake);
    pthread_mutex_destroy(&worker->lock);
    free(worker);
}

void worker_request(struct worker *worker, const struct request *request) {
    worker->requests[worker->request_box.back] = *request;
    mailbox_publish(&worker->request_box);
    pthread_mutex_lock(&worker->lock);
    pthread_cond_signal(&worker->wake);
    pthread_mutex_unlock(&worker->lock);
}

const struct snapshot *worker_latest(struct worker *worker) {
    return &worker->snapshots[mailbox_latest(&worker->snapshot_box)];
}

struct history *worker_history(struct worker *worker) {
    return worker->history;
}

struct film *worker_film(struct worker *worker) {
    return worker->film;
}
