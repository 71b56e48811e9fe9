/* option.c - the table, and what is printed from it. */
#include "app/option.h"

#include <string.h>

#include "base/require.h"
#include "base/text.h"

const struct option option_table[] = {
    { "b", OPTION_B, 0, IN_WINDOW | IN_RUN, "KEY=VALUE",
      "add B, a copy of A in which KEY differs; repeatable" },
    { "preset", OPTION_STRING, offsetof(struct options, preset), IN_WINDOW | IN_RUN, "NAME",
      "start from a preset: layerscope list presets" },
    { "case", OPTION_STRING, offsetof(struct options, only_case), IN_WINDOW | IN_RUN, "NAME",
      "only this one of the cases of a preset or file" },
    { "load", OPTION_STRING, offsetof(struct options, load), IN_WINDOW | IN_RUN, "FILE",
      "begin with the weights of an .npz that --save wrote, or another program; alone it goes on "
      "with the experiment that they are of" },
    { "steps", OPTION_COUNT, offsetof(struct options, steps), IN_RUN, "N",
      "updates before the pass that is measured (as the preset says, else 0: the first weights)" },
    { "epochs", OPTION_EPOCHS, offsetof(struct options, epochs), IN_RUN, "N",
      "the same in passes over the training examples" },
    { "every", OPTION_COUNT, offsetof(struct options, every), IN_RUN, "K",
      "also measure steps 0, K, 2 K, ...: more rows of --csv, a line each of --json, --npz of "
      "what was measured, stacked" },
    { "print", OPTION_FLAG, offsetof(struct options, print), IN_RUN | IN_WATCH, NULL,
      "print a table, one row per layer" },
    { "png", OPTION_STRING, offsetof(struct options, png), IN_RUN | IN_WATCH, "FILE",
      "write the picture of the window" },
    { "svg", OPTION_STRING, offsetof(struct options, svg), IN_RUN, "FILE",
      "write the same picture as lines, shapes and text" },
    { "frames", OPTION_STRING, offsetof(struct options, frames), IN_RUN, "FOLDER",
      "write the picture of every step that --every measures: frame_000001.png, ..." },
    { "film", OPTION_STRING, offsetof(struct options, film), IN_RUN, "FILE",
      "write the same pictures as an MP4 film, 30 a second; needs ffmpeg" },
    { "csv", OPTION_STRING, offsetof(struct options, csv), IN_RUN, "FILE",
      "write every number as a row: case, run, step, layer, quantity, low, high, value" },
    { "json", OPTION_STRING, offsetof(struct options, json), IN_RUN, "FILE",
      "write every number of the measured pass, of all cases" },
    { "tensorboard", OPTION_STRING, offsetof(struct options, tensorboard), IN_RUN, "FOLDER",
      "write scalars and per-layer histograms as event files: runs A and B in it" },
    { "npz", OPTION_STRING, offsetof(struct options, npz), IN_RUN, "FILE",
      "write A's arrays for NumPy" },
    { "save", OPTION_STRING, offsetof(struct options, save), IN_RUN, "FILE",
      "write all that was learned as .npz: --load goes on from there, NumPy reads it" },
    { "code", OPTION_STRING, offsetof(struct options, code), IN_RUN, "FILE",
      "write A as Python lines for PyTorch: the same shapes, initialiser, loss and optimizer" },
    { "size", OPTION_SIZE, 0, IN_WINDOW | IN_RUN | IN_WATCH, "WxH",
      "of the window or picture in points (1440x900)" },
    { "scale", OPTION_SCALE, offsetof(struct options, scale), IN_WINDOW | IN_RUN | IN_WATCH, "S",
      "pixels per point, 0.5 to 4" },
    { "theme", OPTION_THEME, offsetof(struct options, theme), IN_WINDOW | IN_RUN | IN_WATCH, "NAME",
      "dark, light or print; a picture of the textbook is print" },
    { "view", OPTION_VIEW, offsetof(struct options, view), IN_WINDOW | IN_RUN | IN_WATCH, "NAME",
      "layers, history, layer, data, phase or textbook" },
    { "panel", OPTION_PANEL, offsetof(struct options, panel), IN_RUN, "NAME",
      "a panel or view alone as a figure, in print unless --theme is given: activations, "
      "gradients, "
      "magnitude, strips, loss, phi, why, layers, history, layer, data, phase or textbook" },
    { "title", OPTION_STRING, offsetof(struct options, title), IN_RUN, "TEXT",
      "of the figure (what the networks are)" },
    { "caption", OPTION_STRING, offsetof(struct options, caption), IN_RUN, "TEXT",
      "line below the title (shape, data, batch and step)" },
    { "paused", OPTION_FLAG, offsetof(struct options, paused), IN_WINDOW, NULL,
      "start paused at step 0" },
    { "runs", OPTION_STRING, offsetof(struct options, follow.runs), IN_WATCH, "A,B",
      "which of the runs in the folder (the first two that log layers)" },
    { "pattern", OPTION_PATTERN, 0, IN_WATCH, "KIND=GLOB",
      "tags of a kind, as in activations=act/*; repeatable: layerscope list patterns" },
    { "screenshots", OPTION_STRING, offsetof(struct options, screenshots), IN_WINDOW | IN_WATCH,
      "FOLDER", "where S saves (your pictures folder/layerscope)" },
    { "markdown", OPTION_FLAG, offsetof(struct options, markdown), IN_LIST, NULL,
      "as a Markdown table" },
};
const int option_count = ARRAY_LEN(option_table);

