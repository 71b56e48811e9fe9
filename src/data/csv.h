/*
 * csv.h - a data set of the user's own in a text file of rows: settings->path.
 *
 * csv_reader.h tells how rows are cut into cells, csv_columns.h which column is what. Every column
 * but the label and those to skip is a feature and holds finite decimal numbers; a value that is
 * missing or no number is refused with its line and column. Labels are words or whole numbers, at
 * most 256 different ones, which become classes as labels.h says. Held-out examples are drawn as
 * split.h says.
 *
 * A file is read twice: to count rows and labels, and once the room is known for the numbers.
 * Nothing beyond a row is kept but the numbers themselves. The shape of a file larger than
 * CSV_DESCRIBED is guessed from that much of its beginning until it is loaded: all but the number
 * of features may then be a little off.
 */
#ifndef DATA_CSV_H
#define DATA_CSV_H

#include "data/dataset.h"

enum { CSV_DESCRIBED = 1 << 20 };

/* settings->separator */
enum csv_separator {
    CSV_FOUND,
    CSV_TAB,
    CSV_SEMICOLON,
    CSV_BAR,
    CSV_COMMA,
    CSV_SPACES,
    CSV_SEPARATORS
};

/* settings->header */
enum csv_header { CSV_HEADER_FOUND, CSV_HEADER_YES, CSV_HEADER_NO, CSV_HEADERS };

struct csv_separator_row {
    const char *name;
    char character; // a blank stands for runs of spaces and tabs
};
extern const struct csv_separator_row csv_separators[CSV_SEPARATORS];
extern const char *const csv_headers[CSV_HEADERS];

/* Text. */
bool csv_claims(const struct candidate *candidate);
bool csv_describe(const struct dataset_settings *settings, struct dataset_shape *shape,
                  char *problem);
bool csv_load(struct dataset *dataset, const struct dataset_settings *settings, char *problem);

#endif
