#include "export/svg_file.h"

#include <assert.h>
#include <math.h>
#include <png.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/require.h"
#include "base/text.h"

struct svg {
    FILE *file;
    const struct display_list *list;
    int clips;       // made so far: their names
    int nested;      // open ones
    bool incomplete; // memory ran out for a picture in it
};

// Coordinates to a hundredth of a point, as short as they come.
static void print_number(const struct svg *svg, double value) {
    const double limit = 1e7; // what is drawn far outside stays outside
    double bounded = fmin(fmax(value, -limit), limit);
    char text[32];
    int length = snprintf(text, sizeof text, "%.2f", isnan(value) ? 0.0 : bounded);
    while (text[length - 1] == '0') {
        text[--length] = '\0';
    }
    if (text[length - 1] == '.') {
        text[--length] = '\0';
    }
    fputs(strcmp(text, "-0") == 0 ? "0" : text, svg->file);
}

static void print_attribute(const struct svg *svg, const char *name, double value) {
    fprintf(svg->file, " %s=\"", name);
    print_number(svg, value);
    fputc('"', svg->file);
}

static void print_colour(const struct svg *svg, const char *name, colour ink) {
    fprintf(svg->file, " %s=\"#%06x\"", name, (unsigned)ink & 0xFFFFFF);
    if (ink >> 24 < 255) {
        fprintf(svg->file, " %s-opacity=\"%.3g\"", name, (double)(ink >> 24) / 255.0);
    }
}

/* Characters that XML has a meaning for, or none at all. */
static void print_escaped(FILE *file, const char *text) {
    for (; *text; text++) {
        switch (*text) {
        case '<':
            fputs("&lt;", file);
            break;
        case '>':
            fputs("&gt;", file);
            break;
        case '&':
            fputs("&amp;", file);
            break;
        case '"':
            fputs("&quot;", file);
            break;
        default:
            fputc((unsigned char)*text < ' ' && *text != '\n' ? ' ' : *text, file);
        }
    }
}

static void print_rect(const struct svg *svg, struct rect rect) {
    print_attribute(svg, "x", (double)rect.x);
    print_attribute(svg, "y", (double)rect.y);
    print_attribute(svg, "width", fmax((double)rect.w, 0.0));
    print_attribute(svg, "height", fmax((double)rect.h, 0.0));
}

static void print_radius(const struct svg *svg, double radius) {
    if (radius > 0.0) {
        print_attribute(svg, "rx", radius);
    } else { // else neighbours would show the ground between them
        fputs(" shape-rendering=\"crispEdges\"", svg->file);
    }
}

static void rect_element(struct svg *svg, const struct draw_op *op) {
    fputs("<rect", svg->file);
    print_rect(svg, op->rect);
    print_radius(svg, (double)op->radius);
    print_colour(svg, "fill", op->colour);
    fputs("/>\n", svg->file);
}

/* The outline lies inside the rectangle, a stroke of SVG on both sides of it. */
static void frame_element(struct svg *svg, const struct draw_op *op) {
    float half = 0.5f * op->width;
    fputs("<rect fill=\"none\"", svg->file);
    print_rect(svg, (struct rect){ op->rect.x + half, op->rect.y + half, op->rect.w - op->width,
                                   op->rect.h - op->width });
    print_radius(svg, fmax((double)(op->radius - half), 0.0));
    print_colour(svg, "stroke", op->colour);
    print_attribute(svg, "stroke-width", (double)op->width);
    fputs("/>\n", svg->file);
}

static void print_point(const struct svg *svg, char command, double x, double y) {
    fputc(command, svg->file);
    print_number(svg, x);
    fputc(' ', svg->file);
    print_number(svg, y);
}

/* A piece begins anew behind a gap; one point alone becomes a dot by its round ends. */
static void print_line(const struct svg *svg, const struct draw_op *op) {
    const float *at = svg->list->numbers + op->first;
    bool drawn = false;
    for (size_t i = 0; i < op->count; i++, at += 2) {
        if (isnan(at[0]) || isnan(at[1])) {
            drawn = false;
            continue;
        }
        print_point(svg, drawn ? 'L' : 'M', (double)at[0], (double)at[1]);
        bool ends = i + 1 == op->count || isnan(at[2]) || isnan(at[3]);
        if (!drawn && ends) {
            fputs("h0", svg->file);
        }
        drawn = true;
    }
}

