/*
 * run_batch.h - the examples of one pass, as the networks see them.
 *
 * Training examples are augmented as the experiment asks, held-out ones never are. Memory: dealt
 * out of the run's arena. Threads: the run's.
 */
#ifndef LAB_RUN_BATCH_H
#define LAB_RUN_BATCH_H

#include "base/arena.h"
#include "data/batches.h"
#include "data/dataset.h"
#include "engine/loss.h"
#include "lab/experiment.h"

struct run_batch {
    int count;
    float *inputs;               // (count, d_0)
    uint8_t *labels;             // (count)
    struct loss_targets targets; // of the labels here
    // for filling it:
    uint32_t *indices;
    uint8_t *other_labels; // NULL without mixup, as the next
    float *row;
};

/* Deal out room for experiment_batch() examples; on a counting arena only the size is counted. */
void run_batch_layout(struct run_batch *batch, const struct experiment *experiment,
                      const struct dataset_shape *shape, struct arena *arena);

/* The next training examples as they are. */
void run_batch_next(struct run_batch *batch, const struct dataset *data, struct batches *batches);

/* The same, with the augmentation of that step. */
void run_batch_draw(struct run_batch *batch, const struct experiment *experiment,
                    const struct dataset *data, struct batches *batches, int64_t step);

/* Held-out examples first .. first + count - 1, as they are. */
void run_batch_take(struct run_batch *batch, const struct dataset *data, int64_t first, int count);

#endif
