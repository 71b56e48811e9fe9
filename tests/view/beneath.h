/*
 * beneath.h - what a primitive of a display list stands on, for tests of its contrast.
 */
#ifndef TESTS_VIEW_BENEATH_H
#define TESTS_VIEW_BENEATH_H

#include "draw/display_list.h"

/* The colour at a place, opaque, of the first `end` primitives but their texts. */
colour beneath(const struct display_list *list, size_t end, struct point at);

/* Over an opaque colour another one, which may be translucent. */
colour over(colour under, colour ink);

/* Relative luminance of WCAG 2: 0 to 1. */
double luminance(colour c);

/* Contrast of two opaque colours by WCAG 2: 1 to 21. */
double contrast(colour a, colour b);

#endif
