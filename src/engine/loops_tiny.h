/*
 * loops_tiny.h - the bodies of tiny.h for AVX-512. Part of loops.c.
 *
 * A vector holds two rows of a matrix, one in each half, if they are `paired`: where they have at
 * most SIDE entries. Else it holds one. Lanes without an entry are zero.
 */
#ifndef ENGINE_LOOPS_TINY_H
#define ENGINE_LOOPS_TINY_H

#include "engine/loops_activation.h"
#include "engine/tiny.h"

enum { SIDE = WIDE / 2 };

/* The lanes of a row of `wide` entries, and of the next one if it is there. */
struct lanes_of {
    __mmask16 first, second, both;
};

ALWAYS_INLINE struct lanes_of lanes_of(bool paired, size_t wide, size_t rows) {
    __mmask16 first = MASKED(wide);
    __mmask16 second = paired && rows > 1 ? (__mmask16)(first << SIDE) : 0;
    return (struct lanes_of){ first, second, (__mmask16)(first | second) };
}

/* Rows `wide` apart; what lane 0 would be of a row in the upper half lies SIDE before its start. */
ALWAYS_INLINE vector load_rows(bool paired, struct lanes_of lanes, const real *x, size_t wide) {
    __m512 rows = _mm512_maskz_loadu_ps(lanes.first, x);
    return (vector)(paired ? _mm512_mask_loadu_ps(rows, lanes.second, x + wide - SIDE) : rows);
}

ALWAYS_INLINE void store_rows(bool paired, struct lanes_of lanes, vector rows, real *x,
                              size_t wide) {
    _mm512_mask_storeu_ps(x, lanes.first, (__m512)rows);
    if (paired) {
        _mm512_mask_storeu_ps(x + wide - SIDE, lanes.second, (__m512)rows);
    }
}

/* One row, in both halves where rows are paired. */
ALWAYS_INLINE vector load_same(bool paired, struct lanes_of lanes, const real *x) {
    if (paired) {
        __m256 row = _mm256_maskz_loadu_ps((__mmask8)lanes.first, x);
        return (vector)_mm512_broadcast_f32x8(row);
    }
    return (vector)_mm512_maskz_loadu_ps(lanes.first, x);
}

/* first everywhere, but second in the upper half where there are two rows. */
ALWAYS_INLINE vector spread_entries(bool paired, const real *first, const real *second) {
    __m512 all = _mm512_set1_ps(*first);
    return (vector)(paired ? _mm512_mask_broadcastss_ps(all, 0xff00, _mm_load_ss(second)) : all);
}

/* sum + row[0] b[0] + row[1] b[1] + ... */
ALWAYS_INLINE vector add_products(bool paired, vector sum, const real *row, const real *next,
                                  const vector *b, size_t n) {
    for (size_t t = 0; t < n; t++) {
        sum += spread_entries(paired, row + t, next + t) * b[t];
    }
    return sum;
}

ALWAYS_INLINE struct pass_sums tiny_forward(vector_function *f, bool paired,
                                            const struct tiny_layer *layer) {
    size_t in = layer->in, out = layer->out, step = paired ? 2 : 1;
    struct forward_pass pass = { .z = layer->z };
    struct lanes_of lanes = lanes_of(paired, out, 2);
    vector W[TINY_WIDTH], b = load_same(paired, lanes, layer->b);
    for (size_t t = 0; t < in; t++) {
        W[t] = load_same(paired, lanes, layer->W + t * out);
    }
    for (size_t r = 0; r < layer->batch; r += step) {
        lanes = lanes_of(paired, out, layer->batch - r);
        const real *row = layer->input + r * in, *next = lanes.second ? row + in : row;
        vector z = add_products(paired, b, row, next, W, in);
        vector h = f(z);
        store_rows(paired, lanes, z, layer->z + r * out, out);
        store_rows(paired, lanes, h, layer->h + r * out, out);
        add_forward(&pass, 0, (vector)_mm512_maskz_mov_ps(lanes.both, (__m512)z),
                    (vector)_mm512_maskz_mov_ps(lanes.both, (__m512)h));
    }
    return forward_sums(&pass);
}

