/*
 * view_textbook.c - the figure for a page: a histogram for each layer, on one axis.
 *
 * Where not all layers fit, every so many are shown, which the caption says. Of two runs A is
 * filled and B an outline, each scaled to its own tallest bar. What no bar can show is told below.
 */
#include <math.h>

#include "base/require.h"
#include "base/text.h"
#include "view/caption.h"
#include "view/distribution.h"
#include "view/format.h"
#include "view/names.h"

enum { LEAST_WIDTH = 124, LEAST_PLOT = 60, GAP = 22 };
static const float widest = 1.9f, tallest = 1.4f; // sides of a plot, one to the other
enum { NAME = 18, STATS = 14, TICKS = 16, NOTE = 13, LEAST_BAR = 3 };

static const struct moments *moments_of_h(const struct layer_stats *layer) {
    return &layer->h;
}
static const struct moments *moments_of_z(const struct layer_stats *layer) {
    return &layer->z;
}
static const struct moments *moments_of_delta(const struct layer_stats *layer) {
    return &layer->delta;
}

static void spread_z(struct spread *spread, const struct layer_stats *layer,
                     const struct axis *axis, double least) {
    spread_linear(spread, &layer->z_histogram, &layer->z, axis, least);
}
static void spread_delta(struct spread *spread, const struct layer_stats *layer,
                         const struct axis *axis, double least) {
    spread_log(spread, &layer->delta_histogram, axis, least);
}

static const struct quantity {
    const char *title;
    const char *values; // what n counts
    bool log;
    moments_function *moments; // NULL: only W's RMS is known
    spread_function *spread;
} quantities[VIEW_BOOK_COUNT] = {
    [VIEW_BOOK_H] = { "Activations", "h", false, moments_of_h, spread_of_h },
    [VIEW_BOOK_Z] = { "Pre-activations", "z", false, moments_of_z, spread_z },
    [VIEW_BOOK_DELTA] = { "Gradients", "|δ|", true, moments_of_delta, spread_delta },
    [VIEW_BOOK_WEIGHT] = { "Weights", "W", false, NULL, spread_of_weights },
};

/* The grid: which layers, in cells of which size. */
struct book {
    const struct quantity *quantity;
    struct axis axis;
    int layers;
    int stride, count; // every stride-th layer, the first and the last; how many
    int columns, rows;
    float width, plot;         // of a cell; height of its plot
    bool named;                // the layers are
    bool beside;               // numbers stand in the line of the name
    bool brief;                // numbers of all cells are, for one has no room
    int stats, notes;          // lines of each
    bool noted[SNAPSHOT_RUNS]; // whose notes there are
    uint64_t least, most;      // n over the cells
};

static int layer_of(const struct book *book, int i) {
    if (book->stride == 1) {
        return i + 1;
    }
    return i == 0 ? 1 : i == book->count - 1 ? book->layers : i * book->stride;
}

static struct axis choose_axis(const struct frame *frame, enum view_book which) {
    struct range range = { .low = 0.0, .high = 0.0 };
    bool log = quantities[which].log;
    if (log) {
        range.low = (double)INFINITY;
        range.high = -(double)INFINITY;
    }
    for (int run = 0; run < frame->runs; run++) {
        const struct run_snapshot *shown = &frame->snapshot->run[run];
        if (!range_counts(frame->snapshot, frame->runs, run)) {
            continue;
        }
        if (which == VIEW_BOOK_H) {
            range_include_activations(&range, shown);
        } else if (which == VIEW_BOOK_Z) {
            range_include_bulk(&range, shown, moments_of_z);
        } else if (which == VIEW_BOOK_WEIGHT) {
            range_include_weights(&range, shown);
        }
        for (int l = 0; l < shown->layers && log; l++) {
            range_include_log(&range, &shown->layer[l].delta_histogram, false);
        }
    }
    if (!log) {
        return axis_linear(range.low, range.high, 200.0f, 42.0f);
    }
    return range.low > range.high ? axis_decades(-6.0, 0.0, 2, 200.0f)
                                  : axis_decades(range.low, range.high, 2, 200.0f);
}

