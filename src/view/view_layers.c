/* view_layers.c - view 1: every layer beside the others, and what explains the selected one. */
#include <math.h>

#include "view/panel.h"

static const struct panel {
    const char *name;
    void (*draw)(const struct frame *frame, struct rect area);
    float share; // of the height that rows share; 0: it takes what it needs
} panels[PANEL_COUNT] = {
    [PANEL_ACTIVATIONS] = { "Activations", panel_activations_draw, 0.365f },
    [PANEL_GRADIENTS] = { "Gradients", panel_gradients_draw, 0.365f },
    [PANEL_MAGNITUDE] = { "Gradient magnitude", panel_magnitude_draw, 0.27f },
    [PANEL_HISTORY] = { "History", panel_history_draw, 0.0f },
    [PANEL_LOSS] = { "Loss and accuracy", panel_loss_draw, 0.0f },
    [PANEL_PHI] = { "Where z falls on φ", panel_phi_draw, 0.0f },
    [PANEL_WHY] = { "Why", panel_why_draw, 0.0f },
};

/* A network may go straight from its inputs to its output. */
bool has_layers(const struct frame *frame) {
    return frame->snapshot->run[0].layers > 0 ||
           (frame->runs == 2 && frame->snapshot->run[1].layers > 0);
}

void draw_no_layers(const struct frame *frame, struct rect area) {
    label_centre(frame, area, TEXT_TITLE, frame->theme->secondary,
                 "no hidden layers, so there is nothing to show of them: ↑ adds one");
}

static bool is_open(const struct frame *frame, enum panel_id id) {
    return !frame->state->panels.folded[id];
}

static bool over_layers(enum panel_id id) {
    return panels[id].share > 0.0f;
}

static void place_columns(struct frame *frame, struct rect area) {
    frame->columns = columns_in(area.x + frame->gutter, area.x + area.w, frame->layers);
    columns_point(frame, area);
    const float least_violin = 7.0f; // of a run
    bool narrow = frame->columns.width < least_violin * (float)frame->runs;
    frame->detail = frame->detail == DETAIL_VIOLINS && narrow ? DETAIL_MAP : frame->detail;
}

static void draw_panel(struct frame *frame, enum panel_id id, struct rect area) {
    frame->panel = id;
    if (is_open(frame, id) || frame->state->panels.blown == id) {
        panels[id].draw(frame, area);
    } else {
        panel_title(frame, &area, SUBJECT_NONE, panels[id].name, NULL, 0);
    }
    frame->panel = PANEL_NONE;
}

static float gap_of(const struct frame *frame) {
    return frame->tight ? 3.0f : 8.0f;
}

/* Rows from first to last below each other, each with its height. */
static void draw_stack(struct frame *frame, struct rect area, enum panel_id first,
                       enum panel_id last, const float *height) {
    for (enum panel_id id = first; id <= last; id++) {
        draw_panel(frame, id, rect_cut_top(&area, height[id]));
        rect_cut_top(&area, gap_of(frame));
    }
}

/*
 * The rows over the layer axis: what titles, ticks and gaps leave is shared by those that are open.
 * History is the first to give way in a low window.
 */
static void draw_rows(struct frame *frame, struct rect area) {
    float title = panel_title_height(frame), head = title + 18.0f, shares = 0.0f;
    const int gaps = PANEL_HISTORY - PANEL_ACTIVATIONS;
    float free_height = area.h - (float)gaps * gap_of(frame), height[PANEL_COUNT];
    for (enum panel_id id = PANEL_ACTIVATIONS; id <= PANEL_HISTORY; id++) {
        height[id] = is_open(frame, id) ? head : title;
        free_height -= height[id];
        shares += is_open(frame, id) ? panels[id].share : 0.0f;
    }
    if (is_open(frame, PANEL_HISTORY)) {
        float history = fminf(fmaxf(0.22f * free_height - 40.0f, 26.0f), 150.0f);
        history = shares > 0.0f ? history : free_height;
        height[PANEL_HISTORY] += history;
        free_height -= history;
    }
    for (enum panel_id id = PANEL_ACTIVATIONS; id < PANEL_HISTORY && shares > 0.0f; id++) {
        height[id] += is_open(frame, id) ? free_height * panels[id].share / shares : 0.0f;
    }
    struct rect rows = area;
    rows.h -= height[PANEL_HISTORY];
    place_columns(frame, rows);
    draw_stack(frame, area, PANEL_ACTIVATIONS, PANEL_HISTORY, height);
}

/* The table as high as its rows want, phi about square, the rest is for the loss. */
static void draw_sidebar(struct frame *frame, struct rect area) {
    if (!has_layers(frame)) {
        draw_panel(frame, PANEL_LOSS, area);
        return;
    }
    if (frame->snapshot->watched.active) {
        draw_panel(frame, PANEL_LOSS, rect_cut_top(&area, 0.5f * area.h));
        rect_cut_top(&area, gap_of(frame));
        panel_logged_draw(frame, area);
        return;
    }
    float height[PANEL_COUNT], title = panel_title_height(frame), gap = gap_of(frame);
    height[PANEL_LOSS] = height[PANEL_PHI] = height[PANEL_WHY] = title;
    bool loss = is_open(frame, PANEL_LOSS), phi = is_open(frame, PANEL_PHI);
    float rest = area.h - 2.0f * gap;
    if (is_open(frame, PANEL_WHY)) {
        float most = loss || phi ? 0.42f * area.h : rest - 2.0f * title;
        height[PANEL_WHY] = fminf(panel_why_height(frame), most);
    }
    rest -= height[PANEL_WHY];
    if (phi) {
        height[PANEL_PHI] = loss ? fminf(0.48f * rest, 0.9f * area.w) : rest - title;
    }
    if (loss) {
        height[PANEL_LOSS] = rest - height[PANEL_PHI];
    }
    draw_stack(frame, area, PANEL_LOSS, PANEL_WHY, height);
}

static void choose_ranges(const struct frame *frame) {
    const struct view_state *state = frame->state;
    struct view_hits *hits = frame->hits;
    ranges_fit(&hits->fit, frame->snapshot, frame->runs, state->gradient, state->linear);
    (state->frozen ? ranges_start : ranges_grow)(&hits->ranges, &hits->fit);
}

void view_layers_draw(struct frame *frame, struct rect area) {
    choose_ranges(frame);
    enum panel_id blown = frame->state->panels.blown;
    if (blown && (blown == PANEL_LOSS || has_layers(frame))) {
        if (over_layers(blown)) {
            place_columns(frame, area);
        }
        draw_panel(frame, blown, area);
        return;
    }
    draw_sidebar(frame, rect_cut_right(&area, sidebar_width(frame)));
    rect_cut_right(&area, frame->tight ? 14.0f : 26.0f);
    if (has_layers(frame)) {
        draw_rows(frame, area);
    } else {
        draw_ground(frame, area);
        draw_no_layers(frame, area);
    }
}
