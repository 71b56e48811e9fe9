#include "base/check.h"

#include <math.h>
#include <string.h>

#include "app/act.h"
#include "app/command.h"
#include "app/session.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/folder.h"
#include "base/text.h"
#include "measure/theory.h"

static struct session session;
static struct snapshot snapshot; // what the worker says

static void start(void) {
    struct experiment experiment;
    experiment_defaults(&experiment);
    experiment_reference(&experiment);
    session_init(&session, &experiment);
    memset(&snapshot, 0, sizeof snapshot);
    snapshot.has_runs = true;
    snapshot.state = WORKER_RUNNING;
    snapshot.request = session.request.serial;
    session_notice(&session, &snapshot);
}

/* Ask for so many layers, as a command and the window do together. */
static void ask_for_layers(int layers) {
    struct experiment wanted = session.request.experiment;
    wanted.run[0].layers = layers;
    session_edit(&session, &wanted);
    assert_true(session.requested);
    session.requested = false;
    session.request.serial++;
}

static void hear(enum worker_state state, uint64_t request, uint64_t refused, const char *message) {
    snapshot.state = state;
    snapshot.request = request;
    snapshot.refused = refused;
    text_set(snapshot.message, sizeof snapshot.message, "%s", message);
    session_notice(&session, &snapshot);
}

static int layers(void) {
    return session.request.experiment.run[0].layers;
}

static void starts_with_nothing_asked(void **state) {
    (void)state;
    start();
    assert_int_equal(session.request.serial, 1);
    assert_int_equal(session.selected, 5);
    assert_true(session.redraw && session.zoom == 1.0);
    assert_false(session.requested || session.screenshot || session.quit || session.help);
    assert_string_equal(session.toast, "");
    assert_true(session_toast_left(&session) == 0.0);
}

static void an_edit_is_asked_for_once(void **state) {
    (void)state;
    start();
    struct experiment same = session.request.experiment;
    session_edit(&session, &same);
    assert_false(session.requested);
    same.run[0].layers = 20;
    session_edit(&session, &same);
    assert_true(session.requested);
    assert_int_equal(session_layers(&session), 20);
}

static void an_edit_that_cannot_fit_is_told(void **state) {
    (void)state;
    start();
    struct experiment huge = session.request.experiment;
    huge.run[0].layers = EXPERIMENT_MAX_LAYERS;
    huge.run[0].width = EXPERIMENT_MAX_WIDTH;
    huge.batch = 1000000;
    huge.data = DATASET_GAUSSIAN;
    huge.examples = 1000000;
    huge.features = 65536;
    session_edit(&session, &huge);
    assert_false(session.requested);
    assert_int_equal(layers(), 10);
    assert_true(session.toast_bad);
    assert_contains(session.toast, "needs");
    assert_contains(session.toast, "free");
}

static void an_edit_that_makes_no_sense_is_told(void **state) {
    (void)state;
    start();
    struct experiment odd = session.request.experiment;
    odd.data = DATASET_XOR;
    odd.mixup = 0.2;
    session_edit(&session, &odd);
    assert_false(session.requested);
    assert_int_equal(session.request.experiment.data, DATASET_MNIST);
    assert_true(session.toast_bad);
    assert_contains(session.toast, "xor has 4");
}

static void a_refusal_goes_back_to_what_runs(void **state) {
    (void)state;
    start();
    ask_for_layers(20);
    hear(WORKER_RUNNING, 2, 0, "");
    ask_for_layers(200);
    hear(WORKER_RUNNING, 2, 3, "The reason.");
    assert_int_equal(layers(), 20);
    assert_true(session.toast_bad);
    assert_string_equal(session.toast, "The reason.");
    assert_true(session.requested); // or the worker would go on saying it
}

static void a_refusal_is_told_once(void **state) {
    (void)state;
    start();
    ask_for_layers(200);
    hear(WORKER_RUNNING, 1, 2, "The reason.");
    session.toast[0] = '\0';
    hear(WORKER_RUNNING, 1, 2, "The reason.");
    assert_string_equal(session.toast, "");
    assert_int_equal(layers(), 10);
}

static void an_older_refusal_leaves_the_newer_wish(void **state) {
    (void)state;
    start();
    ask_for_layers(200);
    ask_for_layers(30);
    hear(WORKER_RUNNING, 1, 2, "The reason.");
    assert_string_equal(session.toast, "The reason.");
    assert_int_equal(layers(), 30);
    hear(WORKER_RUNNING, 3, 2, "");
    ask_for_layers(200);
    hear(WORKER_RUNNING, 3, 4, "Again.");
    assert_int_equal(layers(), 30);
}

