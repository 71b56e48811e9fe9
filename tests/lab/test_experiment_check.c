#include "base/check.h"

#include "lab.h"
#include "lab/experiment_check.h"
#include "lab/run.h"

/* 200 layers of 4096 units for a million examples at once: 40 TB. */
static void ask_for_too_much(struct experiment *experiment, int run) {
    experiment->batch = 1000000;
    experiment->examples = 1000000;
    experiment->run[run].layers = EXPERIMENT_MAX_LAYERS;
    experiment->run[run].width = EXPERIMENT_MAX_WIDTH;
}

static void mix_four_points(struct experiment *experiment, int run) {
    (void)run;
    experiment->data = DATASET_XOR;
    experiment->mixup = 0.2;
}

static void mix_seven_examples(struct experiment *experiment, int run) {
    (void)run;
    experiment->examples = 7;
    experiment->mixup = 0.2;
}

static void mix_one_example(struct experiment *experiment, int run) {
    (void)run;
    experiment->batch = 1;
    experiment->mixup = 1.0;
}

static void shift_no_image(struct experiment *experiment, int run) {
    (void)run;
    experiment->shift = 2;
}

static void shift_components(struct experiment *experiment, int run) {
    (void)run;
    experiment->data = DATASET_MNIST;
    experiment->preprocess = PREPROCESS_WHITENED;
    experiment->shift = 2;
}

static void shift_too_far(struct experiment *experiment, int run) {
    (void)run;
    experiment->data = DATASET_MNIST;
    experiment->shift = 28;
}

static void normalise_one_unit(struct experiment *experiment, int run) {
    experiment->run[run].normalisation = NORMALISATION_LAYER;
    experiment->run[run].width = 1;
}

static void normalise_one_example(struct experiment *experiment, int run) {
    experiment->run[run].normalisation = NORMALISATION_BATCH;
    experiment->batch = 1;
}

static void split_unevenly(struct experiment *experiment, int run) {
    experiment->run[run].connection = CONNECTION_SPLIT;
    experiment->run[run].width = 10;
    experiment->run[run].groups = 3;
}

static void leave_no_room_for_a_block(struct experiment *experiment, int run) {
    experiment->run[run].connection = CONNECTION_RESIDUAL;
    experiment->run[run].layers = 2;
}

static void fix_up_a_plain_network(struct experiment *experiment, int run) {
    experiment->run[run].branch = BRANCH_FIXUP;
}

static void skip_plain_layers(struct experiment *experiment, int run) {
    experiment->run[run].stochastic_depth = 0.5;
}

static void drop_twice(struct experiment *experiment, int run) {
    experiment->run[run].activation = ACTIVATION_SELU;
    experiment->run[run].dropout = 0.5;
    experiment->run[run].alpha_dropout = 0.1;
}

static void drop_alpha_of_relu(struct experiment *experiment, int run) {
    experiment->run[run].activation = ACTIVATION_RELU;
    experiment->run[run].alpha_dropout = 0.1;
}

static void drop_alpha_of_the_last_layer(struct experiment *experiment, int run) {
    experiment->run[run].activation = ACTIVATION_SELU;
    experiment->run[run].activation_last = ACTIVATION_SIGMOID;
    experiment->run[run].alpha_dropout = 0.1;
}

static void end_before_it_begins(struct experiment *experiment, int run) {
    experiment->run[run].activation_last = ACTIVATION_SIGMOID;
    experiment->run[run].last_from = 2;
    experiment->run[run].last_to = 1;
}

static void end_behind_the_network(struct experiment *experiment, int run) {
    experiment->run[run].activation_last = ACTIVATION_SIGMOID;
    experiment->run[run].last_to = 200;
}

static void ask_for_a_tanh_rbm(struct experiment *experiment, int run) {
    experiment->data = DATASET_XOR;
    experiment->run[run].init = INITIALISER_RBM;
}

static void ask_for_rbm_on_normals(struct experiment *experiment, int run) {
    experiment->run[run].activation = ACTIVATION_SIGMOID;
    experiment->run[run].init = INITIALISER_RBM;
}

