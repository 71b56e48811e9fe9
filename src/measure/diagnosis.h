/*
 * diagnosis.h - the verdict in words, with its rule and its number.
 *
 * Rules are tried in the order of diagnosis_rules; the first that fires speaks. Thresholds live in
 * that table alone, with where they come from. Relative rules are preferred:
 * they hold whatever the loss and the learning rate are.
 */
#ifndef MEASURE_DIAGNOSIS_H
#define MEASURE_DIAGNOSIS_H

#include "measure/snapshot.h"

struct diagnosis_rule {
    enum verdict verdict;
    double threshold;
    const char *rule;   // with the threshold in it, for the screen
    const char *source; // where the threshold comes from
    bool any_depth;     // it can look at a network without hidden layers, too
    /* Does it fire? Then the layer and the value are set and a sentence is written. */
    bool (*fires)(const struct run_snapshot *run, double threshold, struct diagnosis *diagnosis);
};

extern const struct diagnosis_rule diagnosis_rules[];
extern const int diagnosis_rule_count;

/* "healthy", "vanishing", ... */
extern const char *const verdict_names[VERDICT_COUNT];

/* Fill run->diagnosis from the rest of run. */
void diagnosis_make(struct run_snapshot *run);

#endif
