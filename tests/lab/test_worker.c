#include "base/check.h"

#include "desk.h"

/* What the worker is asked for it does, neither more nor less, and says so. */

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

/* The counters of the first request are where counting starts. */
static void the_first_request_owes_nothing(void **state) {
    (void)state;
    struct experiment experiment;
    struct desk desk = { .request = { .serial = 9, .paused = true, .steps = 70, .restarts = 4 } };
    char problem[EXPERIMENT_PROBLEM] = "";
    small_experiment(&experiment);
    desk.request.experiment = experiment;
    desk.worker = worker_start(&desk.request, DESK_HISTORY, nudge, &desk, problem);
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

/* A restart and steps in one request: the steps are made in the new run. */
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
    struct desk *desk = desk_create(&experiment, true, true);
    look_for(desk, WORKER_PAUSED);
    desk->request.speed = 400.0;
    desk->request.paused = false;
    send(desk);
    const struct snapshot *s = look_for(desk, WORKER_RUNNING);
    int64_t shown = 0, last = -1;
    while (s->run[0].pretraining.active) {
        assert_true(s->step == 0 && s->run[0].pretraining.step >= last);
        shown += s->run[0].pretraining.step > last;
        last = s->run[0].pretraining.step;
        s = look_for(desk, WORKER_RUNNING);
    }
    assert_true(shown >= 3);
    release(desk);
    desk->request.restarts++;
    desk->request.speed = 1.0; // so that it is far from its end
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

/* One of the things that a user can do. */
static void do_anything(struct request *request, uint32_t round, uint32_t i) {
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
        request->experiment.data = dice(round, 4 * i + 1) < 0.5 ? DATASET_XOR : DATASET_GAUSSIAN;
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
}

/* Anything a user can do, as fast as it can be done; what comes out in the end is still true. */
static void random_requests_at_full_speed(void **state) {
    (void)state;
    struct experiment experiment;
    small_experiment(&experiment);
    for (uint32_t round = 0; round < 4; round++) {
        struct desk *desk = desk_create(&experiment, false, false);
        for (uint32_t i = 0; i < 200; i++) {
            do_anything(&desk->request, round, i);
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
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(what_makes_no_sense_is_refused),
        cmocka_unit_test(steps_pretrain_first),
        cmocka_unit_test(pretraining_is_live),
        cmocka_unit_test(unbounded_inputs_are_refused_while_another_runs),
        cmocka_unit_test(a_diverged_run_waits_for_the_user),
        cmocka_unit_test(a_nudge_follows_a_look),
        cmocka_unit_test(a_slow_run_still_listens),
        cmocka_unit_test(restarts_in_the_middle_leave_no_trace),
        cmocka_unit_test(refusals_in_the_middle_leave_no_trace),
        cmocka_unit_test(random_requests_at_full_speed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
