/* npz_parts.h - what every NumPy archive is made of: the header of a member, and adding one. */
#ifndef EXPORT_NPZ_PARTS_H
#define EXPORT_NPZ_PARTS_H

#include <stdbool.h>
#include <zip.h>

#include "base/file.h"

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define NPZ_FLOAT32 ">f4"
#define NPZ_FLOAT64 ">f8"
#define NPZ_UINT32 ">u4"
#define NPZ_INT64 ">i8"
#else
#define NPZ_FLOAT32 "<f4"
#define NPZ_FLOAT64 "<f8"
#define NPZ_UINT32 "<u4"
#define NPZ_INT64 "<i8"
#endif
#define NPZ_BOOL "|b1"
#define NPZ_UINT8 "|u1"

enum { NPZ_HEADER = 128, NPZ_RANK = 3 }; // the format wants a multiple of 64

struct npz_shape {
    int rank;
    int size[NPZ_RANK];
};

/* NEP 1: magic, version 1.0, little-endian length, a Python dictionary padded with spaces. */
void npz_header(unsigned char header[NPZ_HEADER], const char *type, const struct npz_shape *shape);

/* source, with header and data, as the member called name; false, source freed, if it cannot be. */
bool npz_add(zip_t *zip, const char *name, zip_source_t *source, bool compressed);

/*
 * Add an array as it stands in memory, not packed: weights hardly compress, and readers can map
 * them. header and data are borrowed until the archive is closed. NULL data: there is none. false
 * where libzip cannot: why, npz_write() tells.
 */
bool npz_add_array(zip_t *zip, const char *name, const char *type, const struct npz_shape *shape,
                   const void *data, unsigned char header[NPZ_HEADER]);

/*
 * Make an archive of what add(context, zip) adds, and close it; the writer stays open. false with a
 * sentence in problem (FILE_PROBLEM_MAX bytes).
 */
bool npz_write(struct file_writer *writer, bool (*add)(void *context, zip_t *zip), void *context,
               char *problem);

#endif
