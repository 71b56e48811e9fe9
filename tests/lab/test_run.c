#include "base/check.h"

#include "fixture.h"

static void twins_of_one_kind_stay_the_same(void **state) {
    (void)state;
    for (int which = 0; which < OPTIMISER_COUNT; which++) {
        struct experiment experiment;
        small_experiment(&experiment);
        experiment.run[0].optimizer = which;
        experiment_pin(&experiment);
        struct fixture *f = started(&experiment);
        assert_int_equal(f->run.networks, 2);
        for (int step = 0; step < 40; step++) {
            run_pass(&f->run);
            assert_ptr_equal(f->run.network[0].now.input, f->run.network[1].now.input);
            assert_true(f->run.twin[0].loss == f->run.twin[1].loss);
            run_update(&f->run);
        }
        assert_int_equal(f->run.step, 40);
        assert_true(same_weights(&f->run.network[0], &f->run.network[1]));
        finish(f);
    }
}

/* Twins that differ see the same examples, and A passes through the numbers it has alone. */
static void a_does_not_notice_b(void **state) {
    (void)state;
    for (int activation = 0; activation < ACTIVATION_COUNT; activation++) {
        struct experiment experiment;
        small_experiment(&experiment);
        experiment.run[0].activation = activation;
        struct fixture *alone = started(&experiment);
        experiment_pin(&experiment);
        experiment.run[1].layers = 7;
        experiment.run[1].width = 20;
        experiment.run[1].init = INITIALISER_SMALL;
        experiment.run[1].learning_rate = 0.3;
        experiment.run[1].optimizer = OPTIMISER_ADAM;
        struct fixture *pair = started(&experiment);
        for (int step = 0; step < 40; step++) {
            run_pass(&alone->run);
            run_pass(&pair->run);
            assert_memory_equal(alone->run.network[0].now.input, pair->run.network[1].now.input,
                                sizeof(float) * 16 * 12);
            assert_memory_equal(alone->run.network[0].now.targets.labels,
                                pair->run.network[1].now.targets.labels, 16);
            assert_true(alone->run.twin[0].loss == pair->run.twin[0].loss);
            assert_true(alone->run.twin[0].loss != pair->run.twin[1].loss);
            run_update(&alone->run);
            run_update(&pair->run);
        }
        assert_true(same_weights(&alone->run.network[0], &pair->run.network[0]));
        finish(alone);
        finish(pair);
    }
}

static void the_seed_decides_all(void **state) {
    (void)state;
    struct experiment experiment;
    small_experiment(&experiment);
    struct fixture *a = started(&experiment), *b = started(&experiment);
    experiment.seed = 2;
    struct fixture *other = started(&experiment);
    steps(&a->run, 30);
    steps(&b->run, 30);
    steps(&other->run, 30);
    assert_true(same_weights(&a->run.network[0], &b->run.network[0]));
    assert_false(same_weights(&a->run.network[0], &other->run.network[0]));
    finish(a);
    finish(b);
    finish(other);
}

/* Looking at every step, in every way there is, changes no bit of the run. */
static void looking_changes_nothing(void **state) {
    (void)state;
    for (int which = 0; which < OPTIMISER_COUNT; which++) {
        struct experiment experiment;
        small_experiment(&experiment);
        experiment.run[0].optimizer = which;
        experiment_pin(&experiment);
        experiment.run[1].activation = ACTIVATION_RELU;
        struct fixture *quiet = started(&experiment), *watched = started(&experiment);
        for (int step = 0; step < 50; step++) {
            run_pass(&quiet->run);
            run_pass(&watched->run);
            for (int i = 0; i <= step % 3; i++) {
                run_capture(&watched->run, &watched->snapshot);
            }
            run_update(&quiet->run);
            run_update(&watched->run);
            run_record(&watched->run, &watched->record);
            assert_int_equal(watched->record.step, step);
            assert_int_equal(watched->snapshot.step, step);
        }
        for (int r = 0; r < 2; r++) {
            assert_true(same_weights(&quiet->run.network[r], &watched->run.network[r]));
        }
        finish(quiet);
        finish(watched);
    }
}

