#include "app/build.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "app/data_file.h"
#include "app/option.h"
#include "app/outputs.h"
#include "base/file.h"
#include "base/text.h"
#include "lab/model_load.h"
#include "lab/preset.h"

struct build {
    struct options *options;
    const struct given *given;
    const char *file;         // given, or of the preset
    const char *data;         // path of what to train on; NULL: as the settings say
    char *text;               // what it says, where it is no text itself; NULL: it is
    char path[FILE_PATH_MAX]; // of the preset
    char *problem;
};

/* "--b key=value" on B. */
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
        text_set(problem, OPTIONS_PROBLEM, "--b: ");
        setting_say_unknown(name, problem, OPTIONS_PROBLEM);
        return false;
    }
    char reason[EXPERIMENT_PROBLEM];
    if (!setting_parse(experiment, 1, setting, equals + 1, reason)) {
        text_set(problem, OPTIONS_PROBLEM, "--b %.600s", reason);
        return false;
    }
    return true;
}

/* It is read twice, for A and for B, which a pipe does not allow. */
static bool check_file(const char *path, char *problem) {
    struct stat info;
    if (path[0] == '\0') {
        text_set(problem, OPTIONS_PROBLEM, "FILE: its name is empty.");
    } else if (stat(path, &info) != 0 || S_ISREG(info.st_mode)) {
        return true; // what is not there is told by who reads it
    } else {
        text_set(
            problem, OPTIONS_PROBLEM,
            "%.300s is %s, but an experiment (.ini), a picture (.png, .svg) or data is wanted.",
            path, S_ISDIR(info.st_mode) ? "a folder" : "not a file");
    }
    return false;
}

/* What was given for a setting; NULL: nothing. */
static const char *given_for(const struct build *build, const char *setting) {
    int count;
    return build->given->values[setting_find(setting) - settings_table(&count)];
}

/* Is it a path and not the name of a data set? */
static bool is_path(const char *text) {
    const char *names[DATASET_COUNT];
    struct stat info;
    for (int i = 0; i < DATASET_COUNT; i++) {
        names[i] = datasets[i].name;
    }
    return text_find(text, names, DATASET_COUNT) < 0 &&
           (strpbrk(text, "/.") || stat(text, &info) == 0);
}

/* Data to train on may be given as the file, or by a path as the option --data. */
static bool find_data(struct build *build) {
    const char *option = given_for(build, "data");
    if (build->file && data_file_is(build->file)) {
        build->data = build->file;
        build->file = NULL;
    } else if (option && is_path(option)) {
        build->data = option;
        option = given_for(build, "data_path");
    } else {
        return true;
    }
    option = option ? option : given_for(build, "data_path");
    if (option) {
        text_set(build->problem, OPTIONS_PROBLEM,
                 "--data: the data are those of %.200s; what is '%.60s' for?", build->data, option);
    }
    return !option;
}

/* No zero byte where a text begins; what cannot be read is told by who reads it. */
static bool is_text(const char *path) {
    char begin[512];
    FILE *file = fopen(path, "rb");
    size_t count = file ? fread(begin, 1, sizeof begin, file) : 0;
    if (file) {
        fclose(file);
    }
    return !memchr(begin, '\0', count);
}

/* A's options over what the file said. */
static bool apply_options(struct build *build, struct experiment *experiment) {
    int count;
    const struct setting *table = settings_table(&count);
    char reason[EXPERIMENT_PROBLEM], name[64];
    if (build->data && !experiment_open_data(experiment, build->data, reason)) {
        text_set(build->problem, OPTIONS_PROBLEM, "--data: %.600s", reason);
        return false;
    }
    for (int i = 0; i < count; i++) {
        bool done = build->data && strcmp(table[i].name, "data") == 0;
        if (build->given->values[i] && !done &&
            !setting_parse(experiment, 0, &table[i], build->given->values[i], reason)) {
            option_spell(name, sizeof name, table[i].name);
            text_set(build->problem, OPTIONS_PROBLEM, "%s%.600s", name, strchr(reason, ':'));
            return false;
        }
    }
    return true;
}

static bool read_run(const struct build *build, struct experiment *experiment, int run,
                     bool *found) {
    return !build->file ||
           experiment_read_ini(experiment, build->file, build->text, run, found, build->problem);
}

/* The file first, then its case, then A's options over it, then B as a copy with what differs. */
static bool build_one(struct build *build, const char *case_name, struct experiment *experiment) {
    bool found = false, has_b = false;
    experiment_defaults(experiment);
    if (!read_run(build, experiment, 0, &found)) {
        return false;
    }
    if (case_name && !experiment_read_case(experiment, build->file, case_name, build->problem)) {
        return false;
    }
    if (!apply_options(build, experiment)) {
        return false;
    }
    experiment_pin(experiment);
    if (!read_run(build, experiment, 1, &has_b)) {
        return false;
    }
    for (int i = 0; i < build->given->b_count; i++) {
        if (!apply_b(experiment, build->given->b[i], build->problem)) {
            return false;
        }
    }
    experiment->compare = has_b || build->given->b_count > 0;
    return true;
}

/* What is asked of one experiment alone, where there are several. */
static bool needs_one(const struct build *build, char *problem) {
    const struct options *options = build->options;
    const char *word = build->given->b_count > 0 ? "b"
                       : options->load           ? "load"
                                                 : outputs_of_one_case(options);
    if (word) {
        text_set(problem, OPTIONS_PROBLEM,
                 "--%s is about one experiment, and here are %d cases: --case NAME chooses one, as "
                 "'%s'.",
                 word, options->notes.cases, options->notes.case_name[0]);
    }
    return word != NULL;
}

