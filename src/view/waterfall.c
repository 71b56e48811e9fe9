#include "view/waterfall.h"

#include <math.h>

#include "view/format.h"

static const float least_bar = 2.5f; // points of a part, or the layer has a single bar

int waterfall_parts(const struct run_snapshot *run, enum direction direction,
                    enum factor parts[FACTOR_COUNT]) {
    int count = 0;
    for (int i = 0; i < FACTOR_COUNT; i++) {
        enum factor f = factor_at(direction, i);
        if (snapshot_uses_factor(run, direction, f)) {
            parts[count++] = f;
        }
    }
    return count;
}

static double rms_after(const struct run_snapshot *run, enum direction direction, int l) {
    if (direction == DIRECTION_FORWARD) {
        return l > 0 ? run->layer[l - 1].h.rms : run->input_rms;
    }
    return l <= run->layers ? run->layer[l - 1].delta.rms : run->output.delta.rms;
}

double waterfall_level(const struct run_snapshot *run, enum direction direction, int l) {
    int first = direction == DIRECTION_FORWARD ? 0 : run->layers + 1;
    double level = log10(rms_after(run, direction, l) / rms_after(run, direction, first));
    return isfinite(level) ? level : (double)NAN;
}

/* Behind the layer that the pass comes from. */
static double level_before(const struct run_snapshot *run, enum direction direction, int l) {
    return waterfall_level(run, direction, direction == DIRECTION_FORWARD ? l - 1 : l + 1);
}

void waterfall_range(const struct run_snapshot *run, enum direction direction, double *low,
                     double *high) {
    enum factor parts[FACTOR_COUNT];
    int count = waterfall_parts(run, direction, parts);
    for (int l = 1; l <= run->layers; l++) {
        const double *factor = snapshot_factors(&run->layer[l - 1], direction);
        double level = level_before(run, direction, l);
        for (int i = 0; i < count; i++) {
            if (isfinite(level)) {
                *low = fmin(*low, level);
                *high = fmax(*high, level);
            }
            level += log10(factor[parts[i]]);
        }
        level = waterfall_level(run, direction, l);
        *low = fmin(*low, level); // fmin ignores the NaN
        *high = fmax(*high, level);
    }
}

struct rect waterfall_slot(const struct waterfall *fall, int layer) {
    int layers = fall->run->layers;
    return fall->upright ? rect_column(fall->plot, layer - 1, layers)
                         : rect_row(fall->plot, layers - layer, layers);
}

/* The piece of a slot for part i of count. */
static struct rect piece_of(const struct waterfall *fall, struct rect slot, int i, int count) {
    bool forward = fall->direction == DIRECTION_FORWARD;
    if (fall->upright) {
        return rect_column(slot, forward ? i : count - 1 - i, count);
    }
    return rect_row(slot, forward ? count - 1 - i : i, count);
}

static float place(const struct waterfall *fall, double level) {
    return fall->upright ? axis_y(&fall->axis, fall->plot, level)
                         : axis_x(&fall->axis, fall->plot, level);
}

/* From one level to the other across most of the piece; it is seen however short it is. */
static struct rect bar_between(const struct waterfall *fall, struct rect piece, double from,
                               double to) {
    float a = place(fall, from), b = place(fall, to);
    float length = fmaxf(fabsf(a - b), 2.0f), start = 0.5f * (a + b - length);
    float thick = fall->upright ? piece.w : piece.h, pad = thick > 4.0f ? 0.1f * thick : 0.0f;
    if (fall->upright) {
        return (struct rect){ piece.x + pad, start, piece.w - 2.0f * pad, length };
    }
    return (struct rect){ start, piece.y + pad, length, piece.h - 2.0f * pad };
}

/* A thin line at the level where one bar ends and the next begins. */
static void draw_link(const struct frame *frame, const struct waterfall *fall, struct rect piece,
                      double level) {
    float at = place(fall, level);
    struct point from = { piece.x, at }, to = { piece.x + piece.w, at };
    if (!fall->upright) {
        from = (struct point){ at, piece.y };
        to = (struct point){ at, piece.y + piece.h };
    }
    draw_line(frame->list, from, to, 1.0f, frame->theme->axis);
}