static void a_snapshot_tells_what_the_run_is(void **state) {
    (void)state;
    struct experiment experiment;
    small_experiment(&experiment);
    experiment_pin(&experiment);
    experiment.run[1].layers = 5;
    struct fixture *f = started(&experiment);
    steps(&f->run, 6);
    run_pass(&f->run);
    run_capture(&f->run, &f->snapshot);
    const struct snapshot *s = &f->snapshot;
    assert_true(s->has_runs);
    assert_int_equal(s->step, 6);
    assert_int_equal(s->batch, 16);
    assert_int_equal(s->examples, 64);
    assert_int_equal(s->test_examples, 0);
    assert_true(s->epoch == 6 * 16 / 64.0);
    assert_string_equal(s->data, datasets[DATASET_GAUSSIAN].label);
    assert_string_equal(s->loss_name, losses[LOSS_CROSS_ENTROPY].label);
    assert_int_equal(s->classes, 10);
    assert_int_equal(s->runs, 2);
    for (int r = 0; r < 2; r++) {
        assert_int_equal(s->run[r].layers, r == 0 ? 3 : 5);
        assert_int_equal(s->run[r].step, 6);
        assert_true(s->run[r].loss == f->run.network[r].loss);
        assert_true(isnan(s->run[r].test_accuracy) && isnan(s->run[r].test_loss));
        assert_false(s->run[r].diverged);
    }
    finish(f);
}

/* ReLU with He has closed forms (He et al. 2015): q stays, h is half a Gaussian, chi is 1. */
static void assert_relu_theory(const struct theory *theory, double q) {
    const double pi = 3.14159265358979323846;
    assert_true(theory->applies);
    assert_string_equal(theory->reason, "");
    assert_int_equal(theory->layers, 3);
    for (int l = 0; l < 3; l++) {
        assert_true(fabs(theory->q[l] / q - 1.0) < 1e-9);
        assert_true(fabs(theory->chi[l] - 1.0) < 1e-9);
        assert_true(fabs(theory->delta_ratio[l] - 1.0) < 1e-9);
        assert_true(fabs(theory->h_mean[l] / sqrt(q / (2.0 * pi)) - 1.0) < 1e-9);
        assert_true(fabs(theory->h_rms[l] / sqrt(q / 2.0) - 1.0) < 1e-9);
        assert_true(fabs(theory->h_sd[l] / sqrt(q * (0.5 - 0.5 / pi)) - 1.0) < 1e-9);
    }
}

static void theory_is_of_the_first_weights_and_their_batch(void **state) {
    (void)state;
    struct experiment experiment;
    small_experiment(&experiment);
    experiment.run[0].activation = ACTIVATION_RELU;
    experiment.run[0].init = INITIALISER_HE;
    experiment_pin(&experiment);
    experiment.run[1].init = INITIALISER_ORTHOGONAL;
    struct fixture *f = started(&experiment);
    run_pass(&f->run);
    double squares = 0.0;
    for (int i = 0; i < 16 * 12; i++) {
        squares += (double)f->run.now.inputs[i] * (double)f->run.now.inputs[i];
    }
    run_capture(&f->run, &f->snapshot);
    assert_relu_theory(&f->snapshot.run[0].theory, 2.0 * squares / (16 * 12));
    assert_false(f->snapshot.run[1].theory.applies);
    assert_contains(f->snapshot.run[1].theory.reason, "independent random weights");
    run_update(&f->run);
    run_pass(&f->run);
    run_capture(&f->run, &f->snapshot);
    assert_false(f->snapshot.run[0].theory.applies);
    assert_contains(f->snapshot.run[0].theory.reason, "first weights");
    finish(f);
}

