/*
 * alloc_window.c - memory runs out in the window: what is on the screen stays, and it says so.
 *
 * The window plays a few keys with one allocation of our code after the other failing, whatever
 * thread makes it. It ends as asked to, with what was asked for or with what was before, or it
 * never opens: then with status 1 and one sentence. ALLOC_TRIES of the allocations are tried,
 * spread evenly.
 */
#include "base/check.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "app/stage.h"
#include "base/folder.h"
#include "base/require.h"
#include "base/text.h"
#include "lab/worker.h"

enum { SOME = 12, SAID = 4096 };

static struct options options;
static struct folder *folder;

static int setup(void **state) {
    int failed = folder_setup(state);
    folder = *state;
    options = (struct options){ .mode = MODE_WINDOW, .paused = true, .width = 960, .height = 600 };
    experiment_defaults(&options.experiment);
    options.experiment.data = DATASET_MOONS;
    options.experiment.examples = 40;
    options.experiment.batch = 8;
    options.experiment.run[0].layers = 3;
    options.experiment.run[0].width = 6;
    experiment_reference(&options.experiment);
    options.screenshots = failed ? NULL : folder->path;
    return failed;
}

/* Nothing more will come of what was asked for. */
static bool is_answered(void) {
    const struct snapshot *snapshot = stage.snapshot;
    return stage_drawn() && snapshot->state != WORKER_LOADING &&
           (snapshot->request == stage.session.request.serial ||
            snapshot->refused == stage.session.request.serial);
}

static bool is_saved(void) {
    return stage.session.screenshot == SCREENSHOT_NONE && stage_drawn();
}

#define ANSWERED(key) KEY(key), UNTIL(is_answered)

/* Play; what was said on stderr. */
static int play(const struct step *script, long at, bool lasts, char said[SAID]) {
    int kept = dup(STDERR_FILENO);
    const char *path = folder_file(folder, ".said");
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    assert_true(file >= 0 && dup2(file, STDERR_FILENO) == STDERR_FILENO);
    close(file);
    alloc_arm(at, lasts);
    int status = stage_play(&options, script);
    alloc_disarm();
    fflush(stderr);
    dup2(kept, STDERR_FILENO);
    close(kept);
    read_text(folder_file(folder, ".said"), said, SAID);
    return status;
}

/* A little of everything that allocates. */
static int play_keys(long at, char said[SAID]) {
    const struct step keys[] = {
        UNTIL(is_answered),    ANSWERED(SDLK_a),
        ANSWERED(SDLK_UP),     ANSWERED(SDLK_c),
        ANSWERED(SDLK_RETURN), ANSWERED(SDLK_2),
        ANSWERED(SDLK_3),      ANSWERED(SDLK_4),
        ANSWERED(SDLK_5),      ANSWERED(SDLK_1),
        ANSWERED(SDLK_d),      KEY(SDLK_s),
        UNTIL(is_saved),       KEY_WITH(SDLK_s, KMOD_SHIFT),
        UNTIL(is_saved),       ANSWERED(SDLK_e),
        ANSWERED(SDLK_SLASH),  ANSWERED(SDLK_ESCAPE),
        { .act = NULL },
    };
    return play(keys, at, false, said);
}

/* Does the folder hold anything but whole files? They are removed. */
static bool holds_pieces(void) {
    bool pieces = false;
    DIR *directory = opendir(folder->path);
    assert_non_null(directory);
    for (const struct dirent *entry; (entry = readdir(directory));) {
        pieces = pieces || strstr(entry->d_name, ".part");
        if (entry->d_name[0] != '.' || strstr(entry->d_name, ".part")) {
            remove(folder_file(folder, entry->d_name));
        }
    }
    closedir(directory);
    return pieces;
}

