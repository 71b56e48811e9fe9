/* view_data.c - view 4: the examples, and what the networks say of them. */
#include "view/view_data.h"

#include <math.h>

#include "base/text.h"
#include "view/format.h"

int data_runs(const struct frame *frame) {
    int looked = frame->snapshot->data_detail.runs;
    return looked < frame->runs ? looked : frame->runs;
}

const char *data_part(const struct data_detail *detail) {
    return detail->held_out ? "held-out" : "training";
}

void data_scope(const struct frame *frame, int run, char texts[DATA_TEXTS][DATA_TEXT]) {
    const struct data_detail *detail = &frame->snapshot->data_detail;
    char n[32], part[32], step[32], first[96];
    text_grouped(n, sizeof n, (uint64_t)detail->n);
    text_grouped(part, sizeof part, (uint64_t)detail->part);
    text_grouped(step, sizeof step, (uint64_t)detail->run[run].step);
    text_set(first, sizeof first, "%s%s", detail->n < detail->part ? "first " : "", n);
    if (detail->n < detail->part) {
        text_append(first, sizeof first, " of %s", part);
    }
    text_set(texts[0], DATA_TEXT, "%s %s examples, step %s", first, data_part(detail), step);
    text_set(texts[1], DATA_TEXT, "%s %s, step %s", n, data_part(detail), step);
    text_set(texts[2], DATA_TEXT, "%s %s", n, data_part(detail));
}

struct rect data_title(const struct frame *frame, struct rect *area, enum subject subject,
                       const char *title, int run) {
    struct rect strip = panel_title(frame, area, subject, title, NULL, 0);
    if (data_runs(frame) > 1) {
        rect_cut_left(&strip, run_badge(frame, strip.x, strip.y + 0.5f * strip.h, run) + 10.0f);
    }
    return strip;
}

void data_score(const struct data_detail *detail, float score, char *text, size_t size) {
    if (!detail->probabilities) {
        format_brief(text, size, (double)score);
        return;
    }
    double percent = 100.0 * (double)score;
    if (isnan(score)) {
        text_set(text, size, "NaN");
    } else if (score > 0.0f && percent < 0.1) {
        text_set(text, size, "<0.1%%");
    } else if (score < 1.0f && percent > 99.0) {
        text_set(text, size, ">99%%");
    } else {
        text_set(text, size, "%.*f%%", percent < 9.95 && score > 0.0f ? 1 : 0, percent);
    }
}

void data_class(const struct frame *frame, uint8_t class, char text[NAME_TEXT]) {
    if (class == DATA_NONE) {
        text_set(text, NAME_TEXT, "–");
    } else {
        class_text(frame, class, text);
    }
}

void data_tip(const struct frame *frame, const struct data_answer *answer, const char *part) {
    char class[NAME_TEXT];
    class_title(frame, answer->label, class);
    tip(frame, "%s example %lld: %s", part, (long long)answer->number, class);
}

void data_tip_answer(const struct frame *frame, int run, const struct data_answer *answer) {
    const struct data_detail *detail = &frame->snapshot->data_detail;
    char line[TIP_LENGTH] = "", score[24], class[NAME_TEXT];
    if (data_runs(frame) > 1) {
        text_set(line, sizeof line, "%c: ", 'A' + run);
    }
    if (answer->predicted == DATA_NONE) {
        text_append(line, sizeof line, "predicts no class; ");
    } else {
        class_text(frame, answer->predicted, class);
        text_append(line, sizeof line, "predicts %s, which is %s; ", class,
                    answer->predicted == answer->label ? "right" : "wrong");
    }
    text_append(line, sizeof line, detail->probabilities ? "probabilities" : "outputs");
    bool own_shown = false;
    for (int i = 0; i < answer->shown; i++) {
        data_score(detail, answer->score[i], score, sizeof score);
        class_text(frame, answer->best[i], class);
        text_append(line, sizeof line, "%s %s: %s", i ? "," : "", class, score);
        own_shown |= answer->best[i] == answer->label;
    }
    tip(frame, "%s", line);
    if (!own_shown) {
        data_score(detail, answer->own, score, sizeof score);
        class_text(frame, answer->label, class);
        tip(frame, "of its own class %s: %s", class, score);
    }
}

// Heights from which the loss is drawn below a table, and a matrix below a surface.
static const float least_loss = 150.0f, least_confusion = 104.0f;

static float gap_of(const struct frame *frame) {
    return frame->tight ? 12.0f : 24.0f;
}

/* Confusion matrices beside each other where that leaves them larger, else one over the other. */
static void draw_confusions(const struct frame *frame, struct rect area) {
    int runs = data_runs(frame);
    float gap = gap_of(frame);
    bool beside = runs > 1 && area.w > 1.3f * area.h;
    for (int run = 0; run < runs; run++) {
        struct rect box = beside ? rect_column(area, run, runs) : rect_row(area, run, runs);
        if (beside && run + 1 < runs) {
            rect_cut_right(&box, gap);
        } else if (!beside && run + 1 < runs) {
            rect_cut_bottom(&box, 0.5f * gap);
        }
        panel_confusion_draw(frame, box, run);
    }
}