/* The scalars of a record are those of the arrays of the same pass. */
static void a_record_holds_the_pass(void **state) {
    (void)state;
    struct experiment experiment;
    small_experiment(&experiment);
    experiment_pin(&experiment);
    experiment.run[1].activation = ACTIVATION_RELU;
    static struct history_record of_snapshot;
    struct fixture *f = started(&experiment);
    for (int step = 0; step < 10; step++) {
        run_pass(&f->run);
        run_capture(&f->run, &f->snapshot);
        run_update(&f->run);
        run_record(&f->run, &f->record);
        history_record_of(&f->snapshot, &of_snapshot);
        assert_int_equal(of_snapshot.step, f->record.step);
        for (int r = 0; r < 2; r++) {
            const struct run_snapshot *s = &f->snapshot.run[r];
            assert_memory_equal(of_snapshot.scalar[r], f->record.scalar[r],
                                sizeof of_snapshot.scalar[r]);
            assert_true(f->record.scalar[r][HISTORY_LOSS] == (float)s->loss);
            assert_true(f->record.scalar[r][HISTORY_ACCURACY] == (float)s->accuracy);
            assert_true(isnan(f->record.scalar[r][HISTORY_TEST_ACCURACY]));
            for (int l = 0; l < s->layers; l++) {
                const float *values = f->record.layer[r][l];
                const struct layer_stats *stats = &s->layer[l];
                const double wanted[] = {
                    [HISTORY_H_MEAN] = stats->h.mean,
                    [HISTORY_H_SD] = stats->h.sd,
                    [HISTORY_DELTA_RMS] = stats->delta.rms,
                    [HISTORY_GRADIENT_RMS] = stats->gradient_rms,
                    [HISTORY_WEIGHT_GRADIENT_RMS] = stats->weight_gradient_rms,
                };
                for (int q = 0; q < HISTORY_QUANTITIES; q++) {
                    assert_true(fabs((double)values[q] - wanted[q]) <=
                                1e-6 * fabs(wanted[q]) + 1e-9 * stats->h.rms);
                    assert_true(of_snapshot.layer[r][l][q] == (float)wanted[q]);
                }
            }
        }
    }
    finish(f);
}

/* What a snapshot says of the update is what the next update does, also to Adam's bias. */
static void the_update_that_is_shown_follows(void **state) {
    (void)state;
    struct experiment experiment;
    small_experiment(&experiment);
    experiment.run[0].optimizer = OPTIMISER_ADAM;
    experiment.run[0].learning_rate = 0.01;
    struct fixture *f = started(&experiment);
    for (int step = 0; step < 5; step++) {
        const struct parameters *w = &f->run.network[0].layer[1].weight;
        float before[9 * 9];
        double squares = 0.0;
        run_pass(&f->run);
        run_capture(&f->run, &f->snapshot);
        memcpy(before, w->value, sizeof before);
        run_update(&f->run);
        for (int i = 0; i < 9 * 9; i++) {
            double change = (double)w->value[i] - (double)before[i];
            squares += change * change;
        }
        double rms = f->snapshot.run[0].layer[1].update_rms;
        assert_true(fabs(sqrt(squares / (9 * 9)) / rms - 1.0) < 1e-4);
    }
    finish(f);
}

/* The data set that is there already is not asked for once more. */
static void data_in_memory_are_not_counted_again(void **state) {
    (void)state;
    struct experiment experiment;
    char problem[EXPERIMENT_PROBLEM] = "";
    small_experiment(&experiment);
    experiment.examples = 100000000;
    experiment.features = 65536; // 26 TB, say the settings; run_init() does not touch them
    struct dataset_settings settings = experiment_data(&experiment);
    struct dataset_shape shape;
    assert_true(dataset_describe(&settings, &shape, problem));
    assert_int_equal(shape.features, 65536);
    assert_false(experiment_fits(&experiment, &shape, 0, problem));
    static const float values[1] = { 0 };
    static const uint8_t labels[1] = { 0 };
    struct dataset data = {
        .kind = DATASET_GAUSSIAN,
        .shape = shape,
        .train = { .count = 64, .values = values, .labels = labels },
    };
    struct run run;
    assert_true(run_init(&run, &experiment, &data, problem));
    run_finish(&run);
}

static void a_batch_larger_than_the_data_is_the_data(void **state) {
    (void)state;
    struct experiment experiment;
    experiment_defaults(&experiment);
    experiment.data = DATASET_XOR;
    experiment.run[0].width = 5;
    struct fixture *f = started(&experiment);
    assert_int_equal(f->run.batch, 4);
    run_pass(&f->run);
    static const float inputs[] = { 0, 0, 0, 1, 1, 0, 1, 1 };
    assert_memory_equal(f->run.network[0].now.input, inputs, sizeof inputs);
    steps(&f->run, 3);
    run_capture(&f->run, &f->snapshot);
    assert_true(f->snapshot.epoch == 3.0);
    finish(f);
}

/* Mean of a product of two inputs over the batch of the last pass. */
static double input_moment(const struct run *run, int i, int j) {
    int features = run->network[0].config.inputs;
    double sum = 0.0;
    for (int row = 0; row < run->batch; row++) {
        const float *input = run->network[0].now.input + (size_t)row * (size_t)features;
        sum += (i < 0 ? 1.0 : (double)input[i]) * (double)input[j];
    }
    return sum / run->batch;
}

