/*
 * text.h - the shipped fonts, measured and rendered by SDL2_ttf.
 *
 * Strings become 8-bit coverage masks, cached with their widths by (font, pixel size, string);
 * those that were not used for long go first. Characters a font lacks come from the fallback fonts
 * (Inter, mathematics, Korean). Light hinting, whole pixel sizes, so the same string gives the same
 * mask on every run.
 *
 * Memory: text_create() allocates, text_destroy() frees; masks belong to the cache and stay valid
 * until the next call. Only strings that are not in the cache cost allocations. Threads: one
 * thread; SDL need not be initialised and no display is needed.
 */
#ifndef DRAW_TEXT_H
#define DRAW_TEXT_H

#include "draw/display_list.h"

struct text;

/*
 * Open the fonts. Returns NULL with one sentence in problem when a font file is missing or broken.
 */
struct text *text_create(char *problem, size_t size);
void text_destroy(struct text *text); // accepts NULL

/*
 * Device pixels per point: set before a frame is laid out. canvas_draw() sets it to the canvas's.
 */
void text_set_scale(struct text *text, float scale);

/* Metrics for display_list_init(); they borrow text. */
struct text_metrics text_metrics(struct text *text);

struct text_mask {
    const unsigned char *coverage; // (height, width), row-major; NULL if height is 0
    int width, height;             // device pixels; only rows that have ink
    int ascent;                    // base line below the mask's top; may lie outside it
    int cap_height;                // of the font: what is centred vertically
};

/* The mask of a string at size points times the present scale; an empty mask if it cannot be made.
 */
struct text_mask text_render(struct text *text, enum font font, float size, const char *utf8);

/*
 * Did memory run out for a string, since this was asked last? Its width was 0 then, or its mask is
 * empty; it is tried anew whenever it comes again.
 */
bool text_starved(struct text *text);

enum { TEXT_CACHE_ROOM = 2048 };

/* What the cache holds and what had to be done so far; a steady picture adds nothing. */
struct text_counts {
    int cached;
    long measured, rendered;
};
struct text_counts text_counts(const struct text *text);

#endif
