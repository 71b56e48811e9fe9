/* panel_start.c - where the runs start on the plane of first weights, in numbers and in words. */
#include <math.h>

#include "base/require.h"
#include "base/text.h"
#include "view/format.h"
#include "view/plane.h"

enum { PAD = 12, NUMBER_LINE = 17, MOST_LINES = 6 };

/* A number about the start, and what is said of it. */
struct row {
    const char *names[2]; // in full, in brief
    const char *about[2];
};

static const struct row rows[] = {
    { { "σw² = fan_in × Var W", "σw²" },
      { "variance of the first weights as the initialiser promises it, times fan_in",
        "of layers 2 to L; of layer 1 where it is alone. Training does not move it" } },
    { { "σb² = Var b", "σb²" },
      { "variance of the first biases: bias_sd², or the initialiser's" } },
    { { "χ, of δ² per layer", "χ" },
      { "χ = σw² E[φ'(z)²], z ~ N(0, q): what a layer does to the mean square of δ",
        "below 1 gradients vanish with depth, above 1 they explode" } },
    { { "ξ, depth scale in layers", "ξ" },
      { "e^(-l/ξ): how the correlation of two inputs nears where it settles, l layers deep",
        "Schoenholz, Gilmer, Ganguli & Sohl-Dickstein, ICLR 2017" } },
    { { "q, where E[z²] settles", "q" },
      { "q = σw² E[φ(z)²] + σb², z ~ N(0, q), from inputs of mean square 1",
        "Poole, Lahiri, Raghu, Sohl-Dickstein & Ganguli, NeurIPS 2016" } },
};

static void draw_number(const struct frame *frame, struct rect *area, const struct row *row,
                        double value) {
    struct rect line = rect_cut_top(area, NUMBER_LINE);
    for (int i = 0; i < 2 && row->about[i] && hovered(frame, line); i++) {
        tip(frame, "%s", row->about[i]);
    }
    char text[24];
    format_value(text, sizeof text, value);
    struct rect right = rect_cut_right(&line, 58.0f);
    label_left(frame, line, TEXT_LABEL, frame->theme->secondary,
               text_that_fits(frame, line.w, row->names, 2));
    number_right(frame, right, TEXT_LABEL, frame->theme->text, isinf(value) ? "∞" : text);
}

/* What becomes of signals over the depth, in a sentence or two. */
static void say(const struct phase_point *point, int layers, char *text, size_t size) {
    const double unseen = 0.01;
    char each[32], depth[32], xi[32];
    format_value(each, sizeof each, sqrt(point->chi));
    format_brief(xi, sizeof xi, point->xi);
    format_brief(depth, sizeof depth, layers / point->xi);
    if (point->chi == 1.0) {
        text_set(text, size, "On the critical line: gradients keep their size through any depth.");
        return;
    }
    double change = fabs(expm1(0.5 * layers * log(point->chi)));
    if (layers > 0 && change < unseen) { // leaky ReLU with the gain of ReLU
        text_set(text, size,
                 "All but on the critical line: %d layer%s the RMS of δ by %.1g%% in all.", layers,
                 layers == 1 ? " changes" : "s change", 100.0 * change);
        return;
    }
    text_set(text, size, "%s: each layer multiplies the RMS of δ by %s. ",
             point->chi < 1.0 ? "Ordered" : "Chaotic", each);
    if (!point->settles) {
        text_append(text, size, "Activations grow without bounds, too.");
        return;
    }
    text_append(text, size, "Two inputs %s within ξ = %s layers. ",
                point->chi < 1.0 ? "come to look alike" : "come apart", xi);
    if (layers == 0) {
        return;
    }
    text_append(text, size, "%d layer%s %s ξ, %s the 6 ξ or so that train.", layers,
                layers == 1 ? " is" : "s are", depth,
                layers > PLANE_TRAINS_TO * point->xi ? "beyond" : "within");
}

/* Why the numbers are of another network, or "". */
static void caveat(const struct view_plane *plane, char *text, size_t size) {
    text[0] = '\0';
    if (plane->start.missing[0]) {
        text_set(text, size, "The plane is that of the plain network; this one has %s.",
                 plane->start.missing);
    }
}

