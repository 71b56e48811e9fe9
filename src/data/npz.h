/*
 * npz.h - a data set of the user's own as arrays that numpy.savez() or savez_compressed() wrote:
 * settings->path.
 *
 * x (examples, features), or images (examples, height, width), also with channels before or behind
 * those, where there are 1 or 3; y (examples) or (examples, 1), whole numbers, which become classes
 * as labels.h says. Also x_test and y_test, else some are held out as split.h says. The names
 * x_train and y_train will do, too, in lower or upper case. Arrays of bytes stay bytes, all others
 * become float and must be finite.
 * npz_member.h tells how damage and false claims are found.
 */
#ifndef DATA_NPZ_H
#define DATA_NPZ_H

#include "data/dataset.h"

/* Any zip archive. */
bool npz_claims(const struct candidate *candidate);
/* Reads the labels, too. */
bool npz_describe(const struct dataset_settings *settings, struct dataset_shape *shape,
                  char *problem);
bool npz_load(struct dataset *dataset, const struct dataset_settings *settings, char *problem);

#endif
