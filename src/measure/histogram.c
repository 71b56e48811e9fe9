#include "measure/histogram.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "engine/kernels.h"

static_assert((int)HISTOGRAM_BINS == (int)KERNEL_LINEAR_BINS &&
                  (int)LOG_HISTOGRAM_BINS == (int)KERNEL_OCTAVE_BINS,
              "the kernels' bins are ours");

double log_histogram_edge(int bin) {
    return (LOG_HISTOGRAM_LOW + 0.5 * bin) * log10(2.0);
}

double log_histogram_magnitude(int bin) {
    return ldexp(bin % 2 ? sqrt(2.0) : 1.0, LOG_HISTOGRAM_LOW + bin / 2);
}

void histogram_range(struct histogram *histogram, double low, double high) {
    memset(histogram, 0, sizeof *histogram);
    histogram->low = low;
    histogram->high = high;
    histogram->width = (high - low) / HISTOGRAM_BINS;
}

/* The smallest power of two that is at least x > 0. */
static double power_at_least(double x) {
    int exponent;
    double mantissa = frexp(x, &exponent);
    return ldexp(1.0, mantissa == 0.5 ? exponent - 1 : exponent);
}

void histogram_fit(struct histogram *histogram, double min, double max, double mean, double sd) {
    if (!(min <= max)) { // no finite value at all
        min = max = mean = sd = 0.0;
    }
    double low = fmax(min, mean - 5.0 * sd), high = fmin(max, mean + 5.0 * sd);
    double reach = fmax(fabs(low), fabs(high));
    // Wide enough for the spread, and not finer than the values themselves are.
    double width = fmax((high - low) / (HISTOGRAM_BINS - 1), reach * 0x1p-22);
    width = width > 0x1p-120 ? power_at_least(width) : 0x1p-120;
    if (reach == 0.0) {
        width = 1.0 / HISTOGRAM_BINS;
    }
    double first = floor(low / width);
    histogram_range(histogram, first * width, (first + HISTOGRAM_BINS) * width);
}

void histogram_add(struct histogram *histogram, const float *values, size_t n) {
    uint32_t counts[HISTOGRAM_BINS + BUCKET_COUNT] = { 0 };
    kernels->linear_counts(values, n, (float)(1.0 / histogram->width),
                           (int)(histogram->low / histogram->width), counts);
    for (size_t bin = 0; bin < HISTOGRAM_BINS; bin++) {
        histogram->counts[bin] += counts[bin];
    }
    histogram->below += counts[HISTOGRAM_BINS + BUCKET_BELOW];
    histogram->above += counts[HISTOGRAM_BINS + BUCKET_ABOVE];
    histogram->nan += counts[HISTOGRAM_BINS + BUCKET_NAN];
    histogram->inf += counts[HISTOGRAM_BINS + BUCKET_INF];
    histogram->n += n;
}

static void add_octaves(struct log_histogram *histogram, const float *values, size_t n,
                        uint32_t *negative) {
    uint32_t counts[LOG_HISTOGRAM_BINS + BUCKET_COUNT] = { 0 };
    kernels->octave_counts(values, n, counts, negative);
    for (size_t bin = 0; bin < LOG_HISTOGRAM_BINS; bin++) {
        histogram->counts[bin] += counts[bin];
    }
    histogram->zero += counts[LOG_HISTOGRAM_BINS + BUCKET_ZERO];
    histogram->nan += counts[LOG_HISTOGRAM_BINS + BUCKET_NAN];
    histogram->inf += counts[LOG_HISTOGRAM_BINS + BUCKET_INF];
    histogram->n += n;
}

void log_histogram_add(struct log_histogram *histogram, const float *values, size_t n) {
    add_octaves(histogram, values, n, NULL);
}

void log_histogram_add_signed(struct log_histogram *histogram, const float *values, size_t n,
                              uint32_t negative[LOG_HISTOGRAM_BINS]) {
    uint32_t counts[LOG_HISTOGRAM_BINS + BUCKET_COUNT] = { 0 };
    add_octaves(histogram, values, n, counts);
    memcpy(negative, counts, LOG_HISTOGRAM_BINS * sizeof *negative);
}
