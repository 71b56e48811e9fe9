#include "base/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data/batches.h"

/* The indices of the first count examples that batches hand out. */
static uint32_t *take(uint32_t examples, uint32_t batch, uint64_t seed, uint32_t count) {
    struct batches batches;
    uint32_t *taken = calloc(count + batch, sizeof *taken);
    assert_non_null(taken);
    assert_true(batches_init(&batches, examples, batch, seed));
    for (uint32_t i = 0; i < count; i += batches.batch) {
        batches_next(&batches, taken + i);
    }
    batches_finish(&batches);
    return taken;
}

static void assert_permutation(const uint32_t *indices, uint32_t count) {
    char *seen = calloc(count, 1);
    assert_non_null(seen);
    for (uint32_t i = 0; i < count; i++) {
        assert_true(indices[i] < count);
        assert_false(seen[indices[i]]);
        seen[indices[i]] = 1;
    }
    free(seen);
}

static void every_epoch_is_a_permutation_even_across_batches(void **state) {
    (void)state;
    static const uint32_t rows[][2] = { { 10, 3 },  { 10, 5 },   { 10, 9 },
                                        { 4, 1 },   { 2, 1 },    { 97, 64 },
                                        { 97, 96 }, { 1000, 7 }, { 60000, 128 } };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint32_t examples = rows[i][0];
        uint32_t *taken = take(examples, rows[i][1], 1, 3 * examples);
        for (uint32_t epoch = 0; epoch < 3; epoch++) {
            assert_permutation(taken + epoch * examples, examples);
        }
        free(taken);
    }
}

static void epochs_differ_and_are_mixed(void **state) {
    (void)state;
    enum { N = 1000 };
    uint32_t *taken = take(N, 10, 1, 3 * N);
    int fixed = 0, repeated = 0;
    for (uint32_t i = 0; i < N; i++) {
        fixed += taken[i] == i;
        repeated += taken[i] == taken[N + i];
        repeated += taken[N + i] == taken[2 * N + i];
    }
    assert_true(fixed < 10); // one is expected of a random permutation
    assert_true(repeated < 12);
    free(taken);
}

static void the_batch_size_does_not_change_the_order(void **state) {
    (void)state;
    uint32_t *small = take(100, 7, 3, 300), *large = take(100, 99, 3, 300);
    assert_memory_equal(small, large, 300 * sizeof *small);
    free(small);
    free(large);
}

static void only_the_seed_decides(void **state) {
    (void)state;
    uint32_t *first = take(500, 32, 8, 2000), *again = take(500, 32, 8, 2000);
    uint32_t *other = take(500, 32, 9, 2000), *far = take(500, 32, 8 + (1ull << 40), 2000);
    assert_memory_equal(first, again, 2000 * sizeof *first);
    assert_memory_not_equal(first, other, 500 * sizeof *first);
    assert_memory_not_equal(first, far, 500 * sizeof *first);
    free(first);
    free(again);
    free(other);
    free(far);
}

static void a_whole_batch_keeps_the_order(void **state) {
    (void)state;
    struct batches batches;
    uint32_t indices[5];
    assert_true(batches_init(&batches, 5, 8, 1)); // cut to 5
    assert_int_equal(batches.batch, 5);
    for (uint64_t epoch = 0; epoch < 4; epoch++) {
        memset(indices, 0xFF, sizeof indices);
        batches_next(&batches, indices);
        assert_int_equal(batches.epoch, epoch);
        for (uint32_t i = 0; i < 5; i++) {
            assert_int_equal(indices[i], i);
        }
    }
    batches_finish(&batches);
    assert_null(batches.order);
    batches_finish(&batches);
}

static void one_example_is_enough(void **state) {
    (void)state;
    struct batches batches;
    uint32_t index = 7;
    assert_true(batches_init(&batches, 1, 1, 1));
    batches_next(&batches, &index);
    batches_next(&batches, &index);
    assert_int_equal(index, 0);
    batches_finish(&batches);
}

