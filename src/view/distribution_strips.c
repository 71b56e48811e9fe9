/* distribution_strips.c - what no bar of a distribution shows, in strips beside its plot. */
#include <math.h>

#include "base/text.h"
#include "view/distribution.h"
#include "view/format.h"

static const float plot_gap = 3.0f; // between a plot and its strips

static const struct {
    const char *label; // of the strips at an end of the axis: what is before the end's value
    bool over;         // above the plot
} strips[APART_COUNT] = {
    [APART_ABOVE] = { ">", true },
    [APART_BELOW] = { "<", false },
    [APART_ZERO] = { "exactly 0", false },
    [APART_UNDERFLOW] = { "underflow", false },
    [APART_NEAR_ZERO] = { "around 0", false },
    [APART_NAN] = { "NaN", false },
    [APART_INF] = { "±Inf", false },
};

static colour strip_colour(const struct frame *frame, enum apart apart, int run) {
    switch (apart) {
    case APART_UNDERFLOW:
        return frame->theme->warning;
    case APART_NAN:
    case APART_INF:
        return frame->theme->bad;
    default:
        return frame->theme->run[run];
    }
}

struct rect distribution_without_strips(const struct distribution *row, struct rect half, int run) {
    for (int i = 0; i < APART_COUNT; i++) {
        if (row->strip[run][i] && strips[i].over) {
            rect_cut_top(&half, row->strip_height + plot_gap);
        } else if (row->strip[run][i]) {
            rect_cut_bottom(&half, row->strip_height + plot_gap);
        }
    }
    return half;
}

static const float twins_gap = 3.0f;

/* A share of n in a strip: a thin bar and, where it fits, the number. */
static void draw_share(const struct frame *frame, const struct distribution *row, struct rect strip,
                       enum apart apart, int run, int layer) {
    uint64_t count = row->apart[run][layer - 1][apart], n = row->n[run][layer - 1];
    if (count == 0) {
        return;
    }
    struct rect part = column_part(frame, strip, layer, run);
    bool left = frame->runs == 2 && run == 0;
    float share = (float)((double)count / (double)n);
    struct rect bar = part;
    if (row->written) {
        char text[16];
        format_share(text, sizeof text, count, n);
        struct rect box = { part.x, part.y, part.w, part.h - 4.0f };
        float spare = box.w - width_of(frame, FONT_NUMBER, TEXT_SMALL, text);
        if (frame->runs == 2 && spare >= twins_gap) { // so that two numbers do not read as one
            box.x += left ? 0.0f : twins_gap;
            box.w -= twins_gap;
        }
        if (spare >= 0.0f) {
            (left ? number_right : number_left)(frame, box, TEXT_SMALL, frame->theme->text, text);
        }
        bar = rect_cut_bottom(&part, 3.0f);
    } else {
        bar = rect_inset(bar, 0.0f, 1.5f);
    }
    draw_histogram(frame->list, bar, &share, 1, left ? GROW_LEFT : GROW_RIGHT,
                   strip_colour(frame, apart, run));
}

/* One column per layer: the share as a bar that grows up. */
static void draw_share_columns(const struct frame *frame, const struct distribution *row,
                               struct rect strip, enum apart apart, int run) {
    float values[SNAPSHOT_LAYERS];
    int layers = frame->snapshot->run[run].layers;
    for (int i = 0; i < layers; i++) {
        double n = fmax((double)row->n[run][i], 1.0);
        values[i] = (float)((double)row->apart[run][i][apart] / n);
    }
    struct rect bars = column_rect(&frame->columns, strip, 1);
    bars.w *= (float)layers;
    draw_histogram(frame->list, bars, values, layers, GROW_UP, strip_colour(frame, apart, run));
}

void distribution_strip_label(const struct distribution *row, enum apart apart, char *text,
                              size_t size) {
    text_set(text, size, "%s", strips[apart].label);
    if (apart == APART_ABOVE || apart == APART_BELOW) {
        double end = apart == APART_ABOVE ? row->axis.high : row->axis.low;
        char number[32];
        if (row->axis.log) {
            format_decade(number, sizeof number, (int)lround(end));
        } else {
            format_end(number, sizeof number, end);
        }
        text_append(text, size, " %s", number);
    }
}

static void draw_strip(const struct frame *frame, const struct distribution *row, struct rect strip,
                       enum apart apart, int run) {
    struct rect gutter = { strip.x - frame->gutter, strip.y, frame->gutter - 6.0f, strip.h };
    if (run == 0 || distribution_stacked(frame)) {
        char label[48];
        distribution_strip_label(row, apart, label, sizeof label);
        columns_draw_ground(frame, strip);
        label_right(frame, gutter, TEXT_SMALL, frame->theme->secondary, label);
    }
    if (frame->detail == DETAIL_MAP) {
        draw_share_columns(frame, row, strip, apart, run);
        return;
    }
    for (int l = 1; l <= frame->snapshot->run[run].layers; l++) {
        draw_share(frame, row, strip, apart, run, l);
    }
}

/* Where a strip of a run stands; its height is 0 if there is none. */
static struct rect strip_rect(const struct distribution *row, enum apart apart, int run) {
    struct rect strip = row->plot[run];
    float height = row->strip_height + plot_gap;
    if (!row->strip[run][apart]) {
        strip.h = 0.0f;
        return strip;
    }
    if (strips[apart].over) {
        strip.y -= height;
    } else {
        strip.y += strip.h + plot_gap;
        for (int i = 0; i < (int)apart; i++) {
            strip.y += row->strip[run][i] && !strips[i].over ? height : 0.0f;
        }
    }
    strip.h = row->strip_height;
    return strip;
}

enum apart distribution_strip_at(const struct distribution *row, int run, float y) {
    for (int i = 0; i < APART_COUNT; i++) {
        struct rect strip = strip_rect(row, (enum apart)i, run);
        if (strip.h > 0.0f && y >= strip.y - 0.5f * plot_gap &&
            y < strip.y + strip.h + 0.5f * plot_gap) {
            return (enum apart)i;
        }
    }
    return APART_COUNT;
}

void distribution_draw_strips(const struct frame *frame, const struct distribution *row, int run) {
    for (int i = 0; i < APART_COUNT; i++) {
        struct rect strip = strip_rect(row, (enum apart)i, run);
        if (strip.h > 0.0f) {
            draw_strip(frame, row, strip, (enum apart)i, run);
        }
    }
}