/* The columns of W (in, out), each of them one row in both halves where rows are paired. */
ALWAYS_INLINE void tiny_columns(bool paired, struct lanes_of lanes, const real *W, size_t in,
                                size_t out, vector *columns) {
    __m512i lane = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    if (paired) {
        lane = _mm512_and_epi32(lane, _mm512_set1_epi32(SIDE - 1));
    }
    __m512i from = _mm512_mullo_epi32(lane, _mm512_set1_epi32((int)out));
    size_t n = in * out;
    if (n <= 2 * WIDE) {
        __m512 low = _mm512_maskz_loadu_ps(n < WIDE ? MASKED(n) : 0xffff, W);
        __m512 high = _mm512_maskz_loadu_ps(n > WIDE ? MASKED(n - WIDE) : 0, W + WIDE);
        for (size_t j = 0; j < out; j++) {
            columns[j] = (vector)_mm512_maskz_permutex2var_ps(lanes.both, low, from, high);
            from = _mm512_add_epi32(from, _mm512_set1_epi32(1));
        }
        return;
    }
    for (size_t j = 0; j < out; j++) {
        columns[j] = (vector)_mm512_mask_i32gather_ps(_mm512_setzero_ps(), lanes.both, from, W + j,
                                                      sizeof(real));
    }
}

ALWAYS_INLINE struct slope_sums tiny_backward(vector_function_of_three *f, bool paired,
                                              const struct tiny_layer *layer,
                                              const struct tiny_layer *below) {
    size_t in = layer->in, out = layer->out, step = paired ? 2 : 1;
    struct lanes before = { 0 }, after = { 0 };
    struct lanes_of lanes = lanes_of(paired, in, 2);
    vector columns[TINY_WIDTH];
    tiny_columns(paired, lanes, layer->W, in, out, columns);
    for (size_t r = 0; r < layer->batch; r += step) {
        lanes = lanes_of(paired, in, layer->batch - r);
        const real *row = layer->delta + r * out, *next = lanes.second ? row + out : row;
        vector g = add_products(paired, (vector){ 0 }, row, next, columns, out);
        g = (vector)_mm512_maskz_mov_ps(lanes.both, (__m512)g);
        vector z = load_rows(paired, lanes, below->z + r * in, in);
        vector h = load_rows(paired, lanes, below->h + r * in, in), delta = f(z, h, g);
        store_rows(paired, lanes, delta, below->delta + r * in, in);
        lanes_add_squares(&before, 0, g);
        lanes_add_squares(&after, 0, delta);
    }
    return (struct slope_sums){ lanes_total(before), lanes_total(after) };
}

ALWAYS_INLINE void gradient_of(bool paired, const struct tiny_layer *layer, real scale, real *dW,
                               real *db) {
    size_t in = layer->in, out = layer->out, step = paired ? 2 : 1;
    struct lanes_of lanes = lanes_of(paired, out, 2);
    vector all = { 0 };
    for (size_t r = 0; r < layer->batch; r++) {
        all += load_same(paired, lanes, layer->delta + r * out);
    }
    store(all * scale, db, out);
    for (size_t i = 0; i < in; i += step) {
        lanes = lanes_of(paired, out, in - i);
        const real *h = layer->input + i, *next = lanes.second ? h + 1 : h;
        vector sum = { 0 };
        for (size_t r = 0; r < layer->batch; r++) {
            sum += spread_entries(paired, h + r * in, next + r * in) *
                   load_same(paired, lanes, layer->delta + r * out);
        }
        store_rows(paired, lanes, sum * scale, dW + i * out, out);
    }
}

static void tiny_gradient(const struct tiny_layer *layer, real scale, real *dW, real *db) {
    if (layer->out <= SIDE) {
        gradient_of(true, layer, scale, dW, db);
    } else {
        gradient_of(false, layer, scale, dW, db);
    }
}

#define TINY_LOOPS(which, name)                                                                    \
    static struct pass_sums name##_tiny(const struct tiny_layer *layer) {                          \
        return layer->out <= SIDE ? tiny_forward(name##_of, true, layer)                           \
                                  : tiny_forward(name##_of, false, layer);                         \
    }                                                                                              \
    static struct slope_sums name##_back_tiny(const struct tiny_layer *layer,                      \
                                              const struct tiny_layer *below) {                    \
        return layer->in <= SIDE ? tiny_backward(name##_back, true, layer, below)                  \
                                 : tiny_backward(name##_back, false, layer, below);                \
    }

ACTIVATION_LIST(TINY_LOOPS)

#define TINY_FORWARD(which, name) [which] = name##_tiny,
#define TINY_BACKWARD(which, name) [which] = name##_back_tiny,

static const struct tiny_kernels tiny_kernels = {
    .forward = { ACTIVATION_LIST(TINY_FORWARD) },
    .backward = { ACTIVATION_LIST(TINY_BACKWARD) },
    .gradient = tiny_gradient,
};

#endif
