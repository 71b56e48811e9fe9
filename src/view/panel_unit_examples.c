/*
 * panel_unit_examples.c - the examples of the batch that drive the chosen unit most: pictures,
 * points in the plane, or a list.
 */
#include <math.h>

#include "base/text.h"
#include "view/format.h"
#include "view/layer_parts.h"

enum {
    PICTURE_SIDE = 64,
    PLANE_FEATURES = 2,
    PLANE_ASPECT = 2,
    LIST_WIDTH = 420,
    LIST_COLUMN = 180,
    TWO_LINES = 130
};

static const float text_height = 14.0f;

static void driver_tip(const struct frame *frame, int run, int place) {
    const struct layer_detail *detail = frame_detail(frame, run);
    const struct driver *driver = &detail->driver[place];
    char z[32], h[32];
    format_value(z, sizeof z, (double)driver->z);
    format_value(h, sizeof h, (double)driver->h);
    char class[NAME_TEXT];
    class_title(frame, driver->label, class);
    tip(frame, "%snumber %d by z: example %d of the batch's %d, %s", run_prefix(frame, run),
        place + 1, driver->example + 1, detail->examples, class);
    tip(frame, "z = %s, h = %s", z, h);
    if (detail->shape.channels == 0) {
        tip(frame, "inputs as the network sees them");
    }
}

static uint32_t level_of(float value) {
    return (uint32_t)lroundf(255.0f * fminf(fmaxf(value, 0.0f), 1.0f));
}

/* As it was before preprocessing: black is 0. */
static void draw_picture(const struct frame *frame, struct rect area, const float *input,
                         struct picture_shape shape) {
    uint32_t pixels[PICTURE_SIDE * PICTURE_SIDE];
    int longest = shape.width > shape.height ? shape.width : shape.height;
    int every = (longest + PICTURE_SIDE - 1) / PICTURE_SIDE;
    int width = (shape.width + every - 1) / every, height = (shape.height + every - 1) / every;
    int plane = shape.channels == 3 ? shape.width * shape.height : 0; // grey: all three alike
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            const float *at = input + y * every * shape.width + x * every;
            pixels[y * width + x] = 0xff000000u | level_of(at[0]) << 16 | level_of(at[plane]) << 8 |
                                    level_of(at[2 * plane]);
        }
    }
    draw_image(frame->list, area, pixels, width, height, false);
}

static float picture_gap(const struct frame *frame) {
    return frame->tight ? 4.0f : 8.0f;
}

static bool has_pictures(const struct layer_detail *detail) {
    return detail->shape.channels > 0 && detail->features > 0;
}

/* In one line or in two, whichever makes them larger. */
static float picture_width(const struct frame *frame, struct rect area, float aspect, int across) {
    float gap = picture_gap(frame), down = (float)(DETAIL_TOP / across);
    float width = (area.w - (float)(across - 1) * gap) / (float)across;
    return fmaxf(fminf(width, (area.h / down - text_height) * aspect), 1.0f);
}

static void draw_driver(const struct frame *frame, struct rect place, int run, int k) {
    const struct layer_detail *detail = frame_detail(frame, run);
    const struct driver *driver = &detail->driver[k];
    char label[NAME_TEXT], name[NAME_TEXT], value[32];
    struct rect line = { place.x, place.y + place.h + 1.0f, place.w, text_height - 2.0f };
    draw_picture(frame, place, driver->input, detail->shape);
    format_brief(value, sizeof value, (double)driver->h);
    class_text(frame, driver->label, name);
    const float least_name = 22.0f;
    float room = line.w - width_of(frame, FONT_NUMBER, TEXT_SMALL, value) - 4.0f;
    if (classes_named(frame) && room < least_name) { // the pointer tells h
        value[0] = '\0';
        room = line.w;
    }
    if (classes_named(frame)) {
        fit_start(frame, TEXT_SMALL, room, name, label, sizeof label);
        label_left(frame, line, TEXT_SMALL, frame->theme->text, label);
    } else {
        room = strong_left(frame, line, TEXT_SMALL, frame->theme->text, name);
    }
    rect_cut_left(&line, room + 3.0f);
    if (value[0]) {
        number_right(frame, line, TEXT_SMALL, frame->theme->secondary, value);
    }
    if (hovered(frame, (struct rect){ place.x, place.y, place.w, place.h + text_height })) {
        driver_tip(frame, run, k);
    }
}

static void draw_pictures(const struct frame *frame, struct rect area, int run) {
    const struct layer_detail *detail = frame_detail(frame, run);
    float gap = picture_gap(frame);
    float aspect = (float)detail->shape.width / (float)detail->shape.height;
    float one = picture_width(frame, area, aspect, DETAIL_TOP);
    float two = picture_width(frame, area, aspect, DETAIL_TOP / 2);
    int across = two > one ? DETAIL_TOP / 2 : DETAIL_TOP;
    float width = two > one ? two : one, height = width / aspect + text_height;
    for (int k = 0; k < detail->drivers; k++) {
        struct rect place = { area.x + (float)(k % across) * (width + gap),
                              area.y + (float)(k / across) * height, width, width / aspect };
        draw_driver(frame, place, run, k);
    }
}

