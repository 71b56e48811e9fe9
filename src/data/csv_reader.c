#include "data/csv_reader.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "data/dataset.h"

/* A cell as it stands in the buffer. */
struct csv_part {
    size_t begin, length; // from the row's begin
    bool quoted, doubled; // doubled: holds ""
};

static const char byte_order_mark[] = { '\xEF', '\xBB', '\xBF' };

bool csv_reader_fail(const struct csv_reader *reader, const char *format, ...) {
    char reason[256];
    va_list args;
    va_start(args, format);
    vsnprintf(reason, sizeof reason, format, args);
    va_end(args);
    return dataset_file_problem(reader->problem, reader->path, "line %lld %s",
                                (long long)reader->line, reason);
}

void csv_show(char shown[CSV_SHOWN], const char *text) {
    text_set(shown, CSV_SHOWN, "%s", text);
    for (char *c = shown; *c; c++) {
        *c = (unsigned char)*c < ' ' || *c == 0x7F ? '?' : *c;
    }
}

bool csv_reader_open(struct csv_reader *reader, const char *path, char *problem) {
    *reader = (struct csv_reader){ .path = path, .problem = problem };
    if (!text_file_open(&reader->file, path, problem)) {
        return false;
    }
    reader->capacity = CSV_BLOCK;
    reader->buffer = malloc(reader->capacity + 1);
    if (!reader->buffer) {
        csv_reader_close(reader);
        return dataset_file_problem(problem, path, "memory ran out for reading it");
    }
    return true;
}

void csv_reader_close(struct csv_reader *reader) {
    text_file_close(&reader->file);
    free(reader->buffer);
    free(reader->part);
    free(reader->cell);
    *reader = (struct csv_reader){ 0 };
}

/* Room for a longer row; what is there stays. */
static bool grow(struct csv_reader *reader) {
    size_t capacity = 2 * reader->capacity;
    if (capacity > CSV_ROW_MOST) {
        reader->line = reader->next_line;
        return csv_reader_fail(reader, "goes on for more than %d MiB; is a quote not closed?",
                               CSV_ROW_MOST >> 20);
    }
    char *buffer = realloc(reader->buffer, capacity + 1);
    if (!buffer) {
        return dataset_file_problem(reader->problem, reader->path, "memory ran out for reading it");
    }
    reader->buffer = buffer;
    reader->capacity = capacity;
    return true;
}

/* More of the file behind what is in the buffer and not read yet. */
static bool refill(struct csv_reader *reader) {
    size_t kept = reader->end - reader->begin;
    memmove(reader->buffer, reader->buffer + reader->begin, kept);
    reader->begin = 0;
    reader->end = kept;
    if (reader->capacity - kept < TEXT_FILE_LEAST && !grow(reader)) {
        return false;
    }
    size_t got;
    if (!text_file_read(&reader->file, reader->buffer + kept, reader->capacity - kept, &got)) {
        return false;
    }
    reader->end += got;
    reader->buffer[reader->end] = '\0';
    reader->at_end = got == 0;
    return true;
}

/* Where the line end at `at` ends; what it is shows only with the byte behind it in sight. */
static size_t behind_line_end(const struct csv_reader *reader, size_t at) {
    const char *buffer = reader->buffer;
    return at + (buffer[at] == '\r' && at + 1 < reader->end && buffer[at + 1] == '\n' ? 2 : 1);
}

static bool is_line_end(char c) {
    return c == '\n' || c == '\r';
}

/* Pass over lines that begin with #. */
static bool skip_remarks(struct csv_reader *reader) {
    while (reader->begin < reader->end && reader->buffer[reader->begin] == '#') {
        size_t at = reader->begin;
        while (at < reader->end && !is_line_end(reader->buffer[at])) {
            at++;
        }
        if (at + 1 >= reader->end && !reader->at_end) {
            if (!refill(reader)) {
                return false;
            }
        } else {
            reader->begin = at < reader->end ? behind_line_end(reader, at) : at;
            reader->next_line++;
        }
    }
    return true;
}

bool csv_reader_rewind(struct csv_reader *reader, char separator) {
    text_file_rewind(&reader->file);
    reader->separator = separator;
    memset(reader->stops, 0, sizeof reader->stops);
    reader->stops[(unsigned char)separator] = reader->stops['\n'] = reader->stops['\r'] = true;
    reader->stops['\t'] |= separator == ' ';
    reader->begin = reader->end = 0;
    reader->at_end = false;
    reader->next_line = 1;
    while (reader->end < sizeof byte_order_mark && !reader->at_end) {
        if (!refill(reader)) {
            return false;
        }
    }
    if (reader->end >= sizeof byte_order_mark &&
        memcmp(reader->buffer, byte_order_mark, sizeof byte_order_mark) == 0) {
        reader->begin = sizeof byte_order_mark;
    }
    return skip_remarks(reader);
}

int64_t csv_reader_done(const struct csv_reader *reader) {
    return text_file_before(&reader->file, reader->end - reader->begin);
}

/* A row that is being cut; positions are of the buffer. */
struct cut {
    struct csv_reader *reader;
    size_t at;
    int64_t lines; // that end in quotes
    int count;
};

/* CUT_MORE: only with more of the file in the buffer can it be said where the row ends. */
enum cut_result { CUT_CELL, CUT_ROW, CUT_MORE, CUT_BAD };

static bool add_part(struct cut *cut, struct csv_part part) {
    struct csv_reader *reader = cut->reader;
    if (cut->count == reader->room) {
        int room = reader->room > 0 ? 2 * reader->room : 64;
        struct csv_part *parts = realloc(reader->part, (size_t)room * sizeof *parts);
        if (parts) {
            reader->part = parts;
        }
        struct csv_cell *cells = parts ? realloc(reader->cell, (size_t)room * sizeof *cells) : NULL;
        if (!cells) {
            return dataset_file_problem(reader->problem, reader->path,
                                        "memory ran out for reading it");
        }
        reader->cell = cells;
        reader->room = room;
    }
    part.begin -= reader->begin;
    reader->part[cut->count++] = part;
    return true;
}

