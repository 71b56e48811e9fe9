/*
 * test_reach.c - mouse alone or keyboard alone is enough: what a click on any kind of hit does,
 * keys do as well. (That every key is a button in the list of keys is a test of the window.)
 */
#include "base/check.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "app/command.h"
#include "app/input.h"
#include "base/require.h"
#include "base/text.h"

enum { MOST_PRESSES = 6, MANY = -1, MOST_TIMES = 128, NEWEST = 63, UNITS = 40, SIDE = 640 };

static struct session session;

/* Where windows begin: the default twins after some steps. */
static void start(void) {
    struct experiment experiment;
    experiment_defaults(&experiment);
    experiment_reference(&experiment);
    session_init(&session, &experiment);
    session.newest = NEWEST;
    session.units = UNITS;
}

/* All that a user can see of it. */
static const char *describe(void) {
    static char texts[2][8192];
    static int turn;
    char *text = texts[turn = !turn];
    const struct menu *menu = &session.menu;
    const struct view_panels *panels = &session.panels;
    experiment_print_ini(&session.request.experiment, text, sizeof texts[0]);
    text_append(text, sizeof texts[0],
                "view %d layer %d unit %d gradient %d %d %d book %d why %d theme %d zoom %g ",
                session.view, session.selected, session.unit, session.gradient, session.linear,
                session.frozen, session.book, session.why, session.theme, session.zoom);
    text_append(text, sizeof texts[0], "theory %d lines %d ghost %d ridge %d ", session.theory,
                session.lines, session.ghost, session.ridge);
    text_append(
        text, sizeof texts[0], "cursor %lld time %lld %lld help %d palette %d wishes %d %d ",
        (long long)session.cursor, (long long)session.time.low, (long long)session.time.high,
        session.help, session.palette.open, session.screenshot, session.fullscreen);
    text_append(text, sizeof texts[0], "menu %d %d %d %d paused %d blown %d", menu->open,
                menu->open ? menu->selected : 0, menu->open ? menu->run : 0, menu->typing,
                session.request.paused, panels->blown);
    for (int i = 0; i < PANEL_COUNT; i++) {
        text_append(text, sizeof texts[0], " %d", panels->folded[i]);
    }
    return text;
}

static void press(SDL_Keycode key, int modifiers) {
    input_key(&session, &(SDL_KeyboardEvent){ .type = SDL_KEYDOWN,
                                              .keysym = { .sym = key, .mod = (Uint16)modifiers } });
}

/* At a place of the hit, which is SIDE wide and high, from its top left corner. */
static void click(struct view_hit hit, float x, float y, int button, int clicks) {
    hit.rect = (struct rect){ 0.0f, 0.0f, SIDE, SIDE };
    session.pointer = (struct view_pointer){ true, x, y };
    for (int i = 1; i <= clicks; i++) {
        SDL_MouseButtonEvent event = { .type = SDL_MOUSEBUTTONDOWN,
                                       .button = (Uint8)button,
                                       .clicks = (Uint8)i };
        input_button(&session, &event, hit);
        event.type = SDL_MOUSEBUTTONUP;
        input_button(&session, &event, hit);
    }
}

static int row_of(const char *name) {
    int row = 0;
    while (menu_setting(row) != setting_find(name)) {
        row++;
    }
    return row;
}

static void open_menu(void) {
    press(SDLK_TAB, 0);
}

static void open_activations(void) {
    menu_open(&session, setting_find("activation"));
}

static void open_palette(void) {
    press(SDLK_SLASH, 0);
}

static void open_help(void) {
    press(SDLK_F1, 0);
}

/* A key so many times, or MANY: as often as it takes; or what is typed. */
struct press {
    SDL_Keycode key;
    int modifiers, times;
    const char *typed;
};

/* How the keys do what a click does. */
struct way {
    void (*before)(void); // both; NULL: nothing
    struct view_hit hit;  // its value and the values at its edges
    const char *row;      // menu: the value is that of this setting
    int per_row, more;    // of it: per_row * row + more
    float x, y;           // where
    int clicks;           // 0: one
    bool nothing;         // a click does nothing
    struct press keys[MOST_PRESSES];
};

