/*
 * outputs.h - what `layerscope run` writes, and `layerscope watch` where there is no window, as one
 * table. Which of them that one writes, the options' own table says.
 *
 * A row is an option (option.h) and up to three functions. outputs_open() comes before the training
 * and refuses what cannot be written; outputs_add() is called with every step that is captured,
 * which is the pass measured at the end and with --every K also steps 0, K, 2 K, ... before it;
 * outputs_close() comes once, after the runs of all cases.
 *
 * No file stands under its final name before it is whole (base/file.h). A folder is made where it
 * is absent; in it stand whole files, or files that others read while they grow, and what was
 * written stays when the run fails. Where one output fails the others go on.
 *
 * What --every captures is written by a thread of its own (output_queue.h) where an output needs no
 * more than the measured numbers; what fails there is known some steps later. The pass measured at
 * the end is written at once, when all before it is. Threads: the functions are one thread's.
 */
#ifndef APP_OUTPUTS_H
#define APP_OUTPUTS_H

#include <stdatomic.h>

#include "app/options.h"
#include "app/output_queue.h"
#include "app/picture.h"
#include "lab/run.h"

/* What there is to write of one captured step; borrowed. */
struct output_source {
    const struct options *options;
    const struct experiment *experiment;
    const char *case_name;       // NULL: there is but one experiment
    const struct replay *replay; // what has led here
    struct run *run; // after the pass that was captured, before its update; NULL: watched, or later
    struct snapshot *snapshot;
    const struct signs *signs; // NULL: watched
    bool last; // the pass measured at the end, where all is known: participation, held-out part
    struct history *history; // this and the next two are NULL unless an output has pictures
    struct film *film;
    struct picture *picture;
};

enum output_target { OUTPUT_STANDARD, OUTPUT_FILE, OUTPUT_FOLDER };

struct output {
    const char *option; // a path, but for OUTPUT_STANDARD a flag
    enum output_target target;
    bool every;    // takes what --every captures, not the last pass alone
    bool cases;    // can tell several experiments apart
    bool pictures; // needs what only pictures need
    bool signs;    // needs those
    bool later;    // of steps before the end, needs snapshot, signs, experiment and case_name alone

    /* Begin to write at path; *state is handed to the others. NULL: there is nothing to begin. */
    bool (*open)(void **state, const struct options *options, const char *path, char *problem);

    /* problem, here and above: FILE_PROBLEM_MAX bytes for the sentence if false is returned. */
    bool (*add)(void *state, const char *path, const struct output_source *source, char *problem);

    /* Free state. Unless complete, nothing new may be left. NULL: there is nothing to do. */
    bool (*close)(void *state, const char *path, bool complete, char *problem);
};

extern const struct output outputs[];
extern const int output_count;

/* Does the command line ask for it? Of nothing at all it asks for the printed table. */
bool output_asked(const struct output *output, const struct options *options);

enum { OUTPUTS_MOST = 16 };

/* Those that are being written. Zeroed: none. */
struct outputs {
    const struct options *options;
    struct output_queue *queue; // NULL: all is written at once
    void *state[OUTPUTS_MOST];
    atomic_bool open[OUTPUTS_MOST]; // and state is the queue's thread's, while it has steps
    atomic_bool failed;             // a sentence went to the log
};

/* What the options ask for is begun; false, nothing begun, where one of them cannot be. */
bool outputs_open(struct outputs *writing, const struct options *options);

/* Call it before a step is measured, which one core does: what waits is written meanwhile. */
void outputs_write_meanwhile(struct outputs *writing);

/* step: what was measured, which source points to. Another one may take its place, of whatever
 * content. */
void outputs_add(struct outputs *writing, const struct output_source *source,
                 struct output_step **step);

/* Has each of them failed, so that there is nothing left to run for? */
bool outputs_are_lost(const struct outputs *writing);

/* complete: the runs came to their end; else nothing is left behind. false where anything failed.
 */
bool outputs_close(struct outputs *writing, bool complete);

/* Is one of those that are asked for ... */
bool outputs_have_files(const struct options *options);
bool outputs_take_every(const struct options *options);
bool outputs_have_pictures(const struct options *options);
bool outputs_have_signs(const struct options *options);

/* The option of one that is asked for and cannot tell cases apart; NULL: all can. */
const char *outputs_of_one_case(const struct options *options);

#endif
