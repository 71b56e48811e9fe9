/*
 * loops_math.h - exp, log and what is made of them, on a vector of this instruction set's width.
 *
 * Part of loops.c. Vector types, because the range checks become branches otherwise; with
 * ENGINE_DOUBLE the C library computes, so that every formula built on these functions exists once.
 * Polynomials are minimax fits of the given function, computed with mpmath; errors are those of
 * kernels.h.
 */
#ifndef ENGINE_LOOPS_MATH_H
#define ENGINE_LOOPS_MATH_H

#include <limits.h>
#include <math.h>
#include <string.h>

#include "engine/real.h"
#include "engine/vector.h"

#define GAUSS_END ((real)13.25)                 // e^(-z^2 / 2) is below FLT_MIN from there on
#define GAUSS_PEAK ((real)0.398942280401432678) // 1 / sqrt(2 pi), the normal density at 0

#ifdef ENGINE_DOUBLE

ALWAYS_INLINE vector pick(mask claim, vector yes, vector no) {
    return claim ? yes : no;
}

ALWAYS_INLINE vector size_of(vector x) {
    return fabs(x);
}

ALWAYS_INLINE vector at_least(real low, vector x) {
    return x < low ? low : x;
}

ALWAYS_INLINE vector at_most(real high, vector x) {
    return x > high ? high : x;
}

ALWAYS_INLINE vector root_of(vector x) {
    return sqrt(x);
}

ALWAYS_INLINE vector exp_of(vector x) {
    return exp(x);
}

ALWAYS_INLINE vector exp_minus_size(vector x) {
    return exp(-fabs(x));
}

ALWAYS_INLINE vector expm1_of(vector x) {
    return expm1(x);
}

ALWAYS_INLINE vector log1p_of(vector x) {
    return log1p(x);
}

ALWAYS_INLINE vector tanh_of(vector x) {
    return tanh(x);
}

/* E = e^(-z^2 / 2), and Q = Phi(-|z|), the smaller tail of the standard normal distribution. */
ALWAYS_INLINE void gauss_of(vector z, vector *E, vector *Q) {
    *E = exp(-0.5 * z * z);
    *Q = 0.5 * erfc(fabs(z) * 0.70710678118654752440);
}

#else

ALWAYS_INLINE vector pick(mask claim, vector yes, vector no) {
#if defined(__AVX512F__)
    return (vector)_mm512_mask_blend_ps(_mm512_movepi32_mask((__m512i)claim), (__m512)no,
                                        (__m512)yes);
#elif defined(__AVX2__)
    return (vector)_mm256_blendv_ps((__m256)no, (__m256)yes, (__m256)claim);
#else
    return (vector)(((mask)yes & claim) | ((mask)no & ~claim));
#endif
}

ALWAYS_INLINE vector size_of(vector x) {
    return (vector)((mask)x & 0x7fffffff);
}

/* x, but at least low or at most high; a NaN stays. */
ALWAYS_INLINE vector at_least(real low, vector x) {
    vector zero = { 0 };
#ifdef X86
    return (vector)X86(max_ps)(zero + low, x); // the second operand where one is NaN
#else
    return pick(x < low, zero + low, x);
#endif
}

ALWAYS_INLINE vector at_most(real high, vector x) {
    vector zero = { 0 };
#ifdef X86
    return (vector)X86(min_ps)(zero + high, x);
#else
    return pick(x > high, zero + high, x);
#endif
}

ALWAYS_INLINE vector root_of(vector x) {
#ifdef X86
    return (vector)X86(sqrt_ps)(x);
#else
    for (size_t j = 0; j < WIDE; j++) {
        x[j] = sqrtf(x[j]);
    }
    return x;
#endif
}

/*
 * x = n ln 2 + r with whole n and |r| <= ln 2 / 2, for |n| <= 2^21. Adding 1.5 x 2^23 rounds to a
 * whole number and leaves it in the low bits; ln 2 is in two parts, so that the first product is
 * exact. A NaN stays one in r.
 */
