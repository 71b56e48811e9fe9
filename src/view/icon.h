/*
 * icon.h - the program's icon: a row of layers, in each what a healthy network and one that loses
 * its signal do, back to back. A, on the left, stays as wide as it was; B collapses with depth.
 *
 * Drawn for its size, not scaled: edges lie on whole pixels, and small icons have fewer bins.
 */
#ifndef VIEW_ICON_H
#define VIEW_ICON_H

#include "draw/display_list.h"

/* Append it in a square of side points at the origin, whose corners stay as they are. */
void icon_draw(struct display_list *list, int side);

#endif
