/*
 * broken_idx.h - an IDX data set whose headers are right, so that it can be described, and whose
 * images go on after their end, so that it cannot be loaded.
 */
#ifndef TESTS_DATA_BROKEN_IDX_H
#define TESTS_DATA_BROKEN_IDX_H

#include "base/folder.h"

/* Two images of one pixel, and a byte more; 0 if they are written. */
static inline int write_broken_idx(struct folder *folder) {
    static const unsigned char images[] = {
        0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 7, 8, 9
    };
    static const unsigned char labels[] = { 0, 0, 8, 1, 0, 0, 0, 2, 0, 1 };
    int status = write_file(folder_file(folder, "train-images-idx3-ubyte"), images, sizeof images);
    return status |
           write_file(folder_file(folder, "train-labels-idx1-ubyte"), labels, sizeof labels);
}

#endif
