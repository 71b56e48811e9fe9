#include <string.h>

#include "base/glob.h"
#include "check.h"

/* The definition: every way a star can be taken. */
static bool matches(const char *pattern, const char *name) {
    if (*pattern == '*') {
        return matches(pattern + 1, name) || (*name && matches(pattern, name + 1));
    }
    return *pattern == *name && (!*name || matches(pattern + 1, name + 1));
}

static void matches_as_defined(void **state) {
    (void)state;
    int yes = 0;
    for (int p = 0; p < 3 * 3 * 3 * 3 * 3; p++) { // all of a, b and *, up to five of them
        char pattern[6] = "";
        for (int i = 0, rest = p; i < 5 && rest > 0; i++, rest /= 3) {
            pattern[i] = "ab*"[rest % 3];
        }
        for (int n = 0; n < 64; n++) {
            char name[7] = "";
            for (int i = 0, rest = n; rest > 1; i++, rest /= 2) {
                name[i] = "ab"[rest % 2];
            }
            assert_int_equal(glob_match(pattern, name, NULL, 0), matches(pattern, name));
            yes += matches(pattern, name);
        }
    }
    assert_true(yes > 100);
}

static void gives_what_the_stars_stood_for(void **state) {
    (void)state;
    char part[32];
    assert_true(glob_match("activations/*", "activations/net.0/relu", part, sizeof part));
    assert_string_equal(part, "net.0/relu");
    assert_true(glob_match("*.weight.grad", "fc1.weight.grad", part, sizeof part));
    assert_string_equal(part, "fc1");
    assert_true(glob_match("*/x/*/y", "a/x/b/c/y", part, sizeof part));
    assert_string_equal(part, "a/b/c");
    assert_true(glob_match("Loss", "loss", part, sizeof part));
    assert_string_equal(part, "");
    assert_true(glob_match("l?ss", "loss", part, sizeof part));
    assert_false(glob_match("l?ss", "lss", part, sizeof part));
    assert_true(glob_match("****************", "loss", NULL, 0)); // GLOB_STARS of them
    assert_false(glob_match("*****************", "loss", NULL, 0));
    assert_true(glob_match("*****************", "*", NULL, 0));
    char small[4];
    assert_true(glob_match("*", "layer01", small, sizeof small));
    assert_string_equal(small, "lay");
}

/* Cases that would take for ever if every star were tried with every other. */
static void is_quick(void **state) {
    (void)state;
    char name[4096];
    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    assert_false(glob_match("*a*a*a*a*a*a*a*a*a*a*b", name, NULL, 0));
}

static void orders_numbers_as_numbers(void **state) {
    (void)state;
    static const char *const rising[] = { "",      "conv",   "conv1",   "conv1.0", "conv01.0",
                                          "conv2", "conv10", "conv10a", "conv11",  "fc" };
    enum { COUNT = sizeof rising / sizeof rising[0] };
    for (int i = 0; i < COUNT; i++) {
        for (int k = 0; k < COUNT; k++) {
            int order = glob_compare(rising[i], rising[k]);
            if (i == k) {
                assert_int_equal(order, 0);
            } else if ((i == 3 && k == 4) || (i == 4 && k == 3)) {
                assert_int_not_equal(order, 0); // the same numbers, yet not the same
                assert_true((order < 0) == (glob_compare(rising[k], rising[i]) > 0));
            } else {
                assert_int_equal(order < 0, i < k);
            }
        }
    }
}

static void knows_what_differs_in_numbers_alone(void **state) {
    (void)state;
    assert_true(glob_numbered_alike("net.0.fc", "net.12.fc"));
    assert_true(glob_numbered_alike("layer", "layer"));
    assert_false(glob_numbered_alike("net.0", "net.0.fc"));
    assert_false(glob_numbered_alike("fc", "fc1"));
    assert_false(glob_numbered_alike("layer1", "output"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches_as_defined),
        cmocka_unit_test(gives_what_the_stars_stood_for),
        cmocka_unit_test(is_quick),
        cmocka_unit_test(orders_numbers_as_numbers),
        cmocka_unit_test(knows_what_differs_in_numbers_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
