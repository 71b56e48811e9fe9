/*
 * loops.c - the bodies of kernels.h, compiled once per instruction set as LOOPS_NAME.
 *
 * What the compiler vectorises by itself is a plain loop; the functions of loops_math.h and the
 * activations of loops_activation.h use vector types.
 */
#include <math.h>
#include <string.h>

#include "engine/kernels.h"
#include "engine/loops_activation.h"
#include "engine/loops_layer.h"
#include "engine/loops_math.h"
#include "engine/loops_sums.h"
#ifdef MASKED
#include "engine/loops_tiny.h"
#endif
#include "engine/loops_update.h"

static void exp_loop(const real *x, real *y, size_t n) {
    each(exp_of, x, y, n);
}

static void add_row_loop(real *x, const real *b, size_t rows, size_t columns) {
    for (size_t i = 0; i < rows; i++) {
        real *restrict row = x + i * columns;
        for (size_t j = 0; j < columns; j++) {
            row[j] += b[j];
        }
    }
}

static void column_sums_loop(const real *x, size_t rows, size_t columns, real scale,
                             real *restrict out) {
    memset(out, 0, columns * sizeof *out);
    for (size_t i = 0; i < rows; i++) {
        const real *row = x + i * columns;
        for (size_t j = 0; j < columns; j++) {
            out[j] += row[j];
        }
    }
    for (size_t j = 0; j < columns; j++) {
        out[j] *= scale;
    }
}

static size_t count_outside_loop(const real *x, size_t n, real low, real high) {
    size_t outside = 0;
    for (size_t i = 0; i < n; i++) {
        outside += (x[i] < low) | (x[i] > high);
    }
    return outside;
}

#ifndef ENGINE_DOUBLE

ALWAYS_INLINE mask load_mask(const float *x, size_t count) {
    mask bits = { 0 };
    memcpy(&bits, x, count * sizeof *x);
    return bits;
}

ALWAYS_INLINE mask choose(mask claim, mask yes, mask no) {
    return (yes & claim) | (no & ~claim);
}

ALWAYS_INLINE void store_buckets(mask bucket, uint16_t *out, size_t count) {
    typedef uint16_t narrow __attribute__((vector_size(VECTOR_BYTES / 2)));
    narrow small = __builtin_convertvector(bucket, narrow);
    memcpy(out, &small, count * sizeof *out);
}

/*
 * Multiplying by a power of two and the floor are exact, so a value is never in a wrong bin. Where
 * the product underflows, the value's own sign says on which side of zero it lies.
 */
ALWAYS_INLINE mask linear_bucket(mask bits, float inverse, int first, int count) {
    vector f = (vector)bits * inverse, zero = { 0 };
    vector bounded = pick(f < 1e9f, f, zero + 1e9f); // a NaN, too, until the end
    bounded = pick(bounded > -1e9f, bounded, zero - 1e9f);
    mask bin = __builtin_convertvector(bounded, mask);
    bin += __builtin_convertvector(bin, vector) > bounded; // a true comparison is -1
    mask size = bits & 0x7fffffff;
    mask lost = (size >= 0x800000) & (f == 0.0f);
    bin += lost & (bits < 0);
    bin -= first;
    bin += (f == (float)(first + count)) & ~lost; // the upper edge belongs to the last bin
    mask none = { 0 };
    bin = choose(bin < 0, none + count + BUCKET_BELOW,
                 choose(bin >= count, none + count + BUCKET_ABOVE, bin));
    bin = choose(size == 0x7f800000, none + count + BUCKET_INF, bin);
    return choose(size > 0x7f800000, none + count + BUCKET_NAN, bin);
}

ALWAYS_INLINE void store_linear(const float *x, float inverse, int first, int count,
                                uint16_t *bucket, size_t n) {
    store_buckets(linear_bucket(load_mask(x, n), inverse, first, count), bucket, n);
}

