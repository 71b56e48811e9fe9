/* panel_history.c - a number per layer over all steps so far, as colour. */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "view/axis.h"
#include "view/format.h"
#include "view/time_axis.h"

enum { MAP_COLOURS = 128, MAP_MOST_ROWS = 64, SCALE_WIDTH = 72 };

static const char *const quantities[HISTORY_QUANTITIES] = {
    [HISTORY_H_MEAN] = "|mean h|",
    [HISTORY_H_SD] = "sd h",
    [HISTORY_DELTA_RMS] = "rms δ",
    [HISTORY_WEIGHT_GRADIENT_RMS] = "rms ∂L/∂W",
};

/* What the strip shows of a history, and with which colours. */
struct strip {
    double low, high; // log10 of the colour scale's ends
    bool some;        // values that the scale is for
    bool zeros, invalid;
    colour colours[MAP_COLOURS];
    colour zero, nan;
};

static void note_value(struct strip *strip, float value, float *least, float *most) {
    float magnitude = fabsf(value);
    if (!isfinite(magnitude)) {
        strip->invalid = true;
    } else if (magnitude > 0.0f) {
        *least = fminf(*least, magnitude);
        *most = fmaxf(*most, magnitude);
    } else {
        strip->zeros = true;
    }
}

static void strip_init(const struct frame *frame, struct strip *strip) {
    const struct history_view *history = frame->history;
    float least = INFINITY, most = 0.0f;
    memset(strip, 0, sizeof *strip);
    for (int run = 0; run < history->runs && run < frame->runs; run++) {
        for (int l = 0; l < history->layers[run]; l++) {
            for (int i = 0; i < history->columns; i++) {
                note_value(strip, history->layer[run][l][i], &least, &most);
            }
        }
    }
    bool some = strip->some = most > 0.0f;
    struct axis axis = axis_decades(some ? log10((double)least) : -1.0,
                                    some ? log10((double)most) : 0.0, 2, SCALE_WIDTH);
    strip->low = axis.low;
    strip->high = axis.high;
    for (int i = 0; i < MAP_COLOURS; i++) {
        strip->colours[i] = theme_map(frame->state->theme, (float)i / (MAP_COLOURS - 1));
    }
    strip->zero = frame->theme->axis;
    strip->nan = theme_blend(frame->theme->panel, frame->theme->bad, 0.5f);
}

static colour strip_colour(const struct strip *strip, float value) {
    float magnitude = fabsf(value);
    if (!isfinite(magnitude)) {
        return strip->nan;
    }
    if (!(magnitude > 0.0f)) {
        return strip->zero;
    }
    float share = (log10f(magnitude) - (float)strip->low) / (float)(strip->high - strip->low);
    int index = (int)(share * (MAP_COLOURS - 1) + 0.5f);
    return strip->colours[index < 0 ? 0 : index < MAP_COLOURS ? index : MAP_COLOURS - 1];
}

/* The value under the pointer. */
static void draw_tip(const struct frame *frame, struct rect area, int run) {
    const struct history_view *history = frame->history;
    int column = time_hovered(frame, area);
    if (column < 0) {
        return;
    }
    int layers = history->layers[run];
    int l = (int)((frame->state->pointer.y - area.y) / area.h * (float)layers);
    l = l < 0 ? 0 : l < layers ? l : layers - 1;
    char value[32], step[32];
    format_value(value, sizeof value, (double)history->layer[run][l][column]);
    text_grouped(step, sizeof step, (uint64_t)history->step[column]);
    tip(frame, "%s%s = %s in layer %d at step %s",
        frame->runs < 2 ? ""
        : run == 0      ? "A: "
                        : "B: ",
        quantities[history->quantity], value, l + 1, step);
    tip(frame, "drag to look back; Home: step 0, End: now");
}

/* Layer 1 on top. With more layers than rows, a row shows one of its layers: the middle one. */
static void draw_run(const struct frame *frame, const struct strip *strip, struct rect area,
                     int run) {
    uint32_t pixels[MAP_MOST_ROWS * HISTORY_COLUMNS];
    const struct history_view *history = frame->history;
    int layers = history->layers[run], columns = history->columns;
    int most = (int)fminf(fmaxf(area.h, 1.0f), MAP_MOST_ROWS);
    int rows = layers < most ? layers : most;
    for (int y = 0; y < rows; y++) {
        int l = (2 * y + 1) * layers / (2 * rows);
        for (int i = 0; i < columns; i++) {
            pixels[y * columns + i] = strip_colour(strip, history->layer[run][l][i]);
        }
    }
    draw_image(frame->list, area, pixels, columns, rows, false);
}

