#include "base/check.h"

#include "desk.h"

/* What is measured beside training: history, film, the past, the data, held-out examples. */

static const struct look nothing = { .kind = LOOK_NONE };

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
    struct fixture *direct = trained(&experiment, 0);
    for (int c = 0; c < STEPS; c++) {
        assert_int_equal(view.step[c], c);
        assert_true(view.scalar[0][HISTORY_LOSS][c] == (float)direct->run.twin[0].loss);
        run_update(&direct->run);
        run_pass(&direct->run);
    }
    finish(direct);
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
        for (int wait = 0; wait < MOST && worker_again(desk->worker) != -1; wait++) {
            nap(1);
        }
        assert_int_equal(worker_again(desk->worker), -1);
        desk_finish(desk);
    }
    free(frame);
}

/* Eighteen settings at once. */
static void change_much(struct experiment *experiment, bool there) {
    for (int r = 0; r < 2; r++) {
        struct network_settings *run = &experiment->run[r];
        run->learning_rate = there ? 0.02 : 0.01;
        run->momentum = there ? 0.5 : 0.9;
        run->beta1 = there ? 0.5 : 0.9;
        run->beta2 = there ? 0.5 : 0.999;
        run->rho = there ? 0.5 : 0.9;
        run->alpha = there ? 0.5 : 0.99;
        run->l1 = run->l2 = there ? 1e-4 : 0.0;
        run->dropout = there ? 0.1 : 0.0;
    }
}

/* Where there is no way back the screen learns why, and what is before that is had still. */
static void a_past_that_cannot_be_had_is_explained(void **state) {
    (void)state;
    enum { CHANGED = 40, LAST = 100, MOST = PATIENCE * 1000 };
    char why[EXPERIMENT_PROBLEM] = "";
    struct film_frame *frame = calloc(1, sizeof *frame);
    struct experiment experiment;
    assert_non_null(frame);
    small_experiment(&experiment);
    experiment_pin(&experiment);
    struct desk *desk = desk_create(&experiment, true, false);
    desk->keeps = true;
    desk->request.steps += CHANGED;
    send(desk);
    wait_for_step(desk, CHANGED);
    for (int i = 0; i <= REPLAY_EDITS / 18; i++) {
        change_much(&desk->request.experiment, i % 2 == 0);
        send(desk);
        assert_int_equal(wait_for(desk, WORKER_PAUSED)->step, CHANGED);
    }
    desk->request.steps += LAST - CHANGED;
    send(desk);
    wait_for_step(desk, LAST);
    struct look *look = &desk->request.look;
    *look = (struct look){ .kind = LOOK_LAYER, .layer = 1, .unit = 1, .past = true, .step = 90 };
    send(desk);
    for (int wait = 0; wait < MOST && worker_again(desk->worker) != LOOK_BARRED; wait++) {
        nap(1);
    }
    assert_int_equal(worker_again(desk->worker), LOOK_BARRED);
    worker_barred(desk->worker, why);
    assert_string_equal(why, "More than 512 settings were changed before it.");
    look->step = CHANGED - 1;
    send(desk);
    for (int wait = 0; wait < MOST && frame->snapshot.detail[0].layer == 0; wait++) {
        nap(1);
        assert_true(film_at(worker_film(desk->worker), CHANGED - 1, look, frame));
    }
    assert_int_equal(frame->snapshot.step, CHANGED - 1);
    assert_int_equal(frame->snapshot.detail[0].layer, 1);
    desk_finish(desk);
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_history_has_every_step),
        cmocka_unit_test(the_film_has_every_step_that_it_promises),
        cmocka_unit_test(the_film_has_what_a_view_looks_at),
        cmocka_unit_test(the_past_is_looked_at_when_asked),
        cmocka_unit_test(a_past_that_cannot_be_had_is_explained),
        cmocka_unit_test(a_snapshot_has_nothing_of_a_deeper_run),
        cmocka_unit_test(it_evaluates_while_it_trains),
        cmocka_unit_test(data_are_looked_at_when_asked),
        cmocka_unit_test(a_large_network_is_seen_early),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
