/*
 * recognise.h - which data set a file or folder is of, by what is in it, not by its name.
 *
 * Every row of the table of data sets that is read from a path may claim one; the first that does
 * has it.
 */
#ifndef DATA_RECOGNISE_H
#define DATA_RECOGNISE_H

#include "data/dataset.h"

enum { RECOGNISE_BYTES = 512 };

/* What a claim is made on. */
struct candidate {
    const char *path;
    bool folder;
    int64_t size;                   // of the file
    bool packed;                    // by gzip
    uint8_t begin[RECOGNISE_BYTES]; // of the file, unpacked
    size_t count;                   // of these bytes
};

/*
 * The data set. Returns false with one sentence in problem (DATASET_PROBLEM bytes) that says what
 * could have been read.
 */
bool recognise(const char *path, enum dataset_kind *kind, char *problem);

/* Does it begin as text: some bytes, and no control characters but those of lines and tabs? */
bool recognise_text(const struct candidate *candidate);

#endif
