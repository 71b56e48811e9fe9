/*
 * setting.h - the table of settings: all that an experiment says, by name and as text.
 *
 * The table is the only list: options, INI keys, JSON, menus and the checks of input all loop over
 * it. A row is looked up by its name; run is 0 for A or for what both share, 1 for B. What makes no
 * sense only together with other settings is checked by experiment_fits(), not here.
 *
 * Memory: plain data. Threads: pure functions.
 */
#ifndef LAB_SETTING_H
#define LAB_SETTING_H

#include "lab/experiment.h"

enum setting_type {
    SETTING_INT,
    SETTING_INT64,
    SETTING_UINT64,
    SETTING_DOUBLE,
    SETTING_NAME,
    SETTING_PATH,  // char[DATASET_PATH]
    SETTING_COLUMN // char[DATASET_PATH], names or numbers of columns
};

enum { SETTING_TEXT = DATASET_PATH + 8 }; // holds what setting_print() writes

/* Under which heading a menu shows it. */
enum setting_group {
    SETTING_GROUP_NETWORK,
    SETTING_GROUP_TRAINING,
    SETTING_GROUP_NOISE,
    SETTING_GROUP_DATA,
    SETTING_GROUP_COUNT
};
extern const char *const setting_group_names[SETTING_GROUP_COUNT];

/* What a table says of one of its rows; all but the label may be NULL. */
struct setting_choice {
    const char *label; // on screen
    const char *formula;
    const char *about;
    const char *source;
};

struct setting {
    const char *name; // INI and JSON key; the option is --name with dashes
    enum setting_group group;
    enum setting_type type;
    size_t offset; // in struct network_settings if per_run, else in struct experiment
    bool per_run;
    bool speaks; // SETTING_NAME: each value's label says of what it is
    bool live;   // may change while it trains: the weights keep their shapes and their meaning
    struct setting_need {
        const char *of;   // another setting without which it has no effect, by name; NULL: none
        uint64_t options; // of that one with which it has, a bit each
    } need;
    double low, high; // numbers: the accepted range, both ends included unless open_high
    bool open_high;
    const char *(*option)(int index); // SETTING_NAME: the accepted names, 0..option_count - 1
    int option_count;
    struct setting_choice (*describe)(int index); // SETTING_NAME: of each of them; may be NULL
    const double *rungs; // numbers: what setting_step() climbs, rising; NULL: what suits the range
    int rung_count;
    const char *about;
};

/* Is it text, and no name of a table? */
static inline bool setting_is_text(const struct setting *setting) {
    return setting->type == SETTING_PATH || setting->type == SETTING_COLUMN;
}

/* The table; its length in *count. */
const struct setting *settings_table(int *count);

/* The row of that name ('-' and '_' alike), or NULL. */
const struct setting *setting_find(const char *name);

/* Of a name that has no row, behind what buffer holds: "there is no setting 'batsh'; did you mean
 * 'batch'?" */
void setting_say_unknown(const char *name, char *buffer, size_t size);

/*
 * Set run (0 = A, 1 = B) from text. Returns false with one sentence in problem
 * (EXPERIMENT_PROBLEM bytes) that says what was given and what is accepted; nothing is changed
 * then.
 */
bool setting_parse(struct experiment *experiment, int run, const struct setting *setting,
                   const char *text, char *problem);

/* The value as text that setting_parse() reads back to the same value. */
void setting_print(const struct experiment *experiment, int run, const struct setting *setting,
                   char *buffer, size_t size);

/*
 * Has it no effect on run as the other settings are? Then a reason (EXPERIMENT_PROBLEM bytes), as
 * in "only with optimizer = adam, adamw".
 */
bool setting_is_idle(const struct experiment *experiment, int run, const struct setting *setting,
                     char *reason);

/* Set run to the default. */
void setting_reset(struct experiment *experiment, int run, const struct setting *setting);

/* Have both the same value for run? */
bool setting_equal(const struct experiment *a, const struct experiment *b, int run,
                   const struct setting *setting);

/* Is the value of run another one than the default? */
bool setting_changed(const struct experiment *experiment, int run, const struct setting *setting);

/* What a number or text accepts, as in "a number from 0 to below 1"; "" for names. */
void setting_accepts(const struct setting *setting, char *buffer, size_t size);

/* Which of its options run has; -1 for what is no SETTING_NAME. */
int setting_option(const struct experiment *experiment, int run, const struct setting *setting);

/*
 * What stands behind an option of it, or behind the setting itself if it is one of the
 * regularisers; the label is NULL where there is nothing to say.
 */
struct setting_choice setting_describe(const struct setting *setting, int option);

/*
 * Set run to the next value (direction 1) or the one before (-1): names and seeds go round, numbers
 * climb their rungs. false, nothing changed, at the end of a ladder and for text.
 */
bool setting_step(struct experiment *experiment, int run, const struct setting *setting,
                  int direction);

#endif