/* Are all segments horizontal or vertical? Such a line has flat ends. */
static bool is_crisp(const struct svg *svg, const struct draw_op *op) {
    const float *at = svg->list->numbers + op->first;
    bool any = false;
    for (size_t i = 1; i < op->count; i++, at += 2) {
        bool gap = isnan(at[0]) || isnan(at[1]) || isnan(at[2]) || isnan(at[3]);
        bool level = at[1] == at[3], upright = at[0] == at[2];
        if (!gap && !level && !upright) {
            return false;
        }
        any = any || (!gap && !(level && upright));
    }
    return any;
}

static void polyline_element(struct svg *svg, const struct draw_op *op) {
    bool crisp = is_crisp(svg, op);
    double cap = crisp ? 0.0 : (double)op->width; // round ends take half a width each
    fputs("<path fill=\"none\" d=\"", svg->file);
    print_line(svg, op);
    fputc('"', svg->file);
    print_colour(svg, "stroke", op->colour);
    print_attribute(svg, "stroke-width", (double)op->width);
    fputs(crisp ? " stroke-linejoin=\"miter\"" : " stroke-linejoin=\"round\"", svg->file);
    fputs(crisp ? "" : " stroke-linecap=\"round\"", svg->file);
    if (op->dash > 0.0f) {
        fputs(" stroke-dasharray=\"", svg->file);
        print_number(svg, fmax((double)op->dash - cap, 0.01));
        fputc(' ', svg->file);
        print_number(svg, (double)op->gap + fmin(cap, (double)op->dash));
        fputc('"', svg->file);
    }
    fputs("/>\n", svg->file);
}

/* Down to the base line and back, wherever there is a gap. */
static void area_element(struct svg *svg, const struct draw_op *op) {
    const float *numbers = svg->list->numbers + op->first;
    double base = (double)op->base;
    bool open = false;
    fputs("<path d=\"", svg->file);
    for (size_t i = 0; i <= op->count; i++) {
        const float *at = numbers + 2 * i;
        bool there = i < op->count && !isnan(at[0]) && !isnan(at[1]);
        if (!there && open) {
            print_point(svg, 'L', (double)at[-2], base);
            fputc('Z', svg->file);
        }
        if (there && !open) {
            print_point(svg, 'M', (double)at[0], base);
        }
        if (there) {
            print_point(svg, 'L', (double)at[0], (double)at[1]);
        }
        open = there;
    }
    fputc('"', svg->file);
    print_colour(svg, "fill", op->colour);
    fputs("/>\n", svg->file);
}

static void polygon_element(struct svg *svg, const struct draw_op *op) {
    fputs("<path d=\"", svg->file);
    print_line(svg, op);
    fputs("Z\"", svg->file);
    print_colour(svg, "fill", op->colour);
    fputs("/>\n", svg->file);
}

/* Length of a bar: what is above 0 shows at least as a hairline. */
static double bar_length(float value, double whole) {
    if (!(value > 0.0f)) {
        return 0.0;
    }
    return fmin(fmax((double)value * whole, 1.0), fmax(whole, 1.0));
}

