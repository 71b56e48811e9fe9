/* test_canvas.c - rectangles, clips, images and text. */
#include <math.h>

#include "paper.h"

#include "base/random.h"
#include "draw/rect.h"

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

static void test_sizes(void **state) {
    (void)state;
    const int bad[][2] = { { 0, 10 }, { 10, -1 }, { CANVAS_MAX_SIDE + 1, 1 }, { 1, INT32_MAX } };
    struct canvas canvas;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(canvas_init(&canvas, bad[i][0], bad[i][1], 1.0f));
        assert_null(canvas.pixels);
        canvas_finish(&canvas);
    }
    assert_true(canvas_init(&canvas, 1, 1, 3.0f));
    struct display_list list = { 0 };
    canvas_draw(&canvas, &list, NULL, 0x12345678);
    assert_int_equal(canvas.pixels[0], 0x345678);
    canvas_finish(&canvas);
    assert_null(canvas.pixels);
}

static void draw_on_rectangle(struct paper *paper) {
    draw_rect(&paper->list, (struct rect){ 10.0f, 20.0f, 30.0f, 10.0f }, faint);
    paper_draw(paper);
}

static void test_pixels_may_be_somebody_elses(void **state) {
    struct paper *paper = *state;
    static uint32_t lent[PAPER_HEIGHT][PAPER_WIDTH];
    const uint32_t *own = paper->canvas.pixels;
    draw_on_rectangle(paper);
    canvas_draw_on(&paper->canvas, lent[0]);
    draw_on_rectangle(paper);
    assert_ptr_equal(paper->canvas.pixels, lent[0]);
    assert_memory_equal(lent, own, sizeof lent);
    memset(lent, 0x55, sizeof lent);
    canvas_draw_on(&paper->canvas, NULL);
    draw_on_rectangle(paper);
    assert_ptr_equal(paper->canvas.pixels, own);
    assert_int_equal(lent[25][15], 0x55555555);
    assert_near(paper_ink(paper), 300.0 * 128.0 / 255.0, 1e-6);
}

/* A list that begins with a background of its own looks as over any other. */
static void test_a_background_may_be_hidden(void **state) {
    struct paper *paper = *state;
    const struct rect whole = { 0.0f, 0.0f, PAPER_WIDTH, PAPER_HEIGHT };
    const float radius[] = { 0.0f, 20.0f };
    const colour ink[] = { white, faint };
    for (int i = 0; i < 4; i++) {
        memset(paper->canvas.pixels, 0x55, sizeof(uint32_t) * PAPER_WIDTH * PAPER_HEIGHT);
        draw_rounded(&paper->list, whole, radius[i / 2], ink[i % 2]);
        paper_draw(paper);
        assert_int_equal(paper_at(paper, 0, 0), i >= 2 ? 0 : i % 2 ? 128 : 255);
        assert_int_equal(paper_at(paper, 60, 60), i % 2 ? 128 : 255);
    }
    for (int side = 0; side < 4; side++) { // all but one row or column
        memset(paper->canvas.pixels, 0x55, sizeof(uint32_t) * PAPER_WIDTH * PAPER_HEIGHT);
        struct rect most = whole;
        (side % 2 ? rect_cut_top : rect_cut_left)(&most, side < 2 ? 1.0f : 0.0f);
        (side % 2 ? rect_cut_bottom : rect_cut_right)(&most, side < 2 ? 0.0f : 1.0f);
        draw_rect(&paper->list, most, white);
        paper_draw(paper);
        assert_near(paper_ink(paper), (double)(most.w * most.h), 0.0);
    }
}

static void test_rectangles_snap_to_pixels(void **state) {
    struct paper *paper = *state;
    draw_rect(&paper->list, (struct rect){ 10.4f, 20.6f, 30.0f, 10.2f }, white);
    paper_draw(paper);
    assert_near(paper_ink(paper), 300.0, 0.0);
    assert_near(paper_ink_in(paper, 10, 21, 40, 31), 300.0, 0.0);
}

