/* panel_gradients.c - how large the gradients of each hidden layer are, on a log axis. */
#include <math.h>

#include "base/text.h"
#include "view/distribution.h"
#include "view/gradient_kind.h"

/* The bin that holds the entry of rank `rank` from below; histogram holds more than rank. */
static int bin_of_rank(const struct log_histogram *histogram, uint64_t rank) {
    uint64_t below = 0;
    int bin = 0;
    while (bin < LOG_HISTOGRAM_BINS - 1 && below + histogram->counts[bin] <= rank) {
        below += histogram->counts[bin++];
    }
    return bin;
}

/*
 * Widen low..high, in log10, by a layer. The long left tail is shown down to two decades below the
 * smallest thousandth; what lies further down is counted in the strip "below".
 */
static void include_layer(const struct log_histogram *histogram, double *low, double *high) {
    uint64_t counted = histogram->n - histogram->zero - histogram->nan - histogram->inf;
    if (histogram->n == 0 || counted == 0) {
        return;
    }
    double lowest = log_histogram_edge(bin_of_rank(histogram, 0));
    double bulk = log_histogram_edge(bin_of_rank(histogram, counted / 1000));
    *low = fmin(*low, fmax(lowest, bulk - 2.0));
    *high = fmax(*high, log_histogram_edge(bin_of_rank(histogram, counted - 1) + 1));
}

static struct axis choose_axis(const struct frame *frame, float height) {
    double low = (double)INFINITY, high = -(double)INFINITY;
    for (int run = 0; run < frame->runs; run++) {
        for (int l = 1; l <= frame->snapshot->run[run].layers; l++) {
            const struct layer_stats *layer = frame_layer(frame, run, l);
            include_layer(gradient_kind(frame)->histogram(layer), &low, &high);
        }
    }
    if (low > high) { // nothing but zeros or NaN
        low = -6.0;
        high = 0.0;
    }
    return axis_decades(low, high, 3, height);
}

/* The lines of two runs keep to their own side of a column's middle. */
static float side_step(const struct frame *frame, int run) {
    if (frame->runs == 1 || frame->detail == DETAIL_MAP) {
        return 0.0f;
    }
    float step = fminf(0.11f * frame->columns.width, 14.0f);
    return run == 0 ? -step : step;
}

/* RMS of each layer, joined over the layers; a gap where it is 0 or NaN. */
static void draw_rms(const struct frame *frame, const struct distribution *row, int run) {
    struct point line[SNAPSHOT_LAYERS] = { { 0.0f, 0.0f } };
    int layers = frame->snapshot->run[run].layers;
    for (int l = 1; l <= layers; l++) {
        double rms = gradient_kind(frame)->rms(frame_layer(frame, run, l));
        struct rect column = column_rect(&frame->columns, row->plot[run], l);
        float y = rms > 0.0 ? axis_y(&row->axis, column, log10(rms)) : NAN;
        line[l - 1] = (struct point){ column.x + 0.5f * column.w + side_step(frame, run), y };
    }
    draw_clip(frame->list, row->plot[run]);
    marked_line(frame, line, layers, 0.0f);
    for (int i = 0; i < layers && frame->detail != DETAIL_MAP; i++) {
        if (!isnan(line[i].y)) {
            run_dot(frame, line[i], run);
        }
    }
    draw_unclip(frame->list);
}

static void draw_title(const struct frame *frame, const struct distribution *row,
                       struct rect *area) {
    const struct gradient_kind *kind = gradient_kind(frame);
    char n[64], full[192], medium[160], brief[128], least[64];
    distribution_count(frame, row, n, sizeof n);
    text_set(least, sizeof least, "log₁₀|%s|", kind->symbol);
    text_set(full, sizeof full, "distribution of %s · %s · %s · line: rms", least, kind->definition,
             n);
    text_set(medium, sizeof medium, "distribution of %s · %s · line: rms", least, n);
    text_set(brief, sizeof brief, "%s · %s", least, n);
    panel_title(frame, area, "Gradients", (const char *const[]){ full, medium, brief, least }, 4);
}

void panel_gradients_draw(const struct frame *frame, struct rect area) {
    struct distribution row;
    distribution_init(frame, &row, choose_axis(frame, area.h - 40.0f),
                      gradient_kind(frame)->spread);
    draw_title(frame, &row, &area);
    rect_cut_left(&area, frame->gutter);
    distribution_layout(frame, &row, area);
    distribution_draw(frame, &row, area);
    for (int run = 0; run < frame->runs; run++) {
        draw_rms(frame, &row, run);
    }
}
