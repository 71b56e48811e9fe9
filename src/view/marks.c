/* marks.c - small things that look the same everywhere: key caps, badges, lines over bars. */
#include <math.h>

#include "base/require.h"
#include "base/text.h"
#include "view/panel.h"

static const float cap_height = 18.0f;

void draw_ground(const struct frame *frame, struct rect area) {
    const struct theme_row *theme = frame->theme;
    draw_rect(frame->list, area, theme->panel);
    if (theme->panel == theme->background) { // on paper only an outline tells where it ends
        draw_frame(frame->list, area, 0.0f, 1.0f, theme->grid);
    }
}

void draw_nothing(const struct frame *frame, struct rect area, const char *why) {
    draw_ground(frame, area);
    label_centre(frame, area, TEXT_LABEL, frame->theme->secondary, why);
}

float loading_share(const struct frame *frame) {
    const struct snapshot *snapshot = frame->snapshot;
    return snapshot->state == WORKER_LOADING ? (float)snapshot->loading : 0.0f;
}

void loading_bar(const struct frame *frame, struct rect box) {
    float share = fminf(loading_share(frame), 1.0f);
    if (share > 0.0f) {
        draw_rounded(frame->list, box, 0.5f * box.h, frame->theme->grid);
        box.w = fmaxf(share * box.w, box.h);
        draw_rounded(frame->list, box, 0.5f * box.h, frame->theme->focus);
    }
}

float key_cap_width(const struct frame *frame, const char *key) {
    return fmaxf(cap_height, width_of(frame, FONT_NUMBER, TEXT_LABEL, key) + 10.0f);
}

float key_cap(const struct frame *frame, float x, float middle, const char *key) {
    struct rect box = { x, middle - 0.5f * cap_height, key_cap_width(frame, key), cap_height };
    draw_rounded(frame->list, box, 3.0f, frame->theme->raised);
    draw_frame(frame->list, box, 3.0f, 1.0f, frame->theme->grid);
    number_centre(frame, box, TEXT_LABEL, frame->theme->text, key);
    return box.w;
}

float run_badge(const struct frame *frame, float x, float middle, int run) {
    struct rect box = { x, middle - 7.0f, 14.0f, 14.0f };
    draw_rounded(frame->list, box, run == 0 ? 7.0f : 2.0f, frame->theme->run[run]);
    struct text_style style = { FONT_STRONG, TEXT_LABEL, ALIGN_CENTRE, frame->theme->on_run[run] };
    draw_text(frame->list, box, style, "%c", 'A' + run);
    return box.w;
}

void marked_line(const struct frame *frame, const struct point *points, int count, float dash) {
    if (dash <= 0.0f) {
        struct stroke halo = { .width = 3.5f, .colour = frame->theme->halo };
        draw_polyline(frame->list, points, count, halo);
    }
    struct stroke line = { dash > 0.0f ? 1.0f : 1.5f, dash, dash, frame->theme->mark };
    draw_polyline(frame->list, points, count, line);
}

void run_dot(const struct frame *frame, struct point at, int run) {
    float radius = frame->detail == DETAIL_BARS ? 4.0f : 3.0f;
    struct rect outer = { at.x - radius, at.y - radius, 2.0f * radius, 2.0f * radius };
    float round = run == 0 ? radius : 0.0f;
    draw_rounded(frame->list, outer, round, frame->theme->mark);
    draw_rounded(frame->list, rect_inset(outer, 1.5f, 1.5f), fmaxf(round - 1.5f, 0.0f),
                 frame->theme->run[run]);
}

void run_dots(const struct frame *frame, const struct point *points, int count, int run) {
    const float spacing = 72.0f;
    float next = points[0].x + (run == 0 ? 0.25f : 0.75f) * spacing;
    for (int i = 0; i + 1 < count && frame->runs == 2; i++) {
        struct point a = points[i], b = points[i + 1];
        for (; next < b.x; next += spacing) {
            float y = a.y + (b.y - a.y) * (next - a.x) / (b.x - a.x);
            if (next >= a.x && isfinite(y)) {
                run_dot(frame, (struct point){ next, y }, run);
            }
        }
    }
}

float legend_line(const struct frame *frame, struct rect *strip, colour ink, float dash,
                  const char *text) {
    float width = width_of(frame, FONT_LABEL, TEXT_LABEL, text);
    float whole = 18.0f + 5.0f + width + 12.0f;
    if (strip->w < whole - 12.0f) {
        return 0.0f;
    }
    struct rect box = rect_cut_left(strip, whole);
    float y = box.y + 0.5f * box.h;
    struct point line[2] = { { box.x, y }, { box.x + 18.0f, y } };
    draw_polyline(frame->list, line, 2, (struct stroke){ 1.5f, dash, dash, ink });
    rect_cut_left(&box, 23.0f);
    label_left(frame, box, TEXT_LABEL, frame->theme->secondary, text);
    return whole;
}

void add_hit_range(const struct frame *frame, struct view_hit hit) {
    struct view_hits *hits = frame->hits;
    if (hits->count < VIEW_MAX_HITS) {
        hits->hit[hits->count++] = hit;
    }
}

void draw_missing(const struct frame *frame, struct rect area, const char *what) {
    const struct view_state *state = frame->state;
    const char *why = state->barred && state->barred[0] ? state->barred : NULL;
    char full[900] = "", text[160] = "measuring", brief[96] = "measuring", step[32], at[32];
    text_grouped(step, sizeof step, (uint64_t)frame->snapshot->step);
    if (state->cursor >= 0 && state->again >= 0) {
        text_grouped(at, sizeof at, (uint64_t)state->again);
        text_set(text, sizeof text, "training again up to step %s, to look at %s there: at step %s",
                 step, what, at);
        text_set(brief, sizeof brief, "training again: %s of %s", at, step);
    } else if (state->cursor >= 0 && state->again == LOOK_BARRED) {
        text_set(text, sizeof text, "%s were not looked at around step %s · End: now", what, step);
        text_set(full, sizeof full, "%s were not looked at around step %s. %s · End: now", what,
                 step, why ? why : "");
        text_set(brief, sizeof brief, "not looked at · End: now");
    }
    const char *const texts[] = { why && full[0] ? full : text, text, brief };
    label_centre(frame, area, TEXT_TITLE, frame->theme->secondary,
                 text_that_fits(frame, 0.9f * area.w, texts, ARRAY_LEN(texts)));
}

void add_hit(const struct frame *frame, struct rect rect, enum hit_kind kind, int value) {
    add_hit_range(frame, (struct view_hit){ .rect = rect, .kind = kind, .value = value });
}
