#include "engine/phi.h"

struct phi phi_of(enum activation which) {
    return (struct phi){
        .which = which,
        .leak = which == ACTIVATION_PRELU ? ACTIVATION_LEARNED_LEAK : ACTIVATION_LEAK,
        .pieces = activations[which].form == ACTIVATION_PIECES ? 2 : 1,
    };
}

double phi_value(const struct phi *phi, double z) {
    const struct activation_row *row = &activations[phi->which];
    return row->form == ACTIVATION_SLOPED ? (z > 0.0 ? z : phi->leak * z) : row->value(z);
}

double phi_slope(const struct phi *phi, double z) {
    const struct activation_row *row = &activations[phi->which];
    return row->form == ACTIVATION_SLOPED ? (z > 0.0 ? 1.0 : phi->leak) : row->slope(z);
}

size_t phi_slopes(const struct phi *phi, size_t units) {
    const struct activation_row *row = &activations[phi->which];
    return row->form != ACTIVATION_SLOPED ? 0 : row->learned ? units : 1;
}

/* A single slope is the same for all entries, wherever the rows end. */
static size_t slope_rows(const struct phi *phi, size_t rows, size_t units) {
    return phi_slopes(phi, units) == 1 ? rows * units : rows;
}

struct pass_sums phi_forward(const struct phi *phi, const real *slopes, const real *z, real *h,
                             size_t rows, size_t units) {
    const struct activation_row *row = &activations[phi->which];
    if (row->form == ACTIVATION_FIXED) {
        return kernels->activation[phi->which].forward_summed(z, h, rows * units);
    }
    if (row->form == ACTIVATION_SLOPED) {
        kernels->sloped(z, slopes, h, slope_rows(phi, rows, units), phi_slopes(phi, units));
        return kernels->pass_sums(z, h, rows * units);
    }
    kernels->maxout(z, h, rows, units, (size_t)phi->pieces);
    return (struct pass_sums){ .z = kernels->sum(z, rows * units * (size_t)phi->pieces),
                               .h = kernels->sum(h, rows * units),
                               .h_squared = kernels->sum_squares(h, rows * units) };
}

struct slope_sums phi_backward(const struct phi *phi, const real *slopes, const real *z,
                               const real *h, const real *g, real *delta, size_t rows,
                               size_t units) {
    const struct activation_row *row = &activations[phi->which];
    size_t n = rows * units;
    if (row->form == ACTIVATION_FIXED) {
        return kernels->activation[phi->which].backward_summed(z, h, g, delta, n);
    }
    struct slope_sums sums = { .g_squared = kernels->sum_squares(g, n) };
    if (row->form == ACTIVATION_SLOPED) {
        kernels->sloped_back(z, slopes, g, delta, slope_rows(phi, rows, units),
                             phi_slopes(phi, units));
    } else {
        kernels->maxout_back(z, h, g, delta, rows, units, (size_t)phi->pieces);
    }
    sums.delta_squared = kernels->sum_squares(delta, n * (size_t)phi->pieces);
    return sums;
}
