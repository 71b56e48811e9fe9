#include "base/check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/command.h"
#include "app/options.h"
#include "base/require.h"
#include "base/text.h"
#include "lab/preset.h"

static struct session session;

static void start(void) {
    struct experiment experiment;
    experiment_defaults(&experiment);
    experiment_reference(&experiment);
    session_init(&session, &experiment);
}

/* Everything the user may change, as INI text: what two equal experiments share. */
static const char *print_experiment(void) {
    static char text[4096];
    experiment_print_ini(&session.request.experiment, text, sizeof text);
    return text;
}

static int modifiers_of(const struct command *command) {
    return (command->control ? KMOD_LCTRL : 0) | (command->shift ? KMOD_RSHIFT : 0);
}

static void every_row_is_complete(void **state) {
    (void)state;
    for (int i = 0; i < COMMAND_COUNT; i++) {
        const struct command *command = &commands[i];
        assert_true(command->name && command->name[0] && !strpbrk(command->name, " _"));
        assert_true(command->key && command->group && command->group[0]);
        assert_true(command->act || command->setting);
        assert_true(!command->setting || setting_find(command->setting));
        struct view_key fits; // what the help overlay can hold
        assert_in_range(command->key_label ? strlen(command->key_label) : 0, 1,
                        sizeof fits.key - 1);
        assert_in_range(command->about ? strlen(command->about) : 0, 1, sizeof fits.about - 1);
        assert_true(!command->label || strlen(command->label) < sizeof fits.label);
        for (int j = 0; j < i; j++) {
            assert_string_not_equal(commands[j].name, command->name);
            assert_true(commands[j].menu != command->menu ||
                        strcmp(commands[j].key_label, command->key_label) != 0);
        }
    }
}

/* Does a key that a command has mean it there? */
static bool is_reached(const struct command *command, enum command_place place) {
    switch (place) {
    case COMMAND_IN_FIELD:
        return command->field;
    case COMMAND_IN_PALETTE:
        return command->palette;
    case COMMAND_IN_MENU:
        for (int i = 0; i < COMMAND_COUNT && !command->menu; i++) {
            if (commands[i].menu && commands[i].key == command->key &&
                commands[i].control == command->control) {
                return false; // the menu has another use for it
            }
        }
        return true;
    default:
        return !command->menu;
    }
}

static void every_key_reaches_its_command_and_no_other(void **state) {
    (void)state;
    for (int i = 0; i < COMMAND_COUNT; i++) {
        const SDL_Keycode keys[] = { commands[i].key, commands[i].other_key };
        for (int k = 0; k < ARRAY_LEN(keys) && keys[k]; k++) {
            for (enum command_place place = 0; place < COMMAND_PLACE_COUNT; place++) {
                int direction = 0, modifiers = modifiers_of(&commands[i]);
                enum command_id id = command_of_key(keys[k], modifiers, place, &direction);
                assert_int_equal((int)id == i, is_reached(&commands[i], place));
                assert_int_equal(direction, id < COMMAND_COUNT);
            }
        }
        for (int j = 0; j < i; j++) {
            bool same = commands[i].key == commands[j].key ||
                        (commands[i].other_key && commands[i].other_key == commands[j].key) ||
                        (commands[j].other_key && commands[j].other_key == commands[i].key) ||
                        (commands[i].other_key && commands[i].other_key == commands[j].other_key);
            bool modified = commands[i].shift != commands[j].shift ||
                            commands[i].control != commands[j].control ||
                            commands[i].menu != commands[j].menu;
            assert_true(!same || modified);
        }
    }
}

static void assert_key_in(enum command_place place, SDL_Keycode key, int modifiers,
                          enum command_id id, int direction) {
    int found = 0;
    assert_int_equal(command_of_key(key, modifiers, place, &found), id);
    assert_int_equal(id == COMMAND_COUNT ? 0 : found, direction);
}

static void assert_key(SDL_Keycode key, int modifiers, enum command_id id, int direction) {
    assert_key_in(COMMAND_IN_WINDOW, key, modifiers, id, direction);
}

