/* view_phase.c - view 5: the plane of initialisations. */
#include "view/panel.h"

void view_phase_draw(struct frame *frame, struct rect area) {
    panel_why_draw(frame, area);
}
