#include "base/check.h"

#include <stdio.h>

#include "base/folder.h"
#include "base/text.h"
#include "data/broken_idx.h"
#include "desk.h"

/* A data set is loaded, which may take a while or fail, and what ran before. */

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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_runs_is_shown_while_another_loads),
        cmocka_unit_test_setup_teardown(loading_gives_way_to_another_wish, folder_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(loading_gives_way_to_the_run_before, folder_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(loading_goes_on_when_paused, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(loading_ends_with_the_worker, folder_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(data_that_cannot_be_read_is_refused, folder_setup,
                                        folder_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
