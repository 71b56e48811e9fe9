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

/* What is known of a run's layer: all of a detail, or the histograms that a past step has. */
struct source {
    const struct histogram *weight;
    const struct log_histogram *gradient;
    const struct moments *weight_moments, *gradient_moments; // NULL: of the past
    double weight_rms, gradient_rms;
};

static bool find_source(const struct frame *frame, int run, struct source *source) {
    const struct layer_detail *detail = frame_detail(frame, run);
    const struct layer_stats *layer = frame_layer(frame, run, frame->selected);
    if (detail) {
        *source = (struct source){ &detail->weight_histogram, &detail->gradient_histogram,
                                   &detail->weight,           &detail->gradient,
                                   detail->weight.rms,        detail->gradient.rms };
    } else if (layer) {
        *source = (struct source){
            &layer->weight_histogram, &layer->weight_gradient_histogram, NULL, NULL,
            layer->weight_rms,        layer->weight_gradient_rms
        };
    }
    return detail || layer;
}

/* One of the two distributions. */
struct quantity {
    const char *title, *about, *brief;
    bool gradient;
    struct axis (*axis)(const struct frame *frame, float length);
};

/* All that the histograms hold, in whole bins. */
static struct axis weight_axis(const struct frame *frame, float length) {
    double low = 0.0, high = 0.0;
    for (int run = 0; run < frame->runs; run++) {
        struct source source;
        bool found = find_source(frame, run, &source);
        for (int bin = 0; found && bin < HISTOGRAM_BINS; bin++) {
            const struct histogram *histogram = source.weight;
            if (histogram->counts[bin] > 0) {
                low = fmin(low, histogram->low + bin * histogram->width);
                high = fmax(high, histogram->low + (bin + 1) * histogram->width);
            }
        }
    }
    return low < high ? axis_linear(low, high, length, 34.0f)
                      : axis_exact(-1.0, 1.0, length, 34.0f); // nothing at all
}

static struct axis gradient_axis(const struct frame *frame, float length) {
    double low = (double)INFINITY, high = -(double)INFINITY;
    for (int run = 0; run < frame->runs; run++) {
        struct source source;
        bool found = find_source(frame, run, &source);
        for (int bin = 0; found && bin < LOG_HISTOGRAM_BINS; bin++) {
            if (source.gradient->counts[bin] > 0) {
                low = fmin(low, log_histogram_edge(bin));
                high = fmax(high, log_histogram_edge(bin + 1));
            }
        }
    }
    bool some = low < high;
    return axis_decades(some ? low : -1.0, some ? high : 0.0, 2, length);
}

static const struct quantity quantities[] = {
    { "W", "all weights of the layer", "weights", false, weight_axis },
    { "∂L/∂W", "log₁₀ of their gradients' magnitudes", "log₁₀ |∂L/∂W|", true, gradient_axis },
};

static void find_spread(struct spread *spread, const struct source *source, bool gradient,
                        const struct axis *axis, double least) {
    static const struct moments unknown = { .zero = 0 }; // zeros belong to their bin
    const struct moments *moments = source->weight_moments ? source->weight_moments : &unknown;
    if (gradient) {
        spread_log(spread, source->gradient, axis, least);
    } else {
        spread_linear(spread, source->weight, moments, axis, least);
    }
}

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

/* Solid at the mean, dashed a standard deviation away. */
static void mark_moments(const struct frame *frame, const struct axis *axis, struct rect part,
                         const struct moments *moments) {
    for (int k = -1; k <= 1 && isfinite(moments->mean); k++) {
        float y = axis_y(axis, part, moments->mean + k * moments->sd);
        struct point line[2] = { { part.x, y }, { part.x + part.w, y } };
        if (y >= part.y && y <= part.y + part.h) {
            marked_line(frame, line, 2, k == 0 ? 0.0f : 2.0f);
        }
    }
}

