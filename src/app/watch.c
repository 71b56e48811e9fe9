#include "app/watch.h"

#include <stdlib.h>

#include "app/output_rows.h"
#include "app/table.h"
#include "app/window.h"
#include "base/file.h"
#include "base/log.h"
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

/* Returns the exit status: 0 where there is something to read. */
static int prepare(struct watch *watch) {
    char problem[EXPERIMENT_PROBLEM];
    watch->history = history_create(history_budget - FILM_SHARE(history_budget));
    watch->film = film_create(FILM_SHARE(history_budget));
    if (!watch->history || !watch->film) {
        return log_refusal("Memory ran out for the history.");
    }
    watch->follow = follow_create(&watch->options->follow, watch->history, watch->film, problem);
    if (!watch->follow || !picture_init(&watch->picture, problem)) {
        return log_refusal(problem);
    }
    return 0;
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

static bool write_all(struct watch *watch) {
    char complaints[COMPLAINTS];
    while (follow_read(watch->follow, 1.0)) {
    }
    follow_settle(watch->follow);
    follow_complain(watch->follow, true, complaints, sizeof complaints);
    if (complaints[0]) {
        log_error("%s", complaints);
    }
    if (follow_starved(watch->follow)) { // which the complaints tell
        return false;
    }
    struct snapshot *snapshot = follow_snapshot(watch->follow);
    if (!snapshot->has_runs) {
        return fail(snapshot->message);
    }
    if (watch->options->print) {
        table_print(stdout, snapshot);
    }
    return !watch->options->png || write_picture(watch, snapshot);
}

int watch_run(const struct options *options) {
    if (!options->png && !options->print) {
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
        status = write_all(watch) ? 0 : 1;
    }
    finish(watch);
    free(watch);
    return status;
}