static void shift_goes_backwards_where_it_can(void **state) {
    (void)state;
    for (int i = 0; i < COMMAND_COUNT; i++) {
        if (!commands[i].shift && !commands[i].control && commands[i].reversible &&
            !commands[i].menu) {
            assert_key(commands[i].key, KMOD_LSHIFT, (enum command_id)i, -1);
            assert_key(commands[i].key, KMOD_RSHIFT | KMOD_CAPS | KMOD_NUM, (enum command_id)i, -1);
        }
    }
    assert_key(SDLK_SPACE, KMOD_LSHIFT, COMMAND_PAUSE, 1);
    assert_key(SDLK_r, KMOD_LSHIFT, COMMAND_SEED, 1);
    assert_key(SDLK_RETURN, KMOD_LSHIFT, COMMAND_STEPS, 1);
    assert_key(SDLK_a, KMOD_CAPS | KMOD_NUM | KMOD_SCROLL, COMMAND_ACTIVATION, 1);
}

static void keys_in_other_places(void **state) {
    (void)state;
    assert_key(SDLK_KP_ENTER, 0, COMMAND_STEP, 1);
    assert_key(SDLK_KP_ENTER, KMOD_LSHIFT, COMMAND_STEPS, 1);
    assert_key(SDLK_KP_MINUS, 0, COMMAND_SLOWER, 1);
    assert_key(SDLK_KP_PLUS, 0, COMMAND_FASTER, 1);
    assert_key(SDLK_PLUS, 0, COMMAND_FASTER, 1); // a German keyboard
    assert_key(SDLK_EQUALS, KMOD_LSHIFT, COMMAND_FASTER, 1);
    assert_key(SDLK_EQUALS, KMOD_LCTRL | KMOD_LSHIFT, COMMAND_ZOOM_IN, 1);
    assert_key(SDLK_KP_PLUS, KMOD_LCTRL, COMMAND_ZOOM_IN, 1);
    assert_key(SDLK_KP_MINUS, KMOD_RCTRL, COMMAND_ZOOM_OUT, 1);
    assert_key(SDLK_KP_0, KMOD_RCTRL, COMMAND_ZOOM_RESET, 1);
    assert_key(SDLK_SLASH, KMOD_LSHIFT, COMMAND_HELP, 1); // '?'
    assert_key(SDLK_QUESTION, 0, COMMAND_HELP, 1);
    assert_key(SDLK_KP_DIVIDE, 0, COMMAND_PALETTE, 1);
    assert_key(SDLK_F3, 0, COMMAND_PALETTE, 1); // where '/' takes Shift
}

/* A row of keys is one command, and no key of it belongs to another. */
static void rows_of_keys(void **state) {
    (void)state;
    for (int i = 0; i < COMMAND_COUNT; i++) {
        const struct command *row = &commands[i];
        for (SDL_Keycode key = row->key; key <= row->last_key; key++) {
            assert_key(key, modifiers_of(row), (enum command_id)i, (int)(key - row->key) + 1);
            for (int j = 0; j < COMMAND_COUNT; j++) {
                bool same = commands[j].key == key || commands[j].other_key == key;
                assert_true(i == j || !same || commands[j].control != row->control);
            }
        }
    }
    assert_key(SDLK_9, KMOD_LCTRL, COMMAND_PRESET, 9);
    assert_key(SDLK_KP_4, KMOD_RCTRL, COMMAND_PRESET, 4);
    assert_key(SDLK_F1, KMOD_LCTRL, COMMAND_PRESET, 1);
    assert_key(SDLK_F9, KMOD_RCTRL, COMMAND_PRESET, 9);
    assert_key(SDLK_F10, KMOD_RCTRL, COMMAND_COUNT, 0);
    assert_key(SDLK_4, 0, COMMAND_VIEW, 4);
    assert_key(SDLK_6, 0, COMMAND_COUNT, 0);
    assert_key(SDLK_COLON, KMOD_LCTRL, COMMAND_COUNT, 0); // behind 9
}

/* Every one of the nine opens what `--preset` does, says its title, and begins anew. */
static void presets_are_opened(void **state) {
    (void)state;
    static const char *const lecture[] = { "deep-sigmoid", "deep-relu", "zero-weights",
                                           "too-small",    "too-large", "xavier-tanh",
                                           "xavier-relu",  "he-relu",   "batch-norm" };
    for (int number = 1; number <= 9; number++) {
        struct preset preset;
        struct experiment_notes notes;
        char problem[OPTIONS_PROBLEM] = "";
        assert_true(preset_of_key(number, &preset, &notes, problem));
        assert_string_equal(preset.name, lecture[number - 1]);
        char *words[] = { (char *)"layerscope", (char *)"--preset", preset.name };
        struct options options;
        assert_true(options_parse(&options, 3, words, problem));
        start();
        command_run(&session, COMMAND_PRESET, number);
        assert_true(session.requested && !session.toast_bad);
        assert_string_equal(session.toast, notes.title);
        assert_true(experiment_equal(&session.request.experiment, &options.experiment));
        assert_true(session.request.experiment.compare);
        assert_int_equal(session.request.restarts, 1);
        command_run(&session, COMMAND_PRESET, number);
        assert_int_equal(session.request.restarts, 2);
    }
    start();
    setenv("LAYERSCOPE_DATADIR", "/nowhere", 1);
    char before[4096];
    text_set(before, sizeof before, "%s", print_experiment());
    command_run(&session, COMMAND_PRESET, 3);
    assert_true(session.toast_bad && !session.requested);
    assert_contains(session.toast, "No preset has the key 3");
    assert_string_equal(print_experiment(), before);
}

