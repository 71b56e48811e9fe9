/*
 * test_class_names.c - where classes and inputs have names, these stand in the pictures: whole
 * where there is room, else cut, or as numbers that the rows explain; the pointer tells them whole.
 */
#include "check.h"

#include <string.h>

#include "base/require.h"
#include "base/text.h"
#include "draw/rect.h"
#include "layout.h"
#include "scene_data.h"
#include "scene_layer.h"

static const struct {
    float width, height;
} sizes[] = { { 960, 600 }, { 1280, 760 }, { 1440, 900 }, { 2560, 1440 } };

static struct scene *scene_of(enum scene_data data, int classes, enum scene_names kind) {
    struct scene *scene = scene_make(3, SCENE_HEALTHY, -1);
    scene_data(scene, data);
    scene->snapshot.data_detail.classes = classes;
    scene_names(scene, classes, kind);
    return scene;
}

static const char *name_of(const struct scene *scene, int class) {
    return scene->snapshot.names.class_name[class];
}

/* How often exactly this is drawn, and where last. */
static int drawn(const char *text, struct rect *box) {
    int count = 0;
    for (size_t i = 0; i < list.op_count; i++) {
        if (list.ops[i].kind == DRAW_TEXT && strcmp(text_of(&list.ops[i]), text) == 0) {
            *box = op_box(&list.ops[i]);
            count++;
        }
    }
    return count;
}

/* Is it, or its beginning with an ellipsis? */
static bool drawn_or_cut(const char *name) {
    for (size_t i = 0; i < list.op_count; i++) {
        const char *text = list.ops[i].kind == DRAW_TEXT ? text_of(&list.ops[i]) : "";
        const char *dots = strstr(text, "…");
        if (strcmp(text, name) == 0 ||
            (dots > text && strncmp(text, name, (size_t)(dots - text)) == 0)) {
            return true;
        }
    }
    return false;
}

static void point_at(struct scene *scene, float x, float y) {
    scene->state.pointer = (struct view_pointer){ true, x, y };
    draw(scene);
    assert_all_within_the_window(scene);
}

static void few_short_names_head_rows_and_columns(void **state) {
    (void)state;
    struct scene *scene = scene_of(DATA_AS_TABLE, 3, NAMES_SHORT);
    scene->snapshot.data_detail.run[0].hard = 0;
    draw(scene);
    for (int k = 0; k < 3; k++) {
        struct rect box;
        assert_int_equal(drawn(name_of(scene, k), &box), 2);
    }
}

/* The number over a column stands beside a name, at the left of its row. */
static void numbers_head_columns_without_room(void **state) {
    (void)state;
    for (int s = 0; s < ARRAY_LEN(sizes); s++) {
        struct scene *scene = scene_of(DATA_AS_TABLE, 12, NAMES_LONG);
        struct rect column, row, both[2];
        scene->snapshot.data_detail.run[0].hard = 0;
        scene_size(scene, sizes[s].width, sizes[s].height, THEME_LIGHT);
        check(scene);
        assert_int_equal(drawn("11", &row), 2);
        assert_true(drawn_or_cut(name_of(scene, 11)));
        int found = 0;
        for (size_t i = 0; i < list.op_count && found < 2; i++) {
            if (list.ops[i].kind == DRAW_TEXT && strcmp(text_of(&list.ops[i]), "11") == 0) {
                both[found++] = op_box(&list.ops[i]);
            }
        }
        column = both[0].y < both[1].y ? both[0] : both[1];
        row = both[0].y < both[1].y ? both[1] : both[0];
        assert_true(column.x > row.x + row.w);
    }
}

