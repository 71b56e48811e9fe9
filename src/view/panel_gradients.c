/* panel_gradients.c - how large the gradients of each hidden layer are, on a log axis. */
#include <math.h>

#include "base/require.h"
#include "base/text.h"
#include "view/distribution.h"
#include "view/gradient_kind.h"

static struct axis choose_axis(const struct frame *frame, float height) {
    const struct range *range = &frame->hits->ranges.row[RANGE_GRADIENTS];
    return frame->state->linear ? axis_linear(0.0, range->high, height, 34.0f)
                                : axis_decades(range->low, range->high, 3, height);
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
        float y = rms > 0.0 ? axis_y(&row->axis, column, axis_coordinate(&row->axis, rms)) : NAN;
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
    text_set(least, sizeof least, frame->state->linear ? "|%s|" : "log₁₀|%s|", kind->symbol);
    text_set(full, sizeof full, "distribution of %s · %s · %s · line: rms", least,
             gradient_definition(frame), n);
    if (frame->snapshot->watched.active) {
        text_append(full, sizeof full, " · %s", rebinned);
    }
    text_set(medium, sizeof medium, "distribution of %s · %s · line: rms", least, n);
    text_set(brief, sizeof brief, "%s · %s", least, n);
    const char *const texts[] = { full, medium, brief, least };
    // where there is none, no more than its name
    int skipped = gradient_is_there(frame) ? 0 : ARRAY_LEN(texts) - 1;
    struct rect strip = panel_title(frame, area, SUBJECT_GRADIENTS, "Gradients", texts + skipped,
                                    ARRAY_LEN(texts) - skipped);
    mark_frozen(frame, &strip);
}

/* d loss / d h is measured only while it is looked at. */
static void draw_unmeasured(const struct frame *frame, struct rect area) {
    char text[96];
    rect_cut_left(&area, frame->gutter);
    text_set(text, sizeof text,
             frame->snapshot->watched.active
                 ? "%s is not in the logs"
                 : "the distribution of %s was not measured at this step",
             gradient_kind(frame)->symbol);
    draw_nothing(frame, area, text);
}

void panel_gradients_draw(const struct frame *frame, struct rect area) {
    struct distribution row;
    distribution_init(frame, &row, RANGE_GRADIENTS, choose_axis(frame, area.h - 40.0f),
                      gradient_kind(frame)->spread);
    draw_title(frame, &row, &area);
    if (!gradient_is_there(frame)) {
        draw_unmeasured(frame, area);
        return;
    }
    rect_cut_left(&area, frame->gutter);
    distribution_layout(frame, &row, area);
    distribution_draw(frame, &row, area);
    for (int run = 0; run < frame->runs; run++) {
        draw_rms(frame, &row, run);
    }
    if (frame->pointed > 0 && hovered(frame, area)) {
        gradient_tell(frame);
        distribution_draw_pointer(frame, &row);
    }
}
