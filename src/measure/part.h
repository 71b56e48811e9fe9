/*
 * part.h - what is in use of a large plain struct: stretches of it, in their order.
 *
 * A struct that can be far larger than what it holds has a function that lists its parts; copying
 * and storing loop over them.
 */
#ifndef MEASURE_PART_H
#define MEASURE_PART_H

#include <stddef.h>

/* `size` bytes (a multiple of 4) that begin at byte `offset` of the struct. */
struct part {
    size_t offset, size;
};

/* Copy those parts. */
void parts_copy(void *to, const void *from, const struct part *parts, int count);

#endif
