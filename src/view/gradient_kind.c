#include "view/gradient_kind.h"

#include <assert.h>
#include <math.h>

#include "base/require.h"
#include "base/text.h"
#include "view/format.h"

static void spread_on(struct spread *spread, const struct log_histogram *histogram,
                      const struct axis *axis, double least) {
    (axis->log ? spread_log : spread_magnitude)(spread, histogram, axis, least);
}

static const struct log_histogram *delta_histogram(const struct layer_stats *layer) {
    return &layer->delta_histogram;
}

static double delta_rms(const struct layer_stats *layer) {
    return moments_finite(&layer->delta) ? layer->delta.rms : (double)NAN;
}

static uint64_t delta_n(const struct layer_stats *layer) {
    return layer->delta.n;
}

static void delta_spread(struct spread *spread, const struct layer_stats *layer,
                         const struct axis *axis, double least) {
    spread_on(spread, &layer->delta_histogram, axis, least);
}

static const struct log_histogram *weight_histogram(const struct layer_stats *layer) {
    return &layer->weight_gradient_histogram;
}

static double weight_rms(const struct layer_stats *layer) {
    const struct log_histogram *histogram = &layer->weight_gradient_histogram;
    bool finite = histogram->nan == 0 && histogram->inf == 0;
    return finite ? layer->weight_gradient_rms : (double)NAN;
}

static uint64_t weight_n(const struct layer_stats *layer) {
    return layer->weight_gradient_histogram.n;
}

static void weight_spread(struct spread *spread, const struct layer_stats *layer,
                          const struct axis *axis, double least) {
    spread_on(spread, &layer->weight_gradient_histogram, axis, least);
}

static const struct log_histogram *h_histogram(const struct layer_stats *layer) {
    return &layer->gradient_histogram;
}

static double h_rms(const struct layer_stats *layer) {
    return layer->gradient_rms;
}

static uint64_t h_n(const struct layer_stats *layer) {
    return layer->h.n;
}

static void h_spread(struct spread *spread, const struct layer_stats *layer,
                     const struct axis *axis, double least) {
    spread_on(spread, &layer->gradient_histogram, axis, least);
}

const struct gradient_kind gradient_kinds[] = {
    [VIEW_GRADIENT_DELTA] = { "δ", "δ = ∂ℓ/∂z per example", delta_histogram, delta_rms, delta_n,
                              delta_spread },
    [VIEW_GRADIENT_WEIGHT] = { "∂L/∂W", "L = mean loss of the batch", weight_histogram, weight_rms,
                               weight_n, weight_spread },
    [VIEW_GRADIENT_H] = { "∂ℓ/∂h", "ℓ = loss of each example", h_histogram, h_rms, h_n, h_spread },
};
static_assert(ARRAY_LEN(gradient_kinds) == VIEW_GRADIENT_COUNT, "a row is missing");

const struct gradient_kind *gradient_kind(const struct frame *frame) {
    return &gradient_kinds[frame->state->gradient];
}

const char *gradient_definition(const struct frame *frame) {
    return frame->snapshot->watched.active ? "as it was logged" : gradient_kind(frame)->definition;
}

bool gradient_is_known(const struct frame *frame, int run, int layer) {
    const struct layer_stats *stats = frame_layer(frame, run, layer);
    return stats &&
           (!frame->snapshot->watched.active || gradient_kind(frame)->histogram(stats)->n > 0);
}

bool gradient_is_there(const struct frame *frame) {
    for (int run = 0; run < frame->runs; run++) {
        for (int l = 1; l <= frame->snapshot->run[run].layers; l++) {
            if (gradient_kind(frame)->histogram(frame_layer(frame, run, l))->n > 0) {
                return true;
            }
        }
    }
    return false;
}

/* Of the layer above, as a factor. */
static void tell_ratio(const struct frame *frame, int run, double rms, char *text, size_t size) {
    const struct layer_stats *above = frame_layer(frame, run, frame->pointed + 1);
    double ratio = above ? rms / gradient_kind(frame)->rms(above) : (double)NAN;
    text_set(text, size, "%s", "");
    if (isfinite(ratio)) {
        char number[32];
        format_value(number, sizeof number, ratio);
        text_set(text, size, " · %s × that of layer %d", number, frame->pointed + 1);
    }
}

void gradient_tell(const struct frame *frame) {
    const struct gradient_kind *kind = gradient_kind(frame);
    tip(frame, "Layer %d: rms %s (%s)", frame->pointed, kind->symbol, gradient_definition(frame));
    tip_logged(frame);
    for (int run = 0; run < frame->runs; run++) {
        const struct layer_stats *layer = frame_layer(frame, run, frame->pointed);
        if (layer && !gradient_is_known(frame, run, frame->pointed)) {
            tip(frame, "%snot logged", tip_letter(frame, run));
        } else if (layer) {
            char number[32], n[32], ratio[64];
            double rms = kind->rms(layer);
            format_power(number, sizeof number, rms, 4);
            text_grouped(n, sizeof n, kind->n(layer));
            tell_ratio(frame, run, rms, ratio, sizeof ratio);
            tip(frame, "%s%s, n = %s%s", tip_letter(frame, run), number, n, ratio);
        }
    }
}
