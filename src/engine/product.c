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

// Multiply-adds from which a crew shares a product, and that a part of a large one has at least;
// parts a thread then takes, so that one who is disturbed leaves some to the others.
enum { SHARED_PRODUCT = 400 * 1000, LARGE_PART = 4 * 1000 * 1000, LARGE_PARTS = 4 };

// A part of the rows lays out all of B for itself, which costs as much as so many rows more.
enum { ROWS_COST = 6 };

// The matrix library's bits depend on the size of a part: always so many of them.
enum { LIBRARY_PARTS = 4 };

static inline double work_of(const struct product_shape *shape) {
    return (double)shape->batch * shape->in * shape->out;
}

static inline bool is_small(const struct product_shape *shape) {
    bool narrow = shape->in <= SMALL_WIDTH && shape->out <= SMALL_WIDTH;
    return work_of(shape) <= (narrow ? SMALL_ROWS_PRODUCT : SMALL_PRODUCT);
}

/* A product with C (rows, columns), in parts of part_rows times part_columns. */
struct job {
    const struct product_shape *shape;
    const real *a, *b, *bias;
    real *c;
    int rows, columns, part_rows, part_columns;
};

/* Cut C into rows, or into columns by multiples of grain, whichever takes less time. */
static int cut(struct job *job, int rows, int columns, int grain) {
    double work = work_of(job->shape);
    int threads = kernels->tiles ? crew_threads(job->shape->crew) : LIBRARY_PARTS;
    job->rows = job->part_rows = rows;
    job->columns = job->part_columns = columns;
    if (threads == 1 || work < SHARED_PRODUCT) {
        return 1;
    }
    double large = work / threads / LARGE_PART;
    int parts = threads * (large < 1 ? 1 : large < LARGE_PARTS ? (int)large : LARGE_PARTS);
    int part_rows = (rows + parts - 1) / parts, units = (columns + grain - 1) / grain;
    int part_columns = (units + parts - 1) / parts * grain;
    if ((double)(part_rows + ROWS_COST) * columns < (double)part_columns * rows) {
        job->part_rows = part_rows;
        return (rows + part_rows - 1) / part_rows;
    }
    job->part_columns = part_columns;
    return (columns + part_columns - 1) / part_columns;
}

/* Where part number `part` begins and how large it is. */
struct part {
    size_t row, column;
    int rows, columns;
};

static struct part part_of(const struct job *job, int part) {
    int row = job->part_rows < job->rows ? part * job->part_rows : 0;
    int column = job->part_columns < job->columns ? part * job->part_columns : 0;
    int rows = job->rows - row, columns = job->columns - column;
    return (struct part){ .row = (size_t)row,
                          .column = (size_t)column,
                          .rows = rows < job->part_rows ? rows : job->part_rows,
                          .columns = columns < job->part_columns ? columns : job->part_columns };
}

static void forward_part(void *context, int number) {
    const struct job *job = context;
    struct part part = part_of(job, number);
    size_t in = (size_t)job->shape->in, out = (size_t)job->shape->out;
    const real *h = job->a + part.row * in, *W = job->b + part.column;
    real *z = job->c + part.row * out + part.column;
    if (kernels->tiles) {
        kernels->tiles->product(
            &(struct tile_product){ .a = h,
                                    .a_row = in,
                                    .a_step = 1,
                                    .b = W,
                                    .b_row = out,
                                    .c = z,
                                    .c_row = out,
                                    .bias = job->bias ? job->bias + part.column : NULL,
                                    .m = (size_t)part.rows,
                                    .n = (size_t)part.columns,
                                    .k = in,
                                    .scale = 1 });
        return;
    }
    GEMM(CblasRowMajor, CblasNoTrans, CblasNoTrans, part.rows, part.columns, (int)in, 1, h, (int)in,
         W, (int)out, 0, z, (int)out);
}

