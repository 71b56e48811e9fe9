#include "app/command.h"

#include <assert.h>
#include <string.h>

#include "base/require.h"

static const double speed_ladder[] = { 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000 };

/* The next value of a rising ladder above (below) value; value itself at the end. */
static double climb(const double *ladder, int count, double value, int direction) {
    if (direction > 0) {
        for (int i = 0; i < count; i++) {
            if (ladder[i] > value) {
                return ladder[i];
            }
        }
    } else {
        for (int i = count - 1; i >= 0; i--) {
            if (ladder[i] < value) {
                return ladder[i];
            }
        }
    }
    return value;
}

#define CLIMB(ladder, value, direction) climb(ladder, ARRAY_LEN(ladder), value, direction)

static int cycle(int value, int count, int direction) {
    return (value + direction + count) % count;
}

static void act_compare(struct session *session, int direction) {
    (void)direction;
    struct experiment wanted = session->request.experiment;
    if (wanted.compare) {
        wanted.compare = false;
    } else {
        experiment_pin(&wanted);
        session_toast(session, false, "B is now a copy of A. Change A to see what differs.");
    }
    session_edit(session, &wanted);
}

static void act_swap(struct session *session, int direction) {
    (void)direction;
    struct experiment wanted = session->request.experiment;
    if (!wanted.compare) {
        session_toast(session, false, "There is no B to swap with: C pins the present A as B.");
        return;
    }
    struct network_settings a = wanted.run[0];
    wanted.run[0] = wanted.run[1];
    wanted.run[1] = a;
    session_edit(session, &wanted);
}

static void act_preset(struct session *session, int number) {
    session_open_preset(session, number > 0 ? number : 1);
}

static void act_pause(struct session *session, int direction) {
    (void)direction;
    session->request.paused = !session->request.paused;
    session->requested = session->redraw = true;
}

static void ask_steps(struct session *session, uint64_t steps) {
    session->request.paused = true;
    session->request.steps += steps;
    session->requested = session->redraw = true;
}

static void act_step(struct session *session, int direction) {
    (void)direction;
    ask_steps(session, 1);
}

static void act_steps(struct session *session, int direction) {
    (void)direction;
    ask_steps(session, 100);
}

static void act_restart(struct session *session, int direction) {
    (void)direction;
    session->request.restarts++;
    session->requested = session->redraw = true;
}

static void act_seed(struct session *session, int direction) {
    struct experiment wanted = session->request.experiment;
    wanted.seed += direction > 0 ? 1 : UINT64_MAX;
    session_edit(session, &wanted);
    session_toast(session, false, "seed %llu", (unsigned long long)wanted.seed);
}

/* 0 means as fast as it goes and stands above the ladder's top. */
static void act_faster(struct session *session, int direction) {
    double speed = session->request.speed;
    double top = speed_ladder[ARRAY_LEN(speed_ladder) - 1];
    if (direction > 0) {
        speed = speed <= 0 || speed >= top ? 0 : CLIMB(speed_ladder, speed, 1);
    } else {
        speed = speed <= 0 ? top : CLIMB(speed_ladder, speed, -1);
    }
    session->request.speed = speed;
    session->requested = true;
    if (speed > 0) {
        session_toast(session, false, "at most %g steps a second", speed);
    } else {
        session_toast(session, false, "as fast as it goes");
    }
}

static void act_slower(struct session *session, int direction) {
    act_faster(session, -direction);
}

static void act_layer_up(struct session *session, int direction) {
    session_select(session, session->selected + direction);
}

static void act_layer_down(struct session *session, int direction) {
    act_layer_up(session, -direction);
}

static void act_gradient(struct session *session, int direction) {
    session->gradient =
        (enum view_gradient)cycle((int)session->gradient, VIEW_GRADIENT_COUNT, direction);
    session->redraw = true;
}

static void act_theme(struct session *session, int direction) {
    session->theme = (enum theme)cycle((int)session->theme, THEME_COUNT, direction);
    session->redraw = true;
}