static void ask_for_rbm_on_standardised(struct experiment *experiment, int run) {
    ask_for_rbm_on_normals(experiment, run);
    experiment->data = DATASET_MNIST;
    experiment->preprocess = PREPROCESS_STANDARDISED;
}

static void ask_for_rbm_with_noise(struct experiment *experiment, int run) {
    ask_for_rbm_on_normals(experiment, run);
    experiment->data = DATASET_NOISY_XOR;
}

static void ask_for_rbm_before_tanh(struct experiment *experiment, int run) {
    ask_for_a_tanh_rbm(experiment, run);
    experiment->run[run].activation = ACTIVATION_SIGMOID;
    experiment->run[run].activation_last = ACTIVATION_TANH;
}

static void ask_for_a_normalised_rbm(struct experiment *experiment, int run) {
    ask_for_a_tanh_rbm(experiment, run);
    experiment->run[run].activation = ACTIVATION_SIGMOID;
    experiment->run[run].normalisation = NORMALISATION_LAYER;
}

static void ask_for_a_split_rbm(struct experiment *experiment, int run) {
    ask_for_a_tanh_rbm(experiment, run);
    experiment->run[run].activation = ACTIVATION_SIGMOID;
    experiment->run[run].connection = CONNECTION_SPLIT;
    experiment->run[run].groups = 3;
}

static void ask_for_normalised_lsuv(struct experiment *experiment, int run) {
    experiment->run[run].init = INITIALISER_LSUV;
    experiment->run[run].normalisation = NORMALISATION_BATCH;
}

static void ask_for_recurrent_lsuv(struct experiment *experiment, int run) {
    experiment->run[run].init = INITIALISER_LSUV;
    experiment->run[run].connection = CONNECTION_RECURRENT;
}

static void ask_for_lsuv_with_fixup(struct experiment *experiment, int run) {
    experiment->run[run].init = INITIALISER_LSUV;
    experiment->run[run].connection = CONNECTION_RESIDUAL;
    experiment->run[run].branch = BRANCH_FIXUP;
}

static void ask_for_lsuv_with_biases(struct experiment *experiment, int run) {
    experiment->run[run].init = INITIALISER_LSUV;
    experiment->run[run].bias_sd = 0.5;
}

static void end_a_block(struct experiment *experiment, int run) {
    experiment->run[run].connection = CONNECTION_RESIDUAL;
    experiment->run[run].layers = 3;
    experiment->run[run].activation_last = ACTIVATION_SIGMOID;
}

static void tie_unlike_layers(struct experiment *experiment, int run) {
    experiment->run[run].connection = CONNECTION_RECURRENT;
    experiment->run[run].activation = ACTIVATION_TANH;
    experiment->run[run].activation_last = ACTIVATION_MAXOUT;
}

/* At least one row per check: how a small experiment comes to fail it, and what the sentence must
 * say. */
