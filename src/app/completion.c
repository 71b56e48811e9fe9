#include "app/completion.h"

#include <string.h>

#include "app/list.h"
#include "app/option.h"
#include "base/text.h"
#include "lab/follow_tags.h"
#include "lab/preset.h"

enum { NAMES = 8192 };

/* A setting's; of data a path takes the place of the name. */
static const char *setting_takes(const struct setting *setting) {
    bool named = setting->type == SETTING_NAME;
    return named && strcmp(setting->name, "data") == 0 ? "either"
           : named                                     ? "names"
           : setting->type == SETTING_PATH             ? "file"
                                                       : "text";
}

static const char *option_takes(const struct option *option) {
    static const char *const takes[] = {
        [OPTION_FLAG] = "-",        [OPTION_STRING] = "text",  [OPTION_FILE] = "file",
        [OPTION_FOLDER] = "folder", [OPTION_PRESET] = "names", [OPTION_STEPS] = "text",
        [OPTION_EPOCHS] = "text",   [OPTION_SCALE] = "text",   [OPTION_SIZE] = "text",
        [OPTION_THEME] = "names",   [OPTION_VIEW] = "names",   [OPTION_PANEL] = "names",
        [OPTION_PATTERN] = "key",   [OPTION_B] = "key",
    };
    return takes[option->type];
}

static void append(char *names, const char *name, const char *after) {
    text_append(names, NAMES, "%s%s%s", names[0] ? " " : "", name, after);
}

static void append_presets(char *names) {
    struct preset presets[PRESET_MOST];
    int count = preset_list(presets);
    for (int i = 0; i < count; i++) {
        append(names, presets[i].name, "");
    }
}

/* The KEY= of KEY=VALUE. */
static void append_keys(char *names, enum option_type type) {
    int count;
    const struct setting *table = settings_table(&count);
    for (int i = 0; type == OPTION_B && i < count; i++) {
        if (table[i].per_run) {
            append(names, table[i].name, "=");
        }
    }
    for (int i = 0; type == OPTION_PATTERN && i < FOLLOW_KINDS; i++) {
        append(names, follow_kinds[i].name, "=");
    }
}

static void fill_names(char *names, const struct option_row *row) {
    const char *list[OPTION_NAMES];
    int count = option_row_names(row, list);
    for (int i = 0; i < count; i++) {
        append(names, list[i], "");
    }
    if (row->option) {
        append_keys(names, row->option->type);
    }
    if (row->option && row->option->type == OPTION_PRESET) {
        append_presets(names);
    }
}

static void print_line(FILE *out, const char *command, const char *option, const char *takes,
                       const char *names, const char *about) {
    fprintf(out, "%s\t%s\t%s\t%s\t%s\n", command, option, takes, names[0] ? names : "-", about);
}

static void print_row(FILE *out, const char *command, const struct option_row *row) {
    char names[NAMES] = "";
    fill_names(names, row);
    if (row->setting) {
        print_line(out, command, row->spelled, setting_takes(row->setting), names,
                   row->setting->about);
    } else {
        print_line(out, command, row->spelled, option_takes(row->option), names,
                   row->option->about);
    }
}

/* What stands on the command line without an option before it. */
static void print_word(FILE *out, const char *command, enum mode mode) {
    char names[NAMES] = "";
    const char *tables[LIST_MOST];
    int count = mode == MODE_LIST ? list_names(tables) : 0;
    for (int i = 0; i < count; i++) {
        append(names, tables[i], "");
    }
    for (int i = 0; mode == MODE_WINDOW && i < subcommand_count; i++) {
        if (subcommands[i].word[0]) {
            append(names, subcommands[i].word, "");
        }
    }
    print_line(out, command, "-",
               mode == MODE_LIST     ? "names"
               : mode == MODE_WATCH  ? "folder"
               : mode == MODE_WINDOW ? "either"
                                     : "file",
               names, "what to open");
}

void completion_print(FILE *out) {
    struct option_row rows[OPTION_ROWS];
    int count = option_rows(rows);
    for (int c = 0; c < subcommand_count; c++) {
        const char *command = subcommands[c].word[0] ? subcommands[c].word : "window";
        enum mode mode = subcommands[c].mode;
        print_word(out, command, mode);
        for (int i = 0; i < count; i++) {
            if (rows[i].modes & 1 << mode) {
                print_row(out, command, &rows[i]);
            }
        }
        print_line(out, command, "--help", "-", "", "all options");
        print_line(out, command, "--version", "-", "", "the version");
    }
}
