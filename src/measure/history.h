/*
 * history.h - the scalars of every step since step 0, inside a fixed memory budget.
 *
 * Records are appended in step order. When the budget is full every second record beyond the first
 * HISTORY_KEPT steps is given up and from then on only every second step is recorded, and so on:
 * the history gets coarser, never shorter. What is kept are measured values, not averages.
 *
 * Threads: one writer (the worker) and one reader (the screen). history_append() never waits for
 * the reader; only a reset or a thinning, which move records, share a lock with it.
 */
#ifndef MEASURE_HISTORY_H
#define MEASURE_HISTORY_H

#include <stddef.h>
#include <stdint.h>

#include "measure/event_log.h"
#include "measure/snapshot.h"

enum { HISTORY_KEPT = 100, HISTORY_COLUMNS = 512 };

/* Bytes for the past, the film's part (film.h) among them, unless something else is asked for. */
#define HISTORY_BUDGET ((size_t)256 << 20)

/* Scalars of a whole run at one step. */
enum history_scalar {
    HISTORY_LOSS,
    HISTORY_ACCURACY,      // of the batch
    HISTORY_TEST_ACCURACY, // held-out, newest evaluation so far; NaN before the first
    HISTORY_SCALARS
};

/* Scalars of each hidden layer at one step. */
enum history_quantity {
    HISTORY_H_MEAN,
    HISTORY_H_SD,
    HISTORY_DELTA_RMS,
    HISTORY_GRADIENT_RMS, // d loss / d h
    HISTORY_WEIGHT_GRADIENT_RMS,
    HISTORY_QUANTITIES
};

struct history;

/* Room for budget bytes in all. NULL when memory runs out. */
struct history *history_create(size_t budget);
void history_destroy(struct history *history); // accepts NULL

/* Writer: forget everything, give its pages back; from now on runs (1 or 2) with layers[] hidden
 * layers each. */
void history_reset(struct history *history, int runs, const int layers[SNAPSHOT_RUNS]);

/* One step's values, in the order of the enums. */
struct history_record {
    int64_t step;
    float scalar[SNAPSHOT_RUNS][HISTORY_SCALARS];
    float layer[SNAPSHOT_RUNS][SNAPSHOT_LAYERS][HISTORY_QUANTITIES];
};

/* What a snapshot says of its step, in the same order; its layers' quantities are NaN where an
 * entry is not finite, and all of a run that had diverged before. */
void history_record_of(const struct snapshot *snapshot, struct history_record *record);

/* Writer: add a step. Steps must rise. */
void history_append(struct history *history, const struct history_record *record);

/* Writer: note what was changed at that step (event_log_mark()); a reset forgets it. */
void history_mark(struct history *history, int64_t step, const char *text);

/* Which part of a history is looked at. */
struct history_query {
    int columns;                      // at most, and HISTORY_COLUMNS
    unsigned quantities;              // bits 1 << quantity of those that are wanted
    int64_t low, high;                // steps, as far as there are any; high below low: all
    const struct history_record *now; // the step that is reached: see there; NULL: what is recorded
};

/* What a strip or a curve draws: a part of the history cut into columns. */
struct history_view {
    int columns; // 0: nothing recorded yet
    int runs;
    int layers[SNAPSHOT_RUNS];
    unsigned quantities;           // that were wanted
    int64_t first_step, last_step; // ends of the part: steps between the columns are even
    size_t bytes_used, bytes_budget;
    struct event_log events;       // changes while it trained, all of them
    int64_t step[HISTORY_COLUMNS]; // step of the record that a column shows
    float scalar[SNAPSHOT_RUNS][HISTORY_SCALARS][HISTORY_COLUMNS];
    float layer[HISTORY_QUANTITIES][SNAPSHOT_RUNS][SNAPSHOT_LAYERS][HISTORY_COLUMNS]; // if wanted
};

/*
 * Reader: the wanted steps, evenly spaced in columns. A step is recorded by the update that follows
 * it, so the one that the screen shows mostly is not yet: the history ends with it if it is the
 * next one (or may be, for of many steps only some are recorded), and before anything that is
 * newer. A column shows the last record at or before its step; held-out accuracy shows the newest
 * value so far.
 */
void history_sample(struct history *history, const struct history_query *query,
                    struct history_view *view);

#endif
