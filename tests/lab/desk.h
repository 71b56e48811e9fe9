/*
 * desk.h - the worker thread, seen from the screen's side, for the tests of it.
 *
 * In lockstep the worker waits in its nudge until the test has looked, so that every snapshot that
 * it ever publishes is seen and checked. Else the test looks now and then.
 */
#ifndef TESTS_LAB_DESK_H
#define TESTS_LAB_DESK_H

#include <semaphore.h>
#include <stdatomic.h>
#include <time.h>

#include "fixture.h"
#include "lab/worker.h"

enum { DESK_HISTORY = 4 << 20 }; // bytes

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

static inline void nudge(void *context) {
    struct desk *desk = context;
    atomic_fetch_add(&desk->nudges, 1);
    if (atomic_load(&desk->lockstep)) {
        sem_post(&desk->published);
        sem_wait(&desk->seen);
    }
}

static inline struct desk *desk_create(const struct experiment *experiment, bool paused,
                                       bool lockstep) {
    struct desk *desk = calloc(1, sizeof *desk);
    char problem[EXPERIMENT_PROBLEM] = "";
    assert_non_null(desk);
    sem_init(&desk->published, 0, 0);
    sem_init(&desk->seen, 0, 0);
    atomic_init(&desk->lockstep, lockstep);
    desk->request = (struct request){ .serial = 1, .experiment = *experiment, .paused = paused };
    desk->sent = *experiment;
    desk->worker = worker_start(&desk->request, DESK_HISTORY, nudge, desk, problem);
    if (!desk->worker) {
        fail_msg("%s", problem);
    }
    return desk;
}

/* From now on the worker does not wait for the test. */
static inline void release(struct desk *desk) {
    atomic_store(&desk->lockstep, false);
    sem_post(&desk->seen); // whoever waits in the nudge
}

static inline void desk_finish(struct desk *desk) {
    release(desk);
    worker_stop(desk->worker);
    sem_destroy(&desk->published);
    sem_destroy(&desk->seen);
    free(desk);
}

static inline void send(struct desk *desk) {
    desk->request.serial++;
    desk->request.restarts +=
        !desk->keeps && !experiment_equal(&desk->sent, &desk->request.experiment);
    desk->sent = desk->request.experiment;
    worker_request(desk->worker, &desk->request);
}

/* What must hold for every snapshot there is. */
static inline void check_snapshot(const struct desk *desk, const struct snapshot *s) {
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
static inline const struct snapshot *look(struct desk *desk) {
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
static inline const struct snapshot *look_for(struct desk *desk, enum worker_state state) {
    for (;;) {
        const struct snapshot *s = look(desk);
        if (s->state == state && s->request == desk->request.serial) {
            return s;
        }
    }
}

static inline void nap(long milliseconds) {
    nanosleep(&(struct timespec){ 0, milliseconds * 1000000 }, NULL);
}

/* Without lockstep: look now and then until the request is answered in that state. */
static inline const struct snapshot *wait_for(struct desk *desk, enum worker_state state) {
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
static inline const struct snapshot *wait_for_step(struct desk *desk, int64_t step) {
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

/* The same experiment without a worker, at its pass after so many steps. */
static inline struct fixture *trained(const struct experiment *experiment, int64_t step) {
    struct fixture *f = started(experiment);
    while (run_pretrains(&f->run)) {
        run_pretrain(&f->run);
    }
    steps(&f->run, step);
    run_pass(&f->run);
    run_capture(&f->run, &f->snapshot);
    return f;
}

static inline void assert_same_runs(const struct snapshot *s, const struct snapshot *want) {
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
static inline void assert_true_to(const struct snapshot *s, const struct experiment *experiment) {
    struct fixture *direct = trained(experiment, s->step);
    assert_same_runs(s, &direct->snapshot);
    finish(direct);
}

/* Refused: the reason is told, and the old run goes on under its own serial. */
static inline void assert_refusal_keeps(struct desk *desk, const struct experiment *running,
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

/* RBMs on XOR, whose epochs are single steps: 2 layers, 30 steps each. */
static inline struct experiment pretrained(void) {
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

#endif
