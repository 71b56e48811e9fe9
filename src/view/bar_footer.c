/* bar_footer.c - the views, then the keys worth knowing, as many as fit; the last one always. */
#include "view/panel.h"

static float key_width(const struct frame *frame, const struct view_key *key) {
    return key_cap_width(frame, key->key) + 7.0f +
           width_of(frame, FONT_LABEL, TEXT_LABEL, key->label) + 18.0f;
}

static const struct view_key *last_key(const struct view_state *state) {
    for (int i = state->key_count - 1; i >= 0; i--) {
        if (state->keys[i].footer) {
            return &state->keys[i];
        }
    }
    return NULL;
}

static void draw_key(const struct frame *frame, struct rect *strip, const struct view_key *key) {
    struct rect box = rect_cut_left(strip, key_width(frame, key));
    add_hit(frame, (struct rect){ box.x, box.y, box.w - 8.0f, box.h }, HIT_COMMAND, key->command);
    rect_cut_left(&box, key_cap(frame, box.x, box.y + 0.5f * box.h, key->key) + 7.0f);
    label_left(frame, box, TEXT_LABEL, frame->theme->secondary, key->label);
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
    const struct view_state *state = frame->state;
    draw_rect(frame->list, area, frame->theme->panel);
    draw_rect(frame->list, (struct rect){ area.x, area.y, area.w, 1.0f }, frame->theme->grid);
    const struct view_key *last = last_key(state);
    if (!last) {
        return;
    }
    struct rect strip = rect_inset(area, frame->margin, 0.0f);
    draw_tabs(frame, &strip);
    float kept = key_width(frame, last);
    for (int i = 0; i < state->key_count; i++) {
        const struct view_key *key = &state->keys[i];
        if (key->footer && key != last && key_width(frame, key) + kept <= strip.w) {
            draw_key(frame, &strip, key);
        }
    }
    draw_key(frame, &strip, last);
}