const struct option *option_find(const char *name) {
    for (int i = 0; i < option_count; i++) {
        if (strcmp(option_table[i].name, name) == 0) {
            return &option_table[i];
        }
    }
    return NULL;
}

void option_spell(char *buffer, size_t size, const char *name) {
    text_set(buffer, size, "--%s", name);
    for (char *c = buffer; *c; c++) {
        *c = *c == '_' ? '-' : *c;
    }
}

static void print_row(FILE *out, bool markdown, const char *name, const char *argument,
                      const char *about) {
    char spelled[96];
    option_spell(spelled, sizeof spelled, name);
    if (argument) {
        text_append(spelled, sizeof spelled, " %s", argument);
    }
    if (markdown) {
        fprintf(out, "| `%s` | %s |\n", spelled, about);
    } else {
        fprintf(out, "  %-26s %s\n", spelled, about);
    }
}

static const char *placeholder(enum setting_type type) {
    return type == SETTING_NAME     ? "NAME"
           : type == SETTING_PATH   ? "PATH"
           : type == SETTING_COLUMN ? "COLUMN"
                                    : "N";
}

static void print_setting(FILE *out, bool markdown, const struct setting *setting) {
    struct experiment defaults;
    experiment_defaults(&defaults);
    char about[512], value[64];
    setting_print(&defaults, 0, setting, value, sizeof value);
    text_set(about, sizeof about, "%s (%s)", setting->about, value[0] ? value : "none");
    if (setting->type == SETTING_NAME) {
        text_append(about, sizeof about, ": ");
        for (int i = 0; i < setting->option_count; i++) {
            text_append(about, sizeof about, "%s%s", i ? ", " : "", setting->option(i));
        }
    }
    print_row(out, markdown, setting->name, placeholder(setting->type), about);
}

void options_list(FILE *out, bool markdown) {
    if (markdown) {
        fprintf(out, "| option | meaning (default) |\n| --- | --- |\n");
    }
    int count;
    const struct setting *table = settings_table(&count);
    for (int i = 0; i < count; i++) {
        print_setting(out, markdown, &table[i]);
    }
    for (int i = 0; i < option_count; i++) {
        const struct option *option = &option_table[i];
        print_row(out, markdown, option->name, option->argument, option->about);
    }
}

void options_help(FILE *out) {
    fputs(
        "layerscope - does the signal survive the depth of my network?\n"
        "\n"
        "  layerscope [options] [FILE]        the window\n"
        "  layerscope run [options] [FILE]    no window: train, then print or write files\n"
        "  layerscope watch [options] FOLDER  somebody else's training: TensorBoard event files\n"
        "  layerscope list [TABLE]            what exists by name\n"
        "  layerscope --help | --version\n"
        "\n"
        "FILE is an experiment (.ini), a picture that layerscope has saved (.png), which is then\n"
        "replayed up to its step, or data: CSV, NumPy's .npz, IDX images, CIFAR-10.\n"
        "\n"
        "Settings, also keys of an INI file (B's stand in a section [b]):\n",
        out);
    int count;
    const struct setting *table = settings_table(&count);
    for (int i = 0; i < count; i++) {
        print_setting(out, false, &table[i]);
    }
    fputs("\nOther options:\n", out);
    for (int i = 0; i < option_count; i++) {
        const struct option *option = &option_table[i];
        print_row(out, false, option->name, option->argument, option->about);
    }
    fputs("\nKeys: layerscope list keys, or ? in the window.\n"
          "Exit status: 0 done, 1 failed or a replayed picture's numbers differ, 2 wrong use.\n",
          out);
}
