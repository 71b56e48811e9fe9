/* bar_verdict.c - what a person should read first: a verdict for each run, with its reason. */
#include <ctype.h>
#include <math.h>

#include "base/require.h"
#include "base/text.h"
#include "measure/diagnosis.h"
#include "view/panel.h"

enum { BESIDE = 1800 }; // points of width from which A and B stand side by side

static const float line_height = 24.0f;

static const struct run_snapshot *run_of(const struct frame *frame, int run) {
    return &frame->snapshot->run[run];
}

/* What is not trained yet gets no verdict: the line says how far it is. */
static colour badge_colour(const struct frame *frame, int run) {
    const struct theme_row *theme = frame->theme;
    if (run_of(frame, run)->pretraining.active) {
        return theme->secondary;
    }
    switch (run_of(frame, run)->diagnosis.verdict) {
    case VERDICT_HEALTHY:
        return theme->good;
    case VERDICT_UNKNOWN:
        return theme->secondary;
    case VERDICT_SATURATED:
        return theme->warning;
    default:
        return theme->bad;
    }
}

static void badge_word(const struct frame *frame, int run, char *text, size_t size) {
    const struct run_snapshot *shown = run_of(frame, run);
    text_set(text, size, "%s",
             shown->pretraining.active ? "pre-training" : verdict_names[shown->diagnosis.verdict]);
    for (char *c = text; *c != '\0'; c++) {
        *c = (char)toupper((unsigned char)*c);
    }
}

static float badge_width(const struct frame *frame, int run) {
    char word[32];
    badge_word(frame, run, word, sizeof word);
    return width_of(frame, FONT_STRONG, TEXT_LABEL, word) + 20.0f;
}

/* Badges above each other are equally wide, so that the sentences start together. */
static float widest_badge(const struct frame *frame) {
    float widest = 0.0f;
    for (int run = 0; run < frame->runs; run++) {
        widest = fmaxf(widest, badge_width(frame, run));
    }
    return widest;
}

/* By the window alone: were it by the sentences, the panels would jump while they change. */
static bool one_line(const struct frame *frame, float width) {
    return frame->runs == 1 || width >= BESIDE;
}

float bar_verdict_height(const struct frame *frame, float width) {
    if (!frame->snapshot->has_runs) {
        return 0.0f;
    }
    float lines = one_line(frame, width) ? 1.0f : 2.0f;
    return lines * line_height + (frame->tight ? 8.0f : 12.0f);
}

/* In one line, smaller where it must be, or in two small ones; it is never cut. Its width. */
static float draw_sentence(const struct frame *frame, struct rect box, const char *sentence) {
    static const int sizes[] = { TEXT_TITLE, TEXT_BODY, TEXT_LABEL };
    for (int i = 0; i < ARRAY_LEN(sizes); i++) {
        if (width_of(frame, FONT_LABEL, sizes[i], sentence) <= box.w) {
            return label_left(frame, box, sizes[i], frame->theme->text, sentence);
        }
    }
    struct wrapped_line lines[2];
    int count = wrap_text(frame, FONT_LABEL, TEXT_LABEL, box.w, sentence, lines, 2);
    for (int i = 0; i < count; i++) {
        char part[SNAPSHOT_SENTENCE];
        text_set(part, sizeof part, "%.*s", lines[i].length, lines[i].start);
        label_left(frame, rect_row(box, i, count), TEXT_LABEL, frame->theme->text, part);
    }
    return box.w;
}

static float cure_width(const struct frame *frame, const struct view_cure *cure, bool whole) {
    bool named = whole && cure->text[0];
    float width = named ? width_of(frame, FONT_LABEL, TEXT_BODY, cure->text) + 1.0f : 0.0f;
    return width + (cure->key[0] ? key_cap_width(frame, cure->key) + 6.0f : 0.0f);
}

/* Behind the sentence; where there is no room for its name, the key alone. */
static void draw_cure(const struct frame *frame, struct rect line, const struct view_cure *cure) {
    struct rect whole = line;
    float middle = line.y + 0.5f * line.h;
    if (cure->key[0]) {
        rect_cut_left(&line, key_cap(frame, line.x, middle, cure->key) + 6.0f);
    }
    if (cure_width(frame, cure, true) <= whole.w) {
        label_left(frame, line, TEXT_BODY, frame->theme->secondary, cure->text);
        whole.w = cure_width(frame, cure, true);
    } else {
        whole.w = cure_width(frame, cure, false);
    }
    if (cure->key[0]) {
        add_hit(frame, whole, HIT_COMMAND, cure->command);
        if (hovered(frame, whole)) {
            tip(frame, "%s %s", cure->key, cure->text);
            tip(frame, "%s", cure->about[0]);
            tip(frame, "%s", cure->about[1]);
        }
    }
}

/* The sentence, and what is proposed, whose name is left out before the sentence is broken. */
static void draw_both(const struct frame *frame, struct rect line, const char *sentence,
                      const struct view_cure *cure) {
    const float gap = 14.0f;
    float width = width_of(frame, FONT_LABEL, TEXT_LABEL, sentence) + gap;
    float kept = cure_width(frame, cure, width + cure_width(frame, cure, true) <= line.w);
    struct rect said = line;
    said.w -= kept > 0.0f ? kept + gap : 0.0f;
    rect_cut_left(&line, draw_sentence(frame, said, sentence) + gap);
    if (kept > 0.0f) {
        draw_cure(frame, line, cure);
    }
}

static void draw_verdict(const struct frame *frame, struct rect line, int run) {
    const struct run_snapshot *shown = run_of(frame, run);
    enum theme theme = frame->state->theme;
    colour tone = badge_colour(frame, run);
    char word[32], sentence[SNAPSHOT_SENTENCE];
    badge_word(frame, run, word, sizeof word);
    text_set(sentence, sizeof sentence, "%s", shown->diagnosis.sentence);
    if (shown->pretraining.active) {
        pretraining_text(&shown->pretraining, sentence, sizeof sentence);
    }
    struct rect badge = rect_cut_left(&line, widest_badge(frame));
    badge = rect_inset(badge, 0.0f, 0.5f * (line.h - 20.0f));
    draw_rounded(frame->list, badge, 10.0f, theme_tint(theme, tone));
    draw_frame(frame->list, badge, 10.0f, 1.0f, theme_fade(tone, 0.75f));
    struct text_style style = { FONT_STRONG, TEXT_LABEL, ALIGN_CENTRE, theme_on_tint(theme, tone) };
    draw_text(frame->list, badge, style, "%s", word);
    rect_cut_left(&line, 10.0f);
    if (frame->runs == 2) {
        run_badge(frame, line.x, line.y + 0.5f * line.h, run);
        rect_cut_left(&line, 22.0f);
    }
    if (hovered(frame, line)) {
        tip(frame, "%s", sentence);
        tip(frame, "rule: %s", shown->diagnosis.rule);
    }
    static const struct view_cure none = { .key = "" };
    draw_both(frame, line, sentence, shown->pretraining.active ? &none : &frame->state->cure[run]);
}

void bar_verdict_draw(const struct frame *frame, struct rect area) {
    if (!frame->snapshot->has_runs) {
        return;
    }
    rect_cut_top(&area, frame->tight ? 5.0f : 8.0f);
    for (int run = 0; run < frame->runs; run++) {
        if (!one_line(frame, area.w)) {
            draw_verdict(frame, rect_cut_top(&area, line_height), run);
            continue;
        }
        struct rect part = rect_column(area, run, frame->runs);
        draw_verdict(frame, rect_cut_top(&part, line_height), run);
    }
}
