/* bar_top.c - the name, the chips with the present settings, and how far the training is. */
#include <math.h>
#include <string.h>

#include "base/require.h"
#include "base/text.h"
#include "view/time_axis.h"

static const char name[] = "layerscope";

/* How chips are drawn: the first of these that fits, from generous to dense. */
struct chip_style {
    enum { LABEL_ALL, LABEL_NEEDED, LABEL_NONE } labels;
    int size;
    float pad, gap, height;
    int rows;
    bool all; // the spare ones too
};
static const struct chip_style styles[] = {
    { LABEL_ALL, TEXT_BODY, 7.0f, 8.0f, 28.0f, 1, true },
    { LABEL_NEEDED, TEXT_BODY, 7.0f, 8.0f, 28.0f, 1, true },
    { LABEL_NEEDED, TEXT_LABEL, 4.0f, 6.0f, 26.0f, 1, true },
    { LABEL_NEEDED, TEXT_LABEL, 4.0f, 6.0f, 26.0f, 1, false },
    { LABEL_NONE, TEXT_LABEL, 4.0f, 5.0f, 26.0f, 1, false },
    { LABEL_NEEDED, TEXT_LABEL, 4.0f, 5.0f, 24.0f, 2, true },
    { LABEL_NONE, TEXT_LABEL, 4.0f, 5.0f, 24.0f, 2, true },
    { LABEL_NONE, TEXT_LABEL, 4.0f, 5.0f, 24.0f, 2, false },
};
static const float row_gap = 4.0f;
static const char separator[] = " | ";

static bool differs(const struct frame *frame, const struct view_chip *chip) {
    return frame->runs == 2 && chip->value[1][0] != '\0' &&
           strcmp(chip->value[0], chip->value[1]) != 0;
}

static bool has_label(const struct view_chip *chip, const struct chip_style *style) {
    return style->labels == LABEL_ALL || (style->labels == LABEL_NEEDED && !chip->speaks);
}

static float chip_width(const struct frame *frame, const struct view_chip *chip,
                        const struct chip_style *style) {
    float width = 2.0f * style->pad;
    width += chip->key[0] ? key_cap_width(frame, chip->key) + 7.0f : 0.0f;
    width += width_of(frame, FONT_LABEL, style->size, chip->value[0]);
    if (has_label(chip, style)) {
        width += width_of(frame, FONT_LABEL, TEXT_LABEL, chip->label) + 8.0f;
    }
    if (differs(frame, chip)) {
        width += width_of(frame, FONT_LABEL, style->size, separator);
        width += width_of(frame, FONT_LABEL, style->size, chip->value[1]);
    }
    return ceilf(width + 2.0f);
}

static void step_text(const struct frame *frame, char *text, size_t size) {
    char step[32], newest[32];
    text_grouped(step, sizeof step, (uint64_t)frame->snapshot->step);
    if (time_past(frame)) {
        text_grouped(newest, sizeof newest, (uint64_t)frame->state->newest);
        text_set(text, size, "step %s of %s", step, newest);
        return;
    }
    text_set(text, size, "step %s", step);
    if (!isnan(frame->snapshot->epoch)) {
        text_append(text, size, " · epoch %.2f", frame->snapshot->epoch);
    }
}

/* The second line: what the worker is doing. */
static void state_text(const struct frame *frame, char *text, size_t size) {
    const struct snapshot *snapshot = frame->snapshot;
    char number[32];
    text[0] = '\0';
    if (snapshot->has_runs && time_past(frame)) {
        text_set(text, size, "the past · End: now");
        return;
    }
    if (snapshot->has_runs && frame->state->ghost) {
        text_grouped(number, sizeof number, (uint64_t)frame->state->ghost->step);
        text_set(text, size, "ghost: step %s", number);
        return;
    }
    if (!snapshot->has_runs) { // the message stands in the middle of the window
        return;
    }
    switch (snapshot->state) {
    case WORKER_LOADING:
        text_set(text, size, "%s", snapshot->message[0] ? snapshot->message : "loading…");
        break;
    case WORKER_PAUSED:
        text_set(text, size, "paused");
        break;
    case WORKER_STOPPED:
        text_set(text, size, "stopped");
        break;
    case WORKER_RUNNING:
        if (!frame->state->steady && snapshot->steps_per_second > 0.0) {
            text_grouped(number, sizeof number, (uint64_t)llround(snapshot->steps_per_second));
            text_set(text, size, "%s steps/s", number);
        }
        break;
    }
}

