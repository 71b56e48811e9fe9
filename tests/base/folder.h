/*
 * folder.h - a folder for one test, gone with everything in it afterwards.
 */
#ifndef TESTS_BASE_FOLDER_H
#define TESTS_BASE_FOLDER_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FOLDER_PATH = 512 };

struct folder {
    char path[FOLDER_PATH];
    char file[2 * FOLDER_PATH]; // what folder_file() last gave
};

/* cmocka setup: state becomes a new folder. */
static inline int folder_setup(void **state) {
    struct folder *folder = calloc(1, sizeof *folder);
    const char *base = getenv("TMPDIR");
    if (!folder) {
        return -1;
    }
    snprintf(folder->path, sizeof folder->path, "%s/layerscope-test-XXXXXX", base ? base : "/tmp");
    *state = folder;
    return mkdtemp(folder->path) ? 0 : -1;
}

static inline int folder_remove(const char *path, const struct stat *info, int type,
                                struct FTW *place) {
    (void)info, (void)type, (void)place;
    return remove(path);
}

/* cmocka teardown. */
static inline int folder_teardown(void **state) {
    struct folder *folder = *state;
    int status = nftw(folder->path, folder_remove, 16, FTW_DEPTH | FTW_PHYS);
    free(folder);
    return status;
}

/* The path of name in the folder, valid until the next call. */
static inline const char *folder_file(struct folder *folder, const char *name) {
    snprintf(folder->file, sizeof folder->file, "%s/%s", folder->path, name);
    return folder->file;
}

static inline int write_file(const char *path, const void *data, size_t size) {
    FILE *file = fopen(path, "wb");
    size_t written = file ? fwrite(data, 1, size, file) : 0;
    return file && fclose(file) == 0 && written == size ? 0 : -1;
}

/* The file as a string, "" if it cannot be read. */
static inline void read_text(const char *path, char *buffer, size_t size) {
    FILE *file = fopen(path, "rb");
    size_t got = file ? fread(buffer, 1, size - 1, file) : 0;
    buffer[got] = '\0';
    if (file) {
        fclose(file);
    }
}

#endif
