/*
 * fuzz.h - for fuzz targets of readers that take a path: the input as a file.
 *
 * A target is one function, LLVMFuzzerTestOneInput(). With -Dfuzz=true it is a libFuzzer program;
 * in every other build replay.c runs it over its folder of corpus/, seeds and what was once found.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/folder.h"
#include "base/require.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void *fuzz_folder; // of this process

static inline void fuzz_clean(void) {
    folder_teardown(&fuzz_folder);
}

/* The path of a file of that name in a folder of our own; valid until the next call. */
static inline const char *fuzz_path(const char *name) {
    if (!fuzz_folder) {
        REQUIRE(folder_setup(&fuzz_folder) == 0);
        atexit(fuzz_clean);
    }
    return folder_file(fuzz_folder, name);
}

/* The same, with those bytes in it. */
static inline const char *fuzz_file(const char *name, const uint8_t *data, size_t size) {
    const char *path = fuzz_path(name);
    REQUIRE(write_file(path, data, size) == 0);
    return path;
}

#endif
