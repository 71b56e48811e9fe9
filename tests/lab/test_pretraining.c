#include "base/check.h"

#include "fixture.h"

static void pretrain(struct run *run) {
    while (run_pretrains(run)) {
        run_pretrain(run);
    }
}

/* 30 digits in batches of 8, so that an epoch is 4 of them; two layers of 12 units, 3 epochs. */
enum { EXAMPLES = 30, BATCH = 8, EPOCH = 4, LAYERS = 2, WIDTH = 12, EPOCHS = 3 };

static void rbm_experiment(struct experiment *experiment) {
    experiment_defaults(experiment);
    experiment->data = DATASET_MNIST;
    experiment->examples = EXAMPLES;
    experiment->batch = BATCH;
    experiment->run[0].layers = LAYERS;
    experiment->run[0].width = WIDTH;
    experiment->run[0].activation = ACTIVATION_SIGMOID;
    experiment->run[0].init = INITIALISER_RBM;
    experiment->run[0].rbm_epochs = EPOCHS;
    experiment->run[0].bias = -0.1;
    experiment->run[1] = experiment->run[0];
}

static bool same_layer(const struct network *a, const struct network *b, int l) {
    const struct layer *p = &a->layer[l], *q = &b->layer[l];
    return memcmp(p->weight.value, q->weight.value, p->weight.n * sizeof(float)) == 0 &&
           memcmp(p->bias.value, q->bias.value, p->bias.n * sizeof(float)) == 0;
}

/* h (count, width) of a layer with W and b, in double. */
static void sigmoid_layer(const float *input, int count, int in, const struct layer *layer,
                          float *h) {
    int out = layer->fan_out;
    for (int i = 0; i < count; i++) {
        for (int j = 0; j < out; j++) {
            double sum = (double)layer->bias.value[j];
            for (int k = 0; k < in; k++) {
                sum += (double)input[i * in + k] * (double)layer->weight.value[k * out + j];
            }
            h[i * out + j] = (float)(1.0 / (1.0 + exp(-sum)));
        }
    }
}

/*
 * The whole stack by hand: batches in the order of a run of its own, each RBM on the probabilities
 * of the one below, epoch after epoch.
 */
static void the_stack_is_grown_layer_by_layer(void **state) {
    (void)state;
    struct experiment experiment;
    rbm_experiment(&experiment);
    struct fixture *f = started(&experiment), *hand = started(&experiment);
    pretrain(&f->run);
    assert_int_equal(f->run.step, 0);
    assert_int_equal(run_pretrained(&f->run), LAYERS * EPOCHS * EPOCH);

    struct network *network = &hand->run.network[0];
    struct rbm rbm;
    struct arena arena = { 0 };
    struct batches batches;
    static float inputs[BATCH * 784], h[BATCH * WIDTH];
    uint8_t labels[BATCH];
    uint32_t indices[BATCH];
    rbm_layout(&rbm, 784, WIDTH, BATCH, &arena);
    assert_true(arena_init(&arena, arena.used));
    rbm_layout(&rbm, 784, WIDTH, BATCH, &arena);
    assert_true(batches_init(&batches, EXAMPLES, BATCH, experiment.seed));
    for (int l = 0; l < LAYERS; l++) {
        struct layer *layer = &network->layer[l];
        rbm_begin(&rbm, layer->weight.value, layer->bias.value, layer->fan_in, WIDTH);
        for (int step = 0; step < EPOCHS * EPOCH; step++) {
            int epoch = 1 + step / EPOCH;
            struct random_stream stream = { experiment.seed, RANDOM_RBM_STATE,
                                            (uint32_t)(256 * epoch + l + 1) };
            batches_next(&batches, indices);
            dataset_gather(&hand->data, &hand->data.train, indices, BATCH, inputs, labels);
            if (l > 0) {
                sigmoid_layer(inputs, BATCH, 784, &network->layer[0], h);
            }
            rbm_step(&rbm, l > 0 ? h : inputs, BATCH, 0.1, epoch, &stream,
                     (uint32_t)(step % EPOCH * BATCH));
        }
    }
    double worst = 0.0, moved = 0.0;
    for (int l = 0; l <= LAYERS; l++) {
        const struct parameters *a = &f->run.network[0].layer[l].weight,
                                *b = &network->layer[l].weight;
        for (size_t i = 0; i < a->n; i++) {
            worst = fmax(worst, fabs((double)(a->value[i] - b->value[i])));
            moved = fmax(moved, fabs((double)a->value[i]));
        }
    }
    print_message("worst difference %.2g of weights up to %.2g\n", worst, moved);
    assert_true(worst < 1e-5 && moved > 0.1);
    batches_finish(&batches);
    arena_finish(&arena);
    finish(f);
    finish(hand);
}

