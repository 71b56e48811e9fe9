/*
 * layer_parts.h - what the panels of view 3 share: the measured layer, its colours, its hovers.
 */
#ifndef VIEW_LAYER_PARTS_H
#define VIEW_LAYER_PARTS_H

#include "view/names.h"

enum { WEIGHT_COLOURS = 255, UNIT_TEXT = 256 };

/* The looked-at layer of a run; NULL while nothing is measured of it. */
const struct layer_detail *frame_detail(const struct frame *frame, int run);

/* Number of the unit that stands out in all of them, from 1. */
int frame_unit(const struct frame *frame);

/* Weights as colours: -scale, 0 and scale are the ends and the middle of the diverging map. */
struct weight_map {
    double scale; // 0: all weights are 0, or none is finite
    float steps;  // of the table that a weight of 1 is from 0
    bool clipped; // some are larger
    bool colour;  // pictures of three channels: each its own primary, 0 is grey
    colour nan;
    colour table[WEIGHT_COLOURS];
};

/* The scale is three times the rms of the layer's weights, or the largest if that is less. */
void weight_map_init(const struct frame *frame, struct weight_map *map,
                     const struct layer_detail *detail);
colour weight_colour(const struct weight_map *map, float weight);

/* The weights of one unit on the picture they look at. */
void weight_picture(const struct frame *frame, struct rect area, const struct weight_map *map,
                    const float *weights, struct picture_shape shape);

/* "mean 0.31, sd 0.44, zero on 45% of 64 examples, ..." */
void unit_text(const struct layer_detail *detail, int index, char *text, size_t size);

/* Lines of a hover on a unit: what it does, and its weights. */
void unit_tip(const struct frame *frame, int run, int index);

/* The share of the batch on which the unit passes on nothing: 0..1. */
float unit_idle(const struct layer_detail *detail, int index);

/* "A, " where there are two. */
const char *run_prefix(const struct frame *frame, int run);

/* panel_unit_examples.c: the examples that drive the chosen unit most */
float unit_examples_width(const struct frame *frame, float height); // that it makes use of
void unit_examples_draw(const struct frame *frame, struct rect area, int run);

#endif
