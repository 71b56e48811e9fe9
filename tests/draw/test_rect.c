#include <math.h>

#include "paper.h"

#include "draw/rect.h"

static const struct rect whole = { 10.0f, 20.0f, 100.0f, 60.0f };

static void assert_rect(struct rect rect, float x, float y, float w, float h) {
    assert_near((double)rect.x, (double)x, 1e-5);
    assert_near((double)rect.y, (double)y, 1e-5);
    assert_near((double)rect.w, (double)w, 1e-5);
    assert_near((double)rect.h, (double)h, 1e-5);
}

static void test_cuts_leave_the_rest(void **state) {
    (void)state;
    struct rect rest = whole;
    assert_rect(rect_cut_top(&rest, 10.0f), 10.0f, 20.0f, 100.0f, 10.0f);
    assert_rect(rest, 10.0f, 30.0f, 100.0f, 50.0f);
    assert_rect(rect_cut_bottom(&rest, 20.0f), 10.0f, 60.0f, 100.0f, 20.0f);
    assert_rect(rest, 10.0f, 30.0f, 100.0f, 30.0f);
    assert_rect(rect_cut_left(&rest, 30.0f), 10.0f, 30.0f, 30.0f, 30.0f);
    assert_rect(rest, 40.0f, 30.0f, 70.0f, 30.0f);
    assert_rect(rect_cut_right(&rest, 50.0f), 60.0f, 30.0f, 50.0f, 30.0f);
    assert_rect(rest, 40.0f, 30.0f, 20.0f, 30.0f);
}

static void test_cuts_never_take_more_than_is_there(void **state) {
    (void)state;
    struct rect (*const cuts[])(struct rect *, float) = { rect_cut_top, rect_cut_bottom,
                                                          rect_cut_left, rect_cut_right };
    const float odd[] = { 1e9f, -5.0f, NAN, INFINITY, 0.0f };
    for (size_t c = 0; c < sizeof cuts / sizeof cuts[0]; c++) {
        for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
            struct rect rest = whole;
            struct rect cut = cuts[c](&rest, odd[i]);
            double area = (double)(cut.w * cut.h) + (double)(rest.w * rest.h);
            assert_near(area, 6000.0, 1e-3);
            assert_true(cut.w >= 0.0f && cut.h >= 0.0f && rest.w >= 0.0f && rest.h >= 0.0f);
        }
    }
}

static void test_inset_stops_at_the_middle(void **state) {
    (void)state;
    assert_rect(rect_inset(whole, 5.0f, 7.0f), 15.0f, 27.0f, 90.0f, 46.0f);
    assert_rect(rect_inset(whole, 70.0f, 0.0f), 60.0f, 20.0f, 0.0f, 60.0f);
}

static void test_columns_and_rows_tile(void **state) {
    (void)state;
    for (int count = 1; count < 40; count++) {
        float right = whole.x, bottom = whole.y;
        for (int i = 0; i < count; i++) {
            struct rect column = rect_column(whole, i, count), row = rect_row(whole, i, count);
            assert_near((double)column.x, (double)right, 1e-4);
            assert_near((double)row.y, (double)bottom, 1e-4);
            right = column.x + column.w;
            bottom = row.y + row.h;
        }
        assert_near((double)right, 110.0, 1e-4);
        assert_near((double)bottom, 80.0, 1e-4);
    }
}

static void test_contains_its_first_edges_only(void **state) {
    (void)state;
    assert_true(rect_contains(whole, 10.0f, 20.0f));
    assert_true(rect_contains(whole, 109.9f, 79.9f));
    assert_false(rect_contains(whole, 110.0f, 50.0f));
    assert_false(rect_contains(whole, 50.0f, 80.0f));
    assert_false(rect_contains(whole, 9.9f, 50.0f));
    assert_false(rect_contains(whole, NAN, 50.0f));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cuts_leave_the_rest),
        cmocka_unit_test(test_cuts_never_take_more_than_is_there),
        cmocka_unit_test(test_inset_stops_at_the_middle),
        cmocka_unit_test(test_columns_and_rows_tile),
        cmocka_unit_test(test_contains_its_first_edges_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
