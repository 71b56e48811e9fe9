/* columns.c - the layer axis: which part of a row belongs to a layer. */
#include <math.h>
#include <stdlib.h>

#include "base/text.h"
#include "view/names.h"

enum { WIDEST_COLUMN = 420 };

struct columns columns_in(float left, float right, int layers) {
    struct columns columns = { .left = left, .right = right, .count = layers };
    float room = right - left;
    columns.width = fminf(room / (float)layers, WIDEST_COLUMN);
    columns.x = left + 0.5f * (room - columns.width * (float)layers);
    return columns;
}

struct rect column_rect(const struct columns *columns, struct rect row, int layer) {
    float x = columns->x + (float)(layer - 1) * columns->width;
    return (struct rect){ x, row.y, columns->width, row.h };
}

struct rect column_part(const struct frame *frame, struct rect row, int layer, int run) {
    struct rect column = column_rect(&frame->columns, row, layer);
    float pad = fminf(8.0f, 0.06f * column.w);
    column = rect_inset(column, pad, 0.0f);
    return frame->runs == 1 ? column : rect_column(column, run, 2);
}

void columns_draw_ground(const struct frame *frame, struct rect row) {
    const struct columns *columns = &frame->columns;
    draw_ground(frame, row);
    if (frame->layers > 1 && frame->marked > 0) {
        draw_rect(frame->list, column_rect(columns, row, frame->marked),
                  theme_fade(frame->theme->focus, 0.10f));
    }
    if (frame->pointed > 0) {
        draw_rect(frame->list, column_rect(columns, row, frame->pointed),
                  theme_fade(frame->theme->focus, 0.14f));
    }
    if (frame->detail != DETAIL_BARS) {
        return;
    }
    for (int i = 1; i < columns->count; i++) {
        float x = columns->x + (float)i * columns->width;
        draw_line(frame->list, (struct point){ x, row.y }, (struct point){ x, row.y + row.h }, 1.0f,
                  frame->theme->grid);
    }
}

/* Every how many layers a number fits. */
static int number_stride(const struct frame *frame) {
    static const int strides[] = { 1, 2, 5, 10, 20, 50 };
    char last[16];
    text_set(last, sizeof last, "%d", frame->layers);
    float room = width_of(frame, FONT_STRONG, TEXT_LABEL, last) + 10.0f;
    int index = 0;
    while (index < 5 && frame->columns.width * (float)strides[index] < room) {
        index++;
    }
    return strides[index];
}

/* Have all layers a name, and room for enough of it? */
static bool shows_names(const struct frame *frame) {
    const float least = 56.0f;
    bool named = frame->detail == DETAIL_BARS && frame->columns.width >= least;
    char ignored[LAYER_TEXT];
    for (int layer = 1; layer <= frame->layers && named; layer++) {
        named = layer_name(frame, layer, ignored);
    }
    return named;
}

static void draw_names(const struct frame *frame, struct rect strip) {
    for (int layer = 1; layer <= frame->layers; layer++) {
        bool selected = layer == frame->marked;
        struct rect box = rect_inset(column_rect(&frame->columns, strip, layer), 3.0f, 0.0f);
        char text[LAYER_TEXT];
        layer_title(frame, TEXT_LABEL, box.w, layer, text);
        struct text_style style = { selected ? FONT_STRONG : FONT_LABEL, TEXT_LABEL, ALIGN_CENTRE,
                                    selected ? frame->theme->text : frame->theme->secondary };
        draw_text(frame->list, box, style, "%s", text);
    }
}

void columns_draw_numbers(const struct frame *frame, struct rect strip) {
    int stride = number_stride(frame);
    struct rect gutter = { frame->columns.left - frame->gutter, strip.y, frame->gutter - 6.0f,
                           strip.h };
    label_right(frame, gutter, TEXT_LABEL, frame->theme->secondary, "layer");
    bool none = !frame_layer(frame, 0, 1) && (frame->runs == 1 || !frame_layer(frame, 1, 1));
    if (!none && shows_names(frame)) {
        draw_names(frame, strip);
        return;
    }
    for (int layer = 1; layer <= frame->layers && !none; layer++) {
        bool selected = layer == frame->marked;
        float distance = frame->columns.width * (float)abs(layer - frame->marked);
        bool regular = layer % stride == 0 || (layer == 1 && stride <= 2);
        bool hidden = frame->marked > 0 && distance < 24.0f;
        if (!selected && (!regular || hidden)) {
            continue;
        }
        struct rect column = column_rect(&frame->columns, strip, layer);
        struct rect box = { column.x + 0.5f * column.w - 16.0f, strip.y, 32.0f, strip.h };
        char text[16];
        text_set(text, sizeof text, "%d", layer);
        struct text_style style = { selected ? FONT_STRONG : FONT_LABEL, TEXT_LABEL, ALIGN_CENTRE,
                                    selected ? frame->theme->text : frame->theme->secondary };
        draw_text(frame->list, box, style, "%s", text);
    }
}

static struct rect all_columns(const struct columns *columns, struct rect row) {
    return (struct rect){ columns->x, row.y, columns->width * (float)columns->count, row.h };
}

void columns_add_hits(const struct frame *frame, struct rect row) {
    add_hit_range(frame, (struct view_hit){ .rect = all_columns(&frame->columns, row),
                                            .kind = HIT_LAYERS,
                                            .right = (double)frame->columns.count });
}

void columns_point(struct frame *frame, struct rect area) {
    frame->pointed = 0;
    if (hovered(frame, all_columns(&frame->columns, area))) {
        float place = (frame->state->pointer.x - frame->columns.x) / frame->columns.width;
        int layer = (int)place + 1;
        frame->pointed = layer < frame->columns.count ? layer : frame->columns.count;
    }
}
