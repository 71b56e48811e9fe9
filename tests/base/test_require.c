#include "check.h"

#include <string.h>

#include "base/require.h"
#include "child.h"

static void require_positive(void *number) {
    REQUIRE(*(const int *)number > 0);
}

static void a_false_claim_aborts_and_is_named(void **state) {
    (void)state;
    struct child child;
    assert_true(child_run(&child, require_positive, &(int){ -1 }));
    assert_true(child_aborted(&child));
    assert_contains(child.error, "*(const int *)number > 0");
    assert_contains(child.error, "test_require.c:");
}

static void a_true_claim_is_silent(void **state) {
    (void)state;
    struct child child;
    assert_true(child_run(&child, require_positive, &(int){ 1 }));
    assert_true(child_succeeded(&child));
    assert_string_equal(child.error, "");
}

static void array_len_counts(void **state) {
    (void)state;
    int numbers[] = { 1, 2, 3 };
    assert_int_equal(ARRAY_LEN(numbers), 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_false_claim_aborts_and_is_named),
        cmocka_unit_test(a_true_claim_is_silent),
        cmocka_unit_test(array_len_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
