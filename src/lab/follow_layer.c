/* follow_layer.c - what a snapshot can say of a logged histogram, and of nothing at all. */
#include <math.h>
#include <string.h>

#include "base/require.h"
#include "base/text.h"
#include "lab/follow_parts.h"
#include "measure/rebin.h"

static void forget_moments(struct moments *moments) {
    *moments = (struct moments){ 0 };
    moments->mean = moments->sd = moments->rms = moments->min = moments->max = (double)NAN;
}

static void forget_layer(struct layer_stats *stats) {
    memset(stats, 0, sizeof *stats);
    forget_moments(&stats->z);
    forget_moments(&stats->h);
    forget_moments(&stats->delta);
    stats->participation = stats->weight_rms = stats->weight_gradient_rms = (double)NAN;
    stats->update_rms = stats->update_ratio = stats->gradient_rms = (double)NAN;
    for (int f = 0; f < FACTOR_COUNT; f++) {
        stats->factor[f] = stats->forward[f] = (double)NAN;
    }
}

void layer_forget_run(struct run_snapshot *shown) {
    memset(shown, 0, sizeof *shown);
    shown->logged.active = true;
    shown->logged.step = -1;
    shown->input_rms = shown->loss = shown->accuracy = (double)NAN;
    shown->test_loss = shown->test_accuracy = shown->learning_rate = (double)NAN;
    shown->weight_decay = (double)NAN;
    shown->clip_scale = (double)NAN;
    shown->ensemble.members = 1;
    shown->ensemble.accuracy = (double)NAN;
    text_set(shown->theory.reason, sizeof shown->theory.reason,
             "logs do not tell how the network is built and initialised");
    forget_layer(&shown->output);
    for (int l = 0; l < SNAPSHOT_LAYERS; l++) {
        forget_layer(&shown->layer[l]);
    }
}

/*
 * As exactly as it was logged: sums where there are some and all values are finite, else what the
 * buckets tell. Zeros are known only where there cannot be any, or where all are.
 */
static bool take_moments(struct moments *moments, const struct event_histogram *histogram,
                         bool *estimated) {
    bool finite = isfinite(histogram->sum) && isfinite(histogram->squares);
    rebin_moments(moments, histogram->bucket, histogram->buckets);
    if (!histogram->summed || !finite || !(histogram->n > 0.0) || histogram->n >= 0x1p63) {
        uint64_t counted = moments->n;
        if (histogram->summed && !finite && histogram->n < 0x1p63) { // so many have no place
            moments->n = (uint64_t)fmax(histogram->n, (double)counted);
            moments->nan = moments->n - counted;
        }
        *estimated = *estimated || !histogram->summed;
        return finite;
    }
    double mean = histogram->sum / histogram->n, square = histogram->squares / histogram->n;
    moments->n = (uint64_t)histogram->n;
    moments->mean = mean;
    moments->rms = sqrt(fmax(square, 0.0));
    moments->sd = sqrt(fmax(square - mean * mean, 0.0));
    moments->min = histogram->min;
    moments->max = histogram->max;
    moments->zero = square == 0.0 ? moments->n : 0;
    return true;
}

static void take_linear(struct histogram *bins, const struct moments *moments,
                        const struct event_histogram *histogram) {
    histogram_fit(bins, moments->min, moments->max, moments->mean, moments->sd);
    rebin(bins, histogram->bucket, histogram->buckets);
    if (moments->zero == moments->n && moments->n > 0) {
        histogram_range(bins, bins->low, bins->high);
        bins->n = moments->n;
        bins->counts[(int)floor(-bins->low / bins->width)] = (uint32_t)moments->n;
    }
    bins->nan = moments->nan;
    bins->n += bins->nan;
}

static void take_log(struct log_histogram *bins, const struct moments *moments,
                     const struct event_histogram *histogram) {
    rebin_log(bins, histogram->bucket, histogram->buckets);
    if (moments->zero == moments->n) {
        bins->zero += bins->near_zero;
        bins->near_zero = 0;
    }
    bins->nan = moments->nan;
    bins->n += bins->nan;
}

bool layer_take(struct layer_stats *stats, enum follow_kind kind,
                const struct event_histogram *histogram, bool *estimated) {
    struct moments moments;
    bool finite = take_moments(&moments, histogram, estimated);
    switch (kind) {
    case FOLLOW_Z:
        stats->z = moments;
        take_linear(&stats->z_histogram, &moments, histogram);
        break;
    case FOLLOW_H:
        stats->h = moments;
        take_linear(&stats->h_histogram, &moments, histogram);
        break;
    case FOLLOW_DELTA:
        stats->delta = moments;
        take_log(&stats->delta_histogram, &moments, histogram);
        break;
    case FOLLOW_WEIGHT:
        stats->weight_rms = moments.rms;
        take_linear(&stats->weight_histogram, &moments, histogram);
        break;
    case FOLLOW_WEIGHT_GRADIENT:
        stats->weight_gradient_rms = moments.rms;
        take_log(&stats->weight_gradient_histogram, &moments, histogram);
        break;
    default:
        REQUIRE(false);
    }
    return finite;
}
