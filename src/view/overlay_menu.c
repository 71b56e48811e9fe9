/*
 * overlay_menu.c - every setting, beside the layers, which stay in sight while it is changed.
 *
 * A list by group, of which the window shows as much as fits, and below it what there is to say
 * about the selected row. The list moves only as far as the selected row asks for.
 */
#include <math.h>
#include <string.h>

#include "view/panel.h"

enum { PAD = 14, TITLE = 36, FOOT = 30, CELL_PAD = 10, BAR = 4 };

/* The list: rows, and the headings of groups as lines of their own. */
struct list {
    struct rect area;
    float line;       // height of a line
    float label;      // width of the names
    int first, shown; // lines
    int lines;        // in all
    int columns;      // of values: 1 or 2
};

static bool has_heading(const struct view_menu *menu, int row) {
    return row == 0 || strcmp(menu->rows[row].group, menu->rows[row - 1].group) != 0;
}

/* The line of a row; of row_count: how many lines there are. */
static int line_of(const struct view_menu *menu, int row) {
    int line = row;
    for (int i = 0; i <= row && i < menu->row_count; i++) {
        line += has_heading(menu, i);
    }
    return line;
}

float overlay_menu_width(const struct frame *frame) {
    float width = fminf(fmaxf(0.32f * frame->state->width, 460.0f), 560.0f);
    return frame->state->menu.open ? width : 0.0f;
}

/* Where the list starts so that the selected row and a line above and below it are in it. */
static int first_line(const struct view_menu *menu, int shown, int lines) {
    int selected = line_of(menu, menu->selected), first = menu->first;
    first = first < selected - shown + 2 ? selected - shown + 2 : first;
    first = first > selected - 1 ? selected - 1 : first;
    first = first > lines - shown ? lines - shown : first;
    return first < 0 ? 0 : first;
}

static struct list lay_out(const struct frame *frame, struct rect area) {
    const struct view_menu *menu = &frame->state->menu;
    struct list list = { .area = area, .columns = frame->state->compare ? 2 : 1 };
    list.lines = line_of(menu, menu->row_count);
    list.line = frame->tight ? 18.0f : 20.0f;
    list.shown = (int)(area.h / list.line);
    list.first = first_line(menu, list.shown, list.lines);
    list.label = 0.33f * area.w;
    return list;
}

/* The cell of a run's value; of both where there is only one. */
static struct rect cell(const struct list *list, struct rect line, int run, bool both) {
    rect_cut_left(&line, list->label);
    rect_cut_right(&line, BAR + 4.0f);
    line = both ? line : rect_column(line, run, list->columns);
    line.w -= 6.0f; // between the columns
    return line;
}

static void draw_typed(const struct frame *frame, struct rect box) {
    const struct theme_row *theme = frame->theme;
    const struct view_menu *menu = &frame->state->menu;
    char text[VIEW_TYPED + 4];
    draw_rounded(frame->list, box, 3.0f, theme->background);
    draw_frame(frame->list, box, 3.0f, 1.5f, menu->problem[0] ? theme->bad : theme->focus);
    box = rect_inset(box, CELL_PAD, 0.0f);
    fit_end(frame, TEXT_LABEL, box.w - 3.0f, menu->typed, text, sizeof text);
    float width = width_of(frame, FONT_LABEL, TEXT_LABEL, text);
    struct rect caret = { box.x + width + 1.0f, box.y + 4.0f, 1.0f, box.h - 8.0f };
    if (menu->fresh && width > 0.0f) {
        struct rect marked = { box.x - 2.0f, box.y + 3.0f, width + 4.0f, box.h - 6.0f };
        draw_rect(frame->list, marked, theme->focus);
        label_left(frame, box, TEXT_LABEL, theme->background, text);
        return;
    }
    label_left(frame, box, TEXT_LABEL, theme->text, text);
    draw_rect(frame->list, caret, theme->text);
}

void menu_mark_changed(const struct frame *frame, float x, float middle) {
    struct rect dot = { x, middle - 2.0f, 4.0f, 4.0f };
    draw_rounded(frame->list, dot, 2.0f, frame->theme->focus);
}

static void draw_value(const struct frame *frame, struct rect box, const struct view_row *row,
                       int run) {
    const struct theme_row *theme = frame->theme;
    bool same = strcmp(row->value[0], row->value[1]) == 0;
    bool shared = row->value[1][0] == '\0';
    colour ink = row->idle[run]                     ? theme->secondary
                 : shared || !frame->state->compare ? theme->text
                 : same                             ? theme->secondary
                                                    : theme->run_text[run];
    char text[sizeof row->value[0] + 4];
    if (row->changed[run]) {
        menu_mark_changed(frame, box.x + 2.0f, box.y + 0.5f * box.h);
    }
    rect_cut_left(&box, CELL_PAD);
    rect_cut_right(&box, 4.0f);
    fit_end(frame, TEXT_LABEL, box.w, row->value[run], text, sizeof text);
    label_left(frame, box, TEXT_LABEL, ink, text);
}

