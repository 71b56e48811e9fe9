#include "base/check.h"

#include <cjson/cJSON.h>
#include <dirent.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/command.h"
#include "app/headless.h"
#include "app/menu.h"
#include "app/window_place.h"
#include "base/file.h"
#include "base/folder.h"
#include "base/paths.h"
#include "base/require.h"
#include "base/text.h"
#include "data/broken_idx.h"
#include "export/json_file.h"
#include "export/model_file.h"
#include "lab/worker.h"
#include "stage.h"

static struct options options; // of the window under test
static struct folder *folder;  // its screenshots
static const char *root;       // of the project

/* A small network on generated data, paused at step 0. */
static int setup(void **state) {
    int failed = folder_setup(state);
    folder = *state;
    stage.memory = 0;
    setenv("LAYERSCOPE_DATADIR", root, 1);
    options = stage_options(failed ? NULL : folder->path);
    return failed;
}

#define PLAY(...) STAGE_PLAY(&options, __VA_ARGS__)

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The screenshots there are, oldest first; names, or NULL to count only. */
static int pictures(char *names[16]) {
    int count = 0;
    DIR *directory = opendir(folder->path);
    assert_non_null(directory);
    for (struct dirent *entry; (entry = readdir(directory));) {
        if (entry->d_name[0] != '.') {
            assert_true(count < 16);
            if (names) {
                names[count] = strdup(entry->d_name);
            }
            count++;
        }
    }
    closedir(directory);
    if (names) {
        qsort(names, (size_t)count, sizeof *names, by_name);
    }
    return count;
}

static int pictures_then;

static void count_pictures(void) {
    pictures_then = pictures(NULL);
}

static bool another_picture(void) {
    return pictures(NULL) == pictures_then + 1;
}

#define SCREENSHOT ACT(count_pictures), KEY(SDLK_s), UNTIL(another_picture)

static bool same_file(const char *a, const char *b) {
    static char text[2][1 << 20];
    const char *names[2] = { a, b };
    size_t size[2];
    for (int i = 0; i < 2; i++) {
        FILE *file = fopen(folder_file(folder, names[i]), "rb");
        assert_non_null(file);
        size[i] = fread(text[i], 1, sizeof text[i], file);
        fclose(file);
        assert_true(size[i] > 10000 && size[i] < sizeof text[i]);
    }
    return size[0] == size[1] && memcmp(text[0], text[1], size[0]) == 0;
}

static void keys_change_the_picture_that_is_saved(void **state) {
    (void)state;
    PLAY(UNTIL(stage_settled), SCREENSHOT, KEY(SDLK_a), UNTIL(stage_settled), SCREENSHOT,
         KEY(SDLK_i), UNTIL(stage_settled), SCREENSHOT, KEY(SDLK_F1), UNTIL(stage_drawn),
         SCREENSHOT, KEY(SDLK_ESCAPE), UNTIL(stage_drawn), SCREENSHOT, KEY_WITH(SDLK_i, KMOD_SHIFT),
         UNTIL(stage_settled), KEY_WITH(SDLK_a, KMOD_SHIFT), UNTIL(stage_settled), SCREENSHOT,
         KEY(SDLK_q), UNTIL(stage_drawn));
    enum { FIRST, ACTIVATION, INIT, HELP, CLOSED, BACK, COUNT };
    char *names[16];
    assert_int_equal(pictures(names), COUNT);
    for (int i = FIRST; i < HELP; i++) {
        assert_false(same_file(names[i], names[i + 1]));
    }
    assert_false(same_file(names[FIRST], names[INIT]));
    assert_true(same_file(names[INIT], names[CLOSED])); // no toast of the one before is in it
    assert_true(same_file(names[FIRST], names[BACK]));
    for (int i = 0; i < COUNT; i++) {
        free(names[i]);
    }
}

static void quitting(void **state) {
    (void)state;
    PLAY(KEY(SDLK_q), UNTIL(stage_settled)); // while it loads; what follows is never asked
    PLAY({ .event = { .type = SDL_QUIT } });
    PLAY(UNTIL(stage_settled), KEY(SDLK_q), UNTIL(stage_drawn));
    options.experiment.data = DATASET_MNIST;
    PLAY(UNTIL(stage_drawn), KEY(SDLK_q));
    assert_false(stage.snapshot->has_runs);
}

static void a_screenshot_before_the_first_picture(void **state) {
    (void)state;
    PLAY(ACT(count_pictures), KEY(SDLK_s), KEY(SDLK_s), UNTIL(another_picture));
}

/* While paused nothing wakes the window after the new run's picture but the wish itself. */
static void a_screenshot_right_after_a_change_is_of_the_changed(void **state) {
    (void)state;
    for (int i = 0; i < 5; i++) {
        PLAY(UNTIL(stage_settled), UNTIL(stage_idle), ACT(count_pictures), KEY(SDLK_a), KEY(SDLK_s),
             UNTIL(another_picture));
        assert_int_equal(stage.session.screenshot, SCREENSHOT_NONE);
    }
}

static void shift_s_saves_lines_and_text(void **state) {
    (void)state;
    char *names[16], text[1024] = "";
    PLAY(UNTIL(stage_settled), ACT(count_pictures), KEY_WITH(SDLK_s, KMOD_SHIFT),
         UNTIL(another_picture));
    assert_int_equal(pictures(names), 1);
    assert_string_equal(names[0] + strlen(names[0]) - 4, ".svg");
    FILE *file = fopen(folder_file(folder, names[0]), "r");
    assert_non_null(file);
    assert_true(fread(text, 1, sizeof text - 1, file) > 0);
    fclose(file);
    assert_contains(text, "<svg xmlns=");
    assert_contains(text, "<title>layerscope, step ");
    free(names[0]);
}

static void a_screenshot_that_fails_is_told(void **state) {
    (void)state;
    options.screenshots = "/dev/null/folder";
    PLAY(UNTIL(stage_settled), KEY(SDLK_s), UNTIL(stage_drawn));
    assert_true(stage.session.toast_bad);
    assert_contains(stage.session.toast, "/dev/null");
}

static bool shows_help(void) {
    return stage_drawn() && stage.session.help;
}

static bool shows_no_help(void) {
    return stage_drawn() && !stage.session.help;
}

static void help_opens_and_closes(void **state) {
    (void)state;
    PLAY(UNTIL(stage_settled), KEY_WITH(SDLK_SLASH, KMOD_LSHIFT), UNTIL(shows_help), KEY(SDLK_F1),
         UNTIL(shows_no_help), KEY(SDLK_QUESTION), UNTIL(shows_help), KEY(SDLK_ESCAPE),
         UNTIL(shows_no_help), KEY(SDLK_ESCAPE), UNTIL(shows_no_help));
}

static int frames;

static void count_frames(void) {
    frames = stage.frames;
}

static bool no_frame_since(void) {
    assert_int_equal(stage.frames, frames);
    return true;
}

static void paused_is_idle(void **state) {
    (void)state;
    PLAY(UNTIL(stage_settled), UNTIL(stage_idle), ACT(count_frames), KEY(SDLK_LSHIFT),
         UNTIL(stage_idle), UNTIL(no_frame_since), KEY(SDLK_SPACE), UNTIL(stage_settled),
         KEY(SDLK_SPACE), UNTIL(stage_settled), UNTIL(stage_idle), KEY(SDLK_v), UNTIL(stage_idle),
         UNTIL(stage_drawn));
    assert_int_equal(stage.session.theme, 1);
}

