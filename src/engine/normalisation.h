/*
 * normalisation.h - the table of normalisations, and one layer's normaliser.
 *
 * Between a layer's linear map a = h W + b and its activation, for a batch of B rows of d columns:
 *
 *     zhat = (a - mean) / sqrt(variance + epsilon)
 *     z    = gamma zhat + beta              gamma (d) from 1, beta (d) from 0, both learned
 *
 * with mean and population variance over the batch for each column (batch) or over the columns for
 * each row (layer). epsilon and the running averages' momentum are PyTorch's.
 *
 * Memory: normaliser_layout() deals everything out of an arena. Threads: a normaliser belongs to
 * one thread.
 */
#ifndef ENGINE_NORMALISATION_H
#define ENGINE_NORMALISATION_H

#include "base/arena.h"
#include "engine/optimiser.h"

enum normalisation {
    NORMALISATION_NONE,
    NORMALISATION_BATCH,
    NORMALISATION_LAYER,
    NORMALISATION_COUNT
};

#define NORMALISATION_EPSILON 1e-5
#define NORMALISATION_MOMENTUM 0.1 // weight of the newest batch in the running averages

struct normalisation_row {
    const char *name;
    const char *label;
    const char *formula;
    const char *about;
    const char *source; // may be NULL
};

extern const struct normalisation_row normalisations[NORMALISATION_COUNT];

struct normaliser {
    enum normalisation which;
    int columns;
    struct parameters gamma, beta;
    real *zhat;                            // (B, columns), first a
    real *inverse_sd;                      // of the last pass: (columns), or (B)
    real *mean;                            // likewise
    real *running_mean, *running_variance; // (columns), of NORMALISATION_BATCH
    double squares; // sum over a squared, of the last pass with the batch's own numbers
    real *earlier_mean, *earlier_variance; // those before the last training pass
};

/* Deal out what it needs for batches of up to `batch` rows; nothing for NORMALISATION_NONE. */
void normaliser_layout(struct normaliser *normaliser, enum normalisation which, int batch,
                       int columns, int states, struct arena *arena);

/* gamma 1, beta 0, running averages those of a standard normal. */
void normaliser_reset(struct normaliser *normaliser);

/* Take over the running averages of another of its kind and shape, if it is one. */
void normaliser_continue(struct normaliser *normaliser, const struct normaliser *from);

/* zhat (rows, columns) holds a: normalise it in place with the batch's own numbers, and z from it;
 * the running averages move. */
void normaliser_forward(struct normaliser *normaliser, real *z, int rows);

/* The same as one does after training: with the running averages, which stay. */
void normaliser_evaluate(struct normaliser *normaliser, real *z, int rows);

/* Put the running averages back to where they were before the last training pass; call it once. */
void normaliser_undo(struct normaliser *normaliser);

/*
 * delta (rows, columns) is d loss / d z: writes d loss / d a, and the gradients of gamma and beta
 * (means over the batch). Where the batch is coupled, delta is rows times the gradient of the mean
 * loss.
 */
void normaliser_backward(struct normaliser *normaliser, const real *delta, real *delta_a, int rows);

#endif
