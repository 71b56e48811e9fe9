#include "check.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/arena.h"
#include "child.h"

struct layout {
    float *floats;
    unsigned char *bytes;
    double *doubles;
};

static struct layout lay_out(struct arena *arena) {
    struct layout layout;
    layout.floats = arena_take(arena, 100, sizeof *layout.floats);
    layout.bytes = arena_take(arena, 3, 1);
    layout.doubles = arena_take(arena, 7, sizeof *layout.doubles);
    return layout;
}

static void counting_and_dealing_agree(void **state) {
    (void)state;
    struct arena arena = { 0 };
    struct layout counted = lay_out(&arena);
    assert_null(counted.floats);
    assert_null(counted.doubles);
    size_t size = arena.used;
    assert_int_equal(size, 448 + 64 + 64);

    assert_true(arena_init(&arena, size));
    lay_out(&arena);
    assert_int_equal(arena.used, size);
    arena_finish(&arena);
}

static void pieces_are_aligned_zeroed_and_apart(void **state) {
    (void)state;
    struct arena arena = { 0 };
    lay_out(&arena);
    assert_true(arena_init(&arena, arena.used));
    struct layout layout = lay_out(&arena);
    assert_int_equal((uintptr_t)layout.floats % ARENA_ALIGNMENT, 0);
    assert_int_equal((uintptr_t)layout.bytes % ARENA_ALIGNMENT, 0);
    assert_int_equal((uintptr_t)layout.doubles % ARENA_ALIGNMENT, 0);
    for (size_t i = 0; i < arena.capacity; i++) {
        assert_int_equal(arena.base[i], 0);
    }
    memset(layout.floats, 1, 100 * sizeof *layout.floats);
    memset(layout.bytes, 2, 3);
    memset(layout.doubles, 3, 7 * sizeof *layout.doubles);
    assert_int_equal(((unsigned char *)layout.floats)[399], 1);
    assert_int_equal(layout.bytes[2], 2);
    arena_finish(&arena);
}

static void every_size_can_be_used_to_its_last_byte(void **state) {
    (void)state;
    for (size_t size = 0; size < 300; size++) {
        struct arena arena;
        assert_true(arena_init(&arena, size));
        assert_int_equal((uintptr_t)arena.base % ARENA_ALIGNMENT, 0);
        memset(arena.base, 0xFF, size); // the address sanitizer watches its end
        arena_finish(&arena);
    }
}

static void a_sum_that_overflows_is_refused(void **state) {
    (void)state;
    const size_t wanted[][2] = {
        { SIZE_MAX, 1 }, { SIZE_MAX / 2, 4 }, { SIZE_MAX - 10, 1 }, { 1, SIZE_MAX - 63 }
    };
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        struct arena arena = { 0 };
        arena_take(&arena, 100, 1);
        arena_take(&arena, wanted[i][0], wanted[i][1]);
        assert_true(arena.used == SIZE_MAX);
        arena_take(&arena, 1, 1);
        assert_true(arena.used == SIZE_MAX);
        assert_false(arena_init(&arena, arena.used));
        assert_null(arena.base);
        arena_finish(&arena);
    }
}

static void a_zeroed_arena_can_be_finished(void **state) {
    (void)state;
    struct arena arena = { 0 };
    arena_finish(&arena);
    assert_null(arena.base);
    assert_int_equal(arena.used, 0);
}

/* The block stays while it is large enough and no more than twice as large. */
static void a_block_is_used_again(void **state) {
    (void)state;
    static const struct {
        size_t size;
        bool stays;
    } steps[] = {
        { 4000, true }, { 2000, true }, { 4000, true }, { 4001, false }, { 1999, false }
    };
    struct arena arena;
    assert_true(arena_init(&arena, 4000));
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        size_t capacity = arena.capacity;
        assert_non_null(arena_take(&arena, 10, 1));
        assert_true(arena_renew(&arena, steps[i].size));
        assert_int_equal(arena.used, 0);
        assert_int_equal(arena.capacity, steps[i].stays ? capacity : steps[i].size);
        assert_int_equal((uintptr_t)arena.base % ARENA_ALIGNMENT, 0);
        memset(arena.base, 0xFF, steps[i].size);
    }
    assert_false(arena_renew(&arena, SIZE_MAX));
    assert_null(arena.base);
    assert_true(arena_renew(&arena, 100));
    arena_finish(&arena);
}

/* What only the larger size had use for is not held on to. */
static void a_smaller_size_gives_the_rest_back(void **state) {
    (void)state;
    enum { LARGE = 8 << 20, SMALL = 5 << 20 };
    struct arena arena;
    unsigned char there[LARGE / 1024];
    size_t page = (size_t)sysconf(_SC_PAGESIZE), pages = (LARGE - SMALL) / page - 1, count = 0;
    assert_true(arena_init(&arena, LARGE));
    memset(arena.base, 7, LARGE);
    assert_true(arena_renew(&arena, SMALL));
    assert_int_equal(arena.base[SMALL - 1], 7);
    unsigned char *rest = arena.base + SMALL;
    assert_int_equal(mincore(rest + -(uintptr_t)rest % page, pages * page, there), 0);
    for (size_t i = 0; i < pages; i++) {
        count += there[i] & 1;
    }
    assert_true(count <= 2);
    arena_finish(&arena);
}

static void take_too_much(void *capacity) {
    struct arena arena;
    if (arena_init(&arena, *(const size_t *)capacity)) {
        arena_take(&arena, 65, 1);
    }
}

static void taking_more_than_counted_aborts(void **state) {
    (void)state;
    struct child child;
    assert_true(child_run(&child, take_too_much, &(size_t){ 64 }));
    assert_true(child_aborted(&child));
    assert_true(child_run(&child, take_too_much, &(size_t){ 128 }));
    assert_true(child_succeeded(&child));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counting_and_dealing_agree),
        cmocka_unit_test(pieces_are_aligned_zeroed_and_apart),
        cmocka_unit_test(every_size_can_be_used_to_its_last_byte),
        cmocka_unit_test(a_sum_that_overflows_is_refused),
        cmocka_unit_test(a_zeroed_arena_can_be_finished),
        cmocka_unit_test(a_block_is_used_again),
        cmocka_unit_test(a_smaller_size_gives_the_rest_back),
        cmocka_unit_test(taking_more_than_counted_aborts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