static void test_thin_rectangles_stay_visible(void **state) {
    struct paper *paper = *state;
    for (float at = 50.0f; at < 52.0f; at += 0.05f) {
        draw_rect(&paper->list, (struct rect){ at, 10.0f, 0.01f, 20.0f }, white);
        paper_draw(paper);
        assert_near(paper_ink(paper), 20.0, 0.0);
        assert_int_equal(paper_at(paper, (int)(at + 1.0f / 512.0f), 15), 255);
    }
    draw_rect(&paper->list, (struct rect){ 50.0f, 10.0f, 0.0f, 20.0f }, white);
    draw_rect(&paper->list, (struct rect){ 50.0f, 10.0f, 5.0f, -20.0f }, white);
    draw_rect(&paper->list, (struct rect){ NAN, 10.0f, 5.0f, 20.0f }, white);
    draw_rect(&paper->list, (struct rect){ -INFINITY, 10.0f, INFINITY, 20.0f }, white);
    paper_draw(paper);
    assert_near(paper_ink(paper), 0.0, 0.0);
}

static void test_neighbours_share_their_edge(void **state) {
    struct paper *paper = *state;
    const struct rect whole = { 10.5f, 10.5f, 181.0f, 100.0f };
    for (int count = 1; count < 180; count++) {
        for (int i = 0; i < count; i++) {
            draw_rect(&paper->list, rect_column(whole, i, count), faint);
        }
        paper_draw(paper);
        for (int x = 11; x < 192; x++) {
            assert_int_equal(paper_at(paper, x, 50), 128);
        }
    }
}

static void test_round_corners_have_their_area(void **state) {
    struct paper *paper = *state;
    const double missing = 4.0 - 3.14159265358979; // of a radius squared, at all four corners
    for (float radius = 1.0f; radius <= 30.0f; radius += 1.3f) {
        double r = (double)radius;
        draw_rounded(&paper->list, (struct rect){ 20.0f, 10.0f, 100.0f, 60.0f }, radius, white);
        paper_draw(paper);
        assert_near(paper_ink(paper), 6000.0 - missing * r * r, 1.0 + 0.05 * r);
        for (int x = 0; x < 50; x++) { // symmetric
            assert_int_equal(paper_at(paper, 20 + x, 10), paper_at(paper, 119 - x, 69));
        }
    }
}

static void test_frames_lie_inside(void **state) {
    struct paper *paper = *state;
    struct rect rect = { 20.0f, 10.0f, 100.0f, 60.0f };
    for (int width = 1; width < 40; width++) {
        draw_frame(&paper->list, rect, 0.0f, (float)width, white);
        paper_draw(paper);
        double hole = width < 30 ? (100.0 - 2 * width) * (60.0 - 2 * width) : 0.0;
        assert_near(paper_ink(paper), 6000.0 - hole, 0.0);
    }
    draw_frame(&paper->list, rect, 8.0f, 2.0f, white);
    paper_draw(paper);
    double ring = 2.0 * (100.0 + 60.0) * 2.0 - 16.0 - (4.0 - 3.14159265) * (64.0 - 36.0);
    assert_near(paper_ink(paper), ring, 1.5);
    assert_near(paper_ink_in(paper, 22, 12, 118, 68), (4.0 - 3.14159265) * 36.0, 1.5);
}

static void test_clips_nest_and_end(void **state) {
    struct paper *paper = *state;
    struct rect all = { -1e9f, -1e9f, 2e9f, 2e9f };
    draw_clip(&paper->list, (struct rect){ 10.0f, 10.0f, 50.0f, 50.0f });
    draw_clip(&paper->list, (struct rect){ 40.4f, 0.0f, 500.0f, 30.4f });
    draw_rect(&paper->list, all, white);
    draw_unclip(&paper->list);
    draw_clip(&paper->list, (struct rect){ 150.0f, 10.0f, 50.0f, 50.0f });
    draw_rect(&paper->list, all, white); // the two do not meet
    draw_unclip(&paper->list);
    draw_unclip(&paper->list);
    draw_unclip(&paper->list); // one too many
    draw_rect(&paper->list, (struct rect){ 0.0f, 0.0f, 5.0f, 5.0f }, white);
    paper_draw(paper);
    assert_near(paper_ink_in(paper, 40, 10, 60, 30), 400.0, 0.0);
    assert_near(paper_ink(paper), 425.0, 0.0);
}