/* ", 12% zero, 3 NaN": what no bar shows. */
static void write_apart(const struct spread *spread, char *text, size_t size) {
    static const char *const names[APART_COUNT] = { [APART_ABOVE] = "above",
                                                    [APART_BELOW] = "below",
                                                    [APART_ZERO] = "zero",
                                                    [APART_UNDERFLOW] = "underflowed",
                                                    [APART_NEAR_ZERO] = "near zero",
                                                    [APART_NAN] = "NaN",
                                                    [APART_INF] = "±Inf" };
    for (int i = 0; i < APART_COUNT; i++) {
        char share[16];
        if (spread->apart[i] > 0) {
            format_share(share, sizeof share, spread->apart[i], spread->n);
            text_append(text, size, ", %s %s", share, names[i]);
        }
    }
}

/* What is drawn of a run. */
struct shown {
    bool found;
    struct source source;
    const struct moments *moments; // NULL: of the past
    double rms;
    struct spread spread;
};

enum { NUMBER_FORMS = 3, NUMBERS = 240 };

/* n and moments, or of the past only the rms; with less said from form to form. */
static void write_numbers(const struct shown *shown, int form, char text[NUMBERS]) {
    char n[32], mean[32], sd[32], apart[96] = "";
    const struct moments *moments = shown->moments;
    text_grouped(n, sizeof n, shown->spread.n);
    format_value(mean, sizeof mean, moments ? moments->mean : shown->rms);
    format_value(sd, sizeof sd, moments ? moments->sd : shown->rms);
    write_apart(&shown->spread, apart, sizeof apart);
    text_set(text, NUMBERS, "n = %s", n);
    if (form == 0 && moments) {
        text_append(text, NUMBERS, ", mean %s", mean);
    }
    if (form < 2) {
        text_append(text, NUMBERS, ", %s %s", moments ? "sd" : "rms", sd);
    }
    text_append(text, NUMBERS, "%s", apart);
}

/* The first form that has room for every run, so that they say the same of each. */
static int form_that_fits(const struct frame *frame, const struct shown *shown, float width) {
    int form = 0;
    for (int run = 0; run < frame->runs; run++) {
        char text[NUMBERS];
        write_numbers(&shown[run], form, text);
        if (shown[run].found && form + 1 < NUMBER_FORMS &&
            width_of(frame, FONT_LABEL, TEXT_LABEL, text) > width) {
            form++;
            run = -1; // from the first again
        }
    }
    return form;
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

static void find_shown(const struct frame *frame, const struct quantity *quantity,
                       const struct axis *axis, float height, int run, struct shown *shown) {
    struct source *source = &shown->source;
    shown->found = find_source(frame, run, source);
    if (shown->found) {
        double least = LEAST_BAR * (axis->high - axis->low) / (double)fmaxf(height, 1.0f);
        shown->moments = quantity->gradient ? source->gradient_moments : source->weight_moments;
        shown->rms = quantity->gradient ? source->gradient_rms : source->weight_rms;
        find_spread(&shown->spread, source, quantity->gradient, axis, least);
    }
}

static void draw_run(const struct frame *frame, const struct quantity *quantity,
                     const struct axis *axis, struct rect part, const struct shown *shown,
                     int run) {
    draw_clip(frame->list, part);
    draw_bars(frame, axis, part, &shown->spread, run);
    if (shown->moments && !quantity->gradient) { // an axis of magnitudes has no place for a mean
        mark_moments(frame, axis, part, shown->moments);
    }
    draw_unclip(frame->list);
    if (shown->moments && hovered(frame, part)) {
        say(frame, quantity, run, shown->moments);
    }
}

static void draw_quantity(const struct frame *frame, struct rect area,
                          const struct quantity *quantity) {
    panel_title(frame, &area, SUBJECT_WEIGHT_SPREAD, quantity->title,
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
    struct shown shown[SNAPSHOT_RUNS] = { { .found = false } };
    for (int run = 0; run < frame->runs; run++) {
        find_shown(frame, quantity, &axis, plot.h, run, &shown[run]);
    }
    int form = form_that_fits(frame, shown, lines.w);
    for (int run = 0; run < frame->runs; run++) {
        struct rect line = rect_cut_top(&lines, line_height);
        if (shown[run].found) {
            char text[NUMBERS];
            draw_run(frame, quantity, &axis, part_of(frame, plot, run), &shown[run], run);
            write_numbers(&shown[run], form, text);
            colour ink = frame->runs == 2 ? frame->theme->run_text[run] : frame->theme->secondary;
            label_left(frame, line, TEXT_LABEL, ink, text);
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
