/* bar_footer.c - the views, then the keys worth knowing, as many as fit. */
#include "view/panel.h"

static float key_width(const struct frame *frame, const struct view_key *key) {
    return key_cap_width(frame, key->key) + 7.0f +
           width_of(frame, FONT_LABEL, TEXT_LABEL, key->label) + 18.0f;
}

/* What is on is marked as an open tab is. */
static void draw_key(const struct frame *frame, struct rect *strip, const struct view_key *key) {
    const struct theme_row *theme = frame->theme;
    struct rect box = rect_cut_left(strip, key_width(frame, key));
    struct rect patch = { box.x - 4.0f, box.y + 4.0f, box.w - 6.0f, box.h - 8.0f };
    colour ink = theme->secondary;
    if (key->on) {
        ink = theme_on_tint(frame->state->theme, theme->focus);
        draw_rounded(frame->list, patch, 4.0f, theme_tint(frame->state->theme, theme->focus));
    }
    add_hit(frame, (struct rect){ box.x, box.y, box.w - 8.0f, box.h }, HIT_COMMAND, key->command);
    if (hovered(frame, patch)) {
        tip(frame, "%s", key->about);
    }
    rect_cut_left(&box, key_cap(frame, box.x, box.y + 0.5f * box.h, key->key) + 7.0f);
    label_left(frame, box, TEXT_LABEL, ink, key->label);
}

/* What is always there: what is on, before all others, and the ways to everything else, last. */
enum place { PLACE_FIRST, PLACE_MIDDLE, PLACE_LAST };

static enum place place_of(const struct view_key *key) {
    return key->on ? PLACE_FIRST : key->kept ? PLACE_LAST : PLACE_MIDDLE;
}

static float width_at(const struct frame *frame, enum place place) {
    float width = 0.0f;
    for (int i = 0; i < frame->state->key_count; i++) {
        const struct view_key *key = &frame->state->keys[i];
        width += key->footer && place_of(key) == place ? key_width(frame, key) : 0.0f;
    }
    return width;
}

/* As many of them as leave that much of the strip. */
static void draw_at(const struct frame *frame, struct rect *strip, enum place place, float left) {
    for (int i = 0; i < frame->state->key_count; i++) {
        const struct view_key *key = &frame->state->keys[i];
        if (key->footer && place_of(key) == place && key_width(frame, key) + left <= strip->w) {
            draw_key(frame, strip, key);
        }
    }
}

/* One tab with its key for each view that a number opens. */
static void draw_tabs(const struct frame *frame, struct rect *strip) {
    for (int i = 0; i < VIEW_TEXTBOOK; i++) {
        char key[2] = { (char)('1' + i), '\0' };
        bool open = frame->state->view == (enum view_id)i;
        float label = width_of(frame, FONT_LABEL, TEXT_LABEL, views[i].label);
        float cap = key_cap_width(frame, key);
        struct rect box = rect_cut_left(strip, cap + 7.0f + label + 16.0f);
        struct rect tab =
            rect_inset((struct rect){ box.x, box.y, box.w - 4.0f, box.h }, 0.0f, 4.0f);
        if (open) {
            draw_rounded(frame->list, tab, 4.0f,
                         theme_tint(frame->state->theme, frame->theme->focus));
        }
        add_hit(frame, tab, HIT_VIEW, i);
        if (hovered(frame, tab)) {
            tip(frame, "%s: %s", views[i].label, views[i].about);
        }
        rect_cut_left(&box, 4.0f + key_cap(frame, box.x + 4.0f, box.y + 0.5f * box.h, key) + 5.0f);
        colour ink = open ? theme_on_tint(frame->state->theme, frame->theme->focus)
                          : frame->theme->secondary;
        label_left(frame, box, TEXT_LABEL, ink, views[i].label);
    }
    rect_cut_left(strip, 12.0f);
}

void bar_footer_draw(const struct frame *frame, struct rect area) {
    draw_rect(frame->list, area, frame->theme->panel);
    draw_rect(frame->list, (struct rect){ area.x, area.y, area.w, 1.0f }, frame->theme->grid);
    struct rect strip = rect_inset(area, frame->margin, 0.0f);
    draw_tabs(frame, &strip);
    float last = width_at(frame, PLACE_LAST);
    draw_at(frame, &strip, PLACE_FIRST, last);
    draw_at(frame, &strip, PLACE_MIDDLE, last);
    draw_at(frame, &strip, PLACE_LAST, 0.0f);
}
