/*
 * film.h - whole snapshots of the past, inside a fixed memory budget.
 *
 * Snapshots are added in step order and packed (base/pack.h): of 20 layers with 100 units each one
 * takes about 30 kB. Those of steps 0..FILM_KEPT stay for good. When there is no room, the later
 * one is given up whose neighbours lie nearest to each other in log time, so that what is left is
 * spread evenly over it: ten times as long ago is seen ten times as coarse.
 *
 * Memory: film_create() allocates the budget, whose pages are used only as snapshots arrive.
 * Threads: one writer (the worker) and one reader (the screen). They share a lock, which the writer
 * takes to add a finished snapshot and the reader while it unpacks one.
 */
#ifndef MEASURE_FILM_H
#define MEASURE_FILM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "measure/look.h"
#include "measure/snapshot.h"

enum { FILM_KEPT = 100, FILM_PART = 32, FILM_FRAMES = 8192, FILM_RIDGES = 64 };

/* The film's part of the bytes for the past; the history of scalars has the rest. */
#define FILM_SHARE(budget) ((budget) - (budget) / 4)

struct film;

/* Room for budget bytes in all, at least FILM_LEAST. NULL when memory runs out. */
struct film *film_create(size_t budget);
void film_destroy(struct film *film); // accepts NULL
#define FILM_LEAST ((size_t)1 << 20)

/* Writer: forget everything. */
void film_reset(struct film *film);

/*
 * Writer: must this step be added, so that nothing is lost? Each of the kept ones, later one in
 * FILM_PART parts of the steps so far.
 */
bool film_wants(const struct film *film, int64_t step);

/*
 * Writer: add a snapshot, or replace the one that was added last where it is of the same step.
 * False when a later one was added before, or there is no room for it.
 */
bool film_add(struct film *film, const struct snapshot *snapshot);

/*
 * Writer: keep the detail (look.h: of LOOK_LAYER or LOOK_DATA) that is in a snapshot whose step is
 * there, in the place of one of its kind; nothing else but runs must be in it. False when there is
 * none, no such step, or no room. Details take half of the budget at most; what is given up for new
 * ones is chosen as with snapshots, and of steps 0..FILM_KEPT not before these alone take a quarter
 * of the budget. A snapshot stays as long as its details, which go before any of steps 0..FILM_KEPT
 * does.
 */
bool film_add_detail(struct film *film, const struct snapshot *snapshot, enum look_kind kind);

/* Writer: must that detail of this step be added, as film_wants() says of the snapshot? */
bool film_wants_detail(const struct film *film, int64_t step, const struct look *look);

/* Writer: is a snapshot of exactly this step there, but not what the look wants, of that unit? */
bool film_lacks(struct film *film, int64_t step, const struct look *look);

/* Writer: what was added of this step, if it is the newest, is no longer true; it is wanted again.
 */
void film_retake(struct film *film, int64_t step);

/* A snapshot taken out again. Zeroed at first; only film_at() changes it. */
struct film_frame {
    uint64_t serial; // which snapshot of the film it is; 0: none
    uint64_t detail; // and which of its details; 0: none
    struct snapshot snapshot;
};

/*
 * Reader: the newest snapshot at or before a step, or the first if there is none, into frame, where
 * all that is in use of it is as it was added. Of the details it has the one that was looked for,
 * with LOOK_LAYER of that layer, but maybe of another unit; for its sake, and for the histograms
 * of LOOK_GRADIENTS, behind FILM_KEPT a snapshot is preferred that is up to two parts (FILM_PART)
 * of its steps older. It is unpacked only if it is not the one there. False when the film is empty.
 */
bool film_at(struct film *film, int64_t step, const struct look *look, struct film_frame *frame);

/* One layer at many steps, oldest first. */
struct film_ridges {
    int count;
    int layer;                                            // 1-based
    int64_t step[FILM_RIDGES];                            // rising
    bool there[SNAPSHOT_RUNS][FILM_RIDGES];               // that run had such a layer
    struct layer_stats stats[SNAPSHOT_RUNS][FILM_RIDGES]; // where there
};

/*
 * Reader: hidden layer `layer` of the snapshots that film_at() has for `count` rising steps; steps
 * that have the same one give one ridge.
 */
void film_layer(struct film *film, int layer, const int64_t *steps, int count,
                struct film_ridges *ridges);

/* Either thread: bytes in use, and the budget. */
size_t film_bytes(struct film *film);
size_t film_budget(const struct film *film);

#endif
