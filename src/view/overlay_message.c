/* overlay_message.c - instead of panels: what is being loaded, or why there is nothing to show. */
#include "base/text.h"
#include "view/panel.h"

enum { MESSAGE_SIZE = 20, MESSAGE_LINES = 6, BAR_WIDTH = 320, BAR_HEIGHT = 6 };

void overlay_message_draw(const struct frame *frame, struct rect area) {
    const char *message = frame->snapshot->message;
    if (message[0] == '\0') {
        message = "starting…";
    }
    struct wrapped_line lines[MESSAGE_LINES];
    float width = area.w < 720.0f ? area.w : 720.0f;
    int count = wrap_text(frame, FONT_LABEL, MESSAGE_SIZE, width, message, lines, MESSAGE_LINES);
    float height = 1.5f * MESSAGE_SIZE;
    struct rect line = { area.x + 0.5f * (area.w - width),
                         area.y + 0.5f * (area.h - height * (float)count), width, height };
    for (int i = 0; i < count; i++) {
        char text[SNAPSHOT_SENTENCE * 2];
        text_set(text, sizeof text, "%.*s", lines[i].length, lines[i].start);
        label_centre(frame, line, MESSAGE_SIZE, frame->theme->text, text);
        line.y += height;
    }
    loading_bar(frame, (struct rect){ area.x + 0.5f * (area.w - BAR_WIDTH), line.y + 12.0f,
                                      BAR_WIDTH, BAR_HEIGHT });
    if (loading_share(frame) > 0.0f) {
        line.y += 12.0f + BAR_HEIGHT + 10.0f;
        line.h = TEXT_LINE;
        label_centre(frame, line, TEXT_LABEL, frame->theme->secondary, "Esc stops it");
    }
}
