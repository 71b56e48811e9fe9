#include "stage.h"

#include "base/check.h"

#include <stdatomic.h>

#include "app/screen.h"
#include "app/window.h"
#include "base/clock.h"
#include "base/memory.h"

enum { NAP = 5, NAPS_IDLE = 20 }; // milliseconds; in a row

struct stage stage;

static const struct step *first, *script;
static const struct session *session; // the window's own
static struct snapshot shown;
static atomic_int ahead; // microseconds by which the program's clock runs ahead
static bool (*improvise)(SDL_Event *event);
static bool entered; // the present step was begun
static Uint32 since; // when

// NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): the linker wants these
// names
__typeof__(SDL_WaitEventTimeout) __real_SDL_WaitEventTimeout, __wrap_SDL_WaitEventTimeout;
__typeof__(SDL_WaitEvent) __wrap_SDL_WaitEvent;
__typeof__(screen_show) __real_screen_show, __wrap_screen_show;
__typeof__(picture_draw) __real_picture_draw, __wrap_picture_draw;
__typeof__(clock_seconds) __real_clock_seconds, __wrap_clock_seconds;
__typeof__(memory_available) __real_memory_available, __wrap_memory_available;
__typeof__(session_toast_left) __wrap_session_toast_left;
// NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp)

bool __wrap_picture_draw(struct picture *picture, const struct session *drawn,
                         const struct picture_source *source, int width, int height, double scale,
                         bool steady) {
    session = drawn;
    snapshot_copy(&shown, source->snapshot);
    stage.snapshot = &shown;
    stage.picture = picture;
    stage.width = width;
    stage.height = height;
    stage.scale = scale;
    stage.zoom = drawn->zoom;
    return __real_picture_draw(picture, drawn, source, width, height, scale, steady);
}

bool __wrap_screen_show(struct screen *screen, const uint32_t *pixels, int width, int height) {
    stage.frames++;
    stage.naps = 0;
    return __real_screen_show(screen, pixels, width, height);
}

double __wrap_clock_seconds(void) {
    return __real_clock_seconds() + 1e-6 * atomic_load(&ahead);
}

size_t __wrap_memory_available(void) {
    return stage.memory ? stage.memory : __real_memory_available();
}

/* A toast stands until another one comes or Escape takes it: a slow machine does not miss it. */
double __wrap_session_toast_left(struct session *stands) {
    (void)stands;
    return 0.0;
}

/* Give an event to the window. */
static int give(SDL_Event *to, const SDL_Event *event) {
    *to = *event;
    stage.naps = 0;
    return 1;
}

static int give_end(SDL_Event *to) {
    return give(to, &(SDL_Event){ .type = SDL_QUIT });
}

static void next_step(void) {
    script++;
    entered = false;
}

/* Let the window wait as it wants to, but not for ever. */
static int wait(SDL_Event *event, int timeout) {
    if (__real_SDL_WaitEventTimeout(event, timeout < 0 || timeout > NAP ? NAP : timeout)) {
        stage.naps = 0;
        return 1;
    }
    stage.naps = timeout < 0 ? stage.naps + 1 : 0;
    return 0;
}

int __wrap_SDL_WaitEventTimeout(SDL_Event *event, int timeout) {
    if (session) {
        stage.session = *session;
    }
    if (improvise) {
        SDL_Event next = { .type = 0 };
        atomic_fetch_add(&ahead, 1600);
        if (improvise(&next)) {
            return next.type ? give(event, &next) : wait(event, timeout);
        }
        improvise = NULL;
    }
    for (;; next_step()) {
        if (!entered) {
            entered = true;
            since = SDL_GetTicks();
        }
        if (script->act) {
            script->act();
            stage.naps = 0;
        } else if (script->until) {
            if (!script->until()) {
                if (SDL_GetTicks() - since < PATIENCE * 1000) {
                    return wait(event, timeout);
                }
                stage.lost = (int)(script - first) + 1;
                return give_end(event);
            }
        } else if (script->event.type) {
            int given = give(event, &script->event);
            next_step();
            return given;
        } else {
            return give_end(event);
        }
    }
}

int __wrap_SDL_WaitEvent(SDL_Event *event) {
    return __wrap_SDL_WaitEventTimeout(event, -1);
}

static int play(const struct options *options) {
    size_t memory = stage.memory;
    stage = (struct stage){ .memory = memory };
    session = NULL;
    entered = false;
    int status = window_run(options);
    stage.picture = NULL;
    return status;
}

int stage_play(const struct options *options, const struct step *steps) {
    first = script = steps;
    improvise = NULL;
    return play(options);
}

struct options stage_options(const char *screenshots) {
    struct options options = { .mode = MODE_WINDOW,
                               .paused = true,
                               .width = 1000,
                               .height = 640,
                               .view = -1,
                               .screenshots = screenshots };
    experiment_defaults(&options.experiment);
    options.experiment.data = DATASET_GAUSSIAN;
    options.experiment.features = 8;
    options.experiment.examples = 200;
    options.experiment.batch = 20;
    options.experiment.run[0].layers = 4;
    options.experiment.run[0].width = 10;
    experiment_reference(&options.experiment);
    return options;
}

void stage_must_play(const struct options *options, const struct step *steps) {
    int status = stage_play(options, steps);
    if (stage.lost) {
        fail_msg("step %d did not come true; toast: %s", stage.lost, stage.session.toast);
    }
    assert_int_equal(status, 0);
}

int stage_improvise(const struct options *options, bool (*next)(SDL_Event *event),
                    const struct step *then) {
    first = script = then;
    improvise = next;
    return play(options);
}

bool stage_drawn(void) {
    return stage.frames > 0 && !stage.session.redraw;
}

bool stage_settled(void) {
    const struct snapshot *snapshot = stage.snapshot;
    return stage_drawn() && snapshot->has_runs && snapshot->state != WORKER_LOADING &&
           (snapshot->request == stage.session.request.serial ||
            snapshot->refused == stage.session.request.serial);
}

bool stage_idle(void) {
    return stage.naps >= NAPS_IDLE;
}

bool stage_find(enum hit_kind kind, int value, int *x, int *y) {
    const struct view_hits *hits = &stage.picture->hits;
    int width;
    SDL_GetWindowSize(SDL_GetWindowFromID(1), &width, NULL);
    double points = stage.scale * width / stage.width; // window units per point
    for (int i = hits->count - 1; i >= 0; i--) {
        const struct view_hit *hit = &hits->hit[i];
        if (hit->kind == kind && hit->value == value) {
            *x = (int)(points * (double)(hit->rect.x + 0.5f * hit->rect.w));
            *y = (int)(points * (double)(hit->rect.y + 0.5f * hit->rect.h));
            return true;
        }
    }
    return false;
}
