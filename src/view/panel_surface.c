/* panel_surface.c - which class is predicted where in the plane, and how surely. */
#include <math.h>

#include "base/require.h"
#include "base/text.h"
#include "view/axis.h"
#include "view/class_mark.h"
#include "view/format.h"
#include "view/view_data.h"

enum { MOST_RIMS = 400 }; // around points on the right side
enum { AXIS_TEXT = 2 * NAME_TEXT + 80 };
static const float gutter_left = 34.0f, gutter_below = 34.0f, legend_height = 22.0f,
                   near_point = 7.0f;

/* How far a score is above what every class has where nothing is known, as a share. */
static float sureness(const struct data_detail *detail, float score) {
    float even = 1.0f / (float)detail->classes;
    return (score - even) / (1.0f - even);
}

static void draw_grounds(const struct frame *frame, const struct data_detail *detail,
                         struct rect plot, int run) {
    uint32_t pixels[DATA_GRID * DATA_GRID];
    int side = detail->side;
    for (int y = 0; y < side; y++) {
        for (int x = 0; x < side; x++) {
            const struct data_cell *cell = &detail->run[run].cell[(side - 1 - y) * side + x];
            pixels[y * side + x] = cell->predicted == DATA_NONE
                                       ? frame->theme->panel
                                       : class_ground(frame->state->theme, cell->predicted,
                                                      sureness(detail, cell->score));
        }
    }
    draw_image(frame->list, plot, pixels, side, side, true);
}

/* Where the lead changes between two neighbours, as the share of the way from a to b. */
static float crossing(const struct data_cell *a, const struct data_cell *b) {
    float sum = a->margin + b->margin;
    return sum > 0.0f && isfinite(sum) ? a->margin / sum : 0.5f;
}

/*
 * The border inside one square of four neighbouring cells: through the crossings on its edges,
 * which meet in the middle where there are more than two. Ends are in cells from the plot's corner.
 */
static int border(const struct data_cell *cells, int side, int x, int y, struct point ends[4]) {
    static const int corner[4][2] = { { 0, 0 }, { 1, 0 }, { 1, 1 }, { 0, 1 } };
    int count = 0;
    for (int i = 0; i < 4; i++) {
        const int *from = corner[i], *to = corner[(i + 1) % 4];
        const struct data_cell *a = &cells[(y + from[1]) * side + x + from[0]];
        const struct data_cell *b = &cells[(y + to[1]) * side + x + to[0]];
        if (a->predicted != b->predicted) {
            float t = crossing(a, b);
            ends[count++] = (struct point){
                (float)x + 0.5f + (float)from[0] + t * (float)(to[0] - from[0]),
                (float)y + 0.5f + (float)from[1] + t * (float)(to[1] - from[1]),
            };
        }
    }
    return count;
}

static void draw_border(const struct frame *frame, const struct data_detail *detail,
                        struct rect plot, int run) {
    int side = detail->side;
    float unit = plot.w / (float)side;
    struct stroke stroke = { .width = 1.5f, .colour = frame->theme->text };
    for (int y = 0; y + 1 < side; y++) {
        for (int x = 0; x + 1 < side; x++) {
            struct point ends[4], middle = { 0.0f, 0.0f };
            int count = border(detail->run[run].cell, side, x, y, ends);
            for (int i = 0; i < count; i++) {
                ends[i].x = plot.x + ends[i].x * unit;
                ends[i].y = plot.y + plot.h - ends[i].y * unit;
                middle.x += ends[i].x / (float)count;
                middle.y += ends[i].y / (float)count;
            }
            for (int i = 0; i < count && count > 2; i++) {
                draw_polyline(frame->list, (struct point[]){ ends[i], middle }, 2, stroke);
            }
            if (count == 2) {
                draw_polyline(frame->list, ends, 2, stroke);
            }
        }
    }
}

static struct point place(const struct data_detail *detail, struct rect plot, int point) {
    double range = detail->high - detail->low;
    double x = ((double)detail->point[point].x - detail->low) / range;
    double y = ((double)detail->point[point].y - detail->low) / range;
    return (struct point){ plot.x + plot.w * (float)x, plot.y + plot.h * (float)(1.0 - y) };
}

