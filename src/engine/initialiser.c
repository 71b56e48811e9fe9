#include "engine/initialiser.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>

#include "base/random.h"
#include "base/require.h"

static double spread_zero(int fan_in, int fan_out) {
    (void)fan_in, (void)fan_out;
    return 0.0;
}

static double spread_small(int fan_in, int fan_out) {
    (void)fan_in, (void)fan_out;
    return 0.01;
}

static double spread_one(int fan_in, int fan_out) {
    (void)fan_in, (void)fan_out;
    return 1.0;
}

static double spread_xavier(int fan_in, int fan_out) {
    (void)fan_out;
    return sqrt(1.0 / fan_in);
}

static double spread_glorot_uniform(int fan_in, int fan_out) {
    return sqrt(6.0 / (fan_in + fan_out));
}

static double spread_he(int fan_in, int fan_out) {
    (void)fan_out;
    return sqrt(2.0 / fan_in);
}

const struct initialiser_row initialisers[] = {
    [INITIALISER_ZERO] = {
        .name = "zero",
        .label = "zero",
        .formula = "0",
        .about = "all weights zero: every unit of a layer stays the same for ever",
        .distribution = DISTRIBUTION_NORMAL,
        .spread = spread_zero,
    },
    [INITIALISER_SMALL] = {
        .name = "small",
        .label = "small",
        .formula = "N(0, 0.01²)",
        .about = "small random numbers, fine for shallow networks only",
        .distribution = DISTRIBUTION_NORMAL,
        .spread = spread_small,
    },
    [INITIALISER_NORMAL] = {
        .name = "normal",
        .label = "normal",
        .formula = "N(0, 1)",
        .about = "standard normal; init_scale is the standard deviation",
        .distribution = DISTRIBUTION_NORMAL,
        .spread = spread_one,
    },
    [INITIALISER_UNIFORM] = {
        .name = "uniform",
        .label = "uniform",
        .formula = "U(-1, 1)",
        .about = "uniform; init_scale is the limit",
        .distribution = DISTRIBUTION_UNIFORM,
        .spread = spread_one,
    },
    [INITIALISER_XAVIER] = {
        .name = "xavier",
        .label = "Xavier",
        .formula = "N(0, 1/fan_in)",
        .about = "keeps the variance of z forward where phi is linear, as the lecture writes it",
        .source = "LeCun, Bottou, Orr & Müller, Efficient BackProp, 1998",
        .distribution = DISTRIBUTION_NORMAL,
        .spread = spread_xavier,
    },
    [INITIALISER_GLOROT_UNIFORM] = {
        .name = "glorot_uniform",
        .label = "Glorot",
        .formula = "U(±√(6/(fan_in + fan_out)))",
        .about = "the compromise between forward and backward variance",
        .source = "Glorot & Bengio, AISTATS 2010, eq. 16",
        .distribution = DISTRIBUTION_UNIFORM,
        .spread = spread_glorot_uniform,
    },
    [INITIALISER_HE] = {
        .name = "he",
        .label = "He",
        .formula = "N(0, 2/fan_in)",
        .about = "twice Xavier's variance, because ReLU drops half of the signal",
        .source = "He, Zhang, Ren & Sun, ICCV 2015, eq. 10",
        .distribution = DISTRIBUTION_NORMAL,
        .spread = spread_he,
    },
};
static_assert(ARRAY_LEN(initialisers) == INITIALISER_COUNT, "a row is missing");

enum { COLUMNS_AT_ONCE = 1024 };

static void fill_row(const struct initialiser_row *row, double spread,
                     const struct random_stream *stream, uint32_t i, int fan_out, real *w) {
    double draws[COLUMNS_AT_ONCE];
    for (int first = 0; first < fan_out; first += COLUMNS_AT_ONCE) {
        int count = fan_out - first < COLUMNS_AT_ONCE ? fan_out - first : COLUMNS_AT_ONCE;
        if (row->distribution == DISTRIBUTION_NORMAL) {
            random_normals(stream, i, (uint32_t)first, (uint32_t)count, draws);
        } else {
            random_uniforms(stream, i, (uint32_t)first, (uint32_t)count, draws);
        }
        for (int j = 0; j < count; j++) {
            double x = row->distribution == DISTRIBUTION_NORMAL ? draws[j] : 2.0 * draws[j] - 1.0;
            w[first + j] = (real)(spread * x);
        }
    }
}

void initialiser_fill(enum initialiser which, double scale, uint64_t seed, int layer, int fan_in,
                      int fan_out, real *W) {
    const struct initialiser_row *row = &initialisers[which];
    double spread = scale * row->spread(fan_in, fan_out);
    struct random_stream stream = { seed, RANDOM_WEIGHT, (uint32_t)layer };
    for (int i = 0; i < fan_in; i++) {
        real *w = W + (size_t)i * (size_t)fan_out;
        if (spread == 0.0) {
            for (int j = 0; j < fan_out; j++) {
                w[j] = 0;
            }
        } else {
            fill_row(row, spread, &stream, (uint32_t)i, fan_out, w);
        }
    }
}

double initialiser_variance(enum initialiser which, double scale, int fan_in, int fan_out) {
    const struct initialiser_row *row = &initialisers[which];
    double spread = scale * row->spread(fan_in, fan_out);
    return row->distribution == DISTRIBUTION_NORMAL ? spread * spread : spread * spread / 3.0;
}
