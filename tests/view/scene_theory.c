#include <math.h>
#include <string.h>

#include "base/require.h"
#include "base/text.h"
#include "scene.h"

static struct phase planes[SNAPSHOT_RUNS];

/* chi = slope sw2 e^-sb and xi = 1 / |log chi|; where it grows, chi > 1 has no xi. */
static void fill_plane(struct phase *plane, double sw_high, double slope, bool grows) {
    memset(plane, 0, sizeof *plane);
    plane->sw_high = sw_high;
    plane->sb_high = 0.75;
    for (int r = 0; r < PHASE_ROWS; r++) {
        double sb = plane->sb_high * r / (PHASE_ROWS - 1);
        for (int c = 0; c < PHASE_COLUMNS; c++) {
            double sw = plane->sw_high * c / (PHASE_COLUMNS - 1);
            double chi = slope * sw * sw * exp(-sb);
            plane->chi[r][c] = (float)chi;
            plane->xi[r][c] = grows && chi > 1.0 ? NAN : (float)(1.0 / fabs(log(chi)));
        }
        struct phase_segment *segment = &plane->line[plane->line_count];
        segment->sb[0] = segment->sb[1] = (float)sb;
        segment->sw[0] = segment->sw[1] = (float)sqrt(exp(sb) / slope);
        if (r > 0) {
            plane->line[plane->line_count - 1].sb[1] = segment->sb[0];
            plane->line[plane->line_count - 1].sw[1] = segment->sw[0];
        }
        plane->line_count += r + 1 < PHASE_ROWS;
    }
    plane->nodes = PHASE_NODES;
    for (int i = 0; i < PHASE_NODES; i++) { // of a phi with slopes 0 and sqrt(2 slope), as ReLU
        plane->node[i] = (struct phase_node){ .square = slope, .slope_square = slope };
    }
}

void scene_planes(struct scene *made, bool shared) {
    static const double sw2[SNAPSHOT_RUNS] = { 2.0, 0.01 }, sb2[SNAPSHOT_RUNS] = { 0.0, 0.04 };
    made->state.view = VIEW_PHASE;
    fill_plane(&planes[0], 2.0, 0.5, true);
    fill_plane(&planes[1], 12.0, 0.01, false);
    for (int r = 0; r < SNAPSHOT_RUNS; r++) {
        struct view_plane *plane = &made->state.plane[r];
        plane->phase = &planes[shared ? 0 : r];
        plane->start = (struct phase_start){ .known = true, .sw2 = sw2[r], .sb2 = sb2[r] };
    }
}

void scene_theory(struct scene *made) {
    made->state.theory = true;
    for (int r = 0; r < made->snapshot.runs; r++) {
        struct run_snapshot *run = &made->snapshot.run[r];
        struct theory *theory = &run->theory;
        run->step = 0;
        theory->applies = true;
        theory->layers = run->layers;
        for (int l = run->layers - 1; l >= 0; l--) {
            const struct layer_stats *layer = &run->layer[l];
            double off = 1.0 + 0.2 * (l % 3 - 1); // by a fifth, either way
            theory->h_mean[l] = off * layer->h.mean;
            theory->h_sd[l] = off * layer->h.sd;
            theory->h_rms[l] = off * layer->h.rms;
            theory->delta_ratio[l] = off * layer->delta.rms / run->layer[run->layers - 1].delta.rms;
            theory->h_band[l] = r == 0 ? 0.5 * sqrt(0.05 * (l + 1)) : 0.0;
            theory->delta_band[l] = r == 0 ? 0.5 * sqrt(0.05 * (run->layers - 1 - l)) : 0.0;
        }
        theory->delta_ratio[run->layers - 1] = 1.0;
    }
}
