#include "base/check.h"

#include "lab.h"

/* Every row of the table of settings can be walked through, there and back. */

static const struct setting *table;
static int count;
static struct experiment experiment;

static const char *value_of(const struct setting *row, int run) {
    static char text[2][SETTING_TEXT];
    static int turn;
    turn = !turn;
    setting_print(&experiment, run, row, text[turn], sizeof text[turn]);
    return text[turn];
}

static void give(const char *name, int run, const char *value) {
    char problem[EXPERIMENT_PROBLEM] = "";
    if (!setting_parse(&experiment, run, setting_find(name), value, problem)) {
        fail_msg("%s", problem);
    }
}

static bool is_number(const struct setting *row) {
    return row->type == SETTING_INT || row->type == SETTING_INT64 || row->type == SETTING_DOUBLE;
}

static void names_go_round(void **state) {
    (void)state;
    for (int i = 0; i < count; i++) {
        const struct setting *row = &table[i];
        for (int direction = -1; direction <= 1 && row->type == SETTING_NAME; direction += 2) {
            int first = setting_option(&experiment, 0, row), options = row->option_count;
            for (int turn = 1; turn <= options; turn++) {
                assert_int_equal(setting_step(&experiment, 0, row, direction), options > 1);
                assert_int_equal(setting_option(&experiment, 0, row),
                                 (first + turn * direction + options * options) % options);
            }
        }
    }
}

/* Up to the end, down to the other end, and up again over the same values. */
static void numbers_climb_from_end_to_end_and_back(void **state) {
    (void)state;
    enum { MOST = 256 };
    static char steps[MOST][SETTING_TEXT];
    for (int i = 0; i < count; i++) {
        const struct setting *row = &table[i];
        if (!is_number(row)) {
            continue;
        }
        int rungs = 0;
        while (setting_step(&experiment, 0, row, 1)) {
            assert_true(rungs++ < MOST);
        }
        assert_false(setting_step(&experiment, 0, row, 1));
        rungs = 0;
        do {
            assert_true(rungs < MOST);
            text_set(steps[rungs++], sizeof steps[0], "%s", value_of(row, 0));
        } while (setting_step(&experiment, 0, row, -1));
        assert_true(rungs >= 3 || row->high - row->low < 3);
        assert_true(atof(steps[rungs - 1]) == row->low || row->rungs);
        for (int k = rungs - 1; k > 0; k--) {
            assert_true(atof(steps[k]) < atof(steps[k - 1]));
            assert_string_equal(value_of(row, 0), steps[k]);
            assert_true(setting_step(&experiment, 0, row, 1));
        }
        assert_string_equal(value_of(row, 0), steps[0]);
    }
}

static void rungs_rise_within_the_range(void **state) {
    (void)state;
    for (int i = 0; i < count; i++) {
        const struct setting *row = &table[i];
        assert_true(!row->rungs == !row->rung_count && (!row->rungs || is_number(row)));
        for (int k = 0; k < row->rung_count; k++) {
            assert_true(row->rungs[k] >= row->low && row->rungs[k] <= row->high);
            assert_true(k == 0 || row->rungs[k] > row->rungs[k - 1]);
        }
    }
}

static void steps_are_those_people_make(void **state) {
    (void)state;
    static const struct {
        const char *name, *from;
        int direction;
        const char *to;
    } steps[] = {
        { "learning_rate", "0.05", 1, "0.1" },
        { "learning_rate", "0.03", 1, "0.05" },
        { "learning_rate", "0.03", -1, "0.02" },
        { "learning_rate", "1e-06", -1, "0" },
        { "learning_rate", "0", -1, "0" },
        { "learning_rate", "1000000", 1, "1000000" },
        { "momentum", "0.9", 1, "0.95" },
        { "dropout", "0", 1, "0.01" },
        { "mixup", "0", 1, "0.01" },
        { "last_from", "7", 1, "8" },
        { "groups", "2", 1, "4" },
        { "beta2", "0.999", 1, "0.9995" },
        { "beta2", "0.9999", 1, "0.9999" }, // 1 is not accepted
        { "beta2", "0.99995", 1, "0.99995" },
        { "momentum", "0", -1, "0" },
        { "init_scale", "1", 1, "1.1" },
        { "bias", "0", -1, "-0.01" },
        { "layers", "10", 1, "12" },
        { "width", "137", -1, "128" },
        { "batch", "128", 1, "200" },
        { "examples", "0", 1, "10" },
        { "features", "50000", 1, "65536" },
        { "noise", "-1", 1, "0" },
        { "seed", "0", -1, "18446744073709551615" },
        { "seed", "18446744073709551615", 1, "0" },
        { "seed", "9007199254740993", 1, "9007199254740994" }, // beyond a double
    };
    for (int i = 0; i < ARRAY_LEN(steps); i++) {
        const struct setting *row = setting_find(steps[i].name);
        give(steps[i].name, 0, steps[i].from);
        bool moved = setting_step(&experiment, 0, row, steps[i].direction);
        assert_string_equal(value_of(row, 0), steps[i].to);
        assert_int_equal(moved, strcmp(steps[i].from, steps[i].to) != 0);
    }
}

