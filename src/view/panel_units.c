/* panel_units.c - the units of the looked-at layer that pass on least: dead and saturated ones. */
#include <math.h>

#include "base/text.h"
#include "view/format.h"
#include "view/layer_parts.h"

enum { MOST_SHOWN = 64 };

static const float row_height = 16.0f;

/* "3 dead, 12 saturated of 100" */
static void count_text(const struct layer_detail *detail, char *text, size_t size) {
    text_set(text, size, "%d dead", detail->dead);
    if (detail->stuck > 0) {
        text_append(text, size, ", %d saturated", detail->stuck);
    }
    text_append(text, size, " of %d", detail->units);
}

static void draw_unit(const struct frame *frame, struct rect row, int run, int index) {
    const struct layer_detail *detail = frame_detail(frame, run);
    const struct unit_stats *unit = &detail->unit_stats[index];
    bool zeros = unit->zero >= unit->saturated;
    bool chosen = index + 1 == frame_unit(frame);
    float idle = unit_idle(detail, index);
    char number[16], share[16];
    if (chosen) {
        draw_rect(frame->list, row, theme_fade(frame->theme->focus, 0.22f));
    }
    text_set(number, sizeof number, "%d", index + 1);
    format_share(share, sizeof share, zeros ? unit->zero : unit->saturated,
                 (uint64_t)detail->examples);
    struct rect box = rect_inset(row, 6.0f, 0.0f);
    struct rect left = rect_cut_left(&box, 30.0f);
    number_right(frame, left, TEXT_LABEL, chosen ? frame->theme->text : frame->theme->secondary,
                 number);
    rect_cut_left(&box, 8.0f);
    struct rect right = rect_cut_right(&box, 34.0f);
    number_right(frame, right, TEXT_LABEL, frame->theme->text, share);
    rect_cut_right(&box, 6.0f);
    struct rect bar = rect_inset(box, 0.0f, 0.5f * (box.h - 8.0f));
    draw_rect(frame->list, bar, frame->theme->grid);
    bar.w *= idle;
    if (idle > 0.0f) {
        draw_rect(frame->list, bar, idle >= 1.0f ? frame->theme->bad : frame->theme->warning);
    }
    add_hit_range(
        frame,
        (struct view_hit){ .rect = row, .kind = HIT_UNIT, .left = index + 1, .right = index + 1 });
    if (hovered(frame, row)) {
        tip(frame, "%sunit %d", run_prefix(frame, run), index + 1);
        unit_tip(frame, run, index);
    }
}

/* The first place of the list that is shown, so that the chosen unit is among them. */
static int first_shown(const struct frame *frame, const struct layer_detail *detail, int rows) {
    int place = 0;
    while (place < detail->units && detail->order[place] + 1 != frame_unit(frame)) {
        place++;
    }
    if (place >= detail->units || place < rows) {
        return 0;
    }
    int first = place - rows / 2;
    return first > detail->units - rows ? detail->units - rows : first;
}

static void draw_head(const struct frame *frame, struct rect head, int run,
                      const struct layer_detail *detail) {
    char text[64] = "not in this network";
    rect_cut_left(&head, 6.0f);
    if (frame->runs == 2) {
        rect_cut_left(&head, run_badge(frame, head.x, head.y + 0.5f * head.h, run) + 6.0f);
    }
    if (detail) {
        count_text(detail, text, sizeof text);
    }
    bool bad = detail && detail->dead + detail->stuck > 0;
    label_left(frame, head, TEXT_LABEL, bad ? frame->theme->bad : frame->theme->secondary, text);
}

static void draw_run(const struct frame *frame, struct rect area, int run) {
    const struct layer_detail *detail = frame_detail(frame, run);
    draw_head(frame, rect_cut_top(&area, 20.0f), run, detail);
    if (!detail) {
        return;
    }
    if (!detail->hidden || detail->identity) {
        label_left(frame, rect_inset(rect_cut_top(&area, row_height), 6.0f, 0.0f), TEXT_LABEL,
                   frame->theme->secondary,
                   detail->hidden ? "no activation of its own" : "the output has no activation");
    }
    int rows = (int)(area.h / row_height);
    rows = rows < detail->units ? rows : detail->units;
    rows = rows < MOST_SHOWN ? rows : MOST_SHOWN;
    int first = first_shown(frame, detail, rows);
    for (int i = 0; i < rows; i++) {
        draw_unit(frame, rect_cut_top(&area, row_height), run, detail->order[first + i]);
    }
}

void panel_units_draw(const struct frame *frame, struct rect area) {
    static const char *const about[] = { "by the share of the batch on which h is 0 or saturated",
                                         "share of the batch: 0 or saturated", "0 or saturated" };
    panel_title(frame, &area, "Idle units", about, 3);
    draw_ground(frame, area);
    for (int run = 0; run < frame->runs; run++) {
        struct rect part = rect_column(area, run, frame->runs);
        draw_run(frame, part, run);
    }
}
