#include "app/list.h"

#include <assert.h>

#include "app/command.h"
#include "app/completion.h"
#include "app/manual.h"
#include "app/options.h"
#include "base/file.h"
#include "base/require.h"
#include "base/text.h"
#include "export/quantity.h"
#include "lab/follow_tags.h"
#include "lab/preset.h"
#include "lab/regulariser.h"
#include "measure/diagnosis.h"

/* A bar, as in |z|, would end the cell. */
static void print_cell(FILE *out, const char *text) {
    for (; *text; text++) {
        fprintf(out, *text == '|' ? "\\%c" : "%c", *text);
    }
    fprintf(out, " |");
}

static void print_row(FILE *out, bool markdown, const char *name, const char *formula,
                      const char *about, const char *source) {
    if (markdown) {
        fprintf(out, "| `%s` | ", name);
        print_cell(out, formula);
        fprintf(out, " ");
        print_cell(out, about);
        fprintf(out, " ");
        print_cell(out, source ? source : "");
        fprintf(out, "\n");
    } else {
        fprintf(out, "  %-20s %s\n  %-20s %s\n", name, formula, "", about);
        if (source) {
            fprintf(out, "  %-20s %s\n", "", source);
        }
    }
}

static void head(FILE *out, bool markdown) {
    if (markdown) {
        fprintf(out, "| name | formula | what it is | source |\n| --- | --- | --- | --- |\n");
    }
}

// Rows of different tables share these fields by name, not by type.
#define PRINT_TABLE(out, markdown, table) PRINT_ROWS(out, markdown, table, ARRAY_LEN(table))
#define PRINT_ROWS(out, markdown, table, count)                                                    \
    do {                                                                                           \
        head(out, markdown);                                                                       \
        for (int i = 0; i < (count); i++) {                                                        \
            print_row(out, markdown, (table)[i].name, (table)[i].formula, (table)[i].about,        \
                      (table)[i].source);                                                          \
        }                                                                                          \
    } while (0)

static void list_activations(FILE *out, bool markdown) {
    PRINT_TABLE(out, markdown, activations);
}

static void list_initialisers(FILE *out, bool markdown) {
    PRINT_TABLE(out, markdown, initialisers);
}

static void list_normalisations(FILE *out, bool markdown) {
    PRINT_TABLE(out, markdown, normalisations);
}

static void list_connections(FILE *out, bool markdown) {
    PRINT_TABLE(out, markdown, connections);
}

static void list_branches(FILE *out, bool markdown) {
    PRINT_TABLE(out, markdown, branches);
}

static void list_losses(FILE *out, bool markdown) {
    PRINT_TABLE(out, markdown, losses);
}

static void list_optimisers(FILE *out, bool markdown) {
    PRINT_TABLE(out, markdown, optimisers);
}

static void list_schedules(FILE *out, bool markdown) {
    PRINT_TABLE(out, markdown, schedules);
}

static void list_datasets(FILE *out, bool markdown) {
    PRINT_TABLE(out, markdown, datasets);
}

static void list_preprocesses(FILE *out, bool markdown) {
    PRINT_TABLE(out, markdown, preprocesses);
}

static void list_regularisers(FILE *out, bool markdown) {
    int count;
    const struct regulariser_row *rows = regularisers(&count);
    PRINT_ROWS(out, markdown, rows, count);
}

static void list_patterns(FILE *out, bool markdown) {
    head(out, markdown);
    for (int i = 0; i < FOLLOW_KINDS; i++) {
        const struct follow_kind_row *row = &follow_kinds[i];
        char globs[512] = "";
        for (int k = 0; k < FOLLOW_GLOBS && row->globs[k]; k++) {
            text_append(globs, sizeof globs, "%s%s", k > 0 ? "  " : "", row->globs[k]);
        }
        print_row(out, markdown, row->name, globs, row->about, NULL);
    }
}

static void list_verdicts(FILE *out, bool markdown) {
    head(out, markdown);
    for (int i = 0; i < diagnosis_rule_count; i++) {
        const struct diagnosis_rule *rule = &diagnosis_rules[i];
        print_row(out, markdown, verdict_names[rule->verdict], rule->rule, "threshold from",
                  rule->source);
    }
}

/* One that cannot be read is listed with the reason. */
static void list_presets(FILE *out, bool markdown) {
    struct preset presets[PRESET_MOST];
    int count = preset_list(presets);
    if (markdown) {
        fprintf(out, "| name | title | what it shows | key or file |\n| --- | --- | --- | --- |\n");
    }
    for (int i = 0; i < count; i++) {
        char path[FILE_PATH_MAX], problem[EXPERIMENT_PROBLEM], source[FILE_PATH_MAX + 16] = "";
        struct experiment_notes notes;
        preset_path(&presets[i], path, sizeof path);
        bool good = experiment_read_notes(&notes, path, problem);
        if (notes.key > 0) {
            text_set(source, sizeof source, "Ctrl %d", notes.key);
        }
        if (presets[i].own) {
            text_append(source, sizeof source, "%s%s", source[0] ? ", " : "", path);
        }
        print_row(out, markdown, presets[i].name, notes.title, good ? notes.about : problem,
                  source[0] ? source : NULL);
    }
}

