/*
 * command.h - everything a user can do, with its key: one table.
 *
 * Keys, footer, help overlay, chips, README's list and the tests all come from it.
 */
#ifndef APP_COMMAND_H
#define APP_COMMAND_H

#include <SDL_keycode.h>
#include <stdbool.h>
#include <stdio.h>

#include "app/session.h"

enum command_id {
    COMMAND_PAUSE,
    COMMAND_STEP,
    COMMAND_STEPS,
    COMMAND_RESTART,
    COMMAND_SEED,
    COMMAND_SLOWER,
    COMMAND_FASTER,
    COMMAND_ACTIVATION,
    COMMAND_INIT,
    COMMAND_DEEPER,
    COMMAND_SHALLOWER,
    COMMAND_WIDER,
    COMMAND_NARROWER,
    COMMAND_OPTIMIZER,
    COMMAND_FASTER_LEARNING,
    COMMAND_SLOWER_LEARNING,
    COMMAND_BATCH,
    COMMAND_DATA,
    COMMAND_PREPROCESS,
    COMMAND_COMPARE,
    COMMAND_SWAP,
    COMMAND_LAYER_DOWN,
    COMMAND_LAYER_UP,
    COMMAND_GRADIENT,
    COMMAND_THEME,
    COMMAND_ZOOM_IN,
    COMMAND_ZOOM_OUT,
    COMMAND_ZOOM_RESET,
    COMMAND_SCREENSHOT,
    COMMAND_HELP,
    COMMAND_FULLSCREEN,
    COMMAND_CLOSE,
    COMMAND_QUIT,
    COMMAND_COUNT
};

struct command {
    const char *name;           // one word, for lists
    SDL_Keycode key, other_key; // other_key 0: none
    bool control;               // held with Ctrl
    bool shift;                 // held with Shift
    bool reversible;            // Shift makes it go backwards
    bool wheel;                 // the wheel over its chip steps it both ways
    const char *key_label;
    const char *label; // footer and chips; NULL: not in the footer
    const char *about;
    const char *group;                                   // heading of the help overlay
    void (*act)(struct session *session, int direction); // +1, or -1 backwards
};

extern const struct command commands[COMMAND_COUNT];

/* The command of a key press, or COMMAND_COUNT; modifiers is an SDL_Keymod mask. */
enum command_id command_of_key(SDL_Keycode key, int modifiers, int *direction);

/* Do it. */
void command_run(struct session *session, enum command_id id, int direction);

/* The keys as rows, for `layerscope list keys`. */
void command_list(FILE *out, bool markdown);

#endif
