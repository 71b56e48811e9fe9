#include "base/check.h"

#include <limits.h>

#include "engine/denormals.h"
#include "engine/kernels.h"
#include "fixture.h"

/*
 * A run that begins in the memory of another, or after one that was given up in the middle, is the
 * same bits as one that begins alone.
 */

enum { STEPS = 3 };

/* Experiments with everything that memory is dealt out for. */
static bool make(struct experiment *experiment, int number) {
    small_experiment(experiment);
    struct network_settings *a = &experiment->run[0];
    experiment->threads = 1;
    a->width = 12;
    if (number < OPTIMISER_COUNT) {
        a->optimizer = number;
        a->normalisation = number % NORMALISATION_COUNT;
        return true;
    }
    number -= OPTIMISER_COUNT;
    if (number < CONNECTION_COUNT) {
        a->connection = number;
        a->width = 16;
        a->activation = number % 2 ? ACTIVATION_PRELU : ACTIVATION_MAXOUT;
        a->dropout = number % 2 ? 0.5 : 0.0;
        experiment_pin(experiment);
        experiment->run[1].activation = ACTIVATION_RELU;
        experiment->run[1].drop_connect = 0.3;
        return true;
    }
    number -= CONNECTION_COUNT;
    if (number < INITIALISER_COUNT) {
        a->init = number;
        a->activation = ACTIVATION_SIGMOID;
        a->rbm_epochs = 1;
        experiment->data = number == INITIALISER_RBM ? DATASET_MNIST : DATASET_GAUSSIAN; // in 0..1
        experiment->ensemble = 3;
        experiment_pin(experiment);
        experiment->run[1].init = INITIALISER_HE_UNIFORM;
        return true;
    }
    return false;
}

static void train(struct fixture *f, int steps) {
    while (run_pretrains(&f->run)) {
        run_pass(&f->run);
        run_capture(&f->run, &f->snapshot);
        run_pretrain(&f->run);
    }
    for (int step = 0; step < steps; step++) {
        run_pass(&f->run);
        run_capture(&f->run, &f->snapshot);
        run_update(&f->run);
    }
    run_evaluate(&f->run, 16, NULL, NULL);
}

static void assert_same_network(const struct network *a, const struct network *b) {
    assert_true(a->loss == b->loss && a->correct == b->correct);
    for (int l = 0; l <= a->config.layers; l++) {
        const struct layer *p = &a->layer[l], *q = &b->layer[l];
        assert_int_equal(p->weight.n, q->weight.n);
        assert_memory_equal(p->weight.value, q->weight.value, p->weight.n * sizeof(float));
        assert_memory_equal(p->bias.value, q->bias.value, p->bias.n * sizeof(float));
        assert_memory_equal(&p->sums, &q->sums, sizeof p->sums);
    }
}

static void assert_same(const struct fixture *a, const struct fixture *b) {
    assert_int_equal(a->run.step, b->run.step);
    for (int r = 0; r < a->run.networks; r++) {
        const struct run_snapshot *p = &a->snapshot.run[r], *q = &b->snapshot.run[r];
        assert_same_network(&a->run.network[r], &b->run.network[r]);
        for (int m = 0; m < a->run.ensemble[r].others; m++) {
            assert_same_network(&a->run.ensemble[r].network[m], &b->run.ensemble[r].network[m]);
        }
        assert_memory_equal(&a->run.twin[r].test_loss, &b->run.twin[r].test_loss, sizeof(double));
        assert_memory_equal(p->layer, q->layer, (size_t)p->layers * sizeof p->layer[0]);
        assert_memory_equal(&p->output, &q->output, sizeof p->output);
    }
}

static void restart(struct fixture *f, const struct experiment *experiment) {
    char problem[EXPERIMENT_PROBLEM] = "";
    if (!run_restart(&f->run, experiment, &f->data, problem)) {
        fail_msg("%s", problem);
    }
}

/* Nobody knows what is in used memory: here every number is a NaN and every count is huge. */
static void used_memory_leaves_no_trace(void **state) {
    (void)state;
    struct experiment experiment;
    for (int i = 0; make(&experiment, i); i++) {
        struct fixture *alone = started(&experiment), *after = started(&experiment);
        const unsigned char *block = after->run.arena.base;
        train(alone, STEPS);
        memset(after->run.arena.base, 0xFF, after->run.arena.capacity);
        restart(after, &experiment);
        assert_ptr_equal(after->run.arena.base, block);
        train(after, STEPS);
        assert_same(alone, after);
        finish(alone);
        finish(after);
    }
}