static const float patch_pad = 12.0f; // of the past's patch, both sides together

/* Room kept for the step, so that chips do not move while it counts up. */
static float status_width(const struct frame *frame) {
    char text[80];
    step_text(frame, text, sizeof text);
    float least = width_of(frame, FONT_NUMBER, TEXT_LABEL, "step 00,000 · epoch 00.00");
    float patch = time_past(frame) ? patch_pad : 0.0f;
    return fmaxf(least, width_of(frame, FONT_NUMBER, TEXT_LABEL, text) + patch);
}

static float name_width(const struct frame *frame) {
    return width_of(frame, FONT_STRONG, TEXT_TITLE + 2, name);
}

/* Where the chips may stand. */
static struct rect chips_area(const struct frame *frame, struct rect bar) {
    bar = rect_inset(bar, frame->margin, 0.0f);
    rect_cut_left(&bar, name_width(frame) + frame->margin);
    rect_cut_right(&bar, status_width(frame) + frame->margin);
    return bar;
}

/* A chip and where it stands in the area of the chips. */
struct chip_place {
    const struct view_chip *chip;
    struct rect rect;
};

/* Flow the chips into rows. Returns how many fit; *whole says whether that is all of the style. */
static int flow_chips(const struct frame *frame, const struct chip_style *style, float width,
                      struct chip_place *place, bool *whole) {
    float x = 0.0f;
    int row = 0, count = 0;
    *whole = true;
    for (int i = 0; i < frame->state->chip_count; i++) {
        const struct view_chip *chip = &frame->state->chips[i];
        if (chip->spare && !style->all) {
            continue;
        }
        float w = fminf(chip_width(frame, chip, style), width);
        if (x > 0.0f && x + w > width) {
            row++;
            x = 0.0f;
        }
        if (row >= style->rows) {
            *whole = false;
            return count;
        }
        struct rect rect = { x, (float)row * (style->height + row_gap), w, style->height };
        place[count++] = (struct chip_place){ chip, rect };
        x += w + style->gap;
    }
    return count;
}

static const struct chip_style *choose_style(const struct frame *frame, float width) {
    struct chip_place place[VIEW_MAX_CHIPS];
    bool whole = false;
    int style = -1;
    while (!whole && style < ARRAY_LEN(styles) - 1) {
        flow_chips(frame, &styles[++style], width, place, &whole);
    }
    return &styles[style];
}

float bar_top_height(const struct frame *frame) {
    struct rect bar = { 0.0f, 0.0f, frame->state->width, 0.0f };
    const struct chip_style *style = choose_style(frame, chips_area(frame, bar).w);
    float chips = (float)style->rows * (style->height + row_gap) - row_gap;
    return fmaxf(chips + 14.0f, frame->tight ? 44.0f : 52.0f);
}

static void draw_piece(const struct frame *frame, struct rect *box, enum font font, int size,
                       colour ink, const char *text) {
    struct text_style style = { font, (float)size, ALIGN_LEFT, ink };
    rect_cut_left(box, draw_text(frame->list, *box, style, "%s", text));
}

static void tip_chip(const struct frame *frame, const struct view_chip *chip) {
    bool two = differs(frame, chip);
    tip(frame, "%s: %s%s%s%s", chip->about, two ? "A " : "", chip->value[0], two ? ", B " : "",
        two ? chip->value[1] : "");
    tip(frame, "%s steps it in A, so does the wheel; a click shows all there are", chip->key);
}

