/*
 * panel_unit.c - one unit: what it looks at, what it does over the batch, what drives it most.
 */
#include <float.h>
#include <math.h>

#include "base/text.h"
#include "view/axis.h"
#include "view/format.h"
#include "view/layer_parts.h"
#include "view/spread.h"

enum { MOST_BARS = 200, LEAST_BAR = 2 };

static const float line_height = 19.0f, row_gap = 5.0f;

/* The chosen unit was measured: the worker may be a request behind. */
static const struct layer_detail *measured(const struct frame *frame, int run) {
    const struct layer_detail *detail = frame_detail(frame, run);
    return detail && detail->unit == frame_unit(frame) ? detail : NULL;
}

static bool is_picture(const struct layer_detail *detail) {
    const struct picture_shape *shape = &detail->shape;
    int pixels = shape->width * shape->height * shape->channels;
    return detail->tiles > 0 && pixels == detail->weights;
}

/* Weights sorted, largest first: up and down from the line of 0. */
static void draw_sorted(const struct frame *frame, struct rect plot,
                        const struct layer_detail *detail) {
    int bars = detail->weights < MOST_BARS ? detail->weights : MOST_BARS;
    float values[MOST_BARS], largest = 0.0f;
    for (int i = 0; i < bars; i++) { // evenly spaced in their order, both ends among them
        int at = bars > 1 ? (int)((int64_t)i * (detail->weights - 1) / (bars - 1)) : 0;
        float value = detail->input_weight[detail->input_order[at]];
        values[i] = isfinite(value) ? value : 0.0f;
        largest = fmaxf(largest, fabsf(values[i]));
    }
    float middle = plot.y + 0.5f * plot.h, half = 0.5f * plot.h - 2.0f;
    for (int sign = -1; sign <= 1; sign += 2) {
        struct point outline[2 * MOST_BARS];
        for (int i = 0; i < bars; i++) {
            float length = fmaxf((float)sign * values[i], 0.0f) / fmaxf(largest, FLT_MIN) * half;
            for (int end = 0; end < 2; end++) {
                outline[2 * i + end] =
                    (struct point){ plot.x + plot.w * (float)(i + end) / (float)bars,
                                    middle - (float)sign * length };
            }
        }
        draw_area(frame->list, outline, 2 * bars, middle,
                  sign > 0 ? frame->theme->positive : frame->theme->negative);
    }
    draw_line(frame->list, (struct point){ plot.x, middle },
              (struct point){ plot.x + plot.w, middle }, 1.0f, frame->theme->axis);
}

/* Small, on a patch of the ground, for bars may stand here; at one end of a line. */
static void write_on_patch(const struct frame *frame, struct rect line, bool right,
                           const char *text) {
    float width = width_of(frame, FONT_LABEL, TEXT_SMALL, text) + 4.0f;
    struct rect patch = right ? rect_cut_right(&line, width) : rect_cut_left(&line, width);
    draw_rect(frame->list, patch, theme_fade(frame->theme->panel, 0.85f));
    label_centre(frame, patch, TEXT_SMALL, frame->theme->secondary, text);
}

static void write_ends(const struct frame *frame, struct rect plot,
                       const struct layer_detail *detail) {
    char high[32], low[32];
    format_value(high, sizeof high, (double)detail->input_weight[detail->input_order[0]]);
    format_value(low, sizeof low,
                 (double)detail->input_weight[detail->input_order[detail->weights - 1]]);
    plot = rect_inset(plot, 2.0f, 2.0f);
    write_on_patch(frame, rect_cut_top(&plot, 12.0f), true, high);
    write_on_patch(frame, rect_cut_bottom(&plot, 12.0f), false, low);
}

