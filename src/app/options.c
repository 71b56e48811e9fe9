#include "app/options.h"

#include <string.h>

#include "base/require.h"
#include "base/text.h"

enum option_type {
    OPTION_FLAG,
    OPTION_STRING,
    OPTION_COUNT,
    OPTION_SCALE,
    OPTION_SIZE,
    OPTION_THEME,
    OPTION_B
};

#define IN_WINDOW (1 << MODE_WINDOW)
#define IN_RUN (1 << MODE_RUN)
#define IN_LIST (1 << MODE_LIST)

struct option {
    const char *name;
    enum option_type type;
    size_t offset; // in struct options
    int modes;
    const char *argument;
    const char *about;
};

static const struct option options_table[] = {
    { "b", OPTION_B, 0, IN_WINDOW | IN_RUN, "KEY=VALUE",
      "add B, a copy of A in which KEY differs; repeatable" },
    { "steps", OPTION_COUNT, offsetof(struct options, steps), IN_RUN, "N",
      "updates before the pass that is measured (0: the first weights)" },
    { "print", OPTION_FLAG, offsetof(struct options, print), IN_RUN, NULL,
      "print a table, one row per layer" },
    { "png", OPTION_STRING, offsetof(struct options, png), IN_RUN, "FILE",
      "write the picture of the window" },
    { "json", OPTION_STRING, offsetof(struct options, json), IN_RUN, "FILE",
      "write every number of the measured pass" },
    { "npz", OPTION_STRING, offsetof(struct options, npz), IN_RUN, "FILE",
      "write A's arrays for NumPy" },
    { "size", OPTION_SIZE, 0, IN_WINDOW | IN_RUN, "WxH",
      "of the window or picture in points (1440x900)" },
    { "scale", OPTION_SCALE, offsetof(struct options, scale), IN_WINDOW | IN_RUN, "S",
      "pixels per point, 0.5 to 4" },
    { "theme", OPTION_THEME, offsetof(struct options, theme), IN_WINDOW | IN_RUN, "NAME",
      "dark, light or print" },
    { "paused", OPTION_FLAG, offsetof(struct options, paused), IN_WINDOW, NULL,
      "start paused at step 0" },
    { "screenshots", OPTION_STRING, offsetof(struct options, screenshots), IN_WINDOW, "FOLDER",
      "where S saves (your pictures folder/layerscope)" },
    { "markdown", OPTION_FLAG, offsetof(struct options, markdown), IN_LIST, NULL,
      "as a Markdown table" },
};

static const char *const mode_words[] = { "run", "list" };
static const enum mode word_modes[] = { MODE_RUN, MODE_LIST };

enum { MAX_B = 64, MAX_NAMES = 64 };

/* What is collected before it can be applied: B copies A only once A is complete. */
struct parse {
    struct options *options;
    const char *file;
    const char *b[MAX_B]; // KEY=VALUE
    int b_count;
    const struct setting *settings[MAX_B];
    const char *values[MAX_B];
    int setting_count;
    char *problem;
};

/* All option names without the leading dashes: ours, then the settings'. */
static int all_names(const char *names[MAX_NAMES]) {
    int count = 0, settings;
    for (int i = 0; i < ARRAY_LEN(options_table); i++) {
        names[count++] = options_table[i].name;
    }
    const struct setting *table = settings_table(&settings);
    for (int i = 0; i < settings; i++) {
        names[count++] = table[i].name;
    }
    names[count++] = "help";
    names[count++] = "version";
    REQUIRE(count <= MAX_NAMES);
    return count;
}

/* The option's spelling: dashes for underscores. */
static void spell(char *buffer, size_t size, const char *name) {
    text_set(buffer, size, "--%s", name);
    for (char *c = buffer; *c; c++) {
        *c = *c == '_' ? '-' : *c;
    }
}

