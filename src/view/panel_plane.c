/*
 * panel_plane.c - the plane of first weights of one activation: where signals vanish, where they
 * explode, and where the runs start.
 *
 * Places are spaced by standard deviation, so that equal ways are equal steps of the initialiser,
 * and labelled by variance, as the literature has it.
 */
#include <math.h>

#include "base/require.h"
#include "base/text.h"
#include "view/format.h"
#include "view/plane.h"

enum { FINE = 2, SHADES = 256 }; // pixels from one place of the grid to the next; colours

struct plane {
    const struct frame *frame;
    const struct phase *phase;
    struct rect plot;
    int run;
};

bool planes_shared(const struct frame *frame) {
    const struct view_plane *plane = frame->state->plane;
    return frame->runs == 2 && plane[0].phase && plane[0].phase == plane[1].phase;
}

bool plane_holds(const struct view_plane *plane) {
    return plane->phase && plane->start.known &&
           plane->start.sw2 <= plane->phase->sw_high * plane->phase->sw_high &&
           plane->start.sb2 <= plane->phase->sb_high * plane->phase->sb_high;
}

float plane_colour_share(double xi) {
    double low = log10(PLANE_XI_LOW), high = log10(PLANE_XI_HIGH);
    return (float)((log10(xi) - low) / (high - low)); // the map clamps it: on the line it is inf
}

static struct point place(const struct plane *plane, double sw, double sb) {
    const struct rect *plot = &plane->plot;
    return (struct point){ plot->x + plot->w * (float)(sw / plane->phase->sw_high),
                           plot->y + plot->h * (float)(1.0 - sb / plane->phase->sb_high) };
}

/*
 * 1 / xi, negative in the chaotic phase: the coordinate in which the ridge along the critical line
 * is a smooth zero, so that it can be interpolated.
 */
typedef float rates[PHASE_ROWS][PHASE_COLUMNS];

static void signed_rates(const struct phase *phase, rates rate) {
    for (int r = 0; r < PHASE_ROWS; r++) {
        for (int c = 0; c < PHASE_COLUMNS; c++) {
            float xi = phase->xi[r][c];
            float size = isnan(xi) ? NAN : 1.0f / fmaxf(xi, 1e-3f);
            rate[r][c] = phase->chi[r][c] > 1.0f ? -size : size;
        }
    }
}

/* Between four places; where q grows without bounds at one of them, that of the nearest. */
static float rate_between(rates rate, int x, int y) {
    int c = x / FINE, r = y / FINE;
    int c1 = c + (x % FINE > 0), r1 = r + (y % FINE > 0);
    float across = (float)(x % FINE) / FINE, up = (float)(y % FINE) / FINE;
    float low = (1.0f - across) * rate[r][c] + across * rate[r][c1];
    float high = (1.0f - across) * rate[r1][c] + across * rate[r1][c1];
    float mixed = (1.0f - up) * low + up * high;
    return isnan(mixed) ? rate[up < 0.5f ? r : r1][across < 0.5f ? c : c1] : mixed;
}

static void draw_map(const struct plane *plane) {
    const struct frame *frame = plane->frame;
    enum { WIDTH = FINE * (PHASE_COLUMNS - 1) + 1, HEIGHT = FINE * (PHASE_ROWS - 1) + 1 };
    uint32_t pixels[HEIGHT * WIDTH], colours[SHADES];
    rates rate;
    signed_rates(plane->phase, rate);
    for (int i = 0; i < SHADES; i++) {
        colours[i] = theme_map(frame->state->theme, (float)i / (SHADES - 1));
    }
    const float high = log2f((float)PLANE_XI_HIGH), low = log2f((float)PLANE_XI_LOW);
    const float scale = (SHADES - 1) / (high - low);
    for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < WIDTH; x++) {
            float at = rate_between(rate, x, HEIGHT - 1 - y);
            float shade = (-log2f(fmaxf(fabsf(at), 1e-6f)) - low) * scale;
            shade = fminf(fmaxf(shade, 0.0f), SHADES - 1);
            pixels[y * WIDTH + x] = isnan(at) ? frame->theme->panel : colours[(int)(shade + 0.5f)];
        }
    }
    struct rect plot = plane->plot; // the first and last values stand on its edges
    struct rect image =
        rect_inset(plot, -0.5f * plot.w / (WIDTH - 1), -0.5f * plot.h / (HEIGHT - 1));
    draw_clip(frame->list, plot);
    draw_image(frame->list, image, pixels, WIDTH, HEIGHT, true);
    draw_unclip(frame->list);
}

