/* test_canvas_shapes.c - what lines, histograms, areas and polygons cover, against geometry. */
#include <math.h>
#include <stdlib.h>

#include "paper.h"

static const double pi = 3.14159265358979323846;

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

static void test_level_lines_fill_whole_pixels(void **state) {
    struct paper *paper = *state;
    for (int thickness = 1; thickness <= 3; thickness++) {
        for (float at = 50.0f; at < 52.0f; at += 0.1f) {
            struct point ends[] = { { 20.2f, at }, { 150.4f, at } };
            draw_polyline(&paper->list, ends, 2,
                          (struct stroke){ .width = (float)thickness, .colour = white });
            paper_draw(paper);
            assert_near(paper_ink(paper), 130.0 * thickness, 0.0);
            struct point upright[] = { { at, 20.2f }, { at, 100.4f } };
            draw_polyline(&paper->list, upright, 2,
                          (struct stroke){ .width = (float)thickness, .colour = white });
            paper_draw(paper);
            assert_near(paper_ink(paper), 80.0 * thickness, 0.0);
        }
    }
}

static void test_steps_are_crisp_and_closed_at_corners(void **state) {
    struct paper *paper = *state;
    struct point step[] = {
        { 20.0f, 20.0f }, { 60.0f, 20.0f }, { 60.0f, 50.0f }, { 90.0f, 50.0f }
    };
    draw_polyline(&paper->list, step, 4, (struct stroke){ .width = 2.0f, .colour = faint });
    paper_draw(paper);
    for (int y = 0; y < PAPER_HEIGHT; y++) {
        for (int x = 0; x < PAPER_WIDTH; x++) {
            int value = paper_at(paper, x, y);
            assert_true(value == 0 || value == 128);
        }
    }
    assert_int_equal(paper_at(paper, 60, 19), 128);
    assert_int_equal(paper_at(paper, 59, 50), 128);
    assert_near(paper_ink(paper) * 255.0 / 128.0, 2.0 * (40.0 + 30.0 + 30.0), 1e-6);
}

static void test_slanted_lines_cover_their_area(void **state) {
    struct paper *paper = *state;
    for (double angle = 0.03; angle < 6.3; angle += 0.37) {
        for (double width = 1.0; width < 12.0; width *= 1.7) {
            double dx = 45.0 * cos(angle), dy = 45.0 * sin(angle);
            draw_line(&paper->list, (struct point){ (float)(100.3 - dx), (float)(60.6 - dy) },
                      (struct point){ (float)(100.3 + dx), (float)(60.6 + dy) }, (float)width,
                      white);
            paper_draw(paper);
            assert_near(paper_ink(paper), 90.0 * width + pi / 4.0 * width * width,
                        0.02 * 90.0 * width);
        }
    }
}

static void test_thin_lines_are_faint(void **state) {
    struct paper *paper = *state;
    struct point a = { 20.0f, 20.0f }, b = { 120.0f, 80.0f };
    draw_line(&paper->list, a, b, 1.0f, white);
    paper_draw(paper);
    double whole = paper_ink(paper);
    draw_line(&paper->list, a, b, 0.25f, white);
    paper_draw(paper);
    assert_near(paper_ink(paper), 0.25 * whole, 0.02 * whole);
    draw_line(&paper->list, a, b, 0.0f, white);
    draw_line(&paper->list, a, b, -1.0f, white);
    draw_line(&paper->list, a, b, NAN, white);
    paper_draw(paper);
    assert_near(paper_ink(paper), 0.0, 0.0);
}

static void test_joints_are_not_blended_twice(void **state) {
    struct paper *paper = *state;
    struct point points[200];
    for (int i = 0; i < 200; i++) {
        points[i] = (struct point){ 10.0f + 0.9f * (float)i, i % 2 ? 30.0f : 90.0f };
    }
    draw_polyline(&paper->list, points, 200, (struct stroke){ .width = 3.0f, .colour = faint });
    paper_draw(paper);
    int most = 0;
    for (int i = 0; i < PAPER_WIDTH * PAPER_HEIGHT; i++) {
        int value = paper_at(paper, i % PAPER_WIDTH, i / PAPER_WIDTH);
        most = value > most ? value : most;
    }
    assert_int_equal(most, 128);
}

enum { BENDS = 400 };

