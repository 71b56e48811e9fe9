#include "base/check.h"

#include "lab.h"
#include "lab/run.h"

static void the_defaults_are_those_of_a_first_launch(void **state) {
    (void)state;
    struct experiment experiment;
    experiment_defaults(&experiment);
    const struct network_settings *a = &experiment.run[0];
    assert_false(experiment.compare);
    assert_int_equal(experiment.data, DATASET_MNIST);
    assert_int_equal(experiment.batch, 128);
    assert_true(a->layers == 10 && a->width == 100);
    assert_int_equal(a->activation, ACTIVATION_RELU);
    assert_int_equal(a->init, INITIALISER_HE);
    assert_int_equal(a->optimizer, OPTIMISER_SGD);
    assert_true(a->learning_rate == 0.05 && a->init_scale == 1.0 && a->bias == 0.0);
    experiment_reference(&experiment);
    assert_true(experiment.compare);
    assert_int_equal(experiment.run[1].activation, ACTIVATION_SIGMOID);
    assert_int_equal(experiment.run[1].init, INITIALISER_SMALL);
    experiment_pin(&experiment);
    assert_memory_equal(&experiment.run[0], &experiment.run[1], sizeof experiment.run[0]);
}

/* A change of any one setting makes another experiment; B's settings count only beside A. */
static void every_setting_makes_a_difference(void **state) {
    (void)state;
    int count;
    const struct setting *table = settings_table(&count);
    for (int compare = 0; compare < 2; compare++) {
        for (int i = 0; i < count; i++) {
            for (int run = 0; run <= table[i].per_run; run++) {
                struct experiment a, b;
                experiment_defaults(&a);
                a.compare = compare;
                b = a;
                assert_true(experiment_equal(&a, &b));
                unsigned char *field = setting_field(&b, run, &table[i]);
                if (table[i].type == SETTING_DOUBLE) {
                    double value;
                    memcpy(&value, field, sizeof value);
                    value = nextafter(value, 10.0);
                    memcpy(field, &value, sizeof value);
                } else if (table[i].type == SETTING_NAME) {
                    int value;
                    memcpy(&value, field, sizeof value);
                    value = (value + 1) % table[i].option_count;
                    memcpy(field, &value, sizeof value);
                } else {
                    field[0] ^= 1; // a byte of a number
                }
                bool counts = run == 0 || compare;
                assert_true(experiment_equal(&a, &b) == !counts);
                assert_true(experiment_equal(&b, &a) == !counts);
            }
        }
    }
    struct experiment a, b;
    experiment_defaults(&a);
    b = a;
    experiment_pin(&b);
    assert_false(experiment_equal(&a, &b));
}

/* The loss that a data set names is one of the table, and a loss that is asked for is used. */
static void the_loss_suits_the_data(void **state) {
    (void)state;
    static const enum loss expected[DATASET_COUNT] = {
        [DATASET_MNIST] = LOSS_CROSS_ENTROPY,
        [DATASET_XOR] = LOSS_BINARY_CROSS_ENTROPY,
        [DATASET_NOISY_XOR] = LOSS_BINARY_CROSS_ENTROPY,
        [DATASET_MOONS] = LOSS_BINARY_CROSS_ENTROPY,
        [DATASET_CIRCLES] = LOSS_BINARY_CROSS_ENTROPY,
        [DATASET_SPIRALS] = LOSS_BINARY_CROSS_ENTROPY,
        [DATASET_BLOBS] = LOSS_CROSS_ENTROPY,
        [DATASET_CHECKERBOARD] = LOSS_BINARY_CROSS_ENTROPY,
        [DATASET_GAUSSIAN] = LOSS_CROSS_ENTROPY,
        [DATASET_FASHION_MNIST] = LOSS_CROSS_ENTROPY,
        [DATASET_IDX] = LOSS_CROSS_ENTROPY,
        [DATASET_CIFAR10] = LOSS_CROSS_ENTROPY,
    };
    for (int data = 0; data < DATASET_COUNT; data++) {
        struct experiment experiment;
        experiment_defaults(&experiment);
        experiment.data = data;
        enum loss loss = experiment_loss(&experiment, 0);
        assert_string_equal(losses[loss].name, datasets[data].loss);
        assert_int_equal(loss, expected[data]);
        for (int asked = 0; asked < LOSS_COUNT; asked++) {
            experiment.run[1].loss = asked;
            assert_int_equal(experiment_loss(&experiment, 1), asked);
            assert_int_equal(experiment_loss(&experiment, 0), loss);
            // some sets have as many classes as their files say
            int classes = datasets[data].classes > 0 ? datasets[data].classes : 26;
            const struct dataset_shape shape = { .features = 2, .classes = classes, .examples = 9 };
            struct network_config config = experiment_network(&experiment, 1, &shape);
            assert_int_equal(config.outputs, loss_outputs((enum loss)asked, classes));
        }
    }
}

