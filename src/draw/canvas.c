/* canvas.c - the canvas's life, clipping, and the table from primitives to their rasterisers. */
#include "draw/canvas.h"

#include <assert.h>

#include "base/arena.h"
#include "base/require.h"
#include "draw/raster.h"

extern const struct loops loops_baseline;

#ifdef DRAW_DISPATCH
extern const struct loops loops_avx2;

static const struct loops *best_loops(void) {
    return __builtin_cpu_supports("avx2") ? &loops_avx2 : &loops_baseline;
}
#else
static const struct loops *best_loops(void) {
    return &loops_baseline;
}
#endif

/* Deal out everything a canvas of this size needs; only counts on a zeroed arena. */
static struct raster *deal(struct arena *arena, int width, int height) {
    size_t w = (size_t)width, h = (size_t)height, longer = w > h ? w : h;
    size_t stride = (w + 7) / 8 * 8; // so that rows of the mask can be read in eights
    struct raster fresh = {
        .width = width, .height = height, .mask_stride = (int)stride, .loops = best_loops()
    };

    struct raster *raster = arena_take(arena, 1, sizeof *raster);
    fresh.pixels = arena_take(arena, w * h, sizeof *fresh.pixels);
    fresh.own = fresh.pixels;
    fresh.mask = arena_take(arena, stride * h + LOOPS_BEYOND, sizeof *fresh.mask);
    fresh.cover = arena_take(arena, longer + 2, sizeof *fresh.cover);
    fresh.changed = arena_take(arena, (longer + 2 + 63) / 64, sizeof *fresh.changed);
    fresh.row = arena_take(arena, w, sizeof *fresh.row);
    fresh.taps = arena_take(arena, w, sizeof *fresh.taps);
    for (int i = 0; i < 2; i++) {
        fresh.spread[i] = arena_take(arena, 3 * w, sizeof *fresh.spread[i]);
    }
    if (raster) {
        *raster = fresh;
        raster->arena = *arena;
    }
    return raster;
}

bool canvas_init(struct canvas *canvas, int width, int height, float scale) {
    struct arena arena = { 0 };

    *canvas = (struct canvas){ 0 };
    REQUIRE(scale > 0.0f && isfinite(scale));
    if (width < 1 || height < 1 || width > CANVAS_MAX_SIDE || height > CANVAS_MAX_SIDE) {
        return false;
    }
    deal(&arena, width, height);
    if (!arena_init(&arena, arena.used)) {
        return false;
    }
    struct raster *raster = deal(&arena, width, height);
    *canvas = (struct canvas){ .pixels = raster->pixels,
                               .width = width,
                               .height = height,
                               .scale = scale,
                               .scratch = raster };
    return true;
}

void canvas_finish(struct canvas *canvas) {
    struct raster *raster = canvas->scratch;

    if (raster) {
        struct arena arena = raster->arena; // it holds the raster itself
        arena_finish(&arena);
    }
    *canvas = (struct canvas){ 0 };
}

void canvas_draw_on(struct canvas *canvas, uint32_t *pixels) {
    struct raster *raster = canvas->scratch;

    canvas->pixels = raster->pixels = pixels ? pixels : raster->own;
}

struct box raster_box(const struct raster *raster, struct rect rect) {
    double left = device(raster, rect.x), right = ((double)rect.x + (double)rect.w) * raster->scale;
    double top = device(raster, rect.y), bottom = ((double)rect.y + (double)rect.h) * raster->scale;

    if (!(left < right) || !(top < bottom)) {
        return (struct box){ 0 };
    }
    struct box box = { snap(left), snap(top), snap(right), snap(bottom) };
    if (box.x0 == box.x1) {
        box.x0 = snap(left - 0.5);
        box.x1 = box.x0 + 1;
    }
    if (box.y0 == box.y1) {
        box.y0 = snap(top - 0.5);
        box.y1 = box.y0 + 1;
    }
    return box;
}

static void begin_clip(struct raster *raster, const struct display_list *list,
                       const struct draw_op *op) {
    (void)list;
    if (raster->clips++ < RASTER_CLIPS) {
        raster->outer[raster->clips - 1] = raster->clip;
        raster->clip = box_intersection(raster->clip, raster_box(raster, op->rect));
    }
}

static void end_clip(struct raster *raster, const struct display_list *list,
                     const struct draw_op *op) {
    (void)list;
    (void)op;
    if (raster->clips > 0 && --raster->clips < RASTER_CLIPS) {
        raster->clip = raster->outer[raster->clips];
    }
}

typedef void rasteriser(struct raster *raster, const struct display_list *list,
                        const struct draw_op *op);

static rasteriser *const rasterisers[] = {
    [DRAW_RECT] = raster_rect,
    [DRAW_FRAME] = raster_frame,
    [DRAW_POLYLINE] = raster_polyline,
    [DRAW_AREA] = raster_area,
    [DRAW_HISTOGRAM] = raster_histogram,
    [DRAW_IMAGE] = raster_image,
    [DRAW_POLYGON] = raster_polygon,
    [DRAW_TEXT] = raster_text,
    [DRAW_CLIP] = begin_clip,
    [DRAW_UNCLIP] = end_clip,
};
static_assert(ARRAY_LEN(rasterisers) == DRAW_KIND_COUNT, "a rasteriser is missing");

/* Does a list begin with a rectangle that leaves nothing of what is below it? */
static bool hides_all(const struct raster *raster, const struct display_list *list) {
    const struct draw_op *first = list->ops;
    if (list->op_count == 0 || first->kind != DRAW_RECT || first->radius > 0.0f ||
        first->colour < 0xFF000000) {
        return false;
    }
    struct box box = raster_box(raster, first->rect);
    return box.x0 <= 0 && box.y0 <= 0 && box.x1 >= raster->width && box.y1 >= raster->height;
}

void canvas_draw(struct canvas *canvas, const struct display_list *list, struct text *text,
                 colour background) {
    struct raster *raster = canvas->scratch;

    raster->scale = (double)canvas->scale;
    raster->text = text;
    raster->clip = (struct box){ 0, 0, canvas->width, canvas->height };
    raster->clips = 0;
    if (text) {
        text_set_scale(text, canvas->scale);
    }
    if (!hides_all(raster, list)) {
        raster_fill(raster, raster->clip, background | 0xFF000000);
    }
    for (size_t i = 0; i < list->op_count; i++) {
        rasterisers[list->ops[i].kind](raster, list, &list->ops[i]);
    }
}
