/* test_loops.c - the loops over pixels: in words, and the same bits for every instruction set. */
#include <math.h>

#include "paper.h"

#include "base/random.h"
#include "base/require.h"
#include "draw/loops.h"
#include "draw/raster.h"

extern const struct loops loops_baseline;
#ifdef DRAW_DISPATCH
extern const struct loops loops_avx2;
#endif

enum { WIDTH = 100, ROWS = 40 };

struct sheet {
    uint32_t pixels[WIDTH];
    unsigned char coverage[WIDTH * ROWS + LOOPS_BEYOND];
};

static uint32_t word(uint32_t row, int column) {
    const struct random_stream stream = { .seed = 7 };
    uint32_t words[4];
    random_words(&stream, row, (uint32_t)column / 4, words);
    return words[column % 4];
}

/* Of the coverage half is 0, in stretches, and some is full. */
static void prepare(struct sheet *sheet, uint32_t row) {
    memset(sheet, 0, sizeof *sheet);
    for (int i = 0; i < WIDTH; i++) {
        uint32_t drawn = word(row, i);
        bool none = word(row + 1, i / 24) & 1;
        sheet->pixels[i] = drawn & 0xFFFFFF;
        sheet->coverage[i] = none ? 0 : drawn >> 29 == 0 ? 255 : (unsigned char)(drawn >> 24);
    }
}

typedef void work(const struct loops *loops, struct sheet *sheet, uint32_t row);

static void fill(const struct loops *loops, struct sheet *sheet, uint32_t row) {
    loops->fill(sheet->pixels + row % 16, (int)(row % 84), word(row, 0) & 0xFFFFFF);
}

static void tint(const struct loops *loops, struct sheet *sheet, uint32_t row) {
    loops->tint(sheet->pixels + row % 16, (int)(row % 84), word(row, 0), word(row, 1) % 257);
}

static void ink(const struct loops *loops, struct sheet *sheet, uint32_t row) {
    loops->ink(sheet->pixels + row % 16, sheet->coverage + row % 13, (int)(row % 84), word(row, 0),
               word(row, 1) % 257);
}

static void drain(const struct loops *loops, struct sheet *sheet, uint32_t row) {
    loops->drain(sheet->pixels + row % 16, sheet->coverage + row % 13, (int)(row % 84),
                 word(row, 0), word(row, 1) % 257);
}

static void capsule(const struct loops *loops, struct sheet *sheet, uint32_t row) {
    float dx = (float)(word(row, 0) % 1000) / 11.0f - 40.0f;
    float dy = (float)(word(row, 1) % 1000) / 31.0f - 15.0f;
    double x = (word(row, 2) % 100) / 100.0 - 2.0, y = (word(row, 3) % 100) / 100.0 - 2.0;
    float reach = 1.0f + (float)(row % 5);
    struct capsule shape = { dx, dy, 1.0f / (dx * dx + dy * dy), reach, x, y, 0.0, 0.0 };
    if (row % 2 && fabsf(dy) > 0.5f) {
        shape.slope = (double)(dx / dy);
        shape.spread = (double)reach * hypot((double)dx, (double)dy) / fabs((double)dy);
    }
    loops->capsule(sheet->coverage + row % 9, WIDTH, 1 + (int)(row % 90), ROWS - 1, &shape);
}

static work *const works[] = { fill, tint, ink, drain, capsule };

static void test_every_instruction_set_gives_the_same(void **state) {
    (void)state;
#ifdef DRAW_DISPATCH
    if (!__builtin_cpu_supports("avx2")) {
        skip();
    }
    for (uint32_t row = 0; row < 600; row++) {
        for (int i = 0; i < ARRAY_LEN(works); i++) {
            struct sheet a, b;
            prepare(&a, row);
            prepare(&b, row);
            works[i](&loops_baseline, &a, row);
            works[i](&loops_avx2, &b, row);
            assert_memory_equal(&a, &b, sizeof a);
        }
    }
#else
    skip();
#endif
}

static void test_draining_is_inking_that_empties(void **state) {
    (void)state;
    for (uint32_t row = 0; row < 300; row++) {
        struct sheet a, b;
        prepare(&a, row);
        prepare(&b, row);
        ink(&loops_baseline, &a, row);
        drain(&loops_baseline, &b, row);
        assert_memory_equal(a.pixels, b.pixels, sizeof a.pixels);
        int from = (int)(row % 13), to = from + (int)(row % 84);
        for (int i = 0; i < WIDTH; i++) {
            assert_int_equal(b.coverage[i], i >= from && i < to ? 0 : a.coverage[i]);
        }
    }
}

/* By the definition, one pixel after the other, in double. */
static void test_capsules_cover_what_is_near(void **state) {
    (void)state;
    const struct capsule shape = { 30.0f, 12.0f, 1.0f / 1044.0f, 2.5f, -3.25, -3.75, 0.0, 0.0 };
    static unsigned char mask[WIDTH * ROWS + LOOPS_BEYOND];
    loops_baseline.capsule(mask, WIDTH, 50, ROWS, &shape);
    for (int i = 0; i < WIDTH * ROWS; i++) {
        double x = i % WIDTH - 3.25, y = i / WIDTH - 3.75; // NOLINT(bugprone-integer-division)
        double along = fmin(fmax((x * 30.0 + y * 12.0) / 1044.0, 0.0), 1.0);
        double away = hypot(x - 30.0 * along, y - 12.0 * along);
        double wanted = i % WIDTH < 50 ? 255.0 * fmin(fmax(2.5 - away, 0.0), 1.0) : 0.0;
        assert_near(mask[i], wanted, 0.51);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_instruction_set_gives_the_same),
        cmocka_unit_test(test_draining_is_inking_that_empties),
        cmocka_unit_test(test_capsules_cover_what_is_near),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