void product_forward(const struct product_shape *shape, const real *h, const real *W, const real *b,
                     real *z) {
    size_t batch = (size_t)shape->batch, out = (size_t)shape->out;
    if (is_small(shape)) {
        kernels->small->forward(h, W, b, z, batch, (size_t)shape->in, out);
        return;
    }
    struct job job = { .shape = shape, .a = h, .b = W, .bias = b, .c = z };
    int parts = cut(&job, shape->batch, shape->out, TILE_COLUMNS);
    crew_run(shape->crew, parts, forward_part, &job);
    if (b && !kernels->tiles) {
        kernels->add_row(z, b, batch, out);
    }
}

static void backward_part(void *context, int number) {
    const struct job *job = context;
    struct part part = part_of(job, number);
    size_t in = (size_t)job->shape->in, out = (size_t)job->shape->out;
    const real *delta = job->a + part.row * out, *W = job->b + part.column * out;
    real *g = job->c + part.row * in + part.column;
    if (kernels->tiles) {
        kernels->tiles->transposed(&(struct tile_product){ .a = delta,
                                                           .a_row = out,
                                                           .a_step = 1,
                                                           .b = W,
                                                           .b_row = out,
                                                           .c = g,
                                                           .c_row = in,
                                                           .m = (size_t)part.rows,
                                                           .n = (size_t)part.columns,
                                                           .k = out,
                                                           .scale = 1 });
        return;
    }
    GEMM(CblasRowMajor, CblasNoTrans, CblasTrans, part.rows, part.columns, (int)out, 1, delta,
         (int)out, W, (int)out, 0, g, (int)in);
}

void product_backward(const struct product_shape *shape, const real *delta, const real *W,
                      real *g) {
    if (is_small(shape)) {
        kernels->small->backward(delta, W, g, (size_t)shape->batch, (size_t)shape->in,
                                 (size_t)shape->out);
        return;
    }
    struct job job = { .shape = shape, .a = delta, .b = W, .c = g };
    int parts = cut(&job, shape->batch, shape->in, TILE_COLUMNS);
    crew_run(shape->crew, parts, backward_part, &job);
}

void product_gradient_rows(const struct product_shape *shape, const real *h, const real *delta,
                           real scale, struct gradient_rows rows, real *out) {
    size_t batch = (size_t)shape->batch, in = (size_t)shape->in, columns = (size_t)shape->out;
    h += rows.first;
    if (is_small(shape)) {
        REQUIRE(rows.count == shape->in);
        kernels->small->gradient(h, delta, out, batch, in, columns, scale);
        return;
    }
    if (kernels->tiles) {
        kernels->tiles->product(&(struct tile_product){ .a = h,
                                                        .a_row = (size_t)rows.stride,
                                                        .a_step = in,
                                                        .b = delta,
                                                        .b_row = columns,
                                                        .c = out,
                                                        .c_row = columns,
                                                        .m = (size_t)rows.count,
                                                        .n = columns,
                                                        .k = batch,
                                                        .scale = scale });
        return;
    }
    for (int i = 0, run; i < rows.count; i += run) {
        run = gradient_rows_run(rows, i);
        GEMM(CblasRowMajor, CblasTrans, CblasNoTrans, run, shape->out, shape->batch, scale,
             h + i * rows.stride, shape->in, delta, shape->out, 0, out + (size_t)i * columns,
             shape->out);
    }
}

void product_gradient(const struct product_shape *shape, const real *h, const real *delta,
                      real scale, real *dW) {
    product_gradient_rows(shape, h, delta, scale, (struct gradient_rows){ 0, shape->in, 1 }, dW);
}

void product_gram(const real *X, int rows, int columns, bool of_rows, bool add, real *G) {
    int side = of_rows ? rows : columns, depth = of_rows ? columns : rows;
    SYRK(CblasRowMajor, CblasUpper, of_rows ? CblasNoTrans : CblasTrans, side, depth, 1, X, columns,
         add ? 1 : 0, G, side);
}