static void act_zoom_in(struct session *session, int direction) {
    double zoom = session->zoom * (direction > 0 ? 1.1 : 1 / 1.1);
    session->zoom = zoom < 0.6 ? 0.6 : zoom > 3.0 ? 3.0 : zoom;
    session->redraw = true;
}

static void act_zoom_out(struct session *session, int direction) {
    act_zoom_in(session, -direction);
}

static void act_zoom_reset(struct session *session, int direction) {
    (void)direction;
    session->zoom = 1.0;
    session->redraw = true;
}

static void act_fullscreen(struct session *session, int direction) {
    (void)direction;
    session->fullscreen = !session->fullscreen; // twice before the window got to it: as it was
}

static void act_screenshot(struct session *session, int direction) {
    (void)direction;
    session->screenshot = true;
}

static void act_help(struct session *session, int direction) {
    (void)direction;
    menu_cancel(session);
    session->help = !session->help;
    session->redraw = true;
}

static void act_close(struct session *session, int direction) {
    (void)direction;
    if (session->help) {
        session->help = false;
    } else if (session->menu.typing) {
        menu_cancel(session);
    } else {
        menu_close(session);
    }
    session->toast[0] = '\0';
    session->redraw = true;
}

static void act_menu(struct session *session, int direction) {
    (void)direction;
    if (session->menu.open) {
        menu_close(session);
    } else {
        menu_open(session, NULL);
    }
}

static void act_menu_down(struct session *session, int direction) {
    menu_move(session, direction);
}

static void act_menu_up(struct session *session, int direction) {
    menu_move(session, -direction);
}

static void act_menu_group_down(struct session *session, int direction) {
    menu_move_group(session, direction);
}

static void act_menu_group_up(struct session *session, int direction) {
    menu_move_group(session, -direction);
}

static void act_menu_more(struct session *session, int direction) {
    menu_step(session, direction);
}

static void act_menu_less(struct session *session, int direction) {
    menu_step(session, -direction);
}

static void act_menu_a(struct session *session, int direction) {
    (void)direction;
    menu_edit(session, 0);
}

static void act_menu_b(struct session *session, int direction) {
    (void)direction;
    menu_edit(session, 1);
}

static void act_menu_enter(struct session *session, int direction) {
    (void)direction;
    menu_enter(session);
}

static void act_menu_reset(struct session *session, int direction) {
    (void)direction;
    menu_reset(session);
}

static void act_menu_erase(struct session *session, int direction) {
    (void)direction;
    menu_erase(session);
}

static void act_menu_paste(struct session *session, int direction) {
    (void)direction;
    session->paste = session->menu.typing;
}

static void act_quit(struct session *session, int direction) {
    (void)direction;
    session->quit = true;
}

static const char menu[] = "Settings", network[] = "Network A", training[] = "Training",
                  comparing[] = "Comparing", looking[] = "Looking", program[] = "Program";