static void keys_in_the_menu(void **state) {
    (void)state;
    const enum command_place menu = COMMAND_IN_MENU, field = COMMAND_IN_FIELD;
    assert_key_in(menu, SDLK_UP, 0, COMMAND_MENU_UP, 1);
    assert_key_in(menu, SDLK_UP, KMOD_LSHIFT, COMMAND_MENU_UP, 1);
    assert_key_in(menu, SDLK_RIGHT, KMOD_RSHIFT, COMMAND_MENU_B, 1);
    assert_key_in(menu, SDLK_KP_ENTER, 0, COMMAND_MENU_ENTER, 1);
    assert_key_in(menu, SDLK_v, KMOD_LCTRL, COMMAND_MENU_PASTE, 1);
    assert_key_in(menu, SDLK_v, KMOD_LSHIFT, COMMAND_THEME, -1); // the rest is as ever
    assert_key_in(menu, SDLK_SPACE, 0, COMMAND_PAUSE, 1);
    assert_key_in(field, SDLK_ESCAPE, 0, COMMAND_CLOSE, 1);
    assert_key_in(field, SDLK_RETURN, 0, COMMAND_MENU_ENTER, 1);
    assert_key_in(field, SDLK_a, 0, COMMAND_COUNT, 0); // it is a letter
    assert_key_in(field, SDLK_q, KMOD_LSHIFT, COMMAND_COUNT, 0);
    assert_key_in(field, SDLK_DELETE, 0, COMMAND_COUNT, 0);
    assert_key_in(field, SDLK_TAB, 0, COMMAND_COUNT, 0);
    assert_key_in(COMMAND_IN_PALETTE, SDLK_q, 0, COMMAND_COUNT, 0);
    assert_key_in(COMMAND_IN_PALETTE, SDLK_LEFT, 0, COMMAND_COUNT, 0);
    assert_key_in(COMMAND_IN_PALETTE, SDLK_DOWN, 0, COMMAND_MENU_DOWN, 1);
    assert_key_in(COMMAND_IN_PALETTE, SDLK_SLASH, 0, COMMAND_COUNT, 0);
    assert_key(SDLK_DELETE, 0, COMMAND_COUNT, 0);
    assert_key(SDLK_BACKSPACE, 0, COMMAND_COUNT, 0);
    start();
    assert_int_equal(command_place(&session), COMMAND_IN_WINDOW);
    command_run(&session, COMMAND_MENU, 1);
    assert_int_equal(command_place(&session), COMMAND_IN_MENU);
    command_run(&session, COMMAND_MENU_ENTER, 1);
    assert_int_equal(command_place(&session), COMMAND_IN_FIELD);
    command_run(&session, COMMAND_CLOSE, 1);
    assert_int_equal(command_place(&session), COMMAND_IN_MENU);
    command_run(&session, COMMAND_HELP, 1);
    command_run(&session, COMMAND_CLOSE, 1); // what is on top
    assert_false(session.help);
    assert_int_equal(command_place(&session), COMMAND_IN_MENU);
    command_run(&session, COMMAND_CLOSE, 1);
    assert_int_equal(command_place(&session), COMMAND_IN_WINDOW);
}

static void other_keys_do_nothing(void **state) {
    (void)state;
    assert_key(SDLK_a, KMOD_LCTRL, COMMAND_COUNT, 0);
    assert_key(SDLK_q, KMOD_LALT, COMMAND_COUNT, 0);
    assert_key(SDLK_q, KMOD_LGUI, COMMAND_COUNT, 0);
    assert_key(SDLK_UNKNOWN, 0, COMMAND_COUNT, 0);
    assert_key(SDLK_0, 0, COMMAND_COUNT, 0);
    assert_key(SDLK_LSHIFT, KMOD_LSHIFT, COMMAND_COUNT, 0);
    assert_key((SDL_Keycode)0x7FFFFFFF, 0x7FFF, COMMAND_COUNT, 0);
    start();
    command_run(&session, COMMAND_COUNT, 1);
    assert_false(session.requested);
}

