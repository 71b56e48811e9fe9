/*
 * layer_look.h - look closer at one layer of a run: measure/layer_detail.h with the data's
 * pictures.
 *
 * Changes nothing of the run but that dW of that layer is there then. No allocation. Threads: the
 * run's.
 */
#ifndef LAB_LAYER_LOOK_H
#define LAB_LAYER_LOOK_H

#include "lab/run.h"
#include "measure/look.h"

/*
 * Fill snapshot->detail of every network of the run with the last pass, where look asks for it, and
 * else say that nothing is there. Pictures of examples are as they were before preprocessing: 0..1.
 */
void layer_look(struct run *run, const struct look *look, struct snapshot *snapshot);

#endif
