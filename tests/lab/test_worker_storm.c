/*
 * test_worker_storm.c - the worker is asked for one thing again and again as fast as it can be
 * said, or quits in the middle of it. Meant for the thread sanitizer; STORM says how many restarts
 * and changes there are (10000 for a thorough run), and a tenth of that how often it quits.
 */
#include "base/check.h"

#include <stdlib.h>
#include <time.h>

#include "base/file.h"
#include "base/folder.h"
#include "export/csv_file.h"
#include "export/json_file.h"
#include "export/npz_steps.h"
#include "lab.h"
#include "lab/worker.h"

enum { STORM = 50, HISTORY_BYTES = 4 << 20, PATIENCE = 100 }; // seconds, until it is given up

static int storm(void) {
    const char *count = getenv("STORM");
    return count ? atoi(count) : STORM;
}

static void nudge(void *context) {
    (void)context;
}

static struct worker *begin(const struct request *request) {
    char problem[EXPERIMENT_PROBLEM] = "";
    struct worker *worker = worker_start(request, HISTORY_BYTES, nudge, NULL, problem);
    if (!worker) {
        fail_msg("%s", problem);
    }
    return worker;
}

static void nap(long microseconds) {
    nanosleep(&(struct timespec){ 0, microseconds * 1000 }, NULL);
}

/* The first snapshot of which that is true. */
static const struct snapshot *
wait_for(struct worker *worker, bool (*holds)(const struct snapshot *snapshot, uint64_t serial),
         uint64_t serial) {
    for (int i = 0; i < PATIENCE * 10000; i++) {
        const struct snapshot *snapshot = worker_latest(worker);
        if (holds(snapshot, serial)) {
            return snapshot;
        }
        nap(100);
    }
    fail_msg("nothing of the kind within %d s", PATIENCE);
    return NULL;
}

static bool trains(const struct snapshot *snapshot, uint64_t serial) {
    return snapshot->has_runs && snapshot->request == serial && snapshot->step > 0;
}

/* Or has loaded: whoever is too late to see it waits no longer. */
static bool loads(const struct snapshot *snapshot, uint64_t serial) {
    (void)serial;
    return (snapshot->state == WORKER_LOADING && snapshot->loading > 0.0) || snapshot->has_runs;
}

static bool pretrains(const struct snapshot *snapshot, uint64_t serial) {
    (void)serial;
    return snapshot->has_runs && snapshot->run[0].pretraining.step > 0;
}

/* As a frame does: every way in which the screen reads what the worker writes. */
static void look(struct worker *worker) {
    static struct history_view view;
    static struct snapshot shown;
    static struct film_frame past;
    static struct replay log;
    static const struct look nothing = { .kind = LOOK_NONE };
    const struct history_query query = { .columns = HISTORY_COLUMNS,
                                         .quantities = ~0u,
                                         .high = -1 };
    snapshot_copy(&shown, worker_latest(worker));
    history_sample(worker_history(worker), &query, &view);
    film_at(worker_film(worker), shown.step / 2, &nothing, &past);
    worker_log(worker, &log);
    worker_again(worker);
}

static void begin_small(struct request *request) {
    *request = (struct request){ .serial = 1 };
    small_experiment(&request->experiment);
    experiment_pin(&request->experiment);
    request->experiment.run[1].activation = ACTIVATION_SIGMOID;
    request->experiment.threads = 2;
}

static void restarts_are_weathered(void **state) {
    (void)state;
    struct request request;
    begin_small(&request);
    struct worker *worker = begin(&request);
    int restarts = storm();
    for (int i = 0; i < restarts; i++) {
        request.serial++;
        request.restarts++;
        request.experiment.seed = (uint64_t)(i % 3);
        worker_request(worker, &request);
        if (i % 7 == 0) {
            look(worker);
        } else if (i % 2 == 0) {
            nap(i % 5 * 100);
        }
    }
    const struct snapshot *last = wait_for(worker, trains, request.serial);
    assert_int_equal(last->runs, 2);
    worker_stop(worker);
}

