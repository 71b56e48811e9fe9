/* table.h - a snapshot as an aligned table of text, one row per layer: `layerscope run --print`. */
#ifndef APP_TABLE_H
#define APP_TABLE_H

#include <stdio.h>

#include "measure/snapshot.h"

void table_print(FILE *out, const struct snapshot *snapshot);

#endif
