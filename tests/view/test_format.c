#include "check.h"

#include <math.h>

#include "base/require.h"
#include "view/axis.h"
#include "view/format.h"

static void powers(void **state) {
    (void)state;
    static const struct {
        double value;
        int digits;
        const char *text;
    } rows[] = {
        { 6.2e-9, 1, "6e-9" },     { 5.31e-3, 2, "5.3e-3" },       { 1e-100, 1, "1e-100" },
        { 9.96, 2, "1.0e1" },      { -2.5e7, 2, "-2.5e7" },        { 0.0, 2, "0" },
        { (double)NAN, 1, "NaN" }, { (double)INFINITY, 1, "Inf" }, { -(double)INFINITY, 1, "-Inf" },
    };
    for (int i = 0; i < ARRAY_LEN(rows); i++) {
        char text[32];
        format_power(text, sizeof text, rows[i].value, rows[i].digits);
        assert_string_equal(text, rows[i].text);
    }
}

static void values(void **state) {
    (void)state;
    static const struct {
        double value;
        const char *text;
    } rows[] = {
        { 0.2321, "0.232" },  { 1.0, "1.000" },     { 12.34, "12.3" },           { 123.4, "123" },
        { 9999.4, "9999" },   { 12345.0, "1.2e4" }, { 4.2e-5, "4.2e-5" },        { -0.5, "-0.500" },
        { (double)NAN, "-" }, { 0.0, "0" },         { (double)INFINITY, "Inf" },
    };
    for (int i = 0; i < ARRAY_LEN(rows); i++) {
        char text[32];
        format_value(text, sizeof text, rows[i].value);
        assert_string_equal(text, rows[i].text);
    }
}

static void brief_values(void **state) {
    (void)state;
    static const struct {
        double value;
        const char *text;
    } rows[] = {
        { 0.2321, "0.23" },
        { 1.0, "1.00" },
        { 12.34, "12" },
        { 0.0095, "0.01" },
        { 0.00949, "9e-3" },
        { 999.4, "999" },
        { 1234.0, "1e3" },
        { -0.5, "-0.50" },
        { (double)NAN, "-" },
        { 0.0, "0" },
        { (double)INFINITY, "Inf" },
    };
    for (int i = 0; i < ARRAY_LEN(rows); i++) {
        char text[32];
        format_brief(text, sizeof text, rows[i].value);
        assert_string_equal(text, rows[i].text);
    }
}

static void shares_never_round_to_all_or_nothing(void **state) {
    (void)state;
    static const struct {
        uint64_t part, whole;
        const char *text;
    } rows[] = {
        { 0, 100, "0%" },         { 100, 100, "100%" },     { 1, 12800, "<0.1%" },
        { 49, 100, "49%" },       { 12799, 12800, ">99%" }, { 3, 1000, "0.3%" },
        { 9949, 100000, "9.9%" }, { 9951, 100000, "10%" },  { 0, 0, "0%" },
    };
    for (int i = 0; i < ARRAY_LEN(rows); i++) {
        char text[32];
        format_share(text, sizeof text, rows[i].part, rows[i].whole);
        assert_string_equal(text, rows[i].text);
    }
}

static void decades_and_ends(void **state) {
    (void)state;
    char text[32];
    format_decade(text, sizeof text, -14);
    assert_string_equal(text, "10⁻¹⁴");
    format_decade(text, sizeof text, 0);
    assert_string_equal(text, "10⁰");
    format_end(text, sizeof text, 2.5);
    assert_string_equal(text, "2.5");
    format_end(text, sizeof text, 6e8);
    assert_string_equal(text, "6e8");
    format_end(text, sizeof text, -2.5e-7);
    assert_string_equal(text, "-2.5e-7");
}

static void ends_are_rounded_outwards(void **state) {
    (void)state;
    for (int i = 0; i < 4000; i++) {
        double value = pow(10.0, -20.0 + 0.01 * i);
        double rounded = axis_round_up(value);
        assert_true(rounded >= value * (1.0 - 1e-8));
        assert_true(rounded <= value * 1.5001);
    }
    assert_true(axis_round_up(3.0) <= 3.0); // already round
}

static void linear_axes_cover_what_they_are_for(void **state) {
    (void)state;
    const struct rect area = { 10.0f, 20.0f, 100.0f, 200.0f };
    for (int i = 0; i < 400; i++) {
        double high = pow(10.0, -10.0 + 0.05 * i), low = -0.37 * high * (i % 3);
        struct axis axis = axis_linear(low, high, area.h, 40.0f);
        assert_true(axis.low <= low && axis.high >= high * (1.0 - 1e-8));
        double at;
        int ticks = 0;
        while (axis_tick(&axis, ticks, &at)) {
            float y = axis_y(&axis, area, at);
            assert_true(y > area.y - 0.1f && y < area.y + area.h + 0.1f);
            ticks++;
        }
        assert_in_range(ticks, 2, 10);
    }
}

static void axes_of_nothing_are_still_axes(void **state) {
    (void)state;
    struct axis axis = axis_linear(0.0, 0.0, 100.0f, 40.0f);
    assert_true(axis.high > axis.low && axis.step > 0.0);
    axis = axis_decades(-3.0, -3.0, 2, 100.0f);
    assert_true(axis.high - axis.low >= 2.0);
}

static void labels_have_the_digits_of_the_step(void **state) {
    (void)state;
    static const struct {
        double low, high, step, at;
        const char *text;
    } rows[] = {
        { 0, 1, 0.2, 0.6, "0.6" },         { 0, 1, 0.5, 1.0, "1.0" },
        { 0, 3e6, 1e6, 2e6, "2e6" },       { 0, 4, 1, 3, "3" },
        { -1, 1, 0.5, -0.5, "-0.5" },      { 0, 0.04, 0.01, 0.03, "0.03" },
        { 0, 2.5e6, 5e5, 1.5e6, "1.5e6" }, { -1, 1, 0.5, 1e-17, "0" },
    };
    for (int i = 0; i < ARRAY_LEN(rows); i++) {
        struct axis axis = { .low = rows[i].low, .high = rows[i].high, .step = rows[i].step };
        char text[32];
        axis_label(&axis, rows[i].at, text, sizeof text);
        assert_string_equal(text, rows[i].text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(powers),
        cmocka_unit_test(values),
        cmocka_unit_test(brief_values),
        cmocka_unit_test(shares_never_round_to_all_or_nothing),
        cmocka_unit_test(decades_and_ends),
        cmocka_unit_test(ends_are_rounded_outwards),
        cmocka_unit_test(linear_axes_cover_what_they_are_for),
        cmocka_unit_test(axes_of_nothing_are_still_axes),
        cmocka_unit_test(labels_have_the_digits_of_the_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
