/*
 * screen.h - what brings a picture into the window: one buffer of pixels, as fast as SDL can.
 *
 * The canvas does all the drawing. On X11, where a window's pixels are the screen's, it draws into
 * the window's own surface, in memory that is shared with the X server; elsewhere (scaled screens)
 * what it drew is copied into one streaming texture.
 *
 * Threads: SDL's, the main one.
 */
#ifndef APP_SCREEN_H
#define APP_SCREEN_H

#include <SDL_render.h>
#include <SDL_video.h>
#include <stdbool.h>
#include <stdint.h>

struct screen {
    SDL_Window *window;     // borrowed
    SDL_Renderer *renderer; // NULL: the window's surface
    SDL_Texture *texture;
    int width, height;    // of the texture
    const uint32_t *lent; // of the surface, by screen_pixels()
};

/* false when SDL has no way to draw in the window, see SDL_GetError(). */
bool screen_init(struct screen *screen, SDL_Window *window);
void screen_finish(struct screen *screen); // accepts a zeroed one

/* Device pixels there are; false while there are none, as in a minimised window. */
bool screen_size(const struct screen *screen, int *width, int *height);

/*
 * Where a picture (height, width) XRGB8888 is drawn so that screen_show() need not copy it; NULL:
 * nowhere. Until SDL is asked for events or the way to the screen is lost.
 */
uint32_t *screen_pixels(struct screen *screen, int width, int height);

/* Show such a picture. False when the way to the screen is lost, with a graphics card, say. */
bool screen_show(struct screen *screen, const uint32_t *pixels, int width, int height);

/* Look for a way to the screen anew, with nothing of what screen_pixels() gave; false as above. */
bool screen_renew(struct screen *screen);

/* SDL says that the graphics card has forgotten the textures. */
void screen_lost(struct screen *screen);

#endif
