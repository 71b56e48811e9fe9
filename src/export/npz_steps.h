/*
 * npz_steps.h - the numbers of snapshots as a NumPy archive, stacked by step.
 *
 * Members are named by run and quantity (quantity.h), as A.loss and A.h.mean; what both runs share
 * has no run, as step. Their first axis is the step; of layers there is a second one, 1..L for
 * what hidden layers alone have, else 1..L+1, the last being the output. float64, NaN where a
 * quantity is not known.
 *
 * Of a histogram there are, with the same axes, <name>.counts (steps, layers, bins) uint32 and each
 * count apart from the bins, as <name>.nan, int64; the bins are evenly spaced in <name>.low..
 * <name>.high, or, of a logarithmic one, between the edges of log_edges (509), which is there once.
 * The same input gives the same bytes.
 *
 * Memory: the steps wait in a temporary file without a name (tmpfile()). Threads: one.
 */
#ifndef EXPORT_NPZ_STEPS_H
#define EXPORT_NPZ_STEPS_H

#include <stdbool.h>

#include "measure/snapshot.h"

struct npz_steps;

/* NULL with a sentence in problem (FILE_PROBLEM_MAX bytes), as here below. */
struct npz_steps *npz_steps_open(const char *path, char *problem);

/* Another step, of the same networks as the first one. False once something failed: there is
 * nothing but to close it then, not complete. */
bool npz_steps_add(struct npz_steps *steps, const struct snapshot *snapshot, char *problem);

/* Frees steps; the file appears, if complete, or is left as it was. At least one step is in what is
 * complete. */
bool npz_steps_close(struct npz_steps *steps, bool complete, char *problem);

#endif
