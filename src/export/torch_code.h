/*
 * torch_code.h - a network as Python lines that build the same one in PyTorch.
 *
 * The lines run as they stand and define Network, an nn.Module, and an instance of it with the
 * optimiser, the loss and a training step; parameters have the shapes, the means and the variances
 * of ours, and each other's constants. The numbers drawn are others, as are the batches. What
 * initialisers do with data (lsuv, rbm) is left to the reader, which a comment says.
 *
 * Threads: pure.
 */
#ifndef EXPORT_TORCH_CODE_H
#define EXPORT_TORCH_CODE_H

#include "lab/experiment.h"

enum { TORCH_CODE = 1 << 14 };

/* The code of run (0: A) on data of that shape, to buffer (TORCH_CODE bytes). */
void torch_code_print(const struct experiment *experiment, int run,
                      const struct dataset_shape *shape, char *buffer);

#endif
