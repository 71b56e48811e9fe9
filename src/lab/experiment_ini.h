/*
 * experiment_ini.h - experiments as INI files.
 *
 *     layers = 10          the keys before any section, or in [a]: shared settings and A's
 *     [b]                  B's, which is a copy of A otherwise
 *     [preset]             title; about, which may be repeated; steps or epochs that a run without
 *                          a window trains; key 1..9, which with Ctrl opens it in the window
 *     [change N]           N = 1, 2, ...: what is changed while it trains, with the weights kept:
 *                          step, the updates before it, then settings, B's in [change N b];
 *                          "swap = yes" lets A and B change places with all they have learned
 *     [case NAME]          instead of these: a file may hold several experiments, each the keys
 *                          above with some of its own over them
 *
 * A path names the file. Where text is given, that is read instead, and path says whence it came.
 *
 * Memory: none is kept. Threads: any.
 */
#ifndef LAB_EXPERIMENT_INI_H
#define LAB_EXPERIMENT_INI_H

#include "lab/replay.h"

enum { EXPERIMENT_CASES = 16, EXPERIMENT_CASE = 32, EXPERIMENT_TITLE = 80, EXPERIMENT_ABOUT = 640 };

/* What a file says beside its settings. */
struct experiment_notes {
    char title[EXPERIMENT_TITLE]; // empty: none
    char about[EXPERIMENT_ABOUT];
    int64_t steps; // -1: not said
    double epochs; // below 0: not said
    int key;       // 0: none
    int cases;     // 0: the file is one experiment
    char case_name[EXPERIMENT_CASES][EXPERIMENT_CASE];
};

/* false with a sentence in problem (EXPERIMENT_PROBLEM bytes) naming file and line. */
bool experiment_read_notes(struct experiment_notes *notes, const char *path, char *problem);

/*
 * Read the keys of one run over the present values: for run 0 shared settings and A's, for run 1
 * B's. text may be NULL. *found says whether there were any. false as above; experiment is then
 * unchanged.
 */
bool experiment_read_ini(struct experiment *experiment, const char *path, const char *text, int run,
                         bool *found, char *problem);

/*
 * Read the changes into a replay that has none yet; text may be NULL. false as above; replay is
 * then worth nothing.
 */
bool experiment_read_changes(struct replay *replay, const char *path, const char *text,
                             char *problem);

/* Read the keys of a case over the present values. false as above. */
bool experiment_read_case(struct experiment *experiment, const char *path, const char *name,
                          char *problem);

/* The experiment as INI text, cut where buffer ends. Returns the length of what is there. */
int experiment_print_ini(const struct experiment *experiment, char *buffer, size_t size);

#endif