/* Only hidden layers are pre-trained, the lower one first; the output keeps its first weights. */
static void layers_are_taken_in_order(void **state) {
    (void)state;
    struct experiment experiment;
    rbm_experiment(&experiment);
    struct fixture *f = started(&experiment), *fresh = started(&experiment);
    const struct network *now = &f->run.network[0], *first = &fresh->run.network[0];
    const struct pretraining_stats *stats = &f->run.pretraining[0].stats;
    assert_true(stats->active && stats->layers == LAYERS && stats->epochs == EPOCHS);
    for (int step = 0; step < LAYERS * EPOCHS * EPOCH; step++) {
        assert_int_equal(stats->step, step);
        assert_int_equal(stats->layer, 1 + step / (EPOCHS * EPOCH));
        assert_int_equal(stats->epoch, 1 + step / EPOCH % EPOCHS);
        assert_int_equal(stats->finished, step / EPOCH);
        assert_int_equal(same_layer(now, first, 0), step == 0);
        assert_int_equal(same_layer(now, first, 1), step <= EPOCHS * EPOCH);
        run_pretrain(&f->run);
    }
    assert_false(stats->active || run_pretrains(&f->run));
    assert_int_equal(stats->finished, LAYERS * EPOCHS);
    assert_true(same_layer(now, first, LAYERS));
    finish(f);
    finish(fresh);
}

/* In every layer and from epoch to epoch, on enough examples. */
static void the_reconstruction_error_falls(void **state) {
    (void)state;
    struct experiment experiment;
    rbm_experiment(&experiment);
    experiment.examples = 1000;
    experiment.batch = 20;
    experiment.run[0].layers = 3;
    experiment.run[0].width = 40;
    experiment.run[0].rbm_epochs = 5;
    struct fixture *f = started(&experiment);
    pretrain(&f->run);
    const struct pretraining_stats *stats = &f->run.pretraining[0].stats;
    assert_int_equal(stats->finished, 15);
    for (int i = 0; i < 15; i++) {
        assert_true(i % 5 == 0 || stats->errors[i] < stats->errors[i - 1]);
        assert_true(i % 5 < 4 || (double)stats->errors[i] < 0.6 * (double)stats->errors[i - 4]);
    }
    finish(f);
}

