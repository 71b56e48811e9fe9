#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <locale.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#ifdef __APPLE__
#include <xlocale.h>
#endif

enum {
    LONGEST_WORD = 63, // text_nearest() compares no longer words
    DECIMAL_DIGITS = 15
};

static bool inside_character(char byte) {
    return ((unsigned char)byte & 0xC0) == 0x80;
}

/* Remove a UTF-8 character that lost its tail where the buffer ended. */
static void drop_partial_character(char *text) {
    size_t length = strlen(text);
    size_t start = length;
    while (start > 0 && inside_character(text[start - 1])) {
        start--;
    }
    if (start == 0) {
        return;
    }
    unsigned char lead = (unsigned char)text[start - 1];
    size_t tail = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0;
    if (length - start < tail) {
        text[start - 1] = '\0';
    }
}

int text_print(char *buffer, size_t size, const char *format, va_list args) {
    if (strcmp(format, "%s") != 0) {
        return vsnprintf(buffer, size, format, args);
    }
    const char *string = va_arg(args, const char *);
    size_t length = strlen(string);
    if (size > 0) {
        size_t kept = length < size ? length : size - 1;
        memmove(buffer, string, kept);
        buffer[kept] = '\0';
    }
    return length > INT_MAX ? -1 : (int)length;
}

static void print(char *buffer, size_t size, const char *format, va_list args) {
    int length = text_print(buffer, size, format, args);
    if (length < 0) {
        buffer[0] = '\0';
    } else if ((size_t)length >= size) {
        drop_partial_character(buffer);
    }
}

void text_append(char *buffer, size_t size, const char *format, ...) {
    size_t used = strnlen(buffer, size);
    if (used == size) {
        return;
    }
    va_list args;
    va_start(args, format);
    print(buffer + used, size - used, format, args);
    va_end(args);
}

void text_set(char *buffer, size_t size, const char *format, ...) {
    if (size == 0) {
        return;
    }
    va_list args;
    va_start(args, format);
    print(buffer, size, format, args);
    va_end(args);
}

/* What strtod() takes besides decimal numbers: leading space, hexadecimal, nan(payload). */
static bool is_plain(const char *word) {
    return word[0] != '\0' && !isspace((unsigned char)word[0]) && !strpbrk(word, "xX(");
}

/* The decimal digits of a word as a whole number, and the power of ten it is to be times. */
struct decimal {
    uint64_t digits;
    int count, power;
};

/* Digits with or without a point; returns what follows, digits beyond DECIMAL_DIGITS lost. */
static const char *read_digits(struct decimal *decimal, const char *word) {
    bool point = false;
    for (; (*word == '.' && !point) || (*word >= '0' && *word <= '9'); word++) {
        if (*word == '.') {
            point = true;
        } else if (decimal->count++ < DECIMAL_DIGITS) {
            decimal->digits = 10 * decimal->digits + (uint64_t)(*word - '0');
            decimal->power -= point;
        }
    }
    return word;
}

/* Up to three digits behind an e, if there is one. */
static const char *read_exponent(struct decimal *decimal, const char *word) {
    if (*word != 'e' && *word != 'E') {
        return word;
    }
    bool negative = word[1] == '-';
    const char *first = word + (negative || word[1] == '+' ? 2 : 1), *end = first;
    int exponent = 0;
    for (; *end >= '0' && *end <= '9' && end - first < 3; end++) {
        exponent = 10 * exponent + (*end - '0');
    }
    decimal->power += negative ? -exponent : exponent;
    return end > first ? end : word;
}

/*
 * A short decimal number: digits below 2^53 times or divided by a power of ten that a double holds
 * is rounded once, so rightly (Clinger, PLDI 1990). false: any other word.
 */
static bool short_decimal(const char *word, double *value) {
    static const double powers[] = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                     1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                     1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
    const int most = (int)(sizeof powers / sizeof powers[0]) - 1;
    bool negative = *word == '-';
    struct decimal decimal = { 0 };
    word = read_digits(&decimal, word + (negative || *word == '+'));
    if (decimal.count == 0 || decimal.count > DECIMAL_DIGITS) {
        return false;
    }
    word = read_exponent(&decimal, word);
    if (*word != '\0' || decimal.power > most || decimal.power < -most) {
        return false;
    }
    double digits = (double)decimal.digits;
    double size =
        decimal.power < 0 ? digits / powers[-decimal.power] : digits * powers[decimal.power];
    *value = negative ? -size : size;
    return true;
}

