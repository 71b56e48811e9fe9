#include "base/check.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

#include "base/folder.h"
#include "base/text.h"
#include "data/broken_idx.h"
#include "lab.h"
#include "lab/run.h"
#include "lab/run_change.h"
#include "lab/worker.h"

/*
 * The worker thread, seen from the screen's side. Most tests make the worker wait in its nudge
 * until the test has looked, so that every snapshot it ever publishes is seen and checked.
 */

static const struct look nothing = { .kind = LOOK_NONE };

enum { HISTORY_BYTES = 4 << 20 };

struct desk {
    struct worker *worker;
    struct request request;
    struct experiment sent;
    bool keeps; // else a change asks for a restart
    sem_t published, seen;
    atomic_bool lockstep; // the nudge waits until the test has looked
    atomic_int nudges;
    uint64_t snapshots; // looked at
};

static void nudge(void *context) {
    struct desk *desk = context;
    atomic_fetch_add(&desk->nudges, 1);
    if (atomic_load(&desk->lockstep)) {
        sem_post(&desk->published);
        sem_wait(&desk->seen);
    }
}

static struct desk *desk_create(const struct experiment *experiment, bool paused, bool lockstep) {
    struct desk *desk = calloc(1, sizeof *desk);
    char problem[EXPERIMENT_PROBLEM] = "";
    assert_non_null(desk);
    sem_init(&desk->published, 0, 0);
    sem_init(&desk->seen, 0, 0);
    atomic_init(&desk->lockstep, lockstep);
    desk->request = (struct request){ .serial = 1, .experiment = *experiment, .paused = paused };
    desk->sent = *experiment;
    desk->worker = worker_start(&desk->request, HISTORY_BYTES, nudge, desk, problem);
    if (!desk->worker) {
        fail_msg("%s", problem);
    }
    return desk;
}

static void desk_finish(struct desk *desk) {
    atomic_store(&desk->lockstep, false);
    sem_post(&desk->seen); // whoever waits in the nudge
    worker_stop(desk->worker);
    sem_destroy(&desk->published);
    sem_destroy(&desk->seen);
    free(desk);
}

static void send(struct desk *desk) {
    desk->request.serial++;
    desk->request.restarts +=
        !desk->keeps && !experiment_equal(&desk->sent, &desk->request.experiment);
    desk->sent = desk->request.experiment;
    worker_request(desk->worker, &desk->request);
}

/* What must hold for every snapshot there is. */
static void check_snapshot(const struct desk *desk, const struct snapshot *s) {
    assert_true(s->request <= desk->request.serial && s->refused <= desk->request.serial);
    assert_true(strlen(s->message) < sizeof s->message);
    if (!s->has_runs) {
        assert_true(s->state == WORKER_LOADING || s->state == WORKER_STOPPED);
        return;
    }
    assert_true(s->runs == 1 || s->runs == 2);
    assert_true(s->request >= 1);
    for (int r = 0; r < s->runs; r++) {
        const struct run_snapshot *run = &s->run[r];
        assert_true(run->layers >= 1 && run->layers <= SNAPSHOT_LAYERS);
        assert_true(run->step <= s->step && (run->diverged || run->step == s->step));
        for (int l = 0; l < run->layers; l++) {
            const struct layer_stats *stats = &run->layer[l];
            assert_true(stats->h.n <= (uint64_t)s->batch * (uint64_t)stats->units);
            assert_int_equal(stats->h.n % (uint64_t)stats->units, 0);
            assert_int_equal(stats->z.n % stats->h.n, 0); // maxout has more than one z a unit
            assert_int_equal(stats->z_histogram.n, stats->z.n);
            assert_int_equal(stats->delta_histogram.n, stats->z.n);
        }
    }
}

/* The next snapshot in lockstep; the worker stands still until the next call or release(). */
static const struct snapshot *look(struct desk *desk) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE;
    if (desk->snapshots++ > 0) {
        sem_post(&desk->seen);
    }
    if (sem_timedwait(&desk->published, &until) != 0) {
        fail_msg("no snapshot within %d s", PATIENCE);
    }
    const struct snapshot *snapshot = worker_latest(desk->worker);
    check_snapshot(desk, snapshot);
    return snapshot;
}

/* Look until the newest request is answered by a snapshot in that state. */
static const struct snapshot *look_for(struct desk *desk, enum worker_state state) {
    for (;;) {
        const struct snapshot *s = look(desk);
        if (s->state == state && s->request == desk->request.serial) {
            return s;
        }
    }
}

static void nap(long milliseconds) {
    nanosleep(&(struct timespec){ 0, milliseconds * 1000000 }, NULL);
}

/* Without lockstep: look now and then until the request is answered in that state. */
static const struct snapshot *wait_for(struct desk *desk, enum worker_state state) {
    for (int i = 0; i < PATIENCE * 1000; i++) {
        const struct snapshot *s = worker_latest(desk->worker);
        check_snapshot(desk, s);
        if (s->state == state && s->request == desk->request.serial && s->has_runs) {
            return s;
        }
        nap(1);
    }
    fail_msg("state %d did not come within %d s", (int)state, PATIENCE);
    return NULL;
}

/* The same until that step is reached. */
static const struct snapshot *wait_for_step(struct desk *desk, int64_t step) {
    for (int i = 0; i < PATIENCE * 1000; i++) {
        const struct snapshot *s = worker_latest(desk->worker);
        if (s->step >= step && s->request == desk->request.serial) {
            return s;
        }
        nap(1);
    }
    fail_msg("step %lld did not come within %d s", (long long)step, PATIENCE);
    return NULL;
}

/* The same experiment driven directly: what every run of it must show after so many steps. */
struct direct {
    struct dataset data;
    struct run run;
    struct snapshot snapshot;
};

static struct direct *direct_at(const struct experiment *experiment, int64_t step) {
    struct direct *direct = calloc(1, sizeof *direct);
    char problem[EXPERIMENT_PROBLEM];
    struct dataset_settings settings = experiment_data(experiment);
    assert_non_null(direct);
    assert_true(dataset_load(&direct->data, &settings, problem));
    assert_true(run_init(&direct->run, experiment, &direct->data, problem));
    while (run_pretrains(&direct->run)) {
        run_pretrain(&direct->run);
    }
    while (direct->run.step < step) {
        run_pass(&direct->run);
        run_update(&direct->run);
    }
    run_pass(&direct->run);
    run_capture(&direct->run, &direct->snapshot);
    return direct;
}

static void direct_finish(struct direct *direct) {
    run_finish(&direct->run);
    dataset_finish(&direct->data);
    free(direct);
}

static void assert_same_runs(const struct snapshot *s, const struct snapshot *want) {
    assert_int_equal(s->step, want->step);
    assert_int_equal(s->runs, want->runs);
    assert_string_equal(s->data, want->data);
    for (int r = 0; r < s->runs; r++) {
        const struct run_snapshot *a = &s->run[r], *b = &want->run[r];
        assert_int_equal(a->layers, b->layers);
        assert_true(a->loss == b->loss && a->accuracy == b->accuracy);
        for (int l = 0; l < a->layers; l++) {
            assert_true(a->layer[l].delta.rms == b->layer[l].delta.rms);
            assert_true(a->layer[l].weight_rms == b->layer[l].weight_rms);
            assert_memory_equal(&a->layer[l].z_histogram, &b->layer[l].z_histogram,
                                sizeof a->layer[l].z_histogram);
            assert_memory_equal(&a->layer[l].delta_histogram, &b->layer[l].delta_histogram,
                                sizeof a->layer[l].delta_histogram);
        }
    }
}