static void the_network_is_what_is_set(void **state) {
    (void)state;
    for (uint32_t row = 0; row < 500; row++) {
        struct experiment experiment;
        struct dataset_shape shape;
        random_experiment(&experiment, row);
        random_shape(&shape, row);
        for (int run = 0; run <= experiment.compare; run++) {
            const struct network_settings *s = &experiment.run[run];
            struct network_config c = experiment_network(&experiment, run, &shape);
            assert_true(c.layers == s->layers && c.width == s->width);
            assert_int_equal(c.inputs, shape.features);
            assert_int_equal(c.outputs, loss_outputs(c.loss, shape.classes));
            assert_int_equal(c.batch, experiment_batch(&experiment, &shape));
            assert_true(c.batch == experiment.batch || c.batch == shape.examples);
            assert_true(c.batch <= experiment.batch && c.batch <= shape.examples);
            assert_true((int)c.phi.which == s->activation && (int)c.init == s->init);
            assert_true(c.init_scale == s->init_scale && c.bias == s->bias &&
                        c.bias_sd == s->bias_sd);
            assert_true((int)c.optimiser.which == s->optimizer);
            assert_true(c.optimiser.learning_rate == s->learning_rate);
            assert_true(c.optimiser.momentum == s->momentum);
            assert_true(c.optimiser.beta1 == s->beta1 && c.optimiser.beta2 == s->beta2);
            assert_true(c.optimiser.rho == s->rho && c.optimiser.alpha == s->alpha);
            assert_true(c.optimiser.l1 == s->l1 && c.optimiser.l2 == s->l2);
            double suits = s->optimizer == OPTIMISER_ADAMW ? 0.01 : 0.0;
            double decay = s->weight_decay < 0.0 ? suits : s->weight_decay;
            assert_true(c.optimiser.weight_decay == decay);
            assert_true(c.optimiser.clip_norm == s->clip_norm);
            assert_true(c.optimiser.clip_value == s->clip_value);
            assert_true((int)c.optimiser.schedule.which == s->schedule);
            assert_true(c.optimiser.schedule.period == s->schedule_period);
            assert_true(c.optimiser.schedule.drop == s->schedule_factor);
            assert_true(c.optimiser.schedule.warmup == s->warmup);
            assert_true(c.seed == experiment.seed);
        }
    }
}

/* Every setting of the data reaches what is loaded. */
static void the_data_are_what_is_set(void **state) {
    (void)state;
    for (uint32_t row = 0; row < 500; row++) {
        struct experiment experiment;
        random_experiment(&experiment, row);
        struct dataset_settings data = experiment_data(&experiment);
        assert_int_equal(data.kind, experiment.data);
        assert_int_equal(data.examples, experiment.examples);
        assert_int_equal(data.features, experiment.features);
        assert_true(data.noise == experiment.noise && data.seed == experiment.seed);
        assert_int_equal(data.preprocess, experiment.preprocess);
        assert_int_equal(data.components, experiment.components);
        assert_string_equal(data.path, experiment.data_path);
    }
}

