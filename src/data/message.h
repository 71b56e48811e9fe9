/*
 * message.h - read a message of protocol buffers, field by field (protobuf.dev, Encoding).
 *
 * Only what event files need: varints, fixed numbers, and bytes, which may be messages. Nothing is
 * read beyond the end, whatever a message says of itself.
 *
 * Memory: none; a message borrows its bytes. Threads: pure functions.
 */
#ifndef DATA_MESSAGE_H
#define DATA_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How a field is written. */
enum wire { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2, WIRE_FIXED32 = 5 };

/* Bytes that are read from the front. */
struct message {
    const unsigned char *at, *end;
    bool broken; // they are no message, or were none from some place on
};

struct field {
    int number;
    enum wire wire;
    uint64_t bits;         // of a number
    struct message inside; // of WIRE_BYTES
};

/* bytes may be NULL where size is 0. */
struct message message_of(const void *bytes, size_t size);

/* The next field; false at the end, or with `broken` where the bytes are no message. */
bool message_next(struct message *message, struct field *field);

/* Bytes that have not been read. */
size_t message_left(const struct message *message);

/* The next size bytes, at most 8, as a number, lowest first; 0 and broken if there are fewer. */
uint64_t message_fixed(struct message *message, size_t size);

/* Has it that number, and is it written so? */
bool field_is(const struct field *field, int number, enum wire wire);

/* The bits of a double, and of a float. */
double message_double(uint64_t bits);
double message_float(uint64_t bits);

#endif
