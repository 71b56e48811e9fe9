/* panel_examples.c - pictures of examples, and under each what the networks take it for. */
#include <math.h>

#include "base/require.h"
#include "base/text.h"
#include "view/view_data.h"

enum { CAPTION = NAME_TEXT + 40 };

static const float caption_height = 15.0f, tile_gap = 6.0f, letter_width = 13.0f;
// Fewer pictures before they get smaller than the first, none before the second.
static const float good_picture = 32.0f, least_picture = 22.0f;

static void draw_pixels(const struct frame *frame, struct rect box, const uint8_t *bytes,
                        const struct data_shape *shape) {
    uint32_t pixels[DATA_PICTURE];
    int count = shape->width * shape->height;
    for (int i = 0; i < count; i++) {
        uint32_t red = bytes[i];
        uint32_t green = shape->channels == 3 ? bytes[count + i] : red;
        uint32_t blue = shape->channels == 3 ? bytes[2 * count + i] : red;
        pixels[i] = 0xff000000u | red << 16 | green << 8 | blue;
    }
    draw_image(frame->list, box, pixels, shape->width, shape->height, false);
}

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
    const float most_name = 66.0f;
    float named =
        class_width(frame, TEXT_LABEL, most_name) + width_of(frame, FONT_LABEL, TEXT_LABEL, "✗ ");
    return fmaxf(width_of(frame, FONT_LABEL, TEXT_LABEL, "✗ 88 >99%"), named) + letters;
}

/* What fits of a class and, where there is room for all of it, what follows: "✗ 9" and " 81%". */
static void write_class(const struct frame *frame, float width, const char *class,
                        const char *follows, char text[CAPTION]) {
    text_set(text, CAPTION, "%s%s", class, follows);
    if (width_of(frame, FONT_LABEL, TEXT_LABEL, text) > width) {
        fit_start(frame, TEXT_LABEL, width, class, text, CAPTION);
    }
}

/* "✗ 9 81%" or "7 93%", the mark and the colour only where it is wrong. */
static void draw_answer(const struct frame *frame, struct rect line, int run,
                        const struct data_answer *answer) {
    const struct data_detail *detail = &frame->snapshot->data_detail;
    bool wrong = answer->predicted != answer->label;
    char class[NAME_TEXT], score[24], text[CAPTION], marked[CAPTION], follows[32];
    data_class(frame, answer->predicted, class);
    data_score(detail, answer->score[0], score, sizeof score);
    text_set(marked, sizeof marked, "%s%s", wrong ? "✗ " : "", class);
    text_set(follows, sizeof follows, " %s", score);
    colour ink = wrong ? frame->theme->bad : frame->theme->secondary;
    if (data_runs(frame) > 1) { // a block in the middle of the tile
        float needed = least_tile(frame, letter_width);
        rect_cut_left(&line, fmaxf(0.5f * (line.w - needed), 0.0f));
        struct text_style style = { FONT_STRONG, TEXT_LABEL, ALIGN_LEFT,
                                    frame->theme->run_text[run] };
        draw_text(frame->list, line, style, "%c", 'A' + run);
        rect_cut_left(&line, letter_width);
    }
    write_class(frame, line.w, marked, follows, text);
    if (data_runs(frame) > 1) {
        label_left(frame, line, TEXT_LABEL, ink, text);
    } else {
        label_centre(frame, line, TEXT_LABEL, ink, text);
    }
}

static void draw_picture(const struct frame *frame, struct rect *tile, float side, bool wrong,
                         const uint8_t *bytes) {
    const struct data_shape *shape = &frame->snapshot->data_detail.picture;
    struct rect strip = rect_cut_top(tile, side);
    float scale = side / (float)(shape->width > shape->height ? shape->width : shape->height);
    float width = scale * (float)shape->width, height = scale * (float)shape->height;
    struct rect box = { strip.x + 0.5f * (strip.w - width), strip.y + 0.5f * (side - height), width,
                        height };
    draw_pixels(frame, box, bytes, shape);
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

/* Below one of the hardest: "✗ 4 → 9" and "4: 0.3%", of names "coat 0.3%" and "✗ pullover". */
static void draw_hard_captions(const struct frame *frame, struct rect tile,
                               const struct data_answer *answer) {
    const struct data_detail *detail = &frame->snapshot->data_detail;
    bool wrong = answer->predicted != answer->label;
    char own[NAME_TEXT], predicted[NAME_TEXT], score[24], first[CAPTION], second[CAPTION];
    char line[CAPTION], follows[32];
    struct rect above = rect_cut_top(&tile, caption_height);
    struct rect below = rect_cut_top(&tile, caption_height);
    colour loud = wrong ? frame->theme->bad : frame->theme->secondary;
    colour ink = frame->theme->secondary;
    class_text(frame, answer->label, own);
    data_class(frame, answer->predicted, predicted);
    data_score(detail, answer->own, score, sizeof score);
    if (classes_named(frame)) {
        text_set(follows, sizeof follows, " %s", score);
        write_class(frame, above.w, own, follows, first);
        text_set(line, sizeof line, "%s %s", wrong ? "✗" : "→", predicted);
        write_class(frame, below.w, line, "", second);
    } else {
        text_set(first, sizeof first, "%s%s → %s", wrong ? "✗ " : "", own, predicted);
        text_set(second, sizeof second, "%s: %s", own, score);
    }
    label_centre(frame, above, TEXT_LABEL, classes_named(frame) ? ink : loud, first);
    label_centre(frame, below, TEXT_LABEL, classes_named(frame) ? loud : ink, second);
}

void panel_hardest_pictures_draw(const struct frame *frame, struct rect area, int run) {
    const struct data_detail *detail = &frame->snapshot->data_detail;
    const struct data_run *seen = &detail->run[run];
    struct rect strip = data_title(frame, &area, SUBJECT_HARDEST, "Hardest", run);
    char scope[DATA_TEXTS][DATA_TEXT], all[192];
    data_scope(frame, run, scope);
    text_set(all, sizeof all, "lowest %s of the own class, of the %s; %s",
             detail->probabilities ? "probability" : "output", scope[0],
             classes_named(frame) ? "the true class, below it the predicted" : "true → predicted");
    const char *const texts[] = { all, scope[0], scope[1] };
    label_left(frame, strip, TEXT_LABEL, frame->theme->secondary,
               text_that_fits(frame, strip.w, texts, ARRAY_LEN(texts)));
    struct sheet sheet = sheet_in(area, seen->hard, 2, least_tile(frame, 0.0f));
    for (int i = 0; i < sheet.count; i++) {
        const struct data_answer *answer = &seen->hardest[i];
        struct rect tile = tile_at(&sheet, area, i), whole = tile;
        bool wrong = answer->predicted != answer->label;
        draw_picture(frame, &tile, sheet.picture, wrong, seen->hardest_picture[i]);
        draw_hard_captions(frame, tile, answer);
        if (hovered(frame, whole)) {
            data_tip(frame, answer, data_part(detail));
            data_tip_answer(frame, run, answer);
        }
    }
}