/* All cases of the file; the window shows the first two beside each other. */
static bool build_cases(struct build *build) {
    struct options *options = build->options;
    if (needs_one(build, build->problem)) {
        return false;
    }
    for (int i = 0; i < options->notes.cases; i++) {
        if (!build_one(build, options->notes.case_name[i], &options->case_of[i])) {
            return false;
        }
    }
    options->experiment = options->case_of[0];
    options->cases = options->mode == MODE_RUN ? options->notes.cases : 0;
    if (options->mode == MODE_WINDOW && options->notes.cases > 1) {
        experiment_beside(&options->experiment, &options->case_of[1]);
    }
    return true;
}

/* The name as the file has it, or NULL with a problem. */
static const char *find_case(struct build *build, const char *given) {
    const struct experiment_notes *notes = &build->options->notes;
    const char *names[EXPERIMENT_CASES];
    for (int i = 0; i < notes->cases; i++) {
        names[i] = notes->case_name[i];
    }
    int index = text_find(given, names, notes->cases);
    if (index >= 0) {
        return names[index];
    }
    if (notes->cases == 0) {
        text_set(build->problem, OPTIONS_PROBLEM, "--case: there are no cases to choose from.");
    } else {
        char list[OPTIONS_PROBLEM / 2];
        text_join(list, sizeof list, names, notes->cases);
        text_set(build->problem, OPTIONS_PROBLEM, "--case: there is no '%.60s'. It accepts: %s.",
                 given, list);
    }
    return NULL;
}

/* Where no other experiment is given, weights go on with their own. */
static bool open_model(struct build *build) {
    const char *path = build->options->load;
    char reason[EXPERIMENT_PROBLEM];
    if (!model_load_text(path, &build->text, reason)) {
        text_set(build->problem, OPTIONS_PROBLEM, "--load: %.600s", reason);
        return false;
    }
    build->file = build->text ? path : NULL;
    return true;
}

/* A picture has no cases and no title, and it has been trained for so long. */
static bool open_picture(struct build *build) {
    struct options *options = build->options;
    if (options->load) {
        text_set(build->problem, OPTIONS_PROBLEM,
                 "--load: what a picture shows began with weights of its own; what is '%.60s' for?",
                 options->load);
        return false;
    }
    if (!shot_read(&options->shot, build->file, &build->text, build->problem)) {
        return false;
    }
    options->notes.steps = options->shot.step;
    options->shot.altered = build->given->b_count > 0;
    int count;
    const struct setting *table = settings_table(&count);
    for (int i = 0; i < count; i++) { // any number of threads makes the same numbers
        bool given = build->given->values[i] != NULL;
        options->shot.altered |= given && strcmp(table[i].name, "threads") != 0;
    }
    return true;
}

/* Where the experiment stands, if in a file, and what that says beside its settings. */
static bool open_file(struct build *build) {
    struct options *options = build->options;
    char reason[EXPERIMENT_PROBLEM];
    struct preset preset;
    if (options->preset && build->file) {
        text_set(build->problem, OPTIONS_PROBLEM,
                 "--preset: it is a file of its own; what is '%.60s' for?", build->file);
        return false;
    }
    if (options->preset) {
        if (!preset_find(options->preset, &preset, reason)) {
            text_set(build->problem, OPTIONS_PROBLEM, "--preset: %.600s", reason);
            return false;
        }
        preset_path(&preset, build->path, sizeof build->path);
        build->file = build->path;
    }
    options->notes = (struct experiment_notes){ .steps = -1, .epochs = -1.0 };
    if (!build->file) {
        return !options->load || open_model(build);
    }
    if (!check_file(build->file, build->problem)) {
        return false;
    }
    if (shot_is_picture(build->file)) {
        return open_picture(build);
    }
    if (!is_text(build->file)) {
        text_set(build->problem, OPTIONS_PROBLEM,
                 "%.300s is neither an experiment (.ini), nor a picture (.png, .svg), nor data.",
                 build->file);
        return false;
    }
    return experiment_read_notes(&options->notes, build->file, build->problem);
}

/* What is changed while it trains, by the file. */
static bool build_replay(struct build *build) {
    struct options *options = build->options;
    struct replay *replay = &options->replay;
    replay_begin(replay, &options->experiment);
    if (build->file && !experiment_read_changes(replay, build->file, build->text, build->problem)) {
        return false;
    }
    replay->step = options->shot.step;
    if (!options->shot.there && replay->changes > 0) { // all of them are to be made
        replay->step = replay_step_of(replay, replay->changes);
    }
    replay->pretrained = options->shot.pretrained;
    replay->ghost = options->shot.there ? options->shot.ghost : -1;
    return true;
}

static bool build_all(struct build *build) {
    struct options *options = build->options;
    const char *name = NULL;
    if (!find_data(build) || !open_file(build) ||
        (options->only_case && !(name = find_case(build, options->only_case)))) {
        return false;
    }
    if (options->notes.cases > 0 && !name) {
        return build_cases(build) && build_replay(build);
    }
    if (!build_one(build, name, &options->experiment)) {
        return false;
    }
    if (!options->experiment.compare && options->mode == MODE_WINDOW && !build->file &&
        !options->load) {
        experiment_reference(&options->experiment);
    }
    return build_replay(build);
}

bool build_experiment(struct options *options, const struct given *given, char *problem) {
    struct build build = {
        .options = options, .given = given, .file = given->file, .problem = problem
    };
    bool good = build_all(&build);
    free(build.text);
    return good;
}
