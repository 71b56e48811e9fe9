/* overlay_menu_detail.c - below the menu's list: what the selected setting is, and may be. */
#include "base/require.h"
#include "base/text.h"
#include "view/panel.h"

enum { HEAD = 26, MOST_LINES = 6, OPTION_PAD = 5 };

float menu_detail_height(const struct frame *frame) {
    return frame->tight ? 200.0f : 224.0f;
}

/* Which setting, of whom, and what the command line calls it. */
static void draw_head(const struct frame *frame, struct rect strip) {
    const struct view_menu *menu = &frame->state->menu;
    const struct view_row *row = &menu->rows[menu->selected];
    if (row->value[1][0]) {
        rect_cut_left(&strip,
                      run_badge(frame, strip.x, strip.y + 0.5f * strip.h, menu->run) + 6.0f);
    }
    strong_left(frame, strip, TEXT_BODY, frame->theme->text, row->label);
    number_right(frame, strip, TEXT_LABEL, frame->theme->secondary, menu->spelled);
}

/* What it may be. The mark of changed values in the list is explained by the default's. */
static void draw_accepts(const struct frame *frame, struct rect *area) {
    const struct view_menu *menu = &frame->state->menu;
    const struct view_row *row = &menu->rows[menu->selected];
    struct rect line = *area;
    if (row->changed[row->value[1][0] ? menu->run : 0]) {
        menu_mark_changed(frame, rect_cut_left(&line, 10.0f).x, line.y + 0.5f * TEXT_LINE);
    }
    write_paragraph(frame, &line, frame->theme->secondary, menu->accepts, 2);
    rect_cut_top(area, area->h - line.h + 2.0f);
}

/* What another name would be, before it is chosen. */
static void tip_choice(const struct frame *frame, const struct view_choice *choice) {
    const char *const lines[] = { choice->label, choice->formula, choice->about, choice->source };
    tip_clear(frame);
    for (int i = 0; i < ARRAY_LEN(lines); i++) {
        if (lines[i]) {
            tip(frame, "%s", lines[i]);
        }
    }
}

static void draw_option(const struct frame *frame, struct rect box, int option) {
    const struct theme_row *theme = frame->theme;
    const struct view_menu *menu = &frame->state->menu;
    bool chosen = option == menu->option;
    box = rect_inset(box, 1.0f, frame->tight ? 0.5f : 1.0f);
    if (chosen) {
        draw_rounded(frame->list, box, 3.0f, theme->raised);
        draw_frame(frame->list, box, 3.0f, 1.0f, theme->focus);
    }
    add_hit(frame, box, HIT_MENU_OPTION, option);
    if (hovered(frame, box)) {
        tip_choice(frame, &menu->choices[option]);
    }
    label_centre(frame, box, TEXT_LABEL, chosen ? theme->text : theme->secondary,
                 menu->options[option]);
}

/* All names one after the other, in lines cut off the top of *area. */
static void draw_options(const struct frame *frame, struct rect *area) {
    const struct view_menu *menu = &frame->state->menu;
    const float height = frame->tight ? 18.0f : 20.0f;
    struct rect line = rect_cut_top(area, height);
    for (int i = 0; i < menu->option_count; i++) {
        float width = width_of(frame, FONT_LABEL, TEXT_LABEL, menu->options[i]) + 1.0f +
                      2.0f * (OPTION_PAD + 1.0f);
        if (width > line.w) {
            line = rect_cut_top(area, height);
        }
        if (line.h < height) {
            return;
        }
        draw_option(frame, rect_cut_left(&line, width), i);
    }
    rect_cut_top(area, 4.0f);
}

/* What the chosen name stands for. */
static void draw_choice(const struct frame *frame, struct rect area) {
    const struct theme_row *theme = frame->theme;
    const struct view_choice *choice = &frame->state->menu.choice;
    if (!choice->label || area.h < TEXT_LINE) {
        return;
    }
    struct rect head = rect_cut_top(&area, TEXT_LINE + 2.0f);
    rect_cut_left(&head, strong_left(frame, head, TEXT_LABEL, theme->text, choice->label) + 10.0f);
    if (choice->formula && width_of(frame, FONT_LABEL, TEXT_LABEL, choice->formula) <= head.w) {
        label_left(frame, head, TEXT_LABEL, theme->text, choice->formula);
    } else {
        write_paragraph(frame, &area, theme->text, choice->formula, 2);
    }
    write_paragraph(frame, &area, theme->text, choice->about, 2);
    write_paragraph(frame, &area, theme->secondary, choice->source, 2);
}

void menu_detail_draw(const struct frame *frame, struct rect area) {
    const struct theme_row *theme = frame->theme;
    const struct view_menu *menu = &frame->state->menu;
    draw_rect(frame->list, rect_cut_top(&area, 1.0f), theme->grid);
    draw_head(frame, rect_cut_top(&area, HEAD));
    write_paragraph(frame, &area, theme->text, menu->about, 2);
    draw_accepts(frame, &area);
    if (menu->idle[0]) {
        char text[sizeof menu->idle + 32];
        text_set(text, sizeof text, "without effect here: %s", menu->idle);
        write_paragraph(frame, &area, theme->warning, text, 2);
        rect_cut_top(&area, 2.0f);
    }
    if (menu->option_count > 0) {
        draw_options(frame, &area);
    }
    if (menu->problem[0]) {
        rect_cut_top(&area, 4.0f);
        write_paragraph(frame, &area, theme->bad, menu->problem, MOST_LINES);
    } else {
        draw_choice(frame, area);
    }
}
