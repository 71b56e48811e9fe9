/*
 * capture.h - measure a network after its backward pass: all that a snapshot holds.
 *
 * Reads the network only. Must run on a thread that flushes denormals, between network_backward()
 * and network_update().
 */
#ifndef MEASURE_CAPTURE_H
#define MEASURE_CAPTURE_H

#include "engine/network.h"
#include "measure/snapshot.h"

/*
 * Fill the measured part of run: layers, output, curve, names, loss, accuracy and diagnosis.
 * step is the number of the update that would follow (from 1). scratch is one byte per example
 * of the batch.
 */
void capture_network(const struct network *network, int64_t step, unsigned char *scratch,
                     struct run_snapshot *run);

/* The moments of n values. */
void capture_moments(struct moments *moments, const real *values, size_t n);

#endif
