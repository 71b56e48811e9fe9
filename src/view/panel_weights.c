/*
 * panel_weights.c - W of the looked-at layer as an image: a matrix, or a picture for each unit
 * where the inputs are pictures.
 */
#include <math.h>

#include "base/text.h"
#include "view/format.h"
#include "view/layer_parts.h"

static const float head_height = 16.0f, scale_width = 64.0f, strip_height = 6.0f;

/* Pictures side by side: as large as they get. */
struct grid {
    int across, down;
    float width, height; // of a place, with its gap
    float tile_width, tile_height;
    float bar; // below each, how idle it is; 0 where there is no room
};

static struct grid grid_of(struct rect area, int count, struct picture_shape shape, int across) {
    struct grid grid = { .across = across, .down = (count + across - 1) / across };
    float aspect = (float)shape.width / (float)shape.height;
    grid.width = area.w / (float)grid.across;
    grid.height = area.h / (float)grid.down;
    float gap = fminf(3.0f, 0.12f * fminf(grid.width, grid.height));
    grid.bar = grid.height > 24.0f ? 4.0f : 0.0f;
    grid.tile_width = fmaxf(fminf(grid.width - gap, (grid.height - gap - grid.bar) * aspect), 1.0f);
    grid.tile_height = grid.tile_width / aspect;
    return grid;
}

static struct grid choose_grid(struct rect area, int count, struct picture_shape shape) {
    struct grid best = grid_of(area, count, shape, 1);
    for (int across = 2; across <= count; across++) {
        struct grid grid = grid_of(area, count, shape, across);
        if (grid.tile_width > best.tile_width) {
            best = grid;
        }
    }
    best.width = fminf(best.width, best.tile_width + 10.0f); // rather together than spread out
    best.height = fminf(best.height, best.tile_height + best.bar + 10.0f);
    return best;
}

static struct rect tile_rect(const struct grid *grid, struct rect area, int place) {
    return (struct rect){ area.x + (float)(place % grid->across) * grid->width,
                          area.y + (float)(place / grid->across) * grid->height, grid->tile_width,
                          grid->tile_height };
}

static colour idle_colour(const struct frame *frame, float idle) {
    return idle >= 1.0f ? frame->theme->bad : frame->theme->warning;
}

static void draw_idle_bar(const struct frame *frame, struct rect bar, float idle) {
    draw_rect(frame->list, bar, frame->theme->grid);
    bar.w *= idle;
    if (idle > 0.0f) {
        draw_rect(frame->list, bar, idle_colour(frame, idle));
    }
}

static void tile_tip(const struct frame *frame, int run, struct rect tile, int place) {
    static const char *const primary[] = { "red", "green", "blue" };
    const struct layer_detail *detail = frame_detail(frame, run);
    const struct picture_shape *shape = &detail->shape;
    const struct view_pointer *pointer = &frame->state->pointer;
    int x = (int)((pointer->x - tile.x) / tile.w * (float)shape->width);
    int y = (int)((pointer->y - tile.y) / tile.h * (float)shape->height);
    x = x < shape->width ? x : shape->width - 1;
    y = y < shape->height ? y : shape->height - 1;
    int unit = detail->first_tile + place, plane = shape->width * shape->height;
    const float *weight = detail->image + place * detail->inputs + y * shape->width + x;
    char text[96] = "", number[32];
    for (int c = 0; c < shape->channels; c++) {
        format_value(number, sizeof number, (double)weight[c * plane]);
        text_append(text, sizeof text, "%s%s%s%s", c > 0 ? ", " : "",
                    shape->channels == 3 ? primary[c] : "", shape->channels == 3 ? " " : "",
                    number);
    }
    tip(frame, "%sunit %d: weight of pixel (%d, %d) %s", run_prefix(frame, run), unit + 1, x + 1,
        y + 1, text);
    unit_tip(frame, run, unit);
}

