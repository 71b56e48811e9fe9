#include "draw/rect.h"

/* How much of a strip of wanted size fits into room; NaN counts as nothing. */
static float fitting(float wanted, float room) {
    if (!(wanted > 0.0f) || !(room > 0.0f)) {
        return 0.0f;
    }
    return wanted < room ? wanted : room;
}

struct rect rect_cut_top(struct rect *rect, float height) {
    struct rect cut = *rect;
    cut.h = fitting(height, rect->h);
    rect->y += cut.h;
    rect->h -= cut.h;
    return cut;
}

struct rect rect_cut_bottom(struct rect *rect, float height) {
    struct rect cut = *rect;
    cut.h = fitting(height, rect->h);
    rect->h -= cut.h;
    cut.y = rect->y + rect->h;
    return cut;
}

struct rect rect_cut_left(struct rect *rect, float width) {
    struct rect cut = *rect;
    cut.w = fitting(width, rect->w);
    rect->x += cut.w;
    rect->w -= cut.w;
    return cut;
}

struct rect rect_cut_right(struct rect *rect, float width) {
    struct rect cut = *rect;
    cut.w = fitting(width, rect->w);
    rect->w -= cut.w;
    cut.x = rect->x + rect->w;
    return cut;
}

/* Shrink one side by d at both ends; what would turn inside out collapses to its middle. */
static void inset_side(float *start, float *length, float d) {
    if (*length >= 2.0f * d) {
        *start += d;
        *length -= 2.0f * d;
    } else {
        *start += 0.5f * *length;
        *length = 0.0f;
    }
}

struct rect rect_inset(struct rect rect, float dx, float dy) {
    inset_side(&rect.x, &rect.w, dx);
    inset_side(&rect.y, &rect.h, dy);
    return rect;
}

// Both edges come from the same formula, so neighbours share theirs to the last bit.
static float edge(float start, float length, int index, int count) {
    return start + length * (float)index / (float)count;
}

struct rect rect_column(struct rect rect, int index, int count) {
    if (count < 1) {
        count = 1;
    }
    float left = edge(rect.x, rect.w, index, count);
    float right = edge(rect.x, rect.w, index + 1, count);
    return (struct rect){ left, rect.y, right - left, rect.h };
}

struct rect rect_row(struct rect rect, int index, int count) {
    if (count < 1) {
        count = 1;
    }
    float top = edge(rect.y, rect.h, index, count);
    float bottom = edge(rect.y, rect.h, index + 1, count);
    return (struct rect){ rect.x, top, rect.w, bottom - top };
}

bool rect_contains(struct rect rect, float x, float y) {
    return x >= rect.x && x < rect.x + rect.w && y >= rect.y && y < rect.y + rect.h;
}
