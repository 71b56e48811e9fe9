/* panel_magnitude.c - one number per layer: the RMS of its gradient, as bars on a log axis. */
#include <math.h>

#include "base/require.h"
#include "base/text.h"
#include "view/axis.h"
#include "view/format.h"
#include "view/ghost.h"
#include "view/gradient_kind.h"
#include "view/theory_marks.h"

enum { MARK_HEIGHT = 3 };

static double rms_of(const struct frame *frame, int run, int layer) {
    return gradient_kind(frame)->rms(frame_layer(frame, run, layer));
}

static struct axis choose_axis(const struct frame *frame, float height) {
    const struct range *range = &frame->hits->ranges.row[RANGE_MAGNITUDE];
    return frame->state->linear
               ? axis_linear(0.0, range->high, height, 30.0f)
               : axis_decades(range->low - 0.4, range->high, 2, height); // the smallest is a bar
}

/* The top of a bar; NaN for what the axis has no place for: NaN, Inf and on a log axis 0. */
static float bar_top(const struct axis *axis, struct rect plot, double rms) {
    float y = axis_y(axis, plot, axis_coordinate(axis, rms));
    return !isfinite(y) ? NAN : fminf(fmaxf(y, plot.y), plot.y + plot.h);
}

/* Where the bar of a run stands in its column. */
static struct rect bar_slot(const struct frame *frame, struct rect plot, int layer, int run) {
    struct rect column = column_rect(&frame->columns, plot, layer);
    float widest = frame->runs == 1 ? 96.0f : 64.0f;
    float width = fminf((frame->runs == 1 ? 0.52f : 0.40f) * column.w, widest);
    float gap = fminf(0.06f * column.w, 10.0f), centre = column.x + 0.5f * column.w;
    column.x = frame->runs == 1 ? centre - 0.5f * width
               : run == 0       ? centre - 0.5f * gap - width
                                : centre + 0.5f * gap;
    column.w = width;
    return column;
}

enum { MOST_LABELS = 2 * 16, LABEL_HEIGHT = 11 };

/* The numbers above the bars. */
struct labels {
    int count;
    struct value_label {
        char text[24];
        struct rect box;
        bool bad;
    } label[MOST_LABELS];
};

static bool touch(struct rect a, struct rect b) {
    const float gap = 3.0f;
    return a.x < b.x + b.w + gap && b.x < a.x + a.w + gap && a.y < b.y + b.h && b.y < a.y + a.h;
}

/* Centred on its bar, but within its part of the column; above the labels that it would touch. */
static bool place_label(const struct frame *frame, const struct axis *axis, struct rect plot,
                        struct labels *labels, int layer, int run, int digits) {
    struct value_label *label = &labels->label[labels->count];
    double rms = rms_of(frame, run, layer);
    struct rect slot = bar_slot(frame, plot, layer, run);
    struct rect room = column_rect(&frame->columns, plot, layer);
    room = frame->runs == 1 ? room : rect_column(room, run, 2);
    format_power(label->text, sizeof label->text, rms, digits);
    label->bad = !isfinite(rms);
    float width = width_of(frame, FONT_NUMBER, TEXT_SMALL, label->text);
    float x = slot.x + 0.5f * (slot.w - width), top = bar_top(axis, plot, rms);
    x = fmaxf(fminf(x, room.x + room.w - width), room.x);
    top = isnan(top) ? plot.y + plot.h - MARK_HEIGHT : top;
    top = ghost_clear_top(frame, axis, slot, run, layer, top);
    top = theory_clear_top(frame, axis, slot, run, layer, top);
    label->box = (struct rect){ x, top - LABEL_HEIGHT - 2.0f, width, LABEL_HEIGHT };
    for (int i = labels->count - 1; i >= 0; i--) { // neighbours from right to left
        if (touch(label->box, labels->label[i].box)) {
            label->box.y = labels->label[i].box.y - LABEL_HEIGHT;
        }
    }
    labels->count++;
    return width <= room.w;
}

/* All labels with so many digits, below top; false when they have no room. */
static bool place_labels(const struct frame *frame, const struct axis *axis, struct rect plot,
                         int digits, float top, struct labels *labels) {
    labels->count = 0;
    for (int l = 1; l <= frame->layers; l++) {
        for (int run = 0; run < frame->runs; run++) {
            if (gradient_is_known(frame, run, l) &&
                !(place_label(frame, axis, plot, labels, l, run, digits) &&
                  labels->label[labels->count - 1].box.y >= top)) {
                labels->count = 0;
                return false;
            }
        }
    }
    return true;
}

/*
 * What is left of area below the labels, which are placed: with two digits, with one, or with one
 * and lifted; without any when they have no room.
 */
static struct rect plot_below_labels(const struct frame *frame, struct rect area, struct axis *axis,
                                     struct labels *labels) {
    static const struct {
        int digits;
        float height;
    } tries[] = { { 2, 15.0f }, { 1, 15.0f }, { 1, 26.0f } };
    labels->count = 0;
    for (int i = 0; i < ARRAY_LEN(tries) && frame->detail == DETAIL_BARS; i++) {
        struct rect plot = area;
        rect_cut_top(&plot, tries[i].height);
        *axis = choose_axis(frame, plot.h);
        if (place_labels(frame, axis, plot, tries[i].digits, area.y, labels)) {
            return plot;
        }
    }
    rect_cut_top(&area, 5.0f);
    *axis = choose_axis(frame, area.h);
    return area;
}

