/*
 * initialiser.h - the table of weight initialisers.
 *
 * Every initialiser that draws is a scale times the same standard normal of (seed, layer, i, j), or
 * of its rank: a uniform draw is 2 Phi(x) - 1 of that normal x. Two networks that differ in
 * initialiser, depth or neighbouring widths therefore differ by nothing else (common random
 * numbers). orthogonal is the orthonormal factor of those normals. init_scale multiplies all of
 * them: it is the gain, and of constant the value.
 *
 * What is said and drawn here is what a network has before it has seen data. lsuv then scales it on
 * a batch (lsuv.h), and rbm is where pre-training begins (rbm.h).
 */
#ifndef ENGINE_INITIALISER_H
#define ENGINE_INITIALISER_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/crew.h"
#include "engine/real.h"

enum initialiser {
    INITIALISER_ZERO,
    INITIALISER_CONSTANT,
    INITIALISER_SMALL,
    INITIALISER_NORMAL,
    INITIALISER_UNIFORM,
    INITIALISER_XAVIER,
    INITIALISER_LECUN_UNIFORM,
    INITIALISER_GLOROT_NORMAL,
    INITIALISER_GLOROT_UNIFORM,
    INITIALISER_SIGMOID_XAVIER,
    INITIALISER_HE,
    INITIALISER_HE_UNIFORM,
    INITIALISER_HE_FAN_OUT,
    INITIALISER_PYTORCH,
    INITIALISER_ORTHOGONAL,
    INITIALISER_IDENTITY,
    INITIALISER_LSUV,
    INITIALISER_RBM,
    INITIALISER_COUNT
};

/* What the spread of a row is: of independent draws, or the size of a pattern. */
enum distribution {
    DISTRIBUTION_NORMAL,     // standard deviation
    DISTRIBUTION_UNIFORM,    // limit
    DISTRIBUTION_CONSTANT,   // every weight
    DISTRIBUTION_IDENTITY,   // the diagonal; the others are 0
    DISTRIBUTION_ORTHOGONAL, // length of every row or column, whichever are fewer
};

struct initialiser_row {
    const char *name;
    const char *label;
    const char *formula; // of the weights, before init_scale
    const char *about;
    const char *source; // may be NULL
    enum distribution distribution;
    bool uses_data; // the draws are only where it begins

    /* The spread for a layer of this shape; W is init_scale times that. */
    double (*spread)(int fan_in, int fan_out);

    /* Limit of uniform biases around the constant one, before init_scale; NULL: there are none. */
    double (*bias_limit)(int fan_in, int fan_out);
};

extern const struct initialiser_row initialisers[INITIALISER_COUNT];

/* A W (fan_in, fan_out) to be filled. */
struct initialiser_target {
    enum initialiser which;
    double scale;
    real *W;
};

/*
 * Fill the W of one or two targets, of layer (1-based): scale * spread * the draw of (seed, layer,
 * i, j). Two share what is drawn. crew may be NULL. false if memory runs out, which only orthogonal
 * needs.
 */
enum { INITIALISER_TARGETS = 2 };
bool initialiser_fill(const struct initialiser_target *targets, int count, uint64_t seed, int layer,
                      int fan_in, int fan_out, struct crew *crew);

/* Fill b (fan_out): bias, plus scale times the row's own draws where it has some. */
void initialiser_fill_biases(enum initialiser which, double scale, double bias, uint64_t seed,
                             int layer, int fan_in, int fan_out, real *b);

/* Add sd times normal draws, the biases' own, to b (fan_out). */
void initialiser_spread_biases(double sd, uint64_t seed, int layer, int fan_out, real *b);

/* Mean square of the weights that the row's formula promises: the variance of those it draws. */
double initialiser_variance(enum initialiser which, double scale, int fan_in, int fan_out);

/* Variance of the biases around the constant one. */
double initialiser_bias_variance(enum initialiser which, double scale, int fan_in, int fan_out);

#endif
