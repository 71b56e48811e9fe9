/*
 * canvas_line.c - polylines.
 *
 * Every segment is a capsule (loops.h) whose coverage goes into a mask by maximum, and the mask is
 * blended once: where segments meet nothing is drawn twice. What is horizontal and vertical only is
 * put on whole pixels instead.
 */
#include "draw/raster.h"

struct pen {
    struct raster *raster;
    double width;     // at least 1; thinner lines are fainter instead
    struct box drawn; // of the mask
    bool crisp;       // segments become boxes on whole pixels
    bool dashed;
    double dash, period;
    double dash_from, dash_to; // where a dash's spine lies within a period
    double walked;             // position within the pattern at the next segment's start
};

static struct dpoint between(struct dpoint a, struct dpoint b, double share) {
    return (struct dpoint){ a.x + share * (b.x - a.x), a.y + share * (b.y - a.y) };
}

static void drew(struct pen *pen, struct box box) {
    struct box *all = &pen->drawn;

    all->x0 = min_int(all->x0, box.x0);
    all->y0 = min_int(all->y0, box.y0);
    all->x1 = max_int(all->x1, box.x1);
    all->y1 = max_int(all->y1, box.y1);
}

/* Narrow the shares *t0..*t1 of a segment to where start + t * step lies within low..high. */
static void clip_axis(double start, double step, double low, double high, double *t0, double *t1) {
    if (step == 0.0) {
        if (start < low || start > high) {
            *t1 = -1.0;
        }
        return;
    }
    double enter = (low - start) / step, leave = (high - start) / step;
    if (enter > leave) {
        double swap = enter;
        enter = leave;
        leave = swap;
    }
    *t0 = enter > *t0 ? enter : *t0;
    *t1 = leave < *t1 ? leave : *t1;
}

static bool is_within(double at, double low, double high) {
    return at >= low && at <= high;
}

/* The shares of a segment between which it can be seen (Liang & Barsky 1984); false if nowhere. */
static bool visible(const struct pen *pen, struct dpoint a, struct dpoint b, double *t0,
                    double *t1) {
    const struct box *clip = &pen->raster->clip;
    double margin = 0.5 * pen->width + 2.0;
    double left = clip->x0 - margin, right = clip->x1 + margin;
    double top = clip->y0 - margin, bottom = clip->y1 + margin;

    *t0 = 0.0;
    *t1 = 1.0;
    if (is_within(a.x, left, right) && is_within(b.x, left, right) && is_within(a.y, top, bottom) &&
        is_within(b.y, top, bottom)) {
        return true; // nearly always, and no division
    }
    clip_axis(a.x, b.x - a.x, left, right, t0, t1);
    clip_axis(a.y, b.y - a.y, top, bottom, t0, t1);
    return *t0 <= *t1;
}

/* The first pixel whose centre is not before at. */
static int pixel_from(double at) {
    return whole(at + 0.5);
}

/* The pixels whose centres a capsule can reach. */
static struct box capsule_box(const struct raster *raster, struct dpoint a, struct dpoint b,
                              double reach) {
    double left = a.x < b.x ? a.x : b.x, right = a.x < b.x ? b.x : a.x;
    double top = a.y < b.y ? a.y : b.y, bottom = a.y < b.y ? b.y : a.y;
    struct box box = { pixel_from(left - reach), pixel_from(top - reach), pixel_from(right + reach),
                       pixel_from(bottom + reach) };

    return box_intersection(box, raster->clip);
}

