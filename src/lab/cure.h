/*
 * cure.h - what to change about an ill network: the table of cures.
 *
 * The verdict says what is wrong and which factor does it (measure/diagnosis.h); a cure is the
 * setting or two that would put it right, from the literature. A test applies each to the case it
 * is for, trains on, and reads the verdict again. Threads: pure functions.
 */
#ifndef LAB_CURE_H
#define LAB_CURE_H

#include "lab/experiment.h"
#include "measure/snapshot.h"

/* What a cure may look at. */
struct cure_case {
    const struct run_snapshot *shown;    // with its diagnosis
    const struct experiment *experiment; // that it is of
    const struct network_settings *settings;
};

enum { CURE_SETTINGS = 3 };

struct cure {
    const char *name;   // one word or two, for the key: "He initialisation"
    const char *reason; // a sentence
    const char *source;
    bool (*suits)(const struct cure_case *ill);
    struct cure_setting {
        const char *setting; // NULL: no more
        const char *value;   // NULL: a tenth of what it is
    } settings[CURE_SETTINGS];
};

/* The table; its length in *count. The first that suits is the cure. */
const struct cure *cures(int *count);

/* The cure of run, which shown is a snapshot of; NULL where there is none, or nothing to cure. */
const struct cure *cure_find(const struct run_snapshot *shown, const struct experiment *experiment,
                             int run);

/* Make it so in run. */
void cure_apply(const struct cure *cure, struct experiment *experiment, int run);

#endif
