/* options_help.c - what is printed of the command line: --help, and the list of its options. */
#include "app/option.h"
#include "base/text.h"

static void print_rows(FILE *out, bool markdown, bool settings, bool options) {
    struct option_row rows[OPTION_ROWS];
    int count = option_rows(rows);
    for (int i = 0; i < count; i++) {
        const struct option_row *row = &rows[i];
        char spelled[96], about[512];
        if (row->setting ? !settings : !options) {
            continue;
        }
        text_set(spelled, sizeof spelled, "%s%s%s", row->spelled, row->argument ? " " : "",
                 row->argument ? row->argument : "");
        option_row_about(row, about, sizeof about);
        if (markdown) {
            fprintf(out, "| `%s` | %s |\n", spelled, about);
        } else {
            fprintf(out, "  %-26s %s\n", spelled, about);
        }
    }
}

void options_list(FILE *out, bool markdown) {
    if (markdown) {
        fprintf(out, "| option | meaning (default) |\n| --- | --- |\n");
    }
    print_rows(out, markdown, true, true);
}

void options_help(FILE *out) {
    fputs("layerscope - does the signal survive the depth of my network?\n\n", out);
    for (int i = 0; i < subcommand_count; i++) {
        const struct subcommand *command = &subcommands[i];
        char synopsis[64];
        text_set(synopsis, sizeof synopsis, "layerscope %s%s%s", command->word,
                 command->word[0] ? " " : "", command->takes);
        fprintf(out, "  %-34s %s\n", synopsis, command->about);
    }
    fprintf(out,
            "  layerscope --help | --version\n\n%s\n"
            "Settings, also keys of an INI file (B's stand in a section [b]):\n",
            option_file_about);
    print_rows(out, false, true, false);
    fputs("\nOther options:\n", out);
    print_rows(out, false, false, true);
    fputs("\nKeys: layerscope list keys, or ? in the window.\n"
          "Exit status: 0 done, 1 failed or a replayed picture's numbers differ, 2 wrong use;\n"
          "ended by Ctrl+C or a signal, with what there was by then written: 128 + its number.\n",
          out);
}