static void draw_chip(const struct frame *frame, const struct view_chip *chip,
                      const struct chip_style *style, struct rect box) {
    const struct theme_row *theme = frame->theme;
    draw_rounded(frame->list, box, 5.0f, theme->panel);
    draw_frame(frame->list, box, 5.0f, 1.0f, theme->grid);
    struct rect whole = box;
    box = rect_inset(box, style->pad, 0.0f);
    if (chip->key[0]) {
        add_hit(frame, whole, HIT_CHIP, chip->command);
        if (hovered(frame, whole)) {
            tip_chip(frame, chip);
        }
        rect_cut_left(&box, key_cap(frame, box.x, box.y + 0.5f * box.h, chip->key) + 7.0f);
    }
    if (has_label(chip, style)) {
        draw_piece(frame, &box, FONT_LABEL, TEXT_LABEL, theme->secondary, chip->label);
        rect_cut_left(&box, 8.0f);
    }
    if (!differs(frame, chip)) {
        draw_piece(frame, &box, FONT_LABEL, style->size, theme->text, chip->value[0]);
        return;
    }
    draw_piece(frame, &box, FONT_LABEL, style->size, theme->run_text[0], chip->value[0]);
    draw_piece(frame, &box, FONT_LABEL, style->size, theme->secondary, separator);
    draw_piece(frame, &box, FONT_LABEL, style->size, theme->run_text[1], chip->value[1]);
}

static void draw_chips(const struct frame *frame, struct rect area) {
    const struct chip_style *style = choose_style(frame, area.w);
    struct chip_place place[VIEW_MAX_CHIPS];
    bool whole;
    int count = flow_chips(frame, style, area.w, place, &whole);
    float bottom = count > 0 ? place[count - 1].rect.y + style->height : 0.0f;
    float top = area.y + 0.5f * (area.h - bottom);
    for (int i = 0; i < count; i++) {
        struct rect box = place[i].rect;
        box.x += area.x;
        box.y += top;
        draw_chip(frame, place[i].chip, style, box);
    }
}

/* The step; a past one on a patch, so that nobody takes it for the present. */
static void draw_step(const struct frame *frame, struct rect line, const char *text) {
    if (!time_past(frame)) {
        number_right(frame, line, TEXT_LABEL, frame->theme->text, text);
        return;
    }
    struct rect patch =
        rect_cut_right(&line, width_of(frame, FONT_NUMBER, TEXT_LABEL, text) + patch_pad);
    draw_rounded(frame->list, patch, 3.0f, frame->theme->focus);
    number_centre(frame, patch, TEXT_LABEL, frame->theme->background, text);
}

static void draw_status(const struct frame *frame, struct rect area) {
    char text[SNAPSHOT_SENTENCE * 2];
    area = rect_cut_right(&area, status_width(frame));
    explain(frame, area, SUBJECT_STEP);
    state_text(frame, text, sizeof text);
    float height = text[0] ? 34.0f : 17.0f;
    struct rect lines = { area.x, area.y + 0.5f * (area.h - height), area.w, height };
    struct rect second = rect_cut_bottom(&lines, height - 17.0f);
    number_right(frame, second, TEXT_LABEL, frame->theme->secondary, text);
    if (frame->snapshot->has_runs) {
        step_text(frame, text, sizeof text);
        draw_step(frame, lines, text);
    }
}

void bar_top_draw(const struct frame *frame, struct rect area) {
    draw_rect(frame->list, area, frame->theme->panel);
    bool past = time_past(frame);
    float rule = past ? 2.0f : 1.0f;
    draw_rect(frame->list, (struct rect){ area.x, area.y + area.h - rule, area.w, rule },
              past ? frame->theme->focus : frame->theme->grid);
    struct rect inner = rect_inset(area, frame->margin, 0.0f);
    inner.w += 2.0f; // the name's own width, rounded
    strong_left(frame, inner, TEXT_TITLE + 2, frame->theme->text, name);
    inner.w -= 2.0f;
    draw_chips(frame, chips_area(frame, area));
    draw_status(frame, inner);
}
