/*
 * generated.h - data sets made from counter-based random numbers.
 *
 * Row i of a part is a function of (seed, part, i) alone: fewer examples are the first ones of
 * more. Every set in the plane has a held-out part of the same size, drawn from a stream of its
 * own, and exactly balanced classes: example i is of class c = i mod classes. With u and v uniform
 * in (0, 1), to which normal noise of the given sd is added in both directions:
 *
 *     noisy_xor     (a, b) a corner of the unit square with a xor b = c
 *     moons         (cos pi u, sin pi u), c = 0; (1 - cos pi u, 1/2 - sin pi u), c = 1
 *     circles       r (cos 2 pi u, sin 2 pi u), r = 1 for c = 0, 1/2 for c = 1
 *     spirals       r (cos t, sin t), r = sqrt u, t = 3 pi r + pi c: one and a half turns
 *     blobs         (cos t, sin t), t = pi/2 + 2 pi c / 3
 *     checkerboard  uniform on the squares of colour c of a 4 x 4 board on [-1, 1]^2
 *
 * moons, circles and blobs are as in scikit-learn (make_moons, make_circles, make_blobs), but with
 * random places on the curves and fixed centres.
 */
#ifndef DATA_GENERATED_H
#define DATA_GENERATED_H

#include "data/dataset.h"

void generated_noisy_xor(int label, double u, double v, double point[2]);
void generated_moons(int label, double u, double v, double point[2]);
void generated_circles(int label, double u, double v, double point[2]);
void generated_spirals(int label, double u, double v, double point[2]);
void generated_blobs(int label, double u, double v, double point[2]);
void generated_checkerboard(int label, double u, double v, double point[2]);

/* describe and load of the rows in the plane, which have a point. */
bool generated_plane_describe(const struct dataset_settings *settings, struct dataset_shape *shape,
                              char *problem);
bool generated_plane_load(struct dataset *dataset, const struct dataset_settings *settings,
                          char *problem);

/* The four cases of exclusive or. */
bool generated_xor_describe(const struct dataset_settings *settings, struct dataset_shape *shape,
                            char *problem);
bool generated_xor_load(struct dataset *dataset, const struct dataset_settings *settings,
                        char *problem);

/* Standard normal inputs with random labels. */
bool generated_gaussian_describe(const struct dataset_settings *settings,
                                 struct dataset_shape *shape, char *problem);
bool generated_gaussian_load(struct dataset *dataset, const struct dataset_settings *settings,
                             char *problem);

#endif
