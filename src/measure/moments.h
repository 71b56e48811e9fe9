/*
 * moments.h - what is said of an array of numbers in a few: standard deviations are population
 * ones.
 */
#ifndef MEASURE_MOMENTS_H
#define MEASURE_MOMENTS_H

#include <stdbool.h>
#include <stdint.h>

struct moments {
    uint64_t n;         // entries, finite or not
    uint64_t zero;      // exactly zero, whatever the reason
    uint64_t underflow; // how many of `zero` only because float32 cannot hold the product
    uint64_t nan, inf;
    double mean, sd, rms, min, max; // of the finite entries; NaN when there are none
};

/* Is every entry finite? Else mean, sd and rms are of a part, and not those of the array. */
static inline bool moments_finite(const struct moments *moments) {
    return moments->nan == 0 && moments->inf == 0;
}

#endif
