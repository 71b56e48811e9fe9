#include "base/check.h"

#include "fixture.h"
#include "lab/run_change.h"

static void change(struct fixture *f, const struct experiment *experiment) {
    char problem[EXPERIMENT_PROBLEM] = "";
    if (!run_change(&f->run, experiment, false, problem)) {
        fail_msg("%s", problem);
    }
}

static bool same(const real *a, const real *b, size_t n) {
    return (!a && !b) || (a && b && memcmp(a, b, n * sizeof(real)) == 0);
}

static bool same_piece(const struct parameters *a, const struct parameters *b) {
    bool equal = a->n == b->n && same(a->value, b->value, a->n);
    for (int s = 0; s < OPTIMISER_MAX_STATES; s++) {
        equal &= same(a->state[s], b->state[s], a->n);
    }
    return equal;
}

/* Everything that training makes, bit by bit. */
static bool same_network(struct network *a, struct network *b) {
    bool equal = a->config.layers == b->config.layers;
    for (int l = 0; equal && l <= a->config.layers; l++) {
        struct layer *p = &a->layer[l], *q = &b->layer[l];
        struct parameters *of_a[LAYER_VECTORS], *of_b[LAYER_VECTORS];
        int count = network_vectors(p, of_a);
        equal = same_piece(&p->weight, &q->weight) && network_vectors(q, of_b) == count;
        for (int v = 0; equal && v < count; v++) {
            equal = same_piece(of_a[v], of_b[v]);
        }
        size_t columns = (size_t)p->normaliser.columns;
        equal = equal && same(p->normaliser.running_mean, q->normaliser.running_mean, columns) &&
                same(p->normaliser.running_variance, q->normaliser.running_variance, columns);
    }
    return equal;
}

enum { VARIANTS = 12 };

/* Networks with everything that a pass and an update may depend on. */
static void variant(struct experiment *experiment, int which) {
    small_experiment(experiment);
    struct network_settings *a = &experiment->run[0];
    a->optimizer = which % OPTIMISER_COUNT;
    a->learning_rate = 0.01;
    a->normalisation = which % 3 == 0 ? NORMALISATION_BATCH : which % NORMALISATION_COUNT;
    a->activation = which % 2 ? ACTIVATION_PRELU : ACTIVATION_TANH;
    a->dropout = which % 4 == 1 ? 0.3 : 0.0;
    a->drop_connect = which % 4 == 2 ? 0.2 : 0.0;
    a->schedule = which % SCHEDULE_COUNT;
    a->schedule_period = 9;
    experiment->batch = which == 5 ? 64 : 24; // which does not divide 64
    experiment->mixup = which == 7 ? 0.5 : 0.0;
    experiment->input_noise = which == 8 ? 0.1 : 0.0;
    experiment->ensemble = which == 9 ? 3 : 1;
    if (which == 4 || which == 10) {
        a->connection = which == 4 ? CONNECTION_RESIDUAL : CONNECTION_RECURRENT;
        a->branch = which == 4 ? BRANCH_REZERO : BRANCH_ONE;
        a->block_layers = 1;
    }
    if (which == 11) {
        a->activation = ACTIVATION_MAXOUT;
    }
    experiment_pin(experiment);
    experiment->run[1].activation = which == 11 ? ACTIVATION_MAXOUT : ACTIVATION_RELU;
}

static void equal_settings_go_on_to_the_same_bits(void **state) {
    (void)state;
    for (int which = 0; which < VARIANTS; which++) {
        struct experiment experiment;
        variant(&experiment, which);
        struct fixture *quiet = started(&experiment), *changed = started(&experiment);
        for (int step = 0; step < 30; step++) {
            steps(&quiet->run, 1);
            if (step % 4 == 3) {
                run_pass(&changed->run); // forgotten
            }
            if (step % 2) {
                change(changed, &experiment);
            }
            if (step % 8 == 7) {
                change(changed, &experiment);
            }
            steps(&changed->run, 1);
            assert_int_equal(changed->run.step, quiet->run.step);
            for (int r = 0; r < 2; r++) {
                assert_true(same_network(&quiet->run.network[r], &changed->run.network[r]));
                assert_true(quiet->run.twin[r].loss == changed->run.twin[r].loss);
                assert_int_equal(changed->run.twin[r].step, step + 1);
            }
        }
        run_pass(&quiet->run);
        run_pass(&changed->run);
        run_capture(&quiet->run, &quiet->snapshot);
        run_capture(&changed->run, &changed->snapshot);
        assert_true(quiet->snapshot.epoch == changed->snapshot.epoch);
        for (int m = 0; m < quiet->run.ensemble[0].others; m++) {
            assert_true(same_network(&quiet->run.ensemble[0].network[m],
                                     &changed->run.ensemble[0].network[m]));
        }
        finish(quiet);
        finish(changed);
    }
}

