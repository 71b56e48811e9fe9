/* panel_scalars.c - every recorded number of all layers over time, one chart below the other. */
#include <math.h>

#include "base/text.h"
#include "view/chart.h"
#include "view/history_map.h"
#include "view/time_axis.h"

enum { MOST_LINES = 24 };

/* What is plotted on a log axis: NaN, a gap, for what has no logarithm. */
static double log_of(float value) {
    float magnitude = fabsf(value);
    return isfinite(magnitude) && magnitude > 0.0f ? log10((double)magnitude) : (double)NAN;
}

/* One layer of a run; points no closer than six units, all of them measured values. */
static int line_of(const struct frame *frame, const struct axis *axis, struct rect plot,
                   const float *values, struct point line[static HISTORY_COLUMNS]) {
    int columns = frame->history->columns, count = 0;
    int stride = (int)ceilf(6.0f * (float)columns / fmaxf(plot.w, 1.0f));
    for (int i = (columns - 1) % stride; i < columns; i += stride) {
        float x = time_column_x(frame, plot, i);
        double at = log_of(values[i]);
        line[count++] = (struct point){ x, isnan(at) ? NAN : axis_y(axis, plot, at) };
    }
    return count;
}

static colour ink_of(const struct frame *frame, int run, int layer, int layers) {
    float share = layers > 1 ? (float)(layer - 1) / (float)(layers - 1) : 1.0f;
    return theme_strength(frame->state->theme, run, share);
}

/* Layers from faint (1) to strong (L), at most so many of them, and the selected one over them. */
static void draw_lines(const struct frame *frame, const struct history_map *map, struct rect plot) {
    const struct history_view *history = frame->history;
    struct point line[HISTORY_COLUMNS] = { { 0.0f, 0.0f } };
    struct axis axis = axis_decades(map->low, map->high, 2, plot.h);
    struct rect gutter = { plot.x - CHART_GUTTER, plot.y, CHART_GUTTER - 5.0f, plot.h };
    axis_draw_rows(frame, &axis, plot, gutter);
    draw_clip(frame->list, plot);
    for (int run = time_runs(frame) - 1; run >= 0; run--) {
        int layers = history->layers[run];
        int lines = layers < MOST_LINES ? layers : MOST_LINES;
        for (int i = 0; i < lines; i++) {
            int layer = 1 + (2 * i + 1) * layers / (2 * lines);
            int count =
                line_of(frame, &axis, plot, history->layer[map->quantity][run][layer - 1], line);
            draw_polyline(
                frame->list, line, count,
                (struct stroke){ .width = 1.0f, .colour = ink_of(frame, run, layer, layers) });
        }
    }
    for (int run = time_runs(frame) - 1; run >= 0; run--) {
        if (frame->selected <= history->layers[run]) {
            const float *values = history->layer[map->quantity][run][frame->selected - 1];
            int count = line_of(frame, &axis, plot, values, line);
            draw_polyline(frame->list, line, count,
                          (struct stroke){ .width = 2.5f, .colour = frame->theme->run[run] });
            run_dots(frame, line, count, run);
        }
    }
    draw_unclip(frame->list);
    int column = time_hovered(frame, plot);
    for (int run = 0; column >= 0 && run < time_runs(frame); run++) {
        if (frame->selected <= history->layers[run]) {
            history_tell(frame, map->quantity, run, frame->selected, column);
        }
    }
    if (column >= 0) {
        tip(frame, "%s", history_kinds[map->quantity].definition);
        tip(frame, "wheel zooms, right drag moves, double click shows all");
    }
}

static void draw_maps(const struct frame *frame, const struct history_map *map, struct rect plot) {
    int runs = time_runs(frame);
    for (int run = 0; run < runs; run++) {
        struct rect part = rect_row(plot, run, runs);
        if (runs == 2) {
            (run == 0 ? rect_cut_bottom : rect_cut_top)(&part, 1.0f);
            run_badge(frame, plot.x - CHART_GUTTER + 10.0f, part.y + 0.5f * part.h, run);
        }
        history_map_draw(frame, map, part, run);
    }
}

static void draw_chart(const struct frame *frame, enum history_quantity quantity,
                       struct rect area) {
    struct history_map map;
    history_map_init(frame, &map, quantity);
    char full[96];
    bool lines = frame->state->lines;
    text_set(full, sizeof full, "%s",
             lines ? "each layer; faint: first, thick: selected" : "layer × step, layer 1 on top");
    struct rect rest = panel_title(frame, &area, SUBJECT_SCALARS, history_kinds[quantity].symbol,
                                   (const char *const[]){ full, "" }, 2);
    rect_cut_left(&area, CHART_GUTTER);
    draw_ground(frame, area);
    if (frame->history->columns == 0) {
        label_centre(frame, area, TEXT_LABEL, frame->theme->secondary, "no step recorded yet");
        return;
    }
    if (lines) {
        draw_lines(frame, &map, area);
    } else {
        history_map_draw_scale(frame, &map, rest);
        draw_maps(frame, &map, area);
    }
    time_axis_draw(frame, area);
}

void panel_scalars_draw(const struct frame *frame, struct rect area) {
    float gap = frame->tight ? 2.0f : 6.0f;
    for (int q = 0; q < HISTORY_QUANTITIES; q++) {
        struct rect chart = rect_row(area, q, HISTORY_QUANTITIES);
        rect_cut_bottom(&chart, gap);
        draw_chart(frame, (enum history_quantity)q, chart);
    }
}
