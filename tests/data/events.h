/*
 * events.h - what the tests of event files share: records by hand, and what a reader hands out as
 * text, in the words of events/make_events.py.
 */
#ifndef TESTS_DATA_EVENTS_H
#define TESTS_DATA_EVENTS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crc32c.h"
#include "data/event_reader.h"

/* A file's bytes; free() them. */
static inline unsigned char *load_file(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    unsigned char *bytes = NULL;
    *size = 0;
    if (file && fseek(file, 0, SEEK_END) == 0) {
        *size = (size_t)ftell(file);
        rewind(file);
        bytes = malloc(*size + 1);
        *size = bytes ? fread(bytes, 1, *size, file) : 0;
        bytes[*size] = '\0';
    }
    if (file) {
        fclose(file);
    }
    return bytes;
}

static inline void put_number(unsigned char *bytes, uint64_t value, int size) {
    for (int i = 0; i < size; i++) {
        bytes[i] = (unsigned char)(value >> 8 * i);
    }
}

/* Length and its checksum, of a record that claims to be so long. */
static inline void put_head(unsigned char head[12], uint64_t length) {
    put_number(head, length, 8);
    put_number(head + 8, crc32c_mask(crc32c(0, head, 8)), 4);
}

/* A whole record of size bytes of data, 16 more; returns how many that are. */
static inline size_t put_record(unsigned char *to, const void *data, size_t size) {
    put_head(to, size);
    memcpy(to + 12, data, size);
    put_number(to + 12 + size, crc32c_mask(crc32c(0, data, size)), 4);
    return 16 + size;
}

/* What was read, as lines. */
struct told {
    FILE *out;
    int64_t step;
    int values;
};

static inline void tell_value(void *context, const struct event_value *value) {
    struct told *told = context;
    told->values++;
    fprintf(told->out, "%lld %s ", (long long)told->step, value->tag);
    const struct event_histogram *histogram = &value->histogram;
    if (!value->is_histogram) {
        fprintf(told->out, "scalar %.17g", value->scalar);
    } else if (histogram->summed) {
        fprintf(told->out, "histogram %.17g %.17g %.17g %.17g %.17g", histogram->min,
                histogram->max, histogram->n, histogram->sum, histogram->squares);
    } else {
        fprintf(told->out, "buckets");
    }
    for (int i = 0; value->is_histogram && i < histogram->buckets; i++) {
        const struct bucket *bucket = &histogram->bucket[i];
        fprintf(told->out, " %.17g %.17g %.17g", bucket->low, bucket->high, bucket->count);
    }
    fputc('\n', told->out);
}

/* Read on as far as it goes. */
static inline void tell_all(struct event_reader *reader, struct told *told) {
    while (event_reader_next(reader)) {
        told->step = reader->head.step;
        event_reader_values(reader, tell_value, told);
    }
}

#endif