/* Does it show and ask for the same? */
static bool same(const struct session *a, const struct session *b) {
    return experiment_equal(&a->request.experiment, &b->request.experiment) &&
           a->request.speed == b->request.speed && a->gradient == b->gradient &&
           a->theme == b->theme && a->selected == b->selected && fabs(a->zoom - b->zoom) < 1e-9;
}

static void what_the_wheel_steps_goes_back(void **state) {
    (void)state;
    for (int i = 0; i < COMMAND_COUNT; i++) {
        assert_true(commands[i].wheel || !commands[i].reversible);
        for (int direction = 1; direction >= -1 && commands[i].wheel; direction -= 2) {
            start();
            struct session before = session;
            command_run(&session, (enum command_id)i, direction);
            if (!same(&session, &before)) { // else the end of a ladder
                command_run(&session, (enum command_id)i, -direction);
                assert_true(same(&session, &before));
            }
            assert_false(session.screenshot || session.quit || session.fullscreen || session.help);
        }
    }
}

static void opposites_undo_each_other(void **state) {
    (void)state;
    static const enum command_id pairs[][2] = {
        { COMMAND_DEEPER, COMMAND_SHALLOWER },
        { COMMAND_WIDER, COMMAND_NARROWER },
        { COMMAND_FASTER_LEARNING, COMMAND_SLOWER_LEARNING },
    };
    for (int p = 0; p < ARRAY_LEN(pairs); p++) {
        for (int swapped = 0; swapped < 2; swapped++) {
            start();
            for (int turns = 0; turns < 60; turns++) { // to the end of the ladder and beyond
                char before[4096];
                text_set(before, sizeof before, "%s", print_experiment());
                command_run(&session, pairs[p][swapped], 1);
                if (strcmp(before, print_experiment()) == 0) {
                    continue; // the end; or what is wider does not fit in memory
                }
                char after[4096];
                text_set(after, sizeof after, "%s", print_experiment());
                command_run(&session, pairs[p][1 - swapped], 1);
                assert_string_equal(print_experiment(), before);
                command_run(&session, pairs[p][swapped], 1);
                assert_string_equal(print_experiment(), after);
            }
        }
    }
}

static void panels_are_chosen_folded_and_blown_up(void **state) {
    (void)state;
    start();
    session.view = VIEW_DATA;
    command_run(&session, COMMAND_PANEL, 1);
    assert_int_equal(session.view, VIEW_LAYERS); // where one sees it
    assert_int_equal(session.panels.chosen, PANEL_ACTIVATIONS);
    for (int turn = 1; turn < PANEL_COUNT - 1; turn++) {
        command_run(&session, COMMAND_PANEL, 1);
    }
    assert_int_equal(session.panels.chosen, PANEL_COUNT - 1);
    command_run(&session, COMMAND_PANEL, 1);
    assert_int_equal(session.panels.chosen, PANEL_ACTIVATIONS);
    command_run(&session, COMMAND_PANEL, -1);
    assert_int_equal(session.panels.chosen, PANEL_COUNT - 1);

    command_run(&session, COMMAND_FOLD, 1);
    assert_true(session.panels.folded[PANEL_WHY]);
    command_run(&session, COMMAND_BLOW, 1); // alone, folded or not
    assert_int_equal(session.panels.blown, PANEL_WHY);
    command_run(&session, COMMAND_PANEL, 1); // the next one alone
    assert_int_equal(session.panels.blown, PANEL_ACTIVATIONS);
    command_run(&session, COMMAND_FOLD, 1); // back, and not folded by it
    assert_int_equal(session.panels.blown, PANEL_NONE);
    assert_false(session.panels.folded[PANEL_ACTIVATIONS]);
    command_run(&session, COMMAND_BLOW, 1);
    session.cursor = 7;
    command_run(&session, COMMAND_CLOSE, 1);
    assert_int_equal(session.panels.blown, PANEL_NONE);
    assert_int_equal(session.cursor, 7); // one thing at a time
    command_run(&session, COMMAND_FOLD, 1);
    command_run(&session, COMMAND_FOLD, 1);
    assert_false(session.panels.folded[PANEL_ACTIVATIONS]);
}

