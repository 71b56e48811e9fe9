#include "base/check.h"

#include "base/folder.h"
#include "fixture.h"
#include "lab/experiment_change.h"
#include "lab/experiment_ini.h"
#include "lab/replay.h"
#include "lab/run_change.h"
#include "measure/digest.h"

/* What led to a state leads there again, bit by bit. */

enum { VARIANTS = 24, STEPS = 30, CHANGES = 4 };

/* Everything that a pass may depend on, in turn. */
static void variant(struct experiment *experiment, int which) {
    small_experiment(experiment);
    struct network_settings *a = &experiment->run[0];
    a->activation = which % (ACTIVATION_COUNT);
    a->normalisation = which % NORMALISATION_COUNT;
    a->connection = which % CONNECTION_COUNT;
    a->layers = 4;
    a->width = 12;
    a->groups = 2;
    a->optimizer = which % OPTIMISER_COUNT;
    a->learning_rate = 0.02;
    a->dropout = which % 4 == 1 ? 0.2 : 0.0;
    a->drop_connect = which % 8 == 2 ? 0.2 : 0.0;
    a->clip_norm = which % 6 == 3 ? 0.5 : 0.0;
    bool lsuv = which % 5 == 4 && a->normalisation == NORMALISATION_NONE;
    a->init = lsuv ? INITIALISER_LSUV : INITIALISER_HE;
    experiment->mixup = which % 7 == 6 ? 0.5 : 0.0;
    experiment->ensemble = which == 9 ? 3 : 1;
    experiment->batch = 24; // which does not divide 64
    experiment_pin(experiment);
    experiment->compare = which % 2 == 1;
    experiment->run[1].init_scale = 0.1;
    experiment->run[1].optimizer = (which + 3) % OPTIMISER_COUNT;
}

/* Live settings drawn anew, as far as training can go on with them. */
static void disturb(struct experiment *experiment, const struct dataset_shape *shape,
                    uint32_t row) {
    int count;
    const struct setting *table = settings_table(&count);
    struct experiment before = *experiment;
    char ignored[EXPERIMENT_PROBLEM];
    for (int i = 0; i < count; i++) {
        struct experiment tried = *experiment;
        int run = tried.compare && table[i].per_run && dice(row, 500u + (uint32_t)i) < 0.5;
        if (!table[i].live || dice(row, (uint32_t)i) > 0.15 ||
            strcmp(table[i].name, "batch") == 0 || strcmp(table[i].name, "ensemble") == 0) {
            continue;
        }
        random_value(&tried, run, &table[i], row, 1000u + (uint32_t)i);
        tried.run[0].learning_rate = tried.run[1].learning_rate = 0.01 * (1 + row % 5);
        if (experiment_goes_on(&before, &tried, ignored) &&
            experiment_fits(&tried, shape, 0, ignored)) {
            *experiment = tried;
        }
    }
}

static void step(struct run *run, int count) {
    for (int i = 0; i < count && !run_stopped(run); i++) {
        run_pass(run);
        if (!run_stopped(run)) {
            run_update(run);
        }
    }
}

/* Train with changes on the way, note them, and say what is measured in the end. */
static uint64_t live(const struct experiment *experiment, uint32_t row, struct replay *log) {
    struct fixture *f = started(experiment);
    char problem[EXPERIMENT_PROBLEM] = "";
    replay_begin(log, experiment);
    for (uint32_t c = 0; c < CHANGES; c++) {
        step(&f->run, STEPS / CHANGES);
        struct experiment before = f->run.experiment, wanted = before;
        bool swapped = before.compare && dice(row, 700 + c) < 0.4;
        if (swapped) {
            experiment_swap(&wanted);
        }
        disturb(&wanted, &f->data.shape, 10 * row + c);
        if (!swapped && experiment_equal(&wanted, &before)) {
            continue;
        }
        if (c % 2 == 1 && !run_stopped(&f->run)) {
            run_pass(&f->run); // which the change undoes
        }
        if (!run_change(&f->run, &wanted, swapped, problem)) {
            fail_msg("%s", problem);
        }
        replay_note(log, f->run.step, swapped, &before, &wanted);
    }
    step(&f->run, STEPS / CHANGES);
    run_pass(&f->run);
    log->step = f->run.step;
    run_glance(&f->run, &f->snapshot); // in passing
    uint64_t digest = digest_snapshot(&f->snapshot);
    run_capture(&f->run, &f->snapshot); // in full
    run_participation(&f->run, &f->snapshot);
    assert_true(digest_snapshot(&f->snapshot) == digest);
    finish(f);
    return digest;
}

