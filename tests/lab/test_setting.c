#include "base/check.h"

#include <ctype.h>

#include "lab.h"

/* Every row of the table of settings: what it prints it reads, and what it refuses it explains. */

static const struct setting *table;
static int count;

static void rows_have_all_they_need(void **state) {
    (void)state;
    for (int i = 0; i < count; i++) {
        const struct setting *row = &table[i];
        assert_true(strlen(row->name) > 0 && strlen(row->about) > 0);
        assert_true(row->type == SETTING_NAME ? row->option_count > 0
                    : setting_is_text(row)    ? row->low == 0 && row->high == 0
                                              : row->low < row->high);
        for (int j = 0; j < i; j++) {
            assert_string_not_equal(row->name, table[j].name);
        }
    }
    static const char *const promised[] = {
        "layers",     "width",      "activation",    "init",     "init_scale", "bias",
        "loss",       "optimizer",  "learning_rate", "momentum", "beta1",      "beta2",
        "batch",      "data",       "examples",      "features", "noise",      "data_path",
        "preprocess", "components", "seed",          "bias_sd",  "rbm_epochs", "rbm_rate"
    };
    for (int i = 0; i < ARRAY_LEN(promised); i++) {
        assert_non_null(setting_find(promised[i]));
    }
}

static void rows_are_found_by_any_spelling(void **state) {
    (void)state;
    for (int i = 0; i < count; i++) {
        char dashes[64], capitals[64];
        text_set(dashes, sizeof dashes, "%s", table[i].name);
        text_set(capitals, sizeof capitals, "%s", table[i].name);
        for (char *c = dashes; *c; c++) {
            *c = *c == '_' ? '-' : *c;
        }
        for (char *c = capitals; *c; c++) {
            *c = (char)toupper((unsigned char)*c);
        }
        assert_ptr_equal(setting_find(table[i].name), &table[i]);
        assert_ptr_equal(setting_find(dashes), &table[i]);
        assert_ptr_equal(setting_find(capitals), &table[i]);
    }
    assert_null(setting_find("layer"));
    assert_null(setting_find(""));
    assert_null(setting_find("layers "));
}

/* Print, read into other values, and compare the bits. */
static void assert_round_trip(struct experiment *experiment, int run, const struct setting *row) {
    struct experiment other;
    char text[SETTING_TEXT], problem[EXPERIMENT_PROBLEM] = "";
    experiment_defaults(&other);
    setting_print(experiment, run, row, text, sizeof text);
    if (!setting_parse(&other, run, row, text, problem)) {
        fail_msg("%s = %s: %s", row->name, text, problem);
    }
    assert_memory_equal(setting_field(experiment, run, row), setting_field(&other, run, row),
                        setting_size(row));
}

static void what_is_printed_is_read(void **state) {
    (void)state;
    struct experiment experiment;
    experiment_defaults(&experiment);
    for (uint32_t row = 0; row <= 10000; row++) {
        for (int i = 0; i < count; i++) {
            assert_round_trip(&experiment, 0, &table[i]);
            if (experiment.compare && table[i].per_run) {
                assert_round_trip(&experiment, 1, &table[i]);
            }
        }
        random_experiment(&experiment, row);
    }
}

/* Short where short is exact. */
static void numbers_are_printed_as_people_write_them(void **state) {
    (void)state;
    static const char *const rows[][2] = {
        { "learning_rate", "0.05" }, { "learning_rate", "1e-05" },
        { "learning_rate", "0.1" },  { "init_scale", "1000000" },
        { "bias", "-0.001" },        { "seed", "18446744073709551615" },
        { "examples", "100000000" }, { "batch", "1000000" },
        { "beta2", "0.999" },
    };
    for (int i = 0; i < ARRAY_LEN(rows); i++) {
        struct experiment experiment;
        char text[64], problem[EXPERIMENT_PROBLEM];
        experiment_defaults(&experiment);
        const struct setting *row = setting_find(rows[i][0]);
        assert_true(setting_parse(&experiment, 0, row, rows[i][1], problem));
        setting_print(&experiment, 0, row, text, sizeof text);
        assert_string_equal(text, rows[i][1]);
    }
}