/* A snapshot's own experiment after its own number of steps. */
static void assert_true_to(const struct snapshot *s, const struct experiment *experiment) {
    struct direct *direct = direct_at(experiment, s->step);
    assert_same_runs(s, &direct->snapshot);
    direct_finish(direct);
}

static void it_starts_and_stops_at_any_time(void **state) {
    (void)state;
    struct experiment experiment;
    small_experiment(&experiment);
    for (int i = 0; i < 30; i++) {
        struct desk *desk = desk_create(&experiment, i % 2 == 1, false);
        for (int wait = 0; wait < i % 5; wait++) {
            nap(1);
        }
        if (i % 3 == 0) {
            desk->request.speed = 0.001;
            send(desk);
        }
        desk_finish(desk);
    }
    worker_stop(NULL);
}

static void it_loads_and_then_runs(void **state) {
    (void)state;
    struct experiment experiment;
    small_experiment(&experiment);
    struct desk *desk = desk_create(&experiment, false, true);
    const struct snapshot *s = look(desk);
    assert_int_equal(s->state, WORKER_LOADING);
    assert_false(s->has_runs);
    assert_contains(s->message, "loading Gaussian");
    s = look(desk);
    assert_int_equal(s->state, WORKER_RUNNING); // the first picture is of step 0
    assert_true(s->has_runs && s->step == 0 && s->request == 1);
    assert_string_equal(s->message, "");
    int64_t step = 0;
    for (int i = 0; i < 5; i++) {
        s = look(desk);
        assert_true(s->step > step);
        assert_int_equal(s->state, WORKER_RUNNING);
        step = s->step;
    }
    assert_true_to(s, &experiment);
    desk_finish(desk);
}

static void a_pause_is_answered_and_then_all_is_quiet(void **state) {
    (void)state;
    struct experiment experiment;
    small_experiment(&experiment);
    struct desk *desk = desk_create(&experiment, false, false);
    wait_for(desk, WORKER_RUNNING);
    desk->request.paused = true;
    send(desk);
    const struct snapshot *s = wait_for(desk, WORKER_PAUSED);
    int64_t step = s->step;
    int nudges = atomic_load(&desk->nudges);
    nap(60);
    assert_int_equal(atomic_load(&desk->nudges), nudges);
    assert_ptr_equal(worker_latest(desk->worker), s);
    assert_true_to(s, &experiment);
    desk->request.paused = false;
    send(desk);
    wait_for_step(desk, step + 1);
    desk_finish(desk);
}

/* Requests may merge; the steps they ask for in all are made, and not one more. */
static void single_steps_are_counted_exactly(void **state) {
    (void)state;
    struct experiment experiment;
    small_experiment(&experiment);
    struct desk *desk = desk_create(&experiment, true, false);
    assert_int_equal(wait_for(desk, WORKER_PAUSED)->step, 0);
    for (uint32_t round = 0; round < 10; round++) {
        for (uint32_t i = 0; i < 40; i++) {
            desk->request.steps += 1 + (uint64_t)(dice(round, i) * 5);
            send(desk);
        }
        wait_for_step(desk, (int64_t)desk->request.steps);
        nap(5);
        assert_int_equal(worker_latest(desk->worker)->step, desk->request.steps);
    }
    const struct snapshot *s = wait_for(desk, WORKER_PAUSED);
    assert_int_equal(s->step, desk->request.steps);
    assert_true_to(s, &experiment);
    desk_finish(desk);
}

/* One step, one answer: each press of the key shows its step. */
static void a_step_is_answered_by_its_snapshot(void **state) {
    (void)state;
    struct experiment experiment;
    small_experiment(&experiment);
    experiment_pin(&experiment);
    experiment.run[1].activation = ACTIVATION_SIGMOID;
    struct desk *desk = desk_create(&experiment, true, true);
    look_for(desk, WORKER_PAUSED);
    for (int64_t step = 1; step <= 10; step++) {
        desk->request.steps++;
        send(desk);
        const struct snapshot *s = look_for(desk, WORKER_PAUSED);
        while (s->step < step) {
            s = look_for(desk, WORKER_PAUSED);
        }
        assert_int_equal(s->step, step);
        assert_true_to(s, &experiment);
    }
    desk_finish(desk);
}

static void a_restart_gives_the_same_numbers(void **state) {
    (void)state;
    struct experiment experiment;
    small_experiment(&experiment);
    struct desk *desk = desk_create(&experiment, true, false);
    for (int restart = 0; restart < 3; restart++) {
        desk->request.steps += 25;
        send(desk);
        const struct snapshot *s = wait_for_step(desk, 25);
        assert_int_equal(s->step, 25);
        assert_true_to(s, &experiment);
        desk->request.speed = restart + 1.0; // a request that asks for nothing new
        send(desk);
        assert_int_equal(wait_for(desk, WORKER_PAUSED)->step, 25);
        desk->request.restarts++;
        send(desk);
        assert_int_equal(wait_for(desk, WORKER_PAUSED)->step, 0);
    }
    desk_finish(desk);
}

/* A restart and steps in one request: the steps are made in the new run. */
/* The counters of the first request are where counting starts. */
static void the_first_request_owes_nothing(void **state) {
    (void)state;
    struct experiment experiment;
    struct desk desk = { .request = { .serial = 9, .paused = true, .steps = 70, .restarts = 4 } };
    char problem[EXPERIMENT_PROBLEM] = "";
    small_experiment(&experiment);
    desk.request.experiment = experiment;
    desk.worker = worker_start(&desk.request, HISTORY_BYTES, nudge, &desk, problem);
    assert_non_null(desk.worker);
    wait_for(&desk, WORKER_PAUSED);
    nap(20);
    assert_int_equal(worker_latest(desk.worker)->step, 0);
    desk.request.steps += 2;
    send(&desk);
    wait_for_step(&desk, 2);
    nap(10);
    assert_int_equal(worker_latest(desk.worker)->step, 2);
    worker_stop(desk.worker);
}

static void a_restart_merges_with_steps(void **state) {
    (void)state;
    struct experiment experiment;
    small_experiment(&experiment);
    struct desk *desk = desk_create(&experiment, false, false);
    wait_for(desk, WORKER_RUNNING);
    desk->request.paused = true;
    desk->request.restarts++;
    desk->request.steps += 3;
    experiment.seed = desk->request.experiment.seed = 77;
    send(desk);
    wait_for(desk, WORKER_PAUSED); // step 0 of the new run, or later
    wait_for_step(desk, 3);
    nap(10);
    const struct snapshot *s = worker_latest(desk->worker);
    assert_int_equal(s->step, 3);
    assert_true_to(s, &experiment);
    desk_finish(desk);
}

/* While another data set loads the old run is shown, as what it is and with its own serial. */
static void what_runs_is_shown_while_another_loads(void **state) {
    (void)state;
    struct experiment experiment;
    small_experiment(&experiment);
    experiment_pin(&experiment);
    experiment.run[1].layers = 6;
    struct desk *desk = desk_create(&experiment, false, true);
    for (int round = 0; round < 5; round++) {
        const struct snapshot *s = look_for(desk, WORKER_RUNNING);
        for (int i = 0; i < round; i++) {
            s = look(desk);
        }
        int64_t step = s->step;
        uint64_t before = desk->request.serial;
        desk->request.experiment.seed++; // other noise
        desk->request.experiment.run[1].layers = 1 + round;
        send(desk);
        do {
            s = look(desk);
        } while (s->state != WORKER_LOADING);
        assert_true(s->has_runs && s->step >= step);
        assert_int_equal(s->request, before);
        assert_contains(s->message, "loading");
        assert_true_to(s, &experiment);
        experiment = desk->request.experiment;
        s = look_for(desk, WORKER_RUNNING);
        assert_int_equal(s->step, 0);
        assert_true_to(s, &experiment);
    }
    desk_finish(desk);
}

