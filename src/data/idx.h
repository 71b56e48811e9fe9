/*
 * idx.h - the IDX format of MNIST (Y. LeCun), plain or gzip-compressed.
 *
 * Layout: two zero bytes, the type (8 = unsigned byte), the number of dimensions, then each
 * dimension as a 32-bit big-endian number, then the data. Only unsigned bytes are read, and only
 * files that hold exactly what their header announces.
 */
#ifndef DATA_IDX_H
#define DATA_IDX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    IDX_MAX_DIMENSIONS = 4,
    IDX_NAME_SHOWN = 200 // how much of a path a sentence names, so that it keeps its own end
};

struct idx {
    int dimensions;
    uint32_t size[IDX_MAX_DIMENSIONS];
    size_t count;  // product of the sizes, at least 1
    uint8_t *data; // owned
};

/*
 * Read a file with exactly `dimensions` dimensions. Never allocates more than the file can hold.
 * Returns false, idx zeroed, with one sentence in problem naming file, offset and expectation;
 * offsets in a compressed file count its unpacked bytes unless the sentence says otherwise.
 */
bool idx_read(struct idx *idx, const char *path, int dimensions, char *problem, size_t size);

/* The same for the header alone: no data, but the file is long enough for what it announces. */
bool idx_read_header(struct idx *idx, const char *path, int dimensions, char *problem, size_t size);
void idx_finish(struct idx *idx); // accepts a zeroed one

/* Where the data begin in a file of so many dimensions. */
static inline size_t idx_header_size(int dimensions) {
    return 4 + 4 * (size_t)dimensions;
}

#endif
