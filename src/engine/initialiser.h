/*
 * initialiser.h - the table of weight initialisers.
 *
 * Every initialiser is a scale times the same standard normal of (seed, layer, i, j), or of its
 * rank: a uniform draw is 2 Phi(x) - 1 of that normal x. Two networks that differ in initialiser,
 * depth or neighbouring widths therefore differ by nothing else (common random numbers).
 */
#ifndef ENGINE_INITIALISER_H
#define ENGINE_INITIALISER_H

#include <stdint.h>

#include "engine/real.h"

enum initialiser {
    INITIALISER_ZERO,
    INITIALISER_SMALL,
    INITIALISER_NORMAL,
    INITIALISER_UNIFORM,
    INITIALISER_XAVIER,
    INITIALISER_GLOROT_UNIFORM,
    INITIALISER_HE,
    INITIALISER_COUNT
};

enum distribution { DISTRIBUTION_NORMAL, DISTRIBUTION_UNIFORM };

struct initialiser_row {
    const char *name;
    const char *label;
    const char *formula; // of the weights, before init_scale
    const char *about;
    const char *source; // may be NULL
    enum distribution distribution;

    /* Standard deviation (normal) or limit (uniform) for a layer; W is init_scale times that. */
    double (*spread)(int fan_in, int fan_out);
};

extern const struct initialiser_row initialisers[INITIALISER_COUNT];

/* Fill W (fan_in, fan_out) of layer (1-based): scale * spread * the draw of (seed, layer, i, j). */
void initialiser_fill(enum initialiser which, double scale, uint64_t seed, int layer, int fan_in,
                      int fan_out, real *W);

/* Population variance that the row's formula promises for a layer of this shape. */
double initialiser_variance(enum initialiser which, double scale, int fan_in, int fan_out);

#endif