/* Draw a segment that lies near the clip. */
static void draw_capsule(struct pen *pen, struct dpoint a, struct dpoint b) {
    struct raster *raster = pen->raster;
    double dx = b.x - a.x, dy = b.y - a.y, square = dx * dx + dy * dy;
    double reach = 0.5 * pen->width + 0.5;
    struct box box = capsule_box(raster, a, b, reach);

    if (box_empty(box)) {
        return;
    }
    drew(pen, box);
    struct capsule capsule = { .dx = (float)dx,
                               .dy = (float)dy,
                               .inverse = square > 1e-12 ? (float)(1.0 / square) : 0.0f,
                               .reach = (float)reach,
                               .x = box.x0 + 0.5 - a.x,
                               .y = box.y0 + 0.5 - a.y };
    // Where a row cuts it nearly lengthwise, or few pixels are in the box, nothing is narrowed.
    if (box.x1 - box.x0 > 8 && fabs(dy) > 0.01 * fabs(dx)) {
        capsule.slope = dx / dy;
        capsule.spread = reach * sqrt(square) / fabs(dy);
    }
    raster->loops->capsule(raster->mask + (ptrdiff_t)box.y0 * raster->mask_stride + box.x0,
                           raster->mask_stride, box.x1 - box.x0, box.y1 - box.y0, &capsule);
}

static void fill_mask(struct pen *pen, struct box box) {
    struct raster *raster = pen->raster;

    box = box_intersection(box, raster->clip);
    if (box_empty(box)) {
        return;
    }
    drew(pen, box);
    for (int y = box.y0; y < box.y1; y++) {
        unsigned char *mask = raster->mask + (ptrdiff_t)y * raster->mask_stride;
        for (int x = box.x0; x < box.x1; x++) {
            mask[x] = 255;
        }
    }
}

/* A horizontal or vertical segment, with flat ends. */
static void draw_crisp(struct pen *pen, struct dpoint a, struct dpoint b) {
    int thickness = max_int(1, snap(pen->width));
    bool horizontal = fabs(b.x - a.x) >= fabs(b.y - a.y);
    double across = horizontal ? a.y : a.x;
    double from = horizontal ? a.x : a.y, to = horizontal ? b.x : b.y;
    int start = snap(from < to ? from : to), end = snap(from < to ? to : from);
    int near = snap(across - 0.5 * thickness), far = near + thickness;

    end = max_int(end, start + 1);
    fill_mask(pen, horizontal ? (struct box){ start, near, end, far }
                              : (struct box){ near, start, far, end });
}

static void draw_piece(struct pen *pen, struct dpoint a, struct dpoint b) {
    if (pen->crisp) {
        draw_crisp(pen, a, b);
    } else {
        draw_capsule(pen, a, b);
    }
}

/* The dashes of the visible part t0..t1 of a segment. */
static void draw_dashes(struct pen *pen, struct dpoint a, struct dpoint b, double t0, double t1) {
    double length = sqrt((b.x - a.x) * (b.x - a.x) + (b.y - a.y) * (b.y - a.y));
    double from = pen->walked + t0 * length, to = pen->walked + t1 * length;

    for (double base = floor(from / pen->period) * pen->period; base < to; base += pen->period) {
        double start = base + pen->dash_from, end = base + pen->dash_to;
        start = start > from ? start : from;
        end = end < to ? end : to;
        if (start < end) {
            draw_piece(pen, between(a, b, (start - pen->walked) / length),
                       between(a, b, (end - pen->walked) / length));
        }
    }
}

static void draw_segment(struct pen *pen, struct dpoint a, struct dpoint b) {
    double t0, t1;

    if (visible(pen, a, b, &t0, &t1)) {
        if (pen->dashed) {
            draw_dashes(pen, a, b, t0, t1);
        } else if (t0 == 0.0 && t1 == 1.0) {
            draw_piece(pen, a, b);
        } else {
            draw_piece(pen, between(a, b, t0), between(a, b, t1));
        }
    }
    if (pen->dashed) {
        double length = sqrt((b.x - a.x) * (b.x - a.x) + (b.y - a.y) * (b.y - a.y));
        pen->walked = fmod(pen->walked + length, pen->period);
    }
}

/* Close the corner that two flat ends leave open. */
static void draw_corner(struct pen *pen, struct dpoint at) {
    int thickness = max_int(1, snap(pen->width));
    int x = snap(at.x - 0.5 * thickness), y = snap(at.y - 0.5 * thickness);

    fill_mask(pen, (struct box){ x, y, x + thickness, y + thickness });
}

