#include "engine/activation.h"

#include <assert.h>
#include <math.h>

#include "base/require.h"
#include "engine/kernels.h"

static void sigmoid_forward(const real *z, real *h, size_t n) {
    kernels->sigmoid(z, h, n);
}

static double sigmoid_value(double z) {
    return 1.0 / (1.0 + exp(-z));
}

static double sigmoid_slope(double z) {
    double h = sigmoid_value(z);
    return h * (1.0 - h);
}

static void sigmoid_backward(const real *h, const real *g, real *delta, size_t n) {
    kernels->sigmoid_backward(h, g, delta, n);
}

static void tanh_forward(const real *z, real *h, size_t n) {
    kernels->tanh(z, h, n);
}

static double tanh_slope(double z) {
    double h = tanh(z);
    return 1.0 - h * h;
}

static void tanh_backward(const real *h, const real *g, real *delta, size_t n) {
    kernels->tanh_backward(h, g, delta, n);
}

static double relu_value(double z) {
    return z > 0.0 ? z : 0.0;
}

static double relu_slope(double z) {
    return z > 0.0 ? 1.0 : 0.0;
}

static void relu_forward(const real *z, real *h, size_t n) {
    kernels->relu(z, h, n);
}

static void relu_backward(const real *h, const real *g, real *delta, size_t n) {
    kernels->relu_backward(h, g, delta, n);
}

const struct activation_row activations[] = {
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
        .low = 0.0,
        .high = 1.0,
        .saturated_low = -(double)INFINITY,
        .saturated_high = (double)INFINITY,
    },
};
static_assert(ARRAY_LEN(activations) == ACTIVATION_COUNT, "a row is missing");