static void draw_critical(const struct plane *plane) {
    struct point points[3 * PHASE_SEGMENTS];
    int count = 0;
    for (int i = 0; i < plane->phase->line_count; i++) {
        const struct phase_segment *segment = &plane->phase->line[i];
        for (int end = 0; end < 2; end++) {
            points[count++] = place(plane, (double)segment->sw[end], (double)segment->sb[end]);
        }
        points[count++] = (struct point){ NAN, NAN };
    }
    if (count > 0) {
        draw_clip(plane->frame->list, plane->plot);
        marked_line(plane->frame, points, count - 1, 0.0f);
        draw_unclip(plane->frame->list);
    }
}

void plane_thin_line(const struct frame *frame, const struct point *points, int count) {
    struct stroke halo = { .width = 2.5f, .colour = frame->theme->halo };
    struct stroke line = { .width = 1.0f, .colour = frame->theme->mark };
    draw_polyline(frame->list, points, count, halo);
    draw_polyline(frame->list, points, count, line);
}

/* log of xi over a level; 0 and infinity at ends far away. */
static double above(double xi, double level) {
    return log(fmin(fmax(xi, 1e-3), 1e6) / level);
}

/* The piece of xi = level within one cell. Returns how many points it adds: 0, or two and a gap. */
static int trace(const struct plane *plane, int column, int row, double level,
                 struct point *points) {
    static const int across[] = { 0, 1, 1, 0 }, up[] = { 0, 0, 1, 1 };
    const struct phase *phase = plane->phase;
    int count = 0;
    for (int i = 0; i < 4 && count < 2; i++) {
        int j = (i + 1) % 4;
        double xi = (double)phase->xi[row + up[i]][column + across[i]];
        double next = (double)phase->xi[row + up[j]][column + across[j]];
        double a = above(xi, level), b = above(next, level);
        if (isnan(xi) || isnan(next) || (a > 0.0) == (b > 0.0)) {
            continue;
        }
        double share = a / (a - b), c = column + across[i] + share * (across[j] - across[i]);
        double r = row + up[i] + share * (up[j] - up[i]);
        points[count++] = place(plane, phase->sw_high * c / (PHASE_COLUMNS - 1),
                                phase->sb_high * r / (PHASE_ROWS - 1));
    }
    points[count] = (struct point){ NAN, NAN };
    return count == 2 ? 3 : 0;
}

/* Between the two sides of it the network of the plane's run is not too deep. */
static void draw_trainable(const struct plane *plane) {
    struct point points[3 * PHASE_SEGMENTS];
    double level = plane->frame->snapshot->run[plane->run].layers / PLANE_TRAINS_TO;
    int count = 0;
    for (int r = 0; level > 0.0 && r + 1 < PHASE_ROWS; r++) {
        for (int c = 0; c + 1 < PHASE_COLUMNS && count + 3 <= ARRAY_LEN(points); c++) {
            count += trace(plane, c, r, level, &points[count]);
        }
    }
    if (count > 0) {
        draw_clip(plane->frame->list, plane->plot);
        plane_thin_line(plane->frame, points, count - 1);
        draw_unclip(plane->frame->list);
    }
}

