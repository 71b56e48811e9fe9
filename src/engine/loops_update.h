/*
 * loops_update.h - one pass over parameters for every optimiser, with the sums of the update.
 * Part of loops.c.
 */
#ifndef ENGINE_LOOPS_UPDATE_H
#define ENGINE_LOOPS_UPDATE_H

#include "engine/loops_sums.h"

/* How parameters change; m and v are their state, updated in place. */
typedef vector change(const struct update_constants *c, vector gradient, vector *m, vector *v);

ALWAYS_INLINE vector sgd_change(const struct update_constants *c, vector gradient, vector *m,
                                vector *v) {
    (void)m, (void)v;
    return -c->rate * gradient;
}

ALWAYS_INLINE vector momentum_change(const struct update_constants *c, vector gradient, vector *m,
                                     vector *v) {
    (void)v;
    *m = c->momentum * *m + gradient;
    return -c->rate * *m;
}

ALWAYS_INLINE vector nesterov_change(const struct update_constants *c, vector gradient, vector *m,
                                     vector *v) {
    (void)v;
    *m = c->momentum * *m + gradient;
    return -c->rate * (gradient + c->momentum * *m);
}

ALWAYS_INLINE vector adagrad_change(const struct update_constants *c, vector gradient, vector *m,
                                    vector *v) {
    (void)v;
    *m += gradient * gradient;
    return -c->rate * gradient / (root_of(*m) + c->epsilon);
}

ALWAYS_INLINE vector adadelta_change(const struct update_constants *c, vector gradient, vector *m,
                                     vector *v) {
    *m = c->beta2 * *m + (1 - c->beta2) * (gradient * gradient);
    vector unscaled = root_of(*v + c->epsilon) / root_of(*m + c->epsilon) * gradient;
    *v = c->beta2 * *v + (1 - c->beta2) * (unscaled * unscaled);
    return -c->rate * unscaled;
}

ALWAYS_INLINE vector rmsprop_change(const struct update_constants *c, vector gradient, vector *m,
                                    vector *v) {
    (void)v;
    *m = c->beta2 * *m + (1 - c->beta2) * (gradient * gradient);
    return -c->rate * gradient / (root_of(*m) + c->epsilon);
}

ALWAYS_INLINE vector adam_change(const struct update_constants *c, vector gradient, vector *m,
                                 vector *v) {
    *m = c->beta1 * *m + (1 - c->beta1) * gradient;
    *v = c->beta2 * *v + (1 - c->beta2) * (gradient * gradient);
    return -c->rate * *m / (root_of(*v) * c->square_correction + c->epsilon);
}

/* The gradient that the optimiser sees. */
ALWAYS_INLINE vector adjusted_gradient(const struct update_constants *c, vector gradient,
                                       vector w) {
    vector zero = { 0 };
    vector g = at_least(-c->clip_value, at_most(c->clip_value, c->clip_scale * gradient));
    vector sign = pick(w > 0, zero + 1, pick(w < 0, zero - 1, zero));
    return g + c->l2 * w + c->l1 * sign;
}

/* What is done in a pass: constants, so that each optimiser has a loop of its own. */
struct update_kind {
    change *how;
    int states;
    bool write; // else nothing is changed
    bool adjusted;
};

struct update_pass {
    struct update_constants constants; // a copy nothing else can point at
    real *w, *m, *v;
    const real *g;
    struct lanes value, gradient, update;
};

ALWAYS_INLINE void update_part(struct update_kind kind, struct update_pass *pass, size_t at,
                               size_t part, size_t count) {
    const struct update_constants *c = &pass->constants;
    vector w = load(pass->w + at, count), g = load(pass->g + at, count);
    vector m = kind.states > 0 ? load(pass->m + at, count) : (vector){ 0 };
    vector v = kind.states > 1 ? load(pass->v + at, count) : (vector){ 0 };
    vector step = kind.how(c, kind.adjusted ? adjusted_gradient(c, g, w) : g, &m, &v);
    step = kind.adjusted ? step - c->decay * w : step;
    lanes_add_squares(&pass->gradient, part, g);
    if (!kind.write) {
        lanes_add_squares(&pass->value, part, w);
        lanes_add_squares(&pass->update, part, step);
        return;
    }
    store(w + step, pass->w + at, count);
    if (kind.states > 0) {
        store(m, pass->m + at, count);
    }
    if (kind.states > 1) {
        store(v, pass->v + at, count);
    }
}

ALWAYS_INLINE struct update_sums update_pass(struct update_kind kind,
                                             const struct update_constants *c,
                                             const struct parameters *piece) {
    struct update_pass pass = { .constants = *c,
                                .w = piece->value,
                                .m = piece->state[0],
                                .v = piece->state[1],
                                .g = piece->gradient };
    size_t i = 0, n = piece->n;
    for (; i + LANES <= n; i += LANES) {
        UNROLL for (size_t part = 0; part < PARTS; part++) {
            update_part(kind, &pass, i + part * WIDE, part, WIDE);
        }
    }
    UNROLL for (size_t part = 0; part < PARTS; part++) {
        size_t at = i + part * WIDE;
        if (at + WIDE <= n) {
            update_part(kind, &pass, at, part, WIDE);
        } else if (at < n) {
            update_part(kind, &pass, at, part, n - at);
        }
    }
    return (struct update_sums){
        .value = kind.write ? 0.0 : lanes_total(pass.value),
        .gradient = lanes_total(pass.gradient),
        .update = kind.write ? 0.0 : lanes_total(pass.update),
    };
}

/* Constants that stay in registers from piece to piece. */
ALWAYS_INLINE void update_each(struct update_kind kind, struct update_constants c,
                               struct parameters *const *pieces, size_t count, double *squares) {
    for (size_t i = 0; i < count; i++) {
        squares[i] = update_pass(kind, &c, pieces[i]).gradient;
    }
}

#define OPTIMISER_LOOPS(name, states)                                                              \
    ALWAYS_INLINE struct update_sums name##_pass(bool write, const struct update_constants *c,     \
                                                 const struct parameters *piece) {                 \
        return c->adjusted                                                                         \
                   ? update_pass((struct update_kind){ name##_change, states, write, true }, c,    \
                                 piece)                                                            \
                   : update_pass((struct update_kind){ name##_change, states, write, false }, c,   \
                                 piece);                                                           \
    }                                                                                              \
    static double name##_apply(const struct update_constants *c, struct parameters *piece) {       \
        return name##_pass(true, c, piece).gradient;                                               \
    }                                                                                              \
    static void name##_each(const struct update_constants *c, struct parameters *const *pieces,    \
                            size_t count, double *squares) {                                       \
        if (c->adjusted) {                                                                         \
            update_each((struct update_kind){ name##_change, states, true, true }, *c, pieces,     \
                        count, squares);                                                           \
        } else {                                                                                   \
            update_each((struct update_kind){ name##_change, states, true, false }, *c, pieces,    \
                        count, squares);                                                           \
        }                                                                                          \
    }                                                                                              \
    static struct update_sums name##_preview(const struct update_constants *c,                     \
                                             const struct parameters *piece) {                     \
        return name##_pass(false, c, piece);                                                       \
    }

OPTIMISER_LOOPS(sgd, 0)
OPTIMISER_LOOPS(momentum, 1)
OPTIMISER_LOOPS(nesterov, 1)
OPTIMISER_LOOPS(adagrad, 1)
OPTIMISER_LOOPS(adadelta, 2)
OPTIMISER_LOOPS(rmsprop, 1)
OPTIMISER_LOOPS(adam, 2)

#endif
