/*
 * screen.h - what brings a picture into the window: one buffer of pixels, as fast as SDL can.
 *
 * The canvas does all the drawing, so nothing of SDL's renderers is needed but one copy. On X11,
 * where a window's pixels are the screen's, that is the window's own surface in shared memory;
 * elsewhere (scaled screens) one streaming texture.
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
    int width, height; // of the texture
};

/* false when SDL has no way to draw in the window, see SDL_GetError(). */
bool screen_init(struct screen *screen, SDL_Window *window);
void screen_finish(struct screen *screen); // accepts a zeroed one

/* Device pixels there are; false while there are none, as in a minimised window. */
bool screen_size(const struct screen *screen, int *width, int *height);

/*
 * Show pixels (height, width) XRGB8888. A way to the screen that is lost, with a graphics card that
 * went away, say, is looked for anew; false as above.
 */
bool screen_show(struct screen *screen, const uint32_t *pixels, int width, int height);

/* SDL says that the graphics card has forgotten the textures. */
void screen_lost(struct screen *screen);

#endif
