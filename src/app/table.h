/* table.h - snapshots as aligned tables of text, one row per layer: `layerscope run --print`. */
#ifndef APP_TABLE_H
#define APP_TABLE_H

#include <stdio.h>

#include "export/json_file.h"
#include "measure/snapshot.h"

void table_print(FILE *out, const struct snapshot *snapshot);

/* Several experiments beside each other: how each ended, then mean and sd of h by layer. */
void table_print_cases(FILE *out, const struct experiment_notes *notes,
                       const struct json_case *cases, int count);

#endif
