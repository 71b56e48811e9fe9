#include "base/check.h"

#include <SDL.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "app/window_place.h"
#include "base/folder.h"
#include "view/theme.h"

static const char *file_with(struct folder *folder, const char *text) {
    const char *path = folder_file(folder, "window.ini");
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    return path;
}

static void assert_nothing_known(const struct window_place *place) {
    assert_true(place->x == 0 && place->y == 0 && place->width == 0 && place->height == 0);
    assert_true(!place->maximised && place->zoom == 0.0 && place->theme == -1);
}

static void what_is_written_is_read(void **state) {
    struct folder *folder = *state;
    char path[1024];
    snprintf(path, sizeof path, "%s", folder_file(folder, "a/b/window.ini"));
    struct window_place place = { -7, 40, 1234, 765, true, 1.21, THEME_LIGHT }, again;
    window_place_write(&place, path); // makes the folders
    window_place_read(&again, path);
    assert_true(again.x == -7 && again.y == 40 && again.width == 1234 && again.height == 765);
    assert_true(again.maximised && again.zoom == 1.21 && again.theme == THEME_LIGHT);
    place.theme = -1;
    place.maximised = false;
    window_place_write(&place, path);
    window_place_read(&again, path);
    assert_true(!again.maximised && again.theme == -1);
}

static void what_makes_no_sense_is_left_out(void **state) {
    struct window_place place;
    window_place_read(&place, folder_file(*state, "absent.ini"));
    assert_nothing_known(&place);
    window_place_read(&place, file_with(*state, "theme = pink\nzoom = 99\nzoom = nan\nwidth = 1\n"
                                                "height = -5\nx = far\ny = 1e99\ncolour = 3\n"));
    assert_nothing_known(&place);
    window_place_read(&place, file_with(*state, "width = 1000\n")); // alone it is no size
    assert_nothing_known(&place);
    window_place_read(&place, file_with(*state, "\x01 this is no such file\n[\n=\n"));
    assert_nothing_known(&place);
    window_place_read(&place, file_with(*state, "theme = print\nnonsense\n"));
    assert_int_equal(place.theme, THEME_PRINT);
}

/* A line on stderr, and nothing else. */
static void what_cannot_be_written_is_no_loss(void **state) {
    struct folder *folder = *state;
    struct window_place place = { 0, 0, 1000, 700, false, 1.0, THEME_DARK };
    file_with(folder, "");
    window_place_write(&place, folder_file(folder, "window.ini/below/a/file"));
    struct window_place again;
    window_place_read(&again, folder_file(folder, "window.ini"));
    assert_nothing_known(&again);
}

static void a_window_out_of_sight_is_told(void **state) {
    (void)state;
    SDL_Rect screen;
    setenv("SDL_VIDEODRIVER", "dummy", 1);
    assert_int_equal(SDL_Init(SDL_INIT_VIDEO), 0);
    assert_int_equal(SDL_GetDisplayUsableBounds(0, &screen), 0);
    struct window_place place = { screen.x + 10, screen.y + 10, 600, 400, false, 1.0, 0 };
    assert_true(window_place_is_in_sight(&place));
    place.x = screen.x + screen.w - 60;
    assert_false(window_place_is_in_sight(&place));
    place.x = screen.x - 480; // 120 of it are left
    assert_true(window_place_is_in_sight(&place));
    place.x = screen.x - 481;
    assert_false(window_place_is_in_sight(&place));
    place.x = screen.x;
    place.y = screen.y + screen.h - 10;
    assert_false(window_place_is_in_sight(&place));
    place.y = screen.y - 100; // its top edge is what it is dragged by
    assert_false(window_place_is_in_sight(&place));
    SDL_Quit();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(what_is_written_is_read),
        TEST(what_makes_no_sense_is_left_out),
        TEST(what_cannot_be_written_is_no_loss),
        TEST(a_window_out_of_sight_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
