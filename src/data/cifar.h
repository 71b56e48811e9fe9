/*
 * cifar.h - CIFAR-10 in its binary version: data_batch_1.bin to data_batch_5.bin to train on,
 * test_batch.bin held out, all in the folder settings->path or in its cifar-10-batches-bin; or
 * settings->path is one of them.
 *
 * Each file is whole records of 3073 bytes, 10,000 as they come, at least one: the label 0 to 9,
 * then 32 x 32 bytes each of red, green and blue. Examples keep that order. The classes are called
 * as the lines of batches.meta.txt beside the files say; without ten of them, as they are known.
 */
#ifndef DATA_CIFAR_H
#define DATA_CIFAR_H

#include "data/dataset.h"

/* One of its files, or a folder with the first of them. */
bool cifar_claims(const struct candidate *candidate);
/* Looks for all six files and at their sizes, from which the number of examples follows. */
bool cifar_describe(const struct dataset_settings *settings, struct dataset_shape *shape,
                    char *problem);
bool cifar_load(struct dataset *dataset, const struct dataset_settings *settings, char *problem);

#endif