static void the_pointer_tells_whole_names(void **state) {
    (void)state;
    struct scene *scene = scene_of(DATA_AS_TABLE, 10, NAMES_LONG);
    struct rect cell;
    char expected[320];
    scene_size(scene, 1920.0f, 1080.0f, THEME_DARK);
    scene->snapshot.data_detail.run[0].confusion[1][6] = 1234;
    draw(scene);
    assert_int_equal(drawn("1234", &cell), 1);
    point_at(scene, cell.x + 0.5f * cell.w, cell.y + 0.5f * cell.h);
    text_set(expected, sizeof expected, "%s taken for", name_of(scene, 1));
    assert_true(shown(expected));
    assert_true(shown(name_of(scene, 6)));

    scene = scene_of(DATA_AS_PICTURES, 10, NAMES_LONG);
    draw(scene);
    for (size_t i = 0; i < list.op_count; i++) {
        if (list.ops[i].kind == DRAW_IMAGE) {
            struct rect box = list.ops[i].rect;
            point_at(scene, box.x + 0.5f * box.w, box.y + 0.5f * box.h);
            break;
        }
    }
    text_set(expected, sizeof expected, "held-out example 0: %s", name_of(scene, 0));
    assert_true(shown(expected));
    text_set(expected, sizeof expected, "predicts %s, which is right; probabilities",
             name_of(scene, 0));
    assert_true(shown(expected));
}

static void pictures_are_captioned_by_name(void **state) {
    (void)state;
    struct scene *scene = scene_of(DATA_AS_PICTURES, 10, NAMES_SHORT);
    scene_size(scene, 2560.0f, 1440.0f, THEME_DARK);
    check(scene);
    assert_true(shown("cat 100%") || shown("cat >99%"));
    assert_true(shown("✗ cat 5")); // of the hardest: "automobile 3%", "✗ cat 5"
    assert_true(shown("ship"));
    assert_false(shown("class 3"));
}

/* Both axes of a plane, and places in it. */
static void axes_have_the_names_of_columns(void **state) {
    (void)state;
    struct scene *scene = scene_of(DATA_IN_PLANE, 3, NAMES_SHORT);
    draw(scene);
    assert_true(shown("petal length across, petal width up, as generated"));
    assert_false(shown("x₁"));
    for (size_t i = 0; i < list.op_count; i++) {
        if (list.ops[i].kind == DRAW_IMAGE) {
            point_at(scene, list.ops[i].rect.x + 1.0f, list.ops[i].rect.y + 1.0f);
            break;
        }
    }
    assert_true(shown("at petal length = -1.44, petal width = 1.44, the middle of one of"));
    assert_true(shown("cat: probability 96%"));

    scene = scene_of(DATA_IN_PLANE, 3, NAMES_LONG);
    scene_size(scene, 960.0f, 600.0f, THEME_PRINT);
    check(scene);
    assert_true(shown("mean annual temperature"));
    assert_true(shown("… across, annual precipitation"));
    scene->snapshot.names.input_name[1][0] = '\0'; // one column has a name
    check(scene);
    assert_true(shown("input x₁ across, x₂ up"));
}

/* "class 12" where the file calls a class by a number: "12" alone would say nothing. */
static void numbers_stay_classes(void **state) {
    (void)state;
    struct scene *scene = scene_of(DATA_IN_PLANE, 3, NAMES_SHORT);
    text_set(scene->snapshot.names.class_name[1], NAMES_ROOM, "-12");
    draw(scene);
    assert_true(shown("class -12"));
    assert_false(shown("class cat"));
}

static void any_number_of_classes_in_any_window(void **state) {
    (void)state;
    static const int counts[] = { 2, 3, 10, 50, 64, 256 };
    for (int i = 0; i < ARRAY_LEN(counts) * ARRAY_LEN(sizes) * NAMES_KINDS * 2; i++) {
        int s = i % ARRAY_LEN(sizes), c = i / ARRAY_LEN(sizes) % ARRAY_LEN(counts);
        int rest = i / (ARRAY_LEN(sizes) * ARRAY_LEN(counts));
        struct scene *scene = scene_of(rest / NAMES_KINDS ? DATA_IN_PLANE : DATA_AS_TABLE,
                                       counts[c], (enum scene_names)(rest % NAMES_KINDS));
        text_set(what, sizeof what, "%d names at %g x %g, kind %d", counts[c],
                 (double)sizes[s].width, (double)sizes[s].height, rest);
        scene_size(scene, sizes[s].width, sizes[s].height, (enum theme)(i % THEME_COUNT));
        check(scene);
    }
}

