#include "check.h"

#include <stdint.h>
#include <string.h>

#include "base/pack.h"

enum { MOST_WORDS = 3000, GUARD = 0xA5 };

/* Words of every length, with stretches of zeros of every length between them. */
static void fill(uint32_t *words, size_t count, uint32_t seed) {
    uint32_t state = seed * 2654435761u + 1;
    for (size_t i = 0; i < count;) {
        state = state * 1664525u + 1013904223u;
        size_t zeros = (state >> 8) % 5 == 0 ? (state >> 12) % 1200 : 0;
        for (; zeros > 0 && i < count; zeros--) {
            words[i++] = 0;
        }
        if (i < count) {
            words[i++] = state >> (state >> 27);
        }
    }
}

static void assert_round_trip(const uint32_t *words, const uint32_t *base, size_t size) {
    static unsigned char packed[PACK_MOST(MOST_WORDS * 4) + 1];
    static unsigned char back[MOST_WORDS * 4 + 1];
    memset(packed, GUARD, sizeof packed);
    memset(back, GUARD, sizeof back);
    size_t length = pack(words, base, size, packed);
    assert_true(length <= PACK_MOST(size));
    assert_int_equal(packed[length], GUARD);
    assert_int_equal(unpack(packed, base, size, back), length);
    assert_memory_equal(back, words, size);
    assert_int_equal(back[size], GUARD);
}

static void what_is_packed_comes_back(void **state) {
    (void)state;
    static uint32_t words[MOST_WORDS], base[MOST_WORDS];
    for (uint32_t seed = 0; seed < 300; seed++) {
        size_t size = 4 * (seed < 40 ? seed : seed * 1237 % (MOST_WORDS + 1));
        fill(words, MOST_WORDS, seed);
        fill(base, MOST_WORDS, seed + seed % 2); // every second one is the base itself
        assert_round_trip(words, NULL, size);
        assert_round_trip(words, base, size);
    }
}

/* The worst there is: a group of zeros after each group of four full words. */
static void it_never_takes_more_than_promised(void **state) {
    (void)state;
    static uint32_t words[MOST_WORDS];
    for (int zeros = 0; zeros <= 12; zeros++) {
        for (size_t i = 0; i < MOST_WORDS; i++) {
            words[i] = (int)(i % 16) < zeros ? 0 : UINT32_MAX;
        }
        for (size_t size = 0; size <= MOST_WORDS * 4; size += 4 * 37) {
            assert_round_trip(words, NULL, size);
        }
    }
}

/* Lengths by hand: a control byte for four words, and 0, 1, 2 or 4 bytes for each. */
static void small_numbers_take_few_bytes(void **state) {
    (void)state;
    static const uint32_t zeros[MOST_WORDS];
    const uint32_t words[] = { 0, 1, 255, 256, 65535, 65536, UINT32_MAX, 0, 0, 0, 0, 0 };
    unsigned char packed[PACK_MOST(sizeof words)], many[PACK_MOST(sizeof zeros)];
    assert_int_equal(pack(words, NULL, sizeof words, packed), 1 + 4 + 1 + 10 + 2);
    assert_int_equal(pack(words, words, sizeof words, packed), 2);
    assert_int_equal(pack(zeros, NULL, 255 * 16, many), 2);
    assert_int_equal(pack(zeros, NULL, 256 * 16, many), 4);
    assert_int_equal(pack(zeros, NULL, 0, many), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_packed_comes_back),
        cmocka_unit_test(it_never_takes_more_than_promised),
        cmocka_unit_test(small_numbers_take_few_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
