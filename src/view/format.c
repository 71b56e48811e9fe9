#include "view/format.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static bool written_as_word(char *text, size_t size, double value, const char *nan) {
    if (isnan(value)) {
        text_set(text, size, "%s", nan);
    } else if (isinf(value)) {
        text_set(text, size, value > 0.0 ? "Inf" : "-Inf");
    } else if (!(value < 0.0 || value > 0.0)) {
        text_set(text, size, "0");
    } else {
        return false;
    }
    return true;
}

void format_power(char *text, size_t size, double value, int digits) {
    if (written_as_word(text, size, value, "NaN")) {
        return;
    }
    char long_form[48];
    snprintf(long_form, sizeof long_form, "%.*e", digits - 1, value);
    char *e = strchr(long_form, 'e');
    long exponent = strtol(e + 1, NULL, 10);
    *e = '\0';
    text_set(text, size, "%se%ld", long_form, exponent);
}

void format_value(char *text, size_t size, double value) {
    if (written_as_word(text, size, value, "-")) {
        return;
    }
    double magnitude = fabs(value);
    if (magnitude < 0.00095 || magnitude >= 9999.5) {
        format_power(text, size, value, 2);
    } else if (magnitude < 9.995) {
        text_set(text, size, "%.3f", value);
    } else if (magnitude < 99.95) {
        text_set(text, size, "%.1f", value);
    } else {
        text_set(text, size, "%.0f", value);
    }
}

void format_brief(char *text, size_t size, double value) {
    if (written_as_word(text, size, value, "-")) {
        return;
    }
    double magnitude = fabs(value);
    if (magnitude < 0.0095 || magnitude >= 999.5) {
        format_power(text, size, value, 1);
    } else {
        text_set(text, size, "%.*f", magnitude < 9.95 ? 2 : 0, value);
    }
}

void format_end(char *text, size_t size, double value) {
    double magnitude = fabs(value);
    if (magnitude >= 1e-3 && magnitude < 1e5) {
        text_set(text, size, "%g", value);
    } else {
        char two[32];
        format_power(two, sizeof two, value, 2);
        format_power(text, size, value, strstr(two, ".0e") ? 1 : 2);
    }
}

void format_share(char *text, size_t size, uint64_t part, uint64_t whole) {
    double percent = whole > 0 ? 100.0 * (double)part / (double)whole : 0.0;
    bool exact = part == 0 || part == whole;
    if (!exact && percent < 0.1) {
        text_set(text, size, "<0.1%%");
    } else if (!exact && percent > 99.0) {
        text_set(text, size, ">99%%");
    } else {
        text_set(text, size, "%.*f%%", exact || percent >= 9.95 ? 0 : 1, percent);
    }
}

void format_decade(char *text, size_t size, int exponent) {
    static const char *const raised[] = { "⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹" };
    text_set(text, size, "10%s", exponent < 0 ? "⁻" : "");
    unsigned magnitude = (unsigned)abs(exponent);
    if (magnitude >= 10) {
        text_append(text, size, "%s", raised[magnitude / 10 % 10]);
    }
    text_append(text, size, "%s", raised[magnitude % 10]);
}
