/* panel_phi.c - where the pre-activations z of the selected layer fall on phi and phi'. */
#include <math.h>

#include "base/text.h"
#include "view/chart.h"
#include "view/format.h"
#include "view/spread.h"

enum { PHI_POINTS = 161, LEAST_BAR = 3 };

static const float slope_dash = 3.0f;
static const double step_height = 0.25; // between neighbours of the table

/* The entry of the curve's tables before z, and which share of the way to the next z is. */
static int table_place(const struct curve *curve, double z, double *share) {
    double step = ((double)curve->high - (double)curve->low) / (SNAPSHOT_CURVE - 1);
    double at = (z - (double)curve->low) / step;
    int i = (int)fmin(fmax(floor(at), 0.0), SNAPSHOT_CURVE - 2);
    *share = at - (double)i;
    return i;
}

/* What the selected layer does to its z; the last layer of a residual block does nothing. */
struct layer_phi {
    bool identity;
    const struct curve *curve;
};

static struct layer_phi phi_of_layer(const struct frame *frame, int run) {
    const struct run_snapshot *shown = &frame->snapshot->run[run];
    const struct layer_stats *layer = frame_layer(frame, run, frame->selected);
    bool other = frame->selected >= shown->other.first && frame->selected <= shown->other.last;
    return (struct layer_phi){
        .identity = layer && layer->identity,
        .curve = other ? &shown->other.curve : &shown->curve,
    };
}

static double phi_at(const struct layer_phi *phi, double z) {
    const float *table = phi->curve->value;
    double share;
    int i = table_place(phi->curve, z, &share); // beyond the table the last piece goes on straight
    double value = (double)table[i] + ((double)table[i + 1] - (double)table[i]) * share;
    return phi->identity ? z : value;
}

static double slope_at(const struct layer_phi *phi, double z) {
    const struct curve *curve = phi->curve;
    if (phi->identity) {
        return 1.0;
    }
    double inside = fmin(fmax(z, (double)curve->low), (double)curve->high);
    double share;
    int i = table_place(curve, inside, &share);
    double from = (double)curve->slope[i], to = (double)curve->slope[i + 1];
    if (fabs(to - from) > step_height) { // a step, as ReLU has one, and no ramp
        return share > 0.0 ? to : from;
    }
    return from + (to - from) * share;
}

/* z from -4 to 4, or further where the bulk of a run's z is. */
static struct axis choose_z(const struct frame *frame, float width) {
    double low = -4.0, high = 4.0;
    for (int run = 0; run < frame->runs; run++) {
        const struct layer_stats *layer = frame_layer(frame, run, frame->selected);
        if (layer && isfinite(layer->z.mean) && isfinite(layer->z.sd)) {
            low = fmin(low, fmax(layer->z.min, layer->z.mean - 3.0 * layer->z.sd));
            high = fmax(high, fmin(layer->z.max, layer->z.mean + 3.0 * layer->z.sd));
        }
    }
    struct axis z = axis_linear(low, high, width, 40.0f);
    char text[32];
    axis_label(&z, -z.step * 3.0, text, sizeof text); // as wide as labels get
    return axis_linear(low, high, width,
                       fmaxf(40.0f, width_of(frame, FONT_LABEL, TEXT_LABEL, text) + 22.0f));
}

/*
 * Both phi and phi' stand on one axis. A phi without bounds leaves the plot at its top, which says
 * more than an axis that follows it and flattens phi'.
 */
static struct axis choose_value(const struct frame *frame, float height) {
    double low = 0.0, high = 0.0;
    for (int run = 0; run < frame->runs; run++) {
        const struct run_snapshot *shown = &frame->snapshot->run[run];
        low = fmin(low, shown->bounded                      ? shown->h_low
                        : phi_of_layer(frame, run).identity ? -1.5
                                                            : 0.0);
        high = fmax(high, shown->bounded ? fmax(shown->h_high, 1.0) : 1.5);
    }
    double margin = 0.06 * (high - low);
    return axis_exact(low - margin, high + margin, height, 40.0f);
}

static void draw_density(const struct frame *frame, const struct axis *z, struct rect plot,
                         const struct spread *spread, int run) {
    if (spread->tallest == 0 || spread->bars < 1) {
        return;
    }
    float values[SPREAD_BARS];
    struct point outline[2 * SPREAD_BARS];
    for (int i = 0; i < spread->bars; i++) {
        values[i] = 0.92f * (float)((double)spread->count[i] / (double)spread->tallest);
        for (int end = 0; end < 2; end++) {
            double at = spread->low + (double)(i + end) * spread->width;
            outline[2 * i + end] =
                (struct point){ axis_x(z, plot, at), plot.y + plot.h * (1.0f - values[i]) };
        }
    }
    float left = outline[0].x, right = outline[2 * spread->bars - 1].x;
    draw_histogram(frame->list, (struct rect){ left, plot.y, right - left, plot.h }, values,
                   spread->bars, GROW_UP, theme_fade(frame->theme->run[run], 0.28f));
    struct stroke edge = { .width = 1.0f, .colour = frame->theme->run_faint[run] };
    draw_polyline(frame->list, outline, 2 * spread->bars, edge);
}

