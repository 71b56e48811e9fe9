/*
 * canvas_strip.c - areas, histograms and polygons, by exact coverage.
 *
 * Each is drawn strip by strip, a strip being a row or a column of pixels. In a strip, shapes are
 * sums of edges: "covered from here on", weighted by how much of the strip's thickness the edge
 * spans. The sum of all edges is the exact area of the union in every pixel, so shapes that touch
 * leave no seam.
 */
#include <string.h>

#include "draw/raster.h"

struct strip {
    const struct raster *raster;
    float *cover;      // change of coverage from the pixel before; zero where not changed
    uint64_t *changed; // one bit per pixel
    int length;        // pixels
    int lo, hi;        // lowest and highest changed
    uint32_t *from;    // first pixel
    ptrdiff_t step;    // to the next pixel
};

/* A strip within the clip: length pixels from (x, y) on. */
static struct strip strip_at(struct raster *raster, int x, int y, int length, ptrdiff_t step) {
    return (struct strip){ .raster = raster,
                           .cover = raster->cover,
                           .changed = raster->changed,
                           .length = length,
                           .lo = length + 1,
                           .from = raster->pixels + (ptrdiff_t)y * raster->width + x,
                           .step = step };
}

static struct strip strip_row(struct raster *raster, int y) {
    struct box clip = raster->clip;
    return strip_at(raster, clip.x0, y, clip.x1 - clip.x0, 1);
}

static struct strip strip_column(struct raster *raster, int x) {
    struct box clip = raster->clip;
    return strip_at(raster, x, clip.y0, clip.y1 - clip.y0, raster->width);
}

/* Add to the coverage of every pixel from number at on, which is length + 1 at most. */
static inline void change(struct strip *strip, int at, double amount) {
    strip->cover[at] += (float)amount;
    strip->changed[at / 64] |= UINT64_C(1) << at % 64;
    strip->lo = min_int(strip->lo, at);
    strip->hi = max_int(strip->hi, at);
}

/* How much of everything below z is covered by what begins at an even mix of a..b. */
static double covered(double z, double a, double b) {
    if (z <= a) {
        return 0.0;
    }
    return z < b ? (z - a) * (z - a) / (2.0 * (b - a)) : z - 0.5 * (a + b);
}

/*
 * Cover, with weight, what lies beyond an edge that slants from a to b across the strip, measured
 * from the strip's first pixel.
 */
static void add_edge(struct strip *strip, double a, double b, double weight) {
    double low = a < b ? a : b, high = a < b ? b : a, length = strip->length;

    if (low >= length) {
        return;
    }
    if (low < 0.0) { // the part before the strip covers all of it
        double share = high <= 0.0 ? 1.0 : -low / (high - low);
        change(strip, 0, weight * share);
        if (high <= 0.0) {
            return;
        }
        weight -= weight * share;
        low = 0.0;
    }
    if (high > length) { // the part behind the strip covers nothing
        weight *= (length - low) / (high - low);
        high = length;
    }

    int last = (int)high;
    double before = 0.0, below = 0.0;
    for (int i = (int)low; i <= last; i++) {
        double next = covered(i + 1, low, high);
        double here = next - below;
        change(strip, i, weight * (here - before));
        before = here;
        below = next;
    }
    change(strip, last + 1, weight * (1.0 - before));
}

/* The same for an edge straight across the strip. */
static void add_step(struct strip *strip, double at, double weight) {
    if (at >= strip->length) {
        return;
    }
    int first = at > 0.0 ? (int)at : 0;
    double rest = at > 0.0 ? at - first : 0.0; // of the first pixel, not covered
    change(strip, first, weight * (1.0 - rest));
    if (rest > 0.0) {
        change(strip, first + 1, weight * rest);
    }
}

/* Blend the pixels from..to, which have the same coverage. */
static inline void blend_part(struct strip *strip, int from, int to, float coverage, colour ink) {
    uint32_t alpha = coverage_256(fabsf(coverage)) * alpha_of(ink) >> 8;
    int count = min_int(to, strip->length) - from;

    if (count <= 0 || alpha == 0) {
        return;
    }
    uint32_t *pixels = strip->from + from * strip->step;
    if (count == 1) { // the edge of a shape: nearly half of all parts
        *pixels = blend(*pixels, ink, alpha);
    } else if (strip->step != 1) {
        for (int i = 0; i < count; i++) {
            pixels[i * strip->step] = blend(pixels[i * strip->step], ink, alpha);
        }
    } else {
        raster_span(strip->raster, pixels, count, ink, alpha);
    }
}

