#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "paper.h"

#include "draw/utf8.h"

static const char hard[] = "∂L/∂W ‖δ‖ Wᵀ φ′(z) 한국어 ∇ 10⁻³";

static int open_text(void **state) {
    char problem[512];
    *state = text_create(problem, sizeof problem);
    if (!*state) {
        print_error("%s\n", problem);
    }
    return *state ? 0 : -1;
}

static int close_text(void **state) {
    text_destroy(*state);
    return 0;
}

static double width(struct text *text, enum font font, float size, const char *string) {
    struct text_metrics metrics = text_metrics(text);
    return (double)metrics.width(metrics.context, font, size, string);
}

static long ink(const struct text_mask *mask) {
    long sum = 0;
    for (int i = 0; i < mask->width * mask->height; i++) {
        sum += mask->coverage[i];
    }
    return sum;
}

static bool same_masks(const struct text_mask *a, const unsigned char *coverage, int w, int h) {
    return a->width == w && a->height == h && memcmp(a->coverage, coverage, (size_t)(w * h)) == 0;
}

static void test_measures_what_it_renders(void **state) {
    const char *strings[] = { "layer 1", "A", "jgpq", "0.209 · 95.3%", hard };
    for (int font = 0; font < FONT_COUNT; font++) {
        for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++) {
            struct text_mask mask = text_render(*state, (enum font)font, 12.0f, strings[i]);
            assert_non_null(mask.coverage);
            assert_near(width(*state, (enum font)font, 12.0f, strings[i]), mask.width, 1e-6);
            assert_true(ink(&mask) > 255 * 8);
        }
    }
}

static void test_empty_and_blank_strings(void **state) {
    struct text_mask none = text_render(*state, FONT_LABEL, 12.0f, "");
    assert_null(none.coverage);
    assert_int_equal(none.width, 0);
    assert_near(width(*state, FONT_LABEL, 12.0f, ""), 0.0, 0.0);

    struct text_mask blank = text_render(*state, FONT_LABEL, 12.0f, "   ");
    assert_null(blank.coverage);
    assert_int_equal(blank.height, 0);
    assert_true(width(*state, FONT_LABEL, 12.0f, "   ") > 5.0);
}

static void test_digits_are_tabular(void **state) {
    for (int font = 0; font < FONT_COUNT; font++) {
        double ones = width(*state, (enum font)font, 12.0f, "1111111111");
        assert_near(width(*state, (enum font)font, 12.0f, "8888888888"), ones, 1e-6);
    }
}

/* The glyph that fonts draw for what they lack. */
static void assert_has_glyph(struct text *text, enum font font, const char *string) {
    unsigned char *box;
    struct text_mask lacking = text_render(text, font, 14.0f, "\xEE\x80\x80"); // private use
    int w = lacking.width, h = lacking.height;
    assert_true(w * h > 0);
    box = malloc((size_t)(w * h));
    memcpy(box, lacking.coverage, (size_t)(w * h));

    struct text_mask mask = text_render(text, font, 14.0f, string);
    if (ink(&mask) == 0 || same_masks(&mask, box, w, h)) {
        fail_msg("no glyph for %s in font %d", string, (int)font);
    }
    free(box);
}

static void test_fallbacks_have_every_character(void **state) {
    const char *wanted[] = { "∂", "‖", "ᵀ", "′",  "δ",  "φ",  "σ", "χ", "∇", "∈", "∑",
                             "√", "≤", "≈", "⁻",  "³",  "₁",  "ℓ", "→", "◇", "…", "·",
                             "×", "−", "∞", "한", "국", "어", "⏎", "↑", "é" };
    for (int font = 0; font < FONT_COUNT; font++) {
        for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
            assert_has_glyph(*state, (enum font)font, wanted[i]);
        }
    }
}

