/*
 * participation.h - how many directions a layer's activations really use.
 *
 * The participation ratio of h (batch, units) is (sum of lambda)^2 / sum of lambda^2 over the
 * eigenvalues of its covariance: n for n equal directions, 1 for a single one. Both sums are the
 * trace and the squared Frobenius norm of the centred Gram matrix, of examples or of units,
 * whichever are fewer, so no eigenvalue is computed.
 */
#ifndef MEASURE_PARTICIPATION_H
#define MEASURE_PARTICIPATION_H

#include <stddef.h>

#include "engine/real.h"

/* Examples or units, whichever are fewer, beyond which it is not measured: it would take too long.
 */
enum { PARTICIPATION_MOST = 1024 };

/* Numbers of scratch that a layer of this shape needs; 0 where it is not measured. */
size_t participation_scratch(int batch, int units);

/*
 * Of h (batch, units), whose sd over all entries is given. NaN where the entries are not finite,
 * do not differ between examples, or are too many.
 */
double participation_ratio(const real *h, int batch, int units, double sd, real *scratch);

#endif
