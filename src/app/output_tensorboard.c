/* output_tensorboard.c - the run as event files. */
#include <stdlib.h>

#include "app/output_rows.h"
#include "base/file.h"
#include "base/text.h"

struct board {
    struct tensorboard *files;
    struct tensorboard_look look; // at a step that is written at once
};

bool output_tensorboard_open(void **state, const struct options *options, const char *path,
                             char *problem) {
    struct board *board = calloc(1, sizeof *board);
    *state = board;
    if (!board) {
        text_set(problem, FILE_PROBLEM_MAX, "Memory ran out.");
        return false;
    }
    board->files = tensorboard_create(path, options->experiment.compare ? 2 : 1, problem);
    if (!board->files) {
        free(board);
        return false;
    }
    return true;
}

void output_tensorboard_look(const struct output_source *source, struct tensorboard_look *look) {
    tensorboard_look(look, source->run, source->snapshot);
}

bool output_tensorboard_add(void *state, const char *path, const struct output_source *source,
                            char *problem) {
    (void)path;
    struct board *board = state;
    if (!source->look) {
        tensorboard_look(&board->look, source->run, source->snapshot);
    }
    return tensorboard_add(board->files, source->snapshot,
                           source->look ? source->look : &board->look, problem);
}

bool output_tensorboard_close(void *state, const char *path, bool complete, char *problem) {
    (void)path;
    struct board *board = state;
    bool closed = tensorboard_close(board->files, complete ? problem : NULL) || !complete;
    free(board);
    return closed;
}