/* Refused: the reason is told, and the old run goes on under its own serial. */
static void assert_refusal_keeps(struct desk *desk, const struct experiment *running,
                                 const char *part) {
    uint64_t before = desk->request.serial;
    int64_t step = -1;
    send(desk);
    const struct snapshot *s;
    do {
        s = look(desk);
        assert_true(s->has_runs && s->step >= step);
        assert_int_equal(s->request, before); // never taken for the refused one
        step = s->step;
    } while (s->refused != desk->request.serial);
    assert_contains(s->message, part);
    for (int i = 0; i < 3; i++) {
        s = look(desk);
        assert_true(s->step > step && s->state == WORKER_RUNNING);
        step = s->step;
    }
    assert_true_to(s, running);
}

static void what_does_not_fit_is_refused(void **state) {
    (void)state;
    struct experiment experiment;
    small_experiment(&experiment);
    struct desk *desk = desk_create(&experiment, false, true);
    look_for(desk, WORKER_RUNNING);
    look(desk);
    desk->request.experiment.run[0].layers = EXPERIMENT_MAX_LAYERS;
    desk->request.experiment.run[0].width = EXPERIMENT_MAX_WIDTH;
    desk->request.experiment.run[0].optimizer = OPTIMISER_ADAM;
    desk->request.experiment.batch = 1000000;
    desk->request.experiment.examples = 100000000;
    assert_refusal_keeps(desk, &experiment, "needs");
    struct experiment absurd = desk->request.experiment;
    desk->request.experiment = desk->sent = experiment; // and back: the run just goes on
    send(desk);
    const struct snapshot *s = look_for(desk, WORKER_RUNNING);
    assert_true(s->step > 0);
    assert_string_equal(s->message, "");
    assert_true_to(s, &experiment);
    desk->request.experiment = absurd;
    assert_refusal_keeps(desk, &experiment, "needs");
    desk->request.experiment = experiment; // and something else, on the same data
    desk->request.experiment.run[0].activation = ACTIVATION_RELU;
    send(desk);
    s = look_for(desk, WORKER_RUNNING);
    assert_int_equal(s->step, 0);
    assert_string_equal(s->message, "");
    desk_finish(desk);
}

static void what_makes_no_sense_is_refused(void **state) {
    (void)state;
    struct experiment experiment;
    small_experiment(&experiment);
    experiment.mixup = 0.2;
    struct desk *desk = desk_create(&experiment, false, true);
    look_for(desk, WORKER_RUNNING);
    look(desk);
    desk->request.experiment.data = DATASET_XOR; // whose shape is known only to the worker
    assert_refusal_keeps(desk, &experiment, "xor has 4");
    desk->request.experiment.mixup = 0.0;
    send(desk);
    assert_int_equal(look_for(desk, WORKER_RUNNING)->step, 0);
    desk_finish(desk);
}

static void data_that_cannot_be_read_is_refused(void **state) {
    struct folder *folder = *state;
    struct experiment experiment;
    char place[1024];
    text_set(place, sizeof place, "%s", getenv("LAYERSCOPE_DATADIR"));
    small_experiment(&experiment);
    setenv("LAYERSCOPE_DATADIR", folder->path, 1);
    assert_int_equal(write_file(folder_file(folder, "assets"), "", 0), 0); // no folder
    assert_int_equal(write_broken_idx(folder), 0);
    struct desk *desk = desk_create(&experiment, false, true);
    look_for(desk, WORKER_RUNNING);
    look(desk);
    desk->request.experiment.data = DATASET_MNIST;
    assert_refusal_keeps(desk, &experiment, "cannot read");
    desk->request.experiment = desk->sent = experiment;
    send(desk);
    look_for(desk, WORKER_RUNNING);
    text_set(desk->request.experiment.data_path, DATASET_PATH, "%s", folder->path);
    desk->request.experiment.data = DATASET_IDX;
    assert_refusal_keeps(desk, &experiment, "goes on after byte");
    desk_finish(desk);

    // from the start: there is nothing to go on with
    text_set(experiment.data_path, DATASET_PATH, "%s", folder->path);
    experiment.data = DATASET_IDX; // what is wrong shows only as it is loaded
    desk = desk_create(&experiment, false, true);
    const struct snapshot *s = look(desk);
    assert_int_equal(s->state, WORKER_LOADING);
    s = look(desk);
    assert_int_equal(s->state, WORKER_STOPPED);
    assert_true(!s->has_runs && s->refused == 1);
    assert_contains(s->message, "goes on after byte");
    desk_finish(desk);

    experiment.data = DATASET_MNIST; // and what cannot even be described
    desk = desk_create(&experiment, false, true);
    s = look(desk);
    assert_int_equal(s->state, WORKER_STOPPED);
    assert_true(!s->has_runs && s->refused == 1);
    assert_contains(s->message, "cannot read");
    setenv("LAYERSCOPE_DATADIR", place, 1);
    desk->request.experiment.data = DATASET_XOR;
    send(desk);
    s = look_for(desk, WORKER_RUNNING);
    assert_true(s->has_runs && s->step == 0);
    assert_string_equal(s->message, "");
    desk_finish(desk);
}

/* A table of the user's own in the folder. */
static void choose_table(struct experiment *experiment, struct folder *folder) {
    const char *path = folder_file(folder, "own.csv");
    FILE *file = fopen(path, "w");
    for (int i = 0; file && i < 1000; i++) {
        fprintf(file, "%d,%d,%s\n", i % 7, i % 11, i % 3 ? "u" : "v");
    }
    assert_int_equal(fclose(file), 0);
    experiment->data = DATASET_CSV;
    text_set(experiment->data_path, DATASET_PATH, "%s", path);
}

/* How far it is stands in the message; who wants something else need not wait for the end. */
static void loading_gives_way_to_another_wish(void **state) {
    struct experiment experiment;
    small_experiment(&experiment);
    choose_table(&experiment, *state);
    struct desk *desk = desk_create(&experiment, false, true);
    const struct snapshot *s = look(desk);
    assert_int_equal(s->state, WORKER_LOADING);
    assert_string_equal(s->message, "loading own.csv…");
    assert_string_equal(s->data, "own.csv");
    desk->request.experiment.data = DATASET_XOR;
    send(desk);
    s = look(desk);
    assert_string_equal(s->message, "loading own.csv… 0 %");
    for (int i = 0; s->state == WORKER_LOADING; i++) {
        assert_true(i < 2); // XOR's turn
        s = look(desk);
    }
    assert_int_equal(s->state, WORKER_RUNNING);
    assert_int_equal(s->request, desk->request.serial);
    assert_int_equal(s->refused, 0);
    assert_string_equal(s->data, "XOR");
    assert_string_equal(s->message, "");
    desk_finish(desk);
}

