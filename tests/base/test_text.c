#include "check.h"

#include <float.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "base/require.h"
#include "base/text.h"

static void append_and_set(void **state) {
    (void)state;
    char buffer[16] = "old";
    text_set(buffer, sizeof buffer, "%d-%s", 12, "ab");
    assert_string_equal(buffer, "12-ab");
    text_append(buffer, sizeof buffer, "%c", '!');
    assert_string_equal(buffer, "12-ab!");
    text_append(buffer, sizeof buffer, "%s", "0123456789abcdef");
    assert_string_equal(buffer, "12-ab!012345678");
    text_append(buffer, sizeof buffer, "more");
    assert_string_equal(buffer, "12-ab!012345678");
}

static void nothing_is_written_outside_the_buffer(void **state) {
    (void)state;
    char buffer[4] = { 'a', 'b', 'c', 'd' };
    text_set(buffer, 0, "x");
    text_append(buffer, 0, "x");
    text_append(buffer, 4, "x"); // full and not terminated: nothing to append to
    assert_memory_equal(buffer, "abcd", 4);
    text_set(buffer, 1, "x");
    assert_memory_equal(buffer, "\0bcd", 4);
    text_set(buffer, 3, "xyz");
    assert_memory_equal(buffer, "xy\0d", 4);
}

static int printed(char *buffer, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static int printed(char *buffer, size_t size, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int length = text_print(buffer, size, format, args);
    va_end(args);
    return length;
}

static void prints_as_snprintf_does(void **state) {
    (void)state;
    const char *strings[] = { "", "a", "seven..", "eight...", "far too long for it" };
    for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++) {
        for (size_t size = 0; size <= 8; size++) {
            char got[] = "########", wanted[] = "########";
            int length = snprintf(wanted, size, "%s", strings[i]);
            assert_int_equal(printed(got, size, "%s", strings[i]), length);
            assert_memory_equal(got, wanted, sizeof got);
        }
    }
    char buffer[16];
    assert_int_equal(printed(buffer, sizeof buffer, "%s!", "no shortcut"), 12);
    assert_string_equal(buffer, "no shortcut!");
}

static void cuts_between_utf8_characters(void **state) {
    (void)state;
    static const struct {
        size_t size;
        const char *whole, *cut;
    } rows[] = {
        { 3, "aé", "a" }, { 4, "aé", "aé" }, { 4, "a한b", "a" },      { 5, "a한b", "a한" },
        { 4, "𝄞", "" },   { 5, "𝄞", "𝄞" },   { 8, "ab한글", "ab한" }, { 2, "é", "" },
        { 3, "éé", "é" }, { 4, "ééé", "é" },
    };
    for (int i = 0; i < ARRAY_LEN(rows); i++) {
        char buffer[16] = "";
        text_set(buffer, rows[i].size, "%s", rows[i].whole);
        assert_string_equal(buffer, rows[i].cut);
        text_set(buffer, rows[i].size, "%s", "");
        text_append(buffer, rows[i].size, "%s", rows[i].whole);
        assert_string_equal(buffer, rows[i].cut);
    }
}

/* Every double reads back as itself, and nothing of fewer digits does. */
static void numbers_keep_every_bit(void **state) {
    (void)state;
    static const struct {
        double value;
        const char *text;
    } rows[] = {
        { 0.0, "0" },
        { -0.0, "-0" },
        { 0.1, "0.1" },
        { -2.5, "-2.5" },
        { 0.1 + 0.2, "0.30000000000000004" },
        { 1.0 / 3.0, "0.3333333333333333" },
        { 1e15, "1e+15" },
        { 999999999999999.0, "999999999999999" },
        { 123456789012.0, "123456789012" },
        { 6.25e-10, "6.25e-10" },
        { 5e-324, "4.94065645841247e-324" },
        { DBL_MAX, "1.7976931348623157e+308" },
        { (double)NAN, "NaN" },
        { (double)INFINITY, "Infinity" },
        { -(double)INFINITY, "-Infinity" },
    };
    char text[TEXT_NUMBER];
    for (int i = 0; i < ARRAY_LEN(rows); i++) {
        size_t length = text_number(text, rows[i].value);
        assert_int_equal(length, strlen(rows[i].text));
        assert_string_equal(text, rows[i].text);
    }
}

static double any_double(uint64_t *state) {
    double value;
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    memcpy(&value, state, sizeof value);
    return value;
}

static const char *text_of(int digits, double value) {
    static char text[TEXT_NUMBER];
    snprintf(text, sizeof text, "%.*g", digits, value);
    return text;
}

/* What printf says in the fewest of 15 to 17 digits that strtod() reads back; whole numbers have
 * all their digits. */
