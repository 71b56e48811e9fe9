/*
 * panel_why.c - the backward pass split into its factors, layer by layer.
 *
 * Row l: rms delta_l = rms phi' * W^T * rms delta_{l+1}. The last row multiplies them all.
 */
#include <math.h>

#include "base/require.h"
#include "base/text.h"
#include "view/format.h"
#include "view/panel.h"

enum { LEAST_ROW = 15, TALLEST_ROW = 22, HEAD = 20 };

enum {
    COLUMN_LAYER,
    COLUMN_FACTORS,
    COLUMN_PASSES = COLUMN_FACTORS + FACTOR_COUNT,
    COLUMN_SD,
    COLUMNS
};

/* In the order they multiply to from the top of a layer's row: phi' first, as one reads z to h. */
static const enum factor order[FACTOR_COUNT] = { FACTOR_SLOPE, FACTOR_WEIGHT, FACTOR_NORMALISATION,
                                                 FACTOR_SKIP, FACTOR_BRANCH };

/*
 * Right ends of the columns as shares of the width, 0 for one that is not there; the bar of
 * "passes" stands before its number. Factors that do nothing anywhere have no column, and where
 * there are more than two, they take the place of the bar and of h.
 */
struct layout {
    float right[COLUMNS];
    float bar_left, bar_right; // both 0: no bar
};

static struct layout layout_of(const struct run_snapshot *run) {
    struct layout layout = { .right = { [COLUMN_LAYER] = 0.12f } };
    int used = 0;
    for (int i = 0; i < FACTOR_COUNT; i++) {
        used += snapshot_uses_factor(run, DIRECTION_BACKWARD, order[i]);
    }
    bool wide = used > 2;
    float last = wide ? 0.78f : 0.53f;
    for (int i = 0, k = 0; i < FACTOR_COUNT; i++) {
        if (snapshot_uses_factor(run, DIRECTION_BACKWARD, order[i])) {
            k++;
            layout.right[COLUMN_FACTORS + i] = 0.15f + (last - 0.15f) * (float)k / (float)used;
        }
    }
    layout.right[COLUMN_PASSES] = wide ? 0.975f : 0.765f;
    layout.right[COLUMN_SD] = wide ? 0.0f : 0.975f;
    layout.bar_left = wide ? 0.0f : 0.55f;
    layout.bar_right = wide ? 0.0f : 0.63f;
    return layout;
}

/* The run with the worse verdict, of those with layers: verdicts are in order of how bad they are.
 */
static int worse_run(const struct frame *frame) {
    const struct run_snapshot *run = frame->snapshot->run;
    if (frame->runs == 2 && (run[0].layers == 0 || run[1].layers == 0)) {
        return run[0].layers == 0 ? 1 : 0;
    }
    return frame->runs == 2 && run[1].diagnosis.verdict > run[0].diagnosis.verdict ? 1 : 0;
}

static struct rect cell(const struct layout *layout, struct rect row, int column) {
    float before = 0.0f, right = layout->right[column];
    for (int c = 0; c < column; c++) {
        before = fmaxf(before, layout->right[c]);
    }
    float left = row.x + before * row.w + (column == 0 ? 0.0f : 2.0f);
    return (struct rect){ left, row.y, row.x + right * row.w - left, row.h };
}

static double passes(const struct layer_stats *layer) {
    return factor_product(layer->factor);
}

/* Green near 1, red from a factor of 2 on, either way. */
static colour factor_colour(const struct theme_row *theme, double factor) {
    double off = factor > 0.0 ? fmin(fabs(log2(factor)), 1.0) : 1.0;
    return off < 0.5 ? theme_blend(theme->good, theme->warning, 2.0f * (float)off)
                     : theme_blend(theme->warning, theme->bad, 2.0f * (float)off - 1.0f);
}

