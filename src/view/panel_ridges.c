/*
 * panel_ridges.c - one layer's distribution over time, as ridges: oldest on top, newest in front
 * and strongest.
 */
#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "base/require.h"
#include "base/text.h"
#include "view/format.h"
#include "view/names.h"
#include "view/spread.h"
#include "view/time_axis.h"

enum { LEAST_BAR = 3, APART_WIDTH = 36, LABEL_SPACING = 15 };

/* What can be shown: a histogram of a layer, linear or by magnitude. */
struct ridge_kind {
    const char *symbol, *definition;
    const struct histogram *(*linear)(const struct layer_stats *layer); // or else
    const struct log_histogram *(*log)(const struct layer_stats *layer);
    const struct moments *(*moments)(const struct layer_stats *layer); // NULL: not taken
};

static const struct histogram *h_histogram(const struct layer_stats *layer) {
    return &layer->h_histogram;
}

static const struct moments *h_moments(const struct layer_stats *layer) {
    return &layer->h;
}

static const struct histogram *z_histogram(const struct layer_stats *layer) {
    return &layer->z_histogram;
}

static const struct moments *z_moments(const struct layer_stats *layer) {
    return &layer->z;
}

static const struct log_histogram *delta_histogram(const struct layer_stats *layer) {
    return &layer->delta_histogram;
}

static const struct moments *delta_moments(const struct layer_stats *layer) {
    return &layer->delta;
}

static const struct histogram *weight_histogram(const struct layer_stats *layer) {
    return &layer->weight_histogram;
}

static const struct log_histogram *gradient_histogram(const struct layer_stats *layer) {
    return &layer->weight_gradient_histogram;
}

static const struct ridge_kind kinds[] = {
    [VIEW_RIDGE_H] = { "h", "activations", h_histogram, NULL, h_moments },
    [VIEW_RIDGE_Z] = { "z", "pre-activations", z_histogram, NULL, z_moments },
    [VIEW_RIDGE_DELTA] = { "log₁₀|δ|", "δ = ∂ℓ/∂z per example", NULL, delta_histogram,
                           delta_moments },
    [VIEW_RIDGE_WEIGHT] = { "W", "weights", weight_histogram, NULL, NULL },
    [VIEW_RIDGE_WEIGHT_GRADIENT] = { "log₁₀|∂L/∂W|", "L = mean loss of the batch", NULL,
                                     gradient_histogram, NULL },
};
static_assert(ARRAY_LEN(kinds) == VIEW_RIDGE_COUNT, "a row is missing");

/* Where the ridges stand. */
struct ridges {
    const struct film_ridges *film;
    const struct ridge_kind *kind;
    struct axis axis;                // of the values, to the right
    struct rect plot[SNAPSHOT_RUNS]; // of the ridges alone
    float top, bottom;               // base lines of the first and the last step shown
    float crest;                     // height of a ridge's tallest bar
    bool apart;                      // some values are beside the ridges
};

static void spread_of(const struct ridges *ridges, const struct layer_stats *layer,
                      struct spread *spread) {
    static const struct moments none;
    const struct ridge_kind *kind = ridges->kind;
    double range = ridges->axis.high - ridges->axis.low;
    double least = LEAST_BAR * range / (double)fmaxf(ridges->plot[0].w, 1.0f);
    if (kind->linear) {
        spread_linear(spread, kind->linear(layer), kind->moments ? kind->moments(layer) : &none,
                      &ridges->axis, least);
    } else {
        spread_log(spread, kind->log(layer), &ridges->axis, least);
    }
}

/* The bin that the entry of this rank, from below, lies in. */
static int bin_at(const uint32_t *counts, int bins, double rank) {
    double below = 0.0;
    int bin = 0;
    while (bin < bins - 1 && below + (double)counts[bin] <= rank) {
        below += (double)counts[bin++];
    }
    return bin;
}

