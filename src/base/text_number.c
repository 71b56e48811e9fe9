/*
 * text_number.c - the shortest digits that read back as the same double.
 *
 * |value| = m 2^e is multiplied by the power of ten 10^k that leaves 17 digits before the point,
 * all of it in whole numbers: 5^k of k <= 54 fits 128 bits. What is within half a unit in the last
 * place of value reads back, so of 15, 16 and 17 digits the first rounding that lies there is
 * taken. The fraction is cut after 64 bits; where that leaves a doubt, and for what is very large
 * or small, printf and strtod decide.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* Whole numbers are most of what is told, and printf takes ten times as long for them. */
static size_t write_whole(char *buffer, uint64_t value) {
    char digits[TEXT_NUMBER];
    size_t count = 0;
    do {
        digits[count++] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    for (size_t i = 0; i < count; i++) {
        buffer[i] = digits[count - 1 - i];
    }
    buffer[count] = '\0';
    return count;
}

static size_t write_by_printf(char *buffer, double value) {
    int length = snprintf(buffer, TEXT_NUMBER, "%.16g", value);
    if (strtod(buffer, NULL) != value) {
        return (size_t)snprintf(buffer, TEXT_NUMBER, "%.17g", value);
    }
    char shorter[TEXT_NUMBER]; // of another last digit; one that is 0 is not there
    int digits = snprintf(shorter, sizeof shorter, "%.15g", value);
    if (digits < length && strtod(shorter, NULL) == value) {
        memcpy(buffer, shorter, (size_t)digits + 1);
        length = digits;
    }
    return (size_t)length;
}

/* digits 10^(exponent - (count - 1)), digits being a number of count digits. */
struct decimal {
    uint64_t digits;
    int count, exponent;
};

#ifdef __SIZEOF_INT128__

enum { MANTISSA = 52, DIGITS = 17, POWERS = 28, LARGEST_POWER = 2 * (POWERS - 1), DOUBT = 4 };

__extension__ typedef unsigned __int128 wide;

static wide power_of_five(int k) {
    static const uint64_t powers[POWERS] = { 1u,
                                             5u,
                                             25u,
                                             125u,
                                             625u,
                                             3125u,
                                             15625u,
                                             78125u,
                                             390625u,
                                             1953125u,
                                             9765625u,
                                             48828125u,
                                             244140625u,
                                             1220703125u,
                                             6103515625u,
                                             30517578125u,
                                             152587890625u,
                                             762939453125u,
                                             3814697265625u,
                                             19073486328125u,
                                             95367431640625u,
                                             476837158203125u,
                                             2384185791015625u,
                                             11920928955078125u,
                                             59604644775390625u,
                                             298023223876953125u,
                                             1490116119384765625u,
                                             7450580596923828125u };
    int first = k < POWERS ? k : POWERS - 1;
    return (wide)powers[first] * powers[k - first];
}

/* m p 2^(64 - shift), its fraction cut; below 2^128. */
static wide scaled(uint64_t m, wide p, int shift) {
    wide low = (wide)m * (uint64_t)p, high = (wide)m * (uint64_t)(p >> 64) + (low >> 64);
    if (shift <= 64) { // high is below 2^64 then
        return (high << 64 | (uint64_t)low) << (64 - shift);
    }
    return high << (128 - shift) | (uint64_t)low >> (shift - 64);
}

enum answer { NO, YES, DOUBTFUL };

static enum answer is_less(wide a, wide b) {
    wide apart = a < b ? b - a : a - b;
    return apart <= DOUBT ? DOUBTFUL : a < b ? YES : NO;
}

/* exact is a number of DIGITS digits and its fraction in 64 bits; what is within reach of it reads
 * back. Rounded to the nearest multiple of unit: does that read back? */
static enum answer rounds_to(wide exact, wide reach, uint64_t unit, uint64_t *rounded) {
    uint64_t whole = (uint64_t)(exact >> 64), rest = whole % unit;
    wide above = exact - ((wide)(whole - rest) << 64), below = ((wide)unit << 64) - above;
    enum answer up = is_less(below, above);
    *rounded = whole / unit + (up == YES);
    return up == DOUBTFUL ? DOUBTFUL : is_less(up == YES ? below : above, reach);
}

/* false: not decided here. value > 0. */
static bool shortest(double value, struct decimal *decimal) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint64_t one = (uint64_t)1 << MANTISSA, fraction = bits & (one - 1), m = fraction | one;
    int e = (int)(bits >> MANTISSA) - 1023 - MANTISSA;
    // log10 of the power of two below value, cut: that of value is as large or one more
    int exponent = (int)floor((e + MANTISSA) * 0.30102999566398120), k = DIGITS - 1 - exponent;
    if (k < 1 || k > LARGEST_POWER || fraction == 0) { // a power of two is nearer to what is below
        return false;
    }
    wide p = power_of_five(k), exact = scaled(m, p, -e - k);
    const wide most = (wide)100000000000000000u << 64;
    if (exact >= most) {
        exponent++;
        p = power_of_five(--k);
        exact = scaled(m, p, -e - k);
    }
    int half = -e - k + 1; // reach = p 2^-half
    wide reach = half <= 64 ? p << (64 - half) : p >> (half - 64);
    uint64_t unit = 100;
    for (decimal->count = DIGITS - 2; unit > 0; decimal->count++, unit /= 10) {
        enum answer reads_back = rounds_to(exact, reach, unit, &decimal->digits);
        if (reads_back != NO) {
            decimal->exponent = exponent;
            return reads_back == YES;
        }
    }
    return false;
}

