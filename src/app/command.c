#include "app/command.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/require.h"
#include "base/text.h"

static const double width_ladder[] = { 1,   2,   3,   5,   8,   10,  16,  20,   32,   50,   64,
                                       100, 128, 200, 256, 500, 512, 784, 1000, 1024, 2048, 4096 };
static const double layer_ladder[] = { 1,  2,  3,  4,  5,  6,  7,  8,  9,   10,  12,  14, 16,
                                       18, 20, 25, 30, 40, 50, 60, 80, 100, 120, 150, 200 };
static const double batch_ladder[] = { 1,   2,   4,   8,   10,  16,   32,   50,   64,    100,
                                       128, 200, 256, 500, 512, 1000, 1024, 2000, 10000, 60000 };
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

/* 1-2-5 steps: the next one above (below) value, as the exact decimal. */
static double climb_decimal(double value, int direction) {
    static const double marks[] = { 1, 2, 5 };
    double best = value;
    for (int power = -7; power <= 3; power++) {
        for (int i = 0; i < ARRAY_LEN(marks); i++) {
            double mark = power < 0 ? marks[i] / pow(10, -power) : marks[i] * pow(10, power);
            bool above = mark > value * (1 + 1e-9), below = mark < value * (1 - 1e-9);
            if (direction > 0 && above) {
                return mark;
            }
            best = direction < 0 && below ? mark : best;
        }
    }
    return best;
}

static int cycle(int value, int count, int direction) {
    return (value + direction + count) % count;
}

/*
 * Give the setting at field, which is in wanted, the next of its `count` values that can be run. A
 * data set's files may not be there, and some values make no sense beside other settings.
 */
static void edit_next(struct session *session, struct experiment *wanted, int *field, int count,
                      int direction) {
    char problem[EXPERIMENT_PROBLEM] = "", reason[EXPERIMENT_PROBLEM];
    bool found = false;
    for (int i = 1; i < count && !found; i++) {
        *field = cycle(*field, count, direction);
        found = session_can_run(session, wanted, reason);
        if (!found) {
            text_set(problem, sizeof problem, "%s", reason);
        }
    }
    if (problem[0]) {
        session_toast(session, !found, "skipped: %s", problem);
    }
    if (found) {
        session_edit(session, wanted);
    }
}

static void act_activation(struct session *session, int direction) {
    struct experiment wanted = session->request.experiment;
    edit_next(session, &wanted, &wanted.run[0].activation, ACTIVATION_COUNT, direction);
}

static void act_init(struct session *session, int direction) {
    struct experiment wanted = session->request.experiment;
    edit_next(session, &wanted, &wanted.run[0].init, INITIALISER_COUNT, direction);
}

static void act_deeper(struct session *session, int direction) {
    struct experiment wanted = session->request.experiment;
    wanted.run[0].layers = (int)CLIMB(layer_ladder, wanted.run[0].layers, direction);
    session_edit(session, &wanted);
}

static void act_shallower(struct session *session, int direction) {
    act_deeper(session, -direction);
}

static void act_wider(struct session *session, int direction) {
    struct experiment wanted = session->request.experiment;
    wanted.run[0].width = (int)CLIMB(width_ladder, wanted.run[0].width, direction);
    session_edit(session, &wanted);
}

static void act_narrower(struct session *session, int direction) {
    act_wider(session, -direction);
}

static void act_optimizer(struct session *session, int direction) {
    struct experiment wanted = session->request.experiment;
    edit_next(session, &wanted, &wanted.run[0].optimizer, OPTIMISER_COUNT, direction);
}

static void act_faster_learning(struct session *session, int direction) {
    struct experiment wanted = session->request.experiment;
    wanted.run[0].learning_rate = climb_decimal(wanted.run[0].learning_rate, direction);
    session_edit(session, &wanted);
}

static void act_slower_learning(struct session *session, int direction) {
    act_faster_learning(session, -direction);
}

static void act_batch(struct session *session, int direction) {
    struct experiment wanted = session->request.experiment;
    wanted.batch = (int)CLIMB(batch_ladder, wanted.batch, direction);
    session_edit(session, &wanted);
}

