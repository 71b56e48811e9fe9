/*
 * bench_frame.c - how long a frame of each view takes: the default twins after some steps, drawn
 * again and again as the window does. Prints minimum, median and 99th percentile milliseconds, and
 * what the canvas and the history have of it.
 *
 *     bench_frame [SCALE [DATA [VIEW]]]      DATA: name of a data set, else mnist; VIEW: one alone
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/picture.h"
#include "base/clock.h"
#include "lab/data_look.h"
#include "lab/layer_look.h"
#include "lab/run.h"

enum { WIDTH = 1440, HEIGHT = 900, STEPS = 300, ROUNDS = 300, WARM_UP = 3 };

static int by_time(const void *a, const void *b) {
    double first = *(const double *)a, second = *(const double *)b;
    return (first > second) - (first < second);
}

static void report(const char *what, double *seconds) {
    qsort(seconds, ROUNDS, sizeof *seconds, by_time);
    printf("%-22s min %6.3f   median %6.3f   p99 %6.3f ms\n", what, 1e3 * seconds[0],
           1e3 * seconds[ROUNDS / 2], 1e3 * seconds[ROUNDS * 99 / 100]);
}

/* Train the default twins; every step is recorded, the last one is also measured. */
static bool train(const struct experiment *experiment, struct snapshot *snapshot,
                  struct history *history, struct film *film, char *problem) {
    static struct history_record record;
    struct dataset_settings settings = experiment_data(experiment);
    struct dataset data;
    struct run run;
    if (!dataset_load(&data, &settings, problem)) {
        return false;
    }
    bool trained = run_init(&run, experiment, &data, problem);
    if (trained) {
        const int layers[SNAPSHOT_RUNS] = { experiment->run[0].layers, experiment->run[1].layers };
        history_reset(history, run.networks, layers);
        for (int step = 0; step < STEPS; step++) {
            run_pass(&run);
            run_capture(&run, snapshot);
            layer_look(&run, &(struct look){ .kind = LOOK_LAYER, .layer = 1, .unit = 1 }, snapshot);
            film_add(film, snapshot);
            run_update(&run);
            run_record(&run, &record);
            history_append(history, &record);
        }
        static struct data_look look;
        data_look(&look, &run, &(struct data_effort){ .work = 1e9 });
        data_detail_copy(&snapshot->data_detail, &look.detail);
        data_look_forget(&look);
    }
    run_finish(&run);
    dataset_finish(&data);
    return trained;
}

static void measure_view(struct picture *picture, const struct session *session,
                         const struct picture_source *source, double scale) {
    static double whole[ROUNDS], canvas[ROUNDS];
    int width = (int)lround(scale * WIDTH), height = (int)lround(scale * HEIGHT);
    for (int i = -WARM_UP; i < ROUNDS; i++) {
        double start = clock_seconds();
        picture_draw(picture, session, source, width, height, scale, false);
        double drawn = clock_seconds();
        canvas_draw(&picture->canvas, &picture->list, picture->text, 0);
        whole[i < 0 ? 0 : i] = drawn - start;
        canvas[i < 0 ? 0 : i] = clock_seconds() - drawn;
    }
    printf("%s, %d x %d, %zu primitives\n", views[session->view].name, width, height,
           picture->list.op_count);
    report("  frame", whole);
    report("  of which the canvas", canvas);
}

/* All views, or the one of that name. */
static void measure(struct picture *picture, const struct experiment *experiment,
                    const struct picture_source *source, double scale, const char *only) {
    static struct film_frame past;
    static double sampling[ROUNDS];
    struct session session;
    session_init(&session, experiment);
    for (int view = 0; view < VIEW_COUNT; view++) {
        if (only && strcmp(only, views[view].name) != 0) {
            continue;
        }
        session_show(&session, (enum view_id)view);
        measure_view(picture, &session, source, scale);
    }
    session_show(&session, VIEW_HISTORY);
    session.lines = true;
    printf("with lines: ");
    measure_view(picture, &session, source, scale);
    for (int i = 0; i < ROUNDS; i++) {
        double start = clock_seconds();
        film_at(source->film, i, &(struct look){ .kind = LOOK_NONE }, &past);
        sampling[i] = clock_seconds() - start;
    }
    report("a snapshot of the past", sampling);
    for (int i = 0; i < ROUNDS; i++) {
        double start = clock_seconds();
        history_sample(source->history,
                       &(struct history_query){ .columns = HISTORY_COLUMNS,
                                                .quantities = 1u << HISTORY_DELTA_RMS,
                                                .high = -1 },
                       picture->history);
        sampling[i] = clock_seconds() - start;
    }
    report("history of any of them", sampling);
}

int main(int argc, char **argv) {
    char problem[EXPERIMENT_PROBLEM] = "out of memory";
    struct experiment experiment;
    struct picture picture;
    struct snapshot *snapshot = calloc(1, sizeof *snapshot);
    struct history *history = history_create(64u << 20);
    struct film *film = film_create(192u << 20);
    experiment_defaults(&experiment);
    for (int i = 0; i < DATASET_COUNT && argc > 2; i++) {
        experiment.data = strcmp(datasets[i].name, argv[2]) == 0 ? i : experiment.data;
    }
    experiment_reference(&experiment);
    bool good = picture_init(&picture, problem) && snapshot && history && film &&
                train(&experiment, snapshot, history, film, problem);
    if (good) {
        const struct picture_source source = {
            .snapshot = snapshot, .history = history, .film = film, .again = -1
        };
        measure(&picture, &experiment, &source, argc > 1 ? strtod(argv[1], NULL) : 1.0,
                argc > 3 ? argv[3] : NULL);
        printf("the film has %.0f bytes a step\n", (double)film_bytes(film) / STEPS);
    } else {
        fprintf(stderr, "%s\n", problem);
    }
    picture_finish(&picture);
    history_destroy(history);
    film_destroy(film);
    free(snapshot);
    return good ? 0 : 1;
}
