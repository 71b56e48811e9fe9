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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(never_goes_back),
        cmocka_unit_test(counts_seconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
