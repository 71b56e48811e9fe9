/* panel_magnitude.c - one number per layer: the RMS of its gradient, as bars on a log axis. */
#include <math.h>

#include "base/text.h"
#include "view/axis.h"
#include "view/format.h"
#include "view/gradient_kind.h"
#include "view/theory_marks.h"

static double rms_of(const struct frame *frame, int run, int layer) {
    return gradient_kind(frame)->rms(frame_layer(frame, run, layer));
}

static bool on_log_axis(double rms) {
    return rms > 0.0 && isfinite(rms);
}

static struct axis choose_axis(const struct frame *frame, float height) {
    double low = (double)INFINITY, high = -(double)INFINITY;
    for (int run = 0; run < frame->runs; run++) {
        for (int l = 1; l <= frame->snapshot->run[run].layers; l++) {
            double rms = rms_of(frame, run, l);
            if (on_log_axis(rms)) {
                low = fmin(low, log10(rms));
                high = fmax(high, log10(rms));
            }
        }
    }
    if (low > high) {
        low = -6.0;
        high = 0.0;
    }
    return axis_decades(low - 0.4, high, 2, height); // 0.4: the smallest bar is still a bar
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

/* From one label's middle to the next, less a gap. */
static float label_room(const struct frame *frame) {
    float width = frame->columns.width;
    struct rect plot = { 0 };
    if (frame->runs == 2) {
        width = bar_slot(frame, plot, 1, 1).x - bar_slot(frame, plot, 1, 0).x;
    }
    return width - 3.0f;
}

static bool labels_fit(const struct frame *frame, int digits) {
    float room = label_room(frame);
    for (int run = 0; run < frame->runs; run++) {
        for (int l = 1; l <= frame->snapshot->run[run].layers; l++) {
            char text[24];
            format_power(text, sizeof text, rms_of(frame, run, l), digits);
            if (width_of(frame, FONT_NUMBER, TEXT_SMALL, text) > room) {
                return false;
            }
        }
    }
    return true;
}

/* Digits of the labels above the bars, the same for all; 0 when they have no room. */
static int label_digits(const struct frame *frame) {
    if (frame->detail != DETAIL_BARS) {
        return 0;
    }
    return labels_fit(frame, 2) ? 2 : labels_fit(frame, 1) ? 1 : 0;
}

static void draw_value(const struct frame *frame, struct rect slot, float top, double rms,
                       int digits) {
    if (digits == 0) {
        return;
    }
    float room = label_room(frame);
    float x = slot.x + 0.5f * (slot.w - room);
    char text[24];
    format_power(text, sizeof text, rms, digits);
    bool bad = !isfinite(rms);
    number_centre(frame, (struct rect){ x, top - 13.0f, room, 11.0f }, TEXT_SMALL,
                  bad ? frame->theme->bad : frame->theme->text, text);
}

/* A bar; for 0 and NaN, which a log axis has no place for, a mark on the base line. */
static void draw_bar(const struct frame *frame, const struct axis *axis, struct rect slot,
                     double rms, int run) {
    float bottom = slot.y + slot.h;
    if (!on_log_axis(rms)) {
        struct rect mark = { slot.x, bottom - 3.0f, slot.w, 3.0f };
        bool bad = !isfinite(rms);
        draw_frame(frame->list, mark, 0.0f, 1.0f, bad ? frame->theme->bad : frame->theme->run[run]);
        return;
    }
    float top = axis_y(axis, slot, log10(rms));
    draw_rect(frame->list, (struct rect){ slot.x, top, slot.w, bottom - top },
              frame->theme->run[run]);
}

static void draw_bars(const struct frame *frame, const struct axis *axis, struct rect plot) {
    int digits = label_digits(frame);
    for (int run = 0; run < frame->runs; run++) {
        for (int l = 1; l <= frame->snapshot->run[run].layers; l++) {
            double rms = rms_of(frame, run, l);
            struct rect slot = bar_slot(frame, plot, l, run);
            draw_bar(frame, axis, slot, rms, run);
            theory_mark_delta(frame, axis, slot, run, l);
            float top = on_log_axis(rms) ? axis_y(axis, slot, log10(rms)) : slot.y + slot.h - 3.0f;
            top = theory_clear_top(frame, axis, slot, run, l, top);
            draw_value(frame, slot, top, rms, digits);
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
            float y = on_log_axis(rms) ? axis_y(axis, plot, log10(rms)) : NAN;
            line[l - 1] = (struct point){ column.x + 0.5f * column.w, y };
            if (!on_log_axis(rms)) {
                draw_bar(frame, axis, column, rms, run);
            }
        }
        colour fill = theme_fade(frame->theme->run[run], 0.15f);
        draw_area(frame->list, line, layers, plot.y + plot.h, fill);
        draw_polyline(frame->list, line, layers,
                      (struct stroke){ .width = 2.0f, .colour = frame->theme->run[run] });
        theory_course_delta(frame, axis, plot, run);
    }
}

static void draw_title(const struct frame *frame, struct rect *area) {
    const struct gradient_kind *kind = gradient_kind(frame);
    char full[128], brief[64];
    text_set(full, sizeof full, "rms %s of each layer, log scale · %s", kind->symbol,
             kind->definition);
    text_set(brief, sizeof brief, "rms %s, log scale", kind->symbol);
    struct rect strip =
        panel_title(frame, area, "Gradient magnitude", (const char *const[]){ full, brief }, 2);
    theory_note_delta(frame, strip);
}

void panel_magnitude_draw(const struct frame *frame, struct rect area) {
    draw_title(frame, &area);
    rect_cut_left(&area, frame->gutter);
    struct rect numbers = rect_cut_bottom(&area, 18.0f);
    columns_draw_ground(frame, area);
    struct rect plot = area;
    rect_cut_top(&plot, frame->detail == DETAIL_BARS ? 15.0f : 5.0f); // room for the labels
    struct axis axis = choose_axis(frame, plot.h);
    struct rect gutter = { plot.x - frame->gutter, plot.y, frame->gutter - 6.0f, plot.h };
    axis_draw_rows(frame, &axis, plot, gutter);
    if (frame->detail == DETAIL_MAP) {
        draw_course(frame, &axis, plot);
    } else {
        draw_bars(frame, &axis, plot);
    }
    columns_draw_numbers(frame, numbers);
}
