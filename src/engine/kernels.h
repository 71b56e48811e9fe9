/*
 * kernels.h - the loops over arrays, a set of them for each instruction set.
 *
 * loops.c and what it points at (draws.h, small.h, tiles.h, tiny.h) are compiled for the baseline,
 * AVX2 and AVX-512; engine_start() makes `kernels` point at the best set this processor runs.
 * Largest errors against libm in double, tested, in units of the last place: exp and softsign 1.5,
 * elu 2, sigmoid and tanh 2.5, selu, silu and softplus 3, mish and scaled_tanh 4, gelu 6; the other
 * activations are exact to one rounding. NaN and infinities go through as in IEEE 754. exp is zero
 * below REAL_MIN; on a thread that flushes denormals the others are, too, and silu, mish and gelu
 * below 1.1e-36, where e^z is.
 *
 * Sums run in double over sixteen fixed lanes, so they neither overflow nor underflow where the
 * float values themselves do not, and do not depend on what the compiler vectorises.
 *
 * Threads: pure functions; engine_start() before any of them.
 */
#ifndef ENGINE_KERNELS_H
#define ENGINE_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "engine/activation.h"
#include "engine/draws.h"
#include "engine/optimiser.h"
#include "engine/real.h"
#include "engine/small.h"
#include "engine/tiles.h"
#include "engine/tiny.h"

enum { KERNEL_LANES = 16, KERNEL_LINEAR_BINS = 128, KERNEL_OCTAVE_BINS = 508 };

/* Counts behind those of the bins of linear_counts() and octave_counts(). */
enum kernel_bucket { BUCKET_BELOW, BUCKET_ABOVE, BUCKET_NAN, BUCKET_INF, BUCKET_COUNT };
enum { BUCKET_ZERO = BUCKET_BELOW }; // of octave_counts()

struct spread {
    double sum, squares; // of x - pivot
    real min, max;       // of x; NaN are passed over (nothing else: INFINITY, -INFINITY)
    size_t zero;
};

struct pass_sums {
    double z, h, h_squared;
};

struct slope_sums {
    double g_squared, delta_squared;
};

/* A stream of yes and no, from the counter-based random numbers of base/random.h. */
struct mask_stream {
    uint32_t key[2];
    uint32_t high[2];   // the upper half of the counter; its lower half is block and row
    uint64_t threshold; // 0..2^32
};

struct kernels {
    const char *name; // instruction set

    /* y = f(x), elementwise; y may be x. */
    void (*exp)(const real *x, real *y, size_t n);
    void (*sigmoid)(const real *x, real *y, size_t n);

    /* h = phi(z), and delta = g phi'(z) given z and h = phi(z); h may be z, delta may be g. The
     * same with the sums of both in one pass. */
    struct {
        void (*forward)(const real *z, real *h, size_t n);
        void (*backward)(const real *z, const real *h, const real *g, real *delta, size_t n);
        struct pass_sums (*forward_summed)(const real *z, real *h, size_t n);
        struct slope_sums (*backward_summed)(const real *z, const real *h, const real *g,
                                             real *delta, size_t n);
    } activation[ACTIVATION_COUNT];

    /* z > 0: z, else a z; a (columns), or a single one where columns is 1; and its backward pass.
     */
    void (*sloped)(const real *z, const real *a, real *h, size_t rows, size_t columns);
    void (*sloped_back)(const real *z, const real *a, const real *g, real *delta, size_t rows,
                        size_t columns);

    /* out (columns) += sum over the rows of g min(z, 0). */
    void (*slope_gradient)(const real *z, const real *g, real *out, size_t rows, size_t columns);

    /* h (rows, units) = the largest of the pieces of z (rows, pieces units); and its backward. */
    void (*maxout)(const real *z, real *h, size_t rows, size_t units, size_t pieces);
    void (*maxout_back)(const real *z, const real *h, const real *g, real *delta, size_t rows,
                        size_t units, size_t pieces);

    /* x += scale y; out = a + scale b, out may be either; sum of a b. */
    void (*add_scaled)(real *x, const real *y, real scale, size_t n);
    void (*scaled_sum)(const real *a, real scale, const real *b, real *out, size_t n);
    double (*dot)(const real *a, const real *b, size_t n);

    /* y = keep ? scale x + shift : dropped, y may be x. */
    void (*masked)(const unsigned char *keep, const real *x, real *y, size_t n, real scale,
                   real shift, real dropped);

    /* keep (rows, columns): is the draw of (stream, row, column) below threshold / 2^32? */
    void (*draw_mask)(const struct mask_stream *stream, unsigned char *keep, size_t rows,
                      size_t columns);

    /* x (rows, columns) += b (columns) in every row. */
    void (*add_row)(real *x, const real *b, size_t rows, size_t columns);

    /* out (columns) = scale * sum over the rows of x (rows, columns). */
    void (*column_sums)(const real *x, size_t rows, size_t columns, real scale, real *out);

    double (*sum)(const real *x, size_t n);
    double (*sum_squares)(const real *x, size_t n);

    /* The sums of z, of h and of h squared in one pass. */
    struct pass_sums (*pass_sums)(const real *z, const real *h, size_t n);

    /* Sums, extremes and zeros of x - pivot in one pass; n >= 1. */
    struct spread (*spread)(const real *x, size_t n, real pivot);

    /* How many x are < low or > high. */
    size_t (*count_outside)(const real *x, size_t n, real low, real high);

    /*
     * Add to counts how many x fall into each bin; behind the bins come the buckets of enum
     * kernel_bucket. linear: bin floor(x * inverse) - first, inverse a power of two, the last bin
     * closed. octave: two bins per octave from 2^-126 on, zeros and denormals in BUCKET_ZERO; to
     * negative, which may be NULL, how many of each of these bins, and of BUCKET_INF, are negative.
     * float only: NULL with ENGINE_DOUBLE.
     */
    void (*linear_counts)(const float *x, size_t n, float inverse, int first,
                          uint32_t counts[KERNEL_LINEAR_BINS + BUCKET_COUNT]);
    void (*octave_counts)(const float *x, size_t n,
                          uint32_t counts[KERNEL_OCTAVE_BINS + BUCKET_COUNT], uint32_t *negative);

    const struct tile_kernels *tiles; // NULL: the matrix library is better

    const struct draw_kernels *draws;
    const struct small_kernels *small;
    const struct tiny_kernels *tiny; // NULL: the other loops are better

    /* One update of a piece of parameters; returns the gradient's sum of squares. */
    double (*apply[OPTIMISER_COUNT])(const struct update_constants *c, struct parameters *piece);

    /* The same of count pieces, each of them with its sum in squares (count). */
    void (*apply_each[OPTIMISER_COUNT])(const struct update_constants *c,
                                        struct parameters *const *pieces, size_t count,
                                        double *squares);

    /* The sums of that update, with nothing changed. */
    struct update_sums (*preview[OPTIMISER_COUNT])(const struct update_constants *c,
                                                   const struct parameters *piece);
};

extern const struct kernels *kernels;

/*
 * Pick the kernels and keep the matrix library to the calling thread (its own threads would not
 * flush denormals). Every thread that uses the engine calls it first; it acts once.
 */
void engine_start(void);

#endif
