/* What we write as SVG: mark by mark here, whole by check_files.py with a parser of Python's. */
#include "base/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "export/svg_file.h"
#include "tools.h"

/* Every letter is half an em wide. */
static float half_ems(void *context, enum font font, float size, const char *utf8) {
    (void)context;
    (void)font;
    return 0.5f * size * (float)strlen(utf8);
}

static int start(void **state) {
    struct display_list *list = calloc(1, sizeof *list);
    assert_non_null(list);
    display_list_init(list, (struct text_metrics){ half_ems, NULL });
    *state = list;
    return 0;
}

static int end(void **state) {
    display_list_finish(*state);
    free(*state);
    return 0;
}

/* The document's elements are exactly these. */
static void assert_elements(const struct display_list *list, const char *wanted) {
    const struct svg_page page = { 100.0f, 50.0f, 1.0f, "t", NULL, NULL, 0 };
    char text[8192];
    FILE *file = fmemopen(text, sizeof text, "w");
    assert_non_null(file);
    svg_print(file, list, &page);
    assert_int_equal(fclose(file), 0);
    char *body = strstr(text, "</style>\n"), *tail = strstr(text, "</svg>\n");
    assert_non_null(body);
    assert_non_null(tail);
    *tail = '\0';
    assert_string_equal(body + strlen("</style>\n"), wanted);
}

static void rectangles_stay_where_they_are(void **state) {
    struct display_list *list = *state;
    draw_rect(list, (struct rect){ 1.0f, 2.5f, 3.125f, 4.0f }, 0xFF102030);
    draw_rounded(list, (struct rect){ 0.0f, 0.0f, 10.0f, 10.0f }, 3.0f, 0x80FFFFFF);
    draw_frame(list, (struct rect){ 0.0f, 0.0f, 10.0f, 8.0f }, 0.0f, 2.0f, 0xFF000000);
    assert_elements(
        list, "<rect x=\"1\" y=\"2.5\" width=\"3.12\" height=\"4\" shape-rendering=\"crispEdges\" "
              "fill=\"#102030\"/>\n"
              "<rect x=\"0\" y=\"0\" width=\"10\" height=\"10\" rx=\"3\" fill=\"#ffffff\" "
              "fill-opacity=\"0.502\"/>\n"
              "<rect fill=\"none\" x=\"1\" y=\"1\" width=\"8\" height=\"6\" "
              "shape-rendering=\"crispEdges\" stroke=\"#000000\" stroke-width=\"2\"/>\n");
}

static void lines_have_gaps_and_dots(void **state) {
    struct display_list *list = *state;
    const struct point line[] = { { 0, 0 },      { 10, 5 },   { NAN, 0 }, { 20, 5 },
                                  { 30, -0.0f }, { 35, NAN }, { 40, 1 } };
    draw_polyline(list, line, 7, (struct stroke){ .width = 1.5f, .colour = 0xFF123456 });
    assert_elements(list, "<path fill=\"none\" d=\"M0 0L10 5M20 5L30 0M40 1h0\" stroke=\"#123456\" "
                          "stroke-width=\"1.5\" stroke-linejoin=\"round\" "
                          "stroke-linecap=\"round\"/>\n");
}

/* Dashes are what is inked: round ends take half a width on either side of them. */
static void dashes_are_as_long_as_in_the_picture(void **state) {
    struct display_list *list = *state;
    const struct point slanted[] = { { 0, 0 }, { 10, 5 } }, level[] = { { 0, 1 }, { 9, 1 } };
    draw_polyline(list, slanted, 2, (struct stroke){ 2.0f, 6.0f, 4.0f, 0xFF000000 });
    draw_polyline(list, level, 2, (struct stroke){ 2.0f, 6.0f, 4.0f, 0xFF000000 });
    assert_elements(list, "<path fill=\"none\" d=\"M0 0L10 5\" stroke=\"#000000\" "
                          "stroke-width=\"2\" stroke-linejoin=\"round\" stroke-linecap=\"round\" "
                          "stroke-dasharray=\"4 6\"/>\n"
                          "<path fill=\"none\" d=\"M0 1L9 1\" stroke=\"#000000\" "
                          "stroke-width=\"2\" stroke-linejoin=\"miter\" "
                          "stroke-dasharray=\"6 4\"/>\n");
}

static void areas_are_closed_along_their_base(void **state) {
    struct display_list *list = *state;
    const struct point line[] = { { 0, 4 }, { 5, 2 }, { NAN, NAN }, { 8, 1 }, { 9, 2 } };
    const struct point corners[] = { { 0, 0 }, { 4, 0 }, { 2, 3 } };
    draw_area(list, line, 5, 10.0f, 0xFFAABBCC);
    draw_polygon(list, corners, 3, 0xFF000001);
    assert_elements(list, "<path d=\"M0 10L0 4L5 2L5 10ZM8 10L8 1L9 2L9 10Z\" fill=\"#aabbcc\"/>\n"
                          "<path d=\"M0 0L4 0L2 3Z\" fill=\"#000001\"/>\n");
}

