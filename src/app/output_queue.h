/*
 * output_queue.h - captured steps on their way into files, while training goes on.
 *
 * A few places in a ring, and a thread that writes what is put there, in its order. Who has another
 * step while all places are taken waits for one, so training is never far ahead of its files.
 *
 * Memory: steps are exchanged, not copied; all of them are there from the start. Threads: one puts
 * steps in; `write` is called on the queue's own, which flushes denormals as that one does: both
 * would write the same bytes.
 */
#ifndef APP_OUTPUT_QUEUE_H
#define APP_OUTPUT_QUEUE_H

#include "lab/experiment.h"
#include "measure/signs.h"
#include "measure/snapshot.h"

/* What is written of a step once training has gone on. On the heap. */
struct output_step {
    struct snapshot snapshot;
    struct signs signs; // where an output wants them
    const struct experiment *experiment;
    const char *case_name; // NULL: there is but one experiment
};

struct output_queue;

typedef void output_step_write(void *context, struct output_step *step);

/* NULL where there is no second core, no memory or no thread to be had: then write at once. */
struct output_queue *output_queue_start(output_step_write *write, void *context);

/* Put step in and return another one, of whatever content, that takes its place. */
struct output_step *output_queue_exchange(struct output_queue *queue, struct output_step *step);

/* The second core is about to be idle: a good time to write what is there. Accepts NULL, as the next
 * ones. */
void output_queue_go(struct output_queue *queue);

/* Until all that was put in is written. */
void output_queue_settle(struct output_queue *queue);

/* The same, and then the end of the thread. */
void output_queue_end(struct output_queue *queue);

#endif
