#include "app/options.h"

#include <string.h>

#include "app/build.h"
#include "app/option.h"
#include "app/outputs.h"
#include "base/require.h"
#include "base/text.h"
#include "draw/canvas.h"

enum { MAX_NAMES = 192 };

struct parse {
    struct options *options;
    struct given given;
    char *problem;
};

/* All option names without the leading dashes: ours, then the settings'. */
static int all_names(const char *names[MAX_NAMES]) {
    int count = 0, settings;
    for (int i = 0; i < option_count; i++) {
        names[count++] = option_table[i].name;
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

static bool unknown_option(struct parse *parse, const char *given) {
    const char *names[MAX_NAMES];
    int count = all_names(names);
    int nearest = text_nearest(given, names, count);
    text_set(parse->problem, OPTIONS_PROBLEM, "There is no option --%.60s", given);
    if (nearest >= 0) {
        char spelled[64];
        option_spell(spelled, sizeof spelled, names[nearest]);
        text_append(parse->problem, OPTIONS_PROBLEM, "; did you mean %s?", spelled);
    }
    text_append(parse->problem, OPTIONS_PROBLEM, "%s --help lists them all.",
                nearest >= 0 ? "" : ".");
    return false;
}

/* The whole of text as low..high; a sign or a space in front is not what anybody means. */
static bool parse_side(const char *text, int low, int high, int *side) {
    int64_t value;
    bool good = text[0] >= '0' && text[0] <= '9' && text_to_int64(text, &value) && value >= low &&
                value <= high;
    *side = good ? (int)value : 0;
    return good;
}

static bool parse_size(struct options *options, const char *text, char *problem) {
    char width[16];
    const char *cross = strchr(text, 'x');
    text_set(width, sizeof width, "%.*s", cross && cross - text < 15 ? (int)(cross - text) : 0,
             text);
    if (cross && parse_side(width, 320, 7680, &options->width) &&
        parse_side(cross + 1, 240, 4320, &options->height)) {
        return true;
    }
    text_set(problem, OPTIONS_PROBLEM,
             "--size: '%.40s' is not WIDTHxHEIGHT from 320x240 to 7680x4320.", text);
    return false;
}

/* Which of the names of its table it is. */
static bool parse_name(const struct option *option, const char *text, int *index, char *problem) {
    const char *names[OPTION_NAMES];
    int count = option_names(option, names);
    *index = text_find(text, names, count);
    if (*index < 0) {
        char list[160];
        text_join(list, sizeof list, names, count);
        text_set(problem, OPTIONS_PROBLEM, "--%s: there is no '%.40s'. It accepts: %s.",
                 option->name, text, list);
    }
    return *index >= 0;
}

/* What it says is for who uses it to check. */
static bool parse_pattern(struct options *options, const char *text, char *problem) {
    struct follow_settings *follow = &options->follow;
    if (follow->patterns == FOLLOW_PATTERNS) {
        text_set(problem, OPTIONS_PROBLEM, "--pattern: more than %d times.", (int)FOLLOW_PATTERNS);
        return false;
    }
    follow->pattern[follow->patterns++] = text;
    return true;
}

static bool parse_number(const struct option *option, const char *text, double low, double high,
                         double *number, char *problem) {
    double value;
    if (text_to_double(text, &value) && value >= low && value <= high) {
        *number = value;
        return true;
    }
    text_set(problem, OPTIONS_PROBLEM, "--%s: '%.40s' is not a number from %g to %g.", option->name,
             text, low, high);
    return false;
}

static bool take_value(struct parse *parse, const struct option *option, const char *text) {
    struct options *options = parse->options;
    char *field = (char *)options + option->offset;
    int64_t count;
    switch (option->type) {
    case OPTION_FLAG:
        *(bool *)(void *)field = true;
        return true;
    case OPTION_STRING:
    case OPTION_FILE:
    case OPTION_FOLDER:
    case OPTION_PRESET:
        *(const char **)(void *)field = text;
        return true;
    case OPTION_STEPS:
        if (text_to_int64(text, &count) && count >= 0 && count <= EXPERIMENT_MAX_STEP) {
            *(int64_t *)(void *)field = count;
            return true;
        }
        text_set(parse->problem, OPTIONS_PROBLEM,
                 "--%s: '%.40s' is not a whole number from 0 to %lld.", option->name, text,
                 (long long)EXPERIMENT_MAX_STEP);
        return false;
    case OPTION_EPOCHS:
        return parse_number(option, text, 0.0, 1e6, (double *)(void *)field, parse->problem);
    case OPTION_SCALE:
        return parse_number(option, text, 0.5, 4.0, (double *)(void *)field, parse->problem);
    case OPTION_SIZE:
        return parse_size(options, text, parse->problem);
    case OPTION_THEME:
    case OPTION_VIEW:
    case OPTION_PANEL:
        return parse_name(option, text, (int *)(void *)field, parse->problem);
    case OPTION_PATTERN:
        return parse_pattern(options, text, parse->problem);
    case OPTION_B:
        if (parse->given.b_count == GIVEN_B) {
            text_set(parse->problem, OPTIONS_PROBLEM, "--b: more than %d times.", (int)GIVEN_B);
            return false;
        }
        parse->given.b[parse->given.b_count++] = text;
        return true;
    }
    return false;
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
    int count;
    const struct setting *table = settings_table(&count);
    REQUIRE(count <= GIVEN_SETTINGS);
    parse->given.values[setting - table] = value;
    return true;
}

static bool take_option(struct parse *parse, int argc, char **argv, int *at) {
    char name[64];
    const char *word = argv[*at] + 2, *equals = strchr(word, '=');
    text_set(name, sizeof name, "%.*s", equals ? (int)(equals - word) : 63, word);
    if (strcmp(name, "help") == 0 || strcmp(name, "version") == 0) {
        if (equals) {
            text_set(parse->problem, OPTIONS_PROBLEM, "--%s takes no value.", name);
            return false;
        }
        parse->options->mode = name[0] == 'h' ? MODE_HELP : MODE_VERSION;
        return true;
    }
    const struct option *option = option_find(name);
    const struct setting *setting = option ? NULL : setting_find(name);
    if (!option && !setting) {
        return unknown_option(parse, name);
    }
    int modes = option ? option->modes : OPTION_SETTINGS;
    if (!(modes & (1 << parse->options->mode))) {
        text_set(parse->problem, OPTIONS_PROBLEM, "--%s does not go with %s.", name,
                 parse->options->mode == MODE_RUN     ? "'layerscope run'"
                 : parse->options->mode == MODE_WATCH ? "'layerscope watch'"
                 : parse->options->mode == MODE_LIST  ? "'layerscope list'"
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
    for (int i = 0; parse->options->mode == MODE_WINDOW && i < subcommand_count; i++) {
        if (word[0] && strcmp(word, subcommands[i].word) == 0) {
            text_set(parse->problem, OPTIONS_PROBLEM,
                     "'%s' goes first: layerscope %s, then the options.", word, word);
            return false;
        }
    }
    bool watch = parse->options->mode == MODE_WATCH;
    const char **target = parse->options->mode == MODE_LIST ? &parse->options->table
                          : watch                           ? &parse->options->follow.folder
                                                            : &parse->given.file;
    if (*target) {
        text_set(parse->problem, OPTIONS_PROBLEM, "One %s is enough: what is '%.60s' for?",
                 parse->options->mode == MODE_LIST ? "table"
                 : watch                           ? "folder"
                                                   : "file",
                 word);
        return false;
    }
    *target = word;
    return true;
}

/* How long a run trains: as the command line says, else as the file says, else not at all. */
static bool settle_steps(struct options *options, char *problem) {
    if (options->steps >= 0 && options->epochs >= 0.0) {
        text_set(problem, OPTIONS_PROBLEM, "--steps and --epochs say the same; one is enough.");
        return false;
    }
    if (options->steps < 0 && options->epochs < 0.0) {
        options->steps = options->notes.steps;
        options->epochs = options->notes.epochs;
    }
    if (options->shot.there && (options->steps != options->shot.step || options->epochs >= 0.0)) {
        options->shot.altered = true;
    }
    options->steps = options->steps < 0 ? 0 : options->steps;
    options->epochs = options->epochs < 0.0 ? 0.0 : options->epochs;
    return true;
}

/* A picture of more pixels a side than the canvas can have is refused before the training. */
static bool check_picture(const struct options *options, char *problem) {
    double scale = options->scale > 0 ? options->scale : 1.0;
    if (!(options->png || options->svg || options->frames || options->film) ||
        (scale * options->width <= CANVAS_MAX_SIDE && scale * options->height <= CANVAS_MAX_SIDE)) {
        return true;
    }
    text_set(problem, OPTIONS_PROBLEM,
             "--size and --scale: %dx%d points at scale %g are more than %d pixels a side.",
             options->width, options->height, scale, (int)CANVAS_MAX_SIDE);
    return false;
}

/* What a whole view needs, a figure of it needs, too; panels and the textbook adapt. */
static bool check_figure(const struct options *options, char *problem) {
    if (options->panel < 0) {
        if ((!options->title && !options->caption) || options->view == VIEW_TEXTBOOK) {
            return true;
        }
        text_set(problem, OPTIONS_PROBLEM,
                 "--title and --caption are of a figure: --panel NAME makes one.");
        return false;
    }
    const struct view_figure *figure = &view_figures[options->panel];
    if (figure->panel || figure->view == VIEW_TEXTBOOK || options->width == 0 ||
        (options->width >= VIEW_MIN_WIDTH && options->height >= VIEW_MIN_HEIGHT)) {
        return true;
    }
    text_set(problem, OPTIONS_PROBLEM, "--size: %dx%d has no room for '%s', which takes %dx%d.",
             options->width, options->height, figure->name, (int)VIEW_MIN_WIDTH,
             (int)VIEW_MIN_HEIGHT);
    return false;
}

/* Between the steps is only what somebody takes. */
static bool check_every(const struct options *options, char *problem) {
    if (options->every == 0 && (options->frames || options->film)) {
        text_set(problem, OPTIONS_PROBLEM,
                 "--%s: of which steps? --every K takes steps 0, K, 2 K, ... and the last one.",
                 options->frames ? "frames" : "film");
        return false;
    }
    if (options->every == 0 || outputs_take_every(options)) {
        return true;
    }
    char names[OPTIONS_PROBLEM / 2] = "";
    for (int i = 0; i < output_count; i++) {
        if (outputs[i].every) {
            text_append(names, sizeof names, "%s--%s", names[0] ? ", " : "", outputs[i].option);
        }
    }
    text_set(problem, OPTIONS_PROBLEM, "--every: nothing takes more than the last step; %s would.",
             names);
    return false;
}

static bool take_words(struct parse *parse, int first, int argc, char **argv) {
    const enum mode *mode = &parse->options->mode;
    for (int at = first; at < argc && *mode != MODE_HELP && *mode != MODE_VERSION; at++) {
        bool is_option = strncmp(argv[at], "--", 2) == 0 && argv[at][2];
        if (strcmp(argv[at], "-h") == 0) {
            parse->options->mode = MODE_HELP;
        } else if (argv[at][0] == '-' && argv[at][1] && !is_option) {
            text_set(parse->problem, OPTIONS_PROBLEM,
                     "'%.60s' is not an option; options begin with two dashes, as in --help.",
                     argv[at]);
            return false;
        } else if (is_option ? !take_option(parse, argc, argv, &at) : !take_word(parse, argv[at])) {
            return false;
        }
    }
    return true;
}

/* What was given is quoted: it must not break the line or steer the terminal. */
static void make_printable(char *text) {
    for (; *text; text++) {
        *text = (unsigned char)*text < ' ' || *text == 0x7F ? '?' : *text;
    }
}

bool options_parse(struct options *options, int argc, char **argv, char *problem) {
    *options = (struct options){
        .mode = MODE_WINDOW, .theme = -1, .view = -1, .panel = -1, .steps = -1, .epochs = -1.0
    };
    experiment_defaults(&options->experiment);
    struct parse parse = { .options = options, .problem = problem };
    int first = 1;
    for (int i = 0; argc > 1 && argv[1][0] && i < subcommand_count; i++) {
        if (strcmp(argv[1], subcommands[i].word) == 0) {
            options->mode = subcommands[i].mode;
            first = 2;
        }
    }
    if (!take_words(&parse, first, argc, argv)) {
        make_printable(problem);
        return false;
    }
    if (options->mode == MODE_WATCH && !options->follow.folder) {
        text_set(problem, OPTIONS_PROBLEM,
                 "watch: which folder? It is that of TensorBoard event files.");
        return false;
    }
    options->remembers = options->mode == MODE_WINDOW;
    bool trains = options->mode == MODE_WINDOW || options->mode == MODE_RUN;
    bool draws = trains || options->mode == MODE_WATCH;
    if ((trains &&
         (!build_experiment(options, &parse.given, problem) || !settle_steps(options, problem))) ||
        (draws && (!check_figure(options, problem) || !check_every(options, problem))) ||
        !check_picture(options, problem)) {
        make_printable(problem);
        return false;
    }
    return true;
}
