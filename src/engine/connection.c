#include "engine/connection.h"

#include <assert.h>
#include <math.h>

#include "base/require.h"

const struct connection_row connections[] = {
    [CONNECTION_PLAIN] = {
        .name = "plain",
        .label = "plain",
        .formula = "h_l = φ(h_{l-1} W_l + b_l)",
        .about = "every layer sees only the one below",
    },
    [CONNECTION_RESIDUAL] = {
        .name = "residual",
        .label = "residual",
        .formula = "h = x + s F(x), F of one or two layers",
        .about = "what comes in is added to what comes out, so gradients have a way around",
        .source = "He, Zhang, Ren & Sun, CVPR 2016",
    },
    [CONNECTION_SPLIT] = {
        .name = "split",
        .label = "split & merge",
        .formula = "k groups of d/k units, each with its own W; concatenated for the output",
        .about = "parallel columns of layers that do not see each other until the output",
        .source = "Krizhevsky, Sutskever & Hinton, NIPS 2012",
    },
    [CONNECTION_RECURRENT] = {
        .name = "recurrent",
        .label = "recurrent",
        .formula = "h_t = φ(h_{t-1} W + x U + b): the same U, W, b at every depth",
        .about = "weights tied over depth, the input fed at every step: depth is time",
        .source = "Elman, Cognitive Science 14, 1990",
    },
};
static_assert(ARRAY_LEN(connections) == CONNECTION_COUNT, "a row is missing");

static double scale_one(int blocks) {
    (void)blocks;
    return 1.0;
}

static double scale_depth(int blocks) {
    return 1.0 / sqrt(blocks);
}

static double scale_zero(int blocks) {
    (void)blocks;
    return 0.0;
}

static double gain_one(int blocks, int span) {
    (void)blocks, (void)span;
    return 1.0;
}

/* L^(-1 / (2m - 2)) for m layers a branch; the only layer of a branch is its last one. */
static double gain_fixup(int blocks, int span) {
    return span > 1 ? pow(blocks, -1.0 / (2.0 * span - 2.0)) : 1.0;
}

const struct branch_row branches[] = {
    [BRANCH_ONE] = {
        .name = "unscaled",
        .label = "s = 1",
        .formula = "s = 1",
        .about = "the branch is added as it is",
        .source = "He, Zhang, Ren & Sun, CVPR 2016",
        .scale = scale_one,
        .gain = gain_one,
    },
    [BRANCH_DEPTH] = {
        .name = "depth",
        .label = "s = 1/√blocks",
        .formula = "s = 1/√(number of blocks)",
        .about = "all branches together add about as much as came in",
        .source = "Balduzzi et al., ICML 2017",
        .scale = scale_depth,
        .gain = gain_one,
    },
    [BRANCH_REZERO] = {
        .name = "rezero",
        .label = "ReZero",
        .formula = "s learned, from 0",
        .about = "every block begins as the identity and learns how much to add",
        .source = "Bachlechner et al., UAI 2021",
        .learned = true,
        .scale = scale_zero,
        .gain = gain_one,
    },
    [BRANCH_FIXUP] = {
        .name = "fixup",
        .label = "Fixup",
        .formula = "last W of a branch 0, the others times blocks^(-1/(2m-2)); s learned, from 1",
        .about = "blocks begin at zero because their last weights are; for two layers without "
                 "normalisation; the output layer is drawn as ever",
        .source = "Zhang, Dauphin & Ma, ICLR 2019",
        .learned = true,
        .last_zero = true,
        .scale = scale_one,
        .gain = gain_fixup,
    },
};
static_assert(ARRAY_LEN(branches) == BRANCH_COUNT, "a row is missing");

int connection_blocks(const struct connection_settings *settings, int layers) {
    return settings->which == CONNECTION_RESIDUAL && layers > 0 ? (layers - 1) / settings->span : 0;
}

int connection_block(const struct connection_settings *settings, int layers, int index,
                     bool *last) {
    int blocks = connection_blocks(settings, layers);
    *last = false;
    if (index == 0 || blocks == 0 || (index - 1) / settings->span >= blocks) {
        return 0;
    }
    *last = index % settings->span == 0;
    return (index - 1) / settings->span + 1;
}
