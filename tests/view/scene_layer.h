/* scene_layer.h - scenes whose selected layer is looked at closer. */
#ifndef TESTS_VIEW_SCENE_LAYER_H
#define TESTS_VIEW_SCENE_LAYER_H

#include "scene.h"

enum scene_looked {
    LOOKED_MATRIX,   // 24 inputs, 40 units, examples that are neither pictures nor points
    LOOKED_PICTURES, // layer 1: 30 units on 8 x 8 pixels
    LOOKED_COLOURS,  // layer 1: 20 units on 8 x 8 pixels of three channels
    LOOKED_BEHIND,   // a matrix behind pictures: 24 inputs, 40 units
    LOOKED_PLANE,    // 24 inputs, 24 units, examples in the plane
    LOOKED_BLOCKS,   // cells of 3 x 2 weights
    LOOKED_ONE,      // a single unit with a single input
    LOOKED_ZERO,     // all weights and activations are 0
    LOOKED_NAN,      // all of both are NaN
    LOOKED_OUTPUT,   // of a network without hidden layers: 10 units on 8 x 8 pixels
    LOOKED_COUNT
};

enum {
    LOOKED_EXAMPLES = 64,
    LOOKED_DEAD = 3, // units 3 and 7 are dead with ReLU, saturated with a sigmoid
    LOOKED_DEAD_TOO = 7
};

/* View 3 of the scene, with its runs' selected layer as that; A's phi is ReLU, B's a sigmoid. */
void scene_look(struct scene *made, enum scene_looked kind);

/* What the layer's weights were made of: (inputs, units). */
const float *scene_weights(int run);

#endif
