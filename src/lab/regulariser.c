#include "lab/regulariser.h"

#include "base/require.h"

static const struct regulariser_row rows[] = {
    { .name = "dropout",
      .label = "dropout",
      .formula = "h = y / (1 - p) with probability 1 - p, else 0; evaluation: h = y",
      .about = "hidden units are left out at random, so that none relies on another",
      .source = "Srivastava, Hinton, Krizhevsky, Sutskever & Salakhutdinov, JMLR 15, 2014" },
    { .name = "alpha_dropout",
      .label = "alpha dropout",
      .formula = "h = a y + b with probability 1 - p, else a (-1.7581) + b; mean and variance stay",
      .about = "dropout for SELU: what is left out takes SELU's lowest value",
      .source = "Klambauer, Unterthiner, Mayr & Hochreiter, NIPS 2017" },
    { .name = "drop_connect",
      .label = "DropConnect",
      .formula = "W m / (1 - p), m = 1 with probability 1 - p, else 0; evaluation: W",
      .about = "weights of the hidden layers are left out at random",
      .source = "Wan, Zeiler, Zhang, LeCun & Fergus, ICML 2013" },
    { .name = "stochastic_depth",
      .label = "stochastic depth",
      .formula = "h = x + b s F(x), b = 1 with probability 1 - p l / blocks, else 0",
      .about = "residual blocks are skipped at random, later ones more often",
      .source = "Huang, Sun, Liu, Sedra & Weinberger, ECCV 2016" },
    { .name = "mixup",
      .label = "mixup",
      .formula = "x = λ xᵢ + (1 - λ) xⱼ, y likewise; λ ~ Beta(α, α)",
      .about = "trains on mixtures of two examples and their labels; α = 1 for CIFAR, 0.2 for "
               "ImageNet",
      .source = "Zhang, Cisse, Dauphin & Lopez-Paz, ICLR 2018" },
    { .name = "input_noise",
      .label = "input noise",
      .formula = "x + σ n, n ~ N(0, 1)",
      .about = "new noise on every input at every step; for small σ like a penalty on the slope of "
               "the network",
      .source = "Bishop, Neural Computation 7, 1995" },
    { .name = "shift",
      .label = "random shift",
      .formula = "x(u - a, v - b), a and b uniform from -shift to shift",
      .about = "moves every training image by whole pixels; what comes in is empty",
      .source = "Simard, Steinkraus & Platt, ICDAR 2003" },
};

const struct regulariser_row *regularisers(int *count) {
    *count = ARRAY_LEN(rows);
    return rows;
}
