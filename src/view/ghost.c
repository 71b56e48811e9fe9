#include "view/ghost.h"

#include <math.h>

#include "view/gradient_kind.h"

static const struct layer_stats *ghost_layer(const struct frame *frame, int run, int layer) {
    const struct snapshot *ghost = frame->state->ghost;
    bool there = ghost && run < ghost->runs && layer <= ghost->run[run].layers;
    return there ? &ghost->run[run].layer[layer - 1] : NULL;
}

static struct stroke stroke_of(const struct frame *frame) {
    return (struct stroke){ .width = 1.25f, .colour = theme_fade(frame->theme->text, 0.85f) };
}

/* The bars' outline from `base` on; reach is the width of the tallest, negative to the left. */
static void draw_outline(const struct frame *frame, const struct axis *axis, struct rect part,
                         const struct spread *spread, float base, float reach) {
    struct point points[2 * SPREAD_BARS + 2];
    int count = 0;
    float y = axis_y(axis, part, spread->low);
    points[count++] = (struct point){ base, y };
    for (int i = 0; i < spread->bars; i++) {
        float x = base + reach * (float)((double)spread->count[i] / (double)spread->tallest);
        points[count++] = (struct point){ x, y };
        y = axis_y(axis, part, spread->low + (double)(i + 1) * spread->width);
        points[count++] = (struct point){ x, y };
    }
    points[count++] = (struct point){ base, y };
    draw_polyline(frame->list, points, count, stroke_of(frame));
}

static void draw_layer(const struct frame *frame, const struct distribution *row,
                       const struct layer_stats *stats, int layer, int run) {
    struct rect part = column_part(frame, row->plot[run], layer, run);
    struct spread spread;
    row->spread(&spread, stats, &row->axis, distribution_least(frame, row, run));
    if (spread.bars == 0) {
        return;
    }
    if (frame->runs == 1 && frame->detail == DETAIL_VIOLINS) {
        float middle = part.x + 0.5f * part.w;
        draw_outline(frame, &row->axis, part, &spread, middle, -0.5f * part.w);
        draw_outline(frame, &row->axis, part, &spread, middle, 0.5f * part.w);
    } else if (frame->runs == 2 && run == 0) {
        draw_outline(frame, &row->axis, part, &spread, part.x + part.w, -0.95f * part.w);
    } else {
        draw_outline(frame, &row->axis, part, &spread, part.x, 0.95f * part.w);
    }
}

void ghost_draw_distribution(const struct frame *frame, const struct distribution *row, int run) {
    if (!frame->state->ghost || frame->detail == DETAIL_MAP) {
        return;
    }
    draw_clip(frame->list, row->plot[run]);
    for (int l = 1; l <= frame->snapshot->run[run].layers; l++) {
        const struct layer_stats *stats = ghost_layer(frame, run, l);
        if (stats) {
            draw_layer(frame, row, stats, l, run);
        }
    }
    draw_unclip(frame->list);
}

/* Where the ghost's RMS of a layer stands on an axis; NaN: nowhere. */
static float rms_y(const struct frame *frame, const struct axis *axis, struct rect area, int run,
                   int layer) {
    const struct layer_stats *stats = ghost_layer(frame, run, layer);
    double rms = stats ? gradient_kind(frame)->rms(stats) : (double)NAN;
    double at = axis_coordinate(axis, rms);
    return isfinite(at) ? fminf(fmaxf(axis_y(axis, area, at), area.y), area.y + area.h) : NAN;
}

void ghost_draw_bar(const struct frame *frame, const struct axis *axis, struct rect slot, int run,
                    int layer) {
    float top = rms_y(frame, axis, slot, run, layer), bottom = slot.y + slot.h;
    if (!isnan(top)) {
        const struct point outline[] = { { slot.x - 1.5f, bottom },
                                         { slot.x - 1.5f, top },
                                         { slot.x + slot.w + 1.5f, top },
                                         { slot.x + slot.w + 1.5f, bottom } };
        draw_polyline(frame->list, outline, 4, stroke_of(frame));
    }
}

float ghost_clear_top(const struct frame *frame, const struct axis *axis, struct rect slot, int run,
                      int layer, float top) {
    const float label = 15.0f;
    float y = rms_y(frame, axis, slot, run, layer); // NaN: there is no outline
    return y < top && y > top - label ? y - 1.0f : top;
}

void ghost_draw_course(const struct frame *frame, const struct axis *axis, struct rect plot,
                       int run) {
    struct point line[SNAPSHOT_LAYERS] = { { 0.0f, 0.0f } };
    int layers = frame->snapshot->run[run].layers;
    if (!ghost_layer(frame, run, 1)) {
        return;
    }
    for (int l = 1; l <= layers; l++) {
        struct rect column = column_rect(&frame->columns, plot, l);
        line[l - 1] =
            (struct point){ column.x + 0.5f * column.w, rms_y(frame, axis, plot, run, l) };
    }
    struct stroke dotted = stroke_of(frame);
    dotted.dash = dotted.gap = 2.0f;
    draw_polyline(frame->list, line, layers, dotted);
}
