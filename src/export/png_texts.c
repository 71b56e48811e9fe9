#include "export/png_texts.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#include "base/file.h"
#include "base/text.h"

enum { SIGNATURE = 8, HEAD = 8, CHECK = 4, SIZE = 13, LARGEST = 0x7fffffff };

static const unsigned char signature[SIGNATURE] = { 137, 'P', 'N', 'G', '\r', '\n', 26, '\n' };

struct walker {
    FILE *file;
    int64_t left; // bytes of the file behind what was read
    struct png_texts *texts;
    bool starved; // memory ran out
};

/* A chunk's data, with a zero byte behind them. */
struct bytes {
    unsigned char *at;
    size_t size;
};

static uint32_t big_endian(const unsigned char *bytes) {
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static void damaged(struct walker *walker, const char *what) {
    text_set(walker->texts->damage, sizeof walker->texts->damage, "%s", what);
}

static bool read_bytes(struct walker *walker, void *to, size_t count) {
    walker->left -= (int64_t)count;
    return fread(to, 1, count, walker->file) == count;
}

void png_texts_add(struct png_texts *texts, const char *key, char *value) {
    if (!value || texts->count == PNG_TEXTS_MOST) {
        free(value);
        return;
    }
    struct png_texts_entry *entry = &texts->entry[texts->count++];
    text_set(entry->key, sizeof entry->key, "%s", key);
    entry->value = value;
}

/* A copy that the caller frees; text ends at its first zero byte. */
static char *copy(struct walker *walker, struct bytes bytes, bool latin1) {
    size_t length = strnlen((const char *)bytes.at, bytes.size), n = 0;
    char *text = malloc(2 * length + 1);
    for (size_t i = 0; text && i < length; i++) {
        unsigned char byte = bytes.at[i];
        if (latin1 && byte >= 0x80) {
            text[n++] = (char)(0xC0 | byte >> 6);
            byte = 0x80 | (byte & 0x3F);
        }
        text[n++] = (char)byte;
    }
    if (text) {
        text[n] = '\0';
    }
    walker->starved = walker->starved || !text;
    return text;
}

/* What zlib packed; NULL if it is damaged or longer than is allowed. */
static char *expand(struct walker *walker, struct bytes packed, bool latin1) {
    struct bytes room = { malloc(PNG_TEXTS_LONGEST), PNG_TEXTS_LONGEST };
    z_stream stream = { .next_in = packed.at, .avail_in = (uInt)packed.size };
    char *text = NULL;
    walker->starved = walker->starved || !room.at;
    if (room.at && inflateInit(&stream) == Z_OK) {
        stream.next_out = room.at;
        stream.avail_out = (uInt)room.size;
        if (inflate(&stream, Z_FINISH) == Z_STREAM_END) {
            text = copy(walker, (struct bytes){ room.at, stream.total_out }, latin1);
        }
        inflateEnd(&stream);
    }
    free(room.at);
    return text;
}

/* Take what stands before the next zero byte off the front; NULL if there is none. */
static const char *cut(struct bytes *bytes) {
    unsigned char *start = bytes->at, *end = memchr(start, '\0', bytes->size);
    if (!end) {
        return NULL;
    }
    bytes->size -= (size_t)(end + 1 - start);
    bytes->at = end + 1;
    return (const char *)start;
}

/* iTXt behind its key: whether it is packed and how, language, key in that language, text. */
static char *international(struct walker *walker, struct bytes bytes) {
    if (bytes.size < 2 || bytes.at[1] != 0) {
        return NULL;
    }
    bool packed = bytes.at[0] == 1;
    bytes.at += 2;
    bytes.size -= 2;
    if (!cut(&bytes) || !cut(&bytes)) {
        return NULL;
    }
    return packed ? expand(walker, bytes, false) : copy(walker, bytes, false);
}

static void take_text(struct walker *walker, const char *type, struct bytes bytes) {
    const char *key = cut(&bytes);
    if (!key || key[0] == '\0' || strlen(key) >= PNG_TEXTS_KEY) {
        return;
    }
    if (strcmp(type, "tEXt") == 0) {
        png_texts_add(walker->texts, key, copy(walker, bytes, true));
    } else if (strcmp(type, "iTXt") == 0) {
        png_texts_add(walker->texts, key, international(walker, bytes));
    } else if (bytes.size > 0 && bytes.at[0] == 0) {
        png_texts_add(walker->texts, key,
                      expand(walker, (struct bytes){ bytes.at + 1, bytes.size - 1 }, true));
    }
}

static bool is_text(const char *type) {
    return strcmp(type, "tEXt") == 0 || strcmp(type, "zTXt") == 0 || strcmp(type, "iTXt") == 0;
}

/* What IHDR begins with. */
static void take_size(struct png_texts *texts, const unsigned char *data) {
    uint32_t width = big_endian(data), height = big_endian(data + 4);
    if (width <= LARGEST && height <= LARGEST) {
        texts->width = (int)width;
        texts->height = (int)height;
    }
}

/* The data of a chunk that is of use, which the file is long enough for, and its check sum. */
static bool read_chunk(struct walker *walker, const char *type, size_t size) {
    unsigned char *data = malloc(size + 1), check[CHECK];
    if (!data) {
        walker->starved = true;
        return false;
    }
    bool good = read_bytes(walker, data, size) && read_bytes(walker, check, CHECK);
    data[size] = '\0';
    uLong sum = crc32(crc32(0, (const Bytef *)type, 4), data, (uInt)size);
    if (good && sum == big_endian(check)) {
        if (is_text(type)) {
            take_text(walker, type, (struct bytes){ data, size });
        } else {
            take_size(walker->texts, data);
        }
    } else {
        damaged(walker, "a check sum in it does not agree");
        good = false;
    }
    free(data);
    return good;
}

/* The next chunk; false at the end or where nothing more can be made of the file. */
static bool walk(struct walker *walker) {
    unsigned char head[HEAD];
    char type[5] = "";
    if (walker->left < HEAD + CHECK || !read_bytes(walker, head, HEAD)) {
        damaged(walker, "it ends too early");
        return false;
    }
    memcpy(type, head + 4, 4);
    int64_t size = big_endian(head);
    if (size > walker->left - CHECK) {
        damaged(walker, "it ends within a chunk");
        return false;
    }
    bool header = strcmp(type, "IHDR") == 0 && size == SIZE;
    if (header || (is_text(type) && size <= PNG_TEXTS_LONGEST)) {
        return read_chunk(walker, type, (size_t)size);
    }
    walker->left -= size + CHECK;
    return strcmp(type, "IEND") != 0 && fseeko(walker->file, size + CHECK, SEEK_CUR) == 0;
}

static bool begins_well(FILE *file) {
    unsigned char begin[SIGNATURE];
    return fread(begin, 1, SIGNATURE, file) == SIGNATURE &&
           memcmp(begin, signature, SIGNATURE) == 0;
}

bool png_texts_is_png(const char *path) {
    FILE *file = fopen(path, "rb");
    bool good = file && begins_well(file);
    if (file) {
        fclose(file);
    }
    return good;
}

bool png_texts_read(struct png_texts *texts, const char *path, char *problem) {
    *texts = (struct png_texts){ 0 };
    struct stat info;
    FILE *file = fopen(path, "rb");
    if (!file || fstat(fileno(file), &info) != 0) {
        text_set(problem, FILE_PROBLEM_MAX, "cannot read %s: %s", path, strerror(errno));
        if (file) {
            fclose(file);
        }
        return false;
    }
    bool good = begins_well(file);
    if (good) {
        struct walker walker = { .file = file,
                                 .left = (int64_t)info.st_size - SIGNATURE,
                                 .texts = texts };
        while (walk(&walker) && !walker.starved) {
        }
        good = !walker.starved;
        text_set(problem, FILE_PROBLEM_MAX, "cannot read %s: memory ran out for its texts", path);
    } else {
        text_set(problem, FILE_PROBLEM_MAX, "%s is no PNG.", path);
    }
    fclose(file);
    if (!good) {
        png_texts_finish(texts);
    }
    return good;
}

void png_texts_finish(struct png_texts *texts) {
    for (int i = 0; i < texts->count; i++) {
        free(texts->entry[i].value);
    }
    *texts = (struct png_texts){ 0 };
}

const char *png_texts_find(const struct png_texts *texts, const char *key) {
    for (int i = 0; i < texts->count; i++) {
        if (strcmp(texts->entry[i].key, key) == 0) {
            return texts->entry[i].value;
        }
    }
    return NULL;
}
