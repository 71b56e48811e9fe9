#include "view/spread.h"

#include <math.h>
#include <string.h>

/* Bins of a measured histogram on the axis: bin i spans (first + i) * width and the next. */
struct bins {
    const uint32_t *counts;
    int count;
    int64_t first;
    double width;
};

static bool bin_inside(const struct bins *bins, int i, const struct axis *axis, bool *above) {
    double centre = ((double)(bins->first + i) + 0.5) * bins->width;
    *above = centre > axis->high;
    return centre >= axis->low && centre <= axis->high;
}

static int64_t floor_divide(int64_t a, int64_t b) {
    return a / b - (a % b < 0);
}

/* Merge `together` bins to a bar, counting apart what lies beyond the axis. */
static void merge(struct spread *spread, const struct bins *bins, const struct axis *axis,
                  int64_t together) {
    int64_t first_bar = 0;
    for (int i = 0; i < bins->count; i++) {
        uint64_t count = bins->counts[i];
        bool above;
        if (count == 0) {
            continue;
        }
        if (!bin_inside(bins, i, axis, &above)) {
            spread->apart[above ? APART_ABOVE : APART_BELOW] += count;
            continue;
        }
        int64_t bar = floor_divide(bins->first + i, together);
        if (spread->bars == 0) {
            first_bar = bar;
            spread->low = (double)(bar * together) * bins->width;
        }
        uint64_t *sum = &spread->count[bar - first_bar];
        *sum += count;
        spread->tallest = *sum > spread->tallest ? *sum : spread->tallest;
        spread->bars = (int)(bar - first_bar) + 1;
    }
    spread->width = (double)together * bins->width;
}

/* Values closer together than a bar: one bar around their place, not two across an edge. */
static void gather(struct spread *spread, const struct bins *bins, const struct axis *axis,
                   double least) {
    int first = -1, last = -1;
    for (int i = 0; i < bins->count; i++) {
        bool above;
        if (bins->counts[i] > 0 && bin_inside(bins, i, axis, &above)) {
            first = first < 0 ? i : first;
            last = i;
        }
    }
    double span = (double)(last - first + 1) * bins->width;
    if (first < 0 || span >= least) {
        return;
    }
    uint64_t sum = 0;
    for (int i = 0; i < spread->bars; i++) {
        sum += spread->count[i];
    }
    spread->bars = 1;
    spread->count[0] = spread->tallest = sum;
    spread->low = (double)(bins->first + first) * bins->width + 0.5 * (span - least);
    spread->width = least;
}

static int64_t together_for(double width, double least) {
    int64_t together = 1;
    while ((double)together * width < least && together < INT64_C(1) << 40) {
        together *= 2;
    }
    return together;
}

static void clear(struct spread *spread) {
    memset(spread, 0, offsetof(struct spread, count));
}

static uint64_t at_most(uint64_t value, uint64_t limit) {
    return value < limit ? value : limit;
}

/* Take zeros out of whatever of the histogram counts them. */
static uint64_t take_zeros(struct spread *spread, const struct histogram *histogram,
                           uint32_t *counts, uint64_t zeros) {
    if (histogram->low > 0.0) {
        zeros = at_most(zeros, histogram->below);
        spread->apart[APART_BELOW] -= zeros;
    } else if (histogram->high < 0.0) {
        zeros = at_most(zeros, histogram->above);
        spread->apart[APART_ABOVE] -= zeros;
    } else {
        int bin = (int)floor(-histogram->low / histogram->width);
        bin = bin < HISTOGRAM_BINS ? bin : HISTOGRAM_BINS - 1;
        zeros = at_most(zeros, counts[bin]);
        counts[bin] -= (uint32_t)zeros;
    }
    return zeros;
}

