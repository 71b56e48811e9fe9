/* list.h - `layerscope list`: what exists by name, printed from the tables themselves. */
#ifndef APP_LIST_H
#define APP_LIST_H

#include <stdbool.h>
#include <stdio.h>

/*
 * Print a table, or with NULL all table names with their rows' names. False with one sentence in
 * problem (OPTIONS_PROBLEM bytes) for an unknown table.
 */
bool list_print(FILE *out, const char *table, bool markdown, char *problem);

enum { LIST_MOST = 32 };

/* The names of the tables. Returns how many. */
int list_names(const char *names[LIST_MOST]);

#endif
