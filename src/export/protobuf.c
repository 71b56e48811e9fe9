#include "export/protobuf.h"

#include <stdlib.h>
#include <string.h>

enum wire { WIRE_VARINT = 0, WIRE_DOUBLE = 1, WIRE_BYTES = 2, WIRE_FLOAT = 5 };
enum { VARINT_MOST = 10 };

void protobuf_clear(struct protobuf *out) {
    out->size = 0;
}

void protobuf_finish(struct protobuf *out) {
    free(out->bytes);
    *out = (struct protobuf){ 0 };
}

static bool reserve(struct protobuf *out, size_t more) {
    if (out->size + more <= out->room) {
        return !out->failed;
    }
    size_t room = 2 * (out->size + more);
    unsigned char *bytes = out->failed ? NULL : realloc(out->bytes, room);
    if (!bytes) {
        out->failed = true;
        return false;
    }
    out->bytes = bytes;
    out->room = room;
    return true;
}

static size_t varint(unsigned char bytes[VARINT_MOST], uint64_t value) {
    size_t size = 0;
    for (; value >= 0x80; value >>= 7) {
        bytes[size++] = (unsigned char)(value | 0x80);
    }
    bytes[size++] = (unsigned char)value;
    return size;
}

void protobuf_append(struct protobuf *out, const void *bytes, size_t size) {
    if (reserve(out, size)) {
        memcpy(out->bytes + out->size, bytes, size);
        out->size += size;
    }
}

static void append_varint(struct protobuf *out, uint64_t value) {
    unsigned char bytes[VARINT_MOST];
    protobuf_append(out, bytes, varint(bytes, value));
}

static void append_key(struct protobuf *out, int field, enum wire wire) {
    append_varint(out, (uint64_t)field << 3 | (uint64_t)wire);
}

/* Lowest byte first, whatever the machine's order; compilers make one store of it. */
static void put32(unsigned char *at, uint32_t bits) {
    at[0] = (unsigned char)bits;
    at[1] = (unsigned char)(bits >> 8);
    at[2] = (unsigned char)(bits >> 16);
    at[3] = (unsigned char)(bits >> 24);
}

static void put_double(unsigned char *at, double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    put32(at, (uint32_t)bits);
    put32(at + 4, (uint32_t)(bits >> 32));
}

void protobuf_int64(struct protobuf *out, int field, int64_t value) {
    append_key(out, field, WIRE_VARINT);
    append_varint(out, (uint64_t)value);
}

void protobuf_double(struct protobuf *out, int field, double value) {
    unsigned char bytes[sizeof value];
    put_double(bytes, value);
    append_key(out, field, WIRE_DOUBLE);
    protobuf_append(out, bytes, sizeof bytes);
}

void protobuf_float(struct protobuf *out, int field, float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    unsigned char bytes[sizeof value];
    put32(bytes, bits);
    append_key(out, field, WIRE_FLOAT);
    protobuf_append(out, bytes, sizeof bytes);
}

void protobuf_string(struct protobuf *out, int field, const char *text) {
    append_key(out, field, WIRE_BYTES);
    append_varint(out, strlen(text));
    protobuf_append(out, text, strlen(text));
}

void protobuf_doubles(struct protobuf *out, int field, const double *values, size_t count) {
    append_key(out, field, WIRE_BYTES);
    append_varint(out, count * sizeof *values);
    if (reserve(out, count * sizeof *values)) {
        unsigned char *at = out->bytes + out->size;
        for (size_t i = 0; i < count; i++) {
            put_double(at + i * sizeof *values, values[i]);
        }
        out->size += count * sizeof *values;
    }
}

struct protobuf_message protobuf_begin(struct protobuf *out, int field, size_t expected) {
    unsigned char length[VARINT_MOST] = { 0 };
    append_key(out, field, WIRE_BYTES);
    struct protobuf_message message = { out->size, varint(length, expected) };
    protobuf_append(out, length, message.room);
    return message;
}

/* The length comes before what it is of, so that has to move where the room for it is wrong. */
void protobuf_end(struct protobuf *out, struct protobuf_message message) {
    unsigned char length[VARINT_MOST];
    if (out->failed) {
        return;
    }
    size_t from = message.start + message.room, inside = out->size - from;
    size_t size = varint(length, inside);
    if (size != message.room && reserve(out, size)) {
        memmove(out->bytes + message.start + size, out->bytes + from, inside);
        out->size += size - message.room;
    }
    if (!out->failed) {
        memcpy(out->bytes + message.start, length, size);
    }
}
