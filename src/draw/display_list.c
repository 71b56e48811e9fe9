#include "draw/display_list.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "draw/utf8.h"

#define ELLIPSIS "\xE2\x80\xA6"

void display_list_init(struct display_list *list, struct text_metrics metrics) {
    *list = (struct display_list){ .metrics = metrics };
}

void display_list_finish(struct display_list *list) {
    free(list->ops);
    free(list->numbers);
    free(list->pixels);
    free(list->chars);
    *list = (struct display_list){ 0 };
}

void display_list_clear(struct display_list *list) {
    list->op_count = 0;
    list->number_count = 0;
    list->pixel_count = 0;
    list->char_count = 0;
    list->incomplete = false;
}

/* The array with room for more items behind used ones, or NULL; *room is updated. */
static void *grown(void *array, size_t *room, size_t used, size_t more, size_t item) {
    if (array && more <= *room - used) {
        return array;
    }
    if (more > SIZE_MAX / item / 2 - used) {
        return NULL;
    }
    size_t wanted = used + more > 2 * *room ? used + more : 2 * *room;
    if (wanted < 256) {
        wanted = 256;
    }
    void *larger = realloc(array, wanted * item);
    if (larger) {
        *room = wanted;
    }
    return larger;
}

static bool room_for_op(struct display_list *list) {
    if (list->incomplete) {
        return false;
    }
    struct draw_op *ops =
        grown(list->ops, &list->op_room, list->op_count, 1, sizeof(struct draw_op));
    list->incomplete = !ops;
    list->ops = ops ? ops : list->ops;
    return ops != NULL;
}

static bool room_for_numbers(struct display_list *list, size_t more) {
    float *numbers =
        grown(list->numbers, &list->number_room, list->number_count, more, sizeof(float));
    list->incomplete = !numbers;
    list->numbers = numbers ? numbers : list->numbers;
    return numbers != NULL;
}

static bool room_for_pixels(struct display_list *list, size_t more) {
    uint32_t *pixels =
        grown(list->pixels, &list->pixel_room, list->pixel_count, more, sizeof(uint32_t));
    list->incomplete = !pixels;
    list->pixels = pixels ? pixels : list->pixels;
    return pixels != NULL;
}

static bool room_for_chars(struct display_list *list, size_t more) {
    char *chars = grown(list->chars, &list->char_room, list->char_count, more, 1);
    list->incomplete = !chars;
    list->chars = chars ? chars : list->chars;
    return chars != NULL;
}

static void append(struct display_list *list, struct draw_op op) {
    if (room_for_op(list)) {
        list->ops[list->op_count++] = op;
    }
}

/* Copy floats into the list and append the op that uses them. */
static void append_numbers(struct display_list *list, struct draw_op op, const float *numbers,
                           size_t count) {
    if (!room_for_op(list) || !room_for_numbers(list, count)) {
        return;
    }
    op.first = list->number_count;
    memcpy(list->numbers + list->number_count, numbers, count * sizeof(float));
    list->number_count += count;
    list->ops[list->op_count++] = op;
}

static void append_points(struct display_list *list, struct draw_op op, const struct point *points,
                          int count) {
    static_assert(sizeof(struct point) == 2 * sizeof(float), "points are pairs of floats");
    if (count > 0) {
        op.count = (size_t)count;
        append_numbers(list, op, &points->x, 2 * (size_t)count);
    }
}

void draw_rect(struct display_list *list, struct rect rect, colour ink) {
    append(list, (struct draw_op){ .kind = DRAW_RECT, .rect = rect, .colour = ink });
}

void draw_rounded(struct display_list *list, struct rect rect, float radius, colour ink) {
    append(list,
           (struct draw_op){ .kind = DRAW_RECT, .rect = rect, .radius = radius, .colour = ink });
}

void draw_frame(struct display_list *list, struct rect rect, float radius, float width,
                colour ink) {
    append(list,
           (struct draw_op){
               .kind = DRAW_FRAME, .rect = rect, .radius = radius, .width = width, .colour = ink });
}

void draw_line(struct display_list *list, struct point from, struct point to, float width,
               colour ink) {
    struct point ends[] = { from, to };
    draw_polyline(list, ends, 2, (struct stroke){ .width = width, .colour = ink });
}

void draw_polyline(struct display_list *list, const struct point *points, int count,
                   struct stroke stroke) {
    struct draw_op op = { .kind = DRAW_POLYLINE,
                          .width = stroke.width,
                          .dash = stroke.dash,
                          .gap = stroke.gap,
                          .colour = stroke.colour };
    append_points(list, op, points, count);
}

void draw_area(struct display_list *list, const struct point *points, int count, float base,
               colour ink) {
    append_points(list, (struct draw_op){ .kind = DRAW_AREA, .base = base, .colour = ink }, points,
                  count);
}

void draw_polygon(struct display_list *list, const struct point *points, int count, colour ink) {
    append_points(list, (struct draw_op){ .kind = DRAW_POLYGON, .colour = ink }, points, count);
}

void draw_histogram(struct display_list *list, struct rect rect, const float *values, int count,
                    enum grow grow, colour ink) {
    if (count > 0) {
        struct draw_op op = { .kind = DRAW_HISTOGRAM,
                              .rect = rect,
                              .count = (size_t)count,
                              .grow = grow,
                              .colour = ink };
        append_numbers(list, op, values, (size_t)count);
    }
}

