#include "check.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
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

/* Pages from the first whole one in it on that are in memory. */
static size_t resident_pages(unsigned char *bytes, size_t size) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE), count = 0;
    unsigned char there[4096];
    bytes += -(uintptr_t)bytes % page;
    assert_true(size / page - 1 <= sizeof there);
    assert_int_equal(mincore(bytes, (size / page - 1) * page, there), 0);
    for (size_t i = 0; i < size / page - 1; i++) {
        count += there[i] & 1;
    }
    return count;
}

static void what_is_forgotten_goes_and_what_is_around_it_stays(void **state) {
    (void)state;
    enum { SIZE = 8 << 20, EDGE = 5000 };
    unsigned char *block = malloc(SIZE);
    assert_non_null(block);
    memset(block, 7, SIZE);
    size_t before = resident_pages(block, SIZE);
    memory_forget(block + EDGE, SIZE - 2 * EDGE);
    assert_true(resident_pages(block, SIZE) <= 6 && before > 100);
    for (int i = 0; i < EDGE; i++) {
        assert_int_equal(block[i], 7);
        assert_int_equal(block[SIZE - 1 - i], 7);
    }
    memset(block, 8, SIZE);          // it can be written again
    memory_forget(block + EDGE, 10); // no whole page
    memory_forget(block, 0);
    assert_int_equal(block[EDGE], 8);
    free(block);
}

static void what_is_cleared_is_zero_and_what_is_around_it_stays(void **state) {
    (void)state;
    enum { SIZE = 1 << 20 };
    static const size_t edges[] = { 0, 1, 4096, 5000 };
    unsigned char *block = malloc(SIZE);
    assert_non_null(block);
    for (size_t i = 0; i < sizeof edges / sizeof edges[0]; i++) {
        size_t edge = edges[i];
        memset(block, 7, SIZE);
        size_t before = resident_pages(block, SIZE);
        memory_clear(block + edge, SIZE - 2 * edge);
        assert_true(resident_pages(block, SIZE) <= 6 && before > 100);
        for (size_t b = 0; b < SIZE; b++) {
            assert_int_equal(block[b], b < edge || b >= SIZE - edge ? 7 : 0);
        }
    }
    memset(block, 7, SIZE);
    memory_clear(block + 1, 10); // no whole page
    memory_clear(block, 0);
    for (size_t b = 0; b < 12; b++) {
        assert_int_equal(block[b], b == 0 || b == 11 ? 7 : 0);
    }
    free(block);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_plausible_for_this_machine),
        cmocka_unit_test(what_is_forgotten_goes_and_what_is_around_it_stays),
        cmocka_unit_test(what_is_cleared_is_zero_and_what_is_around_it_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
