/*
 * panel_weight_spread.c - how the weights of the looked-at layer, and their gradients, are spread:
 * A grows left, B right, on a shared axis.
 */
#include <math.h>

#include "base/require.h"
#include "base/text.h"
#include "view/axis.h"
#include "view/format.h"
#include "view/layer_parts.h"
#include "view/spread.h"

enum { LEAST_BAR = 2 };

static const float line_height = 13.0f;

/* One of the two distributions. */
struct quantity {
    const char *title, *about, *brief;
    const struct moments *(*moments)(const struct layer_detail *detail);
    struct axis (*axis)(const struct frame *frame, float length);
    void (*spread)(struct spread *spread, const struct layer_detail *detail,
                   const struct axis *axis, double least);
};

static const struct moments *weight_moments(const struct layer_detail *detail) {
    return &detail->weight;
}

static const struct moments *gradient_moments(const struct layer_detail *detail) {
    return &detail->gradient;
}

/* All that the histograms hold, in whole bins. */
static struct axis weight_axis(const struct frame *frame, float length) {
    double low = 0.0, high = 0.0;
    for (int run = 0; run < frame->runs; run++) {
        const struct layer_detail *detail = frame_detail(frame, run);
        if (detail && isfinite(detail->weight.min) && isfinite(detail->weight.max)) {
            const struct histogram *histogram = &detail->weight_histogram;
            double width = histogram->width;
            low = fmin(low, fmax(floor(detail->weight.min / width) * width, histogram->low));
            high = fmax(high, fmin(ceil(detail->weight.max / width) * width, histogram->high));
        }
    }
    return low < high ? axis_linear(low, high, length, 34.0f)
                      : axis_exact(-1.0, 1.0, length, 34.0f); // nothing but zeros
}

static void note_bins(const struct log_histogram *histogram, double *low, double *high) {
    for (int bin = 0; bin < LOG_HISTOGRAM_BINS; bin++) {
        if (histogram->counts[bin] > 0) {
            *low = fmin(*low, log_histogram_edge(bin));
            *high = fmax(*high, log_histogram_edge(bin + 1));
        }
    }
}

static struct axis gradient_axis(const struct frame *frame, float length) {
    double low = INFINITY, high = -INFINITY;
    for (int run = 0; run < frame->runs; run++) {
        const struct layer_detail *detail = frame_detail(frame, run);
        if (detail) {
            note_bins(&detail->gradient_histogram, &low, &high);
        }
    }
    bool some = low < high;
    return axis_decades(some ? low : -1.0, some ? high : 0.0, 2, length);
}

static void weight_spread(struct spread *spread, const struct layer_detail *detail,
                          const struct axis *axis, double least) {
    spread_linear(spread, &detail->weight_histogram, &detail->weight, axis, least);
}

static void gradient_spread(struct spread *spread, const struct layer_detail *detail,
                            const struct axis *axis, double least) {
    spread_log(spread, &detail->gradient_histogram, axis, least);
}

static const struct quantity quantities[] = {
    { "W", "all weights of the layer", "weights", weight_moments, weight_axis, weight_spread },
    { "∂L/∂W", "log₁₀ of their gradients' magnitudes", "log₁₀ |∂L/∂W|", gradient_moments,
      gradient_axis, gradient_spread },
};

/* The half of the plot that belongs to a run. */
static struct rect part_of(const struct frame *frame, struct rect plot, int run) {
    return frame->runs == 2 ? rect_column(plot, run, 2) : plot;
}

static void draw_bars(const struct frame *frame, const struct axis *axis, struct rect part,
                      const struct spread *spread, int run) {
    float values[SPREAD_BARS];
    for (int i = 0; i < spread->bars; i++) {
        values[i] = 0.94f * (float)((double)spread->count[i] / (double)spread->tallest);
    }
    float bottom = axis_y(axis, part, spread->low);
    float top = axis_y(axis, part, spread->low + (double)spread->bars * spread->width);
    struct rect bars = { part.x, top, part.w, bottom - top };
    if (spread->tallest > 0) {
        draw_histogram(frame->list, bars, values, spread->bars,
                       frame->runs == 2 && run == 0 ? GROW_LEFT : GROW_RIGHT,
                       frame->theme->run[run]);
    }
}

/* Solid at the mean, dashed a standard deviation away: of values, not of magnitudes. */
static void mark_moments(const struct frame *frame, const struct axis *axis, struct rect part,
                         const struct moments *moments) {
    if (axis->log || !isfinite(moments->mean)) {
        return;
    }
    for (int k = -1; k <= 1; k++) {
        float y = axis_y(axis, part, moments->mean + k * moments->sd);
        struct point line[2] = { { part.x, y }, { part.x + part.w, y } };
        if (y >= part.y && y <= part.y + part.h) {
            marked_line(frame, line, 2, k == 0 ? 0.0f : 2.0f);
        }
    }
}

