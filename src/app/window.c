#include "app/window.h"

#include <math.h>
#include <SDL.h>
#include <stdlib.h>
#include <string.h>

#include "app/clipboard.h"
#include "app/icon.h"
#include "app/input.h"
#include "app/picture.h"
#include "app/saving.h"
#include "app/screen.h"
#include "app/video.h"
#include "app/window_place.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/paths.h"
#include "lab/worker.h"

static const double frame_seconds = 1.0 / 60.0;
static const double shrink_seconds = 0.1;  // between frames that only shorten axes
static const double starved_seconds = 0.5; // between tries while memory runs out for a picture

struct window {
    const struct options *options;
    SDL_Window *handle;
    struct screen screen;
    Uint32 snapshot_event; // pushed by the worker's nudge
    struct worker *worker;
    struct picture picture;
    struct session session;
    struct window_place place;    // as it stands, or last stood before it was maximised
    bool remembers;               // that, for the next time
    const struct snapshot *shown; // by the last frame; NULL before the first
    double last_frame, next_frame;
    bool starved;          // the newest picture could not be drawn
    bool shrinks;          // an axis that is too long
    int64_t axes_step;     // what the axes are of
    uint64_t axes_request; // and when it was asked for
};

/* On the worker's thread. */
static void nudge(void *context) {
    struct window *window = context;
    SDL_Event event = { .type = window->snapshot_event };
    SDL_PushEvent(&event);
}

static bool fail(const char *what) {
    log_error("%s: %s", what, SDL_GetError());
    return false;
}

static bool open_window(struct window *window) {
    if (!video_start()) {
        return false;
    }
    video_take_text(false);
    window->snapshot_event = SDL_RegisterEvents(1);
    int width, height;
    struct window_place *place = &window->place;
    window_place_first_size(place, window->options, &width, &height);
    bool again = place->width > 0 && window_place_is_in_sight(place);
    Uint32 flags = SDL_WINDOW_RESIZABLE | SDL_WINDOW_ALLOW_HIGHDPI |
                   (place->maximised && !window->options->width ? SDL_WINDOW_MAXIMIZED : 0);
    window->handle =
        SDL_CreateWindow("layerscope", again ? place->x : (int)SDL_WINDOWPOS_CENTERED,
                         again ? place->y : (int)SDL_WINDOWPOS_CENTERED, width, height, flags);
    if (!window->handle) {
        return fail("The window cannot be opened");
    }
    icon_show(window->handle);
    SDL_SetWindowMinimumSize(window->handle, VIEW_MIN_WIDTH / 2, VIEW_MIN_HEIGHT / 2);
    if (!screen_init(&window->screen, window->handle)) {
        return fail("The window cannot be drawn in");
    }
    return true;
}

/* Device pixels per point before the zoom: the screen's, times what was asked for at the start. */
static double base_scale(const struct window *window, int output_width) {
    int points = 1;
    SDL_GetWindowSize(window->handle, &points, NULL);
    double screen = points > 0 ? (double)output_width / points : 1.0;
    double asked = window->options->scale > 0 ? window->options->scale : 1.0;
    return screen * asked;
}

static double scale_of(const struct window *window, int output_width) {
    return base_scale(window, output_width) * window->session.zoom;
}

/* Zoom in only as far as the view still has room for all its panels. */
static void limit_zoom(struct window *window, int width, int height) {
    double base = base_scale(window, width);
    double asked = window->options->scale > 0 ? window->options->scale : 1.0;
    double room = (double)view_scale_limit(width, height) / base;
    window->session.zoom = fmin(window->session.zoom, fmax(room, 1.0 / asked));
}

/* Device pixels to draw on; false while the window is minimised. */
static bool output_size(const struct window *window, int *width, int *height) {
    if (!screen_size(&window->screen, width, height)) {
        return false;
    }
    *width = *width < CANVAS_MAX_SIDE ? *width : CANVAS_MAX_SIDE;
    *height = *height < CANVAS_MAX_SIDE ? *height : CANVAS_MAX_SIDE;
    return true;
}

