/*
 * options.h - the command line.
 *
 * Every setting of lab/experiment.h is an option (--learning-rate for learning_rate); what else
 * there is stands in the table of option.h. Help is printed from both.
 */
#ifndef APP_OPTIONS_H
#define APP_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "app/shot.h"
#include "lab/experiment_ini.h"
#include "lab/follow.h"
#include "view/view.h"

enum mode { MODE_WINDOW, MODE_RUN, MODE_WATCH, MODE_LIST, MODE_HELP, MODE_VERSION };

enum { OPTIONS_PROBLEM = EXPERIMENT_PROBLEM };

/* Of a window or picture of which no size is asked for, in points. */
enum { OPTIONS_WIDTH = 1440, OPTIONS_HEIGHT = 900 };

struct options {
    enum mode mode;
    struct experiment experiment;
    struct replay replay; // the changes of the file, the experiment being what it begins with
    struct shot shot;     // if the file is a picture
    struct experiment_notes notes; // of the file or preset
    int cases;                     // run: of notes, if one after the other; 0: just experiment
    struct experiment case_of[EXPERIMENT_CASES];
    const char *preset;    // name
    const char *only_case; // of the file or preset
    const char *table;     // list: what to list; NULL = the names of the tables
    bool markdown;         // list
    int64_t steps;         // run
    double epochs;         // run: where above 0, instead of steps
    int64_t every;         // run: steps between those that are captured; 0: the last one alone
    const char *load;      // weights to begin with; NULL: those of the initialiser
    struct follow_settings follow; // watch
    const char *csv, *png, *svg, *json, *npz, *tensorboard, *save, *code, *frames, *film;
    int panel;                   // of view_figures; below 0: the window
    const char *title, *caption; // of that; NULL: as the experiment says
    bool print;
    int width, height; // points; 0: not said
    double scale;      // device pixels per point; 0: as the screen
    int theme;         // below 0: not said
    int view;          // below 0: not said
    bool paused;
    bool remembers;          // window: how it stood the last time, where nothing else is asked for
    const char *screenshots; // folder; NULL: the pictures folder
};

/*
 * Fill options from the command line. Returns false with one sentence in problem (OPTIONS_PROBLEM
 * bytes) that names the option, what was given and what is accepted. Strings point into argv.
 */
bool options_parse(struct options *options, int argc, char **argv, char *problem);

/* The text of --help. */
void options_help(FILE *out);

/* All options as rows "option | argument | meaning" of a Markdown table or aligned columns. */
void options_list(FILE *out, bool markdown);

#endif
