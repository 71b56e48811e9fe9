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

/* Rows of a matrix as vectors, as long as they are so few: one layer's results are the next one's
 * inputs without a way through memory. */
enum { TINY_VECTORS = 16 };

ALWAYS_INLINE bool are_few(bool paired, size_t rows) {
    return rows <= (paired ? 2 * TINY_VECTORS : TINY_VECTORS);
}

/* Where entry t of the row that each lane belongs to is, if rows are paired. */
#define SIDES(low, high)                                                                           \
    { low, low, low, low, low, low, low, low, high, high, high, high, high, high, high, high }
static const mask entries_of_pair[SIDE] = {
    SIDES(0, 8),  SIDES(1, 9),  SIDES(2, 10), SIDES(3, 11),
    SIDES(4, 12), SIDES(5, 13), SIDES(6, 14), SIDES(7, 15),
};
#undef SIDES

/* Some vectors of rows at a time, whose sums need not wait for each other. */
enum { TINY_GROUP = 2 };

struct tiny_group {
    struct lanes_of lanes[TINY_GROUP]; // of the results
    const vector *kept;                // the rows that are multiplied; or NULL, where they are
    const real *row[TINY_GROUP], *next[TINY_GROUP];
};

/* `vectors` of them, the first of which has row r; results have `wide` entries, rows in `rows`. */
ALWAYS_INLINE struct tiny_group group_at(bool paired, size_t vectors, size_t r, size_t batch,
                                         size_t wide, const vector *kept, const real *rows,
                                         size_t row_wide) {
    size_t step = paired ? 2 : 1;
    struct tiny_group group = { .kept = kept ? kept + r / step : NULL };
    UNROLL for (size_t v = 0; v < vectors; v++) {
        group.lanes[v] = lanes_of(paired, wide, batch - r - v * step);
        group.row[v] = rows + (r + v * step) * row_wide;
        group.next[v] = group.lanes[v].second ? group.row[v] + row_wide : group.row[v];
    }
    return group;
}

/* sums + row[0] b[0] + row[1] b[1] + ... */
ALWAYS_INLINE void add_products(bool paired, size_t vectors, const struct tiny_group *group,
                                const vector *b, size_t n, vector sums[TINY_GROUP]) {
    if (!group->kept) {
        for (size_t t = 0; t < n; t++) {
            UNROLL for (size_t v = 0; v < vectors; v++) {
                sums[v] += spread_entries(paired, group->row[v] + t, group->next[v] + t) * b[t];
            }
        }
        return;
    }
    vector rows[TINY_GROUP];
    UNROLL for (size_t v = 0; v < vectors; v++) {
        rows[v] = group->kept[v];
    }
    for (size_t t = 0; t < n; t++) {
        __m512i entry = paired ? (__m512i)entries_of_pair[t] : _mm512_set1_epi32((int)t);
        UNROLL for (size_t v = 0; v < vectors; v++) {
            sums[v] += (vector)_mm512_permutexvar_ps(entry, (__m512)rows[v]) * b[t];
        }
    }
}

struct tiny_forward_layer {
    const struct tiny_layer *layer;
    size_t batch;
    const vector *W; // its rows
    vector b, start;
    const vector *inputs; // kept, or NULL
    vector *kept;         // room for h, or NULL
    struct forward_pass pass;
};

ALWAYS_INLINE void forward_group(vector_function *f, bool paired, size_t vectors, size_t r,
                                 struct tiny_forward_layer *at) {
    const struct tiny_layer *layer = at->layer;
    size_t in = layer->in, out = layer->out, step = paired ? 2 : 1;
    struct tiny_group group =
        group_at(paired, vectors, r, at->batch, out, at->inputs, layer->input, in);
    vector z[TINY_GROUP];
    UNROLL for (size_t v = 0; v < vectors; v++) {
        z[v] = at->start;
    }
    add_products(paired, vectors, &group, at->W, in, z);
    UNROLL for (size_t v = 0; v < vectors; v++) {
        struct lanes_of lanes = group.lanes[v];
        size_t first = (r + v * step) * out;
        z[v] = layer->bias_last ? z[v] + at->b : z[v];
        vector h = f(z[v]);
        if (at->kept) {
            at->kept[r / step + v] = h;
        }
        store_rows(paired, lanes, z[v], layer->z + first, out);
        store_rows(paired, lanes, h, layer->h + first, out);
        add_forward(&at->pass, 0, (vector)_mm512_maskz_mov_ps(lanes.both, (__m512)z[v]),
                    (vector)_mm512_maskz_mov_ps(lanes.both, (__m512)h));
    }
}

