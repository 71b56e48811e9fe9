#include "engine/loss.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>

#include "base/require.h"
#include "engine/kernels.h"

/* The target of one output: the class index itself for a single output, else one-hot. */
static double pure_target(uint8_t label, int output, int outputs) {
    return outputs == 1 ? label : label == output;
}

/* The target of one output for example i. */
static double target_of(const struct loss_targets *targets, size_t i, int output, int outputs) {
    double target = pure_target(targets->labels[i], output, outputs);
    if (!targets->other_labels || targets->other_labels[i] == targets->labels[i]) {
        return target;
    }
    double other = pure_target(targets->other_labels[i], output, outputs);
    return targets->lambda * target + (1.0 - targets->lambda) * other;
}

/*
 * Softmax of one example: prediction and delta for the target `label` from the shifted logits in p.
 * Returns the logarithm of the sum that divides them.
 */
static double softmax(real *p, real *d, int label, int outputs) {
    kernels->exp(p, p, (size_t)outputs);
    double sum = kernels->sum(p, (size_t)outputs);
    double wrong = 0.0; // 1 - the chosen share, which would lose its digits close to 1
    for (int k = 0; k < outputs; k++) {
        double share = (double)p[k] / sum;
        wrong += k == label ? 0.0 : share;
        p[k] = d[k] = (real)share;
    }
    d[label] = (real)-wrong;
    return log(sum);
}

/* Nothing of an infinity is nothing. */
static double weighted(double share, real value) {
    return share > 0.0 ? share * (double)value : 0.0;
}

static double cross_entropy(const real *logits, const struct loss_targets *targets, int batch,
                            int outputs, real *prediction, real *delta) {
    double total = 0.0;
    for (int i = 0; i < batch; i++) {
        const real *z = logits + (size_t)i * (size_t)outputs;
        real *p = prediction + (size_t)i * (size_t)outputs;
        real *d = delta + (size_t)i * (size_t)outputs;
        int label = targets->labels[i];
        int other = targets->other_labels ? targets->other_labels[i] : label;
        double rest = other == label ? 0.0 : 1.0 - targets->lambda; // share of the other label
        real largest = z[0];
        for (int k = 1; k < outputs; k++) {
            largest = z[k] > largest ? z[k] : largest;
        }
        for (int k = 0; k < outputs; k++) {
            p[k] = z[k] - largest; // the softmax does not change, the exponential cannot overflow
        }
        double chosen = weighted(1.0 - rest, p[label]) + weighted(rest, p[other]);
        total += softmax(p, d, label, outputs) - chosen;
        d[label] += (real)rest;
        d[other] -= (real)rest;
    }
    return total / batch;
}

static double binary_cross_entropy(const real *logits, const struct loss_targets *targets,
                                   int batch, int outputs, real *prediction, real *delta) {
    size_t n = (size_t)batch * (size_t)outputs;
    kernels->sigmoid(logits, prediction, n);
    double total = 0.0;
    for (size_t i = 0, at = 0; i < (size_t)batch; i++) {
        for (int k = 0; k < outputs; k++, at++) {
            double target = target_of(targets, i, k, outputs), z = (double)logits[at];
            // -t log s(z) - (1 - t) log(1 - s(z)), written so that nothing overflows
            total += (z > 0.0 ? z : 0.0) - target * z + log1p(exp(-fabs(z)));
            delta[at] = target == 1.0 ? -logits[at] : logits[at];
        }
    }
    kernels->sigmoid(delta, delta, n); // the probability of the wrong answer, to all its digits
    for (size_t i = 0, at = 0; i < (size_t)batch; i++) {
        for (int k = 0; k < outputs; k++, at++) {
            double target = target_of(targets, i, k, outputs);
            double error = target == 1.0 ? -(double)delta[at] : (double)delta[at] - target;
            delta[at] = (real)(error / outputs);
        }
    }
    return total / (double)n;
}

static double mean_squared_error(const real *logits, const struct loss_targets *targets, int batch,
                                 int outputs, real *prediction, real *delta) {
    double total = 0.0;
    for (size_t i = 0, at = 0; i < (size_t)batch; i++) {
        for (int k = 0; k < outputs; k++, at++) {
            real error = logits[at] - (real)target_of(targets, i, k, outputs);
            prediction[at] = logits[at];
            delta[at] = 2 * error / (real)outputs;
            total += (double)error * (double)error;
        }
    }
    return total / ((double)batch * outputs);
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
    if (isnan(margin)) {
        return 0.0;
    }
    if (fabs(margin) <= LOSS_UNDECIDED) {
        return 0.5;
    }
    return (margin > 0.0) == (label == 1);
}

static double count_correct(const real *prediction, const uint8_t *labels, int batch, int outputs) {
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
        correct += best == labels[i] && !isnan(p[best]);
    }
    return correct;
}

double loss_correct(const real *prediction, const struct loss_targets *targets, int batch,
                    int outputs) {
    double correct = count_correct(prediction, targets->labels, batch, outputs);
    if (!targets->other_labels) {
        return correct;
    }
    double other = count_correct(prediction, targets->other_labels, batch, outputs);
    return targets->lambda * correct + (1.0 - targets->lambda) * other;
}
