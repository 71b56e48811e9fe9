/*
 * axis.h - vertical and horizontal axes: ranges, ticks, labels.
 *
 * An axis lives in its own coordinate: the value itself, or log10 of it when `log` is set.
 */
#ifndef VIEW_AXIS_H
#define VIEW_AXIS_H

#include <stdbool.h>
#include <stddef.h>

#include "draw/display_list.h"

struct frame;

struct axis {
    double low, high; // low < high, finite
    double step;      // between ticks, which are whole multiples of it
    bool log;
};

/* Ends rounded outwards to round numbers; about one tick per `spacing` of `length` points. */
struct axis axis_linear(double low, double high, float length, float spacing);

/* Exactly low..high. */
struct axis axis_exact(double low, double high, float length, float spacing);

/* Whole decades around log10 values low..high, at least `least` of them. */
struct axis axis_decades(double low, double high, int least, float length);

/* Choose the step again for another length: about one tick per `spacing` points, or per decades. */
void axis_set_length(struct axis *axis, float length, float spacing);

/* The smallest round number >= value > 0: 1 1.5 2 2.5 3 4 5 6 8 10 times a power of ten. */
double axis_round_up(double value);

/* The coordinate of a value: itself or its log10, which is NaN for what has none. */
double axis_coordinate(const struct axis *axis, double value);

/* Position of a coordinate in an area; may lie outside it. NaN stays NaN. */
float axis_y(const struct axis *axis, struct rect area, double at);
float axis_x(const struct axis *axis, struct rect area, double at);

/* Ticks are numbered from 0; false when there is no such tick. */
bool axis_tick(const struct axis *axis, int index, double *at);
void axis_label(const struct axis *axis, double at, char *text, size_t size);

/* Horizontal grid lines over area, and the labels right-aligned in gutter at the same heights,
 * those that lie within it. */
void axis_draw_rows(const struct frame *frame, const struct axis *axis, struct rect area,
                    struct rect gutter);

#endif