/* Back to what was trained before, which goes on where it was. */
static void loading_gives_way_to_the_run_before(void **state) {
    struct experiment experiment, before;
    small_experiment(&experiment);
    experiment.data = DATASET_XOR;
    before = experiment;
    struct desk *desk = desk_create(&experiment, false, true);
    const struct snapshot *s = look_for(desk, WORKER_RUNNING);
    while (s->step < 3) {
        s = look(desk);
    }
    int64_t step = s->step;
    uint64_t life = s->life;
    choose_table(&desk->request.experiment, *state);
    send(desk);
    for (int i = 0; s->state != WORKER_LOADING; i++) {
        assert_true(i < 100);
        s = look(desk);
    }
    desk->request.experiment = before;
    desk->keeps = true; // nobody asks for a restart
    send(desk);
    for (int i = 0; s->state == WORKER_LOADING || s->request != desk->request.serial; i++) {
        assert_true(s->has_runs && i < 100);
        s = look(desk);
    }
    assert_int_equal(s->state, WORKER_RUNNING);
    assert_string_equal(s->data, "XOR");
    assert_string_equal(s->message, "");
    assert_true(s->step >= step && s->life == life);
    assert_true(s->loading == 0.0);
    desk_finish(desk);
}

static void loading_goes_on_when_paused(void **state) {
    struct experiment experiment;
    small_experiment(&experiment);
    choose_table(&experiment, *state);
    struct desk *desk = desk_create(&experiment, false, true);
    look(desk);
    desk->request.paused = true;
    send(desk);
    const struct snapshot *s = look_for(desk, WORKER_PAUSED);
    assert_string_equal(s->data, "own.csv");
    assert_int_equal(s->examples, 64);
    assert_int_equal(s->test_examples, 200);
    desk_finish(desk);
}

/* The worker ends although it has much to load. */
static void loading_ends_with_the_worker(void **state) {
    struct experiment experiment;
    small_experiment(&experiment);
    choose_table(&experiment, *state);
    struct desk *desk = desk_create(&experiment, false, true);
    look(desk);
    desk_finish(desk);
}

/* RBMs on XOR, whose epochs are single steps: 2 layers, 30 steps each. */
static struct experiment pretrained(void) {
    struct experiment experiment;
    small_experiment(&experiment);
    experiment.data = DATASET_XOR;
    experiment.run[0].layers = 2;
    experiment.run[0].activation = ACTIVATION_SIGMOID;
    experiment.run[0].init = INITIALISER_RBM;
    experiment.run[0].rbm_epochs = 30;
    experiment_pin(&experiment);
    experiment.run[1].init = INITIALISER_XAVIER;
    return experiment;
}

/* A single step is one of an RBM while there is one; B waits at step 0 meanwhile. */
static void steps_pretrain_first(void **state) {
    (void)state;
    struct experiment experiment = pretrained();
    struct desk *desk = desk_create(&experiment, true, true);
    const struct snapshot *s = look_for(desk, WORKER_PAUSED);
    for (int64_t made = 0; made < 64; made++) {
        const struct pretraining_stats *told = &s->run[0].pretraining;
        assert_true(told->active == (made < 60) && s->run[1].pretraining.layers == 0);
        assert_int_equal(told->step, made < 60 ? made : 60);
        assert_int_equal(told->finished, told->step);
        assert_int_equal(s->step, made < 60 ? 0 : made - 60);
        assert_int_equal(s->run[1].step, s->step);
        desk->request.steps++;
        send(desk);
        do {
            s = look_for(desk, WORKER_PAUSED);
        } while (s->step + s->run[0].pretraining.step <= made);
    }
    assert_true_to(s, &experiment);
    desk_finish(desk);
}

/* It is shown while it goes on, can be paused, changed and begun again, and ends as it should. */
static void pretraining_is_live(void **state) {
    (void)state;
    struct experiment experiment = pretrained();
    struct desk *desk = desk_create(&experiment, true, false);
    desk->request.speed = 400.0;
    desk->request.paused = false;
    send(desk);
    const struct snapshot *s = wait_for(desk, WORKER_RUNNING);
    int64_t shown = 0, last = -1;
    while (s->run[0].pretraining.active) {
        assert_true(s->step == 0 && s->run[0].pretraining.step >= last);
        shown += s->run[0].pretraining.step > last;
        last = s->run[0].pretraining.step;
        nap(1);
        s = wait_for(desk, WORKER_RUNNING);
    }
    assert_true(shown >= 3);
    desk->request.restarts++;
    desk->request.speed = 100.0;
    send(desk);
    s = wait_for(desk, WORKER_RUNNING);
    assert_true(s->run[0].pretraining.active);
    desk->request.paused = true;
    send(desk);
    s = wait_for(desk, WORKER_PAUSED);
    int64_t stopped = s->run[0].pretraining.step;
    nap(30);
    assert_int_equal(worker_latest(desk->worker)->run[0].pretraining.step, stopped);
    desk->request.experiment.seed = experiment.seed = 9;
    send(desk); // another run, from its beginning
    s = wait_for(desk, WORKER_PAUSED);
    assert_int_equal(s->run[0].pretraining.step, 0);
    desk->request.paused = false;
    desk->request.speed = 0.0;
    send(desk);
    wait_for_step(desk, 5);
    desk->request.paused = true;
    send(desk);
    assert_true_to(wait_for(desk, WORKER_PAUSED), &experiment);
    desk->request.restarts++;
    send(desk);
    wait_for(desk, WORKER_PAUSED);
    desk_finish(desk); // in the middle of it
}

/* What only the data show is found before the old run is given up. */
static void unbounded_inputs_are_refused_while_another_runs(void **state) {
    (void)state;
    struct experiment experiment;
    small_experiment(&experiment);
    struct desk *desk = desk_create(&experiment, false, true);
    look_for(desk, WORKER_RUNNING);
    desk->request.experiment.data = DATASET_MNIST;
    desk->request.experiment.preprocess = PREPROCESS_NONE;
    desk->request.experiment.run[0].activation = ACTIVATION_SIGMOID;
    desk->request.experiment.run[0].init = INITIALISER_RBM;
    assert_refusal_keeps(desk, &experiment, "from 0 to 255");
    desk_finish(desk);
}

static struct experiment diverging(void) {
    struct experiment experiment;
    small_experiment(&experiment);
    experiment.run[0].activation = ACTIVATION_RELU;
    experiment.run[0].loss = LOSS_MSE;
    experiment.run[0].learning_rate = 1e6;
    return experiment;
}

/* It stops, says so, and waits; steps asked for meanwhile are not owed to the next run. */
static void a_diverged_run_waits_for_the_user(void **state) {
    (void)state;
    struct experiment experiment = diverging();
    struct desk *desk = desk_create(&experiment, false, false);
    const struct snapshot *s = wait_for(desk, WORKER_STOPPED);
    assert_true(s->run[0].diverged);
    assert_int_equal(s->run[0].diagnosis.verdict, VERDICT_DIVERGED);
    int64_t step = s->step;
    desk->request.paused = true;
    desk->request.steps += 100;
    send(desk);
    s = wait_for(desk, WORKER_STOPPED);
    assert_int_equal(s->step, step);
    small_experiment(&experiment);
    desk->request.experiment = experiment;
    send(desk);
    wait_for(desk, WORKER_PAUSED);
    nap(20);
    s = worker_latest(desk->worker);
    assert_int_equal(s->step, 0);
    assert_true_to(s, &experiment);
    desk_finish(desk);
}

/* The history beside the run: one record per step, with the losses of the direct run. */
static void the_history_has_every_step(void **state) {
    (void)state;
    enum { STEPS = 60 };
    static struct history_view view;
    struct experiment experiment;
    small_experiment(&experiment);
    struct desk *desk = desk_create(&experiment, true, false);
    desk->request.steps = STEPS;
    send(desk);
    wait_for_step(desk, STEPS);
    history_sample(worker_history(desk->worker), &(struct history_query){ STEPS, 0, 0, -1, NULL },
                   &view);
    desk_finish(desk);
    assert_int_equal(view.columns, STEPS);
    assert_int_equal(view.last_step, STEPS - 1);
    struct direct *direct = direct_at(&experiment, 0);
    for (int c = 0; c < STEPS; c++) {
        assert_int_equal(view.step[c], c);
        assert_true(view.scalar[0][HISTORY_LOSS][c] == (float)direct->run.twin[0].loss);
        run_update(&direct->run);
        run_pass(&direct->run);
    }
    direct_finish(direct);
}

