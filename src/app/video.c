#include "app/video.h"

#include <SDL.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/stop.h"

static bool start_driver(const char *driver) {
    setenv("SDL_VIDEODRIVER", driver, 1);
    return SDL_Init(SDL_INIT_VIDEO) == 0;
}

/*
 * SDL, where it finds no display, tries consoles and at last draws into memory that nobody sees:
 * only a display that the environment speaks of is wanted.
 */
static bool start_video(void) {
#if defined(__unix__)
    if (!getenv("SDL_VIDEODRIVER")) {
        SDL_SetError("neither DISPLAY nor WAYLAND_DISPLAY is set");
        return (getenv("DISPLAY") && start_driver("x11")) ||
               (getenv("WAYLAND_DISPLAY") && start_driver("wayland"));
    }
#endif
    return SDL_Init(SDL_INIT_VIDEO) == 0;
}

static void say_no_display(void) {
    log_error(
        "There is no display to open a window on (%s). Pictures need none: layerscope run with "
        "the same options and --steps 300 --png FILE, or layerscope watch FOLDER --png FILE.",
        SDL_GetError());
}

static void set_hints(void) {
    SDL_SetHint(SDL_HINT_VIDEO_X11_NET_WM_BYPASS_COMPOSITOR, "0");
    SDL_SetHint(SDL_HINT_VIDEO_ALLOW_SCREENSAVER, "1");
    SDL_SetHint(SDL_HINT_MOUSE_FOCUS_CLICKTHROUGH, "1");
    SDL_SetHint(SDL_HINT_NO_SIGNAL_HANDLERS, "1"); // base/stop.h hears them
    SDL_SetHint("SDL_WINDOWS_DPI_AWARENESS", "permonitorv2");
    SDL_SetHint("SDL_APP_NAME", "layerscope");
    // The name of the .desktop file, by which a desktop finds icon and title.
    setenv("SDL_VIDEO_X11_WMCLASS", "layerscope", 0);
    setenv("SDL_VIDEO_WAYLAND_WMCLASS", "layerscope", 0);
}

/* On a thread of its own. */
static void push_quit(void *unused) {
    (void)unused;
    SDL_Event event = { .type = SDL_QUIT };
    SDL_PushEvent(&event);
}

bool video_start(void) {
    set_hints();
    if (!start_video()) {
        say_no_display();
        return false;
    }
    stop_call(push_quit, NULL);
    return true;
}

void video_end(void) {
    stop_end_call();
    SDL_Quit();
}

void video_take_text(bool wanted) {
    if (wanted != SDL_IsTextInputActive()) {
        (wanted ? SDL_StartTextInput : SDL_StopTextInput)();
    }
}
