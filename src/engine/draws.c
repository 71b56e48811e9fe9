/* draws.c - the bodies of draws.h, compiled once per instruction set as DRAWS_NAME. */
#include "engine/draws.h"

#include <math.h>

#include "base/normal_quantile.h"
#include "base/require.h"
#include "engine/loops_philox.h"

enum { PHILOX_WORDS = 4 * PHILOX_BLOCKS, AT_ONCE = 4 * PHILOX_WORDS, VECTOR = 8 };

/* The uniforms of count columns, at most AT_ONCE, from a multiple of four on, less 1/2; behind them
 * come more. */
static void draw_some(const struct random_stream *stream, uint32_t row, uint32_t first,
                      uint32_t count, double centred[AT_ONCE]) {
    const uint32_t key[2] = { (uint32_t)stream->seed, (uint32_t)(stream->seed >> 32) };
    const uint32_t high[2] = { stream->layer, (uint32_t)stream->purpose };
    for (uint32_t j = 0; j < count; j += PHILOX_WORDS) {
        uint32_t words[4][PHILOX_BLOCKS];
        philox_blocks(key, high, row, (first + j) / 4, words);
        for (uint32_t i = 0; i < PHILOX_BLOCKS; i++) {
            for (uint32_t k = 0; k < 4; k++) { // exact: 33 bits
                int32_t word = (int32_t)(words[k][i] ^ 0x80000000u);
                centred[j + 4 * i + k] = ((double)word + 0.5) * 0x1p-32;
            }
        }
    }
}

/* From count uniforms less 1/2 to their normal quantiles. */
static void quantiles(const double *centred, uint32_t count, double *restrict normal) {
    uint32_t tail[AT_ONCE], tails = 0;
    for (uint32_t i = 0; i < count; i++) {
        normal[i] = normal_central(centred[i]);
    }
    for (uint32_t i = 0; i < count; i++) {
        tail[tails] = i;
        tails += fabs(centred[i]) > NORMAL_CENTRAL;
    }
    double r[AT_ONCE + VECTOR];
    for (uint32_t j = 0; j < tails; j++) {
        r[j] = -log(0.5 - fabs(centred[tail[j]]));
    }
    uint32_t whole = (tails + VECTOR - 1) / VECTOR * VECTOR;
    for (uint32_t j = tails; j < whole; j++) {
        r[j] = 1.0; // nobody's, so that the next loop has no rest
    }
    for (uint32_t j = 0; j < whole; j++) { // of a word's 32 bits no tail is beyond NORMAL_MIDDLE
        r[j] = normal_middle(sqrt(r[j]));
    }
    for (uint32_t j = 0; j < tails; j++) {
        normal[tail[j]] = copysign(r[j], centred[tail[j]]);
    }
}

/* From count uniforms less 1/2 to the uniforms. */
static void uniforms(const double *centred, uint32_t count, double *restrict uniform) {
    for (uint32_t i = 0; i < count; i++) {
        uniform[i] = centred[i] + 0.5;
    }
}

/* Columns first to first + count of a row, as the last step makes them of uniforms less 1/2. */
static inline void draw(const struct random_stream *stream, uint32_t row, uint32_t first,
                        uint32_t count, double *out,
                        void last_step(const double *, uint32_t, double *restrict)) {
    REQUIRE(first % 4 == 0);
    for (uint32_t i = 0; i < count; i += AT_ONCE) {
        uint32_t some = count - i < AT_ONCE ? count - i : AT_ONCE;
        double centred[AT_ONCE];
        draw_some(stream, row, first + i, some, centred);
        last_step(centred, some, out + i);
    }
}

static void uniforms_loop(const struct random_stream *stream, uint32_t row, uint32_t first,
                          uint32_t count, double *out) {
    draw(stream, row, first, count, out, uniforms);
}

static void normals_loop(const struct random_stream *stream, uint32_t row, uint32_t first,
                         uint32_t count, double *out) {
    draw(stream, row, first, count, out, quantiles);
}

extern const struct draw_kernels DRAWS_NAME;
const struct draw_kernels DRAWS_NAME = { .uniforms = uniforms_loop, .normals = normals_loop };