/*
 * The film beside the run: each of the first steps, then in log time, whoever looks at the screen;
 * what is in it are the run's own numbers.
 */
static void the_film_has_every_step_that_it_promises(void **state) {
    (void)state;
    enum { STEPS = 700 };
    struct film_frame *frame = calloc(1, sizeof *frame);
    struct experiment experiment;
    assert_non_null(frame);
    small_experiment(&experiment);
    experiment_pin(&experiment);
    experiment.run[1].layers = 2;
    struct desk *desk = desk_create(&experiment, true, false);
    for (int round = 0; round < 2; round++) { // the second one after a restart
        desk->request.steps += STEPS;
        desk->request.restarts += (uint64_t)round;
        send(desk);
        nap(100); // nobody looks
        wait_for_step(desk, STEPS);
        struct film *film = worker_film(desk->worker);
        for (int64_t step = 0; step <= FILM_KEPT; step++) {
            assert_true(film_at(film, step, &nothing, frame));
            assert_int_equal(frame->snapshot.step, step);
            if (step % 20 == 0) {
                assert_true_to(&frame->snapshot, &experiment);
            }
        }
        int64_t newest = FILM_KEPT;
        for (int64_t step = FILM_KEPT; step <= STEPS; step++) {
            assert_true(film_at(film, step, &nothing, frame));
            newest = frame->snapshot.step > newest ? frame->snapshot.step : newest;
            assert_true(step - newest <= newest / 32);
        }
        assert_int_equal(newest, STEPS); // where it waits
        assert_true_to(&frame->snapshot, &experiment);
    }
    desk_finish(desk);
    free(frame);
}

/* What an open view looks at closer is kept of every step that is promised. */
static void the_film_has_what_a_view_looks_at(void **state) {
    (void)state;
    enum { STEPS = 300 };
    struct film_frame *frame = calloc(1, sizeof *frame);
    struct experiment experiment;
    assert_non_null(frame);
    small_experiment(&experiment);
    for (int kind = LOOK_LAYER; kind <= LOOK_DATA; kind++) {
        const struct look look = { .kind = (enum look_kind)kind, .layer = 2, .unit = 3 };
        struct desk *desk = desk_create(&experiment, true, false);
        desk->request.look = look;
        send(desk);
        wait_for(desk, WORKER_PAUSED);
        desk->request.steps += STEPS;
        send(desk);
        wait_for_step(desk, STEPS);
        struct film *film = worker_film(desk->worker);
        for (int64_t step = 0; step <= STEPS; step++) {
            const struct snapshot *s = &frame->snapshot;
            assert_true(film_at(film, step, &look, frame));
            assert_true(step > FILM_KEPT ? step - s->step <= step / 16 : s->step == step);
            assert_int_equal(s->detail[0].layer, kind == LOOK_LAYER ? 2 : 0);
            assert_true(s->data_detail.made == (kind == LOOK_DATA));
            assert_true(kind != LOOK_DATA || s->data_detail.step == s->step);
        }
        desk_finish(desk);
    }
    free(frame);
}

/* What was not is had by training up to the step again, while the run goes on or waits. */
static void the_past_is_looked_at_when_asked(void **state) {
    (void)state;
    enum { STEPS = 400, MOST = PATIENCE * 1000 };
    static const int64_t steps[] = { 90, 3, 0, 57 };
    struct film_frame *frame = calloc(1, sizeof *frame);
    struct experiment experiment;
    assert_non_null(frame);
    small_experiment(&experiment);
    experiment_pin(&experiment);
    for (int runs_on = 0; runs_on < 2; runs_on++) {
        struct desk *desk = desk_create(&experiment, true, false);
        desk->keeps = true;
        desk->request.steps += 30;
        send(desk);
        wait_for_step(desk, 30);
        desk->request.experiment.run[0].learning_rate = 0.3;
        send(desk);
        wait_for(desk, WORKER_PAUSED);
        desk->request.steps += STEPS - 30;
        send(desk);
        wait_for_step(desk, STEPS);
        desk->request.paused = runs_on == 0;
        for (int i = 0; i < ARRAY_LEN(steps); i++) {
            struct look *look = &desk->request.look;
            *look = (struct look){ .kind = i % 2 ? LOOK_DATA : LOOK_LAYER,
                                   .layer = 1 + i,
                                   .unit = 4,
                                   .past = true,
                                   .step = steps[i] };
            const struct snapshot *s = &frame->snapshot;
            send(desk);
            for (int wait = 0; wait < MOST; wait++) {
                assert_true(film_at(worker_film(desk->worker), steps[i], look, frame));
                if (s->data_detail.made || s->detail[0].layer > 0) {
                    break;
                }
                nap(1);
            }
            assert_int_equal(s->step, steps[i]);
            if (look->kind == LOOK_DATA) {
                assert_true(s->data_detail.made && s->data_detail.step == steps[i]);
                continue;
            }
            assert_true(s->detail[0].layer == look->layer && s->detail[0].unit == 4);
            double rms = s->run[0].layer[look->layer - 1].weight_rms;
            assert_true(fabs(s->detail[0].weight.rms - rms) <= 1e-6 * rms);
        }
        nap(20);
        assert_int_equal(worker_again(desk->worker), -1);
        desk_finish(desk);
    }
    free(frame);
}

/* Memory of a deep run is not held on to by the next one. */
static void a_snapshot_has_nothing_of_a_deeper_run(void **state) {
    (void)state;
    enum { DEEP = 40, SLOTS = 3 };
    static const struct layer_stats none;
    struct experiment experiment;
    small_experiment(&experiment);
    experiment.run[0].layers = DEEP;
    struct desk *desk = desk_create(&experiment, true, false);
    for (int deep = 1; deep >= 0; deep--) {
        desk->request.experiment.run[0].layers = deep ? DEEP : 2;
        for (int i = 0; i < 2 * SLOTS; i++) {
            desk->request.steps++;
            send(desk);
            const struct run_snapshot *run = &wait_for(desk, WORKER_PAUSED)->run[0];
            bool empty = memcmp(&run->layer[DEEP - 1], &none, sizeof none) == 0;
            assert_int_equal(empty, !deep);
        }
    }
    desk_finish(desk);
}

/* The worker speaks up only when the screen had taken the last snapshot. */
static void a_nudge_follows_a_look(void **state) {
    (void)state;
    struct experiment experiment;
    small_experiment(&experiment);
    struct desk *desk = desk_create(&experiment, false, false);
    while (atomic_load(&desk->nudges) == 0) {
        nap(1);
    }
    nap(50);
    assert_int_equal(atomic_load(&desk->nudges), 1); // nobody has looked
    for (int i = 2; i < 6; i++) {
        worker_latest(desk->worker);
        while (atomic_load(&desk->nudges) < i) {
            nap(1);
        }
        nap(20);
        assert_int_equal(atomic_load(&desk->nudges), i);
    }
    desk_finish(desk);
}

/* One step in a quarter of an hour; single steps are not held up, and a request is heard at once.
 */
