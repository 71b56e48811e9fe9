#include "app/command.h"

#include "base/require.h"

/* What a key means, wherever a keyboard has it: the number pad is one more place. */
static SDL_Keycode meaning(SDL_Keycode key, bool shift) {
    if (key >= SDLK_KP_1 && key <= SDLK_KP_9) {
        return SDLK_1 + (key - SDLK_KP_1);
    }
    switch (key) {
    case SDLK_KP_ENTER:
        return SDLK_RETURN;
    case SDLK_KP_PLUS:
        return SDLK_PLUS;
    case SDLK_KP_MINUS:
        return SDLK_MINUS;
    case SDLK_KP_0:
        return SDLK_0;
    case SDLK_KP_DIVIDE:
        return SDLK_SLASH;
    case SDLK_SLASH:
        return shift ? SDLK_QUESTION : key;
    default:
        return key;
    }
}

enum command_place command_place(const struct session *session) {
    return session->palette.open  ? COMMAND_IN_PALETTE
           : session->menu.typing ? COMMAND_IN_FIELD
           : session->menu.open   ? COMMAND_IN_MENU
                                  : COMMAND_IN_WINDOW;
}

/* Which of a command's keys it is, from 1; 0: none. Both kinds of a row of keys are as many. */
static int number_of(const struct command *command, SDL_Keycode key) {
    int last = command->last_key ? (int)(command->last_key - command->key) : 0;
    if (key >= command->key && key <= command->key + last) {
        return (int)(key - command->key) + 1;
    }
    bool other = command->other_key && key >= command->other_key;
    return other && key <= command->other_key + last ? (int)(key - command->other_key) + 1 : 0;
}

/* Where text is typed, few keys have another meaning. */
static bool works_in(const struct command *command, enum command_place place) {
    return place == COMMAND_IN_FIELD     ? command->field
           : place == COMMAND_IN_PALETTE ? command->palette
                                         : true;
}

/* The best of the rows that are of the menu, or not: the very key, else one that ignores Shift. */
static enum command_id match(SDL_Keycode key, bool control, bool shift, enum command_place place,
                             bool menu_rows) {
    enum command_id plain = COMMAND_COUNT;
    for (int i = 0; i < COMMAND_COUNT; i++) {
        const struct command *command = &commands[i];
        if (number_of(command, key) == 0 || command->control != control ||
            command->menu != menu_rows || !works_in(command, place)) {
            continue;
        }
        if (command->shift == shift) {
            return (enum command_id)i;
        }
        if (shift && plain == COMMAND_COUNT) {
            plain = (enum command_id)i; // Shift without a meaning of its own
        }
    }
    return plain;
}

enum command_id command_of_key(SDL_Keycode key, int modifiers, enum command_place place,
                               int *direction) {
    bool shift = (modifiers & KMOD_SHIFT) != 0, control = (modifiers & KMOD_CTRL) != 0;
    if (modifiers & (KMOD_ALT | KMOD_GUI)) {
        return COMMAND_COUNT; // the desktop's
    }
    key = meaning(key, shift);
    enum command_id id = COMMAND_COUNT;
    if (place != COMMAND_IN_WINDOW) {
        id = match(key, control, shift, place, true);
    }
    if (id == COMMAND_COUNT) {
        id = match(key, control, shift, place, false);
    }
    if (id < COMMAND_COUNT) {
        const struct command *command = &commands[id];
        *direction = shift && !command->shift && command->reversible ? -1 : 1;
        *direction = command->last_key ? number_of(command, key) : *direction;
    }
    return id;
}

void command_run(struct session *session, enum command_id id, int direction) {
    if (id >= COMMAND_COUNT) {
        return;
    }
    const struct command *command = &commands[id];
    if ((command->trains || command->setting) && session_only_watches(session)) {
        return;
    }
    if (command->act) {
        command->act(session, direction);
    } else {
        const struct setting *setting = setting_find(command->setting);
        REQUIRE(setting);
        session_step(session, 0, setting, command->back ? -direction : direction);
    }
}

void command_list(FILE *out, bool markdown) {
    if (markdown) {
        fprintf(out, "| key | what it does |\n| --- | --- |\n");
    }
    for (int i = 0; i < COMMAND_COUNT; i++) {
        const char *where = commands[i].menu ? "in the settings: " : "";
        if (markdown) {
            fprintf(out, "| `%s` | %s%s |\n", commands[i].key_label, where, commands[i].about);
        } else {
            fprintf(out, "  %-14s %s%s\n", commands[i].key_label, where, commands[i].about);
        }
    }
}

const char *command_view_key(enum view_id view) {
    static const char *const digits[VIEW_TEXTBOOK] = { "1", "2", "3", "4", "5" };
    return view < VIEW_TEXTBOOK ? digits[view] : commands[COMMAND_TEXTBOOK].key_label;
}
