/*
 * growth_case.c - what one experiment takes: seconds of processor time, the shortest of several,
 * and bytes. growth.py puts many of them beside each other.
 *
 *     growth_case case [NAME,NAME... [KEY=VALUE...]]   settings of A; "twins" adds a B like A
 *     growth_case past BYTES STEPS,STEPS... [KEY=VALUE...]
 *
 * case prints "NAME VALUE" for each of the things that are named (all: those of the table below, in
 * its order) and "bytes": by how much loading, training and what is named before it have raised the
 * highest resident size. past trains on the worker's thread as the window does, with so many bytes
 * for history and film, and prints at each of those steps
 *
 *     STEP SECONDS_PER_STEP RESIDENT HISTORY_BYTES FILM_BYTES SECONDS_OF_SAMPLE SECONDS_OF_FRAME
 *
 * of the steps since the line above; the last two are of reading 512 columns of the history and of
 * unpacking a snapshot of the film.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "app/picture.h"
#include "base/require.h"
#include "base/text.h"
#include "engine/denormals.h"
#include "engine/kernels.h"
#include "export/csv_file.h"
#include "export/json_file.h"
#include "export/npz_file.h"
#include "lab/run.h"
#include "lab/worker.h"

enum { WIDTH = 1440, HEIGHT = 900, REPEATS = 3, PAST_STEPS = 200 };
static const double sample_seconds = 1e-3, least_seconds = 0.05;

static struct bench {
    struct experiment experiment;
    struct dataset data;
    struct run run;
    struct snapshot *snapshot;
    struct history *history;
    struct history_record record;
    struct session session;
    struct picture picture;
    struct history_view view;
    struct film_frame frame;
    struct film *film;
    int64_t last;
    char path[64], problem[EXPERIMENT_PROBLEM];
} bench;

static double processor_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* A line of /proc/self/status in bytes; 0 where there is none. */
static double status_bytes(const char *name) {
    char line[256];
    double kilobytes = 0.0;
    FILE *file = fopen("/proc/self/status", "r");
    while (file && fgets(line, sizeof line, file)) {
        if (strncmp(line, name, strlen(name)) == 0) {
            kilobytes = strtod(line + strlen(name) + 1, NULL);
        }
    }
    if (file) {
        fclose(file);
    }
    return 1024.0 * kilobytes;
}

static double seconds_of(void (*work)(void), int count) {
    double start = processor_seconds();
    for (int i = 0; i < count; i++) {
        work();
    }
    return (processor_seconds() - start) / count;
}

/* Samples of a millisecond at least; the first call of all is not counted. */
static double shortest(void (*work)(void)) {
    work();
    double once = seconds_of(work, 1), best = once;
    int count = once < sample_seconds ? (int)(sample_seconds / (once + 1e-9)) + 1 : 1;
    double start = processor_seconds();
    for (int i = 0; i < REPEATS || processor_seconds() - start < least_seconds; i++) {
        double seconds = seconds_of(work, count);
        best = seconds < best ? seconds : best;
    }
    return best;
}

static void start(void) {
    REQUIRE(run_restart(&bench.run, &bench.experiment, &bench.data, bench.problem));
}

static void step(void) {
    run_pass(&bench.run);
    run_update(&bench.run);
    run_record(&bench.run, &bench.record);
}

static void glance(void) {
    run_glance(&bench.run, bench.snapshot);
}

static void capture(void) {
    run_capture(&bench.run, bench.snapshot);
}

static void participation(void) {
    run_participation(&bench.run, bench.snapshot);
}

static void draw(void) {
    const struct picture_source source = { bench.snapshot, bench.history, NULL, -1 };
    REQUIRE(picture_draw(&bench.picture, &bench.session, &source, WIDTH, HEIGHT, 1.0, true));
}

static void layers(void) {
    session_show(&bench.session, VIEW_LAYERS);
    draw();
}

static void maps(void) {
    session_show(&bench.session, VIEW_HISTORY);
    draw();
}

static void csv(void) {
    struct csv_file *file = csv_file_open(bench.path, bench.problem);
    REQUIRE(file && csv_file_add(file, NULL, bench.snapshot, bench.problem));
    REQUIRE(csv_file_close(file, true, bench.problem));
}

static void json(void) {
    REQUIRE(json_file_write(bench.path, &bench.experiment, bench.snapshot, bench.problem));
}

static void npz(void) {
    REQUIRE(npz_file_write(bench.path, &bench.run, bench.problem));
}

/* A pass that is not updated, for what measures it. */
static bool pass_once(void) {
    step();
    run_pass(&bench.run);
    return true;
}

/* Something in the history, and the picture that shows it. */
static bool prepare_picture(void) {
    const int depths[] = { bench.experiment.run[0].layers, bench.experiment.run[1].layers };
    bench.history = history_create((size_t)4 << 20);
    if (!bench.history || !picture_init(&bench.picture, bench.problem)) {
        return false;
    }
    session_init(&bench.session, &bench.experiment);
    history_reset(bench.history, bench.run.networks, depths);
    for (int i = 0; i < PAST_STEPS; i++) {
        history_record_of(bench.snapshot, &bench.record);
        bench.record.step = i;
        history_append(bench.history, &bench.record);
    }
    return true;
}

static bool prepare_file(void) {
    text_set(bench.path, sizeof bench.path, "/tmp/growth_case_XXXXXX");
    int file = mkstemp(bench.path);
    return file >= 0 && close(file) == 0;
}