/* Round variances from 0 on, each at least `spacing` points of `length` from the one before. */
struct ticks {
    double high;                  // standard deviation at the end of the length
    float length, spacing, spare; // spare: at the end, for the axis's name
    int index;                    // of the next candidate
    double variance;
    float at;
};

static bool ticks_next(struct ticks *ticks) {
    static const double leads[] = { 1.0, 2.0, 3.0, 5.0 };
    enum { LOWEST_POWER = -6, CANDIDATES = 4 * 12 };
    float before = ticks->at;
    while (ticks->index < CANDIDATES) {
        int index = ticks->index++;
        ticks->variance = leads[index % 4] * pow(10.0, LOWEST_POWER + index / 4);
        ticks->at = ticks->length * (float)(sqrt(ticks->variance) / ticks->high);
        if (ticks->at >= before + ticks->spacing) {
            return ticks->at <= ticks->length - ticks->spare + 0.5f;
        }
    }
    return false;
}

static void draw_axes(const struct plane *plane) {
    const struct frame *frame = plane->frame;
    struct rect plot = plane->plot;
    colour ink = frame->theme->secondary;
    struct ticks ticks = { .high = plane->phase->sw_high, .length = plot.w, .spacing = 36.0f };
    float bottom = plot.y + plot.h;
    char text[24];
    do {
        float x = plot.x + ticks.at;
        draw_line(frame->list, (struct point){ x, bottom }, (struct point){ x, bottom + 3.0f },
                  1.0f, frame->theme->axis);
        format_end(text, sizeof text, ticks.variance);
        label_centre(frame, (struct rect){ x - 18.0f, bottom + 3.0f, 36.0f, 14.0f }, TEXT_LABEL,
                     ink, text);
    } while (ticks_next(&ticks));
    ticks = (struct ticks){
        .high = plane->phase->sb_high, .length = plot.h, .spacing = 26.0f, .spare = 18.0f
    };
    do {
        float y = bottom - ticks.at;
        draw_line(frame->list, (struct point){ plot.x - 3.0f, y }, (struct point){ plot.x, y },
                  1.0f, frame->theme->axis);
        format_end(text, sizeof text, ticks.variance);
        struct rect box = { plot.x - 46.0f, fminf(y, bottom - 4.0f) - 6.0f, 40.0f, 12.0f };
        label_right(frame, box, TEXT_LABEL, ink, text);
    } while (ticks_next(&ticks));
    struct rect name = { plot.x, bottom + 17.0f, plot.w, 15.0f };
    static const char *const names[] = { "σw² = fan_in × Var W of the first weights",
                                         "σw² = fan_in × Var W" };
    label_centre(frame, name, TEXT_LABEL, ink,
                 text_that_fits(frame, plot.w, names, ARRAY_LEN(names)));
}

/* Words on a patch, for they stand on any colour; the longest of them that has room. */
static struct rect draw_words(const struct plane *plane, struct rect room, enum align align,
                              const char *const *texts, int count) {
    const struct frame *frame = plane->frame;
    const char *text = text_that_fits(frame, room.w - 14.0f, texts, count);
    float width = width_of(frame, FONT_LABEL, TEXT_LABEL, text) + 14.0f;
    struct rect patch = { align == ALIGN_LEFT ? room.x : room.x + room.w - width, room.y, width,
                          20.0f };
    draw_rounded(frame->list, patch, 4.0f, frame->theme->panel);
    label_centre(frame, patch, TEXT_LABEL, frame->theme->text, text);
    return patch;
}

/* Where the chaotic phase begins at the height y. */
static float chaotic_from(const struct plane *plane, float y) {
    const struct rect *plot = &plane->plot;
    int row = (int)((plot->y + plot->h - y) / plot->h * (PHASE_ROWS - 1)), column = PHASE_COLUMNS;
    while (column > 0 && plane->phase->chi[row][column - 1] > 1.0f) {
        column--;
    }
    return plot->x + plot->w * (float)column / (PHASE_COLUMNS - 1);
}

