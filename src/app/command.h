/*
 * command.h - everything a user can do, with its key: one table.
 *
 * Keys, footer, help overlay, chips, the documented list and the tests all come from it.
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
    COMMAND_KEEP,
    COMMAND_SLOWER,
    COMMAND_FASTER,
    COMMAND_MENU,
    COMMAND_MENU_UP,
    COMMAND_MENU_DOWN,
    COMMAND_MENU_GROUP_UP,
    COMMAND_MENU_GROUP_DOWN,
    COMMAND_MENU_LESS,
    COMMAND_MENU_MORE,
    COMMAND_MENU_A,
    COMMAND_MENU_B,
    COMMAND_MENU_ENTER,
    COMMAND_MENU_RESET,
    COMMAND_MENU_ERASE,
    COMMAND_MENU_PASTE,
    COMMAND_ACTIVATION,
    COMMAND_INIT,
    COMMAND_NORMALISATION,
    COMMAND_CONNECTION,
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
    COMMAND_PRESET,
    COMMAND_COMPARE,
    COMMAND_SWAP,
    COMMAND_CURE,
    COMMAND_VIEW,
    COMMAND_TEXTBOOK,
    COMMAND_HOME,
    COMMAND_END,
    COMMAND_EARLIER,
    COMMAND_LATER,
    COMMAND_TIME_IN,
    COMMAND_TIME_OUT,
    COMMAND_LINES,
    COMMAND_GHOST,
    COMMAND_LAYER_DOWN,
    COMMAND_LAYER_UP,
    COMMAND_UNIT_DOWN,
    COMMAND_UNIT_UP,
    COMMAND_GRADIENT,
    COMMAND_LINEAR,
    COMMAND_FREEZE,
    COMMAND_PANEL,
    COMMAND_FOLD,
    COMMAND_BLOW,
    COMMAND_THEORY,
    COMMAND_WHY,
    COMMAND_THEME,
    COMMAND_ZOOM_IN,
    COMMAND_ZOOM_OUT,
    COMMAND_ZOOM_RESET,
    COMMAND_SCREENSHOT,
    COMMAND_VECTOR,
    COMMAND_SAVE_DATA,
    COMMAND_COPY_CODE,
    COMMAND_PALETTE,
    COMMAND_HELP,
    COMMAND_FULLSCREEN,
    COMMAND_CLOSE,
    COMMAND_QUIT,
    COMMAND_COUNT
};

/* Where a key is pressed; what it means differs. */
enum command_place {
    COMMAND_IN_WINDOW,
    COMMAND_IN_MENU,
    COMMAND_IN_FIELD,
    COMMAND_IN_PALETTE,
    COMMAND_PLACE_COUNT
};

struct command {
    const char *name;           // one word, for lists
    SDL_Keycode key, other_key; // other_key 0: none
    SDL_Keycode last_key;       // of a row of keys from `key` on, told apart by direction; 0: none;
                                // other_key then begins another row
    bool control;               // held with Ctrl
    bool shift;                 // held with Shift
    bool reversible;            // Shift makes it go backwards
    bool wheel;                 // the wheel over its chip steps it both ways
    bool repeats;               // a held key goes on; else it is one wish
    bool trains;                // the network, which is nobody else's; rows with a setting do, too
    bool menu;                  // a key of the settings menu, before what it means elsewhere
    bool field;                 // also while a value is typed there
    bool palette;               // also while the palette is open
    const char *key_label;
    const char *label; // footer, chips, foot of the menu; NULL: not there
    bool kept;         // in every footer
    const char *about;
    const char *group;                         // heading of the help overlay
    const char *setting;                       // where its chip opens the menu; may be NULL
    bool back;                                 // steps it the other way
    bool (*on)(const struct session *session); // of what is switched on and off; else NULL
    // direction: +1, or -1; of a row of keys which one, from 1. NULL: step A's setting
    void (*act)(struct session *session, int direction);
};

extern const struct command commands[COMMAND_COUNT];

/* Where the keys go now. */
enum command_place command_place(const struct session *session);

/* The command of a key press, or COMMAND_COUNT; modifiers is an SDL_Keymod mask. */
enum command_id command_of_key(SDL_Keycode key, int modifiers, enum command_place place,
                               int *direction);

/* Do it. */
void command_run(struct session *session, enum command_id id, int direction);

/* The keys as rows, for `layerscope list keys`. */
void command_list(FILE *out, bool markdown);

/* The key that shows a view, as a label. */
const char *command_view_key(enum view_id view);

#endif
