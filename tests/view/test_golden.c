/*
 * test_golden.c - pictures compared with references, exactly.
 *
 *     test_golden FOLDER      where what differs is written
 *
 * The text form of a list is laid out with made-up letter widths, so it is the same everywhere.
 * The PNGs are drawn with the shipped fonts, whose pixels depend on the version of FreeType: with
 * another one than golden/fonts.txt names they are not compared. UPDATE_GOLDEN=1 writes the
 * references anew.
 */
#include "check.h"

#include <SDL_ttf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/require.h"
#include "base/text.h"
#include "draw/canvas.h"
#include "picture.h"
#include "scene_data.h"
#include "scene_layer.h"

enum { ONE = -1, SHORT_HISTORY = 24 };

/* What is laid over it; or view 4, with this plus a kind of scene_data. */
enum {
    PLAIN,
    HELP,
    MENU,
    TYPING,
    PLANE,
    PLANES,
    THEORY,
    PALETTE,
    WHY,
    BOOK,
    PICTURES,
    MATRIX,
    POINTS,
    PAST,
    WATCHED,
    DATA
};

struct golden {
    const char *name;
    int layers, a, b;
    float width, height;
    enum theme theme;
    int extra;
    bool picture; // a PNG too
};

static const struct golden goldens[] = {
    { "twins-10", 10, SCENE_HEALTHY, SCENE_VANISHING, 1440, 900, THEME_DARK, PLAIN, true },
    { "one-10", 10, SCENE_VANISHING, ONE, 960, 600, THEME_LIGHT, PLAIN, true },
    { "twins-33", 33, SCENE_HEALTHY, SCENE_VANISHING, 960, 600, THEME_DARK, PLAIN, false },
    { "twins-100", 100, SCENE_HEALTHY, SCENE_VANISHING, 960, 600, THEME_PRINT, PLAIN, true },
    { "diverged", 10, SCENE_DIVERGED, SCENE_COLLAPSED, 960, 600, THEME_LIGHT, PLAIN, true },
    { "zero", 2, SCENE_ZERO, ONE, 960, 600, THEME_DARK, PLAIN, false },
    { "help", 1, SCENE_HEALTHY, ONE, 960, 600, THEME_DARK, HELP, false },
    { "menu", 10, SCENE_HEALTHY, SCENE_VANISHING, 1440, 900, THEME_DARK, MENU, true },
    { "menu-small", 10, SCENE_HEALTHY, SCENE_VANISHING, 960, 600, THEME_LIGHT, TYPING, true },
    { "menu-one", 10, SCENE_HEALTHY, ONE, 960, 600, THEME_PRINT, MENU, false },
    { "phase", 10, SCENE_HEALTHY, ONE, 960, 600, THEME_DARK, PLANE, true },
    { "phase-twins", 10, SCENE_HEALTHY, SCENE_VANISHING, 1440, 900, THEME_LIGHT, PLANES, true },
    { "theory", 10, SCENE_HEALTHY, SCENE_VANISHING, 1440, 900, THEME_DARK, THEORY, true },
    { "theory-100", 100, SCENE_HEALTHY, ONE, 960, 600, THEME_PRINT, THEORY, false },
    { "palette", 10, SCENE_HEALTHY, SCENE_VANISHING, 960, 600, THEME_DARK, PALETTE, true },
    { "why", 10, SCENE_HEALTHY, SCENE_VANISHING, 1440, 900, THEME_DARK, WHY, true },
    { "why-100", 100, SCENE_VANISHING, ONE, 960, 600, THEME_LIGHT, WHY, false },
    { "textbook", 10, SCENE_COLLAPSED, ONE, 1440, 900, THEME_PRINT, BOOK, true },
    { "textbook-33", 33, SCENE_HEALTHY, SCENE_VANISHING, 960, 600, THEME_DARK, BOOK, true },
    { "layer-pictures", 10, SCENE_HEALTHY, SCENE_VANISHING, 1440, 900, THEME_DARK, PICTURES, true },
    { "layer-matrix", 100, SCENE_HEALTHY, SCENE_VANISHING, 960, 600, THEME_LIGHT, MATRIX, true },
    { "layer-points", 3, SCENE_HEALTHY, ONE, 960, 600, THEME_PRINT, POINTS, true },
    { "history", 10, SCENE_HEALTHY, SCENE_VANISHING, 1440, 900, THEME_LIGHT, PAST, true },
    { "history-one", 10, SCENE_DIVERGED, ONE, 960, 600, THEME_DARK, PAST, false },
    { "watched", 10, SCENE_HEALTHY, SCENE_VANISHING, 1440, 900, THEME_DARK, WATCHED, true },
    { "watched-one", 10, SCENE_HEALTHY, ONE, 960, 600, THEME_LIGHT, WATCHED, false },
    { "empty", 0, ONE, ONE, 960, 600, THEME_DARK, PLAIN, false },
    { "data-plane", 3, SCENE_HEALTHY, SCENE_VANISHING, 1440, 900, THEME_DARK, DATA + DATA_IN_PLANE,
      true },
    { "data-plane-one", 3, SCENE_HEALTHY, ONE, 960, 600, THEME_LIGHT, DATA + DATA_IN_PLANE, true },
    { "data-pictures", 10, SCENE_HEALTHY, SCENE_VANISHING, 960, 600, THEME_LIGHT,
      DATA + DATA_AS_PICTURES, true },
    { "data-colours", 10, SCENE_HEALTHY, ONE, 1440, 900, THEME_PRINT, DATA + DATA_AS_COLOURS,
      true },
    { "data-table", 10, SCENE_HEALTHY, SCENE_VANISHING, 1440, 900, THEME_PRINT,
      DATA + DATA_AS_TABLE, false },
    { "data-lost", 10, SCENE_DIVERGED, ONE, 960, 600, THEME_DARK, DATA + DATA_LOST, false },
    { "data-pretraining", 3, SCENE_VANISHING, SCENE_VANISHING, 1440, 900, THEME_DARK,
      DATA + DATA_PRETRAINING, true },
};

