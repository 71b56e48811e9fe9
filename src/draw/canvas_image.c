/*
 * canvas_image.c - images and text.
 *
 * An image is made one row of device pixels at a time, in XARGB; rows that come from the same row
 * of the source are made once. Where it shrinks every pixel is the average of what falls on it;
 * where it grows, the nearest pixel or, if smooth, a mix of the two nearest on each axis.
 */
#include <string.h>

#include "draw/raster.h"

enum { UNIT = 256 }; // of a tap's weight

/* One axis of the mapping: length device pixels show count source pixels. */
struct axis {
    int64_t length;
    int count;
    bool smooth;
};

static struct taps single(int index) {
    return (struct taps){ index, index, UNIT, 0 };
}

/* The source under pixel number at, weighted by how much of each pixel it takes. */
static struct taps average_taps(const struct axis *axis, int64_t at) {
    int64_t from = at * axis->count * UNIT / axis->length;
    int64_t to = (at + 1) * axis->count * UNIT / axis->length;
    int first = (int)(from / UNIT), last = (int)((to - 1) / UNIT);

    if (first == last) {
        return single(first);
    }
    return (struct taps){ first, last, (int)((first + 1) * (int64_t)UNIT - from),
                          (int)(to - last * (int64_t)UNIT) };
}

/* The two source pixels whose centres the centre of pixel number at lies between. */
static struct taps mix_taps(const struct axis *axis, int64_t at) {
    int64_t centre = (2 * at + 1) * axis->count * UNIT / (2 * axis->length) - UNIT / 2;

    if (centre <= 0) {
        return single(0);
    }
    int first = (int)(centre / UNIT), weight = (int)(centre % UNIT);
    if (first >= axis->count - 1 || weight == 0) {
        return single(min_int(first, axis->count - 1));
    }
    return (struct taps){ first, first + 1, UNIT - weight, weight };
}

static struct taps taps_at(const struct axis *axis, int64_t at) {
    if (axis->length < axis->count) {
        return average_taps(axis, at);
    }
    if (axis->smooth) {
        return mix_taps(axis, at);
    }
    return single((int)((2 * at + 1) * axis->count / (2 * axis->length)));
}

static int tap_weight(const struct taps *taps, int index) {
    if (index == taps->first) {
        return taps->first_weight;
    }
    return index == taps->last ? taps->last_weight : UNIT;
}

/* Sums of a weighted average of colours, which counts transparent ones less. */
struct mix {
    uint64_t alpha, red, green, blue, weight;
};

static void add_to_mix(struct mix *mix, uint32_t pixel, uint64_t weight) {
    uint64_t alpha = weight * (pixel >> 24);

    mix->weight += weight;
    mix->alpha += alpha;
    mix->red += alpha * (pixel >> 16 & 0xFF);
    mix->green += alpha * (pixel >> 8 & 0xFF);
    mix->blue += alpha * (pixel & 0xFF);
}

static uint32_t mixed(const struct mix *mix) {
    uint64_t alpha = mix->alpha, half = alpha / 2;

    if (alpha == 0) {
        return 0;
    }
    return (uint32_t)((alpha + mix->weight / 2) / mix->weight << 24 |
                      (mix->red + half) / alpha << 16 | (mix->green + half) / alpha << 8 |
                      (mix->blue + half) / alpha);
}

struct picture {
    const uint32_t *pixels; // (y.count, x.count)
    struct axis x, y;
};

static uint32_t average(const struct picture *picture, const struct taps *across,
                        const struct taps *down) {
    struct mix mix = { 0 };

    for (int y = down->first; y <= down->last; y++) {
        const uint32_t *row = picture->pixels + (ptrdiff_t)y * picture->x.count;
        uint64_t weight = (uint64_t)tap_weight(down, y);
        for (int x = across->first; x <= across->last; x++) {
            add_to_mix(&mix, row[x], weight * (uint64_t)tap_weight(across, x));
        }
    }
    return mixed(&mix);
}

/* Make one row of count device pixels. */
static void make_row(const struct picture *picture, const struct taps *across, int count,
                     const struct taps *down, uint32_t *out) {
    const uint32_t *row = picture->pixels + (ptrdiff_t)down->first * picture->x.count;

    if (down->first < down->last) {
        for (int i = 0; i < count; i++) {
            out[i] = average(picture, &across[i], down);
        }
        return;
    }
    for (int i = 0; i < count; i++) {
        out[i] = across[i].first == across[i].last ? row[across[i].first]
                                                   : average(picture, &across[i], down);
    }
}

/* The source's row, spread over count device pixels: values of 0..255 * UNIT. */
static void spread_row(const uint32_t *row, const struct taps *across, int count, uint16_t *out) {
    for (int i = 0; i < count; i++) {
        uint32_t a = row[across[i].first], b = row[across[i].last];
        uint32_t wa = (uint32_t)across[i].first_weight, wb = (uint32_t)across[i].last_weight;
        out[i] = (uint16_t)((a >> 16 & 0xFF) * wa + (b >> 16 & 0xFF) * wb);
        out[count + i] = (uint16_t)((a >> 8 & 0xFF) * wa + (b >> 8 & 0xFF) * wb);
        out[2 * count + i] = (uint16_t)((a & 0xFF) * wa + (b & 0xFF) * wb);
    }
}

