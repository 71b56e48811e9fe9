/*
 * tensorboard.h - a run as event files: scalars, and per layer the distributions, for TensorBoard.
 *
 * Tags, of hidden layers layer01..layerL and of the layer `output`:
 *
 *   loss, accuracy, test_loss, test_accuracy, learning_rate     scalars; test_: held-out, once
 * known preactivations/N, activations/N, gradients/N                histograms of z, h, d loss / d
 * z weights/N, weight_gradients/N                               of W and of the mean loss's dL/dW
 *   KIND_rms/N, KIND_mean/N, KIND_sd/N                          of each of these five
 *   KIND_nan/N, KIND_inf/N, KIND_zero/N, KIND_underflow/N       counts, where they are not 0: NaN
 * and infinity have no place in a histogram, and zeros cannot be told in it saturated/N, dead/N,
 * update_ratio/N                         shares of units' values and of units; |update| / |W|
 *
 * Histograms of gradients have two buckets per octave of either sign, those of z, h and W have
 * buckets of equal width, with all that lies beyond them in one more at each end. Threads: one.
 */
#ifndef EXPORT_TENSORBOARD_H
#define EXPORT_TENSORBOARD_H

#include "lab/run.h"

struct tensorboard;

/*
 * Begin folder/A, and folder/B for the second of two networks. NULL with a sentence in problem
 * (FILE_PROBLEM_MAX bytes); a folder that holds event files already is refused.
 */
struct tensorboard *tensorboard_create(const char *folder, int networks, char *problem);

/* What run_capture() has measured of the last pass. false: a sentence in problem. */
bool tensorboard_add(struct tensorboard *board, const struct run *run,
                     const struct snapshot *snapshot, char *problem);

/* What was written stays. Accepts NULL. */
void tensorboard_close(struct tensorboard *board);

#endif