static bool unknown_option(struct parse *parse, const char *given) {
    const char *names[MAX_NAMES];
    int count = all_names(names);
    int nearest = text_nearest(given, names, count);
    text_set(parse->problem, OPTIONS_PROBLEM, "There is no option --%.60s", given);
    if (nearest >= 0) {
        char spelled[64];
        spell(spelled, sizeof spelled, names[nearest]);
        text_append(parse->problem, OPTIONS_PROBLEM, "; did you mean %s?", spelled);
    }
    text_append(parse->problem, OPTIONS_PROBLEM, "%s --help lists them all.",
                nearest >= 0 ? "" : ".");
    return false;
}

static bool parse_size(struct options *options, const char *text, char *problem) {
    int width, height;
    char end;
    if (sscanf(text, "%dx%d%c", &width, &height, &end) != 2 || width < 320 || width > 7680 ||
        height < 240 || height > 4320) {
        text_set(problem, OPTIONS_PROBLEM,
                 "--size: '%.40s' is not WIDTHxHEIGHT from 320x240 to 7680x4320.", text);
        return false;
    }
    options->width = width;
    options->height = height;
    return true;
}

static bool parse_theme(struct options *options, const char *text, char *problem) {
    const char *names[THEME_COUNT];
    for (int i = 0; i < THEME_COUNT; i++) {
        names[i] = themes[i].name;
    }
    int index = text_find(text, names, THEME_COUNT);
    if (index < 0) {
        char list[64];
        text_join(list, sizeof list, names, THEME_COUNT);
        text_set(problem, OPTIONS_PROBLEM, "--theme: there is no '%.40s'. It accepts: %s.", text,
                 list);
        return false;
    }
    options->theme = index;
    return true;
}

static bool take_value(struct parse *parse, const struct option *option, const char *text) {
    struct options *options = parse->options;
    char *field = (char *)options + option->offset;
    int64_t count;
    double scale;
    switch (option->type) {
    case OPTION_FLAG:
        *(bool *)(void *)field = true;
        return true;
    case OPTION_STRING:
        *(const char **)(void *)field = text;
        return true;
    case OPTION_COUNT:
        if (text_to_int64(text, &count) && count >= 0 && count <= 1000000000000) {
            *(int64_t *)(void *)field = count;
            return true;
        }
        text_set(parse->problem, OPTIONS_PROBLEM,
                 "--%s: '%.40s' is not a whole number from 0 to 1000000000000.", option->name,
                 text);
        return false;
    case OPTION_SCALE:
        if (text_to_double(text, &scale) && scale >= 0.5 && scale <= 4.0) {
            *(double *)(void *)field = scale;
            return true;
        }
        text_set(parse->problem, OPTIONS_PROBLEM, "--%s: '%.40s' is not a number from 0.5 to 4.",
                 option->name, text);
        return false;
    case OPTION_SIZE:
        return parse_size(options, text, parse->problem);
    case OPTION_THEME:
        return parse_theme(options, text, parse->problem);
    case OPTION_B:
        if (parse->b_count == MAX_B) {
            text_set(parse->problem, OPTIONS_PROBLEM, "--b: more than %d times.", (int)MAX_B);
            return false;
        }
        parse->b[parse->b_count++] = text;
        return true;
    }
    return false;
}

static const struct option *find_option(const char *name) {
    for (int i = 0; i < ARRAY_LEN(options_table); i++) {
        if (strcmp(options_table[i].name, name) == 0) {
            return &options_table[i];
        }
    }
    return NULL;
}

/* The value behind "--name=value", or the next word. NULL with a problem if there is none. */
static const char *value_of(struct parse *parse, const char *name, const char *equals, int argc,
                            char **argv, int *at) {
    if (equals) {
        return equals + 1;
    }
    if (*at + 1 < argc) {
        return argv[++*at];
    }
    text_set(parse->problem, OPTIONS_PROBLEM, "--%.60s needs a value.", name);
    return NULL;
}

static bool take_setting(struct parse *parse, const struct setting *setting, const char *value) {
    if (parse->setting_count == MAX_B) { // later ones replace earlier ones, so drop the oldest
        memmove(parse->settings, parse->settings + 1, (MAX_B - 1) * sizeof parse->settings[0]);
        memmove(parse->values, parse->values + 1, (MAX_B - 1) * sizeof parse->values[0]);
        parse->setting_count--;
    }
    parse->settings[parse->setting_count] = setting;
    parse->values[parse->setting_count++] = value;
    return true;
}

