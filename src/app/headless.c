#include "app/headless.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/outputs.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/stop.h"
#include "base/text.h"
#include "lab/experiment_change.h"
#include "lab/model_load.h"
#include "lab/run_change.h"

enum { EVALUATIONS = 24, STOPPED = 96 };
static const double progress_seconds = 0.25;

/* All that a run without a window needs; zeroed and finished as one. */
struct headless {
    const struct options *options;
    const struct experiment *experiment;
    const char *case_name; // NULL: there are none
    int number;            // of the case, from 1; 0: there are none
    int64_t steps;
    struct outputs *writing;
    struct dataset data;
    struct run run;
    bool signs;               // are wanted, too
    struct output_step *step; // what was measured last
    struct history *history;  // this and the next two only for a picture
    struct film *film;
    struct picture picture;
    struct history_record *record;
    struct replay done;   // what has led to where it is
    int changes;          // of those that the file asks for
    bool differs;         // the numbers from those of the picture that is done again
    bool stopped;         // by a signal, before its end
    char where[STOPPED];  // that was
    double started, told; // seconds, of the progress line
};

static bool fail(const char *problem) {
    log_error("%s", problem);
    return false;
}

/* What only the picture needs, before the training, which may be long. */
static bool prepare_picture(struct headless *headless, char *problem) {
    if (!outputs_have_pictures(headless->options)) {
        return true;
    }
    headless->history = history_create(HISTORY_BUDGET - FILM_SHARE(HISTORY_BUDGET));
    headless->film = film_create(FILM_SHARE(HISTORY_BUDGET));
    if (!headless->history || !headless->film) {
        text_set(problem, EXPERIMENT_PROBLEM, "Memory ran out for the history.");
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

static void clear_progress(const struct headless *headless) {
    if (headless->told > headless->started) {
        fprintf(stderr, "\r%79s\r", "");
    }
}

/* Is this the moment to end it, having been asked to? where: printf-like. */
__attribute__((format(printf, 2, 3))) static bool stop(struct headless *headless, const char *where,
                                                       ...) {
    if (stop_signal() != 0 && !headless->stopped) {
        va_list args;
        va_start(args, where);
        vsnprintf(headless->where, sizeof headless->where, where, args);
        va_end(args);
        headless->stopped = true;
    }
    return headless->stopped;
}

/* Percent, on a terminal only. */
static bool tell_loading(void *context, double share) {
    struct headless *headless = context;
    if (isatty(STDERR_FILENO)) {
        headless->told = clock_seconds();
        fprintf(stderr, "\rloading %3.0f %%", 100.0 * share);
    }
    return !stop(headless, "while its data were loaded");
}

static bool load_data(struct headless *headless, const struct dataset_settings *data,
                      char *problem) {
    const struct dataset_watch watch = { tell_loading, headless };
    headless->started = headless->told = clock_seconds();
    bool good = dataset_load_watched(&headless->data, data, &watch, problem);
    clear_progress(headless);
    return good;
}

/* Returns the exit status: 0 where all is there for the training. */
static int prepare(struct headless *headless) {
    const struct experiment *experiment = headless->experiment;
    char problem[EXPERIMENT_PROBLEM];
    struct dataset_settings data = experiment_data(experiment);
    struct dataset_shape shape;
    if (!dataset_describe(&data, &shape, problem) ||
        !experiment_fits(experiment, &shape, 0, problem) ||
        !replay_is_possible(&headless->options->replay, &shape, problem) ||
        !prepare_picture(headless, problem) || !load_data(headless, &data, problem) ||
        !run_init(&headless->run, experiment, &headless->data, problem) ||
        (headless->options->load &&
         !model_load(&headless->run, headless->options->load, problem))) {
        return headless->stopped ? 0 : log_refusal(problem);
    }
    headless->steps = steps_of(headless->options, experiment, &headless->data.shape);
    headless->signs = outputs_have_signs(headless->options);
    headless->step = calloc(1, sizeof *headless->step);
    headless->record = calloc(1, sizeof *headless->record);
    if (!headless->step || !headless->record) {
        return log_refusal("Memory ran out for what is measured.");
    }
    replay_begin(&headless->done, experiment);
    headless->done.ghost = headless->options->replay.ghost;
    if (headless->history) {
        int layers[SNAPSHOT_RUNS] = { experiment->run[0].layers, experiment->run[1].layers };
        history_reset(headless->history, headless->run.networks, layers);
    }
    return 0;
}

static void finish(struct headless *headless) {
    run_finish(&headless->run);
    dataset_finish(&headless->data);
    history_destroy(headless->history);
    film_destroy(headless->film);
    picture_finish(&headless->picture);
    free(headless->step);
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

/* What a picture shows of that time is done again only so far. */
static void pretrain(struct headless *headless) {
    const struct shot *shot = &headless->options->shot;
    bool all = !shot->there || shot->altered || headless->steps > 0;
    int64_t most = all ? INT64_MAX : shot->pretrained;
    headless->started = headless->told = clock_seconds();
    while (run_pretrains(&headless->run) && run_pretrained(&headless->run) < most &&
           !stop(headless, "in update %lld of the pre-training",
                 (long long)run_pretrained(&headless->run))) {
        run_pretrain(&headless->run);
        tell_pretraining(headless);
    }
    clear_progress(headless);
}

static void write_step(struct headless *headless, bool last) {
    bool pictures = headless->history != NULL;
    headless->done.step = headless->run.step;
    headless->done.pretrained = run_pretrained(&headless->run);
    const struct output_source source = { .options = headless->options,
                                          .experiment = headless->experiment,
                                          .case_name = headless->case_name,
                                          .replay = &headless->done,
                                          .run = &headless->run,
                                          .snapshot = &headless->step->snapshot,
                                          .signs = &headless->step->signs,
                                          .last = last,
                                          .history = headless->history,
                                          .film = headless->film,
                                          .picture = pictures ? &headless->picture : NULL };
    outputs_add(headless->writing, &source, &headless->step);
}

/* Is the step that was just passed one of those that --every wants? */
static bool is_wanted(const struct headless *headless) {
    int64_t every = headless->options->every;
    return every > 0 && headless->run.step % every == 0;
}

/* What was evaluated now is told by a picture at once, by files with the next step they take. */
static bool is_evaluated(const struct headless *headless, int64_t done, int64_t interval) {
    int64_t every = headless->options->every, step = headless->run.step;
    bool told = headless->history || (every > 0 && (every - step % every) % every < interval);
    return told && done % interval == 0;
}

static bool change_once(struct headless *headless, char *problem) {
    const struct replay *plan = &headless->options->replay;
    struct experiment before = headless->run.experiment, wanted;
    int64_t step = headless->run.step;
    char text[EVENT_LOG_TEXT];
    int number = ++headless->changes;
    bool swaps = replay_swaps(plan, number);
    replay_experiment(plan, number, &wanted);
    if (!run_change(&headless->run, &wanted, swaps, problem)) {
        return false;
    }
    replay_note(&headless->done, step, swaps, &before, &wanted);
    if (swaps) {
        experiment_swap(&before);
    }
    experiment_describe_change(&before, &wanted, swaps, text, sizeof text);
    if (headless->history) {
        history_mark(headless->history, step, text);
    }
    return true;
}

/* What the file changes before the next pass, with the weights kept. */
static bool change(struct headless *headless) {
    const struct replay *plan = &headless->options->replay;
    char problem[EXPERIMENT_PROBLEM];
    while (replay_step_of(plan, headless->changes + 1) <= headless->run.step) {
        if (!change_once(headless, problem)) {
            return fail(problem);
        }
    }
    return true;
}

static bool is_asked_to_stop(void *context) {
    (void)context;
    return stop_signal() != 0;
}

/* What must be seen once more: as a glance, but for what a picture is to show. */
static void add_to_film(struct headless *headless) {
    int64_t step = headless->run.step;
    if (headless->film && step == headless->done.ghost) {
        run_capture(&headless->run, &headless->step->snapshot);
        run_gradients(&headless->run, false, &headless->step->snapshot);
        film_add(headless->film, &headless->step->snapshot);
    } else if (headless->film && film_wants(headless->film, step)) {
        run_glance(&headless->run, &headless->step->snapshot);
        film_add(headless->film, &headless->step->snapshot);
    }
}

static void capture(struct headless *headless) {
    outputs_write_meanwhile(headless->writing);
    run_capture_signed(&headless->run, &headless->step->snapshot,
                       headless->signs ? &headless->step->signs : NULL);
}

static bool train(struct headless *headless) {
    int64_t steps = headless->steps;
    int64_t interval = steps / EVALUATIONS + 1;
    headless->started = headless->told = clock_seconds();
    for (int64_t done = 0;; done++) {
        if (!change(headless)) {
            return false;
        }
        if (done == steps ||
            stop(headless, "at step %lld, after %lld of %lld updates",
                 (long long)headless->run.step, (long long)done, (long long)steps)) {
            break;
        }
        if (is_evaluated(headless, done, interval)) {
            run_evaluate(&headless->run, INT64_MAX, is_asked_to_stop, NULL);
        }
        run_pass(&headless->run);
        if (run_stopped(&headless->run)) { // what diverged is not updated: the step stays
            break;
        }
        add_to_film(headless);
        if (is_wanted(headless)) {
            capture(headless);
            write_step(headless, false);
            if (outputs_are_lost(headless->writing)) {
                return false; // it was said why
            }
        }
        run_update(&headless->run);
        if (headless->history) {
            run_record(&headless->run, headless->record);
            history_append(headless->history, headless->record);
        }
        tell_progress(headless, done + 1);
    }
    return true;
}

/* The pass that is shown, after the held-out part was looked at with the same weights. */
static void measure(struct headless *headless) {
    run_evaluate(&headless->run, INT64_MAX, NULL, NULL);
    if (!run_stopped(&headless->run)) {
        run_pass(&headless->run);
    }
    headless->step->snapshot.state = WORKER_RUNNING;
    capture(headless);
    run_participation(&headless->run, &headless->step->snapshot);
    run_gradients(&headless->run, false, &headless->step->snapshot);
    if (headless->film) {
        film_add(headless->film, &headless->step->snapshot);
    }
    write_step(headless, true);
}

/* Of a picture that was done again: are the numbers the same? */
static bool compare(const struct headless *headless) {
    const struct shot *shot = &headless->options->shot;
    char sentence[SHOT_SENTENCE];
    if (!shot->there || shot->altered || headless->stopped) {
        return true;
    }
    bool same = shot_compare(shot, &headless->step->snapshot, sentence);
    log_error("%s", sentence);
    return same;
}

/* Returns the exit status. The first of several runs opens what all of them are written to. */
static int run_one(struct headless *headless, struct outputs *writing) {
    headless->writing = writing;
    int status = prepare(headless);
    if (status == 0 && !headless->stopped) {
        status = headless->number > 1 || outputs_open(writing, headless->options) ? 0 : 1;
        if (status == 0) {
            pretrain(headless);
            status = train(headless) ? 0 : 1;
            clear_progress(headless);
        }
        if (status == 0) {
            measure(headless);
            headless->differs = !compare(headless);
        }
    }
    finish(headless);
    return status;
}

/* One after the other; what is written is written of all of them together. */
static int run_cases(struct headless *headless, struct outputs *writing,
                     const struct options *options) {
    int status = 0;
    for (int i = 0; i < options->cases && status == 0 && !headless->stopped; i++) {
        *headless = (struct headless){ .options = options,
                                       .experiment = &options->case_of[i],
                                       .case_name = options->notes.case_name[i],
                                       .number = i + 1 };
        status = run_one(headless, writing);
    }
    return status;
}

/* Once all is written that there is to write. */
static void tell_stop(struct headless *headless, bool written) {
    char which[48] = "";
    if (headless->number > 0) {
        text_set(which, sizeof which, " in case %d of %d,", headless->number,
                 headless->options->cases);
    }
    if (stop(headless, "after the last update")) {
        log_error("stopped by %s%s %s%s.", stop_name(), which, headless->where,
                  written ? "; what was written is of that moment" : "");
    }
}

int headless_run(const struct options *options) {
    struct headless *headless = calloc(1, sizeof *headless);
    if (!headless) {
        log_error("Memory ran out.");
        return 1;
    }
    struct outputs writing = { 0 };
    int status;
    if (options->cases > 0) {
        status = run_cases(headless, &writing, options);
    } else {
        headless->options = options;
        headless->experiment = &options->experiment;
        status = run_one(headless, &writing);
    }
    bool begun = writing.options != NULL;
    bool written = outputs_close(&writing, status == 0);
    if (!written || headless->differs) {
        status = 1;
    }
    if (status == 0 || headless->stopped) {
        tell_stop(headless, begun && written);
    }
    free(headless);
    return status;
}
