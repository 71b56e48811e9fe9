#include "base/check.h"

#include <stdint.h>

#include "base/require.h"
#include "tools.h"

/* The draws of every instruction set against those of base/random.h, bit by bit. */

enum { MOST = 1100 };

static const struct random_stream streams[] = {
    { .seed = 0, .purpose = RANDOM_WEIGHT, .layer = 1 },
    { .seed = 42, .purpose = RANDOM_BIAS, .layer = 200 },
    { .seed = UINT64_MAX, .purpose = RANDOM_WEIGHT, .layer = UINT32_MAX },
};

static void compare(const struct draw_kernels *draws, const struct random_stream *stream,
                    uint32_t row, uint32_t first, uint32_t count) {
    double got[MOST + 1], want[MOST];
    got[count] = 7.0;
    draws->uniforms(stream, row, first, count, got);
    random_uniforms(stream, row, first, count, want);
    assert_memory_equal(got, want, count * sizeof *want);
    draws->normals(stream, row, first, count, got);
    random_normals(stream, row, first, count, want);
    assert_memory_equal(got, want, count * sizeof *want);
    assert_true(got[count] == 7.0);
}

static void draws_are_the_same_bits(void **state) {
    (void)state;
    const struct kernels *sets[SETS_MOST];
    for (int s = kernel_sets(sets) - 1; s >= 0; s--) {
        for (int i = 0; i < ARRAY_LEN(streams); i++) {
            for (uint32_t count = 1; count <= 130; count++) {
                compare(sets[s]->draws, &streams[i], count, 4 * count, count);
            }
            compare(sets[s]->draws, &streams[i], UINT32_MAX, UINT32_MAX - 3, 4);
            compare(sets[s]->draws, &streams[i], UINT32_MAX, UINT32_MAX - 1099, MOST);
            for (uint32_t row = 0; row < 300; row++) { // some in the outermost tails
                compare(sets[s]->draws, &streams[i], row, 0, MOST);
            }
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(draws_are_the_same_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