static void axes(void **state) {
    (void)state;
    start();
    command_run(&session, COMMAND_LINEAR, 1);
    assert_true(session.linear && session.redraw);
    command_run(&session, COMMAND_LINEAR, 1);
    assert_false(session.linear);
    command_run(&session, COMMAND_FREEZE, 1);
    assert_true(session.frozen && strstr(session.toast, "frozen"));
    command_run(&session, COMMAND_FREEZE, 1);
    assert_false(session.frozen);
}

/* d loss / d h is measured only while it is shown. */
static void the_gradient_of_h_is_asked_for(void **state) {
    (void)state;
    start();
    for (int turn = 0; turn < 2 * VIEW_GRADIENT_COUNT; turn++) {
        bool shown = session.gradient == VIEW_GRADIENT_H;
        assert_int_equal(session.request.look.kind == LOOK_GRADIENTS, shown);
        session.requested = false;
        command_run(&session, COMMAND_GRADIENT, 1);
        assert_int_equal(session.requested, shown || session.gradient == VIEW_GRADIENT_H);
    }
    session.gradient = VIEW_GRADIENT_H;
    session_show(&session, VIEW_LAYERS);
    assert_int_equal(session.request.look.kind, LOOK_GRADIENTS);
    session_show(&session, VIEW_DATA);
    assert_int_not_equal(session.request.look.kind, LOOK_GRADIENTS);
}

/* All of them; but rbm is passed over beside the ReLU of the start. */
static void names_go_round(void **state) {
    (void)state;
    static const struct {
        enum command_id id;
        int count;
    } rounds[] = {
        { COMMAND_ACTIVATION, ACTIVATION_COUNT },  { COMMAND_INIT, INITIALISER_COUNT - 1 },
        { COMMAND_OPTIMIZER, OPTIMISER_COUNT },    { COMMAND_NORMALISATION, NORMALISATION_COUNT },
        { COMMAND_CONNECTION, CONNECTION_COUNT },  { COMMAND_THEME, THEME_COUNT },
        { COMMAND_GRADIENT, VIEW_GRADIENT_COUNT }, { COMMAND_PREPROCESS, PREPROCESS_COUNT },
    };
    for (int i = 0; i < ARRAY_LEN(rounds); i++) {
        start();
        struct session before = session;
        for (int turn = 1; turn <= rounds[i].count; turn++) {
            command_run(&session, rounds[i].id, 1);
            assert_int_equal(same(&session, &before), turn == rounds[i].count);
        }
    }
}

static void rbm_comes_round_beside_sigmoid(void **state) {
    (void)state;
    for (int direction = -1; direction <= 1; direction += 2) {
        bool seen[INITIALISER_COUNT] = { false };
        start();
        session.request.experiment.run[0].activation = ACTIVATION_SIGMOID;
        session.accepted = session.request.experiment;
        for (int turn = 0; turn < INITIALISER_COUNT; turn++) {
            command_run(&session, COMMAND_INIT, direction);
            seen[session.request.experiment.run[0].init] = true;
            assert_string_equal(session.toast, "");
        }
        for (int init = 0; init < INITIALISER_COUNT; init++) {
            assert_true(seen[init]);
        }
    }
}

/* Data sets in files that are not there are passed over, in both directions. */
static void data_sets_that_are_there_go_round(void **state) {
    (void)state;
    for (int direction = -1; direction <= 1; direction += 2) {
        bool seen[DATASET_COUNT] = { false };
        start();
        for (int turn = 0; turn < DATASET_COUNT; turn++) {
            command_run(&session, COMMAND_DATA, direction);
            seen[session.request.experiment.data] = true;
            assert_false(session.toast_bad);
        }
        for (int kind = 0; kind < DATASET_COUNT; kind++) {
            assert_true(seen[kind] || datasets[kind].by_path);
        }
        assert_false(seen[DATASET_IDX]);
        assert_contains(session.toast, "skipped: data = ");
    }
}

/* A value that makes no sense beside other settings does not stop the round. */
static void what_cannot_be_run_is_passed_over(void **state) {
    (void)state;
    for (int direction = -1; direction <= 1; direction += 2) {
        start();
        session.request.experiment.shift = 2;
        for (int turn = 0; turn < 2 * PREPROCESS_COUNT; turn++) {
            command_run(&session, COMMAND_PREPROCESS, direction);
            assert_false(preprocesses[session.request.experiment.preprocess].projects);
            assert_false(session.toast_bad);
        }
        assert_contains(session.toast, "skipped: shift = 2");
        session.toast[0] = '\0';
        int before = session.request.experiment.data;
        command_run(&session, COMMAND_DATA, direction); // to images, or to none of all
        assert_true(session.request.experiment.data == before ||
                    session.request.experiment.data == DATASET_FASHION_MNIST);
        assert_contains(session.toast, "skipped: ");
    }
}