/* The numbers of an update, changed by hand in the network of a control. */
static void numbers_change_as_if_by_hand(void **state) {
    (void)state;
    struct experiment experiment, wanted;
    variant(&experiment, OPTIMISER_ADAM);
    experiment.run[0].dropout = 0.2;
    struct fixture *control = started(&experiment), *f = started(&experiment);
    steps(&control->run, 10);
    steps(&f->run, 10);
    wanted = experiment;
    wanted.run[0].learning_rate = 0.003;
    wanted.run[0].beta1 = 0.8;
    wanted.run[0].l2 = 0.01;
    wanted.run[0].clip_norm = 0.5;
    wanted.run[0].dropout = 0.6;
    change(f, &wanted);
    struct network_config *config = &control->run.network[0].config;
    config->optimiser.learning_rate = 0.003;
    config->optimiser.beta1 = 0.8;
    config->optimiser.l2 = 0.01;
    config->optimiser.clip_norm = 0.5;
    config->noise.dropout = 0.6;
    for (int step = 0; step < 10; step++) {
        steps(&control->run, 1);
        steps(&f->run, 1);
        assert_true(same_network(&control->run.network[0], &f->run.network[0]));
        assert_true(same_network(&control->run.network[1], &f->run.network[1]));
    }
    finish(control);
    finish(f);
}

static void the_activation_changes_as_if_by_hand(void **state) {
    (void)state;
    struct experiment experiment, wanted;
    small_experiment(&experiment);
    struct fixture *control = started(&experiment), *f = started(&experiment);
    steps(&control->run, 10);
    steps(&f->run, 10);
    wanted = experiment;
    wanted.run[0].activation = ACTIVATION_RELU;
    change(f, &wanted);
    for (int l = 0; l < 3; l++) {
        control->run.network[0].layer[l].phi = phi_of(ACTIVATION_RELU);
        control->run.network[0].tiny[l].phi = ACTIVATION_RELU; // by the loops of tiny layers
    }
    steps(&control->run, 10);
    steps(&f->run, 10);
    assert_true(same_network(&control->run.network[0], &f->run.network[0]));
    finish(control);
    finish(f);
}

/* B does not notice what is changed in A. */
static void a_changes_alone(void **state) {
    (void)state;
    struct experiment experiment, wanted;
    variant(&experiment, 3);
    struct fixture *quiet = started(&experiment), *f = started(&experiment);
    steps(&quiet->run, 20);
    steps(&f->run, 10);
    wanted = experiment;
    wanted.run[0].activation = ACTIVATION_SIGMOID;
    wanted.run[0].optimizer = OPTIMISER_SGD;
    wanted.run[0].normalisation = NORMALISATION_NONE;
    change(f, &wanted);
    steps(&f->run, 10);
    assert_false(same_weights(&quiet->run.network[0], &f->run.network[0]));
    assert_true(same_network(&quiet->run.network[1], &f->run.network[1]));
    finish(quiet);
    finish(f);
}

