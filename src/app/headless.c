#include "app/headless.h"

#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/picture.h"
#include "app/table.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "export/json_file.h"
#include "export/npz_file.h"
#include "export/png_file.h"
#include "lab/data_look.h"
#include "lab/layer_look.h"
#include "lab/run.h"

enum { DEFAULT_WIDTH = 1440, DEFAULT_HEIGHT = 900, EVALUATIONS = 24 };
static const size_t history_budget = 256u << 20;
static const double progress_seconds = 0.25;

/* All that a run without a window needs; zeroed and finished as one. */
struct headless {
    const struct options *options;
    const struct experiment *experiment;
    int number; // of the case, from 1; 0: there are none
    int64_t steps;
    struct dataset data;
    struct run run;
    struct snapshot *snapshot;
    struct history *history; // this and the next two only for a picture
    struct film *film;
    struct picture picture;
    struct history_record *record;
    double started, told; // seconds, of the progress line
};

static bool fail(const char *problem) {
    log_error("%s", problem);
    return false;
}

/* What only the picture needs, before the training, which may be long. */
static bool prepare_picture(struct headless *headless, char *problem) {
    if (!headless->options->png) {
        return true;
    }
    headless->history = history_create(history_budget - FILM_SHARE(history_budget));
    headless->film = film_create(FILM_SHARE(history_budget));
    if (!headless->history || !headless->film) {
        text_set(problem, EXPERIMENT_PROBLEM, "Memory ran out.");
        return false;
    }
    return picture_init(&headless->picture, problem);
}

/* A part of a step counts as one. */
static int64_t steps_of(const struct options *options, const struct experiment *experiment,
                        const struct dataset_shape *shape) {
    double batch = experiment_batch(experiment, shape);
    double steps = options->epochs * (double)shape->examples / batch;
    return options->epochs > 0.0 ? (int64_t)ceil(steps * (1.0 - 1e-12)) : options->steps;
}

static bool prepare(struct headless *headless) {
    const struct experiment *experiment = headless->experiment;
    char problem[EXPERIMENT_PROBLEM];
    struct dataset_settings data = experiment_data(experiment);
    struct dataset_shape shape;
    if (!dataset_describe(&data, &shape, problem) ||
        !experiment_fits(experiment, &shape, 0, problem) || !prepare_picture(headless, problem) ||
        !dataset_load(&headless->data, &data, problem) ||
        !run_init(&headless->run, experiment, &headless->data, problem)) {
        return fail(problem);
    }
    headless->steps = steps_of(headless->options, experiment, &shape);
    headless->snapshot = calloc(1, sizeof *headless->snapshot);
    headless->record = calloc(1, sizeof *headless->record);
    if (!headless->snapshot || !headless->record) {
        return fail("Memory ran out.");
    }
    if (headless->history) {
        int layers[SNAPSHOT_RUNS] = { experiment->run[0].layers, experiment->run[1].layers };
        history_reset(headless->history, headless->run.networks, layers);
    }
    return true;
}

static void finish(struct headless *headless) {
    run_finish(&headless->run);
    dataset_finish(&headless->data);
    history_destroy(headless->history);
    film_destroy(headless->film);
    picture_finish(&headless->picture);
    free(headless->snapshot);
    free(headless->record);
}

/* Percent, rate and time left, on a terminal only. */
static void tell_progress(struct headless *headless, int64_t done) {
    double now = clock_seconds();
    int64_t steps = headless->steps;
    if (now - headless->told < progress_seconds || !isatty(STDERR_FILENO)) {
        return;
    }
    headless->told = now;
    double rate = (double)done / (now - headless->started);
    char which[32] = "";
    if (headless->number > 0) {
        text_set(which, sizeof which, "case %d of %d  ", headless->number,
                 headless->options->cases);
    }
    fprintf(stderr, "\r%s%3.0f %%  step %lld of %lld  %.0f steps/s  %.0f s left   ", which,
            100.0 * (double)done / (double)steps, (long long)done, (long long)steps, rate,
            (double)(steps - done) / rate);
}

