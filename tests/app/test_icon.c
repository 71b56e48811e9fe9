#include "base/check.h"

#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/icon.h"
#include "base/require.h"
#include "base/text.h"
#include "draw/canvas.h"
#include "export/svg_file.h"
#include "view/icon.h"

enum { LARGEST = 512 };

static const int sides[] = { 16, 22, 24, 32, 48, 64, 128, 256, LARGEST };
static uint32_t pixels[LARGEST * LARGEST];

static unsigned alpha_at(int side, int x, int y) {
    return pixels[y * side + x] >> 24;
}

static const char *kept(const char *name) {
    static char path[4096];
    const char *root = getenv("SOURCE_ROOT");
    assert_non_null(root);
    text_set(path, sizeof path, "%s/packaging/icons/%s", root, name);
    return path;
}

/* A colour over another. */
static int over(uint32_t pixel, int shift, int under) {
    int alpha = (int)(pixel >> 24), ink = (int)(pixel >> shift & 0xff);
    return (ink * alpha + under * (255 - alpha) + 127) / 255;
}

/* The files of the theme are what the program draws, as libpng reads them. */
static void the_files_are_up_to_date(void **state) {
    (void)state;
    static png_byte bytes[4 * LARGEST * LARGEST];
    for (int i = 0; i < ARRAY_LEN(sides); i++) {
        char name[32];
        png_image image = { .version = PNG_IMAGE_VERSION };
        text_set(name, sizeof name, "%dx%d.png", sides[i], sides[i]);
        assert_true(png_image_begin_read_from_file(&image, kept(name)));
        assert_int_equal(image.width, sides[i]);
        assert_int_equal(image.height, sides[i]);
        image.format = PNG_FORMAT_BGRA;
        assert_true(png_image_finish_read(&image, NULL, bytes, 0, NULL));
        assert_true(icon_pixels(pixels, sides[i]));
        for (int p = 0; p < sides[i] * sides[i]; p++) {
            const png_byte *b = &bytes[4 * p];
            uint32_t pixel =
                (uint32_t)b[3] << 24 | (uint32_t)b[2] << 16 | (uint32_t)b[1] << 8 | b[0];
            if (pixel != pixels[p]) {
                fail_msg("%s differs at pixel %d: make_icons writes it anew", name, p);
            }
        }
    }
}

/* But for its second line, which says what wrote it. */
static void the_drawing_is_up_to_date(void **state) {
    (void)state;
    static char drawn[16384], read[16384];
    struct display_list list;
    const struct svg_page page = { 128, 128, 1, "layerscope", NULL, NULL, 0 };
    FILE *out = tmpfile(), *file = fopen(kept("layerscope.svg"), "r");
    assert_non_null(out);
    assert_non_null(file);
    display_list_init(&list, (struct text_metrics){ 0 });
    icon_draw(&list, 128);
    svg_print(out, &list, &page);
    display_list_finish(&list);
    rewind(out);
    drawn[fread(drawn, 1, sizeof drawn - 1, out)] = '\0';
    read[fread(read, 1, sizeof read - 1, file)] = '\0';
    fclose(out);
    fclose(file);
    const char *a = strstr(drawn, "<svg"), *b = strstr(read, "<svg");
    assert_non_null(a);
    assert_non_null(b);
    assert_string_equal(a, b);
}

static void corners_are_clear_and_the_tile_is_not(void **state) {
    (void)state;
    for (int i = 0; i < ARRAY_LEN(sides); i++) {
        int side = sides[i], last = side - 1;
        assert_true(icon_pixels(pixels, side));
        assert_true(alpha_at(side, 0, 0) < 64 && alpha_at(side, last, last) < 64);
        assert_true(alpha_at(side, last, 0) < 64 && alpha_at(side, 0, last) < 64);
        assert_int_equal(alpha_at(side, side / 2, side / 2), 255);
        assert_int_equal(alpha_at(side, side / 2, 1), 255);
        assert_int_equal(alpha_at(side, 1, side / 2), 255);
    }
}

/* Laid over a grey that nobody drew on, it looks as if it had been drawn there. */
static void half_clear_pixels_mix_as_the_canvas_mixes(void **state) {
    (void)state;
    enum { SIDE = 64, GREY = 0x80 };
    struct display_list list;
    struct canvas grey;
    display_list_init(&list, (struct text_metrics){ 0 });
    icon_draw(&list, SIDE);
    assert_true(canvas_init(&grey, SIDE, SIDE, 1.0f));
    canvas_draw(&grey, &list, NULL, 0xff000000u | GREY << 16 | GREY << 8 | GREY);
    assert_true(icon_pixels(pixels, SIDE));
    int mixed = 0;
    for (int i = 0; i < SIDE * SIDE; i++) {
        mixed += pixels[i] >> 24 > 0 && pixels[i] >> 24 < 255;
        for (int shift = 0; shift < 24; shift += 8) {
            int expected = (int)(grey.pixels[i] >> shift & 0xff);
            assert_true(abs(over(pixels[i], shift, GREY) - expected) <= 3);
        }
    }
    assert_true(mixed > 8);
    canvas_finish(&grey);
    display_list_finish(&list);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_files_are_up_to_date),
        cmocka_unit_test(the_drawing_is_up_to_date),
        cmocka_unit_test(corners_are_clear_and_the_tile_is_not),
        cmocka_unit_test(half_clear_pixels_mix_as_the_canvas_mixes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
