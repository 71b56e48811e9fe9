#include "app/act.h"

#include "base/require.h"

static const double speed_ladder[] = { 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000 };

/* The next value of a rising ladder above (below) value; value itself at the end. */
static double climb(const double *ladder, int count, double value, int direction) {
    if (direction > 0) {
        for (int i = 0; i < count; i++) {
            if (ladder[i] > value) {
                return ladder[i];
            }
        }
    } else {
        for (int i = count - 1; i >= 0; i--) {
            if (ladder[i] < value) {
                return ladder[i];
            }
        }
    }
    return value;
}

#define CLIMB(ladder, value, direction) climb(ladder, ARRAY_LEN(ladder), value, direction)

void act_compare(struct session *session, int direction) {
    (void)direction;
    struct experiment wanted = session->request.experiment;
    if (wanted.compare) {
        wanted.compare = false;
    } else {
        experiment_pin(&wanted);
        session_toast(session, false, "B is now a copy of A. Change A to see what differs.");
    }
    session_edit(session, &wanted);
}

void act_swap(struct session *session, int direction) {
    (void)direction;
    if (!session->request.experiment.compare) {
        session_toast(session, false, "There is no B to swap with: C pins the present A as B.");
        return;
    }
    session_swap(session);
}

/* In A alone: B is what it is compared with. */
void act_cure(struct session *session, int direction) {
    (void)direction;
    const struct session_health *a = &session->health[0], *b = &session->health[1];
    if (a->cure) {
        struct experiment wanted = session->request.experiment;
        cure_apply(a->cure, &wanted, 0);
        session_toast(session, false, "A gets %s: %s (%s).", a->cure->name, a->cure->reason,
                      a->cure->source);
        session_edit(session, &wanted); // has the last word
    } else if (a->ill) {
        session_toast(session, false, "For what A has there is no simple cure.");
    } else if (a->known && b->known && b->ill) {
        session_toast(session, false, "A is healthy. X swaps A and B; then Y cures what B has.");
    } else if (!a->known) {
        session_toast(session, false, "There is no verdict on A yet.");
    } else {
        session_toast(session, false, "There is nothing to cure.");
    }
}

void act_preset(struct session *session, int number) {
    session_open_preset_of_key(session, number > 0 ? number : 1);
}

void act_pause(struct session *session, int direction) {
    (void)direction;
    bool replays = session->replay.active && session->replay.shot.there; // paused already
    session_end_replay(session);
    session->request.paused = replays || !session->request.paused;
    session->requested = session->redraw = true;
}

static void ask_steps(struct session *session, uint64_t steps) {
    session_end_replay(session);
    session->request.paused = true;
    session->request.steps += steps;
    session->requested = session->redraw = true;
}

void act_step(struct session *session, int direction) {
    (void)direction;
    ask_steps(session, 1);
}

void act_steps(struct session *session, int direction) {
    (void)direction;
    ask_steps(session, 100);
}

void act_restart(struct session *session, int direction) {
    (void)direction;
    session_end_replay(session);
    session->request.restarts++;
    session->requested = session->redraw = true;
}

void act_seed(struct session *session, int direction) {
    struct experiment wanted = session->request.experiment;
    wanted.seed += direction > 0 ? 1 : UINT64_MAX;
    session_begin(session, &wanted);
    session_toast(session, false, "seed %llu", (unsigned long long)wanted.seed);
}

bool keeps_weights(const struct session *session) {
    return session->keeps;
}

void act_keep(struct session *session, int direction) {
    (void)direction;
    session->keeps = !session->keeps;
    session->redraw = true;
    session_toast(session, false, "%s",
                  session->keeps
                      ? "Weights are kept: what can change while it trains goes on from here."
                      : "Every change starts again with new weights.");
}

/* 0 means as fast as it goes and stands above the ladder's top. */
void act_faster(struct session *session, int direction) {
    double speed = session->request.speed;
    double top = speed_ladder[ARRAY_LEN(speed_ladder) - 1];
    if (direction > 0) {
        speed = speed <= 0 || speed >= top ? 0 : CLIMB(speed_ladder, speed, 1);
    } else {
        speed = speed <= 0 ? top : CLIMB(speed_ladder, speed, -1);
    }
    session->request.speed = speed;
    session->requested = true;
    if (speed > 0) {
        session_toast(session, false, "at most %g steps a second", speed);
    } else {
        session_toast(session, false, "as fast as it goes");
    }
}

void act_slower(struct session *session, int direction) {
    act_faster(session, -direction);
}
