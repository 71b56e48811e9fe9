/*
 * crc32c.c - eight bytes at a time: by the instruction that x86-64 processors have for this very
 * checksum (SSE 4.2), else each with a table of its own (Kounavis & Berry, 2008).
 */
#include "base/crc32c.h"

#include <pthread.h>
#include <stdbool.h>
#include <string.h>

enum { SLICES = 8 };

static uint32_t table[SLICES][256];
static pthread_once_t filled = PTHREAD_ONCE_INIT;

static void fill(void) {
    const uint32_t polynomial = 0x82F63B78u; // 0x1EDC6F41, its lowest bit first
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t crc = byte;
        for (int bit = 0; bit < 8; bit++) {
            crc = (crc >> 1) ^ (crc & 1 ? polynomial : 0);
        }
        table[0][byte] = crc;
    }
    for (int slice = 1; slice < SLICES; slice++) {
        for (int byte = 0; byte < 256; byte++) {
            uint32_t crc = table[slice - 1][byte];
            table[slice][byte] = (crc >> 8) ^ table[0][crc & 0xFF];
        }
    }
}

static uint32_t word_at(const unsigned char *at) {
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

#if defined(__x86_64__) && defined(__GNUC__)

static bool has_instruction(void) {
    return __builtin_cpu_supports("sse4.2");
}

__attribute__((target("sse4.2"))) static uint32_t
by_instruction(uint32_t crc, const unsigned char *at, size_t size) {
    uint64_t wide = crc, word;
    for (; size >= sizeof word; size -= sizeof word, at += sizeof word) {
        memcpy(&word, at, sizeof word);
        wide = __builtin_ia32_crc32di(wide, word);
    }
    crc = (uint32_t)wide;
    for (; size > 0; size--) {
        crc = __builtin_ia32_crc32qi(crc, *at++);
    }
    return crc;
}

#else

static bool has_instruction(void) {
    return false;
}

static uint32_t by_instruction(uint32_t crc, const unsigned char *at, size_t size) {
    (void)at;
    (void)size;
    return crc;
}

#endif

uint32_t crc32c_by_tables(uint32_t crc, const void *bytes, size_t size) {
    pthread_once(&filled, fill);
    const unsigned char *at = bytes;
    crc = ~crc;
    for (; size >= SLICES; size -= SLICES, at += SLICES) {
        uint32_t low = crc ^ word_at(at), high = word_at(at + 4);
        crc = table[7][low & 0xFF] ^ table[6][low >> 8 & 0xFF] ^ table[5][low >> 16 & 0xFF] ^
              table[4][low >> 24] ^ table[3][high & 0xFF] ^ table[2][high >> 8 & 0xFF] ^
              table[1][high >> 16 & 0xFF] ^ table[0][high >> 24];
    }
    for (; size > 0; size--) {
        crc = (crc >> 8) ^ table[0][(crc ^ *at++) & 0xFF];
    }
    return ~crc;
}

uint32_t crc32c(uint32_t crc, const void *bytes, size_t size) {
    return has_instruction() ? ~by_instruction(~crc, bytes, size)
                             : crc32c_by_tables(crc, bytes, size);
}