static void a_slow_run_still_listens(void **state) {
    (void)state;
    struct experiment experiment;
    small_experiment(&experiment);
    struct desk *desk = desk_create(&experiment, true, false);
    wait_for(desk, WORKER_PAUSED);
    desk->request.speed = 0.001;
    desk->request.paused = false;
    send(desk);
    wait_for(desk, WORKER_RUNNING);
    nap(30);
    int64_t step = worker_latest(desk->worker)->step;
    assert_true(step <= 2);
    nap(30);
    assert_true(worker_latest(desk->worker)->step <= step + 1);
    desk->request.paused = true;
    desk->request.steps += 200;
    send(desk);
    const struct snapshot *s = wait_for_step(desk, 200);
    assert_true(s->step <= 203);
    assert_true_to(s, &experiment);
    desk_finish(desk);
}

/* Held-out accuracy comes along while it trains, and leaves the run as it would be without. */
static void it_evaluates_while_it_trains(void **state) {
    (void)state;
    struct experiment experiment;
    experiment_defaults(&experiment);
    experiment.run[0].layers = 2;
    experiment.run[0].width = 16;
    experiment_pin(&experiment);
    experiment.run[1].activation = ACTIVATION_SIGMOID;
    struct desk *desk = desk_create(&experiment, false, false);
    desk->request.speed = 300.0; // few steps to do again
    send(desk);
    const struct snapshot *s = NULL;
    for (int i = 0;; i++) { // looking takes so small a share that a sanitizer takes its time
        s = worker_latest(desk->worker);
        if (s->refused > 0) {
            fail_msg("%s", s->message);
        }
        if (s->has_runs && s->run[0].test_step > 20 && s->steps_per_second > 0.0) {
            break;
        }
        if (i >= PATIENCE * 1000) {
            fail_msg("not evaluated again within %d s", PATIENCE);
        }
        nap(1);
    }
    desk->request.paused = true;
    send(desk);
    s = wait_for(desk, WORKER_PAUSED);
    for (int r = 0; r < 2; r++) {
        const struct run_snapshot *run = &s->run[r];
        assert_true(run->test_n >= 256 && run->test_n <= 10000);
        assert_true(run->test_step > 20 && run->test_step <= s->step);
        assert_true(run->test_accuracy > 0.0 && run->test_accuracy < 1.0 && run->test_loss > 0.0);
    }
    assert_true(s->run[0].test_accuracy > 0.15); // it has learned something
    assert_true_to(s, &experiment);
    desk_finish(desk);
}

/* The data are looked at while a view asks for them and never else; closely once nothing follows.
 */
static void data_are_looked_at_when_asked(void **state) {
    (void)state;
    struct experiment experiment;
    small_experiment(&experiment);
    experiment.data = DATASET_MOONS;
    experiment.examples = 5000;
    for (int r = 0; r < 2; r++) {
        experiment.run[r].layers = 30;
        experiment.run[r].width = 100; // so that a look while training cannot be at everything
    }
    struct desk *desk = desk_create(&experiment, true, false);
    const struct snapshot *s = wait_for(desk, WORKER_PAUSED);
    assert_false(s->data_detail.made);
    desk->request.look.kind = LOOK_DATA;
    desk->request.paused = false;
    send(desk);
    do {
        nap(1);
        s = wait_for(desk, WORKER_RUNNING);
    } while (!s->data_detail.made || s->data_detail.step < 3);
    assert_int_equal(s->data_detail.form, DATA_PLANE);
    assert_true(s->data_detail.step <= s->step);
    assert_true(s->data_detail.n < 5000 && s->data_detail.side < DATA_GRID);
    desk->request.paused = true;
    send(desk);
    do {
        nap(1);
        s = wait_for(desk, WORKER_PAUSED);
    } while (!s->data_detail.made || s->data_detail.n < 5000);
    assert_true(s->data_detail.step == s->step && s->data_detail.side == DATA_GRID);
    assert_true_to(s, &experiment);
    int nudges = atomic_load(&desk->nudges);
    nap(30);
    assert_int_equal(atomic_load(&desk->nudges), nudges);
    desk->request.look.kind = LOOK_NONE;
    desk->request.steps++;
    int64_t step = s->step;
    send(desk);
    assert_false(wait_for_step(desk, step + 1)->data_detail.made);
    desk->request.look.kind = LOOK_DATA;
    desk->request.experiment.data = experiment.data = DATASET_GAUSSIAN; // of another kind
    send(desk);
    do {
        nap(1);
        s = wait_for(desk, WORKER_PAUSED);
    } while (!s->data_detail.made || s->data_detail.n < 5000);
    assert_true(s->data_detail.form == DATA_OTHER && s->data_detail.step == 0);
    desk_finish(desk);
}

/* Anything a user can do, as fast as it can be done; what comes out in the end is still true. */
static void random_requests_at_full_speed(void **state) {
    (void)state;
    struct experiment experiment;
    small_experiment(&experiment);
    for (uint32_t round = 0; round < 4; round++) {
        struct desk *desk = desk_create(&experiment, false, false);
        for (uint32_t i = 0; i < 200; i++) {
            struct request *request = &desk->request;
            struct network_settings *a = &request->experiment.run[0];
            switch ((int)(dice(round, 4 * i) * 12)) {
            case 0:
                a->activation = (int)(dice(round, 4 * i + 1) * ACTIVATION_COUNT);
                break;
            case 1:
                a->init = (int)(dice(round, 4 * i + 1) * INITIALISER_COUNT);
                break;
            case 2:
                a->layers = 1 + (int)(dice(round, 4 * i + 1) * 12);
                break;
            case 3:
                request->experiment.compare = !request->experiment.compare;
                break;
            case 4:
                request->experiment.batch = 1 + (int)(dice(round, 4 * i + 1) * 80);
                break;
            case 5:
                request->experiment.data =
                    dice(round, 4 * i + 1) < 0.5 ? DATASET_XOR : DATASET_GAUSSIAN;
                break;
            case 6:
                request->paused = !request->paused;
                break;
            case 7:
                request->steps += 3;
                break;
            case 8:
                request->restarts++;
                break;
            case 9:
                request->look.kind = dice(round, 4 * i + 1) < 0.8 ? LOOK_DATA : LOOK_NONE;
                request->look.past = dice(round, 4 * i + 1) < 0.4;
                request->look.step = (int64_t)(dice(round, 4 * i + 2) * 50);
                break;
            case 10:
                request->speed = dice(round, 4 * i + 1) < 0.5 ? 0.0 : 1000.0;
                break;
            default:
                a->learning_rate = dice(round, 4 * i + 1) < 0.5 ? 1e6 : 0.05;
            }
            send(desk);
            if (dice(round, 4 * i + 2) < 0.3) {
                check_snapshot(desk, worker_latest(desk->worker));
            }
            if (dice(round, 4 * i + 3) < 0.1) {
                nap(1);
            }
        }
        desk->request.experiment = experiment;
        desk->request.paused = true;
        desk->request.restarts++;
        send(desk);
        const struct snapshot *s = wait_for(desk, WORKER_PAUSED);
        assert_true_to(s, &experiment);
        desk_finish(desk);
    }
}

/* Step 20 of an experiment, then 10 steps with other settings, driven directly. */
static void assert_true_to_change(const struct snapshot *s, const struct experiment *first,
                                  const struct experiment *then) {
    struct direct *direct = direct_at(first, 20);
    char problem[EXPERIMENT_PROBLEM] = "";
    if (!run_change(&direct->run, then, false, problem)) {
        fail_msg("%s", problem);
    }
    while (direct->run.step < 30) {
        run_pass(&direct->run);
        run_update(&direct->run);
    }
    run_pass(&direct->run);
    run_capture(&direct->run, &direct->snapshot);
    assert_same_runs(s, &direct->snapshot);
    direct_finish(direct);
}

