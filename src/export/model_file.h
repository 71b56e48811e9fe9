/*
 * model_file.h - all that the networks of a run have learned, as a NumPy archive that loads again.
 *
 * The arrays and counts of lab/model.h, float32 and int64, and "experiment" (n), the settings as
 * INI text in bytes. With it training goes on just as if it had not been interrupted. The same run
 * gives the same bytes.
 */
#ifndef EXPORT_MODEL_FILE_H
#define EXPORT_MODEL_FILE_H

#include <stdbool.h>

#include "lab/run.h"

/*
 * Write it whole or not at all; false with a sentence in problem (FILE_PROBLEM_MAX bytes). A pass
 * that no update has followed is left out.
 */
bool model_file_write(const char *path, struct run *run, char *problem);

#endif
