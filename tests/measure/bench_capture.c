/*
 * Time of one capture beside that of one training step, of the glance that is taken beside a
 * running picture, and of the participation ratios, for the default network and the larger ones of
 * the benchmarks. The shortest of many, which a busy machine lengthens least.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/random.h"
#include "engine/denormals.h"
#include "engine/kernels.h"
#include "measure/capture.h"

enum { LEAST_ROUNDS = 7 };
static const double least_seconds = 0.5;

static struct network network;
static struct run_snapshot run;

struct timing {
    double step, capture, glance, participation;
};

static void fill(float *x, size_t n) {
    const struct random_stream stream = { 1, RANDOM_DATA_INPUT, 0 };
    for (size_t i = 0; i < n; i++) {
        double draw;
        random_normals(&stream, (uint32_t)(i >> 16), (uint32_t)i & 0xffff, 1, &draw);
        x[i] = (float)draw;
    }
}

static double smaller(double a, double b) {
    return a < b ? a : b;
}

/* Forward, backward, a look and the update, as beside the window. */
static void round_of(const struct network_batch *batch, void *scratch, struct timing *best) {
    double start = clock_seconds();
    network_forward(&network, batch);
    network_deltas(&network);
    double passed = clock_seconds();
    capture_glance(&network, batch->step, scratch, &run);
    double glanced = clock_seconds();
    network_update(&network, batch->step);
    best->step = smaller(best->step, passed - start + clock_seconds() - glanced);
    best->glance = smaller(best->glance, glanced - passed);
    network_forward(&network, batch);
    network_backward(&network);
    passed = clock_seconds();
    capture_network(&network, batch->step, scratch, &run, NULL);
    double captured = clock_seconds();
    capture_participation(&network, scratch, &run);
    best->capture = smaller(best->capture, captured - passed);
    best->participation = smaller(best->participation, clock_seconds() - captured);
}

static struct timing measure(const struct network_config *config, const float *input,
                             const uint8_t *labels, void *scratch) {
    struct timing best = { 1e9, 1e9, 1e9, 1e9 };
    double start = clock_seconds();
    for (int i = 0; i < LEAST_ROUNDS || clock_seconds() - start < least_seconds; i++) {
        struct network_batch batch = { .input = input,
                                       .targets = { .labels = labels },
                                       .count = config->batch,
                                       .training = true,
                                       .step = i + 1 };
        round_of(&batch, scratch, &best);
    }
    return best;
}

int main(void) {
    static const struct {
        int inputs, width, layers, batch;
        enum activation activation;
    } cases[] = {
        { 784, 100, 10, 128, ACTIVATION_RELU }, { 784, 100, 10, 128, ACTIVATION_SIGMOID },
        { 784, 100, 10, 64, ACTIVATION_TANH },  { 500, 500, 10, 64, ACTIVATION_TANH },
        { 784, 512, 4, 100, ACTIVATION_RELU },  { 500, 500, 10, 1000, ACTIVATION_TANH },
    };
    engine_start();
    denormals_flush();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct network_config config = {
            .layers = cases[i].layers,
            .width = cases[i].width,
            .inputs = cases[i].inputs,
            .outputs = 10,
            .batch = cases[i].batch,
            .phi = phi_of(cases[i].activation),
            .init = INITIALISER_HE,
            .init_scale = 1.0,
            .optimiser = { .which = OPTIMISER_SGD, .learning_rate = 1e-3 },
            .seed = 1,
        };
        struct arena arena = { 0 };
        network_layout(&network, &config, &arena);
        size_t entries = (size_t)config.batch * (size_t)config.inputs;
        float *input = malloc(entries * sizeof *input);
        uint8_t *labels = calloc((size_t)config.batch, 1);
        void *scratch = malloc(capture_scratch(&config));
        if (!input || !labels || !scratch || !arena_init(&arena, arena.used)) {
            return 1;
        }
        network_layout(&network, &config, &arena);
        if (!network_reset(&network, NULL)) {
            return 1;
        }
        fill(input, entries);
        struct timing t = measure(&config, input, labels, scratch);
        printf("%4d-%dx%d batch %4d %-8s step %8.3f ms  capture %7.3f ms  glance %7.3f ms  "
               "participation %7.3f ms\n",
               config.inputs, config.width, config.layers, config.batch,
               activations[config.phi.which].name, 1e3 * t.step, 1e3 * t.capture, 1e3 * t.glance,
               1e3 * t.participation);
        arena_finish(&arena);
        free(input);
        free(labels);
        free(scratch);
    }
    return 0;
}