/* Distance of a pixel's centre from the nearest of the segments between points. */
static double distance_from(const struct point *points, int count, double x, double y) {
    double nearest = (double)INFINITY;
    for (int i = 1; i < count; i++) {
        double ax = (double)points[i - 1].x, ay = (double)points[i - 1].y;
        double dx = (double)points[i].x - ax, dy = (double)points[i].y - ay;
        double share = ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy);
        share = fmin(fmax(share, 0.0), 1.0);
        nearest = fmin(nearest, hypot(x - ax - share * dx, y - ay - share * dy));
    }
    return nearest;
}

/* Points that are passed over, because a line is nearly straight there, are not missed. */
static void test_dense_curves_are_near_to_all_their_points(void **state) {
    struct paper *paper = *state;
    struct point points[BENDS];
    for (int shape = 0; shape < 4; shape++) {
        for (int i = 0; i < BENDS; i++) {
            float x = 10.0f + 180.0f * (float)i / (BENDS - 1), wave = 0.1f * x;
            float y[] = { 60.0f + 45.0f * sinf(wave), 20.0f + 0.4f * x,
                          60.0f + 3.0f * fabsf(wave - 9.7f), 60.0f + (float)(i % 2) * 0.2f };
            points[i] = (struct point){ x, y[shape] };
        }
        draw_polyline(&paper->list, points, BENDS,
                      (struct stroke){ .width = 2.0f, .colour = white });
        paper_draw(paper);
        for (int y = 0; y < PAPER_HEIGHT; y++) {
            for (int x = 0; x < PAPER_WIDTH; x++) {
                double away = distance_from(points, BENDS, x + 0.5, y + 0.5);
                double coverage = fmin(fmax(1.5 - away, 0.0), 1.0);
                assert_near(paper_at(paper, x, y), 255.0 * coverage, 255.0 / 64.0 + 1.0);
            }
        }
    }
}

static void test_nan_is_a_gap(void **state) {
    struct paper *paper = *state;
    struct point points[] = {
        { 10.0f, 20.0f }, { 60.0f, 40.0f }, { 80.0f, NAN }, { 120.0f, 40.0f }, { 190.0f, 20.0f }
    };
    draw_polyline(&paper->list, points, 5, (struct stroke){ .width = 2.0f, .colour = white });
    paper_draw(paper);
    assert_near(paper_ink_in(paper, 62, 0, 118, PAPER_HEIGHT), 0.0, 0.0);
    assert_true(paper_ink_in(paper, 0, 0, 62, PAPER_HEIGHT) > 100.0);
    assert_true(paper_ink_in(paper, 118, 0, PAPER_WIDTH, PAPER_HEIGHT) > 140.0);

    draw_area(&paper->list, points, 5, 60.0f, white);
    paper_draw(paper);
    assert_near(paper_ink_in(paper, 60, 0, 120, PAPER_HEIGHT), 0.0, 0.0);
    assert_near(paper_ink(paper), 50.0 * 30.0 + 70.0 * 30.0, 1.0);
}

static void test_a_lone_point_is_a_dot(void **state) {
    struct paper *paper = *state;
    struct point point[] = { { NAN, 0.0f }, { 50.3f, 40.8f }, { 50.0f, NAN } };
    draw_polyline(&paper->list, point, 3, (struct stroke){ .width = 9.0f, .colour = white });
    paper_draw(paper);
    assert_near(paper_ink(paper), pi / 4.0 * 81.0, 0.5);
    draw_line(&paper->list, point[1], point[1], 9.0f, white);
    paper_draw(paper);
    assert_near(paper_ink(paper), pi / 4.0 * 81.0, 0.5);
}

static void test_dashes_show_their_lengths(void **state) {
    struct paper *paper = *state;
    struct stroke dashed = { .width = 2.0f, .dash = 6.0f, .gap = 4.0f, .colour = white };
    struct point level[] = { { 10.0f, 20.0f }, { 110.0f, 20.0f } };
    draw_polyline(&paper->list, level, 2, dashed);
    paper_draw(paper);
    assert_near(paper_ink(paper), 2.0 * 60.0, 0.0);
    assert_int_equal(paper_at(paper, 15, 20), 255);
    assert_int_equal(paper_at(paper, 16, 20), 0);

    // Bent, so that the pattern must go on from one segment to the next.
    struct point bent[41];
    for (int i = 0; i <= 40; i++) {
        bent[i] = (struct point){ 10.0f + 3.0f * (float)i, 60.0f + 4.0f * (float)(i % 2) };
    }
    draw_polyline(&paper->list, bent, 41, dashed);
    paper_draw(paper);
    double whole = 40.0 * 5.0 * 2.0;
    assert_near(paper_ink(paper) / whole, 0.6, 0.05);
}

