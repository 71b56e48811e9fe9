#include "base/check.h"

#include "fixture.h"
#include "lab/layer_look.h"
#include "lab/rerun.h"
#include "lab/run_change.h"

/*
 * The way back, beside a run that was looked at when it came by: every look gives the same bytes.
 */

enum { LAST = 60, CHANGES = 3 };

static struct look looked_at(int64_t step) {
    return (struct look){ .kind = LOOK_LAYER,
                          .layer = 1 + (int)(step % 4), // the output, too
                          .unit = 1 + (int)(step % 7) };
}

/* Everything that a pass and an update may depend on, and a settings change now and then. */
static void variant(struct experiment *experiment, int which) {
    small_experiment(experiment);
    experiment->threads = 1;
    experiment->mixup = which == 1 ? 0.4 : 0.0;
    experiment->batch = which == 2 ? 24 : 16; // which does not divide 64
    experiment->run[0].optimizer = OPTIMISER_ADAM;
    experiment->run[0].learning_rate = 0.01;
    experiment->run[0].dropout = which == 1 ? 0.3 : 0.0;
    experiment->run[0].normalisation = which == 2 ? NORMALISATION_BATCH : NORMALISATION_NONE;
    if (which == 3) {
        experiment->data = DATASET_XOR;
        experiment->run[0].init = INITIALISER_RBM;
        experiment->run[0].activation = ACTIVATION_SIGMOID;
        experiment->run[0].rbm_epochs = 2;
    }
    experiment_pin(experiment);
    experiment->run[1].learning_rate = 0.03;
}

static const int64_t change_step[CHANGES] = { 20, 20, 41 };

/* The second one swaps the networks, too. */
static void change(struct experiment *experiment, int number) {
    if (number == 1) {
        experiment_swap(experiment);
    }
    experiment->run[0].learning_rate = 0.002 * (number + 1);
    experiment->run[1].optimizer = number == 1 ? OPTIMISER_MOMENTUM : OPTIMISER_ADAM;
    experiment->batch = number == 2 ? 8 : experiment->batch;
}

/* What was seen when the first run came by, and what led there. */
static struct snapshot *seen[LAST + 1];
static struct replay past;

static void look_at(struct fixture *f, int64_t step) {
    const struct look look = looked_at(step);
    struct snapshot *to = seen[step];
    f->snapshot.step = f->run.step;
    f->snapshot.runs = f->run.networks;
    layer_look(&f->run, &look, &f->snapshot);
    to->step = f->run.step;
    to->runs = f->run.networks;
    for (int r = 0; r < to->runs; r++) {
        layer_detail_copy(&to->detail[r], &f->snapshot.detail[r]);
    }
}

/* As the worker does it: a change comes when the pass of its step has been made. */
static void train(struct fixture *f) {
    struct experiment experiment = f->run.experiment;
    char problem[EXPERIMENT_PROBLEM] = "";
    while (run_pretrains(&f->run)) {
        run_pretrain(&f->run);
    }
    for (int64_t step = 0; step <= LAST; step++) {
        run_pass(&f->run);
        for (int i = 0; i < CHANGES; i++) {
            if (change_step[i] == step) {
                struct experiment before = experiment;
                change(&experiment, i);
                assert_true(run_change(&f->run, &experiment, i == 1, problem));
                replay_note(&past, step, i == 1, &before, &experiment);
                run_pass(&f->run);
            }
        }
        look_at(f, step);
        run_update(&f->run);
    }
}

/* The way back of a run that has just been begun. */
static struct rerun *way_back(const struct experiment *experiment, const struct dataset *data,
                              const char *load) {
    struct rerun *rerun = calloc(1, sizeof *rerun);
    assert_non_null(rerun);
    replay_begin(&past, experiment);
    rerun_begin(rerun, &past, data, load, 1);
    return rerun;
}

static void forget(struct rerun *rerun) {
    rerun_rest(rerun);
    free(rerun);
}