static void hide(void) {
    SDL_HideWindow(SDL_GetWindowFromID(1));
}

static void show(void) {
    SDL_ShowWindow(SDL_GetWindowFromID(1));
}

static void hidden_draws_nothing(void **state) {
    (void)state;
    PLAY(UNTIL(stage_settled), ACT(hide), UNTIL(stage_idle), ACT(count_frames), KEY(SDLK_v),
         KEY(SDLK_a), KEY(SDLK_SPACE), KEY(SDLK_SPACE), UNTIL(stage_idle), UNTIL(no_frame_since),
         ACT(show), UNTIL(stage_settled));
}

static void resize(int width, int height) {
    SDL_SetWindowSize(SDL_GetWindowFromID(1), width, height);
}

#define SIZE(name, w, h, drawn_w, drawn_h)                                                         \
    static void resize_##name(void) {                                                              \
        resize(w, h);                                                                              \
    }                                                                                              \
    static bool is_##name(void) {                                                                  \
        return stage_drawn() && stage.width == (drawn_w) && stage.height == (drawn_h);             \
    }

SIZE(small, 960, 600, 960, 600)
SIZE(large, 3840, 2160, 3840, 2160)
SIZE(long, 20000, 320, CANVAS_MAX_SIDE, 320)
SIZE(tall, 500, 20000, 500, CANVAS_MAX_SIDE)
SIZE(tiny, 1, 1, VIEW_MIN_WIDTH / 2, VIEW_MIN_HEIGHT / 2)

static void any_size(void **state) {
    (void)state;
    PLAY(UNTIL(stage_settled), ACT(resize_small), UNTIL(is_small), ACT(resize_large),
         UNTIL(is_large), ACT(resize_long), UNTIL(is_long), ACT(resize_tall), UNTIL(is_tall),
         ACT(resize_tiny), UNTIL(is_tiny), KEY(SDLK_F1), UNTIL(shows_help), ACT(resize_small),
         UNTIL(is_small));
}

static bool is_twice_as_fine(void) {
    return stage_drawn() && stage.width == 2000 && stage.scale == 2.0;
}

static void scale_is_of_the_window_too(void **state) {
    (void)state;
    options.scale = 2.0;
    PLAY(UNTIL(is_twice_as_fine));
    assert_int_equal(stage.height, 1280);
}

static bool is_as_large_as_fits(void) {
    assert_true(!stage_drawn() || fabs(stage.scale - 1200.0 / VIEW_MIN_WIDTH) < 1e-9);
    return stage_drawn();
}

static bool is_as_small_as_may_be(void) {
    return stage_drawn() && stage.scale == 0.6;
}

static bool is_at_one(void) {
    return stage_drawn() && stage.scale == 1.0;
}

static void zoom_has_its_ends(void **state) {
    (void)state;
    options.width = 1200;
    options.height = 900;
    struct step script[128] = { UNTIL(stage_settled) };
    int count = 1;
    for (int i = 0; i < 40; i++) {
        script[count++] = KEY_WITH(i < 20 ? SDLK_EQUALS : SDLK_MINUS, KMOD_LCTRL);
        if (i >= 15) {
            script[count++] = UNTIL(i < 20    ? is_as_large_as_fits
                                    : i == 39 ? is_as_small_as_may_be
                                              : stage_drawn);
        }
    }
    script[count++] = KEY_WITH(SDLK_0, KMOD_LCTRL);
    script[count++] = UNTIL(is_at_one);
    stage_must_play(&options, script);
}

/* Mouse. Where to is only known once a picture is there. */
static enum hit_kind target_kind;
static int target;

static SDL_Event mouse_event(Uint32 type, Uint8 button) {
    SDL_Event event = { .type = type };
    int x, y;
    if (!stage_find(target_kind, target, &x, &y)) {
        fail_msg("nowhere: kind %d, value %d", (int)target_kind, target);
    }
    if (type == SDL_MOUSEMOTION) {
        event.motion.x = x;
        event.motion.y = y;
    } else {
        event.button.x = x;
        event.button.y = y;
        event.button.button = button;
    }
    return event;
}

static void push(SDL_Event event) {
    SDL_PushEvent(&event);
}

static void click(void) {
    push(mouse_event(SDL_MOUSEBUTTONDOWN, SDL_BUTTON_LEFT));
}

static void click_right(void) {
    push(mouse_event(SDL_MOUSEBUTTONDOWN, SDL_BUTTON_RIGHT));
}

static void click_with_the_third_button(void) {
    push(mouse_event(SDL_MOUSEBUTTONDOWN, SDL_BUTTON_MIDDLE));
}

static void turn(int y) {
    push(mouse_event(SDL_MOUSEMOTION, 0));
    push((SDL_Event){ .wheel = { .type = SDL_MOUSEWHEEL, .y = y } });
}

static void turn_up(void) {
    turn(1);
}

static void turn_down(void) {
    turn(-1);
}

static void point_at_activation(void) {
    target_kind = HIT_CHIP;
    target = COMMAND_ACTIVATION;
}

static void point_at_tanh(void) {
    target_kind = HIT_MENU_OPTION;
    target = ACTIVATION_TANH;
}

/* The menu's row of a setting. */
static int row_of(const char *name) {
    int row = 0;
    while (menu_setting(row) != setting_find(name)) {
        row++;
    }
    return row;
}

static void point_at_width_of_b(void) {
    target_kind = HIT_MENU_VALUE;
    target = 2 * row_of("width") + 1;
}

static void point_at_loss(void) {
    target_kind = HIT_MENU_ROW;
    target = row_of("loss");
}

static void point_at_screenshot(void) {
    target_kind = HIT_COMMAND;
    target = COMMAND_SCREENSHOT;
}

static void point_at_layers(void) {
    target_kind = HIT_LAYERS; // the middle of four
    target = 0;
}

static int activation(void) {
    return stage.session.request.experiment.run[0].activation;
}

static bool is_next_activation(void) {
    return stage_settled() && activation() == (ACTIVATION_RELU + 1) % ACTIVATION_COUNT;
}

static bool is_still_next_activation(void) {
    return stage_idle() && activation() == (ACTIVATION_RELU + 1) % ACTIVATION_COUNT;
}

static bool is_first_activation(void) {
    return stage_settled() && activation() == ACTIVATION_RELU;
}

static bool shows_activations(void) {
    return stage_drawn() && stage.session.menu.open && !stage.session.menu.typing &&
           stage.session.menu.selected == row_of("activation") && activation() == ACTIVATION_RELU;
}

static bool is_tanh(void) {
    return stage_settled() && activation() == ACTIVATION_TANH;
}

static bool types_width_of_b(void) {
    return stage_drawn() && stage.session.menu.typing && stage.session.menu.run == 1 &&
           stage.session.menu.selected == row_of("width");
}

static bool b_is_wider(void) {
    const struct experiment *experiment = &stage.session.request.experiment;
    return stage_settled() && experiment->run[1].width == 16 && experiment->run[0].width == 10;
}

static bool loss_is_selected(void) {
    return stage_drawn() && stage.session.menu.selected == row_of("loss");
}

