/*
 * icon.h - the icon as pixels, for the window and for the files that a desktop wants.
 */
#ifndef APP_ICON_H
#define APP_ICON_H

#include <SDL_video.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Draw it into pixels (side, side), 0xAARRGGBB, not premultiplied. False, pixels untouched, when
 * memory runs out.
 */
bool icon_pixels(uint32_t *pixels, int side);

/* Give it to the window, for the title bar and the list of windows; Wayland takes it from the
 * .desktop file instead. */
void icon_show(SDL_Window *window);

#endif
