/*
 * option.h - the words of the command line: its commands, as one table, and its options that are no
 * settings of the experiment, as another.
 *
 * Parsing loops over them. What is told of them, as --help, `layerscope list options`, the manual
 * page and the completion of shells, loops over the rows of settings and options together.
 */
#ifndef APP_OPTION_H
#define APP_OPTION_H

#include "app/options.h"

enum option_type {
    OPTION_FLAG,
    OPTION_STRING,
    OPTION_FILE,
    OPTION_FOLDER,
    OPTION_PRESET,
    OPTION_STEPS, // a number of them
    OPTION_EPOCHS,
    OPTION_SCALE,
    OPTION_SIZE,
    OPTION_THEME,
    OPTION_VIEW,
    OPTION_PANEL,
    OPTION_PATTERN,
    OPTION_B
};

#define IN_WINDOW (1 << MODE_WINDOW)
#define IN_RUN (1 << MODE_RUN)
#define IN_WATCH (1 << MODE_WATCH)
#define IN_LIST (1 << MODE_LIST)
#define OPTION_SETTINGS (IN_WINDOW | IN_RUN) // settings are of what trains here

struct option {
    const char *name;
    enum option_type type;
    size_t offset; // in struct options
    int modes;
    const char *argument;
    const char *about;
};

extern const struct option option_table[];
extern const int option_count;

/* NULL: there is none of that name. */
const struct option *option_find(const char *name);

/* How a name of the table or of a setting is spelled: two dashes, dashes for underscores. */
void option_spell(char *buffer, size_t size, const char *name);

enum { OPTION_NAMES = 64 };

/* The names that the value of an option is one of. Returns how many: 0 if it is none of a table. */
int option_names(const struct option *option, const char *names[OPTION_NAMES]);

/* A setting or another option, one of the pointers being NULL. */
struct option_row {
    const struct setting *setting;
    const struct option *option;
    char spelled[64];     // --learning-rate
    const char *argument; // what its value is called; NULL: it takes none
    int modes;
};

enum { OPTION_ROWS = 192 };

/* All of them, the settings first. Returns how many. */
int option_rows(struct option_row rows[OPTION_ROWS]);

/* The same of both kinds. */
int option_row_names(const struct option_row *row, const char *names[OPTION_NAMES]);

/* What it means, of a setting with its default, and the names it accepts. */
void option_row_about(const struct option_row *row, char *buffer, size_t size);

/* What goes first on the command line, or nothing. */
struct subcommand {
    const char *word; // "" for the window
    enum mode mode;
    const char *takes; // after the word
    const char *about;
};

extern const struct subcommand subcommands[];
extern const int subcommand_count;

/* What FILE may be. */
extern const char option_file_about[];

#endif
