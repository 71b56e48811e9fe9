/*
 * worker_parts.h - the worker's inside, for its own files: worker_thread.c holds it all, worker.c
 * trains as the requests say, worker_load.c loads data, worker_watch.c measures and shows,
 * worker_change.c goes on with other settings, worker_replay.c goes where a run has been before,
 * and worker_follow.c reads logs instead.
 */
#ifndef LAB_WORKER_PARTS_H
#define LAB_WORKER_PARTS_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/mailbox.h"
#include "lab/data_look.h"
#include "lab/rerun.h"
#include "lab/run.h"
#include "lab/worker.h"

struct worker {
    pthread_t thread;
    pthread_mutex_t lock; // only for sleeping: guards nothing but the wake-up
    pthread_cond_t wake;
    atomic_bool stop;

    struct mailbox request_box;
    struct request requests[MAILBOX_SLOTS]; // by the request_box's owner
    struct mailbox snapshot_box;
    struct snapshot snapshots[MAILBOX_SLOTS]; // by the snapshot_box's owner
    unsigned last; // slot published last: nobody writes it before the next
    struct history *history;
    struct film *film;
    void (*nudge)(void *context);
    void *nudge_context;
    atomic_llong again;          // step that the rerun has reached; below 0: there is none
    pthread_mutex_t replay_lock; // guards the next four; the worker alone writes the last three
    struct replay offered;       // by the screen
    struct replay log;           // of the run
    uint64_t life;               // how many runs were begun
    char why_barred[EXPERIMENT_PROBLEM];

    // The rest is the worker thread's own.
    struct follow *follow; // NULL: it trains
    struct request request;
    struct request incoming; // the next one, where it has been looked at during a pass or an update
    bool has_incoming;
    bool gives_up; // for that one, which then is taken whatever comes after it
    struct dataset data;
    struct dataset_settings data_settings;
    bool has_data;
    double loading_share;        // of the data set that is being loaded; 0: none
    char loading[SNAPSHOT_NAME]; // what is loaded
    bool unmet;                  // loading was given up for another request
    struct run run;
    bool has_run;
    struct experiment first;   // of all
    struct experiment trained; // what the update before changed_step was made with
    int64_t changed_step;      // of the newest change; -1: none
    bool leaves_core;          // to the screen, once there is a picture
    struct replay plan;
    bool replaying;                      // it is not there yet
    int changes_done;                    // of the plan
    uint64_t replay_known;               // number of the newest plan
    bool pass_ready;                     // run_pass() done, run_update() not
    bool shown;                          // a snapshot of this pass was published
    bool swapped;                        // A and B since that update
    uint64_t steps_done, restarts_done;  // of the request's counters
    uint64_t swaps_done;                 // likewise
    uint64_t met, refused;               // serials of the newest request that could be met, or not
    uint64_t renewed;                    // of the newest one that took new weights unasked
    char renewal[SNAPSHOT_SENTENCE];     // why
    double started, measured, evaluated; // seconds: start of this run, spent on looking
    double keeping;                      // seconds spent on details for the film
    double last_capture, next_step, next_film;
    double unseen; // since when there has been no picture of the runs that were begun
    struct data_look data_look;
    int64_t looked_at;       // updates() at the newest look at the data
    bool looked_closely;     // with evaluation_work
    double next_data_look;   // not before
    double rate_start, rate; // steps per second
    int64_t rate_step;
    struct rerun rerun;
    struct look barred; // a look at the past that cannot be had
    double next_word;   // to the screen on how far the rerun is
    char message[EXPERIMENT_PROBLEM];
    struct history_record record;
};

static const double worker_frame_seconds = 1.0 / 60.0; // between pictures, at least

/* worker.c */
void worker_publish(struct worker *worker, enum worker_state state);
int64_t worker_updates(const struct worker *worker); // of whatever is being trained
bool worker_may_train(const struct worker *worker);
bool worker_is_called(void *worker);        // is there something that cannot wait?
void worker_restart(struct worker *worker); // with the request's experiment; met or refused
void worker_refuse(struct worker *worker);  // the request, for the reason in message

struct experiment worker_wanted(const struct worker *worker); // the request's, beside a screen
void worker_begin_run(struct worker *worker);                 // which is that of the request now

/* worker_change.c */

/* Go on with the weights as the request's experiment says. false: only a restart can bring it, for
 * that reason; "" where there are no weights yet. */
bool worker_change(struct worker *worker, bool swapped, char problem[EXPERIMENT_PROBLEM]);

/* worker_replay.c */

/* Begin the one that was offered. The request's own experiment is what it ends with. */
void worker_begin_replay(struct worker *worker);

/* A run begins, or it went on with the request's experiment: for worker_log(). */
void worker_log_run(struct worker *worker);
void worker_log_change(struct worker *worker, bool swapped, const struct experiment *before);

/* Make the changes that are due before the next pass, and note whether it is there. */
void worker_advance_replay(struct worker *worker);

/* worker_load.c */

/* Take the newest request out of the mailbox, into incoming. */
void worker_fetch(struct worker *worker);

/*
 * Load the wanted data set into *loaded; the message says so meanwhile. false with the reason in
 * message; or unmet, because the next request, incoming, wants another run, or the worker ends.
 */
bool worker_load(struct worker *worker, const struct dataset_settings *wanted,
                 struct dataset *loaded);

/* worker_thread.c */

/* Sleep until a request, a stop, or for so many seconds; 0: until one of the former. */
void worker_sleep(struct worker *worker, double seconds);

/* A worker without a thread yet, and its thread; NULL and false with a sentence in problem. */
struct worker *worker_create(const struct request *first, size_t history_budget,
                             void (*nudge)(void *context), void *context, char *problem);
bool worker_launch(struct worker *worker, void *(*body)(void *worker), char *problem);
void worker_free(struct worker *worker); // that has no thread

/* worker_watch.c */

/* Held-out accuracy, when its share of the time allows; the first picture comes first. */
void watch_evaluate(struct worker *worker);

/*
 * A first picture before the first pass, where that takes long: of fewer examples. The pass itself
 * is shown, too, when it is made.
 */
void watch_peek(struct worker *worker);

/* Must this pass be measured for the film? What comes before training is not in it. */
bool watch_owes_film(const struct worker *worker);

/*
 * Is this pass to be shown? Always when nothing follows; else if the screen waits for it, and it is
 * measured anyway or measuring has not cost more than its share.
 */
bool watch_wants(struct worker *worker, double now, bool trains);

/* Measure the pass, for the film and, where shows is set, for the screen. */
void watch_capture(struct worker *worker, double now, bool trains, bool shows);

/* Go on with what gives the screen a detail that it misses of a past step. False: it misses none
 * that can be had. */
bool watch_again(struct worker *worker);

/* Nothing follows, so there is time to look at more of the data; once, and only while undisturbed.
 */
void watch_closely(struct worker *worker);

#endif
