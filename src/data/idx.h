/*
 * idx.h - the IDX format of MNIST (Y. LeCun), plain or gzip-compressed.
 *
 * Layout: two zero bytes, the type (8 = unsigned byte), the number of dimensions, then each
 * dimension as a 32-bit big-endian number, then the data. Only unsigned bytes are read.
 */
#ifndef DATA_IDX_H
#define DATA_IDX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { IDX_MAX_DIMENSIONS = 4 };

struct idx {
    int dimensions;
    uint32_t size[IDX_MAX_DIMENSIONS];
    size_t count;  // product of the sizes
    uint8_t *data; // owned
};

/*
 * Read a file with exactly `dimensions` dimensions. Never allocates more than the file can hold.
 * Returns false, idx zeroed, with one sentence in problem naming file, offset and expectation.
 */
bool idx_read(struct idx *idx, const char *path, int dimensions, char *problem, size_t size);
void idx_finish(struct idx *idx); // accepts a zeroed one

#endif
