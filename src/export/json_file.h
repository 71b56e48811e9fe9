/*
 * json_file.h - a snapshot and its experiment as JSON (RFC 8259); layout in README.
 *
 * Numbers keep full precision; NaN and infinities are the strings "NaN", "Infinity", "-Infinity".
 * The same input gives the same bytes.
 */
#ifndef EXPORT_JSON_FILE_H
#define EXPORT_JSON_FILE_H

#include "lab/experiment.h"
#include "measure/snapshot.h"

/* The document as text the caller frees; NULL when memory runs out. */
char *json_print(const struct experiment *experiment, const struct snapshot *snapshot);

/* Write it whole or not at all; false with a sentence in problem (FILE_PROBLEM_MAX bytes). */
bool json_file_write(const char *path, const struct experiment *experiment,
                     const struct snapshot *snapshot, char *problem);

#endif
