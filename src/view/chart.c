#include "view/chart.h"

struct rect chart_ground(const struct frame *frame, const struct axis *axis, struct rect area) {
    struct rect gutter = rect_cut_left(&area, CHART_GUTTER);
    rect_cut_right(&gutter, 5.0f);
    draw_ground(frame, area);
    axis_draw_rows(frame, axis, area, gutter);
    return area;
}
