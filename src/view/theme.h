/*
 * theme.h - colours by role.
 *
 * Contrast, held by tests: text >= 4.5 : 1 and marks >= 3 : 1 against what they stand on. What is
 * translucent at most by THEME_WASH is no mark: it says nothing that a mark does not say, too. A
 * and B differ in hue and in lightness, and a view never tells them apart by colour alone.
 */
#ifndef VIEW_THEME_H
#define VIEW_THEME_H

#include "draw/display_list.h"
#include "measure/factor.h"

#define THEME_WASH 0.3f // opacity

enum theme { THEME_DARK, THEME_LIGHT, THEME_PRINT, THEME_COUNT };

struct theme_row {
    const char *name;
    colour background, panel, raised, grid, axis;
    colour text, secondary;
    colour run[2];       // A, B: bars and curves
    colour run_text[2];  // the same as text on background, panel or raised
    colour on_run[2];    // text on a patch of run[]
    colour run_faint[2]; // as pale as lines of a run may be
    colour good, warning, bad;
    colour factor[FACTOR_COUNT]; // bars of the parts of a pass
    colour focus;
    colour mark;               // lines drawn over histograms: mean, theory
    colour halo;               // under a mark, so that it shows on bars and on the panel alike
    colour negative, positive; // ends of a diverging map, whose middle is the panel
    const uint32_t *map;       // THEME_MAP_STOPS colours from low to high, for heat maps
};

enum { THEME_MAP_STOPS = 9 };

extern const struct theme_row themes[THEME_COUNT];

/* The colour at position 0..1 of a theme's map; clamped, NaN gives the panel colour. */
colour theme_map(enum theme theme, float position);

/* From -1 (negative) over 0, the panel colour, to 1 (positive); clamped, NaN stands out as bad. */
colour theme_diverging(enum theme theme, float position);

/* solid with its alpha multiplied by 0..1 */
colour theme_fade(colour solid, float alpha);

/* A line of a run among others, from the faintest (share 0) to one that stands out (1). */
colour theme_strength(enum theme theme, int run, float share);

/* A badge or a highlighted column: a patch tinted with a colour, and the text that stands on it. */
colour theme_tint(enum theme theme, colour tint);
colour theme_on_tint(enum theme theme, colour tint);

/* Opaque: share 0..1 of over, the rest under. */
colour theme_blend(colour under, colour over, float share);

#endif
