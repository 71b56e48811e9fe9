/* session_replay.c - a state done again: asked for, followed, compared. */
#include "app/look_text.h"
#include "app/session.h"

static bool can_replay(const struct session *session, const struct replay *plan, char *problem) {
    struct dataset_settings data = experiment_data(&plan->first);
    struct dataset_shape shape;
    return session_can_run(session, &plan->first, problem) &&
           dataset_describe(&data, &shape, problem) && replay_is_possible(plan, &shape, problem);
}

void session_replay(struct session *session, const struct replay *plan, const struct shot *shot) {
    struct session_replay *replay = &session->replay;
    char problem[EXPERIMENT_PROBLEM];
    if (!can_replay(session, plan, problem)) {
        session_toast(session, true, "%s", problem);
        return;
    }
    replay->active = replay->offered = true;
    replay->before = session->request.serial;
    replay->number++;
    replay->plan = *plan;
    replay->shot = *shot;
    replay_experiment(plan, plan->changes, &session->request.experiment);
    session->request.replay = replay->number;
    session->request.paused = session->request.paused || shot->there;
    session->requested = true;
    session_scrub(session, -1);
    session_select(session, session->selected);
    if (shot->there) {
        look_text_read(session, shot->look);
        session->bare = session->ghost = false; // pages have one; the other is not there yet
    }
    replay->time = session->time;
    replay->ranges = session->ranges;
}

void session_end_replay(struct session *session) {
    if (session->replay.active) {
        session->replay.active = session->replay.offered = false;
        session->request.replay = 0;
        session->requested = true;
    }
}

static void tell_progress(struct session *session, const struct snapshot *snapshot) {
    const struct replay *plan = &session->replay.plan;
    if (snapshot->step < plan->step) {
        session_toast(session, false, "replaying: step %lld of %lld, %d %%",
                      (long long)snapshot->step, (long long)plan->step,
                      (int)(100 * snapshot->step / plan->step));
    }
}

static void tell_end(struct session *session, const struct snapshot *snapshot) {
    const struct shot *shot = &session->replay.shot;
    char sentence[SHOT_SENTENCE];
    session->replay.active = false;
    session->request.replay = 0;
    session->time = session->replay.time;
    if (shot->there) {
        session->ranges = session->replay.ranges; // the steps on the way have opened strips
        session->ghost_step = session->replay.plan.ghost;
        session->ghost = session->ghost_step >= 0;
    }
    if (!shot->there || shot->altered) {
        session_toast(session, false, "step %lld reached", (long long)snapshot->step);
    } else {
        bool good = shot_compare(shot, snapshot, sentence);
        session_toast(session, !good, "%s", sentence);
    }
}

void session_notice_replay(struct session *session, const struct snapshot *snapshot) {
    const struct session_replay *replay = &session->replay;
    if (!replay->active) {
        return;
    }
    if (snapshot->refused > replay->before) {
        session_end_replay(session);
        return;
    }
    if (snapshot->request <= replay->before || !snapshot->has_runs ||
        snapshot->state == WORKER_LOADING || snapshot->life == 0) {
        return;
    }
    bool there = snapshot->step >= replay->plan.step;
    bool goes_on = snapshot->state == WORKER_RUNNING && (replay->shot.there || !there);
    if (goes_on) {
        tell_progress(session, snapshot);
    } else {
        tell_end(session, snapshot);
    }
}