static void draw_cell(const struct frame *frame, const struct list *list, struct rect line, int row,
                      int run) {
    const struct view_menu *menu = &frame->state->menu;
    const struct view_row *shown = &menu->rows[row];
    bool shared = shown->value[1][0] == '\0';
    bool edited = row == menu->selected && (shared || run == menu->run);
    struct rect box = cell(list, line, run, shared);
    add_hit(frame, box, HIT_MENU_VALUE, 2 * row + (shared ? menu->run : run));
    struct rect field = { box.x, box.y + 1.0f, box.w, box.h - 2.0f };
    if (edited && menu->typing) {
        draw_typed(frame, field);
        return;
    }
    if (edited) {
        draw_frame(frame->list, field, 3.0f, 1.0f, frame->theme->focus);
    }
    draw_value(frame, box, shown, run);
}

static void draw_row(const struct frame *frame, const struct list *list, struct rect line,
                     int row) {
    const struct theme_row *theme = frame->theme;
    const struct view_menu *menu = &frame->state->menu;
    if (row == menu->selected) {
        struct rect patch = line;
        rect_cut_right(&patch, BAR + 2.0f);
        draw_rounded(frame->list, patch, 3.0f, theme_blend(theme->panel, theme->focus, 0.16f));
    }
    struct rect name = { line.x, line.y, list->label, line.h };
    add_hit(frame, name, HIT_MENU_ROW, row);
    rect_cut_left(&name, CELL_PAD);
    const struct view_row *shown = &menu->rows[row];
    bool idle = shown->idle[0] && (shown->idle[1] || !shown->value[1][0]);
    label_left(frame, name, TEXT_LABEL, idle ? theme->secondary : theme->text, shown->label);
    for (int run = 0; run < list->columns && (run == 0 || menu->rows[row].value[1][0]); run++) {
        draw_cell(frame, list, line, row, run);
    }
}

static struct rect line_rect(const struct list *list, int line) {
    return (struct rect){ list->area.x, list->area.y + (float)(line - list->first) * list->line,
                          list->area.w, list->line };
}

static bool is_shown(const struct list *list, int line) {
    return line >= list->first && line < list->first + list->shown;
}

/* How much of the list is seen, and which part. */
static void draw_bar(const struct frame *frame, const struct list *list) {
    if (list->lines <= list->shown) {
        return;
    }
    float part = list->area.h / (float)list->lines;
    struct rect bar = { list->area.x + list->area.w - BAR, list->area.y + (float)list->first * part,
                        BAR, (float)list->shown * part };
    draw_rounded(frame->list, bar, 0.5f * BAR, frame->theme->axis);
}

static void draw_list(const struct frame *frame, const struct list *list) {
    const struct view_menu *menu = &frame->state->menu;
    for (int row = 0; row < menu->row_count; row++) {
        int line = line_of(menu, row);
        if (has_heading(menu, row) && is_shown(list, line - 1)) {
            struct rect heading = line_rect(list, line - 1);
            strong_left(frame, heading, TEXT_BODY, frame->theme->secondary, menu->rows[row].group);
        }
        if (is_shown(list, line)) {
            draw_row(frame, list, line_rect(list, line), row);
        }
    }
    draw_bar(frame, list);
}

/* Which column is whose, and which one is edited. */
static void draw_heads(const struct frame *frame, const struct list *list, struct rect title) {
    title.x = list->area.x;
    title.w = list->area.w;
    for (int run = 0; run < list->columns && frame->state->compare; run++) {
        struct rect head = cell(list, title, run, false);
        float x = head.x + CELL_PAD, middle = head.y + 0.5f * head.h;
        float width = run_badge(frame, x, middle, run);
        if (run == frame->state->menu.run) {
            struct rect under = { x, middle + 10.0f, width, 2.0f };
            draw_rect(frame->list, under, frame->theme->focus);
        }
    }
}

/* Its keys, as many as fit. */
static void draw_foot(const struct frame *frame, struct rect strip) {
    for (int i = 0; i < frame->state->key_count; i++) {
        const struct view_key *key = &frame->state->keys[i];
        float width = key_cap_width(frame, key->key) + 6.0f +
                      width_of(frame, FONT_LABEL, TEXT_LABEL, key->label);
        if (!key->menu || width > strip.w) {
            continue;
        }
        struct rect box = rect_cut_left(&strip, width + 14.0f);
        add_hit(frame, box, HIT_COMMAND, key->command);
        rect_cut_left(&box, key_cap(frame, box.x, box.y + 0.5f * box.h, key->key) + 6.0f);
        label_left(frame, box, TEXT_LABEL, frame->theme->secondary, key->label);
    }
}

void overlay_menu_draw(const struct frame *frame, struct rect area) {
    const struct theme_row *theme = frame->theme;
    if (!frame->state->menu.open) {
        return;
    }
    if (hovered(frame, area)) { // not what is below
        tip_clear(frame);
    }
    draw_rect(frame->list, area, theme->panel);
    draw_rect(frame->list, rect_cut_left(&area, 1.0f), theme->axis);
    add_hit(frame, area, HIT_MENU, 0);
    area = rect_inset(area, PAD, 0.0f);
    struct rect title = rect_cut_top(&area, TITLE);
    draw_foot(frame, rect_cut_bottom(&area, FOOT));
    struct rect detail = rect_cut_bottom(&area, menu_detail_height(frame));
    struct list list = lay_out(frame, area);
    strong_left(frame, title, TEXT_TITLE + 3, theme->text, "Settings");
    draw_heads(frame, &list, title);
    label_right(frame, title, TEXT_LABEL, theme->secondary, "Esc closes");
    draw_list(frame, &list);
    menu_detail_draw(frame, detail);
    frame->hits->menu_first = list.first;
}