/* How many lines of notes any layer needs, and what n is. */
static void count_notes(const struct frame *frame, struct book *book) {
    book->least = UINT64_MAX;
    for (int run = 0; run < frame->runs; run++) {
        bool *any = &book->noted[run];
        for (int l = 1; l <= frame->snapshot->run[run].layers; l++) {
            struct spread spread;
            book->quantity->spread(&spread, frame_layer(frame, run, l), &book->axis,
                                   book->axis.high - book->axis.low);
            for (int i = 0; i < APART_COUNT; i++) {
                *any = *any || spread.apart[i] > 0;
            }
            book->least = spread.n < book->least ? spread.n : book->least;
            book->most = spread.n > book->most ? spread.n : book->most;
        }
        book->notes += *any;
    }
}

static float lines_of(const struct book *book) {
    float stats = book->beside ? 0.0f : (float)(book->stats * STATS);
    return (float)NAME + stats + (float)TICKS + (float)(book->notes * NOTE);
}

/* Lay out count cells in so many columns; false where they are too small. */
static bool try_columns(struct book *book, struct rect area, int columns) {
    book->columns = columns;
    book->rows = (book->count + columns - 1) / columns;
    book->width = (area.w - (float)((columns - 1) * GAP)) / (float)columns;
    book->beside = book->stats == 1 && book->width >= 216.0f && !book->named;
    float height = (area.h - (float)((book->rows - 1) * GAP)) / (float)book->rows;
    book->plot = height - lines_of(book);
    bool fits = book->width >= LEAST_WIDTH && book->plot >= LEAST_PLOT;
    book->width = fminf(book->width, widest * book->plot);
    book->plot = fminf(book->plot, tallest * book->width);
    return fits;
}

/* The most layers that fit, in cells as large as can be. */
static void choose_grid(struct book *book, struct rect area) {
    static const int strides[] = { 1, 2, 5, 10, 20, 50, 100 };
    for (int s = 0; s < ARRAY_LEN(strides); s++) {
        book->stride = strides[s];
        bool all = strides[s] == 1, odd = book->layers % strides[s] > 0;
        book->count = all ? book->layers : book->layers / strides[s] + 1 + odd;
        struct book best;
        float most = 0.0f;
        for (int columns = 1; columns <= book->count; columns++) {
            if (try_columns(book, area, columns)) {
                float size = book->width * book->plot;
                if (size > most) {
                    most = size;
                    best = *book;
                }
            }
        }
        if (most > 0.0f) {
            *book = best;
            return;
        }
    }
    try_columns(book, area, 1);
}

static void signed_value(char *text, size_t size, double value) {
    char digits[24];
    format_value(digits, sizeof digits, fabs(value));
    text_set(text, size, "%s%s", isnan(value) ? "" : value < 0.0 ? "−" : "+", digits);
}

/* Mean and sd, where the axis is of sizes their RMS; NaN where not all entries are finite. */
static void say_stats(const struct book *book, const struct layer_stats *layer, bool brief,
                      char *text, size_t size) {
    char first[32], second[32];
    const struct quantity *quantity = book->quantity;
    const struct moments *m = quantity->moments ? quantity->moments(layer) : NULL;
    bool whole = m ? moments_finite(m) : isfinite(layer->weight_rms);
    if (quantity->log || !m) {
        format_value(first, sizeof first, m ? m->rms : layer->weight_rms);
        text_set(text, size, "rms %s", whole ? first : "NaN");
        return;
    }
    if (!whole) {
        text_set(text, size, brief ? "NaN" : "mean NaN sd NaN");
        return;
    }
    signed_value(first, sizeof first, m->mean);
    format_value(second, sizeof second, m->sd);
    text_set(text, size, brief ? "%s ± %s" : "mean %s sd %s", first, second);
}

