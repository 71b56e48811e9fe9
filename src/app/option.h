/*
 * option.h - the options of the command line that are no settings of the experiment, as one table.
 *
 * Parsing, --help and `layerscope list options` loop over it.
 */
#ifndef APP_OPTION_H
#define APP_OPTION_H

#include "app/options.h"

enum option_type {
    OPTION_FLAG,
    OPTION_STRING,
    OPTION_COUNT,
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

#endif
