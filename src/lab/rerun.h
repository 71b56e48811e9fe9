/*
 * rerun.h - go back to a past step by training up to it once more.
 *
 * The same experiment gives the same bits, so a second run that gets the same changes at the same
 * steps comes by every step just as the first one did. It stays where it is for the next step that
 * is asked for, unless that lies before it.
 *
 * Memory: as another run, from rerun_advance() to rerun_rest(). Threads: the run's.
 */
#ifndef LAB_RERUN_H
#define LAB_RERUN_H

#include "lab/data_look.h"
#include "lab/run.h"
#include "measure/look.h"

enum { RERUN_CHANGES = 256 };

struct rerun {
    struct experiment first; // of the run that is made again
    const struct dataset *data;
    const char *load;
    int changes; // of it, in their order
    bool lost;   // there were more: then there is no way back
    struct rerun_change {
        int64_t step;
        struct experiment experiment;
        bool swapped; // A and B before it
    } change[RERUN_CHANGES];
    struct run run;
    bool has_run;
    int changed; // changes that it has
    struct data_look data_look;
    struct snapshot snapshot; // that looked
};

/* Another run begins, with the weights of a file (NULL: new ones); both the data and the path are
 * borrowed until rerun_rest(). */
void rerun_begin(struct rerun *rerun, const struct experiment *first, const struct dataset *data,
                 const char *load);

/* It was changed at a step, before its pass, as run_change() does. */
void rerun_note(struct rerun *rerun, int64_t step, const struct experiment *experiment,
                bool swapped);

enum rerun_state { RERUN_UNDER_WAY, RERUN_THERE, RERUN_IMPOSSIBLE };

/* One step nearer to `step`, whose pass is made where it is there. Impossible with a sentence in
 * problem. */
enum rerun_state rerun_advance(struct rerun *rerun, int64_t step, char *problem);

/* Look at it closer, where it is there: rerun->snapshot has the step, the runs and that detail. */
void rerun_look(struct rerun *rerun, const struct look *look);

/* Free what only a way back needs. Accepts a zeroed one. */
void rerun_rest(struct rerun *rerun);

#endif
