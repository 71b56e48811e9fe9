#include "lab/run.h"

#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/require.h"
#include "base/text.h"
#include "engine/denormals.h"
#include "engine/kernels.h"
#include "lab/run_build.h"
#include "measure/capture.h"
#include "measure/diagnosis.h"
#include "measure/gradient.h"
#include "measure/theory.h"

/* The batch of the first step, without taking it. */
static void draw_first(struct run *run) {
    struct batches copy = run->batches; // at the start a batch is read from the order alone
    REQUIRE(copy.epoch == 0 && copy.position == 0);
    run_batch_draw(&run->now, &run->experiment, run->data, &copy, 0);
}

static bool draw_weights(struct run *run) {
    const struct experiment *experiment = &run->experiment;
    if (!network_reset(&run->network[0], run->networks == 2 ? &run->network[1] : NULL)) {
        return false;
    }
    for (int r = 0; r < run->networks; r++) {
        struct network *network = &run->network[r];
        if (!ensemble_reset(&run->ensemble[r])) {
            return false;
        }
        if (network->config.init == INITIALISER_LSUV) {
            draw_first(run);
            lsuv_scale(network, run->now.inputs, run->batch, &run->lsuv[r]);
            ensemble_scale(&run->ensemble[r], run->now.inputs, run->batch);
        }
        pretraining_begin(&run->pretraining[r], &experiment->run[r], network,
                          run->data->train.count);
        ensemble_begin_pretraining(&run->ensemble[r], &experiment->run[r], run->data->train.count);
    }
    return true;
}

static bool start_batches(struct run *run) {
    uint32_t examples = (uint32_t)run->data->train.count, batch = (uint32_t)run->batch;
    uint64_t seed = run->experiment.seed;
    bool pretrains = false;
    for (int r = 0; r < run->networks; r++) {
        pretrains |= run->experiment.run[r].init == INITIALISER_RBM;
    }
    return batches_init(&run->batches, examples, batch, seed) &&
           (!pretrains || batches_init(&run->pretraining_batches, examples, batch, seed));
}

static void forget_members(struct ensemble_stats *ensemble, int members) {
    ensemble->members = members;
    ensemble->accuracy = (double)NAN;
    for (int m = 0; m < SNAPSHOT_MEMBERS; m++) {
        ensemble->member[m] = (double)NAN;
    }
}

static bool begin(struct run *run, const struct experiment *experiment, const struct dataset *data,
                  struct arena memory, char *problem) {
    if (!run_build(run, experiment, data, memory, problem)) {
        return false;
    }
    if (!start_batches(run)) {
        text_set(problem, EXPERIMENT_PROBLEM, "Memory ran out.");
        goto fail;
    }
    if (!draw_weights(run)) {
        text_set(problem, EXPERIMENT_PROBLEM, "Memory ran out.");
        goto fail;
    }
    for (int r = 0; r < run->networks; r++) {
        run->twin[r].test_loss = run->twin[r].test_accuracy = (double)NAN;
        forget_members(&run->twin[r].ensemble, experiment->ensemble);
    }
    return true;

fail:
    run_finish(run);
    return false;
}

bool run_init(struct run *run, const struct experiment *experiment, const struct dataset *data,
              char *problem) {
    return begin(run, experiment, data, (struct arena){ 0 }, problem);
}

bool run_restart(struct run *run, const struct experiment *experiment, const struct dataset *data,
                 char *problem) {
    struct arena memory = run->arena;
    run->arena = (struct arena){ 0 };
    run_finish(run);
    return begin(run, experiment, data, memory, problem);
}

void run_finish(struct run *run) {
    batches_finish(&run->batches);
    batches_finish(&run->pretraining_batches);
    arena_finish(&run->arena);
    crew_destroy(run->crew);
    memset(run, 0, sizeof *run);
}

void run_use_threads(struct run *run, int threads) {
    crew_destroy(run->crew);
    run->crew = crew_create(threads);
    for (int r = 0; r < run->networks; r++) {
        run->network[r].config.crew = run->crew;
        for (int m = 0; m < run->ensemble[r].others; m++) {
            run->ensemble[r].network[m].config.crew = run->crew;
        }
    }
}

