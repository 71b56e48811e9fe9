/*
 * split.h - which examples of a source without parts are held out.
 *
 * A permutation drawn from the seed gives every example a place; the first share of the places is
 * held out, the others are to train on in their order, so that the first training examples are a
 * random sample, too. A function of (seed, count) alone, but for where the line is drawn.
 */
#ifndef DATA_SPLIT_H
#define DATA_SPLIT_H

#include <stdbool.h>
#include <stdint.h>

#include "data/dataset.h"

/*
 * The examples and test_examples of a shape, of count in all: the share that is held out, rounded,
 * but never all; settings->examples limits the others.
 */
void split_shape(const struct dataset_settings *settings, int64_t count,
                 struct dataset_shape *shape);

struct split {
    int64_t held_out, train;
    uint32_t *place; // (count); owned
};

/* NULL place with a sentence in problem if memory runs out or count is too large. */
bool split_init(struct split *split, const struct dataset_settings *settings, int64_t count,
                char *problem);
void split_finish(struct split *split); // accepts a zeroed one

/* Row of the data, held-out ones first, of example i; -1: it is not used. */
static inline int64_t split_row(const struct split *split, int64_t i) {
    int64_t place = split->place[i];
    return place < split->held_out + split->train ? place : -1;
}

#endif