/* Value 0 is at the bottom; whatever is above 0 shows, and what is too much ends at the side. */
static void histograms_are_one_shape(void **state) {
    struct display_list *list = *state;
    const float values[] = { 0.5f, 0.0f, 1e-6f, 7.0f, NAN };
    struct rect rect = { 10.0f, 20.0f, 100.0f, 50.0f };
    draw_histogram(list, rect, values, 5, GROW_UP, 0xFF000000);
    draw_histogram(list, rect, values, 5, GROW_LEFT, 0xFF000000);
    draw_histogram(list, rect, values, 5, GROW_RIGHT, 0xFF000000);
    assert_elements(list,
                    "<path d=\"M10 70V45H30V70H50V69H70V20H90V70H110V70Z\" fill=\"#000000\"/>\n"
                    "<path d=\"M110 70H60V60H110V50H109V40H10V30H110V20H110Z\" "
                    "fill=\"#000000\"/>\n"
                    "<path d=\"M10 70H60V60H10V50H11V40H110V30H10V20H10Z\" fill=\"#000000\"/>\n");
}

/* The base line lies as in the picture; letters of XML are escaped, what it forbids is gone. */
static void text_is_text(void **state) {
    struct display_list *list = *state;
    const struct text_style style = { FONT_NUMBER, 10.0f, ALIGN_RIGHT, 0xFF000000 };
    draw_text(list, (struct rect){ 0.0f, 0.0f, 100.0f, 20.0f }, style, "a<b & \"c\" >\x01 δ");
    struct point at = draw_text_origin(&list->ops[0]);
    char wanted[256];
    snprintf(wanted, sizeof wanted,
             "<text class=\"n\" x=\"%g\" y=\"%.2f\" font-size=\"10\" textLength=\"%g\" "
             "lengthAdjust=\"spacingAndGlyphs\" fill=\"#000000\">"
             "a&lt;b &amp; &quot;c&quot; &gt;  δ</text>\n",
             (double)at.x, (double)at.y, (double)list->ops[0].text_width);
    assert_elements(list, wanted);
}

static void clips_nest_and_are_closed(void **state) {
    struct display_list *list = *state;
    draw_unclip(list);
    draw_clip(list, (struct rect){ 1.0f, 2.0f, 3.0f, 4.0f });
    draw_clip(list, (struct rect){ 5.0f, 6.0f, 7.0f, 8.0f });
    draw_unclip(list);
    assert_elements(list, "<clipPath id=\"c1\"><rect x=\"1\" y=\"2\" width=\"3\" height=\"4\"/>"
                          "</clipPath>\n<g clip-path=\"url(#c1)\">\n"
                          "<clipPath id=\"c2\"><rect x=\"5\" y=\"6\" width=\"7\" height=\"8\"/>"
                          "</clipPath>\n<g clip-path=\"url(#c2)\">\n</g>\n</g>\n");
}

/* One of everything, which the checker reads: elements, texts, the image's pixels. */
static void draw_everything(struct display_list *list) {
    const uint32_t pixels[] = { 0xFFFF0000, 0xFF00FF00, 0xFF0000FF,
                                0x80123456, 0xFF000000, 0xFFFFFFFF };
    const float values[] = { 0.25f, 1.0f };
    const struct point line[] = { { 0, 0 }, { NAN, NAN }, { 1e30f, -1e30f }, { INFINITY, 3 } };
    struct rect rect = { 4.0f, 5.0f, 60.0f, 40.0f };
    draw_clip(list, rect);
    draw_rect(list, rect, 0xFF202020);
    draw_image(list, rect, pixels, 3, 2, false);
    draw_histogram(list, rect, values, 2, GROW_UP, 0xFF998877);
    draw_polyline(list, line, 4, (struct stroke){ .width = 1.0f, .colour = 0xFF000000 });
    draw_text(list, rect, (struct text_style){ FONT_LABEL, 8.0f, ALIGN_LEFT, 0xFFFFFFFF },
              "σ < 1 & \"τ\"");
}

static const struct svg_page whole = { .width = 80.0f,
                                       .height = 50.0f,
                                       .scale = 2.0f,
                                       .title = "step <3> & more",
                                       .details = "layers = 3\npath = a<b&c\n" };

static void other_programs_read_it(void **state) {
    struct display_list *list = *state;
    char path[TOOLS_PATH], problem[FILE_PROBLEM_MAX];
    draw_everything(list);
    scratch_path(path, "picture.svg");
    assert_true(svg_file_write(path, list, &whole, problem));
    assert_checked((const char *const[]){ "svg", path, NULL });
}

static struct display_list *written;

static bool write_it(const char *path, char *problem) {
    return svg_file_write(path, written, &whole, problem);
}

static void failures_are_told(void **state) {
    written = *state;
    draw_everything(written);
    assert_fails_cleanly(write_it, 1000);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, start, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(rectangles_stay_where_they_are),
        TEST(lines_have_gaps_and_dots),
        TEST(dashes_are_as_long_as_in_the_picture),
        TEST(areas_are_closed_along_their_base),
        TEST(histograms_are_one_shape),
        TEST(text_is_text),
        TEST(clips_nest_and_are_closed),
        TEST(other_programs_read_it),
        TEST(failures_are_told),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
