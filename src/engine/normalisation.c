#include "engine/normalisation.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/require.h"
#include "engine/kernels.h"

const struct normalisation_row normalisations[] = {
    [NORMALISATION_NONE] = {
        .name = "none",
        .label = "no norm",
        .formula = "z = a",
        .about = "every layer sees what the one below makes",
    },
    [NORMALISATION_BATCH] = {
        .name = "batch",
        .label = "batch norm",
        .formula = "γ (a - mean) / √(var + 1e-5) + β over the batch, for each unit",
        .about = "mean 0 and variance 1 for each unit over the batch; running averages at test",
        .source = "Ioffe & Szegedy, ICML 2015",
    },
    [NORMALISATION_LAYER] = {
        .name = "layer",
        .label = "layer norm",
        .formula = "γ (a - mean) / √(var + 1e-5) + β over the units, for each example",
        .about = "mean 0 and variance 1 over the units of each example",
        .source = "Ba, Kiros & Hinton, arXiv 1607.06450, 2016",
    },
};
static_assert(ARRAY_LEN(normalisations) == NORMALISATION_COUNT, "a row is missing");

void normaliser_layout(struct normaliser *normaliser, enum normalisation which, int batch,
                       int columns, int states, struct arena *arena) {
    memset(normaliser, 0, sizeof *normaliser);
    normaliser->which = which;
    normaliser->columns = columns;
    if (which == NORMALISATION_NONE) {
        return;
    }
    size_t n = (size_t)columns, rows = (size_t)batch;
    size_t numbers = which == NORMALISATION_BATCH ? n : rows;
    parameters_layout(&normaliser->gamma, n, states, arena);
    parameters_layout(&normaliser->beta, n, states, arena);
    normaliser->zhat = arena_take(arena, rows * n, sizeof(real));
    normaliser->inverse_sd = arena_take(arena, numbers, sizeof(real));
    normaliser->mean = arena_take(arena, numbers, sizeof(real));
    if (which == NORMALISATION_BATCH) {
        normaliser->running_mean = arena_take(arena, n, sizeof(real));
        normaliser->running_variance = arena_take(arena, n, sizeof(real));
        normaliser->earlier_mean = arena_take(arena, n, sizeof(real));
        normaliser->earlier_variance = arena_take(arena, n, sizeof(real));
    }
}

void normaliser_reset(struct normaliser *normaliser) {
    for (size_t j = 0; j < normaliser->gamma.n; j++) {
        normaliser->gamma.value[j] = 1;
        normaliser->beta.value[j] = 0;
        if (normaliser->which == NORMALISATION_BATCH) {
            normaliser->running_mean[j] = 0;
            normaliser->running_variance[j] = 1;
        }
    }
}

static void copy_averages(const struct normaliser *normaliser, real *mean, real *variance,
                          const real *from_mean, const real *from_variance) {
    size_t bytes = (size_t)normaliser->columns * sizeof(real);
    memcpy(mean, from_mean, bytes);
    memcpy(variance, from_variance, bytes);
}

void normaliser_continue(struct normaliser *normaliser, const struct normaliser *from) {
    if (normaliser->which == NORMALISATION_BATCH && from->which == normaliser->which) {
        REQUIRE(normaliser->columns == from->columns);
        copy_averages(normaliser, normaliser->running_mean, normaliser->running_variance,
                      from->running_mean, from->running_variance);
    }
}

/* Means of the columns of zhat, which becomes the distance from them; then their variances. */
static void centre_columns(struct normaliser *normaliser, size_t rows, real *variance) {
    size_t columns = (size_t)normaliser->columns;
    real *mean = normaliser->mean;
    kernels->column_sums(normaliser->zhat, rows, columns, (real)1 / (real)rows, mean);
    memset(variance, 0, columns * sizeof *variance);
    for (size_t i = 0; i < rows; i++) {
        real *row = normaliser->zhat + i * columns;
        for (size_t j = 0; j < columns; j++) {
            row[j] -= mean[j];
            variance[j] += row[j] * row[j];
        }
    }
    for (size_t j = 0; j < columns; j++) {
        variance[j] /= (real)rows;
    }
}

static void move_averages(struct normaliser *normaliser, const real *variance, size_t rows) {
    const real momentum = (real)NORMALISATION_MOMENTUM;
    real unbiased = (real)rows / (real)(rows - 1);
    copy_averages(normaliser, normaliser->earlier_mean, normaliser->earlier_variance,
                  normaliser->running_mean, normaliser->running_variance);
    for (size_t j = 0; j < (size_t)normaliser->columns; j++) {
        normaliser->running_mean[j] +=
            momentum * (normaliser->mean[j] - normaliser->running_mean[j]);
        normaliser->running_variance[j] +=
            momentum * (unbiased * variance[j] - normaliser->running_variance[j]);
    }
}

void normaliser_undo(struct normaliser *normaliser) {
    if (normaliser->which == NORMALISATION_BATCH) {
        copy_averages(normaliser, normaliser->running_mean, normaliser->running_variance,
                      normaliser->earlier_mean, normaliser->earlier_variance);
    }
}

/* z = gamma zhat + beta after zhat = (zhat - shift) scale, column by column; shift may be NULL. */
static void scale_columns(struct normaliser *normaliser, const real *shift, const real *scale,
                          real *z, size_t rows) {
    size_t columns = (size_t)normaliser->columns;
    const real *gamma = normaliser->gamma.value, *beta = normaliser->beta.value;
    for (size_t i = 0; i < rows; i++) {
        real *row = normaliser->zhat + i * columns, *out = z + i * columns;
        for (size_t j = 0; j < columns; j++) {
            row[j] = (shift ? row[j] - shift[j] : row[j]) * scale[j];
            out[j] = gamma[j] * row[j] + beta[j];
        }
    }
}