/* What is asked for before anything is loaded is what is used then. */
static void bytes_are_those_that_are_used(void **state) {
    (void)state;
    static const struct {
        int data, features, batch, optimizer;
        int64_t examples;
        bool compare;
        int preprocess, components;
        double mixup;
    } rows[] = {
        { DATASET_GAUSSIAN, 12, 16, OPTIMISER_SGD, 64, false, PREPROCESS_UNIT, 0, 0 },
        { DATASET_GAUSSIAN, 1, 100, OPTIMISER_ADAM, 200000, true, PREPROCESS_UNIT, 0, 0 },
        { DATASET_GAUSSIAN, 700, 3, OPTIMISER_MOMENTUM, 100, true, PREPROCESS_NONE, 0, 0 },
        { DATASET_XOR, 0, 128, OPTIMISER_SGD, 0, false, PREPROCESS_UNIT, 0, 0 },
        { DATASET_MNIST, 0, 128, OPTIMISER_SGD, 0, true, PREPROCESS_UNIT, 0, 0 },
        { DATASET_SPIRALS, 0, 128, OPTIMISER_SGD, 5000, true, PREPROCESS_STANDARDISED, 0, 0 },
        { DATASET_GAUSSIAN, 40, 16, OPTIMISER_SGD, 3000, false, PREPROCESS_PCA, 7, 0 },
        { DATASET_GAUSSIAN, 40, 16, OPTIMISER_SGD, 3000, true, PREPROCESS_WHITENED, 0, 0 },
        { DATASET_GAUSSIAN, 7000, 900, OPTIMISER_SGD, 1000, true, PREPROCESS_UNIT, 0, 0.2 },
    };
    for (int i = 0; i < ARRAY_LEN(rows); i++) {
        struct experiment experiment;
        char problem[EXPERIMENT_PROBLEM] = "";
        small_experiment(&experiment);
        experiment.data = rows[i].data;
        experiment.features = rows[i].features;
        experiment.batch = rows[i].batch;
        experiment.examples = rows[i].examples;
        experiment.compare = rows[i].compare;
        experiment.run[0].optimizer = rows[i].optimizer;
        experiment.preprocess = rows[i].preprocess;
        experiment.components = rows[i].components;
        experiment.mixup = rows[i].mixup;
        struct dataset_settings settings = experiment_data(&experiment);
        struct dataset_shape shape;
        struct dataset data;
        struct run run;
        assert_true(dataset_describe(&settings, &shape, problem));
        assert_true(dataset_load(&data, &settings, problem));
        assert_true(run_init(&run, &experiment, &data, problem));
        size_t train = (size_t)data.train.count, all = train + (size_t)data.test.count;
        size_t value = data.train.bytes ? 1 : sizeof(float), features = (size_t)data.shape.features;
        size_t order = train * sizeof(uint32_t);
        size_t used = run.arena.capacity + order + all * (features * value + 1);
        if (preprocesses[rows[i].preprocess].projects) { // beside it, while that is fitted
            size_t raw = (size_t)rows[i].features;
            used += all * raw * sizeof(float) + 3 * raw * raw * sizeof(double);
        }
        size_t bytes = experiment_bytes(&experiment, &shape);
        assert_true(bytes < used + 256 && used < bytes + 256); // but for alignment
        run_finish(&run);
        dataset_finish(&data);
    }
}

static void what_does_not_fit_is_refused(void **state) {
    (void)state;
    struct experiment experiment;
    char problem[EXPERIMENT_PROBLEM] = "";
    experiment_defaults(&experiment);
    struct dataset_settings settings = experiment_data(&experiment);
    struct dataset_shape shape;
    assert_true(dataset_describe(&settings, &shape, problem));
    assert_true(experiment_fits(&experiment, &shape, 0, problem));
    experiment.run[0].layers = EXPERIMENT_MAX_LAYERS;
    experiment.run[0].width = EXPERIMENT_MAX_WIDTH;
    experiment.run[0].optimizer = OPTIMISER_ADAM;
    experiment_pin(&experiment);
    experiment.data = DATASET_GAUSSIAN;
    experiment.batch = 1000000;
    experiment.features = 65536;
    experiment.examples = 100000000;
    settings = experiment_data(&experiment);
    assert_true(dataset_describe(&settings, &shape, problem));
    size_t bytes = experiment_bytes(&experiment, &shape);
    // 200 layers of three batches each, in both, and the data
    double batches = 2.0 * 200 * 3 * 1e6 * 4096 * 4, data = 1e8 * 65536.0 * 4;
    assert_true((double)bytes > batches + data && (double)bytes < 1.1 * (batches + data));
    assert_false(experiment_fits(&experiment, &shape, 0, problem));
    assert_contains(problem, "needs 42.");
    assert_contains(problem, " TiB, ");
    assert_contains(problem, "are free");
    assert_true(problem[strlen(problem) - 1] == '.');
    assert_false(experiment_fits(&experiment, &shape, 1u << 30, problem));
    assert_true(experiment_fits(&experiment, &shape, SIZE_MAX, problem));
    const struct dataset nothing = { .kind = DATASET_GAUSSIAN, .shape = shape };
    struct run run, zeroed;
    memset(&zeroed, 0, sizeof zeroed);
    assert_false(run_init(&run, &experiment, &nothing, problem)); // and not aborted
    assert_memory_equal(&run, &zeroed, sizeof run);
    run_finish(&run);
}