static void act_data(struct session *session, int direction) {
    struct experiment wanted = session->request.experiment;
    edit_next(session, &wanted, &wanted.data, DATASET_COUNT, direction);
}

static void act_preprocess(struct session *session, int direction) {
    struct experiment wanted = session->request.experiment;
    edit_next(session, &wanted, &wanted.preprocess, PREPROCESS_COUNT, direction);
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
    session->help = !session->help;
    session->redraw = true;
}

static void act_close(struct session *session, int direction) {
    (void)direction;
    session->help = false;
    session->toast[0] = '\0';
    session->redraw = true;
}

static void act_quit(struct session *session, int direction) {
    (void)direction;
    session->quit = true;
}

static const char network[] = "Network A", training[] = "Training", comparing[] = "Comparing",
                  looking[] = "Looking", program[] = "Program";

const struct command commands[] = {
    [COMMAND_ACTIVATION] = { "activation", SDLK_a, 0, .reversible = true, .wheel = true,
                             .key_label = "A", .label = "activation",
                             .about = "next activation (Shift: previous)", .group = network,
                             .act = act_activation },
    [COMMAND_INIT] = { "init", SDLK_i, 0, .reversible = true, .wheel = true, .key_label = "I",
                       .label = "initialiser", .about = "next initialiser (Shift: previous)",
                       .group = network, .act = act_init },
    [COMMAND_DEEPER] = { "deeper", SDLK_UP, 0, .wheel = true, .key_label = "↑",
                         .about = "more layers", .group = network, .act = act_deeper },
    [COMMAND_SHALLOWER] = { "shallower", SDLK_DOWN, 0, .key_label = "↓", .about = "fewer layers",
                            .group = network, .act = act_shallower },
    [COMMAND_WIDER] = { "wider", SDLK_RIGHT, 0, .wheel = true, .key_label = "→",
                        .about = "wider layers", .group = network, .act = act_wider },
    [COMMAND_NARROWER] = { "narrower", SDLK_LEFT, 0, .key_label = "←", .about = "narrower layers",
                           .group = network, .act = act_narrower },
    [COMMAND_OPTIMIZER] = { "optimizer", SDLK_o, 0, .reversible = true, .wheel = true,
                            .key_label = "O", .about = "next optimizer (Shift: previous)",
                            .group = training, .act = act_optimizer },
    [COMMAND_FASTER_LEARNING] = { "rate-up", SDLK_PERIOD, 0, .wheel = true, .key_label = ".",
                                  .about = "larger learning rate", .group = training,
                                  .act = act_faster_learning },
    [COMMAND_SLOWER_LEARNING] = { "rate-down", SDLK_COMMA, 0, .key_label = ",",
                                  .about = "smaller learning rate", .group = training,
                                  .act = act_slower_learning },
    [COMMAND_BATCH] = { "batch", SDLK_b, 0, .reversible = true, .wheel = true, .key_label = "B",
                        .about = "larger batch (Shift: smaller)", .group = training,
                        .act = act_batch },
    [COMMAND_DATA] = { "data", SDLK_d, 0, .reversible = true, .wheel = true, .key_label = "D",
                       .about = "next data set (Shift: previous)", .group = training,
                       .act = act_data },
    [COMMAND_PREPROCESS] = { "preprocess", SDLK_p, 0, .reversible = true, .wheel = true,
                             .key_label = "P", .about = "next preprocessing (Shift: previous)",
                             .group = training, .act = act_preprocess },
    [COMMAND_COMPARE] = { "compare", SDLK_c, 0, .key_label = "C", .label = "compare",
                          .about = "pin the present A as reference B, or drop B",
                          .group = comparing, .act = act_compare },
    [COMMAND_SWAP] = { "swap", SDLK_x, 0, .key_label = "X", .label = "swap A/B",
                       .about = "swap A and B", .group = comparing, .act = act_swap },
    [COMMAND_PAUSE] = { "pause", SDLK_SPACE, 0, .key_label = "Space", .label = "pause",
                        .about = "pause or go on", .group = training, .act = act_pause },
    [COMMAND_STEP] = { "step", SDLK_RETURN, 0, .key_label = "Enter", .label = "one step",
                       .about = "pause and make one step", .group = training, .act = act_step },
    [COMMAND_STEPS] = { "steps", SDLK_RETURN, 0, .shift = true, .key_label = "Shift+Enter",
                        .about = "pause and make 100 steps", .group = training, .act = act_steps },
    [COMMAND_RESTART] = { "restart", SDLK_r, 0, .key_label = "R", .label = "restart",
                          .about = "back to step 0, same seed: the same run again",
                          .group = training, .act = act_restart },
    [COMMAND_SEED] = { "seed", SDLK_r, 0, .shift = true, .wheel = true, .key_label = "Shift+R",
                       .about = "back to step 0 with the next seed", .group = training,
                       .act = act_seed },
    [COMMAND_SLOWER] = { "slower", SDLK_MINUS, 0, .key_label = "-", .about = "fewer steps a second",
                         .group = training, .act = act_slower },
    [COMMAND_FASTER] = { "faster", SDLK_EQUALS, SDLK_PLUS, .wheel = true, .key_label = "=",
                         .about = "more steps a second", .group = training, .act = act_faster },
    [COMMAND_LAYER_DOWN] = { "layer-down", SDLK_LEFTBRACKET, 0, .key_label = "[",
                             .about = "select the layer before", .group = looking,
                             .act = act_layer_down },
    [COMMAND_LAYER_UP] = { "layer-up", SDLK_RIGHTBRACKET, 0, .wheel = true, .key_label = "]",
                           .label = "layer", .about = "select the next layer", .group = looking,
                           .act = act_layer_up },
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
    [COMMAND_CLOSE] = { "close", SDLK_ESCAPE, 0, .key_label = "Esc",
                        .about = "close what is on top", .group = program, .act = act_close },
    [COMMAND_QUIT] = { "quit", SDLK_q, 0, .key_label = "Q", .about = "quit", .group = program,
                       .act = act_quit },
};
static_assert(ARRAY_LEN(commands) == COMMAND_COUNT, "a row is missing");