static void batch_forward(struct normaliser *normaliser, real *z, size_t rows) {
    REQUIRE(rows > 1);
    real *inverse = normaliser->inverse_sd;
    centre_columns(normaliser, rows, inverse);
    move_averages(normaliser, inverse, rows);
    double squares = 0.0;
    for (size_t j = 0; j < (size_t)normaliser->columns; j++) {
        squares += (double)inverse[j] + (double)normaliser->mean[j] * (double)normaliser->mean[j];
        inverse[j] = 1 / (real)sqrt((double)inverse[j] + NORMALISATION_EPSILON);
    }
    normaliser->squares = squares * (double)rows;
    scale_columns(normaliser, NULL, inverse, z, rows);
}

static void batch_evaluate(struct normaliser *normaliser, real *z, size_t rows) {
    real *inverse = normaliser->inverse_sd;
    for (size_t j = 0; j < (size_t)normaliser->columns; j++) {
        inverse[j] =
            1 / (real)sqrt((double)normaliser->running_variance[j] + NORMALISATION_EPSILON);
    }
    scale_columns(normaliser, normaliser->running_mean, inverse, z, rows);
}

static void layer_forward(struct normaliser *normaliser, real *z, size_t rows) {
    size_t columns = (size_t)normaliser->columns;
    const real *gamma = normaliser->gamma.value, *beta = normaliser->beta.value;
    double squares = 0.0;
    for (size_t i = 0; i < rows; i++) {
        real *row = normaliser->zhat + i * columns, *out = z + i * columns;
        real mean = (real)(kernels->sum(row, columns) / (double)columns);
        for (size_t j = 0; j < columns; j++) {
            row[j] -= mean;
        }
        double variance = kernels->sum_squares(row, columns) / (double)columns;
        real inverse = (real)(1.0 / sqrt(variance + NORMALISATION_EPSILON));
        for (size_t j = 0; j < columns; j++) {
            row[j] *= inverse;
            out[j] = gamma[j] * row[j] + beta[j];
        }
        squares += variance + (double)mean * (double)mean;
        normaliser->mean[i] = mean;
        normaliser->inverse_sd[i] = inverse;
    }
    normaliser->squares = squares * (double)columns;
}

void normaliser_forward(struct normaliser *normaliser, real *z, int rows) {
    (normaliser->which == NORMALISATION_BATCH ? batch_forward : layer_forward)(normaliser, z,
                                                                               (size_t)rows);
}

void normaliser_evaluate(struct normaliser *normaliser, real *z, int rows) {
    (normaliser->which == NORMALISATION_BATCH ? batch_evaluate : layer_forward)(normaliser, z,
                                                                                (size_t)rows);
}

/* The gradients of gamma and beta: means over the batch of delta zhat and of delta. */
static void parameter_gradients(struct normaliser *normaliser, const real *delta, size_t rows) {
    size_t columns = (size_t)normaliser->columns;
    real *gamma = normaliser->gamma.gradient;
    kernels->column_sums(delta, rows, columns, (real)1 / (real)rows, normaliser->beta.gradient);
    memset(gamma, 0, columns * sizeof *gamma);
    for (size_t i = 0; i < rows; i++) {
        const real *row = delta + i * columns, *zhat = normaliser->zhat + i * columns;
        for (size_t j = 0; j < columns; j++) {
            gamma[j] += row[j] * zhat[j];
        }
    }
    for (size_t j = 0; j < columns; j++) {
        gamma[j] /= (real)rows;
    }
}

/* gamma / sd (delta - mean delta - zhat mean(delta zhat)): those means are the gradients at hand.
 */
static void batch_backward(const struct normaliser *normaliser, const real *delta, real *delta_a,
                           size_t rows) {
    size_t columns = (size_t)normaliser->columns;
    const real *gamma = normaliser->gamma.value, *inverse = normaliser->inverse_sd;
    const real *mean = normaliser->beta.gradient, *mean_zhat = normaliser->gamma.gradient;
    for (size_t i = 0; i < rows; i++) {
        const real *row = delta + i * columns, *zhat = normaliser->zhat + i * columns;
        real *out = delta_a + i * columns;
        for (size_t j = 0; j < columns; j++) {
            out[j] = gamma[j] * inverse[j] * (row[j] - mean[j] - zhat[j] * mean_zhat[j]);
        }
    }
}

/* The same over the columns of each row, gamma being inside the means. */
static void layer_backward(const struct normaliser *normaliser, const real *delta, real *delta_a,
                           size_t rows) {
    size_t columns = (size_t)normaliser->columns;
    const real *gamma = normaliser->gamma.value;
    for (size_t i = 0; i < rows; i++) {
        const real *row = delta + i * columns, *zhat = normaliser->zhat + i * columns;
        real *out = delta_a + i * columns;
        for (size_t j = 0; j < columns; j++) {
            out[j] = gamma[j] * row[j];
        }
        real mean = (real)(kernels->sum(out, columns) / (double)columns);
        real mean_zhat = (real)(kernels->dot(out, zhat, columns) / (double)columns);
        for (size_t j = 0; j < columns; j++) {
            out[j] = normaliser->inverse_sd[i] * (out[j] - mean - zhat[j] * mean_zhat);
        }
    }
}

void normaliser_backward(struct normaliser *normaliser, const real *delta, real *delta_a,
                         int rows) {
    parameter_gradients(normaliser, delta, (size_t)rows);
    (normaliser->which == NORMALISATION_BATCH ? batch_backward : layer_backward)(
        normaliser, delta, delta_a, (size_t)rows);
}
