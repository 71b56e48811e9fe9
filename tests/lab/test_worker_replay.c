#include "base/check.h"

#include <time.h>

#include "lab.h"
#include "lab/worker.h"
#include "measure/digest.h"

/* The worker says what its run has come from, and goes there again. */

enum { HISTORY_BYTES = 4 << 20 };

struct desk {
    struct worker *worker;
    struct request request;
    struct replay log;
};

static void nudge(void *context) {
    (void)context;
}

static struct desk *desk_create(const struct experiment *experiment, bool paused) {
    struct desk *desk = calloc(1, sizeof *desk);
    char problem[EXPERIMENT_PROBLEM] = "";
    assert_non_null(desk);
    desk->request = (struct request){ .serial = 1, .experiment = *experiment, .paused = paused };
    desk->worker = worker_start(&desk->request, HISTORY_BYTES, nudge, NULL, problem);
    if (!desk->worker) {
        fail_msg("%s", problem);
    }
    return desk;
}

static void desk_finish(struct desk *desk) {
    worker_stop(desk->worker);
    free(desk);
}

static void send(struct desk *desk) {
    desk->request.serial++;
    worker_request(desk->worker, &desk->request);
}

/* The first snapshot that answers the newest request in that state at that step or later. */
static const struct snapshot *wait_for(struct desk *desk, enum worker_state state, int64_t step) {
    for (int i = 0; i < PATIENCE * 1000; i++) {
        const struct snapshot *s = worker_latest(desk->worker);
        if (s->has_runs && s->state == state && s->request == desk->request.serial &&
            s->step >= step) {
            return s;
        }
        nanosleep(&(struct timespec){ 0, 1000000 }, NULL);
    }
    fail_msg("state %d at step %lld did not come", (int)state, (long long)step);
    return NULL;
}

/* Pause, and say what led there. */
static uint64_t stop_and_trace(struct desk *desk) {
    desk->request.paused = true;
    send(desk);
    const struct snapshot *s = wait_for(desk, WORKER_PAUSED, 0);
    assert_true(worker_log(desk->worker, &desk->log) == s->life);
    assert_int_equal(desk->log.changes, s->changes);
    desk->log.step = s->step;
    desk->log.pretrained = digest_pretrained(s);
    return digest_snapshot(s);
}

static void replay(struct desk *desk, const struct replay *plan, uint64_t number) {
    worker_replay(desk->worker, plan);
    replay_experiment(plan, plan->changes, &desk->request.experiment);
    desk->request.paused = true;
    desk->request.replay = number;
    send(desk);
}

static void assert_same_changes(const struct replay *a, const struct replay *b) {
    assert_int_equal(a->count, b->count);
    for (int i = 0; i < a->count; i++) {
        assert_int_equal(a->edit[i].step, b->edit[i].step);
        assert_int_equal(a->edit[i].change, b->edit[i].change);
        assert_ptr_equal(a->edit[i].setting, b->edit[i].setting);
        assert_string_equal(a->edit[i].value, b->edit[i].value);
    }
}

static void what_was_changed_live_is_done_again(void **state) {
    (void)state;
    struct experiment experiment;
    small_experiment(&experiment);
    experiment.compare = true;
    experiment.run[0].optimizer = OPTIMISER_ADAM;
    experiment.run[0].learning_rate = experiment.run[1].learning_rate = 0.001;
    struct desk *desk = desk_create(&experiment, false);
    for (int i = 0; i < 6; i++) {
        bool rests = desk->request.paused;
        wait_for(desk, rests ? WORKER_PAUSED : WORKER_RUNNING, rests ? 0 : 20 * i);
        struct network_settings *a = &desk->request.experiment.run[0];
        a->learning_rate *= 1.25;
        a->optimizer = i % 2 ? OPTIMISER_ADAM : OPTIMISER_MOMENTUM;
        desk->request.experiment.run[1].dropout = 0.05 * i;
        if (i == 2) {
            experiment_swap(&desk->request.experiment);
            desk->request.swaps++;
        }
        desk->request.paused = i == 3; // so that several come at one step
        send(desk);
    }
    wait_for(desk, WORKER_RUNNING, 150);
    uint64_t digest = stop_and_trace(desk);
    struct replay plan = desk->log;
    assert_int_equal(plan.changes, 6);
    assert_true(experiment_equal(&plan.first, &experiment));

    struct desk *other = desk_create(&experiment, true); // elsewhere
    for (uint64_t number = 1; number <= 2; number++) {   // and once more
        replay(other, &plan, number);
        const struct snapshot *s = wait_for(other, WORKER_PAUSED, plan.step);
        assert_int_equal(s->step, plan.step);
        assert_true(digest_snapshot(s) == digest);
        worker_log(other->worker, &other->log);
        assert_same_changes(&other->log, &plan);
    }
    other->request.replay = 0; // it goes on from there as before
    other->request.steps++;
    send(other);
    desk->request.steps++;
    send(desk);
    uint64_t next = digest_snapshot(wait_for(desk, WORKER_PAUSED, plan.step + 1));
    assert_true(digest_snapshot(wait_for(other, WORKER_PAUSED, plan.step + 1)) == next);
    desk_finish(other);
    desk_finish(desk);
}

