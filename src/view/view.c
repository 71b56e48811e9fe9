#include "view/view.h"

#include <math.h>

#include "view/panel.h"

enum { MOST_BARS = 16, LEAST_MAP = 60 };

static const float footer_height = 34.0f;

const struct layer_stats *frame_layer(const struct frame *frame, int run, int layer) {
    const struct run_snapshot *shown = &frame->snapshot->run[run];
    return layer >= 1 && layer <= shown->layers ? &shown->layer[layer - 1] : NULL;
}

static int clamp(int value, int low, int high) {
    return value < low ? low : value > high ? high : value;
}

static void frame_init(struct frame *frame) {
    const struct snapshot *snapshot = frame->snapshot;
    const struct view_state *state = frame->state;
    frame->theme = &themes[state->theme];
    frame->tight = state->width < 1200.0f || state->height < 760.0f;
    frame->margin = frame->tight ? 12.0f : 20.0f;
    frame->gutter = frame->tight ? 54.0f : 60.0f;
    frame->runs = state->compare && snapshot->runs == 2 ? 2 : 1;
    frame->layers = 1;
    for (int run = 0; run < frame->runs; run++) {
        int layers = snapshot->run[run].layers;
        frame->layers = layers > frame->layers ? layers : frame->layers;
    }
    frame->selected = clamp(state->selected, 1, frame->layers);
    frame->detail = frame->layers <= MOST_BARS  ? DETAIL_BARS
                    : frame->layers < LEAST_MAP ? DETAIL_VIOLINS
                                                : DETAIL_MAP;
}

/* A network may go straight from its inputs to its output. */
static bool has_layers(const struct frame *frame) {
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

static void draw_body(struct frame *frame, struct rect area) {
    if (!frame->snapshot->has_runs) {
        overlay_message_draw(frame, rect_inset(area, frame->margin, 0.0f));
        return;
    }
    area = rect_inset(area, frame->margin, 0.0f);
    bar_verdict_draw(frame, rect_cut_top(&area, bar_verdict_height(frame, area.w)));
    rect_cut_bottom(&area, frame->tight ? 4.0f : 10.0f);
    float sidebar = fminf(fmaxf(0.226f * frame->state->width, 250.0f), 460.0f);
    draw_sidebar(frame, rect_cut_right(&area, sidebar));
    rect_cut_right(&area, frame->tight ? 14.0f : 26.0f);
    if (has_layers(frame)) {
        draw_rows(frame, area);
    } else {
        draw_no_rows(frame, area);
    }
}

void view_draw(struct display_list *list, struct view_hits *hits, const struct view_state *state,
               const struct snapshot *snapshot, const struct history_view *history) {
    struct frame frame = {
        .list = list, .hits = hits, .state = state, .snapshot = snapshot, .history = history
    };
    frame_init(&frame);
    hits->count = hits->menu_first = 0;
    struct rect window = { 0.0f, 0.0f, state->width, state->height };
    struct rect area = window;
    draw_rect(list, window, frame.theme->background);
    struct rect top = rect_cut_top(&area, bar_top_height(&frame));
    struct rect footer = rect_cut_bottom(&area, footer_height);
    draw_body(&frame, area);
    bar_top_draw(&frame, top);
    bar_footer_draw(&frame, footer);
    overlay_menu_draw(&frame, rect_cut_right(&area, overlay_menu_width(&frame)));
    overlay_toast_draw(&frame, area);
    if (state->show_help) {
        overlay_help_draw(&frame, window);
    }
}

struct view_hit view_hit_at(const struct view_hits *hits, float x, float y) {
    for (int i = hits->count - 1; i >= 0; i--) {
        if (rect_contains(hits->hit[i].rect, x, y)) {
            return hits->hit[i];
        }
    }
    return (struct view_hit){ .kind = HIT_NONE };
}
