/*
 * experiment_change.h - what differs between two experiments, and whether training can go on.
 *
 * Threads: pure functions.
 */
#ifndef LAB_EXPERIMENT_CHANGE_H
#define LAB_EXPERIMENT_CHANGE_H

#include "lab/experiment.h"

/*
 * May networks that are trained as `from` says go on as `to` says, which can be run? They may where
 * only live settings differ (struct setting) and no weights change their shape. If not, half a
 * sentence in problem (EXPERIMENT_PROBLEM bytes) names what takes new weights.
 */
bool experiment_goes_on(const struct experiment *from, const struct experiment *to, char *problem);

/*
 * What differs, in few words, as "tanh → ReLU" or "A: learning rate 0.01, B: SGD → Adam"; "" where
 * nothing does. A and B are told apart where there are both; with swapped they had changed places
 * before, which stands first.
 */
void experiment_describe_change(const struct experiment *from, const struct experiment *to,
                                bool swapped, char *text, size_t size);

/*
 * What A does otherwise than B, at most the first `most` settings that differ: "ReLU, He, learning
 * rate 0.1". There is a B.
 */
void experiment_describe_lead(const struct experiment *experiment, int most, char *text,
                              size_t size);

#endif
