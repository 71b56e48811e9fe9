/* view_history.c - view 2: how everything came to be as it is. */
#include <math.h>

#include "view/panel.h"

/* Ridges at the left; at the right, over one time axis, what is recorded of each step. */
void view_history_draw(struct frame *frame, struct rect area) {
    if (!has_layers(frame)) {
        panel_loss_draw(frame, area);
        return;
    }
    frame->columns = columns_in(area.x + frame->gutter, area.x + area.w, frame->layers);
    struct rect right = rect_cut_right(&area, 0.5f * area.w);
    rect_cut_right(&area, frame->tight ? 14.0f : 26.0f);
    panel_ridges_draw(frame, area);
    float loss = fmaxf(0.34f * right.h, 150.0f);
    panel_loss_draw(frame, rect_cut_bottom(&right, loss));
    panel_scalars_draw(frame, right);
}