static void expect_shortest(double value) {
    char text[TEXT_NUMBER], expected[TEXT_NUMBER];
    double back = 0.0;
    if (!isfinite(value) || (fabs(value) < 1e17 && value == round(value))) {
        return;
    }
    for (int digits = 15; digits <= 17 && back != value; digits++) {
        snprintf(expected, sizeof expected, "%.*g", digits, value);
        back = strtod(expected, NULL);
    }
    assert_int_equal(text_number(text, value), strlen(expected));
    assert_string_equal(text, expected);
    assert_true(text_to_double(text, &back) && back == value);
}

static void numbers_are_as_short_as_can_be(void **state) {
    (void)state;
    uint64_t random = 1;
    for (int i = 0; i < 20000; i++) {
        expect_shortest(any_double(&random)); // of any size
    }
    for (int exponent = -42; exponent <= 17; exponent++) {
        for (int i = 0; i < 400; i++) {
            double value = ldexp(any_double(&random) > 0 ? 1.0 : -1.0, exponent * 10 / 3);
            value *= 1.0 + (double)(random >> 12) * 0x1p-52;
            value = i % 4 == 1   ? (double)(float)value
                    : i % 4 == 2 ? strtod(text_of(i % 15, value), NULL)
                                 : value;
            expect_shortest(value);
        }
        // around powers of ten and of two, and numbers whose last digit is half way
        double ten = strtod(text_of(1, pow(10.0, exponent)), NULL), two = ldexp(1.0, 3 * exponent);
        const double near[] = {
            ten * 1.5,           nextafter(ten, 0.0),  nextafter(ten, 1e300), two * (1.0 + 0x1p-20),
            nextafter(two, 0.0), nextafter(two, 1e300)
        };
        for (int i = 0; i < ARRAY_LEN(near); i++) {
            expect_shortest(near[i]);
        }
    }
}

static void reads_doubles(void **state) {
    (void)state;
    static const struct {
        const char *word;
        double value;
    } rows[] = {
        { "0", 0 },           { "-0.5", -0.5 },
        { "+1e3", 1000 },     { ".25", 0.25 },
        { "1.", 1 },          { "0.1", 0.1 },
        { "5e-324", 5e-324 }, { "1.7976931348623157e308", DBL_MAX },
        { "inf", HUGE_VAL },  { "-Infinity", -HUGE_VAL },
    };
    for (int i = 0; i < ARRAY_LEN(rows); i++) {
        double value = 42;
        assert_true(text_to_double(rows[i].word, &value));
        assert_true(value == rows[i].value);
    }
    double nan = 42;
    assert_true(text_to_double("nan", &nan));
    assert_true(isnan(nan));
}

/* As the C library reads them: every length, with and without point and exponent. */
static void reads_doubles_to_the_last_bit(void **state) {
    (void)state;
    const struct random_stream stream = { .seed = 3 };
    for (uint32_t i = 0; i < 200000; i++) {
        uint32_t words[8];
        char word[64] = "";
        random_words(&stream, i, 0, words);
        random_words(&stream, i, 1, words + 4);
        int digits = 1 + (int)(words[0] % 19), point = (int)(words[1] % 24);
        text_append(word, sizeof word, "%s", (const char *[]){ "", "-", "+" }[words[2] % 3]);
        for (int j = 0; j < digits; j++) {
            int digit = (int)(words[3 + j / 8] >> 4 * (j % 8) & 15) % 10;
            text_append(word, sizeof word, "%s%d", j == point ? "." : "", digit);
        }
        if (words[6] % 3 == 0) {
            text_append(word, sizeof word, "%c%d", words[6] & 8 ? 'e' : 'E',
                        (int)(words[7] % 60) - 30);
        }
        double value = 42, expected = strtod(word, NULL);
        assert_true(text_to_double(word, &value));
        if (memcmp(&value, &expected, sizeof value) != 0) {
            fail_msg("%s: %.17g, expected %.17g", word, value, expected);
        }
    }
}

static void refuses_what_is_no_double(void **state) {
    (void)state;
    static const char *const words[] = { "",     " 1",    "1 ",     "\t1",   "1x",     "abc",
                                         "1,5",  "1e",    "--1",    "1e400", "1e-400", "-1e999",
                                         "0x10", "0x1p3", "nan(1)", "1\n",   "e5",     ".",
                                         "-",    "1.2.3", "1e+",    "+-1",   "1e5.",   "1e5e5" };
    for (int i = 0; i < ARRAY_LEN(words); i++) {
        double value = 42;
        assert_false(text_to_double(words[i], &value));
        assert_true(value == 42);
    }
}

static void reads_integers(void **state) {
    (void)state;
    int64_t number = 42;
    assert_true(text_to_int64("-9223372036854775808", &number) && number == INT64_MIN);
    assert_true(text_to_int64("9223372036854775807", &number) && number == INT64_MAX);
    assert_true(text_to_int64("+007", &number) && number == 7);
    uint64_t natural = 42;
    assert_true(text_to_uint64("18446744073709551615", &natural) && natural == UINT64_MAX);
    assert_true(text_to_uint64("0", &natural) && natural == 0);
}