static void list_views(FILE *out, bool markdown) {
    if (markdown) {
        fprintf(out,
                "| name | view | the question it answers | key |\n| --- | --- | --- | --- |\n");
    }
    for (int i = 0; i < VIEW_COUNT; i++) {
        char key[32];
        text_set(key, sizeof key, "key %s", command_view_key((enum view_id)i));
        print_row(out, markdown, views[i].name, views[i].label, views[i].about, key);
    }
}

static void list_quantities(FILE *out, bool markdown) {
    static const char *const scopes[QUANTITY_SCOPES] = {
        [QUANTITY_OF_STEP] = "step",
        [QUANTITY_OF_RUN] = "run",
        [QUANTITY_OF_HIDDEN] = "hidden layer",
        [QUANTITY_OF_LAYER] = "layer",
    };
    if (markdown) {
        fprintf(out, "| name | of each | what it is | unit |\n| --- | --- | --- | --- |\n");
    }
    for (int i = 0; i < quantity_count; i++) {
        const struct quantity *quantity = &quantities[i];
        print_row(out, markdown, quantity->name, scopes[quantity->scope], quantity->about,
                  quantity->unit[0] ? quantity->unit : NULL);
    }
    for (int i = 0; i < quantity_special_count; i++) {
        const struct quantity_special *special = &quantity_specials[i];
        char name[64];
        text_set(name, sizeof name, "….%s", special->name);
        print_row(out, markdown, name,
                  special->kind == QUANTITY_HISTOGRAM ? "histogram" : "logarithmic histogram",
                  special->about, "entries");
    }
}

struct list {
    const char *name;
    const char *about;
    void (*print)(FILE *out, bool markdown);
    void (*write)(FILE *out); // instead: it is no table, but made from all of them
};

static const struct list lists[] = {
    { "activations", "--activation, key A", .print = list_activations },
    { "initialisers", "--init, key I", .print = list_initialisers },
    { "normalisations", "--normalisation, key N", .print = list_normalisations },
    { "connections", "--connection, key K", .print = list_connections },
    { "branches", "--branch, of residual connections", .print = list_branches },
    { "losses", "--loss", .print = list_losses },
    { "optimizers", "--optimizer, key O", .print = list_optimisers },
    { "schedules", "--schedule", .print = list_schedules },
    { "data", "--data, key D", .print = list_datasets },
    { "preprocessings", "--preprocess", .print = list_preprocesses },
    { "regularisers", "the settings of these names; 0 is off", .print = list_regularisers },
    { "patterns", "--pattern of watch: tags of event files", .print = list_patterns },
    { "presets", "--preset, keys Ctrl 1 to 9", .print = list_presets },
    { "views", "--view, keys 1 to 5 and T", .print = list_views },
    { "verdicts", "the rules behind the words", .print = list_verdicts },
    { "quantities", "what --csv, --json and --npz --every tell", .print = list_quantities },
    { "keys", "the keys of the window", .print = command_list },
    { "options", "the command line", .print = options_list },
    { "manual", "the manual page: layerscope list manual | man -l -", .write = manual_print },
    { "words", "what shells complete, between tabs", .write = completion_print },
};

int list_names(const char *names[LIST_MOST]) {
    static_assert(ARRAY_LEN(lists) <= LIST_MOST, "LIST_MOST is too small");
    for (int i = 0; i < ARRAY_LEN(lists); i++) {
        names[i] = lists[i].name;
    }
    return ARRAY_LEN(lists);
}

bool list_print(FILE *out, const char *table, bool markdown, char *problem) {
    if (!table) {
        for (int i = 0; i < ARRAY_LEN(lists); i++) {
            fprintf(out, "  %-14s %s\n", lists[i].name, lists[i].about);
        }
        fprintf(out, "layerscope list NAME shows one.\n");
        return true;
    }
    const char *names[LIST_MOST];
    int index = text_find(table, names, list_names(names));
    if (index < 0) {
        char joined[256];
        text_join(joined, sizeof joined, names, ARRAY_LEN(lists));
        text_set(problem, OPTIONS_PROBLEM, "list: there is no table '%.60s'", table);
        text_suggest(problem, OPTIONS_PROBLEM, table, names, ARRAY_LEN(lists));
        text_append(problem, OPTIONS_PROBLEM, " It knows: %s.", joined);
        return false;
    }
    if (lists[index].write && markdown) {
        text_set(problem, OPTIONS_PROBLEM, "list: '%s' is no table that --markdown could print.",
                 lists[index].name);
        return false;
    }
    if (lists[index].write) {
        lists[index].write(out);
    } else {
        lists[index].print(out, markdown);
    }
    return true;
}