/* A line of small text in the upper corners of the plot, clear of the bars at its edges. */
static struct rect corner_line(struct rect plot, int line) {
    return (struct rect){ plot.x + 14.0f, plot.y + 3.0f + 13.0f * (float)line, plot.w - 28.0f,
                          12.0f };
}

/* On a patch of the ground, for curves and grid lines may run here. */
static void write_corner(const struct frame *frame, struct rect line, bool right, colour ink,
                         const char *text) {
    float width = width_of(frame, FONT_LABEL, TEXT_SMALL, text) + 4.0f;
    struct rect box = { right ? line.x + line.w - width : line.x, line.y, width, line.h };
    draw_rect(frame->list, box, theme_fade(frame->theme->panel, 0.85f));
    label_left(frame, rect_inset(box, 2.0f, 0.0f), TEXT_SMALL, ink, text);
}

static void draw_count(const struct frame *frame, struct rect plot) {
    char text[64] = "n =", number[32];
    uint64_t before = 0;
    for (int run = 0; run < frame->runs; run++) {
        const struct layer_stats *layer = frame_layer(frame, run, frame->selected);
        if (layer && layer->z.n != before) {
            text_grouped(number, sizeof number, layer->z.n);
            text_append(text, sizeof text, "%s %s", before > 0 ? "," : "", number);
            before = layer->z.n;
        }
    }
    write_corner(frame, corner_line(plot, 0), false, frame->theme->secondary, text);
}

/* What lies beyond an end of the z axis: a bar at that edge, and its share. */
static void draw_beyond(const struct frame *frame, struct rect plot, const struct spread *spread,
                        int run, bool above) {
    uint64_t count = spread->apart[above ? APART_ABOVE : APART_BELOW];
    if (count == 0) {
        return;
    }
    float share = (float)((double)count / (double)spread->n);
    float x = above ? plot.x + plot.w - 5.0f * (float)(run + 1) : plot.x + 5.0f * (float)run;
    draw_histogram(frame->list, (struct rect){ x, plot.y, 4.0f, plot.h }, &share, 1, GROW_UP,
                   frame->theme->run[run]);
    char number[16], text[32];
    format_share(number, sizeof number, count, spread->n);
    text_set(text, sizeof text, above ? "%s →" : "← %s", number);
    struct rect box = corner_line(plot, above ? run : run + 1); // left: below the count
    write_corner(frame, box, above, frame->theme->run_text[run], text);
}

static void draw_function(const struct frame *frame, const struct axis *z, const struct axis *value,
                          struct rect plot, int run, bool slope) {
    struct layer_phi phi = phi_of_layer(frame, run);
    if (!(phi.curve->high > phi.curve->low)) {
        return;
    }
    struct point line[PHI_POINTS];
    for (int i = 0; i < PHI_POINTS; i++) {
        double at = z->low + (z->high - z->low) * (double)i / (PHI_POINTS - 1);
        double y = slope ? slope_at(&phi, at) : phi_at(&phi, at);
        line[i] = (struct point){ axis_x(z, plot, at), axis_y(value, plot, y) };
        // far outside the plot all is the same, and a rasteriser need not see it
        line[i].y = fminf(fmaxf(line[i].y, plot.y - 4.0f * plot.h), plot.y + 5.0f * plot.h);
    }
    float dash = slope ? slope_dash : 0.0f;
    colour halo = theme_fade(frame->theme->panel, 0.7f);
    draw_polyline(frame->list, line, PHI_POINTS, (struct stroke){ .width = 3.5f, .colour = halo });
    draw_polyline(frame->list, line, PHI_POINTS,
                  (struct stroke){ slope ? 1.5f : 2.0f, dash, dash, frame->theme->run[run] });
    run_dots(frame, line, PHI_POINTS, run);
}

static void draw_z_ticks(const struct frame *frame, const struct axis *z, struct rect plot,
                         struct rect strip) {
    double at;
    float taken = strip.x + 12.0f; // behind the "z"
    for (int i = 0; axis_tick(z, i, &at); i++) {
        float x = axis_x(z, plot, at);
        draw_line(frame->list, (struct point){ x, plot.y }, (struct point){ x, plot.y + plot.h },
                  1.0f, frame->theme->grid);
        char text[32];
        axis_label(z, at, text, sizeof text);
        float width = width_of(frame, FONT_LABEL, TEXT_LABEL, text);
        float left = fminf(fmaxf(x - 0.5f * width, strip.x + 12.0f),
                           plot.x + plot.w + 0.8f * frame->margin - width);
        if (left >= taken) {
            label_left(frame, (struct rect){ left, strip.y, width, strip.h }, TEXT_LABEL,
                       frame->theme->secondary, text);
            taken = left + width + 8.0f;
        }
    }
}

