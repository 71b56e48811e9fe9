#include "engine/grouped.h"

#include <cblas.h>
#include <stddef.h>

#ifdef ENGINE_DOUBLE
#define GEMM cblas_dgemm
#else
#define GEMM cblas_sgemm
#endif

static const real *block_of(const struct grouped *shape, const real *W, int group) {
    return W + (size_t)group * (size_t)shape->in * (size_t)shape->out;
}

void grouped_forward(const struct grouped *shape, const real *h, const real *W, real *z) {
    int in = shape->in, out = shape->out, groups = shape->groups;
    for (int g = 0; g < groups; g++) {
        GEMM(CblasRowMajor, CblasNoTrans, CblasNoTrans, shape->batch, out, in, 1, h + g * in,
             groups * in, block_of(shape, W, g), out, 0, z + g * out, groups * out);
    }
}

void grouped_backward(const struct grouped *shape, const real *delta, const real *W, real *g_out) {
    int in = shape->in, out = shape->out, groups = shape->groups;
    for (int g = 0; g < groups; g++) {
        GEMM(CblasRowMajor, CblasNoTrans, CblasTrans, shape->batch, in, out, 1, delta + g * out,
             groups * out, block_of(shape, W, g), out, 0, g_out + g * in, groups * in);
    }
}

void grouped_gradient(const struct grouped *shape, const real *h, const real *delta, real scale,
                      struct gradient_rows rows, real *out) {
    int in = shape->in, columns = shape->out, groups = shape->groups;
    for (int i = 0, run; i < rows.count; i += run) {
        int row = rows.first + i * rows.stride, group = row / in, left = (group + 1) * in - row;
        run = gradient_rows_run(rows, i);
        run = run < left ? run : left;
        GEMM(CblasRowMajor, CblasTrans, CblasNoTrans, run, columns, shape->batch, scale, h + row,
             groups * in, delta + group * columns, groups * columns, 0,
             out + (size_t)i * (size_t)columns, columns);
    }
}