static void tell_pretraining(struct headless *headless) {
    double now = clock_seconds();
    if (now - headless->told < progress_seconds || !isatty(STDERR_FILENO)) {
        return;
    }
    headless->told = now;
    for (int r = 0; r < headless->run.networks; r++) {
        const struct pretraining_stats *stats = &headless->run.pretraining[r].stats;
        if (stats->active) { // of two, the last one
            char text[SNAPSHOT_SENTENCE];
            pretraining_text(stats, text, sizeof text);
            fprintf(stderr, "\r%-78s", text);
        }
    }
}

static void clear_progress(const struct headless *headless) {
    if (headless->told > headless->started) {
        fprintf(stderr, "\r%79s\r", "");
    }
}

static void pretrain(struct headless *headless) {
    headless->started = headless->told = clock_seconds();
    while (run_pretrains(&headless->run)) {
        run_pretrain(&headless->run);
        tell_pretraining(headless);
    }
    clear_progress(headless);
}

static void train(struct headless *headless) {
    int64_t steps = headless->steps;
    int64_t every = steps / EVALUATIONS + 1;
    headless->started = headless->told = clock_seconds();
    for (int64_t done = 0; done < steps; done++) {
        if (headless->history && done % every == 0) {
            run_evaluate(&headless->run, INT64_MAX, NULL, NULL);
        }
        run_pass(&headless->run);
        if (run_stopped(&headless->run)) { // what diverged is not updated: the step stays
            break;
        }
        if (headless->film && film_wants(headless->film, headless->run.step)) {
            run_glance(&headless->run, headless->snapshot);
            film_add(headless->film, headless->snapshot);
        }
        run_update(&headless->run);
        if (headless->history) {
            run_record(&headless->run, headless->record);
            history_append(headless->history, headless->record);
        }
        tell_progress(headless, done + 1);
    }
    clear_progress(headless);
}

/* The pass that is shown, after the held-out part was looked at with the same weights. */
static void measure(struct headless *headless) {
    run_evaluate(&headless->run, INT64_MAX, NULL, NULL);
    if (!run_stopped(&headless->run)) {
        run_pass(&headless->run);
    }
    headless->snapshot->state = WORKER_RUNNING;
    run_capture(&headless->run, headless->snapshot);
    run_participation(&headless->run, headless->snapshot);
    if (headless->film) {
        film_add(headless->film, headless->snapshot);
    }
}

/* What the view wants to see closer, of all examples. */
static void look(struct headless *headless) {
    struct data_look *look = calloc(1, sizeof *look);
    if (look && headless->options->view == VIEW_DATA &&
        data_look(look, &headless->run, &(struct data_effort){ .work = (double)INFINITY })) {
        data_detail_copy(&headless->snapshot->data_detail, &look->detail);
    }
    if (look) {
        data_look_forget(look);
    }
    free(look);
}

/* On paper, if it is a figure for a page and nothing else is asked for. */
static enum theme picture_theme(const struct options *options) {
    bool page = options->view == VIEW_TEXTBOOK;
    return options->theme >= 0 ? (enum theme)options->theme : page ? THEME_PRINT : THEME_DARK;
}

static bool write_picture(struct headless *headless) {
    const struct options *options = headless->options;
    double scale = options->scale > 0 ? options->scale : 1.0;
    int width = (int)lround(scale * (options->width ? options->width : DEFAULT_WIDTH));
    int height = (int)lround(scale * (options->height ? options->height : DEFAULT_HEIGHT));
    struct session session;
    session_init(&session, headless->experiment);
    session.theme = picture_theme(options);
    session.request.serial = headless->snapshot->request; // as if it had been asked for
    session_notice(&session, headless->snapshot);
    session_show(&session, (enum view_id)options->view);
    layer_look(&headless->run, &session.request.look, headless->snapshot);
    look(headless);
    const struct picture_source source = { .snapshot = headless->snapshot,
                                           .history = headless->history,
                                           .film = headless->film };
    if (!picture_draw(&headless->picture, &session, &source, width, height, scale, true)) {
        return fail("Memory ran out for the picture.");
    }
    char problem[FILE_PROBLEM_MAX];
    return png_file_write(options->png, headless->picture.canvas.pixels, width, height,
                          (float)scale, NULL, 0, problem) ||
           fail(problem);
}