static bool below_loss_is_selected(void) {
    return stage_drawn() && stage.session.menu.selected == row_of("loss") + 1;
}

static bool shows_no_menu(void) {
    return stage_drawn() && !stage.session.menu.open;
}

static bool first_is_selected(void) {
    return stage_drawn() && stage.session.selected == 1;
}

static bool one_in_the_middle_is_selected(void) {
    return stage_drawn() && (stage.session.selected == 2 || stage.session.selected == 3);
}

static bool no_picture_since(void) {
    assert_int_equal(pictures(NULL), pictures_then);
    return true;
}

static void the_mouse(void **state) {
    (void)state;
    options.width = 2400; // the footer has room for all its keys
    PLAY(UNTIL(stage_settled), ACT(point_at_activation), ACT(turn_up), UNTIL(is_next_activation),
         ACT(click_with_the_third_button), UNTIL(is_still_next_activation), ACT(click_right),
         UNTIL(is_first_activation), ACT(turn_up), UNTIL(is_next_activation), ACT(turn_down),
         UNTIL(is_first_activation), KEY(SDLK_LEFTBRACKET), UNTIL(first_is_selected),
         ACT(point_at_layers), ACT(click), UNTIL(one_in_the_middle_is_selected),
         ACT(point_at_screenshot), ACT(count_pictures), ACT(turn_up), ACT(turn_down),
         UNTIL(stage_idle), UNTIL(no_picture_since), ACT(click), UNTIL(another_picture),
         KEY(SDLK_F1), UNTIL(shows_help),
         { .event.button = { .type = SDL_MOUSEBUTTONDOWN, .button = 1, .x = 1, .y = 1 } },
         UNTIL(shows_no_help));
}

static void point_at_the_plane(void) {
    target_kind = HIT_PLANE;
    target = 0; // A's alone, for B has another activation
    push(mouse_event(SDL_MOUSEMOTION, 0));
}

static bool is_told_of_the_plane(void) {
    const struct display_list *list = &stage.picture->list;
    for (size_t i = 0; i < list->op_count; i++) {
        const struct draw_op *op = &list->ops[i];
        if (op->kind == DRAW_TEXT && strstr(list->chars + op->text, "click: A starts here")) {
            return stage_drawn();
        }
    }
    return false;
}

/* Its middle is half of sw = 2 and of sb = 0.75. */
static bool starts_in_the_middle(void) {
    const struct network_settings *a = &stage.session.request.experiment.run[0];
    return stage_settled() && a->init == INITIALISER_XAVIER && fabs(a->init_scale - 1.0) < 0.02 &&
           fabs(a->bias_sd - 0.375) < 0.01 && stage.snapshot->step == 0 &&
           strcmp(stage.snapshot->run[0].init, initialisers[INITIALISER_XAVIER].label) == 0;
}

static bool shows_no_theory(void) {
    return stage_drawn() && !stage.session.theory;
}

static bool shows_theory(void) {
    return stage_drawn() && stage.session.theory;
}

static void a_click_on_the_plane_starts_there(void **state) {
    (void)state;
    PLAY(UNTIL(stage_settled), KEY(SDLK_5), UNTIL(stage_drawn), ACT(point_at_the_plane),
         UNTIL(is_told_of_the_plane), ACT(click), UNTIL(starts_in_the_middle), KEY(SDLK_1),
         KEY(SDLK_h), UNTIL(shows_no_theory), KEY(SDLK_h), UNTIL(shows_theory));
}

static void the_mouse_in_the_menu(void **state) {
    (void)state;
    options.width = 1440;
    options.height = 900;
    PLAY(UNTIL(stage_settled), ACT(point_at_activation), ACT(click), UNTIL(shows_activations),
         ACT(point_at_tanh), ACT(click), UNTIL(is_tanh), ACT(point_at_width_of_b), ACT(turn_up),
         UNTIL(b_is_wider), ACT(click), UNTIL(types_width_of_b), ACT(click),
         UNTIL(types_width_of_b), ACT(point_at_loss), ACT(click), UNTIL(loss_is_selected),
         ACT(turn_down), UNTIL(below_loss_is_selected), ACT(turn_up), UNTIL(loss_is_selected),
         KEY(SDLK_LEFTBRACKET), UNTIL(first_is_selected), ACT(point_at_layers), ACT(click),
         UNTIL(one_in_the_middle_is_selected), KEY(SDLK_ESCAPE), UNTIL(shows_no_menu));
}

#define TEXT(words)                                                                                \
    (struct step) {                                                                                \
        .event.text = {.type = SDL_TEXTINPUT, .text = words }                                      \
    }

static bool takes_text(void) {
    return stage_drawn() && stage.session.menu.open && SDL_IsTextInputActive();
}

static bool takes_no_text(void) {
    return stage_drawn() && !stage.session.menu.open && !SDL_IsTextInputActive();
}

static double learning_rate(void) {
    return stage.session.request.experiment.run[0].learning_rate;
}

static bool is_faster(void) {
    return stage_settled() && learning_rate() == 0.3 && !stage.session.menu.typing;
}

static bool is_refused_in_the_menu(void) {
    return stage_drawn() && stage.session.menu.typing && stage.session.menu.problem[0] &&
           learning_rate() == 0.3;
}

static bool is_usual(void) {
    return stage_settled() && learning_rate() == 0.05;
}

static void copy(void) {
    SDL_SetClipboardText("0.3");
}

static void open_at_learning_rate(struct step *script) {
    int count = 0;
    script[count++] = UNTIL(stage_settled);
    script[count++] = UNTIL(takes_no_text);
    script[count++] = KEY(SDLK_TAB);
    for (int row = 0; row < row_of("learning_rate"); row++) {
        script[count++] = KEY(SDLK_DOWN);
    }
    script[count] = UNTIL(takes_text);
}

static int activation_then;

static void keep_activation(void) {
    activation_then = activation();
}

static bool is_same_activation(void) {
    return stage_settled() && activation() == activation_then;
}

static void the_keys_of_the_menu(void **state) {
    (void)state;
    struct step script[192] = { UNTIL(stage_settled) };
    open_at_learning_rate(script);
    const struct step rest[] = {
        ACT(keep_activation),
        KEY(SDLK_RETURN),
        KEY(SDLK_a), // a letter, and no command
        TEXT("0.3"),
        KEY(SDLK_RETURN),
        UNTIL(is_faster),
        UNTIL(is_same_activation),
        KEY(SDLK_RETURN),
        TEXT("much"),
        KEY(SDLK_RETURN),
        UNTIL(is_refused_in_the_menu),
        KEY(SDLK_ESCAPE),
        UNTIL(is_faster),
        KEY(SDLK_DELETE),
        UNTIL(is_usual),
        KEY(SDLK_RETURN),
        ACT(copy),
        KEY_WITH(SDLK_v, KMOD_LCTRL),
        KEY(SDLK_KP_ENTER),
        UNTIL(is_faster),
        KEY(SDLK_LEFT), // 0.2, 0.1, 0.05
        KEY(SDLK_LEFT),
        KEY(SDLK_LEFT),
        UNTIL(is_usual),
        KEY(SDLK_TAB),
        UNTIL(takes_no_text),
        TEXT("7"),
        UNTIL(is_usual),
    };
    int count = 0;
    while (script[count].event.type || script[count].act || script[count].until) {
        count++;
    }
    memcpy(script + count, rest, sizeof rest);
    stage_must_play(&options, script);
}