static bool take_option(struct parse *parse, int argc, char **argv, int *at) {
    char name[64];
    const char *word = argv[*at] + 2, *equals = strchr(word, '=');
    text_set(name, sizeof name, "%.*s", equals ? (int)(equals - word) : 63, word);
    if (strcmp(name, "help") == 0 || strcmp(name, "version") == 0) {
        parse->options->mode = name[0] == 'h' ? MODE_HELP : MODE_VERSION;
        return true;
    }
    const struct option *option = find_option(name);
    const struct setting *setting = option ? NULL : setting_find(name);
    if (!option && !setting) {
        return unknown_option(parse, name);
    }
    int modes = option ? option->modes : IN_WINDOW | IN_RUN;
    if (!(modes & (1 << parse->options->mode))) {
        text_set(parse->problem, OPTIONS_PROBLEM, "--%s does not go with %s.", name,
                 parse->options->mode == MODE_RUN    ? "'layerscope run'"
                 : parse->options->mode == MODE_LIST ? "'layerscope list'"
                                                     : "the window; it belongs to a subcommand");
        return false;
    }
    if (option && option->type == OPTION_FLAG) {
        if (equals) {
            text_set(parse->problem, OPTIONS_PROBLEM, "--%s takes no value.", name);
            return false;
        }
        return take_value(parse, option, NULL);
    }
    const char *value = value_of(parse, name, equals, argc, argv, at);
    if (!value) {
        return false;
    }
    return option ? take_value(parse, option, value) : take_setting(parse, setting, value);
}

static bool take_word(struct parse *parse, const char *word) {
    const char **target = parse->options->mode == MODE_LIST ? &parse->options->table : &parse->file;
    if (*target) {
        text_set(parse->problem, OPTIONS_PROBLEM, "One %s is enough: what is '%.60s' for?",
                 parse->options->mode == MODE_LIST ? "table" : "file", word);
        return false;
    }
    *target = word;
    return true;
}

/* "--b key=value" on B, or on a scratch copy just to check it. */
static bool apply_b(struct experiment *experiment, const char *text, char *problem) {
    char name[64];
    const char *equals = strchr(text, '=');
    if (!equals || equals - text >= (int)sizeof name) {
        text_set(problem, OPTIONS_PROBLEM, "--b: '%.60s' is not KEY=VALUE, as in --b init=small.",
                 text);
        return false;
    }
    text_set(name, sizeof name, "%.*s", (int)(equals - text), text);
    const struct setting *setting = setting_find(name);
    if (!setting) {
        text_set(problem, OPTIONS_PROBLEM, "--b: there is no setting '%.60s'.", name);
        return false;
    }
    char reason[EXPERIMENT_PROBLEM];
    if (!setting_parse(experiment, 1, setting, equals + 1, reason)) {
        text_set(problem, OPTIONS_PROBLEM, "--b %.600s", reason);
        return false;
    }
    return true;
}

/* The file first, then A's options over it, then B as a copy of A with what differs. */
static bool build_experiment(struct parse *parse) {
    struct experiment *experiment = &parse->options->experiment;
    bool found = false, has_b = false;
    if (parse->file && !experiment_read_ini(experiment, parse->file, 0, &found, parse->problem)) {
        return false;
    }
    for (int i = 0; i < parse->setting_count; i++) {
        char reason[EXPERIMENT_PROBLEM];
        if (!setting_parse(experiment, 0, parse->settings[i], parse->values[i], reason)) {
            char name[64];
            spell(name, sizeof name, parse->settings[i]->name);
            text_set(parse->problem, OPTIONS_PROBLEM, "%s%.600s", name, strchr(reason, ':'));
            return false;
        }
    }
    experiment_pin(experiment);
    if (parse->file && !experiment_read_ini(experiment, parse->file, 1, &has_b, parse->problem)) {
        return false;
    }
    for (int i = 0; i < parse->b_count; i++) {
        if (!apply_b(experiment, parse->b[i], parse->problem)) {
            return false;
        }
    }
    experiment->compare = has_b || parse->b_count > 0;
    if (!experiment->compare && parse->options->mode == MODE_WINDOW && !parse->file) {
        experiment_reference(experiment);
    }
    return true;
}

