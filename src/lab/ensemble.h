/*
 * ensemble.h - networks like the one that is shown, from other seeds, trained beside it.
 *
 * Member m (from 1) draws its weights and its noise from seed + m and takes the same batches as the
 * shown network, which counts as member 0. The ensemble's prediction is the mean of the members'
 * predictions (Hansen & Salamon, IEEE PAMI 12, 1990). Initialisers that look at the data (lsuv.h,
 * pretraining.h) do so for each member.
 *
 * Memory: ensemble_layout() deals everything out of an arena. Threads: the run's.
 */
#ifndef LAB_ENSEMBLE_H
#define LAB_ENSEMBLE_H

#include "engine/network.h"
#include "lab/pretraining.h"
#include "measure/snapshot.h"

struct ensemble {
    int others;                      // members beside the shown network
    struct network *network;         // (others)
    struct pretraining *pretraining; // (others), of the initialiser rbm; NULL with any other
    real *sum;                       // of predictions, (B, outputs)
};

/* Deal out so many others; on a counting arena only the size is counted. */
void ensemble_layout(struct ensemble *ensemble, const struct network_config *config, int others,
                     struct arena *arena);

/* Draw the weights of all. false if memory runs out, see network_reset(). */
bool ensemble_reset(struct ensemble *ensemble);

/* What lsuv does, see lsuv_scale(). */
void ensemble_scale(struct ensemble *ensemble, const real *input, int batch);

/* What rbm does, if it is the initialiser: see pretraining_begin() and pretraining_step(). */
void ensemble_begin_pretraining(struct ensemble *ensemble, const struct network_settings *settings,
                                int64_t examples);
bool ensemble_pretrains(const struct ensemble *ensemble); // is there something left to do?
void ensemble_pretrain(struct ensemble *ensemble, const real *inputs, int batch);

/* What the shown network does in a pass and in its update, for the others. */
void ensemble_pass(struct ensemble *ensemble, const struct network_batch *batch);
void ensemble_update(struct ensemble *ensemble, int64_t step);

/*
 * Right predictions on a batch that `shown` has just been evaluated on, added to what is there: of
 * each member, and of their mean.
 */
struct ensemble_count {
    double member[SNAPSHOT_MEMBERS], mean;
};
void ensemble_evaluate(struct ensemble *ensemble, const struct network *shown,
                       const struct network_batch *batch, struct ensemble_count *count);

#endif
