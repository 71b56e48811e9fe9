/* network_parts.h - what the sources of network.h share. */
#ifndef ENGINE_NETWORK_PARTS_H
#define ENGINE_NETWORK_PARTS_H

#include <assert.h>

#include "engine/kernels.h"
#include "engine/network.h"

// Rows are taken in chunks of about so many entries, which stay in the first-level cache between
// the bias, the activation and the sums; and never less than a row.
enum { CHUNK_ENTRIES = 4096 };
static_assert((int)CHUNK_ENTRIES >= (int)NETWORK_MAX_WIDTH, "a chunk has room for a row");

// Strips of dW stay in the second-level cache; they are whole rows, where they can as many as a
// tile has.
enum { STRIP_ENTRIES = 24 * 1024, STRIP_MOST = TILE_ROWS * NETWORK_MAX_WIDTH };

// From so many weights on, dW has so many strips or more, for threads to share.
enum { SHARED_WEIGHTS = 4096, STRIPS_LEAST = 4 };

// Multiply-adds from which they do; the update of a weight takes as long as so many.
enum { SHARED_WORK = 400 * 1000, UPDATE_WORK = 8 };

static inline bool learns_slopes(const struct layer *layer) {
    return activations[layer->phi.which].learned;
}

static inline size_t chunk_rows(int columns) {
    size_t rows = CHUNK_ENTRIES / (size_t)columns;
    return rows ? rows : 1;
}

/*
 * Units that phi takes as one row of z: those of a group where there are pieces, because a split
 * layer has the pieces of each group side by side.
 */
static inline size_t phi_units(const struct layer *layer) {
    return (size_t)(layer->phi.pieces > 1 ? layer->units / layer->groups : layer->units);
}

// Rows of a batch are what threads share, in parts of at least so many entries. Sums are made part
// by part, so their number depends on the shape alone.
enum { PART_ENTRIES = 3 * 1024, PARTS_MOST = 64 };

struct row_parts {
    size_t rows; // of a part; the last one may have fewer
    int parts;
};

static inline struct row_parts row_parts(int count, int columns) {
    int parts = (int)((size_t)count * (size_t)columns / PART_ENTRIES);
    parts = parts < 1 ? 1 : parts > PARTS_MOST ? PARTS_MOST : parts;
    parts = parts < count ? parts : count;
    int rows = (count + parts - 1) / parts;
    return (struct row_parts){ (size_t)rows, (count + rows - 1) / rows };
}

/* Do the loops of tiny.h compute layer index whole? */
static inline bool is_tiny(const struct network *network, int index) {
    return network->tiny[index].in > 0;
}

/* Does nobody want the rest of this pass or update? */
static inline bool is_enough(const struct network *network) {
    return network->now.enough && network->now.enough(network->now.context);
}

/* y of rows first..first + rows - 1 as it leaves the layer: what is dropped is dropped. out may be
 * y. */
void network_drop(const struct network *network, const struct layer *layer, size_t first,
                  size_t rows, real *out);

#endif