/* Refused for a run, with a sentence that has all that is wanted; nothing changes. */
static void assert_refused_for(const struct setting *row, int run, const char *text,
                               const char *quoted, const char *accepted) {
    struct experiment experiment, before;
    char problem[EXPERIMENT_PROBLEM] = "";
    memset(&experiment, 0, sizeof experiment);
    experiment_defaults(&experiment);
    before = experiment;
    if (setting_parse(&experiment, run, row, text, problem)) {
        fail_msg("%s accepts '%s'", row->name, text);
    }
    assert_memory_equal(&experiment, &before, sizeof before);
    assert_contains(problem, row->name);
    assert_contains(problem, quoted);
    assert_contains(problem, accepted);
    assert_true(problem[strlen(problem) - 1] == '.');
    assert_true(strlen(problem) < EXPERIMENT_PROBLEM - 1);
}

/* Refused with a sentence that names the setting, the value and what is accepted. */
static void assert_refused(const struct setting *row, const char *text, const char *accepted) {
    char quoted[80];
    text_set(quoted, sizeof quoted, "'%.60s'", text);
    for (int run = 0; run <= row->per_run; run++) {
        assert_refused_for(row, run, text, quoted, accepted);
    }
}

static void accept(const struct setting *row, const char *text) {
    struct experiment experiment;
    char problem[EXPERIMENT_PROBLEM] = "";
    experiment_defaults(&experiment);
    if (!setting_parse(&experiment, 0, row, text, problem)) {
        fail_msg("%s", problem);
    }
}

static void what_is_no_number_is_refused(void **state) {
    (void)state;
    static const char *const garbage[] = {
        "",
        "abc",
        "nan",
        "NaN",
        "inf",
        "-inf",
        "infinity",
        "1e999",
        "-1e999",
        " 5",
        "5 ",
        "5x",
        "0x10",
        "--5",
        "1,5",
        "5\n",
        "1e",
        "0.5.5",
        "\xff",
        "nan(1)",
        "1 000",
        "1e+",
        "%s%n",
        "one",
        "+",
        "-",
        ".",
        "e5",
        "99999999999999999999999999999999999999999999999999999999999999999999999999999999",
    };
    for (int i = 0; i < count; i++) {
        for (int g = 0; g < ARRAY_LEN(garbage) && !setting_is_text(&table[i]); g++) {
            bool name = table[i].type == SETTING_NAME;
            assert_refused(&table[i], garbage[g], name ? "It accepts: " : "from ");
        }
        if (table[i].type == SETTING_INT || table[i].type == SETTING_INT64 ||
            table[i].type == SETTING_UINT64) {
            assert_refused(&table[i], "1.5", "a whole number from ");
            assert_refused(&table[i], "1e3", "a whole number from ");
            assert_refused(&table[i], "9223372036854775808000", " to ");
        }
    }
}

/* Both ends of a range are in it, unless it is open, and their neighbours outside are not. */
static void ranges_hold_at_their_ends(void **state) {
    (void)state;
    for (int i = 0; i < count; i++) {
        const struct setting *row = &table[i];
        char text[64], bound[64];
        if (row->type == SETTING_INT || row->type == SETTING_INT64) {
            text_set(text, sizeof text, "%.0f", row->low - 1);
            text_set(bound, sizeof bound, " from %.0f to %.0f.", row->low, row->high);
            assert_refused(row, text, bound);
            text_set(text, sizeof text, "%.0f", row->high + 1);
            assert_refused(row, text, bound);
            text_set(text, sizeof text, "%.0f", row->low);
            accept(row, text);
            text_set(text, sizeof text, "%.0f", row->high);
            accept(row, text);
        } else if (row->type == SETTING_DOUBLE) {
            text_set(text, sizeof text, "%.17g", nextafter(row->low, -1e300));
            text_set(bound, sizeof bound, " from %g to %s%g.", row->low,
                     row->open_high ? "below " : "", row->high);
            assert_refused(row, text, bound);
            text_set(text, sizeof text, "%.17g", nextafter(row->high, 1e300));
            assert_refused(row, text, bound);
            text_set(text, sizeof text, "%.17g", row->low);
            accept(row, text);
            text_set(text, sizeof text, "%.17g", row->high);
            if (row->open_high) {
                assert_refused(row, text, bound);
                text_set(text, sizeof text, "%.17g", nextafter(row->high, row->low));
            }
            accept(row, text);
        }
    }
    const struct setting *seed = setting_find("seed");
    accept(seed, "18446744073709551615");
    accept(seed, "0");
    assert_refused(seed, "18446744073709551616", "from 0 to 18446744073709551615.");
    assert_refused(seed, "-1", "from 0 to 18446744073709551615.");
}

static bool is_name(const struct setting *row, const char *text) {
    for (int option = 0; option < row->option_count; option++) {
        if (strcmp(row->option(option), text) == 0) {
            return true;
        }
    }
    return false;
}

