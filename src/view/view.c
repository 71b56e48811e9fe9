#include "view/view.h"

#include <math.h>

#include "base/require.h"
#include "view/caption.h"
#include "view/history_map.h"
#include "view/panel.h"

enum { MOST_BARS = 16, LEAST_MAP = 60 };

static const float footer_height = 34.0f;

const struct view_kind views[VIEW_COUNT] = {
    [VIEW_LAYERS] = { "layers", "Layers", "does the signal survive the depth?", NULL,
                      view_layers_draw },
    [VIEW_HISTORY] = { "history", "History", "how did it come to this?", NULL, view_history_draw },
    [VIEW_LAYER] = { "layer", "Layer", "which units of this layer are to blame?",
                     "single weights and units are not in the logs", view_layer_draw },
    [VIEW_DATA] = { "data", "Data", "what has the network learned of the data?",
                    "neither the data nor predictions are in the logs", view_data_draw },
    [VIEW_PHASE] = { "phase", "Phase", "where should the initialiser be?",
                     "how the network is built and initialised is not in the logs",
                     view_phase_draw },
    [VIEW_TEXTBOOK] = { "textbook", "Textbook", "what do the layers hold, for a page?", NULL,
                        view_textbook_draw },
};

const struct view_figure view_figures[] = {
    { "activations", VIEW_LAYERS, PANEL_ACTIVATIONS },
    { "gradients", VIEW_LAYERS, PANEL_GRADIENTS },
    { "magnitude", VIEW_LAYERS, PANEL_MAGNITUDE },
    { "strips", VIEW_LAYERS, PANEL_HISTORY },
    { "loss", VIEW_LAYERS, PANEL_LOSS },
    { "phi", VIEW_LAYERS, PANEL_PHI },
    { "why", VIEW_LAYERS, PANEL_WHY },
    { "layers", VIEW_LAYERS, PANEL_NONE },
    { "history", VIEW_HISTORY, PANEL_NONE },
    { "layer", VIEW_LAYER, PANEL_NONE },
    { "data", VIEW_DATA, PANEL_NONE },
    { "phase", VIEW_PHASE, PANEL_NONE },
    { "textbook", VIEW_TEXTBOOK, PANEL_NONE },
};
const int view_figure_count = ARRAY_LEN(view_figures);

const struct layer_stats *frame_layer(const struct frame *frame, int run, int layer) {
    const struct run_snapshot *shown = &frame->snapshot->run[run];
    return layer >= 1 && layer <= shown->layers ? &shown->layer[layer - 1] : NULL;
}

float sidebar_width(const struct frame *frame) {
    return fminf(fmaxf(0.226f * frame->state->width, 250.0f), 460.0f);
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
    frame->gutter = frame->tight ? 58.0f : 62.0f;
    frame->runs = state->compare && snapshot->runs == 2 ? 2 : 1;
    frame->layers = 1;
    for (int run = 0; run < frame->runs; run++) {
        int layers = snapshot->run[run].layers;
        frame->layers = layers > frame->layers ? layers : frame->layers;
    }
    frame->selected = clamp(state->selected, 1, frame->layers);
    frame->marked = state->bare ? 0 : frame->selected;
    frame->hits->ranges = frame->hits->fit = state->ranges; // only view 1 has use for them
    frame->detail = frame->layers <= MOST_BARS  ? DETAIL_BARS
                    : frame->layers < LEAST_MAP ? DETAIL_VIOLINS
                                                : DETAIL_MAP;
}

static void draw_body(struct frame *frame, struct rect area) {
    area = rect_inset(area, frame->margin, 0.0f);
    if (!frame->snapshot->has_runs) {
        overlay_message_draw(frame, area);
        return;
    }
    bar_verdict_draw(frame, rect_cut_top(&area, bar_verdict_height(frame, area.w)));
    rect_cut_bottom(&area, frame->tight ? 4.0f : 10.0f);
    const struct view_kind *view = &views[frame->state->view];
    if (frame->snapshot->watched.active && view->missing) {
        draw_ground(frame, area);
        label_centre(frame, area, TEXT_TITLE, frame->theme->secondary, view->missing);
        return;
    }
    view->draw(frame, area);
}

