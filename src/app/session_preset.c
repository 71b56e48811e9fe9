/* session_preset.c - a preset opened in the window: what `--preset NAME` would start with. */
#include "app/options.h"
#include "app/session.h"
#include "lab/preset.h"

void session_open_preset(struct session *session, const char *name) {
    char problem[OPTIONS_PROBLEM];
    static _Thread_local struct options options; // large
    if (session_only_watches(session)) {
        return;
    }
    char *words[] = { (char *)"layerscope", (char *)"--preset", (char *)name };
    if (!options_parse(&options, 3, words, problem)) {
        session_toast(session, true, "%s", problem);
        return;
    }
    session_begin(session, &options.experiment);
    if (experiment_equal(&session->request.experiment, &options.experiment)) {
        session_toast(session, false, "%s", options.notes.title);
    }
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
