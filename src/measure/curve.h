/* curve.h - phi and phi' as samples for drawing. */
#ifndef MEASURE_CURVE_H
#define MEASURE_CURVE_H

#include "engine/phi.h"
#include "measure/snapshot.h"

/* Sample an activation evenly over -CURVE_REACH..CURVE_REACH, beyond which it is straight. */
enum { CURVE_REACH = 12 };
void curve_fill(struct curve *curve, const struct phi *phi);

#endif