/* The network gets the inputs as they are preprocessed, and is as wide as those. */
static void a_run_sees_what_was_preprocessed(void **state) {
    (void)state;
    static const struct {
        int preprocess, components, inputs;
        bool scaled, uncorrelated;
    } rows[] = {
        { PREPROCESS_STANDARDISED, 0, 12, true, false },
        { PREPROCESS_PCA, 5, 5, false, true },
        { PREPROCESS_WHITENED, 0, 12, true, true },
    };
    for (int i = 0; i < ARRAY_LEN(rows); i++) {
        struct experiment experiment;
        small_experiment(&experiment);
        experiment.batch = 64; // all there are
        experiment.preprocess = rows[i].preprocess;
        experiment.components = rows[i].components;
        struct fixture *f = started(&experiment);
        assert_int_equal(f->run.network[0].config.inputs, rows[i].inputs);
        run_pass(&f->run);
        for (int j = 0; j < rows[i].inputs; j++) {
            assert_true(fabs(input_moment(&f->run, -1, j)) < 1e-5);
            assert_true(fabs(input_moment(&f->run, j, j) - 1.0) < 1e-4 || !rows[i].scaled);
            for (int k = 0; k < j; k++) {
                assert_true(fabs(input_moment(&f->run, j, k)) < 1e-4 || !rows[i].uncorrelated);
            }
        }
        finish(f);
    }
}

/*
 * lsuv takes the batch of step 0 and leaves it to step 0: what is measured there has the variance,
 * a twin without it is none the wiser, and the log is in the snapshot.
 */
static void lsuv_scales_on_the_first_batch(void **state) {
    (void)state;
    for (int mnist = 0; mnist < 2; mnist++) {
        struct experiment experiment;
        small_experiment(&experiment);
        experiment.data = mnist ? DATASET_MNIST : DATASET_GAUSSIAN;
        experiment.examples = 100;
        struct fixture *alone = started(&experiment);
        experiment_pin(&experiment);
        experiment.run[1].init = INITIALISER_LSUV;
        experiment.run[1].init_scale = 1.5;
        struct fixture *pair = started(&experiment);
        run_pass(&alone->run);
        run_pass(&pair->run);
        assert_true(same_weights(&alone->run.network[0], &pair->run.network[0]));
        assert_true(alone->run.twin[0].loss == pair->run.twin[0].loss);
        for (int step = 0; step < 2; step++) { // the log is of the start, whatever comes later
            run_capture(&pair->run, &pair->snapshot);
            const struct run_snapshot *s = &pair->snapshot.run[1];
            assert_true(s->by_lsuv && !pair->snapshot.run[0].by_lsuv);
            for (int l = 0; l <= s->layers; l++) {
                const struct layer_stats *layer = l < s->layers ? &s->layer[l] : &s->output;
                double off = layer->z.sd * layer->z.sd / 2.25 - 1.0;
                assert_true(fabs(off) <= LSUV_MARGIN || step > 0);
                assert_true(fabs(layer->lsuv.after / 2.25 - 1.0) <= LSUV_MARGIN);
                assert_true(layer->lsuv.iterations == 1 || (!mnist && l == 0));
            }
            run_update(&pair->run);
            run_pass(&pair->run);
        }
        finish(alone);
        finish(pair);
    }
}

/* What the step just made is told as, once a twin has diverged in step `step` (-1: not yet). */
static void check_records(struct fixture *f, int diverging, int64_t step) {
    static struct history_record of_snapshot;
    history_record_of(&f->snapshot, &of_snapshot);
    run_record(&f->run, &f->record);
    const float *scalars = f->record.scalar[diverging];
    bool over = step >= 0 && f->record.step > step;
    for (int q = 0; q < HISTORY_QUANTITIES; q++) {
        assert_true(!over || isnan(of_snapshot.layer[diverging][0][q]));
    }
    assert_true(isnan(of_snapshot.scalar[diverging][HISTORY_LOSS]) == isnan(scalars[HISTORY_LOSS]));
    assert_true(isfinite(of_snapshot.scalar[1 - diverging][HISTORY_LOSS]));
    assert_true(!over || isnan(scalars[HISTORY_LOSS]));
    assert_true(!over || isnan(f->record.layer[diverging][0][HISTORY_DELTA_RMS]));
    assert_true(isfinite(f->record.scalar[1 - diverging][HISTORY_LOSS]));
    // what no update followed is not told as if one had
    assert_true(step < 0 || isnan(f->record.layer[diverging][0][HISTORY_WEIGHT_GRADIENT_RMS]));
}

