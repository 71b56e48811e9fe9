/*
 * loops_sums.h - sums in double over LANES fixed lanes: entry i belongs to lane i mod LANES,
 * whatever the width of a vector. Part of loops.c.
 *
 * Arrays are taken LANES entries at a time, as PARTS vectors; the lanes stay in registers.
 */
#ifndef ENGINE_LOOPS_SUMS_H
#define ENGINE_LOOPS_SUMS_H

#include "engine/kernels.h"
#include "engine/loops_math.h"

enum { LANES = KERNEL_LANES, PARTS = LANES / WIDE };

#ifdef ENGINE_DOUBLE

typedef double doubles;
enum { HALVES = 1 }; // doubles that a vector widens to

ALWAYS_INLINE void widen(vector x, doubles out[HALVES]) {
    out[0] = x;
}

#else

typedef double doubles __attribute__((vector_size(VECTOR_BYTES)));
enum { HALVES = 2 };

// The compiler's own conversion of a vector goes piece by piece.
ALWAYS_INLINE void widen(vector x, doubles out[HALVES]) {
#if defined(__AVX512F__)
    out[0] = (doubles)_mm512_cvtps_pd(_mm512_castps512_ps256((__m512)x));
    out[1] = (doubles)_mm512_cvtps_pd(_mm512_extractf32x8_ps((__m512)x, 1));
#elif defined(__AVX2__)
    out[0] = (doubles)_mm256_cvtps_pd(_mm256_castps256_ps128((__m256)x));
    out[1] = (doubles)_mm256_cvtps_pd(_mm256_extractf128_ps((__m256)x, 1));
#elif defined(__SSE2__)
    out[0] = (doubles)_mm_cvtps_pd((__m128)x);
    out[1] = (doubles)_mm_cvtps_pd(_mm_movehl_ps((__m128)x, (__m128)x));
#else
    enum { SIDE = WIDE / 2 };
    for (size_t j = 0; j < WIDE; j++) {
        out[j / SIDE][j % SIDE] = (double)x[j];
    }
#endif
}

#endif

enum { PIECES = PARTS * HALVES, PIECE = LANES / PIECES };

struct lanes {
    doubles piece[PIECES];
};

/* Add x, or its squares, to the lanes of part `part`, a constant. */
ALWAYS_INLINE void lanes_add(struct lanes *sum, size_t part, vector x) {
    doubles wide[HALVES];
    widen(x, wide);
    UNROLL for (size_t k = 0; k < HALVES; k++) {
        sum->piece[part * HALVES + k] += wide[k];
    }
}

ALWAYS_INLINE void lanes_add_squares(struct lanes *sum, size_t part, vector x) {
    doubles wide[HALVES];
    widen(x, wide);
    UNROLL for (size_t k = 0; k < HALVES; k++) {
        sum->piece[part * HALVES + k] += wide[k] * wide[k];
    }
}

/* In pairs: a fixed order, whose additions need not wait for each other. */
ALWAYS_INLINE double lanes_total(struct lanes sum) {
    UNROLL for (size_t half_of = PIECES / 2; half_of > 0; half_of /= 2) {
        UNROLL for (size_t k = 0; k < half_of; k++) {
            sum.piece[k] += sum.piece[k + half_of];
        }
    }
#ifdef MASKED
    __m512d all = (__m512d)sum.piece[0];
    __m256d four = _mm256_add_pd(_mm512_castpd512_pd256(all), _mm512_extractf64x4_pd(all, 1));
    __m128d two = _mm_add_pd(_mm256_castpd256_pd128(four), _mm256_extractf128_pd(four, 1));
    return two[0] + two[1];
#else
    double lane[PIECE];
    memcpy(lane, &sum.piece[0], sizeof lane);
    for (size_t half_of = PIECE / 2; half_of > 0; half_of /= 2) {
        for (size_t k = 0; k < half_of; k++) {
            lane[k] += lane[k + half_of];
        }
    }
    return lane[0];
#endif
}

/*
 * What is done with entries at..at + count - 1 of some arrays, which are in part `part`; count is
 * WIDE, a constant, but at their end. The context is what the body reads and sums up.
 */
typedef void part_body(void *context, size_t at, size_t part, size_t count);

/* All entries of arrays of n; a constant body is inlined. */
ALWAYS_INLINE void each_part(part_body *body, void *context, size_t n) {
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        UNROLL for (size_t part = 0; part < PARTS; part++) {
            body(context, i + part * WIDE, part, WIDE);
        }
    }
    UNROLL for (size_t part = 0; part < PARTS; part++) {
        size_t at = i + part * WIDE;
        if (at + WIDE <= n) {
            body(context, at, part, WIDE);
        } else if (at < n) {
            body(context, at, part, n - at);
        }
    }
}