static void layouts_without_latin_letters(void **state) {
    (void)state;
    struct step cyrillic = KEY(0x444); // where a Latin keyboard has A
    cyrillic.event.key.keysym.scancode = SDL_SCANCODE_A;
    PLAY(UNTIL(stage_settled), cyrillic, UNTIL(is_next_activation));
}

static bool shows_data(void) {
    return stage_drawn() && stage.session.view == VIEW_DATA;
}

static bool is_smaller(void) {
    return stage_drawn() && stage.session.zoom < 1.0;
}

static bool has_preset_4(void) {
    return stage_drawn() && stage.session.request.experiment.run[0].init == INITIALISER_SMALL;
}

/* A French keyboard has digits with Shift alone, and '-' where others have 6. */
static void layouts_without_digits(void **state) {
    (void)state;
    struct step four = KEY(SDLK_QUOTE), six = KEY_WITH(SDLK_MINUS, KMOD_LCTRL);
    four.event.key.keysym.scancode = SDL_SCANCODE_4;
    six.event.key.keysym.scancode = SDL_SCANCODE_6;
    struct step preset = four;
    preset.event.key.keysym.mod = KMOD_LCTRL;
    PLAY(UNTIL(stage_settled), four, UNTIL(shows_data), six, UNTIL(is_smaller), preset,
         UNTIL(has_preset_4));
}

static void a_held_key_is_one_wish(void **state) {
    (void)state;
    struct step held = KEY(SDLK_a);
    held.event.key.repeat = 1;
    PLAY(UNTIL(stage_settled), KEY(SDLK_a), held, held, UNTIL(is_next_activation),
         UNTIL(is_still_next_activation));
}

static bool three_steps_made(void) {
    return stage_settled() && stage.snapshot->step == 3;
}

static void a_held_enter_steps(void **state) {
    (void)state;
    struct step held = KEY(SDLK_RETURN);
    held.event.key.repeat = 1;
    PLAY(UNTIL(stage_settled), KEY(SDLK_RETURN), held, held, UNTIL(three_steps_made));
}

/* The document that is kept under the name with this part, of `of` such documents number `which`.
 */
static cJSON *saved_document(const char *part, int which, int of) {
    static char text[1 << 20];
    char *names[16];
    cJSON *document = NULL;
    int count = pictures(names), found = 0;
    for (int i = 0; i < count; i++) {
        if (strstr(names[i], part) && strstr(names[i], ".json") && found++ == which) {
            FILE *file = fopen(folder_file(folder, names[i]), "rb");
            assert_non_null(file);
            size_t size = fread(text, 1, sizeof text - 1, file);
            fclose(file);
            text[size] = '\0';
            document = cJSON_Parse(text);
        }
        free(names[i]);
    }
    assert_int_equal(found, of);
    assert_non_null(document);
    return document;
}

static const cJSON *first_layer_of(const cJSON *document) {
    const cJSON *runs = cJSON_GetObjectItemCaseSensitive(document, "runs");
    const cJSON *run = cJSON_GetObjectItemCaseSensitive(runs, "B");
    return cJSON_GetObjectItemCaseSensitive(
        cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(run, "layers"), 0), "h");
}

static bool three_more(void) {
    return pictures(NULL) == pictures_then + 3;
}

static bool at_step_hundred(void) {
    return stage_settled() && stage.snapshot->step == 100;
}

static void point_at_time(void) {
    target_kind = HIT_TIME;
    target = 1;
}

static void release(void) {
    push((SDL_Event){ .button = { .type = SDL_MOUSEBUTTONUP, .button = SDL_BUTTON_LEFT } });
}

static bool shows_step(int64_t step) {
    const struct snapshot *shown = stage.picture->shown;
    return stage_idle() && shown->step == step && shown->has_runs &&
           shown->request == stage.session.request.serial && stage.session.newest == 100;
}

static bool shows_the_middle(void) { // of steps 0 to 100, give or take the pixel
    return shows_step(stage.session.cursor) && llabs(2 * stage.session.cursor - 100) <= 2;
}

static bool shows_the_first(void) {
    return shows_step(0);
}

static bool shows_the_third(void) {
    return shows_step(2 * (1 + 100 / 64));
}

static bool shows_the_newest(void) {
    return shows_step(100) && stage.session.cursor < 0;
}

static void drag_to_the_end(void) {
    push((SDL_Event){ .motion = { .type = SDL_MOUSEMOTION, .x = 5000, .y = 3 } });
}

static void drag_to_the_beginning(void) {
    push((SDL_Event){ .motion = { .type = SDL_MOUSEMOTION, .x = 0, .y = 3 } });
}

static char copied[4096];

/* The window takes its clipboard with it. */
static void keep_clipboard(void) {
    char *text = SDL_GetClipboardText();
    text_set(copied, sizeof copied, "%s", text);
    SDL_free(text);
}

static bool is_copied(void) {
    return stage_drawn() && strstr(stage.session.toast, "was copied as lines for PyTorch");
}

static void the_network_is_copied_as_code(void **state) {
    (void)state;
    SDL_SetClipboardText("");
    PLAY(UNTIL(stage_settled), KEY_WITH(SDLK_c, KMOD_LCTRL), UNTIL(is_copied), ACT(keep_clipboard));
    assert_contains(copied, "INPUTS, WIDTH, OUTPUTS, LAYERS = 8, 10, 10, 4");
    assert_contains(copied, "class Network(nn.Module):");
    assert_int_equal(stage.session.request.restarts, 0);
}

static bool at_step_seven(void) {
    return stage_settled() && stage.snapshot->step == 7;
}

static bool at_step_eight(void) {
    return stage_settled() && stage.snapshot->step == 8;
}

static bool begins_anew(void) {
    return stage_settled() && stage.snapshot->step == 0 && !stage.snapshot->loaded;
}

/* It begins where they were saved, R goes back there, and another network takes new ones. */
static void loaded_weights_come_back(void **state) {
    (void)state;
    static struct run run;
    struct dataset data;
    const struct dataset_settings settings = experiment_data(&options.experiment);
    char path[FILE_PATH_MAX], problem[FILE_PROBLEM_MAX];
    assert_true(dataset_load(&data, &settings, problem));
    assert_true(run_init(&run, &options.experiment, &data, problem));
    for (int i = 0; i < 7; i++) {
        run_pass(&run);
        run_update(&run);
    }
    text_set(path, sizeof path, "%s/model.npz", options.screenshots);
    assert_true(model_file_write(path, &run, problem));
    run_pass(&run);
    double loss = run.twin[0].loss;
    run_finish(&run);
    dataset_finish(&data);
    options.load = path;
    PLAY(UNTIL(at_step_seven), KEY(SDLK_RETURN), UNTIL(at_step_eight), KEY(SDLK_r),
         UNTIL(at_step_seven));
    assert_true(stage.snapshot->loaded);
    assert_true(stage.snapshot->run[0].loss == loss);
    assert_false(stage.snapshot->run[0].theory.applies);
    PLAY(UNTIL(at_step_seven), KEY(SDLK_UP), UNTIL(begins_anew));
    unlink(path);
}

