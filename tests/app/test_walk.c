/*
 * test_walk.c - whatever a user may do, in any order: nothing crashes, nothing is stuck, nothing
 * grows. WALK_EVENTS and WALK_SEED look for more; they are meant for builds with sanitizers.
 */
#include "base/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/command.h"
#include "app/menu.h"
#include "base/folder.h"
#include "base/require.h"
#include "base/text.h"
#include "lab/worker.h"
#include "stage.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WITH_SANITIZER
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define WITH_SANITIZER
#endif
#ifdef WITH_SANITIZER // gcc's header of it is not there everywhere
// NOLINTNEXTLINE(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp)
size_t __sanitizer_get_current_allocated_bytes(void);
#endif

enum { EVENTS = 4000, QUEUE = 160 };

static struct options options;

static unsigned long long random_state;

static int random_below(int most) {
    random_state = random_state * 6364136223846793005ull + 1442695040888963407ull;
    return (int)((random_state >> 33) % (unsigned)most);
}

#define ANY(array) (array)[random_below(ARRAY_LEN(array))]

/* What is to come before anything else: several events that make one thing. */
static SDL_Event queue[QUEUE];
static int queued, taken;

static void add(SDL_Event event) {
    if (queued < QUEUE) {
        queue[queued++] = event;
    }
}

static void add_key(SDL_Keycode key, int modifiers) {
    add((SDL_Event){
        .key = { .type = SDL_KEYDOWN, .keysym = { .sym = key, .mod = (Uint16)modifiers } } });
}

static void add_text(const char *text) {
    SDL_Event event = { .type = SDL_TEXTINPUT };
    text_set(event.text.text, sizeof event.text.text, "%s", text);
    add(event);
}

/* Would the palette quit? */
static bool finds_quit(int index) {
    const struct palette *palette = &stage.session.palette;
    return palette->open && index < palette->count && palette->found[index].source == 0 &&
           palette->found[index].row == COMMAND_QUIT;
}

static void any_key(SDL_Event *event) {
    static const Uint16 others[] = { KMOD_RSHIFT, KMOD_RCTRL, KMOD_LALT, KMOD_LGUI, KMOD_CAPS };
    enum command_id id = (enum command_id)random_below(COMMAND_COUNT);
    if (id == COMMAND_QUIT || (id == COMMAND_SCREENSHOT && random_below(30))) {
        id = COMMAND_VIEW;
    }
    const struct command *command = &commands[id];
    int row = command->last_key ? random_below(1 + (int)(command->last_key - command->key)) : 0;
    bool other = command->other_key && random_below(3) == 0;
    event->key = (SDL_KeyboardEvent){
        .type = random_below(8) ? SDL_KEYDOWN : SDL_KEYUP,
        .repeat = random_below(4) == 0,
        .keysym = { .scancode = (SDL_Scancode)random_below(300),
                    .sym = random_below(12) ? (other ? command->other_key : command->key) + row
                                            : (SDL_Keycode)random_below(1 << 9),
                    .mod = (Uint16)((command->control ? KMOD_LCTRL : 0) |
                                    (command->shift || random_below(4) == 0 ? KMOD_LSHIFT : 0) |
                                    (random_below(20) ? 0 : ANY(others))) },
    };
}

/* A kind of hit as often as any other, then one of that kind; else anywhere. */
static bool any_place(int *x, int *y) {
    const struct view_hits *hits = &stage.picture->hits;
    bool there[HIT_KIND_COUNT] = { false };
    int kinds = 0;
    *x = random_below(stage.width + 40) - 20;
    *y = random_below(stage.height + 40) - 20;
    for (int i = 0; i < hits->count; i++) {
        kinds += !there[hits->hit[i].kind];
        there[hits->hit[i].kind] = true;
    }
    if (kinds == 0 || random_below(4) == 0) {
        return false;
    }
    int kind = 0;
    for (int left = random_below(kinds); !there[kind] || left-- > 0;) {
        kind++;
    }
    const struct view_hit *hit;
    do {
        hit = &hits->hit[random_below(hits->count)];
    } while (hit->kind != (enum hit_kind)kind);
    int width;
    SDL_GetWindowSize(SDL_GetWindowFromID(1), &width, NULL);
    double points = stage.scale * width / stage.width; // window units per point
    *x = (int)(points * (double)(hit->rect.x + hit->rect.w * (float)random_below(101) / 100.0f));
    *y = (int)(points * (double)(hit->rect.y + hit->rect.h * (float)random_below(101) / 100.0f));
    return true;
}

static void add_button(Uint32 type, int button, int clicks, int x, int y) {
    add((SDL_Event){
        .button = {
            .type = type, .button = (Uint8)button, .clicks = (Uint8)clicks, .x = x, .y = y } });
}

