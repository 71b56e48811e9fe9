#include "base/require.h"

#include <stdio.h>
#include <stdlib.h>

void require_failed(const char *claim, const char *file, int line) {
    fprintf(stderr, "layerscope: %s:%d: a programming error: not (%s)\n", file, line, claim);
    abort();
}