void draw_image(struct display_list *list, struct rect rect, const uint32_t *pixels, int width,
                int height, bool smooth) {
    if (width <= 0 || height <= 0) {
        return;
    }
    size_t count = (size_t)width * (size_t)height;
    if (!room_for_op(list) || !room_for_pixels(list, count)) {
        return;
    }
    memcpy(list->pixels + list->pixel_count, pixels, count * sizeof(uint32_t));
    list->ops[list->op_count++] = (struct draw_op){ .kind = DRAW_IMAGE,
                                                    .rect = rect,
                                                    .pixels = list->pixel_count,
                                                    .image_width = width,
                                                    .image_height = height,
                                                    .smooth = smooth };
    list->pixel_count += count;
}

void draw_clip(struct display_list *list, struct rect rect) {
    append(list, (struct draw_op){ .kind = DRAW_CLIP, .rect = rect });
}

void draw_unclip(struct display_list *list) {
    append(list, (struct draw_op){ .kind = DRAW_UNCLIP });
}

float draw_text_width(const struct display_list *list, enum font font, float size,
                      const char *utf8) {
    return list->metrics.width(list->metrics.context, font, size, utf8);
}

/* One line of well-formed UTF-8, in place: what a font, an SVG file or a diff can take. */
static void tidy(char *text) {
    char *to = text;
    uint32_t character;

    for (size_t step; (step = utf8_step(text, &character)) > 0; text += step) {
        if (character == UTF8_BROKEN && step == 1) {
            *to++ = '?';
        } else if (character < ' ' || character == 0x7F) {
            *to++ = ' ';
        } else {
            memmove(to, text, step);
            to += step;
        }
    }
    *to = '\0';
}

/* The first length bytes of text, without trailing spaces, and an ellipsis. */
static void cut_to(char *shorter, const char *text, size_t length) {
    while (length > 0 && text[length - 1] == ' ') {
        length--;
    }
    memcpy(shorter, text, length);
    memcpy(shorter + length, ELLIPSIS, sizeof ELLIPSIS);
}

/* Replace text by the longest start that fits with an ellipsis, or by nothing. Returns its width.
 */
static float shorten(const struct display_list *list, struct text_style style, float room,
                     char text[DRAW_TEXT_MAX]) {
    char shorter[DRAW_TEXT_MAX];
    size_t fits = 0, beyond = strlen(text);

    cut_to(shorter, text, 0);
    float width = draw_text_width(list, style.font, style.size, shorter);
    if (!(width <= room)) {
        text[0] = '\0';
        return 0.0f;
    }
    while (beyond - fits > 1) {
        size_t middle = fits + (beyond - fits) / 2;
        cut_to(shorter, text, utf8_floor(text, middle));
        float wider = draw_text_width(list, style.font, style.size, shorter);
        if (wider <= room) {
            fits = middle;
            width = wider;
        } else {
            beyond = middle;
        }
    }
    cut_to(shorter, text, utf8_floor(text, fits));
    memcpy(text, shorter, strlen(shorter) + 1);
    return width;
}

static void append_text(struct display_list *list, struct draw_op op, const char *text) {
    size_t size = strlen(text) + 1;

    if (room_for_op(list) && room_for_chars(list, size)) {
        op.text = list->char_count;
        memcpy(list->chars + list->char_count, text, size);
        list->char_count += size;
        list->ops[list->op_count++] = op;
    }
}

float draw_text(struct display_list *list, struct rect rect, struct text_style style,
                const char *format, ...) {
    char text[DRAW_TEXT_MAX + 4]; // a character that begins before the end is whole
    va_list arguments;

    va_start(arguments, format);
    int length = text_print(text, sizeof text, format, arguments);
    va_end(arguments);
    if (length <= 0) {
        return 0.0f;
    }
    text[utf8_floor(text, DRAW_TEXT_MAX - sizeof ELLIPSIS)] = '\0'; // which fits behind
    tidy(text);

    const float rounding = 0.01f; // a rectangle made from the text's own width must do
    float width = draw_text_width(list, style.font, style.size, text);
    if (!(width <= rect.w + rounding)) {
        width = shorten(list, style, rect.w + rounding, text);
    }
    if (text[0]) {
        append_text(list,
                    (struct draw_op){ .kind = DRAW_TEXT,
                                      .rect = rect,
                                      .colour = style.colour,
                                      .text_width = width,
                                      .font = style.font,
                                      .align = style.align,
                                      .font_size = style.size },
                    text);
    }
    return width;
}

struct point draw_text_origin(const struct draw_op *op) {
    static const float cap_height[FONT_COUNT] = {
        // in ems, from the fonts' OS/2 tables
        [FONT_LABEL] = 0.727f,
        [FONT_STRONG] = 0.727f,
        [FONT_NUMBER] = 0.730f,
    };
    static const float share[] = {
        [ALIGN_LEFT] = 0.0f, [ALIGN_CENTRE] = 0.5f, [ALIGN_RIGHT] = 1.0f
    };

    return (struct point){
        op->rect.x + share[op->align] * (op->rect.w - op->text_width),
        op->rect.y + 0.5f * (op->rect.h + cap_height[op->font] * op->font_size),
    };
}