static void sorted_tip(const struct frame *frame, struct rect plot, int run,
                       const struct layer_detail *detail) {
    float share = (frame->state->pointer.x - plot.x) / plot.w;
    int place = (int)(share * (float)detail->weights);
    place = place < detail->weights ? place : detail->weights - 1;
    int input = detail->input_order[place];
    char weight[32], title[NAME_TEXT];
    format_value(weight, sizeof weight, (double)detail->input_weight[input]);
    if (detail->weight_block > 1) {
        tip(frame, "%slargest weight of inputs %d–%d: %s", run_prefix(frame, run),
            input * detail->weight_block + 1, (input + 1) * detail->weight_block, weight);
    } else {
        input_title(frame, detail, input, title);
        tip(frame, "%sweight of %s: %s", run_prefix(frame, run), title, weight);
    }
    tip(frame, "number %d of %d, largest first", place + 1, detail->weights);
}

static void draw_inputs(const struct frame *frame, struct rect area, int run) {
    const struct layer_detail *detail = measured(frame, run);
    if (is_picture(detail)) {
        struct weight_map map;
        weight_map_init(frame, &map, detail);
        float aspect = (float)detail->shape.width / (float)detail->shape.height;
        struct rect picture = area;
        picture.w = fminf(area.w, area.h * aspect);
        picture.h = picture.w / aspect;
        weight_picture(frame, picture, &map, detail->input_weight, detail->shape);
        return;
    }
    draw_ground(frame, area);
    draw_sorted(frame, area, detail);
    write_ends(frame, area, detail);
    if (hovered(frame, area)) {
        sorted_tip(frame, area, run, detail);
    }
}

static struct axis activation_axis(const struct frame *frame, float length) {
    double low = 0.0, high = 0.0;
    for (int run = 0; run < frame->runs; run++) {
        const struct layer_detail *detail = measured(frame, run);
        if (detail && isfinite(detail->activation.min)) {
            low = fmin(low, detail->activation.min);
            high = fmax(high, detail->activation.max);
        }
    }
    return axis_linear(low, high, length, 44.0f);
}

static void draw_ticks(const struct frame *frame, const struct axis *axis, struct rect plot,
                       struct rect strip) {
    double at;
    for (int i = 0; axis_tick(axis, i, &at); i++) {
        float x = axis_x(axis, plot, at);
        char text[32];
        axis_label(axis, at, text, sizeof text);
        float width = width_of(frame, FONT_LABEL, TEXT_SMALL, text) + 2.0f;
        float left = fminf(fmaxf(x - 0.5f * width, plot.x), plot.x + plot.w - width);
        draw_line(frame->list, (struct point){ x, plot.y }, (struct point){ x, plot.y + plot.h },
                  1.0f, frame->theme->grid);
        label_centre(frame, (struct rect){ left, strip.y, width, strip.h }, TEXT_SMALL,
                     frame->theme->secondary, text);
    }
}

/* Zeros are many values at one place: their bar is drawn in another colour, cut at the top. */
static void draw_activation_bars(const struct frame *frame, const struct axis *axis,
                                 struct rect plot, const struct spread *spread, int run) {
    float values[SPREAD_BARS];
    double tallest = (double)(spread->tallest > 0 ? spread->tallest : 1);
    for (int i = 0; i < spread->bars; i++) {
        values[i] = 0.92f * (float)((double)spread->count[i] / tallest);
    }
    if (spread->bars > 0) {
        float left = axis_x(axis, plot, spread->low);
        float right = axis_x(axis, plot, spread->low + (double)spread->bars * spread->width);
        draw_histogram(frame->list, (struct rect){ left, plot.y, right - left, plot.h }, values,
                       spread->bars, GROW_UP, frame->theme->run[run]);
    }
    uint64_t zeros = spread->apart[APART_ZERO] + spread->apart[APART_UNDERFLOW];
    if (zeros > 0) {
        float share = (float)((double)zeros / (double)spread->n);
        float x = axis_x(axis, plot, 0.0);
        struct rect bar = { fminf(fmaxf(x - 2.0f, plot.x), plot.x + plot.w - 4.0f), plot.y, 4.0f,
                            plot.h };
        draw_histogram(frame->list, bar, &share, 1, GROW_UP, frame->theme->axis);
    }
}

