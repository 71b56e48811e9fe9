/*
 * tiles.c - the bodies of tiles.h, compiled as TILES_NAME for each instruction set whose registers
 * hold a tile.
 */
#include "engine/tiles.h"

#include <string.h>

#define ALWAYS_INLINE static inline __attribute__((always_inline))

#ifdef __clang__
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

// A tile of ROWS x 2 vectors leaves room for the two vectors of B and one entry of A.
#if defined(__AVX512F__)
enum { VECTOR_BYTES = 64, ROWS = 12 };
#else
enum { VECTOR_BYTES = 32, ROWS = 6 };
#endif
enum { WIDE = VECTOR_BYTES / sizeof(float), PANEL = 2 * WIDE };

typedef float vector __attribute__((vector_size(VECTOR_BYTES)));
typedef float loose __attribute__((vector_size(VECTOR_BYTES), aligned(4), may_alias));

/* Steps of the inner dimension taken at once, so that a panel of B stays in the cache. */
enum { BLOCK = 192, ALIASED_BLOCK = 32, PAGE = 4096 };

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
    size_t left = fetch.rows, back = FETCH - fetch.rows * fetch.row;
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
    UNROLL for (size_t i = 0; i < rows; i++) {
        UNROLL for (size_t v = 0; v < vectors; v++) {
            loose *at = (loose *)(p->c + i * p->c_row + v * WIDE);
            vector result = sum[i][v] * p->scale;
            if (p->more) {
                result += *at;
            }
            *at = result;
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

TILE(1)
TILE(2)
TILE(3)
TILE(4)
TILE(5)
TILE(6)
#if defined(__AVX512F__)
TILE(7)
TILE(8)
TILE(9)
TILE(10)
TILE(11)
TILE(12)
#endif

    static tile_function *const tiles[ROWS][2] = {
        ROW(1), ROW(2), ROW(3), ROW(4),  ROW(5),  ROW(6),
#if defined(__AVX512F__)
        ROW(7), ROW(8), ROW(9), ROW(10), ROW(11), ROW(12),
#endif
    };

/* The first tile of a panel also lays B out so that the others read it line by line. */
static void packing_tile(const struct tile_product *p, struct fetch fetch, float *packed) {
    tile(ROWS, 2, p, fetch, packed);
}

/* All rows of one panel, p->n columns, a whole number of vectors; B's next panel is at next. */
static void panel(const struct tile_product *p, const float *next) {
    _Alignas(64) float packed[BLOCK * PANEL];
    struct tile_product part = *p;
    size_t first = 0, vectors = p->n / WIDE;
    if (p->m > ROWS && vectors == 2) {
        packing_tile(&part, (struct fetch){ next, p->b_row, p->k }, packed);
        part.b = packed;
        part.b_row = PANEL;
        first = ROWS;
    }
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

/* The last columns of C, fewer than a panel: B and C go through copies that are wide enough. */
static void edge(const struct tile_product *p) {
    float b[BLOCK * PANEL], c[ROWS * PANEL];
    struct tile_product part = *p;
    part.n = p->n > WIDE ? PANEL : WIDE;
    part.b = b;
    part.b_row = part.n;
    part.c = c;
    part.c_row = part.n;
    part.more = false;
    for (size_t t = 0; t < p->k; t++) {
        float *row = b + t * part.n;
        const float *from = p->b + t * p->b_row;
        for (size_t j = 0; j < p->n; j++) {
            row[j] = from[j];
        }
        for (size_t j = p->n; j < part.n; j++) {
            row[j] = 0.0f;
        }
    }
    for (size_t i = 0; i < p->m; i += ROWS) {
        part.m = p->m - i < ROWS ? p->m - i : ROWS;
        part.a = p->a + i * p->a_row;
        panel(&part, part.b);
        for (size_t r = 0; r < part.m; r++) {
            float *to = p->c + (i + r) * p->c_row;
            for (size_t j = 0; j < p->n; j++) {
                to[j] = p->more ? c[r * part.n + j] + to[j] : c[r * part.n + j];
            }
        }
    }
}

static void product(const struct tile_product *p) {
    // Rows of B a page apart fall into the same few sets of the cache: fewer of them at once.
    size_t most = p->b_row * sizeof(float) % PAGE == 0 ? ALIASED_BLOCK : BLOCK;
    size_t blocks = (p->k + most - 1) / most, block = (p->k + blocks - 1) / blocks;
    struct tile_product part = *p;
    for (size_t t = 0; t < p->k; t += block) {
        part.k = p->k - t < block ? p->k - t : block;
        part.more = p->more || t > 0;
        part.a = p->a + t * p->a_step;
        for (size_t j = 0; j < p->n; j += PANEL) {
            part.n = p->n - j < PANEL ? p->n - j : PANEL;
            part.b = p->b + t * p->b_row + j;
            part.c = p->c + j;
            if (part.n % WIDE == 0) {
                panel(&part, part.b + PANEL);
            } else {
                edge(&part);
            }
        }
    }
}

/* y (columns, rows) = x (rows, columns)^T */
static void transpose(const float *restrict x, size_t x_row, size_t rows, size_t columns,
                      float *restrict y, size_t y_row) {
    enum { SIDE = 16 };
    for (size_t i = 0; i < rows; i += SIDE) {
        size_t high = rows - i < SIDE ? rows - i : SIDE;
        for (size_t j = 0; j < columns; j += SIDE) {
            size_t wide = columns - j < SIDE ? columns - j : SIDE;
            for (size_t r = 0; r < high; r++) {
                for (size_t s = 0; s < wide; s++) {
                    y[(j + s) * y_row + i + r] = x[(i + r) * x_row + j + s];
                }
            }
        }
    }
}

/* As transpose(), added to what is there. */
static void transpose_more(const float *restrict x, size_t x_row, size_t rows, size_t columns,
                           float *restrict y, size_t y_row) {
    for (size_t j = 0; j < columns; j++) {
        for (size_t i = 0; i < rows; i++) {
            y[j * y_row + i] += x[i * x_row + j];
        }
    }
}

/*
 * C^T = B A^T: the rows of B are read entry by entry, where they lie, and the vectors run along the
 * rows of A, turned around in a buffer; C is turned around strip by strip.
 */
static void transposed(const struct tile_product *p) {
    enum { MOST = 4 * PANEL, TURNED = 32 * 1024, STRIP = 4 * ROWS };
    _Alignas(64) float turned[TURNED], strip[STRIP * MOST];
    for (size_t i = 0; i < p->m; i += MOST) {
        size_t m = p->m - i < MOST ? p->m - i : MOST, padded = (m + WIDE - 1) / WIDE * WIDE;
        size_t block = TURNED / padded;
        for (size_t t = 0; t < p->k; t += block) {
            size_t k = p->k - t < block ? p->k - t : block;
            transpose(p->a + i * p->a_row + t, p->a_row, m, k, turned, padded);
            for (size_t s = 0; m < padded && s < k; s++) {
                memset(turned + s * padded + m, 0, (padded - m) * sizeof *turned);
            }
            for (size_t j = 0; j < p->n; j += STRIP) {
                size_t n = p->n - j < STRIP ? p->n - j : STRIP;
                float *c = p->c + i * p->c_row + j;
                product(&(struct tile_product){ .a = p->b + j * p->b_row + t,
                                                .a_row = p->b_row,
                                                .a_step = 1,
                                                .b = turned,
                                                .b_row = padded,
                                                .c = strip,
                                                .c_row = padded,
                                                .m = n,
                                                .n = padded,
                                                .k = k,
                                                .scale = 1.0f });
                if (t == 0 && !p->more) {
                    transpose(strip, padded, n, m, c, p->c_row);
                } else {
                    transpose_more(strip, padded, n, m, c, p->c_row);
                }
            }
        }
    }
}

extern const struct tile_kernels TILES_NAME;
const struct tile_kernels TILES_NAME = { .product = product, .transposed = transposed };
