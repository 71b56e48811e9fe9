/*
 * activation.h - the table of activation functions h = phi(z).
 *
 * The rows are the only list: options, keys, menus, plots and the gradient tests loop over them.
 * Array functions are vectorised; their error is stated in kernels.h. Threads: pure functions.
 */
#ifndef ENGINE_ACTIVATION_H
#define ENGINE_ACTIVATION_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/real.h"

enum activation {
    ACTIVATION_LINEAR,
    ACTIVATION_SIGMOID,
    ACTIVATION_TANH,
    ACTIVATION_RELU,
    ACTIVATION_LEAKY_RELU,
    ACTIVATION_PRELU,
    ACTIVATION_ELU,
    ACTIVATION_SELU,
    ACTIVATION_GELU,
    ACTIVATION_SILU,
    ACTIVATION_SOFTSIGN,
    ACTIVATION_SOFTPLUS,
    ACTIVATION_HARD_TANH,
    ACTIVATION_MISH,
    ACTIVATION_SCALED_TANH,
    ACTIVATION_MAXOUT,
    ACTIVATION_COUNT
};

/* Those that are functions of z alone, and what their loops are called (loops_activation.h). */
#define ACTIVATION_LIST(ROW)                                                                       \
    ROW(ACTIVATION_LINEAR, linear)                                                                 \
    ROW(ACTIVATION_SIGMOID, sigmoid)                                                               \
    ROW(ACTIVATION_TANH, tanh)                                                                     \
    ROW(ACTIVATION_RELU, relu)                                                                     \
    ROW(ACTIVATION_ELU, elu)                                                                       \
    ROW(ACTIVATION_SELU, selu)                                                                     \
    ROW(ACTIVATION_GELU, gelu)                                                                     \
    ROW(ACTIVATION_SILU, silu)                                                                     \
    ROW(ACTIVATION_SOFTSIGN, softsign)                                                             \
    ROW(ACTIVATION_SOFTPLUS, softplus)                                                             \
    ROW(ACTIVATION_HARD_TANH, hard_tanh)                                                           \
    ROW(ACTIVATION_MISH, mish)                                                                     \
    ROW(ACTIVATION_SCALED_TANH, scaled_tanh)

/* Constants of the formulas. */
#define ACTIVATION_LEAK 0.01         // slope of leaky_relu below zero, unless another is chosen
#define ACTIVATION_LEARNED_LEAK 0.25 // where prelu's slopes start
#define SELU_SCALE 1.0507009873554804934193349852946
#define SELU_ALPHA 1.6732632423543772848170429916717
#define SCALED_TANH_HEIGHT 1.7159

enum { ACTIVATION_MAX_KINKS = 2 };

/* Where a row's function has more than z to go by. */
enum activation_form {
    ACTIVATION_FIXED,
    ACTIVATION_SLOPED, // z > 0: z, else a z: one a for all units, or one for each
    ACTIVATION_PIECES  // h_j is the largest of z_j, z_{j+d}, z_{j+2d} ... (d units)
};

struct activation_row {
    const char *name;  // option and file value
    const char *label; // on screen
    const char *formula;
    const char *about;  // one line for lists and menus
    const char *source; // paper of the formula; may be NULL
    enum activation_form form;
    bool learned; // its slopes are trained, one for each unit

    /* h = phi(z) over n entries; h may be z. Slopes are those a row starts with, of one piece. */
    void (*forward)(const real *z, real *h, size_t n);

    /* delta[i] = g[i] phi'(z[i]), given z and h = phi(z); delta may be g. */
    void (*backward)(const real *z, const real *h, const real *g, real *delta, size_t n);

    double (*value)(double z); // phi, exact to double: curves and references
    double (*slope)(double z); // phi'

    /* Where phi or a derivative of it jumps: quadrature splits there. */
    int kinks;
    double kink[ACTIVATION_MAX_KINKS];

    bool fades; // phi' falls below REAL_MIN without being zero

    /* Where bounded, h lies in low..high, a power of two apart; axes and histograms use it. */
    bool bounded;
    double low, high; // else 0 and 1

    /*
     * An entry is saturated when h < saturated_low or h > saturated_high: where phi' is below 5.9 %
     * of its largest, which for tanh is |h| > 0.97.
     */
    double saturated_low, saturated_high; // -INFINITY, INFINITY: it does not saturate
    const char *saturation_rule;          // in words, NULL where it does not saturate
};

extern const struct activation_row activations[ACTIVATION_COUNT];

#endif
