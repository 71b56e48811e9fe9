/*
 * idx_pair.h - data sets in pairs of IDX files: images (count, height, width) and labels (count).
 *
 * MNIST is shipped; Fashion-MNIST has the same sizes and is looked for in settings->path, else
 * where Debian's dataset-fashion-mnist puts it. Of these, exactly the known sizes are accepted.
 *
 * Any other pair: settings->path is the file of the images, or a folder with
 * train-images-idx3-ubyte (also .idx3-ubyte, .gz, or both). The other names follow from it: labels
 * for images and idx1 for idx3, t10k or test for train; each may be compressed or not. Without
 * held-out images nothing is held out. The classes are 0 up to the largest label.
 */
#ifndef DATA_IDX_PAIR_H
#define DATA_IDX_PAIR_H

#include "data/dataset.h"

/* describe and load of all rows that are IDX pairs. */
bool idx_pair_describe(const struct dataset_settings *settings, struct dataset_shape *shape,
                       char *problem);
bool idx_pair_load(struct dataset *dataset, const struct dataset_settings *settings, char *problem);

/* A file of images, plain or packed, or a folder with those of MNIST's names. */
bool idx_pair_claims(const struct candidate *candidate);

#endif
