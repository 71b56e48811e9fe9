/*
 * model.h - everything that training has made of the networks of a run, as named arrays.
 *
 * That is what a file of weights holds: one array for W, b and all else that is learned, for the
 * running averages of batch normalisation and for what the optimiser keeps, under the names that
 * NumPy archives have for them (docs/formats.md). The arrays of B begin with "b_", those of member
 * m of an ensemble with "m<m>_". Counts say where in training that is: step, seen, the epoch and
 * position of the next batch, and for each network "begun", see struct optimiser_settings.
 *
 * Threads: the run's.
 */
#ifndef LAB_MODEL_H
#define LAB_MODEL_H

#include "lab/run.h"

enum { MODEL_NAME = 40, MODEL_RANK = 3, MODEL_PIECES = 6 };

/* Bytes that are enough for the experiment as text, which such a file has, too. */
enum { MODEL_TEXT = 1 << 16 };

/* Something that a layer may have: its shape is that of its value, its gradient and its states. */
struct model_piece {
    const char *name;
    const struct parameters *parameters; // n is 0 where the layer has none of its own
    int rank, size[MODEL_RANK];
    bool learned;
};

/* What a layer has, in the order of a file: W, b, gamma, beta, slope, scale. The parameters are the
 * layer's own. */
void model_pieces(const struct layer *layer, struct model_piece pieces[MODEL_PIECES]);

struct model_array {
    const char *name;
    real *values;
    int rank, size[MODEL_RANK];
    bool state; // the optimiser's
};

struct model_count {
    const char *name;
    int64_t value;
    int64_t *begun; // where that is kept; NULL: the count is of the run
};

/*
 * Every array and every count of a run in a fixed order, as they were before a pass that no update
 * has followed. Ends, false, as soon as array() or count() says false. What is handed to them is
 * there only while they are called, but for the values.
 */
struct model_visitor {
    void *context;
    bool (*array)(void *context, const struct model_array *array);
    bool (*count)(void *context, const struct model_count *count);
};
bool model_visit(struct run *run, const struct model_visitor *visitor);

#endif