static void test_dashes_of_far_lines_stay_quick(void **state) {
    struct paper *paper = *state;
    struct point far[] = { { -1e30f, 20.0f }, { 1e30f, 100.0f } };
    for (int i = 0; i < 1000; i++) {
        draw_polyline(&paper->list, far, 2, (struct stroke){ 1.0f, 1.0f, 0.01f, white });
    }
    paper_draw(paper);
    assert_near(paper_ink(paper), paper_ink_in(paper, 0, 58, PAPER_WIDTH, 62), 0.0);
}

static void test_lines_that_leave_the_canvas_go_on_in_their_direction(void **state) {
    struct paper *paper = *state;
    // From the lower left corner, 45 degrees, to far above.
    draw_line(&paper->list, (struct point){ 0.0f, 120.0f }, (struct point){ 1e6f, -1e6f + 120.0f },
              3.0f, white);
    paper_draw(paper);
    for (int i = 0; i < PAPER_HEIGHT; i++) {
        assert_true(paper_at(paper, i, PAPER_HEIGHT - 1 - i) == 255);
    }
}

static void test_areas_are_exact(void **state) {
    struct paper *paper = *state;
    struct point curve[400];
    double area = 0.0;
    for (int i = 0; i < 400; i++) {
        curve[i] =
            (struct point){ 10.3f + 0.44f * (float)i, 60.0f + 37.7f * sinf(0.05f * (float)i) };
    }
    for (int i = 1; i < 400; i++) { // the base line is 60.25, and both sides count
        double a = (double)curve[i - 1].y - 60.25, b = (double)curve[i].y - 60.25;
        double dx = (double)curve[i].x - (double)curve[i - 1].x;
        area += a * b >= 0.0 ? dx * fabs(a + b) / 2.0 : dx * (a * a + b * b) / fabs(a - b) / 2.0;
    }
    draw_area(&paper->list, curve, 400, 60.25f, white);
    paper_draw(paper);
    assert_near(paper_ink(paper), area, 0.002 * area);
}

static void test_histograms_are_exact(void **state) {
    struct paper *paper = *state;
    float values[37];
    double sum = 0.0;
    for (int i = 0; i < 37; i++) {
        values[i] = (float)(i % 5) / 4.0f;
        sum += (double)values[i];
    }
    values[36] = NAN;
    sum -= 0.25;
    for (int grow = GROW_UP; grow <= GROW_RIGHT; grow++) {
        struct rect rect = { 20.0f, 10.0f, 90.0f, 100.0f };
        draw_histogram(&paper->list, rect, values, 37, (enum grow)grow, white);
        paper_draw(paper);
        assert_near(paper_ink(paper), sum / 37.0 * 9000.0, 9.0);
        assert_near(paper_ink(paper), paper_ink_in(paper, 20, 10, 110, 110), 0.0);
    }
}

static void test_histograms_have_no_seams(void **state) {
    struct paper *paper = *state;
    float values[200];
    for (int i = 0; i < 200; i++) {
        values[i] = 1.0f;
    }
    for (int count = 1; count <= 200; count++) {
        for (int grow = GROW_UP; grow <= GROW_RIGHT; grow++) {
            struct rect rect = { 20.3f, 10.4f, 91.0f, 67.0f };
            draw_histogram(&paper->list, rect, values, count, (enum grow)grow, faint);
            paper_draw(paper);
            for (int i = 0; i < 91 * 67; i++) {
                assert_int_equal(paper_at(paper, 20 + i % 91, 10 + i / 91), 128);
            }
            assert_near(paper_ink(paper), 91.0 * 67.0 * 128.0 / 255.0, 1e-6);
        }
    }
}

