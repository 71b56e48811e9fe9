/*
 * text_shape.h - one string, measured and rendered without any cache.
 *
 * A string is cut into runs of one font each, every run is shaped and rendered by SDL_ttf, and the
 * results are put side by side on one base line. Private to text.c.
 */
#ifndef DRAW_TEXT_SHAPE_H
#define DRAW_TEXT_SHAPE_H

#include "draw/typeface.h"

struct shape {
    unsigned char *coverage; // (height, width); NULL when nothing is inked
    int width, height;
    int ascent; // base line below the top row
};

enum { SHAPE_MAX_WIDTH = 16384 };

/* The box of a string, without coverage; its width is the string's. false when memory runs out. */
bool shape_measure(struct typefaces *typefaces, enum font font, int px, const char *utf8,
                   struct shape *shape);

/*
 * Render what was measured into *shape, whose coverage the caller frees; rows without ink are cut
 * off, and nothing is left of a string that is wider than SHAPE_MAX_WIDTH. Returns false, shape as
 * it was, when memory runs out.
 */
bool shape_render(struct typefaces *typefaces, enum font font, int px, const char *utf8,
                  struct shape *shape);

#endif