/* Every primitive that can fill the clip of this test does so, whatever lies outside. */
static void draw_beyond(struct display_list *list, int kind) {
    const struct point points[] = {
        { -50.0f, -30.0f }, { 260.0f, -30.0f }, { 260.0f, 170.0f }, { -50.0f, 170.0f }
    };
    const float values[] = { 1.0f, 1.0f, 1.0f };
    const uint32_t pixels[] = { 0xFFFFFFFF, 0xFFFFFFFF };
    const struct rect rect = { -50.0f, -30.0f, 310.0f, 200.0f };
    switch (kind) {
    case 0:
        draw_rect(list, rect, white);
        break;
    case 1:
        draw_rounded(list, rect, 40.0f, white);
        break;
    case 2:
        draw_frame(list, rect, 40.0f, 100.0f, white);
        break;
    case 3:
        draw_line(list, points[0], points[2], 150.0f, white);
        break;
    case 4:
        draw_line(list, (struct point){ 80.0f, -30.0f }, (struct point){ 80.0f, 170.0f }, 150.0f,
                  white);
        break;
    case 5:
        draw_area(list, points, 2, 170.0f, white);
        break;
    case 6:
        draw_area(list, points + 2, 2, -30.0f, white); // not rising: nothing
        draw_area(list, (struct point[]){ { -50, 170 }, { 260, 170 } }, 2, -30.0f, white);
        break;
    case 7:
        draw_polygon(list, points, 4, white);
        break;
    case 8:
    case 9:
    case 10:
        draw_histogram(list, rect, values, 3, (enum grow)(kind - 8), white);
        break;
    default:
        draw_image(list, rect, pixels, 2, 1, kind == 11);
    }
}

static void test_every_primitive_fills_its_clip_only(void **state) {
    struct paper *paper = *state;
    for (int kind = 0; kind <= 12; kind++) {
        draw_clip(&paper->list, (struct rect){ 61.0f, 41.0f, 33.0f, 27.0f });
        draw_beyond(&paper->list, kind);
        draw_unclip(&paper->list);
        paper_draw(paper);
        assert_near(paper_ink(paper), 33.0 * 27.0, 0.0);
        assert_near(paper_ink_in(paper, 61, 41, 94, 68), 33.0 * 27.0, 0.0);
    }
}

static void test_deep_clips_come_back(void **state) {
    struct paper *paper = *state;
    for (int i = 0; i < 500; i++) {
        draw_clip(&paper->list, (struct rect){ 10.0f, 10.0f, 20.0f, 20.0f });
    }
    draw_rect(&paper->list, (struct rect){ 0.0f, 0.0f, 200.0f, 120.0f }, white);
    for (int i = 0; i < 500; i++) {
        draw_unclip(&paper->list);
    }
    draw_rect(&paper->list, (struct rect){ 100.0f, 0.0f, 100.0f, 10.0f }, white);
    paper_draw(paper);
    assert_near(paper_ink(paper), 400.0 + 1000.0, 0.0);
}

static void test_images_grow_to_the_nearest(void **state) {
    struct paper *paper = *state;
    const uint32_t pixels[] = { 0xFF000000, 0xFF404040, 0xFF808080,
                                0xFFC0C0C0, 0xFFFFFFFF, 0xFF202020 };
    draw_image(&paper->list, (struct rect){ 10.0f, 10.0f, 30.0f, 20.0f }, pixels, 3, 2, false);
    paper_draw(paper);
    for (int y = 0; y < 20; y++) {
        for (int x = 0; x < 30; x++) {
            uint32_t expected = pixels[y / 10 * 3 + x / 10] & 0xFF;
            assert_int_equal(paper_at(paper, 10 + x, 10 + y), expected);
        }
    }
    assert_int_equal(paper_at(paper, 9, 15), 0);
    assert_int_equal(paper_at(paper, 40, 15), 0);
}