static const struct spoiled {
    const char *check;
    void (*spoil)(struct experiment *experiment, int run);
    const char *says[3];
} spoiled[] = {
    { "mixup", mix_four_points, { "mixup = 0.2 takes at least 8", "xor has 4", "mixup to 0" } },
    { "mixup", mix_seven_examples, { "at least 8", "gaussian has 7", "larger data" } },
    { "normalisation", normalise_one_unit, { "layer", "single unit", "width to 3" } },
    { "normalisation", normalise_one_example, { "batch of 1", "batch to 3 or more" } },
    { "groups", split_unevenly, { "10 units", "3 equal groups" } },
    { "block_layers", leave_no_room_for_a_block, { "over 2 layers", "3 or more, not 2" } },
    { "branch", fix_up_a_plain_network, { "branch = fixup", "plain", "residual" } },
    { "branch", skip_plain_layers, { "stochastic_depth = 0.5", "plain has none" } },
    { "dropout", drop_twice, { "dropout = 0.5 and alpha_dropout = 0.1", "two ways" } },
    { "dropout", drop_alpha_of_relu, { "alpha_dropout = 0.1", "selu, not relu" } },
    { "dropout", drop_alpha_of_the_last_layer, { "alpha_dropout = 0.1", "selu, not sigmoid" } },
    { "activation_last", end_before_it_begins, { "sigmoid", "layers 2 to 1" } },
    { "activation_last", end_behind_the_network, { "to 200", "there are layers 1 to" } },
    { "last activation", end_a_block, { "sigmoid is for layer 3 alone", "last_from to 2" } },
    { "recurrent", tie_unlike_layers, { "tanh and maxout", "activation_last to same" } },
    { "mixup", mix_one_example, { "mixup = 1 ", "batch of 1", "batch to 2 or more" } },
    { "shift", shift_no_image, { "shift = 2 ", "gaussian has none", "shift to 0" } },
    { "shift", shift_components, { "preprocess = whitened", "shift to 0", "standardised" } },
    { "shift", shift_too_far, { "shift = 28", "28 x 28", "27 or less" } },
    { "rbm activation", ask_for_a_tanh_rbm, { "activation = sigmoid", "not tanh" } },
    { "rbm activation", ask_for_rbm_before_tanh, { "activation_last = sigmoid", "not tanh" } },
    { "rbm layers", ask_for_a_normalised_rbm, { "normalisation to none", "not layer" } },
    { "rbm layers", ask_for_a_split_rbm, { "connection to plain", "not split" } },
    { "lsuv", ask_for_normalised_lsuv, { "normalisation = batch", "to orthogonal" } },
    { "lsuv", ask_for_recurrent_lsuv, { "connection = recurrent", "another connection" } },
    { "lsuv", ask_for_lsuv_with_fixup, { "branch = fixup", "another branch" } },
    { "lsuv", ask_for_lsuv_with_biases, { "bias_sd = 0.5", "bias_sd to 0" } },
    { "rbm inputs", ask_for_rbm_on_normals, { "within 0 to 1", "gaussian", "another init" } },
    { "rbm inputs", ask_for_rbm_on_standardised, { "within 0 to 1", "= standardised", "= unit" } },
    { "rbm inputs", ask_for_rbm_with_noise, { "within 0 to 1", "= noisy_xor" } },
    { "memory", ask_for_too_much, { "needs ", "are free", "fewer or narrower layers" } },
};

static void describe(const struct experiment *experiment, struct dataset_shape *shape) {
    struct dataset_settings data = experiment_data(experiment);
    char problem[DATASET_PROBLEM];
    assert_true(dataset_describe(&data, shape, problem));
}

/* The first check that fails, by name; NULL if none does. */
static const char *first_failure(const struct experiment *experiment, int run) {
    struct dataset_shape shape;
    int count;
    const struct experiment_check *checks = experiment_checks(&count);
    describe(experiment, &shape);
    for (int i = 0; i < count; i++) {
        char problem[EXPERIMENT_PROBLEM] = "";
        const struct experiment_case asked = { .experiment = experiment,
                                               .shape = &shape,
                                               .run = checks[i].per_run ? run : 0 };
        if (!checks[i].passes(&asked, problem)) {
            return checks[i].name;
        }
    }
    return NULL;
}

static void every_check_has_a_case(void **state) {
    (void)state;
    int count;
    const struct experiment_check *checks = experiment_checks(&count);
    for (int i = 0; i < count; i++) {
        bool found = false;
        for (int j = 0; j < ARRAY_LEN(spoiled); j++) {
            found |= strcmp(spoiled[j].check, checks[i].name) == 0;
        }
        if (!found) {
            fail_msg("no experiment here fails the check '%s'", checks[i].name);
        }
    }
    assert_string_equal(checks[count - 1].name, "memory");
}

static bool is_per_run(const char *name) {
    int count;
    const struct experiment_check *checks = experiment_checks(&count);
    for (int i = 0; i < count; i++) {
        if (strcmp(checks[i].name, name) == 0) {
            return checks[i].per_run;
        }
    }
    return false;
}