static void draw_run_labels(const struct frame *frame, struct rect area, int run) {
    float right = area.x - 6.0f;
    int layers = frame->history->layers[run];
    if (frame->runs == 2) {
        run_badge(frame, area.x - frame->gutter + 2.0f, area.y + 0.5f * area.h, run);
    }
    if (area.h < 22.0f || layers < 2) {
        return;
    }
    char last[16];
    text_set(last, sizeof last, "%d", layers);
    struct rect top = { right - 30.0f, area.y, 30.0f, 11.0f };
    struct rect bottom = { right - 30.0f, area.y + area.h - 11.0f, 30.0f, 11.0f };
    label_right(frame, top, TEXT_SMALL, frame->theme->secondary, "1");
    label_right(frame, bottom, TEXT_SMALL, frame->theme->secondary, last);
}

/* What the colours that are not on the scale mean, right-aligned. */
static void draw_keys(const struct frame *frame, const struct strip *strip, struct rect area) {
    const struct {
        bool shown;
        colour colour;
        const char *text;
    } keys[2] = { { strip->invalid, strip->nan, "NaN" }, { strip->zeros, strip->zero, "0" } };
    for (int i = 0; i < 2 && area.w > 60.0f; i++) {
        if (keys[i].shown) {
            rect_cut_right(&area, 10.0f);
            float width = width_of(frame, FONT_LABEL, TEXT_LABEL, keys[i].text);
            label_left(frame, rect_cut_right(&area, width), TEXT_LABEL, frame->theme->secondary,
                       keys[i].text);
            struct rect patch = rect_cut_right(&area, 13.0f);
            patch = (struct rect){ patch.x, patch.y + 0.5f * patch.h - 4.5f, 9.0f, 9.0f };
            draw_rect(frame->list, patch, keys[i].colour);
        }
    }
}

/* The colour scale with its ends, at the right of the title. */
static void draw_scale(const struct frame *frame, const struct strip *strip, struct rect area) {
    char low[32], high[32];
    format_decade(low, sizeof low, (int)lround(strip->low));
    format_decade(high, sizeof high, (int)lround(strip->high));
    float low_width = width_of(frame, FONT_LABEL, TEXT_LABEL, low);
    float high_width = width_of(frame, FONT_LABEL, TEXT_LABEL, high);
    if (strip->some && area.w >= low_width + high_width + SCALE_WIDTH + 12.0f) {
        struct rect end = rect_cut_right(&area, high_width);
        label_left(frame, end, TEXT_LABEL, frame->theme->secondary, high);
        rect_cut_right(&area, 6.0f);
        struct rect scale = rect_cut_right(&area, SCALE_WIDTH);
        scale = rect_inset(scale, 0.0f, 0.5f * (scale.h - 9.0f));
        draw_image(frame->list, scale, strip->colours, MAP_COLOURS, 1, false);
        rect_cut_right(&area, 6.0f);
        end = rect_cut_right(&area, low_width);
        label_right(frame, end, TEXT_LABEL, frame->theme->secondary, low);
    }
    draw_keys(frame, strip, area);
}

static void draw_steps(const struct frame *frame, struct rect strip) {
    char text[96], number[32];
    text_grouped(number, sizeof number, (uint64_t)frame->history->first_step);
    text_set(text, sizeof text, "step %s", number);
    label_left(frame, strip, TEXT_LABEL, frame->theme->secondary, text);
    if (frame->history->last_step > frame->history->first_step) {
        text_grouped(text, sizeof text, (uint64_t)frame->history->last_step);
        label_right(frame, strip, TEXT_LABEL, frame->theme->secondary, text);
    }
    if (frame->history->bytes_budget > 0) {
        char used[32], budget[32];
        text_bytes(used, sizeof used, (double)frame->history->bytes_used);
        text_bytes(budget, sizeof budget, (double)frame->history->bytes_budget);
        text_set(text, sizeof text, "memory: %s of %s", used, budget);
        label_centre(frame, strip, TEXT_SMALL, frame->theme->secondary, text);
    }
}

void panel_history_draw(const struct frame *frame, struct rect area) {
    const struct history_view *history = frame->history;
    struct strip strip;
    strip_init(frame, &strip);
    char full[96], brief[64];
    text_set(full, sizeof full, "log₁₀ %s as colour, layer × step", quantities[history->quantity]);
    text_set(brief, sizeof brief, "log₁₀ %s", quantities[history->quantity]);
    struct rect rest =
        panel_title(frame, &area, "History", (const char *const[]){ full, brief }, 2);
    rect_cut_left(&area, frame->gutter);
    struct rect steps = rect_cut_bottom(&area, 16.0f);
    draw_ground(frame, area);
    int runs = history->runs < frame->runs ? history->runs : frame->runs;
    if (history->columns == 0 || runs == 0) {
        label_centre(frame, area, TEXT_LABEL, frame->theme->secondary, "no step recorded yet");
        return;
    }
    draw_scale(frame, &strip, rest);
    for (int run = 0; run < runs; run++) {
        struct rect part = rect_row(area, run, runs);
        if (runs == 2) {
            (run == 0 ? rect_cut_bottom : rect_cut_top)(&part, 1.0f);
        }
        draw_run(frame, &strip, part, run);
        draw_run_labels(frame, part, run);
        draw_tip(frame, part, run);
    }
    draw_steps(frame, steps);
    time_axis_draw(frame, area);
}