/* The part of the plane that the batch lies in. */
struct plane {
    float low[2], high[2];
    float least, most; // of h
};

static struct plane plane_of(const struct layer_detail *detail) {
    struct plane plane = { .low = { INFINITY, INFINITY },
                           .high = { -INFINITY, -INFINITY },
                           .least = INFINITY,
                           .most = -INFINITY };
    for (int i = 0; i < detail->activations; i++) {
        for (int k = 0; k < 2; k++) {
            plane.low[k] = fminf(plane.low[k], detail->point[i][k]);
            plane.high[k] = fmaxf(plane.high[k], detail->point[i][k]);
        }
        plane.least = fminf(plane.least, detail->h[i]);
        plane.most = fmaxf(plane.most, detail->h[i]);
    }
    return plane;
}

static float between(float value, float low, float high) {
    return high > low ? (value - low) / (high - low) : 0.5f;
}

static struct point point_at(const struct plane *plane, struct rect area, const float *point) {
    return (struct point){ area.x + area.w * between(point[0], plane->low[0], plane->high[0]),
                           area.y +
                               area.h * (1.0f - between(point[1], plane->low[1], plane->high[1])) };
}

static void draw_dot(const struct frame *frame, struct point at, float radius, colour ink) {
    struct rect dot = { at.x - radius, at.y - radius, 2.0f * radius, 2.0f * radius };
    draw_rounded(frame->list, dot, radius, ink);
}

/* Every example where it lies, the stronger the larger h; those that drive the unit most are
 * ringed. */
static void draw_points(const struct frame *frame, struct rect area, int run) {
    const struct layer_detail *detail = frame_detail(frame, run);
    struct plane plane = plane_of(detail);
    area.w = fminf(area.w, PLANE_ASPECT * area.h);
    draw_ground(frame, area);
    struct rect inner = rect_inset(area, 7.0f, 7.0f);
    int every = detail->activations / 1024 + 1;
    for (int i = 0; i < detail->activations; i += every) {
        float share = between(detail->h[i], plane.least, plane.most);
        draw_dot(frame, point_at(&plane, inner, detail->point[i]), 2.5f,
                 theme_strength(frame->state->theme, run, share));
    }
    for (int k = 0; k < detail->drivers; k++) {
        struct point at = point_at(&plane, inner, detail->driver[k].input);
        struct rect ring = { at.x - 5.0f, at.y - 5.0f, 10.0f, 10.0f };
        draw_frame(frame->list, ring, 5.0f, 1.5f, frame->theme->mark);
        if (hovered(frame, ring)) {
            driver_tip(frame, run, k);
        }
    }
}

/* As many of the first ones as fit. */
static void draw_list(const struct frame *frame, struct rect area, int run) {
    const struct layer_detail *detail = frame_detail(frame, run);
    int down = (int)fmaxf(area.h / 15.0f, 1.0f);
    int most = (int)fmaxf(area.w / LIST_COLUMN, 1.0f), across = (DETAIL_TOP + down - 1) / down;
    across = across < most ? across : most;
    for (int k = 0; k < detail->drivers && k < across * down; k++) {
        const struct driver *driver = &detail->driver[k];
        struct rect column = rect_column(area, k / down, across);
        struct rect line = { column.x, column.y + 15.0f * (float)(k % down), column.w - 10.0f,
                             15.0f };
        char text[NAME_TEXT + 24], fitting[NAME_TEXT + 24], class[NAME_TEXT], value[32];
        class_title(frame, driver->label, class);
        text_set(text, sizeof text, "example %d, %s", driver->example + 1, class);
        format_value(value, sizeof value, (double)driver->h);
        float room = line.w - width_of(frame, FONT_NUMBER, TEXT_LABEL, value) - 6.0f;
        fit_start(frame, TEXT_LABEL, room, text, fitting, sizeof fitting);
        label_left(frame, line, TEXT_LABEL, frame->theme->secondary, fitting);
        number_right(frame, line, TEXT_LABEL, frame->theme->text, value);
        if (hovered(frame, line)) {
            driver_tip(frame, run, k);
        }
    }
}

float unit_examples_width(const struct frame *frame, float height) {
    const struct layer_detail *detail = frame_detail(frame, frame_detail(frame, 0) ? 0 : 1);
    if (!has_pictures(detail)) {
        return detail->features == PLANE_FEATURES ? PLANE_ASPECT * height : LIST_WIDTH;
    }
    float aspect = (float)detail->shape.width / (float)detail->shape.height;
    float in_two = DETAIL_TOP / 2 * ((0.5f * height - text_height) * aspect + picture_gap(frame));
    float in_one = DETAIL_TOP * ((height - text_height) * aspect + picture_gap(frame));
    return height > TWO_LINES ? in_two : in_one;
}

void unit_examples_draw(const struct frame *frame, struct rect area, int run) {
    const struct layer_detail *detail = frame_detail(frame, run);
    if (detail->drivers == 0) {
        label_left(frame, area, TEXT_LABEL, frame->theme->secondary, "no example has a finite z");
    } else if (has_pictures(detail)) {
        draw_pictures(frame, area, run);
    } else if (detail->features == PLANE_FEATURES) {
        draw_points(frame, area, run);
    } else {
        draw_list(frame, area, run);
    }
}
