/* small.c - the bodies of small.h, compiled once per instruction set as SMALL_NAME. */
#include "engine/small.h"

#include <string.h>

#include "engine/vector.h"

enum { WIDTH = SMALL_WIDTH, GROUP = 4 };

typedef real row __attribute__((vector_size(SMALL_WIDTH * sizeof(real))));

#ifdef MASKED

ALWAYS_INLINE row load(const real *x, size_t count) {
    return (row)_mm512_maskz_loadu_ps(MASKED(count), x);
}

ALWAYS_INLINE void store(real *x, row value, size_t count) {
    _mm512_mask_storeu_ps(x, MASKED(count), (__m512)value);
}

#else

ALWAYS_INLINE row load(const real *x, size_t count) {
    real padded[SMALL_WIDTH] = { 0 };
    for (size_t j = 0; j < count; j++) {
        padded[j] = x[j];
    }
    row value;
    memcpy(&value, padded, sizeof value);
    return value;
}

ALWAYS_INLINE void store(real *x, row value, size_t count) {
    for (size_t j = 0; j < count; j++) {
        x[j] = value[j];
    }
}

#endif

ALWAYS_INLINE row everywhere(real x) {
    return x - (row){ 0 };
}

/*
 * c (rows, wide) = scale a b, a (rows, inner) with entry (r, t) at a[r a_row + t a_step], b (inner,
 * wide) with rows b_row apart. `count` rows at once, a constant, so that the sums stay in
 * registers.
 */
struct small_product {
    const real *a;
    size_t a_row, a_step;
    const real *b;
    size_t b_row;
    const real *bias; // added to every row, or NULL
    real *c;
    size_t inner, wide;
    real scale;
};

ALWAYS_INLINE void group(const struct small_product *p, size_t first, size_t count) {
    row sum[GROUP];
    for (size_t r = 0; r < count; r++) {
        sum[r] = (row){ 0 };
    }
    const real *a = p->a + first * p->a_row;
    for (size_t t = 0; t < p->inner; t++) {
        row b = load(p->b + t * p->b_row, p->wide);
        for (size_t r = 0; r < count; r++) {
            sum[r] += everywhere(a[r * p->a_row + t * p->a_step]) * b;
        }
    }
    row bias = p->bias ? load(p->bias, p->wide) : (row){ 0 };
    for (size_t r = 0; r < count; r++) {
        store(p->c + (first + r) * p->wide, sum[r] * everywhere(p->scale) + bias, p->wide);
    }
}

static void product(const struct small_product *p, size_t rows) {
    size_t i = 0;
    for (; i + GROUP <= rows; i += GROUP) {
        group(p, i, GROUP);
    }
    for (; i < rows; i++) {
        group(p, i, 1);
    }
}

static void wide_forward(const real *restrict h, const real *restrict W, const real *restrict bias,
                         real *restrict z, size_t batch, size_t in, size_t out) {
    for (size_t b = 0; b < batch; b++) {
        for (size_t j = 0; j < out; j++) {
            z[b * out + j] = bias ? bias[j] : 0;
        }
        for (size_t i = 0; i < in; i++) {
            for (size_t j = 0; j < out; j++) {
                z[b * out + j] += h[b * in + i] * W[i * out + j];
            }
        }
    }
}

static void wide_backward(const real *restrict delta, const real *restrict W, real *restrict g,
                          size_t batch, size_t in, size_t out) {
    for (size_t b = 0; b < batch; b++) {
        for (size_t i = 0; i < in; i++) {
            real sum = 0;
            for (size_t j = 0; j < out; j++) {
                sum += delta[b * out + j] * W[i * out + j];
            }
            g[b * in + i] = sum;
        }
    }
}

static void wide_gradient(const real *restrict h, const real *restrict delta, real *restrict dW,
                          size_t batch, size_t in, size_t out, real scale) {
    memset(dW, 0, in * out * sizeof *dW);
    for (size_t b = 0; b < batch; b++) {
        for (size_t i = 0; i < in; i++) {
            for (size_t j = 0; j < out; j++) {
                dW[i * out + j] += scale * h[b * in + i] * delta[b * out + j];
            }
        }
    }
}

static void forward(const real *h, const real *W, const real *b, real *z, size_t batch, size_t in,
                    size_t out) {
    if (out > WIDTH) {
        wide_forward(h, W, b, z, batch, in, out);
        return;
    }
    product(&(struct small_product){ .a = h,
                                     .a_row = in,
                                     .a_step = 1,
                                     .b = W,
                                     .b_row = out,
                                     .bias = b,
                                     .c = z,
                                     .inner = in,
                                     .wide = out,
                                     .scale = 1 },
            batch);
}

static void backward(const real *delta, const real *W, real *g, size_t batch, size_t in,
                     size_t out) {
    if (in > WIDTH || out > WIDTH) {
        wide_backward(delta, W, g, batch, in, out);
        return;
    }
    real turned[SMALL_WIDTH * SMALL_WIDTH]; // W^T, its rows WIDTH apart
    for (size_t i = 0; i < in; i++) {
        for (size_t j = 0; j < out; j++) {
            turned[j * WIDTH + i] = W[i * out + j];
        }
    }
    product(&(struct small_product){ .a = delta,
                                     .a_row = out,
                                     .a_step = 1,
                                     .b = turned,
                                     .b_row = WIDTH,
                                     .c = g,
                                     .inner = out,
                                     .wide = in,
                                     .scale = 1 },
            batch);
}

static void gradient(const real *h, const real *delta, real *dW, size_t batch, size_t in,
                     size_t out, real scale) {
    if (out > WIDTH) {
        wide_gradient(h, delta, dW, batch, in, out, scale);
        return;
    }
    product(&(struct small_product){ .a = h,
                                     .a_row = 1,
                                     .a_step = in,
                                     .b = delta,
                                     .b_row = out,
                                     .c = dW,
                                     .inner = batch,
                                     .wide = out,
                                     .scale = scale },
            in);
}

extern const struct small_kernels SMALL_NAME;
const struct small_kernels SMALL_NAME = {
    .forward = forward,
    .backward = backward,
    .gradient = gradient,
};