/* While data are loaded the old run is still shown, with the new request's number. */
static void loading_is_not_yet_accepted(void **state) {
    (void)state;
    start();
    ask_for_layers(20);
    hear(WORKER_LOADING, 2, 0, "loading");
    hear(WORKER_RUNNING, 1, 2, "The file is missing.");
    assert_int_equal(layers(), 10);
    assert_string_equal(session.toast, "The file is missing.");
}

static void escape_stops_loading(void **state) {
    (void)state;
    start();
    assert_false(session_stop_loading(&session)); // there is none
    uint64_t restarts = session.request.restarts;
    struct experiment wanted = session.request.experiment;
    wanted.data = DATASET_XOR;
    session_begin(&session, &wanted);
    session.requested = false;
    snapshot.loading = 0.5;
    hear(WORKER_LOADING, 1, 0, "loading XOR… 50 %");
    command_run(&session, COMMAND_CLOSE, 1);
    assert_int_equal(session.request.experiment.data, DATASET_MNIST);
    assert_true(session.requested && session.request.restarts == restarts + 1); // it never ended
    assert_string_equal(session.toast, "Loading was stopped.");
    // from the start: with nothing to go back to but the default
    experiment_reference(&wanted);
    session_init(&session, &wanted);
    snapshot.has_runs = false;
    hear(WORKER_LOADING, 0, 0, "loading XOR… 50 %");
    command_run(&session, COMMAND_CLOSE, 1);
    assert_int_equal(session.request.experiment.data, DATASET_MNIST);
    assert_true(session.requested && session.request.restarts > 0);
}

static void without_a_run_the_message_fills_the_window(void **state) {
    (void)state;
    start();
    snapshot.has_runs = false;
    ask_for_layers(20);
    hear(WORKER_STOPPED, 0, 2, "The reason.");
    assert_string_equal(session.toast, "");
    assert_int_equal(layers(), 20); // it stays on the chips, to be changed
}

static void the_selection_follows_the_depth(void **state) {
    (void)state;
    start();
    session_select(&session, 10);
    assert_int_equal(session.selected, 10);
    session_select(&session, 150); // a click on a picture with more layers
    assert_int_equal(session.selected, 10);
    session_select(&session, -3);
    assert_int_equal(session.selected, 1);
    session_select(&session, 9);
    struct experiment wanted = session.request.experiment;
    wanted.run[0].layers = wanted.run[1].layers = 4;
    session_edit(&session, &wanted);
    assert_int_equal(session.selected, 4);
}

/* However long it takes to get to the next line. */
static double seconds_of_toast(bool bad) {
    double before = clock_seconds();
    session_toast(&session, bad, "saved %s", "x.png");
    return session.toast_until - before;
}

static void toasts_end(void **state) {
    (void)state;
    start();
    assert_true(seconds_of_toast(false) >= 4.0);
    assert_string_equal(session.toast, "saved x.png");
    assert_true(seconds_of_toast(true) >= 8.0); // bad news longer
    session.toast_until = clock_seconds() + 1000.0;
    double left = session_toast_left(&session);
    assert_true(left > 0.0 && left <= 1000.0);
    session.redraw = false;
    session.toast_until = clock_seconds() - 0.1;
    assert_true(session_toast_left(&session) == 0.0);
    assert_string_equal(session.toast, "");
    assert_true(session.redraw); // without it
}

static void a_long_toast_keeps_its_end(void **state) {
    (void)state;
    start();
    char path[FILE_PATH_MAX];
    for (size_t i = 0; i + 3 < sizeof path; i += 3) {
        memcpy(path + i, "\xED\x95\x9C", 4);
    }
    session_toast(&session, true, "cannot write %.3999s: the reason", path);
    size_t length = strlen(session.toast);
    assert_true(length < sizeof session.toast);
    assert_memory_equal(session.toast, "...\xED\x95\x9C", 6);
    assert_string_equal(session.toast + length - 12, ": the reason");
}

