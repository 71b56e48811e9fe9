/* view_data.c - view 4: the examples, and what becomes of them. */
#include "view/panel.h"

void view_data_draw(struct frame *frame, struct rect area) {
    panel_loss_draw(frame, area);
}
