#include "draw/typeface.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/paths.h"
#include "base/require.h"

static const char *const file_names[] = {
    [FONT_LABEL] = "fonts/Inter-ui-tnum.otf",
    [FONT_STRONG] = "fonts/Inter-SemiBold-ui-tnum.otf",
    [FONT_NUMBER] = "fonts/JetBrainsMono-ui.ttf",
    [TYPEFACE_MATHS] = "fonts/NotoSansMath-ui.ttf",
    [TYPEFACE_KOREAN] = "fonts/NotoSansKR-ksx2350.otf",
};
static_assert(ARRAY_LEN(file_names) == TYPEFACE_COUNT, "a file is missing");

enum { PATH_ROOM = 4096 };

/* Everything of a stream into *file. */
static bool read_stream(FILE *stream, struct typeface_file *file, bool *starved) {
    if (fseek(stream, 0, SEEK_END) != 0) {
        return false;
    }
    long size = ftell(stream);
    if (size <= 0 || size > 64 << 20 || fseek(stream, 0, SEEK_SET) != 0) {
        return false;
    }
    file->data = malloc((size_t)size);
    file->size = (size_t)size;
    *starved = !file->data;
    if (file->data && fread(file->data, 1, file->size, stream) == file->size) {
        return true;
    }
    free(file->data);
    file->data = NULL;
    return false;
}

/* Read a shipped font unless it is there already; false with a sentence in problem. */
static bool load(struct typefaces *typefaces, int number, char *problem, size_t size) {
    struct typeface_file *file = &typefaces->file[number];
    char path[PATH_ROOM];

    if (file->data) {
        return true;
    }
    if (!paths_shipped(path, sizeof path, file_names[number])) {
        snprintf(problem, size, "the font %s is missing", path);
        return false;
    }
    FILE *stream = fopen(path, "rb");
    bool starved = false, done = stream && read_stream(stream, file, &starved);
    if (stream) {
        fclose(stream);
    }
    if (!done) {
        snprintf(problem, size, "%s the font %s", starved ? "memory ran out for" : "cannot read",
                 path);
    }
    typefaces->starved = typefaces->starved || starved;
    return done;
}

static TTF_Font *open_font(const struct typeface_file *file, int px) {
    // SDL_ttf sizes are points at 72 dots per inch, which are pixels.
    TTF_Font *font = TTF_OpenFontRW(SDL_RWFromConstMem(file->data, (int)file->size), 1, px);
    if (font) {
        TTF_SetFontHinting(font, TTF_HINTING_LIGHT);
    }
    return font;
}

/* The main fonts must open; the fallbacks, opened only when needed, must at least exist. */
static bool check(struct typefaces *typefaces, int number, char *problem, size_t size) {
    char path[PATH_ROOM];

    if (number >= FONT_COUNT) {
        if (!paths_shipped(path, sizeof path, file_names[number])) {
            snprintf(problem, size, "the font %s is missing", path);
            return false;
        }
        return true;
    }
    if (!load(typefaces, number, problem, size)) {
        return false;
    }
    TTF_Font *font = open_font(&typefaces->file[number], 12);
    if (!font) {
        snprintf(problem, size, "the font %s is broken: %s", file_names[number], TTF_GetError());
        return false;
    }
    TTF_CloseFont(font);
    return true;
}

bool typefaces_init(struct typefaces *typefaces, char *problem, size_t size) {
    *typefaces = (struct typefaces){ 0 };
    for (int i = 0; i < TYPEFACE_COUNT; i++) {
        if (!check(typefaces, i, problem, size)) {
            typefaces_finish(typefaces);
            return false;
        }
    }
    return true;
}

void typefaces_finish(struct typefaces *typefaces) {
    for (int i = 0; i < TYPEFACE_OPEN; i++) {
        if (typefaces->open[i].font) {
            TTF_CloseFont(typefaces->open[i].font);
        }
    }
    for (int i = 0; i < TYPEFACE_COUNT; i++) {
        free(typefaces->file[i].data);
    }
    *typefaces = (struct typefaces){ 0 };
}

/* An unused place, made by closing the least recently used font if need be. */
static struct typeface_open *free_place(struct typefaces *typefaces) {
    struct typeface_open *oldest = &typefaces->open[0];

    for (int i = 0; i < TYPEFACE_OPEN; i++) {
        struct typeface_open *place = &typefaces->open[i];
        if (!place->font) {
            return place;
        }
        if (place->used < oldest->used) {
            oldest = place;
        }
    }
    TTF_CloseFont(oldest->font);
    oldest->font = NULL;
    return oldest;
}

/* Opened to be drawn with; NULL if that fails. */
static TTF_Font *open_whole(const struct typeface_file *file, int px, int *cap_height) {
    TTF_Font *font = open_font(file, px);

    if (font && TTF_GlyphMetrics32(font, 'H', NULL, NULL, NULL, cap_height, NULL) != 0) {
        TTF_CloseFont(font);
        font = NULL;
    }
    return font;
}

const struct typeface_open *typefaces_get(struct typefaces *typefaces, int number, int px) {
    for (int i = 0; i < TYPEFACE_OPEN; i++) {
        struct typeface_open *open = &typefaces->open[i];
        if (open->font && open->file == number && open->px == px) {
            open->used = ++typefaces->clock;
            return open;
        }
    }

    struct typeface_file *file = &typefaces->file[number];
    char problem[PATH_ROOM + 64] = "";
    if (file->broken) {
        return NULL;
    }
    int capitals = 0;
    TTF_Font *font = NULL;
    if (load(typefaces, number, problem, sizeof problem)) {
        font = open_whole(file, px, &capitals);
    }
    if (!font && (typefaces->starved || number < FONT_COUNT)) { // the main fonts are not broken
        typefaces->starved = true;
        return NULL;
    }
    if (!font) {
        file->broken = true;
        log_error("%s", problem[0] ? problem : TTF_GetError());
        return NULL;
    }
    struct typeface_open *place = free_place(typefaces);
    *place = (struct typeface_open){
        .font = font, .file = number, .px = px, .cap_height = capitals, .used = ++typefaces->clock
    };
    return place;
}

/* Asking the Korean font opens its file, the largest by far, so only what it may have is asked. */
static bool may_be_korean(uint32_t character) {
    return character >= 0x3000 && character < 0xD7A4;
}

int typefaces_find(struct typefaces *typefaces, enum font font, int px, uint32_t character) {
    const int chain[] = { (int)font, FONT_LABEL, TYPEFACE_MATHS, TYPEFACE_KOREAN };

    if (character > ' ' && character < 0x7F) { // every font has them
        return (int)font;
    }
    for (int i = 0; i < ARRAY_LEN(chain); i++) {
        if (chain[i] == TYPEFACE_KOREAN && !may_be_korean(character)) {
            continue;
        }
        const struct typeface_open *open = typefaces_get(typefaces, chain[i], px);
        if (open && TTF_GlyphIsProvided32(open->font, character)) {
            return chain[i];
        }
    }
    return (int)font;
}
