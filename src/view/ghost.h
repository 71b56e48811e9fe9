/*
 * ghost.h - a pinned snapshot that stays drawn as an outline over what is shown.
 *
 * Nothing is drawn where there is no ghost, nor of layers that it has not. Values beyond the axis,
 * which is that of what is shown, are cut off.
 */
#ifndef VIEW_GHOST_H
#define VIEW_GHOST_H

#include "view/distribution.h"

/* Outlines of one run's histograms; of heat maps there are none. */
void ghost_draw_distribution(const struct frame *frame, const struct distribution *row, int run);

/* The outline of a bar of the gradient's RMS in its slot. */
void ghost_draw_bar(const struct frame *frame, const struct axis *axis, struct rect slot, int run,
                    int layer);

/* Where a label over the bar's top may stand and not on that outline: top, or higher. */
float ghost_clear_top(const struct frame *frame, const struct axis *axis, struct rect slot, int run,
                      int layer, float top);

/* The same of all layers as a dotted line through their columns. */
void ghost_draw_course(const struct frame *frame, const struct axis *axis, struct rect plot,
                       int run);

#endif
