#include "base/pack.h"

#include <stdint.h>
#include <string.h>

#include "base/require.h"

enum { GROUP = 4, GROUP_BYTES = GROUP * sizeof(uint32_t), MOST_ZEROS = 255 };

/* The group that begins at byte `at` of size, exclusive or base; what lies beyond the end is zero.
 */
static void load(const unsigned char *from, const unsigned char *base, size_t at, size_t size,
                 uint32_t word[GROUP]) {
    uint32_t other[GROUP] = { 0 };
    size_t bytes = size - at < GROUP_BYTES ? size - at : GROUP_BYTES;
    memset(word, 0, GROUP_BYTES);
    memcpy(word, from + at, bytes);
    if (base) {
        memcpy(other, base + at, bytes);
    }
    for (int i = 0; i < GROUP; i++) {
        word[i] ^= other[i];
    }
}

static unsigned char *put_word(unsigned char *to, uint32_t word, unsigned *code) {
    *code = word == 0 ? 0 : word < 0x100 ? 1 : word < 0x10000 ? 2 : 3;
    for (unsigned i = 0; i < (*code == 3 ? 4 : *code); i++) {
        *to++ = (unsigned char)(word >> 8 * i);
    }
    return to;
}

size_t pack(const void *from, const void *base, size_t size, unsigned char *to) {
    REQUIRE(size % sizeof(uint32_t) == 0);
    unsigned char *start = to, *zeros = NULL; // zeros: the count of a run that may go on
    for (size_t at = 0; at < size; at += GROUP_BYTES) {
        uint32_t word[GROUP];
        load(from, base, at, size, word);
        if ((word[0] | word[1] | word[2] | word[3]) == 0) {
            if (!zeros || *zeros == MOST_ZEROS) {
                *to++ = 0;
                zeros = to++;
                *zeros = 0;
            }
            ++*zeros;
            continue;
        }
        unsigned char *control = to++;
        unsigned codes = 0, code;
        for (int i = 0; i < GROUP; i++) {
            to = put_word(to, word[i], &code);
            codes |= code << 2 * i;
        }
        *control = (unsigned char)codes;
        zeros = NULL;
    }
    return (size_t)(to - start);
}

static const unsigned char *take_word(const unsigned char *from, unsigned code, uint32_t *word) {
    *word = 0;
    for (unsigned i = 0; i < (code == 3 ? 4 : code); i++) {
        *word |= (uint32_t)*from++ << 8 * i;
    }
    return from;
}

/* Copy bytes of the base, or zeros where there is none. */
static void store_base(unsigned char *to, const unsigned char *base, size_t at, size_t bytes) {
    if (base) {
        memcpy(to + at, base + at, bytes);
    } else {
        memset(to + at, 0, bytes);
    }
}

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

size_t unpack(const unsigned char *from, const void *base, size_t size, void *to) {
    REQUIRE(size % sizeof(uint32_t) == 0);
    const unsigned char *start = from;
    for (size_t at = 0; at < size;) {
        unsigned codes = *from++;
        if (codes == 0) {
            size_t bytes = least(size - at, *from++ * (size_t)GROUP_BYTES);
            store_base(to, base, at, bytes);
            at += bytes;
            continue;
        }
        uint32_t word[GROUP], other[GROUP] = { 0 };
        size_t bytes = least(size - at, GROUP_BYTES);
        if (base) {
            memcpy(other, (const unsigned char *)base + at, bytes);
        }
        for (int i = 0; i < GROUP; i++) {
            from = take_word(from, codes >> 2 * i & 3, &word[i]);
            word[i] ^= other[i];
        }
        memcpy((unsigned char *)to + at, word, bytes);
        at += bytes;
    }
    return (size_t)(from - start);
}
