/*
 * preprocess.h - what is done to the inputs before a network sees them.
 *
 * Everything is fitted on the training part alone and then applied to both parts. x is an input
 * with bytes divided by 255, mu_j and sd_j its mean and (population) standard deviation over the
 * training examples, v_i the i-th eigenvector of their covariance, lambda_i its eigenvalue, in
 * falling order. An eigenvector's sign is chosen so that its largest component is positive.
 *
 * Centring and standardising are applied as examples are gathered and cost no memory. The
 * projections store count * components floats in place of the raw examples and need 24 d^2 bytes
 * while they are fitted, for d features. They take n d^2 + O(d^3) multiply-adds: for MNIST about
 * two seconds, for CIFAR-10 up to a minute, on two cores.
 */
#ifndef DATA_PREPROCESS_H
#define DATA_PREPROCESS_H

#include <stdbool.h>

enum preprocess {
    PREPROCESS_NONE,
    PREPROCESS_UNIT,
    PREPROCESS_CENTRED,
    PREPROCESS_STANDARDISED,
    PREPROCESS_PCA,
    PREPROCESS_WHITENED,
    PREPROCESS_COUNT
};

enum { PREPROCESS_MAX_FEATURES = 16384 }; // of what is projected

struct preprocess_row {
    const char *name;
    const char *label;
    const char *formula;
    const char *about;
    const char *source;
    bool projects; // onto components
};

extern const struct preprocess_row preprocesses[PREPROCESS_COUNT];

struct dataset;
struct dataset_settings;
struct dataset_shape;

/*
 * What becomes of the shape of the raw examples. Returns false, with one sentence in problem
 * (DATASET_PROBLEM bytes), for what cannot be done to it.
 */
bool preprocess_describe(const struct dataset_settings *settings, struct dataset_shape *shape,
                         char *problem);

/*
 * Fit on dataset->train and apply to both parts. The settings must have passed
 * preprocess_describe(). False with a sentence in problem when memory runs out.
 */
bool preprocess_apply(struct dataset *dataset, const struct dataset_settings *settings,
                      char *problem);

#endif