static void draw_run(const struct frame *frame, struct rect *area, int run) {
    const struct view_plane *plane = &frame->state->plane[run];
    const struct run_snapshot *shown = &frame->snapshot->run[run];
    struct rect head = rect_cut_top(area, 22.0f);
    if (frame->runs == 2) {
        rect_cut_left(&head, run_badge(frame, head.x, head.y + 0.5f * head.h, run) + 7.0f);
    }
    char name[96], text[512];
    text_set(name, sizeof name, "%s, %s", shown->activation, shown->init);
    strong_left(frame, head, TEXT_BODY, frame->theme->text, name);
    if (!plane->phase || !plane->start.known) {
        write_paragraph(frame, area, frame->theme->secondary,
                        plane->phase ? plane->start.reason : plane->reason, MOST_LINES);
        return;
    }
    double sw2 = plane->start.sw2, sb2 = plane->start.sb2;
    draw_number(frame, area, &rows[0], sw2);
    draw_number(frame, area, &rows[1], sb2);
    if (!plane_holds(plane)) {
        write_paragraph(frame, area, frame->theme->secondary, "That is beyond the plane.", 2);
        return;
    }
    struct phase_point point = phase_at(plane->phase, sw2, sb2);
    draw_number(frame, area, &rows[2], point.chi);
    draw_number(frame, area, &rows[3], point.xi);
    draw_number(frame, area, &rows[4], point.q);
    rect_cut_top(area, 3.0f);
    say(&point, shown->layers, text, sizeof text);
    write_paragraph(frame, area, frame->theme->text, text, MOST_LINES);
    caveat(plane, text, sizeof text);
    write_paragraph(frame, area, frame->theme->warning, text, 3);
}

/* The colours over a log axis of layers. */
static void draw_colours(const struct frame *frame, struct rect area) {
    enum { STEPS = 128 };
    static const double marks[] = { 1.0, 3.0, 10.0, 30.0, 100.0 };
    uint32_t pixels[STEPS];
    for (int i = 0; i < STEPS; i++) {
        pixels[i] = theme_map(frame->state->theme, (float)i / (STEPS - 1));
    }
    label_left(frame, rect_cut_top(&area, 18.0f), TEXT_LABEL, frame->theme->secondary,
               "colour: depth scale ξ in layers");
    struct rect bar = rect_cut_top(&area, 12.0f);
    draw_image(frame->list, bar, pixels, STEPS, 1, true);
    for (int i = 0; i < ARRAY_LEN(marks); i++) {
        float x = bar.x + bar.w * plane_colour_share(marks[i]);
        char text[16];
        text_set(text, sizeof text, "%g", marks[i]);
        draw_line(frame->list, (struct point){ x, bar.y + bar.h },
                  (struct point){ x, bar.y + bar.h + 3.0f }, 1.0f, frame->theme->axis);
        struct rect box = { x - 18.0f, bar.y + bar.h + 3.0f, 36.0f, 14.0f };
        label_centre(frame, box, TEXT_LABEL, frame->theme->secondary, text);
    }
}

/* Whose depth the thin line is of: on a shared plane it is A's. */
static void name_depth(const struct frame *frame, char *text, size_t size) {
    const struct run_snapshot *run = frame->snapshot->run;
    bool differ = frame->runs == 2 && run[0].layers != run[1].layers;
    if (differ && !planes_shared(frame)) {
        text_set(text, size, "6 ξ = layers, A: %d, B: %d", run[0].layers, run[1].layers);
    } else {
        text_set(text, size, "6 ξ = %d layer%s%s: brighter trains", run[0].layers,
                 run[0].layers == 1 ? "" : "s", differ ? " of A" : "");
    }
}

/* The lines of the plane. */
static void draw_lines(const struct frame *frame, struct rect area) {
    char text[64];
    name_depth(frame, text, sizeof text);
    struct rect line = rect_cut_top(&area, 17.0f);
    struct point thick[2] = { { line.x, line.y + 8.0f }, { line.x + 18.0f, line.y + 8.0f } };
    marked_line(frame, thick, 2, 0.0f);
    rect_cut_left(&line, 24.0f);
    label_left(frame, line, TEXT_LABEL, frame->theme->secondary, "critical line, χ = 1");
    line = rect_cut_top(&area, 17.0f);
    struct point thin[2] = { { line.x, line.y + 8.0f }, { line.x + 18.0f, line.y + 8.0f } };
    plane_thin_line(frame, thin, 2);
    rect_cut_left(&line, 24.0f);
    label_left(frame, line, TEXT_LABEL, frame->theme->secondary, text);
}

void panel_start_draw(const struct frame *frame, struct rect area) {
    panel_title(frame, &area, SUBJECT_START, "You are here",
                (const char *const[]){ "from the initialiser, not from trained weights",
                                       "at the first weights" },
                2);
    draw_ground(frame, area);
    area = rect_inset(area, PAD, 8.0f);
    draw_colours(frame, rect_cut_bottom(&area, 50.0f));
    draw_lines(frame, rect_cut_bottom(&area, 40.0f));
    for (int run = 0; run < frame->runs; run++) {
        draw_run(frame, &area, run);
        rect_cut_top(&area, 8.0f);
    }
    write_paragraph(frame, &area, frame->theme->secondary,
                    "A click on the plane sets the initialiser there and starts again.",
                    MOST_LINES);
}