/* All bars as one shape, so that nothing shines through between them. */
static void histogram_element(struct svg *svg, const struct draw_op *op) {
    const float *values = svg->list->numbers + op->first;
    struct rect rect = op->rect;
    bool up = op->grow == GROW_UP;
    double left = (double)rect.x, right = left + (double)rect.w;
    double top = (double)rect.y, bottom = top + (double)rect.h;
    double base = op->grow == GROW_RIGHT ? left : op->grow == GROW_LEFT ? right : bottom;
    double whole = up ? bottom - top : right - left;
    double sign = op->grow == GROW_RIGHT ? 1.0 : -1.0;
    double along = up ? right - left : top - bottom; // signed: bars of a side go upwards
    double start = up ? left : bottom;
    fputs("<path d=\"", svg->file);
    print_point(svg, 'M', up ? start : base, up ? base : start);
    for (size_t i = 0; i < op->count; i++) {
        double tip = base + sign * bar_length(values[i], whole);
        double next = start + along * (double)(i + 1) / (double)op->count;
        fputc(up ? 'V' : 'H', svg->file);
        print_number(svg, tip);
        fputc(up ? 'H' : 'V', svg->file);
        print_number(svg, next);
    }
    fputc(up ? 'V' : 'H', svg->file);
    print_number(svg, base);
    fputs("Z\"", svg->file);
    print_colour(svg, "fill", op->colour);
    fputs("/>\n", svg->file);
}

static void print_base64(FILE *file, const unsigned char *bytes, size_t count) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < count; i += 3) {
        size_t left = count - i;
        uint32_t three = (uint32_t)bytes[i] << 16 | (left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) |
                         (left > 2 ? (uint32_t)bytes[i + 2] : 0);
        fputc(digits[three >> 18], file);
        fputc(digits[three >> 12 & 63], file);
        fputc(left > 1 ? digits[three >> 6 & 63] : '=', file);
        fputc(left > 2 ? digits[three & 63] : '=', file);
    }
}

/* The pixels as a PNG the caller frees; NULL when memory runs out. */
static unsigned char *encode(const struct svg *svg, const struct draw_op *op, size_t *size) {
    size_t count = (size_t)op->image_width * (size_t)op->image_height;
    unsigned char *rgba = malloc(4 * count), *bytes = NULL;
    for (size_t i = 0; rgba && i < count; i++) {
        uint32_t pixel = svg->list->pixels[op->pixels + i];
        unsigned char *to = rgba + 4 * i;
        to[0] = (unsigned char)(pixel >> 16);
        to[1] = (unsigned char)(pixel >> 8);
        to[2] = (unsigned char)pixel;
        to[3] = (unsigned char)(pixel >> 24);
    }
    png_image image = { .version = PNG_IMAGE_VERSION,
                        .width = (png_uint_32)op->image_width,
                        .height = (png_uint_32)op->image_height,
                        .format = PNG_FORMAT_RGBA };
    png_alloc_size_t room = 0;
    if (rgba && png_image_write_to_memory(&image, NULL, &room, 0, rgba, 0, NULL) != 0) {
        bytes = malloc(room);
    }
    if (bytes && png_image_write_to_memory(&image, bytes, &room, 0, rgba, 0, NULL) == 0) {
        free(bytes);
        bytes = NULL;
    }
    free(rgba);
    *size = room;
    return bytes;
}

static void image_element(struct svg *svg, const struct draw_op *op) {
    size_t size;
    unsigned char *bytes = encode(svg, op, &size);
    if (!bytes) {
        svg->incomplete = true;
        return;
    }
    fputs("<image", svg->file);
    print_rect(svg, op->rect);
    fprintf(svg->file, " preserveAspectRatio=\"none\"%s xlink:href=\"data:image/png;base64,",
            op->smooth ? "" : " style=\"image-rendering:pixelated\"");
    print_base64(svg->file, bytes, size);
    fputs("\"/>\n", svg->file);
    free(bytes);
}

static void text_element(struct svg *svg, const struct draw_op *op) {
    static const char *const classes[] = {
        [FONT_LABEL] = "l",
        [FONT_STRONG] = "s",
        [FONT_NUMBER] = "n",
    };
    static_assert(ARRAY_LEN(classes) == FONT_COUNT, "a class is missing");
    struct point at = draw_text_origin(op);
    const char *text = svg->list->chars + op->text;
    if (!text[0]) {
        return;
    }
    fprintf(svg->file, "<text class=\"%s\"", classes[op->font]);
    print_attribute(svg, "x", (double)at.x);
    print_attribute(svg, "y", (double)at.y);
    print_attribute(svg, "font-size", (double)op->font_size);
    print_attribute(svg, "textLength", (double)op->text_width);
    fputs(" lengthAdjust=\"spacingAndGlyphs\"", svg->file);
    print_colour(svg, "fill", op->colour);
    fputc('>', svg->file);
    print_escaped(svg->file, text);
    fputs("</text>\n", svg->file);
}

