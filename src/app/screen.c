#include "app/screen.h"

#include <SDL.h>
#include <string.h>

static bool has_plain_pixels(void) {
    const char *driver = SDL_GetCurrentVideoDriver();
    return driver && strcmp(driver, "x11") == 0;
}

bool screen_init(struct screen *screen, SDL_Window *window) {
    *screen = (struct screen){ .window = window };
    if (has_plain_pixels()) {
        SDL_SetHint(SDL_HINT_FRAMEBUFFER_ACCELERATION, "0"); // else a texture in disguise
        if (SDL_GetWindowSurface(window)) {
            return true;
        }
    }
    screen->renderer = SDL_CreateRenderer(window, -1, 0);
    if (!screen->renderer) {
        screen->renderer = SDL_CreateRenderer(window, -1, SDL_RENDERER_SOFTWARE);
    }
    return screen->renderer != NULL;
}

void screen_finish(struct screen *screen) {
    if (screen->texture) {
        SDL_DestroyTexture(screen->texture);
    }
    if (screen->renderer) {
        SDL_DestroyRenderer(screen->renderer);
    }
    *screen = (struct screen){ 0 };
}

bool screen_size(const struct screen *screen, int *width, int *height) {
    if (!screen->renderer) {
        SDL_GetWindowSize(screen->window, width, height);
    } else if (SDL_GetRendererOutputSize(screen->renderer, width, height) != 0) {
        return false;
    }
    return *width > 0 && *height > 0;
}

uint32_t *screen_pixels(struct screen *screen, int width, int height) {
    SDL_Surface *surface = screen->renderer ? NULL : SDL_GetWindowSurface(screen->window);
    bool fits = surface && surface->w == width && surface->h == height &&
                surface->pitch == width * 4 && surface->format->format == SDL_PIXELFORMAT_RGB888;
    uint32_t *pixels = fits ? surface->pixels : NULL;
    screen->lent = pixels;
    return pixels;
}

/* The surface is of the window's newest size, which the picture need not have yet. */
static bool show_surface(struct screen *screen, const uint32_t *pixels, int width, int height) {
    if (pixels == screen->lent) {
        return SDL_UpdateWindowSurface(screen->window) == 0;
    }
    SDL_Surface *surface = SDL_GetWindowSurface(screen->window);
    if (!surface) {
        return false;
    }
    int w = width < surface->w ? width : surface->w, h = height < surface->h ? height : surface->h;
    return SDL_ConvertPixels(w, h, SDL_PIXELFORMAT_RGB888, pixels, width * 4,
                             surface->format->format, surface->pixels, surface->pitch) == 0 &&
           SDL_UpdateWindowSurface(screen->window) == 0;
}

/* One streaming texture of the picture's size, made anew when that changes or it was lost. */
static bool fit_texture(struct screen *screen, int width, int height) {
    if (screen->texture && screen->width == width && screen->height == height) {
        return true;
    }
    if (screen->texture) {
        SDL_DestroyTexture(screen->texture);
    }
    screen->texture = SDL_CreateTexture(screen->renderer, SDL_PIXELFORMAT_RGB888,
                                        SDL_TEXTUREACCESS_STREAMING, width, height);
    screen->width = width;
    screen->height = height;
    return screen->texture != NULL;
}

bool screen_show(struct screen *screen, const uint32_t *pixels, int width, int height) {
    if (!screen->renderer) {
        return show_surface(screen, pixels, width, height);
    }
    if (!fit_texture(screen, width, height)) {
        return false;
    }
    if (SDL_UpdateTexture(screen->texture, NULL, pixels, width * 4) != 0 ||
        SDL_RenderCopy(screen->renderer, screen->texture, NULL, NULL) != 0) {
        return false;
    }
    SDL_RenderPresent(screen->renderer);
    return true;
}

bool screen_renew(struct screen *screen) {
    SDL_Window *window = screen->window;
    screen_finish(screen);
    return screen_init(screen, window);
}

void screen_lost(struct screen *screen) {
    screen->width = 0;
}
