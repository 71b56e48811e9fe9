/*
 * tensorboard.h - a run as event files: scalars, and per layer the distributions, for TensorBoard.
 *
 * Tags, where N is layer01, layer02, ... of hidden layers and `output`:
 *
 *   loss, accuracy, test_loss, test_accuracy, learning_rate: scalars, test_ once known.
 *
 *   preactivations/N, activations/N, gradients/N: histograms of z, h and d loss / d z;
 *   weights/N, weight_gradients/N: of W and of dL/dW, L the mean loss.
 *
 *   activations_rms/N, _mean/N, _sd/N, and the same of the other four: scalars.
 *
 *   activations_nan/N, _inf/N, _zero/N, _underflow/N, and the same of the other four: counts, where
 *   they are not 0. NaN and infinity have no place in a histogram, nor in its sums.
 *
 *   saturated/N, a share of the values, dead/N, of the units, update_ratio/N, |update| / |W|.
 *
 * Histograms of gradients have two buckets per octave of either sign, those of z, h and W have
 * buckets of equal width, with all that lies beyond them in one more at each end. Threads: one.
 */
#ifndef EXPORT_TENSORBOARD_H
#define EXPORT_TENSORBOARD_H

#include "measure/signs.h"
#include "measure/snapshot.h"

struct tensorboard;

/*
 * Begin folder/A, and folder/B for the second of two networks. NULL with a sentence in problem
 * (FILE_PROBLEM_MAX bytes); a folder that holds event files already is refused.
 */
struct tensorboard *tensorboard_create(const char *folder, int networks, char *problem);

/* A step. false: a sentence in problem. */
bool tensorboard_add(struct tensorboard *board, const struct snapshot *snapshot,
                     const struct signs *signs, char *problem);

/* What was written stays. Accepts NULL. false as event_file_close(). */
bool tensorboard_close(struct tensorboard *board, char *problem);

#endif
