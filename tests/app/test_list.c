#include "base/check.h"

#include <stdio.h>
#include <string.h>

#include "app/command.h"
#include "app/list.h"
#include "app/option.h"
#include "app/options.h"
#include "base/file.h"
#include "base/require.h"
#include "base/text.h"
#include "export/quantity.h"
#include "lab/follow_tags.h"
#include "lab/preset.h"
#include "lab/regulariser.h"
#include "measure/diagnosis.h"

enum { TEXT = 65536 };

static const char *const tables[] = {
    "activations", "initialisers", "normalisations", "connections",    "branches",     "losses",
    "optimizers",  "schedules",    "data",           "preprocessings", "regularisers", "presets",
    "views",       "verdicts",     "quantities",     "keys",           "options",      "patterns"
};

static const char *list(const char *table, bool markdown) {
    static char text[TEXT];
    char problem[OPTIONS_PROBLEM];
    FILE *out = tmpfile();
    assert_non_null(out);
    assert_true(list_print(out, table, markdown, problem));
    rewind(out);
    size_t got = fread(text, 1, sizeof text - 1, out);
    assert_true(got < sizeof text - 1);
    text[got] = '\0';
    fclose(out);
    return text;
}

/* The same without the backslashes that keep a bar from ending a cell. */
static const char *plain(const char *text) {
    static char copy[TEXT];
    size_t length = 0;
    for (; *text; text++) {
        if (text[0] != '\\' || text[1] != '|') {
            copy[length++] = *text;
        }
    }
    copy[length] = '\0';
    return copy;
}

#define ASSERT_ALL(text, table, field)                                                             \
    for (int row = 0; row < ARRAY_LEN(table); row++) {                                             \
        assert_contains(plain(text), (table)[row].field);                                          \
    }

static void every_row_is_listed(void **state) {
    (void)state;
    for (int markdown = 0; markdown < 2; markdown++) {
        for (int i = 0; i < quantity_count; i++) {
            assert_contains(plain(list("quantities", markdown)), quantities[i].name);
            assert_contains(plain(list("quantities", markdown)), quantities[i].about);
        }
        ASSERT_ALL(list("activations", markdown), activations, name);
        ASSERT_ALL(list("activations", markdown), activations, formula);
        ASSERT_ALL(list("initialisers", markdown), initialisers, name);
        ASSERT_ALL(list("initialisers", markdown), initialisers, formula);
        ASSERT_ALL(list("normalisations", markdown), normalisations, name);
        ASSERT_ALL(list("connections", markdown), connections, name);
        ASSERT_ALL(list("branches", markdown), branches, name);
        ASSERT_ALL(list("losses", markdown), losses, name);
        ASSERT_ALL(list("optimizers", markdown), optimisers, name);
        ASSERT_ALL(list("schedules", markdown), schedules, name);
        ASSERT_ALL(list("schedules", markdown), schedules, formula);
        ASSERT_ALL(list("data", markdown), datasets, name);
        ASSERT_ALL(list("data", markdown), datasets, formula);
        ASSERT_ALL(list("preprocessings", markdown), preprocesses, name);
        ASSERT_ALL(list("keys", markdown), commands, key_label);
        int count;
        const struct regulariser_row *rows = regularisers(&count);
        for (int i = 0; i < count; i++) {
            assert_contains(list("regularisers", markdown), rows[i].name);
            assert_contains(list("regularisers", markdown), rows[i].formula);
        }
        for (int i = 0; i < diagnosis_rule_count; i++) {
            assert_contains(list("verdicts", markdown), diagnosis_rules[i].rule);
            assert_contains(list("verdicts", markdown), verdict_names[diagnosis_rules[i].verdict]);
        }
        const struct setting *settings = settings_table(&count);
        for (int i = 0; i < count; i++) {
            assert_contains(list("options", markdown), settings[i].about);
        }
    }
}

/* By name, with title and what it shows. */
static void presets_are_listed(void **state) {
    (void)state;
    struct preset presets[PRESET_MOST];
    int count = preset_list(presets);
    assert_true(count > 0);
    for (int i = 0; i < count; i++) {
        char path[FILE_PATH_MAX], problem[EXPERIMENT_PROBLEM], source[32];
        struct experiment_notes notes;
        preset_path(&presets[i], path, sizeof path);
        assert_true(experiment_read_notes(&notes, path, problem));
        for (int markdown = 0; markdown < 2; markdown++) {
            const char *text = plain(list("presets", markdown));
            assert_contains(text, presets[i].name);
            assert_contains(text, notes.title);
            assert_contains(text, notes.about);
            text_set(source, sizeof source, "Ctrl %d", notes.key);
            assert_true(notes.key == 0 || strstr(text, source));
        }
    }
}