/* From the middle to the left for a factor below 1, to the right above; full at a factor of 8. */
static void draw_factor_bar(const struct frame *frame, const struct layout *layout, struct rect row,
                            double factor) {
    if (layout->bar_right == 0.0f) {
        return;
    }
    float left = row.x + layout->bar_left * row.w, right = row.x + layout->bar_right * row.w;
    float middle = 0.5f * (left + right), half = 0.5f * (right - left);
    float height = fminf(row.h - 5.0f, 11.0f), y = row.y + 0.5f * (row.h - height);
    if (isfinite(factor)) {
        double octaves = factor > 0.0 ? log2(factor) : -3.0;
        float length = half * (float)fmin(fmax(fabs(octaves) / 3.0, 0.08), 1.0);
        struct rect bar = { octaves < 0.0 ? middle - length : middle, y, length, height };
        draw_rect(frame->list, bar, factor_colour(frame->theme, factor));
    }
    draw_line(frame->list, (struct point){ middle, y - 1.0f },
              (struct point){ middle, y + height + 1.0f }, 1.0f, frame->theme->axis);
}

static void draw_number(const struct frame *frame, const struct layout *layout, struct rect row,
                        int column, colour ink, double value) {
    if (layout->right[column] > 0.0f) {
        char text[24];
        struct rect box = cell(layout, row, column);
        format_value(text, sizeof text, value);
        if (width_of(frame, FONT_NUMBER, TEXT_LABEL, text) + 5.0f > box.w) {
            format_brief(text, sizeof text, value);
        }
        number_right(frame, box, TEXT_LABEL, ink, text);
    }
}

static void draw_row(const struct frame *frame, const struct layout *layout, struct rect row,
                     int run, int l) {
    const struct layer_stats *layer = frame_layer(frame, run, l);
    bool selected = l == frame->selected;
    if (selected) {
        draw_rect(frame->list, row, theme_fade(frame->theme->focus, 0.16f));
    }
    char number[16];
    text_set(number, sizeof number, "%d", l);
    colour loud = frame->theme->text, quiet = frame->theme->secondary;
    number_right(frame, cell(layout, row, COLUMN_LAYER), TEXT_LABEL, selected ? loud : quiet,
                 number);
    for (int i = 0; i < FACTOR_COUNT; i++) {
        draw_number(frame, layout, row, COLUMN_FACTORS + i, quiet, layer->factor[order[i]]);
    }
    draw_factor_bar(frame, layout, row, passes(layer));
    draw_number(frame, layout, row, COLUMN_PASSES, loud, passes(layer));
    draw_number(frame, layout, row, COLUMN_SD, quiet, layer->h.sd);
    add_hit(frame, row, HIT_LAYER, l);
}

/* rms delta_1 / rms delta_{L+1}: what arrives at layer 1 of the gradient at the output. */
static void draw_total(const struct frame *frame, const struct layout *layout, struct rect row,
                       int run) {
    const struct run_snapshot *shown = &frame->snapshot->run[run];
    double logarithm = 0.0;
    for (int l = 0; l < shown->layers; l++) {
        logarithm += log10(passes(&shown->layer[l]));
    }
    char text[64];
    format_value(text, sizeof text, pow(10.0, logarithm));
    draw_line(frame->list, (struct point){ row.x + 8.0f, row.y },
              (struct point){ row.x + row.w - 8.0f, row.y }, 1.0f, frame->theme->grid);
    struct rect value = cell(layout, row, COLUMN_PASSES);
    struct rect label = row;
    label.x += 8.0f;
    label.w = value.x + value.w - width_of(frame, FONT_NUMBER, TEXT_LABEL, text) - 8.0f - label.x;
    static const char *const names[] = { "output to layer 1, all factors", "output to layer 1" };
    const char *name = text_that_fits(frame, label.w, names, ARRAY_LEN(names));
    label_left(frame, label, TEXT_LABEL, frame->theme->secondary, name);
    value = (struct rect){ label.x + label.w, row.y, value.x + value.w - label.x - label.w, row.h };
    number_right(frame, value, TEXT_LABEL, frame->theme->text, text);
}

