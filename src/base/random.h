/*
 * random.h - counter-based random numbers: Philox4x32-10 (Salmon, Moraes, Dror & Shaw, SC 2011).
 *
 * A draw is a pure function of (seed, purpose, layer, row, column): no state, no order, so the same
 * coordinates give the same number whatever else is drawn. Normals are the exact inverse of the
 * normal distribution function at the uniform of the same coordinates (AS 241, Wichura 1988, error
 * about 1e-16 relative), so normal and uniform draws are comonotone.
 *
 * Threads: pure functions.
 */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stdint.h>

/* What a draw is for: separate streams, so that adding one never shifts another. */
enum random_purpose {
    RANDOM_WEIGHT,
    RANDOM_BATCH,
    RANDOM_DATA_INPUT,
    RANDOM_DATA_LABEL,
    RANDOM_BIAS,
    RANDOM_DROPOUT,
    RANDOM_DROP_CONNECT,
    RANDOM_DEPTH,
    RANDOM_SHIFT,
    RANDOM_MIXUP,
    RANDOM_INPUT_NOISE,
    RANDOM_RBM_STATE,
    RANDOM_SPLIT
};

struct random_stream {
    uint64_t seed;
    enum random_purpose purpose;
    uint32_t layer; // or any second coordinate, such as the epoch
};

/* The generator itself: ten rounds of Philox4x32 on one counter. */
void random_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t words[4]);

/* The 128 bits for columns 4 block .. 4 block + 3 of a row. */
void random_words(const struct random_stream *stream, uint32_t row, uint32_t block,
                  uint32_t words[4]);

/* Columns first .. first + count - 1 of a row: uniforms inside (0, 1), never 0 or 1. */
void random_uniforms(const struct random_stream *stream, uint32_t row, uint32_t first,
                     uint32_t count, double *out);

/* The same columns as standard normals. */
void random_normals(const struct random_stream *stream, uint32_t row, uint32_t first,
                    uint32_t count, double *out);

/*
 * One draw from Beta(alpha, alpha), alpha > 0, exact but for rounding: the share of one of two
 * gamma draws (Marsaglia & Tsang, ACM TOMS 26, 2000), kept as logarithms, so that also a tiny alpha
 * gives 0 and 1 instead of 0 / 0. Uses as many columns of the row, from 0 on, as it needs.
 */
double random_beta(const struct random_stream *stream, uint32_t row, double alpha);

/*
 * A random permutation of 0 .. count - 1 into order, by Fisher and Yates from the identity. Swap i
 * goes to floor(word * (i + 1) / 2^32), which favours a place by at most a relative (i + 1) / 2^32
 * (Lemire 2019 without its rejection): for 60,000 places 1.4e-5.
 */
void random_permutation(const struct random_stream *stream, uint32_t row, uint32_t count,
                        uint32_t *order);

/* Quantile of the standard normal distribution at 0 < p < 1. */
double random_normal_quantile(double p);

#endif