static char why[EXPERIMENT_PROBLEM]; // a step cannot be had

static enum rerun_state go_to(struct rerun *rerun, int64_t step) {
    enum rerun_state state;
    why[0] = '\0';
    while ((state = rerun_advance(rerun, step, why)) == RERUN_UNDER_WAY) {
        assert_true(rerun->run.step <= step);
    }
    assert_int_equal(state == RERUN_IMPOSSIBLE, why[0] != '\0');
    return state;
}

static void assert_seen(const struct snapshot *got, const struct snapshot *want) {
    struct part parts[LAYER_DETAIL_PARTS];
    assert_true(got->step == want->step && got->runs == want->runs);
    for (int r = 0; r < want->runs; r++) {
        assert_int_equal(got->detail[r].layer, want->detail[r].layer);
        int count = layer_detail_parts(&want->detail[r], parts);
        for (int i = 0; i < count; i++) {
            size_t at = parts[i].offset, size = parts[i].size;
            if (at == offsetof(struct layer_detail, order)) { // else two bytes more
                size = (size_t)want->detail[r].units * sizeof want->detail[r].order[0];
            } else if (at == offsetof(struct layer_detail, input_order)) {
                size = (size_t)want->detail[r].weights * sizeof want->detail[r].input_order[0];
            }
            assert_memory_equal((const char *)&got->detail[r] + at,
                                (const char *)&want->detail[r] + at, size);
        }
    }
}

static void it_comes_by_the_same_steps(void **state) {
    (void)state;
    static const int64_t steps[] = { 60, 0, 1, 19, 20, 21, 40, 41, 60, 33, 33, 5 };
    for (int which = 0; which < 4; which++) {
        struct experiment experiment;
        variant(&experiment, which);
        struct fixture *f = started(&experiment);
        struct rerun *rerun = way_back(&experiment, &f->data, NULL);
        train(f);
        for (int i = 0; i < ARRAY_LEN(steps); i++) {
            const struct look look = looked_at(steps[i]);
            assert_int_equal(go_to(rerun, steps[i]), RERUN_THERE);
            rerun_look(rerun, &look);
            assert_seen(&rerun->snapshot, seen[steps[i]]);
            assert_false(rerun->snapshot.data_detail.made);
        }
        assert_true(rerun->has_run);
        rerun_rest(rerun);
        assert_false(rerun->has_run);
        forget(rerun);
        finish(f);
    }
}

/* The data seen by the networks of a past step. */
static void data_are_seen_by_the_past(void **state) {
    (void)state;
    struct experiment experiment;
    variant(&experiment, 0);
    struct fixture *f = started(&experiment);
    struct rerun *rerun = way_back(&experiment, &f->data, NULL);
    struct data_look look = { .detail = { .made = false } };
    for (int64_t step = 0; step < 9; step++) {
        run_pass(&f->run);
        run_update(&f->run);
    }
    run_pass(&f->run);
    assert_true(data_look(&look, &f->run, &(struct data_effort){ .work = 1e8 }));
    for (int64_t step = 40; step > 0; step -= 31) { // back from further on
        assert_int_equal(go_to(rerun, step), RERUN_THERE);
        rerun_look(rerun, &(struct look){ .kind = LOOK_DATA });
    }
    const struct data_detail *got = &rerun->snapshot.data_detail, *want = &look.detail;
    assert_true(got->made && got->step == 9 && got->n == want->n && got->runs == 2);
    for (int r = 0; r < 2; r++) {
        assert_memory_equal(got->run[r].confusion, want->run[r].confusion,
                            sizeof want->run[r].confusion);
        assert_true(got->run[r].correct == want->run[r].correct);
        assert_true(got->run[r].hard == want->run[r].hard && want->run[r].hard > 0);
        for (int i = 0; i < want->run[r].hard; i++) {
            assert_true(got->run[r].hardest[i].own == want->run[r].hardest[i].own);
        }
    }
    data_look_forget(&look);
    forget(rerun);
    finish(f);
}

