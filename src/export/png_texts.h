/*
 * png_texts.h - read the text chunks of a PNG: our own and those of others.
 *
 * Only chunks are walked, pixels are never decoded, so a picture may be as large as it likes; tEXt,
 * zTXt and iTXt are understood, before and behind the pixels, as other programs write them anew. No
 * claim of a chunk is believed before the file's size or a fixed limit allows it. What stands
 * before damage is read, and damage says where reading ended.
 *
 * Memory: png_texts_read() allocates the values, png_texts_finish() frees them. Threads: any.
 */
#ifndef EXPORT_PNG_TEXTS_H
#define EXPORT_PNG_TEXTS_H

#include <stdbool.h>

enum {
    PNG_TEXTS_MOST = 32,         // those beyond are passed over
    PNG_TEXTS_LONGEST = 1 << 20, // bytes of one, expanded; longer ones are passed over
    PNG_TEXTS_KEY = 80,
    PNG_TEXTS_DAMAGE = 128
};

struct png_texts {
    int width, height; // pixels; 0: not said
    int count;
    struct png_texts_entry {
        char key[PNG_TEXTS_KEY];
        char *value; // UTF-8, as far as the writer kept to the format
    } entry[PNG_TEXTS_MOST];
    char damage[PNG_TEXTS_DAMAGE]; // empty: none; else half a sentence
};

/* Does the file begin as a PNG does? */
bool png_texts_is_png(const char *path);

/*
 * Returns false with a sentence in problem (FILE_PROBLEM_MAX bytes) if the file cannot be read or
 * is no PNG, or if memory runs out; texts is then empty.
 */
bool png_texts_read(struct png_texts *texts, const char *path, char *problem);
void png_texts_finish(struct png_texts *texts); // accepts a zeroed one

/* One more; takes value over, which is freed where there is no room for it. */
void png_texts_add(struct png_texts *texts, const char *key, char *value);

/* The first value of that key, or NULL. */
const char *png_texts_find(const struct png_texts *texts, const char *key);

#endif
