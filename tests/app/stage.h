/*
 * stage.h - play a window in this process: a script acts for the user, and the test looks on.
 *
 * The linker gives us the calls in which the window waits for events, draws and shows a picture
 * (-Wl,--wrap), so window_run() runs as it is, on SDL's dummy driver, and everything happens on
 * its own thread at a moment it chose: no sleeping, no races. The worker's thread is real.
 */
#ifndef TESTS_APP_STAGE_H
#define TESTS_APP_STAGE_H

#include <SDL.h>

#include "app/options.h"
#include "app/picture.h"

/* One line of a script: an event, or something to do, or something to wait for. */
struct step {
    SDL_Event event;
    void (*act)(void);
    bool (*until)(void);
};

#define UNTIL(claim)                                                                               \
    (struct step) {                                                                                \
        .until = (claim)                                                                           \
    }
#define ACT(function)                                                                              \
    (struct step) {                                                                                \
        .act = (function)                                                                          \
    }
#define KEY_WITH(code, modifiers)                                                                  \
    (struct step) {                                                                                \
        .event.key = {.type = SDL_KEYDOWN, .keysym = { .sym = (code), .mod = (modifiers) } }       \
    }
#define KEY(code) KEY_WITH(code, 0)

/* How the window stands, and what it last drew; session and snapshot outlive it. */
struct stage {
    struct session session;
    const struct snapshot *snapshot;
    const struct picture *picture; // NULL before the first
    int width, height;             // pixels
    double scale;
    double zoom;   // that the scale has in it
    int frames;    // shown since the start
    int naps;      // how often in a row it had nothing to do but to wait for ever
    size_t memory; // that the machine seems to have free; 0: what it has
    int lost;      // number of the step that did not come true; 0: all did
};
extern struct stage stage;

/* A window of a small network on generated data, paused at step 0; its screenshots go there. */
struct options stage_options(const char *screenshots);

/* Run the window under the script, which ends with an empty step. Returns its exit status. */
int stage_play(const struct options *options, const struct step *steps);

/* The same, and it must come true and end well. */
void stage_must_play(const struct options *options, const struct step *steps);
#define STAGE_PLAY(options, ...)                                                                   \
    stage_must_play(options, (const struct step[]){ __VA_ARGS__, { .act = NULL } })

/*
 * Run it under a function that gives event after event, some ten between two frames, until it
 * returns false, and then under the script; after an event of type 0 the window waits as when
 * nothing happens.
 */
int stage_improvise(const struct options *options, bool (*next)(SDL_Event *event),
                    const struct step *then);

/* Claims for UNTIL. */
bool stage_drawn(void);   // the picture is that of all events so far
bool stage_settled(void); // and shows a run, after everything asked for was met or refused
bool stage_idle(void);    // nothing is left to do

/* The middle of where a click means that, in window coordinates; false if nowhere. */
bool stage_find(enum hit_kind kind, int value, int *x, int *y);

#endif
