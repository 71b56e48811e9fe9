/*
 * follow_parts.h - the inside of follow.c, for its own files: follow_scan.c finds the files,
 * follow_value.c knows which values count, and follow_layer.c makes of a histogram what a snapshot
 * says.
 */
#ifndef LAB_FOLLOW_PARTS_H
#define LAB_FOLLOW_PARTS_H

#include "data/event_reader.h"
#include "lab/follow.h"

enum { FOLLOW_BARRED = 256, FOLLOW_NAME = 64, FOLLOW_FILES = 128, FOLLOW_CACHE = 512 };
enum { FOLLOW_NOT_ASKED = -2, FOLLOW_NO_LAYER, FOLLOW_OUTPUT = SNAPSHOT_LAYERS };

/* What a tag was found to stand for. */
struct follow_tag {
    char tag[EVENT_TAG];
    enum follow_kind scalar, histogram; // where it is one
    char name[SNAPSHOT_NAME];           // of the layer
    int layer;                          // of follow_run.layer, or one of the above
};

/* One file, of which a record may be read and not yet taken. */
struct follow_file {
    struct event_reader reader;
    bool waits, wanted; // it is there, and has values that count
    bool held_out;      // all in it is of the held-out part
};

struct follow_run {
    char name[FOLLOW_NAME]; // shown
    char folder[EVENT_PATH];
    struct follow_file *file[FOLLOW_FILES];
    int files;
    struct follow_layer {
        char name[SNAPSHOT_NAME];
        int forward; // which of those that came with what goes forward, or W; 0: none
        int place;   // in the snapshot, from 0
    } layer[SNAPSHOT_LAYERS];
    int layers, forward;
    int left_out;         // layers there was no room for
    int64_t step;         // newest; -1: none yet
    int64_t late;         // events of earlier steps
    bool epochs, batches; // are numbered, by Keras
    struct follow_tag cache[FOLLOW_CACHE];
};

struct follow {
    char folder[EVENT_PATH];
    bool single; // it is a file
    char wanted[SNAPSHOT_RUNS][FOLLOW_NAME];
    int wants; // runs that were named
    struct follow_patterns patterns;
    struct history *history;
    struct film *film;
    struct follow_run run[SNAPSHOT_RUNS];
    int runs;
    int runs_there;   // in the folder
    double next_scan; // seconds of clock_seconds()
    int64_t step;     // of the snapshot; -1: none yet
    int64_t settled;  // newest step that is in the history; -1: none
    bool new_layers;  // the snapshot has no place for all layers
    bool fresh;       // histograms came since the film's newest picture
    int64_t records;
    bool starved;                   // memory ran out for finding the files
    char barred[FOLLOW_BARRED];     // of the folders that cannot be read the first, and why
    int bars;                       // how many those are
    bool behind;                    // a run told of a step that was settled without it
    bool again;                     // all is being read once more
    double begun_again, next_again; // seconds of clock_seconds()
    double rate_time;               // wall time and step from which the rate is counted
    int64_t rate_step;
    follow_each *each; // NULL: nobody asks
    void *context;
    struct snapshot snapshot;
    struct history_record record;
};

/* follow_scan.c */

/* Find the runs and their files; those that are new are opened. true: there are other runs than
 * before, and all begins anew. */
bool scan_files(struct follow *follow);
void scan_forget(struct follow_run *run);

/* "there is no run 'x' in DIR; there are: a, b" for named ones; false then. */
bool scan_finds_wanted(struct follow *follow, char *problem);

/* follow_value.c */

/* Does the record that was read last tell of something? */
bool value_wants(struct follow *follow, struct follow_run *run, const struct event_reader *reader);

/* Take the values of the record that waits. */
void value_take_all(struct follow *follow, int r, struct follow_file *file);

/* follow_layer.c */

/* Nothing is known of a run. */
void layer_forget_run(struct run_snapshot *shown);

/* A histogram of that kind, of a layer; says whether all of it was finite. */
bool layer_take(struct layer_stats *stats, enum follow_kind kind,
                const struct event_histogram *histogram, bool *estimated);

#endif