const struct command commands[] = {
    [COMMAND_MENU] = { "settings", SDLK_TAB, 0, .key_label = "Tab", .label = "settings",
                       .about = "the menu of all settings; a click on a chip opens it too",
                       .group = menu, .act = act_menu },
    [COMMAND_MENU_UP] = { "row-up", SDLK_UP, 0, .menu = true, .repeats = true, .key_label = "↑",
                          .about = "the setting above", .group = menu, .act = act_menu_up },
    [COMMAND_MENU_DOWN] = { "row-down", SDLK_DOWN, 0, .menu = true, .repeats = true,
                            .key_label = "↓", .label = "choose", .about = "the setting below",
                            .group = menu, .act = act_menu_down },
    [COMMAND_MENU_GROUP_UP] = { "group-up", SDLK_PAGEUP, 0, .menu = true, .repeats = true,
                                .key_label = "PgUp", .about = "the group before", .group = menu,
                                .act = act_menu_group_up },
    [COMMAND_MENU_GROUP_DOWN] = { "group-down", SDLK_PAGEDOWN, 0, .menu = true, .repeats = true,
                                  .key_label = "PgDn", .about = "the next group", .group = menu,
                                  .act = act_menu_group_down },
    [COMMAND_MENU_LESS] = { "less", SDLK_LEFT, 0, .menu = true, .field = true, .repeats = true,
                            .key_label = "←", .about = "the value before, or a smaller one",
                            .group = menu, .act = act_menu_less },
    [COMMAND_MENU_MORE] = { "more", SDLK_RIGHT, 0, .menu = true, .field = true, .repeats = true,
                            .key_label = "→", .label = "change",
                            .about = "the next value, or a larger one", .group = menu,
                            .act = act_menu_more },
    [COMMAND_MENU_A] = { "edit-a", SDLK_LEFT, 0, .shift = true, .menu = true,
                         .key_label = "Shift+←", .about = "edit A", .group = menu,
                         .act = act_menu_a },
    [COMMAND_MENU_B] = { "edit-b", SDLK_RIGHT, 0, .shift = true, .menu = true,
                         .key_label = "Shift+→", .label = "edit B", .about = "edit B",
                         .group = menu, .act = act_menu_b },
    [COMMAND_MENU_ENTER] = { "type", SDLK_RETURN, 0, .menu = true, .field = true,
                             .key_label = "Enter", .label = "type",
                             .about = "type the value; again: take it", .group = menu,
                             .act = act_menu_enter },
    [COMMAND_MENU_RESET] = { "default", SDLK_DELETE, 0, .menu = true, .key_label = "Del",
                             .label = "default", .about = "back to the default", .group = menu,
                             .act = act_menu_reset },
    [COMMAND_MENU_ERASE] = { "erase", SDLK_BACKSPACE, 0, .menu = true, .field = true,
                             .repeats = true, .key_label = "Backspace",
                             .about = "rub out what was typed", .group = menu,
                             .act = act_menu_erase },
    [COMMAND_MENU_PASTE] = { "paste", SDLK_v, 0, .control = true, .menu = true, .field = true,
                             .key_label = "Ctrl V", .about = "type what was copied", .group = menu,
                             .act = act_menu_paste },
    [COMMAND_ACTIVATION] = { "activation", SDLK_a, 0, .reversible = true, .wheel = true,
                             .key_label = "A", .label = "activation",
                             .about = "next activation (Shift: previous)", .group = network,
                             .setting = "activation" },
    [COMMAND_INIT] = { "init", SDLK_i, 0, .reversible = true, .wheel = true, .key_label = "I",
                       .label = "initialiser", .about = "next initialiser (Shift: previous)",
                       .group = network, .setting = "init" },
    [COMMAND_NORMALISATION] = { "normalisation", SDLK_n, 0, .reversible = true, .wheel = true,
                                .key_label = "N", .about = "next normalisation (Shift: previous)",
                                .group = network, .setting = "normalisation" },
    [COMMAND_CONNECTION] = { "connection", SDLK_k, 0, .reversible = true, .wheel = true,
                             .key_label = "K", .about = "next connection (Shift: previous)",
                             .group = network, .setting = "connection" },
    [COMMAND_DEEPER] = { "deeper", SDLK_UP, 0, .wheel = true, .key_label = "↑",
                         .about = "more layers", .group = network, .setting = "layers" },
    [COMMAND_SHALLOWER] = { "shallower", SDLK_DOWN, 0, .key_label = "↓", .about = "fewer layers",
                            .group = network, .setting = "layers", .back = true },
    [COMMAND_WIDER] = { "wider", SDLK_RIGHT, 0, .wheel = true, .key_label = "→",
                        .about = "wider layers", .group = network, .setting = "width" },
    [COMMAND_NARROWER] = { "narrower", SDLK_LEFT, 0, .key_label = "←", .about = "narrower layers",
                           .group = network, .setting = "width", .back = true },
    [COMMAND_OPTIMIZER] = { "optimizer", SDLK_o, 0, .reversible = true, .wheel = true,
                            .key_label = "O", .about = "next optimizer (Shift: previous)",
                            .group = training, .setting = "optimizer" },
    [COMMAND_FASTER_LEARNING] = { "rate-up", SDLK_PERIOD, 0, .wheel = true, .key_label = ".",
                                  .about = "larger learning rate", .group = training,
                                  .setting = "learning_rate" },
    [COMMAND_SLOWER_LEARNING] = { "rate-down", SDLK_COMMA, 0, .key_label = ",",
                                  .about = "smaller learning rate", .group = training,
                                  .setting = "learning_rate", .back = true },
    [COMMAND_BATCH] = { "batch", SDLK_b, 0, .reversible = true, .wheel = true, .key_label = "B",
                        .about = "larger batch (Shift: smaller)", .group = training,
                        .setting = "batch" },
    [COMMAND_DATA] = { "data", SDLK_d, 0, .reversible = true, .wheel = true, .key_label = "D",
                       .about = "next data set (Shift: previous)", .group = training,
                       .setting = "data" },
    [COMMAND_PREPROCESS] = { "preprocess", SDLK_p, 0, .reversible = true, .wheel = true,
                             .key_label = "P", .about = "next preprocessing (Shift: previous)",
                             .group = training, .setting = "preprocess" },
    [COMMAND_PRESET] = { "preset", SDLK_1, 0, .last_key = SDLK_9, .control = true,
                         .key_label = "Ctrl 1–9", .about = "the lecture's cases, or your own",
                         .group = comparing, .act = act_preset },
    [COMMAND_COMPARE] = { "compare", SDLK_c, 0, .key_label = "C", .label = "compare",
                          .about = "pin the present A as reference B, or drop B",
                          .group = comparing, .act = act_compare },
    [COMMAND_SWAP] = { "swap", SDLK_x, 0, .key_label = "X", .label = "swap A/B",
                       .about = "swap A and B", .group = comparing, .act = act_swap },
    [COMMAND_PAUSE] = { "pause", SDLK_SPACE, 0, .key_label = "Space", .label = "pause",
                        .about = "pause or go on", .group = training, .act = act_pause },
    [COMMAND_STEP] = { "step", SDLK_RETURN, 0, .repeats = true, .key_label = "Enter",
                       .label = "one step", .about = "pause and make one step", .group = training,
                       .act = act_step },
    [COMMAND_STEPS] = { "steps", SDLK_RETURN, 0, .repeats = true, .shift = true,
                        .key_label = "Shift+Enter", .about = "pause and make 100 steps",
                        .group = training, .act = act_steps },
    [COMMAND_RESTART] = { "restart", SDLK_r, 0, .key_label = "R", .label = "restart",
                          .about = "back to step 0, same seed: the same run again",
                          .group = training, .act = act_restart },
    [COMMAND_SEED] = { "seed", SDLK_r, 0, .shift = true, .wheel = true, .key_label = "Shift+R",
                       .about = "back to step 0 with the next seed", .group = training,
                       .setting = "seed", .act = act_seed },
    [COMMAND_SLOWER] = { "slower", SDLK_MINUS, 0, .key_label = "-", .about = "fewer steps a second",
                         .group = training, .act = act_slower },
    [COMMAND_FASTER] = { "faster", SDLK_EQUALS, SDLK_PLUS, .wheel = true, .key_label = "=",
                         .about = "more steps a second", .group = training, .act = act_faster },
    [COMMAND_LAYER_DOWN] = { "layer-down", SDLK_LEFTBRACKET, 0, .repeats = true, .key_label = "[",
                             .about = "select the layer before", .group = looking,
                             .act = act_layer_down },
    [COMMAND_LAYER_UP] = { "layer-up", SDLK_RIGHTBRACKET, 0, .repeats = true, .wheel = true,
                           .key_label = "]", .label = "layer", .about = "select the next layer",
                           .group = looking, .act = act_layer_up },
    [COMMAND_GRADIENT] = { "gradient", SDLK_g, 0, .reversible = true, .wheel = true,
                           .key_label = "G", .label = "δ or ∂L/∂W",
                           .about = "which gradient the rows show", .group = looking,
                           .act = act_gradient },
    [COMMAND_THEME] = { "theme", SDLK_v, 0, .reversible = true, .wheel = true, .key_label = "V",
                        .about = "dark, light, print", .group = looking, .act = act_theme },
    [COMMAND_ZOOM_IN] = { "zoom-in", SDLK_EQUALS, SDLK_PLUS, .control = true, .wheel = true,
                          .key_label = "Ctrl +", .about = "larger text and panels",
                          .group = looking, .act = act_zoom_in },
    [COMMAND_ZOOM_OUT] = { "zoom-out", SDLK_MINUS, 0, .control = true, .key_label = "Ctrl -",
                           .about = "smaller text and panels", .group = looking,
                           .act = act_zoom_out },
    [COMMAND_ZOOM_RESET] = { "zoom-reset", SDLK_0, 0, .control = true, .key_label = "Ctrl 0",
                             .about = "as the screen wants it", .group = looking,
                             .act = act_zoom_reset },
    [COMMAND_FULLSCREEN] = { "full-screen", SDLK_F11, 0, .key_label = "F11", .about = "full screen",
                             .group = program, .act = act_fullscreen },
    [COMMAND_SCREENSHOT] = { "screenshot", SDLK_s, 0, .key_label = "S", .label = "screenshot",
                             .about = "save the window as PNG", .group = program,
                             .act = act_screenshot },
    [COMMAND_HELP] = { "help", SDLK_F1, SDLK_QUESTION, .key_label = "?", .label = "all keys",
                       .about = "this list", .group = program, .act = act_help },
    [COMMAND_CLOSE] = { "close", SDLK_ESCAPE, 0, .field = true, .key_label = "Esc",
                        .about = "close what is on top", .group = program, .act = act_close },
    [COMMAND_QUIT] = { "quit", SDLK_q, 0, .key_label = "Q", .about = "quit", .group = program,
                       .act = act_quit },
};
static_assert(ARRAY_LEN(commands) == COMMAND_COUNT, "a row is missing");

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
    case SDLK_SLASH:
        return shift ? SDLK_QUESTION : key;
    default:
        return key;
    }
}

