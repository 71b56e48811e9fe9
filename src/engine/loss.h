/*
 * loss.h - the table of losses, with the output function that belongs to each.
 *
 * Logits z and predictions are (B, outputs); targets are class indices. With one output the target
 * is the index itself (0 or 1), with more it is one-hot. Losses with several outputs are averaged
 * over outputs (as PyTorch's reduction='mean'), cross-entropy is per example.
 *
 * Under mixup (Zhang, Cisse, Dauphin & Lopez-Paz, ICLR 2018) an example has two labels, and its
 * target is lambda times that of the first and 1 - lambda times that of the second. Cross-entropy
 * and binary cross-entropy are linear in the target, so their loss is the same mean of the losses
 * of both labels; mse measures the distance from the mixed target.
 */
#ifndef ENGINE_LOSS_H
#define ENGINE_LOSS_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/real.h"

enum loss { LOSS_CROSS_ENTROPY, LOSS_BINARY_CROSS_ENTROPY, LOSS_MSE, LOSS_COUNT };

/* What a batch should be predicted as. */
struct loss_targets {
    const uint8_t *labels;       // (B)
    const uint8_t *other_labels; // (B) under mixup, else NULL
    double lambda;               // share of labels, from 0 to 1; other_labels have the rest
};

struct loss_row {
    const char *name;
    const char *label;
    const char *formula;
    const char *about;
    const char *source;
    bool single_output; // a two-class problem uses one output instead of two

    /*
     * prediction (B, outputs) from logits; delta (B, outputs) = gradient of each example's own
     * loss with respect to its logits. Returns the mean loss in nats; NaN or Inf is a finding.
     */
    double (*evaluate)(const real *logits, const struct loss_targets *targets, int batch,
                       int outputs, real *prediction, real *delta);
};

extern const struct loss_row losses[LOSS_COUNT];

/* Outputs of a network for so many classes. */
int loss_outputs(enum loss loss, int classes);

/*
 * How many of the batch are right: largest prediction, or with one output prediction > 1/2. A
 * single prediction within LOSS_UNDECIDED of 1/2 is a coin toss that rounding would decide, and
 * counts as half right; a NaN is wrong. Under mixup each label counts by its share, as in the
 * authors' code.
 */
#define LOSS_UNDECIDED 1e-6
double loss_correct(const real *prediction, const struct loss_targets *targets, int batch,
                    int outputs);

#endif
