#include "measure/factor.h"

#include <assert.h>

#include "base/require.h"

const struct factor_row factors[] = {
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
};
static_assert(ARRAY_LEN(factors) == FACTOR_COUNT, "a row is missing");

double factor_product(const double factor[FACTOR_COUNT]) {
    double product = 1.0;
    for (int f = 0; f < FACTOR_COUNT; f++) {
        product *= factor[f];
    }
    return product;
}
