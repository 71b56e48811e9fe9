/* panel_hardest.c - the examples a network is furthest off, as a table: for data without pictures.
 */
#include <math.h>

#include "base/require.h"
#include "base/text.h"
#include "view/view_data.h"

static const float head_height = 22.0f, row_height = 24.0f;

enum { COLUMN_EXAMPLE, COLUMN_TRUE, COLUMN_PREDICTED, COLUMN_OWN, COLUMN_BEST, COLUMNS };

static void write_row(const struct data_detail *detail, const struct data_answer *answer,
                      char texts[COLUMNS][32]) {
    bool wrong = answer->predicted != answer->label;
    char class[16];
    data_class(answer->predicted, class, sizeof class);
    text_grouped(texts[COLUMN_EXAMPLE], 32, (uint64_t)answer->number);
    text_set(texts[COLUMN_TRUE], 32, "%d", answer->label);
    text_set(texts[COLUMN_PREDICTED], 32, "%s%s", wrong ? "✗ " : "", class);
    data_score(detail, answer->own, texts[COLUMN_OWN], 32);
    data_score(detail, answer->score[0], texts[COLUMN_BEST], 32);
}

static void draw_row(const struct frame *frame, struct rect row, int run, int index) {
    const struct data_detail *detail = &frame->snapshot->data_detail;
    const struct data_answer *answer = &detail->run[run].hardest[index];
    char texts[COLUMNS][32];
    write_row(detail, answer, texts);
    bool wrong = answer->predicted != answer->label;
    if (hovered(frame, row)) {
        draw_rect(frame->list, row, theme_blend(frame->theme->panel, frame->theme->focus, 0.1f));
        data_tip(frame, answer, data_part(detail));
        data_tip_answer(frame, run, answer);
    }
    struct rect inner = rect_inset(row, 8.0f, 0.0f);
    for (int c = 0; c < COLUMNS; c++) {
        colour ink = c == COLUMN_PREDICTED && wrong ? frame->theme->bad : frame->theme->text;
        number_right(frame, rect_column(inner, c, COLUMNS), TEXT_LABEL, ink, texts[c]);
    }
}

float panel_hardest_height(const struct frame *frame) {
    return panel_title_height(frame) + head_height + (float)DATA_HARDEST * row_height;
}

void panel_hardest_draw(const struct frame *frame, struct rect area, int run) {
    const struct data_detail *detail = &frame->snapshot->data_detail;
    static const char *const heads[2][COLUMNS] = {
        { "example", "true", "predicted", "output true", "output pred." },
        { "example", "true", "predicted", "p(true)", "p(predicted)" },
    };
    static const char *const brief[] = { "ex.", "true", "pred.", "p(t.)", "p(p.)" };
    struct rect strip = data_title(frame, &area, SUBJECT_HARDEST, "Hardest", run);
    char scope[DATA_TEXTS][DATA_TEXT];
    data_scope(frame, run, scope);
    const char *const texts[] = { scope[0], scope[1], scope[2] };
    label_left(frame, strip, TEXT_LABEL, frame->theme->secondary,
               text_that_fits(frame, strip.w, texts, ARRAY_LEN(texts)));
    draw_ground(frame, area);
    struct rect head = rect_inset(rect_cut_top(&area, head_height), 8.0f, 0.0f);
    for (int c = 0; c < COLUMNS; c++) {
        struct rect box = rect_column(head, c, COLUMNS);
        const char *const names[] = { heads[detail->probabilities][c], brief[c] };
        label_right(frame, box, TEXT_LABEL, frame->theme->secondary,
                    text_that_fits(frame, box.w - 4.0f, names, ARRAY_LEN(names)));
    }
    float height = fminf(area.h / (float)DATA_HARDEST, row_height);
    for (int i = 0; i < detail->run[run].hard; i++) {
        draw_row(frame, rect_cut_top(&area, height), run, i);
    }
}
