/*
 * panel_activations.c - how the activations h of each hidden layer are spread; or its weights,
 * where somebody else's log has these and no activations.
 */

#include "base/text.h"
#include "view/distribution.h"
#include "view/format.h"
#include "view/theory_marks.h"

static struct axis choose_axis(const struct frame *frame, float height) {
    const struct range *range = &frame->hits->ranges.row[RANGE_ACTIVATIONS];
    return axis_linear(range->low, range->high, height, 42.0f);
}

/* A level line over a layer's part; short ones in a violin, whose part is narrow. */
static void draw_level(const struct frame *frame, const struct axis *axis, struct rect part,
                       double at, float dash) {
    if (!(at >= axis->low && at <= axis->high)) {
        return;
    }
    float y = axis_y(axis, part, at);
    struct point line[2] = { { part.x, y }, { part.x + part.w, y } };
    marked_line(frame, line, 2, dash);
}

static void draw_layer_moments(const struct frame *frame, const struct distribution *row, int run,
                               int l) {
    const struct moments *h = &frame_layer(frame, run, l)->h;
    struct rect part = column_part(frame, row->plot[run], l, run);
    float sd = axis_y(&row->axis, part, 0.0) - axis_y(&row->axis, part, h->sd);
    if (frame->detail == DETAIL_BARS && sd >= 3.0f) {
        draw_level(frame, &row->axis, part, h->mean - h->sd, 2.0f);
        draw_level(frame, &row->axis, part, h->mean + h->sd, 2.0f);
    }
    if (sd >= 0.7f) { // else the one bar is the mean, and a line would hide it
        draw_level(frame, &row->axis, part, h->mean, 0.0f);
    }
    theory_mark_h(frame, &row->axis, part, run, l);
}

/* Through the layers' columns: mean + factor sd. */
static void draw_course(const struct frame *frame, const struct distribution *row, int run,
                        double factor, float dash) {
    struct point line[SNAPSHOT_LAYERS] = { { 0.0f, 0.0f } };
    int layers = frame->snapshot->run[run].layers;
    for (int l = 1; l <= layers; l++) {
        const struct moments *h = &frame_layer(frame, run, l)->h;
        struct rect column = column_rect(&frame->columns, row->plot[run], l);
        float y = axis_y(&row->axis, column, h->mean + factor * h->sd);
        line[l - 1] = (struct point){ column.x + 0.5f * column.w, y };
    }
    draw_clip(frame->list, row->plot[run]);
    marked_line(frame, line, layers, dash);
    draw_unclip(frame->list);
}

static void draw_moments(const struct frame *frame, const struct distribution *row, int run) {
    if (frame->detail == DETAIL_MAP) {
        draw_course(frame, row, run, -1.0, 2.0f);
        draw_course(frame, row, run, 1.0, 2.0f);
        draw_course(frame, row, run, 0.0, 0.0f);
        theory_course_h(frame, &row->axis, row->plot[run], run);
        return;
    }
    for (int l = 1; l <= frame->snapshot->run[run].layers; l++) {
        draw_layer_moments(frame, row, run, l);
    }
}

static void draw_title(const struct frame *frame, const struct distribution *row,
                       struct rect *area) {
    char n[64], full[224], medium[192], brief[96], scale_text[96], what[64];
    bool weights = range_is_of_weights(frame->snapshot);
    const char *symbol = weights ? "W" : "h";
    distribution_count(frame, row, n, sizeof n);
    bool map = frame->detail == DETAIL_MAP;
    text_set(what, sizeof what, map ? "density of %s as colour" : "histogram of %s", symbol);
    const char *lines = frame->detail == DETAIL_VIOLINS ? "line: mean" : "lines: mean, ±1 sd";
    const char *scale =
        map ? "each layer scaled to its densest bin" : "each layer scaled to its tallest bin";
    if (frame->snapshot->watched.active) {
        text_set(scale_text, sizeof scale_text, "%s · %s", rebinned, scale);
        scale = scale_text;
    }
    text_set(medium, sizeof medium, "%s · %s · %s", what, n, scale);
    text_set(full, sizeof full, "%s · %s", medium, weights ? "no activations logged" : lines);
    text_set(brief, sizeof brief, "%s · %s", what, n);
    struct rect strip =
        panel_title(frame, area, SUBJECT_ACTIVATIONS, weights ? "Weights" : "Activations",
                    (const char *const[]){ full, medium, brief, symbol }, 4);
    mark_frozen(frame, &strip);
    theory_note_h(frame, strip);
}

static void tell_layer(const struct frame *frame) {
    tip(frame, "Layer %d: activations h, units × batch", frame->pointed);
    tip_logged(frame);
    for (int run = 0; run < frame->runs; run++) {
        const struct layer_stats *layer = frame_layer(frame, run, frame->pointed);
        if (layer) {
            char mean[32], sd[32], least[32], most[32];
            format_value(mean, sizeof mean, layer->h.mean);
            format_value(sd, sizeof sd, layer->h.sd);
            format_value(least, sizeof least, layer->h.min);
            format_value(most, sizeof most, layer->h.max);
            tip(frame, "%smean %s · sd %s · from %s to %s%s", tip_letter(frame, run), mean, sd,
                least, most, moments_finite(&layer->h) ? "" : ", of the finite ones");
        }
    }
}

static void tell_weights(const struct frame *frame) {
    tip(frame, "Layer %d: weights W", frame->pointed);
    tip_logged(frame);
    for (int run = 0; run < frame->runs; run++) {
        const struct layer_stats *layer = frame_layer(frame, run, frame->pointed);
        if (layer) {
            char rms[32], n[32];
            format_value(rms, sizeof rms, layer->weight_rms);
            text_grouped(n, sizeof n, layer->weight_histogram.n);
            tip(frame, "%srms %s · n = %s", tip_letter(frame, run), rms, n);
        }
    }
}

void panel_activations_draw(const struct frame *frame, struct rect area) {
    struct distribution row;
    bool weights = range_is_of_weights(frame->snapshot);
    distribution_init(frame, &row, RANGE_ACTIVATIONS, choose_axis(frame, area.h - 40.0f),
                      weights ? spread_of_weights : spread_of_h);
    draw_title(frame, &row, &area);
    rect_cut_left(&area, frame->gutter);
    if (!distribution_is_there(frame, &row)) {
        draw_nothing(frame, area, "neither activations nor weights are in the logs");
        return;
    }
    distribution_layout(frame, &row, area);
    distribution_draw(frame, &row, area);
    for (int run = 0; run < frame->runs && !weights; run++) {
        draw_moments(frame, &row, run);
    }
    if (frame->pointed > 0 && hovered(frame, area)) {
        if (weights) {
            tell_weights(frame);
        } else {
            tell_layer(frame);
            theory_tell_h(frame);
        }
        distribution_draw_pointer(frame, &row);
    }
}
