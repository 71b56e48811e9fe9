/*
 * data_look.h - look at a run's networks from the data: make a data_detail.h.
 *
 * Reads the run and changes nothing of it, whatever it is doing: the passes are those of viewers
 * (network.h). So a run gives the same bits however often it is looked at. Costs forward passes,
 * as many as the effort allows.
 *
 * Memory: made at the first look, freed by data_look_forget(). Threads: the run's.
 */
#ifndef LAB_DATA_LOOK_H
#define LAB_DATA_LOOK_H

#include "lab/run.h"
#include "measure/data_detail.h"

struct data_look {
    struct data_detail detail; // the newest; not made before the first
    struct data_detail next;   // under way
    struct arena arena;        // for the rest
    struct network viewer[SNAPSHOT_RUNS];
    real *inputs; // (DATA_LOOK_ROWS, d_0)
    uint8_t *labels;
    uint32_t *indices;
    real *hidden, *made; // of an RBM: (DATA_RECONSTRUCTIONS, H), (DATA_RECONSTRUCTIONS, V)
    real *column[2];     // DATA_FILTERS columns of W
    uint8_t *pixels;     // (most of d_0 and d_l)
    double low, high;    // of the training inputs
};

/* Examples of a pass. */
enum { DATA_LOOK_ROWS = 64 };

/* Whatever the effort, at least so many examples (all if fewer), and a plane of 32 x 32. */
enum { DATA_LOOK_LEAST = 256 };

/* Work of a look where others follow: a few milliseconds. */
enum { DATA_LOOK_WORK = 100000000 };

struct data_effort {
    double work; // multiply-adds of each network for examples, and as many for the plane
    bool (*enough)(void *context); // NULL: never; else asked between passes
    void *context;
};

/*
 * Make look->detail anew. Returns false, with the old one left, when enough() said true or memory
 * runs out. look is zeroed at first. data_look_forget() must come before a look at another run.
 */
bool data_look(struct data_look *look, const struct run *run, const struct data_effort *effort);

/* Free the memory, forget the detail; accepts a zeroed look. */
void data_look_forget(struct data_look *look);

#endif