static void what_is_spoiled_is_refused_with_a_sentence(void **state) {
    (void)state;
    for (int i = 0; i < ARRAY_LEN(spoiled); i++) {
        for (int run = 0; run < 2; run++) {
            struct experiment experiment;
            struct dataset_shape shape;
            char problem[EXPERIMENT_PROBLEM] = "";
            small_experiment(&experiment);
            experiment.compare = run == 1;
            assert_null(first_failure(&experiment, run));
            describe(&experiment, &shape);
            assert_true(experiment_fits(&experiment, &shape, 0, problem));
            spoiled[i].spoil(&experiment, run);
            assert_string_equal(first_failure(&experiment, run), spoiled[i].check);
            describe(&experiment, &shape);
            assert_false(experiment_fits(&experiment, &shape, 0, problem));
            for (int k = 0; k < ARRAY_LEN(spoiled[i].says) && spoiled[i].says[k]; k++) {
                assert_contains(problem, spoiled[i].says[k]);
            }
            assert_true(problem[strlen(problem) - 1] == '.');
            bool names_b = strncmp(problem, "B: ", 3) == 0;
            assert_true(names_b == (run == 1 && is_per_run(spoiled[i].check)));
            experiment.compare = false; // without B its settings do not count
            assert_true(run == 0 || !is_per_run(spoiled[i].check) ||
                        experiment_fits(&experiment, &shape, 0, problem));
        }
    }
}

/* What the sentences advise is enough, and what is just possible is not refused. */
static void what_makes_sense_passes(void **state) {
    (void)state;
    struct experiment experiment;
    small_experiment(&experiment);
    experiment.mixup = 0.2;
    experiment.examples = 8;
    experiment.batch = 2;
    assert_null(first_failure(&experiment, 0));
    experiment.data = DATASET_MNIST;
    experiment.shift = 27;
    experiment.preprocess = PREPROCESS_STANDARDISED;
    assert_null(first_failure(&experiment, 0));
    experiment.shift = 0;
    experiment.preprocess = PREPROCESS_PCA;
    assert_null(first_failure(&experiment, 0));
    experiment.data = DATASET_XOR;
    experiment.mixup = 0.0;
    experiment.batch = 1;
    experiment.input_noise = 0.5;
    assert_null(first_failure(&experiment, 0));
    experiment.preprocess = PREPROCESS_UNIT;
    experiment.run[0].init = INITIALISER_RBM;
    experiment.run[0].activation = ACTIVATION_SIGMOID;
    experiment.run[0].bias_sd = 0.5;
    experiment.run[0].dropout = 0.5;
    experiment.run[0].activation_last = ACTIVATION_SIGMOID;
    assert_null(first_failure(&experiment, 0));
    experiment.run[0].init = INITIALISER_LSUV;
    experiment.run[0].bias_sd = 0.0;
    experiment.run[0].activation_last = ACTIVATION_MAXOUT;
    experiment.run[0].last_from = 2;
    experiment.run[0].connection = CONNECTION_RESIDUAL;
    experiment.run[0].branch = BRANCH_REZERO;
    assert_null(first_failure(&experiment, 0));
    experiment.run[0].branch = BRANCH_ONE;
    experiment.run[0].connection = CONNECTION_SPLIT;
    experiment.run[0].groups = 3;
    assert_null(first_failure(&experiment, 0));
}

/* No run is built on it either, whoever forgot to ask. */
static void no_run_is_built_on_it(void **state) {
    (void)state;
    for (int i = 0; i < ARRAY_LEN(spoiled); i++) {
        struct experiment experiment;
        char problem[EXPERIMENT_PROBLEM] = "", told[EXPERIMENT_PROBLEM] = "";
        small_experiment(&experiment);
        spoiled[i].spoil(&experiment, 0);
        struct dataset nothing = { .kind = (enum dataset_kind)experiment.data };
        describe(&experiment, &nothing.shape);
        assert_false(experiment_fits(&experiment, &nothing.shape, 0, told));
        struct run run, zeroed;
        memset(&zeroed, 0, sizeof zeroed);
        assert_false(run_init(&run, &experiment, &nothing, problem));
        assert_memory_equal(&run, &zeroed, sizeof run);
        assert_contains(problem, spoiled[i].says[0]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_check_has_a_case),
        cmocka_unit_test(what_is_spoiled_is_refused_with_a_sentence),
        cmocka_unit_test(what_makes_sense_passes),
        cmocka_unit_test(no_run_is_built_on_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
