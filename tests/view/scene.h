/*
 * scene.h - hand-made states of the window for the tests of view/.
 *
 * Numbers come from a fixed linear congruential generator and are binned here, so that a scene is
 * the same on every machine and depends on no code that it is to test.
 */
#ifndef TESTS_VIEW_SCENE_H
#define TESTS_VIEW_SCENE_H

#include "view/view.h"

enum scene_run {
    SCENE_HEALTHY,   // ReLU with He: half of h zero, the same gradient in every layer
    SCENE_VANISHING, // sigmoid: each layer passes 0.23 of the gradient
    SCENE_COLLAPSED, // tanh, small weights: h shrinks to less than a pixel
    SCENE_EXPLODING, // ReLU, large weights: h and the gradient grow sevenfold per layer
    SCENE_ZERO,      // all weights zero: every value of h is 0.5, every delta is 0
    SCENE_DIVERGED,  // NaN from layer 7 (or the last) on
    SCENE_RUN_COUNT
};

struct scene {
    struct snapshot snapshot;
    struct history_view history;
    struct view_state state;
};

/* Static storage, overwritten by the next call: one run (b < 0) or two, of layers hidden layers. */
struct scene *scene_make(int layers, int a, int b);

/* Nothing yet: a zeroed snapshot with a message, state and keys as in the program. */
struct scene *scene_empty(const char *message);

void scene_size(struct scene *made, float width, float height, enum theme theme);

/* Open the settings menu at a row, for run's value; and type there, refused if problem is one. */
void scene_menu(struct scene *made, int selected, int run);
void scene_type(struct scene *made, const char *typed, const char *problem);

/* View 5 with made-up planes: of ReLU for A, of another activation for B unless it is shared. */
void scene_planes(struct scene *made, bool shared);

/* View 2 with the selected layer as it is now at so many steps; static storage, too. */
struct film_ridges *scene_ridges(struct scene *made, int count);

/* The same as somebody else's training that was logged: without zeros, factors and one gradient. */
void scene_watched(struct scene *made);

/* Step 0, with predictions a fifth off; bands in A. */
void scene_theory(struct scene *made);

/* Open the palette on what it found: so many, of which the one of that index is selected. */
void scene_palette(struct scene *made, const char *typed, int count, int selected);

#endif