/* A tick below the bars for every example. */
static void draw_rug(const struct frame *frame, const struct axis *axis, struct rect strip,
                     const struct layer_detail *detail) {
    int every = detail->activations / 512 + 1;
    for (int i = 0; i < detail->activations; i += every) {
        float x = axis_x(axis, strip, (double)detail->h[i]);
        if (isfinite(detail->h[i])) {
            draw_rect(frame->list, (struct rect){ x - 0.5f, strip.y + 1.0f, 1.0f, 4.0f },
                      theme_fade(frame->theme->secondary, 0.7f));
        }
    }
}

static void write_zeros(const struct frame *frame, struct rect plot, const struct spread *spread) {
    uint64_t zeros = spread->apart[APART_ZERO] + spread->apart[APART_UNDERFLOW];
    uint64_t lost = spread->apart[APART_NAN] + spread->apart[APART_INF];
    char share[16], text[64] = "";
    if (zeros > 0) {
        format_share(share, sizeof share, zeros, spread->n);
        text_set(text, sizeof text, "%s are 0 (grey)", share);
    }
    if (lost > 0) {
        format_share(share, sizeof share, lost, spread->n);
        text_append(text, sizeof text, "%s%s NaN or Inf", zeros > 0 ? ", " : "", share);
    }
    if (text[0]) {
        plot = rect_inset(plot, 2.0f, 2.0f);
        write_on_patch(frame, rect_cut_top(&plot, 12.0f), true, text);
    }
}

static void activation_tip(const struct frame *frame, int run, const struct layer_detail *detail) {
    const struct moments *m = &detail->activation;
    char mean[32], sd[32], low[32], high[32];
    format_value(mean, sizeof mean, m->mean);
    format_value(sd, sizeof sd, m->sd);
    format_value(low, sizeof low, m->min);
    format_value(high, sizeof high, m->max);
    tip(frame, "%sh of unit %d: n = %d, mean %s, sd %s", run_prefix(frame, run), detail->unit,
        detail->activations, mean, sd);
    tip(frame, "from %s to %s; a tick below for every example", low, high);
}

/* So wide that few examples do not fall into pieces: 2 to 4 sqrt(n) bars over their range. */
static double bar_width(const struct axis *axis, float width, const struct layer_detail *detail) {
    double visible = LEAST_BAR * (axis->high - axis->low) / (double)fmaxf(width, 1.0f);
    double range = detail->activation.max - detail->activation.min;
    double statistical = 0.25 * range / sqrt((double)detail->activations);
    return statistical > visible ? statistical : visible;
}

static void draw_activations(const struct frame *frame, struct rect area, int run) {
    const struct layer_detail *detail = measured(frame, run);
    struct rect labels = rect_cut_bottom(&area, 12.0f), rug = rect_cut_bottom(&area, 6.0f);
    struct axis axis = activation_axis(frame, area.w);
    draw_ground(frame, area);
    draw_ticks(frame, &axis, area, labels);
    double least = bar_width(&axis, area.w, detail);
    struct spread spread;
    spread_linear(&spread, &detail->activation_histogram, &detail->activation, &axis, least);
    draw_clip(frame->list, area);
    draw_activation_bars(frame, &axis, area, &spread, run);
    write_zeros(frame, area, &spread);
    draw_unclip(frame->list);
    draw_rug(frame, &axis, rug, detail);
    if (hovered(frame, area)) {
        activation_tip(frame, run, detail);
    }
}

/* Where the three parts of a row stand. */
struct parts {
    struct rect inputs, activations, examples;
};

static struct parts parts_of(const struct frame *frame, struct rect row) {
    struct parts parts;
    float height = row.h;
    const struct layer_detail *detail = frame_detail(frame, frame_detail(frame, 0) ? 0 : 1);
    float gap = frame->tight ? 12.0f : 22.0f;
    float inputs = detail && is_picture(detail) ? height : 1.9f * height;
    parts.inputs = rect_cut_left(&row, fminf(inputs, 0.26f * row.w));
    rect_cut_left(&row, gap);
    float examples = unit_examples_width(frame, height);
    parts.examples = rect_cut_right(&row, fminf(examples, 0.6f * row.w));
    rect_cut_right(&row, gap);
    parts.activations = row;
    return parts;
}

