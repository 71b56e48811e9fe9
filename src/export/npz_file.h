/*
 * npz_file.h - the arrays of the last pass of A as a NumPy archive (.npz of .npy members).
 *
 * Members, float32 but for masks, C order, with the names of network.h: x (B, d_0) as the network
 * saw it, y (B) class indices; under mixup y2 (B), the second class indices, and lambda (), the
 * share of y; for each layer l = 1..L+1 W<l> (fan_in, fan_out), b<l>, dW<l>, db<l>, z<l>, delta<l>,
 * for hidden layers h<l>; prediction (B, outputs), logits (= z<L+1>) and loss ().
 *
 * Of hidden layers, where there is such a thing:
 *     normalisation   gamma<l>, beta<l>, dgamma<l>, dbeta<l>, zhat<l> and delta_a<l>, d loss / d a,
 *                     both shaped like z; batch: running_mean<l>, running_variance<l>
 *     slopes of phi   slope<l>: leaky_relu (), prelu (d_l) with dslope<l>
 *     residual        scale<l> () of a block's last layer, dscale<l> if it is learned, and with
 *                     stochastic depth survived<l> (), 1 or 0
 *     noise           unit_kept<l> like h, weight_kept<l> like W: booleans
 *     y is not h      phi<l> like h, the y_l of network.h
 * maxout of k pieces has k d_l columns in W, b, z and delta. Split layers have W (k, d/k, d/k).
 * Tied weights come once: a layer without W or b of its own has those of the nearest one before it
 * that has any.
 *
 * What the optimiser keeps after the updates made so far is <state>_<name><l> for W, b and all else
 * that is learned, in its shape, with <state> as PyTorch's optimiser of the same kind calls it:
 * momentum_buffer; sum; square_avg, acc_delta; exp_avg, exp_avg_sq. The same input gives the same
 * bytes.
 */
#ifndef EXPORT_NPZ_FILE_H
#define EXPORT_NPZ_FILE_H

#include <stdbool.h>

#include "lab/run.h"

/* Write it whole or not at all; false with a sentence in problem (FILE_PROBLEM_MAX bytes). */
bool npz_file_write(const char *path, const struct run *run, char *problem);

#endif
