/*
 * explain.h - what the numbers of a panel are: definition, n, unit, and where a limit comes from.
 *
 * One row per panel. The pointer over any place of a panel shows its row, unless something closer
 * to the pointer has more to say (see tip() in panel.h).
 */
#ifndef VIEW_EXPLAIN_H
#define VIEW_EXPLAIN_H

#include "draw/display_list.h"

struct frame;

enum subject {
    SUBJECT_NONE,
    SUBJECT_ACTIVATIONS,
    SUBJECT_GRADIENTS,
    SUBJECT_MAGNITUDE,
    SUBJECT_HISTORY,
    SUBJECT_LOSS,
    SUBJECT_PHI,
    SUBJECT_WHY,
    SUBJECT_RIDGES,
    SUBJECT_SCALARS,
    SUBJECT_LAYERS,
    SUBJECT_WEIGHTS,
    SUBJECT_WEIGHT_SPREAD,
    SUBJECT_UNITS,
    SUBJECT_UNIT,
    SUBJECT_SURFACE,
    SUBJECT_CONFUSION,
    SUBJECT_EXAMPLES,
    SUBJECT_HARDEST,
    SUBJECT_RECONSTRUCTIONS,
    SUBJECT_RECONSTRUCTION_ERROR,
    SUBJECT_PLANE,
    SUBJECT_START,
    SUBJECT_BOOK,
    SUBJECT_STEP,
    SUBJECT_LOG,
    SUBJECT_COUNT
};

enum { EXPLAIN_LINES = 4 };

extern const char *const explanations[SUBJECT_COUNT][EXPLAIN_LINES]; // NULL: no more lines

/* The area is about that; to be said of it before anything closer to the pointer is. */
void explain(const struct frame *frame, struct rect area, enum subject subject);

#endif
