#include "app/icon.h"

#include <SDL.h>

#include "draw/canvas.h"
#include "view/icon.h"

enum { OPAQUE = 255 };

/*
 * A canvas knows no transparency: what differs between a picture over black and the same one over
 * white is what shines through. The colour is then that over black without its share of black.
 */
static uint32_t see_through(uint32_t over_black, uint32_t over_white) {
    uint32_t alpha = OPAQUE - ((over_white >> 8 & 0xff) - (over_black >> 8 & 0xff));
    uint32_t pixel = alpha << 24;
    for (int shift = 0; alpha > 0 && shift < 24; shift += 8) {
        uint32_t level = ((over_black >> shift & 0xff) * OPAQUE + alpha / 2) / alpha;
        pixel |= (level < OPAQUE ? level : OPAQUE) << shift;
    }
    return pixel;
}

bool icon_pixels(uint32_t *pixels, int side) {
    struct display_list list;
    struct canvas black, white;
    display_list_init(&list, (struct text_metrics){ 0 });
    icon_draw(&list, side);
    bool made_black = canvas_init(&black, side, side, 1.0f);
    bool made = canvas_init(&white, side, side, 1.0f) && made_black && !list.incomplete;
    if (made) {
        canvas_draw(&black, &list, NULL, 0xff000000u);
        canvas_draw(&white, &list, NULL, 0xffffffffu);
        for (int i = 0; i < side * side; i++) {
            pixels[i] = see_through(black.pixels[i], white.pixels[i]);
        }
    }
    canvas_finish(&black);
    canvas_finish(&white);
    display_list_finish(&list);
    return made;
}

void icon_show(SDL_Window *window) {
    enum { SIDE = 128 };
    static uint32_t pixels[SIDE * SIDE];
    if (!icon_pixels(pixels, SIDE)) {
        return; // a window does without
    }
    SDL_Surface *surface = SDL_CreateRGBSurfaceWithFormatFrom(pixels, SIDE, SIDE, 32, 4 * SIDE,
                                                              SDL_PIXELFORMAT_ARGB8888);
    if (surface) {
        SDL_SetWindowIcon(window, surface);
        SDL_FreeSurface(surface);
    }
}
