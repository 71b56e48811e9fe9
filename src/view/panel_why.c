/*
 * panel_why.c - what each layer does to the gradient on its way down, and to the signal on its way
 * up, part by part.
 *
 * Beside the other panels layers are rows, with the numbers in columns while they can be read;
 * where there is more room they are columns, and twins stand beside each other.
 */
#include <math.h>

#include "base/require.h"
#include "base/text.h"
#include "view/format.h"
#include "view/panel.h"
#include "view/waterfall.h"

enum { WIDE = 560, LEAST_NUMBER = 11, NUMBER = 33, TALLEST_ROW = 34 };
enum { HEAD = 18, SUBHEAD = 15, AXIS = 15, LEAST_DECADES = 2 };

static const char *const short_labels[FACTOR_COUNT] = {
    [FACTOR_NORMALISATION] = "norm", [FACTOR_WEIGHT] = "W", [FACTOR_SKIP] = "skip",
    [FACTOR_BRANCH] = "branch",      [FACTOR_SLOPE] = "φ",
};

/* The run with the worse verdict, of those with layers: verdicts are in order of how bad they are.
 */
static int worse_run(const struct frame *frame) {
    const struct run_snapshot *run = frame->snapshot->run;
    if (run[0].layers == 0 || run[1].layers == 0) {
        return run[0].layers == 0 ? 1 : 0;
    }
    return run[1].diagnosis.verdict > run[0].diagnosis.verdict ? 1 : 0;
}

static int chosen_run(const struct frame *frame) {
    if (frame->runs == 1) {
        return 0;
    }
    enum view_why why = frame->state->why;
    return why == VIEW_WHY_WORSE ? worse_run(frame) : why == VIEW_WHY_B;
}

/* Both directions of the runs that are shown on their own axes. */
static struct axis axis_of(const struct frame *frame, enum direction direction, int first, int last,
                           float length, float spacing, float margin) {
    double low = 0.0, high = 0.0;
    for (int run = first; run <= last; run++) {
        waterfall_range(&frame->snapshot->run[run], direction, &low, &high);
    }
    double room = (high - low) * (double)(margin / length); // for what is written beside bars
    struct axis axis =
        axis_decades(low - room, high > 0.0 ? high + room : 0.0, LEAST_DECADES, length);
    axis_set_length(&axis, length, spacing);
    return axis;
}

/* Of the last of the pass relative to its first: 0 once nothing is left, NaN where that is not
 * said. */
static double whole_ratio(const struct run_snapshot *run, enum direction direction) {
    return direction == DIRECTION_FORWARD ? run->layer[run->layers - 1].h.rms / run->input_rms
                                          : run->layer[0].delta.rms / run->output.delta.rms;
}

/* Does this part do anything in one of the runs first..last? */
static bool is_used(const struct frame *frame, int first, int last, enum factor factor) {
    bool used = false;
    for (int run = first; run <= last; run++) {
        const struct run_snapshot *shown = &frame->snapshot->run[run];
        used = used || snapshot_uses_factor(shown, DIRECTION_BACKWARD, factor) ||
               snapshot_uses_factor(shown, DIRECTION_FORWARD, factor);
    }
    return used;
}

static void draw_legend(const struct frame *frame, struct rect strip, int first, int last) {
    for (int f = 0; f < FACTOR_COUNT; f++) {
        float width = width_of(frame, FONT_LABEL, TEXT_LABEL, short_labels[f]) + 1.0f;
        if (!is_used(frame, first, last, (enum factor)f) || strip.w < width + 13.0f) {
            continue;
        }
        struct rect text = rect_cut_right(&strip, width);
        rect_cut_right(&strip, 4.0f);
        struct rect swatch = rect_cut_right(&strip, 9.0f);
        rect_cut_right(&strip, 10.0f);
        label_left(frame, text, TEXT_LABEL, frame->theme->secondary, short_labels[f]);
        draw_rect(frame->list, rect_inset(swatch, 0.0f, 0.5f * (swatch.h - 9.0f)),
                  frame->theme->factor[f]);
    }
}

