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
#include "engine/loops_bins.h"
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

#ifdef TILES_NAME
extern const struct tile_kernels TILES_NAME;
#endif
extern const struct draw_kernels DRAWS_NAME;
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
    .linear_counts = linear_counts_loop,
    .octave_counts = octave_counts_loop,
#endif
#ifdef TILES_NAME
    .tiles = &TILES_NAME,
#endif
    .draws = &DRAWS_NAME,
    .small = &SMALL_NAME,
#ifdef MASKED
    .tiny = &tiny_kernels,
#endif
#define OPTIMISER_ROW(which, name)                                                                 \
    .apply[which] = name##_apply, .apply_each[which] = name##_each, .preview[which] = name##_preview
    OPTIMISER_ROW(OPTIMISER_SGD, sgd),
    OPTIMISER_ROW(OPTIMISER_MOMENTUM, momentum),
    OPTIMISER_ROW(OPTIMISER_NESTEROV, nesterov),
    OPTIMISER_ROW(OPTIMISER_ADAGRAD, adagrad),
    OPTIMISER_ROW(OPTIMISER_ADADELTA, adadelta),
    OPTIMISER_ROW(OPTIMISER_RMSPROP, rmsprop),
    OPTIMISER_ROW(OPTIMISER_ADAM, adam),
    OPTIMISER_ROW(OPTIMISER_ADAMW, adam),
};