/* A change that comes while the way back is further on than that: it is gone again. */
static void a_change_is_not_passed_by(void **state) {
    (void)state;
    struct experiment experiment;
    variant(&experiment, 0);
    struct fixture *f = started(&experiment);
    struct rerun *rerun = way_back(&experiment, &f->data, NULL);
    assert_int_equal(go_to(rerun, 30), RERUN_THERE);
    train(f); // with changes from step 20 on
    const struct look look = looked_at(31);
    assert_int_equal(go_to(rerun, 31), RERUN_THERE);
    rerun_look(rerun, &look);
    assert_seen(&rerun->snapshot, seen[31]);
    forget(rerun);
    finish(f);
}

static void what_cannot_be_had_is_said(void **state) {
    (void)state;
    struct experiment experiment;
    variant(&experiment, 0);
    struct fixture *f = started(&experiment);
    struct rerun *rerun = way_back(&experiment, &f->data, NULL);
    for (int i = 0; i < REPLAY_EDITS + 3; i++) {
        struct experiment before = experiment;
        experiment.run[0].learning_rate = 1e-3 * (i % 5 + 1);
        replay_note(&past, 10 + i / 100, false, &before, &experiment);
    }
    assert_true(past.lost && past.lost_step == 15);
    assert_int_equal(go_to(rerun, 12), RERUN_THERE);
    assert_int_equal(go_to(rerun, 14), RERUN_THERE);
    assert_int_equal(go_to(rerun, 15), RERUN_IMPOSSIBLE);
    assert_string_equal(why, "More than 512 settings were changed before it.");
    assert_int_equal(go_to(rerun, 9), RERUN_THERE);
    for (int r = 0; r < 2; r++) {
        experiment.run[r].activation = ACTIVATION_RELU;
        experiment.run[r].optimizer = OPTIMISER_SGD;
        experiment.run[r].loss = LOSS_MSE;
        experiment.run[r].learning_rate = 1e6;
    }
    forget(rerun);
    rerun = way_back(&experiment, &f->data, NULL);
    assert_int_equal(go_to(rerun, 1), RERUN_THERE);
    assert_int_equal(go_to(rerun, 50), RERUN_IMPOSSIBLE);
    assert_contains(why, "diverged");
    forget(rerun);
    finish(f);
}

/* What went wrong once does so again: half a way back is none. */
static void no_way_back_stays_none(void **state) {
    (void)state;
    struct experiment experiment, other;
    variant(&experiment, 0);
    struct fixture *f = started(&experiment);
    struct rerun *rerun = way_back(&experiment, &f->data, "/nowhere/weights.npz");
    for (int i = 0; i < 2; i++) {
        assert_int_equal(go_to(rerun, 2), RERUN_IMPOSSIBLE);
        assert_contains(why, "/nowhere/weights.npz");
    }
    forget(rerun);
    rerun = way_back(&experiment, &f->data, NULL);
    other = experiment;
    other.run[0].activation = ACTIVATION_MAXOUT; // as no worker would note it
    replay_note(&past, 3, false, &experiment, &other);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(go_to(rerun, 5), RERUN_IMPOSSIBLE);
        assert_contains(why, "Maxout");
    }
    assert_int_equal(go_to(rerun, 2), RERUN_THERE);
    forget(rerun);
    finish(f);
}

int main(void) {
    for (int i = 0; i <= LAST; i++) {
        seen[i] = calloc(1, sizeof *seen[i]);
        if (!seen[i]) {
            return 1;
        }
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_comes_by_the_same_steps), cmocka_unit_test(data_are_seen_by_the_past),
        cmocka_unit_test(a_change_is_not_passed_by),  cmocka_unit_test(what_cannot_be_had_is_said),
        cmocka_unit_test(no_way_back_stays_none),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    for (int i = 0; i <= LAST; i++) {
        free(seen[i]);
    }
    return failed;
}
