#include "data/text_file.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "data/dataset.h"

enum { BLOCK = 1 << 16 };

bool text_file_is_utf16(const uint8_t *begin, size_t count) {
    return count >= 2 && (uint8_t)(begin[0] ^ begin[1]) == 1 && begin[0] >= 0xFE;
}

/* A decoder, if the file asks for one. */
static bool find_decoder(struct text_file *file) {
    uint8_t begin[2];
    size_t count = fread(begin, 1, sizeof begin, file->file);
    if (!text_file_is_utf16(begin, count)) {
        return true;
    }
    file->decoder = iconv_open("UTF-8", begin[0] == 0xFF ? "UTF-16LE" : "UTF-16BE");
    file->decodes = file->decoder != (iconv_t)-1;
    return file->decodes ||
           dataset_file_problem(file->problem, file->path,
                                "begins as UTF-16, which cannot be read here (%s); of text, UTF-8 "
                                "can",
                                strerror(errno));
}

bool text_file_open(struct text_file *file, const char *path, char *problem) {
    struct stat info;
    *file = (struct text_file){ .path = path, .problem = problem };
    // stat() first: to open a pipe would wait for its writer
    if (stat(path, &info) != 0 || (S_ISREG(info.st_mode) && !(file->file = fopen(path, "rb")))) {
        return dataset_file_problem(problem, path, "cannot be read: %s", strerror(errno));
    }
    if (!file->file) {
        return dataset_file_problem(problem, path, "not a file that can be read");
    }
    file->size = (int64_t)info.st_size;
    if (!find_decoder(file)) {
        text_file_close(file);
        return false;
    }
    text_file_rewind(file);
    return true;
}

void text_file_close(struct text_file *file) {
    if (file->file) {
        fclose(file->file);
    }
    if (file->decodes) {
        iconv_close(file->decoder);
    }
    *file = (struct text_file){ 0 };
}

void text_file_rewind(struct text_file *file) {
    rewind(file->file);
    file->taken = file->decoded = 0;
}

static bool say_unreadable(const struct text_file *file) {
    return dataset_file_problem(file->problem, file->path, "cannot be read on after byte %lld: %s",
                                (long long)file->taken, strerror(errno));
}

/* A character that is cut at the end of the block is read once more with the next. */
static bool read_utf16(struct text_file *file, char *to, size_t room, size_t *got) {
    char block[BLOCK];
    size_t most = room / 3 * 2; // two bytes become at most three
    size_t count = fread(block, 1, most < sizeof block ? most : sizeof block, file->file);
    size_t left = count;
    char *from = block, *end = to;
    if (ferror(file->file)) {
        return say_unreadable(file);
    }
    if (iconv(file->decoder, &from, &left, &end, &room) == (size_t)-1 &&
        (errno != EINVAL || left == count)) {
        return dataset_file_problem(file->problem, file->path,
                                    "byte %lld is not of UTF-16, as which the file begins",
                                    (long long)file->taken + (long long)(count - left));
    }
    *got = (size_t)(end - to);
    file->taken += (int64_t)(count - left);
    return left == 0 || fseek(file->file, -(long)left, SEEK_CUR) == 0 || say_unreadable(file);
}

static bool read_bytes(struct text_file *file, char *to, size_t room, size_t *got) {
    *got = fread(to, 1, room, file->file);
    if (ferror(file->file)) {
        return say_unreadable(file);
    }
    file->taken += (int64_t)*got;
    return true;
}

bool text_file_read(struct text_file *file, char *to, size_t room, size_t *got) {
    int64_t before = file->taken;
    if (!(file->decodes ? read_utf16 : read_bytes)(file, to, room, got)) {
        return false;
    }
    file->decoded += (int64_t)*got;
    const char *zero = memchr(to, '\0', *got);
    if (zero && file->decodes) {
        return dataset_file_problem(file->problem, file->path,
                                    "holds a zero character, so this is no text");
    }
    return !zero || dataset_file_problem(file->problem, file->path,
                                         "byte %lld is 0, so this is no text; of text, UTF-8 is "
                                         "read, and UTF-16 with a byte order mark",
                                         (long long)before + (zero - to));
}

int64_t text_file_before(const struct text_file *file, size_t left) {
    int64_t behind = (int64_t)left;
    if (file->decodes && file->decoded > 0) {
        behind = (int64_t)((double)left / (double)file->decoded * (double)file->taken);
    }
    return file->taken - behind;
}
