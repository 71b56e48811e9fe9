/*
 * waterfall.h - one pass of one network as floating bars, from the size before each part to that
 * after it.
 *
 * The axis is log10 of the RMS relative to where the pass begins: to that of delta_{L+1} backwards,
 * to that of h_0 forwards (measure/factor.h). The parts of a layer stand side by side in the order
 * in which the pass meets them; a layer too narrow for that has one bar, in the colour of the part
 * that does most. Where the RMS is zero or no number, a bar runs off the axis and the pass goes on
 * where there are numbers again.
 */
#ifndef VIEW_WATERFALL_H
#define VIEW_WATERFALL_H

#include "view/axis.h"
#include "view/panel.h"

struct waterfall {
    const struct run_snapshot *run;
    enum direction direction;
    bool upright; // layers are columns from left to right; else rows, layer 1 at the bottom
    struct rect plot;
    struct axis axis; // log
};

/* Those that do something in this run, in the order of the pass; returns how many. */
int waterfall_parts(const struct run_snapshot *run, enum direction direction,
                    enum factor parts[FACTOR_COUNT]);

/* log10 of the RMS behind layer l, relative to where the pass begins; NaN if it is no number. */
double waterfall_level(const struct run_snapshot *run, enum direction direction, int l);

/* Widen low..high to what the bars span. */
void waterfall_range(const struct run_snapshot *run, enum direction direction, double *low,
                     double *high);

/* The part of the plot that belongs to a layer. */
struct rect waterfall_slot(const struct waterfall *fall, int layer);

/* Bars, and each one's factor beside it where `written` and there is room. */
void waterfall_draw(const struct frame *frame, const struct waterfall *fall, bool written);

#endif
