/* panel_units.c - the units of the looked-at layer that pass on least: dead and saturated ones. */
#include <math.h>

#include "base/text.h"
#include "view/format.h"
#include "view/layer_parts.h"

enum { MOST_SHOWN = 64, MOST_NAMED = 12 };

static const float row_height = 16.0f, head_height = 20.0f;

/* "3 dead, 12 saturated of 100": on the whole batch. */
static void draw_counts(const struct frame *frame, struct rect box, int run) {
    const struct layer_detail *detail = frame_detail(frame, run);
    const char *rule = snapshot_saturation_rule(&frame->snapshot->run[run], detail->layer);
    bool saturates = rule[0] != '\0';
    bool bad = detail->dead + detail->stuck > 0;
    char whole[64], counts[48], least[32];
    text_set(counts, sizeof counts, "%d dead", detail->dead);
    if (saturates) {
        text_append(counts, sizeof counts, ", %d saturated", detail->stuck);
    }
    text_set(whole, sizeof whole, "%s of %d", counts, detail->units);
    text_set(least, sizeof least, saturates && detail->dead == 0 ? "%d saturated" : "%d dead",
             saturates && detail->dead == 0 ? detail->stuck : detail->dead);
    label_left(frame, box, TEXT_LABEL, bad ? frame->theme->bad : frame->theme->secondary,
               text_that_fits(frame, box.w, (const char *const[]){ whole, counts, least }, 3));
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
        char title[NAME_TEXT];
        unit_title(frame, frame_detail(frame, run), index, title);
        tip(frame, "%s%s", run_prefix(frame, run), title);
        unit_tip(frame, run, index);
    }
}

/* Does the list end before the chosen unit? */
static bool is_below(const struct frame *frame, const struct layer_detail *detail, int rows) {
    int place = 0;
    while (place < detail->units && detail->order[place] + 1 != frame_unit(frame)) {
        place++;
    }
    return place >= rows && place < detail->units;
}

/* The units by name, as many as there is room for. */
static void name_units(const struct frame *frame, const struct layer_detail *detail,
                       const char *what, int count) {
    char text[TIP_LENGTH];
    text_set(text, sizeof text, "%s:", what);
    for (int i = 0; i < count && i < MOST_NAMED; i++) {
        text_append(text, sizeof text, "%s %d", i > 0 ? "," : "", detail->order[i] + 1);
    }
    if (count > MOST_NAMED) {
        text_append(text, sizeof text, " and %d more", count - MOST_NAMED);
    }
    text_append(text, sizeof text, "%s", count == 0 ? " none" : "");
    tip(frame, "%s", text);
}

static void head_tip(const struct frame *frame, int run) {
    const struct layer_detail *detail = frame_detail(frame, run);
    const char *rule = snapshot_saturation_rule(&frame->snapshot->run[run], detail->layer);
    tip(frame, "%d of %d units are dead: 0 for each of the %d examples", detail->dead,
        detail->units, detail->examples);
    if (rule[0]) {
        tip(frame, "%d are saturated for each of them: %s", detail->stuck, rule);
    }
    int idle = detail->dead > detail->stuck ? detail->dead : detail->stuck;
    name_units(frame, detail, "they lead the list", idle);
}

/* What a past step still tells: how many, but not which. */
static void draw_past_counts(const struct frame *frame, struct rect box, int run) {
    const struct layer_stats *layer = frame_layer(frame, run, frame->selected);
    char text[64] = "no such layer";
    if (layer) {
        text_set(text, sizeof text, "%d dead of %d", (int)layer->dead, layer->units);
    }
    label_left(frame, box, TEXT_LABEL, frame->theme->secondary, text);
}

static void draw_head(const struct frame *frame, struct rect head, int run) {
    const struct layer_detail *detail = frame_detail(frame, run);
    rect_cut_left(&head, 6.0f);
    if (frame->runs == 2) {
        rect_cut_left(&head, run_badge(frame, head.x, head.y + 0.5f * head.h, run) + 6.0f);
    }
    if (!detail) {
        draw_past_counts(frame, head, run);
    } else if (!detail->hidden || detail->identity) {
        label_left(frame, head, TEXT_LABEL, frame->theme->secondary, "has no activation");
    } else {
        draw_counts(frame, head, run);
        if (hovered(frame, head)) {
            head_tip(frame, run);
        }
    }
}

/* The list, and below it the chosen unit where it is not on it. */
static void draw_run(const struct frame *frame, struct rect area, int run) {
    const struct layer_detail *detail = frame_detail(frame, run);
    draw_head(frame, rect_cut_top(&area, head_height), run);
    if (!detail || !detail->hidden || detail->identity) {
        return;
    }
    int rows = (int)(area.h / row_height);
    rows = rows < detail->units ? rows : detail->units;
    struct rect pinned = { 0 };
    if (is_below(frame, detail, rows)) {
        pinned = rect_cut_bottom(&area, row_height + 3.0f);
        rows = (int)(area.h / row_height);
    }
    for (int i = 0; i < rows && i < MOST_SHOWN; i++) {
        draw_unit(frame, rect_cut_top(&area, row_height), run, detail->order[i]);
    }
    if (pinned.h > 0.0f) {
        struct point left = { pinned.x + 6.0f, pinned.y };
        draw_line(frame->list, left, (struct point){ pinned.x + pinned.w - 6.0f, pinned.y }, 1.0f,
                  frame->theme->axis);
        rect_cut_top(&pinned, 2.0f);
        draw_unit(frame, rect_cut_top(&pinned, row_height), run, frame_unit(frame) - 1);
    }
}

void panel_units_draw(const struct frame *frame, struct rect area) {
    static const char *const about[] = { "by the share of the batch on which h is 0 or saturated",
                                         "share of the batch: 0 or saturated", "0 or saturated" };
    panel_title(frame, &area, SUBJECT_UNITS, "Idle units", about, 3);
    draw_ground(frame, area);
    for (int run = 0; run < frame->runs; run++) {
        struct rect part = rect_column(area, run, frame->runs);
        draw_run(frame, part, run);
    }
}
