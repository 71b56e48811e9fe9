/* overlay_help.c - every key by group, in as many columns as the window needs. */
#include <math.h>
#include <string.h>

#include "base/require.h"
#include "base/text.h"
#include "view/panel.h"

enum { MOST_COLUMNS = 4, TALLEST_ROW = 24, CAP_ROW = 17, LEAST_ROW = 14, TITLE = 36, PAD = 20 };

static const float heading_rows = 1.5f; // height of a group's heading, in rows

/* Where a key stands; `heading` when its group's name stands above it. */
struct spot {
    int key; // index into the state's keys
    int column;
    float y; // in rows
    bool heading;
};

struct help {
    bool whole; // no group goes on in the next column
    int columns;
    float row;          // points
    float height;       // rows of the longest column
    float column_width; // points
    float cap_width;
    int count;
    struct spot spot[VIEW_MAX_KEYS];
};

static const char *group_of(const struct view_state *state, int key) {
    return state->keys[key].group ? state->keys[key].group : "";
}

static bool same_group(const struct view_state *state, int a, int b) {
    return strcmp(group_of(state, a), group_of(state, b)) == 0;
}

static bool is_new_group(const struct view_state *state, int key) {
    for (int i = 0; i < key; i++) {
        if (same_group(state, i, key)) {
            return false;
        }
    }
    return true;
}

/* The keys of a group together, groups in the order in which they first appear. */
static void collect(const struct view_state *state, struct help *help) {
    help->count = 0;
    for (int first = 0; first < state->key_count; first++) {
        if (!is_new_group(state, first)) {
            continue;
        }
        for (int i = first; i < state->key_count; i++) {
            if (same_group(state, first, i)) {
                help->spot[help->count++] = (struct spot){ .key = i, .heading = i == first };
            }
        }
    }
}

static float group_rows(const struct help *help, int first) {
    float rows = heading_rows + 1.0f;
    for (int i = first + 1; i < help->count && !help->spot[i].heading; i++) {
        rows += 1.0f;
    }
    return rows;
}

/* Rows that must fit below each other: of a group that may be parted, its heading and two keys. */
static float rows_together(const struct help *help, int i, float most) {
    if (!help->spot[i].heading) {
        return 1.0f;
    }
    float rows = group_rows(help, i);
    return fminf(help->whole ? rows : fminf(rows, heading_rows + 2.0f), most);
}

/* Fill columns of `most` rows. Returns how many columns. */
static int flow(struct help *help, float most) {
    int column = 0;
    float y = 0.0f;
    help->height = 0.0f;
    for (int i = 0; i < help->count; i++) {
        struct spot *spot = &help->spot[i];
        float needed = rows_together(help, i, most);
        if (y > 0.0f && y + needed > most) {
            column++;
            y = 0.0f;
        }
        y += spot->heading ? heading_rows : 0.0f;
        spot->column = column;
        spot->y = y;
        y += 1.0f;
        help->height = fmaxf(help->height, y);
    }
    return column + 1;
}

/* Even columns: the shortest height that still needs no more of them. */
static void balance(struct help *help, float most) {
    int columns = flow(help, most);
    float height = most;
    while (height > 4.0f && flow(help, height - 0.5f) <= columns) {
        height -= 0.5f;
    }
    flow(help, height);
}

static float widest_text(const struct frame *frame) {
    float widest = 0.0f;
    for (int i = 0; i < frame->state->key_count; i++) {
        widest =
            fmaxf(widest, width_of(frame, FONT_LABEL, TEXT_LABEL, frame->state->keys[i].about));
    }
    return widest;
}

/* Few columns with tall rows, else more of them, or lower ones. false: too many keys. */
static bool choose_columns(struct help *help, float height, float least) {
    int most_columns = least > LEAST_ROW ? MOST_COLUMNS - 1 : MOST_COLUMNS;
    for (help->columns = 1; help->columns <= most_columns; help->columns++) {
        for (help->row = TALLEST_ROW; help->row >= least; help->row -= 1.0f) {
            float most = floorf(height / help->row * 2.0f) / 2.0f;
            bool fits = flow(help, most) <= help->columns;
            bool roomy = help->row >= 22.0f || help->columns >= 3;
            if (fits && roomy) {
                balance(help, most);
                return true;
            }
        }
    }
    return false;
}

