/*
 * video.h - SDL's way to the screen: which driver, which renderer.
 */
#ifndef APP_VIDEO_H
#define APP_VIDEO_H

#include <SDL_render.h>
#include <SDL_video.h>
#include <stdbool.h>

/* Start SDL on the display there is. Without one a line on stderr says what to do instead. */
bool video_start(void);

/* What brings a window's pixels to the screen; NULL when SDL has nothing, see SDL_GetError(). */
SDL_Renderer *video_renderer(SDL_Window *window);

#endif