static bool is_blank(char c, char separator) {
    return c == ' ' || (c == '\t' && separator != '\t');
}

static void skip_blanks(struct cut *cut) {
    const struct csv_reader *reader = cut->reader;
    while (cut->at < reader->end && is_blank(reader->buffer[cut->at], reader->separator)) {
        cut->at++;
    }
}

/* What stands between quotes, the first of them behind us. CUT_CELL: so does the last. */
static enum cut_result cut_quoted(struct cut *cut, struct csv_part *part) {
    const struct csv_reader *reader = cut->reader;
    const char *buffer = reader->buffer;
    *part = (struct csv_part){ .begin = cut->at, .quoted = true };
    for (;; cut->at++) {
        const char *quote = memchr(buffer + cut->at, '"', reader->end - cut->at);
        size_t at = quote ? (size_t)(quote - buffer) : reader->end;
        if (at + 1 >= reader->end && !reader->at_end) {
            return CUT_MORE;
        }
        if (!quote) {
            csv_reader_fail(reader, "opens a quote that is never closed");
            return CUT_BAD;
        }
        cut->at = at + 1;
        if (cut->at == reader->end || buffer[cut->at] != '"') {
            break;
        }
        part->doubled = true;
    }
    part->length = cut->at - 1 - part->begin;
    for (size_t i = part->begin; i < part->begin + part->length; i++) {
        cut->lines += buffer[i] == '\n' || (buffer[i] == '\r' && buffer[i + 1] != '\n');
    }
    return CUT_CELL;
}

/* Up to a separator or the end of the line. */
static void cut_plain(struct cut *cut, struct csv_part *part) {
    const struct csv_reader *reader = cut->reader;
    const char *buffer = reader->buffer;
    size_t at = cut->at;
    while (at < reader->end && !reader->stops[(unsigned char)buffer[at]]) {
        at++;
    }
    *part = (struct csv_part){ .begin = cut->at };
    cut->at = at;
    while (at > part->begin && is_blank(buffer[at - 1], reader->separator)) {
        at--;
    }
    part->length = at - part->begin;
}

/* The next cell and what ends it. */
static enum cut_result cut_cell(struct cut *cut) {
    const struct csv_reader *reader = cut->reader;
    struct csv_part part;
    skip_blanks(cut);
    if (cut->at < reader->end && reader->buffer[cut->at] == '"') {
        cut->at++;
        enum cut_result result = cut_quoted(cut, &part);
        if (result != CUT_CELL) {
            return result;
        }
    } else {
        cut_plain(cut, &part);
    }
    size_t end = cut->at;
    skip_blanks(cut);
    if (cut->at + 1 >= reader->end && !reader->at_end) {
        return CUT_MORE;
    }
    if (!add_part(cut, part)) {
        return CUT_BAD;
    }
    if (cut->at == reader->end || is_line_end(reader->buffer[cut->at])) {
        return CUT_ROW;
    }
    bool parted =
        reader->separator == ' ' ? cut->at > end : reader->buffer[cut->at] == reader->separator;
    if (!parted) {
        char shown[CSV_SHOWN];
        reader->buffer[cut->at + strcspn(reader->buffer + cut->at, "\r\n")] = '\0';
        csv_show(shown, reader->buffer + cut->at);
        csv_reader_fail(reader, "goes on with '%s' behind a closing quote", shown);
        return CUT_BAD;
    }
    cut->at += reader->separator != ' ';
    return CUT_CELL;
}

/* Where a cell ends once every "" in it is one quote. */
static char *undouble(char *text, size_t length) {
    char *to = text;
    for (const char *from = text; from < text + length; from++) {
        *to++ = *from;
        from += *from == '"';
    }
    return to;
}

/* Every cell ends with a zero, for what parted it is no longer needed. */
static void finish_cells(struct csv_reader *reader, int count) {
    for (int i = 0; i < count; i++) {
        const struct csv_part *part = &reader->part[i];
        char *text = reader->buffer + reader->begin + part->begin;
        *(part->doubled ? undouble(text, part->length) : text + part->length) = '\0';
        reader->cell[i] = (struct csv_cell){ text, part->quoted };
    }
    reader->count = count;
}

/* One row, blank or not. */
static enum csv_result next_row(struct csv_reader *reader) {
    for (;;) {
        struct cut cut = { .reader = reader, .at = reader->begin };
        enum cut_result result = CUT_CELL;
        reader->line = reader->next_line;
        while (result == CUT_CELL) {
            result = cut_cell(&cut);
        }
        if (result == CUT_BAD || (result == CUT_MORE && !refill(reader))) {
            return CSV_BAD;
        }
        if (result == CUT_ROW) {
            size_t next = cut.at < reader->end ? behind_line_end(reader, cut.at) : cut.at;
            reader->next_line += cut.lines + 1;
            finish_cells(reader, cut.count);
            reader->begin = next;
            return CSV_ROW;
        }
    }
}

enum csv_result csv_reader_next(struct csv_reader *reader) {
    for (;;) {
        if (reader->begin == reader->end && !reader->at_end && !refill(reader)) {
            return CSV_BAD;
        }
        if (reader->begin == reader->end && reader->at_end) {
            return CSV_END;
        }
        enum csv_result result = next_row(reader);
        bool blank = reader->count == 1 && !reader->cell[0].quoted && !reader->cell[0].text[0];
        if (result != CSV_ROW || !blank) {
            return result;
        }
    }
}
