/*
 * png_file.h - write a canvas as an sRGB PNG.
 */
#ifndef EXPORT_PNG_FILE_H
#define EXPORT_PNG_FILE_H

#include <stdbool.h>
#include <stdint.h>

struct png_text {
    const char *key;   // Latin-1, 1..79 characters
    const char *value; // UTF-8
};

/*
 * pixels (height, width) XRGB8888; scale = device pixels per point, stored as 96 * scale dpi.
 * Written whole or not at all (base/file.h). False with a sentence in problem
 * (FILE_PROBLEM_MAX bytes). The same input gives the same bytes.
 */
bool png_file_write(const char *path, const uint32_t *pixels, int width, int height, float scale,
                    const struct png_text *texts, int text_count, char *problem);

#endif