/* kept: the inputs, if `chained`, and then h. */
ALWAYS_INLINE struct pass_sums forward_layer(vector_function *f, bool paired, bool chained,
                                             const struct tiny_layer *layer, size_t batch,
                                             vector kept[TINY_VECTORS]) {
    size_t step = paired ? 2 : 1, r = 0;
    struct lanes_of lanes = lanes_of(paired, layer->out, 2);
    vector W[TINY_WIDTH];
    struct tiny_forward_layer at = { .layer = layer,
                                     .batch = batch,
                                     .W = W,
                                     .b = load_same(paired, lanes, layer->b),
                                     .inputs = chained ? kept : NULL,
                                     .kept = are_few(paired, batch) ? kept : NULL };
    at.start = layer->bias_last ? (vector){ 0 } : at.b;
    for (size_t t = 0; t < layer->in; t++) {
        W[t] = load_same(paired, lanes, layer->W + t * layer->out);
    }
    for (; r + (TINY_GROUP - 1) * step < batch; r += TINY_GROUP * step) {
        forward_group(f, paired, TINY_GROUP, r, &at);
    }
    for (; r < batch; r += step) {
        forward_group(f, paired, 1, r, &at);
    }
    return forward_sums(&at.pass);
}

ALWAYS_INLINE void tiny_forward(vector_function *f, const struct tiny_layer *layers, size_t count,
                                size_t batch, struct pass_sums *sums) {
    vector kept[TINY_VECTORS];
    for (size_t l = 0; l < count; l++) {
        const struct tiny_layer *layer = &layers[l];
        bool paired = layer->out <= SIDE;
        bool chained = l > 0 && are_few(paired, batch) && (layer->in <= SIDE) == paired;
        if (paired) {
            sums[l] = chained ? forward_layer(f, true, true, layer, batch, kept)
                              : forward_layer(f, true, false, layer, batch, kept);
        } else {
            sums[l] = chained ? forward_layer(f, false, true, layer, batch, kept)
                              : forward_layer(f, false, false, layer, batch, kept);
        }
    }
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
    if (n > 4 * WIDE) {
        for (size_t j = 0; j < out; j++) {
            columns[j] = (vector)_mm512_mask_i32gather_ps(_mm512_setzero_ps(), lanes.both, from,
                                                          W + j, sizeof(real));
        }
        return;
    }
    __m512 part[4];
    UNROLL for (size_t k = 0; k < 4; k++) {
        size_t first = k * WIDE;
        part[k] = _mm512_maskz_loadu_ps(n >= first + WIDE ? 0xffff
                                        : n > first       ? MASKED(n - first)
                                                          : 0,
                                        W + first);
    }
    for (size_t j = 0; j < out; j++) {
        __m512 entries = _mm512_permutex2var_ps(part[0], from, part[1]);
        if (n > 2 * WIDE) { // bit 5 of the index
            __mmask16 high = _mm512_test_epi32_mask(from, _mm512_set1_epi32(2 * WIDE));
            entries =
                _mm512_mask_blend_ps(high, entries, _mm512_permutex2var_ps(part[2], from, part[3]));
        }
        columns[j] = (vector)_mm512_maskz_mov_ps(lanes.both, entries);
        from = _mm512_add_epi32(from, _mm512_set1_epi32(1));
    }
}

struct tiny_backward_layer {
    const struct tiny_layer *layer; // its layer above is layer[1]
    size_t batch;
    const vector *columns; // of the W above
    const vector *deltas;  // kept, of the layer above, or NULL
    vector *kept;          // room for delta, or NULL
    struct lanes before, after;
};

ALWAYS_INLINE void backward_group(vector_function_of_three *f, bool paired, size_t vectors,
                                  size_t r, struct tiny_backward_layer *at) {
    const struct tiny_layer *layer = at->layer, *above = layer + 1;
    size_t in = above->in, out = above->out, step = paired ? 2 : 1;
    struct tiny_group group =
        group_at(paired, vectors, r, at->batch, in, at->deltas, above->delta, out);
    vector g[TINY_GROUP];
    UNROLL for (size_t v = 0; v < vectors; v++) {
        g[v] = (vector){ 0 };
    }
    add_products(paired, vectors, &group, at->columns, out, g);
    UNROLL for (size_t v = 0; v < vectors; v++) {
        struct lanes_of lanes = group.lanes[v];
        size_t first = (r + v * step) * in;
        g[v] = (vector)_mm512_maskz_mov_ps(lanes.both, (__m512)g[v]);
        vector z = load_rows(paired, lanes, layer->z + first, in);
        vector h = load_rows(paired, lanes, layer->h + first, in), delta = f(z, h, g[v]);
        if (at->kept) {
            at->kept[r / step + v] = delta;
        }
        store_rows(paired, lanes, delta, layer->delta + first, in);
        lanes_add_squares(&at->before, 0, g[v]);
        lanes_add_squares(&at->after, 0, delta);
    }
}

