#include "engine/lsuv.h"

#include <math.h>
#include <string.h>

#include "base/require.h"
#include "engine/kernels.h"

/* Variance of z of layer index, from the layer below it. */
static double variance_of(struct network *network, const real *input, int batch, int index) {
    const struct layer *layer = &network->layer[index];
    network_forward_part(network, input, batch, index, index + 1);
    size_t n = (size_t)batch * (size_t)layer->columns;
    struct spread spread = kernels->spread(layer->z, n, layer->z[0]);
    double offset = spread.sum / (double)n;
    return spread.squares / (double)n - offset * offset;
}

static void divide(struct parameters *weight, double sd) {
    real factor = (real)(1.0 / sd);
    for (size_t i = 0; i < weight->n; i++) {
        weight->value[i] *= factor;
    }
}

void lsuv_scale(struct network *network, const real *input, int batch, struct lsuv_log *log) {
    double scale = network->config.init_scale, wanted = scale * scale;
    log->layers = network->config.layers + 1;
    REQUIRE(network->config.normalisation == NORMALISATION_NONE);
    for (int i = 0; i < log->layers; i++) {
        REQUIRE(network->layer[i].owns_weight);
        double variance = variance_of(network, input, batch, i);
        struct lsuv_layer *done = &log->layer[i];
        *done = (struct lsuv_layer){ .before = variance };
        while (variance > (double)REAL_MIN && isfinite(variance) &&
               fabs(variance - wanted) > LSUV_MARGIN * wanted &&
               done->iterations < LSUV_ITERATIONS) {
            divide(&network->layer[i].weight, sqrt(variance) / scale);
            variance = variance_of(network, input, batch, i);
            done->iterations++;
        }
        done->after = variance;
    }
}