static void add_motion(int x, int y) {
    add((SDL_Event){ .motion = { .type = SDL_MOUSEMOTION, .x = x, .y = y } });
}

/* A click, a double click, a drag, or a button that is never let go. */
static void any_click(void) {
    static const int buttons[] = { 1, 1, 1, 1, 2, 3, 3, 4, 5 };
    int x, y, to_x, to_y, button = ANY(buttons), clicks = 1 + (random_below(4) == 0);
    any_place(&x, &y);
    SDL_SetModState(random_below(5) ? KMOD_NONE : KMOD_LSHIFT);
    add_motion(x, y);
    for (int i = 0; i < clicks; i++) {
        add_button(SDL_MOUSEBUTTONDOWN, button, i + 1, x, y);
        for (int moves = random_below(3) ? 0 : random_below(6); moves > 0; moves--) {
            any_place(&to_x, &to_y);
            add_motion(to_x, to_y);
        }
        if (random_below(12)) {
            add_button(SDL_MOUSEBUTTONUP, button, i + 1, x, y);
        }
    }
}

static void any_wheel(void) {
    int x, y;
    any_place(&x, &y);
    add_motion(x, y);
    for (int turns = 1 + random_below(4); turns > 0; turns--) {
        add((SDL_Event){ .wheel = { .type = SDL_MOUSEWHEEL, .y = random_below(7) - 3 } });
    }
}

static const char *any_words(void) {
    static const char *const words[] = { "1",
                                         "0",
                                         "5",
                                         ".",
                                         "-",
                                         "relu",
                                         "/",
                                         "e",
                                         "한",
                                         " ",
                                         "99999999999999999999",
                                         "tanh",
                                         "preset",
                                         "1e-3",
                                         "view",
                                         "a",
                                         "d",
                                         "xor",
                                         "z",
                                         "layer" };
    return ANY(words);
}

/* Type a value of a setting: what it may be, its ends, and what it may not. */
static void any_setting(void) {
    static const char *const depths[] = {
        "0", "1", "2", "3", "10", "17", "33", "60", "100", "200"
    };
    int count;
    settings_table(&count);
    int row = random_below(count);
    bool depth = random_below(4) == 0;
    while (depth && strcmp(menu_setting(row)->name, "layers") != 0) {
        row = (row + 1) % count;
    }
    const struct setting *setting = menu_setting(row);
    for (int i = 0; i < 4; i++) { // whatever is open is closed
        add_key(SDLK_ESCAPE, 0);
    }
    add_key(SDLK_TAB, 0);
    int rows = row - stage.session.menu.selected;
    for (int i = 0; i < abs(rows); i++) {
        add_key(rows < 0 ? SDLK_UP : SDLK_DOWN, 0);
    }
    char text[64];
    if (setting->type == SETTING_NAME) {
        text_set(text, sizeof text, "%s", setting->option(random_below(setting->option_count)));
    } else if (depth) {
        text_set(text, sizeof text, "%s", ANY(depths));
    } else if (setting->rungs && random_below(4)) {
        text_set(text, sizeof text, "%g", setting->rungs[random_below(setting->rung_count)]);
    } else {
        text_set(text, sizeof text, "%s", any_words());
    }
    add_key(SDLK_RETURN, 0);
    add_text(text);
    add_key(SDLK_RETURN, 0);
    add_key(SDLK_ESCAPE, 0);
    if (random_below(2)) {
        add_key(SDLK_ESCAPE, 0);
    }
}

/* Find something by its name and do it. */
static void any_find(void) {
    add_key(SDLK_SLASH, 0);
    for (int i = random_below(3); i > 0; i--) {
        add_text(any_words());
    }
    for (int i = random_below(5); i > 0; i--) {
        add_key(random_below(3) ? SDLK_DOWN : SDLK_UP, 0);
    }
    add_key(SDLK_RETURN, 0);
}

/* Steps, a while for them, and then through them. */
static void any_past(void) {
    for (int i = random_below(4); i > 0; i--) {
        add_key(SDLK_RETURN, KMOD_LSHIFT);
    }
    for (int i = random_below(40); i > 0; i--) {
        add((SDL_Event){ .type = 0 });
    }
    add_key(random_below(3) ? SDLK_HOME : SDLK_END, 0);
    for (int i = random_below(12); i > 0; i--) {
        add_key(random_below(3) ? SDLK_PAGEDOWN : SDLK_PAGEUP, random_below(4) ? 0 : KMOD_LSHIFT);
    }
}

