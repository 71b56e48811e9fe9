/*
 * display_list.h - what is to be drawn, as plain data.
 *
 * Panels append primitives; a canvas rasterises them, and an SVG writer writes the same list out.
 * Units are points: 1/96 inch, y downwards, origin top left. The canvas multiplies by its scale
 * and snaps rectangles, hairlines and text to whole device pixels. Colours are 0xAARRGGBB, not
 * premultiplied. What comes later covers what came before.
 *
 * Memory: the list owns growing arrays that display_list_clear() keeps, so a frame allocates only
 * while it is larger than every frame before. When memory runs out the list stops taking
 * primitives and says so in `incomplete`. Threads: a list belongs to one thread.
 */
#ifndef DRAW_DISPLAY_LIST_H
#define DRAW_DISPLAY_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef uint32_t colour;

struct point {
    float x, y;
};

struct rect {
    float x, y, w, h;
};

enum font { FONT_LABEL, FONT_STRONG, FONT_NUMBER, FONT_COUNT };
enum align { ALIGN_LEFT, ALIGN_CENTRE, ALIGN_RIGHT };

/* Which way the bars of a histogram grow from their base line. */
enum grow { GROW_UP, GROW_LEFT, GROW_RIGHT };

enum draw_kind {
    DRAW_RECT,      // filled, corners rounded by `radius`
    DRAW_FRAME,     // outline inside the rectangle, `width` wide, corners rounded
    DRAW_POLYLINE,  // `points`; a NaN coordinate is a gap
    DRAW_AREA,      // filled between `points` (x rising) and the horizontal y = `base`
    DRAW_HISTOGRAM, // `values` in 0..1 as adjacent bars that share their edges, no seams
    DRAW_IMAGE,     // `pixels`, image_width x image_height, stretched over the rectangle
    DRAW_POLYGON,   // `points`, convex, filled
    DRAW_TEXT,      // `text`, UTF-8, one line
    DRAW_CLIP,      // until the matching DRAW_UNCLIP only inside the rectangle; nests
    DRAW_UNCLIP,
    DRAW_KIND_COUNT
};

/* One primitive. Which fields count is said at its kind; offsets point into the list's pools. */
struct draw_op {
    enum draw_kind kind;
    struct rect rect;
    colour colour;
    float radius, width, base;
    float dash, gap; // polyline: lengths in points; dash 0 = solid
    size_t first;    // points: into numbers (x, y pairs); values: into numbers
    size_t count;    // points or values
    enum grow grow;
    size_t pixels; // image: into pixels
    int image_width, image_height;
    bool smooth;      // image: interpolate instead of nearest
    size_t text;      // text: into chars, terminated, well-formed UTF-8
    float text_width; // text: measured width in points
    enum font font;
    enum align align; // text: within rect
    float font_size;  // text: in points
};

/*
 * How wide a text is, in points. Given by whoever draws (draw/text.h), so that panels can lay out
 * without knowing a font library.
 */
struct text_metrics {
    float (*width)(void *context, enum font font, float size, const char *utf8);
    void *context;
};

struct display_list {
    struct draw_op *ops;
    float *numbers;
    uint32_t *pixels;
    char *chars;
    size_t op_count, number_count, pixel_count, char_count;
    size_t op_room, number_room, pixel_room, char_room;
    struct text_metrics metrics;
    bool incomplete; // memory ran out; what is there is still valid
};

/* An empty list; metrics are copied, their context borrowed for the list's life. */
void display_list_init(struct display_list *list, struct text_metrics metrics);
void display_list_finish(struct display_list *list); // accepts a zeroed list
void display_list_clear(struct display_list *list);

void draw_rect(struct display_list *list, struct rect rect, colour ink);
void draw_rounded(struct display_list *list, struct rect rect, float radius, colour ink);
void draw_frame(struct display_list *list, struct rect rect, float radius, float width, colour ink);
void draw_line(struct display_list *list, struct point from, struct point to, float width,
               colour ink);

struct stroke {
    float width;
    float dash, gap; // what is seen, round ends included; 0: solid
    colour colour;
};

/*
 * Joined with round corners and ends; a NaN coordinate is a gap, and a point alone (or twice) is a
 * dot. A piece whose segments are all horizontal or vertical is drawn crisp, with flat ends.
 */
void draw_polyline(struct display_list *list, const struct point *points, int count,
                   struct stroke stroke);
void draw_area(struct display_list *list, const struct point *points, int count, float base,
               colour ink);
void draw_polygon(struct display_list *list, const struct point *points, int count, colour ink);

/*
 * count bars that fill rect: along y for GROW_LEFT and GROW_RIGHT (value 0 at the BOTTOM), along x
 * for GROW_UP. A bar of value 1 spans the rectangle's whole other side; values are clamped to 0..1,
 * NaN draws nothing, and any value above 0 shows at least as a hairline.
 */
void draw_histogram(struct display_list *list, struct rect rect, const float *values, int count,
                    enum grow grow, colour ink);

/* pixels is (height, width) row-major, copied into the list. */
void draw_image(struct display_list *list, struct rect rect, const uint32_t *pixels, int width,
                int height, bool smooth);

struct text_style {
    enum font font;
    float size;
    enum align align;
    colour colour;
};

enum { DRAW_TEXT_MAX = 1024 }; // bytes of one text with its terminator; more is cut

/*
 * printf, aligned within rect horizontally and centred on its middle vertically (on the height of
 * capitals). Text wider than rect is cut with an ellipsis, or left out where not even that fits.
 * Control characters become spaces and broken UTF-8 question marks. Returns the width drawn.
 */
float draw_text(struct display_list *list, struct rect rect, struct text_style style,
                const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Width in points of a text in one line. */
float draw_text_width(const struct display_list *list, enum font font, float size,
                      const char *utf8);

/* Where a DRAW_TEXT op starts: the left end of its base line, in points and not snapped. */
struct point draw_text_origin(const struct draw_op *op);

void draw_clip(struct display_list *list, struct rect rect);
void draw_unclip(struct display_list *list);

/*
 * The list as text, one line per primitive: the exact reference of the tests. Images are told by
 * their size and a hash of their pixels.
 */
void display_list_print(const struct display_list *list, FILE *file);

#endif
