/*
 * run.h - one experiment being trained: its data, its one or two networks, step by step.
 *
 * Twins take the same batches in lockstep. The same experiment gives the same bits, whoever calls
 * and however often it is measured. run_capture.c measures what run.c does; run_build.h and
 * run_change.h make a run out of nothing and out of another.
 *
 * Memory: run_init() allocates, nearly all as one arena, and run_finish() frees; a step allocates
 * nothing. Threads: one at a time; a crew shares its work within a call.
 */
#ifndef LAB_RUN_H
#define LAB_RUN_H

#include "data/batches.h"
#include "data/dataset.h"
#include "engine/lsuv.h"
#include "engine/network.h"
#include "lab/ensemble.h"
#include "lab/experiment.h"
#include "lab/pretraining.h"
#include "lab/run_batch.h"
#include "measure/history.h"
#include "measure/signs.h"
#include "measure/snapshot.h"

struct run {
    struct experiment experiment;
    const struct dataset *data;                  // borrowed
    struct batches batches, pretraining_batches; // each from the same beginning
    struct network network[SNAPSHOT_RUNS];
    struct ensemble ensemble[SNAPSHOT_RUNS]; // beside each
    int networks;                            // 1 or 2
    int64_t step;                            // updates made
    int64_t seen;                            // examples that they were made on
    bool passed;                             // run_pass() done, run_update() not
    bool loaded;                             // weights, and all before this step, are of a file
    struct batches_place place;              // in batches, before that pass
    int batch;
    struct run_batch now;   // of the pass under way
    struct run_batch spare; // for when one of two networks keeps its last batch
    void *scratch;          // of the capture
    struct run_twin {
        bool diverged;
        bool diverged_backward;
        int diverged_layer;
        int64_t step; // updates of this twin: stays behind once it diverged
        double loss, accuracy;
        double test_loss, test_accuracy;
        int64_t test_n, test_step;
        struct ensemble_stats ensemble;
    } twin[SNAPSHOT_RUNS];
    struct lsuv_log lsuv[SNAPSHOT_RUNS]; // what the initialiser of that name did
    struct pretraining pretraining[SNAPSHOT_RUNS];
    struct crew *crew; // shares the networks' work; NULL: the calling thread does it alone
    // The owner's to set: does nobody want this run any more? Asked during passes and updates; once
    // it says true, and it must stay true, they are given up and abandoned is set.
    bool (*is_over)(void *context);
    void *context;
    bool abandoned; // nothing but run_restart() or run_finish() may follow
    struct arena arena;
};

/*
 * Build both networks at step 0. data must be what the experiment's data settings load and must
 * outlive run. False, run zeroed, with a sentence in problem (EXPERIMENT_PROBLEM bytes).
 */
bool run_init(struct run *run, const struct experiment *experiment, const struct dataset *data,
              char *problem);
void run_finish(struct run *run); // accepts a zeroed one

/* Both: end a run, or a zeroed one, and build another in its memory if that will do. The new run is
 * the same bits as after run_init(). */
bool run_restart(struct run *run, const struct experiment *experiment, const struct dataset *data,
                 char *problem);

/* From now on with so many threads; nothing else changes. */
void run_use_threads(struct run *run, int threads);

/*
 * Is a network still being pre-trained (pretraining.h)? Until none is, run_pretrain() takes the
 * place of run_pass() and run_update(): the run stays at step 0, and a network with another
 * initialiser waits there. run_pass() may come in between and shows the networks as they are, on
 * the batch of the first step, without taking it.
 */
bool run_pretrains(const struct run *run);

/* One update of each RBM that is being trained, on the next batch of inputs as they are. */
void run_pretrain(struct run *run);

/* RBM updates so far. */
int64_t run_pretrained(const struct run *run);

/* Draw the next batch, augmented if asked for; forward, loss, deltas: what run_capture() then
 * measures. */
void run_pass(struct run *run);

/*
 * Before the first pass: the networks as they are, on so many examples of its batch, which is not
 * taken, for run_glance(). Leaves everything as it was, so that no divergence is found here.
 */
void run_peek(struct run *run, int examples);

/* The update that belongs to the last pass, which was none of a pre-training. A network in which a
 * NaN or an infinity has appeared is not trained any further. */
void run_update(struct run *run);

/* Have all networks diverged, so that there is nothing left to train? */
bool run_stopped(const struct run *run);

/*
 * Everything measured of the last pass, before its update: all of snapshot but request, state,
 * message, steps_per_second and the participation ratios. Fills in dW and db, which a pass alone
 * leaves to the update.
 */
void run_capture(struct run *run, struct snapshot *snapshot);

/* The same, and signs, unless that is NULL. */
void run_capture_signed(struct run *run, struct snapshot *snapshot, struct signs *signs);

/* The same with less said of large W and dW (capture_glance()), where the next picture comes soon.
 */
void run_glance(struct run *run, struct snapshot *snapshot);

/* Those, too, into what run_capture() has filled; for moments that nothing waits for. */
void run_participation(const struct run *run, struct snapshot *snapshot);

/* The histograms of d loss / d h, too, of all examples or for a glance of some (gradient.h). */
void run_gradients(const struct run *run, bool glance, struct snapshot *snapshot);

/* The scalars of the last pass, after its update: record->step is run->step - 1. */
void run_record(const struct run *run, struct history_record *record);

/*
 * Loss and accuracy on the first `most` held-out examples (all if fewer), without noise. Leaves
 * what is there where there is no held-out part. enough(context), where given, is asked after
 * each batch and between large layers; when it says true, and it must stay true, the evaluation is
 * given up and the old values stay. The last pass's arrays are overwritten: evaluate before a pass
 * or after its update.
 */
void run_evaluate(struct run *run, int64_t most, bool (*enough)(void *context), void *context);

#endif
