#include "base/check.h"

#include "base/require.h"
#include "net.h"

/* Masks against random.h, their shares and what they have in common. */

enum { MOST = 400 * 500 };

static unsigned char keep[MOST], other[MOST];

/* What noise.h says of an entry, by the generator itself. */
static bool kept_at(enum random_purpose purpose, uint64_t seed, int64_t step, int layer, int i,
                    int j, double drop) {
    uint32_t words[4];
    const struct random_stream stream = {
        .seed = seed,
        .purpose = (enum random_purpose)((uint32_t)purpose | (uint32_t)layer << 8),
        .layer = (uint32_t)step,
    };
    random_words(&stream, (uint32_t)i, (uint32_t)j / 4, words);
    return (double)words[j % 4] < (1.0 - drop) * 0x1p32;
}

/* Every coordinate, in all instruction sets. */
static void masks_are_draws_of_their_coordinates(void **state) {
    (void)state;
    static const int shapes[][2] = { { 1, 1 },  { 3, 5 },  { 7, 63 }, { 2, 64 },
                                     { 5, 65 }, { 4, 66 }, { 3, 67 }, { 2, 333 } };
    static const int64_t steps[] = { 1, 2, 77, 0xFFFFFFFF };
    const struct kernels *sets[SETS_MOST];
    const struct noise_settings settings = { .dropout = 0.3, .drop_connect = 0.6 };
    const uint64_t seed = 0x123456789ABCDEF0u;
    int count = kernel_sets(sets);
    for (int number = 0; number < count * ARRAY_LEN(shapes) * ARRAY_LEN(steps); number++) {
        kernels = sets[number % count];
        const int *shape = shapes[number / count % ARRAY_LEN(shapes)];
        int64_t step = steps[number / count / ARRAY_LEN(shapes)];
        int layer = 1 + number % NETWORK_MAX_LAYERS, columns = shape[1];
        noise_draw_units(&settings, seed, step, layer, keep, shape[0], columns);
        noise_draw_weights(&settings, seed, step, layer, other, shape[0], columns);
        for (int i = 0; i < shape[0] * columns; i++) {
            int row = i / columns, column = i % columns;
            assert_int_equal(keep[i], kept_at(RANDOM_DROPOUT, seed, step, layer, row, column, 0.3));
            assert_int_equal(other[i],
                             kept_at(RANDOM_DROP_CONNECT, seed, step, layer, row, column, 0.6));
        }
    }
    engine_start();
}

static int kept_of(const unsigned char *mask, int n) {
    int sum = 0;
    for (int i = 0; i < n; i++) {
        assert_true(mask[i] <= 1);
        sum += mask[i];
    }
    return sum;
}

/* Within five standard errors of a binomial share. */
static void assert_share(int sum, int n, double share) {
    assert_true(fabs(sum - n * share) <= 5.0 * sqrt(n * share * (1.0 - share)));
}

static void what_is_kept_has_its_share(void **state) {
    (void)state;
    static const double drops[] = { 0.01, 0.1, 0.3, 0.5, 0.9, 0.999 };
    for (int d = 0; d < ARRAY_LEN(drops); d++) {
        const struct noise_settings each[] = {
            { .dropout = drops[d] },
            { .alpha_dropout = drops[d] },
            { .drop_connect = drops[d] },
        };
        for (int layer = 1; layer <= 3; layer++) {
            noise_draw_units(&each[0], 5, 9, layer, keep, 400, 500);
            assert_share(kept_of(keep, MOST), MOST, 1.0 - drops[d]);
            noise_draw_units(&each[1], 5, 9, layer, other, 400, 500);
            assert_memory_equal(keep, other, MOST); // which way it drops is another matter
            noise_draw_weights(&each[2], 5, 9, layer, keep, 400, 500);
            assert_share(kept_of(keep, MOST), MOST, 1.0 - drops[d]);
        }
    }
}

static int differences(void) {
    int sum = 0;
    for (int i = 0; i < MOST; i++) {
        sum += keep[i] != other[i];
    }
    return sum;
}

