/*
 * capture.h - measure a network after its backward pass: all that a snapshot holds.
 *
 * Reads the network only. Must run on a thread that flushes denormals, between network_deltas() and
 * network_update().
 */
#ifndef MEASURE_CAPTURE_H
#define MEASURE_CAPTURE_H

#include "engine/network.h"
#include "measure/signs.h"
#include "measure/snapshot.h"

/*
 * Fill the measured part of run: layers, output, curve, names, loss, accuracy and diagnosis. Wants
 * dW, see network_gradients(). step is the number of the update that would follow (from 1). scratch
 * is capture_scratch() bytes, aligned as malloc() does. signs: of layers 1..L and the output, to be
 * filled in, too; NULL: nobody wants them.
 */
void capture_network(const struct network *network, int64_t step, void *scratch,
                     struct run_snapshot *run, struct layer_signs *signs);

/*
 * The same for a picture that the next one follows at once: of W and dW with more than
 * CAPTURE_GLANCE entries, some evenly spaced rows are looked at, and what is said of them is said
 * of those; the histograms' n is their number. Does without network_gradients().
 */
enum { CAPTURE_GLANCE = 8 * 1024 };
void capture_glance(const struct network *network, int64_t step, void *scratch,
                    struct run_snapshot *run);

/*
 * Fill run's participation ratios, which capture_network() leaves NaN: they take a third of its
 * time once more. scratch as above.
 */
void capture_participation(const struct network *network, void *scratch, struct run_snapshot *run);

size_t capture_scratch(const struct network_config *config);

/* Mean of the squares of the inputs of the last pass. */
double capture_input_square(const struct network *network);

/* The moments of n values, n >= 1. */
void capture_moments(struct moments *moments, const real *values, size_t n);

#endif
