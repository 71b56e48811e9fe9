/* rect.h - cutting rectangles into pieces: the whole of the layout arithmetic. */
#ifndef DRAW_RECT_H
#define DRAW_RECT_H

#include "draw/display_list.h"

/* Cut a strip off *rect and return it; what is left stays in *rect and is never negative. */
struct rect rect_cut_top(struct rect *rect, float height);
struct rect rect_cut_bottom(struct rect *rect, float height);
struct rect rect_cut_left(struct rect *rect, float width);
struct rect rect_cut_right(struct rect *rect, float width);

/* The same rectangle, smaller by dx at left and right and by dy at top and bottom. */
struct rect rect_inset(struct rect rect, float dx, float dy);

/* Column (row) number index of count equal ones. */
struct rect rect_column(struct rect rect, int index, int count);
struct rect rect_row(struct rect rect, int index, int count);

bool rect_contains(struct rect rect, float x, float y);

#endif
