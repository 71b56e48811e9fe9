/*
 * test_storm.c - everything is asked of the worker at once, as fast as it can be said: restarts,
 * changes of A and B, pre-training, other data, quitting in the middle. Meant for the thread
 * sanitizer; STORM says how many requests (10000 for a thorough run).
 */
#include "base/check.h"

#include <stdlib.h>

#include "lab.h"
#include "lab/worker.h"
#include "measure/history.h"

enum { REQUESTS = 300, HISTORY_BYTES = 4 << 20 };

static unsigned long long random_state = 1;

static int random_below(int most) {
    random_state = random_state * 6364136223846793005ull + 1442695040888963407ull;
    return (int)((random_state >> 33) % (unsigned)most);
}

static void nudge(void *context) {
    (void)context;
}

static struct worker *begin(struct request *request) {
    char problem[EXPERIMENT_PROBLEM] = "";
    request->serial++;
    struct worker *worker = worker_start(request, HISTORY_BYTES, nudge, NULL, problem);
    if (!worker) {
        fail_msg("%s", problem);
    }
    return worker;
}

/* Changes of one network that are met in different ways. */
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

/* As a frame does. */
static void look(struct worker *worker) {
    static struct history_view view;
    static struct replay log;
    static struct snapshot kept;
    const struct history_query query = { .columns = 100, .low = -1.0, .high = -1.0 };
    snapshot_copy(&kept, worker_latest(worker));
    history_sample(worker_history(worker), &query, &view);
    worker_log(worker, &log);
    assert_true(!kept.has_runs || (kept.runs >= 1 && kept.runs <= SNAPSHOT_RUNS));
}

static void a_storm_of_requests_is_weathered(void **state) {
    (void)state;
    const char *count = getenv("STORM");
    int requests = count ? atoi(count) : REQUESTS;
    struct request request = { .serial = 0 };
    small_experiment(&request.experiment);
    request.experiment.run[0].activation = ACTIVATION_SIGMOID;
    request.experiment.run[1] = request.experiment.run[0];
    struct worker *worker = begin(&request);
    for (int i = 0; i < requests; i++) {
        change(&request);
        if (random_below(20) == 0) { // whatever it is doing
            worker_stop(worker);
            worker = begin(&request);
        } else {
            request.serial++;
            worker_request(worker, &request);
        }
        if (random_below(3) == 0) {
            look(worker);
        }
    }
    worker_stop(worker);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_storm_of_requests_is_weathered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
