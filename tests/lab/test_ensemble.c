#include "base/check.h"

#include "engine/kernels.h"
#include "lab.h"
#include "lab/run.h"

enum { MEMBERS = 4, STEPS = 30, TEST_MOST = 300 };

/* Digits, so that there is a held-out part. */
static void digits(struct experiment *experiment) {
    small_experiment(experiment);
    experiment->data = DATASET_MNIST;
    experiment->examples = 400;
    experiment->batch = 50;
    experiment->run[0].dropout = 0.1;
    experiment->run[0].learning_rate = 0.1;
    experiment->ensemble = MEMBERS;
}

static void start(struct run *run, struct dataset *data, const struct experiment *experiment) {
    char problem[EXPERIMENT_PROBLEM] = "";
    struct dataset_settings settings = experiment_data(experiment);
    if (!dataset_load(data, &settings, problem) || !run_init(run, experiment, data, problem)) {
        fail_msg("%s", problem);
    }
}

/* W and b of every layer, bit by bit. */
static bool same_weights(const struct network *a, const struct network *b) {
    bool same = true;
    for (int l = 0; l <= a->config.layers; l++) {
        const struct layer *p = &a->layer[l], *q = &b->layer[l];
        same &= memcmp(p->weight.value, q->weight.value, p->weight.n * sizeof(float)) == 0;
        same &= memcmp(p->bias.value, q->bias.value, p->bias.n * sizeof(float)) == 0;
    }
    return same;
}

static double variance_of(const float *x, int n) {
    double mean = 0.0, squares = 0.0;
    for (int i = 0; i < n; i++) {
        mean += (double)x[i] / n;
        squares += (double)x[i] * (double)x[i] / n;
    }
    return squares - mean * mean;
}

/* Each is a network of its own seed on the shown one's batches, which takes no notice of them. */
static void members_are_networks_of_other_seeds(void **state) {
    (void)state;
    struct experiment experiment;
    static struct run together, alone;
    struct dataset data, same;
    digits(&experiment);
    start(&together, &data, &experiment);
    experiment.ensemble = 1;
    start(&alone, &same, &experiment);
    struct network *other = calloc(MEMBERS, sizeof *other);
    struct arena arenas[MEMBERS] = { { .used = 0 } };
    for (int m = 1; m < MEMBERS; m++) {
        struct network_config config = experiment_network(&experiment, 0, &data.shape);
        config.seed = experiment.seed + (uint64_t)m;
        struct arena counting = { 0 };
        network_layout(&other[m], &config, &counting);
        assert_true(arena_init(&arenas[m], counting.used));
        network_layout(&other[m], &config, &arenas[m]);
        assert_true(network_reset(&other[m], NULL));
    }
    for (int step = 0; step < STEPS; step++) {
        run_pass(&together);
        run_pass(&alone);
        for (int m = 1; m < MEMBERS; m++) {
            network_forward(&other[m], &together.network[0].now);
            network_backward(&other[m]);
            network_update(&other[m], step + 1);
        }
        run_update(&together);
        run_update(&alone);
    }
    assert_true(same_weights(&together.network[0], &alone.network[0]));
    for (int m = 1; m < MEMBERS; m++) {
        assert_true(same_weights(&together.ensemble[0].network[m - 1], &other[m]));
        assert_false(same_weights(&together.network[0], &other[m]));
        arena_finish(&arenas[m]);
    }
    free(other);
    run_finish(&together);
    run_finish(&alone);
    dataset_finish(&data);
    dataset_finish(&same);
}

static void members_are_scaled_by_lsuv_too(void **state) {
    (void)state;
    static struct run run;
    struct experiment experiment;
    struct dataset data;
    digits(&experiment);
    experiment.run[0].activation = ACTIVATION_SIGMOID;
    experiment.run[0].init = INITIALISER_LSUV;
    experiment.run[0].dropout = 0.0;
    start(&run, &data, &experiment);
    run_pass(&run);
    for (int m = 1; m < MEMBERS; m++) {
        const struct network *network = &run.ensemble[0].network[m - 1];
        for (int l = 0; l <= network->config.layers; l++) {
            const struct layer *layer = &network->layer[l];
            double variance = variance_of(layer->z, run.batch * layer->columns);
            assert_true(fabs(variance - 1.0) <= LSUV_MARGIN);
        }
    }
    run_finish(&run);
    dataset_finish(&data);
}