/* One twin diverges: it is found with its step and layer, keeps its numbers, and B goes on. */
static void divergence_is_found_and_stays_alone(void **state) {
    (void)state;
    for (int diverging = 0; diverging < 2; diverging++) {
        struct experiment experiment;
        small_experiment(&experiment);
        struct fixture *healthy = started(&experiment);
        experiment_pin(&experiment);
        experiment.run[diverging].activation = ACTIVATION_RELU;
        experiment.run[diverging].loss = LOSS_MSE;
        experiment.run[diverging].learning_rate = 1e6;
        struct fixture *f = started(&experiment);
        const struct run_twin *twin = &f->run.twin[diverging];
        int64_t step = -1;
        float last[16 * 12]; // the batch it diverged on stays its own
        for (int i = 0; i < 60; i++) {
            run_pass(&f->run);
            run_pass(&healthy->run);
            if (twin->diverged && step < 0) {
                step = f->run.step;
                memcpy(last, f->run.network[diverging].now.input, sizeof last);
            }
            run_capture(&f->run, &f->snapshot);
            run_update(&f->run);
            run_update(&healthy->run);
            check_records(f, diverging, step);
        }
        const struct run_snapshot *s = &f->snapshot.run[diverging];
        assert_true(step > 0 && step < 10);
        assert_true(s->diverged && !run_stopped(&f->run));
        assert_int_equal(s->diverged_step, step);
        assert_int_equal(s->step, step);
        assert_int_equal(s->diagnosis.verdict, VERDICT_DIVERGED);
        assert_int_equal(s->diagnosis.layer, s->diverged_layer);
        int64_t bad = 0; // the lowest layer whose z is not finite is the one that is told
        for (int l = 0; l < s->diverged_layer - 1; l++) {
            bad += (int64_t)(s->layer[l].z.nan + s->layer[l].z.inf);
        }
        assert_true(s->diverged_backward || bad == 0);
        assert_int_equal(f->snapshot.run[1 - diverging].step, 59);
        assert_memory_equal(f->run.network[diverging].now.input, last, sizeof last);
        assert_memory_not_equal(f->run.network[1 - diverging].now.input, last, sizeof last);
        assert_true(same_weights(&f->run.network[1 - diverging], &healthy->run.network[0]));
        finish(f);
        finish(healthy);
    }
}

static void all_diverged_is_stopped(void **state) {
    (void)state;
    struct experiment experiment;
    small_experiment(&experiment);
    experiment.run[0].activation = ACTIVATION_RELU;
    experiment.run[0].loss = LOSS_MSE;
    experiment.run[0].learning_rate = 1e6;
    experiment_pin(&experiment);
    struct fixture *f = started(&experiment);
    assert_false(run_stopped(&f->run));
    steps(&f->run, 20);
    assert_true(run_stopped(&f->run));
    finish(f);
}

/* The lowest layer of the forward pass, or the highest of the backward pass. */
static void the_layer_where_it_began_is_told(void **state) {
    (void)state;
    struct experiment experiment;
    small_experiment(&experiment);
    for (int layer = 1; layer <= 4; layer++) {
        struct fixture *f = started(&experiment);
        struct layer *broken = &f->run.network[0].layer[layer - 1];
        broken->weight.value[broken->weight.n - 1] = layer % 2 ? NAN : INFINITY;
        run_pass(&f->run);
        assert_true(f->run.twin[0].diverged && !f->run.twin[0].diverged_backward);
        assert_int_equal(f->run.twin[0].diverged_layer, layer);
        finish(f);
    }
    // delta_3 = 1e10 * 1e30 is beyond float, while every z is small
    experiment.run[0].activation = ACTIVATION_RELU;
    experiment.run[0].loss = LOSS_MSE;
    struct fixture *f = started(&experiment);
    for (int i = 0; i < 10; i++) {
        f->run.network[0].layer[3].bias.value[i] = 1e10f;
        f->run.network[0].layer[2].bias.value[i % 9] = 1e-30f;
    }
    memset(f->run.network[0].layer[2].weight.value, 0,
           f->run.network[0].layer[2].weight.n * sizeof(float));
    for (size_t i = 0; i < f->run.network[0].layer[3].weight.n; i++) {
        f->run.network[0].layer[3].weight.value[i] = 1e30f;
    }
    run_pass(&f->run);
    assert_true(f->run.twin[0].diverged && f->run.twin[0].diverged_backward);
    assert_int_equal(f->run.twin[0].diverged_layer, 3);
    finish(f);
}