static const struct way ways[] = {
    [HIT_NONE] = { .before = open_help, .keys = { { SDLK_ESCAPE, 0, 1, NULL } } },
    [HIT_COMMAND] = { .hit = { .value = COMMAND_THEME }, .keys = { { SDLK_v, 0, 1, NULL } } },
    [HIT_CHIP] = { .hit = { .value = COMMAND_OPTIMIZER },
                   .keys = { { SDLK_TAB, 0, 1, NULL }, { SDLK_DOWN, 0, MANY, NULL } } },
    [HIT_LAYER] = { .hit = { .value = 3 },
                    .keys = { { SDLK_LEFTBRACKET, 0, 9, NULL },
                              { SDLK_RIGHTBRACKET, 0, MANY, NULL } } },
    [HIT_LAYERS] = { .hit = { .left = 0.0, .right = 10.0 },
                     .x = 0.75f * SIDE,
                     .keys = { { SDLK_RIGHTBRACKET, 0, MANY, NULL } } },
    [HIT_PANEL] = { .hit = { .value = PANEL_PHI },
                    .clicks = 2,
                    .keys = { { SDLK_j, 0, MANY, NULL }, { SDLK_z, 0, 1, NULL } } },
    [HIT_FOLD] = { .hit = { .value = PANEL_HISTORY },
                   .keys = { { SDLK_j, 0, MANY, NULL }, { SDLK_u, 0, 1, NULL } } },
    [HIT_UNIT] = { .hit = { .left = 1.0, .right = UNITS + 1.0 },
                   .x = 0.4f * SIDE,
                   .keys = { { SDLK_RIGHTBRACKET, KMOD_LSHIFT, MANY, NULL } } },
    [HIT_VIEW] = { .hit = { .value = VIEW_DATA }, .keys = { { SDLK_4, 0, 1, NULL } } },
    [HIT_TIME] = { .hit = { .left = 0.0, .right = NEWEST, .value = 1 },
                   .x = 0.3f * SIDE,
                   .keys = { { SDLK_PAGEUP, 0, MANY, NULL } } },
    [HIT_PLANE] = { .hit = { .right = 2.0, .top = 0.75 }, // W ~ N(0, 1 / fan_in): Xavier
                    .x = 0.5f * SIDE,
                    .y = 0.5f * SIDE,
                    .keys = { { 0, 0, 1, "init: xavier" },
                              { 0, 0, 1, "bias sd" },
                              { SDLK_RETURN, 0, 1, NULL },
                              { 0, 0, 0, "0.375" },
                              { SDLK_RETURN, 0, 1, NULL },
                              { SDLK_ESCAPE, 0, 1, NULL } } },
    [HIT_TIME_DOWN] = { .hit = { .top = 0.0, .bottom = NEWEST, .value = 1 },
                        .y = 0.6f * SIDE,
                        .keys = { { SDLK_PAGEUP, 0, MANY, NULL } } },
    [HIT_MENU] = { .before = open_menu, .nothing = true },
    [HIT_MENU_ROW] = { .before = open_menu,
                       .row = "momentum",
                       .per_row = 1,
                       .keys = { { SDLK_DOWN, 0, MANY, NULL } } },
    [HIT_MENU_VALUE] = { .before = open_menu,
                         .row = "width",
                         .per_row = 2,
                         .more = 1,
                         .keys = { { SDLK_DOWN, 0, MANY, NULL },
                                   { SDLK_RIGHT, KMOD_LSHIFT, 1, NULL },
                                   { SDLK_RETURN, 0, 1, NULL } } },
    [HIT_MENU_OPTION] = { .before = open_activations,
                          .hit = { .value = ACTIVATION_TANH },
                          .keys = { { SDLK_RIGHT, 0, MANY, NULL } } },
    [HIT_PALETTE] = { .before = open_palette, .nothing = true },
    [HIT_PALETTE_ROW] = { .before = open_palette,
                          .hit = { .value = 3 },
                          .keys = { { SDLK_DOWN, 0, MANY, NULL }, { SDLK_RETURN, 0, 1, NULL } } },
};
static_assert(ARRAY_LEN(ways) == HIT_KIND_COUNT, "a kind of hit has no keys");

/* What is typed with `times` is looked for in the palette. */
static void type(const struct press *what) {
    if (what->times > 0) {
        open_palette();
    }
    input_text(&session, what->typed);
    if (what->times > 0) {
        press(SDLK_RETURN, 0);
    }
}

static void press_all(const struct way *way, int many) {
    for (int i = 0; i < MOST_PRESSES && (way->keys[i].key || way->keys[i].typed); i++) {
        const struct press *what = &way->keys[i];
        if (what->typed) {
            type(what);
        }
        int times = what->times == MANY ? many : what->times;
        for (int t = 0; t < times && what->key; t++) {
            press(what->key, what->modifiers);
        }
    }
}

