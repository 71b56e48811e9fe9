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

/* One row per check: how a small experiment comes to fail it, and what the sentence must say. */
static const struct spoiled {
    const char *check;
    void (*spoil)(struct experiment *experiment, int run);
    const char *says[3];
} spoiled[] = {
    { "rbm activation", ask_for_a_tanh_rbm, { "activation = sigmoid", "not tanh" } },
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
        cmocka_unit_test(no_run_is_built_on_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
