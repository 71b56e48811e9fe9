#include "base/check.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "base/require.h"
#include "data/augment.h"
#include "data/dataset.h"

enum { WIDTH = 7, HEIGHT = 5, CHANNELS = 3, PIXELS = WIDTH * HEIGHT, FEATURES = PIXELS * CHANNELS };
enum { EXAMPLES = 60, BATCH = 40 };

static uint8_t bytes[EXAMPLES * FEATURES], all_labels[EXAMPLES];
static float shift[FEATURES], factor[FEATURES];

/* Images in which every pixel has its own values, so that a moved one can be recognised. */
static struct dataset make_dataset(bool preprocessed) {
    struct dataset dataset = {
        .shape = { .features = FEATURES,
                   .classes = 10,
                   .examples = EXAMPLES,
                   .image_width = WIDTH,
                   .image_height = HEIGHT,
                   .image_channels = CHANNELS },
        .byte_scale = 1.0f / 255.0f,
        .shift = preprocessed ? shift : NULL,
        .factor = preprocessed ? factor : NULL,
        .train = { .count = EXAMPLES, .bytes = bytes, .labels = all_labels },
    };
    for (int i = 0; i < EXAMPLES * FEATURES; i++) {
        bytes[i] = (uint8_t)(1 + (i * 37 + i / FEATURES * 11) % 254); // no 0: that is outside
    }
    for (int i = 0; i < EXAMPLES; i++) {
        all_labels[i] = (uint8_t)(i % 10);
    }
    for (int j = 0; j < FEATURES; j++) {
        shift[j] = 0.3f + 0.001f * (float)j;
        factor[j] = j % 11 ? 2.0f + 0.01f * (float)j : 0.0f;
    }
    return dataset;
}

/* A gathered batch with all the room it needs. */
struct gathered {
    float inputs[BATCH * FEATURES], row[FEATURES];
    uint8_t labels[BATCH], other_labels[BATCH];
    uint32_t order[BATCH];
    struct augment_batch batch;
};

static struct gathered *gather(const struct dataset *dataset, int count) {
    struct gathered *g = calloc(1, sizeof *g);
    uint32_t indices[BATCH];
    assert_non_null(g);
    for (int i = 0; i < count; i++) {
        indices[i] = (uint32_t)(i * 7 % EXAMPLES);
    }
    dataset_gather(dataset, &dataset->train, indices, count, g->inputs, g->labels);
    g->batch = (struct augment_batch){ g->inputs,       g->labels, count, FEATURES,
                                       g->other_labels, g->order,  g->row };
    return g;
}

/* Pixel (x, y) of channel c of an image moved by (dx, dy), from the image as it was. */
static float moved(const struct dataset *dataset, const float *image, int c, int x, int y, int dx,
                   int dy) {
    int from_x = x - dx, from_y = y - dy, place = c * PIXELS + y * WIDTH + x;
    if (from_x >= 0 && from_x < WIDTH && from_y >= 0 && from_y < HEIGHT) {
        return image[c * PIXELS + from_y * WIDTH + from_x];
    }
    return dataset->shift ? -shift[place] * factor[place] : 0.0f;
}

static bool is_moved(const struct dataset *dataset, const float *before, const float *after, int dx,
                     int dy) {
    for (int j = 0; j < FEATURES; j++) {
        int c = j / PIXELS, y = j % PIXELS / WIDTH, x = j % PIXELS % WIDTH;
        if (after[j] != moved(dataset, before, c, x, y, dx, dy)) {
            return false;
        }
    }
    return true;
}

/* How far an image has moved, as (dx + most) + (dy + most) (2 most + 1); -1: it is another. */
static int find_move(const struct dataset *dataset, const float *before, const float *after,
                     int most) {
    for (int dy = -most; dy <= most; dy++) {
        for (int dx = -most; dx <= most; dx++) {
            if (is_moved(dataset, before, after, dx, dy)) {
                return dx + most + (dy + most) * (2 * most + 1);
            }
        }
    }
    return -1;
}

static void every_image_moves_as_a_whole(void **state) {
    (void)state;
    for (int preprocessed = 0; preprocessed < 2; preprocessed++) {
        struct dataset dataset = make_dataset(preprocessed);
        for (int most = 0; most < HEIGHT; most++) {
            const struct augment_settings settings = { .seed = 3, .shift = most };
            for (uint64_t step = 0; step < 10; step++) {
                struct gathered *before = gather(&dataset, BATCH), *after = gather(&dataset, BATCH);
                augment_shift(&settings, &dataset, step, &after->batch);
                for (int i = 0; i < BATCH; i++) {
                    size_t at = (size_t)i * FEATURES;
                    assert_true(
                        find_move(&dataset, before->inputs + at, after->inputs + at, most) >= 0);
                }
                assert_memory_equal(before->labels, after->labels, BATCH);
                free(before);
                free(after);
            }
        }
    }
}

