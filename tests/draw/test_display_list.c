#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "paper.h"

#include "draw/utf8.h"

/* Every character is half as wide as it is high, so that expected widths can be counted. */
static float half_width(void *context, enum font font, float size, const char *utf8) {
    int characters = 0;
    uint32_t character;
    (void)context;
    (void)font;
    for (size_t step; (step = utf8_step(utf8, &character)) > 0; utf8 += step) {
        characters++;
    }
    return 0.5f * size * (float)characters;
}

static const struct text_style label = { FONT_LABEL, 10.0f, ALIGN_LEFT, 0xFFAABBCC };

static int open_list(void **state) {
    static struct display_list list;
    display_list_init(&list, (struct text_metrics){ half_width, NULL });
    *state = &list;
    return 0;
}

static int close_list(void **state) {
    display_list_finish(*state);
    return 0;
}

static void assert_printed(const struct display_list *list, const char *expected) {
    char *printed = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&printed, &size);
    display_list_print(list, file);
    fclose(file);
    assert_string_equal(printed, expected);
    free(printed);
}

static const char *drawn_text(const struct display_list *list) {
    assert_true(list->op_count > 0);
    const struct draw_op *op = &list->ops[list->op_count - 1];
    assert_int_equal(op->kind, DRAW_TEXT);
    return list->chars + op->text;
}

static void test_prints_every_primitive(void **state) {
    struct display_list *list = *state;
    const struct point points[] = { { 0.0f, 1.0f }, { NAN, -0.001f }, { 2.5f, 3.0f } };
    const float values[] = { 0.0f, 0.25f, 1.0f };
    const uint32_t pixels[] = { 0xFF000000, 0xFFFFFFFF };
    struct rect rect = { 1.0f, 2.0f, 300.0f, 4.5f };

    draw_clip(list, rect);
    draw_rect(list, rect, 0xFF112233);
    draw_rounded(list, rect, 3.0f, 0x80112233);
    draw_frame(list, rect, 3.0f, 1.0f, 0xFF112233);
    draw_line(list, points[0], points[2], 1.0f, 0xFF112233);
    draw_polyline(list, points, 3, (struct stroke){ 1.5f, 4.0f, 3.0f, 0xFF112233 });
    draw_area(list, points, 3, 9.0f, 0xFF112233);
    draw_polygon(list, points, 3, 0xFF112233);
    draw_histogram(list, rect, values, 3, GROW_LEFT, 0xFF112233);
    draw_image(list, rect, pixels, 2, 1, true);
    draw_text(list, rect, label, "%s %d", "layer", 7);
    draw_unclip(list);
    assert_int_equal(list->op_count, 12);
    assert_printed(list,
                   "clip 1.00 2.00 300.00 4.50\n"
                   "rect 1.00 2.00 300.00 4.50 #ff112233\n"
                   "rect 1.00 2.00 300.00 4.50 radius 3.00 #80112233\n"
                   "frame 1.00 2.00 300.00 4.50 radius 3.00 width 1.00 #ff112233\n"
                   "polyline width 1.00 #ff112233 2: 0.00 1.00, 2.50 3.00\n"
                   "polyline width 1.50 dash 4.00 gap 3.00 #ff112233 3: 0.00 1.00, nan 0.00, 2.50 "
                   "3.00\n"
                   "area base 9.00 #ff112233 3: 0.00 1.00, nan 0.00, 2.50 3.00\n"
                   "polygon #ff112233 3: 0.00 1.00, nan 0.00, 2.50 3.00\n"
                   "histogram 1.00 2.00 300.00 4.50 #ff112233 left 3: 0.00 0.25 1.00\n"
                   "image 1.00 2.00 300.00 4.50 2x1 smooth hash 288966a0\n"
                   "text 1.00 2.00 300.00 4.50 #ffaabbcc label left 10.00 \"layer 7\"\n"
                   "unclip\n");
}

static void test_empty_input_adds_nothing(void **state) {
    struct display_list *list = *state;
    struct rect rect = { 0 };
    struct point point = { 0 };
    uint32_t pixel = 0;

    draw_polyline(list, &point, 0, (struct stroke){ .width = 1.0f });
    draw_area(list, &point, -1, 0.0f, white);
    draw_polygon(list, &point, 0, white);
    draw_histogram(list, rect, &point.x, 0, GROW_UP, white);
    draw_image(list, rect, &pixel, 0, 1, false);
    draw_image(list, rect, &pixel, 1, -1, false);
    assert_near((double)draw_text(list, rect, label, "%s", ""), 0.0, 0.0);
    assert_int_equal(list->op_count, 0);
    assert_false(list->incomplete);
}

static void test_grows_and_keeps_its_arrays(void **state) {
    struct display_list *list = *state;
    struct point points[7];

    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 5000; i++) {
            for (int p = 0; p < 7; p++) {
                points[p] = (struct point){ (float)i, (float)p };
            }
            draw_polyline(list, points, 7, (struct stroke){ .width = 1.0f });
        }
        assert_int_equal(list->op_count, 5000);
        assert_int_equal(list->number_count, 70000);
        for (size_t i = 0; i < 5000; i++) {
            const float *numbers = list->numbers + list->ops[i].first;
            assert_true(numbers[0] == (float)i && numbers[13] == 6.0f);
        }
        size_t room = list->number_room;
        display_list_clear(list);
        assert_int_equal(list->op_count, 0);
        assert_int_equal(list->number_room, room);
    }
}

