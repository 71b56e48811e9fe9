/* history_map.c - a number per layer over time, as colour on a log scale: layer 1 on top. */
#include "view/history_map.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/require.h"
#include "base/text.h"
#include "view/axis.h"
#include "view/format.h"
#include "view/names.h"
#include "view/time_axis.h"

enum { MAP_MOST_ROWS = 64, SCALE_WIDTH = 72 };

const struct history_kind history_kinds[HISTORY_QUANTITIES] = {
    [HISTORY_H_MEAN] = { "|mean h|", "over batch and units, of the activation h" },
    [HISTORY_H_SD] = { "sd h", "over batch and units, of the activation h" },
    [HISTORY_DELTA_RMS] = { "rms δ", "over batch and units; δ = ∂ℓ/∂z of each example" },
    [HISTORY_GRADIENT_RMS] = { "rms ∂ℓ/∂h", "over batch and units; ℓ = loss of each example" },
    [HISTORY_WEIGHT_GRADIENT_RMS] = { "rms ∂L/∂W", "over the weights; L = mean loss of the batch" },
};

struct extent {
    float least, most;
};

static void note_value(struct history_map *map, float value, struct extent *extent) {
    float magnitude = fabsf(value);
    if (!isfinite(magnitude)) {
        map->invalid = true;
    } else if (magnitude > 0.0f) {
        extent->least = fminf(extent->least, magnitude);
        extent->most = fmaxf(extent->most, magnitude);
    } else {
        map->zeros = true;
    }
}

void history_map_init(const struct frame *frame, struct history_map *map,
                      enum history_quantity quantity) {
    const struct history_view *history = frame->history;
    struct extent fitted = { INFINITY, 0.0f }, other = fitted;
    memset(map, 0, sizeof *map);
    map->quantity = quantity;
    for (int run = 0; run < time_runs(frame); run++) {
        bool counts = range_counts(frame->snapshot, frame->runs, run);
        for (int l = 0; l < history->layers[run]; l++) {
            for (int i = 0; i < history->columns; i++) {
                note_value(map, history->layer[map->quantity][run][l][i],
                           counts ? &fitted : &other);
            }
        }
    }
    bool some = map->some = fitted.most > 0.0f;
    struct axis axis = axis_decades(some ? log10((double)fitted.least) : -1.0,
                                    some ? log10((double)fitted.most) : 0.0, 2, SCALE_WIDTH);
    map->low = axis.low;
    map->high = axis.high;
    map->below = other.most > 0.0f && log10((double)other.least) < axis.low;
    map->above = other.most > 0.0f && log10((double)other.most) > axis.high;
    for (int i = 0; i < MAP_COLOURS; i++) {
        map->colours[i] = theme_map(frame->state->theme, (float)i / (MAP_COLOURS - 1));
    }
    map->zero = frame->theme->axis;
    bool watched = frame->snapshot->watched.active; // where it is nearly always no bad news
    map->nan =
        watched ? frame->theme->grid : theme_blend(frame->theme->panel, frame->theme->bad, 0.7f);
    map->nan_name = watched ? "not logged, or NaN" : "NaN";
}

static colour colour_of(const struct history_map *map, float value) {
    float magnitude = fabsf(value);
    if (!isfinite(magnitude)) {
        return map->nan;
    }
    if (!(magnitude > 0.0f)) {
        return map->zero;
    }
    float share = (log10f(magnitude) - (float)map->low) / (float)(map->high - map->low);
    int index = (int)(share * (MAP_COLOURS - 1) + 0.5f);
    return map->colours[index < 0 ? 0 : index < MAP_COLOURS ? index : MAP_COLOURS - 1];
}

void history_tell(const struct frame *frame, enum history_quantity quantity, int run, int layer,
                  int column) {
    const struct history_view *history = frame->history;
    double value = (double)history->layer[quantity][run][layer - 1][column];
    char number[32], step[32], words[LAYER_TEXT];
    format_value(number, sizeof number, value);
    text_grouped(step, sizeof step, (uint64_t)history->step[column]);
    layer_words(frame, layer, words);
    tip(frame, "%s%s = %s in %s at step %s", time_letter(frame, run),
        history_kinds[quantity].symbol,
        !isnan(value)                     ? number
        : frame->snapshot->watched.active ? "not logged, or NaN,"
                                          : "NaN",
        words, step);
}

