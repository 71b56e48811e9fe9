/*
 * bench_window.c - does the window keep up while it trains? Runs the real window for some seconds
 * for each case and prints, in milliseconds as median, 99th percentile and maximum:
 *
 *     frame     drawing and uploading one picture
 *     interval  from picture to picture, until keys are pressed
 *     key       from a key that changes the network to the first picture of the changed one
 *
 *     bench_window [-s SECONDS] [-v VIEW] [-z SCALE]
 *
 * SDL_VIDEODRIVER says where: x11 in an X server, or dummy (the default here), which shows nothing.
 */
#include <pthread.h>
#include <SDL.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/picture.h"
#include "app/screen.h"
#include "app/window.h"
#include "base/clock.h"
#include "base/require.h"

enum { MOST = 1 << 20, KEYS = 20 };

struct series {
    double seconds[MOST];
    int count;
};

static struct series frames, intervals, keys;
static double drawing_since, uploaded_at;
static uint64_t answered;         // serial of the request that the last picture met
static _Atomic double pressed_at; // 0: no key is waited for
static _Atomic bool pressing;     // keys are pressed
static double run_seconds = 10.0;

// NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): the linker wants these
__typeof__(picture_draw) __real_picture_draw, __wrap_picture_draw;
__typeof__(screen_show) __real_screen_show, __wrap_screen_show;
// NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp)

static void note(struct series *series, double seconds) {
    if (series->count < MOST) {
        series->seconds[series->count++] = seconds;
    }
}

bool __wrap_picture_draw(struct picture *picture, const struct session *session,
                         const struct picture_source *source, int width, int height, double scale,
                         bool steady) {
    const struct snapshot *snapshot = source->snapshot;
    drawing_since = clock_seconds();
    bool drawn = __real_picture_draw(picture, session, source, width, height, scale, steady);
    if (pressed_at > 0.0 && snapshot->request > answered && snapshot->has_runs) {
        note(&keys, clock_seconds() - pressed_at);
        pressed_at = 0.0;
    }
    answered = snapshot->request;
    return drawn;
}

bool __wrap_screen_show(struct screen *screen, const uint32_t *pixels, int width, int height) {
    bool shown = __real_screen_show(screen, pixels, width, height);
    double now = clock_seconds();
    note(&frames, now - drawing_since);
    if (uploaded_at > 0.0 && !pressing) {
        note(&intervals, now - uploaded_at);
    }
    uploaded_at = answered > 0 ? now : 0.0; // what comes before the first step is another matter
    return shown;
}

static void sleep_seconds(double seconds) {
    usleep((useconds_t)(seconds * 1e6));
}

/* A key now and then, each one given up after a while, then the end. */
static void *press_keys(void *context) {
    (void)context;
    sleep_seconds(run_seconds);
    pressing = true;
    for (int i = 0; i < KEYS; i++) {
        SDL_Event event = { .key = { .type = SDL_KEYDOWN,
                                     .keysym = { .sym = SDLK_r, .mod = KMOD_LSHIFT } } };
        pressed_at = clock_seconds();
        SDL_PushEvent(&event);
        for (int waits = 0; waits < 200 && pressed_at > 0.0; waits++) {
            sleep_seconds(0.01);
        }
        sleep_seconds(0.05);
    }
    SDL_PushEvent(&(SDL_Event){ .type = SDL_QUIT });
    return NULL;
}

static int ascending(const void *a, const void *b) {
    double first = *(const double *)a, second = *(const double *)b;
    return (first > second) - (first < second);
}

static void report(const char *what, struct series *series) {
    int n = series->count;
    if (n > 0) {
        qsort(series->seconds, (size_t)n, sizeof *series->seconds, ascending);
        printf("  %-9s n %6d   median %8.3f   p99 %8.3f   max %8.3f ms\n", what, n,
               1e3 * series->seconds[n / 2], 1e3 * series->seconds[n * 99 / 100],
               1e3 * series->seconds[n - 1]);
    }
    series->count = 0;
}

static int run_case(const char *name, const struct options *options) {
    pthread_t thread;
    uploaded_at = 0.0;
    pressed_at = 0.0;
    answered = 0;
    pressing = false;
    printf("%s\n", name);
    if (pthread_create(&thread, NULL, press_keys, NULL) != 0) {
        return 1;
    }
    int status = window_run(options);
    pthread_join(thread, NULL);
    report("frame", &frames);
    report("interval", &intervals);
    report("key", &keys);
    fflush(stdout);
    return status;
}

static int view_named(const char *name) {
    for (int i = 0; i < VIEW_COUNT; i++) {
        if (strcmp(name, views[i].name) == 0) {
            return i;
        }
    }
    fprintf(stderr, "bench_window: there is no view \"%s\"\n", name);
    exit(2);
}

int main(int argc, char **argv) {
    static const struct {
        const char *name;
        int layers, width;
    } cases[] = {
        { "default twins, 10 x 100", 10, 100 },
        { "twins, 200 x 512", 200, 512 },
        { "twins, 50 x 1000", 50, 1000 },
    };
    struct options options = { .mode = MODE_WINDOW };
    int letter;
    setenv("SDL_VIDEODRIVER", "dummy", 0);
    while ((letter = getopt(argc, argv, "s:v:z:")) != -1) {
        switch (letter) {
        case 's':
            run_seconds = atof(optarg);
            break;
        case 'v':
            options.view = view_named(optarg);
            break;
        case 'z':
            options.scale = atof(optarg);
            break;
        default:
            fprintf(stderr, "usage: bench_window [-s SECONDS] [-v VIEW] [-z SCALE]\n");
            return 2;
        }
    }
    int status = 0;
    for (int i = 0; i < ARRAY_LEN(cases) && status == 0; i++) {
        experiment_defaults(&options.experiment);
        options.experiment.run[0].layers = cases[i].layers;
        options.experiment.run[0].width = cases[i].width;
        experiment_reference(&options.experiment);
        status = run_case(cases[i].name, &options);
    }
    return status;
}