/* Is the sum over a batch of h delta finite for sure? By Cauchy and Schwarz, from sums at hand. */
static bool gradient_is_bounded(const struct network *network, int index) {
    const double data_most = 1e16; // sum of squares of any batch of inputs
    const double shared = 1e5;     // layers squared, where they share W and its gradient is a sum
    double h = index > 0 ? network->layer[index - 1].sums.h_squared : data_most;
    double delta = 0.0; // U of a recurrent network takes those of all layers
    for (int l = index; l == index || (index == 0 && network->drive && l < network->config.layers);
         l++) {
        delta += network->layer[l].sums.linear_squared;
    }
    return shared * h * delta < 1e76; // FLT_MAX is 3.4e38
}

static bool gradients_are_finite(struct layer *layer) {
    struct parameters *vectors[LAYER_VECTORS];
    bool finite = isfinite(kernels->sum_squares(layer->weight.gradient, layer->weight.n));
    for (int v = network_vectors(layer, vectors) - 1; v >= 0; v--) {
        finite &= isfinite(kernels->sum_squares(vectors[v]->gradient, vectors[v]->n));
    }
    return finite;
}

static bool backward_is_finite(struct network *network, int index) {
    struct layer *layer = &network->layer[index];
    const struct layer_sums *sums = &layer->sums;
    if (!isfinite(sums->delta_squared) || !isfinite(sums->g_squared) ||
        !isfinite(sums->linear_squared)) {
        return false;
    }
    if (gradient_is_bounded(network, index)) {
        return true;
    }
    network_gradients(network);
    return gradients_are_finite(layer);
}

/*
 * Where a NaN or an infinity began in the last pass: the lowest layer of the forward pass, else the
 * highest of the backward pass.
 */
static void find_divergence(struct run_twin *twin, struct network *network) {
    int layers = network->config.layers;
    for (int l = 0; l <= layers && !twin->diverged; l++) {
        const struct layer_sums *sums = &network->layer[l].sums;
        if (!isfinite(sums->z) || !isfinite(sums->h_squared)) {
            twin->diverged = true;
            twin->diverged_layer = l + 1;
        }
    }
    for (int l = layers; l >= 0 && !twin->diverged; l--) {
        if (!backward_is_finite(network, l)) {
            twin->diverged = twin->diverged_backward = true;
            twin->diverged_layer = l + 1;
        }
    }
}

/* One network stops for good; the other, if there is one, goes on with another buffer. */
static void keep_batch(struct run *run) {
    if (!run_stopped(run)) {
        struct run_batch kept = run->now;
        run->now = run->spare;
        run->spare = kept;
    }
}

bool run_pretrains(const struct run *run) {
    bool active = false;
    for (int r = 0; r < run->networks; r++) {
        active |= run->pretraining[r].stats.active || ensemble_pretrains(&run->ensemble[r]);
    }
    return active;
}

void run_pretrain(struct run *run) {
    run_batch_next(&run->now, run->data, &run->pretraining_batches);
    for (int r = 0; r < run->networks; r++) {
        if (run->pretraining[r].stats.active) {
            pretraining_step(&run->pretraining[r], &run->network[r], run->now.inputs, run->batch);
        }
        ensemble_pretrain(&run->ensemble[r], run->now.inputs, run->batch);
    }
}

int64_t run_pretrained(const struct run *run) {
    int64_t most = 0;
    for (int r = 0; r < run->networks; r++) {
        int64_t step = run->pretraining[r].stats.step;
        most = step > most ? step : most;
    }
    return most;
}

/* Has what was just made been given up, or might it have been? */
static bool is_abandoned(struct run *run) {
    run->abandoned |= run->is_over && run->is_over(run->context);
    return run->abandoned;
}

