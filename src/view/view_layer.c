/* view_layer.c - view 3: one layer, unit by unit. */
#include "view/panel.h"

void view_layer_draw(struct frame *frame, struct rect area) {
    panel_phi_draw(frame, area);
}