static float legend_width(const struct frame *frame, int first, int last) {
    float width = 0.0f;
    for (int f = 0; f < FACTOR_COUNT; f++) {
        if (is_used(frame, first, last, (enum factor)f)) {
            width += width_of(frame, FONT_LABEL, TEXT_LABEL, short_labels[f]) + 24.0f;
        }
    }
    return width;
}

/* Whose it is, for a click to change. */
static void draw_run(const struct frame *frame, struct rect *strip, int run) {
    struct rect box = { strip->x, strip->y,
                        run_badge(frame, strip->x, strip->y + 0.5f * strip->h, run), strip->h };
    add_hit(frame, box, HIT_COMMAND, frame->state->why_command);
    if (hovered(frame, box)) {
        tip(frame, "the factors of %c: a click changes whose are shown", 'A' + run);
    }
    rect_cut_left(strip, box.w + 12.0f);
}

/* Of the runs first..last. */
static void draw_title(const struct frame *frame, struct rect *area, int first, int last) {
    static const char *const titles[] = { "Why: what each layer does to gradient and signal",
                                          "Why: what each layer passes on", "Why: layer by layer",
                                          "Why" };
    const float handle = 14.0f, badge = frame->runs == 2 && first == last ? 26.0f : 0.0f;
    float room = area->w - legend_width(frame, first, last) - handle - badge - 12.0f;
    int i = 0;
    while (i < ARRAY_LEN(titles) - 1 &&
           width_of(frame, FONT_STRONG, TEXT_TITLE, titles[i]) > room) {
        i++;
    }
    struct rect strip = panel_title(frame, area, SUBJECT_WHY, titles[i], NULL, 0);
    if (badge > 0.0f) {
        draw_run(frame, &strip, first);
    }
    draw_legend(frame, strip, first, last);
}

/* Everything about a layer's parts, for the pointer. */
static void tell_layer(const struct frame *frame, const struct waterfall *fall, int l) {
    const struct layer_stats *layer = &fall->run->layer[l - 1];
    const double *factor = snapshot_factors(layer, fall->direction);
    bool forward = fall->direction == DIRECTION_FORWARD;
    enum factor parts[FACTOR_COUNT];
    int count = waterfall_parts(fall->run, fall->direction, parts);
    char value[24];
    tip_clear(frame);
    format_value(value, sizeof value, factor_product(factor));
    tip(frame,
        forward ? "layer %d passes on %s of the signal: RMS h%d / RMS h%d"
                : "layer %d passes on %s of the gradient: RMS δ%d / RMS δ%d",
        l, value, l, forward ? l - 1 : l + 1);
    for (int i = 0; i < count; i++) {
        format_value(value, sizeof value, factor[parts[i]]);
        tip(frame, "%s %s: %s", factors[fall->direction][parts[i]].label, value,
            factors[fall->direction][parts[i]].about);
    }
    double level = waterfall_level(fall->run, fall->direction, l);
    format_value(value, sizeof value, isnan(level) ? (double)NAN : pow(10.0, level));
    tip(frame, forward ? "%s of the input's RMS h0 so far" : "%s of the output's RMS δ so far",
        value);
    tip(frame, "RMS over batch × units; the parts multiply to the whole exactly");
}

