/* panel_confusion.c - how often each class is taken for which: counts, coloured by their share of
 * the row. */
#include <math.h>

#include "base/require.h"
#include "base/text.h"
#include "view/class_mark.h"
#include "view/format.h"
#include "view/view_data.h"

static const float above = 28.0f, below = 16.0f, most_cell_width = 90.0f, most_cell_height = 64.0f,
                   label_width = 18.0f, number_width = 25.0f, row_head = 38.0f, share_width = 32.0f,
                   cell_shape = 1.1f, // height by width at most
    most_row_head = 0.34f;            // of the width, for names

/* Where everything is: classes + 1 rows of the same height, and columns of the same width. */
struct matrix {
    const struct data_detail *detail;
    const struct data_run *run;
    int run_index;
    bool none;       // has a column for what is not predicted
    struct rect box; // of the counts
    float cell_w, cell_h;
    float head_w;           // column left of it
    float total_w, share_w; // columns right of it
    bool numbers;           // counts are written, where they fit
    bool named;             // columns have room for the names of classes
};

static uint64_t row_total(const struct matrix *matrix, int row) {
    uint64_t total = matrix->run->none[row];
    for (int k = 0; k < matrix->detail->classes; k++) {
        total += matrix->run->confusion[row][k];
    }
    return total;
}

static uint64_t column_total(const struct matrix *matrix, int column) {
    uint64_t total = 0;
    for (int k = 0; k < matrix->detail->classes; k++) {
        total += column < matrix->detail->classes ? matrix->run->confusion[k][column]
                                                  : matrix->run->none[k];
    }
    return total;
}

static uint32_t count_at(const struct matrix *matrix, int row, int column) {
    return column < matrix->detail->classes ? matrix->run->confusion[row][column]
                                            : matrix->run->none[row];
}

static bool any_none(const struct data_detail *detail, const struct data_run *run) {
    bool any = false;
    for (int k = 0; k < detail->classes; k++) {
        any |= run->none[k] > 0;
    }
    return any;
}

static int columns_of(const struct matrix *matrix) {
    return matrix->detail->classes + matrix->none;
}

static struct rect cell_rect(const struct matrix *matrix, int row, int column) {
    return (struct rect){ matrix->box.x + (float)column * matrix->cell_w,
                          matrix->box.y + (float)row * matrix->cell_h, matrix->cell_w,
                          matrix->cell_h };
}

static void tip_cell(const struct frame *frame, const struct matrix *matrix, int row, int column) {
    char count[32], total[32], share[16], class[NAME_TEXT], predicted[NAME_TEXT];
    uint64_t n = row_total(matrix, row);
    text_grouped(count, sizeof count, count_at(matrix, row, column));
    text_grouped(total, sizeof total, n);
    format_share(share, sizeof share, count_at(matrix, row, column), n);
    data_class(frame, column < matrix->detail->classes ? (uint8_t)column : DATA_NONE, predicted);
    class_title(frame, row, class);
    tip(frame, "%s taken for %s: %s of %s (%s)", class, predicted, count, total, share);
    tip(frame, "%s examples of %s in the row; the colour is the root of the share",
        data_part(matrix->detail), class);
    if (column == matrix->detail->classes) {
        tip(frame, "–: no class is ahead, or the output is not a number");
    }
}

/* Where it fits; else the pointer tells it. */
static void write_count(const struct frame *frame, struct rect box, colour ink, uint64_t count) {
    char text[24];
    text_set(text, sizeof text, "%llu", (unsigned long long)count);
    if (count >= 1000 && width_of(frame, FONT_NUMBER, TEXT_SMALL, text) > box.w) {
        text_set(text, sizeof text, "%s%lluk", count % 1000 > 0 ? ">" : "",
                 (unsigned long long)count / 1000);
    }
    if (width_of(frame, FONT_NUMBER, TEXT_SMALL, text) <= box.w) {
        number_centre(frame, box, TEXT_SMALL, ink, text);
    }
}

static void draw_cell(const struct frame *frame, const struct matrix *matrix, int row, int column) {
    const struct theme_row *theme = frame->theme;
    uint32_t count = count_at(matrix, row, column);
    uint64_t total = row_total(matrix, row);
    struct rect box = cell_rect(matrix, row, column);
    float share = total > 0 ? (float)count / (float)total : 0.0f;
    // by the root of the share, for the few that are wrong are what one looks for
    colour ground = theme_blend(theme->panel, theme->run[matrix->run_index], sqrtf(share));
    struct rect inner = matrix->cell_w > 8.0f ? rect_inset(box, 0.5f, 0.5f) : box;
    draw_rect(frame->list, inner, ground);
    if (row == column && matrix->cell_w > 8.0f) { // what is right is told by its place, too
        draw_frame(frame->list, inner, 0.0f, 1.0f, theme->axis);
    }
    if (matrix->numbers && count > 0) {
        write_count(frame, box, text_on(ground), count);
    }
    if (hovered(frame, box)) {
        draw_frame(frame->list, box, 0.0f, 2.0f, theme->focus);
        tip_cell(frame, matrix, row, column);
    }
}

