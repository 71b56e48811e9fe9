#include "view/time_axis.h"

#include <math.h>

#include "base/text.h"

bool time_past(const struct frame *frame) {
    return frame->state->cursor >= 0;
}

int time_runs(const struct frame *frame) {
    return frame->history->runs < frame->runs ? frame->history->runs : frame->runs;
}

const char *time_letter(const struct frame *frame, int run) {
    static const char *const letters[SNAPSHOT_RUNS] = { "A: ", "B: " };
    return frame->runs == 2 ? letters[run] : "";
}

float time_column_x(const struct frame *frame, struct rect plot, int column) {
    int columns = frame->history->columns;
    return plot.x + plot.w * (columns > 1 ? (float)column / (float)(columns - 1) : 0.0f);
}

static double span(const struct frame *frame) {
    double steps = (double)(frame->history->last_step - frame->history->first_step);
    return fmax(steps, 1.0);
}

/* Where a step stands; may lie outside of the plot. */
static float time_x(const struct frame *frame, struct rect plot, double step) {
    double share = (step - (double)frame->history->first_step) / span(frame);
    return plot.x + plot.w * (float)share;
}

int time_hovered(const struct frame *frame, struct rect plot) {
    int columns = frame->history->columns;
    if (columns == 0 || !hovered(frame, plot)) {
        return -1;
    }
    float share = (frame->state->pointer.x - plot.x) / plot.w;
    int column = (int)(share * (float)(columns - 1) + 0.5f);
    return column < 0 ? 0 : column < columns ? column : columns - 1;
}

static void draw_upright(const struct frame *frame, struct rect plot, float x, float width,
                         colour ink) {
    draw_rect(frame->list, (struct rect){ x - 0.5f * width, plot.y, width, plot.h }, ink);
}

static void draw_cursor(const struct frame *frame, struct rect plot) {
    const struct theme_row *theme = frame->theme;
    float x = time_x(frame, plot, (double)frame->snapshot->step);
    if (x < plot.x - 1.0f || x > plot.x + plot.w + 1.0f) {
        return;
    }
    draw_upright(frame, plot, x, 4.0f, theme->background);
    draw_upright(frame, plot, x, 2.0f, theme->focus);
    char text[48];
    text_grouped(text, sizeof text, (uint64_t)frame->snapshot->step);
    float width = width_of(frame, FONT_NUMBER, TEXT_SMALL, text) + 9.0f;
    float left = fminf(fmaxf(x - 0.5f * width, plot.x), plot.x + plot.w - width);
    struct rect tag = { left, plot.y + plot.h - 15.0f, width, 14.0f };
    draw_rounded(frame->list, tag, 3.0f, theme->focus);
    number_centre(frame, tag, TEXT_SMALL, theme->background, text);
}

/* Changes while it trained: a line with a flag each, and what it was where the pointer is near. */
static void draw_events(const struct frame *frame, struct rect plot) {
    const float near = 5.0f, flag = 6.0f;
    const struct event_log *events = &frame->history->events;
    float pointer = frame->state->pointer.x;
    for (int i = 0; i < events->count; i++) {
        const struct event *event = &events->event[i];
        float x = time_x(frame, plot, (double)event->step);
        if (x < plot.x || x > plot.x + plot.w) {
            continue;
        }
        const struct point up[] = { { x, plot.y + plot.h }, { x, plot.y } };
        draw_polyline(frame->list, up, 2, (struct stroke){ 1.0f, 3.0f, 3.0f, frame->theme->mark });
        struct rect mark = { fminf(x, plot.x + plot.w - flag), plot.y, flag, flag };
        draw_rect(frame->list, mark, frame->theme->mark);
        if (hovered(frame, plot) && fabsf(pointer - x) <= near) {
            char step[32];
            text_grouped(step, sizeof step, (uint64_t)event->step);
            tip(frame, event->changes > 1 ? "up to step %s: %s" : "at step %s: %s", step,
                event->text);
        }
    }
}

void time_axis_draw(const struct frame *frame, struct rect plot) {
    const struct history_view *history = frame->history;
    if (history->columns == 0) {
        return;
    }
    bool newest = history->last_step >= frame->state->newest;
    add_hit_range(frame, (struct view_hit){ .rect = plot,
                                            .kind = HIT_TIME,
                                            .value = newest,
                                            .left = (double)history->first_step,
                                            .right = (double)history->last_step });
    draw_events(frame, plot);
    if (hovered(frame, plot)) {
        draw_upright(frame, plot, frame->state->pointer.x, 1.0f,
                     theme_fade(frame->theme->text, 0.5f));
    }
    if (time_past(frame)) {
        draw_cursor(frame, plot);
    }
}