/* What lies below the bars: the selected layer, lines at the decades, and at 1 where it begins. */
static void draw_below(const struct frame *frame, const struct waterfall *fall) {
    struct rect plot = fall->plot;
    int marked = frame->marked <= fall->run->layers ? frame->marked : 0;
    if (fall->upright && marked > 0 && fall->run->layers > 1) {
        draw_rect(frame->list, waterfall_slot(fall, marked),
                  theme_fade(frame->theme->focus, 0.10f));
    }
    if (!fall->upright) {
        double at;
        for (int i = 0; axis_tick(&fall->axis, i, &at); i++) {
            float x = axis_x(&fall->axis, plot, at);
            draw_line(frame->list, (struct point){ x, plot.y },
                      (struct point){ x, plot.y + plot.h }, 1.0f, frame->theme->grid);
        }
        float x = axis_x(&fall->axis, plot, 0.0);
        draw_line(frame->list, (struct point){ x, plot.y }, (struct point){ x, plot.y + plot.h },
                  1.0f, frame->theme->axis);
    } else {
        float y = axis_y(&fall->axis, plot, 0.0);
        draw_line(frame->list, (struct point){ plot.x, y }, (struct point){ plot.x + plot.w, y },
                  1.0f, frame->theme->axis);
    }
}

/* A click selects the layer: of columns one hit tells which, of rows each has its own. */
static void add_layers(const struct frame *frame, const struct waterfall *fall, struct rect area) {
    int layers = fall->run->layers;
    if (fall->upright) {
        add_hit_range(
            frame, (struct view_hit){ .rect = area, .kind = HIT_LAYERS, .right = (double)layers });
    }
    for (int l = 1; l <= layers; l++) {
        struct rect slot = waterfall_slot(fall, l);
        if (!fall->upright) {
            slot.x = area.x;
            slot.w = area.w;
            add_hit(frame, slot, HIT_LAYER, l);
        }
        if (hovered(frame, slot)) {
            tell_layer(frame, fall, l);
        }
    }
}

/* The columns of numbers beside the bars: one for each part, one for all of them, or none. */
struct table {
    enum factor parts[FACTOR_COUNT];
    int columns;
    bool whole; // the only column is of all parts together
};

static struct table table_of(const struct run_snapshot *run, enum direction direction, float row,
                             float width) {
    struct table table = { .columns = 0 };
    if (row < LEAST_NUMBER) {
        return table;
    }
    table.columns = waterfall_parts(run, direction, table.parts);
    table.whole = (float)(table.columns * NUMBER) > 0.5f * width;
    table.columns = table.whole ? 1 : table.columns;
    return table;
}

static void draw_numbers(const struct frame *frame, const struct waterfall *fall,
                         const struct table *table, struct rect head, struct rect area) {
    for (int i = 0; i < table->columns; i++) {
        struct rect column = rect_column(area, i, table->columns);
        struct rect box = { column.x, head.y, column.w, head.h };
        label_right(frame, box, TEXT_LABEL, frame->theme->secondary,
                    table->whole ? "all" : factors[fall->direction][table->parts[i]].label);
        for (int l = 1; l <= fall->run->layers; l++) {
            const double *factor = snapshot_factors(&fall->run->layer[l - 1], fall->direction);
            struct rect slot = waterfall_slot(fall, l);
            char text[24];
            format_brief(text, sizeof text,
                         table->whole ? factor_product(factor) : factor[table->parts[i]]);
            number_right(frame, (struct rect){ column.x, slot.y, column.w, slot.h }, TEXT_LABEL,
                         frame->theme->text, text);
        }
    }
}

/* "gradient ↓ 1.3e-7": which way, and what is left at the end. */
static void draw_direction(const struct frame *frame, struct rect box,
                           const struct run_snapshot *run, enum direction direction) {
    static const char *const names[DIRECTION_COUNT][2] = {
        [DIRECTION_BACKWARD] = { "gradient ↓", "δ ↓" },
        [DIRECTION_FORWARD] = { "signal ↑", "h ↑" },
    };
    char text[24];
    format_value(text, sizeof text, whole_ratio(run, direction));
    float width = number_right(frame, box, TEXT_LABEL, frame->theme->text, text);
    box.w -= width + 4.0f;
    label_left(frame, box, TEXT_LABEL, frame->theme->secondary,
               text_that_fits(frame, box.w - 1.0f, names[direction], 2));
}

