/*
 * loops_activation.h - phi and phi' of every activation as loops over arrays.
 *
 * Part of loops.c. Each activation is two vector functions: name_of(z) is phi(z), and
 * name_back(z, h, g) is g phi'(z), from whichever of z and h = phi(z) is cheaper or keeps more
 * digits. Arguments are bounded where infinity times zero would make a NaN of a limit.
 */
#ifndef ENGINE_LOOPS_ACTIVATION_H
#define ENGINE_LOOPS_ACTIVATION_H

#include "engine/kernels.h"
#include "engine/loops_math.h"
#include "engine/loops_sums.h"

#define FAR 1000 // |z| from which e^-|z| is zero, in float and in double

ALWAYS_INLINE vector linear_of(vector z) {
    return z;
}

ALWAYS_INLINE vector linear_back(vector z, vector h, vector g) {
    (void)z, (void)h;
    return g;
}

ALWAYS_INLINE vector sigmoid_back(vector z, vector h, vector g) {
    (void)z;
    return g * (h * (1 - h));
}

ALWAYS_INLINE vector tanh_back(vector z, vector h, vector g) {
    (void)z;
    return g * (1 - h * h);
}

ALWAYS_INLINE vector relu_of(vector z) {
    return at_least(0, z);
}

ALWAYS_INLINE vector relu_back(vector z, vector h, vector g) {
    (void)z;
    vector zero = { 0 };
    return pick(h <= 0, zero, g);
}

ALWAYS_INLINE vector elu_of(vector z) {
    return pick(z <= 0, expm1_of(z), z);
}

ALWAYS_INLINE vector elu_back(vector z, vector h, vector g) {
    (void)z;
    return pick(h <= 0, g * (h + 1), g);
}

ALWAYS_INLINE vector selu_of(vector z) {
    return pick(z <= 0, expm1_of(z) * (real)(SELU_SCALE * SELU_ALPHA), z * (real)SELU_SCALE);
}

ALWAYS_INLINE vector selu_back(vector z, vector h, vector g) {
    (void)z;
    vector zero = { 0 };
    return g * pick(h <= 0, h + (real)(SELU_SCALE * SELU_ALPHA), zero + (real)SELU_SCALE);
}

/* z Phi(z) is -|z| Q below zero and z - |z| Q above. */
ALWAYS_INLINE vector gelu_of(vector z) {
    vector E, Q;
    gauss_of(z, &E, &Q);
    return at_least(0, z) - at_most(FAR, size_of(z)) * Q;
}

/* Phi(z) + z Phi'(z) */
ALWAYS_INLINE vector gelu_back(vector z, vector h, vector g) {
    (void)h;
    vector E, Q;
    gauss_of(z, &E, &Q);
    return g * (pick(z < 0, Q, 1 - Q) + at_least(-FAR, at_most(FAR, z)) * (E * GAUSS_PEAK));
}

/* z sigmoid(z) with t = e^-|z|: z t / (1 + t) below zero, z / (1 + t) above. */
ALWAYS_INLINE vector silu_of(vector z) {
    vector t = exp_minus_size(z);
    return pick(z < 0, at_least(-FAR, z) * t, z) / (1 + t);
}

/* s + z s (1 - s) with s = sigmoid(z); of s and 1 - s, the smaller is t / (1 + t). */
ALWAYS_INLINE vector silu_back(vector z, vector h, vector g) {
    (void)h;
    vector t = exp_minus_size(z);
    vector larger = 1 / (1 + t), smaller = t * larger;
    vector s = pick(z < 0, smaller, larger);
    return g * (s + at_least(-FAR, at_most(FAR, z)) * (larger * smaller));
}

ALWAYS_INLINE vector softsign_of(vector z) {
    vector bounded = at_least(-REAL_MAX, at_most(REAL_MAX, z));
    return bounded / (1 + size_of(bounded));
}

ALWAYS_INLINE vector softsign_back(vector z, vector h, vector g) {
    (void)h;
    vector root = 1 / (1 + size_of(z));
    return g * (root * root);
}

/* log(1 + e^z) = max(0, z) + log(1 + e^-|z|) */
ALWAYS_INLINE vector softplus_of(vector z) {
    return at_least(0, z) + log1p_of(exp_minus_size(z));
}

