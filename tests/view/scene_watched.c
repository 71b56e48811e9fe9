#include "scene.h"

#include <math.h>
#include <string.h>

#include "base/text.h"

/* What a log tells of a layer: zeros as values around 0, and neither factors nor counts. */
static void forget(struct layer_stats *layer, const char *name) {
    text_set(layer->name, sizeof layer->name, "%s", name);
    struct histogram *h = &layer->h_histogram;
    h->near_zero = layer->h.zero;
    h->counts[layer->h.zero > 0 ? (int)floor(-h->low / h->width) : 0] -= (uint32_t)layer->h.zero;
    layer->h.zero = layer->h.underflow = 0;
    layer->delta_histogram.near_zero = layer->delta_histogram.zero;
    layer->delta_histogram.near_zero_end = 1e-12;
    layer->delta_histogram.zero = layer->delta_histogram.underflow = 0;
    layer->saturated = layer->dead = 0;
    layer->units = 0;
    layer->participation = layer->update_ratio = (double)NAN;
    for (int f = 0; f < FACTOR_COUNT; f++) {
        layer->factor[f] = layer->forward[f] = (double)NAN;
    }
}

void scene_watched(struct scene *made) {
    struct snapshot *snapshot = &made->snapshot;
    static const char *const names[] = { "mlp/he", "mlp/small" };
    snapshot->watched = (struct watched){ .active = true, .runs = 2, .records = 1234 };
    snapshot->epoch = (double)NAN;
    snapshot->test_examples = 0;
    made->state.chip_count = 0;
    for (int r = 0; r < snapshot->runs; r++) {
        struct run_snapshot *run = &snapshot->run[r];
        run->logged = (struct logged){ .active = true, .estimated = r == 1, .step = 250 };
        text_set(run->logged.name, sizeof run->logged.name, "%s", names[r]);
        for (int l = 0; l < run->layers; l++) {
            char name[16];
            text_set(name, sizeof name, "net.%d", 2 * l);
            forget(&run->layer[l], name);
        }
        run->accuracy = run->test_accuracy = (double)NAN;
    }
    struct layer_stats *without = &snapshot->run[0].layer[2]; // of which no gradient was logged
    memset(&without->delta_histogram, 0, sizeof without->delta_histogram);
    without->delta = (struct moments){ .rms = (double)NAN };
}
