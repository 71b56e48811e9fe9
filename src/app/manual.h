/* manual.h - the manual page layerscope(1), in the man macros of troff, from the tables. */
#ifndef APP_MANUAL_H
#define APP_MANUAL_H

#include <stdio.h>

void manual_print(FILE *out);

#endif
