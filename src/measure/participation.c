#include "measure/participation.h"

#include <math.h>

#include "engine/kernels.h"
#include "engine/network.h"
#include "engine/product.h"

enum { CHUNK = 64 };

static int side_of(int batch, int units) {
    return batch < units ? batch : units;
}

size_t participation_scratch(int batch, int units) {
    size_t side = (size_t)side_of(batch, units);
    if (side > PARTICIPATION_MOST) {
        return 0;
    }
    return side * side + CHUNK * side;
}

static void means_of(const real *h, int batch, int units, double *mean) {
    for (int j = 0; j < units; j++) {
        mean[j] = 0.0;
    }
    for (int i = 0; i < batch; i++) {
        const real *row = h + (size_t)i * (size_t)units;
        for (int j = 0; j < units; j++) {
            mean[j] += (double)row[j];
        }
    }
    for (int j = 0; j < units; j++) {
        mean[j] /= batch;
    }
}

/*
 * The Gram matrix of scale (h - mean), taken in chunks that stay in cache: of rows where there are
 * fewer units than examples, of columns otherwise. A chunk is (count, units) or (batch, count).
 */
static void gram(const real *h, int batch, int units, const double *mean, double scale, real *chunk,
                 real *G) {
    bool by_rows = units <= batch;
    int steps = by_rows ? batch : units;
    for (int first = 0; first < steps; first += CHUNK) {
        int count = steps - first < CHUNK ? steps - first : CHUNK;
        int rows = by_rows ? count : batch, columns = by_rows ? units : count;
        const real *from = h + (by_rows ? (size_t)first * (size_t)units : (size_t)first);
        const double *centre = mean + (by_rows ? 0 : first);
        for (int i = 0; i < rows; i++) {
            const real *in = from + (size_t)i * (size_t)units;
            real *out = chunk + (size_t)i * (size_t)columns;
            for (int j = 0; j < columns; j++) {
                out[j] = (real)(((double)in[j] - centre[j]) * scale);
            }
        }
        product_gram(chunk, rows, columns, !by_rows, first > 0, G);
    }
}

double participation_ratio(const real *h, int batch, int units, double sd, real *scratch) {
    int side = side_of(batch, units);
    if (side > PARTICIPATION_MOST || !(sd > 0.0) || !isfinite(sd)) {
        return (double)NAN;
    }
    double mean[NETWORK_MAX_WIDTH];
    means_of(h, batch, units, mean);
    real *G = scratch, *chunk = scratch + (size_t)side * (size_t)side;
    gram(h, batch, units, mean, 1.0 / sd, chunk, G);
    double trace = 0.0, squares = 0.0;
    for (int i = 0; i < side; i++) { // the upper half is there
        const real *row = G + (size_t)i * (size_t)side;
        double diagonal = (double)row[i];
        trace += diagonal;
        squares += diagonal * diagonal;
        squares += 2.0 * kernels->sum_squares(row + i + 1, (size_t)(side - i - 1));
    }
    return trace > 0.0 ? trace * trace / squares : (double)NAN;
}