/* Both networks, while it trains as fast as it goes; most go on with the weights. */
static void changes_at_full_speed_are_weathered(void **state) {
    (void)state;
    static const int kinds[] = { ACTIVATION_RELU, ACTIVATION_TANH, ACTIVATION_SIGMOID };
    struct request request;
    begin_small(&request);
    struct worker *worker = begin(&request);
    wait_for(worker, trains, request.serial);
    int changes = storm();
    for (int i = 0; i < changes; i++) {
        struct network_settings *settings = &request.experiment.run[i % 2];
        settings->activation = kinds[i / 2 % ARRAY_LEN(kinds)];
        settings->learning_rate = 0.01 * (1 + i % 5);
        settings->layers = 2 + i / 50 % 3; // now and then: it cannot go on with other weights
        if (i % 4 == 0) {
            experiment_swap(&request.experiment);
            request.swaps++;
        }
        request.serial++;
        worker_request(worker, &request);
        if (i % 3 == 0) {
            look(worker);
        } else {
            nap(i % 4 * 100);
        }
    }
    const struct snapshot *last = wait_for(worker, trains, request.serial);
    for (int r = 0; r < 2; r++) {
        assert_int_equal(last->run[r].layers, request.experiment.run[r].layers);
    }
    worker_stop(worker);
}

/* The images are read in pieces; it quits after one of them. */
static void it_quits_while_it_loads(void **state) {
    (void)state;
    struct request request;
    begin_small(&request);
    request.experiment.data = DATASET_MNIST;
    request.experiment.examples = 0;
    int times = storm() / 10;
    for (int i = 0; i < times; i++) {
        struct worker *worker = begin(&request);
        if (i % 4) {
            wait_for(worker, loads, 0);
        }
        nap(i % 16 * 200);
        worker_stop(worker);
    }
}

static void it_quits_while_it_pretrains(void **state) {
    (void)state;
    struct request request;
    begin_small(&request);
    request.experiment.compare = false;
    request.experiment.run[0].activation = ACTIVATION_SIGMOID;
    request.experiment.run[0].init = INITIALISER_RBM;
    request.experiment.run[0].rbm_epochs = 100; // longer than anybody waits here
    request.experiment.run[0].width = 100;
    request.experiment.data = DATASET_MNIST;
    request.experiment.examples = 2000;
    request.experiment.preprocess = PREPROCESS_UNIT;
    int times = storm() / 10;
    for (int i = 0; i < times; i++) {
        struct worker *worker = begin(&request);
        wait_for(worker, pretrains, 0);
        look(worker);
        nap(i % 16 * 100);
        worker_stop(worker);
    }
}

static void export_all(struct folder *folder, const struct experiment *experiment,
                       const struct snapshot *snapshot) {
    char problem[FILE_PROBLEM_MAX];
    struct csv_file *csv = csv_file_open(folder_file(folder, "numbers.csv"), problem);
    assert_non_null(csv);
    assert_true(csv_file_add(csv, NULL, snapshot, problem));
    assert_true(csv_file_close(csv, true, problem));
    assert_true(
        json_file_write(folder_file(folder, "numbers.json"), experiment, snapshot, problem));
    struct npz_steps *steps = npz_steps_open(folder_file(folder, "numbers.npz"), problem);
    assert_non_null(steps);
    assert_true(npz_steps_add(steps, snapshot, problem));
    assert_true(npz_steps_close(steps, true, problem));
}

/* What is written is the snapshot in hand, whatever the worker does meanwhile: twice the same. */
static void it_quits_right_after_an_export(void **state) {
    static char first[1 << 20], second[1 << 20];
    struct folder *folder = *state;
    struct request request;
    begin_small(&request);
    int times = storm() / 10;
    for (int i = 0; i < times; i++) {
        struct worker *worker = begin(&request);
        const struct snapshot *snapshot = wait_for(worker, trains, request.serial);
        export_all(folder, &request.experiment, snapshot);
        read_text(folder_file(folder, "numbers.json"), first, sizeof first);
        if (i % 3) {
            request.restarts++;
            request.serial++;
            worker_request(worker, &request);
        }
        export_all(folder, &request.experiment, snapshot);
        worker_stop(worker);
        read_text(folder_file(folder, "numbers.json"), second, sizeof second);
        assert_true(first[0] != '\0');
        assert_string_equal(first, second);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(restarts_are_weathered),
        cmocka_unit_test(changes_at_full_speed_are_weathered),
        cmocka_unit_test(it_quits_while_it_loads),
        cmocka_unit_test(it_quits_while_it_pretrains),
        cmocka_unit_test_setup_teardown(it_quits_right_after_an_export, folder_setup,
                                        folder_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
