/* picture.h - a display list as pixels, and pixels as PNG files. */
#ifndef TESTS_VIEW_PICTURE_H
#define TESTS_VIEW_PICTURE_H

#include <stdbool.h>
#include <stdint.h>

struct picture {
    uint32_t *pixels; // 0x00RRGGBB, (height, width); malloc
    int width, height;
};

/* Both return false and leave a zeroed picture when the file cannot be read or written. */
bool picture_read(struct picture *picture, const char *path);
bool picture_write(const struct picture *picture, const char *path);
void picture_finish(struct picture *picture);

#endif