/* Other networks before it, larger and smaller. */
static void every_size_follows_every_other(void **state) {
    (void)state;
    static const int widths[] = { 9, 40, 30, 200, 9, 10 };
    struct experiment experiment;
    small_experiment(&experiment);
    struct fixture *after = started(&experiment);
    for (int i = 0; i < ARRAY_LEN(widths); i++) {
        experiment.run[0].width = widths[i];
        struct fixture *alone = started(&experiment);
        restart(after, &experiment);
        train(alone, STEPS);
        train(after, STEPS);
        assert_same(alone, after);
        finish(alone);
    }
    finish(after);
}

/* Says so from a certain question on. */
struct end {
    int asked, from;
};

static bool is_over(void *context) {
    struct end *end = context;
    return ++end->asked > end->from;
}

/* Train until the run is given up; false if it was not. */
static bool is_given_up(struct fixture *f, struct end *end) {
    f->run.is_over = is_over;
    f->run.context = end;
    for (int step = 0; step < 2; step++) {
        run_pass(&f->run);
        if (!f->run.abandoned) {
            run_update(&f->run);
        }
        if (f->run.abandoned) {
            return true;
        }
    }
    return false;
}

/* Between any two layers of a pass or an update, of either twin. */
static void a_run_given_up_leaves_no_trace(void **state) {
    (void)state;
    struct experiment experiment;
    small_experiment(&experiment);
    experiment.run[0].width = 20; // no tiny layers
    experiment.run[0].normalisation = NORMALISATION_BATCH;
    experiment.run[0].optimizer = OPTIMISER_ADAM;
    experiment_pin(&experiment);
    experiment.ensemble = 2;
    struct fixture *alone = started(&experiment), *after = started(&experiment);
    train(alone, STEPS);
    int layers = experiment.run[0].layers + 1, networks = 4;
    struct end end = { .from = 0 };
    for (; is_given_up(after, &end); end = (struct end){ .from = end.from + 1 }) {
        restart(after, &experiment);
        train(after, STEPS);
        assert_same(alone, after);
        restart(after, &experiment);
    }
    assert_true(end.from >= 2 * networks * (3 * layers - 1)); // was asked everywhere
    finish(alone);
    finish(after);
}

/* And what is not given up never notices that it is asked. */
static void being_asked_changes_nothing(void **state) {
    (void)state;
    struct experiment experiment;
    small_experiment(&experiment);
    experiment.run[0].width = 20;
    struct fixture *alone = started(&experiment), *asked = started(&experiment);
    struct end never = { .from = INT_MAX };
    asked->run.is_over = is_over;
    asked->run.context = &never;
    train(alone, STEPS);
    train(asked, STEPS);
    assert_true(never.asked > 0 && !asked->run.abandoned);
    assert_same(alone, asked);
    finish(alone);
    finish(asked);
}

/* Nor does a look at some examples before the first pass, which tells how many they were. */
static void a_peek_leaves_no_trace(void **state) {
    (void)state;
    struct experiment experiment;
    for (int i = 0; make(&experiment, i); i++) {
        struct fixture *alone = started(&experiment), *after = started(&experiment);
        if (!run_pretrains(&after->run)) {
            run_peek(&after->run, 5);
            run_glance(&after->run, &after->snapshot);
            for (int r = 0; r < after->run.networks; r++) {
                const struct layer_stats *stats = &after->snapshot.run[r].layer[1];
                assert_int_equal(stats->h.n, 5 * stats->units);
                assert_int_equal(stats->delta_histogram.n, stats->delta.n);
            }
            assert_int_equal(after->run.step, 0);
        }
        train(alone, STEPS);
        train(after, STEPS);
        assert_same(alone, after);
        finish(alone);
        finish(after);
    }
}

/* Nor does an evaluation, wherever it is given up. */
static void an_evaluation_given_up_leaves_no_trace(void **state) {
    (void)state;
    struct experiment experiment;
    small_experiment(&experiment);
    experiment.run[0].width = 20;
    experiment.run[0].normalisation = NORMALISATION_BATCH;
    experiment.data = DATASET_MNIST; // which has held-out examples
    experiment_pin(&experiment);
    struct fixture *alone = started(&experiment), *after = started(&experiment);
    int64_t looked_at = 0;
    for (int from = 0; looked_at == 0; from++) {
        struct end end = { .from = from };
        run_evaluate(&after->run, 40, is_over, &end);
        looked_at = after->run.twin[1].test_n;
    }
    train(alone, STEPS);
    train(after, STEPS);
    assert_same(alone, after);
    finish(alone);
    finish(after);
}

int main(void) {
    denormals_flush();
    engine_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(used_memory_leaves_no_trace),
        cmocka_unit_test(every_size_follows_every_other),
        cmocka_unit_test(a_run_given_up_leaves_no_trace),
        cmocka_unit_test(being_asked_changes_nothing),
        cmocka_unit_test(a_peek_leaves_no_trace),
        cmocka_unit_test(an_evaluation_given_up_leaves_no_trace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