bool options_parse(struct options *options, int argc, char **argv, char *problem) {
    *options = (struct options){ .mode = MODE_WINDOW };
    experiment_defaults(&options->experiment);
    struct parse parse = { .options = options, .problem = problem };
    int first = 1;
    for (int i = 0; argc > 1 && i < ARRAY_LEN(mode_words); i++) {
        if (strcmp(argv[1], mode_words[i]) == 0) {
            options->mode = word_modes[i];
            first = 2;
        }
    }
    for (int at = first; at < argc; at++) {
        bool is_option = strncmp(argv[at], "--", 2) == 0 && argv[at][2];
        if (strcmp(argv[at], "-h") == 0) {
            options->mode = MODE_HELP;
        } else if (argv[at][0] == '-' && argv[at][1] && !is_option) {
            text_set(problem, OPTIONS_PROBLEM,
                     "'%.60s' is not an option; options begin with two dashes, as in --help.",
                     argv[at]);
            return false;
        } else if (is_option ? !take_option(&parse, argc, argv, &at)
                             : !take_word(&parse, argv[at])) {
            return false;
        }
        if (options->mode == MODE_HELP || options->mode == MODE_VERSION) {
            return true;
        }
    }
    return options->mode == MODE_LIST || build_experiment(&parse);
}

static void print_row(FILE *out, bool markdown, const char *name, const char *argument,
                      const char *about) {
    char spelled[96];
    spell(spelled, sizeof spelled, name);
    if (argument) {
        text_append(spelled, sizeof spelled, " %s", argument);
    }
    if (markdown) {
        fprintf(out, "| `%s` | %s |\n", spelled, about);
    } else {
        fprintf(out, "  %-26s %s\n", spelled, about);
    }
}

static void print_setting(FILE *out, bool markdown, const struct setting *setting) {
    struct experiment defaults;
    experiment_defaults(&defaults);
    char about[512], value[64];
    setting_print(&defaults, 0, setting, value, sizeof value);
    text_set(about, sizeof about, "%s (%s)", setting->about, value);
    if (setting->type == SETTING_NAME) {
        text_append(about, sizeof about, ": ");
        for (int i = 0; i < setting->option_count; i++) {
            text_append(about, sizeof about, "%s%s", i ? ", " : "", setting->option(i));
        }
    }
    print_row(out, markdown, setting->name, setting->type == SETTING_NAME ? "NAME" : "N", about);
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
    for (int i = 0; i < ARRAY_LEN(options_table); i++) {
        const struct option *option = &options_table[i];
        print_row(out, markdown, option->name, option->argument, option->about);
    }
}

void options_help(FILE *out) {
    fputs("layerscope - does the signal survive the depth of my network?\n"
          "\n"
          "  layerscope [options] [FILE.ini]      the window\n"
          "  layerscope run [options] [FILE.ini]  no window: train, then print or write files\n"
          "  layerscope list [TABLE]              what exists by name\n"
          "  layerscope --help | --version\n"
          "\n"
          "Settings, also keys of an INI file (B's stand in a section [b]):\n",
          out);
    int count;
    const struct setting *table = settings_table(&count);
    for (int i = 0; i < count; i++) {
        print_setting(out, false, &table[i]);
    }
    fputs("\nOther options:\n", out);
    for (int i = 0; i < ARRAY_LEN(options_table); i++) {
        const struct option *option = &options_table[i];
        print_row(out, false, option->name, option->argument, option->about);
    }
    fputs("\nKeys: layerscope list keys, or ? in the window.\n"
          "Exit status: 0 done, 1 failed, 2 wrong use.\n",
          out);
}