static void values_between_the_rungs(void **state) {
    (void)state;
    start();
    struct network_settings *a = &session.request.experiment.run[0];
    a->layers = 11;
    a->width = 137;
    a->learning_rate = 0.03;
    session.request.experiment.batch = 77;
    command_run(&session, COMMAND_DEEPER, 1);
    command_run(&session, COMMAND_NARROWER, 1);
    command_run(&session, COMMAND_FASTER_LEARNING, 1);
    command_run(&session, COMMAND_BATCH, -1);
    assert_int_equal(a->layers, 12);
    assert_int_equal(a->width, 128);
    assert_true(a->learning_rate == 0.05);
    assert_int_equal(session.request.experiment.batch, 64);
    a->learning_rate = 1e6;
    command_run(&session, COMMAND_FASTER_LEARNING, 1);
    assert_true(a->learning_rate == 1e6);
    command_run(&session, COMMAND_SLOWER_LEARNING, 1);
    assert_true(a->learning_rate == 500000);
    a->learning_rate = 0;
    command_run(&session, COMMAND_SLOWER_LEARNING, 1);
    assert_true(a->learning_rate == 0);
    session.request.experiment.batch = 1000000;
    command_run(&session, COMMAND_BATCH, 1);
    assert_int_equal(session.request.experiment.batch, 1000000);
}

static void comparing(void **state) {
    (void)state;
    start();
    command_run(&session, COMMAND_COMPARE, 1);
    assert_false(session.request.experiment.compare);
    assert_true(session.requested);
    char alone[4096];
    text_set(alone, sizeof alone, "%s", print_experiment());
    command_run(&session, COMMAND_SWAP, 1); // nothing to swap with: said, not done
    assert_string_equal(print_experiment(), alone);
    assert_contains(session.toast, "C pins");
    command_run(&session, COMMAND_COMPARE, 1);
    assert_true(session.request.experiment.compare);
    assert_contains(session.toast, "copy of A");
    assert_memory_equal(&session.request.experiment.run[0], &session.request.experiment.run[1],
                        sizeof(struct network_settings));
}

static void swapping_twice_is_nothing(void **state) {
    (void)state;
    start();
    command_run(&session, COMMAND_SHALLOWER, 1);
    char before[4096];
    text_set(before, sizeof before, "%s", print_experiment());
    command_run(&session, COMMAND_SWAP, 1);
    assert_string_not_equal(print_experiment(), before);
    assert_int_equal(session.request.experiment.run[0].activation, ACTIVATION_SIGMOID);
    assert_int_equal(session.request.experiment.run[1].activation, ACTIVATION_RELU);
    command_run(&session, COMMAND_SWAP, 1);
    assert_string_equal(print_experiment(), before);
}

static void stepping_pauses(void **state) {
    (void)state;
    start();
    command_run(&session, COMMAND_STEP, 1);
    assert_true(session.request.paused && session.requested);
    assert_int_equal(session.request.steps, 1);
    command_run(&session, COMMAND_STEPS, 1);
    assert_int_equal(session.request.steps, 101);
    assert_true(session.request.paused);
    command_run(&session, COMMAND_PAUSE, 1);
    assert_false(session.request.paused);
    command_run(&session, COMMAND_RESTART, 1);
    assert_int_equal(session.request.restarts, 1);
}

static void seeds(void **state) {
    (void)state;
    start();
    command_run(&session, COMMAND_SEED, 1);
    assert_int_equal(session.request.experiment.seed, 2);
    assert_string_equal(session.toast, "seed 2");
    command_run(&session, COMMAND_SEED, -1);
    command_run(&session, COMMAND_SEED, -1);
    assert_int_equal(session.request.experiment.seed, 0);
    command_run(&session, COMMAND_SEED, -1);
    assert_true(session.request.experiment.seed == UINT64_MAX);
    command_run(&session, COMMAND_SEED, 1);
    assert_int_equal(session.request.experiment.seed, 0);
}

static void keeping_weights(void **state) {
    (void)state;
    start();
    const struct command *keep = &commands[COMMAND_KEEP];
    assert_false(keep->on(&session));
    command_run(&session, COMMAND_KEEP, 1);
    assert_true(session.keeps && keep->on(&session));
    assert_contains(session.toast, "kept");
    command_run(&session, COMMAND_KEEP, 1);
    assert_false(session.keeps || keep->on(&session));
    assert_contains(session.toast, "new weights");
}

