#include "check.h"

#include <time.h>

#include "base/clock.h"

static void never_goes_back(void **state) {
    (void)state;
    double before = clock_seconds();
    for (int i = 0; i < 100000; i++) {
        double now = clock_seconds();
        assert_true(now >= before);
        before = now;
    }
}

static double monotonic(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Between two looks at the system's clock, however long they are apart. */
static void counts_seconds(void **state) {
    (void)state;
    const double rounding = 1e-6;
    for (int i = 0; i < 3; i++) {
        double before = monotonic(), now = clock_seconds(), after = monotonic();
        assert_true(now >= before - rounding);
        assert_true(now <= after + rounding);
        nanosleep(&(struct timespec){ .tv_nsec = 5 * 1000 * 1000 }, NULL);
    }
}

static void sleeps_no_shorter_than_asked(void **state) {
    (void)state;
    const double lengths[] = { 0.0004, 0.015, 1.01 };
    for (int i = 0; i < 3; i++) {
        double start = clock_seconds();
        clock_sleep(lengths[i]);
        assert_true(clock_seconds() - start >= lengths[i]);
    }
    clock_sleep(0.0);
    clock_sleep(-1.0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(never_goes_back),
        cmocka_unit_test(counts_seconds),
        cmocka_unit_test(sleeps_no_shorter_than_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