struct sum_pass {
    const real *x, *y;
    struct lanes sum;
};

ALWAYS_INLINE void sum_part(void *context, size_t at, size_t part, size_t count) {
    struct sum_pass *pass = context;
    lanes_add(&pass->sum, part, load(pass->x + at, count));
}

static double sum_loop(const real *x, size_t n) {
    struct sum_pass pass = { .x = x };
    each_part(sum_part, &pass, n);
    return lanes_total(pass.sum);
}

ALWAYS_INLINE void squares_part(void *context, size_t at, size_t part, size_t count) {
    struct sum_pass *pass = context;
    lanes_add_squares(&pass->sum, part, load(pass->x + at, count));
}

static double sum_squares_loop(const real *x, size_t n) {
    struct sum_pass pass = { .x = x };
    each_part(squares_part, &pass, n);
    return lanes_total(pass.sum);
}

ALWAYS_INLINE void dot_part(void *context, size_t at, size_t part, size_t count) {
    struct sum_pass *pass = context;
    doubles x[HALVES], y[HALVES];
    widen(load(pass->x + at, count), x);
    widen(load(pass->y + at, count), y);
    UNROLL for (size_t k = 0; k < HALVES; k++) {
        pass->sum.piece[part * HALVES + k] += x[k] * y[k];
    }
}

static double dot_loop(const real *a, const real *b, size_t n) {
    struct sum_pass pass = { .x = a, .y = b };
    each_part(dot_part, &pass, n);
    return lanes_total(pass.sum);
}

/* Of z and of h = phi(z). */
struct forward_pass {
    const real *z;
    real *h;
    struct lanes sum_z, sum_h, squares;
};

ALWAYS_INLINE void add_forward(struct forward_pass *pass, size_t part, vector z, vector h) {
    lanes_add(&pass->sum_z, part, z);
    lanes_add(&pass->sum_h, part, h);
    lanes_add_squares(&pass->squares, part, h);
}

ALWAYS_INLINE struct pass_sums forward_sums(const struct forward_pass *pass) {
    return (struct pass_sums){ lanes_total(pass->sum_z), lanes_total(pass->sum_h),
                               lanes_total(pass->squares) };
}

ALWAYS_INLINE void pass_sums_part(void *context, size_t at, size_t part, size_t count) {
    struct forward_pass *pass = context;
    add_forward(pass, part, load(pass->z + at, count), load(pass->h + at, count));
}

static struct pass_sums pass_sums_loop(const real *z, const real *h, size_t n) {
    struct forward_pass pass = { .z = z, .h = (real *)h };
    each_part(pass_sums_part, &pass, n);
    return forward_sums(&pass);
}

static struct spread spread_loop(const real *x, size_t n, real pivot) {
    struct lanes sum = { 0 }, squares = { 0 };
    vector none = { 0 };
    vector min = none + (real)INFINITY, max = none - (real)INFINITY;
    mask zero = { 0 }; // how many each lane has seen; a true comparison of vectors is -1
    struct spread all = { .min = (real)INFINITY, .max = -(real)INFINITY };
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        UNROLL for (size_t part = 0; part < PARTS; part++) {
            vector value = load(x + i + part * WIDE, WIDE);
            doubles wide[HALVES];
            widen(value, wide);
            UNROLL for (size_t k = 0; k < HALVES; k++) {
                doubles d = wide[k] - (double)pivot;
                sum.piece[part * HALVES + k] += d;
                squares.piece[part * HALVES + k] += d * d;
            }
            min = smaller_of(value, min);
            max = larger_of(value, max);
#ifdef MASKED
            all.zero +=
                (size_t)_mm_popcnt_u32(_mm512_cmpeq_ps_mask((__m512)value, _mm512_setzero_ps()));
#else
            zero += value == 0;
#endif
        }
    }
    all.sum = lanes_total(sum);
    all.squares = lanes_total(squares);
    real lows[WIDE], highs[WIDE];
    int zeros[WIDE];
    store(min, lows, WIDE);
    store(max, highs, WIDE);
    memcpy(zeros, &zero, sizeof zeros);
    for (size_t j = 0; j < WIDE; j++) {
        all.min = lows[j] < all.min ? lows[j] : all.min;
        all.max = highs[j] > all.max ? highs[j] : all.max;
        all.zero += (size_t)(zeros[j] < 0 ? -zeros[j] : zeros[j]);
    }
    for (; i < n; i++) {
        double d = (double)x[i] - (double)pivot;
        all.sum += d;
        all.squares += d * d;
        all.min = x[i] < all.min ? x[i] : all.min;
        all.max = x[i] > all.max ? x[i] : all.max;
        all.zero += x[i] == 0;
    }
    return all;
}

#endif
