/* chart.h - a small plot of the sidebar: ground, ticks at the left, steps below. */
#ifndef VIEW_CHART_H
#define VIEW_CHART_H

#include "view/axis.h"
#include "view/panel.h"

enum { CHART_GUTTER = 44 };

/* Draw the ground with the axis's ticks; returns the plot's rectangle. */
struct rect chart_ground(const struct frame *frame, const struct axis *axis, struct rect area);

#endif