/* A run of 3 layers of 9 units, pre-trained for a while. */
static void also_what_is_pretrained(void **state) {
    (void)state;
    struct experiment experiment;
    small_experiment(&experiment);
    experiment.data = DATASET_XOR;
    experiment.examples = 2000;
    experiment.preprocess = PREPROCESS_UNIT;
    experiment.run[0].activation = ACTIVATION_SIGMOID;
    experiment.run[0].init = INITIALISER_RBM;
    experiment.run[0].rbm_epochs = 100;
    struct desk *desk = desk_create(&experiment, false);
    wait_for(desk, WORKER_RUNNING, 0);
    nanosleep(&(struct timespec){ 0, 20000000 }, NULL);
    uint64_t digest = stop_and_trace(desk);
    struct replay plan = desk->log;
    assert_true(plan.pretrained > 0);
    struct desk *other = desk_create(&experiment, true);
    replay(other, &plan, 1);
    const struct snapshot *s = wait_for(other, WORKER_PAUSED, plan.step);
    assert_int_equal(s->step, plan.step);
    assert_int_equal(digest_pretrained(s), plan.pretrained);
    assert_true(digest_snapshot(s) == digest);
    desk_finish(other);
    desk_finish(desk);
}

static void it_can_be_left(void **state) {
    (void)state;
    struct experiment experiment;
    struct replay plan;
    small_experiment(&experiment);
    replay_begin(&plan, &experiment);
    plan.step = 1000000000;
    struct desk *desk = desk_create(&experiment, true);
    replay(desk, &plan, 1);
    wait_for(desk, WORKER_RUNNING, 10); // although paused
    desk->request.replay = 0;
    send(desk);
    const struct snapshot *s = wait_for(desk, WORKER_PAUSED, 10);
    int64_t left = s->step;
    assert_true(left < plan.step);
    send(desk);
    assert_int_equal(wait_for(desk, WORKER_PAUSED, 0)->step, left);
    replay(desk, &plan, 2);
    wait_for(desk, WORKER_RUNNING, 10);
    desk->request.experiment.seed++; // another experiment altogether
    desk->request.replay = 0;
    send(desk);
    assert_int_equal(wait_for(desk, WORKER_PAUSED, 0)->step, 0);
    desk_finish(desk);
}

/* At step 0 there is nothing to train; what cannot be run is refused, and the old run stays. */
static void ends_of_the_range(void **state) {
    (void)state;
    struct experiment experiment;
    struct replay plan;
    small_experiment(&experiment);
    struct desk *desk = desk_create(&experiment, true);
    uint64_t digest = stop_and_trace(desk);
    plan = desk->log;
    assert_int_equal(plan.step, 0);
    replay(desk, &plan, 1);
    const struct snapshot *s = wait_for(desk, WORKER_PAUSED, 0);
    assert_true(s->step == 0 && digest_snapshot(s) == digest);
    plan.first.features = 13;
    plan.first.run[0].connection = CONNECTION_SPLIT;
    plan.first.run[0].groups = 7;
    replay(desk, &plan, 2);
    for (int i = 0; i < PATIENCE * 1000 && s->refused != desk->request.serial; i++) {
        nanosleep(&(struct timespec){ 0, 1000000 }, NULL);
        s = worker_latest(desk->worker);
    }
    assert_int_equal(s->refused, desk->request.serial);
    assert_contains(s->message, "groups");
    assert_true(digest_snapshot(s) == digest);
    desk_finish(desk);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_changed_live_is_done_again),
        cmocka_unit_test(also_what_is_pretrained),
        cmocka_unit_test(it_can_be_left),
        cmocka_unit_test(ends_of_the_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
