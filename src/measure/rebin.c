#include "measure/rebin.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

static double total_of(const struct bucket *buckets, int count) {
    double total = 0.0;
    for (int i = 0; i < count; i++) {
        total += buckets[i].count;
    }
    return total;
}

void rebin_moments(struct moments *moments, const struct bucket *buckets, int count) {
    double total = total_of(buckets, count), mean = 0.0, square = 0.0;
    *moments = (struct moments){ .n = total < 0x1p63 ? (uint64_t)llround(total) : 0 };
    moments->mean = moments->sd = moments->rms = moments->min = moments->max = (double)NAN;
    if (moments->n == 0) {
        return;
    }
    for (int i = 0; i < count; i++) {
        double low = buckets[i].low, high = buckets[i].high, share = buckets[i].count / total;
        mean += share * (0.5 * low + 0.5 * high);
        square += share * (low * low + low * high + high * high) / 3.0;
    }
    moments->mean = mean;
    moments->rms = sqrt(square);
    moments->sd = sqrt(fmax(square - mean * mean, 0.0));
    moments->min = buckets[0].low;
    moments->max = buckets[count - 1].high;
}

/* The part of low..high, not empty, that lies in from..to. */
static double share_in(double low, double high, double from, double to) {
    double width = 0.5 * high - 0.5 * low;
    return fmax(fmin(high, to) * 0.5 - fmax(low, from) * 0.5, 0.0) / width;
}

/* Whole counts for masses, so that all up to any bin are off by half a value at most. */
struct settler {
    double mass;
    uint64_t counted;
};

static uint64_t settle(struct settler *settler, double mass) {
    settler->mass += mass;
    uint64_t now = (uint64_t)llround(settler->mass), count = now - settler->counted;
    settler->counted = now;
    return count;
}

/* Below the bins, in them, above them. */
struct linear_mass {
    double below, bin[HISTOGRAM_BINS], above, near_zero;
};

// A bucket around 0 that is narrower than this part of a bin is told apart: most likely they are 0.
static const double narrow = 0x1p-10;

/* Bins from the histogram's lower end, which need not be whole. */
static double place_of(const struct histogram *histogram, double x) {
    return fmin(fmax((x - histogram->low) / histogram->width, -1.0), HISTOGRAM_BINS + 1.0);
}

static void spread_linear(const struct histogram *histogram, struct linear_mass *mass,
                          const struct bucket *bucket) {
    if (bucket->low <= 0.0 && bucket->high >= 0.0 &&
        bucket->high - bucket->low < narrow * histogram->width) {
        mass->near_zero += bucket->count;
        return;
    }
    double first = floor(place_of(histogram, bucket->low));
    double last = floor(place_of(histogram, bucket->high));
    if (bucket->high == histogram->high) { // the last bin has its upper edge
        last = HISTOGRAM_BINS - 1;
        first = fmin(first, last);
    }
    if (first == last || !isfinite(bucket->low) || !isfinite(bucket->high)) {
        bool below = !isfinite(bucket->low) || first < 0.0;
        bool above = !isfinite(bucket->high) || first >= HISTOGRAM_BINS;
        double *to = below ? &mass->below : above ? &mass->above : &mass->bin[(int)first];
        *to += bucket->count;
        return;
    }
    double low = bucket->low, high = bucket->high;
    mass->below += bucket->count * share_in(low, high, low, fmax(histogram->low, low));
    mass->above += bucket->count * share_in(low, high, fmin(histogram->high, high), high);
    for (int i = (int)fmax(first, 0.0); i <= (int)fmin(last, HISTOGRAM_BINS - 1); i++) {
        double from = histogram->low + i * histogram->width;
        mass->bin[i] += bucket->count * share_in(low, high, from, from + histogram->width);
    }
}

void rebin(struct histogram *histogram, const struct bucket *buckets, int count) {
    struct linear_mass mass;
    struct settler settler = { 0.0, 0 };
    memset(&mass, 0, sizeof mass);
    histogram->n = histogram->below = histogram->above = histogram->near_zero = 0;
    histogram->nan = histogram->inf = 0;
    memset(histogram->counts, 0, sizeof histogram->counts);
    if (!(total_of(buckets, count) < 0x1p32)) {
        return;
    }
    for (int i = 0; i < count; i++) {
        spread_linear(histogram, &mass, &buckets[i]);
    }
    histogram->near_zero = settle(&settler, mass.near_zero);
    histogram->below = settle(&settler, mass.below);
    for (int i = 0; i < HISTOGRAM_BINS; i++) {
        histogram->counts[i] = (uint32_t)settle(&settler, mass.bin[i]);
    }
    histogram->above = settle(&settler, mass.above);
    histogram->n = settler.counted;
}

/* The bin that holds a magnitude above 0, within those there are. */
static int bin_of(double magnitude) {
    int exponent;
    double mantissa = frexp(magnitude, &exponent); // in 0.5..1
    if (isinf(magnitude)) {
        return LOG_HISTOGRAM_BINS - 1;
    }
    int bin = 2 * (exponent - 1 - LOG_HISTOGRAM_LOW) + (mantissa >= sqrt(0.5));
    return bin < 0 ? 0 : bin < LOG_HISTOGRAM_BINS ? bin : LOG_HISTOGRAM_BINS - 1;
}

/* low..high are magnitudes, low above 0. */
static void spread_magnitudes(double mass[LOG_HISTOGRAM_BINS], double low, double high,
                              double count) {
    int first = bin_of(low), last = bin_of(high);
    if (first == last || isinf(high)) {
        mass[first] += count;
        return;
    }
    for (int i = first; i <= last; i++) {
        double from = i == first ? low : log_histogram_magnitude(i);
        double to = i == last ? high : log_histogram_magnitude(i + 1);
        mass[i] += count * share_in(low, high, from, to);
    }
}

void rebin_log(struct log_histogram *histogram, const struct bucket *buckets, int count) {
    double mass[LOG_HISTOGRAM_BINS] = { 0.0 }, near_zero = 0.0, zero = 0.0;
    struct settler settler = { 0.0, 0 };
    memset(histogram, 0, sizeof *histogram);
    if (!(total_of(buckets, count) < 0x1p32)) {
        return;
    }
    for (int i = 0; i < count; i++) {
        double low = buckets[i].low, high = buckets[i].high;
        double least = fmin(fabs(low), fabs(high)), most = fmax(fabs(low), fabs(high));
        if (low == 0.0 && high == 0.0) {
            zero += buckets[i].count;
        } else if ((low <= 0.0 && high >= 0.0) || most < log_histogram_magnitude(0)) {
            near_zero += buckets[i].count;
            histogram->near_zero_end = fmax(histogram->near_zero_end, most);
        } else {
            spread_magnitudes(mass, least, most, buckets[i].count);
        }
    }
    histogram->zero = settle(&settler, zero);
    histogram->near_zero = settle(&settler, near_zero);
    for (int i = 0; i < LOG_HISTOGRAM_BINS; i++) {
        histogram->counts[i] = (uint32_t)settle(&settler, mass[i]);
    }
    histogram->n = settler.counted;
}
