/* output_tensorboard.c - the run as event files. */
#include "app/output_rows.h"
#include "export/tensorboard.h"

bool output_tensorboard_open(void **state, const struct options *options, const char *path,
                             char *problem) {
    *state = tensorboard_create(path, options->experiment.compare ? 2 : 1, problem);
    return *state != NULL;
}

bool output_tensorboard_add(void *state, const char *path, const struct output_source *source,
                            char *problem) {
    (void)path;
    return tensorboard_add(state, source->snapshot, source->signs, problem);
}

bool output_tensorboard_close(void *state, const char *path, bool complete, char *problem) {
    (void)path;
    return tensorboard_close(state, complete ? problem : NULL) || !complete;
}
