#include "engine/product.h"

#include <cblas.h>

#include "engine/kernels.h"

#ifdef ENGINE_DOUBLE
#define GEMM cblas_dgemm
#else
#define GEMM cblas_sgemm
#endif

// Multiply-adds below which the loops here beat the call, measured for OpenBLAS 0.3.21 (AVX-512).
enum { SMALL_PRODUCT = 1024 };

static inline bool is_small(int batch, int in, int out) {
    return (double)batch * in * out <= SMALL_PRODUCT;
}

void product_forward(const real *h, const real *W, real *z, int batch, int in, int out) {
    if (is_small(batch, in, out)) {
        kernels->forward(h, W, z, (size_t)batch, (size_t)in, (size_t)out);
        return;
    }
    GEMM(CblasRowMajor, CblasNoTrans, CblasNoTrans, batch, out, in, 1, h, in, W, out, 0, z, out);
}

void product_backward(const real *delta, const real *W, real *g, int batch, int in, int out) {
    if (is_small(batch, in, out)) {
        kernels->backward(delta, W, g, (size_t)batch, (size_t)in, (size_t)out);
        return;
    }
    GEMM(CblasRowMajor, CblasNoTrans, CblasTrans, batch, in, out, 1, delta, out, W, out, 0, g, in);
}

void product_gradient(const real *h, const real *delta, real *dW, int batch, int in, int out,
                      real scale) {
    if (is_small(batch, in, out)) {
        kernels->gradient(h, delta, dW, (size_t)batch, (size_t)in, (size_t)out, scale);
        return;
    }
    GEMM(CblasRowMajor, CblasTrans, CblasNoTrans, in, out, batch, scale, h, in, delta, out, 0, dW,
         out);
}
