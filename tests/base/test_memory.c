#include "check.h"

#include <unistd.h>

#include "base/memory.h"

static void is_plausible_for_this_machine(void **state) {
    (void)state;
    size_t available = memory_available();
    assert_true(available >= (size_t)1 << 20);
    if (available != SIZE_MAX) {
        double installed = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
        assert_true((double)available <= installed);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_plausible_for_this_machine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