static const char *output;

static bool updating(void) {
    const char *update = getenv("UPDATE_GOLDEN");
    return update && strcmp(update, "1") == 0;
}

static void reference_path(char *path, size_t size, const char *name, const char *ending) {
    text_set(path, size, "%s/tests/view/golden/%s%s", getenv("SOURCE_ROOT"), name, ending);
}

static void output_path(char *path, size_t size, const char *name, const char *ending) {
    text_set(path, size, "%s/%s%s", output, name, ending);
}

static struct scene *scene_of(const struct golden *golden) {
    struct scene *scene = golden->layers > 0 ? scene_make(golden->layers, golden->a, golden->b)
                                             : scene_empty("loading MNIST");
    if (golden->extra > DATA) {
        scene_data(scene, (enum scene_data)(golden->extra - DATA));
    }
    if (scene->history.columns > 0) {
        scene->history.columns = SHORT_HISTORY;
        scene->history.last_step = SHORT_HISTORY - 1;
    }
    if (golden->extra >= PICTURES && golden->extra <= POINTS) {
        scene_look(scene, golden->extra == PICTURES ? LOOKED_PICTURES
                          : golden->extra == MATRIX ? LOOKED_BEHIND
                                                    : LOOKED_PLANE);
    }
    scene_size(scene, golden->width, golden->height, golden->theme);
    scene->state.show_help = golden->extra == HELP;
    if (golden->extra == MENU || golden->extra == TYPING) {
        scene_menu(scene, golden->extra == MENU ? 5 : 12, golden->b != ONE);
    }
    if (golden->extra == PALETTE) {
        scene_palette(scene, "rate", 30, 9);
    }
    if (golden->extra == TYPING) {
        scene_type(scene, "0.3x", "learning_rate: '0.3x' is not a number from 0 to 1e+06.");
    }
    if (golden->extra == PLANE || golden->extra == PLANES) {
        scene_planes(scene, false);
    }
    if (golden->extra == WATCHED) {
        scene_watched(scene);
    }
    if (golden->extra == PAST) {
        scene_ridges(scene, 12);
        scene->state.lines = golden->b == ONE;
        scene->state.cursor = scene->snapshot.step = 9;
    }
    if (golden->extra == THEORY) {
        scene_theory(scene);
    }
    scene->state.panels.blown = golden->extra == WHY ? PANEL_WHY : PANEL_NONE;
    if (golden->extra == WHY) {
        text_set(scene->state.cure[0].key, sizeof scene->state.cure[0].key, "Y");
        text_set(scene->state.cure[0].text, sizeof scene->state.cure[0].text, "a cure");
    }
    if (golden->extra == BOOK) {
        scene->state.view = VIEW_TEXTBOOK;
        scene->state.bare = golden->theme == THEME_PRINT;
    }
    return scene;
}

static void draw(struct display_list *list, struct scene *scene) {
    static struct view_hits hits;
    view_draw(list, &hits, &scene->state, &scene->snapshot, &scene->history);
}

/* Every letter is 0.55 of the font's size wide, in the number font 0.6. */
static float plain_width(void *context, enum font font, float size, const char *utf8) {
    (void)context;
    float letters = 0.0f;
    for (; *utf8; utf8++) {
        letters += ((unsigned char)*utf8 & 0xC0) != 0x80;
    }
    return letters * size * (font == FONT_NUMBER ? 0.6f : 0.55f);
}

static char *read_file(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) {
        return NULL;
    }
    long size = fseek(file, 0, SEEK_END) == 0 ? ftell(file) : 0;
    rewind(file);
    char *content = malloc((size_t)size + 1);
    assert_non_null(content);
    content[fread(content, 1, (size_t)size, file)] = '\0';
    fclose(file);
    return content;
}

static void write_list(const struct display_list *list, const char *path) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    display_list_print(list, file);
    assert_int_equal(fclose(file), 0);
}

static int first_different_line(const char *a, const char *b) {
    int line = 1;
    for (; *a && *a == *b; a++, b++) {
        line += *a == '\n';
    }
    return line;
}

