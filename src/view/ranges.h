/*
 * ranges.h - how far the axes of the rows reach.
 *
 * The exact fit of a snapshot would jump with every step. So a window shows ranges that grow at
 * once, for nothing may lie outside only because it is new, and shrink slowly; strips for what has
 * no place on an axis stay open for a while after they ran empty. The view draws the union of the
 * ranges it is given with the exact fit and reports both (view.h); between frames ranges_update()
 * lets the one shrink towards the other. A picture without a past shows the exact fit.
 */
#ifndef VIEW_RANGES_H
#define VIEW_RANGES_H

#include <stdbool.h>

#include "measure/snapshot.h"

/* What no bar of a distribution shows. */
enum apart {
    APART_ABOVE, // beyond the axis's upper end
    APART_BELOW,
    APART_ZERO,      // exactly zero, underflow not included
    APART_UNDERFLOW, // zero only because float32 cannot hold the product
    APART_NEAR_ZERO, // logged in a bucket that reaches to 0: of any magnitude below its end
    APART_NAN,
    APART_INF,
    APART_COUNT
};

enum range_row { RANGE_ACTIVATIONS, RANGE_GRADIENTS, RANGE_MAGNITUDE, RANGE_COUNT };

/* Coordinates of the row's axis (axis.h), before its ends are rounded. */
struct range {
    int kind; // ranges of different kinds have nothing to do with each other; 0: not set; but for
              // activations odd ones are of log10
    double low, high;
    bool strip[APART_COUNT];   // is open
    double empty[APART_COUNT]; // seconds since there was something in it
};

struct view_ranges {
    struct range row[RANGE_COUNT];
};

/* Which gradient the rows show, and over which axis. */
enum view_gradient {
    VIEW_GRADIENT_DELTA,  // d loss / d z
    VIEW_GRADIENT_WEIGHT, // d loss / d W
    VIEW_GRADIENT_H,      // d loss / d h
    VIEW_GRADIENT_COUNT
};

/*
 * low <= 0 <= high: an end that lies so near to 0 that about one bar would hold all up to there is
 * 0 instead, and what lies beyond, as the negative half of leaky ReLU, is counted apart.
 */
void range_drop_sliver(double *low, double *high);

/* Widen low..high to the layers' mean +- 3 sd, but not for a few that reach much further; to 0. */
typedef const struct moments *moments_function(const struct layer_stats *layer);
void range_include_bulk(struct range *range, const struct run_snapshot *run,
                        moments_function *moments_of);

/* To what shows h: the bounds of phi if it has some, else that. */
void range_include_activations(struct range *range, const struct run_snapshot *run);

/* Does the row of activations show W? Where somebody else logged weights, but no activations. */
bool range_is_of_weights(const struct snapshot *snapshot);

/* To three times the largest RMS of W, on either side of 0. */
void range_include_weights(struct range *range, const struct run_snapshot *run);

/*
 * Do the values of a run count for an axis that `runs` of them share? Those of one that has
 * diverged do not while there is another: they would flatten it.
 */
bool range_counts(const struct snapshot *snapshot, int runs, int run);

/*
 * To log10 of the entries. The long left tail is shown down to two decades below the smallest
 * thousandth, and for a linear axis, where a few large values would flatten the rest, only up to
 * the largest thousandth; what lies beyond is counted in strips.
 */
void range_include_log(struct range *range, const struct log_histogram *histogram, bool linear);

/* The exact fit of the first `runs` runs; no strip is open. */
void ranges_fit(struct view_ranges *fit, const struct snapshot *snapshot, int runs,
                enum view_gradient gradient, bool linear);

/* Rows of another kind than the fit's become the fit's. */
void ranges_start(struct view_ranges *ranges, const struct view_ranges *fit);

/* The same, and grow to hold fit. */
void ranges_grow(struct view_ranges *ranges, const struct view_ranges *fit);

/*
 * Shrink towards fit for so many seconds: the distance to it falls by half every half second, and a
 * strip closes once it was empty for two. Returns whether there is more to shrink.
 */
bool ranges_update(struct view_ranges *ranges, const struct view_ranges *fit, double seconds);

#endif
