#include "measure/factor.h"

const struct factor_row factors[DIRECTION_COUNT][FACTOR_COUNT] = {
    [DIRECTION_BACKWARD] = {
        [FACTOR_NORMALISATION] = {
            .name = "normalisation",
            .label = "norm",
            .about = "backwards through the normalisation of the layer above",
        },
        [FACTOR_WEIGHT] = {
            .name = "weight",
            .label = "Wᵀ",
            .about = "backwards through the weights of the layer above",
        },
        [FACTOR_SKIP] = {
            .name = "skip",
            .label = "skip",
            .about = "adding what came around the residual block above",
        },
        [FACTOR_BRANCH] = {
            .name = "branch",
            .label = "branch",
            .about = "the branch scale and the dropped units",
        },
        [FACTOR_SLOPE] = {
            .name = "slope",
            .label = "φ′",
            .about = "backwards through the slope of the activation",
        },
    },
    [DIRECTION_FORWARD] = {
        [FACTOR_NORMALISATION] = {
            .name = "normalisation",
            .label = "norm",
            .about = "through the layer's normalisation",
        },
        [FACTOR_WEIGHT] = {
            .name = "weight",
            .label = "W",
            .about = "through the layer's weights and biases",
        },
        [FACTOR_SKIP] = {
            .name = "skip",
            .label = "skip",
            .about = "adding what came around the residual block",
        },
        [FACTOR_BRANCH] = {
            .name = "branch",
            .label = "branch",
            .about = "the dropped units and the branch scale",
        },
        [FACTOR_SLOPE] = {
            .name = "activation",
            .label = "φ",
            .about = "through the activation",
        },
    },
};

enum factor factor_at(enum direction direction, int at) {
    static const enum factor order[DIRECTION_COUNT][FACTOR_COUNT] = {
        [DIRECTION_BACKWARD] = { FACTOR_NORMALISATION, FACTOR_WEIGHT, FACTOR_SKIP, FACTOR_BRANCH,
                                 FACTOR_SLOPE },
        [DIRECTION_FORWARD] = { FACTOR_WEIGHT, FACTOR_NORMALISATION, FACTOR_SLOPE, FACTOR_BRANCH,
                                FACTOR_SKIP },
    };
    return order[direction][at];
}

double factor_product(const double factor[FACTOR_COUNT]) {
    double product = 1.0;
    for (int f = 0; f < FACTOR_COUNT; f++) {
        product *= factor[f];
    }
    return product;
}
