#include "measure/snapshot.h"

#include <stddef.h>
#include <string.h>

static void copy_run(struct run_snapshot *to, const struct run_snapshot *from) {
    memcpy(to, from, offsetof(struct run_snapshot, layer));
    memcpy(to->layer, from->layer, (size_t)from->layers * sizeof from->layer[0]);
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
