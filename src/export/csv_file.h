/*
 * csv_file.h - the numbers of snapshots as tidy CSV (RFC 4180), one number in a row.
 *
 * Columns: case, run, step, layer, quantity, low, high, value; the first row names them. Quantities
 * are those of quantity.h. Of a histogram every bin that is not empty is a row with its edges in
 * low and high and its count as value, and each count apart from the bins is a row h.histogram.nan,
 * below with the first edge in high, above with the last one in low. Numbers read back as the same
 * doubles; NaN and infinities are NaN, Infinity and -Infinity. The same input gives the same bytes.
 *
 * Memory: one allocation. Threads: one at a time.
 */
#ifndef EXPORT_CSV_FILE_H
#define EXPORT_CSV_FILE_H

#include <stdbool.h>

#include "measure/snapshot.h"

struct csv_file;

/* NULL with a sentence in problem (FILE_PROBLEM_MAX bytes). */
struct csv_file *csv_file_open(const char *path, char *problem);

/*
 * Another step. case_name: NULL where there is but one experiment. False with a sentence in problem
 * once something failed: there is nothing but to close it then, not complete.
 */
bool csv_file_add(struct csv_file *csv, const char *case_name, const struct snapshot *snapshot,
                  char *problem);

/* Frees csv; the file appears, if complete, or is left as it was. False with a sentence in problem
 * where anything since the opening failed. */
bool csv_file_close(struct csv_file *csv, bool complete, char *problem);

#endif