/* The examples of a unit, the inputs of layer 1, and the units of an output. */
static void a_layer_names_what_it_sees(void **state) {
    (void)state;
    struct scene *scene = scene_make(3, SCENE_HEALTHY, -1);
    char expected[160];
    scene_look(scene, LOOKED_MATRIX);
    scene_names(scene, 10, NAMES_LONG);
    scene->snapshot.detail[0].layer = 1;
    check(scene);
    const struct driver *driver = &scene->snapshot.detail[0].driver[0];
    text_set(expected, sizeof expected, "example %d, %.9s", driver->example + 1,
             name_of(scene, driver->label));
    assert_true(shown(expected));
    for (size_t i = 0; i < list.op_count; i++) {
        if (list.ops[i].kind == DRAW_IMAGE && list.ops[i].rect.h > 100.0f) {
            point_at(scene, list.ops[i].rect.x + 2.0f, list.ops[i].rect.y + 2.0f);
            break;
        }
    }
    text_set(expected, sizeof expected, "input 1 (%s) to unit 1: weight",
             scene->snapshot.names.input_name[0]);
    assert_true(shown(expected));

    scene = scene_make(0, SCENE_HEALTHY, -1);
    scene_look(scene, LOOKED_OUTPUT);
    scene_names(scene, 10, NAMES_SHORT);
    check(scene);
    int unit = scene->state.unit;
    text_set(expected, sizeof expected, "Unit %d (%s)", unit, name_of(scene, unit - 1));
    assert_true(shown(expected));
}

/* Under their columns, over their histograms, and in what the pointer tells. */
static void logged_layers_have_their_names(void **state) {
    (void)state;
    for (int runs = 1; runs <= 2; runs++) {
        struct scene *scene = scene_make(4, SCENE_HEALTHY, runs == 2 ? SCENE_VANISHING : -1);
        struct rect box;
        scene_watched(scene);
        draw(scene);
        assert_int_equal(drawn("net.6", &box), 3); // rows
        point_at(scene, box.x + 0.5f * box.w, box.y - 40.0f);
        assert_true(shown("Layer 4: rms δ"));
        assert_true(shown("logged as net.6"));
        scene->state.pointer.inside = false;
        if (runs == 2) {
            text_set(scene->snapshot.run[1].layer[3].name, SNAPSHOT_NAME, "head");
            draw(scene);
            assert_int_equal(drawn("net.6 | head", &box), 3);
        }
        scene->state.view = VIEW_TEXTBOOK;
        draw(scene);
        assert_true(shown("net.4") && shown(runs == 2 ? "net.6 | head" : "net.6"));
        assert_false(shown("Layer "));
        scene->state.view = VIEW_HISTORY;
        scene->state.selected = 3;
        scene_ridges(scene, 8);
        draw(scene);
        assert_true(shown("net.4 over time"));
        scene->snapshot.run[0].layer[2].name[0] = '\0'; // one has none
        scene->snapshot.run[1].layer[2].name[0] = '\0';
        draw(scene);
        assert_true(shown("Layer 3 over time"));
        scene->state.view = VIEW_LAYERS;
        draw(scene);
        assert_false(shown("net.6")); // then the axis says numbers
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(few_short_names_head_rows_and_columns),
        cmocka_unit_test(numbers_head_columns_without_room),
        cmocka_unit_test(the_pointer_tells_whole_names),
        cmocka_unit_test(pictures_are_captioned_by_name),
        cmocka_unit_test(axes_have_the_names_of_columns),
        cmocka_unit_test(numbers_stay_classes),
        cmocka_unit_test(any_number_of_classes_in_any_window),
        cmocka_unit_test(a_layer_names_what_it_sees),
        cmocka_unit_test(logged_layers_have_their_names),
    };
    return cmocka_run_group_tests(tests, layout_start, layout_stop);
}
