/* panel_hardest.c - the examples a network is furthest off, as a table: for data without pictures.
 */
#include <math.h>

#include "base/require.h"
#include "base/text.h"
#include "view/view_data.h"

static const float head_height = 22.0f, row_height = 24.0f;

enum { COLUMN_EXAMPLE, COLUMN_TRUE, COLUMN_PREDICTED, COLUMN_OWN, COLUMN_BEST, COLUMNS };
enum { CELL = NAME_TEXT + 8 };

/* Names take more room than numbers do. */
static struct rect column_in(const struct frame *frame, struct rect row, int column) {
    static const int first[COLUMNS + 1] = { 0, 2, 5, 8, 10, 12 };
    if (!classes_named(frame)) {
        return rect_column(row, column, COLUMNS);
    }
    float part = row.w / (float)first[COLUMNS];
    return (struct rect){ row.x + part * (float)first[column], row.y,
                          part * (float)(first[column + 1] - first[column]), row.h };
}

static void write_row(const struct frame *frame, const struct data_answer *answer,
                      char texts[COLUMNS][CELL]) {
    const struct data_detail *detail = &frame->snapshot->data_detail;
    bool wrong = answer->predicted != answer->label;
    char class[NAME_TEXT];
    text_grouped(texts[COLUMN_EXAMPLE], CELL, (uint64_t)answer->number);
    class_text(frame, answer->label, class);
    text_set(texts[COLUMN_TRUE], CELL, "%s", class);
    data_class(frame, answer->predicted, class);
    text_set(texts[COLUMN_PREDICTED], CELL, "%s%s", wrong ? "✗ " : "", class);
    data_score(detail, answer->own, texts[COLUMN_OWN], CELL);
    data_score(detail, answer->score[0], texts[COLUMN_BEST], CELL);
}

static bool is_class(int column) {
    return column == COLUMN_TRUE || column == COLUMN_PREDICTED;
}

static void draw_row(const struct frame *frame, struct rect row, int run, int index) {
    const struct data_detail *detail = &frame->snapshot->data_detail;
    const struct data_answer *answer = &detail->run[run].hardest[index];
    char texts[COLUMNS][CELL];
    write_row(frame, answer, texts);
    bool wrong = answer->predicted != answer->label;
    if (hovered(frame, row)) {
        draw_rect(frame->list, row, theme_blend(frame->theme->panel, frame->theme->focus, 0.1f));
        data_tip(frame, answer, data_part(detail));
        data_tip_answer(frame, run, answer);
    }
    struct rect inner = rect_inset(row, 8.0f, 0.0f);
    for (int c = 0; c < COLUMNS; c++) {
        colour ink = c == COLUMN_PREDICTED && wrong ? frame->theme->bad : frame->theme->text;
        struct rect box = column_in(frame, inner, c);
        if (classes_named(frame) && is_class(c)) {
            char fitting[CELL];
            fit_start(frame, TEXT_LABEL, box.w - 10.0f, texts[c], fitting, sizeof fitting);
            label_right(frame, box, TEXT_LABEL, ink, fitting);
        } else {
            number_right(frame, box, TEXT_LABEL, ink, texts[c]);
        }
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
        struct rect box = column_in(frame, head, c);
        const char *const names[] = { heads[detail->probabilities][c], brief[c] };
        label_right(frame, box, TEXT_LABEL, frame->theme->secondary,
                    text_that_fits(frame, box.w - 4.0f, names, ARRAY_LEN(names)));
    }
    float height = fminf(area.h / (float)DATA_HARDEST, row_height);
    for (int i = 0; i < detail->run[run].hard; i++) {
        draw_row(frame, rect_cut_top(&area, height), run, i);
    }
}
