/* display_list_print.c - the text form of a display list, which tests compare exactly. */
#include <assert.h>
#include <math.h>

#include "draw/display_list.h"

static const char *const kind_names[] = {
    [DRAW_RECT] = "rect",       [DRAW_FRAME] = "frame",         [DRAW_POLYLINE] = "polyline",
    [DRAW_AREA] = "area",       [DRAW_HISTOGRAM] = "histogram", [DRAW_IMAGE] = "image",
    [DRAW_POLYGON] = "polygon", [DRAW_TEXT] = "text",           [DRAW_CLIP] = "clip",
    [DRAW_UNCLIP] = "unclip",
};
static_assert(sizeof kind_names / sizeof kind_names[0] == DRAW_KIND_COUNT, "a name is missing");

static const char *const font_names[] = {
    [FONT_LABEL] = "label",
    [FONT_STRONG] = "strong",
    [FONT_NUMBER] = "number",
};
static_assert(sizeof font_names / sizeof font_names[0] == FONT_COUNT, "a name is missing");

static const char *const align_names[] = {
    [ALIGN_LEFT] = "left",
    [ALIGN_CENTRE] = "centre",
    [ALIGN_RIGHT] = "right",
};

static const char *const grow_names[] = {
    [GROW_UP] = "up",
    [GROW_LEFT] = "left",
    [GROW_RIGHT] = "right",
};

/* " value"; the signs of NaN and of what rounds to zero say nothing and differ between machines. */
static void print_number(FILE *file, float value) {
    if (isnan(value)) {
        fputs(" nan", file);
    } else if (fabsf(value) < 0.005f) {
        fputs(" 0.00", file);
    } else {
        fprintf(file, " %.2f", (double)value);
    }
}

static void print_field(FILE *file, const char *name, float value) {
    if (value != 0.0f) {
        fprintf(file, " %s", name);
        print_number(file, value);
    }
}

static void print_rect(FILE *file, struct rect rect) {
    print_number(file, rect.x);
    print_number(file, rect.y);
    print_number(file, rect.w);
    print_number(file, rect.h);
}

static void print_colour(FILE *file, colour ink) {
    fprintf(file, " #%08x", (unsigned)ink);
}

static void print_points(FILE *file, const struct draw_op *op, const float *numbers) {
    fprintf(file, " %zu:", op->count);
    for (size_t i = 0; i < op->count; i++) {
        fputs(i ? "," : "", file);
        print_number(file, numbers[op->first + 2 * i]);
        print_number(file, numbers[op->first + 2 * i + 1]);
    }
}

static void print_values(FILE *file, const struct draw_op *op, const float *numbers) {
    fprintf(file, " %s %zu:", grow_names[op->grow], op->count);
    for (size_t i = 0; i < op->count; i++) {
        print_number(file, numbers[op->first + i]);
    }
}

static void print_image(FILE *file, const struct draw_op *op, const uint32_t *pixels) {
    size_t count = (size_t)op->image_width * (size_t)op->image_height;
    uint32_t hash = 2166136261u; // FNV-1a over whole pixels

    for (size_t i = 0; i < count; i++) {
        hash = (hash ^ pixels[op->pixels + i]) * 16777619u;
    }
    fprintf(file, " %dx%d%s hash %08x", op->image_width, op->image_height,
            op->smooth ? " smooth" : "", (unsigned)hash);
}

static void print_text(FILE *file, const struct draw_op *op, const char *chars) {
    fprintf(file, " %s %s", font_names[op->font], align_names[op->align]);
    print_number(file, op->font_size);
    fprintf(file, " \"%s\"", chars + op->text);
}

static void print_op(FILE *file, const struct display_list *list, const struct draw_op *op) {
    fputs(kind_names[op->kind], file);
    switch (op->kind) {
    case DRAW_RECT:
    case DRAW_FRAME:
        print_rect(file, op->rect);
        print_field(file, "radius", op->radius);
        print_field(file, "width", op->width);
        print_colour(file, op->colour);
        break;
    case DRAW_POLYLINE:
    case DRAW_AREA:
    case DRAW_POLYGON:
        print_field(file, "width", op->width);
        print_field(file, "dash", op->dash);
        print_field(file, "gap", op->gap);
        if (op->kind == DRAW_AREA) {
            fputs(" base", file);
            print_number(file, op->base);
        }
        print_colour(file, op->colour);
        print_points(file, op, list->numbers);
        break;
    case DRAW_HISTOGRAM:
        print_rect(file, op->rect);
        print_colour(file, op->colour);
        print_values(file, op, list->numbers);
        break;
    case DRAW_IMAGE:
        print_rect(file, op->rect);
        print_image(file, op, list->pixels);
        break;
    case DRAW_TEXT:
        print_rect(file, op->rect);
        print_colour(file, op->colour);
        print_text(file, op, list->chars);
        break;
    case DRAW_CLIP:
        print_rect(file, op->rect);
        break;
    case DRAW_UNCLIP:
    case DRAW_KIND_COUNT:
        break;
    }
    fputc('\n', file);
}

void display_list_print(const struct display_list *list, FILE *file) {
    for (size_t i = 0; i < list->op_count; i++) {
        print_op(file, list, &list->ops[i]);
    }
    if (list->incomplete) {
        fputs("incomplete\n", file);
    }
}
