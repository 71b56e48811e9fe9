/*
 * signs.h - what event files tell of a layer beside a snapshot: the signs of its gradients, and the
 * moments of W and dL/dW.
 */
#ifndef MEASURE_SIGNS_H
#define MEASURE_SIGNS_H

#include "measure/histogram.h"
#include "measure/moments.h"
#include "measure/snapshot.h"

struct layer_signs {
    struct moments weight, weight_gradient;
    uint32_t negative_delta[LOG_HISTOGRAM_BINS]; // of the bins of delta_histogram, how many are < 0
    uint32_t negative_weight_gradient[LOG_HISTOGRAM_BINS];
};

/* Of each run layers 1..L, then the output. */
struct signs {
    struct layer_signs run[SNAPSHOT_RUNS][SNAPSHOT_LAYERS + 1];
};

#endif
