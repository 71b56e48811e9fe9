#include "lab/ensemble.h"

#include <math.h>
#include <string.h>

#include "base/require.h"
#include "engine/kernels.h"
#include "engine/lsuv.h"

void ensemble_layout(struct ensemble *ensemble, const struct network_config *config, int others,
                     struct arena *arena) {
    REQUIRE(others >= 0 && others < SNAPSHOT_MEMBERS);
    static _Thread_local struct network counted; // large, and only counted with
    static _Thread_local struct pretraining counted_too;
    *ensemble = (struct ensemble){ .others = others };
    if (others == 0) {
        return;
    }
    ensemble->network = arena_take(arena, (size_t)others, sizeof *ensemble->network);
    if (config->init == INITIALISER_RBM) {
        ensemble->pretraining = arena_take(arena, (size_t)others, sizeof *ensemble->pretraining);
    }
    ensemble->sum =
        arena_take(arena, (size_t)config->batch * (size_t)config->outputs, sizeof(real));
    for (int m = 0; m < others; m++) {
        struct network_config member = *config;
        member.seed = config->seed + (uint64_t)m + 1;
        network_layout(ensemble->network ? &ensemble->network[m] : &counted, &member, arena);
        pretraining_layout(ensemble->pretraining ? &ensemble->pretraining[m] : &counted_too,
                           &member, arena);
    }
}

bool ensemble_reset(struct ensemble *ensemble) {
    for (int m = 0; m < ensemble->others; m++) {
        if (!network_reset(&ensemble->network[m], NULL)) {
            return false;
        }
    }
    return true;
}

void ensemble_scale(struct ensemble *ensemble, const real *input, int batch) {
    struct lsuv_log ignored;
    for (int m = 0; m < ensemble->others; m++) {
        lsuv_scale(&ensemble->network[m], input, batch, &ignored);
    }
}

void ensemble_begin_pretraining(struct ensemble *ensemble, const struct network_settings *settings,
                                int64_t examples) {
    for (int m = 0; m < ensemble->others && ensemble->pretraining; m++) {
        pretraining_begin(&ensemble->pretraining[m], settings, &ensemble->network[m], examples);
    }
}

bool ensemble_pretrains(const struct ensemble *ensemble) {
    for (int m = 0; m < ensemble->others && ensemble->pretraining; m++) {
        if (ensemble->pretraining[m].stats.active) {
            return true;
        }
    }
    return false;
}

void ensemble_pretrain(struct ensemble *ensemble, const real *inputs, int batch) {
    for (int m = 0; m < ensemble->others && ensemble->pretraining; m++) {
        struct pretraining *pretraining = &ensemble->pretraining[m];
        if (pretraining->stats.active) {
            pretraining_step(pretraining, &ensemble->network[m], inputs, batch);
        }
    }
}

void ensemble_pass(struct ensemble *ensemble, const struct network_batch *batch) {
    for (int m = 0; m < ensemble->others; m++) {
        struct network *network = &ensemble->network[m];
        if (!ensemble->diverged[m]) {
            network_forward(network, batch);
            network_deltas(network);
            ensemble->diverged[m] =
                !isfinite(network->loss) || !isfinite(network->layer[0].sums.delta_squared);
        }
    }
}

void ensemble_update(struct ensemble *ensemble, int64_t step) {
    for (int m = 0; m < ensemble->others; m++) {
        if (!ensemble->diverged[m]) {
            network_update(&ensemble->network[m], step);
        }
    }
}

int ensemble_diverged(const struct ensemble *ensemble) {
    int count = 0;
    for (int m = 0; m < ensemble->others; m++) {
        count += ensemble->diverged[m];
    }
    return count;
}

static const real *prediction_of(const struct network *network) {
    return network->layer[network->config.layers].h;
}

void ensemble_evaluate(struct ensemble *ensemble, const struct network *shown,
                       const struct network_batch *batch, struct ensemble_count *count) {
    int outputs = shown->config.outputs;
    size_t n = (size_t)batch->count * (size_t)outputs;
    if (ensemble->others == 0) {
        return;
    }
    memcpy(ensemble->sum, prediction_of(shown), n * sizeof(real));
    count->member[0] += shown->correct;
    for (int m = 0; m < ensemble->others; m++) {
        struct network *network = &ensemble->network[m];
        if (ensemble->diverged[m]) {
            count->member[m + 1] = (double)NAN;
            continue;
        }
        network_forward(network, batch);
        kernels->add_scaled(ensemble->sum, prediction_of(network), 1, n);
        count->member[m + 1] += network->correct;
    }
    for (size_t i = 0; i < n; i++) {
        ensemble->sum[i] /= (real)(ensemble->others + 1 - ensemble_diverged(ensemble));
    }
    count->mean += loss_correct(ensemble->sum, &batch->targets, batch->count, outputs);
}
