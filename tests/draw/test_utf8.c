#include "paper.h"

#include "draw/utf8.h"

static void assert_step(const char *text, size_t length, uint32_t expected) {
    uint32_t character = 1;
    assert_int_equal(utf8_step(text, &character), length);
    assert_int_equal(character, expected);
}

static void test_reads_all_lengths(void **state) {
    (void)state;
    assert_step("", 0, 0);
    assert_step("A", 1, 'A');
    assert_step("\x7F", 1, 0x7F);
    assert_step("\xC2\x80", 2, 0x80);
    assert_step("φ", 2, 0x3C6);
    assert_step("\xDF\xBF", 2, 0x7FF);
    assert_step("\xE0\xA0\x80", 3, 0x800);
    assert_step("한", 3, 0xD55C);
    assert_step("\xEF\xBF\xBF", 3, 0xFFFF);
    assert_step("\xF0\x90\x80\x80", 4, 0x10000);
    assert_step("\xF4\x8F\xBF\xBF", 4, 0x10FFFF);
}

static void test_refuses_what_is_broken(void **state) {
    (void)state;
    const char *broken[] = {
        "\x80",     // a continuation alone
        "\xC0\x80", // two ways to say one thing
        "\xC1\xBF",
        "\xE0\x9F\xBF",
        "\xF0\x8F\xBF\xBF",
        "\xED\xA0\x80",     // half of a UTF-16 pair
        "\xF4\x90\x80\x80", // beyond Unicode
        "\xF5\x80\x80\x80",
        "\xFF",
        "\xC3", // cut short
        "\xE2\x88",
        "\xF0\x90\x80",
        "\xE2(\xA1",
    };
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        assert_step(broken[i], 1, UTF8_BROKEN);
    }
}

static void test_floor_is_a_boundary(void **state) {
    (void)state;
    const char *text = "aφ한b";
    const size_t floors[] = { 0, 1, 1, 3, 3, 3, 6, 7, 7, 7 };
    for (size_t i = 0; i < sizeof floors / sizeof floors[0]; i++) {
        assert_int_equal(utf8_floor(text, i), floors[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_all_lengths),
        cmocka_unit_test(test_refuses_what_is_broken),
        cmocka_unit_test(test_floor_is_a_boundary),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