static void mix_spread(const uint16_t *restrict top, const uint16_t *restrict bottom,
                       const struct taps *down, int count, uint32_t *restrict out) {
    uint32_t wt = (uint32_t)down->first_weight, wb = (uint32_t)down->last_weight;
    const uint32_t half = UNIT * UNIT / 2;
    for (int i = 0; i < count; i++) {
        uint32_t red = (top[i] * wt + bottom[i] * wb + half) >> 16;
        uint32_t green = (top[count + i] * wt + bottom[count + i] * wb + half) >> 16;
        uint32_t blue = (top[2 * count + i] * wt + bottom[2 * count + i] * wb + half) >> 16;
        out[i] = red << 16 | green << 8 | blue;
    }
}

/*
 * The same pixels as row by row through average(), for an opaque image that grows smoothly: each
 * row of the source is spread once, and most device pixels cost one mix of two rows.
 */
static void enlarge(struct raster *raster, const struct picture *picture, struct box box,
                    struct box seen) {
    int held[2] = { -1, -1 }, count = seen.x1 - seen.x0;
    for (int y = seen.y0; y < seen.y1; y++) {
        struct taps down = taps_at(&picture->y, (int64_t)y - box.y0);
        const int wanted[2] = { down.first, down.last };
        for (int i = 0; i < 2; i++) {
            int slot = wanted[i] & 1; // rows next to each other never share one
            if (held[slot] != wanted[i]) {
                spread_row(picture->pixels + (ptrdiff_t)wanted[i] * picture->x.count, raster->taps,
                           count, raster->spread[slot]);
                held[slot] = wanted[i];
            }
        }
        mix_spread(raster->spread[down.first & 1], raster->spread[down.last & 1], &down, count,
                   raster->pixels + (ptrdiff_t)y * raster->width + seen.x0);
    }
}

static bool same_taps(const struct taps *a, const struct taps *b) {
    return a->first == b->first && a->last == b->last && a->first_weight == b->first_weight &&
           a->last_weight == b->last_weight;
}

static bool row_is_opaque(const uint32_t *row, int count) {
    uint32_t all = 0xFF000000;

    for (int i = 0; i < count; i++) {
        all &= row[i];
    }
    return all == 0xFF000000;
}

static void put_row(uint32_t *to, const uint32_t *row, int count, bool opaque) {
    if (opaque) {
        for (int i = 0; i < count; i++) {
            to[i] = row[i] & 0xFFFFFF;
        }
        return;
    }
    for (int i = 0; i < count; i++) {
        to[i] = blend(to[i], row[i], alpha_of(row[i]));
    }
}

void raster_image(struct raster *raster, const struct display_list *list,
                  const struct draw_op *op) {
    struct box box = raster_box(raster, op->rect), seen = box_intersection(box, raster->clip);
    struct picture picture = {
        .pixels = list->pixels + op->pixels,
        .x = { box.x1 - box.x0, op->image_width, op->smooth },
        .y = { box.y1 - box.y0, op->image_height, op->smooth },
    };
    struct taps made = { .first = -1 };
    int count = seen.x1 - seen.x0;
    bool opaque = false;

    for (int i = 0; i < count; i++) {
        raster->taps[i] = taps_at(&picture.x, (int64_t)seen.x0 + i - box.x0);
    }
    bool grows = picture.x.length >= picture.x.count && picture.y.length >= picture.y.count;
    if (op->smooth && grows && row_is_opaque(picture.pixels, op->image_width * op->image_height)) {
        enlarge(raster, &picture, box, seen);
        return;
    }
    for (int y = seen.y0; y < seen.y1 && count > 0; y++) {
        struct taps down = taps_at(&picture.y, (int64_t)y - box.y0);
        if (!same_taps(&down, &made)) {
            make_row(&picture, raster->taps, count, &down, raster->row);
            opaque = row_is_opaque(raster->row, count);
            made = down;
        }
        put_row(raster->pixels + (ptrdiff_t)y * raster->width + seen.x0, raster->row, count,
                opaque);
    }
}

/* Where the top left pixel of a text's mask goes: base line and left edge on whole pixels. */
static void place_text(const struct raster *raster, const struct draw_op *op,
                       const struct text_mask *mask, int *left, int *top) {
    double start = device(raster, op->rect.x);
    double end = device(raster, op->rect.x + op->rect.w);
    double middle = device(raster, op->rect.y + 0.5f * op->rect.h);

    switch (op->align) {
    case ALIGN_LEFT:
        *left = snap(start);
        break;
    case ALIGN_CENTRE:
        *left = snap(0.5 * (start + end) - 0.5 * mask->width);
        break;
    case ALIGN_RIGHT:
        *left = snap(end) - mask->width;
        break;
    }
    *top = snap(middle + 0.5 * mask->cap_height) - mask->ascent;
}

void raster_text(struct raster *raster, const struct display_list *list, const struct draw_op *op) {
    int left = 0, top = 0;

    if (!raster->text) {
        return;
    }
    struct text_mask mask =
        text_render(raster->text, op->font, op->font_size, list->chars + op->text);
    place_text(raster, op, &mask, &left, &top);
    struct box box = { left, top, left + mask.width, top + mask.height };
    box = box_intersection(box, raster->clip);
    if (box_empty(box)) {
        return;
    }
    for (int y = box.y0; y < box.y1; y++) {
        raster->loops->ink(raster->pixels + (ptrdiff_t)y * raster->width + box.x0,
                           mask.coverage + (ptrdiff_t)(y - top) * mask.width + (box.x0 - left),
                           box.x1 - box.x0, op->colour, alpha_of(op->colour));
    }
}
