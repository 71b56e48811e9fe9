#include "measure/snapshot.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "base/text.h"

static void copy_run(struct run_snapshot *to, const struct run_snapshot *from) {
    memcpy(to, from, offsetof(struct run_snapshot, layer));
    memcpy(to->layer, from->layer, (size_t)from->layers * sizeof from->layer[0]);
}

void pretraining_text(const struct pretraining_stats *pretraining, char *text, size_t size) {
    text_set(text, size, "pre-training layer %d of %d, epoch %d of %d", pretraining->layer,
             pretraining->layers, pretraining->epoch, pretraining->epochs);
    if (!isnan(pretraining->reconstruction_error)) {
        text_append(text, size, ", reconstruction error %.4f", pretraining->reconstruction_error);
    }
}

bool snapshot_uses_factor(const struct run_snapshot *run, enum factor factor) {
    bool used = factor == FACTOR_WEIGHT || factor == FACTOR_SLOPE;
    for (int l = 0; l < run->layers && !used; l++) {
        used = run->layer[l].factor[factor] != 1.0;
    }
    return used;
}

void snapshot_copy(struct snapshot *to, const struct snapshot *from) {
    memcpy(to, from, offsetof(struct snapshot, run));
    for (int r = 0; r < from->runs; r++) {
        copy_run(&to->run[r], &from->run[r]);
    }
}