#define SAVE_DATA ACT(count_pictures), KEY(SDLK_e), UNTIL(three_more)

static void numbers_are_saved_as_they_are_shown(void **state) {
    (void)state;
    PLAY(UNTIL(stage_settled), SAVE_DATA, SAVE_DATA, KEY_WITH(SDLK_RETURN, KMOD_LSHIFT),
         UNTIL(at_step_hundred), SAVE_DATA, KEY(SDLK_HOME), UNTIL(shows_the_first), SAVE_DATA);
    assert_false(stage.session.toast_bad);
    assert_contains(stage.session.toast, "_step000000");
    assert_contains(stage.session.toast, ".csv, .json and .npz");
    cJSON *first = saved_document("step000000", 0, 3), *later = saved_document("step000100", 0, 1);
    cJSON *again = saved_document("step000000", 2, 3); // out of the film
    assert_int_equal(cJSON_GetObjectItemCaseSensitive(again, "step")->valueint, 0);
    assert_int_equal(cJSON_GetObjectItemCaseSensitive(later, "step")->valueint, 100);
    assert_true(cJSON_Compare(first_layer_of(first), first_layer_of(again), true));
    assert_false(cJSON_Compare(first_layer_of(first), first_layer_of(later), true));
    cJSON_Delete(first);
    cJSON_Delete(later);
    cJSON_Delete(again);
}

static double rate_of(const char *part) {
    cJSON *document = saved_document(part, 0, 1);
    const cJSON *experiment = cJSON_GetObjectItemCaseSensitive(document, "experiment");
    double rate = cJSON_GetObjectItemCaseSensitive(experiment, "learning_rate")->valuedouble;
    cJSON_Delete(document);
    return rate;
}

/* Not with those that were changed later, the weights being kept. */
static void numbers_are_saved_with_the_settings_of_their_step(void **state) {
    (void)state;
    double before = options.experiment.run[0].learning_rate;
    PLAY(UNTIL(stage_settled), KEY(SDLK_w), KEY_WITH(SDLK_RETURN, KMOD_LSHIFT),
         UNTIL(at_step_hundred), KEY(SDLK_PERIOD), UNTIL(stage_settled), SAVE_DATA, KEY(SDLK_HOME),
         UNTIL(shows_the_first), SAVE_DATA);
    assert_true(rate_of("step000100") == stage.session.request.experiment.run[0].learning_rate);
    assert_true(rate_of("step000100") > before);
    assert_true(rate_of("step000000") == before);
}

static void numbers_that_cannot_be_saved_are_told(void **state) {
    (void)state;
    options.screenshots = "/dev/null/folder";
    PLAY(UNTIL(stage_settled), KEY(SDLK_e), UNTIL(stage_drawn));
    assert_true(stage.session.toast_bad);
    assert_contains(stage.session.toast, "/dev/null");
    options.experiment.data = DATASET_MNIST; // while it loads
    options.screenshots = folder->path;
    PLAY(UNTIL(stage_drawn), KEY(SDLK_e), UNTIL(stage_drawn));
    assert_contains(stage.session.toast, "no numbers yet");
}

/* The whole picture is of the step that the cursor is at; with nothing there, of the newest. */
static void scrubbing_shows_the_past(void **state) {
    (void)state;
    PLAY(UNTIL(stage_settled), KEY_WITH(SDLK_RETURN, KMOD_LSHIFT), UNTIL(at_step_hundred),
         ACT(point_at_time), ACT(click), UNTIL(shows_the_middle), ACT(drag_to_the_beginning),
         UNTIL(shows_the_first), ACT(drag_to_the_end), UNTIL(shows_the_newest), ACT(release),
         ACT(drag_to_the_beginning), UNTIL(shows_the_newest), // it was let go
         KEY(SDLK_HOME), UNTIL(shows_the_first), KEY(SDLK_PAGEDOWN), KEY(SDLK_PAGEDOWN),
         UNTIL(shows_the_third), KEY(SDLK_PAGEUP), KEY(SDLK_PAGEUP), KEY(SDLK_PAGEUP),
         UNTIL(shows_the_first), KEY(SDLK_END), UNTIL(shows_the_newest), KEY(SDLK_HOME),
         UNTIL(shows_the_first), KEY(SDLK_ESCAPE), UNTIL(shows_the_newest));
}

/* Has the picture anything of the first run's last layer, in what it keeps of the past? */
static bool keeps_the_last_layer(void) {
    static const struct layer_stats none;
    int last = options.experiment.run[0].layers - 1;
    const struct layer_stats *layer = &stage.picture->past->snapshot.run[0].layer[last];
    return memcmp(layer, &none, sizeof none) != 0;
}

static void assert_keeps_it(void) {
    assert_true(keeps_the_last_layer());
}

static bool is_shallower(void) {
    return stage_settled() && stage.snapshot->run[0].layers == options.experiment.run[0].layers - 1;
}

static void assert_keeps_nothing(void) {
    assert_false(keeps_the_last_layer());
}

/* Memory of a deep run is not held on to by the next one. */
static void the_past_of_a_deeper_run_goes(void **state) {
    (void)state;
    PLAY(UNTIL(stage_settled), KEY_WITH(SDLK_RETURN, KMOD_LSHIFT), UNTIL(at_step_hundred),
         KEY(SDLK_HOME), UNTIL(shows_the_first), ACT(assert_keeps_it), KEY(SDLK_DOWN),
         UNTIL(is_shallower), ACT(assert_keeps_nothing));
}

static bool weights_of(int64_t step) {
    const struct layer_detail *detail = &stage.picture->shown->detail[0];
    return shows_step(step) && stage.session.view == VIEW_LAYER &&
           detail->layer == stage.session.selected && detail->unit == stage.session.unit;
}

static bool weights_of_the_first(void) {
    return weights_of(0);
}

static bool weights_of_the_next_unit(void) {
    return weights_of(0) && stage.session.unit == 2;
}

static bool weights_of_the_third(void) {
    return weights_of(2 * (1 + 100 / 64));
}

static bool data_of_the_third(void) {
    const struct data_detail *detail = &stage.picture->shown->data_detail;
    int64_t third = 2 * (1 + 100 / 64);
    return shows_step(third) && stage.session.view == VIEW_DATA && detail->made &&
           detail->step == third;
}

static bool data_of_the_newest(void) {
    const struct data_detail *detail = &stage.picture->shown->data_detail;
    return shows_the_newest() && detail->made && detail->step == 100;
}

/* Views 3 and 4 go back, too, also to steps at which nobody looked at what they show. */
static void closer_looks_go_back(void **state) {
    (void)state;
    PLAY(UNTIL(stage_settled), KEY_WITH(SDLK_RETURN, KMOD_LSHIFT), UNTIL(at_step_hundred),
         KEY(SDLK_HOME), UNTIL(shows_the_first), KEY(SDLK_3), UNTIL(weights_of_the_first),
         KEY_WITH(SDLK_RIGHTBRACKET, KMOD_LSHIFT), UNTIL(weights_of_the_next_unit),
         KEY(SDLK_PAGEDOWN), KEY(SDLK_PAGEDOWN), UNTIL(weights_of_the_third), KEY(SDLK_4),
         UNTIL(data_of_the_third), KEY(SDLK_END), UNTIL(data_of_the_newest));
}