/* All 24 orders of 4 examples come equally often: chi-squared with 23 degrees of freedom. */
static void all_orders_are_equally_likely(void **state) {
    (void)state;
    enum { EPOCHS = 24000, CODES = 256 };
    uint32_t *taken = take(4, 1, 5, 4 * EPOCHS);
    int counts[CODES] = { 0 }, orders = 0;
    for (int i = 0; i < EPOCHS; i++) {
        const uint32_t *order = taken + 4 * i;
        counts[order[0] + 4 * order[1] + 16 * order[2] + 64 * order[3]]++;
    }
    double chi_squared = 0, expected = EPOCHS / 24.0;
    for (int i = 0; i < CODES; i++) {
        orders += counts[i] > 0;
        chi_squared += counts[i] > 0 ? pow(counts[i] - expected, 2) / expected : 0;
    }
    assert_int_equal(orders, 24);
    assert_true(chi_squared < 49.7); // exceeded with probability 0.001
    free(taken);
}

/* Every example comes at every place equally often, on average over many epochs. */
static void no_place_prefers_an_example(void **state) {
    (void)state;
    enum { N = 50, EPOCHS = 4000 };
    static int counts[N][N];
    uint32_t *taken = take(N, 10, 6, N * EPOCHS);
    for (int i = 0; i < N * EPOCHS; i++) {
        counts[i % N][taken[i]]++;
    }
    double chi_squared = 0, expected = (double)EPOCHS / N;
    for (int i = 0; i < N * N; i++) {
        chi_squared += pow(counts[i / N][i % N] - expected, 2) / expected;
    }
    double freedom = (N - 1) * (N - 1);
    assert_true(fabs(chi_squared - freedom) < 4 * sqrt(2 * freedom));
    free(taken);
}

static void epochs_beyond_32_bits_are_new_ones(void **state) {
    (void)state;
    struct batches batches;
    uint32_t first[100], late[100];
    assert_true(batches_init(&batches, 100, 50, 1));
    batches_next(&batches, first);
    batches_next(&batches, first + 50);
    batches.epoch = UINT32_MAX;
    batches_next(&batches, late);
    batches_next(&batches, late + 50);
    assert_true(batches.epoch == 1ull << 32);
    assert_permutation(late, 100);
    assert_memory_not_equal(first, late, sizeof first);
    batches_finish(&batches);
}

/* From any place a stream comes back to it, and goes on in batches of another size. */
static void a_stream_comes_back_and_is_cut_anew(void **state) {
    (void)state;
    enum { N = 20 };
    uint32_t *singles = take(N, 1, 3, 10 * N);
    for (uint32_t before = 0; before < 30; before++) {
        struct batches batches;
        uint32_t taken[N];
        assert_true(batches_init(&batches, N, 3, 3));
        for (uint32_t i = 0; i < before; i++) {
            batches_next(&batches, taken);
        }
        struct batches_place place = batches_place(&batches);
        for (int i = 0; i < 9; i++) { // beyond the end of an epoch
            batches_next(&batches, taken);
        }
        batches_return(&batches, place);
        batches_resize(&batches, 7);
        batches_next(&batches, taken);
        assert_memory_equal(taken, singles + 3 * before, 7 * sizeof *taken);
        batches_resize(&batches, 2 * N);
        batches_next(&batches, taken);
        uint32_t first = (3 * before + 7) % N;
        for (uint32_t i = 0; i < N; i++) {
            assert_int_equal(taken[i], (first + i) % N);
        }
        batches_resize(&batches, 5);
        batches_next(&batches, taken);
        assert_memory_equal(taken, singles + 3 * before + 7 + N, 5 * sizeof *taken);
        batches_finish(&batches);
    }
    free(singles);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_epoch_is_a_permutation_even_across_batches),
        cmocka_unit_test(epochs_differ_and_are_mixed),
        cmocka_unit_test(the_batch_size_does_not_change_the_order),
        cmocka_unit_test(only_the_seed_decides),
        cmocka_unit_test(a_whole_batch_keeps_the_order),
        cmocka_unit_test(one_example_is_enough),
        cmocka_unit_test(all_orders_are_equally_likely),
        cmocka_unit_test(no_place_prefers_an_example),
        cmocka_unit_test(a_stream_comes_back_and_is_cut_anew),
        cmocka_unit_test(epochs_beyond_32_bits_are_new_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
