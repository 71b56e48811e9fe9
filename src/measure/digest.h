/*
 * digest.h - one number that tells whether two snapshots measured the same.
 *
 * FNV-1a of 64 bits (Fowler, Noll & Vo) over what training and the measured pass decide, bit by
 * bit: not over times, not over what depends on when somebody looked (held-out accuracy) or on how
 * closely (W and dL/dW, of which a picture in passing sees a part). The same experiment has the
 * same digest at the same step on the same build and processor, with and without a window, live or
 * paused, with any number of threads.
 *
 * Hashed are words of 64 bits, little-endian; a real number as the bits of its double, with one NaN
 * (0x7ff8000000000000) and one zero. In this order:
 *
 *     step, RBM updates so far, batch, how many runs; then of each run
 *     step, layers, inputs, outputs, diverged (0 or 1), loss, accuracy, learning rate of the update
 *     that would follow; then of hidden layers 1..L and the output
 *     units, saturated, dead; moments of z, h and delta; histograms of z, h and delta
 *     moments: n, zero, underflow, nan, inf, mean, sd, rms, min, max
 *     histogram: low, high, n, below, above, nan, inf, 128 counts
 *     histogram of delta: n, zero, underflow, nan, inf, 508 counts
 *
 * Threads: pure functions.
 */
#ifndef MEASURE_DIGEST_H
#define MEASURE_DIGEST_H

#include "measure/snapshot.h"

enum { DIGEST_TEXT = 17 };

/* Of a snapshot that has runs. */
uint64_t digest_snapshot(const struct snapshot *snapshot);

/* RBM updates made when it was taken, of the run that had made most; 0 without pre-training. */
int64_t digest_pretrained(const struct snapshot *snapshot);

/* As 16 hexadecimal digits, and back; false if text is something else. */
void digest_print(uint64_t digest, char text[DIGEST_TEXT]);
bool digest_parse(const char *text, uint64_t *digest);

/* The hash alone, of bytes behind what was hashed before; begins with DIGEST_START. */
#define DIGEST_START 14695981039346656037u
uint64_t digest_bytes(uint64_t hash, const void *bytes, size_t size);

#endif
