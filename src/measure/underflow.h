/*
 * underflow.h - which zeros are zero only because float32 cannot hold the number.
 *
 * An entry of z or delta counts as underflow when it is exactly zero although every factor it is
 * made of is not: its example carried a signal into the product (or lost it to underflow one layer
 * before), a part of it that is not zero met a weight that is not zero, no bias hides it, and phi'
 * there is not zero. An entry of h counts, too, when phi(z) is not zero but float32 rounds it to
 * it.
 */
#ifndef MEASURE_UNDERFLOW_H
#define MEASURE_UNDERFLOW_H

#include "engine/network.h"
#include "measure/snapshot.h"

/*
 * Fill the underflow fields of run's hidden layers, whose moments must be there. lost is scratch,
 * one byte per example of the batch.
 */
void underflow_count(const struct network *network, unsigned char *lost, struct run_snapshot *run);

/*
 * How many zeros of one example's g = d loss / d h (d_l) are underflow; delta (d_{l+1}) is of the
 * layer above. delta_lost: some of that layer's deltas underflowed. On entry *lost says that some of
 * the example's gradient underflowed further up, on return, that some did here.
 */
uint64_t underflow_of_gradient(const struct layer *above, const real *delta, const real *g,
                               bool delta_lost, bool *lost);

/*
 * Does every zero come from its own layer's weights, activation and mask? Elsewhere underflow is
 * not told from zero.
 */
bool underflow_explains_zeros(const struct network_config *config);

#endif
