#include "view/ranges.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "view/gradient_kind.h"

static const double half_life = 0.5, strip_seconds = 2.0;
static const double close_enough = 0.02; // of a range: the rest of the way is no change to see

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/*
 * How far an axis may reach for the layers' bulks, reach[] >= 0. All the way, unless a few layers
 * reach so much further than the middle one that they would flatten it; but never less than the
 * first layer, where the signal enters.
 */
static double robust_reach(const double *reach, int count) {
    double sorted[SNAPSHOT_LAYERS];
    int finite = 0;
    for (int i = 0; i < count; i++) {
        if (isfinite(reach[i])) {
            sorted[finite++] = reach[i];
        }
    }
    if (finite == 0) {
        return 0.0;
    }
    double first = isfinite(reach[0]) ? reach[0] : 0.0;
    qsort(sorted, (size_t)finite, sizeof sorted[0], ascending);
    return fmin(sorted[finite - 1], fmax(8.0 * sorted[finite / 2], first));
}

void range_drop_sliver(double *low, double *high) {
    const double bars = 30.0; // of a row at its usual height, and some: the first axis holds still
    if (-*low * bars < *high) {
        *low = 0.0;
    } else if (*high * bars < -*low) {
        *high = 0.0;
    }
}

void range_include_bulk(struct range *range, const struct run_snapshot *run,
                        moments_function *moments_of) {
    double reach[SNAPSHOT_LAYERS], up = 0.0, down = 0.0;
    for (int i = 0; i < run->layers; i++) {
        const struct moments *m = moments_of(&run->layer[i]);
        reach[i] = (double)NAN;
        if (isfinite(m->mean) && isfinite(m->sd)) {
            double above = fmin(m->max, m->mean + 3.0 * m->sd);
            double below = -fmax(m->min, m->mean - 3.0 * m->sd);
            reach[i] = fmax(fmax(above, below), 0.0);
            up = fmax(up, above);
            down = fmax(down, below);
        }
    }
    double most = robust_reach(reach, run->layers);
    up = fmin(up, most);
    down = -fmin(down, most);
    range_drop_sliver(&down, &up);
    range->high = fmax(range->high, up);
    range->low = fmin(range->low, down);
}

static const struct moments *moments_of_h(const struct layer_stats *layer) {
    return &layer->h;
}

void range_include_activations(struct range *range, const struct run_snapshot *run) {
    if (run->bounded) {
        range->low = fmin(range->low, run->h_low);
        range->high = fmax(range->high, run->h_high);
    } else {
        range_include_bulk(range, run, moments_of_h);
    }
}

bool range_is_of_weights(const struct snapshot *snapshot) {
    bool weights = false;
    for (int run = 0; run < snapshot->runs && snapshot->watched.active; run++) {
        for (int l = 0; l < snapshot->run[run].layers; l++) {
            if (snapshot->run[run].layer[l].h.n > 0) {
                return false;
            }
            weights = weights || snapshot->run[run].layer[l].weight_histogram.n > 0;
        }
    }
    return weights;
}

void range_include_weights(struct range *range, const struct run_snapshot *run) {
    for (int l = 0; l < run->layers; l++) {
        if (isfinite(run->layer[l].weight_rms)) {
            range->high = fmax(range->high, 3.0 * run->layer[l].weight_rms);
            range->low = fmin(range->low, -range->high);
        }
    }
}

bool range_counts(const struct snapshot *snapshot, int runs, int run) {
    bool all = true;
    for (int r = 0; r < runs; r++) {
        all = all && snapshot->run[r].diverged;
    }
    return all || !snapshot->run[run].diverged;
}

/* The bin that holds the entry of rank `rank` from below; histogram holds more than rank. */
static int bin_of_rank(const struct log_histogram *histogram, uint64_t rank) {
    uint64_t below = 0;
    int bin = 0;
    while (bin < LOG_HISTOGRAM_BINS - 1 && below + histogram->counts[bin] <= rank) {
        below += histogram->counts[bin++];
    }
    return bin;
}

void range_include_log(struct range *range, const struct log_histogram *histogram, bool linear) {
    uint64_t counted =
        histogram->n - histogram->zero - histogram->near_zero - histogram->nan - histogram->inf;
    if (counted == 0) {
        return;
    }
    double lowest = log_histogram_edge(bin_of_rank(histogram, 0));
    double bulk = log_histogram_edge(bin_of_rank(histogram, counted / 1000));
    range->low = fmin(range->low, fmax(lowest, bulk - 2.0));
    uint64_t last = counted - 1 - (linear ? counted / 1000 : 0);
    range->high = fmax(range->high, log_histogram_edge(bin_of_rank(histogram, last) + 1));
}

