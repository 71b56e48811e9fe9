/* canvas_fill.c - rectangles, rounded and framed, and the blending loops that all parts use. */
#include "draw/raster.h"

void raster_fill(struct raster *raster, struct box box, colour ink) {
    box = box_intersection(box, raster->clip);
    if (box_empty(box)) {
        return;
    }
    for (int y = box.y0; y < box.y1; y++) {
        raster_span(raster, raster->pixels + (ptrdiff_t)y * raster->width + box.x0, box.x1 - box.x0,
                    ink, alpha_of(ink));
    }
}

void raster_composite(struct raster *raster, struct box box, colour ink, uint32_t alpha) {
    box = box_intersection(box, raster->clip);
    for (int y = box.y0; y < box.y1 && box.x0 < box.x1; y++) {
        raster->loops->drain(raster->pixels + (ptrdiff_t)y * raster->width + box.x0,
                             raster->mask + (ptrdiff_t)y * raster->mask_stride + box.x0,
                             box.x1 - box.x0, ink, alpha);
    }
}

/* A box with round corners. */
struct rounded {
    struct box box;
    float radius;
};

/* How much of a pixel lies inside, judged by its centre's distance from the corner's arc. */
static float inside(const struct rounded *shape, int x, int y) {
    const struct box *box = &shape->box;

    if (x < box->x0 || x >= box->x1 || y < box->y0 || y >= box->y1) {
        return 0.0f;
    }
    // Pixels from the nearer edge, counted from the centre of the corner's arc outwards.
    float dx = shape->radius - 0.5f - (float)min_int(x - box->x0, box->x1 - 1 - x);
    float dy = shape->radius - 0.5f - (float)min_int(y - box->y0, box->y1 - 1 - y);
    if (dx <= 0.0f || dy <= 0.0f) {
        return 1.0f;
    }
    float coverage = shape->radius + 0.5f - sqrtf(dx * dx + dy * dy);
    return coverage < 0.0f ? 0.0f : coverage < 1.0f ? coverage : 1.0f;
}

/* One row of what lies inside outer but not inside inner, which is even but for side columns. */
static void ring_row(struct raster *raster, const struct rounded *outer,
                     const struct rounded *inner, int side, int y, colour ink) {
    struct box clip = raster->clip;
    uint32_t *row = raster->pixels + (ptrdiff_t)y * raster->width;
    int left = outer->box.x0 + side, right = max_int(left, outer->box.x1 - side);

    for (int x = max_int(outer->box.x0, clip.x0); x < min_int(outer->box.x1, clip.x1);) {
        bool even = x >= left && x < right;
        int count = even ? min_int(right, clip.x1) - x : 1;
        float coverage = inside(outer, x, y) - inside(inner, x, y);
        raster_span(raster, row + x, count, ink, coverage_256(coverage) * alpha_of(ink) >> 8);
        x += count;
    }
}

/* What lies inside outer but not inside inner, which leaves edge pixels on every side. */
static void draw_ring(struct raster *raster, const struct rounded *outer,
                      const struct rounded *inner, int edge, colour ink) {
    int from = max_int(outer->box.y0, raster->clip.y0);
    int to = min_int(outer->box.y1, raster->clip.y1);
    int corner = max_int(edge, (int)ceilf(outer->radius));

    for (int y = from; y < to; y++) {
        bool straight = y >= outer->box.y0 + corner && y < outer->box.y1 - corner;
        ring_row(raster, outer, inner, straight ? edge : corner, y, ink);
    }
}

/* A radius in pixels that fits the box; too small a one to see, or NaN, is none. */
static float fitting_radius(const struct raster *raster, struct box box, float radius) {
    double wanted = device(raster, radius);
    double most = 0.5 * (double)min_int(box.x1 - box.x0, box.y1 - box.y0);

    if (!(wanted >= 0.5)) {
        return 0.0f;
    }
    return (float)(wanted < most ? wanted : most);
}

void raster_rect(struct raster *raster, const struct display_list *list, const struct draw_op *op) {
    const struct rounded nothing = { 0 };
    struct rounded outer = { .box = raster_box(raster, op->rect) };

    (void)list;
    outer.radius = fitting_radius(raster, outer.box, op->radius);
    if (outer.radius > 0.0f) {
        draw_ring(raster, &outer, &nothing, 0, op->colour);
    } else {
        raster_fill(raster, outer.box, op->colour);
    }
}

void raster_frame(struct raster *raster, const struct display_list *list,
                  const struct draw_op *op) {
    struct rounded outer = { .box = raster_box(raster, op->rect) }, inner;

    (void)list;
    if (!(op->width > 0.0f) || box_empty(outer.box)) {
        return;
    }
    outer.radius = fitting_radius(raster, outer.box, op->radius);
    int most = min_int(outer.box.x1 - outer.box.x0, outer.box.y1 - outer.box.y0);
    int width = min_int(max_int(1, snap(device(raster, op->width))), most);
    inner.box = (struct box){ outer.box.x0 + width, outer.box.y0 + width, outer.box.x1 - width,
                              outer.box.y1 - width };
    inner.radius = outer.radius > (float)width ? outer.radius - (float)width : 0.0f;
    draw_ring(raster, &outer, &inner, width, op->colour);
}
