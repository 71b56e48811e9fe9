#include "draw/utf8.h"

static size_t sequence_length(unsigned char lead) {
    if (lead < 0x80) {
        return 1;
    }
    if (lead >= 0xC2 && lead < 0xE0) {
        return 2;
    }
    if (lead >= 0xE0 && lead < 0xF0) {
        return 3;
    }
    return lead >= 0xF0 && lead < 0xF5 ? 4 : 0;
}

size_t utf8_step(const char *text, uint32_t *character) {
    static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
    const unsigned char *byte = (const unsigned char *)text;
    size_t length = sequence_length(byte[0]);

    if (length <= 1) {
        *character = length == 1 ? byte[0] : UTF8_BROKEN;
        return byte[0] ? 1 : 0;
    }
    uint32_t code = byte[0] & (0x7Fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((byte[i] & 0xC0) != 0x80) { // also stops at the terminator
            *character = UTF8_BROKEN;
            return 1;
        }
        code = code << 6 | (byte[i] & 0x3Fu);
    }
    if (code < smallest[length] || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) {
        *character = UTF8_BROKEN;
        return 1;
    }
    *character = code;
    return length;
}

size_t utf8_floor(const char *text, size_t length) {
    size_t at = 0;
    uint32_t character;

    for (;;) {
        size_t step = utf8_step(text + at, &character);
        if (step == 0 || at + step > length) {
            return at;
        }
        at += step;
    }
}
