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

/* Lowest byte first, whatever the machine's order. */
static void append_fixed(struct protobuf *out, uint64_t bits, size_t size) {
    unsigned char bytes[sizeof bits];
    for (size_t i = 0; i < size; i++) {
        bytes[i] = (unsigned char)(bits >> 8 * i);
    }
    protobuf_append(out, bytes, size);
}

static void append_double(struct protobuf *out, double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    append_fixed(out, bits, sizeof bits);
}

void protobuf_int64(struct protobuf *out, int field, int64_t value) {
    append_key(out, field, WIRE_VARINT);
    append_varint(out, (uint64_t)value);
}

void protobuf_double(struct protobuf *out, int field, double value) {
    append_key(out, field, WIRE_DOUBLE);
    append_double(out, value);
}

void protobuf_float(struct protobuf *out, int field, float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    append_key(out, field, WIRE_FLOAT);
    append_fixed(out, bits, sizeof bits);
}

void protobuf_string(struct protobuf *out, int field, const char *text) {
    append_key(out, field, WIRE_BYTES);
    append_varint(out, strlen(text));
    protobuf_append(out, text, strlen(text));
}

void protobuf_doubles(struct protobuf *out, int field, const double *values, size_t count) {
    append_key(out, field, WIRE_BYTES);
    append_varint(out, count * sizeof *values);
    for (size_t i = 0; i < count; i++) {
        append_double(out, values[i]);
    }
}

size_t protobuf_begin(struct protobuf *out, int field) {
    append_key(out, field, WIRE_BYTES);
    return out->size;
}

/* The length comes before what it is of, so that has to move. */
void protobuf_end(struct protobuf *out, size_t begun) {
    unsigned char length[VARINT_MOST];
    size_t inside = out->size - begun, size = varint(length, inside);
    if (reserve(out, size)) {
        memmove(out->bytes + begun + size, out->bytes + begun, inside);
        memcpy(out->bytes + begun, length, size);
        out->size += size;
    }
}
