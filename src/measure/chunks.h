/*
 * chunks.h - a fixed amount of memory, cut into chunks: what is written makes a chain of them.
 *
 * Memory: chunks_init() reserves all of it; pages are used only as chunks are. Threads: one takes,
 * writes and releases; another one may read a chain that is whole and is not released meanwhile,
 * and ask for the bytes.
 */
#ifndef MEASURE_CHUNKS_H
#define MEASURE_CHUNKS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CHUNK = 2048, NO_CHUNK = -1 };

struct chunks {
    unsigned char *memory;
    int32_t *next; // chunk behind a chunk
    int32_t count;
    int32_t fresh;      // from here on they were never used
    int32_t free;       // first of a chain of those that were
    atomic_size_t used; // that hold something
};

/* As many chunks as fit into budget bytes. False, zeroed, when memory runs out. */
bool chunks_init(struct chunks *chunks, size_t budget);
void chunks_finish(struct chunks *chunks); // accepts zeroed ones

/* All are free again, and their pages the system's. */
void chunks_reset(struct chunks *chunks);

/* One, at the end of no chain; NO_CHUNK when all are in use. */
int32_t chunks_take(struct chunks *chunks);

/* Free the chain that begins with a chunk, or with none. Returns how many that were. */
int32_t chunks_release(struct chunks *chunks, int32_t first);

/* How long the chain is that begins with a chunk. */
int32_t chunks_count(const struct chunks *chunks, int32_t first);

/* Bytes in use. */
size_t chunks_bytes(const struct chunks *chunks);

/* A place in a chain. */
struct chunk_place {
    int32_t chunk;
    size_t at; // in it
};

/* Where further chunks come from: NO_CHUNK when there is none to be had. */
typedef int32_t chunk_source(void *context);

/* Write size bytes at a place and move it behind them. False when there was no chunk for them. */
bool chunks_write(struct chunks *chunks, struct chunk_place *place, const void *bytes, size_t size,
                  chunk_source *more, void *context);

/* Read size bytes into to, or with NULL pass over them. */
void chunks_read(const struct chunks *chunks, struct chunk_place *place, void *to, size_t size);

#endif
