/* panel_history.c - a number per layer over all steps so far, as colour. */
#include "base/text.h"
#include "view/history_map.h"
#include "view/time_axis.h"

static void draw_run_labels(const struct frame *frame, struct rect area, int run) {
    float right = area.x - 6.0f;
    int layers = frame->history->layers[run];
    if (frame->runs == 2) {
        run_badge(frame, area.x - frame->gutter + 2.0f, area.y + 0.5f * area.h, run);
    }
    if (area.h < 22.0f || layers < 2) {
        return;
    }
    char last[16];
    text_set(last, sizeof last, "%d", layers);
    struct rect top = { right - 30.0f, area.y, 30.0f, 11.0f };
    struct rect bottom = { right - 30.0f, area.y + area.h - 11.0f, 30.0f, 11.0f };
    label_right(frame, top, TEXT_SMALL, frame->theme->secondary, "1");
    label_right(frame, bottom, TEXT_SMALL, frame->theme->secondary, last);
}

static void draw_steps(const struct frame *frame, struct rect strip) {
    char text[96], number[32];
    text_grouped(number, sizeof number, (uint64_t)frame->history->first_step);
    text_set(text, sizeof text, "step %s", number);
    label_left(frame, strip, TEXT_LABEL, frame->theme->secondary, text);
    if (frame->history->last_step > frame->history->first_step) {
        text_grouped(text, sizeof text, (uint64_t)frame->history->last_step);
        label_right(frame, strip, TEXT_LABEL, frame->theme->secondary, text);
    }
    if (frame->history->bytes_budget > 0 && !frame->state->bare) {
        char used[32], budget[32];
        text_bytes(used, sizeof used, (double)frame->history->bytes_used);
        text_bytes(budget, sizeof budget, (double)frame->history->bytes_budget);
        text_set(text, sizeof text, "memory: %s of %s", used, budget);
        label_centre(frame, strip, TEXT_SMALL, frame->theme->secondary, text);
    }
}

void panel_history_draw(const struct frame *frame, struct rect area) {
    enum history_quantity quantity = history_of_gradient(frame->state->gradient);
    struct history_map map;
    history_map_init(frame, &map, quantity);
    char full[96], brief[64];
    text_set(full, sizeof full, "log₁₀ %s as colour, layer × step", history_kinds[quantity].symbol);
    text_set(brief, sizeof brief, "log₁₀ %s", history_kinds[quantity].symbol);
    struct rect rest = panel_title(frame, &area, SUBJECT_HISTORY, "History",
                                   (const char *const[]){ full, brief }, 2);
    rect_cut_left(&area, frame->gutter);
    struct rect steps = rect_cut_bottom(&area, 16.0f);
    draw_ground(frame, area);
    int runs = time_runs(frame);
    if (frame->history->columns == 0 || runs == 0) {
        label_centre(frame, area, TEXT_LABEL, frame->theme->secondary, "no step recorded yet");
        return;
    }
    history_map_draw_scale(frame, &map, rest);
    for (int run = 0; run < runs; run++) {
        struct rect part = rect_row(area, run, runs);
        if (runs == 2) {
            (run == 0 ? rect_cut_bottom : rect_cut_top)(&part, 1.0f);
        }
        history_map_draw(frame, &map, part, run);
        draw_run_labels(frame, part, run);
    }
    draw_steps(frame, steps);
    time_axis_draw(frame, area);
}