/* What is wrong with the window in which that allocation fails? NULL: nothing. */
static const char *fault_of(long at) {
    static char fault[SAID + 128];
    char said[SAID];
    int status = play_keys(at, said);
    const char *wrong = holds_pieces()           ? "a piece of a file is left"
                        : alloc_held() > 0       ? "blocks are lost"
                        : stage.lost             ? "it is stuck"
                        : status > 1             ? "a wrong status"
                        : status == 0            ? NULL
                        : stage.frames > 0       ? "it ended"
                        : !strstr(said, "emory") ? "no sentence"
                                                 : NULL;
    text_set(fault, sizeof fault, "%s (status %d, step %d, %ld blocks held)\n%s",
             wrong ? wrong : "", status, stage.lost, alloc_held(), said);
    return wrong ? fault : NULL;
}

static void one_allocation_fails(void **state) {
    (void)state;
    char said[SAID];
    int bad = 0;
    assert_int_equal(play_keys(0, said), 0);
    assert_string_equal(said, "");
    assert_int_equal(alloc_held(), 0);
    assert_false(holds_pieces());
    const char *tries = getenv("ALLOC_TRIES");
    long count = alloc_disarm(), some = tries ? atol(tries) : SOME;
    print_message("%ld allocations, %ld tried\n", count, some);
    for (long i = 0; i < some; i++) {
        long at = 1 + i * count / some;
        const char *fault = fault_of(at);
        if (fault) {
            print_message("allocation %ld: %s\n", at, fault);
            bad++;
        }
    }
    assert_int_equal(bad, 0);
}

static void starve(void) {
    alloc_arm(1, true);
}

static void feed(void) {
    alloc_disarm();
}

static bool is_starved(void) {
    return alloc_failed();
}

static struct experiment before;
static bool back, again;

static void keep_experiment(void) {
    before = stage.session.accepted;
}

/* Room for other networks is looked for when that of those before has been given up. */
static void fail_networks(void) {
    alloc_arm_large(1 << 20);
}

/* What ran before runs again, and it is said why. */
static void look_back(void) {
    back = stage.session.toast_bad && strstr(stage.session.toast, "emory ran out") &&
           experiment_equal(&stage.session.request.experiment, &before) &&
           stage.snapshot->has_runs && stage.snapshot->run[0].layers == before.run[0].layers;
}

static void look_again(void) {
    again = stage.snapshot->has_runs && stage.snapshot->run[0].layers == before.run[0].layers + 1;
}

static void the_old_experiment_comes_back(void **state) {
    (void)state;
    char said[SAID];
    options.experiment.run[0].width = options.experiment.run[1].width = 200;
    const struct step script[] = { UNTIL(stage_settled), ACT(keep_experiment), ACT(fail_networks),
                                   KEY(SDLK_UP),         UNTIL(is_starved),    UNTIL(stage_settled),
                                   ACT(look_back),       KEY(SDLK_UP),         UNTIL(stage_settled),
                                   ACT(look_again),      { .act = NULL } };
    assert_int_equal(play(script, 0, false, said), 0);
    assert_int_equal(stage.lost, 0);
    assert_true(back);
    assert_true(again);
}

static void it_goes_on_when_there_is_memory_again(void **state) {
    (void)state;
    char said[SAID];
    const struct step script[] = {
        UNTIL(stage_settled), ACT(starve),    KEY(SDLK_F1), UNTIL(is_starved),    KEY(SDLK_4),
        KEY(SDLK_ESCAPE),     ACT(feed),      KEY(SDLK_a),  UNTIL(stage_settled), KEY(SDLK_1),
        UNTIL(stage_settled), { .act = NULL }
    };
    assert_int_equal(play(script, 0, false, said), 0);
    assert_int_equal(stage.lost, 0);
    assert_true(stage.snapshot->has_runs);
}

int main(void) {
    setenv("SDL_VIDEODRIVER", "dummy", 1);
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        TEST(one_allocation_fails),
        TEST(the_old_experiment_comes_back),
        TEST(it_goes_on_when_there_is_memory_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