static void draw_points(const struct frame *frame, const struct data_detail *detail,
                        struct rect plot, int run) {
    float radius = fminf(fmaxf(plot.w / 190.0f, 2.0f), 4.5f);
    enum class_rim right = detail->points > MOST_RIMS ? RIM_NONE : RIM_THIN;
    for (int wrong = 0; wrong < 2; wrong++) { // those on top
        for (int i = 0; i < detail->points; i++) {
            const struct data_answer *answer = &detail->run[run].point[i];
            if ((answer->predicted != answer->label) == wrong) {
                class_mark(frame, place(detail, plot, i), radius, answer->label,
                           wrong ? RIM_WRONG : right);
            }
        }
    }
}

/* "petal length across, petal width up, as in the file", or as much of it as fits. */
static void write_axes(const struct frame *frame, const struct data_detail *detail, float width,
                       char text[AXIS_TEXT]) {
    const char *names[2] = { input_name(frame, 0), input_name(frame, 1) };
    if (!names[0] || !names[1]) {
        text_set(text, AXIS_TEXT, "input x₁ across, x₂ up, %s", detail->unit);
        return;
    }
    text_set(text, AXIS_TEXT, "%s across, %s up, %s", names[0], names[1], detail->unit);
    if (width_of(frame, FONT_LABEL, TEXT_LABEL, text) > width) {
        char fitting[2][NAME_TEXT];
        float words = width_of(frame, FONT_LABEL, TEXT_LABEL, " across,  up") + 2.0f;
        float first = width_of(frame, FONT_LABEL, TEXT_LABEL, names[0]);
        float second = width_of(frame, FONT_LABEL, TEXT_LABEL, names[1]);
        float half = 0.5f * (width - words);
        fit_start(frame, TEXT_LABEL, fmaxf(half, width - words - second), names[0], fitting[0],
                  NAME_TEXT);
        fit_start(frame, TEXT_LABEL, fmaxf(half, width - words - first), names[1], fitting[1],
                  NAME_TEXT);
        text_set(text, AXIS_TEXT, "%s across, %s up", fitting[0], fitting[1]);
    }
}

/* "at x₁ = 0.3, x₂ = 1", with the names of the inputs where they have some. */
static void write_place(const struct frame *frame, double x, double y, char text[AXIS_TEXT]) {
    const char *first = input_name(frame, 0), *second = input_name(frame, 1);
    text_set(text, AXIS_TEXT, "at %s = %.3g, %s = %.3g", first ? first : "x₁", x,
             second ? second : "x₂", y);
}

static void draw_axes(const struct frame *frame, const struct data_detail *detail,
                      struct rect plot) {
    struct axis axis = axis_exact(detail->low, detail->high, plot.w, 60.0f);
    struct rect gutter = { plot.x - gutter_left, plot.y, gutter_left - 5.0f, plot.h };
    double at;
    for (int i = 0; axis_tick(&axis, i, &at); i++) {
        char text[32];
        axis_label(&axis, at, text, sizeof text);
        float x = axis_x(&axis, plot, at), y = axis_y(&axis, plot, at);
        struct rect below = { x - 30.0f, plot.y + plot.h + 2.0f, 60.0f, 14.0f };
        struct rect left = { gutter.x,
                             fminf(fmaxf(y, plot.y + 4.0f), plot.y + plot.h - 4.0f) - 6.0f,
                             gutter.w, 12.0f };
        below.x = fminf(fmaxf(below.x, plot.x - 24.0f), plot.x + plot.w - 36.0f);
        label_centre(frame, below, TEXT_LABEL, frame->theme->secondary, text);
        label_right(frame, left, TEXT_LABEL, frame->theme->secondary, text);
        draw_line(frame->list, (struct point){ x, plot.y + plot.h },
                  (struct point){ x, plot.y + plot.h + 3.0f }, 1.0f, frame->theme->axis);
        draw_line(frame->list, (struct point){ plot.x - 3.0f, y }, (struct point){ plot.x, y },
                  1.0f, frame->theme->axis);
    }
    struct rect line = { plot.x, plot.y + plot.h + 16.0f, plot.w, 14.0f };
    char text[AXIS_TEXT];
    write_axes(frame, detail, line.w, text);
    label_centre(frame, line, TEXT_LABEL, frame->theme->secondary, text);
}

