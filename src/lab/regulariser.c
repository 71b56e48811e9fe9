#include "lab/regulariser.h"

#include "base/require.h"

static const struct regulariser_row rows[] = {
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
