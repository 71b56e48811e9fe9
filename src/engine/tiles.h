/*
 * tiles.h - matrix products held in registers, for dense layers of a few to a few thousand units.
 *
 * A tile of C stays in registers while the whole inner dimension goes by; one operand is read as
 * vectors along its rows, the other entry by entry, both where they lie. A matrix library packs
 * its operands anew at every call, which for the shapes of a layer costs more than it saves.
 *
 * Every entry of C is summed in one fixed order, whatever the other entries that are asked for in
 * the same call: parts of a product, by rows or by columns, give the same bits as the whole.
 *
 * Threads: pure functions, which take up to 320 KiB of the stack.
 */
#ifndef ENGINE_TILES_H
#define ENGINE_TILES_H

#include <stddef.h>

#include "engine/real.h"

/* Parts of so many rows and columns of C, or multiples, waste nothing at their edges. */
enum { TILE_ROWS = 12, TILE_COLUMNS = 32 };

/* C (m, n) = scale A B, A (m, k), B (k, n); plus bias (n) in every row unless it is NULL. */
struct tile_product {
    const real *a; // entry (i, t) at a[i a_row + t a_step]
    size_t a_row, a_step;
    const real *b; // entry (t, j) at b[t b_row + j]
    size_t b_row;
    real *c; // entry (i, j) at c[i c_row + j]
    size_t c_row;
    const real *bias;
    size_t m, n, k;
    real scale;
    bool more; // add to C instead of setting it
};

struct tile_kernels {
    void (*product)(const struct tile_product *p);

    /* C (m, n) = A B^T with B (n, k): both are row-major, `scale` is 1 and there is no bias. */
    void (*transposed)(const struct tile_product *p);
};

#endif
