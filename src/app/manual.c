#include "app/manual.h"

#include <stdbool.h>
#include <string.h>

#include "app/command.h"
#include "app/option.h"
#include "base/require.h"

/*
 * Text as it is to be read. A line that began with a dot or a quote would be a request; what is
 * literal, as an option, keeps its dashes and quotes as they are typed.
 */
static void print_text(FILE *out, const char *text, bool literal) {
    bool begins = true;
    for (; *text; text++) {
        if (begins && (*text == '.' || *text == '\'')) {
            fputs("\\&", out);
        }
        begins = *text == '\n';
        if (*text == '\\') {
            fputs("\\e", out);
        } else if (literal && *text == '-') {
            fputs("\\-", out);
        } else if (literal && *text == '\'') {
            fputs("\\(aq", out);
        } else if (literal && *text == '~') {
            fputs("\\(ti", out);
        } else if (literal && *text == '^') {
            fputs("\\(ha", out);
        } else {
            fputc(*text, out);
        }
    }
}

static void print_tagged(FILE *out, const char *tag, const char *argument, const char *about) {
    fputs(".TP\n\\fB", out);
    print_text(out, tag, true);
    fputs("\\fR", out);
    if (argument) {
        fputs(" \\fI", out);
        print_text(out, argument, true);
        fputs("\\fR", out);
    }
    fputc('\n', out);
    print_text(out, about, false);
    fputc('\n', out);
}

static void print_synopsis(FILE *out) {
    fputs(".SH SYNOPSIS\n", out);
    for (int i = 0; i < subcommand_count; i++) {
        fprintf(out, "%s\\fBlayerscope%s%s\\fR %s\n", i ? ".br\n" : "",
                subcommands[i].word[0] ? " " : "", subcommands[i].word, subcommands[i].takes);
    }
    fputs(".br\n\\fBlayerscope\\fR \\fB\\-\\-help\\fR | \\fB\\-\\-version\\fR\n", out);
}

static void print_commands(FILE *out) {
    fputs(".SH COMMANDS\n", out);
    for (int i = 0; i < subcommand_count; i++) {
        const char *word = subcommands[i].word;
        print_tagged(out, word[0] ? word : "layerscope", subcommands[i].takes,
                     subcommands[i].about);
    }
}

static const char *modes_text(int modes) {
    static const struct {
        int modes;
        const char *text;
    } texts[] = {
        { IN_WINDOW, "Only with the window." },
        { IN_RUN, "Only with run." },
        { IN_WATCH, "Only with watch." },
        { IN_LIST, "Only with list." },
        { IN_WINDOW | IN_RUN, "" }, // as the settings
        { IN_RUN | IN_WATCH, "Only with run and watch." },
        { IN_WINDOW | IN_WATCH, "Only with the window and watch." },
        { IN_WINDOW | IN_RUN | IN_WATCH, "Also with watch." },
    };
    for (int i = 0; i < ARRAY_LEN(texts); i++) {
        if (texts[i].modes == modes) {
            return texts[i].text;
        }
    }
    return "";
}

static void print_rows(FILE *out, bool settings) {
    struct option_row rows[OPTION_ROWS];
    int count = option_rows(rows);
    for (int i = 0; i < count; i++) {
        char about[512];
        if ((rows[i].setting != NULL) != settings) {
            continue;
        }
        option_row_about(&rows[i], about, sizeof about);
        print_tagged(out, rows[i].spelled, rows[i].argument, about);
        const char *modes = modes_text(rows[i].modes);
        if (modes[0]) {
            fprintf(out, ".br\n%s\n", modes);
        }
    }
}

static void print_options(FILE *out) {
    fputs(
        ".SH OPTIONS\n"
        "A value follows its option as the next word or behind an equals sign. Where nothing else "
        "is said, an option belongs to the window and to \\fBrun\\fR.\n"
        ".SS Settings\n"
        "They are keys of an experiment file, too, written with underscores; those of the "
        "reference B stand in a section \\fB[b]\\fR. The default stands in parentheses.\n",
        out);
    print_rows(out, true);
    fputs(".SS Other options\n", out);
    print_rows(out, false);
    fputs(".TP\n\\fB\\-h\\fR, \\fB\\-\\-help\\fR\nall options in short\n"
          ".TP\n\\fB\\-\\-version\\fR\nthe version\n",
          out);
}