/* The value under the pointer. */
static void draw_tip(const struct frame *frame, const struct history_map *map, struct rect area,
                     int run) {
    int column = time_hovered(frame, area), layers = frame->history->layers[run];
    if (column >= 0 && layers > 0) {
        int layer = 1 + (int)((frame->state->pointer.y - area.y) / area.h * (float)layers);
        layer = layer < 1 ? 1 : layer < layers ? layer : layers;
        history_tell(frame, map->quantity, run, layer, column);
        tip(frame, "%s", history_kinds[map->quantity].definition);
        tip(frame, "drag to look back; Home: step 0, End: now");
    }
}

/* With more layers than rows, a row shows one of its layers: the middle one. */
void history_map_draw(const struct frame *frame, const struct history_map *map, struct rect area,
                      int run) {
    uint32_t pixels[MAP_MOST_ROWS * HISTORY_COLUMNS];
    const struct history_view *history = frame->history;
    int layers = history->layers[run], columns = history->columns;
    int most = (int)fminf(fmaxf(area.h, 1.0f), MAP_MOST_ROWS);
    int rows = layers < most ? layers : most;
    for (int y = 0; y < rows; y++) {
        int l = (2 * y + 1) * layers / (2 * rows);
        for (int i = 0; i < columns; i++) {
            pixels[y * columns + i] = colour_of(map, history->layer[map->quantity][run][l][i]);
        }
    }
    draw_image(frame->list, area, pixels, columns, rows, false);
    draw_tip(frame, map, area, run);
}

/* What the colours that are not on the scale mean, right-aligned. */
static void draw_keys(const struct frame *frame, const struct history_map *map, struct rect area) {
    const struct {
        bool shown;
        colour colour;
        const char *text;
    } keys[2] = { { map->invalid, map->nan, map->nan_name }, { map->zeros, map->zero, "0" } };
    for (int i = 0; i < 2; i++) {
        float width = width_of(frame, FONT_LABEL, TEXT_LABEL, keys[i].text);
        if (keys[i].shown && area.w > fmaxf(width + 23.0f, 60.0f)) {
            rect_cut_right(&area, 10.0f);
            label_left(frame, rect_cut_right(&area, width), TEXT_LABEL, frame->theme->secondary,
                       keys[i].text);
            struct rect patch = rect_cut_right(&area, 13.0f);
            patch = (struct rect){ patch.x, patch.y + 0.5f * patch.h - 4.5f, 9.0f, 9.0f };
            draw_rect(frame->list, patch, keys[i].colour);
        }
    }
}

void history_map_draw_scale(const struct frame *frame, const struct history_map *map,
                            struct rect area) {
    char number[32], low[48], high[48];
    format_decade(number, sizeof number, (int)lround(map->low));
    text_set(low, sizeof low, "%s%s", map->below ? "≤ " : "", number);
    format_decade(number, sizeof number, (int)lround(map->high));
    text_set(high, sizeof high, "%s%s", map->above ? "≥ " : "", number);
    float low_width = width_of(frame, FONT_LABEL, TEXT_LABEL, low);
    float high_width = width_of(frame, FONT_LABEL, TEXT_LABEL, high);
    if (map->some && area.w >= low_width + high_width + SCALE_WIDTH + 12.0f) {
        struct rect end = rect_cut_right(&area, high_width);
        label_left(frame, end, TEXT_LABEL, frame->theme->secondary, high);
        rect_cut_right(&area, 6.0f);
        struct rect scale = rect_cut_right(&area, SCALE_WIDTH);
        scale = rect_inset(scale, 0.0f, 0.5f * (scale.h - 9.0f));
        draw_image(frame->list, scale, map->colours, MAP_COLOURS, 1, false);
        rect_cut_right(&area, 6.0f);
        end = rect_cut_right(&area, low_width);
        label_right(frame, end, TEXT_LABEL, frame->theme->secondary, low);
    }
    draw_keys(frame, map, area);
}

enum history_quantity history_of_gradient(enum view_gradient gradient) {
    static const enum history_quantity quantities[] = {
        [VIEW_GRADIENT_DELTA] = HISTORY_DELTA_RMS,
        [VIEW_GRADIENT_WEIGHT] = HISTORY_WEIGHT_GRADIENT_RMS,
        [VIEW_GRADIENT_H] = HISTORY_GRADIENT_RMS,
    };
    static_assert(ARRAY_LEN(quantities) == VIEW_GRADIENT_COUNT, "a quantity is missing");
    return quantities[gradient];
}
