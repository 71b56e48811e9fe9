/* theme.h - colours by role. Contrast: text >= 4.5 : 1, marks >= 3 : 1 against their panel. */
#ifndef VIEW_THEME_H
#define VIEW_THEME_H

#include "draw/display_list.h"

enum theme { THEME_DARK, THEME_LIGHT, THEME_PRINT, THEME_COUNT };

struct theme_row {
    const char *name;
    colour background, panel, raised, grid, axis;
    colour text, secondary;
    colour run[2]; // A, B
    colour good, warning, bad;
    colour focus;
    colour mark;   // lines drawn over histograms: mean, theory
    const uint32_t *map; // THEME_MAP_STOPS colours from low to high, for heat maps
};

enum { THEME_MAP_STOPS = 9 };

extern const struct theme_row themes[THEME_COUNT];

/* The colour at position 0..1 of a theme's map; clamped, NaN gives the panel colour. */
colour theme_map(enum theme theme, float position);

/* colour with its alpha multiplied by 0..1 */
colour theme_fade(colour colour, float alpha);

#endif