static void test_images_shrink_to_the_average(void **state) {
    struct paper *paper = *state;
    static uint32_t pixels[90 * 70];
    const struct random_stream noise = { .seed = 3 };
    double value[90 * 70], sum = 0.0;
    random_uniforms(&noise, 0, 0, 90 * 70, value);
    for (int i = 0; i < 90 * 70; i++) {
        uint32_t grey = (uint32_t)(256.0 * value[i]);
        pixels[i] = 0xFF000000u | grey << 16 | grey << 8 | grey;
        sum += grey / 255.0;
    }
    for (int size = 5; size < 70; size += 8) {
        float side = (float)size;
        draw_image(&paper->list, (struct rect){ 10.0f, 10.0f, side, side }, pixels, 90, 70, false);
        paper_draw(paper);
        double mean = paper_ink(paper) / (size * size);
        assert_near(mean, sum / (90.0 * 70.0), 0.005);
    }
    // Exactly one column in three: the average of three.
    uint32_t row[] = { 0xFF000000, 0xFF303030, 0xFF606060, 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF };
    draw_image(&paper->list, (struct rect){ 10.0f, 10.0f, 2.0f, 10.0f }, row, 6, 1, false);
    paper_draw(paper);
    assert_int_equal(paper_at(paper, 10, 15), 0x30);
    assert_int_equal(paper_at(paper, 11, 15), 0xFF);
}

static void test_smooth_images_rise_evenly(void **state) {
    struct paper *paper = *state;
    const uint32_t pixels[] = { 0xFF000000, 0xFFFFFFFF };
    draw_image(&paper->list, (struct rect){ 20.0f, 10.0f, 100.0f, 10.0f }, pixels, 2, 1, true);
    paper_draw(paper);
    for (int x = 1; x < 100; x++) {
        int step = paper_at(paper, 20 + x, 15) - paper_at(paper, 19 + x, 15);
        assert_true(step >= 0 && step <= 6);
    }
    assert_int_equal(paper_at(paper, 20, 15), 0);
    assert_int_equal(paper_at(paper, 119, 15), 255);
}

/* Against the formula in floating point: values of the centres, and between them a straight line.
 */
static double between(const uint32_t *pixels, int width, int height, double x, double y,
                      int shift) {
    double sum = 0.0;
    x = fmin(fmax(x, 0.0), width - 1.0);
    y = fmin(fmax(y, 0.0), height - 1.0);
    for (int r = 0; r < height; r++) {
        for (int c = 0; c < width; c++) {
            double weight = fmax(0.0, 1.0 - fabs(x - c)) * fmax(0.0, 1.0 - fabs(y - r));
            sum += weight * (pixels[r * width + c] >> shift & 0xFF);
        }
    }
    return sum;
}

static void test_smooth_images_are_bilinear(void **state) {
    struct paper *paper = *state;
    enum { WIDTH = 5, HEIGHT = 4, ACROSS = 93, DOWN = 71 };
    uint32_t pixels[HEIGHT * WIDTH], seed = 7;
    for (int i = 0; i < HEIGHT * WIDTH; i++) {
        seed = seed * 1664525 + 1013904223;
        pixels[i] = 0xFF000000 | seed >> 8;
    }
    for (int opaque = 0; opaque < 2; opaque++) { // both ways of drawing it
        pixels[0] = (opaque ? 0xFF000000 : 0xFE000000) | (pixels[0] & 0xFFFFFF);
        draw_image(&paper->list, (struct rect){ 3.0f, 2.0f, ACROSS, DOWN }, pixels, WIDTH, HEIGHT,
                   true);
        paper_draw(paper);
        for (int y = DOWN / 2; y < DOWN; y++) {
            for (int x = ACROSS / 2; x < ACROSS; x++) {
                uint32_t got = paper->canvas.pixels[(y + 2) * paper->canvas.width + x + 3];
                double sx = (x + 0.5) * WIDTH / ACROSS - 0.5, sy = (y + 0.5) * HEIGHT / DOWN - 0.5;
                for (int shift = 0; shift < 24; shift += 8) {
                    double want = between(pixels, WIDTH, HEIGHT, sx, sy, shift);
                    assert_near((double)(got >> shift & 0xFF), want, 2.0); // weights of 1 / 256
                }
            }
        }
    }
}

