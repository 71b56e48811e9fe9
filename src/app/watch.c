#include "app/watch.h"

#include <stdlib.h>
#include <string.h>

#include "app/outputs.h"
#include "app/window.h"
#include "base/log.h"
#include "base/stop.h"
#include "base/text.h"
#include "lab/follow.h"

enum { COMPLAINTS = 4096 };

/* All that watching without a window needs; zeroed and finished as one. */
struct watch {
    const struct options *options;
    struct history *history;
    struct film *film;
    struct follow *follow;
    struct picture picture; // only for pictures
    struct outputs writing;
    struct output_step *step; // that is being written
    bool pictures;
    bool read;                     // all that there is
    int64_t last;                  // step that there was to read at first
    int64_t taken;                 // newest step that was written; -1: none yet
    int layers[1 + SNAPSHOT_RUNS]; // runs, and layers of each, of what was written
    bool changed;                  // these did, meanwhile
};

static bool fail(const char *problem) {
    log_error("%s", problem);
    return false;
}

/* Returns the exit status: 0 where there is something to read. */
static int prepare(struct watch *watch) {
    char problem[EXPERIMENT_PROBLEM];
    watch->pictures = outputs_have_pictures(watch->options);
    watch->history = history_create(HISTORY_BUDGET - FILM_SHARE(HISTORY_BUDGET));
    watch->film = film_create(FILM_SHARE(HISTORY_BUDGET));
    if (!watch->history || !watch->film) {
        return log_refusal("Memory ran out for the history.");
    }
    watch->follow = follow_create(&watch->options->follow, watch->history, watch->film, problem);
    watch->step = calloc(1, sizeof *watch->step);
    if (watch->follow && !watch->step) {
        return log_refusal("Memory ran out for what is read.");
    }
    if (!watch->follow || (watch->pictures && !picture_init(&watch->picture, problem))) {
        return log_refusal(problem);
    }
    return 0;
}

static void finish(struct watch *watch) {
    follow_destroy(watch->follow);
    history_destroy(watch->history);
    film_destroy(watch->film);
    picture_finish(&watch->picture);
    free(watch->step);
}

/* Until there is no more, or a signal says that it is enough. */
static void read_all(struct watch *watch) {
    do {
        watch->read = !follow_read(watch->follow, 0.2);
    } while (!watch->read && stop_signal() == 0);
    follow_settle(watch->follow);
}

/* Are they the networks that the outputs know? What grows may bring others. */
static bool is_alike(struct watch *watch, const struct snapshot *snapshot) {
    const int now[1 + SNAPSHOT_RUNS] = { snapshot->runs, snapshot->run[0].layers,
                                         snapshot->runs > 1 ? snapshot->run[1].layers : 0 };
    if (watch->taken < 0) {
        memcpy(watch->layers, now, sizeof now);
    }
    watch->changed = watch->changed || memcmp(watch->layers, now, sizeof now) != 0;
    return !watch->changed;
}

static void write_step(struct watch *watch, struct snapshot *snapshot, bool last) {
    const struct output_source source = { .options = watch->options,
                                          .experiment = &watch->options->experiment,
                                          .snapshot = &watch->step->snapshot,
                                          .last = last,
                                          .history = watch->history,
                                          .film = watch->film,
                                          .picture = watch->pictures ? &watch->picture : NULL };
    if (is_alike(watch, snapshot)) {
        snapshot_copy(&watch->step->snapshot, snapshot);
        outputs_add(&watch->writing, &source, &watch->step);
        watch->taken = snapshot->step;
    }
}

/* One of those that --every wants? The last one is written when all is read. */
static void take_step(void *context, struct snapshot *snapshot) {
    struct watch *watch = context;
    bool due = watch->taken < 0 || snapshot->step - watch->taken >= watch->options->every;
    if (due && snapshot->has_runs && snapshot->step < watch->last) {
        write_step(watch, snapshot, false);
    }
}

/* A wish that was met is no failure. */
static bool tell_stop(const char *what) {
    log_error("stopped by %s; %s that had been read.", stop_name(), what);
    return true;
}

/* Twice, where steps between are wanted: only at the end it is known which layers there are. */
static bool write_all(struct watch *watch) {
    read_all(watch);
    struct snapshot *snapshot = follow_snapshot(watch->follow);
    if (follow_starved(watch->follow)) { // which the complaints tell
        return false;
    }
    if (!snapshot->has_runs) {
        return stop_signal() != 0 ? tell_stop("nothing was") : fail(snapshot->message);
    }
    watch->last = snapshot->step;
    watch->taken = -1;
    if (watch->options->every > 0 && stop_signal() == 0) {
        follow_again(watch->follow, take_step, watch);
        read_all(watch);
        snapshot = follow_snapshot(watch->follow);
    }
    if (follow_starved(watch->follow)) {
        return false;
    }
    write_step(watch, snapshot, true);
    if (watch->changed) {
        return fail("A layer or a run was logged for the first time while this was read: once "
                    "more, please.");
    }
    char what[64];
    text_set(what, sizeof what, "what was written is of step %lld, the last",
             (long long)snapshot->step);
    return stop_signal() == 0 || tell_stop(what);
}

/* On files that were read, before what is printed. */
static void complain(const struct watch *watch) {
    char complaints[COMPLAINTS];
    follow_complain(watch->follow, watch->read, complaints, sizeof complaints);
    if (complaints[0]) {
        log_error("%s", complaints);
    }
}

int watch_run(const struct options *options) {
    if (!options->print && !outputs_have_files(options)) {
        return window_run(options);
    }
    struct watch *watch = calloc(1, sizeof *watch);
    if (!watch) {
        log_error("Memory ran out.");
        return 1;
    }
    watch->options = options;
    int status = prepare(watch);
    if (status == 0) {
        status = outputs_open(&watch->writing, options) && write_all(watch) ? 0 : 1;
        complain(watch);
    }
    if (!outputs_close(&watch->writing, status == 0) && status == 0) {
        status = 1;
    }
    finish(watch);
    free(watch);
    return status;
}