/* looks: on `count` examples of the first batch, which is not taken. */
static void pass(struct run *run, bool looks, int count) {
    bool peeks = looks && !run_pretrains(run);
    if (looks) {
        draw_first(run);
    } else {
        run->passed = true;
        run->place = batches_place(&run->batches);
        run_batch_draw(&run->now, &run->experiment, run->data, &run->batches, run->step);
    }
    const struct network_batch batch = { .input = run->now.inputs,
                                         .targets = run->now.targets,
                                         .count = count,
                                         .training = true,
                                         .step = run->step + 1,
                                         .enough = run->is_over,
                                         .context = run->context };
    bool stops = false;
    for (int r = 0; r < run->networks; r++) {
        struct run_twin *twin = &run->twin[r];
        struct network *network = &run->network[r];
        if (twin->diverged) {
            continue;
        }
        network_forward(network, &batch);
        network_deltas(network);
        if (looks) {
            network_undo_pass(network); // it waits at step 0 and stays as it was
        } else {
            ensemble_pass(&run->ensemble[r], &batch);
        }
        if (is_abandoned(run)) {
            return;
        }
        if (!peeks && !run->pretraining[r].stats.active) { // else it is only looked at
            find_divergence(twin, network);
        }
        twin->loss = network->loss;
        twin->accuracy = network->correct / count;
        stops |= twin->diverged;
    }
    if (stops) {
        keep_batch(run);
    }
}

void run_pass(struct run *run) {
    pass(run, run_pretrains(run), run->batch);
}

void run_peek(struct run *run, int examples) {
    REQUIRE(run->step == 0 && !run->passed && examples <= run->batch);
    pass(run, true, examples);
}

void run_update(struct run *run) {
    REQUIRE(run->passed);
    run->passed = false;
    run->step++;
    run->seen += run->batch;
    for (int r = 0; r < run->networks; r++) {
        if (!run->twin[r].diverged) {
            run->twin[r].step = run->step;
            network_update(&run->network[r], run->step);
            ensemble_update(&run->ensemble[r], run->step);
        }
    }
    is_abandoned(run);
}

bool run_stopped(const struct run *run) {
    for (int r = 0; r < run->networks; r++) {
        if (!run->twin[r].diverged) {
            return false;
        }
    }
    return true;
}

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
    double input_square = twin->step == 0 ? theory_input_square(&run->network[r]) : 0.0;
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

/* One network over the first `most` held-out examples; false if given up. */
static bool evaluate_twin(struct run *run, int r, int64_t most, bool (*enough)(void *context),
                          void *context) {
    struct network *network = &run->network[r];
    struct run_twin *twin = &run->twin[r];
    struct ensemble_count count_of = { .mean = 0.0 };
    double loss = 0.0, correct = 0.0;
    for (int64_t first = 0; first < most; first += run->batch) {
        int count = most - first < run->batch ? (int)(most - first) : run->batch;
        run_batch_take(&run->now, run->data, first, count);
        const struct network_batch batch = { .input = run->now.inputs,
                                             .targets = run->now.targets,
                                             .count = count,
                                             .enough = enough,
                                             .context = context };
        network_forward(network, &batch);
        ensemble_evaluate(&run->ensemble[r], network, &batch, &count_of);
        if (enough && enough(context)) {
            return false;
        }
        loss += network->loss * count;
        correct += network->correct;
    }
    twin->test_loss = loss / (double)most;
    twin->test_accuracy = correct / (double)most;
    twin->ensemble.accuracy = count_of.mean / (double)most;
    for (int m = 0; m < twin->ensemble.members; m++) {
        twin->ensemble.member[m] = count_of.member[m] / (double)most;
    }
    twin->test_n = most;
    twin->test_step = twin->step;
    return true;
}

void run_evaluate(struct run *run, int64_t most, bool (*enough)(void *context), void *context) {
    if (most > run->data->test.count) {
        most = run->data->test.count;
    }
    for (int r = 0; r < run->networks && most > 0; r++) {
        if (!run->twin[r].diverged && !evaluate_twin(run, r, most, enough, context)) {
            return;
        }
    }
}
