#include "app/planes.h"

#include <math.h>

#include "measure/theory.h"

static const double least_sb = 0.75; // shows the literature's sb2 of 0.05 to 0.5
static const double spare = 1.08;    // so that a run does not stand on the edge

static bool phi_equal(struct phi a, struct phi b) {
    return a.which == b.which && a.leak == b.leak && a.pieces == b.pieces;
}

/* Large enough for the place of the run, too. */
static void widen(const struct phase_start *start, double *sw_high, double *sb_high) {
    if (start->known) {
        *sw_high = fmin(fmax(*sw_high, spare * sqrt(start->sw2)), PHASE_MOST);
        *sb_high = fmin(fmax(*sb_high, spare * sqrt(start->sb2)), PHASE_MOST);
    }
}

static void fill(struct planes *planes, int which, struct phi phi,
                 const struct phase_start *const starts[2]) {
    struct plane_key *key = &planes->key[which];
    struct phase *phase = &planes->phase[which];
    bool same = key->reach > 0.0 && phi_equal(key->phi, phi);
    if (!same) {
        *key = (struct plane_key){ phi, phase_reach(phi) };
    }
    double sw_high = key->reach, sb_high = least_sb;
    for (int i = 0; i < 2 && starts[i]; i++) {
        widen(starts[i], &sw_high, &sb_high);
    }
    if (!same || phase->sw_high != sw_high || phase->sb_high != sb_high) {
        phase_fill(phase, phi, sw_high, sb_high);
    }
}

void planes_show(struct planes *planes, const struct experiment *experiment,
                 const struct snapshot *snapshot, struct view_plane shown[2]) {
    struct phi phi[2];
    bool known[2] = { false, false };
    for (int run = 0; run < (experiment->compare ? 2 : 1); run++) {
        struct dataset_shape shape = { .features = snapshot->run[0].inputs,
                                       .classes = snapshot->classes };
        struct network_config config = experiment_network(experiment, run, &shape);
        phi[run] = config.phi;
        known[run] = theory_of_activation(&config, shown[run].reason);
        phase_locate(&config, &shown[run].start);
        shown[run].phase = NULL;
    }
    bool shared = known[0] && known[1] && phi_equal(phi[0], phi[1]);
    const struct phase_start *a = &shown[0].start, *b = &shown[1].start;
    if (known[0]) {
        fill(planes, 0, phi[0], (const struct phase_start *const[]){ a, shared ? b : NULL });
        shown[0].phase = &planes->phase[0];
    }
    if (known[1] && !shared) {
        fill(planes, 1, phi[1], (const struct phase_start *const[]){ b, NULL });
    }
    if (known[1]) {
        shown[1].phase = shared ? shown[0].phase : &planes->phase[1];
    }
}
