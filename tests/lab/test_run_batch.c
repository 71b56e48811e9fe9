#include "base/check.h"

#include "fixture.h"

/* What the networks of a run are given, from the outside. */

enum { BATCH = 20, FEATURES = 784 };

/* 90 digits in batches of 20, with all there is of augmentation. */
static void augmented_experiment(struct experiment *experiment) {
    small_experiment(experiment);
    experiment->data = DATASET_MNIST;
    experiment->examples = 90;
    experiment->batch = BATCH;
    experiment->preprocess = PREPROCESS_CENTRED;
    experiment->shift = 2;
    experiment->mixup = 0.4;
    experiment->input_noise = 0.1;
}

/* Step after step, the plain batch with the augmentation of that step. */
static void training_batches_are_augmented(void **state) {
    (void)state;
    struct experiment experiment;
    augmented_experiment(&experiment);
    struct fixture *f = started(&experiment);
    struct batches batches;
    assert_true(batches_init(&batches, 90, BATCH, experiment.seed));
    const struct augment_settings settings = { experiment.seed, 2, 0.4, 0.1 };
    for (int64_t step = 0; step < 12; step++) {
        uint32_t indices[BATCH];
        static float inputs[BATCH * FEATURES], row[FEATURES];
        uint8_t labels[BATCH], others[BATCH];
        batches_next(&batches, indices);
        dataset_gather(&f->data, &f->data.train, indices, BATCH, inputs, labels);
        struct augment_batch batch = { inputs, labels, BATCH, FEATURES, others, indices, row };
        double lambda = augment(&settings, &f->data, (uint64_t)step, &batch);
        run_pass(&f->run);
        const struct network *network = &f->run.network[0];
        assert_memory_equal(network->now.input, inputs, sizeof inputs);
        assert_memory_equal(network->now.targets.labels, labels, BATCH);
        assert_memory_equal(network->now.targets.other_labels, others, BATCH);
        assert_true(network->now.targets.lambda == lambda);
        run_update(&f->run);
    }
    batches_finish(&batches);
    finish(f);
}

/* Without weights that differ, held-out examples give the same numbers with and without. */
static void held_out_examples_are_left_alone(void **state) {
    (void)state;
    struct experiment experiment;
    augmented_experiment(&experiment);
    struct fixture *augmented = started(&experiment);
    experiment.shift = 0;
    experiment.mixup = experiment.input_noise = 0.0;
    struct fixture *plain = started(&experiment);
    run_pass(&augmented->run); // its second labels must not stay
    run_pass(&plain->run);
    assert_null(plain->run.network[0].now.targets.other_labels);
    assert_true(augmented->run.twin[0].loss != plain->run.twin[0].loss);
    run_evaluate(&augmented->run, 130, NULL, NULL);
    run_evaluate(&plain->run, 130, NULL, NULL);
    assert_true(augmented->run.twin[0].test_loss == plain->run.twin[0].test_loss);
    assert_true(augmented->run.twin[0].test_accuracy == plain->run.twin[0].test_accuracy);
    finish(augmented);
    finish(plain);
}

/* Loss and accuracy are those of both labels, each by its share. */
static void mixed_labels_count_by_their_share(void **state) {
    (void)state;
    struct experiment experiment;
    augmented_experiment(&experiment);
    struct fixture *f = started(&experiment);
    for (int step = 0; step < 5; step++) {
        run_pass(&f->run);
        run_update(&f->run);
    }
    run_pass(&f->run);
    struct network *network = &f->run.network[0];
    const struct loss_targets targets = network->now.targets;
    const float *input = network->now.input;
    double loss = 0.0, correct = 0.0;
    assert_true(targets.lambda > 0.0 && targets.lambda < 1.0);
    for (int which = 0; which < 2; which++) {
        double share = which ? 1.0 - targets.lambda : targets.lambda;
        network_forward(network,
                        &(struct network_batch){
                            .input = input,
                            .targets = { .labels = which ? targets.other_labels : targets.labels },
                            .count = BATCH });
        loss += share * network->loss;
        correct += share * network->correct;
    }
    assert_true(fabs(f->run.twin[0].loss / loss - 1.0) < 1e-6);
    assert_true(fabs(f->run.twin[0].accuracy - correct / BATCH) < 1e-12);
    finish(f);
}

static void twins_see_the_same(void **state) {
    (void)state;
    struct experiment experiment;
    augmented_experiment(&experiment);
    experiment_pin(&experiment);
    struct fixture *f = started(&experiment);
    for (int step = 0; step < 20; step++) {
        run_pass(&f->run);
        assert_ptr_equal(f->run.network[0].now.input, f->run.network[1].now.input);
        assert_ptr_equal(f->run.network[0].now.targets.other_labels,
                         f->run.network[1].now.targets.other_labels);
        assert_true(f->run.twin[0].loss == f->run.twin[1].loss);
        run_update(&f->run);
    }
    finish(f);
}

/* Its last batch is what a snapshot or an export goes on to show of it. */
static void a_diverged_twin_keeps_its_batch(void **state) {
    (void)state;
    struct experiment experiment;
    augmented_experiment(&experiment);
    experiment_pin(&experiment);
    experiment.run[1].activation = ACTIVATION_LINEAR;
    experiment.run[1].learning_rate = 1e6;
    experiment.run[1].loss = LOSS_MSE;
    struct fixture *f = started(&experiment);
    for (int step = 0; step < 100 && !f->run.twin[1].diverged; step++) {
        run_pass(&f->run);
        run_update(&f->run);
    }
    assert_true(f->run.twin[1].diverged && !f->run.twin[0].diverged);
    const struct network *stopped = &f->run.network[1];
    static float input[BATCH * FEATURES];
    uint8_t others[BATCH];
    double lambda = stopped->now.targets.lambda;
    memcpy(input, stopped->now.input, sizeof input);
    memcpy(others, stopped->now.targets.other_labels, sizeof others);
    for (int step = 0; step < 5; step++) {
        run_pass(&f->run);
        run_update(&f->run);
        assert_memory_not_equal(f->run.network[0].now.input, input, sizeof input);
        assert_memory_equal(stopped->now.input, input, sizeof input);
        assert_memory_equal(stopped->now.targets.other_labels, others, sizeof others);
        assert_true(stopped->now.targets.lambda == lambda);
    }
    finish(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(training_batches_are_augmented),
        cmocka_unit_test(held_out_examples_are_left_alone),
        cmocka_unit_test(mixed_labels_count_by_their_share),
        cmocka_unit_test(twins_see_the_same),
        cmocka_unit_test(a_diverged_twin_keeps_its_batch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