static void clip_element(struct svg *svg, const struct draw_op *op) {
    svg->clips++;
    svg->nested++;
    fprintf(svg->file, "<clipPath id=\"c%d\"><rect", svg->clips);
    print_rect(svg, op->rect);
    fprintf(svg->file, "/></clipPath>\n<g clip-path=\"url(#c%d)\">\n", svg->clips);
}

static void unclip_element(struct svg *svg, const struct draw_op *op) {
    (void)op;
    if (svg->nested > 0) {
        svg->nested--;
        fputs("</g>\n", svg->file);
    }
}

typedef void element(struct svg *svg, const struct draw_op *op);

static element *const elements[] = {
    [DRAW_RECT] = rect_element,           [DRAW_FRAME] = frame_element,
    [DRAW_POLYLINE] = polyline_element,   [DRAW_AREA] = area_element,
    [DRAW_HISTOGRAM] = histogram_element, [DRAW_IMAGE] = image_element,
    [DRAW_POLYGON] = polygon_element,     [DRAW_TEXT] = text_element,
    [DRAW_CLIP] = clip_element,           [DRAW_UNCLIP] = unclip_element,
};
static_assert(ARRAY_LEN(elements) == DRAW_KIND_COUNT, "an element is missing");

static void print_head(const struct svg *svg, const struct svg_page *page) {
    FILE *file = svg->file;
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
          "<!-- layerscope " LAYERSCOPE_VERSION " -->\n"
          "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\"",
          file);
    print_attribute(svg, "width", (double)(page->width * page->scale));
    print_attribute(svg, "height", (double)(page->height * page->scale));
    fputs(" viewBox=\"0 0 ", file);
    print_number(svg, (double)page->width);
    fputc(' ', file);
    print_number(svg, (double)page->height);
    fputs("\">\n<title>", file);
    print_escaped(file, page->title);
    fputs("</title>\n", file);
    if (page->details) {
        fputs("<metadata>", file);
        print_escaped(file, page->details);
        for (int i = 0; i < page->text_count; i++) {
            fputs("<layerscope:text xmlns:layerscope=\"urn:layerscope\" key=\"", file);
            print_escaped(file, page->texts[i].key);
            fputs("\">", file);
            print_escaped(file, page->texts[i].value);
            fputs("</layerscope:text>\n", file);
        }
        fputs("</metadata>\n", file);
    }
    fputs("<style>\n"
          "text { white-space: pre }\n"
          ".l { font-family: Inter, Helvetica, Arial, 'Noto Sans Math', sans-serif }\n"
          ".s { font-family: Inter, Helvetica, Arial, 'Noto Sans Math', sans-serif; font-weight: "
          "600 }\n"
          ".n { font-family: 'JetBrains Mono', 'DejaVu Sans Mono', Menlo, 'Noto Sans Math', "
          "monospace }\n"
          "</style>\n",
          file);
}

bool svg_print(FILE *file, const struct display_list *list, const struct svg_page *page) {
    struct svg svg = { .file = file, .list = list };
    print_head(&svg, page);
    for (size_t i = 0; i < list->op_count; i++) {
        elements[list->ops[i].kind](&svg, &list->ops[i]);
    }
    while (svg.nested > 0) {
        unclip_element(&svg, NULL);
    }
    fputs("</svg>\n", file);
    return !svg.incomplete;
}

bool svg_file_write(const char *path, const struct display_list *list, const struct svg_page *page,
                    char *problem) {
    struct file_writer writer;
    if (!file_writer_open(&writer, path, problem)) {
        return false;
    }
    bool written = svg_print(writer.stream, list, page) || file_no_memory(path, problem);
    return file_writer_close(&writer, written, problem);
}
