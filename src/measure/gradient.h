/*
 * gradient.h - how d loss / d h of each hidden layer is spread.
 *
 * A backward pass overwrites it layer by layer, so it is made again, which takes a product per
 * layer: only for a picture that shows it. Threads: as capture.h.
 */
#ifndef MEASURE_GRADIENT_H
#define MEASURE_GRADIENT_H

#include "engine/network.h"
#include "measure/snapshot.h"

/*
 * Fill gradient_histogram of run's hidden layers, whose delta must be there, from the last backward
 * pass: of all examples, or for a glance of the first ones, so many that a layer takes
 * GRADIENT_GLANCE multiply-adds. The histogram's n is the number of entries looked at. Underflow is
 * counted as underflow.h says.
 */
enum { GRADIENT_GLANCE = 320 * 1024 };
void gradient_capture(const struct network *network, bool glance, struct run_snapshot *run);

#endif