/* Scrubbing never goes beyond what there is; a run that begins anew has no past. */
static void the_past_ends_where_a_new_run_begins(void **state) {
    (void)state;
    start();
    assert_true(session.cursor < 0);
    session_scrub(&session, 0);
    assert_true(session.cursor < 0); // nothing has been trained
    snapshot.step = 500;
    session_notice(&session, &snapshot);
    assert_int_equal(session.newest, 500);
    session_scrub(&session, 499);
    assert_int_equal(session.cursor, 499);
    session_scrub(&session, 500);
    assert_true(session.cursor < 0);
    session_scrub(&session, 0);
    snapshot.step = 501;
    session_notice(&session, &snapshot);
    assert_int_equal(session.cursor, 0);
    snapshot.step = 3;
    session_notice(&session, &snapshot);
    assert_true(session.cursor < 0);
    assert_int_equal(session.newest, 3);
}

/* The worker says so when it could not keep the weights; the window tells it once. */
static void a_restart_in_spite_of_keeping_is_told(void **state) {
    (void)state;
    start();
    session_notice(&session, &snapshot);
    assert_string_equal(session.toast, "");
    snapshot.renewed = 3;
    text_set(snapshot.renewal, sizeof snapshot.renewal, "layers = 8 takes new weights");
    session_notice(&session, &snapshot);
    assert_string_equal(session.toast, "Started again: layers = 8 takes new weights.");
    session.toast[0] = '\0';
    session_notice(&session, &snapshot);
    assert_string_equal(session.toast, "");
    snapshot.renewed = 5;
    text_set(snapshot.renewal, sizeof snapshot.renewal, "Memory ran out.");
    session_notice(&session, &snapshot);
    assert_string_equal(session.toast, "Started again: Memory ran out.");
}

/* What stands at a share of the axis after another: the same step, as long as there is room. */
static void zooming_keeps_the_step_under_the_pointer(void **state) {
    (void)state;
    start();
    snapshot.step = 1000;
    session_notice(&session, &snapshot);
    assert_true(session.time.high < session.time.low);
    struct view_hit axis = { .kind = HIT_TIME, .right = 1000.0 };
    session_zoom(&session, &axis, 250.0, 1);
    assert_true(session.time.low == 50 && session.time.high == 850); // 250 a quarter in, as before
    axis = (struct view_hit){ .kind = HIT_TIME_DOWN, .top = 50.0, .bottom = 850.0 };
    session_zoom(&session, &axis, 250.0, -1);
    assert_true(session.time.high < session.time.low); // all of it again
    session_pan(&session, &axis, 100.0);
    assert_true(session.time.high < session.time.low); // so there is nowhere to go
    session_zoom(&session, &axis, 850.0, 1);
    assert_true(session.time.low == 210 && session.time.high == 850);
    axis = (struct view_hit){ .kind = HIT_TIME, .left = 210.0, .right = 850.0 };
    session_pan(&session, &axis, -60.0);
    assert_true(session.time.low == 150 && session.time.high == 790);
    session_pan(&session, &axis, -1e6);
    assert_true(session.time.low == 0 && session.time.high == 640);
    session_pan(&session, &axis, 1e6);
    assert_true(session.time.low == 360 && session.time.high == 1000);
    for (int i = 0; i < 100; i++) {
        axis = (struct view_hit){ .kind = HIT_TIME,
                                  .left = (double)session.time.low,
                                  .right = (double)session.time.high };
        session_zoom(&session, &axis, 500.0, 1);
        assert_true(session.time.low <= 500 && session.time.high >= 500);
        assert_true(session.time.high - session.time.low >= 4);
    }
    snapshot.step = 0; // another run
    session_notice(&session, &snapshot);
    assert_true(session.time.high < session.time.low);
}

static struct network_config network(int run) {
    struct dataset_shape shape = { .features = 784, .classes = 10 };
    return experiment_network(&session.request.experiment, run, &shape);
}

/* The variances are those of the place in every layer, whatever its fan_in. */
static void a_place_of_the_plane_is_a_start(void **state) {
    (void)state;
    for (int run = 0; run < 2; run++) {
        start();
        struct experiment before = session.request.experiment;
        before.run[run].bias = session.request.experiment.run[run].bias = 0.5;
        session_start_at(&session, run, 1.23456, 0.2);
        struct network_config config = network(run);
        for (int l = 1; l <= 2; l++) {
            assert_true(fabs(theory_sw2(&config, l) - 1.23 * 1.23) < 1e-12); // three digits
            assert_true(fabs(theory_sb2(&config, l) - 0.04) < 1e-12);
        }
        assert_true(config.bias == 0.0 && session.requested && !session.toast_bad);
        assert_int_equal(session.toast[0], 'A' + run);
        assert_non_null(strstr(session.toast, "Xavier × 1.23"));
        assert_memory_equal(&session.request.experiment.run[1 - run], &before.run[1 - run],
                            sizeof before.run[0]);
    }
    start();
    session_start_at(&session, 0, 0.0, 0.0);
    struct network_config config = network(0);
    assert_true(theory_sw2(&config, 2) == 0.0 && theory_sb2(&config, 2) == 0.0);
}

