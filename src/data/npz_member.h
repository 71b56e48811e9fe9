/*
 * npz_member.h - the arrays of an .npz file, which is a zip archive of .npy files, read in blocks.
 *
 * What a header claims is compared with the length of its member, and that with the bytes it is
 * packed in and with the file, before it is believed.
 *
 * Memory: libzip's, until closed. Threads: an archive belongs to one.
 */
#ifndef DATA_NPZ_MEMBER_H
#define DATA_NPZ_MEMBER_H

#include "data/npy.h"

enum { NPZ_NAME = 48, NPZ_BLOCK = 1 << 16 }; // a block holds a whole number of values

struct npz_archive {
    const char *path; // borrowed
    char *problem;    // DATASET_PROBLEM bytes, borrowed
    struct zip *zip;
    int64_t size; // of the file
};

/* false with a sentence in problem. */
bool npz_archive_open(struct npz_archive *archive, const char *path, char *problem);
void npz_archive_close(struct npz_archive *archive); // accepts a zeroed one; its members first

/* The name of its array number index, from 0; false behind the last. */
bool npz_archive_name(const struct npz_archive *archive, int64_t index, char name[NPZ_NAME]);

struct npz_member {
    struct npz_archive *archive;
    char name[NPZ_NAME];   // without ".npy"
    struct zip_file *file; // NULL: there is none of that name
    struct npy npy;
    int64_t read; // values
};

/* Open an array, its name in lower or upper case, where its values begin. false with a sentence in
 * the archive's problem if there is one that cannot be read. */
bool npz_member_open(struct npz_member *member, struct npz_archive *archive, const char *name);
void npz_member_close(struct npz_member *member); // accepts a zeroed one

/* The next values, as many as a block holds; *count 0 once, behind the last, when all is well. */
bool npz_member_next(struct npz_member *member, uint8_t block[NPZ_BLOCK], size_t *count);

/* "FILE: NAME" and what is wrong with it as the problem; always false. */
bool npz_fail(const struct npz_member *member, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* There is no array of that name; always false. */
bool npz_say_missing(const struct npz_archive *archive, const char *name);

#endif