void spread_linear(struct spread *spread, const struct histogram *histogram,
                   const struct moments *moments, const struct axis *axis, double least) {
    clear(spread);
    spread->n = histogram->n;
    spread->apart[APART_ABOVE] = histogram->above;
    spread->apart[APART_BELOW] = histogram->below;
    spread->apart[APART_NEAR_ZERO] = histogram->near_zero;
    spread->apart[APART_NAN] = histogram->nan;
    spread->apart[APART_INF] = histogram->inf;
    if (!(histogram->width > 0.0)) {
        return; // nothing was counted
    }
    uint32_t counts[HISTOGRAM_BINS];
    memcpy(counts, histogram->counts, sizeof counts);
    uint64_t zeros = take_zeros(spread, histogram, counts, moments->zero);
    spread->apart[APART_UNDERFLOW] = at_most(moments->underflow, zeros);
    spread->apart[APART_ZERO] = zeros - spread->apart[APART_UNDERFLOW];

    struct bins bins = { counts, HISTOGRAM_BINS, llround(histogram->low / histogram->width),
                         histogram->width };
    int64_t together = together_for(histogram->width, least);
    memset(spread->count, 0, HISTOGRAM_BINS * sizeof spread->count[0]);
    merge(spread, &bins, axis, together);
    gather(spread, &bins, axis, least);
}

static void clear_log(struct spread *spread, const struct log_histogram *histogram) {
    clear(spread);
    spread->n = histogram->n;
    spread->apart[APART_UNDERFLOW] = at_most(histogram->underflow, histogram->zero);
    spread->apart[APART_ZERO] = histogram->zero - spread->apart[APART_UNDERFLOW];
    spread->apart[APART_NEAR_ZERO] = histogram->near_zero;
    spread->apart[APART_NAN] = histogram->nan;
    spread->apart[APART_INF] = histogram->inf;
}

void spread_log(struct spread *spread, const struct log_histogram *histogram,
                const struct axis *axis, double least) {
    clear_log(spread, histogram);

    // two bins per octave, on a log10 axis
    struct bins bins = { histogram->counts, LOG_HISTOGRAM_BINS, INT64_C(2) * LOG_HISTOGRAM_LOW,
                         0.5 * log10(2.0) };
    memset(spread->count, 0, sizeof spread->count);
    merge(spread, &bins, axis, together_for(bins.width, least));
}

/* How many values lie below `at`, were each bin evenly filled; those of the bins before *bin, which
 * moves on, are *passed.
 */
static uint64_t count_below(const struct log_histogram *histogram, int *bin, uint64_t *passed,
                            double at) {
    while (*bin < LOG_HISTOGRAM_BINS &&
           (histogram->counts[*bin] == 0 || log_histogram_magnitude(*bin + 1) <= at)) {
        *passed += histogram->counts[(*bin)++];
    }
    if (*bin == LOG_HISTOGRAM_BINS) {
        return *passed;
    }
    double low = log_histogram_magnitude(*bin), high = log_histogram_magnitude(*bin + 1);
    double share = fmax(0.0, (at - low) / (high - low));
    return *passed + (uint64_t)llround(share * (double)histogram->counts[*bin]);
}

void spread_magnitude(struct spread *spread, const struct log_histogram *histogram,
                      const struct axis *axis, double least) {
    clear_log(spread, histogram);
    double bars = fmin(fmax(floor(axis->high / least), 1.0), SPREAD_BARS);
    spread->width = axis->high / bars;
    uint64_t passed = 0, before = 0;
    int bin = 0;
    for (int i = 0; i < (int)bars; i++) {
        uint64_t now = count_below(histogram, &bin, &passed, (double)(i + 1) * spread->width);
        spread->count[i] = now - before;
        spread->tallest = now - before > spread->tallest ? now - before : spread->tallest;
        spread->bars = now > before ? i + 1 : spread->bars;
        before = now;
    }
    uint64_t counted =
        histogram->n - histogram->zero - histogram->near_zero - histogram->nan - histogram->inf;
    spread->apart[APART_ABOVE] = counted - before;
}

void spread_of_h(struct spread *spread, const struct layer_stats *layer, const struct axis *axis,
                 double least) {
    spread_linear(spread, &layer->h_histogram, &layer->h, axis, least);
}

void spread_of_weights(struct spread *spread, const struct layer_stats *layer,
                       const struct axis *axis, double least) {
    static const struct moments unknown = { 0 };
    spread_linear(spread, &layer->weight_histogram, &unknown, axis, least);
}