/* Where there is no colour. */
static void draw_unbounded(const struct plane *plane) {
    const int row = PHASE_ROWS / 2;
    struct rect room = plane->plot;
    int column = PHASE_COLUMNS;
    while (column > 0 && isnan(plane->phase->xi[row][column - 1])) {
        column--;
    }
    rect_cut_left(&room, room.w * (float)column / (PHASE_COLUMNS - 1));
    static const char *const texts[] = { "no ξ here: z grows without bounds", "z grows on", "" };
    const char *text = text_that_fits(plane->frame, room.w - 12.0f, texts, ARRAY_LEN(texts));
    room.y += 0.5f * room.h - 10.0f;
    room.h = 20.0f;
    label_centre(plane->frame, room, TEXT_LABEL, plane->frame->theme->secondary, text);
}

/* The ordered side is that of small weights, the chaotic one that of large weights. */
static void draw_phases(const struct plane *plane) {
    static const char *const ordered[] = {
        "ordered, χ < 1: gradients vanish, all inputs look alike",
        "ordered, χ < 1: gradients vanish",
        "ordered, χ < 1",
    };
    static const char *const chaotic[] = {
        "chaotic, χ > 1: gradients explode, like inputs come apart",
        "chaotic, χ > 1: gradients explode",
        "chaotic, χ > 1",
        "χ > 1",
    };
    const struct phase *phase = plane->phase;
    struct rect room = rect_inset(plane->plot, 10.0f, 10.0f);
    struct rect low = { room.x, room.y + room.h - 56.0f, room.w, 20.0f };
    if (phase->chi[PHASE_ROWS - 1][0] < 1.0f) {
        draw_words(plane, room, ALIGN_LEFT, ordered, ARRAY_LEN(ordered));
    }
    if (phase->chi[0][PHASE_COLUMNS - 1] > 1.0f) {
        float from = fmaxf(chaotic_from(plane, low.y), chaotic_from(plane, low.y + low.h)) + 6.0f;
        const float least = 52.0f; // beside a line at the right edge no words have room
        rect_cut_left(&low, fmaxf(fminf(from - low.x, low.w - least), 0.0f));
        draw_words(plane, low, ALIGN_RIGHT, chaotic, ARRAY_LEN(chaotic));
    }
    draw_unbounded(plane);
}

/* A dot where a run starts, with its letter beside it: A's to the left, B's to the right. */
static void draw_start(const struct plane *plane, int run) {
    const struct frame *frame = plane->frame;
    const struct phase_start *start = &frame->state->plane[run].start;
    struct rect plot = plane->plot;
    struct point at = place(plane, sqrt(start->sw2), sqrt(start->sb2));
    at.x = fminf(at.x, plot.x + plot.w); // what is beyond the edges stands on them
    at.y = fmaxf(at.y, plot.y);
    const float radius = 6.0f;
    struct rect dot = { at.x - radius, at.y - radius, 2.0f * radius, 2.0f * radius };
    draw_rounded(frame->list, dot, radius, frame->theme->panel);
    draw_rounded(frame->list, rect_inset(dot, 1.5f, 1.5f), radius - 1.5f, frame->theme->mark);
    draw_rounded(frame->list, rect_inset(dot, 3.0f, 3.0f), radius - 3.0f, frame->theme->run[run]);
    bool left = at.x - plot.x > 30.0f && (run == 0 || plot.x + plot.w - at.x < 30.0f);
    run_badge(frame, left ? at.x - 24.0f : at.x + 10.0f, fmaxf(at.y - 13.0f, plot.y + 10.0f), run);
}

static void draw_starts(const struct plane *plane) {
    bool shared = planes_shared(plane->frame);
    for (int run = 0; run < plane->frame->runs; run++) {
        if ((shared || run == plane->run) && plane->frame->state->plane[run].start.known) {
            draw_start(plane, run);
        }
    }
}

