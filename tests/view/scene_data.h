/*
 * scene_data.h - what view 4 shows, made by hand: put into a scene that scene_make() made.
 *
 * Everything follows from short formulas (see scene_data.c), which tests repeat.
 */
#ifndef TESTS_VIEW_SCENE_DATA_H
#define TESTS_VIEW_SCENE_DATA_H

#include "scene.h"

enum scene_data {
    DATA_NOT_LOOKED,
    DATA_IN_PLANE,    // three classes, split by x_1 = -0.5 and 0.5; B does not know the third
    DATA_AS_PICTURES, // ten classes of 8 x 8 pixels, every fifth example wrong
    DATA_AS_COLOURS,  // the same in three channels, of 12 classes
    DATA_AS_TABLE,    // neither
    DATA_LOST,        // pictures of which every score is NaN
    DATA_PRETRAINING, // an RBM of layer 2 in A, of layer 1 in B
    DATA_SCENES
};

void scene_data(struct scene *made, enum scene_data data);

/* As many classes as the snapshot's data have get names, and the two inputs of a plane. */
enum scene_names {
    NAMES_SHORT, // "cat", "horse": Fashion-MNIST's and CIFAR-10's
    NAMES_LONG,  // that fit into few places, of letters of one to three bytes
    NAMES_KINDS
};
void scene_names(struct scene *made, int classes, enum scene_names kind);

#endif
