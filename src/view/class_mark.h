/*
 * class_mark.h - how the classes of examples are told apart: by colour and by shape at once.
 *
 * The colours are none of A and B. Contrast, held by a test: a mark >= 3 : 1 on the ground of any
 * class, a text >= 4.5 : 1 on any ground in the colour of text_on().
 */
#ifndef VIEW_CLASS_MARK_H
#define VIEW_CLASS_MARK_H

#include "view/panel.h"

enum { CLASS_COLOURS = 4, CLASS_SHAPES = 5 }; // together 20 different marks

colour class_colour(enum theme theme, int class);

/* The ground where a class is predicted: the panel where sureness is 0, most of it where 1. */
colour class_ground(enum theme theme, int class, float sureness);

/*
 * A mark of that radius. What is wrong has a wide rim; else a thin one sets it off from its
 * neighbours, which hundreds go without, for it takes as long to draw as the mark.
 */
enum class_rim { RIM_NONE, RIM_THIN, RIM_WRONG };
void class_mark(const struct frame *frame, struct point at, float radius, int class,
                enum class_rim rim);

/* Black or white, whichever is more legible there. */
colour text_on(colour ground);

#endif
