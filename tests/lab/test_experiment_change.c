#include "base/check.h"

#include "lab.h"
#include "lab/experiment_change.h"

static const char *told(const struct experiment *from, const struct experiment *to, bool swapped) {
    static char text[300];
    experiment_describe_change(from, to, swapped, text, sizeof text);
    return text;
}

static const char *change_of(const struct experiment *from, const struct experiment *to) {
    return told(from, to, false);
}

static void a_change_is_told_in_few_words(void **state) {
    (void)state;
    struct experiment from, to;
    small_experiment(&from);
    to = from;
    assert_string_equal(change_of(&from, &to), "");
    to.run[0].activation = ACTIVATION_RELU;
    assert_string_equal(change_of(&from, &to), "tanh → ReLU");
    to.run[0].learning_rate = 0.01;
    to.batch = 32;
    assert_string_equal(change_of(&from, &to), "tanh → ReLU, learning rate 0.01, batch 32");
    to = from;
    to.run[1].learning_rate = 3.0; // of a B that is not there
    assert_string_equal(change_of(&from, &to), "");
}

static void twins_are_told_apart(void **state) {
    (void)state;
    struct experiment from, to;
    small_experiment(&from);
    experiment_pin(&from);
    to = from;
    to.run[0].optimizer = OPTIMISER_ADAM;
    to.run[1].dropout = 0.5;
    to.input_noise = 0.1;
    assert_string_equal(change_of(&from, &to), "A: SGD → Adam, input noise 0.1, B: dropout 0.5");
    assert_string_equal(told(&from, &from, true), "A ↔ B");
    assert_string_equal(told(&from, &to, true),
                        "A ↔ B, A: SGD → Adam, input noise 0.1, B: dropout 0.5");
}

/* A value that several settings have, or that is a plain word, comes with the setting's name. */
static void values_that_do_not_speak_are_named(void **state) {
    (void)state;
    struct experiment from, to;
    small_experiment(&from);
    to = from;
    to.run[0].activation_last = ACTIVATION_LINEAR;
    assert_string_equal(change_of(&from, &to), "activation last same → linear");
    to = from;
    to.run[0].schedule = SCHEDULE_COSINE;
    assert_string_equal(change_of(&from, &to), "schedule constant → cosine");
    to = from;
    to.run[0].normalisation = NORMALISATION_BATCH;
    assert_string_equal(change_of(&from, &to), "no norm → batch norm");
}

static void a_lead_is_what_a_does_otherwise(void **state) {
    (void)state;
    struct experiment experiment;
    char text[200];
    small_experiment(&experiment);
    experiment_pin(&experiment);
    experiment_describe_lead(&experiment, 3, text, sizeof text);
    assert_string_equal(text, "");
    experiment.run[0].activation = ACTIVATION_RELU;
    experiment.run[1].activation_last = ACTIVATION_LINEAR;
    experiment.run[1].init = INITIALISER_HE;
    experiment.run[1].learning_rate = 3.0;
    experiment_describe_lead(&experiment, 3, text, sizeof text);
    assert_string_equal(text, "ReLU, activation last same, Xavier");
    experiment.run[1] = experiment.run[0];
    experiment.run[0].branch = BRANCH_DEPTH;
    experiment.run[0].learning_rate = 0.25;
    experiment_describe_lead(&experiment, 3, text, sizeof text);
    assert_string_equal(text, "branch s = 1/√blocks, learning rate 0.25");
}

/* A setting that is live goes on, whatever its value; any other is named. */
static void the_table_says_what_goes_on(void **state) {
    (void)state;
    struct experiment from;
    small_experiment(&from);
    experiment_pin(&from);
    int count, live = 0;
    const struct setting *table = settings_table(&count);
    for (int i = 0; i < count; i++) {
        for (int run = 0; run < (table[i].per_run ? 2 : 1); run++) {
            struct experiment to = from;
            char problem[EXPERIMENT_PROBLEM] = "";
            if (setting_is_text(&table[i])) {
                assert_true(setting_parse(&to, run, &table[i], "elsewhere", problem));
            } else if (!setting_step(&to, run, &table[i], 1)) {
                assert_true(setting_step(&to, run, &table[i], -1));
            }
            assert_int_equal(experiment_goes_on(&from, &to, problem), table[i].live);
            if (!table[i].live) {
                assert_contains(problem, table[i].name);
            }
            live += table[i].live;
        }
    }
    assert_true(live > 0);
}

static void weights_keep_their_shape(void **state) {
    (void)state;
    struct experiment from, to;
    char problem[EXPERIMENT_PROBLEM] = "";
    small_experiment(&from);
    to = from;
    for (int which = 0; which < ACTIVATION_COUNT; which++) {
        to.run[0].activation = which;
        assert_int_equal(experiment_goes_on(&from, &to, problem), which != ACTIVATION_MAXOUT);
        assert_int_equal(experiment_goes_on(&to, &from, problem), which != ACTIVATION_MAXOUT);
    }
    assert_contains(problem, "Maxout");
    to = from;
    to.run[0].activation_last = ACTIVATION_MAXOUT;
    assert_false(experiment_goes_on(&from, &to, problem));
}

static void b_comes_and_goes_with_a_restart(void **state) {
    (void)state;
    struct experiment from, to;
    char problem[EXPERIMENT_PROBLEM] = "";
    small_experiment(&from);
    to = from;
    experiment_pin(&to);
    assert_false(experiment_goes_on(&from, &to, problem));
    assert_contains(problem, "B comes and goes");
    assert_false(experiment_goes_on(&to, &from, problem));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_change_is_told_in_few_words),
        cmocka_unit_test(twins_are_told_apart),
        cmocka_unit_test(a_lead_is_what_a_does_otherwise),
        cmocka_unit_test(values_that_do_not_speak_are_named),
        cmocka_unit_test(the_table_says_what_goes_on),
        cmocka_unit_test(weights_keep_their_shape),
        cmocka_unit_test(b_comes_and_goes_with_a_restart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