/* What examples that can be had take, and fitting a projection of them. */
static double least_data_bytes(const struct dataset_settings *settings) {
    struct dataset_settings raw = *settings;
    struct dataset_shape shape;
    char problem[DATASET_PROBLEM];
    raw.preprocess = PREPROCESS_UNIT;
    assert_true(dataset_describe(&raw, &shape, problem));
    double all = (double)shape.examples + (double)shape.test_examples, d = shape.features;
    bool files = !datasets[settings->kind].generated && settings->kind != DATASET_XOR;
    double bytes = files ? 70000.0 * 784.0 : 4.0 * all * d;
    if (preprocesses[settings->preprocess].projects) {
        bytes += 24.0 * d * d + 4.0 * all * (settings->components ? settings->components : d);
    }
    return bytes;
}

/* Everything a user can ask for at all is counted, not wrapped around. */
static void bytes_never_wrap_around(void **state) {
    (void)state;
    int described = 0;
    for (uint32_t row = 0; row < 2000; row++) {
        struct experiment experiment;
        struct dataset_shape shape;
        char problem[DATASET_PROBLEM];
        random_experiment(&experiment, row);
        for (int run = 0; run < 2; run++) { // dense layers, each with a W of its own
            experiment.run[run].connection = row % 2 ? CONNECTION_PLAIN : CONNECTION_RESIDUAL;
            experiment.ensemble = 1;
        }
        struct dataset_settings data = experiment_data(&experiment);
        double least;
        bool pretrains = false;
        if (dataset_describe(&data, &shape, problem)) {
            least = least_data_bytes(&data);
            described++;
        } else { // not here, but elsewhere there may be anything in a file
            random_shape(&shape, row);
            least = (double)shape.bytes;
        }
        for (int run = 0; run <= experiment.compare; run++) {
            struct network_config c = experiment_network(&experiment, run, &shape);
            double w = c.width;
            least += 12.0 * c.batch * (c.layers * w + c.outputs) + 4.0 * c.batch * c.inputs;
            least += c.layers > 0 ? 8.0 * (c.inputs * w + (c.layers - 1) * w * w)
                                  : 8.0 * c.inputs * c.outputs;
            double v = c.inputs > c.width ? c.inputs : w;
            bool rbm = c.init == INITIALISER_RBM; // gradient, speed and the units of the data
            least += rbm ? 8.0 * v * w + 8.0 * c.batch * v + 12.0 * c.batch * w : 0.0;
            pretrains |= rbm;
        }
        least += (pretrains ? 8.0 : 4.0) * (double)shape.examples;
        double bytes = (double)experiment_bytes(&experiment, &shape);
        assert_true(bytes >= least && bytes < 4.0 * PHI_MAX_PIECES * least + 1e6);
    }
    assert_in_range(described, 500, 1900);
}

/* Two experiments become twins only where all that twins share is the same. */
static void two_experiments_side_by_side(void **state) {
    (void)state;
    int count;
    const struct setting *table = settings_table(&count);
    for (int i = 0; i < count; i++) {
        struct experiment a, b;
        experiment_defaults(&a);
        experiment_pin(&a); // a B of its own, which gives way
        b = a;
        char before[SETTING_TEXT], after[SETTING_TEXT];
        setting_print(&b, 0, &table[i], before, sizeof before);
        for (uint32_t row = 0; row < 100; row++) {
            random_value(&b, 0, &table[i], row, 0);
            setting_print(&b, 0, &table[i], after, sizeof after);
            if (strcmp(before, after) != 0) {
                break;
            }
        }
        struct network_settings first = a.run[0];
        assert_int_equal(experiment_beside(&a, &b), table[i].per_run);
        assert_memory_equal(&a.run[0], &first, sizeof first);
        assert_memory_equal(&a.run[1], table[i].per_run ? &b.run[0] : &first, sizeof first);
        assert_true(a.compare);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_defaults_are_those_of_a_first_launch),
        cmocka_unit_test(every_setting_makes_a_difference),
        cmocka_unit_test(two_experiments_side_by_side),
        cmocka_unit_test(the_loss_suits_the_data),
        cmocka_unit_test(the_network_is_what_is_set),
        cmocka_unit_test(the_data_are_what_is_set),
        cmocka_unit_test(bytes_are_those_that_are_used),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(bytes_never_wrap_around),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