/* "49% exactly 0, 0.6% > 4": what is not in the bars. */
static void say_apart(const struct book *book, const struct spread *spread, char *text,
                      size_t size) {
    static const enum apart order[] = { APART_ZERO,  APART_UNDERFLOW, APART_NEAR_ZERO, APART_BELOW,
                                        APART_ABOVE, APART_NAN,       APART_INF };
    text[0] = '\0';
    for (int i = 0; i < ARRAY_LEN(order); i++) {
        uint64_t count = spread->apart[order[i]];
        if (count == 0) {
            continue;
        }
        char share[16], end[24], what[40];
        bool above = order[i] == APART_ABOVE;
        double at = above ? book->axis.high : book->axis.low;
        format_share(share, sizeof share, count, spread->n);
        format_end(end, sizeof end, book->axis.log ? pow(10.0, at) : at);
        text_set(what, sizeof what, "%s %s", above ? ">" : "<", end);
        const char *names[APART_COUNT] = {
            [APART_ZERO] = "exactly 0",   [APART_UNDERFLOW] = "underflow",
            [APART_NEAR_ZERO] = "near 0", [APART_BELOW] = what,
            [APART_ABOVE] = what,         [APART_NAN] = "NaN",
            [APART_INF] = "±Inf"
        };
        text_append(text, size, "%s%s %s", text[0] ? ", " : "", share, names[order[i]]);
    }
}

static void draw_filled(const struct frame *frame, const struct book *book, struct rect plot,
                        const struct spread *spread, int run) {
    float values[SPREAD_BARS];
    for (int i = 0; i < spread->bars; i++) {
        values[i] = (float)((double)spread->count[i] / (double)spread->tallest);
    }
    float left = axis_x(&book->axis, plot, spread->low);
    float right = axis_x(&book->axis, plot, spread->low + (double)spread->bars * spread->width);
    struct rect bars = { left, plot.y + 4.0f, right - left, plot.h - 4.0f };
    draw_histogram(frame->list, bars, values, spread->bars, GROW_UP, frame->theme->run[run]);
}

static void draw_outline(const struct frame *frame, const struct book *book, struct rect plot,
                         const struct spread *spread, int run) {
    struct point line[2 * SPREAD_BARS + 2];
    int count = 0;
    float bottom = plot.y + plot.h;
    line[count++] = (struct point){ axis_x(&book->axis, plot, spread->low), bottom };
    for (int i = 0; i < spread->bars; i++) {
        float share = (float)((double)spread->count[i] / (double)spread->tallest);
        float y = bottom - share * (plot.h - 4.0f);
        double low = spread->low + (double)i * spread->width;
        line[count++] = (struct point){ axis_x(&book->axis, plot, low), y };
        line[count++] = (struct point){ axis_x(&book->axis, plot, low + spread->width), y };
    }
    line[count] = (struct point){ line[count - 1].x, bottom };
    struct stroke halo = { .width = 3.5f, .colour = frame->theme->halo };
    struct stroke stroke = { .width = 1.5f, .colour = frame->theme->run_text[run] };
    draw_polyline(frame->list, line, count + 1, halo);
    draw_polyline(frame->list, line, count + 1, stroke);
}

/* Where the mean is, or on an axis of sizes the RMS. */
static void draw_centre(const struct frame *frame, const struct book *book, struct rect plot,
                        const struct layer_stats *layer, int run) {
    const struct quantity *quantity = book->quantity;
    const struct moments *m = quantity->moments ? quantity->moments(layer) : NULL;
    if (!m || !moments_finite(m)) {
        return;
    }
    double at = quantity->log ? log10(m->rms) : m->mean;
    double point = (book->axis.high - book->axis.low) / (double)plot.w;
    bool covers = !quantity->log && m->sd < point; // the only bar, which is the mean
    if (!covers && at >= book->axis.low && at <= book->axis.high) {
        float x = axis_x(&book->axis, plot, at);
        float dash = run == 1 ? 3.0f : 0.0f;
        draw_polyline(frame->list, (struct point[]){ { x, plot.y }, { x, plot.y + plot.h } }, 2,
                      (struct stroke){ 1.0f, dash, dash, frame->theme->mark });
    }
}