/* The examples of a batch of another size are the next ones of the same stream. */
static void the_stream_goes_on_with_another_batch(void **state) {
    (void)state;
    struct experiment experiment, wanted;
    small_experiment(&experiment);
    struct fixture *f = started(&experiment);
    struct batches singles; // one example after the other, 64 of them
    uint32_t index;
    const int sizes[] = { 16, 24, 5, 64, 10 };
    assert_true(batches_init(&singles, 64, 1, experiment.seed));
    int64_t seen = 0;
    for (int i = 0; i < ARRAY_LEN(sizes); i++) {
        wanted = f->run.experiment;
        wanted.batch = sizes[i];
        change(f, &wanted);
        for (int step = 0; step < 3; step++) {
            run_pass(&f->run);
            assert_int_equal(f->run.network[0].now.count, sizes[i]);
            for (int e = 0; e < sizes[i]; e++) {
                batches_next(&singles, &index);
                float row[12];
                uint8_t label;
                dataset_gather(&f->data, &f->data.train, &index, 1, row, &label);
                if (sizes[i] < 64) { // a whole batch has an order of its own
                    assert_memory_equal(f->run.now.inputs + 12 * e, row, sizeof row);
                }
            }
            run_capture(&f->run, &f->snapshot);
            assert_true(f->snapshot.epoch == (double)seen / 64.0);
            run_update(&f->run);
            seen += sizes[i];
        }
    }
    batches_finish(&singles);
    finish(f);
}

/* Adam's first update is g / (|g| + 1e-8) times the rate, also when it begins later. */
static void another_optimiser_begins_anew(void **state) {
    (void)state;
    struct experiment experiment, wanted;
    small_experiment(&experiment);
    experiment.run[0].optimizer = OPTIMISER_MOMENTUM;
    struct fixture *f = started(&experiment);
    steps(&f->run, 50);
    wanted = experiment;
    wanted.run[0].optimizer = OPTIMISER_ADAM;
    wanted.run[0].learning_rate = 0.001;
    change(f, &wanted);
    run_pass(&f->run);
    network_gradients(&f->run.network[0]);
    struct parameters *W = &f->run.network[0].layer[1].weight;
    real before[81], gradient[81];
    assert_int_equal(W->n, 81);
    memcpy(before, W->value, sizeof before);
    memcpy(gradient, W->gradient, sizeof gradient);
    run_update(&f->run);
    for (int i = 0; i < 81; i++) {
        double g = (double)gradient[i], want = 0.001 * g / (fabs(g) + 1e-8);
        assert_true(fabs((double)before[i] - (double)W->value[i] - want) < 1e-6);
    }
    steps(&f->run, 9);
    change(f, &wanted);
    assert_int_equal(f->run.network[0].config.optimiser.begun, 50);
    finish(f);
}

/* A normalisation begins as the identity on normalised numbers, and goes without a trace. */
static void a_normalisation_comes_and_goes(void **state) {
    (void)state;
    struct experiment experiment, wanted;
    small_experiment(&experiment);
    experiment.run[0].optimizer = OPTIMISER_ADAM;
    struct fixture *f = started(&experiment), *still = started(&experiment);
    steps(&f->run, 10);
    steps(&still->run, 10);
    for (int which = 0; which < NORMALISATION_COUNT; which++) {
        wanted = experiment;
        wanted.run[0].normalisation = which;
        change(f, &wanted);
        const struct normaliser *n = &f->run.network[0].layer[1].normaliser;
        assert_int_equal(n->which, which);
        for (size_t j = 0; j < n->gamma.n; j++) {
            assert_true(n->gamma.value[j] == 1 && n->beta.value[j] == 0);
        }
        assert_true(same_weights(&f->run.network[0], &still->run.network[0]));
        const struct parameters *W = &f->run.network[0].layer[0].weight;
        for (size_t i = 0; which != NORMALISATION_NONE && i < W->n; i++) {
            assert_true(W->state[0][i] == 0 && W->state[1][i] == 0);
        }
        run_pass(&f->run);
    }
    finish(f);
    finish(still);
}

/* Whatever live setting changes, no weight does; what is not live is refused, and nothing changes.
 */
