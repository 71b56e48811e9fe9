/*
 * replay.h - what led to a state: the experiment a run began with, what was changed while it
 * trained, and how far it is. Doing it again gives the same state (run.h).
 *
 * Changes are kept one by one, also where several came between the same two updates: a change of
 * the optimiser and back again is not nothing, for its state is gone.
 *
 * Memory: plain data. Threads: the owner's.
 */
#ifndef LAB_REPLAY_H
#define LAB_REPLAY_H

#include "lab/setting.h"

enum { REPLAY_EDITS = 512, REPLAY_VALUE = 32, REPLAY_TEXT = 96 * 1024 };

struct replay {
    struct experiment first; // what the run began with
    int64_t step;            // where it is: updates made
    int64_t pretrained;      // updates of RBMs, if it is still being pre-trained; else 0
    int64_t ghost;           // step that is to be looked back at from there; below 0: none
    int changes;             // while it trained
    bool lost;               // there were more than there is room for
    int64_t lost_step;       // of the first of those
    int count;
    struct replay_edit {
        int change;                    // number of the change it is a part of, from 1; they rise
        int64_t step;                  // updates made before that; the same for all its parts
        int run;                       // 0: A or both, 1: B
        const struct setting *setting; // NULL: A and B change places
        char value[REPLAY_VALUE];
    } edit[REPLAY_EDITS];
};

/* A run begins. */
void replay_begin(struct replay *replay, const struct experiment *experiment);

/*
 * It went on at that step as another experiment says; with swapped A and B had changed places
 * first. Where there is no room, lost is set, and no further change is kept.
 */
void replay_note(struct replay *replay, int64_t step, bool swapped, const struct experiment *from,
                 const struct experiment *to);

/*
 * One more setting of the newest change, or (again = false) the first one of a new change; not the
 * settings that take new weights. Without a setting A and B change places. false, with a sentence
 * in problem (EXPERIMENT_PROBLEM bytes), if the value is not accepted or there is no room.
 */
bool replay_edit(struct replay *replay, bool again, int64_t step, int run,
                 const struct setting *setting, const char *value, char *problem);

/* Forget all changes but the first ones. */
void replay_cut(struct replay *replay, int changes);

/* What the first so many changes make of the experiment. */
void replay_experiment(const struct replay *replay, int changes, struct experiment *experiment);

/* Do A and B change places in it? */
bool replay_swaps(const struct replay *replay, int change);

/* Step of a change, from 1; INT64_MAX if there is none of that number. */
int64_t replay_step_of(const struct replay *replay, int change);

/*
 * Can each change be run on data of that shape and go on from the one before, as the first
 * experiment can be run? If not, a sentence (EXPERIMENT_PROBLEM bytes). Memory is no matter here.
 */
bool replay_is_possible(const struct replay *replay, const struct dataset_shape *shape,
                        char *problem);

/*
 * The experiment and the changes as INI text (experiment_ini.h). Returns its length; REPLAY_TEXT
 * bytes are enough.
 */
int replay_print_ini(const struct replay *replay, char *buffer, size_t size);

#endif