static void choose(const struct frame *frame, struct rect area, struct help *help) {
    const struct view_state *state = frame->state;
    float height = area.h - TITLE - 2 * PAD, width = area.w - 2 * PAD;
    collect(state, help);
    help->cap_width = 0.0f;
    for (int i = 0; i < state->key_count; i++) {
        help->cap_width = fmaxf(help->cap_width, key_cap_width(frame, state->keys[i].key));
    }
    float wanted = help->cap_width + 10.0f + widest_text(frame) + PAD;
    // whole groups with rows as tall as key caps, else parted groups, else whatever fits
    for (int way = 0; way < 3; way++) {
        help->whole = way != 1;
        if (choose_columns(help, height, way < 2 ? CAP_ROW : LEAST_ROW)) {
            help->column_width = fminf(wanted, width / (float)help->columns);
            return;
        }
    }
    help->columns = MOST_COLUMNS; // too many keys for the window: what does not fit is left out
    help->row = LEAST_ROW;
    help->column_width = width / MOST_COLUMNS;
    flow(help, floorf(height / help->row * 2.0f) / 2.0f);
}

/* What fits: the sentence, what is left without what it adds, as "(Shift: previous)", the label. */
static void draw_about(const struct frame *frame, struct rect box, const struct view_key *key) {
    static const char *const joints[] = { "; ", " (", ": ", ", as ", ", or " };
    const int count = ARRAY_LEN(joints);
    char text[192];
    text_set(text, sizeof text, "%s", key->about);
    for (int i = 0; i <= count && width_of(frame, FONT_LABEL, TEXT_LABEL, text) > box.w; i++) {
        char *joint = i < count ? strstr(text, joints[i]) : NULL;
        if (joint) {
            *joint = '\0';
        } else if (i == count && key->label[0] != '\0') {
            text_set(text, sizeof text, "%s", key->label);
        }
    }
    label_left(frame, box, TEXT_LABEL, frame->theme->text, text);
}

static void draw_key(const struct frame *frame, const struct help *help, struct rect box,
                     const struct view_key *key) {
    add_hit(frame, box, HIT_COMMAND, key->command);
    if (hovered(frame, box)) {
        tip(frame, "%s", key->about);
    }
    float cap = key_cap_width(frame, key->key);
    key_cap(frame, box.x + help->cap_width - cap, box.y + 0.5f * box.h, key->key);
    rect_cut_left(&box, help->cap_width + 10.0f);
    rect_cut_right(&box, PAD);
    draw_about(frame, box, key);
}

static void draw_keys(const struct frame *frame, const struct help *help, struct rect area) {
    for (int i = 0; i < help->count; i++) {
        const struct spot *spot = &help->spot[i];
        if (spot->column >= help->columns) {
            return;
        }
        struct rect box = { area.x + (float)spot->column * help->column_width,
                            area.y + spot->y * help->row, help->column_width, help->row };
        if (spot->heading) {
            struct rect heading = box;
            heading.y -= help->row;
            strong_left(frame, heading, TEXT_BODY, frame->theme->secondary,
                        group_of(frame->state, spot->key));
        }
        draw_key(frame, help, box, &frame->state->keys[spot->key]);
    }
}

void overlay_help_draw(const struct frame *frame, struct rect area) {
    struct help help;
    tip_clear(frame);
    frame->hits->count = 0; // what is covered cannot be clicked
    draw_rect(frame->list, area, theme_fade(frame->theme->background, 0.85f));
    area = rect_inset(area, frame->margin, frame->margin);
    choose(frame, area, &help);
    float width = (float)help.columns * help.column_width + 2 * PAD;
    float height = help.height * help.row + TITLE + 2 * PAD - 8.0f;
    struct rect box = { area.x + 0.5f * (area.w - width), area.y + 0.5f * (area.h - height), width,
                        height };
    draw_rounded(frame->list, box, 8.0f, frame->theme->panel);
    draw_frame(frame->list, box, 8.0f, 1.0f, frame->theme->axis);
    box = rect_inset(box, PAD, 0.5f * PAD);
    struct rect title = rect_cut_top(&box, TITLE);
    strong_left(frame, title, TEXT_TITLE + 3, frame->theme->text, "Keys");
    label_right(frame, title, TEXT_LABEL, frame->theme->secondary, "Esc closes");
    draw_keys(frame, &help, box);
}