/* What stands in each part of the row, and the numbers of its activations. */
static void draw_heads(const struct frame *frame, struct rect line, const struct parts *parts,
                       int run) {
    const struct layer_detail *detail = measured(frame, run);
    char weights[48], unit[UNIT_TEXT], whole[UNIT_TEXT + 32];
    colour ink = frame->theme->secondary;
    text_set(weights, sizeof weights, "weights%s%s", is_picture(detail) ? "" : ", sorted",
             detail->pieces > 1 ? ", piece 1" : "");
    unit_text(detail, detail->unit - 1, unit, sizeof unit);
    text_set(whole, sizeof whole, "%d examples, %s", detail->activations, unit);
    const char *const numbers[] = { whole, unit, "h" };
    const char *const most[] = { "examples that drive it most, by z: class and h",
                                 "examples with most z: class, h", "most z: class, h" };
    struct rect head = { parts->inputs.x, line.y, parts->inputs.w + 8.0f, line.h };
    if (frame->runs == 2) {
        rect_cut_left(&head, run_badge(frame, head.x, head.y + 0.5f * head.h, run) + 8.0f);
    }
    label_left(frame, head, TEXT_LABEL, ink, weights);
    head = (struct rect){ parts->activations.x, line.y, parts->activations.w, line.h };
    label_left(frame, head, TEXT_LABEL, ink, text_that_fits(frame, head.w, numbers, 3));
    head = (struct rect){ parts->examples.x, line.y, parts->examples.w, line.h };
    label_left(frame, head, TEXT_LABEL, ink, text_that_fits(frame, head.w, most, 3));
}

/* Why there is nothing to draw. */
static void draw_absent(const struct frame *frame, struct rect line, int run) {
    const struct layer_detail *detail = frame_detail(frame, run);
    char text[48] = "measuring";
    if (!detail) {
        text_set(text, sizeof text, "has no such layer");
    } else if (frame_unit(frame) > detail->units) {
        text_set(text, sizeof text, "has only %d units", detail->units);
    } else if (frame->state->again == LOOK_BARRED) {
        text_set(text, sizeof text, "was not looked at around this step");
    }
    if (frame->runs == 2) {
        rect_cut_left(&line, run_badge(frame, line.x, line.y + 0.5f * line.h, run) + 8.0f);
    }
    label_left(frame, line, TEXT_LABEL, frame->theme->secondary, text);
}

static void draw_run(const struct frame *frame, struct rect row, int run) {
    struct rect line = rect_cut_top(&row, line_height);
    if (!measured(frame, run)) {
        draw_absent(frame, line, run);
        return;
    }
    struct parts parts = parts_of(frame, row);
    line.h -= 2.0f;
    draw_heads(frame, line, &parts, run);
    draw_inputs(frame, parts.inputs, run);
    draw_activations(frame, parts.activations, run);
    unit_examples_draw(frame, parts.examples, run);
}

void panel_unit_draw(const struct frame *frame, struct rect area) {
    const struct layer_detail *detail = measured(frame, 0);
    detail = detail ? detail : measured(frame, 1);
    char title[NAME_TEXT], of[64] = "";
    text_set(title, sizeof title, "Unit %d", frame_unit(frame));
    if (detail) {
        unit_title(frame, detail, detail->unit - 1, title);
        title[0] = 'U';
        text_set(of, sizeof of, "of %d in layer %d", detail->units, detail->layer);
    }
    struct rect rest =
        panel_title(frame, &area, SUBJECT_UNIT, title, (const char *const[]){ of }, 1);
    key_cap(frame, rest.x, rest.y + 0.5f * rest.h, "Shift [ ]");
    float height = area.h / (float)frame->runs - row_gap;
    for (int run = 0; run < frame->runs; run++) {
        struct rect row = rect_row(area, run, frame->runs);
        draw_run(frame, rect_cut_top(&row, height), run);
    }
}
