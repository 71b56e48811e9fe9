/* distribution_pointer.c - what lies under the pointer in a row of distributions. */
#include <math.h>

#include "base/text.h"
#include "view/distribution.h"
#include "view/format.h"

static double value_at(const struct distribution *row, double at) {
    return row->axis.log ? pow(10.0, at) : at;
}

static void tell_count(const struct frame *frame, int run, const char *where, uint64_t count,
                       uint64_t n) {
    char part[32], whole[32], share[16];
    text_grouped(part, sizeof part, count);
    text_grouped(whole, sizeof whole, n);
    format_share(share, sizeof share, count, n);
    tip(frame, "%s%s: %s of %s values (%s)", tip_letter(frame, run), where, part, whole, share);
}

static void edge_text(char *text, size_t size, double value) {
    if (fabs(value) < 1e-4 || fabs(value) >= 1e4) {
        format_power(text, size, value, 4);
    } else {
        text_set(text, size, "%.4g", value);
    }
}

/* The bar at a coordinate of the axis. */
static void tell_bar(const struct frame *frame, const struct distribution *row, int run,
                     double at) {
    const struct layer_stats *layer = frame_layer(frame, run, frame->pointed);
    struct spread spread;
    row->spread(&spread, layer, &row->axis, distribution_least(frame, row, run));
    if (spread.n == 0 || spread.bars == 0) {
        return;
    }
    double bar = floor((at - spread.low) / spread.width), low = spread.low + bar * spread.width;
    uint64_t count = bar >= 0.0 && bar < (double)spread.bars ? spread.count[(int)bar] : 0;
    char where[96], from[32], to[32];
    edge_text(from, sizeof from, value_at(row, low));
    edge_text(to, sizeof to, value_at(row, low + spread.width));
    text_set(where, sizeof where, "%s to %s", from, to);
    tell_count(frame, run, where, count, spread.n);
}

static void tell_strip(const struct frame *frame, const struct distribution *row, int run,
                       enum apart apart) {
    int l = frame->pointed - 1;
    char label[48];
    distribution_strip_label(row, apart, label, sizeof label);
    tell_count(frame, run, label, row->apart[run][l][apart], row->n[run][l]);
}

void distribution_draw_pointer(const struct frame *frame, const struct distribution *row) {
    float y = frame->state->pointer.y;
    for (int run = 0; run < frame->runs && frame->pointed > 0; run++) {
        struct rect plot = row->plot[run];
        bool above_each_other = distribution_stacked(frame);
        enum apart apart = distribution_strip_at(row, run, y);
        bool there = frame_layer(frame, run, frame->pointed) != NULL;
        if (hovered(frame, plot)) {
            struct point line[] = { { plot.x, y }, { plot.x + plot.w, y } };
            double share = 1.0 - (double)((y - plot.y) / plot.h);
            if (there) {
                tell_bar(frame, row, run, row->axis.low + share * (row->axis.high - row->axis.low));
            }
            if (run == 0 || above_each_other) {
                draw_line(frame->list, line[0], line[1], 1.0f,
                          theme_fade(frame->theme->mark, 0.6f));
            }
        } else if (apart != APART_COUNT && there) {
            tell_strip(frame, row, run, apart);
        }
    }
}
