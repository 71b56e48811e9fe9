/* view_phase.c - view 5: is my initialiser on the edge between vanishing and exploding? */
#include "view/plane.h"

void view_phase_draw(struct frame *frame, struct rect area) {
    panel_start_draw(frame, rect_cut_right(&area, sidebar_width(frame)));
    rect_cut_right(&area, frame->tight ? 10.0f : 16.0f);
    int planes = frame->runs == 2 && !planes_shared(frame) ? 2 : 1;
    for (int run = 0; run < planes; run++) {
        panel_plane_draw(frame, rect_column(area, run, planes), run);
    }
}