static void any_window_event(SDL_Event *event) {
    static const int sides[] = { 1, 2, 480, 600, 700, 960, 1440, 2000, 3000, 20000 };
    SDL_Window *window = SDL_GetWindowFromID(1);
    switch (random_below(8)) {
    case 0:
        SDL_SetWindowSize(window, sides[random_below(7)], sides[random_below(7)]);
        break;
    case 1:
        if (random_below(30) == 0) { // large ones take their time
            SDL_SetWindowSize(window, ANY(sides), 500);
        }
        break;
    case 2:
        SDL_HideWindow(window);
        break;
    case 3:
    case 4:
        SDL_ShowWindow(window);
        break;
    default:
        break;
    }
    event->window = (SDL_WindowEvent){ .type = SDL_WINDOWEVENT,
                                       .event = (Uint8)random_below(20),
                                       .windowID = 1,
                                       .data1 = random_below(3000),
                                       .data2 = random_below(3000) };
    if (event->window.event == SDL_WINDOWEVENT_CLOSE) {
        event->window.event = SDL_WINDOWEVENT_EXPOSED;
    }
}

/* Begin something that takes several events. */
static bool anything_longer(int kind) {
    if (kind < 20) {
        any_click();
    } else if (kind < 27) {
        any_wheel();
    } else if (kind < 29) {
        any_setting();
    } else if (kind < 31) {
        any_find();
    } else if (kind < 33) {
        any_past();
    }
    return kind < 33;
}

static void any_single(SDL_Event *event, int kind) {
    static const Uint32 others[] = { SDL_RENDER_TARGETS_RESET,
                                     SDL_RENDER_DEVICE_RESET,
                                     SDL_TEXTINPUT,
                                     SDL_CLIPBOARDUPDATE,
                                     SDL_USEREVENT,
                                     SDL_KEYMAPCHANGED,
                                     SDL_APP_LOWMEMORY,
                                     SDL_LASTEVENT };
    if (kind < 40) {
        event->type = 0; // a rest
    } else if (kind < 86) {
        any_key(event);
    } else if (kind < 92) {
        event->type = SDL_TEXTINPUT;
        text_set(event->text.text, sizeof event->text.text, "%s", any_words());
    } else if (kind < 97) {
        any_window_event(event);
    } else {
        event->type = ANY(others);
    }
}

/* Nothing a user does may quit, or fill the disk; what is changed into is a harmless wish. */
static void tame(SDL_Event *event) {
    const struct view_hits *hits = &stage.picture->hits;
    const SDL_Event rest = { .type = 0 };
    if (event->type == SDL_KEYDOWN) {
        if (event->key.keysym.sym == SDLK_q || event->key.keysym.scancode == SDL_SCANCODE_Q ||
            (finds_quit(stage.session.palette.selected) && event->key.keysym.sym != SDLK_ESCAPE)) {
            *event = rest;
        }
    } else if (event->type == SDL_MOUSEBUTTONDOWN) {
        int width;
        SDL_GetWindowSize(SDL_GetWindowFromID(1), &width, NULL);
        double zoom = stage.session.zoom / stage.zoom; // since the last picture
        double points = stage.scale * zoom * width / stage.width;
        struct view_hit hit =
            view_hit_at(hits, (float)(event->button.x / points), (float)(event->button.y / points));
        bool quits = hit.kind == HIT_COMMAND && hit.value == COMMAND_QUIT;
        bool saves = hit.kind == HIT_COMMAND && hit.value == COMMAND_SCREENSHOT;
        if (quits || saves || (hit.kind == HIT_PALETTE_ROW && finds_quit(hit.value))) {
            *event = rest;
        }
    }
}

/* What must hold of the session at any moment. */
static void check_session(void) {
    const struct session *session = &stage.session;
    const struct view_time *time = &session->time;
    assert_in_range(session->selected, 1, session_layers(session));
    assert_true(session->unit >= 1 && (session->units == 0 || session->unit <= session->units));
    assert_true(session->cursor < 0 || session->cursor < session->newest);
    assert_true(time->high < time->low || (time->low >= 0 && time->high <= session->newest));
    assert_true(session->zoom >= 0.6 && session->zoom <= 3.0);
    assert_true(session->view < VIEW_COUNT && session->theme < THEME_COUNT);
    assert_true(session->panels.chosen < PANEL_COUNT && session->panels.blown < PANEL_COUNT);
    assert_true(!session->palette.open || session->palette.count == 0 ||
                session->palette.selected < session->palette.count);
}

/* Bytes that the process takes; what the sanitizer keeps to find later faults is not of it. */
static size_t memory_taken(void) {
#ifdef WITH_SANITIZER
    return __sanitizer_get_current_allocated_bytes();
#else
    unsigned long long all = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file) {
        assert_int_equal(fscanf(file, "%llu %llu", &all, &resident), 2);
        fclose(file);
    }
    return (size_t)resident * (size_t)sysconf(_SC_PAGESIZE);
