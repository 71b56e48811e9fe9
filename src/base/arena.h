/*
 * arena.h - one aligned block of memory, dealt out in pieces.
 *
 * Sizes first, one block, pointers dealt out: run the same layout function twice, first on a
 * zeroed arena, which only counts, then after arena_init(), which returns pointers.
 *
 * Memory: arena_init() makes one allocation, arena_finish() frees it. Threads: none.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

enum { ARENA_ALIGNMENT = 64 };

struct arena {
    void *block;         // owned
    unsigned char *base; // its first aligned byte; NULL while counting
    size_t capacity;
    size_t used; // bytes dealt out, or counted, so far
};

/* One zeroed block of size bytes. Returns false, arena zeroed, when memory runs out. */
bool arena_init(struct arena *arena, size_t size);

/*
 * Start again with a block of size bytes, of which nobody knows what is in it: the one that is
 * there, unless it is too small or more than twice as large. The pages of a fresh one would have to
 * be found and cleared; those that the new size has no use for go back to the system. Accepts a zeroed arena; false as above.
 */
bool arena_renew(struct arena *arena, size_t size);

/* Free the block; a zeroed arena is accepted. */
void arena_finish(struct arena *arena);

/*
 * Room for count items of size bytes, aligned to ARENA_ALIGNMENT; NULL while counting. Zeroed, but
 * after arena_renew().
 * A sum that overflows size_t saturates used at SIZE_MAX, which arena_init() then refuses.
 */
void *arena_take(struct arena *arena, size_t count, size_t size);

#endif
