/*
 * histogram.h - histograms that never lie.
 *
 * Two kinds, both with exact edges, so that a checker in any language counts the same:
 *
 *   histogram      HISTOGRAM_BINS bins of equal width 2^e whose edges are whole multiples of the
 *                  width; the last bin includes its upper edge, as numpy.histogram does.
 *   log_histogram  by magnitude |x|, two bins per octave (edges 2^k and 2^k sqrt 2) over the whole
 *                  range of float32, so nothing finite is ever outside and every axis a view may
 *                  choose shows the same counts.
 *
 * Zeros, underflow, NaN and infinities are counted apart and never dropped: the counts add up to n.
 * Memory: plain structs. Threads: pure functions.
 */
#ifndef MEASURE_HISTOGRAM_H
#define MEASURE_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

enum { HISTOGRAM_BINS = 128 };

struct histogram {
    double low, high;      // high - low = HISTOGRAM_BINS * width
    double width;          // a power of two
    uint64_t n;            // values looked at = counts + below + above + near_zero + nan + inf
    uint64_t below, above; // finite, outside low..high
    uint64_t near_zero;    // of somebody else's buckets that hold 0 and are far narrower than a bin
    uint64_t nan, inf;     // inf counts both signs
    uint32_t counts[HISTOGRAM_BINS];
};

/* Octave k = 0 is [1, 2): bins 2 (k - LOG_HISTOGRAM_LOW) and the next. */
enum {
    LOG_HISTOGRAM_LOW = -126, // FLT_MIN = 2^-126; denormal numbers are flushed to zero
    LOG_HISTOGRAM_HIGH = 128,
    LOG_HISTOGRAM_BINS = 2 * (LOG_HISTOGRAM_HIGH - LOG_HISTOGRAM_LOW)
};

struct log_histogram {
    uint64_t n;         // values looked at = counts + zero + near_zero + nan + inf
    uint64_t zero;      // exactly zero, whatever the reason
    uint64_t underflow; // how many of `zero` are zero only because float32 cannot hold them
    uint64_t near_zero; // |x| <= near_zero_end, and no more is known: of logged buckets alone
    double near_zero_end;
    uint64_t nan, inf;
    uint32_t counts[LOG_HISTOGRAM_BINS];
};

/* log10 of the lower edge of a bin; bin may be LOG_HISTOGRAM_BINS for the upper end. */
double log_histogram_edge(int bin);

/* The edge itself: 2^k or 2^k sqrt 2. */
double log_histogram_magnitude(int bin);

/*
 * Choose low, high and width for values between min and max with the given mean and sd: all of
 * them if they lie within five sd of the mean, else that part, the rest being counted in below and
 * above. Counts are zeroed.
 */
void histogram_fit(struct histogram *histogram, double min, double max, double mean, double sd);

/* The fixed range low..high, which must be a power of two apart; counts are zeroed. */
void histogram_range(struct histogram *histogram, double low, double high);

/* Count n values more. */
void histogram_add(struct histogram *histogram, const float *values, size_t n);
void log_histogram_add(struct log_histogram *histogram, const float *values, size_t n);

/* The same; negative is set to how many of the n are in each bin with a minus. */
void log_histogram_add_signed(struct log_histogram *histogram, const float *values, size_t n,
                              uint32_t negative[LOG_HISTOGRAM_BINS]);

#endif
