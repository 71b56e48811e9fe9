/*
 * text_file.h - a text file as UTF-8: as its bytes are, or made of UTF-16 where it begins with that
 * byte order mark. The mark stays, as the three bytes that it is in UTF-8.
 *
 * Threads: belongs to one.
 */
#ifndef DATA_TEXT_FILE_H
#define DATA_TEXT_FILE_H

#include <iconv.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { TEXT_FILE_LEAST = 16 }; // bytes of room without which nothing may fit

struct text_file {
    int64_t size;    // of the file, bytes
    int64_t taken;   // of them, read so far
    int64_t decoded; // bytes of text that they became

    // The rest is its own.
    const char *path; // borrowed
    char *problem;    // DATASET_PROBLEM bytes, borrowed
    FILE *file;
    iconv_t decoder;
    bool decodes; // the file is UTF-16, and there is a decoder
};

/* false with a sentence in problem; the file is then zeroed. */
bool text_file_open(struct text_file *file, const char *path, char *problem);
void text_file_close(struct text_file *file); // accepts a zeroed one

/*
 * The next bytes, at most `room` of them, at least TEXT_FILE_LEAST; *got is 0 at the end alone.
 * false with a sentence in problem, also of a zero character, which no text has.
 */
bool text_file_read(struct text_file *file, char *to, size_t room, size_t *got);

/* Begin again with the first byte. */
void text_file_rewind(struct text_file *file);

/* Bytes of the file before the last `left` bytes of text; of UTF-16 about so many, but for 0. */
int64_t text_file_before(const struct text_file *file, size_t left);

/* Does something that begins with these bytes begin as UTF-16? */
bool text_file_is_utf16(const uint8_t *begin, size_t count);

#endif
