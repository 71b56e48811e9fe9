/* gzip.h - compress in memory, for tests that damage what comes out. */
#ifndef TESTS_DATA_GZIP_H
#define TESTS_DATA_GZIP_H

#include <string.h>
#include <zlib.h>

/* gzip size bytes into out (capacity bytes); returns how many came out, 0 if they do not fit. */
static inline size_t gzip(const void *data, size_t size, unsigned char *out, size_t capacity) {
    z_stream stream;
    memset(&stream, 0, sizeof stream);
    if (deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        return 0;
    }
    stream.next_in = (unsigned char *)(uintptr_t)data; // zlib's interface lacks the const
    stream.avail_in = (uInt)size;
    stream.next_out = out;
    stream.avail_out = (uInt)capacity;
    int status = deflate(&stream, Z_FINISH);
    deflateEnd(&stream);
    return status == Z_STREAM_END ? stream.total_out : 0;
}

#endif