/* What a key means, wherever a keyboard has it: the number pad is one more place. */
static SDL_Keycode meaning(SDL_Keycode key, bool shift) {
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

enum command_id command_of_key(SDL_Keycode key, int modifiers, int *direction) {
    bool shift = (modifiers & KMOD_SHIFT) != 0, control = (modifiers & KMOD_CTRL) != 0;
    if (modifiers & (KMOD_ALT | KMOD_GUI)) {
        return COMMAND_COUNT; // the desktop's
    }
    key = meaning(key, shift);
    enum command_id plain = COMMAND_COUNT;
    for (int i = 0; i < COMMAND_COUNT; i++) {
        const struct command *command = &commands[i];
        bool same = command->key == key || (command->other_key && command->other_key == key);
        if (!same || command->control != control) {
            continue;
        }
        if (command->shift == shift) {
            *direction = 1;
            return (enum command_id)i;
        }
        if (shift && plain == COMMAND_COUNT) {
            plain = (enum command_id)i; // Shift without a meaning of its own
        }
    }
    if (plain < COMMAND_COUNT) {
        *direction = commands[plain].reversible ? -1 : 1;
    }
    return plain;
}

void command_run(struct session *session, enum command_id id, int direction) {
    if (id < COMMAND_COUNT) {
        commands[id].act(session, direction);
    }
}

void command_list(FILE *out, bool markdown) {
    if (markdown) {
        fprintf(out, "| key | what it does |\n| --- | --- |\n");
    }
    for (int i = 0; i < COMMAND_COUNT; i++) {
        if (markdown) {
            fprintf(out, "| `%s` | %s |\n", commands[i].key_label, commands[i].about);
        } else {
            fprintf(out, "  %-14s %s\n", commands[i].key_label, commands[i].about);
        }
    }
}
