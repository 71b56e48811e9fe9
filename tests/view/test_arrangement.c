/*
 * test_arrangement.c - every picture of a view, in every window, at every scale and depth, alone
 * and under whatever is laid over it: no text overlaps another or is cut, nothing leaves the
 * window, and no plot lies on another.
 *
 *     test_arrangement VIEW
 */
#include "check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/require.h"
#include "base/text.h"
#include "gallery.h"
#include "layout.h"

static const struct {
    int width, height; // device pixels
} windows[] = { { 960, 600 }, { 1440, 900 }, { 2560, 1440 }, { 3840, 2160 } };

static const float scales[] = { 0.8f, 1.0f, 1.25f, 1.5f, 2.0f, 3.0f };
static const int depths[] = { 1, 2, 10, 33, 100, 200 };

static enum view_id view;

/* At every window and scale that leaves room for the smallest layout, until look has seen all. */
static void in_every_window(struct scene *scene, const char *name, void (*look)(struct scene *)) {
    for (int w = 0; w < ARRAY_LEN(windows); w++) {
        float before = 0.0f;
        for (int s = 0; s < ARRAY_LEN(scales); s++) {
            float scale = fminf(scales[s], view_scale_limit(windows[w].width, windows[w].height));
            if (scale <= before) {
                continue; // the same again
            }
            before = scale;
            layout_scale(scale);
            text_set(what, sizeof what, "%s at %d x %d, scale %g", name, windows[w].width,
                     windows[w].height, (double)scale);
            scene_size(scene, (float)windows[w].width / scale, (float)windows[w].height / scale,
                       THEME_DARK);
            look(scene);
        }
    }
    layout_scale(1.0f);
}

static bool apart(struct rect a, struct rect b) {
    const float slack = 0.51f;
    return a.x + a.w <= b.x + slack || b.x + b.w <= a.x + slack || a.y + a.h <= b.y + slack ||
           b.y + b.h <= a.y + slack;
}

/* Grounds of plots and tables: apart from each other, or one within the other. */
static void assert_no_grounds_overlap(const struct scene *scene) {
    static struct rect grounds[1024];
    int count = 0;
    for (size_t i = first_op(scene); i < list.op_count; i++) {
        const struct draw_op *op = &list.ops[i];
        if (op->kind == DRAW_RECT && op->radius == 0.0f &&
            op->colour == themes[scene->state.theme].panel && op->rect.w > 8.0f &&
            op->rect.h > 8.0f) {
            assert_true(count < ARRAY_LEN(grounds));
            grounds[count++] = op->rect;
        }
    }
    for (int i = 0; i < count; i++) {
        for (int j = 0; j < i; j++) {
            struct rect a = grounds[i], b = grounds[j];
            if (!apart(a, b) && !within(a, b) && !within(b, a)) {
                fail_msg("%s: plots overlap: %.1f %.1f %.1f %.1f and %.1f %.1f %.1f %.1f", what,
                         (double)a.x, (double)a.y, (double)a.w, (double)a.h, (double)b.x,
                         (double)b.y, (double)b.w, (double)b.h);
            }
        }
    }
}

static void look_at(struct scene *scene) {
    check(scene);
    assert_no_grounds_overlap(scene);
}

static void every_picture_in_every_window(void **state) {
    (void)state;
    int shown_pictures = 0;
    for (int e = 0; e < gallery_count; e++) {
        for (int i = 0; gallery[e].view == view && i < 2 * ARRAY_LEN(depths); i++) {
            char name[96];
            text_set(name, sizeof name, "%s, %d layers, %d runs", gallery[e].name, depths[i / 2],
                     1 + i % 2);
            in_every_window(gallery_show(&gallery[e], depths[i / 2], 1 + i % 2), name, look_at);
            shown_pictures++;
        }
    }
    assert_true(shown_pictures > 0);
}

/* What may lie over a view, in every window; the view below it has been looked at. */
static void help(struct scene *scene) {
    scene->state.show_help = true;
    look_at(scene);
    assert_true(shown("Esc closes"));
    scene->state.show_help = false;
}

static void menu(struct scene *scene) {
    for (int row = 0; row < scene->state.menu.row_count; row += 6) {
        scene_menu(scene, row, row % 2 && scene->state.compare);
        look_at(scene);
        assert_true(menu_op(scene) > 0);
    }
    scene->state.menu.open = false;
}

static void palette(struct scene *scene) {
    scene_palette(scene, "rate", 30, 9);
    draw(scene);
    assert_no_text_overlaps(scene); // the end of what is long stands below the rows
    assert_all_within_the_window(scene);
    scene->state.palette.open = false;
}

static void toast(struct scene *scene) {
    text_set(scene->state.toast, sizeof scene->state.toast, "saved /home/ada/layerscope/a.png");
    draw(scene);
    assert_no_text_is_cut(scene);
    assert_all_within_the_window(scene);
    scene->state.toast[0] = '\0';
}

static void overlays_in_every_window(void **state) {
    (void)state;
    static void (*const overlays[])(struct scene *) = { help, menu, palette, toast };
    for (int e = 0; e < gallery_count; e++) {
        for (int i = 0; gallery[e].view == view && i < 2 * ARRAY_LEN(overlays); i++) {
            char name[96];
            struct scene *scene = gallery_show(&gallery[e], 10, 1 + i % 2);
            text_set(name, sizeof name, "%s, %d runs, overlay %d", gallery[e].name, 1 + i % 2,
                     i / 2);
            if (!scene->state.bare) {
                in_every_window(scene, name, overlays[i / 2]);
            }
        }
    }
}

int main(int count, char **arguments) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_picture_in_every_window),
        cmocka_unit_test(overlays_in_every_window),
    };
    view = count > 1 ? (enum view_id)atoi(arguments[1]) : VIEW_LAYERS;
    return cmocka_run_group_tests(tests, layout_start, layout_stop);
}