static void weights_stay(void **state) {
    (void)state;
    int count;
    const struct setting *table = settings_table(&count);
    for (int i = 0; i < count; i++) {
        struct experiment experiment, wanted;
        char problem[EXPERIMENT_PROBLEM] = "";
        small_experiment(&experiment);
        struct fixture *f = started(&experiment), *still = started(&experiment);
        steps(&f->run, 3);
        steps(&still->run, 3);
        wanted = experiment;
        if (setting_is_text(&table[i])) {
            assert_true(setting_parse(&wanted, 0, &table[i], "elsewhere", problem));
        } else if (!setting_step(&wanted, 0, &table[i], 1)) {
            assert_true(setting_step(&wanted, 0, &table[i], -1));
        }
        bool fits = experiment_fits(&wanted, &f->data.shape, SIZE_MAX, problem);
        assert_int_equal(run_change(&f->run, &wanted, false, problem), table[i].live && fits);
        assert_true(same_weights(&f->run.network[0], &still->run.network[0]));
        assert_int_equal(f->run.step, 3);
        bool changed = !experiment_equal(&f->run.experiment, &experiment);
        assert_int_equal(changed, table[i].live && fits);
        steps(&f->run, 1);
        assert_int_equal(f->run.step, 4);
        finish(f);
        finish(still);
    }
}

static void slopes_are_learned_or_set(void **state) {
    (void)state;
    struct experiment experiment, wanted;
    small_experiment(&experiment);
    experiment.run[0].activation = ACTIVATION_LEAKY_RELU;
    struct fixture *f = started(&experiment);
    steps(&f->run, 5);
    wanted = experiment;
    wanted.run[0].leak = 0.3;
    change(f, &wanted);
    assert_true(f->run.network[0].layer[0].slope.value[0] == (real)0.3);
    wanted.run[0].activation = ACTIVATION_PRELU;
    change(f, &wanted);
    assert_true(f->run.network[0].layer[0].slope.value[8] == (real)0.25);
    finish(f);
}

static void pretraining_is_not_interrupted(void **state) {
    (void)state;
    struct experiment experiment, wanted;
    char problem[EXPERIMENT_PROBLEM] = "";
    small_experiment(&experiment);
    experiment.data = DATASET_XOR;
    experiment.examples = 64;
    experiment.run[0].activation = ACTIVATION_SIGMOID;
    experiment.run[0].init = INITIALISER_RBM;
    experiment.run[0].rbm_epochs = 1;
    experiment.preprocess = PREPROCESS_UNIT;
    struct fixture *f = started(&experiment);
    wanted = experiment;
    wanted.run[0].learning_rate = 0.5;
    assert_false(run_change(&f->run, &wanted, false, problem));
    assert_contains(problem, "pre-trained");
    while (run_pretrains(&f->run)) {
        run_pretrain(&f->run);
    }
    int64_t updates = run_pretrained(&f->run);
    change(f, &wanted);
    assert_false(run_pretrains(&f->run));
    assert_int_equal(run_pretrained(&f->run), updates);
    steps(&f->run, 3);
    finish(f);
}

/* Weights so large that ReLU overflows in the first pass; tanh does not. */
static void what_diverged_tries_again(void **state) {
    (void)state;
    struct experiment experiment, wanted;
    small_experiment(&experiment);
    experiment.run[0].layers = 6;
    experiment.run[0].activation = ACTIVATION_RELU;
    experiment.run[0].init_scale = 1e12;
    struct fixture *f = started(&experiment);
    run_pass(&f->run);
    assert_true(run_stopped(&f->run));
    wanted = experiment;
    wanted.run[0].learning_rate = 0.5;
    change(f, &wanted);
    run_pass(&f->run);
    assert_true(run_stopped(&f->run));
    wanted.run[0].activation = ACTIVATION_TANH;
    change(f, &wanted);
    run_pass(&f->run);
    assert_false(run_stopped(&f->run));
    run_update(&f->run);
    assert_int_equal(f->run.twin[0].step, 1);
    finish(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_settings_go_on_to_the_same_bits),
        cmocka_unit_test(numbers_change_as_if_by_hand),
        cmocka_unit_test(the_activation_changes_as_if_by_hand),
        cmocka_unit_test(a_changes_alone),
        cmocka_unit_test(the_stream_goes_on_with_another_batch),
        cmocka_unit_test(another_optimiser_begins_anew),
        cmocka_unit_test(a_normalisation_comes_and_goes),
        cmocka_unit_test(weights_stay),
        cmocka_unit_test(slopes_are_learned_or_set),
        cmocka_unit_test(pretraining_is_not_interrupted),
        cmocka_unit_test(what_diverged_tries_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
