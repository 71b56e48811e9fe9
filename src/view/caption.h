/*
 * caption.h - title and caption of a figure for a page, from the experiment or as the user says.
 */
#ifndef VIEW_CAPTION_H
#define VIEW_CAPTION_H

#include "view/panel.h"

enum { CAPTION_TITLE = 26, CAPTION_LINE = 20 }; // heights in points

/*
 * What the figure shows, and of which networks; what may be NULL. Of two runs marks say how each
 * one is drawn, as " (filled)"; NULL: nothing does.
 */
void caption_title(const struct frame *frame, struct rect line, const char *what,
                   const char *const marks[SNAPSHOT_RUNS]);

/* Shape, data, batch and step, `always`, and more where there is room for it. */
void caption_line(const struct frame *frame, struct rect line, const char *always,
                  const char *more);

#endif