static void test_histogram_bars_grow_where_they_should(void **state) {
    struct paper *paper = *state;
    const float values[] = { 1.0f, 0.5f, 0.0f, 1e-9f }; // four bars of 10 pixels
    struct rect rect = { 20.0f, 10.0f, 40.0f, 40.0f };

    draw_histogram(&paper->list, rect, values, 4, GROW_RIGHT, white);
    paper_draw(paper); // the first bar is at the bottom
    assert_near(paper_ink_in(paper, 20, 40, 60, 50), 400.0, 0.0);
    assert_near(paper_ink_in(paper, 20, 30, 40, 40), 200.0, 0.0);
    assert_near(paper_ink_in(paper, 40, 30, 60, 40), 0.0, 0.0);
    assert_near(paper_ink_in(paper, 20, 20, 60, 30), 0.0, 0.0);
    assert_near(paper_ink_in(paper, 20, 10, 21, 20), 10.0, 0.0); // a hairline
    assert_near(paper_ink_in(paper, 21, 10, 60, 20), 0.0, 0.0);

    draw_histogram(&paper->list, rect, values, 4, GROW_LEFT, white);
    paper_draw(paper);
    assert_near(paper_ink_in(paper, 20, 40, 60, 50), 400.0, 0.0);
    assert_near(paper_ink_in(paper, 40, 30, 60, 40), 200.0, 0.0);
    assert_near(paper_ink_in(paper, 59, 10, 60, 20), 10.0, 0.0);

    draw_histogram(&paper->list, rect, values, 4, GROW_UP, white);
    paper_draw(paper); // the first bar is at the left
    assert_near(paper_ink_in(paper, 20, 10, 30, 50), 400.0, 0.0);
    assert_near(paper_ink_in(paper, 30, 30, 40, 50), 200.0, 0.0);
    assert_near(paper_ink_in(paper, 50, 49, 60, 50), 10.0, 0.0);
    assert_near(paper_ink(paper), 610.0, 0.0);
}

static void test_histogram_values_are_clamped(void **state) {
    struct paper *paper = *state;
    const float values[] = { 7.0f, -3.0f, INFINITY, -INFINITY, NAN };
    draw_histogram(&paper->list, (struct rect){ 20.0f, 10.0f, 50.0f, 30.0f }, values, 5, GROW_UP,
                   white);
    paper_draw(paper);
    assert_near(paper_ink(paper), 600.0, 0.0);
    assert_near(paper_ink_in(paper, 20, 10, 30, 40), 300.0, 0.0);
    assert_near(paper_ink_in(paper, 40, 10, 50, 40), 300.0, 0.0);
}

static void test_polygons_are_exact(void **state) {
    struct paper *paper = *state;
    for (int corners = 3; corners < 20; corners++) {
        struct point forwards[20], backwards[20];
        for (int i = 0; i < corners; i++) {
            double angle = 0.3 + 2.0 * pi * i / corners;
            struct point at = { (float)(80.4 + 31.0 * cos(angle)),
                                (float)(60.1 + 31.0 * sin(angle)) };
            forwards[i] = at;
            backwards[corners - 1 - i] = at;
        }
        double area = 0.5 * corners * 31.0 * 31.0 * sin(2.0 * pi / corners);
        draw_polygon(&paper->list, forwards, corners, white);
        paper_draw(paper);
        assert_near(paper_ink(paper), area, 0.003 * area);
        draw_polygon(&paper->list, backwards, corners, white);
        paper_draw(paper);
        assert_near(paper_ink(paper), area, 0.003 * area);
    }
    struct point sliver[] = { { 10.0f, 10.2f }, { 190.0f, 10.2f }, { 190.0f, 10.5f } };
    draw_polygon(&paper->list, sliver, 3, white);
    paper_draw(paper);
    assert_near(paper_ink(paper), 27.0, 0.5);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_paper, close_paper)
    const struct CMUnitTest tests[] = {
        TEST(test_level_lines_fill_whole_pixels),
        TEST(test_steps_are_crisp_and_closed_at_corners),
        TEST(test_slanted_lines_cover_their_area),
        TEST(test_thin_lines_are_faint),
        TEST(test_joints_are_not_blended_twice),
        TEST(test_dense_curves_are_near_to_all_their_points),
        TEST(test_nan_is_a_gap),
        TEST(test_a_lone_point_is_a_dot),
        TEST(test_dashes_show_their_lengths),
        TEST(test_dashes_of_far_lines_stay_quick),
        TEST(test_lines_that_leave_the_canvas_go_on_in_their_direction),
        TEST(test_areas_are_exact),
        TEST(test_histograms_are_exact),
        TEST(test_histograms_have_no_seams),
        TEST(test_histogram_bars_grow_where_they_should),
        TEST(test_histogram_values_are_clamped),
        TEST(test_polygons_are_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
