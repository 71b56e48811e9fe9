#include "view/axis.h"

#include <math.h>
#include <string.h>

#include "base/require.h"
#include "base/text.h"
#include "view/format.h"
#include "view/panel.h"

enum { MOST_TICKS = 8, LEAST_LABELLED = 20 };

static const double slack = 1e-9; // of a step: forgives rounding when ticks meet an end

double axis_round_up(double value) {
    static const double round_numbers[] = { 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0 };
    double power = pow(10.0, floor(log10(value)));
    for (int i = 0; i < ARRAY_LEN(round_numbers); i++) {
        if (value <= round_numbers[i] * power * (1.0 + slack)) {
            return round_numbers[i] * power;
        }
    }
    return 10.0 * power;
}

/* Heckbert's nice number nearest to value. */
static double nice_number(double value) {
    double power = pow(10.0, floor(log10(value)));
    double lead = value / power;
    return power * (lead < 1.5 ? 1.0 : lead < 3.0 ? 2.0 : lead < 7.0 ? 5.0 : 10.0);
}

/* As many decades as leave `spacing` between ticks, but not so many that there is but one tick. */
static double decade_step(double decades, float length, float spacing) {
    static const double steps[] = { 1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 50.0 };
    int i = 0;
    while (i + 1 < ARRAY_LEN(steps) && 2.0 * steps[i + 1] <= decades &&
           steps[i] * (double)length < (double)spacing * decades) {
        i++;
    }
    return steps[i];
}

void axis_set_length(struct axis *axis, float length, float spacing) {
    double range = axis->high - axis->low;
    double ticks = fmin(fmax(1.0, floor((double)(length / spacing))), MOST_TICKS);
    axis->step = axis->log ? decade_step(range, length, spacing) : nice_number(range / ticks);
}

struct axis axis_exact(double low, double high, float length, float spacing) {
    struct axis axis = { .low = low, .high = high };
    axis_set_length(&axis, length, spacing);
    return axis;
}

struct axis axis_linear(double low, double high, float length, float spacing) {
    double top = high > 0.0 ? axis_round_up(high) : 0.0;
    double bottom = low < 0.0 ? -axis_round_up(-low) : 0.0;
    if (!(top > bottom)) {
        top = 1.0;
    }
    return axis_exact(bottom, top, length, spacing);
}

struct axis axis_decades(double low, double high, int least, float length) {
    double bottom = floor(low + slack), top = ceil(high - slack);
    if (top - bottom < (double)least) {
        bottom = top - (double)least;
    }
    struct axis axis = { .low = bottom, .high = top, .log = true };
    axis_set_length(&axis, length, 22.0f);
    return axis;
}

double axis_coordinate(const struct axis *axis, double value) {
    return !axis->log ? value : value > 0.0 ? log10(value) : (double)NAN;
}

float axis_y(const struct axis *axis, struct rect area, double at) {
    double share = (at - axis->low) / (axis->high - axis->low);
    return area.y + area.h * (float)(1.0 - share);
}

float axis_x(const struct axis *axis, struct rect area, double at) {
    return area.x + area.w * (float)((at - axis->low) / (axis->high - axis->low));
}

bool axis_tick(const struct axis *axis, int index, double *at) {
    double first = ceil(axis->low / axis->step - slack);
    *at = (first + (double)index) * axis->step;
    return *at <= axis->high + slack * axis->step;
}

void axis_label(const struct axis *axis, double at, char *text, size_t size) {
    if (axis->log) {
        format_decade(text, size, (int)lround(at));
        return;
    }
    if (fabs(at) < slack * axis->step) {
        text_set(text, size, "0");
        return;
    }
    double extent = fmax(fabs(axis->low), fabs(axis->high));
    if (extent >= 1e5 || axis->step < 1e-4) {
        int digits = (int)(floor(log10(fabs(at)) + slack) - floor(log10(axis->step) + slack));
        format_power(text, size, at, digits > 0 ? digits + 1 : 1);
        if (digits == 1 && strstr(text, ".0e")) {
            format_power(text, size, at, 1);
        }
        return;
    }
    int decimals = (int)fmax(0.0, -floor(log10(axis->step) + slack));
    text_set(text, size, "%.*f", decimals, at);
}

void axis_draw_rows(const struct frame *frame, const struct axis *axis, struct rect area,
                    struct rect gutter) {
    double at;
    float last = INFINITY;
    for (int i = 0; axis_tick(axis, i, &at); i++) {
        float y = axis_y(axis, area, at);
        draw_line(frame->list, (struct point){ area.x, y }, (struct point){ area.x + area.w, y },
                  1.0f, frame->theme->grid);
        if (y < gutter.y - 0.5f || y > gutter.y + gutter.h + 0.5f || area.h < LEAST_LABELLED) {
            continue;
        }
        char text[32];
        axis_label(axis, at, text, sizeof text);
        // labels at the ends stay inside, clear of what stands above and below
        float middle = fminf(fmaxf(y, area.y + 3.0f), area.y + area.h - 4.0f);
        if (last - middle < 11.0f) {
            continue; // in a plot that is lower than two labels
        }
        last = middle;
        struct rect box = { gutter.x, middle - 6.0f, gutter.w, 12.0f };
        label_right(frame, box, TEXT_LABEL, frame->theme->secondary, text);
    }
}