#endif
}

/* How many events there are to be, how many there were, and what was taken after a third. */
static int events, given;
static struct memory {
    size_t taken, past; // past: the most that history and film were seen to hold
} then, now;

static void look_at_memory(void) {
    const struct history_view *history = stage.picture->history;
    now.past = history->bytes_used > now.past ? history->bytes_used : now.past;
    if (given == events / 3 || given == events) {
        now.taken = memory_taken();
        then = given == events ? then : now;
    }
}

static bool anything(SDL_Event *event) {
    memset(event, 0, sizeof *event);
    if (!stage.picture) {
        return true;
    }
    check_session();
    look_at_memory();
    if (taken == queued) {
        queued = taken = 0;
        int kind = random_below(100);
        if (!anything_longer(kind)) {
            any_single(event, kind);
        }
    }
    if (taken < queued) {
        *event = queue[taken++];
    }
    tame(event);
    return given++ < events;
}

static void come_home(void) {
    SDL_ShowWindow(SDL_GetWindowFromID(1));
    SDL_SetModState(KMOD_NONE);
}

static bool is_home(void) {
    const struct session *session = &stage.session;
    return stage_drawn() && !session->help && !session->menu.open && !session->palette.open &&
           session->panels.blown == PANEL_NONE && session->cursor < 0 &&
           session->view == VIEW_LAYERS;
}

static void pause_training(void) {
    if (!stage.session.request.paused) {
        SDL_Event event = KEY(SDLK_SPACE).event;
        SDL_PushEvent(&event);
    }
}

static bool is_at_rest(void) {
    return stage_settled() && stage.session.request.paused &&
           stage.snapshot->state != WORKER_RUNNING;
}

static int64_t step_then, pretraining_then;

static void keep_step(void) {
    step_then = stage.snapshot->step;
    pretraining_then = stage.snapshot->run[0].pretraining.step;
}

static bool starts_again(void) {
    return is_at_rest() && stage.snapshot->step == 0;
}

/* It trains, or says that it cannot go on. */
static bool goes_on(void) {
    return stage_settled() && (stage.snapshot->step > step_then ||
                               stage.snapshot->run[0].pretraining.step != pretraining_then ||
                               stage.snapshot->state == WORKER_STOPPED);
}

static void nothing_a_user_does_can_harm_it(void **state) {
    struct folder *folder = *state;
    const char *seed = getenv("WALK_SEED"), *count = getenv("WALK_EVENTS");
    const struct step last[] = {
        ACT(come_home),   KEY(SDLK_ESCAPE),     KEY(SDLK_ESCAPE),    KEY(SDLK_ESCAPE),
        KEY(SDLK_ESCAPE), KEY(SDLK_ESCAPE),     KEY(SDLK_1),         KEY(SDLK_END),
        UNTIL(is_home),   UNTIL(stage_settled), ACT(pause_training), UNTIL(is_at_rest),
        KEY(SDLK_r),      UNTIL(starts_again),  ACT(keep_step),      KEY(SDLK_RETURN),
        UNTIL(goes_on),   ACT(keep_step),       KEY(SDLK_SPACE),     UNTIL(goes_on),
        { .act = NULL },
    };
    random_state = seed ? strtoull(seed, NULL, 10) : 1;
    events = count ? atoi(count) : EVENTS;
    given = queued = taken = 0;
    stage.memory = 80u << 20;
    options = (struct options){ .mode = MODE_WINDOW, .width = 1000, .height = 640 };
    experiment_defaults(&options.experiment);
    options.experiment.data = DATASET_MOONS;
    options.experiment.examples = 500;
    options.experiment.batch = 20;
    options.experiment.run[0].layers = 4;
    options.experiment.run[0].width = 10;
    experiment_reference(&options.experiment);
    options.screenshots = folder->path;
    int status = stage_improvise(&options, anything, last);
    if (stage.lost) {
        fail_msg("after the walk step %d did not come true", stage.lost);
    }
    assert_int_equal(status, 0);
    assert_int_equal(given, events + 1);
    assert_true(stage.frames > events / 40);
    print_message("%d events, %d frames; MB: %zu after a third, %zu at the end; past %zu, %zu\n",
                  events, stage.frames, then.taken >> 20, now.taken >> 20, then.past >> 20,
                  now.past >> 20);
    // the networks and the data set of the moment, and pictures of another size
    size_t present = stage.memory + (256u << 20);
    assert_true(now.taken <= then.taken + (now.past - then.past) + present);
}

int main(void) {
    setenv("SDL_VIDEODRIVER", "dummy", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_a_user_does_can_harm_it, folder_setup,
                                        folder_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
