/*
 * activation.h - the table of activation functions h = phi(z).
 *
 * The rows are the only list: options, keys, menus, plots and the gradient tests loop over them.
 * Array functions are vectorised; their error is stated in kernels.h. Threads: pure functions.
 */
#ifndef ENGINE_ACTIVATION_H
#define ENGINE_ACTIVATION_H

#include <stddef.h>

#include "engine/real.h"

enum activation { ACTIVATION_SIGMOID, ACTIVATION_TANH, ACTIVATION_RELU, ACTIVATION_COUNT };

struct activation_row {
    const char *name;  // option and file value
    const char *label; // on screen
    const char *formula;
    const char *about;  // one line for lists and menus
    const char *source; // paper of the formula; may be NULL

    /* h = phi(z) over n entries; h may be z. */
    void (*forward)(const real *z, real *h, size_t n);

    /* delta[i] = g[i] phi'(z[i]), from h = phi(z); delta may be g. */
    void (*backward)(const real *h, const real *g, real *delta, size_t n);

    double (*value)(double z); // phi, exact to double: curves and references
    double (*slope)(double z); // phi'

    /* Range of h; axes use it where bounded is true. */
    bool bounded;
    double low, high;

    /* An entry is saturated when h < saturated_low or h > saturated_high: where phi is almost flat.
     */
    double saturated_low, saturated_high; // -INFINITY, INFINITY: it does not saturate
    const char *saturation_rule;          // in words, NULL where it does not saturate
};

extern const struct activation_row activations[ACTIVATION_COUNT];

#endif