static int nearest_point(const struct frame *frame, const struct data_detail *detail,
                         struct rect plot) {
    int best = -1;
    float least = near_point * near_point;
    for (int i = 0; i < detail->points; i++) {
        struct point at = place(detail, plot, i);
        float dx = at.x - frame->state->pointer.x, dy = at.y - frame->state->pointer.y;
        if (dx * dx + dy * dy < least) {
            least = dx * dx + dy * dy;
            best = i;
        }
    }
    return best;
}

static void tip_cell(const struct frame *frame, const struct data_detail *detail, struct rect plot,
                     int run) {
    const struct view_pointer *pointer = &frame->state->pointer;
    float unit = plot.w / (float)detail->side;
    int x = (int)fminf((pointer->x - plot.x) / unit, (float)(detail->side - 1));
    int y = (int)fminf((plot.y + plot.h - pointer->y) / unit, (float)(detail->side - 1));
    const struct data_cell *cell = &detail->run[run].cell[(y < 0 ? 0 : y) * detail->side + x];
    char class[NAME_TEXT] = "class –", score[24], at[AXIS_TEXT];
    if (cell->predicted != DATA_NONE) {
        class_title(frame, cell->predicted, class);
    }
    data_score(detail, cell->score, score, sizeof score);
    tip(frame, "%s: %s %s", class, detail->probabilities ? "probability" : "output", score);
    write_place(frame, data_cell_centre(detail, x), data_cell_centre(detail, y < 0 ? 0 : y), at);
    tip(frame, "%s, the middle of one of %d × %d cells", at, detail->side, detail->side);
}

static void tip_surface(const struct frame *frame, const struct data_detail *detail,
                        struct rect plot, int run) {
    int point = nearest_point(frame, detail, plot);
    if (point < 0) {
        tip_cell(frame, detail, plot, run);
        return;
    }
    data_tip(frame, &detail->run[run].point[point], "training");
    for (int r = 0; r < data_runs(frame); r++) {
        data_tip_answer(frame, r, &detail->run[r].point[point]);
    }
    char at[AXIS_TEXT];
    write_place(frame, (double)detail->point[point].x, (double)detail->point[point].y, at);
    tip(frame, "%s", at);
}

/* "1,000 training examples, 37 on the wrong side, step 300" */
static void draw_title(const struct frame *frame, struct rect *area, int run) {
    const struct data_detail *detail = &frame->snapshot->data_detail;
    struct rect strip = data_title(frame, area, SUBJECT_SURFACE, "Decision surface", run);
    int wrong = 0;
    for (int i = 0; i < detail->points; i++) {
        const struct data_answer *answer = &detail->run[run].point[i];
        wrong += answer->predicted != answer->label;
    }
    char n[32], step[32], all[160], some[96], few[64];
    text_grouped(n, sizeof n, (uint64_t)detail->points);
    text_grouped(step, sizeof step, (uint64_t)detail->run[run].step);
    const char *first = detail->points < detail->training ? "first " : "";
    text_set(all, sizeof all, "%s%s training examples, %d on the wrong side, step %s", first, n,
             wrong, step);
    text_set(some, sizeof some, "%d of %s wrong, step %s", wrong, n, step);
    text_set(few, sizeof few, "%d of %s wrong", wrong, n);
    const char *const texts[] = { all, some, few };
    label_left(frame, strip, TEXT_LABEL, frame->theme->secondary,
               text_that_fits(frame, strip.w, texts, ARRAY_LEN(texts)));
}

void panel_surface_draw(const struct frame *frame, struct rect area, int run) {
    const struct data_detail *detail = &frame->snapshot->data_detail;
    draw_title(frame, &area, run);
    rect_cut_left(&area, gutter_left);
    rect_cut_bottom(&area, gutter_below);
    float side = fminf(area.w, area.h);
    struct rect plot = { area.x, area.y, side, side };
    draw_ground(frame, plot);
    draw_clip(frame->list, plot);
    draw_grounds(frame, detail, plot, run);
    draw_border(frame, detail, plot, run);
    draw_points(frame, detail, plot, run);
    draw_unclip(frame->list);
    draw_axes(frame, detail, plot);
    if (hovered(frame, plot)) {
        tip_surface(frame, detail, plot, run);
    }
}

float panel_surface_legend_height(void) {
    return legend_height;
}

float panel_surface_height(const struct frame *frame, float width) {
    return panel_title_height(frame) + width - gutter_left + gutter_below;
}

