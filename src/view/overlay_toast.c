/* overlay_toast.c - news above the footer: a path, a reason. */
#include <math.h>

#include "base/text.h"
#include "view/panel.h"

enum { TOAST_LINES = 4 };

static const float line_height = 18.0f;

/* A toast of the window, else what the worker has to say while it still shows a run. */
static const char *toast_text(const struct frame *frame, bool *bad) {
    const struct snapshot *snapshot = frame->snapshot;
    *bad = frame->state->toast_bad;
    if (frame->state->toast[0] != '\0') {
        return frame->state->toast;
    }
    *bad = snapshot->state != WORKER_LOADING;
    return snapshot->has_runs ? snapshot->message : "";
}

float overlay_toast_draw(const struct frame *frame, struct rect area) {
    bool bad;
    char toast[sizeof frame->state->toast];
    bool loads = frame->state->toast[0] == '\0' && loading_share(frame) > 0.0f;
    text_set(toast, sizeof toast, "%s%s", toast_text(frame, &bad), loads ? " · Esc stops it" : "");
    if (toast[0] == '\0') {
        return INFINITY;
    }
    struct wrapped_line lines[TOAST_LINES];
    float most = fminf(area.w - 2.0f * frame->margin - 44.0f, 760.0f);
    int count = wrap_text(frame, FONT_LABEL, TEXT_BODY, most, toast, lines, TOAST_LINES);
    char text[TOAST_LINES][sizeof frame->state->toast];
    float width = 0.0f;
    for (int i = 0; i < count; i++) {
        text_set(text[i], sizeof text[i], "%.*s", lines[i].length, lines[i].start);
        width = fmaxf(width, width_of(frame, FONT_LABEL, TEXT_BODY, text[i]));
    }
    width = fminf(width, most) + 1.0f;
    struct rect box = { 0.0f, 0.0f, width + 40.0f, (float)count * line_height + 18.0f };
    box.x = area.x + 0.5f * (area.w - box.w);
    box.y = area.y + area.h - box.h - 12.0f;
    colour tone = bad ? frame->theme->bad : frame->theme->good;
    draw_rounded(frame->list, box, 6.0f, frame->theme->raised);
    draw_frame(frame->list, box, 6.0f, 1.0f, tone);
    draw_rounded(frame->list, (struct rect){ box.x + 8.0f, box.y + 8.0f, 4.0f, box.h - 16.0f },
                 2.0f, tone);
    struct rect line = { box.x + 24.0f, box.y + 9.0f, width, line_height };
    for (int i = 0; i < count; i++) {
        label_left(frame, line, TEXT_BODY, frame->theme->text, text[i]);
        line.y += line_height;
    }
    if (loads) {
        loading_bar(frame, (struct rect){ box.x + 24.0f, box.y + box.h - 8.0f, width, 3.0f });
    }
    return box.y;
}