struct reduced {
    mask n;
    vector r;
};

ALWAYS_INLINE struct reduced reduce(vector x) {
    vector shifted = x * 1.44269504f + 12582912.0f;
    vector n = shifted - 12582912.0f;
    return (struct reduced){
        .n = (mask)shifted - 0x4b400000,
        .r = (x - n * 0.693145752f) - n * 1.42860677e-6f,
    };
}

ALWAYS_INLINE vector power_of_two(mask n) {
    return (vector)((n + 127) << 23);
}

/* (e^r - 1 - r) / r^2 for |r| <= ln 2 / 2 */
ALWAYS_INLINE vector exp_rest(vector r) {
    vector p = r * 0.00139345450f + 0.00836377684f;
    p = p * r + 0.0416664556f;
    p = p * r + 0.166665733f;
    return p * r + 0.5f;
}

ALWAYS_INLINE vector small_exp(vector r) {
    return (exp_rest(r) * r + 1.0f) * r + 1.0f;
}

ALWAYS_INLINE vector small_expm1(vector r) {
    return (exp_rest(r) * r) * r + r;
}

/* e^x = 2^n e^r; it overflows to infinity by itself and is zero below FLT_MIN. */
ALWAYS_INLINE vector exp_of(vector x) {
    struct reduced part = reduce(at_most(88.8f, at_least(-87.4f, x)));
    mask half = part.n >> 1; // in two factors, for n = 128 is beyond the exponent field
    vector y = small_exp(part.r) * power_of_two(half) * power_of_two(part.n - half);
    return pick(x < -87.33655f, (vector){ 0 }, y);
}

/* e^-|x| */
ALWAYS_INLINE vector exp_minus_size(vector x) {
    struct reduced part = reduce(at_least(-87.4f, (vector)((mask)x | INT_MIN)));
    return small_exp(part.r) * power_of_two(part.n);
}

/* e^x - 1 for x <= 0, as 2^n (e^r - 1) + (2^n - 1); it has reached -1 at -17.4. */
ALWAYS_INLINE vector expm1_of(vector x) {
    struct reduced part = reduce(at_least(-20.0f, x));
    vector scale = power_of_two(part.n);
    return small_expm1(part.r) * scale + (scale - 1.0f);
}

/* log(1 + x) = 2 atanh(s / 2) with s = 2 x / (2 + x), for 0 <= x <= 1. */
ALWAYS_INLINE vector log1p_of(vector x) {
    vector s = (x + x) / (2.0f + x), u = s * s;
    vector p = u * (0.280244656f / 512.0f) + 0.279991394f / 128.0f;
    p = p * u + 0.400216992f / 32.0f;
    p = p * u + 0.666664131f / 8.0f;
    return s + s * (u * p);
}

/* With E = e^(-2 |x|) - 1, which is exact to its last place near zero, -tanh |x| = E / (2 + E). */
ALWAYS_INLINE vector tanh_of(vector x) {
    vector E = expm1_of(2.0f * (vector)((mask)x | INT_MIN));
    vector minus = E / (2.0f + E);
    return (vector)((mask)minus ^ (~(mask)x & INT_MIN));
}

/* The square of x and what it lost in rounding. */
ALWAYS_INLINE vector square_of(vector x, vector *lost) {
    vector square = x * x;
#ifdef __FMA__
    *lost = (vector)X86(fmsub_ps)(x, x, square);
#else
    vector head = (vector)((mask)x & ~0xfff), tail = x - head; // head * head is exact
    *lost = (head * head - square) + tail * (x + head);
#endif
    return square;
}

/*
 * E = e^(-z^2 / 2) and Q = Phi(-|z|), the smaller tail of the standard normal distribution. Without
 * the lost part of the square Q would be 40 roundings off at |z| = 9. Q / E, Mills's ratio, is t
 * times a fit in t = 1 / (1 + 0.34375 |z|).
 */
