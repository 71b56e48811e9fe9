/*
 * spread.h - how the values of one layer are spread over a drawn axis, as bars and apart from them.
 *
 * A measured histogram becomes bars of at least a given width by merging neighbours; the edges
 * stay exact multiples of the merged width, so equal bins line up across layers. What no bar can
 * show honestly (exact zeros, underflow, NaN, infinities, values beyond the axis) is counted
 * apart: the bars and the apart counts add up to n, a test holds it.
 */
#ifndef VIEW_SPREAD_H
#define VIEW_SPREAD_H

#include <stdbool.h>

#include "measure/snapshot.h"
#include "view/axis.h"
#include "view/ranges.h"

enum { SPREAD_BARS = LOG_HISTOGRAM_BINS };

struct spread {
    uint64_t n;
    uint64_t apart[APART_COUNT];
    double low, width; // axis coordinate of the first bar's lower edge, and of a bar
    int bars;
    uint64_t tallest; // 0: nothing lies within the axis
    uint64_t count[SPREAD_BARS];
};

/*
 * Bars at least `least` axis units wide. moments tell how many zeros the histogram holds; they are
 * taken out of the bin that contains 0.
 */
void spread_linear(struct spread *spread, const struct histogram *histogram,
                   const struct moments *moments, const struct axis *axis, double least);
void spread_log(struct spread *spread, const struct log_histogram *histogram,
                const struct axis *axis, double least);

/*
 * The same over a linear axis of |x| that begins at 0. There the bins of large values are wider
 * than a bar: they are spread evenly over the bars that they span.
 */
void spread_magnitude(struct spread *spread, const struct log_histogram *histogram,
                      const struct axis *axis, double least);

/* One of these for what a layer has, over the axis that it is drawn on. */
typedef void spread_function(struct spread *spread, const struct layer_stats *layer,
                             const struct axis *axis, double least);

/* Of h, and of W, whose zeros are not known: they belong to their bin. */
spread_function spread_of_h, spread_of_weights;

#endif
