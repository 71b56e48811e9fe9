/* plane.h - the parts of view 5: the plane of first weights, and what is read off it. */
#ifndef VIEW_PLANE_H
#define VIEW_PLANE_H

#include "view/panel.h"

/* The colours stand for depth scales of that many layers, evenly on a log axis. */
#define PLANE_XI_LOW 0.3
#define PLANE_XI_HIGH 300.0

/* Depth scales that a network may be deep and still train (Schoenholz et al. 2017, figure 5). */
#define PLANE_TRAINS_TO 6.0

/* Along places of equal depth scale. */
void plane_thin_line(const struct frame *frame, const struct point *points, int count);

/* 0 at the low end, 1 at the high one. */
float plane_colour_share(double xi);

/* Is the run's place known and within the plane? */
bool plane_holds(const struct view_plane *plane);

/*
 * The plane of one run's activation with its title. Both runs stand on it if they share it (the
 * same activation), else the given one alone.
 */
void panel_plane_draw(const struct frame *frame, struct rect area, int run);

/* Do both runs stand on one plane? */
bool planes_shared(const struct frame *frame);

/* Where the runs stand, in numbers and words, and what the colours mean. */
void panel_start_draw(const struct frame *frame, struct rect area);

#endif