static const struct history_view *events_of(struct desk *desk) {
    static struct history_view view; // large
    history_sample(worker_history(desk->worker),
                   &(struct history_query){ 10, 1 << HISTORY_H_SD, 0, -1, NULL }, &view);
    return &view;
}

/* With weights kept a live setting changes at the step that is shown, and the history marks it. */
static void a_change_keeps_the_weights(void **state) {
    (void)state;
    struct experiment experiment;
    small_experiment(&experiment);
    experiment_pin(&experiment);
    struct desk *desk = desk_create(&experiment, true, false);
    desk->keeps = true;
    desk->request.steps += 20;
    send(desk);
    wait_for_step(desk, 20);
    desk->request.experiment.run[0].learning_rate = 0.5; // one of two changes at one step
    send(desk);
    assert_int_equal(wait_for(desk, WORKER_PAUSED)->step, 20);
    desk->request.experiment.run[0].learning_rate = 0.01;
    desk->request.experiment.run[1].activation = ACTIVATION_RELU;
    send(desk);
    const struct snapshot *s = wait_for(desk, WORKER_PAUSED);
    assert_int_equal(s->step, 20);
    assert_string_equal(s->run[1].activation, "ReLU");
    assert_true(s->run[0].learning_rate == 0.01);
    assert_int_equal(events_of(desk)->events.count, 1);
    assert_int_equal(events_of(desk)->events.event[0].step, 20);
    assert_string_equal(events_of(desk)->events.event[0].text,
                        "A: learning rate 0.01, B: tanh → ReLU");
    struct film_frame *frame = calloc(1, sizeof *frame); // the film shows it as it is now
    assert_true(frame && film_at(worker_film(desk->worker), 20, &nothing, frame));
    assert_int_equal(frame->snapshot.step, 20);
    assert_string_equal(frame->snapshot.run[1].activation, "ReLU");
    assert_true(frame->snapshot.run[0].learning_rate == 0.01);
    assert_true(frame->snapshot.run[1].loss == s->run[1].loss);
    free(frame);
    desk->request.steps += 10;
    send(desk);
    assert_true_to_change(wait_for_step(desk, 30), &experiment, &desk->request.experiment);
    assert_int_equal(events_of(desk)->last_step, 29);
    assert_int_equal(events_of(desk)->columns, 10);
    desk_finish(desk);
}

/* What takes new weights, a restart, and a change without the wish to keep begin at step 0. */
static void other_changes_start_again(void **state) {
    (void)state;
    for (int what = 0; what < 3; what++) {
        struct experiment experiment;
        small_experiment(&experiment);
        struct desk *desk = desk_create(&experiment, true, false);
        desk->keeps = true;
        desk->request.steps += 5;
        send(desk);
        wait_for_step(desk, 5);
        desk->request.experiment.batch = 8;
        send(desk);
        assert_int_equal(wait_for(desk, WORKER_PAUSED)->step, 5);
        assert_int_equal(events_of(desk)->events.count, 1);
        desk->keeps = what != 2;
        desk->request.experiment.run[0].learning_rate = what == 2 ? 0.5 : 0.05;
        desk->request.experiment.run[0].layers = what == 0 ? 4 : 3;
        desk->request.restarts += what == 1;
        send(desk);
        const struct snapshot *s = wait_for(desk, WORKER_PAUSED);
        assert_int_equal(s->step, 0);
        assert_true_to(s, &desk->request.experiment);
        assert_int_equal(events_of(desk)->events.count, 0);
        assert_int_equal(s->renewed, what == 0 ? desk->request.serial : 0); // not asked for
        assert_string_equal(s->renewal, what == 0 ? "layers = 4 takes new weights" : "");
        desk_finish(desk);
    }
}

/* A large network shows itself on some examples before its first pass is made, then on all. */
static void a_large_network_is_seen_early(void **state) {
    (void)state;
    for (int paused = 0; paused < 2; paused++) {
        struct experiment experiment;
        small_experiment(&experiment);
        experiment.examples = experiment.batch = 4096;
        experiment.run[0].width = 1000;
        struct desk *desk = desk_create(&experiment, paused, true);
        const struct snapshot *s = look_for(desk, paused ? WORKER_PAUSED : WORKER_RUNNING);
        uint64_t n = s->run[0].layer[2].h.n;
        assert_int_equal(s->step, 0);
        assert_int_equal(s->batch, 4096);
        assert_true(n >= 1000 && n <= 2048 * 1000);
        double loss = s->run[0].loss;
        s = look(desk);
        assert_int_equal(s->step, 0);
        assert_int_equal(s->run[0].layer[2].h.n, 4096 * 1000);
        assert_true(s->run[0].loss != loss);
        uint64_t weights = s->run[0].layer[2].weight_histogram.n;
        assert_true(paused ? weights == 1000 * 1000 : weights < 1000 * 1000);
        desk_finish(desk);
    }
}

/* Steps take some milliseconds, so that requests come in the middle of one. */
static void slow_experiment(struct experiment *experiment) {
    small_experiment(experiment);
    experiment->threads = 1;
    experiment->examples = 512;
    experiment->batch = 256;
    experiment->run[0].layers = 20;
    experiment->run[0].width = 120;
    experiment->run[0].normalisation = NORMALISATION_BATCH;
}

/* Whatever comes in the middle of a step: a run that was given up leaves nothing in the next. */
static void restarts_in_the_middle_leave_no_trace(void **state) {
    (void)state;
    struct experiment experiment;
    slow_experiment(&experiment);
    struct desk *desk = desk_create(&experiment, false, false);
    for (int round = 0; round < 10; round++) {
        for (int i = 0; i < 12; i++) {
            desk->request.experiment.run[0].learning_rate = 0.01 * (1 + i % 5);
            desk->request.experiment.run[0].width = i % 7 == 3 ? 90 : 120;
            desk->request.restarts += i % 4 == 1;
            desk->keeps = i % 3 == 2;
            desk->request.speed = i % 6 == 0 ? 1e6 : 0.0;
            send(desk);
            nap((round + i) % 9);
        }
        desk->keeps = false;
        desk->request.restarts++;
        send(desk);
        wait_for_step(desk, round % 4);
        desk->request.paused = true;
        send(desk);
        assert_true_to(wait_for(desk, WORKER_PAUSED), &desk->request.experiment);
        desk->request.paused = false;
    }
    desk_finish(desk);
}

/* A request that is refused ends nothing, and is no restart. */
static void refusals_in_the_middle_leave_no_trace(void **state) {
    (void)state;
    struct experiment experiment;
    slow_experiment(&experiment);
    struct desk *desk = desk_create(&experiment, false, false);
    desk->keeps = true;
    wait_for_step(desk, 1);
    for (int i = 0; i < 40; i++) {
        desk->request.experiment.run[0].width = i % 2 ? EXPERIMENT_MAX_WIDTH : 120;
        desk->request.experiment.run[0].layers = i % 2 ? EXPERIMENT_MAX_LAYERS : 20;
        desk->request.experiment.batch = i % 2 ? 1000000 : 256;
        desk->request.experiment.examples = i % 2 ? 100000000 : 512;
        send(desk);
        nap(i % 7);
    }
    desk->request.experiment = experiment;
    desk->request.paused = true;
    send(desk);
    const struct snapshot *s = wait_for(desk, WORKER_PAUSED);
    assert_true(s->step >= 1);
    assert_true_to(s, &experiment);
    desk_finish(desk);
}