static void draw_labels(const struct frame *frame, const struct labels *labels) {
    for (int i = 0; i < labels->count; i++) {
        const struct value_label *label = &labels->label[i];
        number_centre(frame, label->box, TEXT_SMALL,
                      label->bad ? frame->theme->bad : frame->theme->text, label->text);
    }
}

/* A bar; a mark on the base line for what has no place on the axis. */
static void draw_bar(const struct frame *frame, const struct axis *axis, struct rect slot,
                     double rms, int run) {
    float bottom = slot.y + slot.h, top = bar_top(axis, slot, rms);
    if (isnan(top)) {
        struct rect mark = { slot.x, bottom - MARK_HEIGHT, slot.w, MARK_HEIGHT };
        bool bad = !isfinite(rms);
        draw_frame(frame->list, mark, 0.0f, 1.0f, bad ? frame->theme->bad : frame->theme->run[run]);
        return;
    }
    draw_rect(frame->list, (struct rect){ slot.x, top, slot.w, bottom - top },
              frame->theme->run[run]);
    if (axis_coordinate(axis, rms) > axis->high) { // broken: it goes on beyond the axis
        draw_rect(frame->list, (struct rect){ slot.x, top + 3.0f, slot.w, 2.0f },
                  frame->theme->panel);
    }
}

static void draw_bars(const struct frame *frame, const struct axis *axis, struct rect plot) {
    for (int run = 0; run < frame->runs; run++) {
        for (int l = 1; l <= frame->snapshot->run[run].layers; l++) {
            struct rect slot = bar_slot(frame, plot, l, run);
            if (!gradient_is_known(frame, run, l)) {
                continue;
            }
            draw_bar(frame, axis, slot, rms_of(frame, run, l), run);
            ghost_draw_bar(frame, axis, slot, run, l);
            theory_mark_delta(frame, axis, slot, run, l);
        }
    }
}

/* Many layers: a step line per run says more than bars a pixel wide. */
static void draw_course(const struct frame *frame, const struct axis *axis, struct rect plot) {
    for (int run = 0; run < frame->runs; run++) {
        struct point line[SNAPSHOT_LAYERS] = { { 0.0f, 0.0f } };
        int layers = frame->snapshot->run[run].layers;
        for (int l = 1; l <= layers; l++) {
            double rms = rms_of(frame, run, l);
            struct rect column = column_rect(&frame->columns, plot, l);
            float y = bar_top(axis, plot, rms);
            line[l - 1] = (struct point){ column.x + 0.5f * column.w, y };
            if (isnan(y) && gradient_is_known(frame, run, l)) {
                draw_bar(frame, axis, column, rms, run);
            }
        }
        colour fill = theme_fade(frame->theme->run[run], 0.15f);
        draw_area(frame->list, line, layers, plot.y + plot.h, fill);
        draw_polyline(frame->list, line, layers,
                      (struct stroke){ .width = 2.0f, .colour = frame->theme->run[run] });
        ghost_draw_course(frame, axis, plot, run);
        theory_course_delta(frame, axis, plot, run);
    }
}

/* The value under the pointer as a line, and the layer's in words. */
static void draw_pointer(const struct frame *frame, const struct axis *axis, struct rect plot,
                         struct rect area) {
    if (frame->pointed == 0 || !hovered(frame, area)) {
        return;
    }
    gradient_tell(frame);
    theory_tell_delta(frame);
    float y = frame->state->pointer.y;
    if (hovered(frame, plot)) {
        char text[32];
        double at = axis->high - (double)((y - plot.y) / plot.h) * (axis->high - axis->low);
        format_value(text, sizeof text, axis->log ? pow(10.0, at) : at);
        tip(frame, "cross-hair at %s", text);
        draw_line(frame->list, (struct point){ plot.x, y }, (struct point){ plot.x + plot.w, y },
                  1.0f, theme_fade(frame->theme->mark, 0.6f));
    }
}

static void draw_title(const struct frame *frame, struct rect *area) {
    const struct gradient_kind *kind = gradient_kind(frame);
    char full[128], brief[64];
    const char *scale = frame->state->linear ? "linear" : "log";
    text_set(full, sizeof full, "rms %s of each layer, %s scale · %s", kind->symbol, scale,
             gradient_definition(frame));
    text_set(brief, sizeof brief, "rms %s, %s scale", kind->symbol, scale);
    struct rect strip = panel_title(frame, area, SUBJECT_MAGNITUDE, "Gradient magnitude",
                                    (const char *const[]){ full, brief }, 2);
    mark_frozen(frame, &strip);
    theory_note_delta(frame, strip);
}

void panel_magnitude_draw(const struct frame *frame, struct rect area) {
    draw_title(frame, &area);
    rect_cut_left(&area, frame->gutter);
    if (frame->snapshot->watched.active && !gradient_is_there(frame)) {
        char text[64];
        text_set(text, sizeof text, "%s is not in the logs", gradient_kind(frame)->symbol);
        draw_nothing(frame, area, text);
        return;
    }
    columns_add_hits(frame, area);
    struct rect numbers = rect_cut_bottom(&area, 18.0f);
    columns_draw_ground(frame, area);
    struct axis axis;
    struct labels labels;
    struct rect plot = plot_below_labels(frame, area, &axis, &labels);
    struct rect gutter = { plot.x - frame->gutter, plot.y, frame->gutter - 6.0f, plot.h };
    axis_draw_rows(frame, &axis, plot, gutter);
    if (frame->detail == DETAIL_MAP) {
        draw_course(frame, &axis, plot);
    } else {
        draw_bars(frame, &axis, plot);
        draw_labels(frame, &labels);
    }
    columns_draw_numbers(frame, numbers);
    draw_pointer(frame, &axis, plot, area);
}
