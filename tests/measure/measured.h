/*
 * measured.h - a small network, one pass of it and its capture.
 */
#ifndef TESTS_MEASURE_MEASURED_H
#define TESTS_MEASURE_MEASURED_H

#include <stdlib.h>

#include "engine/net.h"
#include "measure/capture.h"

enum { MEASURED_BATCH = 14, MEASURED_INPUTS = 6 };

struct measured {
    struct net net;
    struct run_snapshot run;
    float inputs[MEASURED_BATCH * MEASURED_INPUTS];
    uint8_t labels[MEASURED_BATCH];
    void *scratch;
};

/* Width 11, three classes. */
static inline struct network_config measured_config(int activation, int init, int layers) {
    return (struct network_config){
        .layers = layers,
        .width = 11,
        .inputs = MEASURED_INPUTS,
        .outputs = 3,
        .batch = MEASURED_BATCH,
        .phi = phi_of((enum activation)activation),
        .init = (enum initialiser)init,
        .init_scale = 1.0,
        .loss = LOSS_CROSS_ENTROPY,
        .optimiser = optimiser_of(OPTIMISER_SGD, 0.05),
        .seed = 5,
    };
}

/* Forward, backward and capture; step is the number of the update that would follow. */
static inline void measured_pass(struct measured *m, int64_t step) {
    net_forward(&m->net.network, m->inputs, m->labels, MEASURED_BATCH, step);
    network_backward(&m->net.network);
    capture_network(&m->net.network, step, m->scratch, &m->run, NULL);
}

static inline void measured_finish(struct measured *m) {
    net_finish(&m->net);
    free(m->scratch);
    free(m);
}

/* On normal inputs. The snapshot is filled with what was left of another one. */
static inline struct measured *measured_create(const struct network_config *config) {
    struct measured *m = malloc(sizeof *m);
    assert_non_null(m);
    memset(m, 0xAA, sizeof *m);
    m->run.diverged = m->run.diverged_backward = false; // these are not for capture to fill
    m->run.logged.active = false;
    m->scratch = malloc(capture_scratch(config));
    assert_non_null(m->scratch);
    net_init(&m->net, config);
    fill_normals(m->inputs, (size_t)MEASURED_BATCH * MEASURED_INPUTS, 1, 0.1, 1.0);
    for (int i = 0; i < MEASURED_BATCH; i++) {
        m->labels[i] = (uint8_t)(i % 3);
    }
    return m;
}

static inline size_t measured_entries(const struct measured *m, int index) {
    return (size_t)m->net.network.now.count * (size_t)m->net.network.layer[index].columns;
}

#endif
