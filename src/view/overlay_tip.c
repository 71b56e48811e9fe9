/* overlay_tip.c - the numbers under the pointer, in a box that never covers them. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "view/panel.h"

enum { TIP_WRAPS = 6 }; // lines that a long one may become

static const float line_height = 16.0f, padding = 8.0f, distance = 14.0f;

bool hovered(const struct frame *frame, struct rect rect) {
    const struct view_pointer *pointer = &frame->state->pointer;
    return pointer->inside && rect_contains(rect, pointer->x, pointer->y);
}

void tip(const struct frame *frame, const char *format, ...) {
    struct tip *said = frame->tip;
    if (said->count < TIP_LINES) {
        char line[TIP_LENGTH];
        va_list args;
        va_start(args, format);
        vsnprintf(line, sizeof line, format, args);
        va_end(args);
        text_set(said->lines[said->count++], TIP_LENGTH, "%s", line);
    }
}

const char *tip_letter(const struct frame *frame, int run) {
    static const char *const letters[] = { "A  ", "B  " };
    return frame->runs == 2 ? letters[run] : "";
}

/* "Logged as net.0", of twins with both names where they differ. */
void tip_logged(const struct frame *frame) {
    const char *names[SNAPSHOT_RUNS] = { "", "" };
    for (int run = 0; run < frame->runs; run++) {
        const struct layer_stats *layer = frame_layer(frame, run, frame->pointed);
        names[run] = layer ? layer->name : "";
    }
    if (frame->runs == 2 && names[1][0] && strcmp(names[0], names[1]) != 0) {
        tip(frame, "logged as %s, of B as %s", names[0][0] ? names[0] : "nothing", names[1]);
    } else if (names[0][0]) {
        tip(frame, "logged as %s", names[0]);
    }
}

void tip_clear(const struct frame *frame) {
    frame->tip->count = 0;
    frame->tip->subject = SUBJECT_NONE;
}

/* Below and right of the pointer where there is room, else on its other sides; within area. */
static struct rect place(const struct frame *frame, struct rect area, float width, float height) {
    const struct view_pointer *pointer = &frame->state->pointer;
    float x = pointer->x + distance, y = pointer->y + distance;
    if (x + width > area.x + area.w) {
        x = pointer->x - distance - width;
    }
    if (y + height > area.y + area.h) {
        y = fminf(pointer->y - distance, area.y + area.h) - height;
    }
    return (struct rect){ fmaxf(x, area.x), fmaxf(y, area.y), width, height };
}

/* A line that is too long, as few are, becomes several; to find where takes long. */
static int wrap_tip(const struct frame *frame, float width, const char *text,
                    struct wrapped_line lines[TIP_WRAPS]) {
    if (width_of(frame, FONT_LABEL, TEXT_LABEL, text) <= width) {
        lines[0] = (struct wrapped_line){ text, (int)strlen(text) };
        return 1;
    }
    return wrap_text(frame, FONT_LABEL, TEXT_LABEL, width, text, lines, TIP_WRAPS);
}

void overlay_tip_draw(const struct frame *frame, struct rect area) {
    const struct tip *said = frame->tip;
    if (said->count == 0) {
        const char *const *lines = explanations[said->subject];
        for (int i = 0; i < EXPLAIN_LINES && lines[i]; i++) {
            tip(frame, "%s", lines[i]);
        }
    }
    if (said->count == 0) {
        return;
    }
    float width = 0.0f, most = 0.5f * frame->state->width;
    for (int i = 0; i < said->count; i++) {
        width = fmaxf(width, width_of(frame, FONT_LABEL, TEXT_LABEL, said->lines[i]));
    }
    width = fminf(width, most) + 1.0f;
    struct wrapped_line lines[TIP_LINES][TIP_WRAPS];
    int count[TIP_LINES], all = 0;
    for (int i = 0; i < said->count; i++) {
        count[i] = wrap_tip(frame, width, said->lines[i], lines[i]);
        all += count[i];
    }
    struct rect box = place(frame, area, width + 2.0f * padding,
                            (float)all * line_height + 2.0f * padding - 4.0f);
    draw_rounded(frame->list, box, 5.0f, frame->theme->raised);
    draw_frame(frame->list, box, 5.0f, 1.0f, frame->theme->axis);
    struct rect line = { box.x + padding, box.y + padding - 2.0f, width, line_height };
    for (int i = 0; i < said->count; i++) {
        colour ink = i == 0 ? frame->theme->text : frame->theme->secondary;
        for (int k = 0; k < count[i]; k++) {
            char text[TIP_LENGTH];
            text_set(text, sizeof text, "%.*s", lines[i][k].length, lines[i][k].start);
            label_left(frame, line, TEXT_LABEL, ink, text);
            line.y += line_height;
        }
    }
}