static void refuses_what_is_no_integer(void **state) {
    (void)state;
    static const char *const words[] = { "",
                                         " 1",
                                         "1 ",
                                         "1.0",
                                         "1e3",
                                         "0x1",
                                         "-",
                                         "+",
                                         "--1",
                                         "1k",
                                         "18446744073709551616",
                                         "-9223372036854775809" };
    for (int i = 0; i < ARRAY_LEN(words); i++) {
        int64_t number = 42;
        uint64_t natural = 42;
        assert_false(text_to_int64(words[i], &number));
        assert_false(text_to_uint64(words[i], &natural));
        assert_true(number == 42 && natural == 42);
    }
    int64_t number;
    uint64_t natural;
    assert_false(text_to_int64("9223372036854775808", &number));
    assert_false(text_to_uint64("-1", &natural));
    assert_false(text_to_uint64("-0", &natural));
}

static const char *const names[] = { "relu", "leaky-relu", "sigmoid", "tanh", "learning_rate" };

static void finds_names(void **state) {
    (void)state;
    assert_int_equal(text_find("relu", names, 5), 0);
    assert_int_equal(text_find("ReLU", names, 5), 0);
    assert_int_equal(text_find("leaky_relu", names, 5), 1);
    assert_int_equal(text_find("LEARNING-RATE", names, 5), 4);
    assert_int_equal(text_find("rel", names, 5), -1);
    assert_int_equal(text_find("relus", names, 5), -1);
    assert_int_equal(text_find("", names, 5), -1);
    assert_int_equal(text_find("tanh", names, 3), -1);
}