/* An image without ink stays one, whatever its preprocessing makes of that. */
static void nothing_moves_to_nothing(void **state) {
    (void)state;
    struct dataset dataset = make_dataset(true);
    memset(bytes, 0, sizeof bytes);
    for (int j = 0; j < FEATURES; j++) { // the same for all pixels, or moving would show
        shift[j] = 0.25f;
        factor[j] = 3.0f;
    }
    struct gathered *before = gather(&dataset, BATCH), *after = gather(&dataset, BATCH);
    augment_shift(&(struct augment_settings){ .shift = 4 }, &dataset, 0, &after->batch);
    assert_memory_equal(before->inputs, after->inputs, sizeof before->inputs);
    free(before);
    free(after);
}

/* Pearson's chi-squared over all 25 moves by up to two pixels. */
static void every_move_is_as_likely(void **state) {
    (void)state;
    enum { MOST = 2, MOVES = (2 * MOST + 1) * (2 * MOST + 1), STEPS = 200 };
    struct dataset dataset = make_dataset(false);
    int counts[MOVES] = { 0 };
    struct gathered *before = gather(&dataset, BATCH);
    for (uint64_t step = 0; step < STEPS; step++) {
        struct gathered *after = gather(&dataset, BATCH);
        augment_shift(&(struct augment_settings){ .seed = 4, .shift = MOST }, &dataset, step,
                      &after->batch);
        for (int i = 0; i < BATCH; i++) {
            size_t at = (size_t)i * FEATURES;
            int move = find_move(&dataset, before->inputs + at, after->inputs + at, MOST);
            assert_in_range(move, 0, MOVES - 1);
            counts[move]++;
        }
        free(after);
    }
    free(before);
    double expected = (double)STEPS * BATCH / MOVES, squares = 0.0;
    for (int i = 0; i < MOVES; i++) {
        squares += (counts[i] - expected) * (counts[i] - expected) / expected;
    }
    assert_true(squares < 51.18); // exceeded with probability 0.001, 24 degrees of freedom
}

static void noise_is_normal_and_every_input_has_its_own(void **state) {
    (void)state;
    enum { STEPS = 50 };
    const double sd = 0.37, n = (double)STEPS * BATCH * FEATURES;
    struct dataset dataset = make_dataset(true);
    struct gathered *before = gather(&dataset, BATCH);
    double sum = 0.0, squares = 0.0, fourth = 0.0, neighbours = 0.0, rows = 0.0, steps = 0.0;
    static double last[BATCH * FEATURES];
    for (uint64_t step = 0; step < STEPS; step++) {
        struct gathered *after = gather(&dataset, BATCH);
        augment_noise(&(struct augment_settings){ .seed = 6, .input_noise = sd }, step,
                      &after->batch);
        static double noise[BATCH * FEATURES];
        for (int i = 0; i < BATCH * FEATURES; i++) {
            noise[i] = ((double)after->inputs[i] - (double)before->inputs[i]) / sd;
            double square = noise[i] * noise[i];
            sum += noise[i];
            squares += square;
            fourth += square * square;
            neighbours += i > 0 ? noise[i] * noise[i - 1] : 0.0;
            rows += i >= FEATURES ? noise[i] * noise[i - FEATURES] : 0.0;
            steps += noise[i] * last[i];
        }
        memcpy(last, noise, sizeof last);
        free(after);
    }
    free(before);
    assert_true(fabs(sum) < 4 * sqrt(n));
    assert_true(fabs(squares / n - 1.0) < 4 * sqrt(2.0 / n));
    assert_true(fabs(fourth / n - 3.0) < 4 * sqrt(96.0 / n));
    assert_true(fabs(neighbours) < 4 * sqrt(n));
    assert_true(fabs(rows) < 4 * sqrt(n));
    assert_true(fabs(steps) < 4 * sqrt(n));
}

/* The batch that mixup makes, from the definition. */
static void assert_mixed(const struct gathered *before, const struct gathered *after,
                         const uint32_t *order, double lambda, int count) {
    for (int i = 0; i < count; i++) {
        assert_int_equal(after->other_labels[i], before->labels[order[i]]);
        assert_int_equal(after->labels[i], before->labels[i]);
        for (int j = 0; j < FEATURES; j++) {
            double x = (double)before->inputs[i * FEATURES + j];
            double other = (double)before->inputs[(int)order[i] * FEATURES + j];
            double want = lambda * x + (1.0 - lambda) * other;
            double got = (double)after->inputs[i * FEATURES + j];
            assert_true(fabs(got - want) <= 2e-7 * (fabs(x) + fabs(other)));
        }
    }
}