/* What the snapshot says of each run. */
static void fall_ill(enum verdict a, enum verdict b) {
    snapshot.runs = 2;
    snapshot.request = session.request.serial;
    snapshot.run[0].diagnosis = (struct diagnosis){ .verdict = a, .factor = FACTOR_COUNT };
    snapshot.run[1].diagnosis = (struct diagnosis){ .verdict = b, .factor = FACTOR_COUNT };
    session.requested = false;
    session_notice(&session, &snapshot);
}

static void the_cure_is_done_in_a(void **state) {
    (void)state;
    start();
    struct experiment wanted = session.request.experiment;
    wanted.run[0].init = INITIALISER_SMALL;
    session_edit(&session, &wanted);
    fall_ill(VERDICT_VANISHING, VERDICT_VANISHING);
    act_cure(&session, 1);
    assert_true(session.requested);
    assert_int_equal(session.request.experiment.run[0].init, INITIALISER_HE);
    assert_int_equal(session.request.experiment.run[1].init, INITIALISER_SMALL);
    assert_contains(session.toast, "A gets He initialisation: ");
    assert_contains(session.toast, "(He et al., ICCV 2015).");
}

static void what_cannot_be_cured_is_left(void **state) {
    (void)state;
    start();
    fall_ill(VERDICT_HEALTHY, VERDICT_VANISHING);
    act_cure(&session, 1);
    assert_false(session.requested);
    assert_contains(session.toast, "A is healthy. X swaps A and B");
    fall_ill(VERDICT_HEALTHY, VERDICT_HEALTHY);
    act_cure(&session, 1);
    assert_contains(session.toast, "nothing to cure");
    fall_ill(VERDICT_SATURATED, VERDICT_HEALTHY); // He's weights, a usual rate
    act_cure(&session, 1);
    assert_false(session.requested);
    assert_contains(session.toast, "no simple cure");
    fall_ill(VERDICT_DIVERGED, VERDICT_HEALTHY);
    session.request.serial++; // that snapshot is of another experiment
    session_notice(&session, &snapshot);
    act_cure(&session, 1);
    assert_false(session.requested);
}

/* One that does not fit is refused with its reason, and nothing is said to be done. */
static void a_cure_that_cannot_run_is_told(void **state) {
    (void)state;
    start();
    struct experiment wanted = session.request.experiment;
    wanted.run[0].connection = CONNECTION_RESIDUAL;
    wanted.run[0].branch = BRANCH_ONE;
    session_edit(&session, &wanted);
    fall_ill(VERDICT_EXPLODING, VERDICT_HEALTHY);
    session.request.experiment.data = DATASET_IDX;
    text_set(session.request.experiment.data_path, DATASET_PATH, "/no/such/folder");
    act_cure(&session, 1);
    assert_false(session.requested);
    assert_true(session.toast_bad);
    assert_null(strstr(session.toast, "A gets"));
}

