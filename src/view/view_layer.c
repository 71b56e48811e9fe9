/* view_layer.c - view 3: one layer, unit by unit. */
#include <math.h>

#include "view/layer_parts.h"

/* Where the layers are told apart and chosen. */
static void draw_layers(struct frame *frame, struct rect strip) {
    frame->columns = columns_in(strip.x + frame->gutter, strip.x + strip.w, frame->layers);
    struct rect marked = column_rect(&frame->columns, strip, frame->selected);
    if (frame->layers > 1) {
        draw_rect(frame->list, marked, theme_fade(frame->theme->focus, 0.22f));
    }
    explain(frame, strip, SUBJECT_LAYERS);
    columns_draw_numbers(frame, strip);
    columns_add_hits(frame, strip);
}

static float unit_height(const struct frame *frame, float height) {
    float least = frame->tight ? 88.0f : 104.0f;
    float row = fminf(fmaxf((frame->runs == 2 ? 0.18f : 0.26f) * height, least), 260.0f);
    return panel_title_height(frame) + row * (float)frame->runs;
}

static void draw_sidebar(const struct frame *frame, struct rect area, float gap) {
    panel_weight_spread_draw(frame, rect_cut_top(&area, 0.62f * area.h));
    rect_cut_top(&area, gap);
    panel_units_draw(frame, area);
}

void view_layer_draw(struct frame *frame, struct rect area) {
    float gap = frame->tight ? 4.0f : 10.0f;
    bool looked = frame_detail(frame, 0) || frame_detail(frame, 1);
    if (frame->layers > 1) {
        draw_layers(frame, rect_cut_top(&area, 18.0f));
        rect_cut_top(&area, 2.0f);
    }
    if (looked || has_layers(frame)) {
        struct rect side = rect_cut_right(&area, sidebar_width(frame));
        rect_cut_right(&area, frame->tight ? 14.0f : 26.0f);
        draw_sidebar(frame, side, gap);
    }
    if (!looked) {
        draw_ground(frame, area);
        draw_missing(frame, area, "weights and units");
        return;
    }
    struct rect unit = rect_cut_bottom(&area, unit_height(frame, area.h));
    rect_cut_bottom(&area, gap);
    panel_weights_draw(frame, area);
    panel_unit_draw(frame, unit);
}
