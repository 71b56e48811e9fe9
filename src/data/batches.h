/*
 * batches.h - which examples the next mini-batch holds.
 *
 * Epoch e visits all examples in an order drawn from (seed, e); batches are consecutive slices of
 * the endless sequence of epochs, so every batch is full. A batch as large as the data set is the
 * data set in its own order. Depends on nothing but (seed, examples, batch): twins share it. A
 * batch that spans two epochs may hold an example twice.
 *
 * Memory: batches_init() allocates 4 bytes per example, batches_next() nothing. Threads: one.
 */
#ifndef DATA_BATCHES_H
#define DATA_BATCHES_H

#include <stdbool.h>
#include <stdint.h>

struct batches {
    uint64_t seed;
    uint32_t examples;
    uint32_t batch;  // <= examples
    uint32_t *order; // owned; the present epoch
    uint64_t epoch;
    uint32_t position; // in the present epoch
};

/* Both at least 1; batch is cut to examples. False, zeroed, when memory runs out. */
bool batches_init(struct batches *batches, uint32_t examples, uint32_t batch, uint64_t seed);
void batches_finish(struct batches *batches); // accepts a zeroed one

/* Go on with batches of another size, from the same place in the same epoch. */
void batches_resize(struct batches *batches, uint32_t batch);

/* A place in the stream of batches to come back to. */
struct batches_place {
    uint64_t epoch;
    uint32_t position;
};
struct batches_place batches_place(const struct batches *batches);
void batches_return(struct batches *batches, struct batches_place place);

/* The next batch: indices (batch). */
void batches_next(struct batches *batches, uint32_t *indices);

#endif