ALWAYS_INLINE void gauss_of(vector z, vector *E, vector *Q) {
    vector size = at_most(GAUSS_END, size_of(z)); // there E and Q are zero
    vector lost;
    struct reduced part = reduce(-0.5f * square_of(size, &lost));
    *E = small_exp(part.r - 0.5f * lost) * power_of_two(part.n);
    vector t = 1.0f / (1.0f + 0.34375f * size);
    vector p = t * -0.0281489007f + 0.145409435f;
    p = p * t - 0.274748534f;
    p = p * t + 0.194173872f;
    p = p * t - 0.0414027721f;
    p = p * t + 0.11348623f;
    p = p * t + 0.11654491f;
    p = p * t + 0.137567431f;
    p = p * t + 0.137118325f;
    *Q = *E * (p * t);
}

#endif

/* With t = e^-|x|: t / (1 + t) below zero, 1 / (1 + t) above. */
ALWAYS_INLINE vector sigmoid_of(vector x) {
    vector zero = { 0 };
    vector t = exp_minus_size(x);
    return pick(x < 0, t, zero + 1) / (1 + t);
}

/* The smaller or larger of x and y; y where x is a NaN. */
ALWAYS_INLINE vector smaller_of(vector x, vector y) {
#ifdef X86
    return (vector)X86(min_ps)(x, y);
#else
    return pick(x < y, x, y);
#endif
}

ALWAYS_INLINE vector larger_of(vector x, vector y) {
#ifdef X86
    return (vector)X86(max_ps)(x, y);
#else
    return pick(x > y, x, y);
#endif
}

/*
 * The first count entries at x, zeros behind them; where count is WIDE, a constant, one
 * instruction.
 */
ALWAYS_INLINE vector load(const real *x, size_t count) {
    vector v = { 0 };
#ifdef MASKED
    if (!__builtin_constant_p(count)) {
        return (vector)_mm512_maskz_loadu_ps(MASKED(count), x);
    }
#endif
    memcpy(&v, x, count * sizeof *x);
    return v;
}

ALWAYS_INLINE void store(vector v, real *y, size_t count) {
#ifdef MASKED
    if (!__builtin_constant_p(count)) {
        _mm512_mask_storeu_ps(y, MASKED(count), (__m512)v);
        return;
    }
#endif
    memcpy(y, &v, count * sizeof *y);
}

/* The first count entries of v, zeros behind them. */
ALWAYS_INLINE vector first_of(vector v, size_t count) {
#ifdef MASKED
    return (vector)_mm512_maskz_mov_ps(MASKED(count), (__m512)v);
#else
    vector first = { 0 };
    memcpy(&first, &v, count * sizeof(real));
    return first;
#endif
}

/* y = f(x); a constant f is inlined. */
typedef vector vector_function(vector x);

ALWAYS_INLINE void each(vector_function *f, const real *x, real *y, size_t n) {
    size_t i = 0;
    for (; i + WIDE <= n; i += WIDE) {
        store(f(load(x + i, WIDE)), y + i, WIDE);
    }
    if (i < n) {
        store(f(load(x + i, n - i)), y + i, n - i);
    }
}

/* y = f(a, b, c) */
typedef vector vector_function_of_three(vector a, vector b, vector c);

ALWAYS_INLINE void each_of_three(vector_function_of_three *f, const real *a, const real *b,
                                 const real *c, real *y, size_t n) {
    size_t i = 0;
    for (; i + WIDE <= n; i += WIDE) {
        store(f(load(a + i, WIDE), load(b + i, WIDE), load(c + i, WIDE)), y + i, WIDE);
    }
    if (i < n) {
        store(f(load(a + i, n - i), load(b + i, n - i), load(c + i, n - i)), y + i, n - i);
    }
}

#endif