static uint64_t again(const struct replay *plan, int threads) {
    struct experiment experiment = plan->first;
    char problem[EXPERIMENT_PROBLEM] = "";
    experiment.threads = threads;
    struct fixture *f = started(&experiment);
    for (int done = 0;;) {
        while (replay_step_of(plan, done + 1) <= f->run.step) {
            struct experiment wanted;
            replay_experiment(plan, ++done, &wanted);
            wanted.threads = threads;
            if (!run_change(&f->run, &wanted, replay_swaps(plan, done), problem)) {
                fail_msg("%s", problem);
            }
        }
        if (f->run.step == plan->step) {
            break;
        }
        step(&f->run, 1);
    }
    run_evaluate(&f->run, INT64_MAX, NULL, NULL); // somebody looks
    run_pass(&f->run);
    run_capture(&f->run, &f->snapshot);
    uint64_t digest = digest_snapshot(&f->snapshot);
    finish(f);
    return digest;
}

/* Through text, as a picture carries it. */
static void read_back(const struct replay *replay, struct replay *back) {
    char text[REPLAY_TEXT], problem[EXPERIMENT_PROBLEM] = "";
    struct experiment experiment;
    bool found;
    int length = replay_print_ini(replay, text, sizeof text);
    assert_int_equal(length, strlen(text));
    assert_true(strlen(text) < sizeof text - 1);
    experiment_defaults(&experiment);
    if (!experiment_read_ini(&experiment, "picture", text, 0, &found, problem)) {
        fail_msg("%s", problem);
    }
    experiment_pin(&experiment);
    if (!experiment_read_ini(&experiment, "picture", text, 1, &experiment.compare, problem)) {
        fail_msg("%s", problem);
    }
    replay_begin(back, &experiment);
    struct dataset_settings data = experiment_data(&experiment);
    struct dataset_shape shape;
    if (!experiment_read_changes(back, "picture", text, problem) ||
        !dataset_describe(&data, &shape, problem) || !replay_is_possible(back, &shape, problem)) {
        fail_msg("%s", problem);
    }
    back->step = replay->step;
}

static void assert_same(const struct replay *a, const struct replay *b) {
    assert_true(experiment_equal(&a->first, &b->first));
    assert_int_equal(a->first.compare, b->first.compare);
    assert_int_equal(a->changes, b->changes);
    assert_int_equal(a->count, b->count);
    for (int i = 0; i < a->count; i++) {
        const struct replay_edit *p = &a->edit[i], *q = &b->edit[i];
        assert_int_equal(p->change, q->change);
        assert_int_equal(p->step, q->step);
        assert_int_equal(p->run, q->run);
        assert_ptr_equal(p->setting, q->setting);
        assert_string_equal(p->value, q->value);
    }
}

static void the_same_state_again(void **state) {
    (void)state;
    int changed = 0;
    for (int which = 0; which < VARIANTS; which++) {
        static struct replay log, back;
        struct experiment experiment;
        variant(&experiment, which);
        uint64_t digest = live(&experiment, (uint32_t)which, &log);
        read_back(&log, &back);
        assert_same(&log, &back);
        changed += log.changes;
        for (int threads = 1; threads <= 2; threads++) {
            if (again(&back, threads) != digest) {
                fail_msg("variant %d differs with %d threads", which, threads);
            }
        }
        back.step--;
        assert_true(back.step < 1 || again(&back, 1) != digest);
    }
    assert_true(changed > VARIANTS); // or little was tested
}

static void changes_are_kept_one_by_one(void **state) {
    (void)state;
    static struct replay replay;
    struct experiment first, second, now;
    small_experiment(&first);
    first.compare = true;
    second = first;
    second.run[0].optimizer = OPTIMISER_ADAM;
    second.run[1].learning_rate = 0.5;
    replay_begin(&replay, &first);
    replay_note(&replay, 7, false, &first, &second);
    replay_note(&replay, 7, false, &second, &first); // which is not nothing
    assert_int_equal(replay.changes, 2);
    assert_int_equal(replay.count, 4);
    assert_int_equal(replay_step_of(&replay, 1), 7);
    assert_int_equal(replay_step_of(&replay, 2), 7);
    assert_true(replay_step_of(&replay, 3) == INT64_MAX);
    replay_experiment(&replay, 1, &now);
    assert_true(experiment_equal(&now, &second));
    replay_experiment(&replay, 2, &now);
    assert_true(experiment_equal(&now, &first));
    second = first;
    experiment_swap(&second);
    second.run[1].momentum = 0.125;
    replay_note(&replay, 8, true, &first, &second);
    assert_int_equal(replay.changes, 3);
    assert_true(replay_swaps(&replay, 3) && !replay_swaps(&replay, 2));
    replay_experiment(&replay, 3, &now);
    assert_true(experiment_equal(&now, &second));
    replay_cut(&replay, 1);
    assert_int_equal(replay.changes, 1);
    assert_int_equal(replay.count, 2);
    replay_cut(&replay, 9);
    assert_int_equal(replay.changes, 1);
}