/* What was wished when a key was pressed holds, however soon the next one comes. */
static void changes_remember_whether_weights_are_kept(void **state) {
    (void)state;
    start();
    command_run(&session, COMMAND_ACTIVATION, 1);
    assert_int_equal(session.request.restarts, 1);
    command_run(&session, COMMAND_KEEP, 1);
    command_run(&session, COMMAND_ACTIVATION, 1);
    command_run(&session, COMMAND_BATCH, 1);
    assert_int_equal(session.request.restarts, 1);
    command_run(&session, COMMAND_SEED, 1); // new weights is what it is for
    assert_int_equal(session.request.restarts, 2);
    command_run(&session, COMMAND_KEEP, 1);
    assert_int_equal(session.request.restarts, 2);
    command_run(&session, COMMAND_BATCH, -1);
    assert_int_equal(session.request.restarts, 3);
}

/* With weights kept they change sides, too; else both begin anew. */
static void swapping_keeps_weights_or_not(void **state) {
    (void)state;
    start();
    uint64_t restarts = session.request.restarts;
    int a = session.request.experiment.run[0].activation;
    command_run(&session, COMMAND_SWAP, 1);
    assert_int_equal(session.request.restarts, restarts + 1);
    assert_int_equal(session.request.swaps, 0);
    assert_int_equal(session.request.experiment.run[1].activation, a);
    command_run(&session, COMMAND_KEEP, 1);
    session.requested = false;
    command_run(&session, COMMAND_SWAP, 1);
    assert_int_equal(session.request.restarts, restarts + 1);
    assert_int_equal(session.request.swaps, 1);
    assert_true(session.requested);
    assert_int_equal(session.request.experiment.run[0].activation, a);
}

static void speed_has_two_ends(void **state) {
    (void)state;
    start();
    assert_true(session.request.speed == 0);
    command_run(&session, COMMAND_FASTER, 1); // already as fast as it goes
    assert_true(session.request.speed == 0);
    assert_contains(session.toast, "as fast as it goes");
    for (int i = 0; i < 40; i++) {
        command_run(&session, COMMAND_SLOWER, 1);
        assert_true(session.request.speed >= 1 && session.request.speed <= 2000);
    }
    assert_true(session.request.speed == 1);
    assert_contains(session.toast, "at most 1 steps");
    for (int i = 0; i < 40; i++) {
        command_run(&session, COMMAND_FASTER, 1);
    }
    assert_true(session.request.speed == 0);
}

static void layers_end_somewhere(void **state) {
    (void)state;
    start();
    for (int i = 0; i < 20; i++) {
        command_run(&session, COMMAND_LAYER_UP, 1);
    }
    assert_int_equal(session.selected, 10);
    command_run(&session, COMMAND_SWAP, 1);
    for (int i = 0; i < 20; i++) {
        command_run(&session, COMMAND_SHALLOWER, 1); // B still has 10
    }
    assert_int_equal(session.selected, 10);
    command_run(&session, COMMAND_COMPARE, 1);
    assert_int_equal(session.selected, 1);
    command_run(&session, COMMAND_LAYER_DOWN, 1);
    assert_int_equal(session.selected, 1);
}

static void wishes(void **state) {
    (void)state;
    start();
    command_run(&session, COMMAND_SCREENSHOT, 1);
    assert_int_equal(session.screenshot, SCREENSHOT_PNG);
    command_run(&session, COMMAND_VECTOR, 1);
    assert_int_equal(session.screenshot, SCREENSHOT_SVG);
    command_run(&session, COMMAND_FULLSCREEN, 1);
    assert_true(session.fullscreen);
    command_run(&session, COMMAND_FULLSCREEN, 1);
    assert_false(session.fullscreen);
    command_run(&session, COMMAND_HELP, 1);
    assert_true(session.help);
    command_run(&session, COMMAND_CLOSE, 1);
    assert_false(session.help);
    session_toast(&session, true, "news");
    command_run(&session, COMMAND_CLOSE, 1);
    assert_string_equal(session.toast, "");
    assert_false(session.quit);
    command_run(&session, COMMAND_QUIT, 1);
    assert_true(session.quit);
}

