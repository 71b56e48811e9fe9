#include "engine/activation.h"

#include <assert.h>
#include <math.h>

#include "base/require.h"
#include "engine/kernels.h"

/* name_forward() and name_backward() through the kernels that engine_start() chose. */
#define THROUGH_KERNELS(which, name)                                                               \
    static void name##_forward(const real *z, real *h, size_t n) {                                 \
        kernels->activation[which].forward(z, h, n);                                               \
    }                                                                                              \
    static void name##_backward(const real *z, const real *h, const real *g, real *delta,          \
                                size_t n) {                                                        \
        kernels->activation[which].backward(z, h, g, delta, n);                                    \
    }

ACTIVATION_LIST(THROUGH_KERNELS)

/* The four functions of a row with one slope `a` below zero. */
#define WITH_SLOPE(name, a)                                                                        \
    static void name##_forward(const real *z, real *h, size_t n) {                                 \
        kernels->sloped(z, &(real){ (real)(a) }, h, n, 1);                                         \
    }                                                                                              \
    static void name##_backward(const real *z, const real *h, const real *g, real *delta,          \
                                size_t n) {                                                        \
        (void)h;                                                                                   \
        kernels->sloped_back(z, &(real){ (real)(a) }, g, delta, n, 1);                             \
    }                                                                                              \
    static double name##_value(double z) {                                                         \
        return z > 0.0 ? z : z * (a);                                                              \
    }                                                                                              \
    static double name##_slope(double z) {                                                         \
        return z > 0.0 ? 1.0 : (a);                                                                \
    }

WITH_SLOPE(leaky_relu, ACTIVATION_LEAK)
WITH_SLOPE(prelu, ACTIVATION_LEARNED_LEAK)

static double linear_value(double z) {
    return z;
}

static double linear_slope(double z) {
    (void)z;
    return 1.0;
}

static double sigmoid_value(double z) {
    return 1.0 / (1.0 + exp(-z));
}

static double sigmoid_slope(double z) {
    double h = sigmoid_value(z);
    return h * (1.0 - h);
}

static double tanh_slope(double z) {
    double h = tanh(z);
    return 1.0 - h * h;
}

static double relu_value(double z) {
    return z > 0.0 ? z : 0.0;
}

static double relu_slope(double z) {
    return z > 0.0 ? 1.0 : 0.0;
}

static double elu_value(double z) {
    return z > 0.0 ? z : expm1(z);
}

static double elu_slope(double z) {
    return z > 0.0 ? 1.0 : exp(z);
}

static double selu_value(double z) {
    return SELU_SCALE * (z > 0.0 ? z : SELU_ALPHA * expm1(z));
}

static double selu_slope(double z) {
    return SELU_SCALE * (z > 0.0 ? 1.0 : SELU_ALPHA * exp(z));
}

/* The standard normal distribution function. */
static double normal_below(double z) {
    return 0.5 * erfc(-z * 0.70710678118654752440);
}

static double gelu_value(double z) {
    return z * normal_below(z);
}

static double gelu_slope(double z) {
    return normal_below(z) + z * exp(-0.5 * z * z) * 0.39894228040143267794;
}

static double silu_value(double z) {
    return z * sigmoid_value(z);
}

static double silu_slope(double z) {
    return sigmoid_value(z) * (1.0 + z * sigmoid_value(-z));
}

static double softsign_value(double z) {
    return isinf(z) ? copysign(1.0, z) : z / (1.0 + fabs(z));
}

static double softsign_slope(double z) {
    double root = 1.0 / (1.0 + fabs(z));
    return root * root;
}

static double softplus_value(double z) {
    return fmax(z, 0.0) + log1p(exp(-fabs(z)));
}

static double hard_tanh_value(double z) {
    return fmin(fmax(z, -1.0), 1.0);
}

static double hard_tanh_slope(double z) {
    return fabs(z) < 1.0 ? 1.0 : 0.0;
}

static double mish_value(double z) {
    return z * tanh(softplus_value(z));
}

static double mish_slope(double z) {
    double t = tanh(softplus_value(z));
    return t + z * sigmoid_value(z) * (1.0 - t * t);
}

static double scaled_tanh_value(double z) {
    return SCALED_TANH_HEIGHT * tanh(2.0 / 3.0 * z);
}

static double scaled_tanh_slope(double z) {
    return SCALED_TANH_HEIGHT * 2.0 / 3.0 * tanh_slope(2.0 / 3.0 * z);
}

/* Of rows whose h has no bounds and does not saturate. */
#define UNBOUNDED                                                                                  \
    .high = 1.0, .saturated_low = -(double)INFINITY, .saturated_high = (double)INFINITY