static void draw_tiles(const struct frame *frame, struct rect area, int run,
                       const struct weight_map *map) {
    const struct layer_detail *detail = frame_detail(frame, run);
    struct grid grid = choose_grid(area, detail->tiles, detail->shape);
    area.x += 0.5f * fmaxf(area.w - (float)grid.across * grid.width, 0.0f);
    for (int place = 0; place < detail->tiles; place++) {
        struct rect tile = tile_rect(&grid, area, place);
        int unit = detail->first_tile + place;
        weight_picture(frame, tile, map, detail->image + place * detail->inputs, detail->shape);
        if (grid.bar > 0.0f && detail->hidden) {
            struct rect bar = { tile.x, tile.y + tile.h, tile.w, 3.0f };
            draw_idle_bar(frame, bar, unit_idle(detail, unit));
        }
        if (unit + 1 == frame_unit(frame)) {
            draw_frame(frame->list, rect_inset(tile, -2.0f, -2.0f), 2.0f, 2.0f,
                       frame->theme->focus);
        }
        if (hovered(frame, tile)) {
            tile_tip(frame, run, tile, place);
        }
    }
    for (int row = 0; row < grid.down; row++) {
        int first = row * grid.across, end = first + grid.across;
        end = end < detail->tiles ? end : detail->tiles;
        struct rect rect = { area.x, area.y + (float)row * grid.height,
                             (float)(end - first) * grid.width, grid.height };
        add_hit_range(frame, (struct view_hit){ .rect = rect,
                                                .kind = HIT_UNIT,
                                                .left = detail->first_tile + first + 1,
                                                .right = detail->first_tile + end + 1 });
    }
}

/* "unit 3", or "unit 3–4" of a block. */
static void write_range(char text[NAME_TEXT], const char *what, int index, int block, int count) {
    int first = index * block + 1, last = (index + 1) * block;
    last = last < count ? last : count;
    text_set(text, NAME_TEXT, last > first ? "%s %d–%d" : "%s %d", what, first, last);
}

static void cell_tip(const struct frame *frame, int run, struct rect image) {
    const struct layer_detail *detail = frame_detail(frame, run);
    const struct view_pointer *pointer = &frame->state->pointer;
    int column = (int)((pointer->x - image.x) / image.w * (float)detail->columns);
    int row = (int)((pointer->y - image.y) / image.h * (float)detail->rows);
    column = column < detail->columns ? column : detail->columns - 1;
    row = row < detail->rows ? row : detail->rows - 1;
    char inputs[NAME_TEXT], units[NAME_TEXT], weight[32];
    int columns = detail->units * detail->pieces;
    write_range(inputs, "input", row, detail->row_block, detail->inputs);
    write_range(units, detail->pieces > 1 ? "column" : "unit", column, detail->column_block,
                columns);
    if (detail->row_block == 1) {
        input_title(frame, detail, row, inputs);
    }
    if (columns == detail->units && detail->column_block == 1) {
        unit_title(frame, detail, column, units);
    }
    format_value(weight, sizeof weight, (double)detail->image[row * detail->columns + column]);
    bool block = detail->row_block > 1 || detail->column_block > 1;
    tip(frame, "%s%s to %s: %s%s", run_prefix(frame, run), inputs, units,
        block ? "largest weight " : "weight ", weight);
    int unit = (int)((pointer->x - image.x) / image.w * (float)detail->units);
    unit = unit < detail->units ? unit : detail->units - 1;
    if (detail->column_block > 1) {
        tip(frame, "a click chooses unit %d:", unit + 1);
    }
    unit_tip(frame, run, unit);
}

/* How idle each unit is, below its column. */
static void draw_idle_strip(const struct frame *frame, struct rect strip,
                            const struct layer_detail *detail) {
    uint32_t pixels[DETAIL_SIDE];
    for (int column = 0; column < detail->columns; column++) {
        int first = column * detail->column_block / detail->pieces;
        int end = ((column + 1) * detail->column_block - 1) / detail->pieces;
        float most = 0.0f;
        for (int unit = first; unit <= end && unit < detail->units; unit++) {
            most = fmaxf(most, unit_idle(detail, unit));
        }
        pixels[column] = theme_blend(frame->theme->panel, idle_colour(frame, most), most);
    }
    draw_image(frame->list, strip, pixels, detail->columns, 1, false);
}

