#include "engine/rbm.h"

#include <string.h>

#include "base/require.h"
#include "engine/kernels.h"
#include "engine/product.h"

void rbm_layout(struct rbm *rbm, int visible, int hidden, int batch, struct arena *arena) {
    size_t v = (size_t)visible, h = (size_t)hidden, examples = (size_t)batch;
    memset(rbm, 0, sizeof *rbm);
    rbm->b = arena_take(arena, v, sizeof(real));
    rbm->gradient.W = arena_take(arena, v * h, sizeof(real));
    rbm->gradient.b = arena_take(arena, v, sizeof(real));
    rbm->gradient.c = arena_take(arena, h, sizeof(real));
    rbm->speed.W = arena_take(arena, v * h, sizeof(real));
    rbm->speed.b = arena_take(arena, v, sizeof(real));
    rbm->speed.c = arena_take(arena, h, sizeof(real));
    rbm->v = arena_take(arena, 2 * examples * v, sizeof(real));
    rbm->p = arena_take(arena, 2 * examples * h, sizeof(real));
    rbm->s = arena_take(arena, examples * h, sizeof(real));
    rbm->lost = arena_take(arena, v, sizeof(real));
}

void rbm_begin(struct rbm *rbm, real *W, real *c, int visible, int hidden) {
    size_t v = (size_t)visible, h = (size_t)hidden;
    rbm->visible = visible;
    rbm->hidden = hidden;
    rbm->W = W;
    rbm->c = c;
    memset(rbm->b, 0, v * sizeof(real));
    memset(rbm->speed.W, 0, v * h * sizeof(real));
    memset(rbm->speed.b, 0, v * sizeof(real));
    memset(rbm->speed.c, 0, h * sizeof(real));
}

static struct product_shape shape_of(const struct rbm *rbm, int rows) {
    return (struct product_shape){ .batch = rows, .in = rbm->visible, .out = rbm->hidden };
}

/* p (batch, H) = P(h = 1 | v). */
static void infer(const struct rbm *rbm, const real *v, int batch, real *p) {
    struct product_shape shape = shape_of(rbm, batch);
    product_forward(&shape, v, rbm->W, rbm->c, p);
    kernels->sigmoid(p, p, (size_t)batch * (size_t)rbm->hidden);
}

/* v (batch, V) = P(v = 1 | s). */
static void reconstruct(const struct rbm *rbm, const real *s, int batch, real *v) {
    size_t rows = (size_t)batch, columns = (size_t)rbm->visible;
    struct product_shape shape = shape_of(rbm, batch);
    product_backward(&shape, s, rbm->W, v);
    kernels->add_row(v, rbm->b, rows, columns);
    kernels->sigmoid(v, v, rows * columns);
}

static void draw_states(struct rbm *rbm, int batch, const struct random_stream *stream,
                        uint32_t first_row) {
    enum { AT_ONCE = 1024 };
    double draws[AT_ONCE];
    for (int i = 0; i < batch; i++) {
        for (int first = 0; first < rbm->hidden; first += AT_ONCE) {
            int count = rbm->hidden - first < AT_ONCE ? rbm->hidden - first : AT_ONCE;
            size_t place = (size_t)i * (size_t)rbm->hidden + (size_t)first;
            kernels->draws->uniforms(stream, first_row + (uint32_t)i, (uint32_t)first,
                                     (uint32_t)count, draws);
            for (int j = 0; j < count; j++) {
                rbm->s[place + (size_t)j] = draws[j] < (double)rbm->p[place + (size_t)j];
            }
        }
    }
}

/* The gradient of b, and the sum of its squares before the mean over the batch. */
static double visible_gradient(struct rbm *rbm, int batch) {
    size_t n = (size_t)rbm->visible;
    const real *made = rbm->v + (size_t)batch * n;
    double squares = 0.0;
    memset(rbm->gradient.b, 0, n * sizeof(real));
    for (size_t i = 0; i < (size_t)batch; i++) {
        for (size_t j = 0; j < n; j++) {
            rbm->lost[j] = rbm->v[i * n + j] - made[i * n + j];
            rbm->gradient.b[j] += rbm->lost[j];
        }
        squares += kernels->sum_squares(rbm->lost, n);
    }
    for (size_t j = 0; j < n; j++) {
        rbm->gradient.b[j] /= (real)batch;
    }
    return squares;
}

static void negate(real *x, size_t n) {
    for (size_t i = 0; i < n; i++) {
        x[i] = -x[i];
    }
}

struct constants {
    real rate, momentum, cost;
};

static void update(const struct constants *k, real *restrict value, real *restrict speed,
                   const real *restrict gradient, size_t n) {
    real rate = k->rate, momentum = k->momentum, cost = k->cost;
    for (size_t i = 0; i < n; i++) {
        speed[i] = momentum * speed[i] + rate * (gradient[i] - cost * value[i]);
        value[i] += speed[i];
    }
}

void rbm_reconstruct(const struct rbm *rbm, const real *v, int batch, real *p, real *made) {
    infer(rbm, v, batch, p);
    reconstruct(rbm, p, batch, made);
}

double rbm_step(struct rbm *rbm, const real *data, int batch, double rate, int epoch,
                const struct random_stream *stream, uint32_t first_row) {
    size_t v = (size_t)rbm->visible, h = (size_t)rbm->hidden, examples = (size_t)batch;
    REQUIRE(rbm->W && batch >= 1);
    memcpy(rbm->v, data, examples * v * sizeof(real));
    infer(rbm, rbm->v, batch, rbm->p);
    draw_states(rbm, batch, stream, first_row);
    reconstruct(rbm, rbm->s, batch, rbm->v + examples * v);
    infer(rbm, rbm->v + examples * v, batch, rbm->p + examples * h);
    negate(rbm->p + examples * h, examples * h);

    real mean = (real)(1.0 / batch);
    double squares = visible_gradient(rbm, batch);
    struct product_shape shape = shape_of(rbm, 2 * batch);
    product_gradient(&shape, rbm->v, rbm->p, mean, rbm->gradient.W);
    kernels->column_sums(rbm->p, 2 * examples, h, mean, rbm->gradient.c);

    bool early = epoch <= RBM_FIRST_EPOCHS;
    struct constants k = { (real)rate, (real)(early ? RBM_MOMENTUM_FIRST : RBM_MOMENTUM), 0 };
    update(&k, rbm->b, rbm->speed.b, rbm->gradient.b, v);
    update(&k, rbm->c, rbm->speed.c, rbm->gradient.c, h);
    k.cost = (real)RBM_WEIGHT_COST;
    update(&k, rbm->W, rbm->speed.W, rbm->gradient.W, v * h);
    return squares / ((double)examples * (double)v);
}
