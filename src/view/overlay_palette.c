/* overlay_palette.c - what is typed, and below it what it finds, the best first. */
#include <math.h>

#include "base/text.h"
#include "view/panel.h"

enum { PAD = 12, FIELD = 34, ROW = 24, LINE = 16, LINES = 2, FOOT = 22, WIDTH = 680 };

/* The text and, behind it, where the next character will stand. */
static void draw_field(const struct frame *frame, struct rect box) {
    const struct theme_row *theme = frame->theme;
    const struct view_palette *palette = &frame->state->palette;
    draw_rounded(frame->list, box, 4.0f, theme->background);
    draw_frame(frame->list, box, 4.0f, 1.5f, theme->focus);
    box = rect_inset(box, 10.0f, 0.0f);
    char many[48];
    text_set(many, sizeof many, "%d found", palette->count);
    rect_cut_right(&box, number_right(frame, box, TEXT_LABEL, theme->secondary, many) + 10.0f);
    char typed[VIEW_TYPED + 4];
    fit_end(frame, TEXT_BODY, box.w - 3.0f, palette->typed, typed, sizeof typed);
    if (palette->typed[0] == '\0') {
        struct rect hint = box;
        rect_cut_left(&hint, 5.0f);
        label_left(frame, hint, TEXT_BODY, theme->secondary,
                   "a command, a setting or one of its values, a view, a preset");
    }
    float width = label_left(frame, box, TEXT_BODY, theme->text, typed);
    draw_rect(frame->list, (struct rect){ box.x + width + 1.0f, box.y + 8.0f, 1.0f, box.h - 16.0f },
              theme->text);
}

static void draw_found(const struct frame *frame, struct rect box, const struct view_found *row,
                       int index) {
    const struct theme_row *theme = frame->theme;
    bool selected = index == frame->state->palette.selected;
    if (selected) {
        draw_rounded(frame->list, box, 3.0f, theme_blend(theme->panel, theme->focus, 0.16f));
    }
    add_hit(frame, box, HIT_PALETTE_ROW, index);
    box = rect_inset(box, 8.0f, 0.0f);
    struct rect kind = rect_cut_right(&box, 68.0f);
    label_right(frame, kind, TEXT_SMALL, theme->secondary, row->kind);
    float cap = row->key[0] ? key_cap_width(frame, row->key) : 0.0f;
    struct rect key = rect_cut_right(&box, fmaxf(cap, 30.0f) + 8.0f);
    if (row->key[0]) {
        key_cap(frame, key.x + key.w - cap, key.y + 0.5f * key.h, row->key);
    }
    float name = strong_left(frame, box, TEXT_BODY, theme->text, row->name);
    rect_cut_left(&box, fmaxf(name + 12.0f, 0.0f));
    char about[sizeof row->about + 4];
    fit_start(frame, TEXT_LABEL, box.w, row->about, about, sizeof about);
    label_left(frame, box, TEXT_LABEL, theme->secondary, about);
}

/* What the selected one is, in full. */
static void draw_about(const struct frame *frame, struct rect area) {
    const struct view_palette *palette = &frame->state->palette;
    const struct view_found *row = &palette->rows[palette->selected - palette->first];
    struct wrapped_line lines[LINES];
    int count = wrap_text(frame, FONT_LABEL, TEXT_LABEL, area.w, row->about, lines, LINES);
    for (int i = 0; i < count; i++) {
        char text[sizeof row->about];
        text_set(text, sizeof text, "%.*s", lines[i].length, lines[i].start);
        label_left(frame, rect_cut_top(&area, LINE), TEXT_LABEL, frame->theme->text, text);
    }
}

void overlay_palette_draw(const struct frame *frame, struct rect area) {
    const struct theme_row *theme = frame->theme;
    const struct view_palette *palette = &frame->state->palette;
    tip_clear(frame);
    frame->hits->count = 0; // a click beside it closes it
    draw_rect(frame->list, area, theme_fade(theme->background, 0.6f));
    int rows = palette->count - palette->first;
    rows = rows > VIEW_PALETTE_ROWS ? VIEW_PALETTE_ROWS : rows;
    float width = fminf(WIDTH, area.w - 2.0f * frame->margin);
    float height = 2.0f * PAD + FIELD + 6.0f + (float)(rows > 0 ? rows : 1) * ROW;
    height += 8.0f + LINES * LINE + FOOT;
    struct rect box = { area.x + 0.5f * (area.w - width), area.y + 64.0f, width, height };
    draw_rounded(frame->list, box, 8.0f, theme->panel);
    draw_frame(frame->list, box, 8.0f, 1.0f, theme->axis);
    add_hit(frame, box, HIT_PALETTE, 0);
    box = rect_inset(box, PAD, PAD);
    draw_field(frame, rect_cut_top(&box, FIELD));
    rect_cut_top(&box, 6.0f);
    struct rect foot = rect_inset(rect_cut_bottom(&box, FOOT), 8.0f, 0.0f);
    struct rect about = rect_inset(rect_cut_bottom(&box, LINES * LINE + 8.0f), 8.0f, 4.0f);
    for (int i = 0; i < rows; i++) {
        draw_found(frame, rect_cut_top(&box, ROW), &palette->rows[i], palette->first + i);
    }
    draw_rect(frame->list, (struct rect){ about.x, about.y - 2.0f, about.w, 1.0f }, theme->grid);
    if (rows > 0) {
        draw_about(frame, about);
    } else {
        label_centre(frame, box, TEXT_BODY, theme->secondary, "nothing has such a name");
    }
    label_left(frame, foot, TEXT_SMALL, theme->secondary,
               "Enter does it · ↑ ↓ choose · Esc closes");
}
