#include "check.h"

#include <stdbool.h>
#include <string.h>

#include "base/fuzzy.h"

/* The same by trying every way there is: slow, and plainly what the header says. */
static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
}

static int best_way(const char *typed, const char *text, int from, int last) {
    while (*typed == ' ') {
        typed++;
    }
    if (*typed == '\0') {
        return 0;
    }
    int best = -1;
    for (int i = from; text[i]; i++) {
        if ((text[i] | 32) != (*typed | 32)) {
            continue;
        }
        int rest = best_way(typed + 1, text, i + 1, i);
        int points = 1 + (last >= 0 && i == last + 1 ? FUZZY_RUN : 0);
        if (is_letter(text[i]) && (i == 0 || !is_letter(text[i - 1]))) {
            points += i == 0 ? 2 * FUZZY_START : FUZZY_START;
        }
        best = rest >= 0 && rest + points > best ? rest + points : best;
    }
    return best;
}

static void it_finds_the_best_way(void **state) {
    (void)state;
    static const char *const texts[] = {
        "learning rate", "activation: ReLU", "he relu", "l1", "aaaaaa", "a b-a_ba", "", "Zoom IN"
    };
    static const char letters[] = "aerlbin u1 ";
    char typed[5] = "";
    for (int code = 0; code < 11 * 11 * 11 * 11; code++) {
        for (int i = 0, rest = code; i < 4; i++, rest /= 11) {
            typed[i] = letters[rest % 11];
        }
        for (size_t t = 0; t < sizeof texts / sizeof texts[0]; t++) {
            assert_int_equal(fuzzy_score(typed, texts[t]), best_way(typed, texts[t], 0, -1));
        }
    }
}

static void what_a_person_means_comes_first(void **state) {
    (void)state;
    assert_int_equal(fuzzy_score("", "anything"), 0);
    assert_int_equal(fuzzy_score("x", "anything"), -1);
    assert_int_equal(fuzzy_score("gn", "anything"), -1); // in that order
    assert_true(fuzzy_score("rate", "learning rate") > fuzzy_score("rate", "separate"));
    assert_true(fuzzy_score("lr", "learning rate") > fuzzy_score("lr", "color"));
    assert_true(fuzzy_score("LEARN", "learning rate") > fuzzy_score("learn", "less warning"));
    assert_true(fuzzy_score("relu", "relu") > fuzzy_score("relu", "he relu"));
}

static void long_texts_are_cut(void **state) {
    (void)state;
    char text[3 * FUZZY_MOST];
    memset(text, 'a', sizeof text);
    text[sizeof text - 1] = '\0';
    text[FUZZY_MOST - 1] = 'y';
    text[FUZZY_MOST] = 'z';
    assert_true(fuzzy_score("y", text) > 0);
    assert_int_equal(fuzzy_score("z", text), -1);
    assert_true(fuzzy_score(text, text) > FUZZY_MOST);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_finds_the_best_way),
        cmocka_unit_test(what_a_person_means_comes_first),
        cmocka_unit_test(long_texts_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
