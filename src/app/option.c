#include "app/option.h"

#include <string.h>

#include "base/require.h"
#include "base/text.h"

const struct option option_table[] = {
    { "b", OPTION_B, 0, IN_WINDOW | IN_RUN, "KEY=VALUE",
      "add B, a copy of A in which KEY differs; repeatable" },
    { "preset", OPTION_PRESET, offsetof(struct options, preset), IN_WINDOW | IN_RUN, "NAME",
      "start from a preset: layerscope list presets" },
    { "case", OPTION_STRING, offsetof(struct options, only_case), IN_WINDOW | IN_RUN, "NAME",
      "only this one of the cases of a preset or file" },
    { "load", OPTION_FILE, offsetof(struct options, load), IN_WINDOW | IN_RUN, "FILE",
      "begin with the weights of an .npz that --save wrote, or another program; alone it goes on "
      "with the experiment that they are of" },
    { "steps", OPTION_STEPS, offsetof(struct options, steps), IN_RUN, "N",
      "updates before the pass that is measured (as the preset says, else 0: the first weights)" },
    { "epochs", OPTION_EPOCHS, offsetof(struct options, epochs), IN_RUN, "N",
      "the same in passes over the training examples" },
    { "every", OPTION_STEPS, offsetof(struct options, every), IN_RUN | IN_WATCH, "K",
      "also measure steps 0, K, 2 K, ...: more rows of --csv, a line each of --json, --npz of "
      "what was measured, stacked; of what is watched the first step that was logged, and then "
      "those that are K or more later" },
    { "print", OPTION_FLAG, offsetof(struct options, print), IN_RUN | IN_WATCH, NULL,
      "print a table, one row per layer" },
    { "png", OPTION_FILE, offsetof(struct options, png), IN_RUN | IN_WATCH, "FILE",
      "write the picture of the window" },
    { "svg", OPTION_FILE, offsetof(struct options, svg), IN_RUN | IN_WATCH, "FILE",
      "write the same picture as lines, shapes and text" },
    { "frames", OPTION_FOLDER, offsetof(struct options, frames), IN_RUN | IN_WATCH, "FOLDER",
      "write the picture of every step that --every measures: frame_000001.png, ..." },
    { "film", OPTION_FILE, offsetof(struct options, film), IN_RUN | IN_WATCH, "FILE",
      "write the same pictures as an MP4 film, 30 a second; needs ffmpeg" },
    { "csv", OPTION_FILE, offsetof(struct options, csv), IN_RUN | IN_WATCH, "FILE",
      "write every number as a row: case, run, step, layer, quantity, low, high, value" },
    { "json", OPTION_FILE, offsetof(struct options, json), IN_RUN | IN_WATCH, "FILE",
      "write every number of the measured pass, of all cases" },
    { "tensorboard", OPTION_FOLDER, offsetof(struct options, tensorboard), IN_RUN, "FOLDER",
      "write scalars and per-layer histograms as event files: runs A and B in it" },
    { "npz", OPTION_FILE, offsetof(struct options, npz), IN_RUN | IN_WATCH, "FILE",
      "write A's arrays for NumPy" },
    { "save", OPTION_FILE, offsetof(struct options, save), IN_RUN, "FILE",
      "write all that was learned as .npz: --load goes on from there, NumPy reads it" },
    { "code", OPTION_FILE, offsetof(struct options, code), IN_RUN, "FILE",
      "write A as Python lines for PyTorch: the same shapes, initialiser, loss and optimizer" },
    { "size", OPTION_SIZE, 0, IN_WINDOW | IN_RUN | IN_WATCH, "WxH",
      "of the window or picture in points (1440x900)" },
    { "scale", OPTION_SCALE, offsetof(struct options, scale), IN_WINDOW | IN_RUN | IN_WATCH, "S",
      "pixels per point, 0.5 to 4" },
    { "theme", OPTION_THEME, offsetof(struct options, theme), IN_WINDOW | IN_RUN | IN_WATCH, "NAME",
      "colours (dark, or print for a figure or a picture of the textbook)" },
    { "view", OPTION_VIEW, offsetof(struct options, view), IN_WINDOW | IN_RUN | IN_WATCH, "NAME",
      "what is shown (layers)" },
    { "panel", OPTION_PANEL, offsetof(struct options, panel), IN_RUN | IN_WATCH, "NAME",
      "a panel or view alone as a figure, in print unless --theme is given" },
    { "title", OPTION_STRING, offsetof(struct options, title), IN_RUN | IN_WATCH, "TEXT",
      "of the figure (what the networks are)" },
    { "caption", OPTION_STRING, offsetof(struct options, caption), IN_RUN | IN_WATCH, "TEXT",
      "line below the title (shape, data, batch and step)" },
    { "paused", OPTION_FLAG, offsetof(struct options, paused), IN_WINDOW, NULL,
      "start paused at step 0" },
    { "runs", OPTION_STRING, offsetof(struct options, follow.runs), IN_WATCH, "A,B",
      "which of the runs in the folder (the first two that log layers)" },
    { "pattern", OPTION_PATTERN, 0, IN_WATCH, "KIND=GLOB",
      "tags of a kind, as in activations=act/*; repeatable: layerscope list patterns" },
    { "screenshots", OPTION_FOLDER, offsetof(struct options, screenshots), IN_WINDOW | IN_WATCH,
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

int option_names(const struct option *option, const char *names[OPTION_NAMES]) {
    int count = option->type == OPTION_THEME   ? THEME_COUNT
                : option->type == OPTION_VIEW  ? VIEW_COUNT
                : option->type == OPTION_PANEL ? view_figure_count
                                               : 0;
    REQUIRE(count <= OPTION_NAMES);
    for (int i = 0; i < count; i++) {
        names[i] = option->type == OPTION_THEME  ? themes[i].name
                   : option->type == OPTION_VIEW ? views[i].name
                                                 : view_figures[i].name;
    }
    return count;
}

int option_row_names(const struct option_row *row, const char *names[OPTION_NAMES]) {
    if (row->option) {
        return option_names(row->option, names);
    }
    int count = row->setting->type == SETTING_NAME ? row->setting->option_count : 0;
    REQUIRE(count <= OPTION_NAMES);
    for (int i = 0; i < count; i++) {
        names[i] = row->setting->option(i);
    }
    return count;
}

static const char *placeholder(enum setting_type type) {
    return type == SETTING_NAME     ? "NAME"
           : type == SETTING_PATH   ? "PATH"
           : type == SETTING_COLUMN ? "COLUMN"
                                    : "N";
}

int option_rows(struct option_row rows[OPTION_ROWS]) {
    int settings;
    const struct setting *table = settings_table(&settings);
    REQUIRE(settings + option_count <= OPTION_ROWS);
    for (int i = 0; i < settings; i++) {
        rows[i] = (struct option_row){ .setting = &table[i],
                                       .argument = placeholder(table[i].type),
                                       .modes = OPTION_SETTINGS };
        option_spell(rows[i].spelled, sizeof rows[i].spelled, table[i].name);
    }
    for (int i = 0; i < option_count; i++) {
        struct option_row *row = &rows[settings + i];
        *row = (struct option_row){ .option = &option_table[i],
                                    .argument = option_table[i].argument,
                                    .modes = option_table[i].modes };
        option_spell(row->spelled, sizeof row->spelled, option_table[i].name);
    }
    return settings + option_count;
}

void option_row_about(const struct option_row *row, char *buffer, size_t size) {
    char joined[384];
    const char *names[OPTION_NAMES];
    if (row->option) {
        text_set(buffer, size, "%s", row->option->about);
    } else {
        char value[64];
        struct experiment defaults;
        experiment_defaults(&defaults);
        setting_print(&defaults, 0, row->setting, value, sizeof value);
        text_set(buffer, size, "%s (%s)", row->setting->about, value[0] ? value : "none");
    }
    int count = option_row_names(row, names);
    if (count > 0) {
        text_join(joined, sizeof joined, names, count);
        text_append(buffer, size, ": %s", joined);
    }
}

const struct subcommand subcommands[] = {
    { "", MODE_WINDOW, "[options] [FILE]", "the window" },
    { "run", MODE_RUN, "[options] [FILE]", "no window: train, then print or write files" },
    { "watch", MODE_WATCH, "[options] FOLDER",
      "somebody else's training: TensorBoard event files" },
    { "list", MODE_LIST, "[TABLE]", "what exists by name" },
};
const int subcommand_count = ARRAY_LEN(subcommands);

const char option_file_about[] =
    "FILE is an experiment (.ini), a picture that layerscope has saved (.png), which is then\n"
    "replayed up to its step, or data: CSV, NumPy's .npz, IDX images, CIFAR-10.\n";
