/*
 * follow.h - somebody else's training, from the event files that it writes, as snapshots, history
 * and film: in place of a run.
 *
 * A folder that holds event files is a run; the runs are those of a folder and of all below it. One
 * is shown, or two as twins: the first two, by name, that log layers, or those that are named. The
 * files of both are read together in the order of their steps, so that a snapshot of step k says
 * what was known of either then: the newest value of each tag up to k. What comes later for an
 * earlier step of the same run (a job that was resumed) is left out. Where a run falls behind its
 * twin while both grow, all is read once more now and then, so that their steps go together again.
 *
 * Layers are those that the histograms' tags name (follow_tags.h), at most SNAPSHOT_LAYERS. They
 * are in the order in which their names first came, but if the names differ in numbers alone, in
 * the order of these; a layer called `output` stands behind all as what it is.
 *
 * What is not logged is not known: NaN, and n = 0. Memory: one record of each file.
 * Threads: one at a time; history and film are their writers'.
 */
#ifndef LAB_FOLLOW_H
#define LAB_FOLLOW_H

#include "lab/follow_tags.h"
#include "measure/film.h"
#include "measure/history.h"
#include "measure/snapshot.h"

enum { FOLLOW_PROBLEM = 512, FOLLOW_PATTERNS = 32 };

struct follow_settings {
    const char *folder; // or a single event file
    const char *runs;   // "A" or "A,B": names below the folder; NULL: as said above
    const char *pattern[FOLLOW_PATTERNS];
    int patterns;
};

struct follow;

/*
 * Begin to read; nothing is read yet, and there need be nothing yet. NULL with a sentence in
 * problem (FOLLOW_PROBLEM bytes). history and film are borrowed and reset.
 */
struct follow *follow_create(const struct follow_settings *settings, struct history *history,
                             struct film *film, char *problem);
void follow_destroy(struct follow *follow); // accepts NULL

/*
 * Read for about so many seconds what there is, and look for new files now and then. Returns
 * whether there is more to read at once.
 */
bool follow_read(struct follow *follow, double seconds);

/* Nothing follows for now: what was read of the newest step belongs to the history, too. */
void follow_settle(struct follow *follow);

/* Takes what was known at a step, when all that there is of the step has been read. */
typedef void follow_each(void *context, struct snapshot *snapshot);

/*
 * Begin with the first record once more; from now on each is called at every step, within
 * follow_read() and follow_settle(). What grows meanwhile may make it begin from the first step yet
 * again, with other layers.
 */
void follow_again(struct follow *follow, follow_each *each, void *context);

/* What is known now; it changes with the next call of follow_read(). */
struct snapshot *follow_snapshot(struct follow *follow);

/* Rises with every record that was read. */
int64_t follow_records(const struct follow *follow);

/* Did memory run out, so that something is missing? follow_complain() says so, too. */
bool follow_starved(const struct follow *follow);

/*
 * A sentence on each file that could not be read on, each on a line; ended: nobody writes them any
 * more, so that a cut one is worth a word, too.
 */
void follow_complain(const struct follow *follow, bool ended, char *text, size_t size);

#endif
