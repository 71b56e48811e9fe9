/*
 * real.h - the engine's number type.
 *
 * float in the program. The numeric gradient check compiles the same sources with
 * ENGINE_DOUBLE, so that what it proves is the shipped code and not a copy of it.
 */
#ifndef ENGINE_REAL_H
#define ENGINE_REAL_H

#include <float.h>
#include <stdbool.h>

#ifdef ENGINE_DOUBLE
typedef double real;
#define REAL_MIN DBL_MIN
#define REAL_MAX DBL_MAX
#define REAL_EPSILON DBL_EPSILON
#else
typedef float real;
#define REAL_MIN FLT_MIN // the smallest number that is not denormal
#define REAL_MAX FLT_MAX
#define REAL_EPSILON FLT_EPSILON // from 1 to the next number
#endif

#endif
