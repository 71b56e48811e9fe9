/* run_capture.c - what a run has measured of its last pass, as a snapshot and as a record. */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "lab/run.h"
#include "measure/capture.h"
#include "measure/gradient.h"
#include "measure/theory.h"

static void capture_lsuv(const struct lsuv_log *log, struct run_snapshot *out) {
    out->by_lsuv = log->layers > 0;
    for (int l = 0; l < log->layers; l++) {
        struct layer_stats *stats = l < out->layers ? &out->layer[l] : &out->output;
        const struct lsuv_layer *done = &log->layer[l];
        stats->lsuv = (struct lsuv_stats){ done->iterations, done->before, done->after };
    }
}

static void capture_pretraining(const struct pretraining_stats *from,
                                struct pretraining_stats *to) {
    memcpy(to, from, offsetof(struct pretraining_stats, errors));
    memcpy(to->errors, from->errors, (size_t)from->finished * sizeof from->errors[0]);
}

/* Weights that several layers share, and clipping, need all of dW. */
static bool may_glance(const struct network *network) {
    return network->config.connection.which != CONNECTION_RECURRENT &&
           network->config.optimiser.clip_norm == 0.0;
}

static void capture_twin(struct run *run, int r, bool glance, struct run_snapshot *out,
                         struct layer_signs *signs) {
    const struct run_twin *twin = &run->twin[r];
    out->step = twin->step;
    out->diverged = twin->diverged;
    out->diverged_backward = twin->diverged_backward;
    out->diverged_step = twin->step;
    out->diverged_layer = twin->diverged_layer;
    out->test_loss = twin->test_loss;
    out->test_accuracy = twin->test_accuracy;
    out->test_n = twin->test_n;
    out->test_step = twin->test_step;
    out->ensemble = twin->ensemble;
    out->ensemble.diverged = ensemble_diverged(&run->ensemble[r]);
    if (glance && may_glance(&run->network[r])) {
        capture_glance(&run->network[r], twin->step + 1, run->scratch, out);
    } else {
        network_gradients(&run->network[r]);
        capture_network(&run->network[r], twin->step + 1, run->scratch, out, signs);
    }
    double input_square = twin->step == 0 ? capture_input_square(&run->network[r]) : 0.0;
    theory_predict(&run->network[r].config, input_square, twin->step, &out->theory);
    if (run->loaded && out->theory.applies) {
        out->theory.applies = false;
        text_set(out->theory.reason, sizeof out->theory.reason,
                 "Theory is of the first weights; these were loaded from a file.");
    }
    capture_lsuv(&run->lsuv[r], out);
    capture_pretraining(&run->pretraining[r].stats, &out->pretraining);
}

static void capture(struct run *run, bool glance, struct snapshot *snapshot, struct signs *signs) {
    const struct experiment *experiment = &run->experiment;
    snapshot->has_runs = true;
    snapshot->loaded = run->loaded;
    snapshot->step = run->step;
    snapshot->batch = run->batch;
    snapshot->examples = run->data->train.count;
    snapshot->test_examples = run->data->test.count;
    snapshot->epoch = (double)run->seen / (double)run->data->train.count;
    snapshot->classes = run->data->shape.classes;
    snapshot->runs = run->networks;
    const struct dataset_settings data = experiment_data(experiment);
    dataset_title(&data, snapshot->data, sizeof snapshot->data);
    data_names_take(&snapshot->names, run->data->class_names, run->data->shape.classes,
                    run->data->feature_names, run->data->shape.features);
    text_set(snapshot->loss_name, sizeof snapshot->loss_name, "%s",
             losses[experiment_loss(experiment, 0)].label);
    for (int r = 0; r < run->networks; r++) {
        capture_twin(run, r, glance, &snapshot->run[r], signs ? signs->run[r] : NULL);
    }
}

void run_capture(struct run *run, struct snapshot *snapshot) {
    capture(run, false, snapshot, NULL);
}

void run_capture_signed(struct run *run, struct snapshot *snapshot, struct signs *signs) {
    capture(run, false, snapshot, signs);
}

void run_glance(struct run *run, struct snapshot *snapshot) {
    capture(run, true, snapshot, NULL);
}

void run_participation(const struct run *run, struct snapshot *snapshot) {
    for (int r = 0; r < run->networks; r++) {
        capture_participation(&run->network[r], run->scratch, &snapshot->run[r]);
    }
}

void run_gradients(const struct run *run, bool glance, struct snapshot *snapshot) {
    for (int r = 0; r < run->networks; r++) {
        gradient_capture(&run->network[r], glance, &snapshot->run[r]);
    }
}

static float layer_rms(double squares, double entries) {
    return (float)sqrt(squares / entries);
}

static void record_layers(const struct network *network,
                          float values[SNAPSHOT_LAYERS][HISTORY_QUANTITIES]) {
    for (int l = 0; l < network->config.layers; l++) {
        const struct layer *layer = &network->layer[l];
        double rows = (double)network->now.count, units = rows * layer->units;
        double mean = layer->sums.h / units;
        double variance = layer->sums.h_squared / units - mean * mean;
        values[l][HISTORY_H_MEAN] = (float)mean;
        values[l][HISTORY_H_SD] = (float)sqrt(fmax(variance, 0.0));
        values[l][HISTORY_DELTA_RMS] = layer_rms(layer->sums.delta_squared, rows * layer->columns);
        values[l][HISTORY_GRADIENT_RMS] = layer_rms(layer->sums.g_squared, units);
        values[l][HISTORY_WEIGHT_GRADIENT_RMS] =
            layer_rms(layer->sums.weight_gradient_squared, (double)layer->weight.n);
    }
}

void run_record(const struct run *run, struct history_record *record) {
    record->step = run->step - 1;
    for (int r = 0; r < run->networks; r++) {
        const struct run_twin *twin = &run->twin[r];
        bool stale = twin->diverged && twin->step < record->step; // stopped at an earlier step
        record->scalar[r][HISTORY_LOSS] = stale ? NAN : (float)twin->loss;
        record->scalar[r][HISTORY_ACCURACY] = stale ? NAN : (float)twin->accuracy;
        record->scalar[r][HISTORY_TEST_ACCURACY] = (float)twin->test_accuracy;
        record_layers(&run->network[r], record->layer[r]);
        for (int l = 0; twin->diverged && l < run->network[r].config.layers; l++) {
            for (int q = 0; stale && q < HISTORY_QUANTITIES; q++) {
                record->layer[r][l][q] = NAN;
            }
            record->layer[r][l][HISTORY_WEIGHT_GRADIENT_RMS] = NAN; // summed by an update alone
        }
    }
}
