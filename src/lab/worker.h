/*
 * worker.h - the thread that trains, and the two mailboxes between it and the screen.
 *
 * Down: requests, newest wins. Up: snapshots, newest wins. One-shot wishes (step, restart, swap)
 * are counters, so that merging requests loses none of them. The worker trains as fast as it can,
 * or as `speed` says, and never waits for the screen: it measures a step in full only when the
 * screen has taken the previous snapshot and measuring has not cost more than its share of time.
 * What it measures goes into the film, too, and so that nothing is lost it measures steps
 * 0..FILM_KEPT whatever that costs, and later on at least now and then in log time.
 */
#ifndef LAB_WORKER_H
#define LAB_WORKER_H

#include "lab/follow.h"
#include "lab/replay.h"
#include "measure/film.h"
#include "measure/history.h"
#include "measure/look.h"
#include "measure/snapshot.h"

struct request {
    uint64_t serial; // rises with every request
    struct experiment experiment;
    bool paused;
    double speed;      // steps per second at most; 0 = as fast as it goes
    uint64_t steps;    // single steps asked for since the start, in all
    struct look look;  // what is measured closer than a snapshot does
    uint64_t restarts; // asked for since the start, in all; without one a changed experiment goes
                       // on with the weights where it can: run_change()
    const char *load;  // weights that the first experiment begins with; borrowed, NULL: new ones
    uint64_t swaps;    // of A and B with all that they have learned, since the start, in all
    uint64_t replay;   // number of the one that is wanted, see worker_replay(); 0: none
};

struct worker;

/*
 * Start the thread on a first request. nudge(context) is called on the worker's thread when a
 * snapshot was published after the reader had caught up. history_budget: bytes for history and film
 * together. NULL with a sentence in problem (EXPERIMENT_PROBLEM bytes) when memory or the thread
 * cannot be had.
 */
struct worker *worker_start(const struct request *first, size_t history_budget,
                            void (*nudge)(void *context), void *context, char *problem);

/*
 * The same thread on somebody else's training: it reads what is logged (follow.h) and publishes it
 * as it comes. Of requests it heeds only that to pause; all are met. problem: FOLLOW_PROBLEM bytes.
 */
struct worker *worker_follow(const struct request *first, const struct follow_settings *settings,
                             size_t history_budget, void (*nudge)(void *context), void *context,
                             char *problem);

/*
 * Stop, join and free; accepts NULL. Returns within one training step, or once the data set that is
 * being loaded is there.
 */
void worker_stop(struct worker *worker);

/* Screen's thread: replace the request. Never waits. */
void worker_request(struct worker *worker, const struct request *request);

/*
 * Screen's thread: do what the next request with a new number in `replay` asks for: begin with the
 * replay's experiment and train, paused or not and as fast as it goes, up to where it is, with its
 * changes on the way. The request's own experiment is what those end with. A request without the
 * number ends it where it stands.
 */
void worker_replay(struct worker *worker, const struct replay *replay);

/*
 * Screen's thread: what the present run has come from (step and pretrained are the newest), and the
 * number that snapshots of it have as `life`.
 */
uint64_t worker_log(struct worker *worker, struct replay *log);

/* Screen's thread: the newest snapshot; stays unchanged until the next call. */
const struct snapshot *worker_latest(struct worker *worker);

/* The history that the worker appends to: for history_sample(). */
struct history *worker_history(struct worker *worker);

/* The film that the worker adds to: for film_at() and film_layer(). */
struct film *worker_film(struct worker *worker);

/*
 * A detail of a past step that the film lacks (look.h) is had by training up to that step again,
 * beside what is trained; then it is in the film, and now and then meanwhile there is a nudge, too.
 * How far that is: the step reached; -1 when nothing of the kind is under way, LOOK_BARRED when
 * it cannot be had.
 */
int64_t worker_again(struct worker *worker);

/* Where it is LOOK_BARRED: a sentence on why into problem (EXPERIMENT_PROBLEM bytes). */
void worker_barred(struct worker *worker, char *problem);

#endif
