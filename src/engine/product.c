#include "engine/product.h"

#include <cblas.h>

#include "base/require.h"
#include "engine/kernels.h"
#include "engine/tiles.h"

#ifdef ENGINE_DOUBLE
#define GEMM cblas_dgemm
#define SYRK cblas_dsyrk
#else
#define GEMM cblas_sgemm
#define SYRK cblas_ssyrk
#endif

// Multiply-adds below which the loops of small.c beat the tiles, measured on AVX-512: more where a
// row is one vector.
enum { SMALL_PRODUCT = 1024, SMALL_ROWS_PRODUCT = 8192 };

static inline bool is_small(int batch, int in, int out) {
    bool narrow = in <= SMALL_WIDTH && out <= SMALL_WIDTH;
    return (double)batch * in * out <= (narrow ? SMALL_ROWS_PRODUCT : SMALL_PRODUCT);
}

void product_forward_part(const real *h, const real *W, real *z, int batch, int in, int out,
                          int first, int last) {
    if (is_small(batch, in, out)) {
        REQUIRE(first == 0 && last == out);
        kernels->small->forward(h, W, z, (size_t)batch, (size_t)in, (size_t)out);
        return;
    }
    if (kernels->tiles) {
        kernels->tiles->product(&(struct tile_product){ .a = h,
                                                        .a_row = (size_t)in,
                                                        .a_step = 1,
                                                        .b = W + first,
                                                        .b_row = (size_t)out,
                                                        .c = z + first,
                                                        .c_row = (size_t)out,
                                                        .m = (size_t)batch,
                                                        .n = (size_t)(last - first),
                                                        .k = (size_t)in,
                                                        .scale = 1 });
        return;
    }
    GEMM(CblasRowMajor, CblasNoTrans, CblasNoTrans, batch, last - first, in, 1, h, in, W + first,
         out, 0, z + first, out);
}

void product_backward_part(const real *delta, const real *W, real *g, int batch, int in, int out,
                           int first, int last) {
    if (is_small(batch, in, out)) {
        REQUIRE(first == 0 && last == in);
        kernels->small->backward(delta, W, g, (size_t)batch, (size_t)in, (size_t)out);
        return;
    }
    const real *rows = W + (size_t)first * (size_t)out;
    if (kernels->tiles) {
        kernels->tiles->transposed(&(struct tile_product){ .a = delta,
                                                           .a_row = (size_t)out,
                                                           .a_step = 1,
                                                           .b = rows,
                                                           .b_row = (size_t)out,
                                                           .c = g + first,
                                                           .c_row = (size_t)in,
                                                           .m = (size_t)batch,
                                                           .n = (size_t)(last - first),
                                                           .k = (size_t)out,
                                                           .scale = 1 });
        return;
    }
    GEMM(CblasRowMajor, CblasNoTrans, CblasTrans, batch, last - first, out, 1, delta, out, rows,
         out, 0, g + first, in);
}

void product_gradient_part(const real *h, const real *delta, real *rows, int batch, int in, int out,
                           real scale, int first, int last) {
    if (is_small(batch, in, out)) {
        REQUIRE(first == 0 && last == in);
        kernels->small->gradient(h, delta, rows, (size_t)batch, (size_t)in, (size_t)out, scale);
        return;
    }
    if (kernels->tiles) {
        kernels->tiles->product(&(struct tile_product){ .a = h + first,
                                                        .a_row = 1,
                                                        .a_step = (size_t)in,
                                                        .b = delta,
                                                        .b_row = (size_t)out,
                                                        .c = rows,
                                                        .c_row = (size_t)out,
                                                        .m = (size_t)(last - first),
                                                        .n = (size_t)out,
                                                        .k = (size_t)batch,
                                                        .scale = scale });
        return;
    }
    GEMM(CblasRowMajor, CblasTrans, CblasNoTrans, last - first, out, batch, scale, h + first, in,
         delta, out, 0, rows, out);
}

void product_forward(const real *h, const real *W, real *z, int batch, int in, int out) {
    product_forward_part(h, W, z, batch, in, out, 0, out);
}

void product_backward(const real *delta, const real *W, real *g, int batch, int in, int out) {
    product_backward_part(delta, W, g, batch, in, out, 0, in);
}

void product_gradient(const real *h, const real *delta, real *dW, int batch, int in, int out,
                      real scale) {
    product_gradient_part(h, delta, dW, batch, in, out, scale, 0, in);
}

void product_gram(const real *X, int rows, int columns, bool of_rows, bool add, real *G) {
    int side = of_rows ? rows : columns, depth = of_rows ? columns : rows;
    SYRK(CblasRowMajor, CblasUpper, of_rows ? CblasNoTrans : CblasTrans, side, depth, 1, X, columns,
         add ? 1 : 0, G, side);
}
