#include "data/message.h"

#include <string.h>

struct message message_of(const void *bytes, size_t size) {
    static const unsigned char nothing = 0; // where there are no bytes there may be no place either
    const unsigned char *at = size > 0 ? bytes : &nothing;
    return (struct message){ at, at + size, false };
}

static uint64_t take_varint(struct message *message) {
    uint64_t value = 0;
    for (int shift = 0; shift < 64 && message->at < message->end; shift += 7) {
        unsigned char byte = *message->at++;
        value |= (uint64_t)(byte & 0x7F) << shift;
        if (byte < 0x80) {
            return value;
        }
    }
    message->broken = true;
    return 0;
}

size_t message_left(const struct message *message) {
    return (size_t)(message->end - message->at);
}

uint64_t message_fixed(struct message *message, size_t size) {
    uint64_t bits = 0;
    if (message_left(message) < size) {
        message->broken = true;
        return 0;
    }
    for (size_t i = 0; i < size; i++) {
        bits |= (uint64_t)*message->at++ << 8 * i;
    }
    return bits;
}

static struct message take_bytes(struct message *message) {
    uint64_t size = take_varint(message);
    struct message inside = { message->at, message->at, false };
    if (message->broken || size > message_left(message)) {
        message->broken = true;
        return inside;
    }
    message->at += size;
    inside.end = message->at;
    return inside;
}

bool message_next(struct message *message, struct field *field) {
    if (message->broken || message->at == message->end) {
        return false;
    }
    uint64_t key = take_varint(message);
    *field = (struct field){ .number = (int)(key >> 3 & 0x1FFFFFFF), .wire = (enum wire)(key & 7) };
    switch (field->wire) {
    case WIRE_VARINT:
        field->bits = take_varint(message);
        break;
    case WIRE_FIXED64:
        field->bits = message_fixed(message, 8);
        break;
    case WIRE_FIXED32:
        field->bits = message_fixed(message, 4);
        break;
    case WIRE_BYTES:
        field->inside = take_bytes(message);
        break;
    default:
        message->broken = true;
    }
    return !message->broken;
}

bool field_is(const struct field *field, int number, enum wire wire) {
    return field->number == number && field->wire == wire;
}

double message_double(uint64_t bits) {
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

double message_float(uint64_t bits) {
    uint32_t low = (uint32_t)bits;
    float value;
    memcpy(&value, &low, sizeof value);
    return (double)value;
}
