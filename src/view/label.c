/* label.c - one line of text in one of the shipped fonts, and titles of panels. */
#include <string.h>

#include "base/text.h"
#include "view/panel.h"

static float write(const struct frame *frame, struct rect box, struct text_style style,
                   const char *text) {
    return draw_text(frame->list, box, style, "%s", text);
}

static struct text_style style_of(enum font font, int size, enum align align, colour ink) {
    return (struct text_style){ font, (float)size, align, ink };
}

float label_left(const struct frame *frame, struct rect box, int size, colour ink,
                 const char *text) {
    return write(frame, box, style_of(FONT_LABEL, size, ALIGN_LEFT, ink), text);
}

float label_right(const struct frame *frame, struct rect box, int size, colour ink,
                  const char *text) {
    return write(frame, box, style_of(FONT_LABEL, size, ALIGN_RIGHT, ink), text);
}

float label_centre(const struct frame *frame, struct rect box, int size, colour ink,
                   const char *text) {
    return write(frame, box, style_of(FONT_LABEL, size, ALIGN_CENTRE, ink), text);
}

float number_left(const struct frame *frame, struct rect box, int size, colour ink,
                  const char *text) {
    return write(frame, box, style_of(FONT_NUMBER, size, ALIGN_LEFT, ink), text);
}

float number_right(const struct frame *frame, struct rect box, int size, colour ink,
                   const char *text) {
    return write(frame, box, style_of(FONT_NUMBER, size, ALIGN_RIGHT, ink), text);
}

float number_centre(const struct frame *frame, struct rect box, int size, colour ink,
                    const char *text) {
    return write(frame, box, style_of(FONT_NUMBER, size, ALIGN_CENTRE, ink), text);
}

float strong_left(const struct frame *frame, struct rect box, int size, colour ink,
                  const char *text) {
    return write(frame, box, style_of(FONT_STRONG, size, ALIGN_LEFT, ink), text);
}

float width_of(const struct frame *frame, enum font font, int size, const char *text) {
    return draw_text_width(frame->list, font, (float)size, text);
}

const char *text_that_fits(const struct frame *frame, float width, const char *const *texts,
                           int count) {
    for (int i = 0; i < count - 1; i++) {
        if (width_of(frame, FONT_LABEL, TEXT_LABEL, texts[i]) <= width) {
            return texts[i];
        }
    }
    return texts[count - 1];
}

float panel_title_height(const struct frame *frame) {
    return frame->tight ? 20.0f : 24.0f;
}

static const float handle_width = 13.0f;

/* The triangle that folds the panel, or when it fills the window the key that leads back. */
static void draw_handle(const struct frame *frame, struct rect *strip) {
    const struct view_panels *panels = &frame->state->panels;
    const float size = 4.0f;
    float x = strip->x + size, y = strip->y + 0.5f * strip->h;
    bool folded = panels->folded[frame->panel];
    struct rect handle = { strip->x - 4.0f, strip->y, 18.0f, strip->h };
    add_hit(frame, *strip, HIT_PANEL, (int)frame->panel);
    if (panels->blown) {
        handle.w = key_cap_width(frame, "Esc") + 8.0f;
        rect_cut_left(strip, key_cap(frame, strip->x, y, "Esc") + 8.0f);
        add_hit(frame, handle, HIT_FOLD, (int)frame->panel);
        return;
    }
    add_hit(frame, handle, HIT_FOLD, (int)frame->panel);
    bool loud = hovered(frame, handle) || panels->chosen == frame->panel;
    colour ink = loud ? frame->theme->text : frame->theme->secondary;
    struct point right[] = { { x - 0.6f * size, y - size },
                             { x + 0.8f * size, y },
                             { x - 0.6f * size, y + size } };
    struct point down[] = { { x - size, y - 0.6f * size },
                            { x + size, y - 0.6f * size },
                            { x, y + 0.8f * size } };
    draw_polygon(frame->list, folded ? right : down, 3, ink);
    rect_cut_left(strip, handle_width);
}

/* A panel with two titles has one handle. */
static bool wants_handle(const struct frame *frame) {
    const struct view_hits *hits = frame->hits;
    for (int i = 0; i < hits->count; i++) {
        if (hits->hit[i].kind == HIT_PANEL && hits->hit[i].value == (int)frame->panel) {
            return false;
        }
    }
    return frame->panel != PANEL_NONE && !frame->state->bare;
}

struct rect panel_title(const struct frame *frame, struct rect *area, enum subject subject,
                        const char *title, const char *const *subtitles, int count) {
    explain(frame, *area, subject);
    struct rect strip = rect_cut_top(area, panel_title_height(frame));
    strip.h -= 2.0f; // a little air above the plot
    bool handle = wants_handle(frame);
    if (handle) {
        draw_handle(frame, &strip);
    } else if (frame->panel != PANEL_NONE) {
        rect_cut_left(&strip, handle_width);
    }
    float used = strong_left(frame, strip, TEXT_TITLE, frame->theme->text, title);
    if (handle && frame->state->panels.chosen == frame->panel) {
        draw_rect(frame->list, (struct rect){ strip.x, strip.y + strip.h - 3.0f, used, 2.0f },
                  frame->theme->focus);
    }
    rect_cut_left(&strip, used + 12.0f);
    if (count > 0) {
        const char *subtitle = text_that_fits(frame, strip.w, subtitles, count);
        used = label_left(frame, strip, TEXT_LABEL, frame->theme->secondary, subtitle);
        rect_cut_left(&strip, used + 12.0f);
    }
    return strip;
}

static bool inside_character(char c) {
    return ((unsigned char)c & 0xC0) == 0x80;
}

void fit_end(const struct frame *frame, int text_size, float width, const char *text, char *fitting,
             size_t size) {
    text_set(fitting, size, "%s", text);
    while (*text && width_of(frame, FONT_LABEL, text_size, fitting) > width) {
        do {
            text++;
        } while (inside_character(*text));
        text_set(fitting, size, "…%s", text);
    }
}

void fit_start(const struct frame *frame, int text_size, float width, const char *text,
               char *fitting, size_t size) {
    int length = (int)strlen(text);
    text_set(fitting, size, "%s", text);
    while (length > 0 && width_of(frame, FONT_LABEL, text_size, fitting) > width) {
        do {
            length--;
        } while (inside_character(text[length]));
        text_set(fitting, size, "%.*s…", length, text);
    }
}

void mark_frozen(const struct frame *frame, struct rect *strip) {
    static const char text[] = "axes frozen";
    float width = width_of(frame, FONT_LABEL, TEXT_LABEL, text);
    float cap = key_cap_width(frame, "F") + 6.0f;
    if (frame->state->frozen && width + cap <= strip->w) {
        struct rect box = rect_cut_right(strip, width + cap);
        key_cap(frame, box.x, box.y + 0.5f * box.h, "F");
        rect_cut_left(&box, cap);
        label_left(frame, box, TEXT_LABEL, frame->theme->secondary, text);
        rect_cut_right(strip, 12.0f);
    }
}
