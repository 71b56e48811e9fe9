/*
 * time_axis.h - what all pictures over time share: which step stands where, and the time cursor.
 *
 * The history's steps run evenly over a plot's width. Dragging over a plot moves the cursor; where
 * the past is shown a line with its step stands in every plot.
 */
#ifndef VIEW_TIME_AXIS_H
#define VIEW_TIME_AXIS_H

#include "view/panel.h"

/* Is a past step shown instead of the newest? */
bool time_past(const struct frame *frame);

/* The runs that are drawn and that the history has. */
int time_runs(const struct frame *frame);

/* Before what is told of a run at a step: "A: " where two are drawn. */
const char *time_letter(const struct frame *frame, int run);

/* Where a column of the history stands. */
float time_column_x(const struct frame *frame, struct rect plot, int column);

/* The column of the history under the pointer, where it is over the plot; else -1. */
int time_hovered(const struct frame *frame, struct rect plot);

/*
 * What lies over a plot: the time cursor with its step, marks of what was changed meanwhile, a thin
 * line at the pointer, and the hit that drags the cursor.
 */
void time_axis_draw(const struct frame *frame, struct rect plot);

#endif
