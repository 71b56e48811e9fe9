/*
 * bench_frame.c - how long a frame takes: the default twins after some steps, drawn again and
 * again as the window does. Prints minimum, median and 99th percentile milliseconds, and what the
 * display list and the canvas have of it.
 *
 *     bench_frame [scale]
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "app/picture.h"
#include "base/clock.h"
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
                  struct history *history, char *problem) {
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
            run_update(&run);
            run_record(&run, &record);
            history_append(history, &record);
        }
    }
    run_finish(&run);
    dataset_finish(&data);
    return trained;
}

static void measure(struct picture *picture, const struct experiment *experiment,
                    const struct snapshot *snapshot, struct history *history, double scale) {
    static double whole[ROUNDS];
    struct session session;
    session_init(&session, experiment);
    int width = (int)lround(scale * WIDTH), height = (int)lround(scale * HEIGHT);
    for (int i = -WARM_UP; i < ROUNDS; i++) {
        double start = clock_seconds();
        picture_draw(picture, &session, snapshot, history, width, height, scale, false);
        whole[i < 0 ? 0 : i] = clock_seconds() - start;
    }
    printf("%d x %d, %zu primitives\n", width, height, picture->list.op_count);
    report("frame", whole);
    for (int i = 0; i < ROUNDS; i++) {
        double start = clock_seconds();
        canvas_draw(&picture->canvas, &picture->list, picture->text, 0);
        whole[i] = clock_seconds() - start;
    }
    report("of which the canvas", whole);
    for (int i = 0; i < ROUNDS; i++) {
        double start = clock_seconds();
        history_sample(history, HISTORY_COLUMNS, HISTORY_DELTA_RMS, picture->history);
        whole[i] = clock_seconds() - start;
    }
    report("and the history", whole);
}

int main(int argc, char **argv) {
    char problem[EXPERIMENT_PROBLEM] = "out of memory";
    struct experiment experiment;
    struct picture picture;
    struct snapshot *snapshot = calloc(1, sizeof *snapshot);
    struct history *history = history_create(256u << 20);
    experiment_defaults(&experiment);
    experiment_reference(&experiment);
    bool good = picture_init(&picture, problem) && snapshot && history &&
                train(&experiment, snapshot, history, problem);
    if (good) {
        measure(&picture, &experiment, snapshot, history, argc > 1 ? strtod(argv[1], NULL) : 1.0);
    } else {
        fprintf(stderr, "%s\n", problem);
    }
    picture_finish(&picture);
    history_destroy(history);
    free(snapshot);
    return good ? 0 : 1;
}