bool text_to_double(const char *word, double *value) {
    if (short_decimal(word, value)) {
        return true;
    }
    // glibc and macOS hand out the C locale without allocating
    static _Thread_local locale_t c_locale;
    if (!c_locale) {
        c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    }
    if (!is_plain(word) || !c_locale) {
        return false;
    }
    char *end;
    errno = 0;
    double number = strtod_l(word, &end, c_locale);
    bool too_large = errno == ERANGE && isinf(number);
    bool too_small = errno == ERANGE && fpclassify(number) == FP_ZERO;
    if (*end != '\0' || too_large || too_small) {
        return false;
    }
    *value = number;
    return true;
}

bool text_to_int64(const char *word, int64_t *value) {
    char *end;
    errno = 0;
    long long number = strtoll(word, &end, 10);
    if (!is_plain(word) || end == word || *end != '\0' || errno == ERANGE) {
        return false;
    }
    *value = number;
    return true;
}

bool text_to_uint64(const char *word, uint64_t *value) {
    char *end;
    errno = 0;
    unsigned long long number = strtoull(word, &end, 10);
    // strtoull() negates "-1" to the largest number instead of refusing it
    if (!is_plain(word) || word[0] == '-' || end == word || *end != '\0' || errno == ERANGE) {
        return false;
    }
    *value = number;
    return true;
}

static char folded(char c) {
    if (c >= 'A' && c <= 'Z') {
        return (char)(c - 'A' + 'a');
    }
    return c == '_' ? '-' : c;
}

/* Length of the common beginning of a and b. */
static size_t shared_prefix(const char *a, const char *b) {
    size_t i = 0;
    while (a[i] != '\0' && folded(a[i]) == folded(b[i])) {
        i++;
    }
    return i;
}

int text_find(const char *word, const char *const *names, int count) {
    for (int i = 0; i < count; i++) {
        size_t shared = shared_prefix(word, names[i]);
        if (word[shared] == '\0' && names[i][shared] == '\0') {
            return i;
        }
    }
    return -1;
}

static int min_int(int a, int b) {
    return a < b ? a : b;
}

/* Edits that turn a into b: insert, delete, replace, or swap two neighbours. */
static int edit_distance(const char *a, const char *b) {
    int rows[3][LONGEST_WORD + 1];
    int *before = rows[0], *above = rows[1], *row = rows[2];
    int width = (int)strlen(b);
    for (int j = 0; j <= width; j++) {
        above[j] = j;
    }
    for (int i = 1; a[i - 1] != '\0'; i++) {
        row[0] = i;
        for (int j = 1; j <= width; j++) {
            int replace = above[j - 1] + (folded(a[i - 1]) != folded(b[j - 1]));
            row[j] = min_int(replace, 1 + min_int(above[j], row[j - 1]));
            if (i > 1 && j > 1 && folded(a[i - 1]) == folded(b[j - 2]) &&
                folded(a[i - 2]) == folded(b[j - 1])) {
                row[j] = min_int(row[j], before[j - 2] + 1);
            }
        }
        int *free_row = before;
        before = above;
        above = row;
        row = free_row;
    }
    return above[width];
}

int text_nearest(const char *word, const char *const *names, int count) {
    size_t length = strlen(word);
    int nearest = -1, nearest_distance = LONGEST_WORD, nearest_edits = LONGEST_WORD;
    for (int i = 0; i < count; i++) {
        size_t name_length = strlen(names[i]);
        if (length < 2 || length > LONGEST_WORD || name_length > LONGEST_WORD) {
            continue;
        }
        int edits = edit_distance(word, names[i]), distance = edits;
        if (shared_prefix(word, names[i]) == length) {
            distance = min_int(distance, 1); // an abbreviation
        }
        size_t longer = length > name_length ? length : name_length;
        bool nearer =
            distance < nearest_distance || (distance == nearest_distance && edits < nearest_edits);
        if (nearer && distance <= 1 + (int)longer / 4) {
            nearest = i;
            nearest_distance = distance;
            nearest_edits = edits;
        }
    }
    return nearest;
}