static void draw_head(const struct frame *frame, const struct layout *layout, struct rect row) {
    for (int c = 0; c < COLUMNS; c++) {
        if (layout->right[c] == 0.0f) {
            continue;
        }
        struct rect box = cell(layout, row, c);
        int i = c - COLUMN_FACTORS;
        bool factor = i >= 0 && i < FACTOR_COUNT;
        char text[32] = "";
        if (factor) {
            text_set(text, sizeof text, "%s%s", i == 0 ? "rms " : "× ",
                     factors[DIRECTION_BACKWARD][order[i]].label);
        }
        const char *const names[] = { factor               ? text
                                      : c == COLUMN_LAYER  ? "layer"
                                      : c == COLUMN_PASSES ? "= passes"
                                                           : "h sd",
                                      factor ? factors[DIRECTION_BACKWARD][order[i]].label
                                      : c == COLUMN_LAYER  ? "layer"
                                      : c == COLUMN_PASSES ? "passes"
                                                           : "h sd" };
        label_right(frame, box, TEXT_LABEL, frame->theme->secondary,
                    text_that_fits(frame, box.w, names, ARRAY_LEN(names)));
    }
}

float panel_why_height(const struct frame *frame) {
    int rows = frame->snapshot->run[worse_run(frame)].layers + 1;
    return panel_title_height(frame) + HEAD + (float)rows * TALLEST_ROW + 8.0f;
}

static void draw_title(const struct frame *frame, struct rect *area, int run, int first, int last) {
    static const char *const what[] = { "what each layer does to the gradient",
                                        "factors of the gradient", "gradient factors" };
    char title[80], range[48] = "", brief[32] = "", letter[8] = "";
    int layers = frame->snapshot->run[run].layers;
    if (last - first + 1 < layers) {
        text_set(range, sizeof range, "%d to %d of %d", first, last, layers);
        text_set(brief, sizeof brief, "%d–%d", first, last);
    }
    if (frame->runs == 2) {
        text_set(letter, sizeof letter, " %c", 'A' + run);
    }
    float room = area->w - width_of(frame, FONT_LABEL, TEXT_LABEL, range) - 14.0f;
    for (int i = 0; i < ARRAY_LEN(what); i++) {
        text_set(title, sizeof title, "Why%s: %s", letter, what[i]);
        if (width_of(frame, FONT_STRONG, TEXT_TITLE, title) <= room) {
            break;
        }
    }
    panel_title(frame, area, title, (const char *const[]){ range, brief }, range[0] ? 2 : 0);
}

void panel_why_draw(const struct frame *frame, struct rect area) {
    int run = worse_run(frame), layers = frame->snapshot->run[run].layers;
    float room = area.h - panel_title_height(frame) - HEAD - 6.0f;
    int rows = (int)fmaxf(1.0f, floorf(room / LEAST_ROW)) - 1; // one is the total
    rows = rows < 1 ? 1 : rows;
    rows = rows < layers ? rows : layers;   // none without hidden layers
    int first = frame->selected - rows / 2; // a window around the selected layer
    first = first > layers - rows + 1 ? layers - rows + 1 : first;
    first = first < 1 ? 1 : first;

    draw_title(frame, &area, run, first, first + rows - 1);
    draw_ground(frame, area);
    struct rect head = rect_cut_top(&area, HEAD);
    struct layout layout = layout_of(&frame->snapshot->run[run]);
    draw_head(frame, &layout, head);
    rect_cut_bottom(&area, 4.0f);
    float height = fminf(area.h / (float)(rows + 1), TALLEST_ROW);
    for (int i = 0; i < rows; i++) {
        draw_row(frame, &layout, rect_cut_top(&area, height), run, first + rows - 1 - i);
    }
    draw_total(frame, &layout, rect_cut_top(&area, height), run);
}