/* The first tick's label and the last one's; more would not fit beside each other. */
static void draw_row_axis(const struct frame *frame, const struct waterfall *fall,
                          struct rect strip) {
    double at, last = fall->axis.low;
    char text[24];
    for (int i = 0; axis_tick(&fall->axis, i, &at); i++) {
        last = at;
    }
    for (int i = 0; axis_tick(&fall->axis, i, &at); i++) {
        if (i > 0 && at < last) {
            continue;
        }
        axis_label(&fall->axis, at, text, sizeof text);
        float width = width_of(frame, FONT_LABEL, TEXT_SMALL, text) + 1.0f;
        float x = axis_x(&fall->axis, fall->plot, at) - 0.5f * width;
        x = fminf(fmaxf(x, fall->plot.x), fall->plot.x + fall->plot.w - width);
        label_left(frame, (struct rect){ x, strip.y, width, strip.h }, TEXT_SMALL,
                   frame->theme->secondary, text);
    }
}

/* One direction beside the other: head, numbers, bars, axis. */
static void draw_half(const struct frame *frame, struct rect area, int run,
                      enum direction direction) {
    const struct run_snapshot *shown = &frame->snapshot->run[run];
    struct rect title = rect_cut_top(&area, HEAD), head = rect_cut_top(&area, SUBHEAD);
    struct rect strip = rect_cut_bottom(&area, AXIS), whole = area;
    float row = fminf(area.h / (float)shown->layers, TALLEST_ROW);
    area.h = row * (float)shown->layers;
    struct table table = table_of(shown, direction, row, area.w);
    struct rect numbers = rect_cut_left(&area, (float)(table.columns * NUMBER));
    rect_cut_left(&area, table.columns > 0 ? 8.0f : 0.0f);
    struct waterfall fall = { .run = shown, .direction = direction, .plot = area };
    fall.axis = axis_of(frame, direction, run, run, area.w, 22.0f, 0.0f);
    strip.y -= whole.h - area.h;
    draw_direction(frame, title, shown, direction);
    draw_below(frame, &fall);
    draw_numbers(frame, &fall, &table, head, numbers);
    waterfall_draw(frame, &fall, false);
    draw_row_axis(frame, &fall, strip);
    add_layers(frame, &fall, whole);
}

/* Numbers of the layers, at the left of the rows: all, or every so many. */
static void draw_layer_numbers(const struct frame *frame, struct rect column, float width,
                               int layers) {
    float row = fminf(column.h / (float)layers, TALLEST_ROW);
    column.h = row * (float)layers;
    if (layers > 1 && frame->marked > 0 && frame->marked <= layers) {
        struct rect selected = rect_row(column, layers - frame->marked, layers);
        selected.w = width;
        draw_rect(frame->list, rect_inset(selected, -4.0f, 0.0f),
                  theme_fade(frame->theme->focus, 0.16f));
    }
    int stride = row >= LEAST_NUMBER ? 1 : row * 5.0f >= LEAST_NUMBER ? 5 : 20;
    for (int l = 1; l <= layers; l++) {
        bool selected = l == frame->marked;
        float distance = row * fabsf((float)(l - frame->marked));
        bool hidden = frame->marked > 0 && distance < (float)LEAST_NUMBER;
        if (!selected && (l % stride != 0 || hidden)) {
            continue;
        }
        struct rect box = rect_row(column, layers - l, layers);
        char text[16];
        text_set(text, sizeof text, "%d", l);
        box = (struct rect){ box.x, box.y + 0.5f * box.h - 6.0f, box.w, 12.0f };
        number_right(frame, box, TEXT_LABEL,
                     selected ? frame->theme->text : frame->theme->secondary, text);
    }
}