/* Same experiment, same bits: however often one looks, and with any network beside it. */
static void nothing_else_matters(void **state) {
    (void)state;
    for (int init = INITIALISER_HE; init <= INITIALISER_RBM;
         init += INITIALISER_RBM - INITIALISER_HE) {
        struct experiment experiment;
        rbm_experiment(&experiment);
        struct fixture *alone = started(&experiment);
        experiment_pin(&experiment);
        experiment.run[1].init = init;
        experiment.run[1].layers = 4; // pre-trained for longer, or not at all
        bool waits = init != INITIALISER_RBM;
        experiment.run[1].normalisation = waits ? NORMALISATION_BATCH : NORMALISATION_NONE;
        experiment.run[1].dropout = 0.3;
        struct fixture *pair = started(&experiment);
        pretrain(&alone->run);
        struct fixture *b = NULL;
        for (int64_t step = 0; run_pretrains(&pair->run); step++) {
            for (int64_t i = 0; i < step % 3; i++) {
                run_pass(&pair->run);
                run_capture(&pair->run, &pair->snapshot);
                assert_int_equal(pair->snapshot.step, 0);
                assert_int_equal(pair->snapshot.run[0].pretraining.step, step < 24 ? step : 24);
            }
            run_pretrain(&pair->run);
        }
        assert_true(same_weights(&alone->run.network[0], &pair->run.network[0]));
        struct experiment other = experiment;
        other.run[0] = experiment.run[1];
        other.compare = false;
        b = started(&other);
        pretrain(&b->run);
        for (int step = 0; step < 20; step++) { // and on the same batches from here on
            run_pass(&alone->run);
            run_pass(&pair->run);
            run_pass(&b->run);
            assert_true(alone->run.twin[0].loss == pair->run.twin[0].loss);
            assert_true(b->run.twin[0].loss == pair->run.twin[1].loss);
            run_update(&alone->run);
            run_update(&pair->run);
            run_update(&b->run);
        }
        assert_int_equal(pair->run.step, 20);
        run_evaluate(&pair->run, 100, NULL, NULL); // with the running averages
        run_evaluate(&b->run, 100, NULL, NULL);
        assert_true(b->run.twin[0].test_loss == pair->run.twin[1].test_loss);
        finish(alone);
        finish(pair);
        finish(b);
    }
}

/* What is done to the inputs of training is not done to those of pre-training. */
static void inputs_are_clean(void **state) {
    (void)state;
    struct experiment experiment;
    rbm_experiment(&experiment);
    struct fixture *clean = started(&experiment);
    experiment.input_noise = 0.5;
    experiment.mixup = 1.0;
    experiment.shift = 3;
    experiment.run[0].dropout = 0.5;
    experiment.run[0].drop_connect = 0.5;
    struct fixture *noisy = started(&experiment);
    pretrain(&clean->run);
    pretrain(&noisy->run);
    assert_true(same_weights(&clean->run.network[0], &noisy->run.network[0]));
    run_pass(&clean->run);
    run_pass(&noisy->run);
    assert_memory_not_equal(clean->run.network[0].now.input, noisy->run.network[0].now.input,
                            BATCH * 784 * sizeof(float));
    finish(clean);
    finish(noisy);
}

/* Fine-tuning takes the batches that training takes without pre-training, from the first on. */
static void a_look_shows_the_first_batch(void **state) {
    (void)state;
    struct experiment experiment;
    rbm_experiment(&experiment);
    struct fixture *f = started(&experiment);
    experiment.run[0].init = INITIALISER_HE;
    struct fixture *plain = started(&experiment);
    run_pass(&plain->run);
    static float first[BATCH * 784];
    memcpy(first, plain->run.network[0].now.input, sizeof first);
    for (int step = 0; step < 3; step++) {
        run_pass(&f->run);
        assert_memory_equal(f->run.network[0].now.input, first, sizeof first);
        run_pretrain(&f->run);
    }
    pretrain(&f->run);
    for (int step = 0; step < 10; step++) {
        run_pass(&f->run);
        assert_memory_equal(f->run.network[0].now.input, plain->run.network[0].now.input,
                            sizeof first);
        assert_memory_equal(f->run.network[0].now.targets.labels,
                            plain->run.network[0].now.targets.labels, BATCH);
        run_update(&f->run);
        run_update(&plain->run);
        run_pass(&plain->run);
    }
    finish(f);
    finish(plain);
}

