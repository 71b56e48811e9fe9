#include "view/theory_marks.h"

#include <math.h>

#include "base/require.h"
#include "base/text.h"
#include "view/format.h"

static const double band_sds = 2.0;

static const struct theory *theory_of(const struct frame *frame, int run) {
    const struct theory *theory = &frame->snapshot->run[run].theory;
    return frame->state->theory && theory->applies ? theory : NULL;
}

static const struct theory *theory_of_delta(const struct frame *frame, int run) {
    return frame->state->gradient == VIEW_GRADIENT_DELTA ? theory_of(frame, run) : NULL;
}

/* The y of a value, NaN beyond the axis. */
static float y_of(const struct axis *axis, struct rect plot, double value) {
    double at = axis_coordinate(axis, value);
    return at >= axis->low && at <= axis->high ? axis_y(axis, plot, at) : NAN;
}

static void draw_diamond(const struct frame *frame, float x, float y, float radius, colour ink) {
    struct point corners[] = {
        { x, y - radius }, { x + radius, y }, { x, y + radius }, { x - radius, y }
    };
    draw_polygon(frame->list, corners, ARRAY_LEN(corners), ink);
}

static void draw_mark(const struct frame *frame, float x, float y) {
    float radius = frame->detail == DETAIL_BARS ? 5.0f : 3.0f;
    if (!isnan(y)) {
        draw_diamond(frame, x, y, radius + 1.5f, frame->theme->halo);
        draw_diamond(frame, x, y, radius, frame->theme->mark);
        draw_diamond(frame, x, y, radius - 2.0f, frame->theme->panel);
    }
}

static double expected_delta(const struct frame *frame, const struct theory *theory, int run,
                             int layer) {
    return theory->delta_ratio[layer - 1] * frame_layer(frame, run, theory->layers)->delta.rms;
}

/* The finite-width band, as much of it as a bar's slot holds; no height: there is none. */
static struct rect band_of(const struct axis *axis, struct rect bar, double value, double sd) {
    if (!(sd > 0.0) || !(value > 0.0)) {
        return (struct rect){ bar.x, bar.y + bar.h, bar.w, 0.0f };
    }
    float low = axis_y(axis, bar, axis_coordinate(axis, value * exp(-band_sds * sd)));
    float high = axis_y(axis, bar, axis_coordinate(axis, value * exp(band_sds * sd)));
    low = fminf(low, bar.y + bar.h);
    high = fmaxf(high, bar.y);
    return (struct rect){ bar.x, high, bar.w, fmaxf(low - high, 0.0f) };
}

static void draw_band(const struct frame *frame, const struct axis *axis, struct rect bar,
                      double value, double sd, colour ink) {
    struct rect band = band_of(axis, bar, value, sd);
    if (band.h > 0.0f) {
        draw_rect(frame->list, band, ink);
    }
}

/* "3.2 % more", of what was measured against what was expected. */
static void difference(char *text, size_t size, double measured, double expected) {
    double percent = 100.0 * (measured / expected - 1.0);
    if (!isfinite(percent)) {
        text_set(text, size, "no comparison");
    } else if (fabs(percent) < 0.05) {
        text_set(text, size, "as measured");
    } else {
        text_set(text, size, "measured is %.*f%% %s", fabs(percent) < 9.95 ? 1 : 0, fabs(percent),
                 percent > 0.0 ? "more" : "less");
    }
}

static void tell(const struct frame *frame, const char *what, int run, double measured,
                 double expected, double sd) {
    char value[24], off[48], band[64] = "";
    format_power(value, sizeof value, expected, 3);
    difference(off, sizeof off, measured, expected);
    if (sd > 0.0) {
        text_set(band, sizeof band, " · ±2 sd of finite width: × or ÷ %.2g", exp(band_sds * sd));
    }
    tip(frame, "%stheory: %s %s · %s%s", tip_letter(frame, run), what, value, off, band);
}

void theory_tell_delta(const struct frame *frame) {
    for (int run = 0; run < frame->runs; run++) {
        const struct theory *theory = theory_of_delta(frame, run);
        if (theory && frame->pointed > 0 && frame->pointed <= theory->layers) {
            tell(frame, "rms δ", run, frame_layer(frame, run, frame->pointed)->delta.rms,
                 expected_delta(frame, theory, run, frame->pointed),
                 theory->delta_band[frame->pointed - 1]);
        }
    }
}