/* Whether the list is as the reference says; if not, it is written beside the tests' programs. */
static bool list_is_as_before(const struct golden *golden) {
    char reference[1024], actual[1024];
    reference_path(reference, sizeof reference, golden->name, ".txt");
    output_path(actual, sizeof actual, golden->name, ".txt");
    struct display_list list;
    display_list_init(&list, (struct text_metrics){ plain_width, NULL });
    draw(&list, scene_of(golden));
    write_list(&list, updating() ? reference : actual);
    display_list_finish(&list);
    char *expected = read_file(reference), *found = updating() ? NULL : read_file(actual);
    bool same = updating() || (expected && found && strcmp(expected, found) == 0);
    if (!same) {
        print_error("%s differs from %s in line %d\n", actual, reference,
                    expected && found ? first_different_line(expected, found) : 0);
    } else if (!updating()) {
        (void)remove(actual);
    }
    free(expected);
    free(found);
    return same;
}

static void lists_are_as_before(void **state) {
    (void)state;
    int different = 0;
    for (int i = 0; i < ARRAY_LEN(goldens); i++) {
        different += !list_is_as_before(&goldens[i]);
    }
    assert_int_equal(different, 0);
}

static void fonts_version(char *line, size_t size) {
    const SDL_version *ttf = TTF_Linked_Version();
    int a, b, c;
    TTF_GetFreeTypeVersion(&a, &b, &c);
    text_set(line, size, "SDL_ttf %d.%d.%d FreeType %d.%d.%d", ttf->major, ttf->minor, ttf->patch,
             a, b, c);
    TTF_GetHarfBuzzVersion(&a, &b, &c);
    text_append(line, size, " HarfBuzz %d.%d.%d\n", a, b, c);
}

/* The difference as a picture: black where equal. Returns how many pixels are not. */
static size_t difference(const struct picture *a, const struct picture *b, struct picture *diff) {
    size_t count = (size_t)a->width * (size_t)a->height, different = 0;
    *diff = (struct picture){ calloc(count, sizeof *diff->pixels), a->width, a->height };
    for (size_t i = 0; i < count; i++) {
        diff->pixels[i] = (a->pixels[i] ^ b->pixels[i]) & 0xffffff;
        different += diff->pixels[i] != 0;
    }
    return different;
}

static bool pixels_are_as_before(const struct picture *actual, const struct golden *golden) {
    char path[1024];
    reference_path(path, sizeof path, golden->name, ".png");
    if (updating()) {
        assert_true(picture_write(actual, path));
        return true;
    }
    struct picture expected, diff = { 0 };
    bool known = picture_read(&expected, path);
    bool comparable = known && expected.width == actual->width && expected.height == actual->height;
    size_t different = comparable ? difference(&expected, actual, &diff) : 1;
    if (different > 0) {
        print_error("%s: %zu pixels differ\n", path, different);
        output_path(path, sizeof path, golden->name, ".png");
        picture_write(actual, path);
        output_path(path, sizeof path, golden->name, "-difference.png");
        if (diff.pixels) {
            picture_write(&diff, path);
        }
    }
    picture_finish(&expected);
    picture_finish(&diff);
    return different == 0;
}

static bool picture_is_as_before(const struct golden *golden, struct text *text) {
    struct display_list list;
    struct canvas canvas;
    text_set_scale(text, 1.0f);
    display_list_init(&list, text_metrics(text));
    assert_true(canvas_init(&canvas, (int)golden->width, (int)golden->height, 1.0f));
    struct scene *scene = scene_of(golden);
    draw(&list, scene);
    canvas_draw(&canvas, &list, text, themes[golden->theme].background);
    struct picture actual = { canvas.pixels, canvas.width, canvas.height };
    bool same = pixels_are_as_before(&actual, golden);
    canvas_finish(&canvas);
    display_list_finish(&list);
    return same;
}

/* Are the references made with the fonts' library that draws now? */
static bool same_fonts(void) {
    char now[160], path[1024];
    fonts_version(now, sizeof now);
    reference_path(path, sizeof path, "fonts", ".txt");
    if (updating()) {
        FILE *file = fopen(path, "wb");
        assert_non_null(file);
        fputs(now, file);
        assert_int_equal(fclose(file), 0);
        return true;
    }
    char *then = read_file(path);
    bool same = then && strcmp(then, now) == 0;
    if (!same) {
        print_message("the reference PNGs were made with %s, this is %s", then ? then : "?\n", now);
    }
    free(then);
    return same;
}

static void pictures_are_as_before(void **state) {
    (void)state;
    char problem[512];
    struct text *text = text_create(problem, sizeof problem);
    assert_non_null(text);
    if (!same_fonts()) {
        text_destroy(text);
        skip();
    }
    int different = 0;
    for (int i = 0; i < ARRAY_LEN(goldens); i++) {
        different += goldens[i].picture && !picture_is_as_before(&goldens[i], text);
    }
    text_destroy(text);
    assert_int_equal(different, 0);
}

int main(int count, char **arguments) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_are_as_before),
        cmocka_unit_test(pictures_are_as_before),
    };
    output = count > 1 ? arguments[1] : ".";
    return cmocka_run_group_tests(tests, NULL, NULL);
}