static void click_twice(void) {
    for (Uint8 clicks = 1; clicks <= 2; clicks++) {
        SDL_Event event = mouse_event(SDL_MOUSEBUTTONDOWN, SDL_BUTTON_LEFT);
        event.button.clicks = clicks;
        push(event);
        event.type = event.button.type = SDL_MOUSEBUTTONUP;
        push(event);
    }
}

static void point_at_part(void) { // its end is not the newest step
    target = 0;
}

static bool shows_a_part(void) {
    return stage_idle() && stage.session.time.high > stage.session.time.low;
}

static bool shows_all_of_it(void) {
    return shows_the_newest() && stage.session.time.high < stage.session.time.low;
}

static bool shows_all_at_the_first(void) {
    return shows_the_first() && stage.session.time.high < stage.session.time.low;
}

/* A double click on a time axis shows all of it; the cursor stays where it was, or away. */
static void a_double_click_leaves_the_cursor(void **state) {
    (void)state;
    PLAY(UNTIL(stage_settled), KEY_WITH(SDLK_RETURN, KMOD_LSHIFT), UNTIL(at_step_hundred),
         ACT(point_at_time), ACT(turn_up), UNTIL(shows_a_part), ACT(point_at_part),
         ACT(click_twice), UNTIL(shows_all_of_it), KEY(SDLK_HOME), UNTIL(shows_the_first),
         ACT(point_at_time), ACT(turn_up), UNTIL(shows_a_part), ACT(point_at_part),
         ACT(click_twice), UNTIL(shows_all_at_the_first));
}

/*
 * What a run shows of a step, but for the held-out part, of which the window looks at a sample, and
 * for d loss / d h, at which it looks in the view of that alone.
 */
static cJSON *runs_of(const char *text) {
    cJSON *json = cJSON_Parse(text), *run, *layer;
    assert_non_null(json);
    cJSON *runs = cJSON_DetachItemFromObject(json, "runs");
    cJSON_AddItemToObject(runs, "step", cJSON_DetachItemFromObject(json, "step"));
    cJSON_ArrayForEach(run, runs) {
        cJSON_DeleteItemFromObject(run, "test_accuracy");
        cJSON_DeleteItemFromObject(run, "test_loss");
        cJSON_DeleteItemFromObject(run, "test_n");
        cJSON_DeleteItemFromObject(run, "test_step");
        cJSON_ArrayForEach(layer, cJSON_GetObjectItem(run, "layers")) {
            cJSON_DeleteItemFromObject(layer, "gradient_histogram");
        }
    }
    cJSON_Delete(json);
    return runs;
}

static char *shown_text;

static void keep_shown(void) {
    shown_text = json_print(&stage.session.request.experiment, stage.snapshot);
}

/* The headless run of as many steps as what was kept shows the same. */
static void assert_headless_shows_the_same(void) {
    static char text[1 << 22];
    char path[FOLDER_PATH + 32];
    assert_non_null(shown_text);
    cJSON *window = runs_of(shown_text);
    struct options headless = { .mode = MODE_RUN, .experiment = options.experiment };
    headless.steps = (int64_t)cJSON_GetNumberValue(cJSON_GetObjectItem(window, "step"));
    text_set(path, sizeof path, "%s/.run.json", folder->path);
    headless.json = path;
    assert_int_equal(headless_run(&headless), 0);
    read_text(path, text, sizeof text);
    cJSON *file = runs_of(text);
    assert_int_equal(cJSON_GetArraySize(file), options.experiment.compare ? 3 : 2); // A, B, step
    assert_true(cJSON_Compare(window, file, true));
    cJSON_Delete(window);
    cJSON_Delete(file);
    free(shown_text);
    shown_text = NULL;
}

static bool hundred_steps_made(void) {
    return stage_settled() && stage.snapshot->step == 103;
}

static bool some_steps_made(void) {
    return stage_settled() && stage.snapshot->step >= 50;
}

static bool is_paused(void) {
    return stage_settled() && stage.snapshot->state == WORKER_PAUSED;
}

static bool is_stopped(void) {
    return stage_settled() && stage.snapshot->state == WORKER_STOPPED;
}

static void the_window_passes_through_the_headless_numbers(void **state) {
    (void)state;
    PLAY(UNTIL(stage_settled), KEY_WITH(SDLK_RETURN, KMOD_SHIFT), KEY(SDLK_RETURN),
         KEY(SDLK_RETURN), KEY(SDLK_RETURN), UNTIL(hundred_steps_made), ACT(keep_shown));
    assert_headless_shows_the_same();
    // stopped anywhere in a free run, which is measured in between as the screen takes it
    PLAY(UNTIL(stage_settled), KEY(SDLK_SPACE), UNTIL(some_steps_made), KEY(SDLK_SPACE),
         UNTIL(is_paused), ACT(keep_shown));
    assert_headless_shows_the_same();
    options.experiment.data = DATASET_MNIST; // with a held-out part, which is looked at between
    options.experiment.examples = 2000;
    PLAY(UNTIL(stage_settled), KEY(SDLK_SPACE), UNTIL(some_steps_made), KEY(SDLK_SPACE),
         UNTIL(is_paused), ACT(keep_shown));
    assert_headless_shows_the_same();
}

static bool is_standardised(void) {
    return stage_settled() &&
           stage.session.request.experiment.preprocess == PREPROCESS_STANDARDISED;
}

static bool is_unit(void) {
    return stage_settled() && stage.session.request.experiment.preprocess == PREPROCESS_UNIT;
}

static double kept_rms;

/* Of the first layer's z. */
static double first_rms(void) {
    return stage.snapshot->run[0].layer[0].z.rms;
}

static void keep_rms(void) {
    kept_rms = first_rms();
}

/* The inputs are others, and the first layer shows it; then they are the old ones again. */
static void preprocessing_is_of_the_run(void **state) {
    (void)state;
    options.experiment.data = DATASET_MOONS;
    PLAY(UNTIL(stage_settled), ACT(keep_rms), KEY(SDLK_p), KEY(SDLK_p), UNTIL(is_standardised),
         ACT(keep_shown));
    assert_true(kept_rms > 0.0 && first_rms() > 0.0 && first_rms() != kept_rms);
    options.experiment.preprocess = PREPROCESS_STANDARDISED;
    assert_headless_shows_the_same();
    PLAY(UNTIL(is_standardised), KEY_WITH(SDLK_p, KMOD_SHIFT), KEY_WITH(SDLK_p, KMOD_SHIFT),
         UNTIL(is_unit), ACT(keep_shown));
    assert_true(first_rms() == kept_rms);
    options.experiment.preprocess = PREPROCESS_UNIT;
    assert_headless_shows_the_same();
}

static bool is_light_and_small(void) {
    return stage_drawn() && stage.session.theme == THEME_LIGHT && stage.session.zoom < 1.0 &&
           stage.width == 960 && stage.height == 600;
}

static bool is_as_asked_for(void) {
    return stage_drawn() && stage.session.theme == THEME_PRINT && stage.session.zoom == 1.0 &&
           stage.scale == 1.5 && stage.width == 1500;
}

static bool says_that_it_will_forget(void) {
    return strstr(stage.session.toast,
                  "will not be remembered: cannot make the folder /dev/null/") != NULL;
}