/* The area's part of a run, with a gap between two. */
static struct rect run_column(const struct frame *frame, struct rect area, int run) {
    int runs = data_runs(frame);
    float gap = runs > 1 ? gap_of(frame) : 0.0f;
    float width = (area.w - gap * (float)(runs - 1)) / (float)runs;
    return (struct rect){ area.x + (float)run * (width + gap), area.y, width, area.h };
}

/* Matrices go below the surfaces where the width leaves room there, else into the sidebar. */
static void draw_plane(const struct frame *frame, struct rect area) {
    int runs = data_runs(frame);
    float gap = gap_of(frame), legend = panel_surface_legend_height();
    // as wide as the height allows
    float wide = area.h - legend - panel_surface_height(frame, 0.0f);
    float wanted = (float)runs * wide + (float)(runs - 1) * gap;
    float least = fmaxf(0.226f * frame->state->width, 250.0f);
    struct rect bar = rect_cut_right(&area, fmaxf(area.w - wanted - gap, least));
    rect_cut_right(&area, gap);
    float height = panel_surface_height(frame, run_column(frame, area, 0).w);
    struct rect above = rect_cut_top(&area, fminf(height, area.h - legend));
    for (int run = 0; run < runs; run++) {
        panel_surface_draw(frame, run_column(frame, above, run), run);
    }
    panel_surface_legend(frame, rect_cut_top(&area, legend));
    rect_cut_top(&area, 0.5f * gap);
    if (area.h >= least_confusion) {
        for (int run = 0; run < runs; run++) {
            panel_confusion_draw(frame, run_column(frame, area, run), run);
        }
    } else {
        float needed = (float)runs * panel_confusion_height(frame, bar.w);
        draw_confusions(frame, rect_cut_top(&bar, fminf(needed, 0.52f * bar.h)));
        rect_cut_top(&bar, 0.5f * gap);
    }
    panel_loss_draw(frame, bar);
}

static void draw_pictures(const struct frame *frame, struct rect area) {
    int runs = data_runs(frame);
    float gap = gap_of(frame);
    float least = 0.5f * area.w; // for the sheets
    float right = fminf(fmaxf(0.72f * area.h, 0.3f * area.w), area.w - least);
    struct rect bar = rect_cut_right(&area, right);
    float needed = panel_confusion_height(frame, bar.w) + gap;
    if (runs == 1 && bar.h - needed > least_loss) {
        struct rect loss = rect_cut_bottom(&bar, bar.h - needed);
        rect_cut_bottom(&bar, gap);
        panel_loss_draw(frame, loss);
    }
    draw_confusions(frame, bar);
    rect_cut_right(&area, gap);
    struct rect below = area;
    area.h *= runs > 1 ? 0.54f : 0.66f;
    area.h = panel_examples_height(frame, area);
    rect_cut_top(&below, area.h + 0.5f * gap);
    panel_examples_draw(frame, area);
    for (int run = 0; run < runs; run++) {
        struct rect row = rect_row(below, run, runs);
        if (run + 1 < runs) {
            rect_cut_bottom(&row, 4.0f);
        }
        panel_hardest_pictures_draw(frame, row, run);
    }
}

static void draw_other(const struct frame *frame, struct rect area) {
    float gap = gap_of(frame);
    draw_confusions(frame, rect_cut_right(&area, fminf(0.9f * area.h, 0.48f * area.w)));
    rect_cut_right(&area, gap);
    struct rect loss = area;
    float above = panel_hardest_height(frame);
    if (area.h - above > least_loss) {
        area.h = above;
        rect_cut_top(&loss, above + 0.5f * gap);
        panel_loss_draw(frame, loss);
    }
    for (int run = 0; run < data_runs(frame); run++) {
        panel_hardest_draw(frame, run_column(frame, area, run), run);
    }
}

static bool has_rbm(const struct frame *frame, int run) {
    return frame->snapshot->data_detail.run[run].rbm.layer > 0;
}

/* How many of the runs are pre-trained now. */
static int pretrained(const struct frame *frame) {
    int count = 0;
    for (int run = 0; run < data_runs(frame); run++) {
        count += has_rbm(frame, run);
    }
    return count;
}

/* A run that waits for the other one only says so, below the errors. */
static void draw_pretraining(const struct frame *frame, struct rect area) {
    float gap = gap_of(frame);
    struct rect bar = rect_cut_right(&area, fmaxf(0.3f * area.w, 270.0f));
    rect_cut_right(&area, gap);
    bool all = pretrained(frame) == data_runs(frame);
    for (int run = 0; run < data_runs(frame); run++) {
        if (has_rbm(frame, run)) {
            panel_rbm_draw(frame, all ? run_column(frame, area, run) : area, run);
        } else {
            float height = panel_title_height(frame) + 40.0f;
            panel_rbm_draw(frame, rect_cut_bottom(&bar, height), run);
            rect_cut_bottom(&bar, 0.5f * gap);
        }
    }
    panel_rbm_errors_draw(frame, bar);
}

void view_data_draw(struct frame *frame, struct rect area) {
    const struct data_detail *detail = &frame->snapshot->data_detail;
    if (!detail->made) {
        draw_ground(frame, area);
        draw_missing(frame, area, "the data");
    } else if (pretrained(frame) > 0) {
        draw_pretraining(frame, area);
    } else if (detail->form == DATA_PLANE) {
        draw_plane(frame, area);
    } else if (detail->form == DATA_PICTURES) {
        draw_pictures(frame, area);
    } else {
        draw_other(frame, area);
    }
}
