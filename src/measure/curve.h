#ifndef MEASURE_CURVE_H
#define MEASURE_CURVE_H
#endif