static void a_snapshot_tells_how_far_it_is(void **state) {
    (void)state;
    struct experiment experiment;
    char text[SNAPSHOT_SENTENCE];
    rbm_experiment(&experiment);
    struct fixture *f = started(&experiment);
    const struct pretraining_stats *told = &f->snapshot.run[0].pretraining;
    run_pass(&f->run);
    run_capture(&f->run, &f->snapshot);
    assert_true(told->active && isnan(told->reconstruction_error));
    pretraining_text(told, text, sizeof text);
    assert_string_equal(text, "pre-training layer 1 of 2, epoch 1 of 3");
    for (int step = 0; step < EPOCHS * EPOCH + EPOCH + 1; step++) {
        run_pretrain(&f->run);
    }
    run_pass(&f->run);
    run_capture(&f->run, &f->snapshot);
    assert_memory_equal(told, &f->run.pretraining[0].stats, sizeof *told);
    char expected[SNAPSHOT_SENTENCE];
    text_set(expected, sizeof expected,
             "pre-training layer 2 of 2, epoch 2 of 3, reconstruction error %.4f",
             told->reconstruction_error);
    pretraining_text(told, text, sizeof text);
    assert_string_equal(text, expected);
    pretrain(&f->run);
    run_pass(&f->run);
    run_capture(&f->run, &f->snapshot);
    assert_true(!told->active && told->finished == LAYERS * EPOCHS);
    assert_true(f->snapshot.run[0].loss == f->run.twin[0].loss);
    finish(f);
}

/* Numbers beyond float end it at once; the pass that follows says where, at step 0. */
static void a_rate_that_is_too_high_diverges(void **state) {
    (void)state;
    struct experiment experiment;
    rbm_experiment(&experiment);
    experiment.run[0].rbm_rate = 1e6;
    experiment.run[0].init_scale = 1e6;
    experiment.run[0].rbm_epochs = SNAPSHOT_EPOCHS;
    struct fixture *f = started(&experiment);
    for (int i = 0; i < 3; i++) {
        run_pretrain(&f->run);
        assert_true(run_pretrains(&f->run)); // saturated, but finite
    }
    f->run.network[0].layer[0].weight.value[5] = 3e38f; // as if it had grown so far
    f->run.pretraining[0].rbm.speed.W[5] = 3e38f;
    run_pass(&f->run); // a look finds nothing to stop
    assert_false(run_stopped(&f->run));
    run_pretrain(&f->run);
    assert_false(run_pretrains(&f->run));
    run_pass(&f->run);
    assert_true(run_stopped(&f->run) && f->run.twin[0].diverged);
    assert_int_equal(f->run.twin[0].diverged_layer, 1);
    assert_int_equal(f->run.twin[0].step, 0);
    run_capture(&f->run, &f->snapshot);
    assert_int_equal(f->snapshot.run[0].diagnosis.verdict, VERDICT_DIVERGED);
    finish(f);
}

/* What the settings do not tell is looked at: bytes as they are go up to 255. */
static void unbounded_inputs_are_refused(void **state) {
    (void)state;
    struct experiment experiment;
    char problem[EXPERIMENT_PROBLEM] = "";
    rbm_experiment(&experiment);
    experiment.preprocess = PREPROCESS_NONE;
    struct dataset_settings settings = experiment_data(&experiment);
    struct dataset data;
    struct run run, zeroed;
    memset(&zeroed, 0, sizeof zeroed);
    assert_true(dataset_load(&data, &settings, problem));
    assert_true(experiment_fits(&experiment, &data.shape, 0, problem));
    assert_false(run_init(&run, &experiment, &data, problem));
    assert_memory_equal(&run, &zeroed, sizeof run);
    assert_contains(problem, "from 0 to 255");
    assert_contains(problem, "preprocess = unit");
    experiment_pin(&experiment);
    experiment.run[0].init = INITIALISER_HE; // B alone is enough
    assert_false(pretraining_accepts(&experiment, &data, problem));
    experiment.compare = false;
    assert_true(pretraining_accepts(&experiment, &data, problem));
    dataset_finish(&data);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_stack_is_grown_layer_by_layer),
        cmocka_unit_test(layers_are_taken_in_order),
        cmocka_unit_test(the_reconstruction_error_falls),
        cmocka_unit_test(nothing_else_matters),
        cmocka_unit_test(inputs_are_clean),
        cmocka_unit_test(a_look_shows_the_first_batch),
        cmocka_unit_test(a_snapshot_tells_how_far_it_is),
        cmocka_unit_test(a_rate_that_is_too_high_diverges),
        cmocka_unit_test(unbounded_inputs_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
