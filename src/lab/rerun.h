/*
 * rerun.h - go back to a past step by training up to it once more.
 *
 * The same experiment gives the same bits, so a second run that gets the same changes at the same
 * steps comes by every step just as the first one did. It stays where it is for the next step that
 * is asked for, unless that lies before it, or a change has come that it went by without.
 *
 * Memory: as another run, from rerun_advance() to rerun_rest(). Threads: the run's.
 */
#ifndef LAB_RERUN_H
#define LAB_RERUN_H

#include "lab/data_look.h"
#include "lab/replay.h"
#include "lab/run.h"
#include "measure/look.h"

/* Zeroed: there is no run to make again. */
struct rerun {
    const struct replay *replay; // of the run that is made again; it may grow
    const struct dataset *data;
    const char *load;
    int threads;
    struct run run;
    bool has_run;
    int changed; // changes that it has
    struct data_look data_look;
    struct snapshot snapshot; // that looked
};

/*
 * Another run begins: what replay is to say of it, the data, and the file that its weights are of
 * (NULL: new ones), all borrowed until the next one. threads: of an experiment that asks for no
 * number of them.
 */
void rerun_begin(struct rerun *rerun, const struct replay *replay, const struct dataset *data,
                 const char *load, int threads);

enum rerun_state { RERUN_UNDER_WAY, RERUN_THERE, RERUN_IMPOSSIBLE };

/*
 * One step nearer to `step`, whose pass is made where it is there. Impossible with a sentence in
 * problem (EXPERIMENT_PROBLEM bytes).
 */
enum rerun_state rerun_advance(struct rerun *rerun, int64_t step, char *problem);

/* Look at it closer, where it is there: rerun->snapshot has the step, the runs and that detail. */
void rerun_look(struct rerun *rerun, const struct look *look);

/* Free what only a way back needs. Accepts a zeroed one. */
void rerun_rest(struct rerun *rerun);

#endif
