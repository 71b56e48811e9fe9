/*
 * tiles.c - the bodies of tiles.h, compiled as TILES_NAME for each instruction set whose registers
 * hold a tile.
 */
#include "engine/tiles.h"

#include <assert.h>
#include <string.h>

#include "engine/vector.h"

// A tile of ROWS x 2 vectors leaves room for the two vectors of B and one entry of A.
#if defined(__AVX512F__)
enum { ROWS = 12 };
#else
enum { ROWS = 6 };
#endif
enum { PANEL = 2 * WIDE };

typedef float loose __attribute__((vector_size(VECTOR_BYTES), aligned(4), may_alias));

static_assert((int)TILE_ROWS % (int)ROWS == 0 && (int)TILE_COLUMNS % (int)PANEL == 0,
              "parts that are whole tiles for all have whole tiles here");

/* Steps of the inner dimension taken at once, so that a panel of B stays in the cache. */
enum { BLOCK = 192, ALIASED_BLOCK = 32, PAGE = 4096 };

#if defined(__AVX512F__)

ALWAYS_INLINE vector load_some(const float *x, size_t count) {
    return (vector)_mm512_maskz_loadu_ps(MASKED(count), x);
}

ALWAYS_INLINE void store_some(float *x, vector value, size_t count) {
    _mm512_mask_storeu_ps(x, MASKED(count), (__m512)value);
}

#else

ALWAYS_INLINE vector load_some(const float *x, size_t count) {
    vector value = { 0 };
    if (count == WIDE) {
        value = *(const loose *)x;
    } else {
        memcpy(&value, x, count * sizeof *x);
    }
    return value;
}

ALWAYS_INLINE void store_some(float *x, vector value, size_t count) {
    if (count == WIDE) {
        *(loose *)x = value;
    } else {
        memcpy(x, &value, count * sizeof *x);
    }
}

#endif

// What the next tile or panel reads is fetched while this one computes: rows of two lines, which a
// processor that watches for streams does not see coming.
enum { LINE = 64 / sizeof(float), FETCH = 2 * LINE };
struct fetch {
    const float *from;
    size_t row, rows; // so many rows, then on along the first one
};

/* C (rows, vectors x WIDE) from k steps; inlined where rows and vectors are constants. */
ALWAYS_INLINE void tile(size_t rows, size_t vectors, const struct tile_product *p,
                        struct fetch fetch, float *packed) {
    vector sum[ROWS][2];
    UNROLL for (size_t i = 0; i < rows; i++) {
        UNROLL for (size_t v = 0; v < vectors; v++) {
            sum[i][v] = (vector){ 0 };
        }
    }
    // Few pointers and one stride, so that all addresses stay in registers.
    size_t a_row = p->a_row, a_step = p->a_step, b_row = p->b_row;
    const float *a[4] = { p->a, p->a + 3 * a_row, p->a + 6 * a_row, p->a + 9 * a_row };
    const float *b = p->b;
    size_t left = fetch.rows;
    ptrdiff_t back = (ptrdiff_t)FETCH - (ptrdiff_t)(fetch.rows * fetch.row);
    for (size_t t = p->k; t > 0; t--) {
        __builtin_prefetch(fetch.from + LINE - 1, 0, 2); // of three lines, the first is there
        __builtin_prefetch(fetch.from + FETCH - 1, 0, 2);
        fetch.from += fetch.row;
        if (--left == 0) {
            fetch.from += back;
            left = fetch.rows;
        }
        vector y[2];
        UNROLL for (size_t v = 0; v < vectors; v++) {
            y[v] = *(const loose *)(b + v * WIDE);
            if (packed) {
                *(vector *)(packed + v * WIDE) = y[v];
            }
        }
        UNROLL for (size_t i = 0; i < rows; i++) {
            vector x = a[i / 3][i % 3 * a_row] - (vector){ 0 };
            UNROLL for (size_t v = 0; v < vectors; v++) {
                sum[i][v] += x * y[v];
            }
        }
        UNROLL for (size_t i = 0; i < (rows + 2) / 3; i++) {
            a[i] += a_step;
        }
        b += b_row;
        packed = packed ? packed + PANEL : NULL;
    }
    size_t last = p->n - (vectors - 1) * WIDE; // in the last vector
    UNROLL for (size_t i = 0; i < rows; i++) {
        UNROLL for (size_t v = 0; v < vectors; v++) {
            float *at = p->c + i * p->c_row + v * WIDE;
            size_t count = v + 1 < vectors ? WIDE : last;
            vector result = sum[i][v] * p->scale;
            if (p->more) {
                result += load_some(at, count);
            } else if (p->bias) {
                result += load_some(p->bias + v * WIDE, count);
            }
            store_some(at, result, count);
        }
    }
}

typedef void tile_function(const struct tile_product *p, struct fetch fetch);

#define TILE(rows)                                                                                 \
    static void tile_##rows##_1(const struct tile_product *p, struct fetch fetch) {                \
        tile(rows, 1, p, fetch, NULL);                                                             \
    }                                                                                              \
    static void tile_##rows##_2(const struct tile_product *p, struct fetch fetch) {                \
        tile(rows, 2, p, fetch, NULL);                                                             \
    }