static void include_magnitude(struct range *range, double rms) {
    if (rms > 0.0 && isfinite(rms)) {
        range->low = fmin(range->low, log10(rms));
        range->high = fmax(range->high, log10(rms));
    }
}

/* From log10 to the axis that is wanted; something where there was nothing but zeros or NaN. */
static void to_axis(struct range *range, bool linear) {
    if (range->low > range->high) {
        range->low = -6.0;
        range->high = 0.0;
    }
    if (linear) {
        range->low = 0.0;
        range->high = pow(10.0, range->high);
    }
}

void ranges_fit(struct view_ranges *fit, const struct snapshot *snapshot, int runs,
                enum view_gradient gradient, bool linear) {
    memset(fit, 0, sizeof *fit);
    struct range *h = &fit->row[RANGE_ACTIVATIONS], *entries = &fit->row[RANGE_GRADIENTS],
                 *rms = &fit->row[RANGE_MAGNITUDE];
    const struct gradient_kind *kind = &gradient_kinds[gradient];
    bool weights = range_is_of_weights(snapshot);
    h->kind = weights ? 2 : 1;
    entries->kind = rms->kind = 1 + 2 * (int)gradient + linear;
    entries->low = rms->low = (double)INFINITY;
    entries->high = rms->high = -(double)INFINITY;
    for (int run = 0; run < runs; run++) {
        const struct run_snapshot *shown = &snapshot->run[run];
        bool counts = range_counts(snapshot, runs, run);
        if (counts) {
            (weights ? range_include_weights : range_include_activations)(h, shown);
        }
        for (int l = 0; l < shown->layers && counts; l++) {
            range_include_log(entries, kind->histogram(&shown->layer[l]), linear);
            include_magnitude(rms, kind->rms(&shown->layer[l]));
        }
    }
    to_axis(entries, linear);
    to_axis(rms, linear);
}

void ranges_start(struct view_ranges *ranges, const struct view_ranges *fit) {
    for (int i = 0; i < RANGE_COUNT; i++) {
        if (ranges->row[i].kind != fit->row[i].kind) {
            ranges->row[i] = fit->row[i];
        }
    }
}

void ranges_grow(struct view_ranges *ranges, const struct view_ranges *fit) {
    ranges_start(ranges, fit);
    for (int i = 0; i < RANGE_COUNT; i++) {
        struct range *range = &ranges->row[i];
        const struct range *wanted = &fit->row[i];
        range->low = fmin(range->low, wanted->low);
        range->high = fmax(range->high, wanted->high);
        for (int k = 0; k < APART_COUNT; k++) {
            range->strip[k] = range->strip[k] || wanted->strip[k];
            range->empty[k] = wanted->strip[k] ? 0.0 : range->empty[k];
        }
    }
}

/* An end that lies `factor` times as far off as before; by ratios, if it is far. */
static double approach(double end, double wanted, double factor) {
    double ratio = wanted > 0.0 || wanted < 0.0 ? end / wanted : 0.0;
    return ratio > 2.0 ? wanted * pow(ratio, factor) : wanted + (end - wanted) * factor;
}

static bool shrink(struct range *range, const struct range *fit, double seconds) {
    double factor = exp2(-seconds / half_life);
    double slack = close_enough * (fit->high - fit->low);
    range->low = approach(range->low, fit->low, factor);
    range->high = approach(range->high, fit->high, factor);
    if (fabs(range->low - fit->low) <= slack) {
        range->low = fit->low;
    }
    if (fabs(range->high - fit->high) <= slack) {
        range->high = fit->high;
    }
    bool more = range->low < fit->low || range->high > fit->high;
    for (int k = 0; k < APART_COUNT; k++) {
        range->empty[k] = fit->strip[k] ? 0.0 : range->empty[k] + seconds;
        range->strip[k] = fit->strip[k] || (range->strip[k] && range->empty[k] < strip_seconds);
        more = more || (range->strip[k] && !fit->strip[k]);
    }
    return more;
}

bool ranges_update(struct view_ranges *ranges, const struct view_ranges *fit, double seconds) {
    bool more = false;
    ranges_grow(ranges, fit);
    for (int i = 0; i < RANGE_COUNT; i++) {
        more = shrink(&ranges->row[i], &fit->row[i], seconds) || more;
    }
    return more;
}
