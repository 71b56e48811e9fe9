/* test_frame_memory.c - a frame like the one before allocates nothing in our code. */
#include <stdlib.h>

#include "paper.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
char *__real_strdup(const char *string);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
char *__wrap_strdup(const char *string);

static int allocations;

void *__wrap_malloc(size_t size) {
    allocations++;
    return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size) {
    allocations++;
    return __real_calloc(count, size);
}

void *__wrap_realloc(void *block, size_t size) {
    allocations++;
    return __real_realloc(block, size);
}

char *__wrap_strdup(const char *string) {
    allocations++;
    return __real_strdup(string);
}

static void draw_frame_of_everything(struct display_list *list, struct canvas *canvas,
                                     struct text *text) {
    const struct rect rect = { 10.0f, 10.0f, 150.0f, 80.0f };
    const struct text_style style = { FONT_LABEL, 12.0f, ALIGN_CENTRE, white };
    struct point points[100];
    float values[100];
    uint32_t pixels[100];
    for (int i = 0; i < 100; i++) {
        points[i] = (struct point){ 2.0f * (float)i, (float)(i * i % 97) };
        values[i] = (float)(i % 7) / 7.0f;
        pixels[i] = 0xFF000000u | (uint32_t)i;
    }
    display_list_clear(list);
    draw_clip(list, rect);
    draw_rounded(list, rect, 5.0f, white);
    draw_frame(list, rect, 5.0f, 1.0f, faint);
    draw_polyline(list, points, 100, (struct stroke){ 2.0f, 5.0f, 3.0f, white });
    draw_area(list, points, 100, 50.0f, faint);
    draw_polygon(list, points, 3, white);
    draw_histogram(list, rect, values, 100, GROW_UP, white);
    draw_image(list, rect, pixels, 10, 10, true);
    draw_unclip(list);
    for (int i = 0; i < 50; i++) {
        draw_text(list, rect, style, "layer %d: ∂L/∂W ‖δ‖, too long to fit", i);
    }
    canvas_draw(canvas, list, text, 0xFF000000);
}

static void test_steady_frames_allocate_nothing(void **state) {
    (void)state;
    char problem[512];
    struct text *text = text_create(problem, sizeof problem);
    struct display_list list;
    struct canvas canvas;
    assert_non_null(text);
    display_list_init(&list, text_metrics(text));
    allocations = 0;
    assert_true(canvas_init(&canvas, PAPER_WIDTH, PAPER_HEIGHT, 1.0f));
    assert_int_equal(allocations, 1);

    draw_frame_of_everything(&list, &canvas, text);
    assert_true(allocations > 10); // it does count
    allocations = 0;
    for (int i = 0; i < 5; i++) {
        draw_frame_of_everything(&list, &canvas, text);
    }
    assert_int_equal(allocations, 0);
    canvas_finish(&canvas);
    display_list_finish(&list);
    text_destroy(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_steady_frames_allocate_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
