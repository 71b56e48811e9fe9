#include "engine/loss.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>

#include "base/require.h"
#include "engine/kernels.h"

/* The target of one output: the class index itself for a single output, else one-hot. */
static real target_of(uint8_t label, int output, int outputs) {
    return outputs == 1 ? (real)label : (real)(label == output);
}

static double cross_entropy(const real *logits, const uint8_t *labels, int batch, int outputs,
                            real *prediction, real *delta) {
    double total = 0.0;
    for (int i = 0; i < batch; i++) {
        const real *z = logits + (size_t)i * (size_t)outputs;
        real *p = prediction + (size_t)i * (size_t)outputs;
        real *d = delta + (size_t)i * (size_t)outputs;
        real largest = z[0];
        for (int k = 1; k < outputs; k++) {
            largest = z[k] > largest ? z[k] : largest;
        }
        for (int k = 0; k < outputs; k++) {
            p[k] = z[k] - largest; // the softmax does not change, the exponential cannot overflow
        }
        double chosen = (double)p[labels[i]];
        kernels->exp(p, p, (size_t)outputs);
        double sum = kernels->sum(p, (size_t)outputs);
        total += log(sum) - chosen;
        double wrong = 0.0; // 1 - the chosen share, which would lose its digits close to 1
        for (int k = 0; k < outputs; k++) {
            double share = (double)p[k] / sum;
            wrong += k == labels[i] ? 0.0 : share;
            p[k] = d[k] = (real)share;
        }
        d[labels[i]] = (real)-wrong;
    }
    return total / batch;
}

static double binary_cross_entropy(const real *logits, const uint8_t *labels, int batch,
                                   int outputs, real *prediction, real *delta) {
    size_t n = (size_t)batch * (size_t)outputs;
    kernels->sigmoid(logits, prediction, n);
    double total = 0.0;
    for (size_t i = 0; i < n; i++) {
        real target = target_of(labels[i / (size_t)outputs], (int)(i % (size_t)outputs), outputs);
        double z = (double)logits[i];
        // -t log s(z) - (1 - t) log(1 - s(z)), written so that nothing overflows
        total += (z > 0.0 ? z : 0.0) - (double)target * z + log1p(exp(-fabs(z)));
        delta[i] = target > 0 ? -logits[i] : logits[i];
    }
    kernels->sigmoid(delta, delta, n); // the probability of the wrong answer, to all its digits
    for (size_t i = 0; i < n; i++) {
        real target = target_of(labels[i / (size_t)outputs], (int)(i % (size_t)outputs), outputs);
        delta[i] = (target > 0 ? -delta[i] : delta[i]) / (real)outputs;
    }
    return total / (double)n;
}

static double mean_squared_error(const real *logits, const uint8_t *labels, int batch, int outputs,
                                 real *prediction, real *delta) {
    size_t n = (size_t)batch * (size_t)outputs;
    double total = 0.0;
    for (size_t i = 0; i < n; i++) {
        real target = target_of(labels[i / (size_t)outputs], (int)(i % (size_t)outputs), outputs);
        real error = logits[i] - target;
        prediction[i] = logits[i];
        delta[i] = 2 * error / (real)outputs;
        total += (double)error * (double)error;
    }
    return total / (double)n;
}

const struct loss_row losses[] = {
    [LOSS_CROSS_ENTROPY] = {
        .name = "cross_entropy",
        .label = "softmax + cross-entropy",
        .formula = "-log softmax(z)[y]",
        .about = "one of several classes",
        .source = "Bridle, NeurIPS 1989",
        .evaluate = cross_entropy,
    },
    [LOSS_BINARY_CROSS_ENTROPY] = {
        .name = "binary_cross_entropy",
        .label = "sigmoid + binary cross-entropy",
        .formula = "mean over outputs of -t log s(z) - (1 - t) log(1 - s(z))",
        .about = "yes or no, for each output on its own",
        .source = "Rumelhart, Durbin, Golden & Chauvin, 1995",
        .single_output = true,
        .evaluate = binary_cross_entropy,
    },
    [LOSS_MSE] = {
        .name = "mse",
        .label = "mean squared error",
        .formula = "mean over outputs of (z - t)²",
        .about = "linear outputs, squared distance from the one-hot target",
        .source = "Rumelhart, Hinton & Williams, Nature 323, 1986",
        .single_output = true,
        .evaluate = mean_squared_error,
    },
};
static_assert(ARRAY_LEN(losses) == LOSS_COUNT, "a row is missing");

int loss_outputs(enum loss loss, int classes) {
    return classes == 2 && losses[loss].single_output ? 1 : classes;
}

static double binary_correct(real prediction, uint8_t label) {
    double margin = (double)prediction - 0.5;
    if (fabs(margin) <= LOSS_UNDECIDED) {
        return 0.5;
    }
    return (margin > 0.0) == (label == 1);
}

double loss_correct(const real *prediction, const uint8_t *labels, int batch, int outputs) {
    double correct = 0.0;
    for (int i = 0; i < batch; i++) {
        const real *p = prediction + (size_t)i * (size_t)outputs;
        if (outputs == 1) {
            correct += binary_correct(p[0], labels[i]);
            continue;
        }
        int best = 0;
        for (int k = 1; k < outputs; k++) {
            best = p[k] > p[best] ? k : best;
        }
        correct += best == labels[i];
    }
    return correct;
}