#else

static bool shortest(double value, struct decimal *decimal) {
    (void)value;
    (void)decimal;
    return false;
}

#endif

/* "e-07" */
static size_t write_exponent(char *buffer, int exponent) {
    buffer[0] = 'e';
    buffer[1] = exponent < 0 ? '-' : '+';
    buffer[2] = (char)('0' + abs(exponent) / 10);
    buffer[3] = (char)('0' + abs(exponent) % 10);
    return 4;
}

/* As printf's %g would with that many digits, -100 < exponent < count. */
static size_t write_decimal(char *buffer, struct decimal decimal) {
    char digits[TEXT_NUMBER];
    for (; decimal.digits % 10 == 0; decimal.count--) {
        decimal.digits /= 10;
    }
    if (decimal.count == 0) { // rounded up to a power of ten
        decimal.count = 1;
        decimal.exponent++;
    }
    size_t count = (size_t)decimal.count, size = 0;
    for (size_t i = count; i-- > 0; decimal.digits /= 10) {
        digits[i] = (char)('0' + decimal.digits % 10);
    }
    bool scientific = decimal.exponent < -4;
    for (int zeros = decimal.exponent; !scientific && zeros < 0; zeros++) {
        buffer[size++] = '0';
        buffer[size] = '.';
        size += size == 1;
    }
    size_t before = scientific ? 1 : decimal.exponent < 0 ? 0 : (size_t)decimal.exponent + 1;
    for (size_t i = 0; i < count || i < before; i++) {
        if (i == before && before > 0) {
            buffer[size++] = '.';
        }
        buffer[size++] = i < count ? digits[i] : '0';
    }
    size += scientific ? write_exponent(buffer + size, decimal.exponent) : 0;
    buffer[size] = '\0';
    return size;
}

size_t text_number(char *buffer, double value) {
    if (value >= 0.0 && value < 1e15 && !signbit(value) && value == (double)(uint64_t)value) {
        return write_whole(buffer, (uint64_t)value);
    }
    if (!isfinite(value)) {
        text_set(buffer, TEXT_NUMBER, "%s",
                 isnan(value) ? "NaN"
                 : value > 0  ? "Infinity"
                              : "-Infinity");
        return strlen(buffer);
    }
    struct decimal decimal;
    double size = fabs(value);
    if (!(size >= 1e-37 && size < 1e14 && shortest(size, &decimal))) {
        return write_by_printf(buffer, value);
    }
    bool negative = value < 0.0;
    buffer[0] = '-';
    return negative + write_decimal(buffer + negative, decimal);
}
