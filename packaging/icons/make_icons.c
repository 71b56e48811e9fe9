/*
 * make_icons.c - write the icon as the files of a hicolor theme: SIDExSIDE.png and layerscope.svg.
 *
 * usage: make_icons FOLDER
 *
 * Run by hand after a change of src/view/icon.c:
 *
 *     ninja -C build packaging/make_icons && build/packaging/make_icons packaging/icons
 *
 * The files are kept in the sources, so that a build for another machine installs them, too; a test
 * holds them to what the program draws.
 */
#include <png.h>
#include <stdio.h>

#include "app/icon.h"
#include "base/file.h"
#include "base/text.h"
#include "export/svg_file.h"
#include "view/icon.h"

enum { LARGEST = 512, SVG_SIDE = 128 };

static const int sides[] = { 16, 22, 24, 32, 48, 64, 128, 256, LARGEST };

/* As bytes R, G, B, A. */
static void spread(unsigned char *bytes, const uint32_t *pixels, int count) {
    for (int i = 0; i < count; i++) {
        bytes[4 * i] = (unsigned char)(pixels[i] >> 16);
        bytes[4 * i + 1] = (unsigned char)(pixels[i] >> 8);
        bytes[4 * i + 2] = (unsigned char)pixels[i];
        bytes[4 * i + 3] = (unsigned char)(pixels[i] >> 24);
    }
}

static bool write_png(const char *folder, int side) {
    static uint32_t pixels[LARGEST * LARGEST];
    static unsigned char bytes[4 * LARGEST * LARGEST];
    char path[FILE_PATH_MAX];
    png_image image = { .version = PNG_IMAGE_VERSION,
                        .width = (png_uint_32)side,
                        .height = (png_uint_32)side,
                        .format = PNG_FORMAT_RGBA };
    text_set(path, sizeof path, "%s/%dx%d.png", folder, side, side);
    if (!icon_pixels(pixels, side)) {
        return false;
    }
    spread(bytes, pixels, side * side);
    return png_image_write_to_file(&image, path, 0, bytes, 0, NULL) != 0;
}

static bool write_svg(const char *folder) {
    char path[FILE_PATH_MAX], problem[FILE_PROBLEM_MAX];
    struct display_list list;
    const struct svg_page page = { SVG_SIDE, SVG_SIDE, 1, "layerscope", NULL };
    text_set(path, sizeof path, "%s/layerscope.svg", folder);
    display_list_init(&list, (struct text_metrics){ 0 });
    icon_draw(&list, SVG_SIDE);
    bool written = !list.incomplete && svg_file_write(path, &list, &page, problem);
    display_list_finish(&list);
    return written;
}

int main(int count, char **words) {
    bool good = count == 2 && write_svg(words[1]);
    for (size_t i = 0; good && i < sizeof sides / sizeof sides[0]; i++) {
        good = write_png(words[1], sides[i]);
    }
    if (!good) {
        fprintf(stderr, "usage: make_icons FOLDER that can be written to\n");
    }
    return good ? 0 : 1;
}
