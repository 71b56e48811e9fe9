/*
 * typeface.h - the shipped font files, opened at whole pixel sizes, and which one has a character.
 *
 * A file is read when it is first needed and kept; a (file, size) is opened when it is first needed
 * and the least recently used one goes when TYPEFACE_OPEN are open. Private to text.c and
 * text_shape.c. Threads: one.
 */
#ifndef DRAW_TYPEFACE_H
#define DRAW_TYPEFACE_H

#include <SDL_ttf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "draw/display_list.h"

enum typeface { TYPEFACE_MATHS = FONT_COUNT, TYPEFACE_KOREAN, TYPEFACE_COUNT }; // after enum font

enum { TYPEFACE_OPEN = 32, TYPEFACE_MAX_PX = 256 };

struct typeface_file {
    void *data; // NULL until read
    size_t size;
    bool broken; // could not be used, which was logged
};

struct typeface_open {
    TTF_Font *font; // NULL: free
    int file, px;
    int cap_height; // device pixels
    uint64_t used;  // when, in typefaces.clock
};

struct typefaces {
    struct typeface_file file[TYPEFACE_COUNT];
    struct typeface_open open[TYPEFACE_OPEN];
    uint64_t clock;
    bool starved; // memory ran out for a file or font
};

/*
 * Read the three main fonts and see that the fallbacks are there. Returns false, typefaces zeroed,
 * with one sentence in problem otherwise.
 */
bool typefaces_init(struct typefaces *typefaces, char *problem, size_t size);
void typefaces_finish(struct typefaces *typefaces);

/* A font by its number, valid until TYPEFACE_OPEN others were asked for; NULL if the file is broken,
 * which is logged, or if memory ran out for it, which starved tells. */
const struct typeface_open *typefaces_get(struct typefaces *typefaces, int number, int px);

/* The file that has a character: the font's own, else a fallback, else the font's own again. */
int typefaces_find(struct typefaces *typefaces, enum font font, int px, uint32_t character);

#endif