/* All names are read in any case; a name with a letter missing gives the name that was meant. */
static void names_are_read_and_guessed(void **state) {
    (void)state;
    for (int i = 0; i < count; i++) {
        const struct setting *row = &table[i];
        for (int option = 0; row->type == SETTING_NAME && option < row->option_count; option++) {
            const char *name = row->option(option);
            struct experiment experiment;
            char problem[EXPERIMENT_PROBLEM], text[64], wanted[80];
            experiment_defaults(&experiment);
            text_set(text, sizeof text, "%s", name);
            text[0] = (char)toupper((unsigned char)text[0]);
            assert_true(setting_parse(&experiment, 0, row, text, problem));
            int index;
            memcpy(&index, setting_field(&experiment, 0, row), sizeof index);
            assert_int_equal(index, option);
            text_set(text, sizeof text, "%.*s", (int)strlen(name) - 1, name);
            text_set(wanted, sizeof wanted, "did you mean '%s'?", name);
            if (is_name(row, text)) { // adamw without its w
                accept(row, text);
            } else {
                assert_refused(row, text, strlen(text) > 1 ? wanted : name); // no guess from one
            }
            text_set(text, sizeof text, "%sx", name);
            assert_refused(row, text, wanted);
        }
    }
    assert_refused(setting_find("activation"), "zzzzzz", "there is no 'zzzzzz'. It accepts: ");
}

/* Any path, but for those that come back from an experiment file as another one. */
static void paths_are_what_a_file_can_hold(void **state) {
    (void)state;
    const struct setting *row = setting_find("data_path");
    char text[DATASET_PATH + 1];
    memset(text, 'x', sizeof text);
    text[DATASET_PATH - 1] = '\0';
    static const char *const fine[] = { "",        "/a b/c", "~/é", "a;b", "= [b] # \"c\"",
                                        "100%s%n", "\xff" };
    for (int i = 0; i <= ARRAY_LEN(fine); i++) {
        const char *path = i < ARRAY_LEN(fine) ? fine[i] : text;
        struct experiment experiment;
        char problem[EXPERIMENT_PROBLEM] = "", back[SETTING_TEXT];
        experiment_defaults(&experiment);
        assert_true(setting_parse(&experiment, 0, row, path, problem));
        assert_string_equal(experiment.data_path, path);
        setting_print(&experiment, 0, row, back, sizeof back);
        assert_string_equal(back, path);
    }
    static const char *const wrong[] = { " a", "a ", " ", ";a", "a ;b", "a\nb", "a\tb", "\x7F" };
    for (int i = 0; i < ARRAY_LEN(wrong); i++) {
        assert_refused(row, wrong[i], "an experiment file cannot hold ");
    }
    char shown[80];
    text[DATASET_PATH - 1] = 'x';
    text[DATASET_PATH] = '\0';
    text_set(shown, sizeof shown, "%.60s...", text);
    assert_refused_for(row, 0, text, shown,
                       "has 184 bytes, but an experiment file holds 183 at most");
}

static void what_both_share_is_set_for_a(void **state) {
    (void)state;
    for (int i = 0; i < count; i++) {
        struct experiment experiment, before;
        char problem[EXPERIMENT_PROBLEM] = "";
        memset(&experiment, 0, sizeof experiment);
        experiment_defaults(&experiment);
        before = experiment;
        char lowest[32];
        text_set(lowest, sizeof lowest, "%.0f", table[i].low);
        const char *text = table[i].type == SETTING_NAME ? table[i].option(0) : lowest;
        if (!table[i].per_run) {
            assert_false(setting_parse(&experiment, 1, &table[i], text, problem));
            assert_contains(problem, table[i].name);
            assert_contains(problem, "A and B share it");
            assert_memory_equal(&experiment, &before, sizeof before);
        } else if (!table[i].open_high) {
            assert_true(setting_parse(&experiment, 1, &table[i], text, problem));
            assert_memory_equal(&experiment.run[0], &before.run[0], sizeof before.run[0]);
        }
    }
}

static const char *idle_of(const struct experiment *experiment, const char *name) {
    static char reason[EXPERIMENT_PROBLEM];
    bool idle = setting_is_idle(experiment, 0, setting_find(name), reason);
    return idle ? reason : "";
}

