#include "view/layer_parts.h"

#include <math.h>

#include "base/text.h"
#include "view/format.h"

enum { PICTURE_SIDE = 128 };

static const double rms_shown = 3.0;

const struct layer_detail *frame_detail(const struct frame *frame, int run) {
    const struct layer_detail *detail = &frame->snapshot->detail[run];
    return run < frame->runs && detail->layer > 0 ? detail : NULL;
}

int frame_unit(const struct frame *frame) {
    return frame->state->unit > 0 ? frame->state->unit : 1;
}

const char *run_prefix(const struct frame *frame, int run) {
    static const char *const prefixes[SNAPSHOT_RUNS] = { "A, ", "B, " };
    return frame->runs == 2 ? prefixes[run] : "";
}

void weight_map_init(const struct frame *frame, struct weight_map *map,
                     const struct layer_detail *detail) {
    const struct moments *w = &detail->weight;
    double largest = fmax(fabs(w->min), fabs(w->max));
    map->scale = fmin(rms_shown * w->rms, largest);
    map->clipped = map->scale < largest;
    map->scale = isfinite(map->scale) ? map->scale : 0.0;
    map->steps = map->scale > 0.0 ? (float)(WEIGHT_COLOURS / 2 / map->scale) : 0.0f;
    map->colour = detail->tiles > 0 && detail->shape.channels == 3;
    map->nan = theme_diverging(frame->state->theme, NAN);
    for (int i = 0; i < WEIGHT_COLOURS; i++) {
        float position = (float)(i - WEIGHT_COLOURS / 2) / (WEIGHT_COLOURS / 2);
        map->table[i] = theme_diverging(frame->state->theme, position);
    }
}

/* Place of a weight in the table: 0..WEIGHT_COLOURS - 1 and not rounded yet; NaN of a NaN. */
static float place_of(const struct weight_map *map, float weight) {
    float place = weight * map->steps;
    const float end = WEIGHT_COLOURS / 2;
    return (place < -end ? -end : place > end ? end : place) + end;
}

colour weight_colour(const struct weight_map *map, float weight) {
    float place = place_of(map, weight);
    return isnan(place) ? map->nan : map->table[(int)(place + 0.5f)];
}

static colour primaries(const struct weight_map *map, const float *weights, int plane) {
    uint32_t pixel = 0xff;
    for (int channel = 0; channel < 3; channel++) {
        float place = place_of(map, weights[channel * plane]) * (255.0f / (WEIGHT_COLOURS - 1));
        pixel = pixel << 8 | (isnan(place) ? 0xffu : (uint32_t)(place + 0.5f));
    }
    return pixel;
}

void weight_picture(const struct frame *frame, struct rect area, const struct weight_map *map,
                    const float *weights, struct picture_shape shape) {
    uint32_t pixels[PICTURE_SIDE * PICTURE_SIDE];
    int longest = shape.width > shape.height ? shape.width : shape.height;
    int every = (longest + PICTURE_SIDE - 1) / PICTURE_SIDE; // of large pictures only some pixels
    int width = (shape.width + every - 1) / every, height = (shape.height + every - 1) / every;
    int plane = shape.width * shape.height;
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            const float *at = weights + y * every * shape.width + x * every;
            pixels[y * width + x] =
                shape.channels == 3 ? primaries(map, at, plane) : weight_colour(map, *at);
        }
    }
    draw_image(frame->list, area, pixels, width, height, false);
}

float unit_idle(const struct layer_detail *detail, int index) {
    const struct unit_stats *unit = &detail->unit_stats[index];
    uint32_t idle = unit->zero > unit->saturated ? unit->zero : unit->saturated;
    return (float)((double)idle / detail->examples);
}

colour unit_idle_colour(const struct frame *frame, float idle) {
    return idle >= 1.0f ? frame->theme->bad : frame->theme->warning;
}

void unit_idle_bar(const struct frame *frame, struct rect bar, float idle) {
    draw_rect(frame->list, bar, frame->theme->grid);
    bar.w *= idle;
    if (idle > 0.0f) {
        draw_rect(frame->list, bar, unit_idle_colour(frame, idle));
    }
}

void unit_text(const struct layer_detail *detail, int index, char *text, size_t size) {
    const struct unit_stats *unit = &detail->unit_stats[index];
    char mean[32], sd[32], share[32];
    format_value(mean, sizeof mean, (double)unit->mean);
    format_value(sd, sizeof sd, (double)unit->sd);
    text_set(text, size, "h: mean %s, sd %s", mean, sd);
    if (unit->zero > 0) {
        format_share(share, sizeof share, unit->zero, (uint64_t)detail->examples);
        text_append(text, size, ", zero on %s", share);
    }
    if (unit->saturated > 0) {
        format_share(share, sizeof share, unit->saturated, (uint64_t)detail->examples);
        text_append(text, size, ", saturated on %s", share);
    }
}

void unit_tip(const struct frame *frame, int run, int index) {
    const struct layer_detail *detail = frame_detail(frame, run);
    const struct unit_stats *unit = &detail->unit_stats[index];
    const char *rule = snapshot_saturation_rule(&frame->snapshot->run[run], detail->layer);
    char text[UNIT_TEXT], low[32], high[32], weight[32], gradient[32];
    unit_text(detail, index, text, sizeof text);
    tip(frame, "%s of %d examples", text, detail->examples);
    format_value(low, sizeof low, (double)unit->min);
    format_value(high, sizeof high, (double)unit->max);
    format_value(weight, sizeof weight, (double)unit->weight_rms);
    format_value(gradient, sizeof gradient, (double)unit->gradient_rms);
    tip(frame, "h from %s to %s", low, high);
    tip(frame, "its %d weights: rms %s; of ∂L/∂W: %s", detail->inputs * detail->pieces, weight,
        gradient);
    if (unit->saturated > 0 && rule[0]) {
        tip(frame, "saturated: %s", rule);
    }
}