/* Size, theme and scale come back, unless something else is asked for. */
static void it_remembers_how_it_stood(void **state) {
    (void)state;
    struct window_place place;
    char path[FILE_PATH_MAX];
    setenv("XDG_STATE_HOME", folder->path, 1);
    paths_state(path, sizeof path, "window.ini");
    options.theme = THEME_DARK;
    PLAY(UNTIL(stage_settled), KEY(SDLK_v), UNTIL(stage_drawn)); // as headless: nothing is kept
    window_place_read(&place, path);
    assert_int_equal(place.width, 0);
    options.remembers = true;
    PLAY(UNTIL(stage_settled), ACT(resize_small), UNTIL(is_small), KEY(SDLK_v),
         KEY_WITH(SDLK_MINUS, KMOD_LCTRL), UNTIL(is_light_and_small));
    window_place_read(&place, path);
    assert_true(place.width == 960 && place.height == 600 && place.theme == THEME_LIGHT);
    options.theme = -1;
    options.width = options.height = 0;
    PLAY(UNTIL(stage_settled), UNTIL(is_light_and_small));
    options.theme = THEME_PRINT;
    options.width = 1000;
    options.height = 640;
    options.scale = 1.5;
    PLAY(UNTIL(stage_settled), UNTIL(is_as_asked_for));
    setenv("XDG_STATE_HOME", "/dev/null", 1);
    PLAY(UNTIL(stage_settled), UNTIL(says_that_it_will_forget)); // once, and no more
}

/* The list of keys is a list of buttons: whatever a key does, a click does. */
static void assert_all_can_be_clicked(void) {
    int x, y;
    for (int id = 0; id < COMMAND_COUNT; id++) {
        if (!stage_find(HIT_COMMAND, id, &x, &y)) {
            fail_msg("%s cannot be clicked", commands[id].name);
        }
    }
}

static void every_key_is_a_button_too(void **state) {
    (void)state;
    options.width = 960;
    options.height = 600;
    PLAY(UNTIL(stage_settled), KEY(SDLK_F1), UNTIL(shows_help), ACT(assert_all_can_be_clicked));
}

static void write_tanh(void) {
    SDL_Event event = { .type = SDL_TEXTINPUT };
    text_set(event.text.text, sizeof event.text.text, "tanh");
    SDL_PushEvent(&event);
}

static bool finds_tanh(void) {
    return stage_drawn() && stage.session.palette.open &&
           strcmp(stage.session.palette.typed, "tanh") == 0;
}

static bool shows_no_palette(void) {
    return stage_drawn() && !stage.session.palette.open;
}

static bool shows_palette(void) {
    return stage_drawn() && stage.session.palette.open;
}

static void point_at_find(void) {
    target_kind = HIT_COMMAND;
    target = COMMAND_PALETTE;
}

static void point_at_second_found(void) {
    target_kind = HIT_PALETTE_ROW;
    target = 1;
}

static bool third_is_selected(void) {
    return stage_drawn() && stage.session.palette.open && stage.session.palette.selected == 2;
}

/* Found by name, with keys alone and with the mouse alone. */
static void the_palette(void **state) {
    (void)state;
    PLAY(UNTIL(stage_settled), KEY(SDLK_SLASH), UNTIL(stage_drawn), ACT(write_tanh),
         UNTIL(finds_tanh), KEY(SDLK_RETURN), UNTIL(is_tanh), UNTIL(shows_no_palette),
         ACT(point_at_find), ACT(click), UNTIL(shows_palette), ACT(point_at_second_found),
         ACT(turn_down), ACT(turn_down), UNTIL(third_is_selected), ACT(turn_up), ACT(click),
         UNTIL(shows_no_palette), KEY(SDLK_SLASH), UNTIL(shows_palette),
         { .event.button = { .type = SDL_MOUSEBUTTONDOWN, .button = 1, .x = 1, .y = 1 } },
         UNTIL(shows_no_palette));
}

static bool ten_steps(void) {
    return stage_settled() && stage.snapshot->step == 10;
}

static void assert_kept(void) {
    assert_int_equal(stage.snapshot->step, 10);
    assert_true(stage.snapshot->run[0].learning_rate > 0.05);
    assert_int_equal(stage.picture->history->events.count, 1);
    assert_int_equal(stage.picture->history->events.event[0].step, 10);
}

static void assert_started_again(void) {
    assert_int_equal(stage.snapshot->step, 0);
    assert_int_equal(stage.picture->history->events.count, 0);
}

/* W keeps the weights across what can change while it trains; depth takes new ones. */
static void keeping_weights(void **state) {
    (void)state;
    struct step script[32] = { UNTIL(stage_settled), KEY(SDLK_w) };
    int count = 2;
    for (int i = 0; i < 10; i++) {
        script[count++] = KEY(SDLK_RETURN);
    }
    const struct step rest[] = { UNTIL(ten_steps),         KEY(SDLK_PERIOD), UNTIL(stage_settled),
                                 ACT(assert_kept),         KEY(SDLK_UP),     UNTIL(stage_settled),
                                 ACT(assert_started_again) };
    memcpy(script + count, rest, sizeof rest);
    stage_must_play(&options, script);
}

static void a_diverged_run_waits_for_the_user(void **state) {
    (void)state;
    options.experiment.run[0].learning_rate = 1e6;
    options.experiment.compare = false;
    options.paused = false;
    PLAY(UNTIL(is_stopped), ACT(keep_shown), UNTIL(stage_idle), ACT(count_pictures), KEY(SDLK_s),
         UNTIL(another_picture), KEY(SDLK_RETURN), UNTIL(is_stopped), KEY(SDLK_r), UNTIL(is_paused),
         KEY(SDLK_SPACE), UNTIL(is_stopped), KEY(SDLK_c), UNTIL(is_stopped));
    assert_true(stage.snapshot->run[0].diverged);
    assert_headless_shows_the_same();
}

static bool is_refused(void) {
    return stage_drawn() && stage.session.toast_bad && stage.session.toast[0];
}

/* What a toast says is asked for while it stands, however long the rest may take. */
static void assert_says_needs(void) {
    assert_contains(stage.session.toast, "needs");
}

static void assert_says_where(void) {
    assert_contains(stage.session.toast, "goes on after byte");
}

static void what_does_not_fit_is_refused(void **state) {
    (void)state;
    stage.memory = 16u << 20;
    struct step script[64] = { UNTIL(stage_settled) };
    for (int i = 1; i < 40; i++) {
        script[i] = KEY(SDLK_RIGHT);
    }
    script[40] = UNTIL(is_refused);
    script[41] = ACT(assert_says_needs);
    script[42] = UNTIL(stage_settled);
    stage_must_play(&options, script);
    assert_int_equal(stage.snapshot->run[0].layer[0].units,
                     stage.session.request.experiment.run[0].width);
}

/* Fonts, but no data that can be loaded. */
static void lose_mnist(void) {
    char link[FOLDER_PATH + 16], fonts[FOLDER_PATH];
    text_set(fonts, sizeof fonts, "%s/fonts", root);
    text_set(link, sizeof link, "%s/fonts", folder->path);
    assert_int_equal(symlink(fonts, link), 0);
    assert_int_equal(setenv("LAYERSCOPE_DATADIR", folder->path, 1), 0);
}

