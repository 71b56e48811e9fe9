/*
 * connection.h - how hidden layers are joined: the tables of connections and of branch scales.
 *
 * Hidden layers have 0-based indexes 0..L-1 here. The first one fits the data to the width and is
 * in no block. In a residual network the others form blocks of `span` layers:
 *
 *     span 1:  h = x + s phi(W x + b)
 *     span 2:  h = x + s (W_2 phi(W_1 x + b_1) + b_2)
 *
 * so the second layer of a block has no activation of its own; layers left over at the end are
 * plain. s is the branch scale. Threads: pure functions.
 */
#ifndef ENGINE_CONNECTION_H
#define ENGINE_CONNECTION_H

#include <stdbool.h>

enum connection {
    CONNECTION_PLAIN,
    CONNECTION_RESIDUAL,
    CONNECTION_SPLIT,
    CONNECTION_RECURRENT,
    CONNECTION_COUNT
};

enum branch { BRANCH_ONE, BRANCH_DEPTH, BRANCH_REZERO, BRANCH_FIXUP, BRANCH_COUNT };

struct connection_row {
    const char *name;
    const char *label;
    const char *formula;
    const char *about;
    const char *source; // may be NULL
};

extern const struct connection_row connections[CONNECTION_COUNT];

struct branch_row {
    const char *name;
    const char *label;
    const char *formula;
    const char *about;
    const char *source; // may be NULL
    bool learned;       // s is a parameter of each block
    bool last_zero;     // the last weights of each branch start at zero
    double (*scale)(int blocks);
    double (*gain)(int blocks, int span); // of the branch's other first weights
};

extern const struct branch_row branches[BRANCH_COUNT];

struct connection_settings {
    enum connection which;
    int span;           // residual: layers of a block, 1 or 2
    enum branch branch; // residual
    int groups;         // split
};

/* Blocks of a residual network; 0 of others. */
int connection_blocks(const struct connection_settings *settings, int layers);

/* The block, from 1, that layer `index` is in; 0: none. *last: is it the block's last layer? */
int connection_block(const struct connection_settings *settings, int layers, int index, bool *last);

#endif
