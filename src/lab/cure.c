#include "lab/cure.h"

#include <string.h>

#include "base/require.h"
#include "base/text.h"

static const double raw_rms = 10.0; // inputs are far from unit variance

static bool has(const struct cure_case *ill, enum verdict verdict) {
    return ill->shown->diagnosis.verdict == verdict;
}

/* Of signals that grow or shrink from layer to layer, and what comes of it. */
static bool out_of_scale(const struct cure_case *ill) {
    return has(ill, VERDICT_VANISHING) || has(ill, VERDICT_EXPLODING) ||
           has(ill, VERDICT_SATURATED) || has(ill, VERDICT_DIVERGED);
}

static bool is_residual(const struct cure_case *ill) {
    return ill->settings->connection == CONNECTION_RESIDUAL;
}

static bool raw_inputs(const struct cure_case *ill) {
    return ill->experiment->preprocess == PREPROCESS_NONE && ill->shown->input_rms > raw_rms;
}

static bool negative_bias(const struct cure_case *ill) {
    return (has(ill, VERDICT_DEAD) || has(ill, VERDICT_VANISHING)) && ill->settings->bias < 0.0;
}

static bool loud_branches(const struct cure_case *ill) {
    return (has(ill, VERDICT_EXPLODING) || has(ill, VERDICT_DIVERGED)) && is_residual(ill) &&
           ill->settings->branch == BRANCH_ONE;
}

static bool growing_dropout(const struct cure_case *ill) {
    return has(ill, VERDICT_EXPLODING) && ill->settings->dropout > 0.0 &&
           ill->shown->diagnosis.factor == FACTOR_BRANCH;
}

static bool flat_sigmoid(const struct cure_case *ill) {
    return (has(ill, VERDICT_VANISHING) || has(ill, VERDICT_SATURATED)) &&
           ill->settings->activation == ACTIVATION_SIGMOID &&
           ill->settings->normalisation != NORMALISATION_BATCH && ill->experiment->batch > 1;
}

/* Weights of variance 2 / fan_in, for what zeroes half of the signal or little less. */
static bool wants_he(int activation) {
    return activation == ACTIVATION_RELU || activation == ACTIVATION_LEAKY_RELU ||
           activation == ACTIVATION_PRELU;
}

/* Of variance 1 / fan_in, for what is z itself around 0. */
static bool wants_xavier(int activation) {
    return activation == ACTIVATION_LINEAR || activation == ACTIVATION_TANH ||
           activation == ACTIVATION_HARD_TANH || activation == ACTIVATION_SELU;
}

static bool begins_as(const struct cure_case *ill, enum initialiser first, enum initialiser second,
                      enum initialiser third) {
    int init = ill->settings->init;
    return ill->settings->init_scale == 1.0 &&
           (init == (int)first || init == (int)second || init == (int)third);
}

static bool he_missing(const struct cure_case *ill) {
    return out_of_scale(ill) && wants_he(ill->settings->activation) &&
           !begins_as(ill, INITIALISER_HE, INITIALISER_HE_UNIFORM, INITIALISER_HE_FAN_OUT);
}

static bool xavier_missing(const struct cure_case *ill) {
    return out_of_scale(ill) && wants_xavier(ill->settings->activation) &&
           !begins_as(ill, INITIALISER_XAVIER, INITIALISER_LECUN_UNIFORM, INITIALISER_ORTHOGONAL);
}

static bool lsuv_missing(const struct cure_case *ill) {
    int activation = ill->settings->activation;
    return out_of_scale(ill) && !wants_he(activation) && !wants_xavier(activation) &&
           activation != ACTIVATION_SIGMOID &&
           !begins_as(ill, INITIALISER_LSUV, INITIALISER_LSUV, INITIALISER_LSUV);
}

/* Trained for a while, or too short for anything else. */
static bool too_fast(const struct cure_case *ill) {
    return (has(ill, VERDICT_DIVERGED) || has(ill, VERDICT_DEAD) || has(ill, VERDICT_SATURATED) ||
            has(ill, VERDICT_VANISHING)) &&
           ill->shown->step > 0 && ill->settings->learning_rate > rate_of_default;
}

static bool too_deep(const struct cure_case *ill) {
    return !has(ill, VERDICT_HEALTHY) && ill->settings->connection == CONNECTION_PLAIN &&
           ill->settings->layers > 2;
}

static const struct cure table[] = {};
