#include "beneath.h"

#include <math.h>

enum { MOST_CLIPS = 16 };

double luminance(colour c) {
    static const double weights[] = { 0.2126, 0.7152, 0.0722 };
    double sum = 0.0;
    for (int i = 0; i < 3; i++) {
        double channel = (double)(c >> (16 - 8 * i) & 0xff) / 255.0;
        double linear = channel <= 0.04045 ? channel / 12.92 : pow((channel + 0.055) / 1.055, 2.4);
        sum += weights[i] * linear;
    }
    return sum;
}

double contrast(colour a, colour b) {
    double x = luminance(a) + 0.05, y = luminance(b) + 0.05;
    return x > y ? x / y : y / x;
}

colour over(colour under, colour ink) {
    double share = (double)(ink >> 24) / 255.0;
    colour mixed = 0xff000000u;
    for (int shift = 0; shift < 24; shift += 8) {
        double low = (double)(under >> shift & 0xff), high = (double)(ink >> shift & 0xff);
        mixed |= (colour)lround(low + (high - low) * share) << shift;
    }
    return mixed;
}

static bool inside(struct rect rect, struct point at) {
    return at.x >= rect.x && at.x < rect.x + rect.w && at.y >= rect.y && at.y < rect.y + rect.h;
}

static struct point point_of(const struct display_list *list, const struct draw_op *op, size_t i) {
    const float *numbers = list->numbers + op->first + 2 * i;
    return (struct point){ numbers[0], numbers[1] };
}

static float distance(struct point at, struct point a, struct point b) {
    float dx = b.x - a.x, dy = b.y - a.y, length = dx * dx + dy * dy;
    float share = length > 0.0f ? ((at.x - a.x) * dx + (at.y - a.y) * dy) / length : 0.0f;
    share = fminf(fmaxf(share, 0.0f), 1.0f);
    return hypotf(at.x - a.x - share * dx, at.y - a.y - share * dy);
}

static bool on_line(const struct display_list *list, const struct draw_op *op, struct point at) {
    for (size_t i = 0; i + 1 < op->count; i++) { // false with a NaN, which is a gap
        if (distance(at, point_of(list, op, i), point_of(list, op, i + 1)) <= 0.5f * op->width) {
            return true;
        }
    }
    return false;
}

static bool in_area(const struct display_list *list, const struct draw_op *op, struct point at) {
    for (size_t i = 0; i + 1 < op->count; i++) {
        struct point a = point_of(list, op, i), b = point_of(list, op, i + 1);
        if (at.x >= a.x && at.x < b.x) {
            float edge = a.y + (b.y - a.y) * (at.x - a.x) / (b.x - a.x);
            return fminf(edge, op->base) <= at.y && at.y <= fmaxf(edge, op->base);
        }
    }
    return false;
}

/* Convex: on the same side of all its edges. */
static bool in_polygon(const struct display_list *list, const struct draw_op *op, struct point at) {
    int left = 0, right = 0;
    for (size_t i = 0; i < op->count; i++) {
        struct point a = point_of(list, op, i), b = point_of(list, op, (i + 1) % op->count);
        float side = (b.x - a.x) * (at.y - a.y) - (b.y - a.y) * (at.x - a.x);
        left += side > 0.0f;
        right += side < 0.0f;
    }
    return left == 0 || right == 0;
}

static bool in_bar(const struct display_list *list, const struct draw_op *op, struct point at) {
    const struct rect *rect = &op->rect;
    if (!inside(*rect, at)) {
        return false;
    }
    float x = (at.x - rect->x) / rect->w, y = 1.0f - (at.y - rect->y) / rect->h;
    float along = op->grow == GROW_UP ? x : y;
    float reach = op->grow == GROW_UP ? y : op->grow == GROW_RIGHT ? x : 1.0f - x;
    size_t bar = (size_t)(along * (float)op->count);
    return reach <= list->numbers[op->first + (bar < op->count ? bar : op->count - 1)];
}

static colour pixel_at(const struct display_list *list, const struct draw_op *op, struct point at) {
    int x = (int)((at.x - op->rect.x) / op->rect.w * (float)op->image_width);
    int y = (int)((at.y - op->rect.y) / op->rect.h * (float)op->image_height);
    return list->pixels[op->pixels + (size_t)(y * op->image_width + x)] | 0xff000000u;
}

static bool covers(const struct display_list *list, const struct draw_op *op, struct point at) {
    struct rect hole = { op->rect.x + op->width, op->rect.y + op->width,
                         op->rect.w - 2.0f * op->width, op->rect.h - 2.0f * op->width };
    switch (op->kind) {
    case DRAW_RECT:
    case DRAW_IMAGE:
        return inside(op->rect, at);
    case DRAW_FRAME:
        return inside(op->rect, at) && !inside(hole, at);
    case DRAW_POLYLINE:
        return on_line(list, op, at);
    case DRAW_AREA:
        return in_area(list, op, at);
    case DRAW_POLYGON:
        return in_polygon(list, op, at);
    case DRAW_HISTOGRAM:
        return in_bar(list, op, at);
    default:
        return false;
    }
}

colour beneath(const struct display_list *list, size_t end, struct point at) {
    bool seen[MOST_CLIPS] = { true };
    int clips = 0;
    colour ground = 0xff000000u;
    for (size_t i = 0; i < end; i++) {
        const struct draw_op *op = &list->ops[i];
        if (op->kind == DRAW_CLIP && clips + 1 < MOST_CLIPS) {
            seen[clips + 1] = seen[clips] && inside(op->rect, at);
            clips++;
        } else if (op->kind == DRAW_UNCLIP) {
            clips--;
        } else if (seen[clips] && covers(list, op, at)) {
            ground = op->kind == DRAW_IMAGE ? pixel_at(list, op, at) : over(ground, op->colour);
        }
    }
    return ground;
}