/* Two masks of another step, layer, seed or purpose agree as often as chance has it. */
static void every_step_layer_and_seed_has_its_own(void **state) {
    (void)state;
    const struct noise_settings settings = { .dropout = 0.5, .drop_connect = 0.5 };
    noise_draw_units(&settings, 1, 7, 3, keep, 400, 500);
    noise_draw_units(&settings, 1, 7, 3, other, 400, 500);
    assert_int_equal(differences(), 0);
    noise_draw_units(&settings, 1, 8, 3, other, 400, 500);
    assert_share(differences(), MOST, 0.5);
    noise_draw_units(&settings, 1, 7, 4, other, 400, 500);
    assert_share(differences(), MOST, 0.5);
    noise_draw_units(&settings, 2, 7, 3, other, 400, 500);
    assert_share(differences(), MOST, 0.5);
    noise_draw_weights(&settings, 1, 7, 3, other, 400, 500);
    assert_share(differences(), MOST, 0.5);
}

static void a_larger_probability_drops_more_of_the_same(void **state) {
    (void)state;
    noise_draw_units(&(struct noise_settings){ .dropout = 0.05 }, 1, 7, 3, keep, 400, 500);
    for (double drop = 0.1; drop < 1.0; drop += 0.1) {
        noise_draw_units(&(struct noise_settings){ .dropout = drop }, 1, 7, 3, other, 400, 500);
        for (int i = 0; i < MOST; i++) {
            assert_true(keep[i] >= other[i]);
        }
        assert_true(kept_of(keep, MOST) > kept_of(other, MOST));
        memcpy(keep, other, MOST);
    }
}

/* A wider or higher mask has the smaller one in its corner: twins differ by what was changed. */
static void masks_of_other_shapes_share_their_corner(void **state) {
    (void)state;
    const struct noise_settings settings = { .dropout = 0.4 };
    noise_draw_units(&settings, 1, 7, 3, keep, 50, 90);
    noise_draw_units(&settings, 1, 7, 3, other, 80, 131);
    for (int i = 0; i < 50; i++) {
        assert_memory_equal(keep + (size_t)i * 90, other + (size_t)i * 131, 90);
    }
}

/* Linear decay, and the share of steps a block survives. */
static void blocks_survive_by_their_odds(void **state) {
    (void)state;
    enum { BLOCKS = 5, STEPS = 20000 };
    const struct noise_settings settings = { .stochastic_depth = 0.5 };
    for (int block = 1; block <= BLOCKS; block++) {
        double odds = 1.0 - (double)block / BLOCKS * 0.5;
        assert_true(fabs(noise_survival(&settings, block, BLOCKS) - odds) < 1e-15);
        int sum = 0;
        for (int step = 1; step <= STEPS; step++) {
            bool survives = noise_survives(&settings, 3, step, block, BLOCKS);
            assert_int_equal(survives, kept_at(RANDOM_DEPTH, 3, step, block, 0, 0, 1.0 - odds));
            sum += survives;
        }
        assert_share(sum, STEPS, odds);
    }
}

/* Mean 0 and variance 1 stay what they are when units of SELU are dropped (Klambauer et al.). */
static void alpha_dropout_keeps_mean_and_variance(void **state) {
    (void)state;
    for (double drop = 0.05; drop < 1.0; drop += 0.05) {
        struct noise_map map = noise_unit_map(&(struct noise_settings){ .alpha_dropout = drop });
        double scale = (double)map.scale, shift = (double)map.shift, low = (double)map.dropped;
        double mean = (1.0 - drop) * shift + drop * low; // of y with mean 0 and variance 1
        double square = (1.0 - drop) * (scale * scale + shift * shift) + drop * low * low;
        assert_true(fabs(mean) < 1e-6);
        assert_true(fabs(square - 1.0) < 1e-6);
        assert_true(fabs((low - shift) / scale + SELU_SCALE * SELU_ALPHA) < 1e-6);
        map = noise_unit_map(&(struct noise_settings){ .dropout = drop });
        assert_true(fabs((double)map.scale * (1.0 - drop) - 1.0) < 1e-6);
        assert_true(map.shift == 0 && map.dropped == 0);
    }
}

int main(void) {
    engine_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(masks_are_draws_of_their_coordinates),
        cmocka_unit_test(what_is_kept_has_its_share),
        cmocka_unit_test(every_step_layer_and_seed_has_its_own),
        cmocka_unit_test(a_larger_probability_drops_more_of_the_same),
        cmocka_unit_test(masks_of_other_shapes_share_their_corner),
        cmocka_unit_test(blocks_survive_by_their_odds),
        cmocka_unit_test(alpha_dropout_keeps_mean_and_variance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
