/*
 * tools.h - what the tests of the engine share: every instruction set that runs here, and numbers.
 */
#ifndef TESTS_ENGINE_TOOLS_H
#define TESTS_ENGINE_TOOLS_H

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/random.h"
#include "engine/kernels.h"

enum { SETS_MOST = 3 };

extern const struct kernels kernels_baseline;
#ifdef ENGINE_DISPATCH
extern const struct kernels kernels_avx2, kernels_avx512;
#endif

/* The sets this processor runs. Returns how many. */
static inline int kernel_sets(const struct kernels *sets[SETS_MOST]) {
    int count = 0;
    sets[count++] = &kernels_baseline;
#ifdef ENGINE_DISPATCH
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        sets[count++] = &kernels_avx2;
    }
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
        sets[count++] = &kernels_avx512;
    }
#endif
    return count;
}

/* x[i] = mean + sd times the standard normal i of row `row`. */
static inline void fill_normals(real *x, size_t n, uint32_t row, double mean, double sd) {
    const struct random_stream stream = { .seed = 2024, .purpose = RANDOM_DATA_INPUT };
    for (size_t i = 0; i < n; i++) {
        double draw;
        random_normals(&stream, row, (uint32_t)i, 1, &draw);
        x[i] = (real)(mean + sd * draw);
    }
}

static inline float float_of_bits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline uint32_t bits_of_float(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static inline bool is_denormal(double value) {
    return value != 0.0 && fabs(value) < (double)REAL_MIN;
}

/* |a - b| relative to the larger of them; 0 where both are zero. */
static inline double relative_error(double a, double b) {
    double larger = fmax(fabs(a), fabs(b));
    return larger > 0.0 ? fabs(a - b) / larger : 0.0;
}

#endif