static void begin(const struct way *way) {
    start();
    if (way->before) {
        way->before();
    }
}

static void keys_do_what_a_click_does(void **state) {
    (void)state;
    for (int kind = 0; kind < HIT_KIND_COUNT; kind++) {
        const struct way *way = &ways[kind];
        char before[8192], wanted[8192];
        struct view_hit hit = way->hit;
        hit.kind = (enum hit_kind)kind;
        hit.value = way->row ? way->per_row * row_of(way->row) + way->more : hit.value;
        begin(way);
        text_set(before, sizeof before, "%s", describe());
        click(hit, way->x, way->y, SDL_BUTTON_LEFT, way->clicks ? way->clicks : 1);
        text_set(wanted, sizeof wanted, "%s", describe());
        assert_int_equal(strcmp(before, wanted) == 0, way->nothing);
        bool reached = way->nothing;
        for (int many = 0; many < MOST_TIMES && !reached; many++) {
            begin(way);
            press_all(way, many);
            reached = strcmp(describe(), wanted) == 0;
        }
        if (!reached) {
            fail_msg("no key does what a click on a hit of kind %d does:\n%s", kind, wanted);
        }
    }
}

/* Every command: a click on its button is its key, and the other button is the key with Shift. */
static void a_button_is_its_key(void **state) {
    (void)state;
    for (int id = 0; id < COMMAND_COUNT; id++) {
        const struct command *command = &commands[id];
        for (int back = 0; back <= (command->reversible && !command->last_key); back++) {
            char wanted[8192];
            struct view_hit hit = { .kind = HIT_COMMAND, .value = id };
            start();
            if (command->menu) {
                open_activations();
            }
            click(hit, 1.0f, 1.0f, back ? SDL_BUTTON_RIGHT : SDL_BUTTON_LEFT, 1);
            text_set(wanted, sizeof wanted, "%s", describe());
            start();
            if (command->menu) {
                open_activations();
            }
            press(command->key,
                  (command->control ? KMOD_LCTRL : 0) | (command->shift || back ? KMOD_LSHIFT : 0));
            assert_string_equal(describe(), wanted);
        }
    }
}

/* On a time axis the wheel shows less and more of it, and a double click all: so do keys. */
static void keys_zoom_in_time(void **state) {
    (void)state;
    const struct view_hit axis = {
        .kind = HIT_TIME, .rect = { 0.0f, 0.0f, SIDE, SIDE }, .right = NEWEST, .value = 1
    };
    char wanted[8192];
    start();
    session.pointer = (struct view_pointer){ true, SIDE, 1.0f }; // at the newest step
    input_wheel(&session, &(SDL_MouseWheelEvent){ .y = 1 }, axis);
    text_set(wanted, sizeof wanted, "%s", describe());
    start();
    press(SDLK_PAGEDOWN, KMOD_LSHIFT);
    assert_string_equal(describe(), wanted);
    assert_true(session.time.low > 0);
    click(axis, SIDE, 1.0f, SDL_BUTTON_LEFT, 2);
    assert_true(session.time.high < session.time.low); // all there are
}

/* Of a network with fewer layers than the other one, too. */
static void a_drag_ends_at_the_last_layer(void **state) {
    (void)state;
    const struct view_hit hit = { .kind = HIT_LAYERS,
                                  .rect = { 0.0f, 0.0f, SIDE, SIDE },
                                  .right = 5.0 };
    start();
    session.pointer = (struct view_pointer){ true, 0.5f * SIDE, 1.0f };
    input_button(&session,
                 &(SDL_MouseButtonEvent){
                     .type = SDL_MOUSEBUTTONDOWN, .button = SDL_BUTTON_LEFT, .clicks = 1 },
                 hit);
    assert_int_equal(session.selected, 3);
    input_motion(&session, (struct view_pointer){ true, 2.0f * SIDE, 1.0f });
    assert_int_equal(session.selected, 5);
    input_motion(&session, (struct view_pointer){ true, -1.0f, 1.0f });
    assert_int_equal(session.selected, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_do_what_a_click_does),
        cmocka_unit_test(a_button_is_its_key),
        cmocka_unit_test(keys_zoom_in_time),
        cmocka_unit_test(a_drag_ends_at_the_last_layer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