/* kept: delta of the layer above, if `chained`, and then of this one. */
ALWAYS_INLINE struct slope_sums backward_layer(vector_function_of_three *f, bool paired,
                                               bool chained, const struct tiny_layer *layer,
                                               size_t batch, vector kept[TINY_VECTORS]) {
    const struct tiny_layer *above = layer + 1;
    size_t step = paired ? 2 : 1, r = 0;
    vector columns[TINY_WIDTH];
    struct tiny_backward_layer at = { .layer = layer,
                                      .batch = batch,
                                      .columns = columns,
                                      .deltas = chained ? kept : NULL,
                                      .kept = are_few(paired, batch) ? kept : NULL };
    tiny_columns(paired, lanes_of(paired, above->in, 2), above->W, above->in, above->out, columns);
    for (; r + (TINY_GROUP - 1) * step < batch; r += TINY_GROUP * step) {
        backward_group(f, paired, TINY_GROUP, r, &at);
    }
    for (; r < batch; r += step) {
        backward_group(f, paired, 1, r, &at);
    }
    return (struct slope_sums){ lanes_total(at.before), lanes_total(at.after) };
}

ALWAYS_INLINE void tiny_backward(vector_function_of_three *f, const struct tiny_layer *layers,
                                 size_t count, size_t batch, struct slope_sums *sums) {
    vector kept[TINY_VECTORS];
    for (size_t l = count; l-- > 0;) {
        const struct tiny_layer *layer = &layers[l];
        bool paired = layer->out <= SIDE;
        bool chained = l + 1 < count && are_few(paired, batch) && (layer[1].out <= SIDE) == paired;
        if (paired) {
            sums[l] = chained ? backward_layer(f, true, true, layer, batch, kept)
                              : backward_layer(f, true, false, layer, batch, kept);
        } else {
            sums[l] = chained ? backward_layer(f, false, true, layer, batch, kept)
                              : backward_layer(f, false, false, layer, batch, kept);
        }
    }
}

/* Rows of the batch whose products are added at a time, from registers. */
enum { TINY_ROWS = 4 };

/*
 * Add what rows first, first + 1, ... of the batch, TINY_ROWS at most, give to db and to the rows
 * of dW; the last of them write dW.
 */
ALWAYS_INLINE void add_gradient(bool paired, const struct tiny_layer *layer, size_t first,
                                size_t batch, real scale, vector *db, vector dW[TINY_WIDTH]) {
    size_t in = layer->in, out = layer->out, step = paired ? 2 : 1;
    vector input[TINY_ROWS], delta[TINY_ROWS];
    UNROLL for (size_t r = 0; r < TINY_ROWS; r++) {
        bool there = first + r < batch;
        size_t row = there ? first + r : first;
        struct lanes_of lanes = lanes_of(paired, there ? out : 0, 1);
        input[r] = load(layer->input + row * in, there ? in : 0);
        delta[r] = load_same(paired, lanes, layer->delta + row * out);
        *db += delta[r];
    }
    __m512i entry = _mm512_setzero_epi32();
    if (paired) {
        entry = _mm512_mask_set1_epi32(entry, 0xff00, 1);
    }
    bool last = first + TINY_ROWS >= batch;
    for (size_t i = 0; i < in; i += step) {
        vector sum = first > 0 ? dW[i / step] : (vector){ 0 };
        UNROLL for (size_t r = 0; r < TINY_ROWS; r++) {
            sum += (vector)_mm512_permutexvar_ps(entry, (__m512)input[r]) * delta[r];
        }
        if (last) {
            struct lanes_of lanes = lanes_of(paired, out, in - i);
            store_rows(paired, lanes, sum * scale, layer->dW + i * out, out);
        } else {
            dW[i / step] = sum;
        }
        entry = _mm512_add_epi32(entry, _mm512_set1_epi32((int)step));
    }
}

ALWAYS_INLINE void gradient_of(bool paired, const struct tiny_layer *layer, size_t batch,
                               real scale) {
    vector db = { 0 }, dW[TINY_WIDTH];
    for (size_t first = 0; first < batch; first += TINY_ROWS) {
        add_gradient(paired, layer, first, batch, scale, &db, dW);
    }
    store(db * scale, layer->db, layer->out);
}

static void tiny_gradients(const struct tiny_layer *layers, size_t count, size_t batch,
                           real scale) {
    for (size_t l = count; l-- > 0;) { // what was written last is read last
        if (layers[l].out <= SIDE) {
            gradient_of(true, &layers[l], batch, scale);
        } else {
            gradient_of(false, &layers[l], batch, scale);
        }
    }
}

#define TINY_LOOPS(which, name)                                                                    \
    static void name##_tiny(const struct tiny_layer *layers, size_t count, size_t batch,           \
                            struct pass_sums *sums) {                                              \
        tiny_forward(name##_of, layers, count, batch, sums);                                       \
    }                                                                                              \
    static void name##_back_tiny(const struct tiny_layer *layers, size_t count, size_t batch,      \
                                 struct slope_sums *sums) {                                        \
        tiny_backward(name##_back, layers, count, batch, sums);                                    \
    }

ACTIVATION_LIST(TINY_LOOPS)

#define TINY_FORWARD(which, name) [which] = name##_tiny,
#define TINY_BACKWARD(which, name) [which] = name##_back_tiny,

static const struct tiny_kernels tiny_kernels = {
    .forward = { ACTIVATION_LIST(TINY_FORWARD) },
    .backward = { ACTIVATION_LIST(TINY_BACKWARD) },
    .gradients = tiny_gradients,
};

#endif