/* h and delta may be finite where their product is not: that is found before the update, too. */
static void a_weight_gradient_that_overflows_is_found(void **state) {
    (void)state;
    struct experiment experiment;
    small_experiment(&experiment);
    experiment.run[0].activation = ACTIVATION_RELU;
    experiment.run[0].loss = LOSS_MSE;
    experiment_pin(&experiment);
    struct fixture *f = started(&experiment);
    struct network *network = &f->run.network[0];
    static const float scales[] = { 1e20f, 1e-20f, 1.0f, 1e10f };
    for (int l = 0; l < 4; l++) {
        for (size_t i = 0; i < network->layer[l].weight.n; i++) {
            network->layer[l].weight.value[i] = scales[l];
        }
    }
    run_pass(&f->run);
    for (int l = 0; l < 4; l++) {
        assert_true(isfinite(network->layer[l].sums.z));
        assert_true(isfinite(network->layer[l].sums.delta_squared));
    }
    assert_true(f->run.twin[0].diverged && f->run.twin[0].diverged_backward);
    assert_int_equal(f->run.twin[0].diverged_layer, 2);
    run_update(&f->run);
    assert_true(network->layer[1].weight.value[0] == 1e-20f); // and no update made
    run_record(&f->run, &f->record);
    assert_true(isfinite(f->record.scalar[0][HISTORY_LOSS])); // the loss itself was finite
    assert_true(f->record.layer[0][0][HISTORY_DELTA_RMS] > 0.0f);
    assert_true(isnan(f->record.layer[0][0][HISTORY_WEIGHT_GRADIENT_RMS]));
    steps(&f->run, 1);
    run_record(&f->run, &f->record);
    assert_true(isnan(f->record.scalar[0][HISTORY_LOSS])); // but is none of the steps after it
    assert_true(isnan(f->record.scalar[0][HISTORY_ACCURACY]));
    assert_true(isnan(f->record.layer[0][0][HISTORY_DELTA_RMS]));
    assert_true(isfinite(f->record.scalar[1][HISTORY_LOSS]));
    finish(f);
}

static bool after_three(void *asked) {
    return ++*(int *)asked > 3;
}

/* On MNIST, which has a held-out part: evaluating leaves the run alone and is right. */
static void evaluating_changes_nothing(void **state) {
    (void)state;
    struct experiment experiment;
    experiment_defaults(&experiment);
    experiment.examples = 2000;
    experiment.batch = 50;
    experiment.run[0].layers = 2;
    experiment.run[0].width = 20;
    experiment_pin(&experiment);
    experiment.run[1].activation = ACTIVATION_TANH;
    struct fixture *quiet = started(&experiment), *evaluated = started(&experiment);
    for (int step = 0; step < 30; step++) {
        run_evaluate(&evaluated->run, 130, NULL, NULL); // before the pass
        run_pass(&evaluated->run);
        run_update(&evaluated->run);
        run_evaluate(&evaluated->run, 70, NULL, NULL); // and after its update
        steps(&quiet->run, 1);
        assert_true(evaluated->run.twin[0].loss == quiet->run.twin[0].loss);
    }
    for (int r = 0; r < 2; r++) {
        assert_true(same_weights(&quiet->run.network[r], &evaluated->run.network[r]));
        assert_int_equal(evaluated->run.twin[r].test_n, 70);
        assert_int_equal(evaluated->run.twin[r].test_step, 30);
    }
    run_evaluate(&evaluated->run, INT64_MAX, NULL, NULL); // all there are, the last batch cut
    assert_int_equal(evaluated->run.twin[0].test_n, 10000);
    double loss = evaluated->run.twin[1].test_loss, accuracy = evaluated->run.twin[1].test_accuracy;
    assert_true(accuracy > 0.2 && accuracy < 0.9 && loss > 0.3 && loss < 2.3);
    int asked = 0; // given up in the middle: the old values stay
    run_evaluate(&evaluated->run, 1000, after_three, &asked);
    assert_int_equal(asked, 4);
    assert_int_equal(evaluated->run.twin[1].test_n, 10000);
    assert_true(evaluated->run.twin[1].test_loss == loss);
    finish(quiet);
    finish(evaluated);
}