/* Of somebody else's training nothing can be changed, by whatever way. */
static void only_watches(void **state) {
    (void)state;
    start();
    snapshot.watched.active = true;
    snapshot.runs = 2;
    snapshot.run[0].layers = 6;
    snapshot.run[1].layers = 7;
    snapshot.run[0].layer[2].weight_gradient_histogram.n = 1;
    snapshot.run[0].layer[2].weight_histogram.n = 1;
    session_notice(&session, &snapshot);
    assert_true(session.watches && session.request.experiment.compare);
    assert_int_equal(session_layers(&session), 7);
    assert_int_equal(session.selected, 4);
    assert_int_equal(session.gradient, VIEW_GRADIENT_WEIGHT); // there is no other
    assert_int_equal(session.ridge, VIEW_RIDGE_WEIGHT);
    assert_int_equal(session.book, VIEW_BOOK_WEIGHT);
    const struct experiment before = session.request.experiment;
    int refused = 0;
    for (int i = 0; i < COMMAND_COUNT; i++) {
        session.toast[0] = '\0';
        session.requested = false;
        command_run(&session, (enum command_id)i, 1);
        assert_true(experiment_equal(&session.request.experiment, &before));
        assert_false(session.menu.open);
        if (commands[i].trains || commands[i].setting) {
            assert_string_equal(session.toast,
                                "This is somebody else's training: nothing to change.");
            assert_false(session.requested);
            refused++;
        }
        session.palette.open = session.help = false;
    }
    assert_true(refused > 20);
    session_start_at(&session, 0, 1.0, 0.0);
    session_open_preset(&session, "he-relu");
    menu_open(&session, NULL);
    assert_true(experiment_equal(&session.request.experiment, &before) && !session.menu.open);
    assert_true(session.request.restarts == 0 && session.request.steps == 0);
}

/* What is wrong with the files is told once. */
static void tells_complaints_once(void **state) {
    (void)state;
    start();
    snapshot.watched.active = true;
    text_set(snapshot.watched.complaint, sizeof snapshot.watched.complaint, "run: damaged");
    session_notice(&session, &snapshot);
    assert_string_equal(session.toast, "run: damaged");
    assert_true(session.toast_bad);
    session.toast[0] = '\0';
    session_notice(&session, &snapshot);
    assert_string_equal(session.toast, "");
}

/* Dropped data are trained on by the networks there are; of the columns of another table nothing is
 * kept. */
static void data_are_opened(void **state) {
    struct folder *folder = *state;
    const char *table = folder_file(folder, "own.csv");
    assert_int_equal(write_file(table, "a,b,label\n1,2,u\n3,4,v\n5,6,u\n", 28), 0);
    start();
    session.request.experiment.run[0].width = 7;
    text_set(session.request.experiment.skip_columns, DATASET_PATH, "9");
    session_open(&session, table);
    assert_true(session.requested);
    assert_string_equal(session.toast, "training on own.csv");
    const struct experiment *now = &session.request.experiment;
    assert_int_equal(now->data, DATASET_CSV);
    assert_string_equal(now->data_path, table);
    assert_string_equal(now->skip_columns, "");
    assert_int_equal(now->run[0].width, 7);
    assert_int_equal(session.request.restarts, 1);
    session_open(&session, folder_file(folder, "none.csv"));
    assert_true(session.toast_bad);
    assert_contains(session.toast, "none.csv: No such file");
    assert_int_equal(now->data, DATASET_CSV);
    assert_int_equal(write_file(folder_file(folder, "bad.csv"), "1,a\n2\n", 6), 0);
    session_open(&session, folder->file);
    assert_contains(session.toast, "bad.csv: line 2 has 1 cell, expected 2");
    assert_contains(now->data_path, "own.csv");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(data_are_opened, folder_setup, folder_teardown),
        cmocka_unit_test(the_cure_is_done_in_a),
        cmocka_unit_test(what_cannot_be_cured_is_left),
        cmocka_unit_test(a_cure_that_cannot_run_is_told),
        cmocka_unit_test(starts_with_nothing_asked),
        cmocka_unit_test(only_watches),
        cmocka_unit_test(tells_complaints_once),
        cmocka_unit_test(an_edit_is_asked_for_once),
        cmocka_unit_test(an_edit_that_cannot_fit_is_told),
        cmocka_unit_test(an_edit_that_makes_no_sense_is_told),
        cmocka_unit_test(a_refusal_goes_back_to_what_runs),
        cmocka_unit_test(a_refusal_is_told_once),
        cmocka_unit_test(an_older_refusal_leaves_the_newer_wish),
        cmocka_unit_test(loading_is_not_yet_accepted),
        cmocka_unit_test(escape_stops_loading),
        cmocka_unit_test(without_a_run_the_message_fills_the_window),
        cmocka_unit_test(the_selection_follows_the_depth),
        cmocka_unit_test(the_past_ends_where_a_new_run_begins),
        cmocka_unit_test(a_restart_in_spite_of_keeping_is_told),
        cmocka_unit_test(zooming_keeps_the_step_under_the_pointer),
        cmocka_unit_test(a_place_of_the_plane_is_a_start),
        cmocka_unit_test(toasts_end),
        cmocka_unit_test(a_long_toast_keeps_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
