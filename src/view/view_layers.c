/* view_layers.c - view 1: every layer beside the others, and what explains the selected one. */
#include <math.h>

#include "view/panel.h"

/* A network may go straight from its inputs to its output. */
bool has_layers(const struct frame *frame) {
    return frame->snapshot->run[0].layers > 0 ||
           (frame->runs == 2 && frame->snapshot->run[1].layers > 0);
}

static void draw_no_rows(const struct frame *frame, struct rect area) {
    draw_ground(frame, area);
    label_centre(frame, area, TEXT_TITLE, frame->theme->secondary,
                 "no hidden layers, so there is nothing to show of them");
}

/* The rows over the layer axis. History is the first to give way in a low window. */
static void draw_rows(struct frame *frame, struct rect area) {
    float gap = frame->tight ? 3.0f : 8.0f;
    float head = panel_title_height(frame) + 18.0f;
    float free_height = area.h - 4.0f * head - 3.0f * gap;
    float history = fminf(fmaxf(0.22f * free_height - 40.0f, 26.0f), 150.0f);
    float magnitude = 0.27f * (free_height - history);
    float distribution = 0.5f * (free_height - history - magnitude);

    frame->columns = columns_in(area.x + frame->gutter, area.x + area.w, frame->layers);
    struct rect activations = rect_cut_top(&area, distribution + head);
    rect_cut_top(&area, gap);
    struct rect gradients = rect_cut_top(&area, distribution + head);
    rect_cut_top(&area, gap);
    struct rect magnitudes = rect_cut_top(&area, magnitude + head);
    rect_cut_top(&area, gap);

    struct rect rows = { activations.x, activations.y, activations.w,
                         magnitudes.y + magnitudes.h - activations.y };
    for (int l = 1; l <= frame->layers; l++) {
        add_hit(frame, column_rect(&frame->columns, rows, l), HIT_LAYER, l);
    }
    panel_activations_draw(frame, activations);
    panel_gradients_draw(frame, gradients);
    panel_magnitude_draw(frame, magnitudes);
    panel_history_draw(frame, area);
}

static void draw_sidebar(const struct frame *frame, struct rect area) {
    if (!has_layers(frame)) {
        panel_loss_draw(frame, area);
        return;
    }
    float gap = frame->tight ? 3.0f : 8.0f;
    float why = fminf(panel_why_height(frame), 0.46f * area.h);
    panel_why_draw(frame, rect_cut_bottom(&area, why));
    rect_cut_bottom(&area, gap);
    float phi = fminf(0.52f * (area.h - gap), 0.9f * area.w);
    panel_phi_draw(frame, rect_cut_bottom(&area, phi));
    rect_cut_bottom(&area, gap);
    panel_loss_draw(frame, area);
}

void view_layers_draw(struct frame *frame, struct rect area) {
    float sidebar = fminf(fmaxf(0.226f * frame->state->width, 250.0f), 460.0f);
    draw_sidebar(frame, rect_cut_right(&area, sidebar));
    rect_cut_right(&area, frame->tight ? 14.0f : 26.0f);
    if (has_layers(frame)) {
        draw_rows(frame, area);
    } else {
        draw_no_rows(frame, area);
    }
}