static void draw_ticks(const struct frame *frame, const struct axis *axis, struct rect plot,
                       struct rect strip) {
    struct axis ticks = *axis;
    axis_set_length(&ticks, plot.w, ticks.log ? 36.0f : 46.0f);
    float free_from = strip.x - 100.0f;
    double at;
    for (int i = 0; axis_tick(&ticks, i, &at); i++) {
        float x = axis_x(&ticks, plot, at);
        char text[32];
        axis_label(&ticks, at, text, sizeof text);
        float width = width_of(frame, FONT_LABEL, TEXT_SMALL, text) + 1.0f;
        float left = fminf(fmaxf(x - 0.5f * width, strip.x), strip.x + strip.w - width);
        draw_line(frame->list, (struct point){ x, strip.y }, (struct point){ x, strip.y + 3.0f },
                  1.0f, frame->theme->axis);
        if (left >= free_from) {
            struct rect box = { left, strip.y + 3.0f, width, strip.h - 3.0f };
            label_left(frame, box, TEXT_SMALL, frame->theme->secondary, text);
            free_from = left + width + 4.0f;
        }
    }
}

static void draw_stats(const struct frame *frame, const struct book *book, struct rect line,
                       int layer, int run) {
    const struct layer_stats *stats = frame_layer(frame, run, layer);
    if (!stats) {
        return;
    }
    char text[80];
    say_stats(book, stats, book->brief, text, sizeof text);
    colour ink = frame->runs == 2 ? frame->theme->run_text[run] : frame->theme->secondary;
    (book->beside ? number_right : number_left)(frame, line, TEXT_SMALL, ink, text);
}

static void choose_brief(const struct frame *frame, struct book *book) {
    float room = book->width - (book->beside ? 64.0f : 0.0f);
    for (int i = 0; i < book->count * frame->runs; i++) {
        const struct layer_stats *stats =
            frame_layer(frame, i % frame->runs, layer_of(book, i / frame->runs));
        char text[80] = "";
        if (stats) {
            say_stats(book, stats, false, text, sizeof text);
        }
        book->brief = book->brief || width_of(frame, FONT_NUMBER, TEXT_SMALL, text) + 1.0f > room;
    }
}

static void draw_notes(const struct frame *frame, struct rect line, const struct book *book,
                       const struct spread *spread, int run) {
    char text[160], share[16];
    say_apart(book, spread, text, sizeof text);
    if (width_of(frame, FONT_LABEL, TEXT_SMALL, text) > line.w) { // the pointer tells more
        uint64_t sum = 0;
        for (int i = 0; i < APART_COUNT; i++) {
            sum += spread->apart[i];
        }
        format_share(share, sizeof share, sum, spread->n);
        text_set(text, sizeof text, "%s not in the bars", share);
    }
    colour ink = frame->runs == 2 ? frame->theme->run_text[run] : frame->theme->secondary;
    label_left(frame, line, TEXT_SMALL, ink, text);
}

static void tell_cell(const struct frame *frame, const struct book *book, int layer) {
    for (int run = 0; run < frame->runs; run++) {
        const struct layer_stats *stats = frame_layer(frame, run, layer);
        if (stats) {
            char numbers[80], apart[160], n[32], words[LAYER_TEXT];
            struct spread spread;
            book->quantity->spread(&spread, stats, &book->axis, book->axis.high - book->axis.low);
            say_stats(book, stats, false, numbers, sizeof numbers);
            say_apart(book, &spread, apart, sizeof apart);
            text_grouped(n, sizeof n, spread.n);
            layer_words(frame, layer, words);
            tip(frame, "%c, %s: %s of %s", 'A' + run, words, numbers, book->quantity->values);
            tip(frame, "n = %s values%s%s", n, apart[0] ? "; not in the bars: " : "", apart);
        }
    }
}