static void test_stitched_widths_add_up(void **state) {
    const char *strings[] = { "∂L/∂W", "‖δ‖", "Wᵀ", "한국어", "φ′(z)", "∇ W" };
    for (int font = 0; font < FONT_COUNT; font++) {
        for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++) {
            double sum = 0.0;
            uint32_t character;
            const char *at = strings[i];
            for (size_t step; (step = utf8_step(at, &character)) > 0; at += step) {
                char one[8] = "";
                memcpy(one, at, step);
                sum += width(*state, (enum font)font, 40.0f, one);
            }
            // Kerning and whole pixels make the difference.
            assert_near(width(*state, (enum font)font, 40.0f, strings[i]), sum, 0.08 * sum);
        }
    }
}

/* The row below the lowest ink, from the base line. */
static int ink_bottom(const struct text_mask *mask) {
    return mask->height - mask->ascent;
}

static void test_runs_share_one_base_line(void **state) {
    struct text_mask plain = text_render(*state, FONT_NUMBER, 20.0f, "H");
    assert_int_equal(ink_bottom(&plain), 0);
    assert_int_equal(plain.ascent, plain.cap_height);
    // ∇ is in a fallback font and stands on the base line; Korean reaches a little below it.
    struct text_mask mixed = text_render(*state, FONT_NUMBER, 20.0f, "H∇H");
    assert_near(ink_bottom(&mixed), 0.0, 1.0);
    struct text_mask korean = text_render(*state, FONT_NUMBER, 20.0f, "H한H");
    assert_near(ink_bottom(&korean), 2.0, 2.0);
    struct text_mask transposed = text_render(*state, FONT_NUMBER, 20.0f, "Wᵀ");
    assert_int_equal(transposed.ascent, transposed.cap_height);
    assert_int_equal(ink_bottom(&transposed), 0);
    struct text_mask alone = text_render(*state, FONT_LABEL, 40.0f, "ᵀ");
    assert_int_equal(alone.ascent, alone.cap_height);
    assert_int_equal(alone.height, (alone.cap_height * 5 + 4) / 8);
    // Glyphs that reach above the font's own ascent do not push the others down.
    const char *tall[] = { "HÅ", "H◯", "HÅ한", "H〱H" };
    for (size_t i = 0; i < sizeof tall / sizeof tall[0]; i++) {
        struct text_mask mask = text_render(*state, FONT_LABEL, 40.0f, tall[i]);
        const unsigned char *below = mask.coverage + mask.ascent * mask.width;
        const unsigned char *last = below - mask.width; // the foot of the H's left stem
        assert_int_equal(last[5], 255);
        assert_true(mask.ascent == mask.height || below[5] == 0);
    }
}

static void test_scale_gives_whole_pixel_sizes(void **state) {
    struct text_mask single = text_render(*state, FONT_LABEL, 12.0f, "Hxg");
    int cap = single.cap_height, w = single.width;
    double points = width(*state, FONT_LABEL, 12.0f, "Hxg");

    text_set_scale(*state, 2.0f);
    struct text_mask twice = text_render(*state, FONT_LABEL, 12.0f, "Hxg");
    assert_near(twice.cap_height, 2.0 * cap, 1.0);
    assert_near(twice.width, 2.0 * w, 2.0);
    assert_near(width(*state, FONT_LABEL, 12.0f, "Hxg"), points, 1.0);

    struct text_mask direct = text_render(*state, FONT_LABEL, 12.1f, "Hxg"); // also 24 pixels
    assert_ptr_equal(direct.coverage, twice.coverage);
}

static void test_odd_sizes_are_survived(void **state) {
    const float sizes[] = { 0.0f, -3.0f, NAN, INFINITY, 1e30f, 0.01f };
    char endless[2001];
    memset(endless, 'W', sizeof endless - 1);
    endless[sizeof endless - 1] = '\0';

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        text_render(*state, FONT_LABEL, sizes[i], "layer 1");
        assert_true(isfinite(width(*state, FONT_LABEL, sizes[i], "layer 1")));
        text_render(*state, FONT_LABEL, sizes[i], endless);
    }
    struct text_mask wide = text_render(*state, FONT_LABEL, 256.0f, endless);
    assert_null(wide.coverage); // wider than any canvas
    struct text_mask broken = text_render(*state, FONT_LABEL, 12.0f, "\xFF\xC3 \xE2\x88");
    assert_true(broken.width > 0);
}

