/*
 * npz_file.h - the arrays of the last pass of A as a NumPy archive (.npz of .npy members).
 *
 * Members, float32, C order: x (B, d_0) as the network saw it, y (B) class indices; under mixup y2
 * (B), the second class indices, and lambda (), the share of y; for each layer l = 1..L+1
 * W<l> (fan_in, fan_out), b<l>, z<l>, delta<l>, dW<l>, db<l>, for hidden layers h<l>; prediction
 * (B, outputs), logits (= z<L+1>) and loss (). What the optimiser keeps after the updates made so
 * far is <state>_W<l> and <state>_b<l>, shaped like W and b, with <state> as PyTorch's optimiser of
 * the same kind calls it: momentum_buffer; sum; square_avg, acc_delta; exp_avg, exp_avg_sq. The
 * same input gives the same bytes.
 */
#ifndef EXPORT_NPZ_FILE_H
#define EXPORT_NPZ_FILE_H

#include <stdbool.h>

#include "lab/run.h"

/* Write it whole or not at all; false with a sentence in problem (FILE_PROBLEM_MAX bytes). */
bool npz_file_write(const char *path, const struct run *run, char *problem);

#endif
