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

static void counts_seconds(void **state) {
    (void)state;
    double start = clock_seconds();
    nanosleep(&(struct timespec){ .tv_nsec = 20 * 1000 * 1000 }, NULL);
    double passed = clock_seconds() - start;
    assert_true(passed >= 0.0199);
    assert_true(passed < 2.0);
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