static void test_a_steady_picture_measures_and_renders_nothing(void **state) {
    char string[32];
    for (int round = 0; round < 3; round++) {
        struct text_counts before = text_counts(*state);
        for (int i = 0; i < 500; i++) {
            snprintf(string, sizeof string, "layer %d", i);
            width(*state, FONT_LABEL, 11.0f, string);
            text_render(*state, FONT_LABEL, 11.0f, string);
        }
        struct text_counts after = text_counts(*state);
        assert_int_equal(after.measured - before.measured, round == 0 ? 500 : 0);
        assert_int_equal(after.rendered - before.rendered, round == 0 ? 500 : 0);
    }
}

static void test_the_least_recently_used_go_first(void **state) {
    char string[32];
    struct text_mask first = text_render(*state, FONT_LABEL, 12.0f, "kept");
    int w = first.width, h = first.height;
    unsigned char *copy = malloc((size_t)(w * h));
    memcpy(copy, first.coverage, (size_t)(w * h));

    text_render(*state, FONT_LABEL, 12.0f, "forgotten");
    for (int i = 0; i < 3 * TEXT_CACHE_ROOM; i++) {
        snprintf(string, sizeof string, "%d", i);
        text_render(*state, (enum font)(i % FONT_COUNT), 12.0f, string);
        text_render(*state, FONT_LABEL, 12.0f, "kept");
    }
    struct text_counts before = text_counts(*state);
    assert_int_equal(before.cached, TEXT_CACHE_ROOM);
    struct text_mask again = text_render(*state, FONT_LABEL, 12.0f, "kept");
    assert_true(same_masks(&again, copy, w, h));
    assert_int_equal(text_counts(*state).rendered, before.rendered);
    text_render(*state, FONT_LABEL, 12.0f, "forgotten");
    assert_int_equal(text_counts(*state).rendered, before.rendered + 1);
    free(copy);
}

static void test_many_sizes_reopen_fonts(void **state) {
    struct text_mask mask = text_render(*state, FONT_LABEL, 12.0f, hard);
    long before = ink(&mask);
    for (int size = 1; size <= 100; size++) {
        for (int font = 0; font < FONT_COUNT; font++) {
            assert_true(width(*state, (enum font)font, (float)size, hard) > 0.0);
        }
    }
    for (int i = 0; i < TEXT_CACHE_ROOM; i++) { // forget the mask, not only the font
        char string[32];
        snprintf(string, sizeof string, "%d", i);
        width(*state, FONT_LABEL, 12.0f, string);
    }
    mask = text_render(*state, FONT_LABEL, 12.0f, hard);
    assert_int_equal(ink(&mask), before);
}

static void test_missing_fonts_are_told(void **state) {
    char problem[512] = "";
    (void)state;
    char *folder = strdup(getenv("LAYERSCOPE_DATADIR"));
    setenv("LAYERSCOPE_DATADIR", "/nonexistent", 1);
    struct text *text = text_create(problem, sizeof problem);
    setenv("LAYERSCOPE_DATADIR", folder, 1);
    free(folder);
    assert_null(text);
    assert_non_null(strstr(problem, "/nonexistent/fonts/Inter-ui-tnum.otf"));
    text_destroy(NULL);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_text, close_text)
    const struct CMUnitTest tests[] = {
        TEST(test_measures_what_it_renders),
        TEST(test_empty_and_blank_strings),
        TEST(test_digits_are_tabular),
        TEST(test_fallbacks_have_every_character),
        TEST(test_stitched_widths_add_up),
        TEST(test_runs_share_one_base_line),
        TEST(test_scale_gives_whole_pixel_sizes),
        TEST(test_odd_sizes_are_survived),
        TEST(test_a_steady_picture_measures_and_renders_nothing),
        TEST(test_the_least_recently_used_go_first),
        TEST(test_many_sizes_reopen_fonts),
        cmocka_unit_test(test_missing_fonts_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