static bool same_group(int i, int k) {
    return strcmp(commands[i].group, commands[k].group) == 0;
}

/* Under the headings of the help overlay. */
static void print_keys(FILE *out) {
    fputs(".SH KEYS\n", out);
    for (int i = 0; i < COMMAND_COUNT; i++) {
        int first = 0;
        while (!same_group(first, i)) {
            first++;
        }
        for (int k = i; first == i && k < COMMAND_COUNT; k++) {
            if (k == i) {
                fprintf(out, ".SS %s\n", commands[i].group);
            }
            if (same_group(i, k)) {
                print_tagged(out, commands[k].key_label, NULL, commands[k].about);
            }
        }
    }
}

static const struct entry {
    const char *name, *about;
} files[] = {
    { "~/.config/layerscope/presets/*.ini",
      "presets of your own: experiment files, as layerscope list presets shows them" },
    { "~/.local/state/layerscope/window.ini", "how the window stood the last time" },
    { "~/Pictures/layerscope", "what S and E save, unless --screenshots says otherwise" },
    { "../share/layerscope", "beside the folder of the program: MNIST, presets and fonts" },
}, environment[] = {
    { "LAYERSCOPE_DATADIR", "the folder that holds assets and fonts; no other is then looked in" },
    { "XDG_CONFIG_HOME", "instead of ~/.config" },
    { "XDG_STATE_HOME", "instead of ~/.local/state" },
    { "XDG_PICTURES_DIR", "instead of the pictures folder that user-dirs.dirs names" },
    { "DISPLAY", "the X display of the window, before WAYLAND_DISPLAY" },
    { "WAYLAND_DISPLAY", "the Wayland display of the window" },
    { "SDL_VIDEODRIVER", "how SDL is to draw, as in wayland,x11; other variables of SDL hold, too" },
}, statuses[] = {
    { "0", "all went well" },
    { "1", "something failed, or a replayed picture's numbers differ; a sentence says what" },
    { "2", "it was asked for wrongly; a sentence says what would be accepted" },
}, examples[] = {
    { "layerscope", "ReLU with He's weights beside sigmoids with small ones, live" },
    { "layerscope --layers 30 --activation tanh --init xavier", "30 layers of tanh" },
    { "layerscope run --steps 300 --b activation=sigmoid --b init=small --png layers.png",
      "the same comparison after 300 updates as a picture" },
    { "layerscope layers.png", "open the experiment of that picture at its step" },
    { "layerscope run --preset cs231n", "the activation statistics of Stanford's CS231n as a table" },
    { "layerscope run --steps 1000 --every 10 --csv numbers.csv", "every number, every ten updates" },
    { "layerscope run --data digits.csv --epochs 5 --print", "train on a table of your own" },
    { "layerscope watch runs", "the layers of another program's training, as it goes on" },
};

static void print_entries(FILE *out, const char *heading, const struct entry *entries, int count) {
    fprintf(out, ".SH %s\n", heading);
    for (int i = 0; i < count; i++) {
        print_tagged(out, entries[i].name, NULL, entries[i].about);
    }
}

void manual_print(FILE *out) {
    fputs(".TH LAYERSCOPE 1 \"" LAYERSCOPE_DATE "\" \"layerscope " LAYERSCOPE_VERSION
          "\" \"User Commands\"\n"
          ".SH NAME\n"
          "layerscope \\- does the signal survive the depth of my network?\n",
          out);
    print_synopsis(out);
    fputs(".SH DESCRIPTION\n"
          "layerscope trains a deep multi-layer perceptron and draws, layer by layer, what the "
          "activations and the gradients do. Network A is yours; B, where there is one, is trained "
          "beside it on the same mini-batches and differs only in what you changed.\n.PP\n",
          out);
    print_text(out, option_file_about, false);
    print_commands(out);
    print_options(out);
    print_keys(out);
    print_entries(out, "FILES", files, ARRAY_LEN(files));
    print_entries(out, "ENVIRONMENT", environment, ARRAY_LEN(environment));
    print_entries(out, "EXIT STATUS", statuses, ARRAY_LEN(statuses));
    print_entries(out, "EXAMPLES", examples, ARRAY_LEN(examples));
}