static void guesses_what_was_meant(void **state) {
    (void)state;
    assert_int_equal(text_nearest("rleu", names, 5), 0);
    assert_int_equal(text_nearest("rellu", names, 5), 0);
    assert_int_equal(text_nearest("sigmod", names, 5), 2);
    assert_int_equal(text_nearest("sig", names, 5), 2);
    assert_int_equal(text_nearest("TAHN", names, 5), 3);
    assert_int_equal(text_nearest("leakyrelu", names, 5), 1);
    assert_int_equal(text_nearest("learning_raet", names, 5), 4);
    assert_int_equal(text_nearest("tanh", names, 5), 3);
    assert_int_equal(text_nearest("xyzzy", names, 5), -1);
    assert_int_equal(text_nearest("", names, 5), -1);
    assert_int_equal(text_nearest("re", (const char *const[]){ "er" }, 1), 0); // one swap
    assert_int_equal(text_nearest("re", (const char *const[]){ "ab" }, 1), -1);
    assert_int_equal(text_nearest("relu", names, 0), -1);
    const char *const prefixed[] = { "adagrad", "adam", "adamw" };
    assert_int_equal(text_nearest("ada", prefixed, 3), 1); // the shortest it may abbreviate
    assert_int_equal(text_nearest("adagr", prefixed, 3), 0);
    char longest[300];
    memset(longest, 'r', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assert_int_equal(text_nearest(longest, names, 5), -1);
    const char *const long_names[] = { longest, "relu" };
    assert_int_equal(text_nearest("rel", long_names, 2), 1);
    char sentence[64] = "there is no 'rleu'";
    text_suggest(sentence, sizeof sentence, "rleu", names, 5);
    assert_string_equal(sentence, "there is no 'rleu'; did you mean 'relu'?");
    text_set(sentence, sizeof sentence, "no 'xyzzy'");
    text_suggest(sentence, sizeof sentence, "xyzzy", names, 5);
    assert_string_equal(sentence, "no 'xyzzy'.");
}

static void joins_names(void **state) {
    (void)state;
    char buffer[64] = "old";
    text_join(buffer, sizeof buffer, names, 3);
    assert_string_equal(buffer, "relu, leaky-relu, sigmoid");
    text_join(buffer, sizeof buffer, names, 0);
    assert_string_equal(buffer, "");
    text_join(buffer, 8, names, 3);
    assert_string_equal(buffer, "relu, l");
}

static void keeps_the_end_of_a_path(void **state) {
    (void)state;
    char buffer[16];
    text_tail(buffer, sizeof buffer, "/a/file.png");
    assert_string_equal(buffer, "/a/file.png");
    text_tail(buffer, sizeof buffer, "123456789012345");
    assert_string_equal(buffer, "123456789012345");
    text_tail(buffer, sizeof buffer, "/a/long/folder/file.png");
    assert_string_equal(buffer, "...der/file.png");
    text_tail(buffer, 8, "/a/한.png");
    assert_string_equal(buffer, "....png");
    text_tail(buffer, 3, "abcdef");
    assert_string_equal(buffer, "ab");
}

static void groups_digits(void **state) {
    (void)state;
    static const struct {
        uint64_t value;
        const char *text;
    } rows[] = {
        { 0, "0" },
        { 7, "7" },
        { 999, "999" },
        { 1000, "1,000" },
        { 150000, "150,000" },
        { 1234567, "1,234,567" },
        { UINT64_MAX, "18,446,744,073,709,551,615" },
    };
    for (int i = 0; i < ARRAY_LEN(rows); i++) {
        char buffer[32];
        text_grouped(buffer, sizeof buffer, rows[i].value);
        assert_string_equal(buffer, rows[i].text);
    }
}

static void words_for_factors(void **state) {
    (void)state;
    static const struct {
        double value;
        const char *text;
    } rows[] = {
        { 0, "0" },          { 0.034, "0.034" },    { 0.5, "0.5" },
        { 1, "1" },          { 1.66, "1.7" },       { 9.96, "10" },
        { 23.4, "23" },      { 99.4, "99" },        { 99.5, "100" },
        { 101, "100" },      { 994, "990" },        { 996, "1,000" },
        { 1234, "1,200" },   { 153482, "150,000" }, { 994999, "990,000" },
        { 996000, "1·10⁶" }, { 3.02e12, "3·10¹²" }, { 3.2e12, "3.2·10¹²" },
        { -2.5, "-2.5" },    { HUGE_VAL, "inf" },   { 1e-9, "1·10⁻⁹" },
    };
    for (int i = 0; i < ARRAY_LEN(rows); i++) {
        char buffer[32];
        text_factor(buffer, sizeof buffer, rows[i].value);
        assert_string_equal(buffer, rows[i].text);
    }
    char buffer[32];
    text_factor(buffer, sizeof buffer, (double)NAN);
    assert_contains(buffer, "nan");
}

static void words_for_bytes(void **state) {
    (void)state;
    static const struct {
        double bytes;
        const char *text;
    } rows[] = {
        { 0, "0 B" },
        { 1023, "1023 B" },
        { 1024, "1 KiB" },
        { 512.0 * 1024, "512 KiB" },
        { 1536, "1.5 KiB" },
        { 1024.0 * 1024 - 1, "1 MiB" },
        { 256.0 * 1024 * 1024, "256 MiB" },
        { 26.8 * 1024 * 1024 * 1024, "26.8 GiB" },
        { 3e21, "2602.1 EiB" },
    };
    for (int i = 0; i < ARRAY_LEN(rows); i++) {
        char buffer[32];
        text_bytes(buffer, sizeof buffer, rows[i].bytes);
        assert_string_equal(buffer, rows[i].text);
    }
}

static void typing_and_rubbing_out(void **state) {
    (void)state;
    char text[8] = "";
    text_type(text, sizeof text, "a\tb\n\x7f");
    assert_string_equal(text, "ab");
    text_type(text, sizeof text, "é한");
    assert_string_equal(text, "abé한");
    text_type(text, sizeof text, "é"); // no room for both bytes
    assert_string_equal(text, "abé한");
    text_erase(text);
    assert_string_equal(text, "abé");
    text_erase(text);
    assert_string_equal(text, "ab");
    text_erase(text);
    text_erase(text);
    text_erase(text);
    assert_string_equal(text, "");
}

static void parts_and_words(void **state) {
    (void)state;
    assert_true(text_contains("Dark, Light", "light"));
    assert_true(text_contains("Dark", ""));
    assert_false(text_contains("Dark", "darker"));
    assert_false(text_contains("", "a"));
    char name[] = "learning_rate-up";
    text_spell(name);
    assert_string_equal(name, "learning rate up");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(typing_and_rubbing_out),
        cmocka_unit_test(parts_and_words),
        cmocka_unit_test(append_and_set),
        cmocka_unit_test(prints_as_snprintf_does),
        cmocka_unit_test(nothing_is_written_outside_the_buffer),
        cmocka_unit_test(cuts_between_utf8_characters),
        cmocka_unit_test(numbers_keep_every_bit),
        cmocka_unit_test(numbers_are_as_short_as_can_be),
        cmocka_unit_test(reads_doubles),
        cmocka_unit_test(reads_doubles_to_the_last_bit),
        cmocka_unit_test(refuses_what_is_no_double),
        cmocka_unit_test(reads_integers),
        cmocka_unit_test(refuses_what_is_no_integer),
        cmocka_unit_test(finds_names),
        cmocka_unit_test(guesses_what_was_meant),
        cmocka_unit_test(joins_names),
        cmocka_unit_test(keeps_the_end_of_a_path),
        cmocka_unit_test(groups_digits),
        cmocka_unit_test(words_for_factors),
        cmocka_unit_test(words_for_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