/* The chosen unit's columns between two lines. */
static void mark_unit(const struct frame *frame, struct rect image,
                      const struct layer_detail *detail) {
    int unit = frame_unit(frame) - 1;
    if (unit >= detail->units) {
        return;
    }
    float cell = image.w / (float)detail->columns;
    int first = unit * detail->pieces / detail->column_block;
    int last = ((unit + 1) * detail->pieces - 1) / detail->column_block;
    struct rect mark = { image.x + (float)first * cell, image.y, (float)(last - first + 1) * cell,
                         image.h };
    draw_frame(frame->list, rect_inset(mark, -2.0f, -2.0f), 1.0f, 2.0f, frame->theme->focus);
}

static void draw_matrix(const struct frame *frame, struct rect area, int run,
                        const struct weight_map *map) {
    uint32_t pixels[DETAIL_SIDE * DETAIL_SIDE];
    const struct layer_detail *detail = frame_detail(frame, run);
    struct rect numbers = rect_cut_bottom(&area, 13.0f);
    struct rect strip = detail->hidden ? rect_cut_bottom(&area, strip_height) : (struct rect){ 0 };
    for (int i = 0; i < detail->rows * detail->columns; i++) {
        pixels[i] = weight_colour(map, detail->image[i]);
    }
    draw_ground(frame, area);
    draw_image(frame->list, area, pixels, detail->columns, detail->rows, false);
    if (detail->hidden) {
        draw_idle_strip(frame, strip, detail);
    }
    mark_unit(frame, area, detail);
    char last[32];
    text_set(last, sizeof last, "%d", detail->units);
    label_left(frame, numbers, TEXT_SMALL, frame->theme->secondary, "unit 1");
    label_right(frame, numbers, TEXT_SMALL, frame->theme->secondary, last);
    struct rect both = { area.x, area.y, area.w, area.h + strip.h };
    if (hovered(frame, both)) {
        cell_tip(frame, run, area);
    }
    add_hit_range(frame,
                  (struct view_hit){
                      .rect = both, .kind = HIT_UNIT, .left = 1.0, .right = detail->units + 1.0 });
}

/* What the ends of the scale are, and the colours that are not on it. */
static void write_scale(const struct frame *frame, struct rect strip, const struct weight_map *map,
                        uint64_t nan) {
    const char *const extra = map->colour ? "; red, green, blue by channel"
                              : nan > 0   ? "; NaN red"
                                          : "";
    char whole[96], brief[64], least[48];
    text_set(whole, sizeof whole, "%s%s",
             map->clipped ? "three times their rms; larger ones in full colour"
                          : "the largest of them",
             extra);
    text_set(brief, sizeof brief, "%s%s",
             map->clipped ? "3 rms, beyond it full colour" : "the largest", extra);
    text_set(least, sizeof least, "%s%s", map->clipped ? "3 rms" : "largest",
             nan > 0 && !map->colour ? extra : "");
    label_left(frame, strip, TEXT_SMALL, frame->theme->secondary,
               text_that_fits(frame, strip.w, (const char *const[]){ whole, brief, least, "" }, 4));
}

