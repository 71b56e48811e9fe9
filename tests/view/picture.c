#include "picture.h"

#include <png.h>
#include <stdlib.h>
#include <string.h>

static png_image image_of(const struct picture *picture) {
    png_image image;
    memset(&image, 0, sizeof image);
    image.version = PNG_IMAGE_VERSION;
    image.width = (png_uint_32)picture->width;
    image.height = (png_uint_32)picture->height;
    image.format = PNG_FORMAT_RGB;
    return image;
}

static unsigned char *bytes_of(const struct picture *picture) {
    size_t count = (size_t)picture->width * (size_t)picture->height;
    unsigned char *bytes = malloc(3 * count);
    for (size_t i = 0; bytes && i < count; i++) {
        for (int c = 0; c < 3; c++) {
            bytes[3 * i + (size_t)c] = (unsigned char)(picture->pixels[i] >> (16 - 8 * c));
        }
    }
    return bytes;
}

bool picture_write(const struct picture *picture, const char *path) {
    png_image image = image_of(picture);
    unsigned char *bytes = bytes_of(picture);
    bool done = bytes && png_image_write_to_file(&image, path, 0, bytes, 0, NULL);
    free(bytes);
    return done;
}

bool picture_read(struct picture *picture, const char *path) {
    memset(picture, 0, sizeof *picture);
    png_image image = image_of(picture);
    if (!png_image_begin_read_from_file(&image, path)) {
        return false;
    }
    image.format = PNG_FORMAT_RGB;
    unsigned char *bytes = malloc((size_t)image.width * image.height * 3);
    if (!bytes || !png_image_finish_read(&image, NULL, bytes, 0, NULL)) {
        free(bytes);
        return false;
    }
    picture->width = (int)image.width;
    picture->height = (int)image.height;
    size_t count = (size_t)picture->width * (size_t)picture->height;
    picture->pixels = malloc(count * sizeof *picture->pixels);
    for (size_t i = 0; picture->pixels && i < count; i++) {
        const unsigned char *rgb = bytes + 3 * i;
        picture->pixels[i] = (uint32_t)rgb[0] << 16 | (uint32_t)rgb[1] << 8 | rgb[2];
    }
    free(bytes);
    return picture->pixels != NULL;
}

void picture_finish(struct picture *picture) {
    free(picture->pixels);
    memset(picture, 0, sizeof *picture);
}
