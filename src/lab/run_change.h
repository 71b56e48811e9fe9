/*
 * run_change.h - other settings while it trains, with the weights that training has made.
 */
#ifndef LAB_RUN_CHANGE_H
#define LAB_RUN_CHANGE_H

#include "lab/run.h"

/*
 * Go on as another experiment says, which must go on from the run's own (experiment_goes_on()), at
 * the same step, with the same place in the stream of batches. Weights and what else has been
 * learned stay (network_continue()); with equal settings the run trains on to the same bits. A pass
 * that no update has followed is forgotten. A network that has diverged tries again. With swapped,
 * A and B have changed places first, so that each goes on with what the other has learned.
 *
 * False, run unchanged, with a sentence or half of one in problem (EXPERIMENT_PROBLEM bytes): it is
 * still being pre-trained, it cannot go on, or the memory is not enough for both the old and the
 * new one.
 */
bool run_change(struct run *run, const struct experiment *experiment, bool swapped, char *problem);

#endif
