/* gradient_kind.h - which gradient the two gradient rows show: by z, by W or by h. */
#ifndef VIEW_GRADIENT_KIND_H
#define VIEW_GRADIENT_KIND_H

#include "view/panel.h"
#include "view/spread.h"

struct gradient_kind {
    const char *symbol;     // "δ"
    const char *definition; // what it is, for a subtitle
    const struct log_histogram *(*histogram)(const struct layer_stats *layer);
    double (*rms)(const struct layer_stats *layer); // NaN when an entry is not finite
    uint64_t (*n)(const struct layer_stats *layer); // entries it is of: a glance sees some of W
    spread_function *spread; // over an axis of log10, or of the magnitude itself
};

extern const struct gradient_kind gradient_kinds[VIEW_GRADIENT_COUNT];

/* The kind that the view's state asks for. */
const struct gradient_kind *gradient_kind(const struct frame *frame);

/* What it is, for a subtitle: of somebody else's training only its logger knows. */
const char *gradient_definition(const struct frame *frame);

/* Is there a histogram of any layer? */
bool gradient_is_there(const struct frame *frame);

/* Of somebody else's training, was it logged for that layer of a run? */
bool gradient_is_known(const struct frame *frame, int run, int layer);

/* The RMS of the layer under the pointer, for the tip. */
void gradient_tell(const struct frame *frame);

#endif
