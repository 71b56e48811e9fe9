/*
 * history_map.h - a number per layer over time, as colour.
 *
 * One colour scale for both runs, logarithmic, fitted to those that count (range_counts()); exact
 * zeros and what is not finite have colours of their own beside it.
 */
#ifndef VIEW_HISTORY_MAP_H
#define VIEW_HISTORY_MAP_H

#include "view/panel.h"

struct history_kind {
    const char *symbol;     // "rms δ"
    const char *definition; // over what, of what
};
extern const struct history_kind history_kinds[HISTORY_QUANTITIES];

enum { MAP_COLOURS = 128 };

struct history_map {
    enum history_quantity quantity;
    double low, high; // log10 of the colour scale's ends
    bool some;        // values that the scale is for
    bool zeros, invalid;
    bool below, above; // values of a run that the scale is not for lie beyond its ends
    colour colours[MAP_COLOURS];
    colour zero, nan;
    const char *nan_name; // what it stands for
};

/* What the strip of view 1 shows beside a gradient. */
enum history_quantity history_of_gradient(enum view_gradient gradient);

/* Choose the scale for what the history shows of a quantity, which it must hold. */
void history_map_init(const struct frame *frame, struct history_map *map,
                      enum history_quantity quantity);

/* The layers of one run over an area. */
void history_map_draw(const struct frame *frame, const struct history_map *map, struct rect area,
                      int run);

/* The scale with its ends, right-aligned in a strip, as far as there is room. */
void history_map_draw_scale(const struct frame *frame, const struct history_map *map,
                            struct rect area);

/* The value of a run's layer `layer` (from 1) in a column, for the tip. */
void history_tell(const struct frame *frame, enum history_quantity quantity, int run, int layer,
                  int column);

#endif
