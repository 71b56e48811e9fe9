/*
 * csv_reader.h - rows of text cut into cells, from a file that is read block by block.
 *
 * Cells are separated by one character, or with a blank as separator by runs of spaces and tabs;
 * spaces around a cell are dropped. A cell in quotes may hold separators and line ends, and "" is
 * a quote in it (RFC 4180); a quote inside any other cell is a character as others. Lines end with
 * LF, CR LF or CR. Left out are a byte order mark, blank lines, and lines that begin with # before
 * the first row. text_file.h says which files are text.
 *
 * Memory: the longest row decides, CSV_ROW_MOST bytes at most. Threads: a reader belongs to one.
 */
#ifndef DATA_CSV_READER_H
#define DATA_CSV_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "data/text_file.h"

enum { CSV_BLOCK = 1 << 18, CSV_ROW_MOST = 1 << 26, CSV_SHOWN = 40 };

struct csv_cell {
    char *text; // terminated, in the reader's buffer
    bool quoted;
};

struct csv_reader {
    // Of the row that was read last:
    struct csv_cell *cell; // (count)
    int count;
    int64_t line; // its first one, from 1

    // The rest is the reader's own.
    const char *path; // borrowed
    char *problem;    // DATASET_PROBLEM bytes, borrowed
    struct text_file file;
    char separator;
    bool stops[256]; // what ends a cell without quotes
    char *buffer;
    size_t capacity, begin, end;
    bool at_end;
    int64_t next_line;
    struct csv_part *part; // the cells as they stand in the buffer, (room)
    int room;
};

/* false with a sentence in problem; the reader is then zeroed. */
bool csv_reader_open(struct csv_reader *reader, const char *path, char *problem);
void csv_reader_close(struct csv_reader *reader); // accepts a zeroed one

/* Start at the first row, with another separator. false with a sentence in problem. */
bool csv_reader_rewind(struct csv_reader *reader, char separator);

/* Read the next row. CSV_BAD with a sentence in problem. */
enum csv_result { CSV_ROW, CSV_END, CSV_BAD };
enum csv_result csv_reader_next(struct csv_reader *reader);

/* Bytes of the file up to behind the row read last; of UTF-16 about so many, but at the end. */
int64_t csv_reader_done(const struct csv_reader *reader);

/* "FILE: line N" and what is wrong there as the problem; always false. */
bool csv_reader_fail(const struct csv_reader *reader, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The beginning of a cell as a sentence can show it. */
void csv_show(char shown[CSV_SHOWN], const char *text);

#endif