static unsigned next_random(unsigned *state) {
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

/* Every setting is what the command line would accept. */
static void assert_settings_in_range(void) {
    int count;
    const struct setting *table = settings_table(&count);
    for (int run = 0; run < 2; run++) {
        for (int i = 0; i < count; i++) {
            char value[SETTING_TEXT], problem[EXPERIMENT_PROBLEM];
            struct experiment copy = session.request.experiment;
            if (run == 0 || table[i].per_run) {
                setting_print(&copy, run, &table[i], value, sizeof value);
                assert_true(setting_parse(&copy, run, &table[i], value, problem));
                assert_true(experiment_equal(&copy, &session.request.experiment));
            }
        }
    }
}

static void assert_rest_in_range(void) {
    assert_in_range(session.selected, 1, session_layers(&session));
    assert_true(session.zoom >= 0.6 && session.zoom <= 3.0);
    assert_in_range(session.theme, 0, THEME_COUNT - 1);
    assert_in_range(session.gradient, 0, VIEW_GRADIENT_COUNT - 1);
    assert_true(session.request.speed >= 0 && session.request.speed <= 2000);
    assert_true(strlen(session.toast) < sizeof session.toast);
}

static void no_sequence_leaves_the_ranges(void **state) {
    (void)state;
    unsigned random = 7;
    for (int walk = 0; walk < 20; walk++) {
        start();
        for (int i = 0; i < 1000; i++) {
            // long stretches of the same key find the ends
            enum command_id id = (enum command_id)(next_random(&random) % COMMAND_COUNT);
            int direction = next_random(&random) % 3 ? 1 : -1;
            for (unsigned turns = 1 + next_random(&random) % 30; turns > 0; turns--, i++) {
                command_run(&session, id, direction);
            }
            assert_settings_in_range();
            assert_rest_in_range();
        }
    }
}

static void what_is_changed_is_asked_for(void **state) {
    (void)state;
    for (int i = 0; i < COMMAND_COUNT; i++) {
        start();
        session.requested = false;
        struct request before = session.request, *after = &session.request;
        command_run(&session, (enum command_id)i, 1);
        bool changed = !experiment_equal(&before.experiment, &after->experiment) ||
                       before.paused != after->paused || before.speed != after->speed ||
                       before.steps != after->steps || before.restarts != after->restarts;
        assert_true(session.requested || !changed);
    }
}

static void the_list_has_every_key(void **state) {
    (void)state;
    for (int markdown = 0; markdown < 2; markdown++) {
        char text[8192];
        FILE *out = tmpfile();
        assert_non_null(out);
        command_list(out, markdown);
        rewind(out);
        text[fread(text, 1, sizeof text - 1, out)] = '\0';
        fclose(out);
        for (int i = 0; i < COMMAND_COUNT; i++) {
            assert_contains(text, commands[i].key_label);
            assert_contains(text, commands[i].about);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_complete),
        cmocka_unit_test(every_key_reaches_its_command_and_no_other),
        cmocka_unit_test(shift_goes_backwards_where_it_can),
        cmocka_unit_test(keys_in_other_places),
        cmocka_unit_test(rows_of_keys),
        cmocka_unit_test(keys_in_the_menu),
        cmocka_unit_test(other_keys_do_nothing),
        cmocka_unit_test(what_the_wheel_steps_goes_back),
        cmocka_unit_test(opposites_undo_each_other),
        cmocka_unit_test(panels_are_chosen_folded_and_blown_up),
        cmocka_unit_test(axes),
        cmocka_unit_test(the_gradient_of_h_is_asked_for),
        cmocka_unit_test(names_go_round),
        cmocka_unit_test(rbm_comes_round_beside_sigmoid),
        cmocka_unit_test(data_sets_that_are_there_go_round),
        cmocka_unit_test(what_cannot_be_run_is_passed_over),
        cmocka_unit_test(values_between_the_rungs),
        cmocka_unit_test(comparing),
        cmocka_unit_test(swapping_twice_is_nothing),
        cmocka_unit_test(stepping_pauses),
        cmocka_unit_test(seeds),
        cmocka_unit_test(keeping_weights),
        cmocka_unit_test(changes_remember_whether_weights_are_kept),
        cmocka_unit_test(swapping_keeps_weights_or_not),
        cmocka_unit_test(speed_has_two_ends),
        cmocka_unit_test(layers_end_somewhere),
        cmocka_unit_test(wishes),
        cmocka_unit_test(no_sequence_leaves_the_ranges),
        cmocka_unit_test(what_is_changed_is_asked_for),
        cmocka_unit_test(the_list_has_every_key),
        cmocka_unit_test(presets_are_opened), // the last: it moves the data folder away
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