/* Whole numbers below x, or what is in no bin where there are none. */
ALWAYS_INLINE mask floor_of(vector x) {
#if defined(__AVX512F__)
    return (mask)_mm512_cvt_roundps_epi32((__m512)x, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
#elif defined(__AVX2__)
    return (mask)_mm256_cvttps_epi32(_mm256_floor_ps((__m256)x));
#elif defined(__SSE2__)
    mask whole = (mask)_mm_cvttps_epi32((__m128)x);
    return whole + (__builtin_convertvector(whole, vector) > x);
#else
    vector bounded = pick(x < 1e9f, x, (vector){ 0 } + 1e9f);
    bounded = pick(bounded > -1e9f, bounded, (vector){ 0 } - 1e9f);
    mask whole = __builtin_convertvector(bounded, mask);
    return whole + (__builtin_convertvector(whole, vector) > bounded);
#endif
}

typedef unsigned places __attribute__((vector_size(VECTOR_BYTES)));

ALWAYS_INLINE bool all_below(places bin, unsigned count) {
#if defined(__AVX512F__)
    return _mm512_cmplt_epu32_mask((__m512i)bin, _mm512_set1_epi32((int)count)) == 0xffff;
#else
    mask inside = bin < count;
#if defined(__AVX2__)
    return _mm256_movemask_ps((__m256)inside) == 0xff;
#elif defined(__SSE2__)
    return _mm_movemask_ps((__m128)inside) == 0xf;
#else
    bool all = true;
    for (size_t j = 0; j < WIDE; j++) {
        all &= inside[j] != 0;
    }
    return all;
#endif
#endif
}

/* Most values are in a bin for sure; only where they are not, and near its edges, is it difficult.
 */
static void linear_bins_loop(const float *x, size_t n, float inverse, int first, int count,
                             uint16_t *bucket) {
    size_t i = 0;
    for (; i + WIDE <= n; i += WIDE) {
        places bin = (places)floor_of(load(x + i, WIDE) * inverse) - (unsigned)first;
        if (inverse >= 1.0f && all_below(bin, (unsigned)count)) {
            store_buckets((mask)bin, bucket + i, WIDE);
        } else {
            store_linear(x + i, inverse, first, count, bucket + i, WIDE);
        }
    }
    store_linear(x + i, inverse, first, count, bucket + i, n - i);
}

/* The exponent counts octaves; the mantissa is above sqrt 2 from 0x3504f4 on. */
ALWAYS_INLINE mask octave_bucket(mask bits) {
    mask size = bits & 0x7fffffff, none = { 0 };
    mask bin = 2 * ((size >> 23) - 1) - ((size & 0x7fffff) >= 0x3504f4);
    bin = choose(size < 0x800000, none + KERNEL_OCTAVE_BINS + BUCKET_ZERO, bin);
    bin = choose(size == 0x7f800000, none + KERNEL_OCTAVE_BINS + BUCKET_INF, bin);
    return choose(size > 0x7f800000, none + KERNEL_OCTAVE_BINS + BUCKET_NAN, bin);
}

static void octave_bins_loop(const float *x, size_t n, uint16_t *bucket) {
    size_t i = 0;
    for (; i + WIDE <= n; i += WIDE) {
        store_buckets(octave_bucket(load_mask(x + i, WIDE)), bucket + i, WIDE);
    }
    store_buckets(octave_bucket(load_mask(x + i, n - i)), bucket + i, n - i);
}

#endif

#ifdef TILES_NAME
extern const struct tile_kernels TILES_NAME;
#endif
extern const struct small_kernels SMALL_NAME;
extern const struct kernels LOOPS_NAME;
const struct kernels LOOPS_NAME = {
    .name = LOOPS_LABEL,
    .exp = exp_loop,
    .sigmoid = sigmoid_loop,
    .activation = { ACTIVATION_LIST(ACTIVATION_KERNELS) },
    .sloped = sloped_loop,
    .sloped_back = sloped_back_loop,
    .slope_gradient = slope_gradient_loop,
    .maxout = maxout_loop,
    .maxout_back = maxout_back_loop,
    .add_scaled = add_scaled_loop,
    .scaled_sum = scaled_sum_loop,
    .dot = dot_loop,
    .masked = masked_loop,
    .draw_mask = draw_mask_loop,
    .add_row = add_row_loop,
    .column_sums = column_sums_loop,
    .sum = sum_loop,
    .sum_squares = sum_squares_loop,
    .pass_sums = pass_sums_loop,
    .spread = spread_loop,
    .count_outside = count_outside_loop,
#ifndef ENGINE_DOUBLE
    .linear_bins = linear_bins_loop,
    .octave_bins = octave_bins_loop,
#endif
#ifdef TILES_NAME
    .tiles = &TILES_NAME,
#endif
    .small = &SMALL_NAME,
#ifdef MASKED
    .tiny = &tiny_kernels,
#endif
#define OPTIMISER_ROW(which, name) .apply[which] = name##_apply, .preview[which] = name##_preview
    OPTIMISER_ROW(OPTIMISER_SGD, sgd),
    OPTIMISER_ROW(OPTIMISER_MOMENTUM, momentum),
    OPTIMISER_ROW(OPTIMISER_NESTEROV, nesterov),
    OPTIMISER_ROW(OPTIMISER_ADAGRAD, adagrad),
    OPTIMISER_ROW(OPTIMISER_ADADELTA, adadelta),
    OPTIMISER_ROW(OPTIMISER_RMSPROP, rmsprop),
    OPTIMISER_ROW(OPTIMISER_ADAM, adam),
    OPTIMISER_ROW(OPTIMISER_ADAMW, adam),
};
