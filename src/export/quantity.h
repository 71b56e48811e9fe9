/*
 * quantity.h - every number of a snapshot that goes into files, by name, as one table.
 *
 * JSON, CSV and NPZ loop over it, and so does docs/formats.md. A name is a path: h.mean is the
 * member mean of the member h of a layer in JSON, and the word h.mean in CSV and NPZ. What is not
 * known, as a held-out loss without a held-out part, is not told: null in JSON, no row in CSV, NaN
 * in NPZ. Of somebody else's training that is all that was not logged.
 *
 * Memory: plain reading of a snapshot. Threads: pure functions.
 */
#ifndef EXPORT_QUANTITY_H
#define EXPORT_QUANTITY_H

#include "measure/snapshot.h"

/* What it is said of. */
enum quantity_scope {
    QUANTITY_OF_STEP,   // both runs together
    QUANTITY_OF_RUN,    // A or B
    QUANTITY_OF_HIDDEN, // hidden layers 1..L
    QUANTITY_OF_LAYER,  // those and the output, which is layer L + 1
    QUANTITY_SCOPES
};

enum quantity_kind {
    QUANTITY_REAL,      // double at `offset`
    QUANTITY_COUNT,     // uint64_t at `offset`
    QUANTITY_WHOLE,     // int at `offset`
    QUANTITY_STEPS,     // int64_t at `offset`
    QUANTITY_SHARE,     // uint64_t at `offset` of the uint64_t at `whole`
    QUANTITY_BY_LAYER,  // double[] of hidden layers at `offset` in the run
    QUANTITY_DEAD,      // dead units of all units
    QUANTITY_PRODUCT,   // of the factors at `offset`
    QUANTITY_HISTOGRAM, // struct histogram at `offset`
    QUANTITY_LOG_HISTOGRAM
};

struct quantity {
    const char *name;
    enum quantity_scope scope;
    enum quantity_kind kind;
    size_t offset, whole; // in the snapshot, the run or the layer, as scope says
    bool (*known)(const struct run_snapshot *run, const struct layer_stats *layer); // NULL: always
    const char *unit;
    const char *about;
};

extern const struct quantity quantities[];
extern const int quantity_count;

/* Where a number is looked up; layer counts from 1, L + 1 is the output, 0: none is meant. */
struct quantity_place {
    const struct snapshot *snapshot;
    const struct run_snapshot *run;
    int layer;
};

/* Does the quantity exist there? */
bool quantity_known(const struct quantity *quantity, const struct quantity_place *place);

/* A number that is known there; of no histogram. */
double quantity_value(const struct quantity *quantity, const struct quantity_place *place);

/* Is it one of the two kinds of histogram? */
bool quantity_is_histogram(const struct quantity *quantity);

/* The histogram, of a quantity of that kind. */
const struct histogram *quantity_histogram(const struct quantity *quantity,
                                           const struct quantity_place *place);
const struct log_histogram *quantity_log_histogram(const struct quantity *quantity,
                                                   const struct quantity_place *place);

/*
 * What is counted apart from the bins of a histogram. All but underflow, which is part of zero,
 * and the bins add up to n.
 */
struct quantity_special {
    const char *name;
    enum quantity_kind kind; // of histogram
    size_t offset;           // of an uint64_t in it
    const char *about;
    bool logged; // of somebody else's training alone
};
extern const struct quantity_special quantity_specials[];
extern const int quantity_special_count;

/* Is it counted in histograms of that kind? */
bool quantity_special_fits(const struct quantity_special *special, enum quantity_kind kind,
                           bool watched);

/* The count in a histogram of its kind. */
uint64_t quantity_special(const struct quantity_special *special, const void *histogram);

/* Lower edge of a bin of a logarithmic histogram, sqrt 2 correctly rounded; bin may be
 * LOG_HISTOGRAM_BINS for the upper end. */
double quantity_log_edge(int bin);

/* "A", "B" */
extern const char *const quantity_run_names[SNAPSHOT_RUNS];

#endif
