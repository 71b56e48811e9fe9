#include "export/svg_texts.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/require.h"
#include "base/text.h"

enum { BEGIN = 1024, LARGEST = 0x7fffffff };

static const struct entity {
    const char *name;
    char meaning;
} entities[] = { { "&lt;", '<' }, { "&gt;", '>' }, { "&amp;", '&' }, { "&quot;", '"' } };

/* The beginning of the file as a string that the caller frees; NULL with errno set. */
static char *read_begin(const char *path, size_t most) {
    FILE *file = fopen(path, "rb");
    char *text = file ? malloc(most + 1) : NULL;
    if (text) {
        text[fread(text, 1, most, file)] = '\0';
    }
    if (file) {
        fclose(file);
    }
    return text;
}

/* Where the element begins: behind a declaration and a comment, if there are some. */
static const char *find_root(const char *text) {
    const char *first = text + strspn(text, "\xEF\xBB\xBF \t\r\n");
    const char *root = strstr(first, "<svg");
    return *first == '<' && root && root - text < BEGIN && strchr(" \t\r\n>", root[4]) ? root
                                                                                       : NULL;
}

bool svg_texts_is_svg(const char *path) {
    char *text = read_begin(path, BEGIN + 8);
    bool found = text && find_root(text);
    free(text);
    return found;
}

/* A copy of what stands from..to, its entities resolved; NULL if memory runs out. */
static char *copy(const char *from, const char *to) {
    char *value = malloc((size_t)(to - from) + 1), *end = value;
    while (value && from < to) {
        *end = *from;
        size_t length = 1;
        for (int i = 0; i < ARRAY_LEN(entities); i++) {
            size_t size = strlen(entities[i].name);
            if (size <= (size_t)(to - from) && memcmp(from, entities[i].name, size) == 0) {
                *end = entities[i].meaning;
                length = size;
            }
        }
        end++;
        from += length;
    }
    if (value) {
        *end = '\0';
    }
    return value;
}

/* An attribute of an element that ends at `end`, between its quotes; NULL: it has none. */
static const char *find_attribute(const char *element, const char *end, const char *name,
                                  const char **value_end) {
    char pattern[32];
    text_set(pattern, sizeof pattern, " %s=\"", name);
    const char *found = strstr(element, pattern), *value = found ? found + strlen(pattern) : NULL;
    *value_end = value && value < end ? strchr(value, '"') : NULL;
    return *value_end && *value_end < end ? value : NULL;
}

/* Pixels; 0: not said. */
static int side_of(const char *root, const char *end, const char *name) {
    const char *value_end, *value = find_attribute(root, end, name, &value_end);
    double side = value ? strtod(value, NULL) : 0.0;
    return side >= 1.0 && side <= LARGEST ? (int)lround(side) : 0;
}

/* The element that begins at `at`; returns where it ends, NULL if it is none of ours. */
static const char *take_element(struct png_texts *texts, const char *at, const char *end) {
    static const char closing[] = "</layerscope:text>";
    const char *open_end = strchr(at, '>'), *key_end;
    const char *close = open_end ? strstr(open_end, closing) : NULL;
    const char *key = close && close < end ? find_attribute(at, open_end, "key", &key_end) : NULL;
    if (!key || key_end - key >= PNG_TEXTS_KEY) {
        return NULL;
    }
    char name[PNG_TEXTS_KEY];
    text_set(name, sizeof name, "%.*s", (int)(key_end - key), key);
    png_texts_add(texts, name, copy(open_end + 1, close));
    return close + sizeof closing - 1;
}

static void take_metadata(struct png_texts *texts, const char *root) {
    static const char opening[] = "<metadata>";
    const char *found = strstr(root, opening), *end = found ? strstr(found, "</metadata>") : NULL;
    if (!end) {
        text_set(texts->damage, sizeof texts->damage, "%s",
                 found ? "its metadata have no end" : "it has no metadata of ours");
        return;
    }
    const char *from = found + sizeof opening - 1, *at = strchr(from, '<');
    if (at > from) {
        png_texts_add(texts, SVG_TEXTS_EXPERIMENT, copy(from, at));
    }
    while (at && at < end) {
        at = take_element(texts, at, end);
        at = at ? strchr(at, '<') : NULL;
    }
}

bool svg_texts_read(struct png_texts *texts, const char *path, char *problem) {
    *texts = (struct png_texts){ 0 };
    errno = 0;
    char *text = read_begin(path, PNG_TEXTS_LONGEST);
    const char *root = text ? find_root(text) : NULL, *end = root ? strchr(root, '>') : NULL;
    if (!text) {
        text_set(problem, FILE_PROBLEM_MAX, "cannot read %s: %s", path,
                 strerror(errno ? errno : EIO));
    } else if (!end) {
        text_set(problem, FILE_PROBLEM_MAX, "%s is no SVG.", path);
    } else {
        texts->width = side_of(root, end, "width");
        texts->height = side_of(root, end, "height");
        take_metadata(texts, root);
    }
    free(text);
    return end != NULL;
}
