#include "base/check.h"

#include "fixture.h"

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
    digits(&experiment);
    struct fixture *together = started(&experiment);
    experiment.ensemble = 1;
    struct fixture *alone = started(&experiment);
    struct network *other = calloc(MEMBERS, sizeof *other);
    struct arena arenas[MEMBERS] = { { .used = 0 } };
    for (int m = 1; m < MEMBERS; m++) {
        struct network_config config = experiment_network(&experiment, 0, &alone->data.shape);
        config.seed = experiment.seed + (uint64_t)m;
        struct arena counting = { 0 };
        network_layout(&other[m], &config, &counting);
        assert_true(arena_init(&arenas[m], counting.used));
        network_layout(&other[m], &config, &arenas[m]);
        assert_true(network_reset(&other[m], NULL));
    }
    for (int step = 0; step < STEPS; step++) {
        run_pass(&together->run);
        run_pass(&alone->run);
        for (int m = 1; m < MEMBERS; m++) {
            network_forward(&other[m], &together->run.network[0].now);
            network_backward(&other[m]);
            network_update(&other[m], step + 1);
        }
        run_update(&together->run);
        run_update(&alone->run);
    }
    const struct network *shown = &together->run.network[0];
    assert_true(same_weights(shown, &alone->run.network[0]));
    for (int m = 1; m < MEMBERS; m++) {
        assert_true(same_weights(&together->run.ensemble[0].network[m - 1], &other[m]));
        assert_false(same_weights(shown, &other[m]));
        arena_finish(&arenas[m]);
    }
    free(other);
    finish(together);
    finish(alone);
}

static void members_are_scaled_by_lsuv_too(void **state) {
    (void)state;
    struct experiment experiment;
    digits(&experiment);
    experiment.run[0].activation = ACTIVATION_SIGMOID;
    experiment.run[0].init = INITIALISER_LSUV;
    experiment.run[0].dropout = 0.0;
    struct fixture *f = started(&experiment);
    run_pass(&f->run);
    for (int m = 1; m < MEMBERS; m++) {
        const struct network *network = &f->run.ensemble[0].network[m - 1];
        for (int l = 0; l <= network->config.layers; l++) {
            const struct layer *layer = &network->layer[l];
            double variance = variance_of(layer->z, f->run.batch * layer->columns);
            assert_true(fabs(variance - 1.0) <= LSUV_MARGIN);
        }
    }
    finish(f);
}

/* The last member, pre-trained beside the run on the batches that the run takes. */
static void members_are_pretrained_too(void **state) {
    (void)state;
    static struct network other;
    static struct pretraining pretraining;
    struct experiment experiment;
    digits(&experiment);
    experiment.run[0].activation = ACTIVATION_SIGMOID;
    experiment.run[0].init = INITIALISER_RBM;
    experiment.run[0].rbm_epochs = 3;
    struct fixture *f = started(&experiment);
    struct network_config config = experiment_network(&experiment, 0, &f->data.shape);
    config.seed = experiment.seed + MEMBERS - 1;
    struct arena arena = { .used = 0 };
    for (int pass = 0; pass < 2; pass++) { // count, then deal out
        assert_true(pass == 0 || arena_init(&arena, arena.used));
        network_layout(&other, &config, &arena);
        pretraining_layout(&pretraining, &config, &arena);
    }
    assert_true(network_reset(&other, NULL));
    pretraining_begin(&pretraining, &experiment.run[0], &other, f->data.train.count);
    int steps = 0;
    for (; run_pretrains(&f->run); steps++) {
        run_pass(&f->run); // a look
        run_pretrain(&f->run);
        pretraining_step(&pretraining, &other, f->run.now.inputs, f->run.batch);
    }
    assert_int_equal(steps, 3 * 3 * 8);
    assert_false(pretraining.stats.active);
    assert_true(same_weights(&f->run.ensemble[0].network[MEMBERS - 2], &other));
    assert_false(same_weights(&f->run.network[0], &other));
    arena_finish(&arena);
    finish(f);
}

/* From the networks one by one, example by example, in double. */
static void the_mean_prediction_is_what_is_counted(void **state) {
    (void)state;
    struct experiment experiment;
    digits(&experiment);
    struct fixture *f = started(&experiment);
    steps(&f->run, STEPS);
    run_pass(&f->run);
    run_capture(&f->run, &f->snapshot);
    assert_int_equal(f->snapshot.run[0].ensemble.members, MEMBERS);
    assert_true(isnan(f->snapshot.run[0].ensemble.accuracy)); // nothing is evaluated yet
    run_update(&f->run);
    run_evaluate(&f->run, TEST_MOST, NULL, NULL);
    double right[MEMBERS + 1] = { 0 };
    for (uint32_t i = 0; i < TEST_MOST; i++) {
        float input[784];
        uint8_t label;
        double mean[10] = { 0 };
        dataset_gather(&f->data, &f->data.test, &i, 1, input, &label);
        for (int m = 0; m < MEMBERS; m++) {
            struct network *network = m ? &f->run.ensemble[0].network[m - 1] : &f->run.network[0];
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
    const struct ensemble_stats *told = &f->run.twin[0].ensemble;
    for (int m = 0; m < MEMBERS; m++) {
        assert_true(fabs(told->member[m] - right[m] / TEST_MOST) < 1e-12);
    }
    assert_true(fabs(told->accuracy - right[MEMBERS] / TEST_MOST) < 1e-12);
    assert_true(told->member[0] == f->run.twin[0].test_accuracy);
    assert_true(told->accuracy > 0.3); // it has learned something to agree on
    finish(f);
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