/* The factor behind the end of its bar, on the side it points to. */
static void write_factor(const struct frame *frame, const struct waterfall *fall, struct rect piece,
                         struct rect bar, double factor) {
    char text[24];
    format_brief(text, sizeof text, factor);
    float width = width_of(frame, FONT_NUMBER, TEXT_SMALL, text) + 1.0f;
    if (!fall->upright || width > piece.w) {
        return;
    }
    float y = factor < 1.0 ? bar.y + bar.h + 1.0f : bar.y - 12.0f;
    float top = fall->plot.y, bottom = fall->plot.y + fall->plot.h - 12.0f;
    y = fminf(fmaxf(y, top), bottom);
    struct rect box = { piece.x + 0.5f * (piece.w - width), y, width, 11.0f };
    number_centre(frame, box, TEXT_SMALL, frame->theme->secondary, text);
}

/* Off the lower end of the axis: nothing is left, or no number. */
static void draw_loss(const struct frame *frame, const struct waterfall *fall, struct rect piece,
                      double from) {
    struct rect bar = bar_between(fall, piece, from, fall->axis.low);
    draw_rect(frame->list, bar, theme_fade(frame->theme->bad, 0.7f));
}

/* Which part turns the pass most in the direction that it takes. */
static enum factor foremost(const double *factor, const enum factor *parts, int count,
                            double change) {
    enum factor found = parts[0];
    double most = -1.0;
    for (int i = 0; i < count; i++) {
        double step = log10(factor[parts[i]]) * (change < 0.0 ? -1.0 : 1.0);
        if (step > most) {
            most = step;
            found = parts[i];
        }
    }
    return found;
}

static void draw_whole(const struct frame *frame, const struct waterfall *fall, int layer,
                       const enum factor *parts, int count) {
    double from = level_before(fall->run, fall->direction, layer);
    double to = waterfall_level(fall->run, fall->direction, layer);
    struct rect slot = waterfall_slot(fall, layer);
    if (isnan(from)) {
        return;
    }
    if (isnan(to)) {
        draw_loss(frame, fall, slot, from);
        return;
    }
    const double *factor = snapshot_factors(&fall->run->layer[layer - 1], fall->direction);
    enum factor f = foremost(factor, parts, count, to - from);
    draw_rect(frame->list, bar_between(fall, slot, from, to), frame->theme->factor[f]);
}

static void draw_parts(const struct frame *frame, const struct waterfall *fall, int layer,
                       const enum factor *parts, int count, bool written) {
    const double *factor = snapshot_factors(&fall->run->layer[layer - 1], fall->direction);
    struct rect slot = waterfall_slot(fall, layer);
    double level = level_before(fall->run, fall->direction, layer);
    for (int i = 0; i < count && isfinite(level); i++) {
        struct rect piece = piece_of(fall, slot, i, count);
        double next = level + log10(factor[parts[i]]);
        if (!isfinite(next)) {
            draw_loss(frame, fall, piece, level);
            return;
        }
        struct rect bar = bar_between(fall, piece, level, next);
        draw_link(frame, fall, piece, level);
        draw_rect(frame->list, bar, frame->theme->factor[parts[i]]);
        if (written) {
            write_factor(frame, fall, piece, bar, factor[parts[i]]);
        }
        level = next;
    }
}

void waterfall_draw(const struct frame *frame, const struct waterfall *fall, bool written) {
    enum factor parts[FACTOR_COUNT];
    int count = waterfall_parts(fall->run, fall->direction, parts);
    draw_clip(frame->list, fall->plot);
    for (int l = 1; l <= fall->run->layers; l++) {
        struct rect slot = waterfall_slot(fall, l);
        if ((fall->upright ? slot.w : slot.h) < least_bar * (float)count) {
            draw_whole(frame, fall, l, parts, count);
        } else {
            draw_parts(frame, fall, l, parts, count, written);
        }
    }
    draw_unclip(frame->list);
}