static void draw_invalid(const struct frame *frame, struct rect plot, const struct spread *spread,
                         int run) {
    uint64_t invalid = spread->apart[APART_NAN] + spread->apart[APART_INF];
    if (invalid == 0) {
        return;
    }
    char text[64], share[16];
    format_share(share, sizeof share, invalid, spread->n);
    text_set(text, sizeof text, "%s of %sz is NaN or infinite", share,
             frame->runs == 1 ? ""
             : run == 0       ? "A's "
                              : "B's ");
    write_corner(frame, corner_line(plot, run + 3), false, frame->theme->bad, text);
}

/* Both functions at the z under the pointer, and how many z there are. */
static void tell(const struct frame *frame, const struct axis *z, struct rect plot,
                 const struct spread *spread) {
    double share = (double)((frame->state->pointer.x - plot.x) / plot.w);
    double at = z->low + share * (z->high - z->low);
    char text[32], slope[32], n[32], there[16];
    format_value(text, sizeof text, at);
    tip(frame, "z = %s in layer %d", text, frame->selected);
    for (int run = 0; run < frame->runs; run++) {
        struct layer_phi phi = phi_of_layer(frame, run);
        if (!frame_layer(frame, run, frame->selected) || !(phi.curve->high > phi.curve->low)) {
            continue;
        }
        double bar = floor((at - spread[run].low) / spread[run].width);
        bool inside = bar >= 0.0 && bar < (double)spread[run].bars;
        format_value(text, sizeof text, phi_at(&phi, at));
        format_value(slope, sizeof slope, slope_at(&phi, at));
        format_share(there, sizeof there, inside ? spread[run].count[(int)bar] : 0, spread[run].n);
        text_grouped(n, sizeof n, spread[run].n);
        tip(frame, "%sφ(z) = %s, φ′(z) = %s · %s of n = %s z lie in this bar",
            tip_letter(frame, run), text, slope, there, n);
    }
}

static void draw_title(const struct frame *frame, struct rect *area) {
    const float legend = 84.0f;
    char title[64];
    text_set(title, sizeof title, "Layer %d: where its z falls on φ", frame->selected);
    if (width_of(frame, FONT_STRONG, TEXT_TITLE, title) + legend + 12.0f > area->w) {
        text_set(title, sizeof title, "Layer %d: its z on φ", frame->selected);
    }
    struct rect rest = panel_title(frame, area, SUBJECT_PHI, title, NULL, 0);
    rect_cut_left(&rest, fmaxf(0.0f, rest.w - legend));
    legend_line(frame, &rest, frame->theme->secondary, 0.0f, "φ");
    legend_line(frame, &rest, frame->theme->secondary, slope_dash, "φ′");
}

void panel_phi_draw(const struct frame *frame, struct rect area) {
    draw_title(frame, &area);
    struct rect ticks = rect_cut_bottom(&area, 16.0f);
    struct axis value = choose_value(frame, area.h);
    struct rect plot = chart_ground(frame, &value, area);
    struct axis z = choose_z(frame, plot.w);
    draw_z_ticks(frame, &z, plot, ticks);
    label_left(frame, ticks, TEXT_LABEL, frame->theme->secondary, "z");
    draw_clip(frame->list, plot);
    double least = LEAST_BAR * (z.high - z.low) / (double)plot.w;
    const struct moments no_zeros = { .zero = 0 }; // z is continuous: zeros belong to their bin
    struct spread spread[SNAPSHOT_RUNS] = { { .n = 0 } };
    for (int run = frame->runs - 1; run >= 0; run--) {
        const struct layer_stats *layer = frame_layer(frame, run, frame->selected);
        if (layer) {
            spread_linear(&spread[run], &layer->z_histogram, &no_zeros, &z, least);
            draw_density(frame, &z, plot, &spread[run], run);
        }
    }
    for (int run = frame->runs - 1; run >= 0; run--) {
        draw_function(frame, &z, &value, plot, run, true);
        draw_function(frame, &z, &value, plot, run, false);
    }
    draw_count(frame, plot);
    for (int run = 0; run < frame->runs; run++) {
        if (frame_layer(frame, run, frame->selected)) {
            draw_beyond(frame, plot, &spread[run], run, false);
            draw_beyond(frame, plot, &spread[run], run, true);
            draw_invalid(frame, plot, &spread[run], run);
        }
    }
    draw_unclip(frame->list);
    if (hovered(frame, plot)) {
        tell(frame, &z, plot, spread);
    }
}