static void test_images_may_be_transparent(void **state) {
    struct paper *paper = *state;
    const uint32_t pixels[] = { 0x00FFFFFF, 0x80FFFFFF, 0xFFFFFFFF, 0x00123456 };
    draw_image(&paper->list, (struct rect){ 10.0f, 10.0f, 40.0f, 10.0f }, pixels, 4, 1, false);
    paper_draw(paper);
    assert_int_equal(paper_at(paper, 15, 15), 0);
    assert_int_equal(paper_at(paper, 25, 15), 128);
    assert_int_equal(paper_at(paper, 35, 15), 255);
    assert_int_equal(paper_at(paper, 45, 15), 0);
    // Averaged, the colour of what cannot be seen does not count.
    draw_image(&paper->list, (struct rect){ 10.0f, 10.0f, 1.0f, 10.0f }, pixels + 2, 2, 1, false);
    paper_draw(paper);
    assert_int_equal(paper_at(paper, 10, 15), 128);
}

static void test_text_stands_in_the_middle(void **state) {
    struct paper *paper = *state;
    char problem[512];
    struct text *text = text_create(problem, sizeof problem);
    assert_non_null(text);
    struct text_style style = { FONT_LABEL, 12.0f, ALIGN_LEFT, white };

    for (int align = ALIGN_LEFT; align <= ALIGN_RIGHT; align++) {
        struct display_list list;
        display_list_init(&list, text_metrics(text));
        style.align = (enum align)align;
        float width = draw_text(&list, (struct rect){ 20.0f, 30.0f, 101.0f, 21.0f }, style, "HHH");
        canvas_draw(&paper->canvas, &list, text, 0xFF000000);
        int left = 20 + align * (int)((101.0f - width) / 2.0f);
        // Capitals of 12 points are 9 pixels high: rows 36 to 44 of 30 to 50.
        assert_true(paper_ink_in(paper, 0, 36, PAPER_WIDTH, 45) > 50.0);
        assert_near(paper_ink(paper), paper_ink_in(paper, 0, 36, PAPER_WIDTH, 45), 0.0);
        assert_near(paper_ink(paper),
                    paper_ink_in(paper, left, 0, left + (int)width + 1, PAPER_HEIGHT), 0.0);
        // draw_text_origin() tells the SVG writer the same base line to a pixel.
        assert_near((double)draw_text_origin(&list.ops[0]).y, 45.0, 1.0);

        canvas_draw(&paper->canvas, &list, NULL, 0xFF000000);
        assert_near(paper_ink(paper), 0.0, 0.0);
        display_list_finish(&list);
    }
    text_destroy(text);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_paper, close_paper)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes),
        TEST(test_rectangles_snap_to_pixels),
        TEST(test_thin_rectangles_stay_visible),
        TEST(test_neighbours_share_their_edge),
        TEST(test_round_corners_have_their_area),
        TEST(test_frames_lie_inside),
        TEST(test_clips_nest_and_end),
        TEST(test_every_primitive_fills_its_clip_only),
        TEST(test_deep_clips_come_back),
        TEST(test_pixels_may_be_somebody_elses),
        TEST(test_a_background_may_be_hidden),
        TEST(test_images_grow_to_the_nearest),
        TEST(test_images_shrink_to_the_average),
        TEST(test_smooth_images_rise_evenly),
        TEST(test_smooth_images_are_bilinear),
        TEST(test_images_may_be_transparent),
        TEST(test_text_stands_in_the_middle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
