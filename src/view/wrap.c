/* wrap.c - break a text into lines. */
#include <string.h>

#include "base/text.h"
#include "view/panel.h"

static bool fits(const struct frame *frame, enum font font, int size, float width,
                 const char *start, int length) {
    char piece[512];
    text_set(piece, sizeof piece, "%.*s", length, start);
    return width_of(frame, font, size, piece) <= width;
}

static bool inside_character(char c) {
    return ((unsigned char)c & 0xC0) == 0x80;
}

/* Bytes of text that fit into one line: up to a space or behind a slash if there is one, never
 * cutting a character.
 */
static int line_length(const struct frame *frame, enum font font, int size, float width,
                       const char *text) {
    int whole = (int)strlen(text), word_end = 0, any_end = 0;
    for (int i = 1; i <= whole; i++) {
        if (inside_character(text[i])) {
            continue;
        }
        bool boundary = text[i] == '\0' || text[i] == ' ' || text[i - 1] == '/';
        if (!fits(frame, font, size, width, text, i)) {
            break;
        }
        any_end = i;
        word_end = boundary ? i : word_end;
    }
    int length = word_end > 0 ? word_end : any_end;
    if (length == 0) { // not even one character fits: take it, or this would never end
        length = 1;
        while (inside_character(text[length])) {
            length++;
        }
    }
    return length;
}

int wrap_text(const struct frame *frame, enum font font, int size, float width, const char *text,
              struct wrapped_line *lines, int room) {
    int count = 0;
    while (*text != '\0' && count < room) {
        int length = line_length(frame, font, size, width, text);
        if (count == room - 1) {
            length = (int)strlen(text);
        }
        lines[count++] = (struct wrapped_line){ text, length };
        text += length;
        text += strspn(text, " ");
    }
    return count;
}

void write_paragraph(const struct frame *frame, struct rect *area, colour ink, const char *text,
                     int most) {
    enum { LINES = 16 };
    struct wrapped_line lines[LINES];
    if (!text || area->h < TEXT_LINE) {
        return;
    }
    int room = (int)(area->h / TEXT_LINE);
    room = room < most ? room : most;
    int count =
        wrap_text(frame, FONT_LABEL, TEXT_LABEL, area->w, text, lines, room < LINES ? room : LINES);
    for (int i = 0; i < count; i++) {
        char line[512];
        text_set(line, sizeof line, "%.*s", lines[i].length, lines[i].start);
        label_left(frame, rect_cut_top(area, TEXT_LINE), TEXT_LABEL, ink, line);
    }
}
