/*
 * capture_factors.h - the part of capture.h that splits the passes into factors (factor.h).
 *
 * From the sums that the passes took along (struct layer_sums), so it costs next to nothing.
 */
#ifndef MEASURE_CAPTURE_FACTORS_H
#define MEASURE_CAPTURE_FACTORS_H

#include "engine/network.h"
#include "measure/snapshot.h"

/* Fill factor and forward of a hidden layer, whose moments of z must be there. */
void capture_factors(const struct network *network, int index, double input_rms,
                     struct layer_stats *stats);

#endif