/* The held-out numbers against the same thing by hand, with a batch that does not divide. */
static void held_out_numbers_are_means_over_examples(void **state) {
    (void)state;
    enum { MOST = 137 };
    struct experiment experiment;
    experiment_defaults(&experiment);
    experiment.examples = 500;
    experiment.batch = 60;
    experiment.run[0].layers = 1;
    experiment.run[0].width = 10;
    struct fixture *f = started(&experiment);
    steps(&f->run, 20);
    run_evaluate(&f->run, MOST, NULL, NULL);
    double loss = 0.0, correct = 0.0;
    for (uint32_t i = 0; i < MOST; i++) {
        float input[784];
        uint8_t label;
        dataset_gather(&f->data, &f->data.test, &i, 1, input, &label);
        network_forward(
            &f->run.network[0],
            &(struct network_batch){ .input = input, .targets = { .labels = &label }, .count = 1 });
        loss += f->run.network[0].loss / MOST;
        correct += f->run.network[0].correct;
    }
    assert_true(fabs(f->run.twin[0].test_loss - loss) < 1e-6);
    assert_true(fabs(f->run.twin[0].test_accuracy - correct / MOST) < 1e-12);
    finish(f);
}

/* Any number of threads, with masks, normalisation and twins: not a bit differs. */
static void threads_change_nothing(void **state) {
    (void)state;
    static const int threads[] = { 1, 2, 3, 5 };
    struct fixture *f[ARRAY_LEN(threads)];
    for (int k = 0; k < ARRAY_LEN(threads); k++) {
        struct experiment experiment;
        small_experiment(&experiment);
        experiment.run[0].width = 300; // wide enough to be shared
        experiment.run[0].normalisation = NORMALISATION_BATCH;
        experiment.run[0].dropout = 0.2;
        experiment_pin(&experiment);
        experiment.run[1].activation = ACTIVATION_PRELU;
        experiment.run[1].connection = CONNECTION_RESIDUAL;
        experiment.run[1].optimizer = OPTIMISER_ADAM;
        experiment.examples = 512;
        experiment.batch = 128;
        experiment.threads = threads[k];
        f[k] = started(&experiment);
        steps(&f[k]->run, 12);
    }
    for (int k = 1; k < ARRAY_LEN(threads); k++) {
        for (int r = 0; r < 2; r++) {
            assert_true(same_weights(&f[0]->run.network[r], &f[k]->run.network[r]));
            assert_true(f[0]->run.twin[r].loss == f[k]->run.twin[r].loss);
        }
        finish(f[k]);
    }
    finish(f[0]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(twins_of_one_kind_stay_the_same),
        cmocka_unit_test(a_does_not_notice_b),
        cmocka_unit_test(the_seed_decides_all),
        cmocka_unit_test(looking_changes_nothing),
        cmocka_unit_test(a_snapshot_tells_what_the_run_is),
        cmocka_unit_test(theory_is_of_the_first_weights_and_their_batch),
        cmocka_unit_test(a_record_holds_the_pass),
        cmocka_unit_test(the_update_that_is_shown_follows),
        cmocka_unit_test(data_in_memory_are_not_counted_again),
        cmocka_unit_test(a_batch_larger_than_the_data_is_the_data),
        cmocka_unit_test(a_run_sees_what_was_preprocessed),
        cmocka_unit_test(lsuv_scales_on_the_first_batch),
        cmocka_unit_test(divergence_is_found_and_stays_alone),
        cmocka_unit_test(all_diverged_is_stopped),
        cmocka_unit_test(the_layer_where_it_began_is_told),
        cmocka_unit_test(a_weight_gradient_that_overflows_is_found),
        cmocka_unit_test(evaluating_changes_nothing),
        cmocka_unit_test(held_out_numbers_are_means_over_examples),
        cmocka_unit_test(threads_change_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
