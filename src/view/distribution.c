#include "view/distribution.h"

#include <math.h>
#include <string.h>

#include "base/text.h"
#include "view/ghost.h"

enum { LEAST_BAR = 3, MAP_ROWS = 64 };

double distribution_least(const struct frame *frame, const struct distribution *row, int run) {
    double range = row->axis.high - row->axis.low;
    return frame->detail == DETAIL_MAP ? range / MAP_ROWS
                                       : LEAST_BAR * range / (double)fmaxf(row->plot[run].h, 1.0f);
}

bool distribution_stacked(const struct frame *frame) {
    return frame->detail == DETAIL_MAP && frame->runs == 2;
}

/* Strips that ran empty stay open for a while: both the held ones and the new ones are told. */
static void hold_strips(const struct frame *frame, struct distribution *row) {
    struct range *fit = &frame->hits->fit.row[row->range];
    struct range *shown = &frame->hits->ranges.row[row->range];
    for (int i = 0; i < APART_COUNT; i++) {
        fit->strip[i] = row->strip[0][i] || row->strip[1][i];
        row->strip[0][i] = row->strip[0][i] || (shown->strip[i] && !fit->strip[i]);
        shown->strip[i] = shown->strip[i] || fit->strip[i];
    }
}

void distribution_init(const struct frame *frame, struct distribution *row, enum range_row range,
                       struct axis axis, spread_function *spread) {
    memset(row, 0, sizeof *row);
    row->range = range;
    row->axis = axis;
    row->spread = spread;
    double coarse = axis.high - axis.low;
    for (int run = 0; run < frame->runs; run++) {
        for (int l = 1; l <= frame->snapshot->run[run].layers; l++) {
            struct spread counted;
            spread(&counted, frame_layer(frame, run, l), &axis, coarse);
            row->n[run][l - 1] = counted.n;
            for (int i = 0; i < APART_COUNT; i++) {
                row->apart[run][l - 1][i] = counted.apart[i];
                row->strip[run][i] = row->strip[run][i] || counted.apart[i] > 0;
            }
        }
    }
    hold_strips(frame, row);
    for (int i = 0; i < APART_COUNT && !distribution_stacked(frame); i++) { // both in one strip
        row->strip[0][i] = row->strip[1][i] = row->strip[0][i] || row->strip[1][i];
    }
}

static struct rect half_of(const struct frame *frame, struct rect area, int run) {
    if (!distribution_stacked(frame)) {
        return area;
    }
    float height = 0.5f * (area.h - 8.0f);
    return run == 0 ? rect_cut_top(&area, height) : rect_cut_bottom(&area, height);
}

static struct rect number_strip(struct rect *area) {
    return rect_cut_bottom(area, 18.0f);
}

/* Strips with their shares written out, unless they would take the plot's room. */
static void choose_strips(const struct frame *frame, struct distribution *row, float height) {
    int most = 0;
    for (int run = 0; run < frame->runs; run++) {
        int count = 0;
        for (int i = 0; i < APART_COUNT; i++) {
            count += row->strip[run][i];
        }
        most = count > most ? count : most;
    }
    const float tall = 15.0f, low = 9.0f;
    float room = column_part(frame, (struct rect){ 0 }, 1, 0).w;
    row->written = frame->detail == DETAIL_BARS && (float)most * tall < 0.45f * height &&
                   width_of(frame, FONT_NUMBER, TEXT_SMALL, "49%") <= room;
    row->strip_height = row->written ? tall : low;
}

void distribution_layout(const struct frame *frame, struct distribution *row, struct rect area) {
    number_strip(&area);
    choose_strips(frame, row, half_of(frame, area, 0).h);
    for (int run = 0; run < frame->runs; run++) {
        row->plot[run] = distribution_without_strips(row, half_of(frame, area, run), run);
    }
    float height =
        distribution_stacked(frame) ? fminf(row->plot[0].h, row->plot[1].h) : row->plot[0].h;
    axis_set_length(&row->axis, height, row->axis.log ? 22.0f : 34.0f);
}

static void draw_bars(const struct frame *frame, const struct distribution *row,
                      const struct spread *spread, int layer, int run) {
    if (spread->tallest == 0) {
        return;
    }
    float values[SPREAD_BARS];
    for (int i = 0; i < spread->bars; i++) {
        values[i] = (float)((double)spread->count[i] / (double)spread->tallest);
    }
    struct rect part = column_part(frame, row->plot[run], layer, run);
    float bottom = axis_y(&row->axis, part, spread->low);
    float top = axis_y(&row->axis, part, spread->low + (double)spread->bars * spread->width);
    struct rect bars = { part.x, top, part.w, bottom - top };
    colour fill = frame->theme->run[run];
    if (frame->runs == 1 && frame->detail == DETAIL_VIOLINS) {
        draw_histogram(frame->list, rect_column(bars, 0, 2), values, spread->bars, GROW_LEFT, fill);
        draw_histogram(frame->list, rect_column(bars, 1, 2), values, spread->bars, GROW_RIGHT,
                       fill);
        return;
    }
    enum grow grow = frame->runs == 2 && run == 0 ? GROW_LEFT : GROW_RIGHT;
    float free_width = 0.05f * bars.w; // so that neighbours do not touch
    if (grow == GROW_LEFT) {
        rect_cut_left(&bars, free_width);
    } else {
        rect_cut_right(&bars, free_width);
    }
    draw_histogram(frame->list, bars, values, spread->bars, grow, fill);
}