/* Blend what was gathered and leave the scratch empty again. */
static void finish(struct strip *strip, colour ink) {
    float coverage = 0.0f;
    int from = 0;

    for (int word = strip->lo / 64; word <= strip->hi / 64; word++) {
        uint64_t bits = strip->changed[word];
        strip->changed[word] = 0;
        for (; bits; bits &= bits - 1) {
            int at = 64 * word + __builtin_ctzll(bits);
            blend_part(strip, from, at, coverage, ink);
            coverage += strip->cover[at];
            strip->cover[at] = 0.0f;
            from = at;
        }
    }
    blend_part(strip, from, strip->length, coverage, ink); // where the clip cuts a shape
}

struct bars {
    const float *values;
    int count;
    int reach;        // of a bar of value 1, pixels
    double thickness; // of one bar
    double density;   // bars per pixel
};

static double bar_length(const struct bars *bars, int index) {
    double value = (double)bars->values[index];

    if (!(value > 0.0)) {
        return 0.0;
    }
    double length = value < 1.0 ? value * bars->reach : bars->reach;
    return length > 1.0 ? length : 1.0;
}

/*
 * Add every bar that meets a strip at..at + 1 pixels from the first bar's start. Bars grow from
 * base in the direction of sign, measured like the strip.
 */
static void add_bars(struct strip *strip, const struct bars *bars, int at, double base,
                     double sign) {
    int index = (int)(at * bars->density); // or one beside it, by rounding
    double total = 0.0;

    for (int i = max_int(0, index - 1); i < bars->count; i++) {
        double start = i * bars->thickness, end = (i + 1) * bars->thickness;
        if (start >= at + 1) {
            break;
        }
        double share = (end < at + 1 ? end : at + 1) - (start > at ? start : at);
        double length = bar_length(bars, i);
        if (share > 0.0 && length > 0.0) {
            add_step(strip, base + sign * length, -sign * share);
            total += share;
        }
    }
    if (total > 0.0) {
        add_step(strip, base, sign * total);
    }
}

void raster_histogram(struct raster *raster, const struct display_list *list,
                      const struct draw_op *op) {
    struct box box = raster_box(raster, op->rect), seen = box_intersection(box, raster->clip);
    struct bars bars = { .values = list->numbers + op->first, .count = (int)op->count };
    int width = box.x1 - box.x0, height = box.y1 - box.y0;

    if (box_empty(seen)) {
        return;
    }
    bool upwards = op->grow == GROW_UP;
    int along = upwards ? width : height; // of all bars side by side
    bars.reach = upwards ? height : width;
    bars.thickness = (double)along / bars.count;
    bars.density = bars.count / (double)along;
    if (upwards) {
        for (int x = seen.x0; x < seen.x1; x++) {
            struct strip strip = strip_column(raster, x);
            add_bars(&strip, &bars, x - box.x0, box.y1 - raster->clip.y0, -1.0);
            finish(&strip, op->colour);
        }
        return;
    }
    double sign = op->grow == GROW_RIGHT ? 1.0 : -1.0;
    double base = (op->grow == GROW_RIGHT ? box.x0 : box.x1) - raster->clip.x0;
    for (int y = seen.y0; y < seen.y1; y++) {
        struct strip strip = strip_row(raster, y);
        add_bars(&strip, &bars, box.y1 - 1 - y, base, sign); // the first bar is lowest
        finish(&strip, op->colour);
    }
}

static double height_at(struct dpoint from, struct dpoint to, double x) {
    return from.y + (to.y - from.y) * ((x - from.x) / (to.x - from.x));
}

/* An area being drawn from left to right: the column under way and where it ends. */
struct area {
    struct raster *raster;
    struct strip strip;
    int column; // of strip, if open
    bool open;
    double base; // from the top of the clip
    colour colour;
};

static void close_column(struct area *area) {
    if (area->open) {
        finish(&area->strip, area->colour);
        area->open = false;
    }
}

