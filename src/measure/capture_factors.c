#include "measure/capture_factors.h"

#include <math.h>

static double rms(const struct network *network, double squares, int columns) {
    return sqrt(squares / ((double)network->now.count * (double)columns));
}

static bool is_normalised(const struct layer *layer) {
    return layer->normaliser.which != NORMALISATION_NONE;
}

static void split_backward(const struct network *network, const struct layer *layer,
                           double factor[FACTOR_COUNT]) {
    const struct layer *above = layer + 1;
    const struct layer_sums *sums = &layer->sums;
    double delta_above = rms(network, above->sums.delta_squared, above->columns);
    double linear_above = rms(network, above->sums.linear_squared, above->columns);
    double product = rms(network, sums->product_squared, layer->units);
    double gradient = rms(network, sums->g_squared, layer->units);
    double branch = rms(network, sums->branch_squared, layer->units);
    bool altered = layer->block_end || layer->unit_kept;
    factor[FACTOR_NORMALISATION] = is_normalised(above) ? linear_above / delta_above : 1.0;
    factor[FACTOR_WEIGHT] = product / linear_above;
    factor[FACTOR_SKIP] = layer->feeds_block ? gradient / product : 1.0;
    factor[FACTOR_BRANCH] = altered ? branch / gradient : 1.0;
    factor[FACTOR_SLOPE] = rms(network, sums->delta_squared, layer->columns) / branch;
}

/* below: RMS h_{l-1}; z: RMS z_l. */
static void split_forward(const struct network *network, const struct layer *layer, double below,
                          double z, double factor[FACTOR_COUNT]) {
    const struct layer_sums *sums = &layer->sums;
    bool normalised = is_normalised(layer), altered = layer->block_end || layer->unit_kept;
    double linear = normalised ? rms(network, sums->a_squared, layer->columns) : z;
    double value = rms(network, sums->y_squared, layer->units);
    double added = rms(network, sums->added_squared, layer->units);
    factor[FACTOR_WEIGHT] = linear / below;
    factor[FACTOR_NORMALISATION] = normalised ? z / linear : 1.0;
    factor[FACTOR_SLOPE] = value / z;
    factor[FACTOR_BRANCH] = altered ? added / value : 1.0;
    factor[FACTOR_SKIP] =
        layer->block_end ? rms(network, sums->h_squared, layer->units) / added : 1.0;
}

void capture_factors(const struct network *network, int index, double input_rms,
                     struct layer_stats *stats) {
    const struct layer *layer = &network->layer[index];
    double below = index > 0 ? rms(network, layer[-1].sums.h_squared, layer[-1].units) : input_rms;
    split_backward(network, layer, stats->factor);
    split_forward(network, layer, below, stats->z.rms, stats->forward);
}