static colour density_colour(const struct frame *frame, const struct spread *spread, double at,
                             int run) {
    double place = spread->tallest > 0 ? floor((at - spread->low) / spread->width) : -1.0;
    int bar = place >= 0.0 && place < (double)spread->bars ? (int)place : -1;
    if (bar < 0 || spread->count[bar] == 0) {
        return frame->theme->panel;
    }
    double share = (double)spread->count[bar] / (double)spread->tallest;
    return theme_blend(frame->theme->panel, frame->theme->run[run],
                       0.12f + 0.88f * (float)sqrt(share));
}

static void draw_map(const struct frame *frame, const struct distribution *row, int run) {
    uint32_t pixels[MAP_ROWS * SNAPSHOT_LAYERS];
    const struct axis *axis = &row->axis;
    int layers = frame->snapshot->run[run].layers;
    double step = distribution_least(frame, row, run);
    for (int l = 1; l <= layers; l++) {
        struct spread spread;
        row->spread(&spread, frame_layer(frame, run, l), axis, step);
        for (int y = 0; y < MAP_ROWS; y++) {
            double at = axis->high - ((double)y + 0.5) * step;
            pixels[y * layers + l - 1] = density_colour(frame, &spread, at, run);
        }
    }
    struct rect area = column_rect(&frame->columns, row->plot[run], 1);
    area.w *= (float)layers;
    draw_image(frame->list, area, pixels, layers, MAP_ROWS, false);
    if (frame->marked > 0) {
        draw_rect(frame->list, column_rect(&frame->columns, row->plot[run], frame->marked),
                  theme_fade(frame->theme->focus, 0.22f));
    }
}

static void draw_run(const struct frame *frame, const struct distribution *row, int run) {
    if (frame->detail == DETAIL_MAP) {
        draw_map(frame, row, run);
        return;
    }
    struct rect plot = row->plot[run];
    draw_clip(frame->list, plot);
    double least = distribution_least(frame, row, run);
    for (int l = 1; l <= frame->snapshot->run[run].layers; l++) {
        struct spread spread;
        row->spread(&spread, frame_layer(frame, run, l), &row->axis, least);
        draw_bars(frame, row, &spread, l, run);
    }
    draw_unclip(frame->list);
}

void distribution_draw(const struct frame *frame, const struct distribution *row,
                       struct rect area) {
    for (int run = 0; run < frame->runs; run++) {
        struct rect plot = row->plot[run];
        struct rect gutter = { plot.x - frame->gutter, plot.y, frame->gutter - 6.0f, plot.h };
        if (run == 0 || distribution_stacked(frame)) {
            columns_draw_ground(frame, plot);
            if (row->strip[run][APART_ABOVE]) { // whose label tells the same
                rect_cut_top(&gutter, 8.0f);
            }
            if (row->strip[run][APART_BELOW]) {
                rect_cut_bottom(&gutter, 8.0f);
            }
            axis_draw_rows(frame, &row->axis, plot, gutter);
        }
        draw_run(frame, row, run);
        ghost_draw_distribution(frame, row, run);
        distribution_draw_strips(frame, row, run);
        if (distribution_stacked(frame)) {
            bool room = plot.h >= 16.0f; // between the labels of the strips
            run_badge(frame, room ? plot.x - frame->gutter + 2.0f : plot.x + 5.0f,
                      plot.y + 0.5f * plot.h, run);
        }
    }
    columns_add_hits(frame, area);
    columns_draw_numbers(frame, number_strip(&area));
}

bool distribution_is_there(const struct frame *frame, const struct distribution *row) {
    bool there = !frame->snapshot->watched.active;
    for (int run = 0; run < frame->runs; run++) {
        for (int i = 0; i < frame->snapshot->run[run].layers; i++) {
            there = there || row->n[run][i] > 0;
        }
    }
    return there;
}

void distribution_count(const struct frame *frame, const struct distribution *row, char *text,
                        size_t size) {
    uint64_t least = UINT64_MAX, most = 0;
    for (int run = 0; run < frame->runs; run++) {
        for (int i = 0; i < frame->snapshot->run[run].layers; i++) {
            uint64_t n = row->n[run][i];
            least = n < least ? n : least;
            most = n > most ? n : most;
        }
    }
    char low[32], high[32];
    text_grouped(low, sizeof low, least);
    text_grouped(high, sizeof high, most);
    if (!distribution_is_there(frame, row)) {
        text_set(text, size, "not logged");
    } else if (least == most) {
        text_set(text, size, "n = %s per layer", high);
    } else {
        text_set(text, size, "n = %s to %s per layer", low, high);
    }
}
