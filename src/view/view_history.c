/* view_history.c - view 2: how everything came to be as it is. */
#include "view/panel.h"

void view_history_draw(struct frame *frame, struct rect area) {
    frame->columns = columns_in(area.x + frame->gutter, area.x + area.w, frame->layers);
    struct rect side = rect_cut_right(&area, 0.4f * area.w);
    rect_cut_left(&side, frame->gutter);
    panel_loss_draw(frame, side);
    panel_history_draw(frame, area);
}
