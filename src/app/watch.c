#include "app/watch.h"

#include <stdlib.h>

#include "app/output_rows.h"
#include "app/table.h"
#include "app/window.h"
#include "base/file.h"
#include "base/log.h"
#include "base/stop.h"
#include "base/text.h"
#include "lab/follow.h"

enum { COMPLAINTS = 4096 };
static const size_t history_budget = 256u << 20;

/* All that watching without a window needs; zeroed and finished as one. */
struct watch {
    const struct options *options;
    struct history *history;
    struct film *film;
    struct follow *follow;
    struct picture picture;
};

static bool fail(const char *problem) {
    log_error("%s", problem);
    return false;
}

static bool prepare(struct watch *watch) {
    char problem[EXPERIMENT_PROBLEM];
    watch->history = history_create(history_budget - FILM_SHARE(history_budget));
    watch->film = film_create(FILM_SHARE(history_budget));
    if (!watch->history || !watch->film) {
        return fail("Memory ran out.");
    }
    watch->follow = follow_create(&watch->options->follow, watch->history, watch->film, problem);
    if (!watch->follow || !picture_init(&watch->picture, problem)) {
        return fail(problem);
    }
    return true;
}

static void finish(struct watch *watch) {
    follow_destroy(watch->follow);
    history_destroy(watch->history);
    film_destroy(watch->film);
    picture_finish(&watch->picture);
}

static bool write_picture(struct watch *watch, struct snapshot *snapshot) {
    char problem[FILE_PROBLEM_MAX];
    const struct output_source source = { .options = watch->options,
                                          .experiment = &watch->options->experiment,
                                          .snapshot = snapshot,
                                          .last = true,
                                          .history = watch->history,
                                          .film = watch->film,
                                          .picture = &watch->picture };
    return output_png_add(NULL, watch->options->png, &source, problem) || fail(problem);
}

static void complain(const struct watch *watch, bool ended) {
    char complaints[COMPLAINTS];
    follow_complain(watch->follow, ended, complaints, sizeof complaints);
    if (complaints[0]) {
        log_error("%s", complaints);
    }
}

/* A wish that was met is no failure. */
static bool tell_stop(const char *what) {
    log_error("stopped by %s; %s that had been read.", stop_name(), what);
    return true;
}

static bool write_all(struct watch *watch) {
    bool more = true;
    while (more && stop_signal() == 0) {
        more = follow_read(watch->follow, 0.2);
    }
    follow_settle(watch->follow);
    complain(watch, !more);
    struct snapshot *snapshot = follow_snapshot(watch->follow);
    if (!snapshot->has_runs) {
        return stop_signal() != 0 ? tell_stop("nothing was") : fail(snapshot->message);
    }
    if (watch->options->print) {
        table_print(stdout, snapshot);
    }
    if (watch->options->png && !write_picture(watch, snapshot)) {
        return false;
    }
    char what[64];
    text_set(what, sizeof what, "what was written is of step %lld, the last",
             (long long)snapshot->step);
    return stop_signal() == 0 || tell_stop(what);
}

int watch_run(const struct options *options) {
    if (!options->png && !options->print) {
        return window_run(options);
    }
    struct watch *watch = calloc(1, sizeof *watch);
    int status = 2;
    if (!watch) {
        log_error("Memory ran out.");
        return 1;
    }
    watch->options = options;
    if (prepare(watch)) {
        status = write_all(watch) ? 0 : 1;
    }
    finish(watch);
    free(watch);
    return status;
}