static void what_has_no_effect_says_why(void **state) {
    (void)state;
    struct experiment experiment;
    experiment_defaults(&experiment);
    assert_string_equal(idle_of(&experiment, "learning_rate"), "");
    assert_string_equal(idle_of(&experiment, "momentum"),
                        "only with optimizer = momentum, nesterov");
    experiment.run[0].optimizer = OPTIMISER_NESTEROV;
    assert_string_equal(idle_of(&experiment, "momentum"), "");
    assert_string_equal(idle_of(&experiment, "beta2"), "only with optimizer = adam, adamw");
    assert_string_equal(idle_of(&experiment, "leak"), "only with activation = leaky_relu");
    experiment.run[0].activation_last = ACTIVATION_LEAKY_RELU;
    assert_string_equal(idle_of(&experiment, "leak"), "");
    assert_string_equal(idle_of(&experiment, "last_from"), "");
    experiment.run[0].activation_last = EXPERIMENT_SAME_ACTIVATION;
    assert_string_equal(idle_of(&experiment, "last_from"), "not with activation_last = same");
    assert_string_equal(idle_of(&experiment, "schedule_factor"), "only with schedule = step");
    assert_string_equal(idle_of(&experiment, "schedule_period"), "not with schedule = constant");
    assert_string_equal(idle_of(&experiment, "components"), "only with preprocess = pca, whitened");
}

/* The network's sizes and constants, and what the data set is asked for. */
static bool same_training(const struct experiment *a, const struct experiment *b) {
    const struct dataset_shape shape = { .features = 9, .classes = 3, .examples = 100 };
    struct network_config left = experiment_network(a, 0, &shape),
                          right = experiment_network(b, 0, &shape);
    struct dataset_settings from = experiment_data(a), to = experiment_data(b);
    left.connection.branch = right.connection.branch; // of residual connections alone, as these
    left.connection.span = right.connection.span;
    left.connection.groups = right.connection.groups;
    left.noise.stochastic_depth = right.noise.stochastic_depth;
    left.noise.alpha_dropout = right.noise.alpha_dropout;
    bool period = schedules[left.optimiser.schedule.which].factor(&left.optimiser.schedule, 77) ==
                  schedules[right.optimiser.schedule.which].factor(&right.optimiser.schedule, 77);
    left.optimiser.schedule = right.optimiser.schedule;
    struct update_constants one = optimiser_constants(&left.optimiser, PARAMETER_PENALISED, 1.0, 5);
    struct update_constants two =
        optimiser_constants(&right.optimiser, PARAMETER_PENALISED, 1.0, 5);
    return period && left.phi.leak == right.phi.leak && left.phi.pieces == right.phi.pieces &&
           left.exception.first == right.exception.first &&
           left.exception.last == right.exception.last && memcmp(&one, &two, sizeof one) == 0 &&
           dataset_settings_equal(&from, &to);
}

/* What is called idle changes nothing that a run is made of; what it waits for changes that. */
static void what_is_idle_changes_nothing(void **state) {
    (void)state;
    int idle = 0;
    for (int i = 0; i < count; i++) {
        const struct setting *need = table[i].need.of ? setting_find(table[i].need.of) : NULL;
        for (int option = 0; need && option < need->option_count; option++) {
            struct experiment experiment, other;
            char reason[EXPERIMENT_PROBLEM];
            experiment_defaults(&experiment);
            assert_true(setting_parse(&experiment, 0, need, need->option(option), reason));
            other = experiment;
            if (setting_is_text(&table[i])) {
                assert_true(setting_parse(&other, 0, &table[i], "elsewhere", reason));
            } else if (!setting_step(&other, 0, &table[i], 1)) {
                assert_true(setting_step(&other, 0, &table[i], -1));
            }
            if (setting_is_idle(&experiment, 0, &table[i], reason)) {
                assert_true(same_training(&experiment, &other));
                idle++;
            }
        }
    }
    assert_true(idle > 50);
}

int main(void) {
    table = settings_table(&count);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_have_all_they_need),
        cmocka_unit_test(rows_are_found_by_any_spelling),
        cmocka_unit_test(what_is_printed_is_read),
        cmocka_unit_test(numbers_are_printed_as_people_write_them),
        cmocka_unit_test(what_is_no_number_is_refused),
        cmocka_unit_test(ranges_hold_at_their_ends),
        cmocka_unit_test(names_are_read_and_guessed),
        cmocka_unit_test(paths_are_what_a_file_can_hold),
        cmocka_unit_test(what_has_no_effect_says_why),
        cmocka_unit_test(what_is_idle_changes_nothing),
        cmocka_unit_test(what_both_share_is_set_for_a),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
