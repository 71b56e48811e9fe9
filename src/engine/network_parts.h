/* network_parts.h - what the sources of network.h share. */
#ifndef ENGINE_NETWORK_PARTS_H
#define ENGINE_NETWORK_PARTS_H

#include "engine/network.h"

// Rows are taken in chunks of about so many entries, which stay in the first-level cache between
// the bias, the activation and the sums; and never less than a row.
enum { CHUNK_ENTRIES = 4096 };

// Strips of dW stay in the second-level cache; they are whole rows, where they can as many as a
// tile has.
enum { STRIP_ENTRIES = 24 * 1024, STRIP_GRAIN = 12, STRIP_MOST = STRIP_GRAIN * 4096 };

static inline size_t chunk_rows(int columns) {
    size_t rows = CHUNK_ENTRIES / (size_t)columns;
    return rows ? rows : 1;
}

/* y of rows first..first + rows - 1 as it leaves the layer: what is dropped is dropped. out may be
 * y. */
void network_drop(const struct network *network, const struct layer *layer, size_t first,
                  size_t rows, real *out);

#endif