static void mixup_is_what_it_says(void **state) {
    (void)state;
    struct dataset dataset = make_dataset(true);
    for (int count = 1; count <= BATCH; count++) {
        double sum = 0.0;
        for (uint64_t step = 0; step < 20; step++) {
            const struct augment_settings settings = { .seed = 9, .mixup = 0.4 };
            const struct random_stream stream = { 9, RANDOM_MIXUP, (uint32_t)step };
            uint32_t order[BATCH];
            struct gathered *before = gather(&dataset, count), *after = gather(&dataset, count);
            double lambda = augment_mixup(&settings, step, &after->batch);
            assert_true(lambda >= 0.0 && lambda <= 1.0);
            assert_true(lambda == random_beta(&stream, 0, 0.4));
            random_permutation(&stream, 1, (uint32_t)count, order);
            assert_mixed(before, after, order, lambda, count);
            sum += lambda;
            free(before);
            free(after);
        }
        assert_true(sum > 0.0 && sum < 20.0);
    }
}

static void what_is_off_does_nothing(void **state) {
    (void)state;
    struct dataset dataset = make_dataset(true);
    struct gathered *before = gather(&dataset, BATCH), *after = gather(&dataset, BATCH);
    const struct augment_settings off = { .seed = 1 };
    after->batch.other_labels = NULL;
    after->batch.order = NULL;
    after->batch.row = NULL;
    assert_true(augment(&off, &dataset, 3, &after->batch) == 1.0);
    assert_memory_equal(before->inputs, after->inputs, sizeof before->inputs);
    free(before);
    free(after);
}

/* First the images move, then they are mixed, and the noise comes last. */
static void all_together_in_this_order(void **state) {
    (void)state;
    struct dataset dataset = make_dataset(true);
    const struct augment_settings settings = {
        .seed = 5, .shift = 2, .mixup = 1.0, .input_noise = 0.1
    };
    struct gathered *one = gather(&dataset, BATCH), *two = gather(&dataset, BATCH);
    double lambda = augment(&settings, &dataset, 11, &one->batch);
    augment_shift(&settings, &dataset, 11, &two->batch);
    assert_true(lambda == augment_mixup(&settings, 11, &two->batch));
    augment_noise(&settings, 11, &two->batch);
    assert_memory_equal(one->inputs, two->inputs, sizeof one->inputs);
    assert_memory_equal(one->other_labels, two->other_labels, BATCH);
    free(one);
    free(two);
}

/* Seed, step and place decide, and nothing else: neither the size of the batch nor the call. */
static void draws_depend_on_their_coordinates(void **state) {
    (void)state;
    struct dataset dataset = make_dataset(false);
    static const struct {
        struct augment_settings settings;
        uint64_t step;
    } rows[] = {
        { { 1, 2, 0.0, 0.5 }, 0 },
        { { 2, 2, 0.0, 0.5 }, 0 },
        { { 1 + (1ull << 32), 2, 0.0, 0.5 }, 0 },
        { { 1, 2, 0.0, 0.5 }, 1 },
        { { 1, 2, 0.0, 0.5 }, 1ull << 31 },
    };
    struct gathered *all[ARRAY_LEN(rows)];
    for (int i = 0; i < ARRAY_LEN(rows); i++) {
        all[i] = gather(&dataset, BATCH);
        struct gathered *again = gather(&dataset, BATCH), *fewer = gather(&dataset, 5);
        augment(&rows[i].settings, &dataset, rows[i].step, &all[i]->batch);
        augment(&rows[i].settings, &dataset, rows[i].step, &again->batch);
        augment(&rows[i].settings, &dataset, rows[i].step, &fewer->batch);
        assert_memory_equal(all[i]->inputs, again->inputs, sizeof again->inputs);
        assert_memory_equal(all[i]->inputs, fewer->inputs, 5 * FEATURES * sizeof(float));
        free(again);
        free(fewer);
        for (int j = 0; j < i; j++) {
            for (size_t k = 0; k < BATCH; k++) { // not even one row is the same
                size_t at = k * FEATURES;
                assert_memory_not_equal(all[i]->inputs + at, all[j]->inputs + at,
                                        FEATURES * sizeof(float));
            }
        }
    }
    for (int i = 0; i < ARRAY_LEN(rows); i++) {
        free(all[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_image_moves_as_a_whole),
        cmocka_unit_test(nothing_moves_to_nothing),
        cmocka_unit_test(every_move_is_as_likely),
        cmocka_unit_test(noise_is_normal_and_every_input_has_its_own),
        cmocka_unit_test(mixup_is_what_it_says),
        cmocka_unit_test(what_is_off_does_nothing),
        cmocka_unit_test(all_together_in_this_order),
        cmocka_unit_test(draws_depend_on_their_coordinates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
