/* panel_examples.c - pictures of examples, and under each what the networks take it for. */
#include <math.h>

#include "base/require.h"
#include "base/text.h"
#include "view/view_data.h"

static const float caption_height = 15.0f, tile_gap = 6.0f, letter_width = 13.0f;
// Fewer pictures before they get smaller than the first, none before the second.
static const float good_picture = 32.0f, least_picture = 22.0f;

/* A picture and lines of captions below; widths allow for "✗ 10 >99%". */
struct sheet {
    float width, height; // of a tile
    float picture;       // side of the square that pictures stand in
    int columns, count;
};

/* As many as there is room for, of at least that size; then as large as they can be. */
static struct sheet sheet_of(struct rect area, int count, int lines, float least_width,
                             float least) {
    struct sheet best = { .count = 0 };
    for (int columns = 1; columns <= count; columns++) {
        float width = floorf((area.w + tile_gap) / (float)columns) - tile_gap;
        float picture = width, below = (float)lines * caption_height + tile_gap;
        if (width < least_width) {
            break;
        }
        int rows = (count + columns - 1) / columns;
        int fit = (int)((area.h + tile_gap) / (least + below));
        rows = rows < fit ? rows : fit;
        if (rows < 1) {
            break;
        }
        picture = floorf(fminf(picture, (area.h + tile_gap) / (float)rows - below));
        int shown = rows * columns < count ? rows * columns : count;
        if (shown > best.count || (shown == best.count && picture > best.picture)) {
            best = (struct sheet){ width, picture + below, picture, columns, shown };
        }
    }
    return best;
}

static struct sheet sheet_in(struct rect area, int count, int lines, float least_width) {
    struct sheet sheet = sheet_of(area, count, lines, least_width, good_picture);
    return sheet.count > 0 ? sheet : sheet_of(area, count, lines, least_width, least_picture);
}

static struct rect tile_at(const struct sheet *sheet, struct rect area, int index) {
    return (struct rect){ area.x + (float)(index % sheet->columns) * (sheet->width + tile_gap),
                          area.y + (float)(index / sheet->columns) * sheet->height, sheet->width,
                          sheet->height - tile_gap };
}

static float least_tile(const struct frame *frame, float letters) {
    return width_of(frame, FONT_LABEL, TEXT_LABEL, "✗ 88 >99%") + letters;
}

/* "✗ 9 81%" or "7 93%", the mark and the colour only where it is wrong. */
static void draw_answer(const struct frame *frame, struct rect line, int run,
                        const struct data_answer *answer) {
    const struct data_detail *detail = &frame->snapshot->data_detail;
    bool wrong = answer->predicted != answer->label;
    char class[16], score[24], text[64], brief[32];
    data_class(answer->predicted, class, sizeof class);
    data_score(detail, answer->score[0], score, sizeof score);
    text_set(text, sizeof text, "%s%s %s", wrong ? "✗ " : "", class, score);
    text_set(brief, sizeof brief, "%s%s", wrong ? "✗ " : "", class);
    const char *const texts[] = { text, brief };
    colour ink = wrong ? frame->theme->bad : frame->theme->secondary;
    if (data_runs(frame) > 1) { // a block in the middle of the tile
        float needed = least_tile(frame, letter_width);
        rect_cut_left(&line, fmaxf(0.5f * (line.w - needed), 0.0f));
        struct text_style style = { FONT_STRONG, TEXT_LABEL, ALIGN_LEFT,
                                    frame->theme->run_text[run] };
        draw_text(frame->list, line, style, "%c", 'A' + run);
        rect_cut_left(&line, letter_width);
    }
    const char *shown = text_that_fits(frame, line.w, texts, ARRAY_LEN(texts));
    if (data_runs(frame) > 1) {
        label_left(frame, line, TEXT_LABEL, ink, shown);
    } else {
        label_centre(frame, line, TEXT_LABEL, ink, shown);
    }
}

static void draw_picture(const struct frame *frame, struct rect *tile, float side, bool wrong,
                         const uint8_t *bytes) {
    const struct data_shape *shape = &frame->snapshot->data_detail.picture;
    struct rect box = data_picture_box(rect_cut_top(tile, side), shape);
    data_picture(frame, box, bytes, shape);
    colour rim = wrong ? frame->theme->bad : frame->theme->grid;
    draw_frame(frame->list, box, 0.0f, wrong ? 2.0f : 1.0f, rim);
}

static const struct data_answer *example_of(const struct frame *frame, int run, int index) {
    return &frame->snapshot->data_detail.run[run].example[index];
}

