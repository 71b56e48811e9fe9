/*
 * phase.h - where mean-field theory says that signals vanish and explode: the (sw2, sb2) plane.
 *
 * sw2 = fan_in Var(W) and sb2 = Var(b) of the first weights (theory.h). Everywhere on the plane:
 * the q that a deep network settles at when its inputs have mean square 1, chi there, and xi, the
 * depth in layers over which the correlation of two inputs forgets where it began (Schoenholz et
 * al. 2017): -1 / log chi where it settles at 1, -1 / log of the map's slope at c < 1 beyond the
 * critical line chi = 1.
 *
 * Expectations are tabulated once over log q and interpolated; those of two correlated inputs are
 * series in c, for E[phi(u1) phi(u2)] is the sum of a_n^2 c^n with a_n the coefficients of phi in
 * normalised Hermite polynomials (Mehler's formula; Daniely et al. 2016). What is beyond the last
 * term goes into a few more, such that value and slope at c = 1 are exact.
 *
 * Memory: plain data, none is allocated. Threads: pure functions; filling one takes milliseconds.
 */
#ifndef MEASURE_PHASE_H
#define MEASURE_PHASE_H

#include <stdbool.h>

#include "measure/snapshot.h"

struct network_config;
struct phi;

enum {
    PHASE_COLUMNS = 96,
    PHASE_ROWS = 64,
    PHASE_TERMS = 40,
    PHASE_NODES = 192,
    PHASE_SEGMENTS = 768,
    PHASE_MOST = 100 // of a standard deviation on the plane
};

/* What a deep network comes to. */
struct phase_point {
    bool settles;  // else q grows without bounds, and only chi is known: where it goes to
    double q, chi; // as theory.h has them
    double c;      // correlation of any two inputs; at q = 0, where there is no z, its limit
    double xi;     // layers; infinite on the critical line
};

/* A piece of the critical line, from one end to the other, in standard deviations. */
struct phase_segment {
    float sw[2], sb[2];
};

/* Where a network starts on the plane of its activation. */
struct phase_start {
    bool known;
    char reason[SNAPSHOT_SENTENCE]; // why it has no place there
    char missing[64];               // what it has and the plane's plain network has not; may be ""
    double sw2, sb2;                // as the initialiser promises them, from layer 2 on
    bool one_layer;                 // of layer 1 then
};

/* The expectations at one q, of phi(sqrt(q) x). */
struct phase_node {
    double square;             // E[phi^2] / q
    double slope_square;       // E[phi'^2]
    double share[PHASE_TERMS]; // a_n^2 / q
};

/*
 * Values stand at evenly spaced standard deviations: column i at sw = sw_high i / (PHASE_COLUMNS -
 * 1), row i at sb = sb_high i / (PHASE_ROWS - 1), ends included.
 */
struct phase {
    double sw_high, sb_high;
    float chi[PHASE_ROWS][PHASE_COLUMNS];
    float xi[PHASE_ROWS][PHASE_COLUMNS]; // NaN where q grows without bounds
    struct phase_segment line[PHASE_SEGMENTS];
    int line_count;
    int nodes;
    struct phase_node node[PHASE_NODES];
};

/* From the network's configuration alone: training does not move it. */
void phase_locate(const struct network_config *config, struct phase_start *start);

/* The sw that shows the beginning of the critical line, at least 2, where weights vary twice as
 * much as He's. */
double phase_reach(struct phi phi);

/* phi must be one that theory_of_activation() accepts, the highs within 0..PHASE_MOST. */
void phase_fill(struct phase *phase, struct phi phi, double sw_high, double sb_high);

/* Anywhere on a filled plane: 0 <= sw2 <= sw_high^2, 0 <= sb2 <= sb_high^2. */
struct phase_point phase_at(const struct phase *phase, double sw2, double sb2);

#endif
