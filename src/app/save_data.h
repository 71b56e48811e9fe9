/* save_data.h - the numbers of the step that the window shows, as files. */
#ifndef APP_SAVE_DATA_H
#define APP_SAVE_DATA_H

#include <stdbool.h>

#include "lab/experiment.h"
#include "measure/snapshot.h"

/*
 * Save a snapshot beside the screenshots (save_name.h) as .csv, .json and .npz: the same numbers
 * three times, the last one stacked by the one step. told (FILE_PROBLEM_MAX bytes) is a sentence
 * that names them or says what went wrong; false where anything did.
 */
bool save_data(const struct experiment *experiment, const struct snapshot *snapshot,
               const char *folder, char *told);

#endif
