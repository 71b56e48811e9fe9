#include "export/png_file.h"

#include <errno.h>
#include <math.h>
#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/require.h"
#include "base/text.h"

// Flat drawings: filters make them larger, and higher levels cost far more time than they save.
enum { COMPRESSION_LEVEL = 3 };

static const double METRES_PER_INCH = 0.0254;

struct encoder {
    png_structp png;
    png_infop info;
    struct file_writer writer;
    char *problem;
};

struct picture {
    const uint32_t *pixels;
    int width, height;
    float scale;
};

static void report(struct encoder *encoder, const char *reason) {
    text_set(encoder->problem, FILE_PROBLEM_MAX, "cannot write %s: %s", encoder->writer.path,
             reason);
}

static void on_error(png_structp png, png_const_charp reason) {
    report(png_get_error_ptr(png), reason);
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp reason) {
    (void)png;
    (void)reason;
}

static void write_bytes(png_structp png, png_bytep bytes, size_t count) {
    FILE *stream = png_get_io_ptr(png);
    if (fwrite(bytes, 1, count, stream) != count) {
        png_error(png, strerror(errno));
    }
}

/* libpng buffers nothing behind our back; the stream is flushed when the writer commits. */
static void flush_nothing(png_structp png) {
    (void)png;
}

static bool is_ascii(const char *text) {
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text >= 0x80) {
            return false;
        }
    }
    return true;
}

/* libpng copies both strings. */
static void set_text(struct encoder *encoder, const struct png_text *text) {
    png_text chunk = {
        .compression =
            is_ascii(text->value) ? PNG_TEXT_COMPRESSION_NONE : PNG_ITXT_COMPRESSION_NONE,
        .key = (png_charp)text->key,
        .text = (png_charp)text->value,
    };
    png_set_text(encoder->png, encoder->info, &chunk, 1);
}

static void write_header(struct encoder *encoder, const struct picture *picture) {
    png_structp png = encoder->png;
    png_infop info = encoder->info;
    png_set_IHDR(png, info, (png_uint_32)picture->width, (png_uint_32)picture->height, 8,
                 PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    png_set_sRGB_gAMA_and_cHRM(png, info, PNG_sRGB_INTENT_PERCEPTUAL);
    long per_metre = lround(96.0 * (double)picture->scale / METRES_PER_INCH);
    png_set_pHYs(png, info, (png_uint_32)per_metre, (png_uint_32)per_metre, PNG_RESOLUTION_METER);
    png_set_compression_level(png, COMPRESSION_LEVEL);
    png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_NONE);
    png_write_info(png, info);
}

static void write_rows(struct encoder *encoder, const struct picture *picture, png_bytep rgb) {
    const uint32_t *pixel = picture->pixels;
    for (int y = 0; y < picture->height; y++) {
        png_bytep out = rgb;
        for (int x = 0; x < picture->width; x++, pixel++) {
            *out++ = (png_byte)(*pixel >> 16);
            *out++ = (png_byte)(*pixel >> 8);
            *out++ = (png_byte)*pixel;
        }
        png_write_row(encoder->png, rgb);
    }
    png_write_end(encoder->png, encoder->info);
}

static bool encoder_init(struct encoder *encoder) {
    encoder->png = png_create_write_struct(PNG_LIBPNG_VER_STRING, encoder, on_error, on_warning);
    encoder->info = encoder->png ? png_create_info_struct(encoder->png) : NULL;
    if (!encoder->info) {
        report(encoder, "memory ran out");
        return false;
    }
    png_set_write_fn(encoder->png, encoder->writer.stream, write_bytes, flush_nothing);
    return true;
}

static bool encode(struct encoder *encoder, const struct picture *picture,
                   const struct png_text *texts, int text_count) {
    // volatile: it is set between setjmp() and a possible longjmp()
    png_bytep volatile row = NULL;
    if (setjmp(png_jmpbuf(encoder->png))) {
        png_free(encoder->png, row);
        return false;
    }
    row = png_malloc(encoder->png, 3 * (size_t)picture->width);
    for (int i = 0; i < text_count; i++) {
        set_text(encoder, &texts[i]);
    }
    write_header(encoder, picture);
    write_rows(encoder, picture, row);
    png_free(encoder->png, row);
    return true;
}

bool png_file_write(const char *path, const uint32_t *pixels, int width, int height, float scale,
                    const struct png_text *texts, int text_count, char *problem) {
    REQUIRE(width > 0 && height > 0 && scale > 0.0f);
    struct picture picture = { pixels, width, height, scale };
    struct encoder encoder = { .problem = problem };
    if (!file_writer_open(&encoder.writer, path, problem)) {
        return false;
    }
    bool written = encoder_init(&encoder) && encode(&encoder, &picture, texts, text_count);
    png_destroy_write_struct(&encoder.png, &encoder.info);
    return file_writer_close(&encoder.writer, written, problem);
}