/* false: memory ran out. */
static bool paint(struct window *window, int width, int height) {
    char barred[EXPERIMENT_PROBLEM] = "";
    const struct picture_source source = { .snapshot = window->shown,
                                           .history = worker_history(window->worker),
                                           .film = worker_film(window->worker),
                                           .again = worker_again(window->worker),
                                           .barred = barred };
    if (source.again == LOOK_BARRED) {
        worker_barred(window->worker, barred);
    }
    window->picture.screen = screen_pixels(&window->screen, width, height);
    return picture_draw(&window->picture, &window->session, &source, width, height,
                        scale_of(window, width), false);
}

/* The picture that is on the screen stays until there is memory again. false: there is none. */
static bool wait_for_memory(struct window *window, int width, int height) {
    if (!window->starved) {
        log_error("Memory ran out for a picture of %d x %d pixels.", width, height);
    }
    window->starved = true;
    window->session.redraw = true;
    window->next_frame = clock_seconds() + starved_seconds;
    return window->last_frame > 0.0;
}

/*
 * Another run has nothing to do with the axes of the one before, and at rest, but for a drag
 * through time, they fit what is shown; unless they are frozen.
 */
static void start_ranges(struct window *window) {
    struct session *session = &window->session;
    const struct snapshot *now = window->shown;
    bool another =
        now->step < window->axes_step || (now->step == 0 && now->request != window->axes_request);
    bool scrubs = session->pressed.kind == HIT_TIME || session->pressed.kind == HIT_TIME_DOWN;
    bool rests = now->state != WORKER_RUNNING && !scrubs;
    if ((another || rests) && !session->frozen) {
        memset(&session->ranges, 0, sizeof session->ranges);
    }
    window->axes_step = now->step;
    window->axes_request = now->request;
}

/* The axes of the next frame; while they shrink there is something to draw, though not often. */
static void shrink_ranges(struct window *window) {
    struct session *session = &window->session;
    double now = clock_seconds();
    session->ranges = window->picture.hits.ranges;
    double seconds = fmin(now - window->last_frame, shrink_seconds);
    window->shrinks =
        !session->frozen && ranges_update(&session->ranges, &window->picture.hits.fit, seconds);
    window->last_frame = now;
}

/* Where the way to the screen is lost the picture may be, too. */
static bool show(struct window *window, int width, int height) {
    const struct canvas *canvas = &window->picture.canvas;
    return screen_show(&window->screen, canvas->pixels, width, height) ||
           (screen_renew(&window->screen) && paint(window, width, height) &&
            screen_show(&window->screen, canvas->pixels, width, height));
}

static bool draw(struct window *window) {
    int width, height;
    if (!output_size(window, &width, &height)) {
        return true;
    }
    window->shown = worker_latest(window->worker);
    session_notice(&window->session, window->shown);
    window->session.redraw = false;
    limit_zoom(window, width, height);
    start_ranges(window);
    if (!paint(window, width, height)) {
        return wait_for_memory(window, width, height);
    }
    window->starved = false;
    window->session.menu.first = window->picture.hits.menu_first;
    session_look_back(&window->session, window->picture.misses);
    shrink_ranges(window);
    return show(window, width, height) || fail("The picture cannot be brought to the screen");
}

/* The mouse in points; x and y are window coordinates. */
static struct view_pointer pointer_at(const struct window *window, int x, int y) {
    int points = 1, output = 1, height = 1;
    SDL_GetWindowSize(window->handle, &points, NULL);
    screen_size(&window->screen, &output, &height);
    double to_view = (double)output / points / scale_of(window, output);
    return (struct view_pointer){ true, (float)(x * to_view), (float)(y * to_view) };
}

static struct view_hit hit_at(const struct window *window) {
    const struct view_pointer *pointer = &window->session.pointer;
    return view_hit_at(&window->picture.hits, pointer->x, pointer->y);
}

static void on_window_event(struct window *window, const SDL_WindowEvent *event) {
    window->session.redraw = true;
    if (event->event == SDL_WINDOWEVENT_LEAVE) {
        window->session.pointer.inside = false;
    }
    window_place_note(&window->place, window->handle);
}

