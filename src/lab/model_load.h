/*
 * model_load.h - networks from a file of weights: an .npz archive with the arrays of model.h.
 *
 * Also archives of others load, made with numpy.savez(file, W1=..., b1=..., W2=...): what a network
 * has learned must be there, in float32 or float64 of the right shape, and nothing of the kind that
 * it has no room for. The optimiser's state is that of the file if all of it is there; if none is,
 * it is cleared and Adam's corrections count from there. Counts that are missing are 0. Arrays of
 * other names are passed over.
 *
 * Memory: of the reading alone. Threads: the run's.
 */
#ifndef LAB_MODEL_LOAD_H
#define LAB_MODEL_LOAD_H

#include "lab/run.h"

/*
 * Give a run that was just built what the file says; no pre-training is left to do. A network that
 * has diverged tries again. false with a sentence in problem (EXPERIMENT_PROBLEM bytes): run is
 * then worth nothing.
 */
bool model_load(struct run *run, const char *path, char *problem);

/*
 * The experiment that the file was saved by, as INI text; NULL in *text if the file does not say.
 * false with a sentence in problem (EXPERIMENT_PROBLEM bytes). *text is the caller's to free.
 */
bool model_load_text(const char *path, char **text, char *problem);

#endif