/* The colours with their ends; grey where channels are mixed to colours. */
static void draw_scale(const struct frame *frame, struct rect strip, const struct weight_map *map,
                       const struct layer_detail *detail) {
    char end[32], low[40];
    colour greys[WEIGHT_COLOURS], ink = frame->theme->secondary;
    if (map->scale <= 0.0) {
        bool none = detail->weight.nan + detail->weight.inf == detail->weight.n;
        label_left(frame, strip, TEXT_SMALL, ink,
                   none ? "no weight is finite" : "no weight is other than 0");
        return;
    }
    format_value(end, sizeof end, map->scale);
    text_set(low, sizeof low, "−%s", end);
    rect_cut_left(&strip, number_left(frame, strip, TEXT_SMALL, ink, low) + 5.0f);
    struct rect bar = rect_cut_left(&strip, scale_width);
    bar = rect_inset(bar, 0.0f, 0.5f * (bar.h - 8.0f));
    for (uint32_t i = 0; i < WEIGHT_COLOURS; i++) {
        greys[i] = 0xff000000u | i << 16 | i << 8 | i;
    }
    draw_image(frame->list, bar, map->colour ? greys : map->table, WEIGHT_COLOURS, 1, false);
    rect_cut_left(&strip, 5.0f);
    rect_cut_left(&strip, number_left(frame, strip, TEXT_SMALL, ink, end) + 8.0f);
    write_scale(frame, strip, map, detail->weight.nan);
}

static void draw_run(const struct frame *frame, struct rect area, int run) {
    const struct layer_detail *detail = frame_detail(frame, run);
    struct rect head = rect_cut_top(&area, head_height);
    if (frame->runs == 2) {
        rect_cut_left(&head, run_badge(frame, head.x, head.y + 0.5f * head.h - 1.0f, run) + 8.0f);
    }
    rect_cut_top(&area, 3.0f);
    if (!detail) {
        draw_ground(frame, area);
        label_centre(frame, area, TEXT_LABEL, frame->theme->secondary, "has no such layer");
        return;
    }
    struct weight_map map;
    weight_map_init(frame, &map, detail);
    draw_scale(frame, head, &map, detail);
    (detail->tiles > 0 ? draw_tiles : draw_matrix)(frame, area, run, &map);
}

static void write_blocks(const struct layer_detail *detail, char *text, size_t size) {
    if (detail->row_block > 1 || detail->column_block > 1) {
        text_append(text, size, "; a cell is the largest of %d × %d weights", detail->row_block,
                    detail->column_block);
    }
}

static void draw_title(const struct frame *frame, struct rect *area,
                       const struct layer_detail *detail) {
    char full[192], brief[96], title[64];
    text_set(title, sizeof title, detail->hidden ? "Weights of layer %d" : "Weights of the output",
             detail->layer);
    if (detail->tiles > 0) {
        text_set(brief, sizeof brief, "units %d–%d of %d", detail->first_tile + 1,
                 detail->first_tile + detail->tiles, detail->units);
        text_set(full, sizeof full, "%s: W%s from each of the %d × %d pixels%s", brief,
                 detail->pieces > 1 ? " of the first piece" : "", detail->shape.width,
                 detail->shape.height, detail->hidden ? "; below, how idle" : "");
    } else {
        text_set(brief, sizeof brief, "%d inputs × %d units", detail->inputs, detail->units);
        text_set(full, sizeof full, "W, %d inputs (down) × %d units (across)%s", detail->inputs,
                 detail->units, detail->hidden ? "; below, how idle" : "");
        write_blocks(detail, full, sizeof full);
        write_blocks(detail, brief, sizeof brief);
    }
    panel_title(frame, area, SUBJECT_WEIGHTS, title, (const char *const[]){ full, brief }, 2);
}

void panel_weights_draw(const struct frame *frame, struct rect area) {
    const struct layer_detail *detail = frame_detail(frame, 0);
    draw_title(frame, &area, detail ? detail : frame_detail(frame, 1));
    bool wide = area.w > 1.2f * area.h;
    for (int run = 0; run < frame->runs; run++) {
        struct rect part = (wide ? rect_column : rect_row)(area, run, frame->runs);
        if (frame->runs == 2) {
            float gap = frame->tight ? 6.0f : 10.0f;
            if (wide) {
                (run == 0 ? rect_cut_right : rect_cut_left)(&part, gap);
            } else if (run == 0) {
                rect_cut_bottom(&part, gap);
            }
        }
        draw_run(frame, part, run);
    }
}