static void too_many_changes_are_told(void **state) {
    (void)state;
    static struct replay replay;
    struct experiment a, b;
    small_experiment(&a);
    b = a;
    b.run[0].learning_rate = 0.123456789012345678;
    b.run[0].momentum = 0.5;
    replay_begin(&replay, &a);
    int noted = 0;
    while (!replay.lost) {
        replay_note(&replay, 1000000000000 + noted, false, noted % 2 ? &b : &a,
                    noted % 2 ? &a : &b);
        noted++;
        assert_true(noted < REPLAY_EDITS);
    }
    assert_int_equal(replay.changes, REPLAY_EDITS / 2); // none by half
    assert_int_equal(replay.count, REPLAY_EDITS);
    assert_true(replay.lost_step == 1000000000000 + noted - 1);
    char text[REPLAY_TEXT];
    assert_true(replay_print_ini(&replay, text, sizeof text) < (int)sizeof text - 1);
    replay_cut(&replay, 1); // there is room, but not for what comes after a change that is lost
    replay_note(&replay, 1000000000000 + noted, false, &a, &b);
    assert_true(replay.lost && replay.lost_step == 1000000000000 + noted - 1);
    assert_int_equal(replay.changes, 1);
    replay_begin(&replay, &a);
    assert_false(replay.lost);
}

static void a_file_may_have_changes(void **state) {
    struct folder *folder = *state;
    static struct replay replay;
    struct experiment experiment, now;
    char problem[EXPERIMENT_PROBLEM] = "";
    bool found;
    const char *path = folder_file(folder, "x.ini");
    static const char text[] =
        "layers = 3\n[change 1]\nstep = 20\nlearning-rate = 0.5 ; slower\n"
        "[change 1 b]\nmomentum = 0.25\n[change 2]\nstep = 20\n"
        "[change 3]\nstep = 30\noptimizer = adam\nswap = yes\n[b]\nlayers = 4\n";
    assert_int_equal(write_file(path, text, strlen(text)), 0);
    experiment_defaults(&experiment);
    assert_true(experiment_read_ini(&experiment, path, NULL, 0, &found, problem));
    assert_int_equal(experiment.run[0].layers, 3);
    replay_begin(&replay, &experiment);
    assert_true(experiment_read_changes(&replay, path, NULL, problem));
    assert_int_equal(replay.changes, 2); // one of them is empty
    assert_int_equal(replay_step_of(&replay, 1), 20);
    assert_int_equal(replay_step_of(&replay, 2), 30);
    replay_experiment(&replay, 1, &now);
    assert_true(now.run[0].learning_rate == 0.5 && now.run[1].momentum == 0.25);
    assert_int_equal(now.run[0].optimizer, experiment.run[0].optimizer);
    replay_experiment(&replay, 2, &now);
    assert_int_equal(now.run[1].optimizer, OPTIMISER_ADAM);
    assert_true(replay_swaps(&replay, 2) && !replay_swaps(&replay, 1));
}

static void changes_that_cannot_be_made(void **state) {
    (void)state;
    static struct replay replay;
    struct experiment experiment;
    char problem[EXPERIMENT_PROBLEM] = "";
    const struct dataset_shape shape = { .features = 12, .classes = 2, .examples = 64 };
    static const struct {
        const char *name, *value, *part;
    } rows[] = {
        { "activation", "maxout", "[change 2] cannot be made while it trains: Maxout has weights" },
        { NULL, "", "[change 2] cannot be made while it trains: there is no B to swap with." },
        { "alpha_dropout", "0.5", "[change 2] dropout = 0.2 and alpha_dropout = 0.5" },
    };
    small_experiment(&experiment);
    experiment.run[0].dropout = 0.2;
    for (int i = 0; i < ARRAY_LEN(rows); i++) {
        replay_begin(&replay, &experiment);
        assert_true(replay_edit(&replay, false, 3, 0, setting_find("momentum"), "0.5", problem));
        assert_true(replay_is_possible(&replay, &shape, problem));
        const struct setting *setting = rows[i].name ? setting_find(rows[i].name) : NULL;
        assert_true(replay_edit(&replay, false, 4, 0, setting, rows[i].value, problem));
        assert_false(replay_is_possible(&replay, &shape, problem));
        assert_contains(problem, rows[i].part);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_state_again),
        cmocka_unit_test(changes_are_kept_one_by_one),
        cmocka_unit_test(changes_that_cannot_be_made),
        cmocka_unit_test(too_many_changes_are_told),
        cmocka_unit_test_setup_teardown(a_file_may_have_changes, folder_setup, folder_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
