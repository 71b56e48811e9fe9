#include "check.h"

#include <math.h>

#include "base/require.h"
#include "beneath.h"
#include "view/class_mark.h"
#include "view/theme.h"

/* A text on every ground it is written on, the selected column and table row among them. */
static void assert_readable(const struct theme_row *row, colour text) {
    const colour grounds[] = { row->background, row->panel, row->raised,
                               theme_blend(row->panel, row->focus, 0.10f),
                               theme_blend(row->panel, row->focus, 0.16f) };
    for (int i = 0; i < ARRAY_LEN(grounds); i++) {
        if (contrast(text, grounds[i]) < 4.5) {
            fail_msg("%s: text %06x on %06x has %.2f", row->name, (unsigned)text & 0xffffff,
                     (unsigned)grounds[i] & 0xffffff, contrast(text, grounds[i]));
        }
    }
}

static void texts_have_a_contrast_of_4_5(void **state) {
    (void)state;
    for (int t = 0; t < THEME_COUNT; t++) {
        const struct theme_row *row = &themes[t];
        const colour texts[] = { row->text, row->secondary, row->run_text[0], row->run_text[1],
                                 row->bad };
        for (int i = 0; i < ARRAY_LEN(texts); i++) {
            assert_readable(row, texts[i]);
        }
        assert_true(contrast(row->background, row->focus) >= 4.5); // text that is marked
        for (int run = 0; run < 2; run++) {
            assert_true(contrast(row->on_run[run], row->run[run]) >= 4.5);
        }
    }
}

static void badges_have_a_contrast_of_4_5(void **state) {
    (void)state;
    for (enum theme t = 0; t < THEME_COUNT; t++) {
        const colour tones[] = { themes[t].good, themes[t].warning, themes[t].bad,
                                 themes[t].secondary };
        for (int i = 0; i < ARRAY_LEN(tones); i++) {
            assert_true(contrast(theme_tint(t, tones[i]), theme_on_tint(t, tones[i])) >= 4.5);
        }
    }
}

static void marks_have_a_contrast_of_3(void **state) {
    (void)state;
    for (int t = 0; t < THEME_COUNT; t++) {
        const struct theme_row *row = &themes[t];
        const colour marks[] = { row->run[0],       row->run[1],      row->good,  row->warning,
                                 row->bad,          row->axis,        row->focus, row->mark,
                                 row->run_faint[0], row->run_faint[1] };
        colour selected = theme_blend(row->panel, row->focus, 0.10f);
        for (int i = 0; i < ARRAY_LEN(marks); i++) {
            assert_true(contrast(marks[i], row->panel) >= 3.0);
            assert_true(contrast(marks[i], selected) >= 3.0);
        }
        for (int f = 0; f < FACTOR_COUNT; f++) {
            assert_true(contrast(row->factor[f], row->panel) >= 3.0);
            for (int g = 0; g < f; g++) {
                assert_true(row->factor[f] != row->factor[g]);
            }
        }
        assert_true(contrast(row->mark, row->run[0]) >= 3.0);
        assert_true(contrast(row->mark, row->run[1]) >= 3.0);
    }
}

/* Lines of a run: each share can be seen, and more than one below it. */
static void strength_is_of_contrast(void **state) {
    (void)state;
    for (enum theme t = 0; t < THEME_COUNT; t++) {
        for (int run = 0; run < 2; run++) {
            double before = 2.99;
            for (int i = 0; i <= 4; i++) {
                double now = contrast(theme_strength(t, run, (float)i / 4.0f), themes[t].panel);
                assert_true(now > before + 0.1);
                before = now;
            }
        }
    }
}

static void grid_is_seen_but_quiet(void **state) {
    (void)state;
    for (int t = 0; t < THEME_COUNT; t++) {
        double grid = contrast(themes[t].grid, themes[t].panel);
        assert_true(grid > 1.15 && grid < 2.0);
    }
}

static void maps_run_from_end_to_end(void **state) {
    (void)state;
    for (enum theme t = 0; t < THEME_COUNT; t++) {
        assert_int_equal(theme_map(t, 0.0f), themes[t].map[0]);
        assert_int_equal(theme_map(t, 1.0f), themes[t].map[THEME_MAP_STOPS - 1]);
        assert_int_equal(theme_map(t, 0.5f), themes[t].map[THEME_MAP_STOPS / 2]);
        assert_int_equal(theme_map(t, -7.0f), theme_map(t, 0.0f));
        assert_int_equal(theme_map(t, 7.0f), theme_map(t, 1.0f));
        assert_int_equal(theme_map(t, NAN), themes[t].panel);
        for (int i = 1; i <= 100; i++) { // viridis gets steadily lighter
            double before = luminance(theme_map(t, (float)(i - 1) / 100.0f));
            assert_true(luminance(theme_map(t, (float)i / 100.0f)) > before - 0.005);
        }
    }
}

static void fades_and_blends(void **state) {
    (void)state;
    assert_int_equal(theme_fade(0xff123456, 0.5f), 0x80123456);
    assert_int_equal(theme_fade(0x80123456, 0.5f), 0x40123456);
    assert_int_equal(theme_blend(0xff000000, 0xffffffff, 0.0f), 0xff000000);
    assert_int_equal(theme_blend(0xff000000, 0xffffffff, 1.0f), 0xffffffff);
    assert_int_equal(theme_blend(0xff102030, 0xff304050, 0.5f), 0xff203040);
}

/* A class's mark stands on the ground of any class, its own at its surest among them. */
static void marks_of_classes_have_a_contrast_of_3(void **state) {
    (void)state;
    for (enum theme t = 0; t < THEME_COUNT; t++) {
        for (int mark = 0; mark < CLASS_COLOURS; mark++) {
            assert_true(contrast(class_colour(t, mark), themes[t].background) >= 3.0);
            for (int ground = 0; ground < CLASS_COLOURS; ground++) {
                for (int i = 0; i <= 10; i++) {
                    colour under = class_ground(t, ground, (float)i / 10.0f);
                    assert_true(contrast(class_colour(t, mark), under) >= 3.0);
                    assert_true(contrast(themes[t].text, under) >= 4.5); // the border
                }
            }
        }
    }
}

/* Counts on a run's colour in any strength. */
static void texts_on_any_share_of_a_run_are_readable(void **state) {
    (void)state;
    for (enum theme t = 0; t < THEME_COUNT; t++) {
        for (int run = 0; run < 2; run++) {
            for (int i = 0; i <= 100; i++) {
                colour ground = theme_blend(themes[t].panel, themes[t].run[run], (float)i / 100.0f);
                assert_true(contrast(text_on(ground), ground) >= 4.5);
            }
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_have_a_contrast_of_4_5),
        cmocka_unit_test(badges_have_a_contrast_of_4_5),
        cmocka_unit_test(marks_have_a_contrast_of_3),
        cmocka_unit_test(strength_is_of_contrast),
        cmocka_unit_test(grid_is_seen_but_quiet),
        cmocka_unit_test(maps_run_from_end_to_end),
        cmocka_unit_test(fades_and_blends),
        cmocka_unit_test(marks_of_classes_have_a_contrast_of_3),
        cmocka_unit_test(texts_on_any_share_of_a_run_are_readable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
