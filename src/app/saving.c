#include "app/saving.h"

#include "app/look_text.h"
#include "app/save_data.h"
#include "app/screenshot.h"
#include "base/file.h"

/*
 * What has led to a snapshot that is shown. false while the worker is ahead of it with a new run,
 * whose first snapshot is on its way.
 */
static bool trace(struct replay *replay, struct worker *worker, const struct session *session,
                  const struct snapshot *shown) {
    if (!shown->has_runs) {
        replay_begin(replay, &session->request.experiment);
        return true;
    }
    if (shown->watched.active) { // which has none
        replay_begin(replay, &session->request.experiment);
        replay->step = shown->step;
        return true;
    }
    uint64_t life = worker_log(worker, replay);
    replay->step = shown->step;
    replay->pretrained = digest_pretrained(shown);
    replay_cut(replay, shown->changes);
    return life == shown->life;
}

void saving_picture(struct session *session, struct worker *worker, const struct picture *picture,
                    const char *folder) {
    char path[FILE_PATH_MAX], problem[FILE_PROBLEM_MAX], look[SHOT_LOOK];
    struct replay replay;
    if (!trace(&replay, worker, session, picture->shown)) {
        session->redraw = true; // its picture is on its way
        return;
    }
    bool vector = session->screenshot == SCREENSHOT_SVG;
    session->screenshot = SCREENSHOT_NONE;
    replay.ghost = picture_ghost(picture);
    look_text_print(session, look);
    const struct shot_source source = { .replay = &replay,
                                        .snapshot = picture->shown,
                                        .look = look,
                                        .scale = (double)picture->canvas.scale };
    bool saved = screenshot_save(picture, vector, folder, &source, path, problem);
    session_toast(session, !saved, saved ? "saved %s" : "%s", saved ? path : problem);
}

void saving_numbers(struct session *session, struct worker *worker, const struct snapshot *shown,
                    const char *folder) {
    char told[FILE_PROBLEM_MAX] = "There are no numbers yet.";
    struct experiment experiment = session->request.experiment;
    session->save_data = false;
    if (!session_only_watches(session)) { // whose settings nobody knows
        struct replay replay;
        if (!trace(&replay, worker, session, shown)) {
            session->save_data = session->redraw = true; // its picture is on its way
            return;
        }
        if (replay.changes == shown->changes) {
            replay_experiment(&replay, replay.changes, &experiment);
        }
    }
    bool saved = shown->has_runs && save_data(&experiment, shown, folder, told);
    session_toast(session, !saved, "%s", told);
}
