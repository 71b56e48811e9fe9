#include "measure/snapshot.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "base/text.h"

void pretraining_text(const struct pretraining_stats *pretraining, char *text, size_t size) {
    text_set(text, size, "pre-training layer %d of %d, epoch %d of %d", pretraining->layer,
             pretraining->layers, pretraining->epoch, pretraining->epochs);
    if (!isnan(pretraining->reconstruction_error)) {
        text_append(text, size, ", reconstruction error %.4f", pretraining->reconstruction_error);
    }
}

const char *snapshot_saturation_rule(const struct run_snapshot *run, int layer) {
    bool other = layer >= run->other.first && layer <= run->other.last;
    return other ? run->other.saturation_rule : run->saturation_rule;
}

const double *snapshot_factors(const struct layer_stats *layer, enum direction direction) {
    return direction == DIRECTION_FORWARD ? layer->forward : layer->factor;
}

bool snapshot_uses_factor(const struct run_snapshot *run, enum direction direction,
                          enum factor factor) {
    bool used = !run->logged.active && (factor == FACTOR_WEIGHT || factor == FACTOR_SLOPE);
    for (int l = 0; l < run->layers && !used && !run->logged.active; l++) {
        used = snapshot_factors(&run->layer[l], direction)[factor] != 1.0;
    }
    return used;
}

static struct part layer_part(size_t offset) {
    return (struct part){ offset, sizeof(struct layer_stats) };
}

int snapshot_parts(const struct snapshot *snapshot, struct part *parts) {
    int count = 0;
    parts[count++] = (struct part){ 0, offsetof(struct snapshot, run) };
    for (int r = 0; r < snapshot->runs; r++) {
        size_t run = offsetof(struct snapshot, run) + (size_t)r * sizeof snapshot->run[r];
        parts[count++] = (struct part){ run, offsetof(struct run_snapshot, output) };
        parts[count++] = layer_part(run + offsetof(struct run_snapshot, output));
        for (int l = 0; l < snapshot->run[r].layers; l++) {
            parts[count++] = layer_part(run + offsetof(struct run_snapshot, layer) +
                                        (size_t)l * sizeof(struct layer_stats));
        }
    }
    return count;
}

void snapshot_copy(struct snapshot *to, const struct snapshot *from) {
    struct part parts[SNAPSHOT_PARTS];
    parts_copy(to, from, parts, snapshot_parts(from, parts));
    for (int r = 0; r < from->runs; r++) {
        layer_detail_copy(&to->detail[r], &from->detail[r]);
    }
    data_detail_copy(&to->data_detail, &from->data_detail);
    data_names_copy(&to->names, &from->names);
}
