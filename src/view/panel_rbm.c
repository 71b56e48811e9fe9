/* panel_rbm.c - an RBM while it pre-trains a layer: what it makes of its inputs, and its filters.
 */
#include <math.h>

#include "base/require.h"
#include "base/text.h"
#include "view/chart.h"
#include "view/format.h"
#include "view/view_data.h"

static const float tile_gap = 4.0f;

static void draw_bytes(const struct frame *frame, struct rect tile, const uint8_t *bytes,
                       const struct data_shape *shape) {
    struct rect box = data_picture_box(tile, shape);
    data_picture(frame, box, bytes, shape);
    draw_frame(frame->list, box, 0.0f, 1.0f, frame->theme->grid);
}

/* Of several channels the mean: a sign has one colour only. */
static void draw_filter(const struct frame *frame, struct rect tile, const int8_t *weights,
                        const struct data_shape *shape) {
    uint32_t pixels[DATA_PICTURE];
    int count = shape->width * shape->height;
    for (int i = 0; i < count; i++) {
        float sum = 0.0f;
        for (int c = 0; c < shape->channels; c++) {
            sum += (float)weights[c * count + i];
        }
        pixels[i] = theme_diverging(frame->state->theme, sum / (127.0f * (float)shape->channels));
    }
    struct rect box = data_picture_box(tile, shape);
    draw_image(frame->list, box, pixels, shape->width, shape->height, false);
    draw_frame(frame->list, box, 0.0f, 1.0f, frame->theme->grid);
}

static void draw_reconstructions(const struct frame *frame, struct rect area, int run) {
    const struct data_detail *detail = &frame->snapshot->data_detail;
    const struct data_rbm *rbm = &detail->run[run].rbm;
    char error[32], all[160], some[96];
    format_value(error, sizeof error, rbm->error);
    text_set(all, sizeof all, "above what comes in, below what it makes of it; mean square %s",
             error);
    text_set(some, sizeof some, "in, and made of it; mean square %s", error);
    const char *const texts[] = { all, some, "in, and made of it" };
    struct rect strip = data_title(frame, &area, SUBJECT_RECONSTRUCTIONS, "Reconstructions", run);
    label_left(frame, strip, TEXT_LABEL, frame->theme->secondary,
               text_that_fits(frame, strip.w, texts, ARRAY_LEN(texts)));
    float side = fminf((area.w + tile_gap) / (float)DATA_RECONSTRUCTIONS - tile_gap,
                       0.5f * (area.h - tile_gap));
    side = floorf(side);
    for (int i = 0; i < rbm->examples; i++) {
        struct rect tile = { area.x + (float)i * (side + tile_gap), area.y, side, side };
        draw_bytes(frame, tile, rbm->input[i], &rbm->input_shape);
        tile.y += side + tile_gap;
        draw_bytes(frame, tile, rbm->made[i], &rbm->input_shape);
    }
    if (hovered(frame, area)) {
        tip(frame, "the first %d %s examples as they come to the RBM of layer %d", rbm->examples,
            data_part(detail), rbm->layer);
        tip(frame,
            rbm->layer > 1 ? "%d units of layer %d, black 0 to white 1"
                           : "%d inputs, black 0 to white 1",
            rbm->visible, rbm->layer - 1);
        tip(frame, "below σ(p Wᵀ + b) with p = σ(v W + c): probabilities, nothing is drawn");
        tip(frame, "mean of (v - v′)² over them: %s", error);
    }
}

/* From the most negative to the most positive weight. */
static void draw_weight_scale(const struct frame *frame, struct rect strip, float most) {
    enum { STEPS = 33 };
    uint32_t pixels[STEPS];
    char low[32], high[32];
    format_brief(high, sizeof high, (double)most);
    text_set(low, sizeof low, "-%s", high);
    for (int i = 0; i < STEPS; i++) {
        pixels[i] = theme_diverging(frame->state->theme, (float)(2 * i - STEPS + 1) / (STEPS - 1));
    }
    float wide = width_of(frame, FONT_LABEL, TEXT_LABEL, low) +
                 width_of(frame, FONT_LABEL, TEXT_LABEL, high) + 76.0f;
    if (strip.w < wide) {
        return;
    }
    float used = label_right(frame, strip, TEXT_LABEL, frame->theme->secondary, high);
    rect_cut_right(&strip, used + 5.0f);
    struct rect bar = rect_cut_right(&strip, 60.0f);
    rect_cut_right(&strip, 5.0f);
    bar = (struct rect){ bar.x, bar.y + 0.5f * bar.h - 5.0f, bar.w, 10.0f };
    draw_image(frame->list, bar, pixels, STEPS, 1, true);
    draw_frame(frame->list, bar, 0.0f, 1.0f, frame->theme->axis);
    label_right(frame, strip, TEXT_LABEL, frame->theme->secondary, low);
}

