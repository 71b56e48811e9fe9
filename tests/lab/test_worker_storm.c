/*
 * test_worker_storm.c - the worker is asked for one thing again and again as fast as it can be
 * said, or for everything at once, or quits in the middle of it; then it trains as ever. Meant for
 * the thread sanitizer; STORM says how many restarts, changes and requests there are (10000 for a
 * thorough run), and a tenth of that how often it quits.
 */
#include "base/check.h"

#include <stdlib.h>
#include <time.h>

#include "base/file.h"
#include "base/folder.h"
#include "export/csv_file.h"
#include "export/json_file.h"
#include "export/npz_steps.h"
#include "fixture.h"
#include "lab/worker.h"
#include "measure/digest.h"

enum { STORM = 50, HISTORY_BYTES = 4 << 20 };

static unsigned long long random_state = 1;

static int random_below(int most) {
    random_state = random_state * 6364136223846793005ull + 1442695040888963407ull;
    return (int)((random_state >> 33) % (unsigned)most);
}

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

static bool rests(const struct snapshot *snapshot, uint64_t serial) {
    return snapshot->has_runs && snapshot->request == serial && snapshot->state == WORKER_PAUSED;
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
    assert_true(!shown.has_runs || (shown.runs >= 1 && shown.runs <= SNAPSHOT_RUNS));
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

/* The run that it restarted last has the numbers that its experiment has without a worker. */
static void assert_its_numbers(struct worker *worker, struct request *request) {
    wait_for(worker, trains, request->serial);
    request->paused = true;
    request->serial++;
    worker_request(worker, request);
    const struct snapshot *last = wait_for(worker, rests, request->serial);
    struct fixture *alone = started(&request->experiment);
    while (alone->run.step < last->step) {
        run_pass(&alone->run);
        run_update(&alone->run);
    }
    run_pass(&alone->run);
    run_capture(&alone->run, &alone->snapshot);
    assert_true(digest_snapshot(last) == digest_snapshot(&alone->snapshot));
    finish(alone);
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
    assert_its_numbers(worker, &request);
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

/* Changes of one network that are met in different ways, or refused. */
static void change_network(struct network_settings *settings) {
    static const int inits[] = { INITIALISER_XAVIER, INITIALISER_HE, INITIALISER_RBM,
                                 INITIALISER_LSUV, INITIALISER_ORTHOGONAL };
    switch (random_below(5)) {
    case 0:
        settings->activation = random_below(2) ? ACTIVATION_SIGMOID : ACTIVATION_TANH;
        break;
    case 1:
        settings->layers = 1 + random_below(6);
        break;
    case 2:
        settings->width = 1 + random_below(40);
        break;
    case 3:
        settings->init = inits[random_below(ARRAY_LEN(inits))];
        settings->activation = ACTIVATION_SIGMOID; // which pre-training wants
        break;
    default:
        settings->learning_rate = 0.01 * (1 + random_below(9));
    }
}

static void change(struct request *request) {
    struct experiment *experiment = &request->experiment;
    int kind = random_below(12);
    if (kind < 6) {
        change_network(&experiment->run[random_below(2)]);
        request->restarts += (uint64_t)random_below(2);
    } else if (kind == 6) {
        experiment->compare = !experiment->compare;
    } else if (kind == 7 && experiment->compare) {
        experiment_swap(experiment);
        request->swaps++;
    } else if (kind == 8) {
        experiment->data = random_below(30) == 0 ? DATASET_MNIST
                           : random_below(2)     ? DATASET_MOONS
                                                 : DATASET_GAUSSIAN;
    } else if (kind == 9) {
        request->paused = !request->paused;
        request->steps += 3;
    } else if (kind == 10) {
        request->look = (struct look){ .kind = random_below(2) ? LOOK_DATA : LOOK_LAYER,
                                       .layer = 1,
                                       .unit = 1 };
    } else {
        request->restarts++;
    }
}

static void everything_at_once_is_weathered(void **state) {
    (void)state;
    struct request request;
    begin_small(&request);
    const struct experiment first = request.experiment;
    struct worker *worker = begin(&request);
    int requests = storm();
    for (int i = 0; i < requests; i++) {
        change(&request);
        request.serial++;
        if (random_below(20) == 0) { // whatever it is doing
            worker_stop(worker);
            worker = begin(&request);
        } else {
            worker_request(worker, &request);
        }
        if (random_below(3) == 0) {
            look(worker);
        }
    }
    request.experiment = first;
    request.paused = false;
    request.serial++;
    request.restarts++;
    worker_request(worker, &request);
    assert_its_numbers(worker, &request);
    worker_stop(worker);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(restarts_are_weathered),
        cmocka_unit_test(changes_at_full_speed_are_weathered),
        cmocka_unit_test(it_quits_while_it_loads),
        cmocka_unit_test(it_quits_while_it_pretrains),
        cmocka_unit_test_setup_teardown(it_quits_right_after_an_export, folder_setup,
                                        folder_teardown),
        cmocka_unit_test(everything_at_once_is_weathered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
