#include "measure/curve.h"

void curve_fill(struct curve *curve, const struct phi *phi) {
    curve->low = -CURVE_REACH;
    curve->high = CURVE_REACH;
    for (int i = 0; i < SNAPSHOT_CURVE; i++) {
        double z = CURVE_REACH * (2.0 * i / (SNAPSHOT_CURVE - 1) - 1.0);
        curve->value[i] = (float)phi_value(phi, z);
        curve->slope[i] = (float)phi_slope(phi, z);
    }
}
