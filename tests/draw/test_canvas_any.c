/* test_canvas_any.c - any list is harmless, and gives the same picture everywhere. */
#include <float.h>
#include <math.h>

#include "paper.h"

#include "base/random.h"

static int open_paper(void **state) {
    static struct paper paper;
    paper_open(&paper);
    *state = &paper;
    return 0;
}

static int close_paper(void **state) {
    paper_close(*state);
    return 0;
}

/* One of everything at changing places, odd ones included if wild. */
struct generator {
    struct random_stream stream;
    uint32_t row;
    bool wild;
};

static float number(struct generator *from, float most) {
    static const float odd[] = { NAN,    INFINITY,      -INFINITY, FLT_MAX,  -FLT_MAX, FLT_MIN,
                                 -0.0f,  1e9f,          -1e9f,     16384.0f, -1e6f,    0.5f,
                                 1e-30f, 2147483648.0f, -2e9f,     4e18f };
    double u[2];
    random_uniforms(&from->stream, from->row++, 0, 2, u);
    if (from->wild && u[1] < 0.15) {
        return odd[(int)(u[0] * 16.0)];
    }
    return (float)((1.4 * u[0] - 0.2) * (double)most);
}

static int whole(struct generator *from, int count) {
    double u;
    random_uniforms(&from->stream, from->row++, 0, 1, &u);
    return (int)(u * count);
}

// In statements of their own, for compilers order the parts of an expression as they like.
static struct rect any_rect(struct generator *from) {
    struct rect rect;
    rect.x = number(from, PAPER_WIDTH);
    rect.y = number(from, PAPER_HEIGHT);
    rect.w = number(from, PAPER_WIDTH);
    rect.h = number(from, PAPER_HEIGHT);
    return rect;
}

enum { MOST = 24 };

static void draw_points(struct display_list *list, struct generator *from, int kind, colour ink) {
    struct point points[MOST];
    int count = 1 + whole(from, MOST);
    for (int i = 0; i < count; i++) {
        points[i].x = number(from, PAPER_WIDTH);
        points[i].y = number(from, PAPER_HEIGHT);
    }
    struct stroke stroke = { .colour = ink };
    stroke.width = number(from, 8.0f);
    stroke.dash = whole(from, 2) ? number(from, 6.0f) : 0.0f;
    stroke.gap = number(from, 6.0f);
    if (kind == 0) {
        draw_polyline(list, points, count, stroke);
    } else if (kind == 1) {
        draw_area(list, points, count, 20.0f * stroke.width, ink);
    } else {
        draw_polygon(list, points, count, ink);
    }
}

static void draw_bars_or_image(struct display_list *list, struct generator *from, bool image,
                               colour ink) {
    uint32_t pixels[MOST];
    float values[MOST];
    struct rect rect = any_rect(from);
    for (int i = 0; i < MOST; i++) {
        values[i] = number(from, 1.0f);
        pixels[i] = (uint32_t)whole(from, INT32_MAX) * 2u;
    }
    int across = 1 + whole(from, 6), down = 1 + whole(from, 4);
    if (image) {
        draw_image(list, rect, pixels, across, down, across % 2 == 0);
    } else {
        draw_histogram(list, rect, values, across * down, (enum grow)(across % 3), ink);
    }
}

static void draw_anything(struct display_list *list, struct generator *from) {
    colour ink = (colour)whole(from, 256) << 24;
    ink |= (colour)whole(from, 1 << 24);
    int kind = whole(from, 10);
    struct rect rect = any_rect(from);
    float radius = number(from, 30.0f), width = number(from, 5.0f);
    if (kind == 0) {
        draw_rounded(list, rect, width > 2.0f ? 0.0f : radius, ink);
    } else if (kind == 1) {
        draw_frame(list, rect, radius, width, ink);
    } else if (kind == 2) {
        draw_clip(list, rect);
    } else if (kind <= 4) {
        draw_unclip(list);
    } else if (kind <= 6) {
        draw_bars_or_image(list, from, kind == 6, ink);
    } else {
        draw_points(list, from, kind - 7, ink);
    }
}

static uint64_t picture_hash(const struct canvas *canvas) {
    uint64_t hash = 14695981039346656037u;
    for (int i = 0; i < canvas->width * canvas->height; i++) {
        hash = (hash ^ canvas->pixels[i]) * 1099511628211u;
    }
    return hash;
}

static void test_any_numbers_are_harmless(void **state) {
    struct paper *paper = *state;
    struct generator from = { .stream = { .seed = 7 }, .wild = true };
    for (int i = 0; i < 100; i++) {
        for (int op = 0; op < 1000; op++) {
            draw_anything(&paper->list, &from);
        }
        paper->canvas.scale = i % 3 ? 1.0f : 1.75f;
        paper_draw(paper);
    }
    // Nothing is left over in the scratch that a later picture would show.
    paper->canvas.scale = 1.0f;
    draw_rect(&paper->list, (struct rect){ 0.0f, 0.0f, 200.0f, 120.0f }, white);
    draw_line(&paper->list, (struct point){ 0.0f, 0.0f }, (struct point){ 200.0f, 120.0f }, 9.0f,
              white);
    draw_polygon(&paper->list, (struct point[]){ { 0, 0 }, { 200, 0 }, { 200, 120 } }, 3, white);
    paper_draw(paper);
    assert_near(paper_ink(paper), 200.0 * 120.0, 0.0);
    struct point thin[] = { { 0.0f, 0.0f }, { 200.0f, 120.0f } };
    draw_polyline(&paper->list, thin, 2, (struct stroke){ .width = 1.0f, .colour = white });
    paper_draw(paper);
    assert_near(paper_ink(paper), 233.2, 3.0);
}

static void test_pictures_are_the_same_everywhere(void **state) {
    struct paper *paper = *state;
    uint64_t hash[2];
    for (int round = 0; round < 2; round++) {
        struct generator from = { .stream = { .seed = 11 } };
        for (int op = 0; op < 2000; op++) {
            draw_anything(&paper->list, &from);
        }
        paper_draw(paper);
        hash[round] = picture_hash(&paper->canvas);
    }
    assert_true(hash[0] == hash[1]);
    // The same number whatever the compiler and its options; it changes with the rasteriser only.
    if (hash[0] != UINT64_C(0x30754970921178c8)) {
        fail_msg("the picture's hash is now %016llx", (unsigned long long)hash[0]);
    }
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_paper, close_paper)
    const struct CMUnitTest tests[] = {
        TEST(test_any_numbers_are_harmless),
        TEST(test_pictures_are_the_same_everywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