static void tell_filter(const struct frame *frame, const struct data_rbm *rbm, int unit) {
    tip(frame, "unit %d of layer %d", unit, rbm->layer);
    tip(frame, rbm->through ? "its column of W₁ W₂ … : what it weighs in the inputs, the "
                              "layers between taken as linear"
                            : "its column of W");
    tip(frame, "one scale for all: the largest |weight| is %.3g", (double)rbm->most);
}

/* How many stand beside each other when they are as large as they go, and how large that is. */
static int choose_columns(struct rect area, int count, float *side) {
    int best = 1;
    *side = 0.0f;
    for (int columns = 1; columns <= count; columns++) {
        int rows = (count + columns - 1) / columns;
        float fits = fminf((area.w + tile_gap) / (float)columns, (area.h + tile_gap) / (float)rows);
        if (fits - tile_gap > *side) {
            *side = fits - tile_gap;
            best = columns;
        }
    }
    *side = floorf(*side);
    return best;
}

static void draw_filters(const struct frame *frame, struct rect area, int run) {
    const struct data_rbm *rbm = &frame->snapshot->data_detail.run[run].rbm;
    char all[160], some[96], few[64];
    text_set(all, sizeof all, "layer %d, the weights of units 1 to %d of %d%s", rbm->layer,
             rbm->filters, rbm->hidden, rbm->through ? ", seen through the layers below" : "");
    text_set(some, sizeof some, "layer %d%s, %d of %d units", rbm->layer,
             rbm->through ? " through those below" : "", rbm->filters, rbm->hidden);
    text_set(few, sizeof few, "layer %d", rbm->layer);
    const char *const texts[] = { all, some, few };
    struct rect strip = data_title(frame, &area, SUBJECT_RECONSTRUCTIONS, "Filters", run);
    const char *shown = text_that_fits(frame, strip.w - 150.0f, texts, ARRAY_LEN(texts));
    rect_cut_left(&strip, label_left(frame, strip, TEXT_LABEL, frame->theme->secondary, shown));
    draw_weight_scale(frame, strip, rbm->most);
    float side;
    int columns = choose_columns(area, rbm->filters, &side);
    for (int j = 0; j < rbm->filters; j++) {
        struct rect tile = { area.x + (float)(j % columns) * (side + tile_gap),
                             area.y + (float)(j / columns) * (side + tile_gap), side, side };
        draw_filter(frame, tile, rbm->filter[j], &rbm->filter_shape);
        if (hovered(frame, tile)) {
            tell_filter(frame, rbm, j + 1);
        }
    }
}

void panel_rbm_draw(const struct frame *frame, struct rect area, int run) {
    const struct data_rbm *rbm = &frame->snapshot->data_detail.run[run].rbm;
    if (rbm->layer == 0) {
        bool done = frame->snapshot->run[run].pretraining.layers > 0;
        data_title(frame, &area, SUBJECT_RECONSTRUCTIONS, "RBM", run);
        draw_ground(frame, area);
        label_centre(frame, area, TEXT_LABEL, frame->theme->secondary,
                     done ? "is pre-trained and waits" : "is not pre-trained and waits at step 0");
        return;
    }
    float side = (area.w + tile_gap) / (float)DATA_RECONSTRUCTIONS - tile_gap;
    float above = fminf(2.0f * side + tile_gap, 0.4f * area.h) + panel_title_height(frame);
    draw_reconstructions(frame, rect_cut_top(&area, above), run);
    rect_cut_top(&area, frame->tight ? 6.0f : 12.0f);
    draw_filters(frame, area, run);
}

static double most_error(const struct frame *frame) {
    double most = 0.0;
    for (int run = 0; run < frame->runs; run++) {
        const struct pretraining_stats *stats = &frame->snapshot->run[run].pretraining;
        for (int i = 0; i < stats->finished; i++) {
            most = fmax(most, (double)stats->errors[i]);
        }
        most = fmax(most, stats->reconstruction_error); // which leaves a NaN out
    }
    return most > 0.0 ? most : 1.0;
}

