/*
 * npy.h - the header of an array as NumPy stores it (.npy, format 1.0 to 3.0).
 *
 * Layout: \x93NUMPY, the version as two bytes, the length of the text that follows as 16 (1.0) or
 * 32 bits, little-endian, then the text: a Python dictionary of descr, fortran_order and shape,
 * padded with spaces to a line end. Then the values, without gaps. Read are real numbers of 1 to 8
 * bytes in either byte order; not read are structures, strings, objects and complex numbers.
 *
 * Threads: pure functions.
 */
#ifndef DATA_NPY_H
#define DATA_NPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    NPY_DIMENSIONS = 4,
    NPY_PREFIX = 12,      // bytes that tell how long the header is
    NPY_HEADER = 1 << 14, // longest text that is read
    NPY_PROBLEM = 200,
    NPY_TYPE = 16
};

struct npy {
    char kind;           // of values: 'f' float, 'i' signed, 'u' unsigned, 'b' truth
    int size;            // of a value, bytes: 1, 2, 4 or 8; floats: 4 or 8
    bool swapped;        // bytes stand in the order that is not this machine's
    bool fortran;        // the first index runs fastest, else the last
    char type[NPY_TYPE]; // as NumPy writes it: "<f4"
    int dimensions;
    int64_t shape[NPY_DIMENSIONS];
    int64_t count; // of values, the product of the shape
};

/*
 * Bytes of the whole header by its first NPY_PREFIX bytes. 0 with a reason (NPY_PROBLEM bytes) if
 * it is none, or too long.
 */
size_t npy_header_size(const uint8_t prefix[NPY_PREFIX], char *problem);

/* Read a header of that size. false with a reason, npy zeroed. */
bool npy_read_header(struct npy *npy, const uint8_t *header, size_t size, char *problem);

/* A value. */
double npy_value(const struct npy *npy, const uint8_t *bytes);

/* "(60000, 28, 28)" */
void npy_print_shape(const struct npy *npy, char *text, size_t size);

#endif
