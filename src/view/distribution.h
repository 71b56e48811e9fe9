/*
 * distribution.h - one row of distributions over the layer axis, whatever is distributed.
 *
 * Two runs are drawn back to back, or above each other when there is only one heat-map column per
 * layer. Below and above the plot stand strips for what no bar shows: exact zeros, underflow, NaN,
 * infinities and values beyond the axis, each with its share of n.
 */
#ifndef VIEW_DISTRIBUTION_H
#define VIEW_DISTRIBUTION_H

#include "view/panel.h"
#include "view/spread.h"

struct distribution {
    enum range_row range; // which strips are held open
    struct axis axis;
    spread_function *spread;
    struct rect plot[SNAPSHOT_RUNS];        // of each run; the same for both when back to back
    bool strip[SNAPSHOT_RUNS][APART_COUNT]; // which strips stand at that plot
    bool written;                           // shares are written into the strips
    float strip_height;
    uint64_t n[SNAPSHOT_RUNS][SNAPSHOT_LAYERS];
    uint64_t apart[SNAPSHOT_RUNS][SNAPSHOT_LAYERS][APART_COUNT];
};

/* Zero the rest of *row and count what lies apart on its axis. */
void distribution_init(const struct frame *frame, struct distribution *row, enum range_row range,
                       struct axis axis, spread_function *spread);

/* Place plots and strips; leaves room for the layer numbers. */
void distribution_layout(const struct frame *frame, struct distribution *row, struct rect area);

/* Ground, grid, labels, bars and strips; lines over them are the caller's. */
void distribution_draw(const struct frame *frame, const struct distribution *row, struct rect area);

/* What lies exactly under the pointer, as a line over the plot and in words. */
void distribution_draw_pointer(const struct frame *frame, const struct distribution *row);

/* Width of the narrowest bar at the plot of a run, in axis coordinates. */
double distribution_least(const struct frame *frame, const struct distribution *row, int run);

/* The runs share one plot, except as heat maps. */
bool distribution_stacked(const struct frame *frame);

/* distribution_strips.c: what is left of half for the plot of a run; its strips, drawn around it */
struct rect distribution_without_strips(const struct distribution *row, struct rect half, int run);
/* Which strip of a run lies at y; APART_COUNT: none. */
enum apart distribution_strip_at(const struct distribution *row, int run, float y);
void distribution_strip_label(const struct distribution *row, enum apart apart, char *text,
                              size_t size);
void distribution_draw_strips(const struct frame *frame, const struct distribution *row, int run);

/* Did somebody else log it for any layer? Of our own training it is always there. */
bool distribution_is_there(const struct frame *frame, const struct distribution *row);

/* "n = 12,800 per layer", or the range when layers differ; "not logged" where it is not there. */
void distribution_count(const struct frame *frame, const struct distribution *row, char *text,
                        size_t size);

#endif
