/*
 * pack.h - memory that is mostly zeros and small numbers, in fewer bytes and back.
 *
 * Words of 32 bits, four at a time: one byte says how many bytes each of the four takes (0, 1, 2 or
 * 4), those follow. A zero byte and a count stand for that many groups of nothing but zeros. What
 * changes little may be packed as its difference (exclusive or) from a base.
 *
 * Memory: the caller's. Threads: pure functions.
 */
#ifndef BASE_PACK_H
#define BASE_PACK_H

#include <stddef.h>

/* Bytes that size bytes take at most when packed. */
#define PACK_MOST(size) ((size) + (size) / 16 + 32)

/*
 * Pack size bytes, a multiple of 4, into to, which has room for PACK_MOST(size); base is as long,
 * or NULL for zeros. Returns how many bytes that made.
 */
size_t pack(const void *from, const void *base, size_t size, unsigned char *to);

/* The same bytes again, given the same base and size. Returns how many bytes of from that took. */
size_t unpack(const unsigned char *from, const void *base, size_t size, void *to);

#endif