static bool is_xor(void) {
    return stage_settled() && stage.session.request.experiment.data == DATASET_XOR;
}

/* Another data set instead of MNIST, and why not that one was said on the way. */
static bool is_beyond_mnist(void) {
    static bool said;
    int data = stage.session.request.experiment.data;
    said |= !stage.session.toast_bad && strstr(stage.session.toast, "skipped: ");
    return stage_settled() && data != DATASET_XOR && data != DATASET_MNIST && said;
}

/* A refusal is told for a while, not for ever. */
static bool is_forgotten(void) {
    return stage_drawn() && stage.snapshot->message[0] == '\0';
}

static bool shows_why(void) {
    return stage_drawn() && !stage.snapshot->has_runs && stage.snapshot->state == WORKER_STOPPED &&
           strstr(stage.snapshot->message, "mnist");
}

static void data_that_cannot_be_read(void **state) {
    (void)state;
    lose_mnist();
    options.experiment.data = DATASET_XOR;
    PLAY(UNTIL(is_xor), KEY_WITH(SDLK_d, KMOD_SHIFT), UNTIL(is_beyond_mnist), KEY(SDLK_d),
         UNTIL(is_xor));
    // what is wrong with a set in files may show only as it is loaded
    assert_int_equal(write_broken_idx(folder), 0);
    text_set(options.experiment.data_path, DATASET_PATH, "%s", folder->path);
    PLAY(UNTIL(is_xor), KEY_WITH(SDLK_d, KMOD_SHIFT), UNTIL(is_refused), UNTIL(is_xor),
         UNTIL(is_forgotten), KEY(SDLK_RETURN), UNTIL(is_xor), KEY_WITH(SDLK_d, KMOD_SHIFT),
         UNTIL(is_refused), ACT(assert_says_where), UNTIL(is_xor));
    options.experiment.data = DATASET_MNIST;
    PLAY(UNTIL(shows_why), KEY(SDLK_SPACE), KEY(SDLK_RETURN), KEY(SDLK_s), UNTIL(shows_why),
         KEY(SDLK_d), UNTIL(is_xor));
}

static void drop(const char *path) {
    SDL_Event event = { .type = SDL_DROPFILE };
    event.drop.file = SDL_strdup(path); // the window frees it
    push(event);
}

static void drop_table(void) {
    const char *table = folder_file(folder, "own.csv");
    assert_int_equal(write_file(table, "a,b,label\n1,2,u\n3,4,v\n5,6,u\n", 28), 0);
    drop(table);
}

static bool trains_on(enum dataset_kind kind, const char *name, int examples) {
    return stage_settled() && stage.session.request.experiment.data == (int)kind &&
           strcmp(stage.snapshot->data, name) == 0 && stage.snapshot->examples == examples;
}

static bool trains_on_the_table(void) {
    return trains_on(DATASET_CSV, "own.csv", 2) && stage.snapshot->names.classes == 2 &&
           strcmp(stage.snapshot->names.class_name[1], "v") == 0 &&
           strcmp(stage.snapshot->names.input_name[0], "a") == 0;
}

/* One record of CIFAR-10 in each file. */
static void drop_pictures(void) {
    static unsigned char record[3073];
    char name[32];
    for (int i = 1; i <= 6; i++) {
        text_set(name, sizeof name, i < 6 ? "data_batch_%d.bin" : "test_batch.bin", i);
        record[0] = (unsigned char)i;
        assert_int_equal(write_file(folder_file(folder, name), record, sizeof record), 0);
    }
    drop(folder->path);
}

static bool trains_on_the_pictures(void) {
    return trains_on(DATASET_CIFAR10, "CIFAR-10", 5) &&
           strcmp(stage.snapshot->names.class_name[9], "truck") == 0;
}

/* Two images of 2 x 2, and their labels beside them. */
static void drop_idx(void) {
    static const unsigned char images[] = { 0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2,
                                            0, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8 };
    static const unsigned char labels[] = { 0, 0, 8, 1, 0, 0, 0, 2, 0, 1 };
    const char *path = folder_file(folder, "train-labels-idx1-ubyte");
    assert_int_equal(write_file(path, labels, sizeof labels), 0);
    path = folder_file(folder, "train-images-idx3-ubyte");
    assert_int_equal(write_file(path, images, sizeof images), 0);
    drop(path);
}

static bool trains_on_idx(void) {
    return trains_on(DATASET_IDX, "train-images-idx3-ubyte", 2);
}

static void drop_arrays(void) {
    char path[1024];
    text_set(path, sizeof path, "%s/tests/fuzz/corpus/npz/plain", root);
    drop(path);
}

static bool trains_on_arrays(void) {
    return stage_settled() && stage.session.request.experiment.data == DATASET_NPZ &&
           stage.snapshot->has_runs && strcmp(stage.snapshot->data, "plain") == 0;
}

static void data_can_be_dropped(void **state) {
    (void)state;
    options.experiment.data = DATASET_XOR;
    PLAY(UNTIL(is_xor), ACT(drop_table), UNTIL(trains_on_the_table), ACT(drop_pictures),
         UNTIL(trains_on_the_pictures), ACT(drop_idx), UNTIL(trains_on_idx), ACT(drop_arrays),
         UNTIL(trains_on_arrays));
}

int main(void) {
    setenv("SDL_VIDEODRIVER", "dummy", 1);
    root = getenv("SOURCE_ROOT");
    if (!root) {
        fprintf(stderr, "SOURCE_ROOT is not set\n");
        return 1;
    }
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        TEST(keys_change_the_picture_that_is_saved),
        TEST(quitting),
        TEST(a_screenshot_before_the_first_picture),
        TEST(a_screenshot_right_after_a_change_is_of_the_changed),
        TEST(shift_s_saves_lines_and_text),
        TEST(a_screenshot_that_fails_is_told),
        TEST(help_opens_and_closes),
        TEST(paused_is_idle),
        TEST(hidden_draws_nothing),
        TEST(any_size),
        TEST(scale_is_of_the_window_too),
        TEST(zoom_has_its_ends),
        TEST(the_mouse),
        TEST(a_click_on_the_plane_starts_there),
        TEST(the_mouse_in_the_menu),
        TEST(the_keys_of_the_menu),
        TEST(layouts_without_latin_letters),
        TEST(layouts_without_digits),
        TEST(a_held_key_is_one_wish),
        TEST(a_held_enter_steps),
        TEST(numbers_are_saved_as_they_are_shown),
        TEST(the_network_is_copied_as_code),
        TEST(loaded_weights_come_back),
        TEST(numbers_are_saved_with_the_settings_of_their_step),
        TEST(numbers_that_cannot_be_saved_are_told),
        TEST(scrubbing_shows_the_past),
        TEST(the_past_of_a_deeper_run_goes),
        TEST(closer_looks_go_back),
        TEST(a_double_click_leaves_the_cursor),
        TEST(the_window_passes_through_the_headless_numbers),
        TEST(preprocessing_is_of_the_run),
        TEST(it_remembers_how_it_stood),
        TEST(every_key_is_a_button_too),
        TEST(the_palette),
        TEST(keeping_weights),
        TEST(a_diverged_run_waits_for_the_user),
        TEST(what_does_not_fit_is_refused),
        TEST(data_can_be_dropped),
        TEST(data_that_cannot_be_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