/* From where nothing is known to where the network is sure. */
static void draw_scale(const struct frame *frame, struct rect bar, int class) {
    enum { STEPS = 16 };
    uint32_t pixels[STEPS];
    for (int i = 0; i < STEPS; i++) {
        pixels[i] = class_ground(frame->state->theme, class, (float)i / (float)(STEPS - 1));
    }
    draw_image(frame->list, bar, pixels, STEPS, 1, true);
    draw_frame(frame->list, bar, 0.0f, 1.0f, frame->theme->axis);
}

/* How entries of the legend are written. */
struct legend {
    bool ends;       // of the scale, too
    float most_name; // width
};

/* A class in the legend. Returns the width it takes. */
static float legend_entry(const struct frame *frame, struct rect at, int class,
                          const struct legend *legend, bool draws) {
    const struct theme_row *theme = frame->theme;
    char low[32], title[NAME_TEXT], name[NAME_TEXT];
    text_set(low, sizeof low, "%.0f%%", 100.0 / frame->snapshot->data_detail.classes);
    class_title(frame, class, title);
    fit_start(frame, TEXT_LABEL, legend->most_name, title, name, sizeof name);
    float middle = at.y + 0.5f * at.h, x = at.x + 14.0f;
    const struct {
        const char *text;
        colour ink;
    } parts[] = {
        { name, theme->text }, { low, theme->secondary }, { NULL, 0 }, { "100%", theme->secondary }
    };
    for (int i = 0; i < ARRAY_LEN(parts); i++) {
        float width = parts[i].text  ? width_of(frame, FONT_LABEL, TEXT_LABEL, parts[i].text) + 1.0f
                      : legend->ends ? 48.0f
                                     : 26.0f;
        if (!legend->ends && i % 2 == 1) {
            continue;
        }
        if (draws && parts[i].text) {
            struct rect box = { x, at.y, width, at.h };
            label_left(frame, box, TEXT_LABEL, parts[i].ink, parts[i].text);
        } else if (draws) {
            draw_scale(frame, (struct rect){ x, middle - 5.0f, width, 10.0f }, class);
        }
        x += width + 5.0f;
    }
    if (draws) {
        class_mark(frame, (struct point){ at.x + 5.0f, middle }, 3.5f, class, RIM_THIN);
    }
    return x - at.x + 8.0f;
}

/* The most that leaves room for all classes; at the least names are shortened. */
static struct legend choose_legend(const struct frame *frame, struct rect area, float rest) {
    static const struct legend choices[] = { { true, INFINITY },
                                             { false, INFINITY },
                                             { false, 110.0f },
                                             { false, 70.0f },
                                             { false, 44.0f } };
    float needed = INFINITY;
    int choice = -1;
    while (needed > area.w && choice < ARRAY_LEN(choices) - 1) {
        choice++;
        needed = rest;
        for (int class = 0; class < frame->snapshot->data_detail.classes; class ++) {
            needed += legend_entry(frame, area, class, &choices[choice], false);
        }
    }
    return choices[choice];
}

void panel_surface_legend(const struct frame *frame, struct rect area) {
    const struct data_detail *detail = &frame->snapshot->data_detail;
    static const char *const wrong = "on the wrong side";
    float rest = width_of(frame, FONT_LABEL, TEXT_LABEL, wrong) + 16.0f;
    explain(frame, area, SUBJECT_SURFACE);
    rect_cut_left(&area, gutter_left);
    area.h -= 4.0f;
    struct legend legend = choose_legend(frame, area, rest);
    for (int class = 0; class < detail->classes; class ++) {
        float width = legend_entry(frame, area, class, &legend, false);
        char more[16] = "";
        if (class + 1 < detail->classes) {
            text_set(more, sizeof more, "+%d", detail->classes - class);
        }
        if (width + width_of(frame, FONT_LABEL, TEXT_LABEL, more) > area.w) {
            label_left(frame, area, TEXT_LABEL, frame->theme->secondary, more);
            return;
        }
        legend_entry(frame, area, class, &legend, true);
        rect_cut_left(&area, width);
    }
    if (area.w >= rest) {
        class_mark(frame, (struct point){ area.x + 5.0f, area.y + 0.5f * area.h }, 3.5f, 0,
                   RIM_WRONG);
        rect_cut_left(&area, 14.0f);
        label_left(frame, area, TEXT_LABEL, frame->theme->secondary, wrong);
    }
}
