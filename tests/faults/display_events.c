/*
 * display_events.c - what a display does to a window: it is resized without end, moved to another
 * display, and loses what it draws with. DISPLAY_RESIZES says how often (10000 for a thorough run).
 */
#include "base/check.h"

#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/stage.h"
#include "base/folder.h"
#include "base/require.h"
#include "base/text.h"
#include "lab/worker.h"

enum { RESIZES = 300, SAID = 4096 };

static struct options options;
static int failures; // of SDL_CreateTexture, yet to come

// NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): the linker's names
__typeof__(SDL_CreateTexture) __real_SDL_CreateTexture, __wrap_SDL_CreateTexture;
// NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp)

SDL_Texture *__wrap_SDL_CreateTexture(SDL_Renderer *renderer, Uint32 format, int access, int width,
                                      int height) {
    if (failures > 0) {
        failures--;
        SDL_SetError("the card is gone");
        return NULL;
    }
    return __real_SDL_CreateTexture(renderer, format, access, width, height);
}

static int setup(void **state) {
    int failed = folder_setup(state);
    failures = 0;
    options = (struct options){ .mode = MODE_WINDOW, .paused = true, .width = 960, .height = 600 };
    experiment_defaults(&options.experiment);
    options.experiment.data = DATASET_MOONS;
    options.experiment.examples = 40;
    options.experiment.run[0].layers = 3;
    options.experiment.run[0].width = 6;
    experiment_reference(&options.experiment);
    return failed;
}

static unsigned long long random_state = 1;

/* From 0 to 1. */
static double random_share(void) {
    random_state = random_state * 6364136223846793005ull + 1442695040888963407ull;
    return (double)(random_state >> 40) / (double)(1 << 24);
}

static size_t resident_bytes(void) {
    unsigned long long all = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file) {
        assert_int_equal(fscanf(file, "%llu %llu", &all, &resident), 2);
        fclose(file);
    }
    return (size_t)resident * (size_t)sysconf(_SC_PAGESIZE);
}

enum { CALM = 40 }; // events of one size before memory is looked at

static int resizes, given;
static size_t then, now;

static bool resize(SDL_Event *event) {
    SDL_Window *window = SDL_GetWindowFromID(1);
    *event = (SDL_Event){ .type = 0 };
    if (!stage.picture) {
        return true;
    }
    SDL_SetWindowMinimumSize(window, 1, 1);
    int calm = given % (resizes / 3);
    if (given > 0 && calm == 0) {
        then = then ? then : resident_bytes();
        now = resident_bytes();
    }
    if (calm >= resizes / 3 - CALM) {
        SDL_SetWindowSize(window, 960, 600);
    } else if (given % 500 == 250) {
        SDL_SetWindowSize(window, 8000, 5000);
    } else { // sides from 1 to 1500, small ones as likely as large ones
        SDL_SetWindowSize(window, (int)pow(1500.0, random_share()),
                          (int)pow(1500.0, random_share()));
    }
    return given++ < resizes;
}

static void resizing_without_end_takes_no_memory(void **state) {
    (void)state;
    const char *count = getenv("DISPLAY_RESIZES");
    const struct step last[] = { UNTIL(stage_settled), { .act = NULL } };
    resizes = count ? atoi(count) / 3 * 3 : RESIZES;
    given = 0;
    then = now = 0;
    assert_int_equal(stage_improvise(&options, resize, last), 0);
    assert_int_equal(stage.lost, 0);
    assert_int_equal(given, resizes + 1);
    assert_true(stage.frames > resizes / 40);
    print_message("%d resizes, %d frames; MB: %zu after a third, %zu at the end\n", resizes,
                  stage.frames, then >> 20, now >> 20);
    assert_true(now <= then + (32u << 20));
}

static int frames_then;

static void count_frames(void) {
    frames_then = stage.frames;
}

static bool another_frame(void) {
    return stage_drawn() && stage.frames > frames_then;
}

static void lose_once(void) {
    count_frames();
    failures = 1;
}

static void lose_for_good(void) {
    failures = 1000;
}

#define EVENT(code)                                                                                \
    (struct step) {                                                                                \
        .event = {.type = (code) }                                                                 \
    }
#define WINDOW_EVENT(code)                                                                         \
    (struct step) {                                                                                \
        .event.window = {.type = SDL_WINDOWEVENT, .windowID = 1, .event = (code) }                 \
    }
#define ONE_FRAME(step) UNTIL(stage_idle), ACT(count_frames), step, UNTIL(another_frame)

static void what_was_lost_is_drawn_again(void **state) {
    (void)state;
    const struct step script[] = {
        UNTIL(stage_settled),
        ONE_FRAME(EVENT(SDL_RENDER_TARGETS_RESET)),
        ONE_FRAME(EVENT(SDL_RENDER_DEVICE_RESET)),
        UNTIL(stage_idle),
        ACT(lose_once),
        EVENT(SDL_RENDER_DEVICE_RESET),
        UNTIL(another_frame),
        UNTIL(stage_idle),
        { .act = NULL },
    };
    assert_int_equal(stage_play(&options, script), 0);
    assert_int_equal(stage.lost, 0);
    assert_int_equal(failures, 0);
}

/* One frame, for the size or the scale may be another, and then it rests again. */
static void another_display_is_one_frame(void **state) {
    (void)state;
    const struct step script[] = {
        UNTIL(stage_settled),
        ONE_FRAME(WINDOW_EVENT(SDL_WINDOWEVENT_DISPLAY_CHANGED)),
        ONE_FRAME(WINDOW_EVENT(SDL_WINDOWEVENT_MOVED)),
        ONE_FRAME(WINDOW_EVENT(SDL_WINDOWEVENT_RESTORED)),
        ONE_FRAME(WINDOW_EVENT(SDL_WINDOWEVENT_EXPOSED)),
        UNTIL(stage_idle),
        { .act = NULL },
    };
    assert_int_equal(stage_play(&options, script), 0);
    assert_int_equal(stage.lost, 0);
}

static void a_screen_that_is_lost_for_good_is_told(void **state) {
    struct folder *folder = *state;
    char said[SAID];
    const struct step script[] = { UNTIL(stage_settled),
                                   ACT(lose_for_good),
                                   EVENT(SDL_RENDER_DEVICE_RESET),
                                   UNTIL(stage_idle),
                                   { .act = NULL } };
    int kept = dup(STDERR_FILENO);
    int file = open(folder_file(folder, "said"), O_WRONLY | O_CREAT | O_TRUNC, 0666);
    assert_true(file >= 0 && dup2(file, STDERR_FILENO) == STDERR_FILENO);
    close(file);
    int status = stage_play(&options, script);
    fflush(stderr);
    dup2(kept, STDERR_FILENO);
    close(kept);
    read_text(folder_file(folder, "said"), said, sizeof said);
    assert_int_equal(status, 1);
    assert_string_equal(
        said, "layerscope: The picture cannot be brought to the screen: the card is gone\n");
}

int main(void) {
    setenv("SDL_VIDEODRIVER", "dummy", 1);
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        TEST(resizing_without_end_takes_no_memory),
        TEST(what_was_lost_is_drawn_again),
        TEST(another_display_is_one_frame),
        TEST(a_screen_that_is_lost_for_good_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