/* ", 12% zero, 3 NaN": what no bar shows. */
static void write_apart(const struct spread *spread, char *text, size_t size) {
    static const char *const names[APART_COUNT] = {
        [APART_ABOVE] = "above",           [APART_BELOW] = "below", [APART_ZERO] = "zero",
        [APART_UNDERFLOW] = "underflowed", [APART_NAN] = "NaN",     [APART_INF] = "±Inf"
    };
    for (int i = 0; i < APART_COUNT; i++) {
        char share[16];
        if (spread->apart[i] > 0) {
            format_share(share, sizeof share, spread->apart[i], spread->n);
            text_append(text, size, ", %s %s", share, names[i]);
        }
    }
}

static void write_numbers(const struct frame *frame, struct rect line, int run,
                          const struct moments *moments, const struct spread *spread) {
    char n[32], mean[32], sd[32], apart[96] = "", whole[224], some[192], least[96];
    text_grouped(n, sizeof n, moments->n);
    format_value(mean, sizeof mean, moments->mean);
    format_value(sd, sizeof sd, moments->sd);
    write_apart(spread, apart, sizeof apart);
    text_set(whole, sizeof whole, "n = %s, mean %s, sd %s%s", n, mean, sd, apart);
    text_set(some, sizeof some, "mean %s, sd %s%s", mean, sd, apart);
    text_set(least, sizeof least, "sd %s%s", sd, apart);
    colour ink = frame->runs == 2 ? frame->theme->run_text[run] : frame->theme->secondary;
    label_left(frame, line, TEXT_LABEL, ink,
               text_that_fits(frame, line.w, (const char *const[]){ whole, some, least }, 3));
}

static void say(const struct frame *frame, const struct quantity *quantity, int run,
                const struct moments *moments) {
    char n[32], mean[32], sd[32], low[32], high[32];
    text_grouped(n, sizeof n, moments->n);
    format_power(mean, sizeof mean, moments->mean, 4);
    format_power(sd, sizeof sd, moments->sd, 4);
    format_power(low, sizeof low, moments->min, 4);
    format_power(high, sizeof high, moments->max, 4);
    tip(frame, "%s%s: n = %s, mean %s, sd %s", run_prefix(frame, run), quantity->title, n, mean,
        sd);
    tip(frame, "from %s to %s", low, high);
}

/* Of the widest tick label; exploded weights have long ones. */
static float gutter_width(const struct frame *frame, const struct axis *axis) {
    float width = 28.0f;
    double at;
    for (int i = 0; axis_tick(axis, i, &at); i++) {
        char text[32];
        axis_label(axis, at, text, sizeof text);
        width = fmaxf(width, width_of(frame, FONT_LABEL, TEXT_LABEL, text) + 1.0f);
    }
    return width + 6.0f;
}

static void draw_quantity(const struct frame *frame, struct rect area,
                          const struct quantity *quantity) {
    panel_title(frame, &area, quantity->title,
                (const char *const[]){ quantity->about, quantity->brief, "" }, 3);
    struct rect lines = rect_cut_bottom(&area, line_height * (float)frame->runs + 3.0f);
    rect_cut_top(&lines, 2.0f);
    struct axis axis = quantity->axis(frame, area.h);
    struct rect gutter = rect_cut_left(&area, gutter_width(frame, &axis));
    rect_cut_left(&lines, gutter.w);
    rect_cut_right(&gutter, 5.0f);
    struct rect plot = area;
    draw_ground(frame, plot);
    axis_draw_rows(frame, &axis, plot, gutter);
    double least = LEAST_BAR * (axis.high - axis.low) / (double)fmaxf(plot.h, 1.0f);
    for (int run = 0; run < frame->runs; run++) {
        const struct layer_detail *detail = frame_detail(frame, run);
        struct rect part = part_of(frame, plot, run), line = rect_cut_top(&lines, line_height);
        if (!detail) {
            continue;
        }
        struct spread spread;
        const struct moments *moments = quantity->moments(detail);
        quantity->spread(&spread, detail, &axis, least);
        draw_clip(frame->list, part);
        draw_bars(frame, &axis, part, &spread, run);
        mark_moments(frame, &axis, part, moments);
        draw_unclip(frame->list);
        write_numbers(frame, line, run, moments, &spread);
        if (hovered(frame, part)) {
            say(frame, quantity, run, moments);
        }
    }
}

void panel_weight_spread_draw(const struct frame *frame, struct rect area) {
    float gap = frame->tight ? 3.0f : 8.0f;
    for (int i = 0; i < ARRAY_LEN(quantities); i++) {
        struct rect row = rect_row(area, i, ARRAY_LEN(quantities));
        if (i > 0) {
            rect_cut_top(&row, gap);
        }
        draw_quantity(frame, row, &quantities[i]);
    }
}
