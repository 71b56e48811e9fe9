/*
 * session_open.c - a preset, a file or data opened in the window: what the command line would start
 * with, but that data go to the networks there are.
 */
#include <string.h>

#include "app/data_file.h"
#include "app/options.h"
#include "app/session.h"
#include "base/file.h"
#include "base/require.h"
#include "base/text.h"
#include "lab/preset.h"

/* Make it the experiment, or start it again. */
static void open_words(struct session *session, int count, char **words, const char *name) {
    char problem[OPTIONS_PROBLEM];
    static _Thread_local struct options options; // large
    if (session_only_watches(session)) {
        return;
    }
    if (!options_parse(&options, count, words, problem)) {
        session_toast(session, true, "%s", problem);
        return;
    }
    if (options.shot.there || options.replay.changes > 0) {
        session_replay(session, &options.replay, &options.shot);
        return;
    }
    session_begin(session, &options.experiment);
    if (experiment_equal(&session->request.experiment, &options.experiment)) {
        session_toast(session, false, "%s", options.notes.title[0] ? options.notes.title : name);
    }
}

/* What was said of the columns of another table. */
static void forget_columns(struct experiment *experiment) {
    static const char *const names[] = { "separator", "header", "label_column", "skip_columns" };
    for (int i = 0; i < ARRAY_LEN(names); i++) {
        setting_reset(experiment, 0, setting_find(names[i]));
    }
}

/* The present networks train on it from then on. */
static void open_data(struct session *session, const char *path) {
    struct experiment wanted = session->request.experiment;
    struct dataset_settings data;
    char problem[EXPERIMENT_PROBLEM], title[64];
    if (!experiment_open_data(&wanted, path, problem)) {
        session_toast(session, true, "%s", problem);
        return;
    }
    if (strcmp(wanted.data_path, session->request.experiment.data_path) != 0) {
        forget_columns(&wanted);
    }
    session_begin(session, &wanted);
    if (experiment_equal(&session->request.experiment, &wanted)) {
        data = experiment_data(&wanted);
        dataset_title(&data, title, sizeof title);
        session_toast(session, false, "training on %s", title);
    }
}

void session_open(struct session *session, const char *path) {
    char name[FILE_PATH_MAX + 8];
    if (data_file_is(path)) {
        open_data(session, path);
        return;
    }
    text_set(name, sizeof name, "%s%s", path[0] == '-' ? "./" : "", path); // no option
    open_words(session, 2, (char *[]){ (char *)"layerscope", name }, path);
}

void session_open_preset(struct session *session, const char *name) {
    char *words[] = { (char *)"layerscope", (char *)"--preset", (char *)name };
    open_words(session, ARRAY_LEN(words), words, name);
}

void session_open_preset_of_key(struct session *session, int key) {
    struct preset preset;
    struct experiment_notes notes;
    char problem[EXPERIMENT_PROBLEM];
    if (preset_of_key(key, &preset, &notes, problem)) {
        session_open_preset(session, preset.name);
    } else {
        session_toast(session, true, "%s", problem);
    }
}