/* The ends of a layer's bulk, all but a thousandth at either end; false where there is none. */
static bool bulk_of(const struct ridge_kind *kind, const struct layer_stats *layer, double *low,
                    double *high) {
    const struct histogram *linear = kind->linear ? kind->linear(layer) : NULL;
    const uint32_t *counts = linear ? linear->counts : kind->log(layer)->counts;
    int bins = linear ? HISTOGRAM_BINS : LOG_HISTOGRAM_BINS;
    double total = 0.0;
    for (int i = 0; i < bins; i++) {
        total += (double)counts[i];
    }
    int first = bin_at(counts, bins, 0.001 * total), last = bin_at(counts, bins, 0.999 * total);
    *low = linear ? linear->low + (double)first * linear->width : log_histogram_edge(first);
    *high =
        linear ? linear->low + (double)(last + 1) * linear->width : log_histogram_edge(last + 1);
    return total > 0.0;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* All bulks, but a few wide ones must not flatten the rest: at most eight times the middle one. */
static struct axis choose_axis(const struct frame *frame, const struct ridges *ridges,
                               float width) {
    double lows[SNAPSHOT_RUNS * FILM_RIDGES], highs[SNAPSHOT_RUNS * FILM_RIDGES];
    int count = 0;
    for (int run = 0; run < frame->runs; run++) {
        bool counts = range_counts(frame->snapshot, frame->runs, run);
        for (int i = 0; i < ridges->film->count && counts; i++) {
            count +=
                ridges->film->there[run][i] &&
                bulk_of(ridges->kind, &ridges->film->stats[run][i], &lows[count], &highs[count]);
        }
    }
    if (count == 0) {
        return ridges->kind->linear ? axis_linear(0.0, 1.0, width, 60.0f)
                                    : axis_decades(-6.0, 0.0, 3, width);
    }
    qsort(lows, (size_t)count, sizeof lows[0], ascending);
    qsort(highs, (size_t)count, sizeof highs[0], ascending);
    if (!ridges->kind->linear) {
        struct axis axis = axis_decades(lows[0], highs[count - 1], 3, width);
        axis_set_length(&axis, width, 40.0f);
        return axis;
    }
    double middle = 8.0 * fmax(fabs(lows[count / 2]), fabs(highs[count / 2]));
    double low = fmax(lows[0], -middle), high = fmin(highs[count - 1], middle);
    if (low <= 0.0 && high >= 0.0) {
        range_drop_sliver(&low, &high);
    }
    return axis_linear(low, high, width, 60.0f);
}

static float base_of(const struct frame *frame, const struct ridges *ridges, double step) {
    const struct history_view *history = frame->history;
    double span = fmax((double)(history->last_step - history->first_step), 1.0);
    double share = fmin(fmax((step - (double)history->first_step) / span, 0.0), 1.0);
    return ridges->top + (ridges->bottom - ridges->top) * (float)share;
}

/* Beside the ridges, how much of n no bar shows: zeros, beyond the axis, and bad news. */
static void draw_apart(const struct frame *frame, const struct ridges *ridges,
                       const struct spread *spread, int run, float base) {
    const struct rect plot = ridges->plot[run];
    const struct theme_row *theme = frame->theme;
    const uint64_t *apart = spread->apart;
    const struct {
        uint64_t count;
        colour ink;
    } parts[] = { { apart[APART_ZERO] + apart[APART_UNDERFLOW] + apart[APART_NEAR_ZERO],
                    theme->run[run] },
                  { apart[APART_BELOW] + apart[APART_ABOVE], theme->secondary },
                  { apart[APART_NAN] + apart[APART_INF], theme->bad } };
    float x = plot.x + plot.w + 5.0f, room = APART_WIDTH - 8.0f;
    for (int i = 0; i < ARRAY_LEN(parts) && spread->n > 0; i++) {
        float width = room * (float)((double)parts[i].count / (double)spread->n);
        draw_rect(frame->list, (struct rect){ x, base - 4.0f, width, 4.0f }, parts[i].ink);
        x += width;
    }
}

static void draw_ridge(const struct frame *frame, const struct ridges *ridges, int run, int index,
                       bool marked) {
    const struct film_ridges *film = ridges->film;
    struct rect plot = ridges->plot[run];
    struct spread spread;
    struct point points[2 * SPREAD_BARS + 2];
    float base = base_of(frame, ridges, (double)film->step[index]);
    spread_of(ridges, &film->stats[run][index], &spread);
    int count = 0;
    float x = axis_x(&ridges->axis, plot, spread.low);
    points[count++] = (struct point){ x, base };
    for (int i = 0; i < spread.bars; i++) {
        float y = base - ridges->crest * (float)((double)spread.count[i] / (double)spread.tallest);
        points[count++] = (struct point){ x, y };
        x = axis_x(&ridges->axis, plot, spread.low + (double)(i + 1) * spread.width);
        points[count++] = (struct point){ x, y };
    }
    points[count++] = (struct point){ x, base };
    const struct theme_row *theme = frame->theme;
    float age = (float)(index + 1) / (float)film->count;
    colour fill = theme_blend(theme->panel, theme->run[run], 0.08f + 0.62f * age * age);
    colour line = marked ? theme->focus : theme_strength(frame->state->theme, run, age);
    draw_clip(frame->list, plot);
    if (spread.bars > 0) {
        draw_area(frame->list, points, count, base, fill);
        draw_polyline(frame->list, points, count,
                      (struct stroke){ marked ? 2.0f : 1.0f, 0.0f, 0.0f, line });
    }
    draw_unclip(frame->list);
    draw_apart(frame, ridges, &spread, run, base);
}

/* The ridge whose base line is nearest to y; -1: there is none. */
static int ridge_at(const struct frame *frame, const struct ridges *ridges, float y) {
    int nearest = -1;
    float least = INFINITY;
    for (int i = 0; i < ridges->film->count; i++) {
        float distance = fabsf(base_of(frame, ridges, (double)ridges->film->step[i]) - y);
        if (distance < least) {
            least = distance;
            nearest = i;
        }
    }
    return nearest;
}

static void tell(const struct frame *frame, const struct ridges *ridges, int index) {
    char step[32], mean[32], sd[32], words[LAYER_TEXT];
    text_grouped(step, sizeof step, (uint64_t)ridges->film->step[index]);
    layer_words(frame, ridges->film->layer, words);
    tip(frame, "%s at step %s: %s", words, step, ridges->kind->definition);
    for (int run = 0; run < frame->runs; run++) {
        if (!ridges->film->there[run][index]) {
            continue;
        }
        const struct layer_stats *layer = &ridges->film->stats[run][index];
        const char *letter = time_letter(frame, run);
        struct spread spread;
        char n[32], zero[32];
        spread_of(ridges, layer, &spread);
        text_grouped(n, sizeof n, spread.n);
        format_share(zero, sizeof zero, spread.apart[APART_ZERO] + spread.apart[APART_UNDERFLOW],
                     spread.n);
        if (ridges->kind->moments) {
            const struct moments *moments = ridges->kind->moments(layer);
            format_value(mean, sizeof mean, moments->mean);
            format_value(sd, sizeof sd, moments->sd);
            tip(frame, "%smean %s, sd %s, n = %s, exactly 0: %s", letter, mean, sd, n, zero);
        } else {
            tip(frame, "%sn = %s, exactly 0: %s", letter, n, zero);
        }
        uint64_t bad = spread.apart[APART_NAN] + spread.apart[APART_INF];
        uint64_t beyond = spread.apart[APART_BELOW] + spread.apart[APART_ABOVE];
        if (bad + beyond > 0) {
            tip(frame, "%s%llu beyond the axis, %llu NaN or ±Inf", letter,
                (unsigned long long)beyond, (unsigned long long)bad);
        }
    }
    tip(frame, "drag to look back; G: another quantity, [ ]: another layer");
}

/* Below a plot, which has a neighbour at either side. */
static void draw_values(const struct frame *frame, const struct axis *axis, struct rect plot) {
    const float over = 3.0f; // either end
    float taken = plot.x - over;
    double at;
    for (int i = 0; axis_tick(axis, i, &at); i++) {
        char text[32];
        axis_label(axis, at, text, sizeof text);
        float width = width_of(frame, FONT_LABEL, TEXT_LABEL, text) + 1.0f;
        float most = plot.x + plot.w + over - width;
        float left = fminf(fmaxf(axis_x(axis, plot, at) - 0.5f * width, plot.x - over), most);
        if (left >= taken) {
            struct rect box = { left, plot.y + plot.h + 2.0f, width, 13.0f };
            label_left(frame, box, TEXT_LABEL, frame->theme->secondary, text);
            taken = left + width + 4.0f;
        }
    }
}

/* Steps at the left of those base lines that have room, and the values below. */
static void draw_labels(const struct frame *frame, const struct ridges *ridges, float gutter) {
    float last = INFINITY, cursor = INFINITY; // whose tag stands there
    if (time_past(frame)) {
        cursor = base_of(frame, ridges, (double)frame->snapshot->step);
    }
    for (int i = ridges->film->count - 1; i >= 0; i--) {
        float y = base_of(frame, ridges, (double)ridges->film->step[i]);
        if (last - y < LABEL_SPACING || fabsf(y - cursor) < LABEL_SPACING) {
            continue;
        }
        char text[32];
        text_grouped(text, sizeof text, (uint64_t)ridges->film->step[i]);
        struct rect box = { ridges->plot[0].x - gutter, y - 8.0f, gutter - 6.0f, 12.0f };
        label_right(frame, box, TEXT_LABEL, frame->theme->secondary, text);
        last = y;
    }
    struct rect corner = { ridges->plot[0].x - gutter, ridges->plot[0].y, gutter - 6.0f, 13.0f };
    label_right(frame, corner, TEXT_LABEL, frame->theme->secondary, "step");
    for (int run = 0; run < frame->runs; run++) {
        struct rect plot = ridges->plot[run];
        draw_values(frame, &ridges->axis, plot);
        if (ridges->apart) {
            struct rect box = { plot.x + plot.w + 5.0f, plot.y, APART_WIDTH - 5.0f, 13.0f };
            label_left(frame, box, TEXT_SMALL, frame->theme->secondary, "rest");
        }
    }
}

/* The step that is shown of the past, as a line across. */
static void draw_cursor(const struct frame *frame, const struct ridges *ridges, float gutter) {
    char text[32];
    float y = base_of(frame, ridges, (double)frame->snapshot->step);
    struct rect first = ridges->plot[0], last = ridges->plot[frame->runs - 1];
    draw_rect(frame->list, (struct rect){ first.x, y - 1.0f, last.x + last.w - first.x, 2.0f },
              frame->theme->focus);
    text_grouped(text, sizeof text, (uint64_t)frame->snapshot->step);
    float width = width_of(frame, FONT_NUMBER, TEXT_SMALL, text) + 9.0f;
    struct rect tag = { first.x - fminf(width, gutter) - 2.0f, y - 7.0f, width, 14.0f };
    draw_rounded(frame->list, tag, 3.0f, frame->theme->focus);
    number_centre(frame, tag, TEXT_SMALL, frame->theme->background, text);
}

static bool any_apart(const struct frame *frame, const struct ridges *ridges) {
    for (int run = 0; run < frame->runs; run++) {
        for (int i = 0; i < ridges->film->count; i++) {
            struct spread spread;
            if (!ridges->film->there[run][i]) {
                continue;
            }
            spread_of(ridges, &ridges->film->stats[run][i], &spread);
            for (int a = 0; a < APART_COUNT; a++) {
                if (spread.apart[a] > 0) {
                    return true;
                }
            }
        }
    }
    return false;
}

static void place(const struct frame *frame, struct ridges *ridges, struct rect area) {
    int count = ridges->film->count;
    for (int run = 0; run < frame->runs; run++) {
        struct rect part = rect_column(area, run, frame->runs);
        if (run > 0) {
            rect_cut_left(&part, 12.0f);
        }
        ridges->plot[run] = part;
    }
    ridges->axis = choose_axis(frame, ridges, ridges->plot[0].w - APART_WIDTH);
    ridges->apart = any_apart(frame, ridges);
    for (int run = 0; run < frame->runs && ridges->apart; run++) {
        rect_cut_right(&ridges->plot[run], APART_WIDTH);
    }
    float spacing = area.h / (float)(count + 1);
    ridges->crest = fminf(fmaxf(2.4f * spacing, 14.0f), 0.25f * area.h);
    ridges->top = area.y + ridges->crest + 4.0f;
    ridges->bottom = area.y + area.h - 3.0f;
}

static void draw_all(const struct frame *frame, const struct ridges *ridges, struct rect area) {
    int pointed = hovered(frame, area) ? ridge_at(frame, ridges, frame->state->pointer.y) : -1;
    for (int run = 0; run < frame->runs; run++) {
        struct rect plot = ridges->plot[run];
        double at;
        draw_ground(frame, plot);
        for (int i = 0; axis_tick(&ridges->axis, i, &at); i++) {
            float x = axis_x(&ridges->axis, plot, at);
            draw_line(frame->list, (struct point){ x, plot.y },
                      (struct point){ x, plot.y + plot.h }, 1.0f, frame->theme->grid);
        }
        for (int i = 0; i < ridges->film->count; i++) {
            if (ridges->film->there[run][i]) {
                draw_ridge(frame, ridges, run, i, i == pointed);
            }
        }
        if (frame->runs == 2) {
            run_badge(frame, plot.x + 6.0f, plot.y + 12.0f, run);
        }
    }
    if (pointed >= 0) {
        tell(frame, ridges, pointed);
    }
}

void panel_ridges_draw(const struct frame *frame, struct rect area) {
    struct ridges ridges = { .film = frame->state->ridges, .kind = &kinds[frame->state->ridge] };
    char title[LAYER_TEXT + 16], full[160], brief[96];
    layer_title(frame, TEXT_TITLE, 0.5f * area.w, frame->selected, title);
    text_append(title, sizeof title, " over time");
    text_set(full, sizeof full, "histogram of %s · %s · each scaled to its tallest bin",
             ridges.kind->symbol, ridges.kind->definition);
    text_set(brief, sizeof brief, "histogram of %s", ridges.kind->symbol);
    panel_title(frame, &area, SUBJECT_RIDGES, title,
                (const char *const[]){ full, brief, ridges.kind->symbol, "" }, 4);
    rect_cut_bottom(&area, 16.0f);
    rect_cut_left(&area, frame->gutter);
    if (!ridges.film || ridges.film->count == 0) {
        draw_ground(frame, area);
        label_centre(frame, area, TEXT_LABEL, frame->theme->secondary, "no snapshot kept yet");
        return;
    }
    place(frame, &ridges, area);
    draw_all(frame, &ridges, area);
    draw_labels(frame, &ridges, frame->gutter);
    add_hit_range(frame, (struct view_hit){
                             .rect = { area.x, ridges.top, area.w, ridges.bottom - ridges.top },
                             .kind = HIT_TIME_DOWN,
                             .value = frame->history->last_step >= frame->state->newest,
                             .top = (double)frame->history->first_step,
                             .bottom = (double)frame->history->last_step });
    if (time_past(frame)) {
        draw_cursor(frame, &ridges, frame->gutter);
    }
}
