#include "draw/text_shape.h"

#include <stdlib.h>
#include <string.h>

#include "draw/utf8.h"

/* Characters that no shipped font has, drawn as a smaller and raised version of another. */
struct superscript {
    uint32_t character;
    char drawn_as;
};
static const struct superscript superscripts[] = {
    { 0x1D40, 'T' }, // transpose
};

/* What a character is drawn with; characters that agree in all of it share a run. */
struct look {
    int file, px;
    int raise; // of the base line, device pixels
};

struct run {
    TTF_Font *font;
    int raise;
    char text[DRAW_TEXT_MAX + 4]; // UTF-8
};

struct shaper {
    struct typefaces *typefaces;
    enum font font;
    int px;
    bool starved; // memory ran out for a glyph, which SDL_ttf tells of as of any other failure
};

static int cap_height(struct shaper *shaper, int px) {
    const struct typeface_open *open = typefaces_get(shaper->typefaces, (int)shaper->font, px);
    return open ? open->cap_height : 0;
}

/* How a character is drawn; *drawn_as is it, or what stands for it. */
static struct look look_of(struct shaper *shaper, uint32_t character, char *drawn_as) {
    for (size_t i = 0; i < sizeof superscripts / sizeof superscripts[0]; i++) {
        if (superscripts[i].character == character) {
            int px = (shaper->px * 5 + 4) / 8;
            *drawn_as = superscripts[i].drawn_as;
            return (struct look){ (int)shaper->font, px,
                                  cap_height(shaper, shaper->px) - cap_height(shaper, px) };
        }
    }
    *drawn_as = '\0';
    return (struct look){ typefaces_find(shaper->typefaces, shaper->font, shaper->px, character),
                          shaper->px, 0 };
}

/* Copy the next run of *utf8 into *run and step over it; false at the end. */
static bool next_run(struct shaper *shaper, const char **utf8, struct run *run) {
    struct look look = { 0 };
    uint32_t character;
    size_t step, used = 0;

    while ((step = utf8_step(*utf8, &character)) > 0 && used + step < sizeof run->text) {
        char drawn_as;
        struct look own = look_of(shaper, character, &drawn_as);
        if (used > 0 && (own.file != look.file || own.px != look.px || own.raise != look.raise)) {
            break;
        }
        look = own;
        if (drawn_as) {
            run->text[used++] = drawn_as;
        } else {
            memcpy(run->text + used, *utf8, step);
            used += step;
        }
        *utf8 += step;
    }
    run->text[used] = '\0';
    run->raise = look.raise;
    const struct typeface_open *open =
        used > 0 ? typefaces_get(shaper->typefaces, look.file, look.px) : NULL;
    run->font = open ? open->font : NULL;
    return run->font != NULL;
}

/*
 * Rows by which SDL_ttf lowers the base line because a glyph reaches above the font's ascent, which
 * it does not tell.
 */
static int overshoot(struct shaper *shaper, const struct run *run) {
    int ascent = TTF_FontAscent(run->font), highest = ascent;
    uint32_t character;
    const char *at = run->text;

    for (size_t step; (step = utf8_step(at, &character)) > 0; at += step) {
        int top = 0;
        shaper->starved |=
            TTF_GlyphMetrics32(run->font, character, NULL, NULL, NULL, &top, NULL) != 0;
        highest = top > highest ? top : highest;
    }
    return highest - ascent;
}

bool shape_measure(struct typefaces *typefaces, enum font font, int px, const char *utf8,
                   struct shape *shape) {
    struct shaper shaper = { .typefaces = typefaces, .font = font, .px = px };
    int above = 0, below = 0;
    struct run run;

    *shape = (struct shape){ 0 };
    typefaces->starved = false;
    while (shape->width <= SHAPE_MAX_WIDTH && next_run(&shaper, &utf8, &run)) {
        int width = 0, height = 0;
        shaper.starved |= TTF_SizeUTF8(run.font, run.text, &width, &height) != 0;
        int ascent = TTF_FontAscent(run.font) + overshoot(&shaper, &run) + run.raise;
        shape->width += width;
        above = ascent > above ? ascent : above;
        below = height - ascent > below ? height - ascent : below;
    }
    shape->ascent = above;
    shape->height = above + below;
    return !shaper.starved && !typefaces->starved;
}

/* Lay the alpha bytes of a surface into the coverage, keeping what is denser. */
static void stamp(struct shape *shape, const SDL_Surface *surface, int left, int top) {
    for (int y = 0; y < surface->h; y++) {
        if (top + y < 0 || top + y >= shape->height) {
            continue;
        }
        const unsigned char *bytes =
            (const unsigned char *)surface->pixels + (ptrdiff_t)y * surface->pitch;
        unsigned char *row = shape->coverage + (ptrdiff_t)(top + y) * shape->width;
        for (int x = 0; x < surface->w && left + x < shape->width; x++) {
            uint32_t pixel;
            memcpy(&pixel, bytes + (ptrdiff_t)4 * x, sizeof pixel);
            unsigned char alpha = (unsigned char)(pixel >> 24);
            row[left + x] = alpha > row[left + x] ? alpha : row[left + x];
        }
    }
}

static void stamp_runs(struct shaper *shaper, const char *utf8, struct shape *shape) {
    const SDL_Color white = { 255, 255, 255, 255 };
    struct run run;
    int left = 0;

    while (next_run(shaper, &utf8, &run)) {
        SDL_Surface *surface = TTF_RenderUTF8_Blended(run.font, run.text, white);
        if (!surface) {
            int width = 0; // what has none is not rendered
            shaper->starved |= TTF_SizeUTF8(run.font, run.text, &width, NULL) != 0 || width > 0;
            continue;
        }
        int ascent = TTF_FontAscent(run.font) + overshoot(shaper, &run) + run.raise;
        stamp(shape, surface, left, shape->ascent - ascent);
        left += surface->w; // what was measured
        SDL_FreeSurface(surface);
    }
}

static bool row_is_empty(const struct shape *shape, int row) {
    const unsigned char *bytes = shape->coverage + (ptrdiff_t)row * shape->width;
    return bytes[0] == 0 && memcmp(bytes, bytes + 1, (size_t)shape->width - 1) == 0;
}

/* Fonts leave room for accents and descenders that most strings do not use. */
static void trim_rows(struct shape *shape) {
    int top = 0;

    while (shape->height > 0 && row_is_empty(shape, shape->height - 1)) {
        shape->height--;
    }
    while (top < shape->height && row_is_empty(shape, top)) {
        top++;
    }
    shape->height -= top;
    shape->ascent -= top;
    memmove(shape->coverage, shape->coverage + (ptrdiff_t)top * shape->width,
            (size_t)shape->width * (size_t)shape->height);
}

bool shape_render(struct typefaces *typefaces, enum font font, int px, const char *utf8,
                  struct shape *shape) {
    struct shaper shaper = { .typefaces = typefaces, .font = font, .px = px };

    if (shape->width == 0 || shape->height == 0 || shape->width > SHAPE_MAX_WIDTH) {
        *shape = (struct shape){ 0 };
        return true;
    }
    typefaces->starved = false;
    shape->coverage = calloc((size_t)shape->width * (size_t)shape->height, 1);
    if (shape->coverage) {
        stamp_runs(&shaper, utf8, shape);
    }
    if (!shape->coverage || shaper.starved || typefaces->starved) {
        free(shape->coverage);
        shape->coverage = NULL;
        return false;
    }
    trim_rows(shape);
    return true;
}