static void draw_cell(const struct frame *frame, const struct book *book, struct rect cell,
                      int layer) {
    add_hit(frame, cell, HIT_LAYER, layer);
    if (hovered(frame, cell)) {
        tell_cell(frame, book, layer);
    }
    struct rect name = rect_cut_top(&cell, NAME);
    char text[LAYER_TEXT];
    layer_title(frame, TEXT_BODY, name.w, layer, text);
    rect_cut_left(&name, strong_left(frame, name, TEXT_BODY, frame->theme->text, text) + 8.0f);
    for (int run = 0; run < frame->runs; run++) {
        draw_stats(frame, book, book->beside ? name : rect_cut_top(&cell, STATS), layer, run);
    }
    struct rect plot = rect_cut_top(&cell, book->plot), ticks = rect_cut_top(&cell, TICKS);
    draw_clip(frame->list, plot);
    struct spread spread[SNAPSHOT_RUNS];
    for (int run = 0; run < frame->runs; run++) {
        const struct layer_stats *stats = frame_layer(frame, run, layer);
        double least = (double)(LEAST_BAR / plot.w) * (book->axis.high - book->axis.low);
        if (stats) {
            book->quantity->spread(&spread[run], stats, &book->axis, least);
        }
        if (stats && spread[run].tallest > 0) {
            (run == 0 ? draw_filled : draw_outline)(frame, book, plot, &spread[run], run);
        }
        if (stats) {
            draw_centre(frame, book, plot, stats, run);
        }
    }
    draw_unclip(frame->list);
    draw_line(frame->list, (struct point){ plot.x, plot.y + plot.h },
              (struct point){ plot.x + plot.w, plot.y + plot.h }, 1.0f, frame->theme->axis);
    draw_ticks(frame, &book->axis, plot, ticks);
    for (int run = 0; run < frame->runs; run++) {
        if (book->noted[run] && frame_layer(frame, run, layer)) {
            draw_notes(frame, rect_cut_top(&cell, NOTE), book, &spread[run], run);
        }
    }
}

/* What is left out, n, and what the reader must know of the drawing. */
static void draw_caption(const struct frame *frame, const struct book *book, struct rect line) {
    char n[64], every[48] = "", more[128];
    text_grouped(n, sizeof n, book->most);
    if (book->least < book->most) {
        text_append(n, sizeof n, " at most");
    }
    if (book->stride > 1) {
        text_set(every, sizeof every, " · layers 1, %d and every %d%s", frame->layers, book->stride,
                 book->stride == 2 ? "nd" : "th");
    }
    const char *mark = book->quantity->log       ? " · line: rms"
                       : book->brief             ? " · mean ± sd · line: mean"
                       : book->quantity->moments ? " · line: mean"
                                                 : "";
    text_set(more, sizeof more, " · n = %s values of %s per layer%s", n, book->quantity->values,
             mark);
    caption_line(frame, line, every, more);
}

void view_textbook_draw(struct frame *frame, struct rect area) {
    if (!has_layers(frame)) {
        draw_no_layers(frame, area);
        return;
    }
    explain(frame, area, SUBJECT_BOOK);
    struct book book = { .quantity = &quantities[frame->state->book],
                         .layers = frame->layers,
                         .stats = frame->runs };
    char ignored[LAYER_TEXT];
    book.named = layer_name(frame, 1, ignored);
    book.axis = choose_axis(frame, frame->state->book);
    count_notes(frame, &book);
    caption_title(frame, rect_cut_top(&area, CAPTION_TITLE), book.quantity->title,
                  (const char *const[]){ " (filled)", " (outline)" });
    struct rect caption = rect_cut_top(&area, CAPTION_LINE);
    rect_cut_top(&area, 8.0f);
    choose_grid(&book, area);
    choose_brief(frame, &book);
    draw_caption(frame, &book, caption);
    float height = book.plot + lines_of(&book);
    for (int i = 0; i < book.count; i++) {
        int column = i % book.columns, row = i / book.columns;
        struct rect cell = { area.x + (float)column * (book.width + GAP),
                             area.y + (float)row * (height + GAP), book.width, height };
        draw_cell(frame, &book, cell, layer_of(&book, i));
    }
}
