#include "engine/noise.h"

#include <math.h>

#include "base/random.h"
#include "engine/kernels.h"

// Of a unit of SELU that is dropped: -scale alpha, its lowest value.
#define ALPHA_DROPPED (-SELU_SCALE * SELU_ALPHA)

static struct mask_stream stream_of(enum random_purpose purpose, uint64_t seed, int64_t step,
                                    int layer, double keep) {
    return (struct mask_stream){
        .key = { (uint32_t)seed, (uint32_t)(seed >> 32) },
        .high = { (uint32_t)step, (uint32_t)purpose | (uint32_t)layer << 8 },
        .threshold = (uint64_t)llround(keep * 0x1p32),
    };
}

static double drop_of_units(const struct noise_settings *settings) {
    return settings->alpha_dropout > 0.0 ? settings->alpha_dropout : settings->dropout;
}

bool noise_drops_units(const struct noise_settings *settings) {
    return drop_of_units(settings) > 0.0;
}

/* Alpha dropout keeps mean 0 and variance 1: a = (q + alpha^2 q p)^(-1/2), b = -a p alpha. */
struct noise_map noise_unit_map(const struct noise_settings *settings) {
    double p = drop_of_units(settings), q = 1.0 - p;
    if (settings->alpha_dropout > 0.0) {
        double a = 1.0 / sqrt(q * (1.0 + ALPHA_DROPPED * ALPHA_DROPPED * p));
        double b = -a * p * ALPHA_DROPPED;
        return (struct noise_map){ (real)a, (real)b, (real)(a * ALPHA_DROPPED + b) };
    }
    return (struct noise_map){ .scale = (real)(1.0 / q) };
}

real noise_weight_scale(const struct noise_settings *settings) {
    return (real)(1.0 / (1.0 - settings->drop_connect));
}

void noise_draw_units(const struct noise_settings *settings, uint64_t seed, int64_t step, int layer,
                      unsigned char *keep, int rows, int columns) {
    struct mask_stream stream =
        stream_of(RANDOM_DROPOUT, seed, step, layer, 1.0 - drop_of_units(settings));
    kernels->draw_mask(&stream, keep, (size_t)rows, (size_t)columns);
}

void noise_draw_weights(const struct noise_settings *settings, uint64_t seed, int64_t step,
                        int layer, unsigned char *keep, int rows, int columns) {
    struct mask_stream stream =
        stream_of(RANDOM_DROP_CONNECT, seed, step, layer, 1.0 - settings->drop_connect);
    kernels->draw_mask(&stream, keep, (size_t)rows, (size_t)columns);
}

double noise_survival(const struct noise_settings *settings, int block, int blocks) {
    return 1.0 - (double)block / blocks * settings->stochastic_depth;
}

bool noise_survives(const struct noise_settings *settings, uint64_t seed, int64_t step, int block,
                    int blocks) {
    unsigned char keep;
    struct mask_stream stream =
        stream_of(RANDOM_DEPTH, seed, step, block, noise_survival(settings, block, blocks));
    kernels->draw_mask(&stream, &keep, 1, 1);
    return keep;
}
