#include "view/class_mark.h"

#include <math.h>

static const float ground_share = 0.32f, rim_width = 1.2f, wrong_rim = 1.8f;

static const colour colours[THEME_COUNT][CLASS_COLOURS] = {
    [THEME_DARK] = { 0xff5df3b1, 0xffdda1d0, 0xffeef683, 0xffff9d8a },
    [THEME_LIGHT] = { 0xff00594f, 0xff7a2f52, 0xff4f4600, 0xff8f2a1c },
    [THEME_PRINT] = { 0xff00594f, 0xff7a2f52, 0xff4f4600, 0xff8f2a1c },
};

colour class_colour(enum theme theme, int class) {
    return colours[theme][class % CLASS_COLOURS];
}

colour class_ground(enum theme theme, int class, float sureness) {
    float share = fminf(fmaxf(sureness, 0.0f), 1.0f) * ground_share;
    return theme_blend(themes[theme].panel, class_colour(theme, class), share);
}

/* Relative luminance as of WCAG 2, near enough to choose between black and white. */
static float luminance(colour c) {
    static const float weights[] = { 0.2126f, 0.7152f, 0.0722f };
    float sum = 0.0f;
    for (int i = 0; i < 3; i++) {
        sum += weights[i] * powf((float)(c >> (16 - 8 * i) & 0xff) / 255.0f, 2.2f);
    }
    return sum;
}

colour text_on(colour ground) {
    const float even = 0.179f; // where both have the same contrast
    return luminance(ground) < even ? 0xffffffff : 0xff000000;
}

/* Corners of the shapes but the first, which is round, on a circle of radius 1. */
static const struct shape {
    int count;
    struct point corner[4];
} shapes[CLASS_SHAPES] = {
    { 0, { { 0.0f, 0.0f } } },
    { 3, { { 0.0f, -1.15f }, { 1.08f, 0.75f }, { -1.08f, 0.75f } } },
    { 4, { { -0.84f, -0.84f }, { 0.84f, -0.84f }, { 0.84f, 0.84f }, { -0.84f, 0.84f } } },
    { 4, { { 0.0f, -1.25f }, { 1.0f, 0.0f }, { 0.0f, 1.25f }, { -1.0f, 0.0f } } },
    { 3, { { -1.08f, -0.75f }, { 1.08f, -0.75f }, { 0.0f, 1.15f } } },
};

static void draw_shape(const struct frame *frame, struct point at, float radius,
                       const struct shape *shape, colour ink) {
    if (shape->count == 0) {
        struct rect box = { at.x - radius, at.y - radius, 2.0f * radius, 2.0f * radius };
        draw_rounded(frame->list, box, radius, ink);
        return;
    }
    struct point corners[4] = { { 0.0f, 0.0f } };
    for (int i = 0; i < shape->count; i++) {
        corners[i] = (struct point){ at.x + radius * shape->corner[i].x,
                                     at.y + radius * shape->corner[i].y };
    }
    draw_polygon(frame->list, corners, shape->count, ink);
}

void class_mark(const struct frame *frame, struct point at, float radius, int class,
                enum class_rim rim) {
    const struct shape *shape = &shapes[class % CLASS_SHAPES];
    if (rim == RIM_WRONG) {
        draw_shape(frame, at, radius + wrong_rim, shape, frame->theme->bad);
    } else if (rim == RIM_THIN) {
        draw_shape(frame, at, radius + rim_width, shape, frame->theme->background);
    }
    draw_shape(frame, at, radius, shape, class_colour(frame->state->theme, class));
}