enum command_place command_place(const struct session *session) {
    return session->menu.typing ? COMMAND_IN_FIELD
           : session->menu.open ? COMMAND_IN_MENU
                                : COMMAND_IN_WINDOW;
}

/* The best of the rows that are of the menu, or not: the very key, else one that ignores Shift. */
static enum command_id match(SDL_Keycode key, bool control, bool shift, bool field,
                             bool menu_rows) {
    enum command_id plain = COMMAND_COUNT;
    for (int i = 0; i < COMMAND_COUNT; i++) {
        const struct command *command = &commands[i];
        bool same = key == command->key || (command->other_key && key == command->other_key) ||
                    (key > command->key && key <= command->last_key);
        if (!same || command->control != control || command->menu != menu_rows ||
            (field && !command->field)) {
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
    bool field = place == COMMAND_IN_FIELD;
    if (modifiers & (KMOD_ALT | KMOD_GUI)) {
        return COMMAND_COUNT; // the desktop's
    }
    key = meaning(key, shift);
    enum command_id id = COMMAND_COUNT;
    if (place != COMMAND_IN_WINDOW) {
        id = match(key, control, shift, field, true);
    }
    if (id == COMMAND_COUNT) {
        id = match(key, control, shift, field, false);
    }
    if (id < COMMAND_COUNT) {
        const struct command *command = &commands[id];
        *direction = shift && !command->shift && command->reversible ? -1 : 1;
        *direction = command->last_key ? (int)(key - command->key) + 1 : *direction;
    }
    return id;
}

void command_run(struct session *session, enum command_id id, int direction) {
    if (id >= COMMAND_COUNT) {
        return;
    }
    const struct command *command = &commands[id];
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