static void on_event(struct window *window, const SDL_Event *event) {
    struct session *session = &window->session;
    switch (event->type) {
    case SDL_QUIT:
        session->quit = true;
        break;
    case SDL_KEYDOWN:
        input_key(session, &event->key);
        break;
    case SDL_TEXTINPUT:
        input_text(session, event->text.text);
        break;
    case SDL_MOUSEMOTION:
        view_hit_follow(&window->picture.hits, &session->pressed);
        input_motion(session, pointer_at(window, event->motion.x, event->motion.y));
        break;
    case SDL_MOUSEBUTTONDOWN:
    case SDL_MOUSEBUTTONUP:
        session->pointer = pointer_at(window, event->button.x, event->button.y);
        input_button(session, &event->button, hit_at(window));
        break;
    case SDL_MOUSEWHEEL:
        input_wheel(session, &event->wheel, hit_at(window));
        break;
    case SDL_DROPFILE:
        session_open(session, event->drop.file);
        SDL_free(event->drop.file);
        break;
    case SDL_WINDOWEVENT:
        on_window_event(window, &event->window);
        break;
    case SDL_RENDER_TARGETS_RESET:
    case SDL_RENDER_DEVICE_RESET:
        screen_lost(&window->screen);
        session->redraw = true;
        break;
    default:
        if (event->type == window->snapshot_event) {
            session->redraw = true;
        }
    }
}

/* What the window shows, but without a toast: that is news for the user, not for the reader. */
static bool paint_screenshot(struct window *window) {
    int width, height;
    struct session *session = &window->session;
    if (!output_size(window, &width, &height)) {
        return false; // nothing is shown
    }
    char first = session->toast[0];
    session->toast[0] = '\0';
    bool painted = paint(window, width, height);
    session->toast[0] = first;
    if (!painted) {
        session_toast(session, true, "Memory ran out for the picture.");
    }
    return painted;
}

static void save_screenshot(struct window *window) {
    if (paint_screenshot(window)) {
        saving_picture(&window->session, window->worker, &window->picture,
                       window->options->screenshots);
    } else {
        window->session.screenshot = SCREENSHOT_NONE;
    }
}

/* Do what the commands asked for. */
static void fulfil(struct window *window) {
    struct session *session = &window->session;
    if (session->requested) {
        session->requested = false;
        if (session->replay.offered) {
            session->replay.offered = false;
            worker_replay(window->worker, &session->replay.plan);
        }
        session->request.serial++;
        worker_request(window->worker, &session->request);
    }
    if (session->screenshot && window->shown) {
        save_screenshot(window);
    }
    if (session->save_data && window->shown) {
        saving_numbers(&window->session, window->worker, window->picture.shown,
                       window->options->screenshots);
    }
    clipboard_serve(session);
    if (session->fullscreen) {
        session->fullscreen = false;
        bool full = (SDL_GetWindowFlags(window->handle) & SDL_WINDOW_FULLSCREEN_DESKTOP) != 0;
        SDL_SetWindowFullscreen(window->handle, full ? 0 : SDL_WINDOW_FULLSCREEN_DESKTOP);
        session->redraw = true;
    }
}

static bool visible(const struct window *window) {
    return !(SDL_GetWindowFlags(window->handle) & (SDL_WINDOW_MINIMIZED | SDL_WINDOW_HIDDEN));
}

/* Seconds that may be slept: until the next frame, the toast's end, or an event; below 0: for ever.
 */
static double time_to_sleep(struct window *window) {
    double seconds = session_toast_left(&window->session);
    if (window->session.requested) {
        return 0.0;
    }
    if (window->shrinks) {
        double wait = fmax(window->last_frame + shrink_seconds - clock_seconds(), 0.0);
        window->session.redraw = window->session.redraw || wait == 0.0;
        seconds = seconds > 0.0 ? fmin(seconds, wait) : wait;
    }
    if ((window->session.redraw || window->session.screenshot) && visible(window)) {
        return fmax(window->next_frame - clock_seconds(), 0.0);
    }
    return seconds > 0.0 ? seconds : -1.0;
}

/* SDL waits whole milliseconds; the rest of one is slept through, or frames would come late. */
static bool wait_for_event(SDL_Event *event, double seconds) {
    if (seconds < 0.0) {
        return SDL_WaitEvent(event);
    }
    int whole = (int)(seconds * 1e3);
    if (whole == 0) {
        clock_sleep(seconds);
    }
    return SDL_WaitEventTimeout(event, whole);
}