/* Between a piece that lies in one column, on one side of the base line, and that line. */
static void add_piece(struct area *area, int column, struct dpoint from, struct dpoint to) {
    double a = from.y - area->raster->clip.y0, b = to.y - area->raster->clip.y0;
    double weight = to.x - from.x;

    if (area->open && area->column != column) {
        close_column(area);
    }
    if (!area->open) {
        area->strip = strip_column(area->raster, column);
        area->column = column;
        area->open = true;
    }
    if (a + b > 2.0 * area->base) { // below
        weight = -weight;
    }
    add_edge(&area->strip, a, b, weight);
    add_step(&area->strip, area->base, -weight);
}

/* A segment, one column after the other, on one side of the base line. */
static void add_side(struct area *area, struct dpoint from, struct dpoint to) {
    struct box clip = area->raster->clip;

    if (!(from.x < to.x) || to.x <= clip.x0 || from.x >= clip.x1) {
        return;
    }
    int first = from.x > clip.x0 ? (int)floor(from.x) : clip.x0;
    struct dpoint at =
        from.x > clip.x0 ? from : (struct dpoint){ clip.x0, height_at(from, to, clip.x0) };
    for (int column = first; column < clip.x1 && at.x < to.x; column++) {
        struct dpoint next = to;
        if (to.x > column + 1) {
            next = (struct dpoint){ column + 1, height_at(from, to, column + 1) };
        }
        add_piece(area, column, at, next);
        at = next;
    }
}

static void add_segment(struct area *area, struct dpoint from, struct dpoint to) {
    double base = area->base + area->raster->clip.y0;

    if ((from.y < base && to.y > base) || (from.y > base && to.y < base)) {
        double share = (base - from.y) / (to.y - from.y);
        struct dpoint crossing = { from.x + share * (to.x - from.x), base };
        add_side(area, from, crossing);
        add_side(area, crossing, to);
    } else {
        add_side(area, from, to);
    }
}

void raster_area(struct raster *raster, const struct display_list *list, const struct draw_op *op) {
    const float *points = list->numbers + op->first;
    struct area area = { .raster = raster, .colour = op->colour };
    double base = device(raster, op->base);

    if (isnan(base) || box_empty(raster->clip)) {
        return;
    }
    area.base = base - raster->clip.y0;
    for (size_t i = 1; i < op->count; i++) {
        struct dpoint from = device_point(raster, points + 2 * (i - 1));
        struct dpoint to = device_point(raster, points + 2 * i);
        if (!is_gap(from) && !is_gap(to)) {
            add_segment(&area, from, to);
        }
    }
    close_column(&area);
}

/* The part of a polygon's side that lies within one column. */
static void add_polygon_side(struct strip *strip, struct raster *raster, int column,
                             struct dpoint from, struct dpoint to) {
    double weight = 1.0;

    if (from.x > to.x) { // on the way back the other side is covered
        struct dpoint swap = from;
        from = to;
        to = swap;
        weight = -1.0;
    }
    double left = from.x > column ? from.x : column;
    double right = to.x < column + 1 ? to.x : column + 1;
    if (left < right) {
        double top = raster->clip.y0;
        add_edge(strip, height_at(from, to, left) - top, height_at(from, to, right) - top,
                 weight * (right - left));
    }
}

void raster_polygon(struct raster *raster, const struct display_list *list,
                    const struct draw_op *op) {
    const float *points = list->numbers + op->first;
    double left = (double)INFINITY, right = -(double)INFINITY;

    for (size_t i = 0; i < op->count; i++) {
        struct dpoint point = device_point(raster, points + 2 * i);
        if (is_gap(point)) {
            return;
        }
        left = point.x < left ? point.x : left;
        right = point.x > right ? point.x : right;
    }
    struct box clip = raster->clip;
    if (box_empty(clip) || !(left < clip.x1) || !(right > clip.x0)) {
        return;
    }
    int first = left > clip.x0 ? (int)floor(left) : clip.x0;
    int end = right < clip.x1 ? (int)ceil(right) : clip.x1;
    for (int column = first; column < end; column++) {
        struct strip strip = strip_column(raster, column);
        for (size_t i = 0; i < op->count; i++) {
            size_t next = i + 1 < op->count ? i + 1 : 0;
            add_polygon_side(&strip, raster, column, device_point(raster, points + 2 * i),
                             device_point(raster, points + 2 * next));
        }
        finish(&strip, op->colour);
    }
}