/* Every how many-th class is labelled where there is no room for all. */
static int stride(float room, float needed) {
    int every = (int)ceilf(needed / room);
    return every > 1 ? every : 1;
}

/* Over a column: its name where all have room, else its number, which the row says, too. */
static void draw_column_head(const struct frame *frame, const struct matrix *matrix, int column) {
    struct rect cell = cell_rect(matrix, 0, column);
    bool none = column == matrix->detail->classes;
    float wide = fmaxf(cell.w, label_width);
    struct rect head = { cell.x + 0.5f * (cell.w - wide), matrix->box.y - 14.0f, wide, 12.0f };
    char text[NAME_TEXT];
    if (matrix->named && !none) {
        class_text(frame, column, text);
        label_centre(frame, head, TEXT_SMALL, frame->theme->text, text);
    } else if (column % stride(matrix->cell_w, label_width) == 0) {
        text_set(text, sizeof text, none ? "–" : "%d", column);
        number_centre(frame, head, TEXT_SMALL, frame->theme->text, text);
    }
}

/* Left of a row: its name, and its number where that stands over its column. */
static void draw_row_head(const struct frame *frame, const struct matrix *matrix, int row) {
    struct rect cell = cell_rect(matrix, row, 0);
    struct rect head = { matrix->box.x - matrix->head_w, cell.y, matrix->head_w - 5.0f, cell.h };
    char text[NAME_TEXT], name[NAME_TEXT];
    if (!matrix->named) {
        text_set(text, sizeof text, "%d", row);
        number_right(frame, rect_cut_right(&head, number_width), TEXT_SMALL, frame->theme->text,
                     text);
        rect_cut_right(&head, 1.0f);
    }
    if (classes_named(frame)) {
        class_text(frame, row, name);
        fit_start(frame, TEXT_SMALL, head.w, name, text, sizeof text);
        label_right(frame, head, TEXT_SMALL,
                    matrix->named ? frame->theme->text : frame->theme->secondary, text);
    }
}

static void draw_margins(const struct frame *frame, const struct matrix *matrix) {
    int classes = matrix->detail->classes;
    struct rect box = matrix->box;
    char text[24];
    for (int k = 0; k < columns_of(matrix); k++) {
        draw_column_head(frame, matrix, k);
        if (matrix->numbers) {
            struct rect cell = cell_rect(matrix, classes, k);
            cell.y += 2.0f;
            cell.h = 13.0f;
            write_count(frame, cell, frame->theme->secondary, column_total(matrix, k));
        }
    }
    for (int k = 0; k < classes; k += stride(matrix->cell_h, 12.0f)) {
        struct rect cell = cell_rect(matrix, k, 0);
        uint64_t total = row_total(matrix, k);
        draw_row_head(frame, matrix, k);
        struct rect right = { box.x + box.w, cell.y, matrix->total_w, cell.h };
        write_count(frame, right, frame->theme->secondary, total);
        right = (struct rect){ right.x + right.w, cell.y, matrix->share_w, cell.h };
        format_share(text, sizeof text, matrix->run->confusion[k][k], total);
        number_right(frame, right, TEXT_SMALL, frame->theme->secondary, total > 0 ? text : "-");
    }
}

/* What rows, columns and margins are. */
static void draw_heads(const struct frame *frame, const struct matrix *matrix) {
    struct rect box = matrix->box;
    colour ink = frame->theme->secondary;
    float needed = width_of(frame, FONT_LABEL, TEXT_LABEL, "predicted →") + 1.0f;
    struct rect line = { box.x, box.y - above, fmaxf(box.w, needed), 13.0f };
    label_centre(frame, line, TEXT_LABEL, ink, "predicted →");
    struct rect head = { box.x - matrix->head_w, line.y, matrix->head_w, 13.0f };
    if (classes_named(frame)) { // over the names, which end at the cells
        rect_cut_left(&head, fmaxf(head.w - row_head, 0.0f));
    }
    label_left(frame, head, TEXT_LABEL, ink, "true ↓");
    line = (struct rect){ box.x + box.w, line.y, matrix->total_w, 13.0f };
    label_centre(frame, line, TEXT_LABEL, ink, "n");
    line = (struct rect){ line.x + line.w, line.y, matrix->share_w, 13.0f };
    label_right(frame, line, TEXT_LABEL, ink, "right");
    if (matrix->numbers) {
        line = (struct rect){ box.x - row_head, box.y + box.h + 2.0f, row_head - 5.0f, 13.0f };
        label_right(frame, line, TEXT_LABEL, ink, "n");
        line = (struct rect){ box.x + box.w, line.y, matrix->total_w, 13.0f };
        write_count(frame, line, ink, (uint64_t)matrix->detail->n);
    }
}