static void b_steps_by_itself(void **state) {
    (void)state;
    const struct setting *row = setting_find("layers");
    experiment_pin(&experiment);
    assert_true(setting_step(&experiment, 1, row, 1));
    assert_string_equal(value_of(row, 0), "10");
    assert_string_equal(value_of(row, 1), "12");
}

static void a_path_has_no_next(void **state) {
    (void)state;
    give("data_path", 0, "/tmp");
    assert_false(setting_step(&experiment, 0, setting_find("data_path"), 1));
    assert_string_equal(experiment.data_path, "/tmp");
}

/* Whatever the values are, one step stays in the range. */
static void steps_from_anywhere_are_accepted(void **state) {
    (void)state;
    for (uint32_t roll = 0; roll < 2000; roll++) {
        random_experiment(&experiment, roll);
        for (int i = 0; i < count; i++) {
            int run = experiment.compare && table[i].per_run;
            double before = is_number(&table[i]) ? atof(value_of(&table[i], run)) : 0;
            int direction = roll % 3 ? 1 : -1;
            bool moved = setting_step(&experiment, run, &table[i], direction); // or it REQUIREs
            if (is_number(&table[i])) {
                double after = atof(value_of(&table[i], run));
                assert_true(moved ? (after - before) * direction > 0 : after == before);
            }
        }
    }
}

static void a_reset_is_the_default(void **state) {
    (void)state;
    struct experiment defaults;
    experiment_defaults(&defaults);
    defaults.compare = true;
    random_experiment(&experiment, 1);
    assert_true(experiment.compare);
    for (int i = 0; i < count; i++) {
        assert_false(setting_changed(&defaults, 0, &table[i]));
        for (int run = 0; run <= table[i].per_run; run++) {
            setting_reset(&experiment, run, &table[i]);
            assert_false(setting_changed(&experiment, run, &table[i]));
            if (setting_step(&experiment, run, &table[i], 1)) {
                assert_true(setting_changed(&experiment, run, &table[i]));
                setting_reset(&experiment, run, &table[i]);
            }
        }
    }
    assert_true(experiment_equal(&experiment, &defaults));
}

static void what_is_accepted_is_said(void **state) {
    (void)state;
    static const char *const rows[][2] = {
        { "layers", "a whole number from 0 to 200" },
        { "momentum", "a number from 0 to below 1" },
        { "seed", "a whole number from 0 to 18446744073709551615" },
        { "data_path", "a path, or nothing" },
        { "activation", "" },
    };
    for (int i = 0; i < ARRAY_LEN(rows); i++) {
        char text[128] = "x";
        setting_accepts(setting_find(rows[i][0]), text, sizeof text);
        assert_string_equal(text, rows[i][1]);
    }
}

/* The names are explained where they are offered. */
static void names_are_described(void **state) {
    (void)state;
    for (int i = 0; i < count; i++) {
        for (int option = 0; table[i].describe && option < table[i].option_count; option++) {
            struct setting_choice choice = table[i].describe(option);
            assert_true(choice.label && choice.label[0] && choice.about && choice.about[0]);
        }
        assert_true(table[i].type == SETTING_NAME || !table[i].describe);
    }
    struct setting_choice relu = setting_find("activation")->describe(ACTIVATION_RELU);
    assert_string_equal(relu.label, "ReLU");
    assert_string_equal(relu.formula, "max(0, z)");
    assert_string_equal(setting_describe(setting_find("activation"), 0).label, "linear");
    assert_string_equal(setting_describe(setting_find("dropout"), 0).label, "dropout");
    assert_null(setting_describe(setting_find("width"), 0).label);
    assert_string_equal(setting_find("loss")->describe(EXPERIMENT_LOSS_AUTO).label, "auto");
}

static void every_group_has_a_name(void **state) {
    (void)state;
    for (int i = 0; i < count; i++) {
        assert_in_range(table[i].group, 0, SETTING_GROUP_COUNT - 1);
    }
    for (int i = 0; i < SETTING_GROUP_COUNT; i++) {
        assert_true(setting_group_names[i][0] != '\0');
    }
}

static int start(void **state) {
    (void)state;
    table = settings_table(&count);
    experiment_defaults(&experiment);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(names_go_round, start),
        cmocka_unit_test_setup(numbers_climb_from_end_to_end_and_back, start),
        cmocka_unit_test_setup(rungs_rise_within_the_range, start),
        cmocka_unit_test_setup(steps_are_those_people_make, start),
        cmocka_unit_test_setup(b_steps_by_itself, start),
        cmocka_unit_test_setup(a_path_has_no_next, start),
        cmocka_unit_test_setup(steps_from_anywhere_are_accepted, start),
        cmocka_unit_test_setup(a_reset_is_the_default, start),
        cmocka_unit_test_setup(what_is_accepted_is_said, start),
        cmocka_unit_test_setup(names_are_described, start),
        cmocka_unit_test_setup(every_group_has_a_name, start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