/* The last member, pre-trained beside the run on the batches that the run takes. */
static void members_are_pretrained_too(void **state) {
    (void)state;
    static struct run run;
    static struct network other;
    static struct pretraining pretraining;
    struct experiment experiment;
    struct dataset data;
    digits(&experiment);
    experiment.run[0].activation = ACTIVATION_SIGMOID;
    experiment.run[0].init = INITIALISER_RBM;
    experiment.run[0].rbm_epochs = 3;
    start(&run, &data, &experiment);
    struct network_config config = experiment_network(&experiment, 0, &data.shape);
    config.seed = experiment.seed + MEMBERS - 1;
    struct arena arena = { .used = 0 };
    for (int pass = 0; pass < 2; pass++) { // count, then deal out
        assert_true(pass == 0 || arena_init(&arena, arena.used));
        network_layout(&other, &config, &arena);
        pretraining_layout(&pretraining, &config, &arena);
    }
    assert_true(network_reset(&other, NULL));
    pretraining_begin(&pretraining, &experiment.run[0], &other, data.train.count);
    int steps = 0;
    for (; run_pretrains(&run); steps++) {
        run_pass(&run); // a look
        run_pretrain(&run);
        pretraining_step(&pretraining, &other, run.now.inputs, run.batch);
    }
    assert_int_equal(steps, 3 * 3 * 8);
    assert_false(pretraining.stats.active);
    assert_true(same_weights(&run.ensemble[0].network[MEMBERS - 2], &other));
    assert_false(same_weights(&run.network[0], &other));
    arena_finish(&arena);
    run_finish(&run);
    dataset_finish(&data);
}

/* From the networks one by one, example by example, in double. */
static void the_mean_prediction_is_what_is_counted(void **state) {
    (void)state;
    struct experiment experiment;
    static struct run run;
    static struct snapshot snapshot;
    struct dataset data;
    digits(&experiment);
    start(&run, &data, &experiment);
    for (int step = 0; step < STEPS; step++) {
        run_pass(&run);
        run_update(&run);
    }
    run_pass(&run);
    run_capture(&run, &snapshot);
    assert_int_equal(snapshot.run[0].ensemble.members, MEMBERS);
    assert_true(isnan(snapshot.run[0].ensemble.accuracy)); // nothing is evaluated yet
    run_update(&run);
    run_evaluate(&run, TEST_MOST, NULL, NULL);
    double right[MEMBERS + 1] = { 0 };
    for (uint32_t i = 0; i < TEST_MOST; i++) {
        float input[784];
        uint8_t label;
        double mean[10] = { 0 };
        dataset_gather(&data, &data.test, &i, 1, input, &label);
        for (int m = 0; m < MEMBERS; m++) {
            struct network *network = m ? &run.ensemble[0].network[m - 1] : &run.network[0];
            network_forward(network, &(struct network_batch){ .input = input,
                                                              .targets = { .labels = &label },
                                                              .count = 1 });
            right[m] += network->correct;
            for (int k = 0; k < 10; k++) {
                mean[k] += (double)network->layer[experiment.run[0].layers].h[k] / MEMBERS;
            }
        }
        int best = 0;
        for (int k = 1; k < 10; k++) {
            best = mean[k] > mean[best] ? k : best;
        }
        right[MEMBERS] += best == label;
    }
    const struct ensemble_stats *told = &run.twin[0].ensemble;
    for (int m = 0; m < MEMBERS; m++) {
        assert_true(fabs(told->member[m] - right[m] / TEST_MOST) < 1e-12);
    }
    assert_true(fabs(told->accuracy - right[MEMBERS] / TEST_MOST) < 1e-12);
    assert_true(told->member[0] == run.twin[0].test_accuracy);
    assert_true(told->accuracy > 0.3); // it has learned something to agree on
    run_finish(&run);
    dataset_finish(&data);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_are_networks_of_other_seeds),
        cmocka_unit_test(members_are_scaled_by_lsuv_too),
        cmocka_unit_test(members_are_pretrained_too),
        cmocka_unit_test(the_mean_prediction_is_what_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
