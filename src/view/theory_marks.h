/*
 * theory_marks.h - what mean-field theory expects of the first weights, over what was measured.
 *
 * A diamond is a prediction; for ReLU a band around it spans +-2 standard deviations of what layers
 * of finite width scatter by (snapshot.h, struct theory). RMS delta_l is predicted relative to that
 * of layer L, which is therefore met exactly.
 */
#ifndef VIEW_THEORY_MARKS_H
#define VIEW_THEORY_MARKS_H

#include "view/axis.h"
#include "view/panel.h"

/* Over the bar of RMS delta of a layer; does nothing where theory does not apply. */
void theory_mark_delta(const struct frame *frame, const struct axis *axis, struct rect bar, int run,
                       int layer);

/* Where a label over the bar's top may stand and not on the mark or its band: top, or higher. */
float theory_clear_top(const struct frame *frame, const struct axis *axis, struct rect bar, int run,
                       int layer, float top);

/* Mean and mean +- sd of h over a layer's part of the row. */
void theory_mark_h(const struct frame *frame, const struct axis *axis, struct rect part, int run,
                   int layer);

/* The same through the columns of many layers. */
void theory_course_delta(const struct frame *frame, const struct axis *axis, struct rect plot,
                         int run);
void theory_course_h(const struct frame *frame, const struct axis *axis, struct rect plot, int run);

/* What is expected at the layer under the pointer, and how far off it was. */
void theory_tell_delta(const struct frame *frame);
void theory_tell_h(const struct frame *frame);

/* At the right end of a title's strip: what the marks are, or why there are none. */
void theory_note_delta(const struct frame *frame, struct rect strip);
void theory_note_h(const struct frame *frame, struct rect strip);

#endif
