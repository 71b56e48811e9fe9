#include "base/check.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/require.h"
#include "engine/schedule.h"

enum { STEPS = 16 };

/*
 * The learning rates of PyTorch 1.13 from 1.0 on: StepLR, CosineAnnealingLR, LambdaLR of
 * min(1, (t + 1) / n) for the warm-up, and SequentialLR where one follows the other.
 */
static const struct {
    struct schedule_settings settings;
    double factors[STEPS];
} rows[] = {
    { { SCHEDULE_STEP, 4, 0.3, 0 },
      { 1, 1, 1, 1, 0.3, 0.3, 0.3, 0.3, 0.09, 0.09, 0.09, 0.09, 0.027, 0.027, 0.027, 0.027 } },
    { { SCHEDULE_COSINE, 7, 0.1, 0 },
      { 1, 0.950484433951, 0.811744900929, 0.611260466978, 0.388739533022, 0.188255099071,
        0.0495155660488, 0, 0.0495155660488, 0.188255099071, 0.388739533022, 0.611260466978,
        0.811744900929, 0.950484433951, 1, 0.950484433951 } },
    { { SCHEDULE_WARMUP, 5, 0.1, 0 }, { 0.2, 0.4, 0.6, 0.8, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 } },
    { { SCHEDULE_COSINE, 6, 0.1, 4 },
      { 0.25, 0.5, 0.75, 1, 1, 0.933012701892, 0.75, 0.5, 0.25, 0.0669872981078, 0, 0.0669872981078,
        0.25, 0.5, 0.75, 0.933012701892 } },
    { { SCHEDULE_STEP, 3, 0.5, 5 },
      { 0.2, 0.4, 0.6, 0.8, 1, 1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125, 0.125 } },
    { { SCHEDULE_CONSTANT, 3, 0.5, 5 },
      { 0.2, 0.4, 0.6, 0.8, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 } },
};

static void factors_are_pytorchs(void **state) {
    (void)state;
    bool seen[SCHEDULE_COUNT] = { false };
    for (int i = 0; i < ARRAY_LEN(rows); i++) {
        seen[rows[i].settings.which] = true;
        for (int step = 1; step <= STEPS; step++) {
            double factor = schedule_factor(&rows[i].settings, step);
            assert_true(fabs(factor - rows[i].factors[step - 1]) < 1e-11);
        }
    }
    for (int which = 0; which < SCHEDULE_COUNT; which++) {
        assert_true(seen[which]);
    }
}

/* A run may go on for ever. */
static void late_steps_are_exact(void **state) {
    (void)state;
    const int64_t late = INT64_C(1) << 60;
    struct schedule_settings s = { SCHEDULE_COSINE, 64, 0.1, 0 };
    assert_true(schedule_factor(&s, late + 1) == 1.0);
    assert_true(fabs(schedule_factor(&s, late + 33) - 0.5) < 1e-15);
    assert_true(schedule_factor(&s, late + 65) == 0.0);
    s.which = SCHEDULE_STEP;
    assert_true(schedule_factor(&s, late) == 0.0);
    s.drop = 1.0;
    assert_true(schedule_factor(&s, late) == 1.0);
    s.which = SCHEDULE_WARMUP;
    assert_true(schedule_factor(&s, late) == 1.0);
}

/* With a warm-up of its own, every schedule begins where it would without one, only later; one that
 * is a warm-up takes its length and is warm then. */
static void warmups_come_first(void **state) {
    (void)state;
    for (int which = 0; which < SCHEDULE_COUNT; which++) {
        struct schedule_settings plain = { (enum schedule)which, 9, 0.7, 0 }, warm = plain;
        warm.warmup = 20;
        for (int step = 1; step <= 50; step++) {
            if (step <= 20) {
                assert_true(schedule_factor(&warm, step) == step / 20.0);
            }
            double later = which == SCHEDULE_WARMUP ? 1.0 : schedule_factor(&plain, step);
            assert_true(schedule_factor(&warm, step + 20) == later);
        }
    }
}

static void rows_say_what_they_are(void **state) {
    (void)state;
    for (int i = 0; i < SCHEDULE_COUNT; i++) {
        assert_true(strlen(schedules[i].name) > 0 && strlen(schedules[i].label) > 0);
        assert_true(strlen(schedules[i].formula) > 0 && strlen(schedules[i].about) > 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(factors_are_pytorchs),
        cmocka_unit_test(late_steps_are_exact),
        cmocka_unit_test(warmups_come_first),
        cmocka_unit_test(rows_say_what_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
