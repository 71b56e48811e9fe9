/*
 * protobuf.h - write messages of protocol buffers, field by field, into one buffer that grows.
 *
 * Only what event files need (protobuf.dev, Encoding): varints, fixed numbers, strings, messages
 * within messages, packed doubles. Memory: the buffer is the caller's to finish; once it ran out
 * `failed` is set and nothing more is written. Threads: one.
 */
#ifndef EXPORT_PROTOBUF_H
#define EXPORT_PROTOBUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zeroed: empty. */
struct protobuf {
    unsigned char *bytes;
    size_t size, room;
    bool failed;
};

void protobuf_clear(struct protobuf *out); // keeps the memory
void protobuf_finish(struct protobuf *out);

/* Bytes as they are. */
void protobuf_append(struct protobuf *out, const void *bytes, size_t size);

void protobuf_int64(struct protobuf *out, int field, int64_t value);
void protobuf_double(struct protobuf *out, int field, double value);
void protobuf_float(struct protobuf *out, int field, float value);
void protobuf_string(struct protobuf *out, int field, const char *text);
void protobuf_doubles(struct protobuf *out, int field, const double *values, size_t count);

/*
 * What is written between the two is a message in that field. begin() gives what end() wants. A
 * message of about `expected` bytes need not be moved in the end.
 */
struct protobuf_message {
    size_t start; // of the room for its length
    size_t room;
};
struct protobuf_message protobuf_begin(struct protobuf *out, int field, size_t expected);
void protobuf_end(struct protobuf *out, struct protobuf_message message);

#endif
