/* label.c - one line of text in one of the shipped fonts, and titles of panels. */
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

struct rect panel_title(const struct frame *frame, struct rect *area, const char *title,
                        const char *const *subtitles, int count) {
    struct rect strip = rect_cut_top(area, panel_title_height(frame));
    strip.h -= 2.0f; // a little air above the plot
    float used = strong_left(frame, strip, TEXT_TITLE, frame->theme->text, title);
    rect_cut_left(&strip, used + 12.0f);
    if (count > 0) {
        const char *subtitle = text_that_fits(frame, strip.w, subtitles, count);
        used = label_left(frame, strip, TEXT_LABEL, frame->theme->secondary, subtitle);
        rect_cut_left(&strip, used + 12.0f);
    }
    return strip;
}