void theory_tell_h(const struct frame *frame) {
    int l = frame->pointed;
    for (int run = 0; run < frame->runs; run++) {
        const struct theory *theory = theory_of(frame, run);
        if (theory && l > 0 && l <= theory->layers) {
            const struct moments *h = &frame_layer(frame, run, l)->h;
            tell(frame, "sd of h", run, h->sd, theory->h_sd[l - 1], 0.0);
            tell(frame, "rms h", run, h->rms, theory->h_rms[l - 1], theory->h_band[l - 1]);
        }
    }
}

void theory_mark_delta(const struct frame *frame, const struct axis *axis, struct rect bar, int run,
                       int layer) {
    const struct theory *theory = theory_of_delta(frame, run);
    if (theory && layer <= theory->layers) {
        double value = expected_delta(frame, theory, run, layer);
        struct rect middle = rect_inset(bar, 0.3f * bar.w, 0.0f);
        draw_band(frame, axis, middle, value, theory->delta_band[layer - 1],
                  theme_fade(frame->theme->mark, 0.3f));
        draw_mark(frame, bar.x + 0.5f * bar.w, y_of(axis, bar, value));
    }
}

float theory_clear_top(const struct frame *frame, const struct axis *axis, struct rect bar, int run,
                       int layer, float top) {
    const float reach = 6.0f, label = 15.0f;
    const struct theory *theory = theory_of_delta(frame, run);
    if (!theory || layer > theory->layers) {
        return top;
    }
    double value = expected_delta(frame, theory, run, layer);
    struct rect band = band_of(axis, bar, value, theory->delta_band[layer - 1]);
    float y = y_of(axis, bar, value);
    float high = band.h > 0.0f ? fminf(y - reach, band.y) : y - reach;
    float low = band.h > 0.0f ? fmaxf(y + reach, band.y + band.h) : y + reach;
    return low > top - label && high < top ? high : top;
}

void theory_mark_h(const struct frame *frame, const struct axis *axis, struct rect part, int run,
                   int layer) {
    const struct theory *theory = theory_of(frame, run);
    if (!theory || layer > theory->layers) {
        return;
    }
    double mean = theory->h_mean[layer - 1], sd = theory->h_sd[layer - 1];
    float x = part.x + part.w * (frame->runs == 2 && run == 0 ? 0.1f : 0.9f); // the bars' far ends
    float above = y_of(axis, part, mean + sd), below = y_of(axis, part, mean - sd);
    float middle = axis_y(axis, part, mean);
    if (fabsf(above - middle) >= 3.0f) { // else the diamonds would stand on each other
        draw_mark(frame, x, above);
        draw_mark(frame, x, below);
    } else {
        draw_mark(frame, x, y_of(axis, part, mean));
    }
}

/* A row of dots in the middles of the columns. */
static void draw_course(const struct frame *frame, const struct axis *axis, struct rect plot,
                        const double *values, int layers) {
    struct point line[SNAPSHOT_LAYERS] = { { 0.0f, 0.0f } };
    for (int l = 1; l <= layers; l++) {
        struct rect column = column_rect(&frame->columns, plot, l);
        line[l - 1] = (struct point){ column.x + 0.5f * column.w, y_of(axis, plot, values[l - 1]) };
    }
    struct stroke halo = { .width = 4.0f, .colour = frame->theme->halo };
    draw_polyline(frame->list, line, layers, halo);
    struct stroke dots = { 2.0f, 2.0f, 4.0f, frame->theme->mark };
    draw_polyline(frame->list, line, layers, dots);
}

void theory_course_delta(const struct frame *frame, const struct axis *axis, struct rect plot,
                         int run) {
    const struct theory *theory = theory_of_delta(frame, run);
    double values[SNAPSHOT_LAYERS] = { 0.0 };
    colour tint = theme_fade(frame->theme->run[run], 0.22f); // bands of two runs overlap
    for (int l = 1; theory && l <= theory->layers; l++) {
        values[l - 1] = expected_delta(frame, theory, run, l);
        struct rect column = column_rect(&frame->columns, plot, l);
        draw_band(frame, axis, column, values[l - 1], theory->delta_band[l - 1], tint);
    }
    if (theory) {
        draw_course(frame, axis, plot, values, theory->layers);
    }
}

