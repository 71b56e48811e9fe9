/*
 * loops_philox.h - the generator of base/random.h on some counters at a time, for loops that draw.
 */
#ifndef ENGINE_LOOPS_PHILOX_H
#define ENGINE_LOOPS_PHILOX_H

#include <stdint.h>
#include <string.h>
#if defined(__SSE2__)
#include <immintrin.h>
#endif

#include "engine/vector.h"

enum { PHILOX_BLOCKS = 16 }; // counters at a time

// Each 32-bit word in a lane of 64 bits, of which the upper half is not looked at.
#if defined(__AVX512F__)
typedef uint64_t philox_words __attribute__((vector_size(64)));
#define PHILOX_PRODUCT(a, b) (philox_words) _mm512_mul_epu32((__m512i)(a), (__m512i)(b))
#elif defined(__AVX2__)
typedef uint64_t philox_words __attribute__((vector_size(32)));
#define PHILOX_PRODUCT(a, b) (philox_words) _mm256_mul_epu32((__m256i)(a), (__m256i)(b))
#else
typedef uint64_t philox_words __attribute__((vector_size(16)));
#if defined(__SSE2__)
#define PHILOX_PRODUCT(a, b) (philox_words) _mm_mul_epu32((__m128i)(a), (__m128i)(b))
#else
#define PHILOX_PRODUCT(a, b) (((a)&0xffffffffu) * ((b)&0xffffffffu))
#endif
#endif

enum {
    PHILOX_LANES = sizeof(philox_words) / sizeof(uint64_t),
    PHILOX_PARTS = PHILOX_BLOCKS / PHILOX_LANES
};

ALWAYS_INLINE void philox_round(philox_words c[4], uint32_t k0, uint32_t k1) {
    const philox_words zero = { 0 };
    philox_words a = PHILOX_PRODUCT(zero + 0xD2511F53u, c[0]);
    philox_words b = PHILOX_PRODUCT(zero + 0xCD9E8D57u, c[2]);
    c[0] = (b >> 32) ^ c[1] ^ (zero + k0);
    c[1] = b;
    c[2] = (a >> 32) ^ c[3] ^ (zero + k1);
    c[3] = a;
}

/*
 * Ten rounds of Philox4x32 on counters first.. of a row, one word of each in its own array; high is
 * the upper half of the counter.
 */
ALWAYS_INLINE void philox_blocks(const uint32_t key[2], const uint32_t high[2], uint32_t row,
                                 uint32_t first, uint32_t words[4][PHILOX_BLOCKS]) {
    const philox_words zero = { 0 };
    philox_words c[PHILOX_PARTS][4];
    uint32_t k0 = key[0], k1 = key[1];
    for (uint32_t p = 0; p < PHILOX_PARTS; p++) {
        uint64_t counters[PHILOX_LANES];
        for (uint32_t i = 0; i < PHILOX_LANES; i++) {
            counters[i] = first + p * PHILOX_LANES + i;
        }
        memcpy(&c[p][0], counters, sizeof counters);
        c[p][1] = zero + row;
        c[p][2] = zero + high[0];
        c[p][3] = zero + high[1];
    }
    for (int round = 0; round < 10; round++) {
        for (int p = 0; p < PHILOX_PARTS; p++) {
            philox_round(c[p], k0, k1);
        }
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    for (int p = 0; p < PHILOX_PARTS; p++) {
        for (int k = 0; k < 4; k++) {
            for (int i = 0; i < PHILOX_LANES; i++) {
                words[k][p * PHILOX_LANES + i] = (uint32_t)c[p][k][i];
            }
        }
    }
}

#endif
