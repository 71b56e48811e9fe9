/*
 * loops_layer.h - what a layer does beside products and activations: learned slopes, maxout, skip
 * connections, masks. Part of loops.c; contracts in kernels.h.
 */
#ifndef ENGINE_LOOPS_LAYER_H
#define ENGINE_LOOPS_LAYER_H

#include "engine/kernels.h"
#include "engine/loops_math.h"
#include "engine/loops_philox.h"

ALWAYS_INLINE void sloped_row(const real *z, const real *a, size_t step, real *h, size_t n) {
    for (size_t j = 0; j < n; j++) {
        h[j] = z[j] > 0 ? z[j] : a[j * step] * z[j];
    }
}

ALWAYS_INLINE void sloped_back_row(const real *z, const real *a, size_t step, const real *g,
                                   real *delta, size_t n) {
    for (size_t j = 0; j < n; j++) {
        delta[j] = z[j] > 0 ? g[j] : g[j] * a[j * step];
    }
}

static void sloped_loop(const real *z, const real *a, real *h, size_t rows, size_t columns) {
    if (columns == 1) {
        const real same = *a;
        sloped_row(z, &same, 0, h, rows);
        return;
    }
    for (size_t i = 0; i < rows; i++) {
        sloped_row(z + i * columns, a, 1, h + i * columns, columns);
    }
}

static void sloped_back_loop(const real *z, const real *a, const real *g, real *delta, size_t rows,
                             size_t columns) {
    if (columns == 1) {
        const real same = *a;
        sloped_back_row(z, &same, 0, g, delta, rows);
        return;
    }
    for (size_t i = 0; i < rows; i++) {
        sloped_back_row(z + i * columns, a, 1, g + i * columns, delta + i * columns, columns);
    }
}

static void slope_gradient_loop(const real *z, const real *g, real *restrict out, size_t rows,
                                size_t columns) {
    for (size_t i = 0; i < rows; i++) {
        const real *zi = z + i * columns, *gi = g + i * columns;
        for (size_t j = 0; j < columns; j++) {
            out[j] += zi[j] > 0 ? 0 : gi[j] * zi[j];
        }
    }
}

static void maxout_loop(const real *z, real *restrict h, size_t rows, size_t units, size_t pieces) {
    for (size_t i = 0; i < rows; i++) {
        const real *piece = z + i * units * pieces;
        real *restrict row = h + i * units;
        memcpy(row, piece, units * sizeof *row);
        for (size_t p = 1; p < pieces; p++) {
            piece += units;
            for (size_t j = 0; j < units; j++) {
                bool stays = row[j] >= piece[j] || row[j] != row[j]; // a NaN does
                row[j] = stays ? row[j] : piece[j];
            }
        }
    }
}

static void maxout_back_loop(const real *z, const real *h, const real *g, real *restrict delta,
                             size_t rows, size_t units, size_t pieces) {
    for (size_t i = 0; i < rows; i++) {
        const real *zi = z + i * units * pieces, *hi = h + i * units, *gi = g + i * units;
        real *restrict di = delta + i * units * pieces;
        for (size_t j = 0; j < units; j++) {
            size_t best = 0;
            while (best + 1 < pieces && zi[best * units + j] != hi[j]) {
                best++;
            }
            for (size_t p = 0; p < pieces; p++) {
                di[p * units + j] = p == best ? gi[j] : 0;
            }
        }
    }
}

static void add_scaled_loop(real *restrict x, const real *y, real scale, size_t n) {
    for (size_t i = 0; i < n; i++) {
        x[i] += scale * y[i];
    }
}

static void scaled_sum_loop(const real *a, real scale, const real *b, real *out, size_t n) {
    for (size_t i = 0; i < n; i++) {
        out[i] = a[i] + scale * b[i];
    }
}

static void masked_loop(const unsigned char *keep, const real *x, real *y, size_t n, real scale,
                        real shift, real dropped) {
    for (size_t i = 0; i < n; i++) {
        real kept = scale * x[i] + shift;
        y[i] = keep[i] ? kept : dropped;
    }
}

static void draw_mask_loop(const struct mask_stream *stream, unsigned char *keep, size_t rows,
                           size_t columns) {
    uint32_t words[4][PHILOX_BLOCKS];
    for (size_t i = 0; i < rows; i++) {
        unsigned char *row = keep + i * columns;
        for (size_t j = 0; j < columns; j += 4 * PHILOX_BLOCKS) {
            size_t count = columns - j < 4 * PHILOX_BLOCKS ? columns - j : 4 * PHILOX_BLOCKS;
            philox_blocks(stream->key, stream->high, (uint32_t)i, (uint32_t)(j / 4), words);
            for (size_t k = 0; k < count; k++) {
                row[j + k] = words[k % 4][k / 4] < stream->threshold;
            }
        }
    }
}

#endif