static bool write_all(struct headless *headless) {
    const struct options *options = headless->options;
    char problem[FILE_PROBLEM_MAX];
    bool good = true;
    if (options->json &&
        !json_file_write(options->json, headless->experiment, headless->snapshot, problem)) {
        good = fail(problem);
    }
    if (options->npz && !npz_file_write(options->npz, &headless->run, problem)) {
        good = fail(problem);
    }
    if (options->png) {
        good = write_picture(headless) && good;
    }
    if (options->print || (!options->json && !options->npz && !options->png)) {
        table_print(stdout, headless->snapshot);
    }
    return good;
}

/* Better told before the training than after it. Only a pipe would notice that it was tried. */
static bool can_write(const char *path) {
    char problem[FILE_PROBLEM_MAX];
    struct stat info;
    struct file_writer writer;
    if (!path || (stat(path, &info) == 0 && S_ISFIFO(info.st_mode))) {
        return true;
    }
    if (!file_writer_open(&writer, path, problem)) {
        return fail(problem);
    }
    file_writer_abandon(&writer);
    return true;
}

static bool can_write_all(const struct options *options) {
    return can_write(options->png) && can_write(options->json) && can_write(options->npz);
}

/* Returns the exit status; 0 leaves the measured snapshot in *snapshot, which the caller frees. */
static int run_one(struct headless *headless, bool keep, struct snapshot **snapshot) {
    int status = 2;
    if (prepare(headless)) {
        status = 1;
        if (headless->number > 1 || can_write_all(headless->options)) {
            pretrain(headless);
            train(headless);
            measure(headless);
            status = keep || write_all(headless) ? 0 : 1;
        }
    }
    if (keep && status == 0) {
        *snapshot = headless->snapshot;
        headless->snapshot = NULL;
    }
    finish(headless);
    return status;
}

static bool write_cases(const struct options *options, const struct json_case *cases) {
    char problem[FILE_PROBLEM_MAX];
    bool good = true;
    if (options->json &&
        !json_file_write_cases(options->json, &options->notes, cases, options->cases, problem)) {
        good = fail(problem);
    }
    if (options->print || !options->json) {
        table_print_cases(stdout, &options->notes, cases, options->cases);
    }
    return good;
}

/* One after the other; what is written is written of all of them together. */
static int run_cases(struct headless *headless, const struct options *options) {
    struct json_case cases[EXPERIMENT_CASES];
    struct snapshot *snapshots[EXPERIMENT_CASES] = { NULL };
    int status = 0;
    for (int i = 0; i < options->cases && status == 0; i++) {
        *headless = (struct headless){ .options = options,
                                       .experiment = &options->case_of[i],
                                       .number = i + 1 };
        status = run_one(headless, true, &snapshots[i]);
        cases[i] =
            (struct json_case){ options->notes.case_name[i], &options->case_of[i], snapshots[i] };
    }
    if (status == 0) {
        status = write_cases(options, cases) ? 0 : 1;
    }
    for (int i = 0; i < options->cases; i++) {
        free(snapshots[i]);
    }
    return status;
}

int headless_run(const struct options *options) {
    struct headless *headless = calloc(1, sizeof *headless);
    if (!headless) {
        log_error("Memory ran out.");
        return 1;
    }
    int status;
    if (options->cases > 0) {
        status = run_cases(headless, options);
    } else {
        headless->options = options;
        headless->experiment = &options->experiment;
        status = run_one(headless, false, NULL);
    }
    free(headless);
    return status;
}