static void draw_example(const struct frame *frame, struct rect tile, float side, int index) {
    const struct data_detail *detail = &frame->snapshot->data_detail;
    int runs = data_runs(frame);
    struct rect whole = tile;
    bool wrong = false;
    for (int run = 0; run < runs; run++) {
        const struct data_answer *answer = example_of(frame, run, index);
        wrong |= answer->predicted != answer->label;
    }
    draw_picture(frame, &tile, side, wrong && runs == 1, detail->pictures[index]);
    for (int run = 0; run < runs; run++) {
        draw_answer(frame, rect_cut_top(&tile, caption_height), run, example_of(frame, run, index));
    }
    if (hovered(frame, whole)) {
        data_tip(frame, example_of(frame, 0, index), data_part(detail));
        for (int run = 0; run < runs; run++) {
            data_tip_answer(frame, run, example_of(frame, run, index));
        }
    }
}

static struct sheet examples_in(const struct frame *frame, struct rect area) {
    int runs = data_runs(frame);
    return sheet_in(area, frame->snapshot->data_detail.examples, runs,
                    least_tile(frame, runs > 1 ? letter_width : 0.0f));
}

float panel_examples_height(const struct frame *frame, struct rect area) {
    float title = panel_title_height(frame);
    rect_cut_top(&area, title);
    struct sheet sheet = examples_in(frame, area);
    int rows = sheet.count > 0 ? (sheet.count + sheet.columns - 1) / sheet.columns : 0;
    return title + (float)rows * sheet.height;
}

void panel_examples_draw(const struct frame *frame, struct rect area) {
    const struct data_detail *detail = &frame->snapshot->data_detail;
    char all[160], some[96], step[32];
    const char *what = detail->probabilities ? "its probability" : "its output";
    text_grouped(step, sizeof step, (uint64_t)detail->step);
    text_set(all, sizeof all,
             "the first %s ones, the same all the time; below the predicted class and %s, "
             "✗ where it is wrong; step %s",
             data_part(detail), what, step);
    text_set(some, sizeof some, "first %s ones: predicted class, %s, ✗ wrong", data_part(detail),
             what);
    const char *const texts[] = { all, some, "predicted, ✗ wrong" };
    panel_title(frame, &area, SUBJECT_EXAMPLES, "Examples", texts, ARRAY_LEN(texts));
    struct sheet sheet = examples_in(frame, area);
    for (int i = 0; i < sheet.count; i++) {
        draw_example(frame, tile_at(&sheet, area, i), sheet.picture, i);
    }
}

void panel_hardest_pictures_draw(const struct frame *frame, struct rect area, int run) {
    const struct data_detail *detail = &frame->snapshot->data_detail;
    const struct data_run *seen = &detail->run[run];
    struct rect strip = data_title(frame, &area, SUBJECT_HARDEST, "Hardest", run);
    char scope[DATA_TEXTS][DATA_TEXT], all[192];
    data_scope(frame, run, scope);
    text_set(all, sizeof all, "lowest %s of the own class, of the %s; true → predicted",
             detail->probabilities ? "probability" : "output", scope[0]);
    const char *const texts[] = { all, scope[0], scope[1] };
    label_left(frame, strip, TEXT_LABEL, frame->theme->secondary,
               text_that_fits(frame, strip.w, texts, ARRAY_LEN(texts)));
    struct sheet sheet = sheet_in(area, seen->hard, 2, least_tile(frame, 0.0f));
    for (int i = 0; i < sheet.count; i++) {
        const struct data_answer *answer = &seen->hardest[i];
        struct rect tile = tile_at(&sheet, area, i), whole = tile;
        bool wrong = answer->predicted != answer->label;
        char text[48], class[16], score[24];
        draw_picture(frame, &tile, sheet.picture, wrong, seen->hardest_picture[i]);
        data_class(answer->predicted, class, sizeof class);
        data_score(detail, answer->own, score, sizeof score);
        text_set(text, sizeof text, "%s%d → %s", wrong ? "✗ " : "", answer->label, class);
        label_centre(frame, rect_cut_top(&tile, caption_height), TEXT_LABEL,
                     wrong ? frame->theme->bad : frame->theme->secondary, text);
        text_set(text, sizeof text, "%d: %s", answer->label, score);
        label_centre(frame, rect_cut_top(&tile, caption_height), TEXT_LABEL,
                     frame->theme->secondary, text);
        if (hovered(frame, whole)) {
            data_tip(frame, answer, data_part(detail));
            data_tip_answer(frame, run, answer);
        }
    }
}