static void patterns_are_listed(void **state) {
    (void)state;
    const char *text = plain(list("patterns", false));
    for (int i = 0; i < FOLLOW_KINDS; i++) {
        assert_contains(text, follow_kinds[i].name);
        for (int k = 0; k < FOLLOW_GLOBS && follow_kinds[i].globs[k]; k++) {
            assert_contains(text, follow_kinds[i].globs[k]);
        }
    }
}

/* By name and tab, with the question and the key that shows it. */
static void views_are_listed(void **state) {
    (void)state;
    static const char *const keys[] = { "1", "2", "3", "4", "5", "T" };
    for (int markdown = 0; markdown < 2; markdown++) {
        const char *text = list("views", markdown);
        for (int i = 0; i < VIEW_COUNT; i++) {
            char key[16];
            text_set(key, sizeof key, "key %s", keys[i]);
            text = strstr(text, views[i].name); // in their order
            assert_non_null(text);
            text = strstr(text, views[i].label);
            assert_non_null(text);
            text = strstr(text, views[i].about);
            assert_non_null(text);
            text = strstr(text, key);
            assert_non_null(text);
        }
    }
}

static void the_tables_are_listed(void **state) {
    (void)state;
    for (int i = 0; i < ARRAY_LEN(tables); i++) {
        assert_contains(list(NULL, false), tables[i]);
    }
}

/* Cells are separated by bars, so no cell may have one. */
static int bars(const char *line, size_t length) {
    int count = 0;
    for (size_t i = 0; i < length; i++) {
        count += line[i] == '|' && (i == 0 || line[i - 1] != '\\');
    }
    return count;
}

static void markdown_rows_are_even(void **state) {
    (void)state;
    for (int i = 0; i < ARRAY_LEN(tables); i++) {
        const char *text = list(tables[i], true);
        int columns = bars(text, strcspn(text, "\n")), lines = 0;
        assert_true(columns >= 3);
        for (; *text; text += strcspn(text, "\n") + 1, lines++) {
            assert_int_equal(text[0], '|');
            if (bars(text, strcspn(text, "\n")) != columns) {
                fail_msg("%s: %.*s", tables[i], (int)strcspn(text, "\n"), text);
            }
        }
        assert_true(lines > 2);
    }
}

static void unknown_tables(void **state) {
    (void)state;
    char problem[OPTIONS_PROBLEM] = "";
    FILE *out = tmpfile();
    assert_non_null(out);
    assert_false(list_print(out, "activation", false, problem));
    assert_contains(problem, "'activation'; did you mean 'activations'?");
    for (int i = 0; i < ARRAY_LEN(tables); i++) {
        assert_contains(problem, tables[i]);
    }
    assert_false(list_print(out, "", false, problem));
    assert_contains(problem, "there is no table ''.");
    assert_int_equal(ftell(out), 0);
    fclose(out);
}

/* A page and a list for shells, made from the tables. */
static void what_is_made_of_all_tables(void **state) {
    (void)state;
    static const char *const made[] = { "manual", "words" };
    char problem[OPTIONS_PROBLEM] = "";
    for (int i = 0; i < ARRAY_LEN(made); i++) {
        assert_contains(list(NULL, false), made[i]);
        assert_contains(list(made[i], false), "hard_tanh");
        FILE *out = tmpfile();
        assert_non_null(out);
        assert_false(list_print(out, made[i], true, problem));
        assert_contains(problem, made[i]);
        assert_contains(problem, "is no table");
        assert_int_equal(ftell(out), 0);
        fclose(out);
    }
}

/* Five columns each, none of them empty; every option of a command, once. */
static void words_are_rows_of_five(void **state) {
    (void)state;
    const char *text = list("words", false);
    struct option_row rows[OPTION_ROWS];
    int expected = 3 * subcommand_count, lines = 0, count = option_rows(rows);
    for (int i = 0; i < count; i++) {
        for (int c = 0; c < subcommand_count; c++) {
            expected += rows[i].modes >> subcommands[c].mode & 1;
        }
    }
    for (; *text; text += strcspn(text, "\n") + 1, lines++) {
        int tabs = 0;
        for (const char *c = text; *c != '\n'; c++) {
            tabs += *c == '\t';
            assert_true(*c != '\t' || (c[1] != '\t' && c[1] != '\n'));
        }
        assert_int_equal(tabs, 4);
    }
    assert_int_equal(lines, expected);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_listed),    cmocka_unit_test(presets_are_listed),
        cmocka_unit_test(patterns_are_listed),    cmocka_unit_test(views_are_listed),
        cmocka_unit_test(the_tables_are_listed),  cmocka_unit_test(markdown_rows_are_even),
        cmocka_unit_test(unknown_tables),         cmocka_unit_test(what_is_made_of_all_tables),
        cmocka_unit_test(words_are_rows_of_five),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