static bool loop(struct window *window) {
    while (!window->session.quit) {
        SDL_Event event;
        bool any = wait_for_event(&event, time_to_sleep(window));
        for (; any; any = SDL_PollEvent(&event)) {
            on_event(window, &event);
            video_take_text(window->session.menu.open || window->session.palette.open);
        }
        fulfil(window);
        double now = clock_seconds();
        if (window->session.redraw && visible(window) && now >= window->next_frame) {
            if (!draw(window)) {
                return false;
            }
            window->next_frame = fmax(window->next_frame + frame_seconds, now);
        }
    }
    return true;
}

static void close_window(struct window *window) {
    if (window->handle) {
        SDL_HideWindow(window->handle); // a training step under way may take a while to end
    }
    worker_stop(window->worker);
    picture_finish(&window->picture);
    screen_finish(&window->screen);
    if (window->handle) {
        SDL_DestroyWindow(window->handle);
    }
    video_end();
}

/* As it last stood, where nothing else was asked for. */
static void recall(struct window *window) {
    const struct options *options = window->options;
    char path[FILE_PATH_MAX], problem[FILE_PROBLEM_MAX];
    window->place.theme = -1;
    window->remembers = options->remembers;
    if (options->remembers) {
        paths_state(path, sizeof path, "window.ini");
        window_place_read(&window->place, path);
        window->remembers = window_place_can_write(path, problem);
        if (!window->remembers) {
            session_toast(&window->session, true,
                          "This window's size and theme will not be remembered: %s.", problem);
        }
    }
    int theme = options->theme >= 0     ? options->theme
                : options->shot.look[0] ? (int)window->session.theme
                                        : window->place.theme;
    window->session.theme = theme >= 0 ? (enum theme)theme : THEME_DARK;
    if (window->place.zoom > 0.0 && options->scale == 0.0) {
        window->session.zoom = window->place.zoom;
    }
}

static void remember(struct window *window) {
    char path[FILE_PATH_MAX];
    if (window->remembers) {
        window_place_note(&window->place, window->handle);
        window->place.zoom = window->session.zoom;
        window->place.theme = (int)window->session.theme;
        paths_state(path, sizeof path, "window.ini");
        window_place_write(&window->place, path);
    }
}

/* Will it train? Data that are not there are told in the window. */
static bool can_begin(const struct options *options, char *problem) {
    struct dataset_settings data = experiment_data(&options->experiment);
    struct dataset_shape shape;
    return options->mode == MODE_WATCH || !dataset_describe(&data, &shape, problem) ||
           experiment_fits(&options->experiment, &shape, 0, problem);
}

static struct worker *begin(struct window *window, char *problem) {
    const struct options *options = window->options;
    const struct request *first = &window->session.request;
    return options->mode == MODE_WATCH
               ? worker_follow(first, &options->follow, HISTORY_BUDGET, nudge, window, problem)
               : worker_start(first, HISTORY_BUDGET, nudge, window, problem);
}

int window_run(const struct options *options) {
    struct window *window = calloc(1, sizeof *window);
    if (!window) {
        log_error("Memory ran out.");
        return 1;
    }
    window->options = options;
    session_init(&window->session, &options->experiment);
    window->session.request.paused = options->paused;
    if (options->shot.there || options->replay.changes > 0) {
        session_replay(&window->session, &options->replay, &options->shot);
    }
    window->session.watches = options->mode == MODE_WATCH;
    recall(window);
    session_show(&window->session,
                 options->view >= 0 ? (enum view_id)options->view : window->session.view);
    window->session.request.load = options->load;
    char problem[EXPERIMENT_PROBLEM];
    int status = 2;
    if (!can_begin(options, problem) || !picture_init(&window->picture, problem)) {
        status = log_refusal(problem);
    } else if (open_window(window)) {
        window->worker = begin(window, problem);
        if (!window->worker) {
            int refused = log_refusal(problem);
            status = options->mode == MODE_WATCH ? refused : 1;
        } else {
            status = loop(window) ? 0 : 1;
            remember(window);
        }
    }
    close_window(window);
    free(window);
    return status;
}
