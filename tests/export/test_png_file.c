/* What we write as PNG, read back by a decoder of chunks that is not libpng. */
#include "base/check.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/require.h"
#include "base/text.h"
#include "export/png_file.h"
#include "tools.h"

enum { BROKEN_WIDTH = 64, BROKEN_HEIGHT = 48 };

/* The checker knows this pattern; the top byte must not leak into the picture. */
static uint32_t *pattern(int width, int height) {
    uint32_t *pixels = malloc((size_t)width * (size_t)height * sizeof *pixels);
    assert_non_null(pixels);
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            uint32_t red = (uint32_t)(x * 7 + y) & 255, green = (uint32_t)(x + y * 5) & 255;
            uint32_t blue = (uint32_t)(x * y) & 255;
            pixels[y * width + x] = 0xAA000000u | red << 16 | green << 8 | blue;
        }
    }
    return pixels;
}

static void write_pattern(const char *path, int width, int height, float scale,
                          const struct png_text *texts, int text_count) {
    char problem[FILE_PROBLEM_MAX] = "";
    uint32_t *pixels = pattern(width, height);
    assert_true(png_file_write(path, pixels, width, height, scale, texts, text_count, problem));
    assert_string_equal(problem, "");
    free(pixels);
}

static void other_programs_read_it(void **state) {
    (void)state;
    static const struct {
        int width, height;
        float scale;
        const char *scale_text;
    } cases[] = { { 1, 1, 1.0f, "1" }, { 37, 11, 2.0f, "2" }, { 500, 301, 1.25f, "1.25" } };
    static const struct png_text texts[] = {
        { "Software", "layerscope" },
        { "Title", "σ(z) over depth" },
        { "layerscope:experiment", "layers = 10\nwidth = 100\n" },
        { "Empty", "" },
    };
    for (int i = 0; i < ARRAY_LEN(cases); i++) {
        char path[TOOLS_PATH], width[16], height[16];
        scratch_path(path, "picture.png");
        text_set(width, sizeof width, "%d", cases[i].width);
        text_set(height, sizeof height, "%d", cases[i].height);
        write_pattern(path, cases[i].width, cases[i].height, cases[i].scale, texts,
                      ARRAY_LEN(texts));
        const char *arguments[] = { "png",
                                    path,
                                    width,
                                    height,
                                    cases[i].scale_text,
                                    texts[0].key,
                                    texts[0].value,
                                    texts[1].key,
                                    texts[1].value,
                                    texts[2].key,
                                    texts[2].value,
                                    texts[3].key,
                                    texts[3].value,
                                    NULL };
        assert_checked(arguments);
    }
}

static void same_picture_same_bytes(void **state) {
    (void)state;
    char a[TOOLS_PATH], b[TOOLS_PATH];
    scratch_path(a, "a.png");
    scratch_path(b, "b.png");
    struct png_text text = { "Title", "twice" };
    write_pattern(a, 100, 50, 1.0f, &text, 1);
    write_pattern(b, 100, 50, 1.0f, &text, 1);
    assert_same_file(a, b);
}

static bool write_broken(const char *path, char *problem) {
    uint32_t *pixels = pattern(BROKEN_WIDTH, BROKEN_HEIGHT);
    bool written =
        png_file_write(path, pixels, BROKEN_WIDTH, BROKEN_HEIGHT, 1.0f, NULL, 0, problem);
    free(pixels);
    return written;
}

static void failures_leave_nothing(void **state) {
    (void)state;
    assert_fails_cleanly(write_broken, 300);
}

/* libpng objects only after the file is open, and by longjmp. */
static void libpng_errors_are_reported(void **state) {
    (void)state;
    char path[TOOLS_PATH], problem[FILE_PROBLEM_MAX] = "";
    scratch_path(path, "bad key.png");
    struct png_text text = { "", "a chunk without a key" };
    uint32_t pixel = 0;
    assert_false(png_file_write(path, &pixel, 1, 1, 1.0f, &text, 1, problem));
    assert_non_null(strstr(problem, path));
    FILE *file = fopen(path, "rb");
    assert_null(file);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_programs_read_it),
        cmocka_unit_test(same_picture_same_bytes),
        cmocka_unit_test(failures_leave_nothing),
        cmocka_unit_test(libpng_errors_are_reported),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
