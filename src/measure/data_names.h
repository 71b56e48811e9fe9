/*
 * data_names.h - what the classes and the inputs of a data set are called.
 *
 * Plain data without pointers. Names are UTF-8 on one line each, cut where they are longer than
 * their room, with an ellipsis then. They belong to a run as a whole, not to a step of it.
 */
#ifndef MEASURE_DATA_NAMES_H
#define MEASURE_DATA_NAMES_H

enum {
    NAMES_CLASSES = 256, // as many as there can be
    NAMES_INPUTS = 64,   // of more the first ones
    NAMES_ROOM = 96
};

struct data_names {
    int classes; // all of the data set's; 0: they have numbers alone
    int inputs;  // so many of its first; 0: as classes
    char class_name[NAMES_CLASSES][NAMES_ROOM];
    char input_name[NAMES_INPUTS][NAMES_ROOM]; // empty: it has none
};

/* Take those names; class_names (classes) and input_names (inputs) may be NULL. */
void data_names_take(struct data_names *names, const char *const *class_names, int classes,
                     const char *const *input_names, int inputs);

/* Copy what is in use. */
void data_names_copy(struct data_names *to, const struct data_names *from);

#endif