ALWAYS_INLINE vector softplus_back(vector z, vector h, vector g) {
    (void)h;
    return g * sigmoid_of(z);
}

ALWAYS_INLINE vector hard_tanh_of(vector z) {
    return at_least(-1, at_most(1, z));
}

ALWAYS_INLINE vector hard_tanh_back(vector z, vector h, vector g) {
    (void)z;
    vector zero = { 0 };
    return pick(size_of(h) >= 1, zero, g);
}

/* tanh(log(1 + e)) = n / (n + 2) with n = e (e + 2), e = e^z. */
ALWAYS_INLINE vector mish_of(vector z) {
    vector e = exp_of(at_most(20, z));
    vector n = e * (e + 2);
    return at_least(-FAR, z) * (n / (n + 2));
}

ALWAYS_INLINE vector mish_back(vector z, vector h, vector g) {
    (void)h;
    vector bounded = at_least(-FAR, at_most(20, z)); // phi' is 1 from there on
    vector e = exp_of(bounded);
    vector n = e * (e + 2), root = 1 / (n + 2);
    return g * ((n + 4 * bounded * (e * (1 + e)) * root) * root);
}

ALWAYS_INLINE vector scaled_tanh_of(vector z) {
    return (real)SCALED_TANH_HEIGHT * tanh_of(z * (real)(2.0 / 3.0));
}

ALWAYS_INLINE vector scaled_tanh_back(vector z, vector h, vector g) {
    (void)z;
    const double height = SCALED_TANH_HEIGHT;
    return g * ((real)(2.0 / 3.0 * height) - h * h * (real)(2.0 / 3.0 / height));
}

ALWAYS_INLINE void forward_part(vector_function *f, struct forward_pass *pass, size_t at,
                                size_t part, size_t count) {
    vector z = load(pass->z + at, count), h = f(z);
    store(h, pass->h + at, count);
    add_forward(pass, part, z, count < WIDE ? first_of(h, count) : h);
}

/* Of g = d loss / d h and of delta = g phi'(z). */
struct backward_pass {
    const real *z, *h, *g;
    real *delta;
    struct lanes before, after;
};

ALWAYS_INLINE void backward_part(vector_function_of_three *f, struct backward_pass *pass, size_t at,
                                 size_t part, size_t count) {
    vector z = load(pass->z + at, count), h = load(pass->h + at, count);
    vector g = load(pass->g + at, count), delta = f(z, h, g); // zero where g is
    store(delta, pass->delta + at, count);
    lanes_add_squares(&pass->before, part, g);
    lanes_add_squares(&pass->after, part, delta);
}

/* Whole arrays, and the same with their sums. */
#define ACTIVATION_LOOPS(which, name)                                                              \
    static void name##_loop(const real *z, real *h, size_t n) {                                    \
        each(name##_of, z, h, n);                                                                  \
    }                                                                                              \
    static void name##_back_loop(const real *z, const real *h, const real *g, real *delta,         \
                                 size_t n) {                                                       \
        each_of_three(name##_back, z, h, g, delta, n);                                             \
    }                                                                                              \
    ALWAYS_INLINE void name##_part(void *context, size_t at, size_t part, size_t count) {          \
        forward_part(name##_of, context, at, part, count);                                         \
    }                                                                                              \
    ALWAYS_INLINE void name##_back_part(void *context, size_t at, size_t part, size_t count) {     \
        backward_part(name##_back, context, at, part, count);                                      \
    }                                                                                              \
    static struct pass_sums name##_summed(const real *z, real *h, size_t n) {                      \
        struct forward_pass pass = { .z = z, .h = h };                                             \
        each_part(name##_part, &pass, n);                                                          \
        return forward_sums(&pass);                                                                \
    }                                                                                              \
    static struct slope_sums name##_back_summed(const real *z, const real *h, const real *g,       \
                                                real *delta, size_t n) {                           \
        struct backward_pass pass = { .z = z, .h = h, .g = g, .delta = delta };                    \
        each_part(name##_back_part, &pass, n);                                                     \
        return (struct slope_sums){ lanes_total(pass.before), lanes_total(pass.after) };           \
    }

ACTIVATION_LIST(ACTIVATION_LOOPS)

#define ACTIVATION_KERNELS(which, name)                                                            \
    [which] = { name##_loop, name##_back_loop, name##_summed, name##_back_summed },

#endif