static int epochs_in_all(const struct frame *frame) {
    int most = 1;
    for (int run = 0; run < frame->runs; run++) {
        const struct pretraining_stats *stats = &frame->snapshot->run[run].pretraining;
        int epochs = stats->layers * stats->epochs;
        most = epochs > most ? epochs : most;
    }
    return most;
}

/* One line for each layer, a dot for each epoch where they have room; the present epoch's is of
 * what it has done so far. */
static void draw_errors(const struct frame *frame, const struct axis *x, const struct axis *y,
                        struct rect plot, int run) {
    const struct pretraining_stats *stats = &frame->snapshot->run[run].pretraining;
    int shown = stats->finished + (stats->active && !isnan(stats->reconstruction_error));
    bool crowded = axis_x(x, plot, 2.0) - axis_x(x, plot, 1.0) < 8.0f;
    struct point line[SNAPSHOT_EPOCHS];
    int count = 0;
    for (int i = 0; i < shown; i++) {
        double error = i < stats->finished ? (double)stats->errors[i] : stats->reconstruction_error;
        line[count++] = (struct point){ axis_x(x, plot, i + 1.0), axis_y(y, plot, error) };
        if (i + 1 == shown || (i + 1) % stats->epochs == 0) {
            draw_polyline(frame->list, line, count,
                          (struct stroke){ .width = 1.5f, .colour = frame->theme->run[run] });
            count = 0;
        }
        if (crowded && i + 1 < shown) {
            continue;
        }
        struct point at = { axis_x(x, plot, i + 1.0), axis_y(y, plot, error) };
        run_dot(frame, at, run);
    }
}

/* Where layers begin, of the first run that has some. */
static void draw_layers(const struct frame *frame, const struct axis *x, struct rect plot) {
    const struct pretraining_stats *stats = &frame->snapshot->run[0].pretraining;
    if (stats->layers == 0 && frame->runs > 1) {
        stats = &frame->snapshot->run[1].pretraining;
    }
    float width = plot.w / (float)(stats->layers > 0 ? stats->layers : 1);
    for (int l = 0; l < stats->layers; l++) {
        float left = axis_x(x, plot, l * stats->epochs + 0.5);
        if (l > 0) {
            draw_line(frame->list, (struct point){ left, plot.y },
                      (struct point){ left, plot.y + plot.h }, 1.0f, frame->theme->axis);
        }
        char text[24], brief[8];
        text_set(text, sizeof text, "layer %d", l + 1);
        text_set(brief, sizeof brief, "%d", l + 1);
        const char *const texts[] = { text, brief, "" };
        label_centre(frame, (struct rect){ left, plot.y + 3.0f, width, 14.0f }, TEXT_LABEL,
                     frame->theme->secondary,
                     text_that_fits(frame, width - 4.0f, texts, ARRAY_LEN(texts)));
    }
}

void panel_rbm_errors_draw(const struct frame *frame, struct rect area) {
    static const char *const texts[] = { "mean of (v - v′)² over an epoch", "mean of (v - v′)²",
                                         "" };
    panel_title(frame, &area, SUBJECT_RECONSTRUCTION_ERROR, "Reconstruction error", texts,
                ARRAY_LEN(texts));
    struct rect strip = rect_cut_bottom(&area, 18.0f);
    area.h = fminf(area.h, 1.5f * area.w);
    strip.y = area.y + area.h;
    struct axis y = axis_linear(0.0, 1.05 * most_error(frame), area.h, 40.0f);
    struct rect plot = chart_ground(frame, &y, area);
    int epochs = epochs_in_all(frame);
    struct axis x = axis_exact(0.5, epochs + 0.5, plot.w, 60.0f);
    draw_layers(frame, &x, plot);
    draw_clip(frame->list, plot);
    for (int run = frame->runs - 1; run >= 0; run--) {
        draw_errors(frame, &x, &y, plot, run);
    }
    draw_unclip(frame->list);
    char last[48];
    text_set(last, sizeof last, "epoch %d", epochs);
    rect_cut_left(&strip, CHART_GUTTER);
    label_left(frame, strip, TEXT_LABEL, frame->theme->secondary, "1");
    label_right(frame, strip, TEXT_LABEL, frame->theme->secondary, last);
    if (hovered(frame, plot)) {
        for (int run = 0; run < frame->runs; run++) {
            const struct pretraining_stats *stats = &frame->snapshot->run[run].pretraining;
            char text[SNAPSHOT_SENTENCE];
            if (stats->layers > 0) {
                pretraining_text(stats, text, sizeof text);
                tip(frame, "%c: %s", 'A' + run, text);
            }
        }
    }
}