#define ROW(rows)                                                                                  \
    { tile_##rows##_1, tile_##rows##_2 }

// clang-format off
TILE(1) TILE(2) TILE(3) TILE(4) TILE(5) TILE(6)
#if defined(__AVX512F__)
TILE(7) TILE(8) TILE(9) TILE(10) TILE(11) TILE(12)
#endif

static tile_function *const tiles[ROWS][2] = {
    ROW(1), ROW(2), ROW(3), ROW(4), ROW(5), ROW(6),
#if defined(__AVX512F__)
    ROW(7), ROW(8), ROW(9), ROW(10), ROW(11), ROW(12),
#endif
};
// clang-format on

/* The first tile of a panel also lays B out so that the others read it line by line. */
static void packing_tile(const struct tile_product *p, struct fetch fetch, float *packed) {
    tile(ROWS, 2, p, fetch, packed);
}

/* B's last columns, widened with zeros to whole vectors. */
static void pack_edge(const struct tile_product *p, size_t vectors, float *packed) {
    size_t last = p->n - (vectors - 1) * WIDE;
    for (size_t t = 0; t < p->k; t++) {
        const float *row = p->b + t * p->b_row;
        if (vectors == 2) {
            *(vector *)packed = *(const loose *)row;
        }
        *(vector *)(packed + (vectors - 1) * WIDE) = load_some(row + (vectors - 1) * WIDE, last);
        packed += PANEL;
    }
}

/* All rows of one panel, p->n columns, from p->b, which has whole vectors; from row `first` on. */
static void panel_rows(const struct tile_product *p, size_t first) {
    struct tile_product part = *p;
    size_t vectors = (p->n + WIDE - 1) / WIDE;
    for (size_t i = first; i < p->m; i += ROWS) {
        size_t rows = p->m - i < ROWS ? p->m - i : ROWS;
        part.a = p->a + i * p->a_row;
        part.c = p->c + i * p->c_row;
        struct fetch fetch = { part.b, 0, p->k };
        if (p->a_step == 1) {
            fetch = (struct fetch){ part.a + ROWS * p->a_row, p->a_row, ROWS };
        }
        tiles[rows - 1][vectors - 1](&part, fetch);
    }
}

/* One panel; where many rows read B, it is laid out line by line. */
static void panel(const struct tile_product *p) {
    _Alignas(64) float packed[BLOCK * PANEL];
    struct tile_product part = *p;
    size_t first = 0, vectors = (p->n + WIDE - 1) / WIDE;
    if (p->n % WIDE != 0) {
        pack_edge(p, vectors, packed);
    } else if (p->m > ROWS && vectors == 2) {
        packing_tile(&part, (struct fetch){ part.b + PANEL, p->b_row, p->k }, packed);
        first = ROWS;
    } else {
        panel_rows(p, 0);
        return;
    }
    part.b = packed;
    part.b_row = PANEL;
    panel_rows(&part, first);
}

/* Steps of the inner dimension at once: so many that all blocks are about as long. */
static size_t block_of(size_t k, size_t most) {
    size_t blocks = (k + most - 1) / most;
    return (k + blocks - 1) / blocks;
}

static void product(const struct tile_product *p) {
    // Rows of B a page apart fall into the same few sets of the cache: fewer of them at once.
    size_t block = block_of(p->k, p->b_row * sizeof(float) % PAGE == 0 ? ALIASED_BLOCK : BLOCK);
    struct tile_product part = *p;
    for (size_t t = 0; t < p->k; t += block) {
        part.k = p->k - t < block ? p->k - t : block;
        part.more = p->more || t > 0;
        part.a = p->a + t * p->a_step;
        for (size_t j = 0; j < p->n; j += PANEL) {
            part.n = p->n - j < PANEL ? p->n - j : PANEL;
            part.b = p->b + t * p->b_row + j;
            part.c = p->c + j;
            part.bias = p->bias ? p->bias + j : NULL;
            panel(&part);
        }
    }
}

/* The first of two rows' halves, entry by entry in turns, and the second. */
#if defined(__AVX512F__)
#define ZIP_LOW(x, y)                                                                              \
    __builtin_shufflevector(x, y, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define ZIP_HIGH(x, y)                                                                             \
    __builtin_shufflevector(x, y, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
#else
#define ZIP_LOW(x, y) __builtin_shufflevector(x, y, 0, 8, 1, 9, 2, 10, 3, 11)
#define ZIP_HIGH(x, y) __builtin_shufflevector(x, y, 4, 12, 5, 13, 6, 14, 7, 15)
#endif

/* y (columns, rows) = x (rows, columns)^T, at most WIDE each; the rows of y get `stored` entries.
 */
static void turn_block(const float *x, size_t x_row, size_t rows, size_t columns, float *y,
                       size_t y_row, size_t stored) {
    vector now[WIDE], next[WIDE];
    UNROLL for (size_t i = 0; i < WIDE; i++) {
        now[i] = i < rows ? load_some(x + i * x_row, columns) : (vector){ 0 };
    }
    UNROLL for (size_t side = 1; side < WIDE; side *= 2) {
        UNROLL for (size_t i = 0; i < WIDE / 2; i++) {
            next[2 * i] = ZIP_LOW(now[i], now[i + WIDE / 2]);
            next[2 * i + 1] = ZIP_HIGH(now[i], now[i + WIDE / 2]);
        }
        UNROLL for (size_t i = 0; i < WIDE; i++) {
            now[i] = next[i];
        }
    }
    UNROLL for (size_t i = 0; i < WIDE; i++) {
        if (i < columns) {
            store_some(y + i * y_row, now[i], stored);
        }
    }
}

/* As turn_block(), any size; `widened`: the rows of y are whole vectors, with zeros at the end. */
static void turn(const float *x, size_t x_row, size_t rows, size_t columns, float *y, size_t y_row,
                 bool widened) {
    for (size_t i = 0; i < rows; i += WIDE) {
        size_t high = rows - i < WIDE ? rows - i : WIDE;
        for (size_t j = 0; j < columns; j += WIDE) {
            size_t wide = columns - j < WIDE ? columns - j : WIDE;
            turn_block(x + i * x_row + j, x_row, high, wide, y + j * y_row + i, y_row,
                       widened ? WIDE : high);
        }
    }
}

/* Rows of A turned around at once, and their entries; rows of B whose results wait for theirs. */
enum { TURNED_ROWS = 2 * PANEL, TURNED = 64 * 1024, STRIP = 4 * ROWS };

/*
 * A strip of C^T, n rows: the sum over k, p->m columns wide, of B, entry by entry, and the turned
 * A, panel by panel. The blocks of k are those of any other call, so that the bits are, too.
 */
static void turned_strip(const struct tile_product *p, const float *turned, size_t block,
                         float *strip) {
    struct tile_product part = { .a_row = p->b_row,
                                 .a_step = 1,
                                 .b_row = PANEL,
                                 .c_row = TURNED_ROWS,
                                 .m = p->n,
                                 .scale = 1.0f };
    for (size_t t = 0; t < p->k; t += block) {
        part.k = p->k - t < block ? p->k - t : block;
        part.more = p->more || t > 0;
        part.a = p->b + t;
        for (size_t i = 0; i < p->m; i += PANEL) {
            part.n = p->m - i > WIDE ? PANEL : WIDE;
            part.b = turned + i * p->k + t * PANEL;
            part.c = strip + i;
            panel_rows(&part, 0);
        }
    }
}

/*
 * Few rows of A: C^T = B A^T. The rows of B are read entry by entry, where they lie, and the
 * vectors run along the rows of A, turned around in a buffer; C is turned around strip by strip.
 */
static void turned_product(const struct tile_product *p) {
    _Alignas(64) float turned[TURNED], strip[STRIP * TURNED_ROWS];
    struct tile_product part = *p;
    size_t block = block_of(p->k, BLOCK), panels = (p->m + PANEL - 1) / PANEL;
    size_t most = TURNED / (panels * PANEL * block) * block; // steps that the buffer holds
    for (size_t t = 0; t < p->k; t += most) {
        part.k = p->k - t < most ? p->k - t : most;
        part.more = p->more || t > 0;
        for (size_t j = 0; j < panels; j++) {
            size_t rows = p->m - j * PANEL < PANEL ? p->m - j * PANEL : PANEL;
            turn(p->a + j * PANEL * p->a_row + t, p->a_row, rows, part.k,
                 turned + j * PANEL * part.k, PANEL, true);
        }
        for (size_t j = 0; j < p->n; j += STRIP) {
            part.n = p->n - j < STRIP ? p->n - j : STRIP;
            part.b = p->b + j * p->b_row + t;
            if (part.more) {
                turn(p->c + j, p->c_row, part.m, part.n, strip, TURNED_ROWS, true);
            }
            turned_strip(&part, turned, block, strip);
            turn(strip, TURNED_ROWS, part.n, part.m, p->c + j, p->c_row, false);
        }
    }
}

/* Many rows of A: worth turning B around, panel by panel. */
static void transposed(const struct tile_product *p) {
    _Alignas(64) float packed[BLOCK * PANEL];
    if (p->m <= TURNED_ROWS) {
        turned_product(p);
        return;
    }
    struct tile_product part = *p;
    size_t block = block_of(p->k, BLOCK);
    part.b = packed;
    part.b_row = PANEL;
    for (size_t t = 0; t < p->k; t += block) {
        part.k = p->k - t < block ? p->k - t : block;
        part.more = p->more || t > 0;
        part.a = p->a + t;
        for (size_t j = 0; j < p->n; j += PANEL) {
            part.n = p->n - j < PANEL ? p->n - j : PANEL;
            part.c = p->c + j;
            turn(p->b + j * p->b_row + t, p->b_row, part.n, part.k, packed, PANEL, true);
            panel_rows(&part, 0);
        }
    }
}

extern const struct tile_kernels TILES_NAME;
const struct tile_kernels TILES_NAME = { .product = product, .transposed = transposed };
