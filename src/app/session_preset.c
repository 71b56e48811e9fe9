/* session_preset.c - a preset opened in the window: what `--preset NAME` would start with. */
#include "app/options.h"
#include "app/session.h"
#include "lab/preset.h"

void session_open_preset(struct session *session, int key) {
    struct preset preset;
    struct experiment_notes notes;
    char problem[OPTIONS_PROBLEM];
    static _Thread_local struct options options; // large
    if (!preset_of_key(key, &preset, &notes, problem)) {
        session_toast(session, true, "%s", problem);
        return;
    }
    char *words[] = { (char *)"layerscope", (char *)"--preset", preset.name };
    if (!options_parse(&options, 3, words, problem)) {
        session_toast(session, true, "%s", problem);
        return;
    }
    if (experiment_equal(&session->request.experiment, &options.experiment)) {
        session->request.restarts++; // once more from the start
        session->requested = true;
    }
    session_edit(session, &options.experiment);
    if (experiment_equal(&session->request.experiment, &options.experiment)) {
        session_toast(session, false, "%s", notes.title);
    }
}
