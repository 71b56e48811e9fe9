/* draws.c - the bodies of draws.h, compiled once per instruction set as DRAWS_NAME. */
#include "engine/draws.h"

#include <math.h>
#include <string.h>

#include "base/normal_quantile.h"
#include "base/require.h"
#include "engine/loops_philox.h"

enum { AT_ONCE = 4 * PHILOX_BLOCKS };

/* The uniforms of AT_ONCE columns from a multiple of four on, less 1/2. */
static void draw_some(const struct random_stream *stream, uint32_t row, uint32_t first,
                      double centred[AT_ONCE]) {
    const uint32_t key[2] = { (uint32_t)stream->seed, (uint32_t)(stream->seed >> 32) };
    const uint32_t high[2] = { stream->layer, (uint32_t)stream->purpose };
    uint32_t words[4][PHILOX_BLOCKS];
    philox_blocks(key, high, row, first / 4, words);
    for (int i = 0; i < PHILOX_BLOCKS; i++) {
        for (int k = 0; k < 4; k++) { // exact: 33 bits
            int32_t word = (int32_t)(words[k][i] ^ 0x80000000u);
            centred[4 * i + k] = ((double)word + 0.5) * 0x1p-32;
        }
    }
}

/* From uniforms less 1/2 to their normal quantiles. */
static void quantiles(const double centred[AT_ONCE], double normal[AT_ONCE]) {
    int tail[AT_ONCE], tails = 0;
    for (int i = 0; i < AT_ONCE; i++) {
        normal[i] = normal_central(centred[i]);
    }
    for (int i = 0; i < AT_ONCE; i++) {
        tail[tails] = i;
        tails += fabs(centred[i]) > NORMAL_CENTRAL;
    }
    double r[AT_ONCE];
    for (int j = 0; j < tails; j++) {
        r[j] = -log(0.5 - fabs(centred[tail[j]]));
    }
    for (int j = 0; j < tails; j++) { // of a word's 32 bits no tail is beyond NORMAL_MIDDLE
        r[j] = normal_middle(sqrt(r[j]));
    }
    for (int j = 0; j < tails; j++) {
        normal[tail[j]] = copysign(r[j], centred[tail[j]]);
    }
}

static void uniforms_loop(const struct random_stream *stream, uint32_t row, uint32_t first,
                          uint32_t count, double *out) {
    REQUIRE(first % 4 == 0);
    for (uint32_t i = 0; i < count; i += AT_ONCE) {
        uint32_t some = count - i < AT_ONCE ? count - i : AT_ONCE;
        double centred[AT_ONCE];
        draw_some(stream, row, first + i, centred);
        for (uint32_t j = 0; j < some; j++) {
            out[i + j] = centred[j] + 0.5;
        }
    }
}

static void normals_loop(const struct random_stream *stream, uint32_t row, uint32_t first,
                         uint32_t count, double *out) {
    REQUIRE(first % 4 == 0);
    for (uint32_t i = 0; i < count; i += AT_ONCE) {
        uint32_t some = count - i < AT_ONCE ? count - i : AT_ONCE;
        double centred[AT_ONCE], normal[AT_ONCE];
        draw_some(stream, row, first + i, centred);
        quantiles(centred, normal);
        memcpy(out + i, normal, some * sizeof *out);
    }
}

extern const struct draw_kernels DRAWS_NAME;
const struct draw_kernels DRAWS_NAME = { .uniforms = uniforms_loop, .normals = normals_loop };
