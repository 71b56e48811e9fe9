#include "engine/orthogonal.h"

#include <cblas.h>
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/require.h"

enum { SMALL = 32, MOST_PASSES = 8 };

/* Upper G (n, n) with leading dimension ld becomes R with R^T R = G; false if it is not positive.
 */
static bool small_cholesky(double *G, int n, int ld) {
    for (int k = 0; k < n; k++) {
        double *pivot = G + (ptrdiff_t)k * ld;
        if (!(pivot[k] > 0.0)) {
            return false;
        }
        double root = sqrt(pivot[k]);
        for (int j = k; j < n; j++) {
            pivot[j] /= root;
        }
        for (int i = k + 1; i < n; i++) {
            double *row = G + (ptrdiff_t)i * ld;
            for (int j = i; j < n; j++) {
                row[j] -= pivot[i] * pivot[j];
            }
        }
    }
    return true;
}

/* The same, by halves, so that nearly all of the work is products. */
static bool cholesky(double *G, int n, int ld) {
    if (n <= SMALL) {
        return small_cholesky(G, n, ld);
    }
    int top = n / 2, rest = n - top;
    double *right = G + top, *below = G + (ptrdiff_t)top * ld + top;
    if (!cholesky(G, top, ld)) {
        return false;
    }
    cblas_dtrsm(CblasRowMajor, CblasLeft, CblasUpper, CblasTrans, CblasNonUnit, top, rest, 1.0, G,
                ld, right, ld);
    cblas_dsyrk(CblasRowMajor, CblasUpper, CblasTrans, rest, top, -1.0, right, ld, 1.0, below, ld);
    return cholesky(below, rest, ld);
}

/* The upper half of A^T A. */
static void gram(const double *A, int rows, int columns, double *G) {
    cblas_dsyrk(CblasRowMajor, CblasUpper, CblasTrans, columns, rows, 1.0, A, columns, 0.0, G,
                columns);
}

static double off_identity(const double *G, int n) {
    double worst = 0.0;
    for (int i = 0; i < n; i++) {
        for (int j = i; j < n; j++) {
            worst = fmax(worst, fabs(G[(ptrdiff_t)i * n + j] - (i == j)));
        }
    }
    return worst;
}

/* Scratch from A^T A to R, with the diagonal raised if need be. */
static void factor(const double *A, int rows, int columns, double *scratch) {
    double trace = 0.0;
    for (int i = 0; i < columns; i++) {
        trace += scratch[(ptrdiff_t)i * columns + i];
    }
    if (cholesky(scratch, columns, columns)) {
        return;
    }
    gram(A, rows, columns, scratch);
    double shift = 11.0 * (rows + columns + 1.0) * columns * DBL_EPSILON * trace;
    for (int i = 0; i < columns; i++) {
        scratch[(ptrdiff_t)i * columns + i] += shift;
    }
    bool positive = cholesky(scratch, columns, columns);
    REQUIRE(positive);
}

void orthogonal_columns(double *A, int rows, int columns, double *scratch) {
    double off = (double)INFINITY;
    for (int pass = 0; off > 1e-4; pass++) { // below, one more pass leaves roundings alone
        REQUIRE(pass < MOST_PASSES);         // or the columns were not independent
        gram(A, rows, columns, scratch);
        off = off_identity(scratch, columns);
        factor(A, rows, columns, scratch);
        cblas_dtrsm(CblasRowMajor, CblasRight, CblasUpper, CblasNoTrans, CblasNonUnit, rows,
                    columns, 1.0, scratch, columns, A, columns);
    }
}