static const struct thing {
    const char *name;
    void (*work)(void);
    bool (*prepare)(void); // NULL: nothing
} things[] = {
    { "start", start, NULL },
    { "step", step, NULL },
    { "glance", glance, pass_once },
    { "capture", capture, NULL },
    { "participation", participation, NULL },
    { "bytes", NULL, NULL },
    { "layers", layers, prepare_picture },
    { "maps", maps, NULL },
    { "csv", csv, prepare_file },
    { "json", json, NULL },
    { "npz", npz, NULL },
};

static bool is_listed(const char *list, const char *name) {
    size_t length = strlen(name);
    bool listed = strcmp(list, "all") == 0;
    for (const char *at = list; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
        listed |= strncmp(at, name, length) == 0 && (at[length] == ',' || at[length] == '\0');
    }
    return listed;
}

static bool read_settings(int count, char **words) {
    struct experiment *experiment = &bench.experiment;
    bool twins = false;
    experiment_defaults(experiment);
    experiment->threads = 1;
    for (int i = 0; i < count; i++) {
        char name[64];
        const char *value = strchr(words[i], '=');
        text_set(name, sizeof name, "%.*s", (int)strcspn(words[i], "="), words[i]);
        const struct setting *setting = setting_find(name);
        if (strcmp(words[i], "twins") == 0) {
            twins = true;
        } else if (!setting || !value) {
            text_set(bench.problem, sizeof bench.problem, "there is no setting %s", words[i]);
            return false;
        } else if (!setting_parse(experiment, 0, setting, value + 1, bench.problem)) {
            return false;
        }
    }
    experiment->run[1] = experiment->run[0];
    experiment->compare = twins;
    return true;
}

static bool measure_case(const char *names) {
    const struct dataset_settings settings = experiment_data(&bench.experiment);
    double before = status_bytes("VmRSS:");
    bench.snapshot = calloc(1, sizeof *bench.snapshot);
    if (!bench.snapshot || !dataset_load(&bench.data, &settings, bench.problem) ||
        !run_init(&bench.run, &bench.experiment, &bench.data, bench.problem)) {
        return false;
    }
    for (int i = 0; i < ARRAY_LEN(things); i++) {
        const struct thing *thing = &things[i];
        if (thing->prepare && !thing->prepare()) {
            return false;
        }
        if (!thing->work) {
            printf("%s %.0f\n", thing->name, status_bytes("VmHWM:") - before);
        } else if (is_listed(names, thing->name)) {
            printf("%s %.9g\n", thing->name, shortest(thing->work));
        }
    }
    if (bench.path[0]) {
        remove(bench.path);
    }
    return true;
}

static void nudge(void *context) {
    (void)context;
}

static void train_up_to(struct worker *worker, struct request *request, int64_t step) {
    const struct timespec frame = { .tv_nsec = 16000000 };
    request->serial++;
    request->steps = (uint64_t)step;
    worker_request(worker, request);
    while (worker_latest(worker)->step < step) {
        nanosleep(&frame, NULL);
    }
}

static void sample_history(void) {
    const struct history_query query = { .columns = HISTORY_COLUMNS,
                                         .quantities = 1u << HISTORY_DELTA_RMS,
                                         .high = -1 };
    history_sample(bench.history, &query, &bench.view);
}

static void unpack_frame(void) { // one, then another, so that each has to be unpacked
    bench.last = bench.last > 0 ? 0 : bench.view.last_step;
    film_at(bench.film, bench.last, &(struct look){ .kind = LOOK_NONE }, &bench.frame);
}

static bool measure_past(size_t budget, const char *steps) {
    struct request request = { .experiment = bench.experiment, .paused = true };
    struct worker *worker = worker_start(&request, budget, nudge, NULL, bench.problem);
    if (!worker) {
        return false;
    }
    bench.history = worker_history(worker);
    bench.film = worker_film(worker);
    int64_t made = 0;
    for (const char *at = steps; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
        int64_t wanted = strtoll(at, NULL, 10);
        double start = processor_seconds();
        train_up_to(worker, &request, wanted);
        double seconds = (processor_seconds() - start) / (double)(wanted - made);
        double sample = shortest(sample_history), frame = shortest(unpack_frame);
        made = wanted;
        printf("%lld %.9g %.0f %zu %zu %.9g %.9g\n", (long long)made, seconds,
               status_bytes("VmRSS:"), bench.view.bytes_used, film_bytes(bench.film), sample,
               frame);
    }
    worker_stop(worker);
    return true;
}

int main(int argc, char **argv) {
    bool past = argc > 3 && strcmp(argv[1], "past") == 0;
    if (!past && (argc < 3 || strcmp(argv[1], "case") != 0)) {
        fprintf(stderr, "usage: growth_case case NAME,NAME... [KEY=VALUE...]\n"
                        "       growth_case past BYTES STEPS,STEPS... [KEY=VALUE...]\n");
        return 2;
    }
    engine_start();
    denormals_flush();
    int words = past ? 4 : 3;
    if (!read_settings(argc - words, argv + words) ||
        !(past ? measure_past(strtoull(argv[2], NULL, 10), argv[3]) : measure_case(argv[2]))) {
        fprintf(stderr, "growth_case: %s\n", bench.problem);
        return 1;
    }
    return 0;
}
