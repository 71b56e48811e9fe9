/* view_textbook.c - the figure for a page: a histogram for each layer. */
#include "view/panel.h"

void view_textbook_draw(struct frame *frame, struct rect area) {
    frame->columns = columns_in(area.x + frame->gutter, area.x + area.w, frame->layers);
    panel_activations_draw(frame, area);
}