void text_suggest(char *buffer, size_t size, const char *word, const char *const *names,
                  int count) {
    int nearest = text_nearest(word, names, count);
    if (nearest >= 0) {
        text_append(buffer, size, "; did you mean '%s'?", names[nearest]);
    } else {
        text_append(buffer, size, ".");
    }
}

void text_join(char *buffer, size_t size, const char *const *names, int count) {
    text_set(buffer, size, "%s", "");
    for (int i = 0; i < count; i++) {
        text_append(buffer, size, "%s%s", i > 0 ? ", " : "", names[i]);
    }
}

void text_tail(char *buffer, size_t size, const char *path) {
    size_t length = strlen(path);
    if (length < size || size < 5) {
        text_set(buffer, size, "%s", path);
        return;
    }
    path += length - (size - 4); // "..." and the end of the string
    while (inside_character(*path)) {
        path++;
    }
    text_set(buffer, size, "...%s", path);
}

void text_type(char *buffer, size_t size, const char *utf8) {
    size_t length = strnlen(buffer, size);
    for (; *utf8 && length + 1 < size; utf8++) {
        if ((unsigned char)*utf8 >= ' ' && *utf8 != 0x7F) {
            buffer[length++] = *utf8;
            buffer[length] = '\0';
        }
    }
    drop_partial_character(buffer);
}

void text_erase(char *text) {
    size_t length = strlen(text);
    while (length > 0 && inside_character(text[length - 1])) {
        length--;
    }
    text[length > 0 ? length - 1 : 0] = '\0';
}

bool text_contains(const char *text, const char *part) {
    size_t length = strlen(part);
    for (; *text; text++) {
        if (strncasecmp(text, part, length) == 0) {
            return true;
        }
    }
    return length == 0;
}

void text_spell(char *text) {
    for (; *text; text++) {
        *text = *text == '_' || *text == '-' ? ' ' : *text;
    }
}

void text_grouped(char *buffer, size_t size, uint64_t value) {
    char digits[32];
    text_set(digits, sizeof digits, "%llu", (unsigned long long)value);
    text_set(buffer, size, "%s", "");
    size_t length = strlen(digits);
    for (size_t i = 0; i < length; i++) {
        bool gap = i > 0 && (length - i) % 3 == 0;
        text_append(buffer, size, "%s%c", gap ? "," : "", digits[i]);
    }
}

static void append_superscript(char *buffer, size_t size, const char *digits) {
    static const char *const raised[] = { "⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹" };
    for (; *digits; digits++) {
        if (*digits >= '0' && *digits <= '9') {
            text_append(buffer, size, "%s", raised[*digits - '0']);
        } else if (*digits == '-') {
            text_append(buffer, size, "⁻");
        }
    }
}

/* "3.2e+14" becomes 3.2·10¹⁴; what has no exponent stays. */
static void set_power_of_ten(char *buffer, size_t size, double value) {
    char plain[32];
    text_set(plain, sizeof plain, "%.2g", value);
    char *e = strchr(plain, 'e');
    if (!e) {
        text_set(buffer, size, "%s", plain);
        return;
    }
    char exponent[16];
    text_set(exponent, sizeof exponent, "%ld", strtol(e + 1, NULL, 10));
    *e = '\0';
    text_set(buffer, size, "%s·10", plain);
    append_superscript(buffer, size, exponent);
}

void text_factor(char *buffer, size_t size, double value) {
    if (!(value >= 99.5 && value < 995e3)) {
        set_power_of_ten(buffer, size, value);
        return;
    }
    double step = 10.0;
    while (value >= 99.5 * step) {
        step *= 10.0;
    }
    text_grouped(buffer, size, (uint64_t)(round(value / step) * step));
}

void text_bytes(char *buffer, size_t size, double bytes) {
    static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
    int unit = 0, last = (int)(sizeof units / sizeof units[0]) - 1;
    // 1023.95 would be printed as 1024.0 of the smaller unit
    while (bytes >= 1023.95 && unit < last) {
        bytes /= 1024.0;
        unit++;
    }
    double tenths = round(bytes * 10.0);
    bool whole = fmod(tenths, 10.0) == 0.0;
    text_set(buffer, size, whole ? "%.0f %s" : "%.1f %s", bytes, units[unit]);
}