static void draw_title(const struct frame *frame, struct rect *area, int run) {
    const struct data_detail *detail = &frame->snapshot->data_detail;
    struct rect strip = data_title(frame, area, SUBJECT_CONFUSION, "Confusion", run);
    char scope[DATA_TEXTS][DATA_TEXT], text[DATA_TEXTS + 1][DATA_TEXT + 32];
    const char *texts[DATA_TEXTS + 1];
    double percent = 100.0 * detail->run[run].correct / (double)detail->n;
    data_scope(frame, run, scope);
    for (int i = 0; i < DATA_TEXTS; i++) {
        text_set(text[i], sizeof text[i], "%.1f%% right of %s", percent, scope[i]);
        texts[i] = text[i];
    }
    text_set(text[DATA_TEXTS], sizeof text[0], "%.1f%% right", percent);
    texts[DATA_TEXTS] = text[DATA_TEXTS];
    label_left(frame, strip, TEXT_LABEL, frame->theme->secondary,
               text_that_fits(frame, strip.w, texts, DATA_TEXTS + 1));
}

static float total_width(const struct frame *frame, const struct data_detail *detail) {
    char text[24];
    text_set(text, sizeof text, "%llu", (unsigned long long)detail->n);
    return width_of(frame, FONT_NUMBER, TEXT_SMALL, text) + 12.0f;
}

/* Of the column left of the counts. */
static float head_width(const struct frame *frame, float width) {
    float names = class_width(frame, TEXT_SMALL, most_row_head * width - number_width);
    return names > 0.0f ? fmaxf(names + number_width + 6.0f, row_head) : row_head;
}

/* Of the columns right of the counts. */
static float numbers_width(const struct frame *frame, const struct data_detail *detail) {
    return total_width(frame, detail) + share_width;
}

static void place_cells(const struct frame *frame, struct matrix *matrix, struct rect area) {
    int classes = matrix->detail->classes, columns = columns_of(matrix);
    matrix->total_w = total_width(frame, matrix->detail);
    matrix->share_w = share_width;
    matrix->head_w = head_width(frame, area.w);
    rect_cut_top(&area, above);
    rect_cut_left(&area, matrix->head_w);
    rect_cut_right(&area, matrix->total_w + matrix->share_w);
    rect_cut_bottom(&area, below);
    // square cells read best, but wide ones have room for their numbers
    float width = area.w / (float)columns, height = area.h / (float)classes;
    matrix->cell_h = floorf(fminf(height, cell_shape * width) * 2.0f) / 2.0f;
    matrix->cell_w = floorf(fminf(width, 1.8f * matrix->cell_h) * 2.0f) / 2.0f;
    matrix->cell_w = fminf(matrix->cell_w, most_cell_width);
    matrix->cell_h = fminf(matrix->cell_h, most_cell_height);
    matrix->box = (struct rect){ area.x, area.y, matrix->cell_w * (float)columns,
                                 matrix->cell_h * (float)classes };
    matrix->numbers = matrix->cell_h >= 11.0f &&
                      matrix->cell_w >= width_of(frame, FONT_NUMBER, TEXT_SMALL, "00") + 2.0f;
    matrix->named = classes_named(frame) &&
                    class_width(frame, TEXT_SMALL, matrix->cell_w) < matrix->cell_w - 4.0f;
}

float panel_confusion_height(const struct frame *frame, float width) {
    const struct data_detail *detail = &frame->snapshot->data_detail;
    float cell_w =
        (width - head_width(frame, width) - numbers_width(frame, detail)) / (float)detail->classes;
    float cell_h = fminf(most_cell_height, cell_shape * cell_w);
    return panel_title_height(frame) + above + (float)detail->classes * cell_h + below;
}

void panel_confusion_draw(const struct frame *frame, struct rect area, int run) {
    const struct data_detail *detail = &frame->snapshot->data_detail;
    draw_title(frame, &area, run);
    if (detail->classes > DATA_CLASSES) {
        char text[96];
        text_set(text, sizeof text, "%d classes are more than the %d it has room for",
                 detail->classes, DATA_CLASSES);
        draw_ground(frame, area);
        label_centre(frame, area, TEXT_LABEL, frame->theme->secondary, text);
        return;
    }
    struct matrix matrix = { .detail = detail,
                             .run = &detail->run[run],
                             .run_index = run,
                             .none = any_none(detail, &detail->run[run]) };
    place_cells(frame, &matrix, area);
    draw_ground(frame, matrix.box);
    for (int row = 0; row < detail->classes; row++) {
        for (int column = 0; column < columns_of(&matrix); column++) {
            draw_cell(frame, &matrix, row, column);
        }
    }
    draw_margins(frame, &matrix);
    draw_heads(frame, &matrix);
}
