/*
 * csv_columns.h - which cells of a row are what: found by looking at the first rows, or given.
 *
 * separator  found: of tab, semicolon, bar, comma and runs of spaces the one that parts most of
 *            the first rows alike into at least two cells; of equals the first.
 * header     found: the first row is one if none of its cells is a number, or if some cell in it is
 *            no number but all those below are, or if it holds one of the label's usual names.
 * label      found: the column with one of those names (label, class, target, species, y), else
 *            the last one.
 *
 * Columns are named by what the header says or by number, from 1. Threads: pure functions.
 */
#ifndef DATA_CSV_COLUMNS_H
#define DATA_CSV_COLUMNS_H

#include "data/csv_reader.h"
#include "data/dataset.h"

enum { CSV_LABEL = -1, CSV_IGNORED = -2 };

struct csv_columns {
    char separator;
    bool header;
    int count;
    int label;    // column, from 0
    int features; // how many
    int *feature; // (count): which one a column is, or CSV_LABEL or CSV_IGNORED; owned
    char *names;  // of the columns, one behind the other; NULL without a header; owned
};

/* Find the columns and leave the reader before the first row of data. False with a sentence in the
 * reader's problem. */
bool csv_columns_find(struct csv_columns *columns, struct csv_reader *reader,
                      const struct dataset_settings *settings);
void csv_columns_finish(struct csv_columns *columns); // accepts a zeroed one

/* Go back to the first row of data; behind a header this keeps the header as the reader's row. */
bool csv_columns_rewind(const struct csv_columns *columns, struct csv_reader *reader);

/* What the features are called, (features) texts in the columns' memory; call with a header only.
 */
void csv_feature_names(const struct csv_columns *columns, const char **names);

/* "column 3 (age)" */
enum { CSV_COLUMN = 80 };
void csv_column_name(const struct csv_columns *columns, int column, char text[CSV_COLUMN]);

/*
 * The number in a cell; between semicolons, which are there for it, also one with a decimal comma.
 * Elsewhere a comma may as well part thousands.
 */
bool csv_number(const struct csv_reader *reader, const char *text, double *value);

/* Is it the word for a value that is not there: nothing, ?, NA, N/A, NaN or null? */
bool csv_is_missing(const char *text);

#endif