/* The textbook has title and caption of its own. */
static void draw_figure(struct frame *frame, struct rect area) {
    if (frame->state->view != VIEW_TEXTBOOK) {
        caption_title(frame, rect_cut_top(&area, CAPTION_TITLE), NULL, NULL);
        caption_line(frame, rect_cut_top(&area, CAPTION_LINE), "", "");
        rect_cut_top(&area, 8.0f);
    }
    views[frame->state->view].draw(frame, area);
}

void view_draw(struct display_list *list, struct view_hits *hits, const struct view_state *state,
               const struct snapshot *snapshot, const struct history_view *history) {
    struct tip said = { .count = 0 };
    struct frame frame = { .list = list,
                           .hits = hits,
                           .state = state,
                           .snapshot = snapshot,
                           .history = history,
                           .tip = &said };
    frame_init(&frame);
    hits->count = hits->menu_first = 0;
    struct rect window = { 0.0f, 0.0f, state->width, state->height };
    struct rect area = window;
    draw_rect(list, window, frame.theme->background);
    if (state->bare && snapshot->has_runs) {
        draw_figure(&frame, rect_inset(area, frame.margin, frame.margin));
        return;
    }
    struct rect top = rect_cut_top(&area, bar_top_height(&frame));
    struct rect footer = rect_cut_bottom(&area, footer_height);
    float menu = overlay_menu_width(&frame);
    struct rect body = area;
    if (body.w - menu >= VIEW_MIN_WIDTH) { // else it covers a part
        rect_cut_right(&body, menu);
    }
    draw_body(&frame, body);
    bar_top_draw(&frame, top);
    bar_footer_draw(&frame, footer);
    overlay_menu_draw(&frame, rect_cut_right(&area, menu));
    float news = overlay_toast_draw(&frame, area);
    if (state->show_help) {
        tip_clear(&frame);
        overlay_help_draw(&frame, window);
    }
    if (state->palette.open) {
        overlay_palette_draw(&frame, window);
    }
    struct rect beside = { 0.0f, 0.0f, area.w, state->height }; // the menu
    struct rect room = hovered(&frame, beside) ? beside : window;
    room.h = fminf(room.h, news);
    overlay_tip_draw(&frame, room);
}

unsigned view_history(const struct view_state *state) {
    return state->view == VIEW_HISTORY ? (1u << HISTORY_QUANTITIES) - 1
                                       : 1u << history_of_gradient(state->gradient);
}

float view_scale_limit(int width, int height) {
    return fminf((float)width / VIEW_MIN_WIDTH, (float)height / VIEW_MIN_HEIGHT);
}

struct view_hit view_hit_at(const struct view_hits *hits, float x, float y) {
    for (int i = hits->count - 1; i >= 0; i--) {
        if (rect_contains(hits->hit[i].rect, x, y)) {
            return hits->hit[i];
        }
    }
    return (struct view_hit){ .kind = HIT_NONE };
}

void view_hit_follow(const struct view_hits *hits, struct view_hit *dragged) {
    for (int i = hits->count - 1; i >= 0; i--) {
        const struct view_hit *hit = &hits->hit[i];
        const struct rect *a = &hit->rect, *b = &dragged->rect;
        if (hit->kind == dragged->kind && a->x == b->x && a->y == b->y && a->w == b->w &&
            a->h == b->h) {
            *dragged = *hit;
            return;
        }
    }
}

double view_hit_x(const struct view_hit *hit, float x) {
    float share = fminf(fmaxf((x - hit->rect.x) / hit->rect.w, 0.0f), 1.0f);
    return hit->left + (double)share * (hit->right - hit->left);
}

double view_hit_y(const struct view_hit *hit, float y) {
    float share = fminf(fmaxf((y - hit->rect.y) / hit->rect.h, 0.0f), 1.0f);
    return hit->top + (double)share * (hit->bottom - hit->top);
}