/* Also what only the run itself knows of is a reason. */
static void a_change_while_pretraining_starts_again(void **state) {
    (void)state;
    struct experiment experiment = pretrained();
    struct desk *desk = desk_create(&experiment, true, false);
    desk->keeps = true;
    desk->request.steps += 5;
    send(desk);
    wait_for(desk, WORKER_PAUSED);
    desk->request.experiment.run[0].learning_rate = 0.5;
    send(desk);
    const struct snapshot *s = wait_for(desk, WORKER_PAUSED);
    assert_int_equal(s->renewed, desk->request.serial);
    assert_string_equal(s->renewal, "the network is still being pre-trained");
    desk_finish(desk);
}

/* All that the README promises to change without a restart, one after the other. */
static void live_settings_change_while_it_trains(void **state) {
    (void)state;
    static const struct {
        const char *setting, *value, *mark;
    } changes[] = {
        { "activation", "relu", "tanh → ReLU" },
        { "optimizer", "adam", "SGD → Adam" },
        { "learning_rate", "0.002", "learning rate 0.002" },
        { "batch", "8", "batch 8" },
        { "dropout", "0.25", "dropout 0.25" },
        { "normalisation", "batch", "no norm → batch norm" },
    };
    struct experiment experiment;
    small_experiment(&experiment);
    struct desk *desk = desk_create(&experiment, true, false);
    desk->keeps = true;
    for (int i = 0; i < (int)ARRAY_LEN(changes); i++) {
        char problem[EXPERIMENT_PROBLEM];
        desk->request.steps += 5;
        send(desk);
        const struct snapshot *s = wait_for_step(desk, 5 * (i + 1));
        double weights[3];
        for (int l = 0; l < 3; l++) {
            weights[l] = s->run[0].layer[l].weight_rms;
        }
        assert_true(setting_parse(&desk->request.experiment, 0, setting_find(changes[i].setting),
                                  changes[i].value, problem));
        send(desk);
        s = wait_for(desk, WORKER_PAUSED);
        assert_int_equal(s->step, 5 * (i + 1));
        assert_int_equal(s->renewed, 0);
        for (int l = 0; l < 3; l++) {
            assert_true(s->run[0].layer[l].weight_rms == weights[l]);
        }
        const struct event_log *events = &events_of(desk)->events;
        assert_int_equal(events->count, i + 1);
        assert_int_equal(events->event[i].step, 5 * (i + 1));
        assert_string_equal(events->event[i].text, changes[i].mark);
    }
    desk_finish(desk);
}

/* With weights kept A and B change places whole: each goes on as the other would have. */
static void twins_swap_with_their_weights(void **state) {
    (void)state;
    struct experiment experiment;
    small_experiment(&experiment);
    experiment_pin(&experiment);
    experiment.run[1].activation = ACTIVATION_SIGMOID;
    experiment.run[1].width = 7; // nothing has to fit but the depth
    experiment.run[1].optimizer = OPTIMISER_ADAM;
    struct desk *desk = desk_create(&experiment, true, false);
    desk->keeps = true;
    desk->request.steps += 20;
    send(desk);
    wait_for_step(desk, 20);
    experiment_swap(&desk->request.experiment);
    desk->request.swaps++;
    send(desk);
    const struct snapshot *s = wait_for(desk, WORKER_PAUSED);
    assert_int_equal(s->step, 20);
    assert_int_equal(s->run[0].layer[0].units, 7);
    assert_int_equal(events_of(desk)->events.count, 1);
    assert_string_equal(events_of(desk)->events.event[0].text, "A ↔ B");
    desk->request.swaps += 2; // merged, there and back
    desk->request.steps += 10;
    send(desk);
    s = wait_for_step(desk, 30);
    struct direct *direct = direct_at(&experiment, 30);
    struct direct *crossed = calloc(1, sizeof *crossed);
    assert_non_null(crossed);
    crossed->snapshot = direct->snapshot;
    crossed->snapshot.run[0] = direct->snapshot.run[1];
    crossed->snapshot.run[1] = direct->snapshot.run[0];
    assert_same_runs(s, &crossed->snapshot);
    free(crossed);
    direct_finish(direct);
    experiment_swap(&desk->request.experiment);
    desk->request.swaps++;
    send(desk);
    wait_for(desk, WORKER_PAUSED);
    assert_int_equal(events_of(desk)->events.count, 2);
    experiment_swap(&desk->request.experiment);
    desk->request.swaps++;
    send(desk);
    assert_int_equal(wait_for(desk, WORKER_PAUSED)->step, 30);
    assert_int_equal(events_of(desk)->events.count, 1); // nothing has changed at this step
    desk->request.experiment.run[1].layers = 2;
    send(desk);
    wait_for(desk, WORKER_PAUSED);
    experiment_swap(&desk->request.experiment);
    desk->request.swaps++;
    send(desk);
    s = wait_for(desk, WORKER_PAUSED);
    assert_int_equal(s->run[0].layers, 2);
    assert_int_equal(s->renewed, desk->request.serial);
    assert_contains(s->renewal, "different depths");
    desk_finish(desk);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_starts_and_stops_at_any_time),
        cmocka_unit_test(it_loads_and_then_runs),
        cmocka_unit_test(a_pause_is_answered_and_then_all_is_quiet),
        cmocka_unit_test(single_steps_are_counted_exactly),
        cmocka_unit_test(a_step_is_answered_by_its_snapshot),
        cmocka_unit_test(a_restart_gives_the_same_numbers),
        cmocka_unit_test(the_first_request_owes_nothing),
        cmocka_unit_test(a_restart_merges_with_steps),
        cmocka_unit_test(what_runs_is_shown_while_another_loads),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(what_makes_no_sense_is_refused),
        cmocka_unit_test_setup_teardown(loading_gives_way_to_another_wish, folder_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(loading_gives_way_to_the_run_before, folder_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(loading_goes_on_when_paused, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(loading_ends_with_the_worker, folder_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(data_that_cannot_be_read_is_refused, folder_setup,
                                        folder_teardown),
        cmocka_unit_test(steps_pretrain_first),
        cmocka_unit_test(pretraining_is_live),
        cmocka_unit_test(unbounded_inputs_are_refused_while_another_runs),
        cmocka_unit_test(a_diverged_run_waits_for_the_user),
        cmocka_unit_test(the_history_has_every_step),
        cmocka_unit_test(the_film_has_every_step_that_it_promises),
        cmocka_unit_test(the_film_has_what_a_view_looks_at),
        cmocka_unit_test(the_past_is_looked_at_when_asked),
        cmocka_unit_test(a_snapshot_has_nothing_of_a_deeper_run),
        cmocka_unit_test(a_nudge_follows_a_look),
        cmocka_unit_test(a_slow_run_still_listens),
        cmocka_unit_test(it_evaluates_while_it_trains),
        cmocka_unit_test(data_are_looked_at_when_asked),
        cmocka_unit_test(a_large_network_is_seen_early),
        cmocka_unit_test(restarts_in_the_middle_leave_no_trace),
        cmocka_unit_test(refusals_in_the_middle_leave_no_trace),
        cmocka_unit_test(a_change_keeps_the_weights),
        cmocka_unit_test(other_changes_start_again),
        cmocka_unit_test(a_change_while_pretraining_starts_again),
        cmocka_unit_test(live_settings_change_while_it_trains),
        cmocka_unit_test(twins_swap_with_their_weights),
        cmocka_unit_test(random_requests_at_full_speed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
