/*
 * run_build.h - the memory and the threads of a run, before there is anything in them.
 */
#ifndef LAB_RUN_BUILD_H
#define LAB_RUN_BUILD_H

#include "lab/run.h"

/*
 * Lay out the networks and their crew; batches and weights are the caller's to fill in. memory, of
 * an earlier run or zeroed, is taken over in any case, and nothing may be expected of what is in
 * it. False, run zeroed, with a sentence in problem (EXPERIMENT_PROBLEM bytes).
 */
bool run_build(struct run *run, const struct experiment *experiment, const struct dataset *data,
               struct arena memory, char *problem);

#endif