const struct activation_row activations[] = {
    [ACTIVATION_LINEAR] = {
        .name = "linear",
        .label = "linear",
        .formula = "z",
        .about = "no non-linearity: all layers together are one linear map",
        .forward = linear_forward,
        .backward = linear_backward,
        .value = linear_value,
        .slope = linear_slope,
        UNBOUNDED,
    },
    [ACTIVATION_SIGMOID] = {
        .name = "sigmoid",
        .label = "Sigmoid",
        .formula = "1 / (1 + e^-z)",
        .about = "squashes to 0..1; its slope is at most 1/4, so deep stacks vanish",
        .source = "Rumelhart, Hinton & Williams, Nature 323, 1986",
        .forward = sigmoid_forward,
        .backward = sigmoid_backward,
        .value = sigmoid_value,
        .slope = sigmoid_slope,
        .fades = true,
        .bounded = true,
        .low = 0.0,
        .high = 1.0,
        .saturated_low = 0.015,
        .saturated_high = 0.985,
        .saturation_rule = "h < 0.015 or h > 0.985",
    },
    [ACTIVATION_TANH] = {
        .name = "tanh",
        .label = "tanh",
        .formula = "(e^z - e^-z) / (e^z + e^-z)",
        .about = "squashes to -1..1; slope 1 at zero, so small signals pass",
        .source = "LeCun, Bottou, Orr & Müller, Efficient BackProp, 1998",
        .forward = tanh_forward,
        .backward = tanh_backward,
        .value = tanh,
        .slope = tanh_slope,
        .bounded = true,
        .low = -1.0,
        .high = 1.0,
        .saturated_low = -0.97,
        .saturated_high = 0.97,
        .saturation_rule = "|h| > 0.97",
    },
    [ACTIVATION_RELU] = {
        .name = "relu",
        .label = "ReLU",
        .formula = "max(0, z)",
        .about = "passes what is positive; slope 0 or 1, units can die",
        .source = "Nair & Hinton, ICML 2010",
        .forward = relu_forward,
        .backward = relu_backward,
        .value = relu_value,
        .slope = relu_slope,
        .kinks = 1,
        UNBOUNDED,
    },
    [ACTIVATION_LEAKY_RELU] = {
        .name = "leaky_relu",
        .label = "Leaky ReLU",
        .formula = "z > 0: z, else a z (a: leak, 0.01)",
        .about = "ReLU with a small slope below zero, so that units do not die",
        .source = "Maas, Hannun & Ng, ICML 2013",
        .form = ACTIVATION_SLOPED,
        .forward = leaky_relu_forward,
        .backward = leaky_relu_backward,
        .value = leaky_relu_value,
        .slope = leaky_relu_slope,
        .kinks = 1,
        UNBOUNDED,
    },
    [ACTIVATION_PRELU] = {
        .name = "prelu",
        .label = "PReLU",
        .formula = "z > 0: z, else a z; a learned for each unit, from 0.25",
        .about = "leaky ReLU that learns its slope",
        .source = "He, Zhang, Ren & Sun, ICCV 2015",
        .form = ACTIVATION_SLOPED,
        .learned = true,
        .forward = prelu_forward,
        .backward = prelu_backward,
        .value = prelu_value,
        .slope = prelu_slope,
        .kinks = 1,
        UNBOUNDED,
    },
    [ACTIVATION_ELU] = {
        .name = "elu",
        .label = "ELU",
        .formula = "z > 0: z, else e^z - 1",
        .about = "smooth below zero, down to -1, which pulls the mean of h to zero",
        .source = "Clevert, Unterthiner & Hochreiter, ICLR 2016",
        .forward = elu_forward,
        .backward = elu_backward,
        .value = elu_value,
        .slope = elu_slope,
        .kinks = 1,
        .fades = true,
        UNBOUNDED,
    },
    [ACTIVATION_SELU] = {
        .name = "selu",
        .label = "SELU",
        .formula = "1.0507 (z > 0: z, else 1.6733 (e^z - 1))",
        .about = "scaled so that mean 0 and variance 1 reproduce themselves with Xavier weights",
        .source = "Klambauer, Unterthiner, Mayr & Hochreiter, NIPS 2017",
        .forward = selu_forward,
        .backward = selu_backward,
        .value = selu_value,
        .slope = selu_slope,
        .kinks = 1,
        .fades = true,
        UNBOUNDED,
    },
    [ACTIVATION_GELU] = {
        .name = "gelu",
        .label = "GELU",
        .formula = "z Φ(z)",
        .about = "z times the normal probability of lying below z: a smooth ReLU",
        .source = "Hendrycks & Gimpel, arXiv 1606.08415, 2016",
        .forward = gelu_forward,
        .backward = gelu_backward,
        .value = gelu_value,
        .slope = gelu_slope,
        .fades = true,
        UNBOUNDED,
    },
    [ACTIVATION_SILU] = {
        .name = "silu",
        .label = "SiLU",
        .formula = "z / (1 + e^-z)",
        .about = "z times its sigmoid, also called swish",
        .source = "Elfwing, Uchibe & Doya, Neural Networks 107, 2018",
        .forward = silu_forward,
        .backward = silu_backward,
        .value = silu_value,
        .slope = silu_slope,
        .fades = true,
        UNBOUNDED,
    },
    [ACTIVATION_SOFTSIGN] = {
        .name = "softsign",
        .label = "Softsign",
        .formula = "z / (1 + |z|)",
        .about = "squashes to -1..1 more slowly than tanh, so it saturates later",
        .source = "Glorot & Bengio, AISTATS 2010",
        .forward = softsign_forward,
        .backward = softsign_backward,
        .value = softsign_value,
        .slope = softsign_slope,
        .kinks = 1,
        .bounded = true,
        .low = -1.0,
        .high = 1.0,
        .saturated_low = -0.757,
        .saturated_high = 0.757,
        .saturation_rule = "|h| > 0.757",
    },
    [ACTIVATION_SOFTPLUS] = {
        .name = "softplus",
        .label = "Softplus",
        .formula = "log(1 + e^z)",
        .about = "a smooth ReLU that is never zero; its slope is the sigmoid",
        .source = "Dugas, Bengio, Bélisle, Nadeau & Garcia, NIPS 2000",
        .forward = softplus_forward,
        .backward = softplus_backward,
        .value = softplus_value,
        .slope = sigmoid_value,
        .fades = true,
        UNBOUNDED,
    },
    [ACTIVATION_HARD_TANH] = {
        .name = "hard_tanh",
        .label = "Hard tanh",
        .formula = "min(1, max(-1, z))",
        .about = "tanh in three straight pieces: slope 1 inside -1..1, 0 outside",
        .source = "Collobert, Large Scale Machine Learning, 2004",
        .forward = hard_tanh_forward,
        .backward = hard_tanh_backward,
        .value = hard_tanh_value,
        .slope = hard_tanh_slope,
        .kinks = 2,
        .kink = { -1.0, 1.0 },
        .bounded = true,
        .low = -1.0,
        .high = 1.0,
        .saturated_low = -1.0 + 0x1p-24, // next to -1 in float
        .saturated_high = 1.0 - 0x1p-24,
        .saturation_rule = "|h| = 1",
    },
    [ACTIVATION_MISH] = {
        .name = "mish",
        .label = "Mish",
        .formula = "z tanh(log(1 + e^z))",
        .about = "a smooth ReLU that dips below zero, like SiLU",
        .source = "Misra, BMVC 2020",
        .forward = mish_forward,
        .backward = mish_backward,
        .value = mish_value,
        .slope = mish_slope,
        .fades = true,
        UNBOUNDED,
    },
    [ACTIVATION_SCALED_TANH] = {
        .name = "scaled_tanh",
        .label = "Scaled tanh",
        .formula = "1.7159 tanh(2z/3)",
        .about = "tanh stretched so that ±1 stay ±1, in the middle of its bend",
        .source = "LeCun, Bottou, Orr & Müller, Efficient BackProp, 1998",
        .forward = scaled_tanh_forward,
        .backward = scaled_tanh_backward,
        .value = scaled_tanh_value,
        .slope = scaled_tanh_slope,
        .bounded = true,
        .low = -2.0,
        .high = 2.0,
        .saturated_low = -0.97 * SCALED_TANH_HEIGHT,
        .saturated_high = 0.97 * SCALED_TANH_HEIGHT,
        .saturation_rule = "|h| > 1.664",
    },
    [ACTIVATION_MAXOUT] = {
        .name = "maxout",
        .label = "Maxout",
        .formula = "max of k linear maps z_1 ... z_k (k: pieces, 2)",
        .about = "learns its own bends: every unit takes the largest of k linear maps",
        .source = "Goodfellow, Warde-Farley, Mirza, Courville & Bengio, ICML 2013",
        .form = ACTIVATION_PIECES,
        .forward = linear_forward,
        .backward = linear_backward,
        .value = linear_value,
        .slope = linear_slope,
        UNBOUNDED,
    },
};
static_assert(ARRAY_LEN(activations) == ACTIVATION_COUNT, "a row is missing");