void theory_course_h(const struct frame *frame, const struct axis *axis, struct rect plot,
                     int run) {
    const struct theory *theory = theory_of(frame, run);
    double above[SNAPSHOT_LAYERS] = { 0.0 }, below[SNAPSHOT_LAYERS] = { 0.0 };
    for (int l = 1; theory && l <= theory->layers; l++) {
        above[l - 1] = theory->h_mean[l - 1] + theory->h_sd[l - 1];
        below[l - 1] = theory->h_mean[l - 1] - theory->h_sd[l - 1];
    }
    if (theory) {
        draw_course(frame, axis, plot, above, theory->layers);
        draw_course(frame, axis, plot, below, theory->layers);
    }
}

/* A mark and what it is at the strip's right end, as much of it as fits. */
static void draw_note(const struct frame *frame, struct rect strip, const char *const *texts,
                      int count, bool marked) {
    const float room = marked ? 16.0f : 0.0f;
    for (int i = 0; i < count; i++) {
        float width = width_of(frame, FONT_LABEL, TEXT_LABEL, texts[i]);
        if (width + room <= strip.w) {
            if (marked) {
                draw_mark(frame, strip.x + strip.w - width - 9.0f, strip.y + 0.5f * strip.h);
            }
            label_right(frame, strip, TEXT_LABEL, frame->theme->secondary, texts[i]);
            return;
        }
    }
}

/* How many of the drawn runs have marks; which one has none. */
static int runs_with_theory(const struct frame *frame, int *without) {
    int count = 0;
    for (int run = 0; run < frame->runs; run++) {
        bool has = theory_of(frame, run) != NULL;
        count += has;
        *without = has ? *without : run;
    }
    return count;
}

/* Of the marks, shared by both rows; false if no run has any. */
static bool note_marks(const struct frame *frame, struct rect strip, const char *const *texts,
                       int count) {
    int without = 0, with = runs_with_theory(frame, &without);
    if (with == frame->runs) {
        draw_note(frame, strip, texts, count, true);
    } else if (with > 0) {
        draw_note(frame, strip,
                  &(const char *){ without == 0 ? "theory of B alone" : "theory of A alone" }, 1,
                  true);
        if (hovered(frame, strip)) {
            tip(frame, "%c: %s", 'A' + without, frame->snapshot->run[without].theory.reason);
        }
    }
    return with > 0;
}

static void note_reason(const struct frame *frame, struct rect strip) {
    const struct run_snapshot *run = &frame->snapshot->run[0];
    if (run->logged.active) { // nobody expects any
        return;
    }
    static const char *const later[] = { "theory is of step 0: press Home", "theory: press Home" };
    if (frame->state->bare) {
        return; // a figure does not tell what it lacks
    }
    if (run->step > 0) {
        draw_note(frame, strip, later, ARRAY_LEN(later), false);
    } else {
        draw_note(frame, strip, (const char *const[]){ run->theory.reason, "no theory" }, 2, false);
    }
    for (int i = 0; i < frame->runs && hovered(frame, strip); i++) {
        tip(frame, "%c: %s", 'A' + i, frame->snapshot->run[i].theory.reason);
    }
}

void theory_note_delta(const struct frame *frame, struct rect strip) {
    bool band = false;
    for (int run = 0; run < frame->runs; run++) {
        band |= frame->snapshot->run[run].theory.delta_band[0] > 0.0;
    }
    const char *const banded[] = { "mean-field theory · band: ±2 sd of finite width",
                                   "theory, ±2 sd of finite width", "theory" };
    const char *const plain[] = { "mean-field theory", "theory" };
    if (frame->state->theory && frame->state->gradient == VIEW_GRADIENT_DELTA &&
        !note_marks(frame, strip, band ? banded : plain, band ? 3 : 2)) {
        note_reason(frame, strip);
    }
}

void theory_note_h(const struct frame *frame, struct rect strip) {
    note_marks(frame, strip,
               (const char *const[]){ "mean-field theory: mean ±1 sd", "theory: ±1 sd" }, 2);
}
