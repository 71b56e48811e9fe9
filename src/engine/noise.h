/*
 * noise.h - what is dropped at random while training, and never while evaluating.
 *
 * Masks are draws of (seed, what for, step, layer, row, column), so they are the same however often
 * a pass is made, and a larger probability drops what a smaller one drops and more. Threads: pure
 * functions.
 */
#ifndef ENGINE_NOISE_H
#define ENGINE_NOISE_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/real.h"

/* Probabilities of dropping, 0: off. */
struct noise_settings {
    double dropout;          // units; what is kept is divided by 1 - p (Srivastava et al. 2014)
    double alpha_dropout;    // units become SELU's lowest value (Klambauer et al. 2017)
    double drop_connect;     // weights; divided likewise (Wan et al. 2013)
    double stochastic_depth; // the last residual branch; earlier ones less (Huang et al. 2016)
};

/* What becomes of a unit's y: kept scale y + shift, dropped `dropped`. */
struct noise_map {
    real scale, shift, dropped;
};

/* Is any unit of a hidden layer dropped, and what becomes of y then? */
bool noise_drops_units(const struct noise_settings *settings);
struct noise_map noise_unit_map(const struct noise_settings *settings);

/* What a weight is multiplied by that DropConnect keeps; 1 where it drops none. */
real noise_weight_scale(const struct noise_settings *settings);

/* keep (rows, columns) of step and layer (1-based), 1 or 0: units, and weights. */
void noise_draw_units(const struct noise_settings *settings, uint64_t seed, int64_t step, int layer,
                      unsigned char *keep, int rows, int columns);
void noise_draw_weights(const struct noise_settings *settings, uint64_t seed, int64_t step,
                        int layer, unsigned char *keep, int rows, int columns);

/* Probability that residual block (1..blocks) survives: 1 - block / blocks * p; does it in a step?
 */
double noise_survival(const struct noise_settings *settings, int block, int blocks);
bool noise_survives(const struct noise_settings *settings, uint64_t seed, int64_t step, int block,
                    int blocks);

#endif