/* Are all segments of a piece horizontal or vertical? A dot is neither. */
static bool axis_aligned(const struct raster *raster, const float *points, size_t count) {
    const double same = 1.0 / 64.0;
    bool any = false;

    for (size_t i = 1; i < count; i++) {
        struct dpoint a = device_point(raster, points + 2 * (i - 1));
        struct dpoint b = device_point(raster, points + 2 * i);
        bool level = fabs(a.y - b.y) < same, upright = fabs(a.x - b.x) < same;
        if (!level && !upright) {
            return false;
        }
        any = any || !level || !upright;
    }
    return any;
}

/* The dash is what is inked; round ends take half a width of it on either side. */
static void set_dashes(struct pen *pen) {
    double cap = pen->crisp ? 0.0 : 0.5 * pen->width;
    const double dot = 0.01;

    pen->dash_from = cap;
    pen->dash_to = pen->dash - cap > cap + dot ? pen->dash - cap : cap + dot;
}

/*
 * The last point that a straight line from the first one may end at, so that the points it passes,
 * from left to right, lie within a 64th of a pixel above or below it.
 */
static size_t straight_end(const struct raster *raster, const float *points, size_t count) {
    const double tolerance = 1.0 / 64.0;
    struct dpoint from = device_point(raster, points);
    double low = -(double)INFINITY, high = (double)INFINITY; // slopes that pass all so far
    size_t i = 1;

    for (; i < count; i++) {
        struct dpoint at = device_point(raster, points + 2 * i);
        double dx = at.x - from.x, slope = (at.y - from.y) / dx, bend = tolerance / dx;
        if (!(dx > 0.0) || slope < low || slope > high) {
            break;
        }
        low = slope - bend > low ? slope - bend : low;
        high = slope + bend < high ? slope + bend : high;
    }
    return i > 1 ? i - 1 : 1;
}

/* A piece without gaps. */
static void draw_run(struct pen *pen, const float *points, size_t count) {
    struct dpoint at = device_point(pen->raster, points);

    pen->crisp = axis_aligned(pen->raster, points, count);
    pen->walked = 0.0;
    set_dashes(pen);
    if (count == 1) {
        draw_segment(pen, at, at);
    }
    for (size_t i = 0, end; i + 1 < count; i = end) {
        end = pen->crisp ? i + 1 : i + straight_end(pen->raster, points + 2 * i, count - i);
        struct dpoint next = device_point(pen->raster, points + 2 * end);
        if (pen->crisp && !pen->dashed && i > 0) {
            draw_corner(pen, at);
        }
        draw_segment(pen, at, next);
        at = next;
    }
}

void raster_polyline(struct raster *raster, const struct display_list *list,
                     const struct draw_op *op) {
    const float *points = list->numbers + op->first;
    const double widest = 4096.0;
    double width = device(raster, op->width);
    struct pen pen = { .raster = raster, .drawn = { raster->width, raster->height, 0, 0 } };

    if (!(width > 0.0) || box_empty(raster->clip)) {
        return;
    }
    pen.width = width < 1.0 ? 1.0 : width < widest ? width : widest;
    pen.dash = device(raster, op->dash);
    pen.period = pen.dash + device(raster, op->gap);
    pen.dashed = pen.dash > 0.0 && pen.period > pen.dash && pen.period >= 1.0;
    for (size_t i = 0; i < op->count;) {
        size_t end = i;
        while (end < op->count && !is_gap(device_point(raster, points + 2 * end))) {
            end++;
        }
        if (end > i) {
            draw_run(&pen, points + 2 * i, end - i);
        }
        i = end + 1;
    }
    uint32_t faint = width < 1.0 ? coverage_256((float)width) : 256;
    raster_composite(raster, pen.drawn, op->colour, alpha_of(op->colour) * faint >> 8);
}
