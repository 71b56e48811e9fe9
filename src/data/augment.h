/*
 * augment.h - what is done to a training batch to make its examples new ones every time.
 *
 * In this order: every image moves by up to `shift` pixels to each side; the batch is mixed with
 * itself in another order (mixup); every input gets normal noise of its own. All act on gathered
 * inputs, which are preprocessed already, and never on held-out examples.
 *
 * Every draw is a function of (seed, purpose, step, row, column), row being the place in the batch:
 * whoever shares batches shares these. Steps count modulo 2^32 here.
 *
 * Threads: pure functions but for the arrays they are given.
 */
#ifndef DATA_AUGMENT_H
#define DATA_AUGMENT_H

#include <stdbool.h>
#include <stdint.h>

struct dataset;

struct augment_settings {
    uint64_t seed;
    int shift;          // pixels; 0: off
    double mixup;       // alpha; 0: off
    double input_noise; // sd; 0: off
};

/* A gathered batch. */
struct augment_batch {
    float *inputs;         // (count, features)
    const uint8_t *labels; // (count)
    int count, features;
    // only for mixup:
    uint8_t *other_labels; // (count): filled in
    uint32_t *order;       // (count): overwritten
    float *row;            // (features): overwritten
};

/* All that the settings ask for. Returns mixup's lambda; 1 without. */
double augment(const struct augment_settings *settings, const struct dataset *dataset,
               uint64_t step, struct augment_batch *batch);

/*
 * Move every image by whole pixels, each distance from -most to most as likely as the others, to
 * the right and downwards; all channels alike. Pixels take their own preprocessing along; those
 * that come in from outside have the preprocessed value of a raw 0 at their place.
 */
void augment_shift(const struct augment_settings *settings, const struct dataset *dataset,
                   uint64_t step, struct augment_batch *batch);

/*
 * mixup (Zhang, Cisse, Dauphin & Lopez-Paz, ICLR 2018): x_i becomes lambda x_i + (1 - lambda) x_j,
 * with j from a random order of the batch and one lambda of Beta(alpha, alpha) for all of it, as in
 * the authors' code. other_labels becomes the labels of the x_j. Returns lambda, the share of
 * labels.
 */
double augment_mixup(const struct augment_settings *settings, uint64_t step,
                     struct augment_batch *batch);

/* Add a standard normal times the sd to every input. */
void augment_noise(const struct augment_settings *settings, uint64_t step,
                   struct augment_batch *batch);

#endif
