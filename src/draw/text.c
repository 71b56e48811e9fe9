#include "draw/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "draw/text_shape.h"
#include "draw/typeface.h"

enum { BUCKETS = 4096, NONE = -1 }; // BUCKETS: a power of two

/* A string's width and, once it was drawn, its mask: together what one line of a cache holds. */
struct entry {
    char *string; // NULL: never used
    uint64_t hash;
    int next; // in the same bucket
    int px;
    enum font font;
    bool recent; // looked up since the hand came by
    bool rendered;
    struct shape shape; // owned; until it is rendered only measured
    int width;          // device pixels
};

struct text {
    struct typefaces typefaces;
    float scale;
    struct entry entry[TEXT_CACHE_ROOM];
    int bucket[BUCKETS]; // first entry, or NONE
    int used;            // entries that were ever in use
    int hand;            // of the clock that looks for what was not used for long
    struct text_counts counts;
    bool starved; // since text_starved() was asked
};

struct text *text_create(char *problem, size_t size) {
    struct text *text = calloc(1, sizeof *text);

    if (!text || TTF_Init() != 0) {
        snprintf(problem, size, "cannot start the text library: %s",
                 text ? TTF_GetError() : "memory ran out");
        free(text);
        return NULL;
    }
    text->scale = 1.0f;
    for (int i = 0; i < BUCKETS; i++) {
        text->bucket[i] = NONE;
    }
    if (!typefaces_init(&text->typefaces, problem, size)) {
        text_destroy(text);
        return NULL;
    }
    return text;
}

void text_destroy(struct text *text) {
    if (!text) {
        return;
    }
    for (int i = 0; i < text->used; i++) {
        free(text->entry[i].string);
        free(text->entry[i].shape.coverage);
    }
    typefaces_finish(&text->typefaces);
    TTF_Quit();
    free(text);
}

void text_set_scale(struct text *text, float scale) {
    text->scale = scale;
}

/* Whole pixels, which fonts are opened at; NaN counts as the smallest. */
static int pixel_size(const struct text *text, float size) {
    float px = size * text->scale + 0.5f;

    if (!(px >= 1.0f)) {
        return 1;
    }
    return px < (float)TYPEFACE_MAX_PX ? (int)px : TYPEFACE_MAX_PX;
}

/* FNV-1a */
static uint64_t hash_of(enum font font, int px, const char *string) {
    uint64_t hash = 14695981039346656037u ^ ((uint64_t)px << 8 | (uint64_t)font);

    for (; *string; string++) {
        hash = (hash ^ (unsigned char)*string) * 1099511628211u;
    }
    return hash ^ hash >> 32;
}

static void leave_bucket(struct text *text, const struct entry *entry) {
    int *link = &text->bucket[entry->hash & (BUCKETS - 1)];

    while (*link != (int)(entry - text->entry)) {
        link = &text->entry[*link].next;
    }
    *link = entry->next;
}

static struct entry *under_hand(struct text *text) {
    text->hand = (text->hand + 1) % TEXT_CACHE_ROOM;
    return &text->entry[text->hand];
}

/*
 * An entry out of all buckets: a fresh one, or one that was not used since the hand came by,
 * emptied (Corbato's clock, near to the least recently used).
 */
static struct entry *free_entry(struct text *text) {
    if (text->used < TEXT_CACHE_ROOM) {
        return &text->entry[text->used++];
    }
    struct entry *entry = under_hand(text);
    while (entry->recent) {
        entry->recent = false;
        entry = under_hand(text);
    }
    leave_bucket(text, entry);
    free(entry->string);
    free(entry->shape.coverage);
    return entry;
}

static struct entry *find(struct text *text, enum font font, int px, const char *string,
                          uint64_t hash) {
    for (int i = text->bucket[hash & (BUCKETS - 1)]; i != NONE; i = text->entry[i].next) {
        struct entry *entry = &text->entry[i];
        if (entry->hash == hash && entry->font == font && entry->px == px &&
            strcmp(entry->string, string) == 0) {
            return entry;
        }
    }
    return NULL;
}

/* The measured entry of a string, made if need be; NULL when memory runs out. */
static struct entry *entry_of(struct text *text, enum font font, int px, const char *string) {
    uint64_t hash = hash_of(font, px, string);
    struct entry *entry = find(text, font, px, string, hash);

    if (entry) {
        entry->recent = true;
        return entry;
    }
    struct shape shape;
    bool measured = shape_measure(&text->typefaces, font, px, string, &shape);
    char *copy = measured ? strdup(string) : NULL;
    if (!copy) {
        return NULL;
    }
    int *bucket = &text->bucket[hash & (BUCKETS - 1)];
    entry = free_entry(text);
    *entry = (struct entry){ .string = copy,
                             .hash = hash,
                             .font = font,
                             .px = px,
                             .width = shape.width,
                             .recent = true,
                             .shape = shape,
                             .next = *bucket };
    *bucket = (int)(entry - text->entry);
    text->counts.measured++;
    return entry;
}

static float width_in_points(void *context, enum font font, float size, const char *utf8) {
    struct text *text = context;
    const struct entry *entry = entry_of(text, font, pixel_size(text, size), utf8);

    text->starved = text->starved || !entry;
    return entry && text->scale > 0.0f ? (float)entry->width / text->scale : 0.0f;
}

struct text_metrics text_metrics(struct text *text) {
    return (struct text_metrics){ width_in_points, text };
}

struct text_mask text_render(struct text *text, enum font font, float size, const char *utf8) {
    int px = pixel_size(text, size);
    struct entry *entry = entry_of(text, font, px, utf8);

    if (entry && !entry->rendered) {
        entry->rendered = shape_render(&text->typefaces, font, px, utf8, &entry->shape);
        text->counts.rendered++;
    }
    if (!entry || !entry->rendered) {
        text->starved = true;
        return (struct text_mask){ 0 };
    }
    const struct typeface_open *open = typefaces_get(&text->typefaces, (int)font, px);
    text->starved = text->starved || (!open && text->typefaces.starved);
    return (struct text_mask){ .coverage = entry->shape.height > 0 ? entry->shape.coverage : NULL,
                               .width = entry->shape.width,
                               .height = entry->shape.height,
                               .ascent = entry->shape.ascent,
                               .cap_height = open ? open->cap_height : 0 };
}

bool text_starved(struct text *text) {
    bool starved = text->starved;
    text->starved = false;
    return starved;
}

struct text_counts text_counts(const struct text *text) {
    struct text_counts counts = text->counts;

    counts.cached = text->used;
    return counts;
}
