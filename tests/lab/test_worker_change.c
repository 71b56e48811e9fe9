#include "base/check.h"

#include "desk.h"
#include "lab/run_change.h"

/* The worker goes on with other settings and the weights that it has, or begins anew. */

static const struct look nothing = { .kind = LOOK_NONE };

/* Step 20 of an experiment, then 10 steps with other settings, driven directly. */
static void assert_true_to_change(const struct snapshot *s, const struct experiment *first,
                                  const struct experiment *then) {
    struct fixture *direct = trained(first, 20);
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
    finish(direct);
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
    struct fixture *direct = trained(&experiment, 30);
    struct fixture *crossed = calloc(1, sizeof *crossed);
    assert_non_null(crossed);
    crossed->snapshot = direct->snapshot;
    crossed->snapshot.run[0] = direct->snapshot.run[1];
    crossed->snapshot.run[1] = direct->snapshot.run[0];
    assert_same_runs(s, &crossed->snapshot);
    free(crossed);
    finish(direct);
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
        cmocka_unit_test(a_change_keeps_the_weights),
        cmocka_unit_test(other_changes_start_again),
        cmocka_unit_test(a_change_while_pretraining_starts_again),
        cmocka_unit_test(live_settings_change_while_it_trains),
        cmocka_unit_test(twins_swap_with_their_weights),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