static void test_stops_when_memory_runs_out(void **state) {
    struct display_list *list = *state;
    const uint32_t pixel = 0;
    struct rect rect = { 0.0f, 0.0f, 1.0f, 1.0f };

    draw_rect(list, rect, white);
    draw_image(list, rect, &pixel, INT_MAX, INT_MAX, false); // 2^64 bytes
    assert_true(list->incomplete);
    draw_rect(list, rect, white);
    assert_int_equal(list->op_count, 1);
    assert_printed(list, "rect 0.00 0.00 1.00 1.00 #ffffffff\nincomplete\n");
    display_list_clear(list);
    assert_false(list->incomplete);
    draw_rect(list, rect, white);
    assert_int_equal(list->op_count, 1);
}

static void test_text_that_fits_is_left_alone(void **state) {
    struct display_list *list = *state;
    float exact = draw_text_width(list, FONT_LABEL, 10.0f, "layer 10");

    assert_near((double)exact, 40.0, 1e-6);
    assert_near((double)draw_text(list, (struct rect){ 0, 0, exact, 10 }, label, "layer %d", 10),
                40.0, 1e-6);
    assert_string_equal(drawn_text(list), "layer 10");
}

static void test_wide_text_is_cut_with_an_ellipsis_that_fits(void **state) {
    struct display_list *list = *state;
    const char *text = "∂L/∂W — 한국어 gradient";

    for (float room = 5.0f; room < 140.0f; room += 1.0f) {
        struct rect rect = { 0.0f, 0.0f, room, 10.0f };
        float width = draw_text(list, rect, label, "%s", text);
        const char *drawn = drawn_text(list);
        assert_true(width <= room + 0.01f);
        assert_near((double)half_width(NULL, FONT_LABEL, 10.0f, drawn), (double)width, 1e-6);
        if (strcmp(drawn, text) != 0) {
            size_t kept = strlen(drawn) - strlen("…");
            assert_string_equal(drawn + kept, "…");
            assert_memory_equal(drawn, text, kept);
            assert_true(utf8_floor(text, kept) == kept);
            assert_true(kept == 0 || drawn[kept - 1] != ' ');
            // One more character would not have fitted, unless a space was dropped.
            assert_true(width + 5.0f > room || text[kept] == ' ');
        }
    }
}

static void test_no_room_no_text(void **state) {
    struct display_list *list = *state;
    const float rooms[] = { 4.9f, 0.0f, -10.0f, NAN };

    for (size_t i = 0; i < sizeof rooms / sizeof rooms[0]; i++) {
        float width = draw_text(list, (struct rect){ 0, 0, rooms[i], 10 }, label, "layer");
        assert_near((double)width, 0.0, 0.0);
    }
    assert_int_equal(list->op_count, 0);
}

static void test_text_becomes_one_clean_line(void **state) {
    struct display_list *list = *state;
    struct rect wide = { 0.0f, 0.0f, 1e6f, 10.0f };
    char endless[3000];

    draw_text(list, wide, label, "%s", "a\nb\tc\x7F \xFF\xC3( \xED\xA0\x80 \xC3\xA9");
    assert_string_equal(drawn_text(list), "a b c  ?"
                                          "?( ?"
                                          "?? é");

    for (size_t i = 0; i + 3 < sizeof endless; i += 3) {
        memcpy(endless + i, "한", 4);
    }
    draw_text(list, wide, label, "%s", endless);
    const char *drawn = drawn_text(list);
    assert_true(strlen(drawn) < DRAW_TEXT_MAX && strlen(drawn) > DRAW_TEXT_MAX - 10);
    assert_null(strchr(drawn, '?'));

    struct rect narrow = { 0.0f, 0.0f, 500.0f, 10.0f };
    assert_true(draw_text(list, narrow, label, "%s", endless) <= 500.0f);
}

static void test_origin_follows_alignment(void **state) {
    struct display_list *list = *state;
    const enum align aligns[] = { ALIGN_LEFT, ALIGN_CENTRE, ALIGN_RIGHT };
    const double left[] = { 100.0, 140.0, 180.0 };

    for (int i = 0; i < 3; i++) {
        struct text_style style = { FONT_LABEL, 10.0f, aligns[i], white };
        draw_text(list, (struct rect){ 100.0f, 50.0f, 100.0f, 20.0f }, style, "abcd");
        struct point origin = draw_text_origin(&list->ops[i]);
        assert_near((double)origin.x, left[i], 1e-4);
        assert_near((double)origin.y, 60.0 + 0.5 * 7.27, 1e-4);
    }
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_list, close_list)
    const struct CMUnitTest tests[] = {
        TEST(test_prints_every_primitive),
        TEST(test_empty_input_adds_nothing),
        TEST(test_grows_and_keeps_its_arrays),
        TEST(test_stops_when_memory_runs_out),
        TEST(test_text_that_fits_is_left_alone),
        TEST(test_wide_text_is_cut_with_an_ellipsis_that_fits),
        TEST(test_no_room_no_text),
        TEST(test_text_becomes_one_clean_line),
        TEST(test_origin_follows_alignment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
