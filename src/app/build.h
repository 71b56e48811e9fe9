/*
 * build.h - from the words of a command line to its experiments.
 *
 * The file or preset first, then the case, then A's options over them, then B as a copy of A in
 * which the file's [b] and --b differ.
 */
#ifndef APP_BUILD_H
#define APP_BUILD_H

#include "app/options.h"

enum { GIVEN_B = 64, GIVEN_SETTINGS = 128 };

/* What was given of the experiment, as text; borrowed. */
struct given {
    const char *file;       // NULL: none
    const char *b[GIVEN_B]; // KEY=VALUE
    int b_count;
    const char *values[GIVEN_SETTINGS]; // A's settings by row of their table; NULL: not given
};

/*
 * Fill options->experiment, ->notes and ->case_of; ->mode, ->preset, ->only_case, ->load, ->png and
 * ->npz are there. false with a sentence in problem (OPTIONS_PROBLEM bytes).
 */
bool build_experiment(struct options *options, const struct given *given, char *problem);

#endif