static void draw_narrow(const struct frame *frame, struct rect area) {
    int run = chosen_run(frame), layers = frame->snapshot->run[run].layers;
    draw_title(frame, &area, run, run);
    draw_ground(frame, area);
    if (layers == 0) {
        label_centre(frame, area, TEXT_LABEL, frame->theme->secondary,
                     "no hidden layers: ↑ adds one");
        return;
    }
    area = rect_inset(area, 8.0f, 2.0f);
    struct rect column = rect_cut_left(&area, 20.0f);
    rect_cut_top(&column, HEAD + SUBHEAD);
    rect_cut_bottom(&column, AXIS);
    draw_layer_numbers(frame, column, area.w + column.w, layers);
    rect_cut_left(&area, 8.0f);
    struct rect left = rect_cut_left(&area, 0.5f * (area.w - 14.0f));
    rect_cut_left(&area, 14.0f);
    draw_half(frame, left, run, DIRECTION_BACKWARD);
    draw_half(frame, area, run, DIRECTION_FORWARD);
}

/* One run in one direction, layers as columns. */
static void draw_cell(const struct frame *frame, struct rect area, int run,
                      enum direction direction) {
    const struct run_snapshot *shown = &frame->snapshot->run[run];
    struct rect head = rect_cut_top(&area, HEAD);
    if (frame->runs == 2) {
        rect_cut_left(&head, run_badge(frame, head.x, head.y + 0.5f * head.h, run) + 8.0f);
    }
    char text[96], value[24];
    if (shown->layers == 0) {
        label_left(frame, head, TEXT_LABEL, frame->theme->secondary,
                   "no hidden layers: ↑ adds one");
        return;
    }
    format_value(value, sizeof value, whole_ratio(shown, direction));
    if (direction == DIRECTION_BACKWARD) {
        text_set(text, sizeof text, "gradient, from the output down to layer 1: RMS δ × %s", value);
    } else {
        text_set(text, sizeof text, "signal, from the input up to layer %d: RMS h × %s",
                 shown->layers, value);
    }
    label_left(frame, head, TEXT_LABEL, frame->theme->secondary, text);
    struct rect gutter = rect_cut_left(&area, frame->gutter - 6.0f);
    rect_cut_left(&area, 6.0f);
    struct rect strip = rect_cut_bottom(&area, 18.0f);
    draw_ground(frame, area);
    gutter.h = area.h;
    struct waterfall fall = { .run = shown, .direction = direction, .upright = true, .plot = area };
    fall.axis = axis_of(frame, direction, 0, frame->runs - 1, area.h, 22.0f, 18.0f);
    axis_draw_rows(frame, &fall.axis, area, gutter);
    draw_below(frame, &fall);
    waterfall_draw(frame, &fall, true);
    add_layers(frame, &fall, area);
    struct frame under = *frame;
    under.layers = shown->layers;
    under.columns = columns_in(area.x, area.x + area.w, shown->layers);
    under.columns.x = area.x;
    under.columns.width = area.w / (float)shown->layers;
    columns_draw_numbers(&under, strip);
}

static void draw_wide(const struct frame *frame, struct rect area) {
    draw_title(frame, &area, 0, frame->runs - 1);
    for (int d = 0; d < DIRECTION_COUNT; d++) {
        struct rect row = rect_row(area, d, DIRECTION_COUNT);
        for (int run = 0; run < frame->runs; run++) {
            struct rect cell = rect_column(row, run, frame->runs);
            if (run + 1 < frame->runs) {
                rect_cut_right(&cell, 14.0f);
            }
            draw_cell(frame, cell, run, (enum direction)d);
        }
    }
}

float panel_why_height(const struct frame *frame) {
    int layers = frame->snapshot->run[chosen_run(frame)].layers;
    return panel_title_height(frame) + HEAD + SUBHEAD + AXIS + 8.0f + (float)layers * TALLEST_ROW;
}

void panel_why_draw(const struct frame *frame, struct rect area) {
    if (area.w >= WIDE) {
        draw_wide(frame, area);
    } else {
        draw_narrow(frame, area);
    }
}
