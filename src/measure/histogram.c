#include "measure/histogram.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "engine/kernels.h"

static_assert((int)LOG_HISTOGRAM_BINS == (int)KERNEL_OCTAVE_BINS, "the kernel's bins are ours");

// Values are binned in chunks that stay in cache. Four tables take turns, because a value that
// falls into the same bin as its neighbour would wait for the neighbour's count to be stored.
enum { CHUNK = 2048, TABLES = 4 };

static void count_buckets(const uint16_t *bucket, size_t n, uint32_t *tables, size_t stride) {
    size_t i = 0;
    for (; i + TABLES <= n; i += TABLES) {
        tables[bucket[i]]++;
        tables[stride + bucket[i + 1]]++;
        tables[2 * stride + bucket[i + 2]]++;
        tables[3 * stride + bucket[i + 3]]++;
    }
    for (; i < n; i++) {
        tables[bucket[i]]++;
    }
}

/* The sum over the tables of one bucket. */
static uint32_t bucket_total(const uint32_t *tables, size_t stride, size_t bucket) {
    uint32_t total = 0;
    for (size_t t = 0; t < TABLES; t++) {
        total += tables[t * stride + bucket];
    }
    return total;
}

double log_histogram_edge(int bin) {
    return (LOG_HISTOGRAM_LOW + 0.5 * bin) * log10(2.0);
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
    enum { STRIDE = HISTOGRAM_BINS + BUCKET_COUNT };
    uint32_t tables[TABLES * STRIDE] = { 0 };
    uint16_t bucket[CHUNK];
    int first = (int)(histogram->low / histogram->width);
    for (size_t i = 0; i < n; i += CHUNK) {
        size_t count = n - i < CHUNK ? n - i : CHUNK;
        kernels->linear_bins(values + i, count, (float)(1.0 / histogram->width), first,
                             HISTOGRAM_BINS, bucket);
        count_buckets(bucket, count, tables, STRIDE);
    }
    for (size_t bin = 0; bin < HISTOGRAM_BINS; bin++) {
        histogram->counts[bin] += bucket_total(tables, STRIDE, bin);
    }
    histogram->below += bucket_total(tables, STRIDE, HISTOGRAM_BINS + BUCKET_BELOW);
    histogram->above += bucket_total(tables, STRIDE, HISTOGRAM_BINS + BUCKET_ABOVE);
    histogram->nan += bucket_total(tables, STRIDE, HISTOGRAM_BINS + BUCKET_NAN);
    histogram->inf += bucket_total(tables, STRIDE, HISTOGRAM_BINS + BUCKET_INF);
    histogram->n += n;
}

void log_histogram_add(struct log_histogram *histogram, const float *values, size_t n) {
    enum { STRIDE = LOG_HISTOGRAM_BINS + BUCKET_COUNT };
    uint32_t tables[TABLES * STRIDE] = { 0 };
    uint16_t bucket[CHUNK];
    for (size_t i = 0; i < n; i += CHUNK) {
        size_t count = n - i < CHUNK ? n - i : CHUNK;
        kernels->octave_bins(values + i, count, bucket);
        count_buckets(bucket, count, tables, STRIDE);
    }
    for (size_t bin = 0; bin < LOG_HISTOGRAM_BINS; bin++) {
        histogram->counts[bin] += bucket_total(tables, STRIDE, bin);
    }
    histogram->zero += bucket_total(tables, STRIDE, LOG_HISTOGRAM_BINS + BUCKET_ZERO);
    histogram->nan += bucket_total(tables, STRIDE, LOG_HISTOGRAM_BINS + BUCKET_NAN);
    histogram->inf += bucket_total(tables, STRIDE, LOG_HISTOGRAM_BINS + BUCKET_INF);
    histogram->n += n;
}
