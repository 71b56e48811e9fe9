#include "view/class_mark.h"

#include <math.h>

static const float ground_share = 0.36f, rim_width = 1.2f, wrong_rim = 1.8f;

static const colour colours[THEME_COUNT][CLASS_COLOURS] = {
    [THEME_DARK] = { 0xff5df3b1, 0xffdda1d0, 0xffeef683, 0xffff9d8a },
    [THEME_LIGHT] = { 0xff00594f, 0xff7a2f52, 0xff4f4600, 0xff8f2a1c },
    [THEME_PRINT] = { 0xff00594f, 0xff7a2f52, 0xff4f4600, 0xff8f2a1c },
};

static const colour signed_ends[THEME_COUNT][2] = {
    [THEME_DARK] = { 0xffef9e3c, 0xffb9a6f2 },
    [THEME_LIGHT] = { 0xff8f4a00, 0xff4a2d86 },
    [THEME_PRINT] = { 0xff8f4a00, 0xff4a2d86 },
};

colour class_colour(enum theme theme, int class) {
    return colours[theme][class % CLASS_COLOURS];
}

colour class_ground(enum theme theme, int class, float sureness) {
    float share = fminf(fmaxf(sureness, 0.0f), 1.0f) * ground_share;
    return theme_blend(themes[theme].panel, class_colour(theme, class), share);
}

colour signed_colour(enum theme theme, float value) {
    if (isnan(value)) {
        return themes[theme].panel;
    }
    return theme_blend(themes[theme].panel, signed_ends[theme][value > 0.0f],
                       fminf(fabsf(value), 1.0f));
}

static float brightness(colour c) {
    return 0.299f * (float)(c >> 16 & 0xff) + 0.587f * (float)(c >> 8 & 0xff) +
           0.114f * (float)(c & 0xff);
}

colour text_on(enum theme theme, colour ground) {
    colour text = themes[theme].text, other = themes[theme].background;
    colour bright = brightness(text) > brightness(other) ? text : other;
    return brightness(ground) < 138.0f ? bright : bright == text ? other : text;
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
    struct point corners[4];
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