/* Ordered, critical or chaotic, in words. */
static const char *side_of(const struct phase_point *point) {
    return point->chi == 1.0  ? "on the critical line"
           : point->chi < 1.0 ? "ordered, gradients vanish"
                              : "chaotic, gradients explode";
}

/* What is under the pointer, and what a click there does. */
static void tell(const struct plane *plane, double sw, double sb) {
    const struct frame *frame = plane->frame;
    struct phase_point point = phase_at(plane->phase, sw * sw, sb * sb);
    tip(frame, "σw² = %.3g, σb² = %.3g: %s", sw * sw, sb * sb, side_of(&point));
    tip(frame, "χ = %.3g: a layer passes on √χ = %.3g of the RMS of δ", point.chi, sqrt(point.chi));
    if (!point.settles) {
        tip(frame, "q = E[z²] grows without bounds: there is no depth scale");
    } else {
        tip(frame, "ξ = %.3g layers: how fast the correlation of two inputs nears c = %.3g",
            point.xi, point.c);
        tip(frame, "q = E[z²] settles at %.3g, from inputs of mean square 1", point.q);
    }
    tip(frame, "click: %c starts here, with N(0, σw²/fan_in) weights and N(0, σb²) biases",
        'A' + plane->run);
    if (planes_shared(frame)) {
        tip(frame, "right click: B does");
    }
}

static void draw_plane(const struct plane *plane) {
    const struct frame *frame = plane->frame;
    draw_ground(frame, plane->plot);
    draw_map(plane);
    draw_trainable(plane);
    draw_critical(plane);
    draw_axes(plane);
    draw_phases(plane);
    draw_starts(plane);
    struct view_hit hit = { .rect = plane->plot,
                            .kind = HIT_PLANE,
                            .value = 2 * plane->run + (planes_shared(frame) ? 1 : plane->run),
                            .right = plane->phase->sw_high,
                            .top = plane->phase->sb_high };
    add_hit_range(frame, hit);
    if (hovered(frame, plane->plot)) {
        const struct view_pointer *pointer = &frame->state->pointer;
        tell(plane, view_hit_x(&hit, pointer->x), view_hit_y(&hit, pointer->y));
    }
}

static void draw_title(const struct frame *frame, struct rect *area, int run) {
    char title[96], letter[8] = "";
    if (frame->runs == 2 && !planes_shared(frame)) {
        text_set(letter, sizeof letter, " %c,", 'A' + run);
    }
    text_set(title, sizeof title, "Phase plane of%s %s", letter,
             frame->snapshot->run[run].activation);
    static const char *const texts[] = {
        "depth scale ξ as colour · line: critical, χ = 1 · plain wide network at step 0",
        "depth scale ξ as colour · line: critical, χ = 1",
        "colour: ξ · line: χ = 1",
    };
    panel_title(frame, area, SUBJECT_PLANE, title, texts,
                frame->state->plane[run].phase ? ARRAY_LEN(texts) : 0);
}

void panel_plane_draw(const struct frame *frame, struct rect area, int run) {
    const struct view_plane *shown = &frame->state->plane[run];
    draw_title(frame, &area, run);
    rect_cut_right(&area, 16.0f); // half of the last number
    if (!shown->phase) {
        draw_ground(frame, area);
        struct rect text = rect_inset(area, 24.0f, 0.5f * area.h - TEXT_LINE);
        write_paragraph(frame, &text, frame->theme->secondary, shown->reason, 4);
        return;
    }
    struct rect left = rect_cut_left(&area, 44.0f);
    rect_cut_bottom(&area, 34.0f);
    label_right(frame, (struct rect){ left.x, area.y - 2.0f, 38.0f, 14.0f }, TEXT_LABEL,
                frame->theme->secondary, "σb²");
    draw_plane(&(struct plane){ frame, shown->phase, area, run });
}
