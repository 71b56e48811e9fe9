/* scene_numbers.h - the numbers that scenes are made of, binned by the scenes' own code. */
#ifndef TESTS_VIEW_SCENE_NUMBERS_H
#define TESTS_VIEW_SCENE_NUMBERS_H

#include "measure/snapshot.h"

float scene_uniform(void); // in [0, 1); begins anew with every scene
float scene_normal(void);
struct moments scene_moments(const float *values, int n);
void scene_bin(struct histogram *histogram, const float *values, int n,
               const struct moments *moments);
void scene_bin_log(struct log_histogram *histogram, const float *values, int n);

#endif
