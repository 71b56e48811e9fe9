/*
 * sheet.c - render states of the window to PNG files, to be looked at.
 *
 *     sheet FOLDER [NAME]     all of them, or those whose name contains NAME
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/require.h"
#include "base/text.h"
#include "draw/canvas.h"
#include "picture.h"
#include "scene.h"

enum { ONE = -1 };

struct size {
    const char *name;
    float width, height, scale;
};
static const struct size sizes[] = {
    { "960", 960.0f, 600.0f, 1.0f },     { "1440", 1440.0f, 900.0f, 1.0f },
    { "1920", 1920.0f, 1080.0f, 1.0f },  { "2880", 2880.0f, 1800.0f, 1.0f },
    { "retina", 1440.0f, 900.0f, 2.0f },
};

static const struct {
    const char *name;
    int layers, a, b;
} states[] = {
    { "twins-1", 1, SCENE_HEALTHY, SCENE_VANISHING },
    { "twins-2", 2, SCENE_HEALTHY, SCENE_VANISHING },
    { "twins-10", 10, SCENE_HEALTHY, SCENE_VANISHING },
    { "twins-16", 16, SCENE_HEALTHY, SCENE_VANISHING },
    { "twins-33", 33, SCENE_HEALTHY, SCENE_VANISHING },
    { "twins-100", 100, SCENE_HEALTHY, SCENE_VANISHING },
    { "twins-200", 200, SCENE_HEALTHY, SCENE_VANISHING },
    { "one-1", 1, SCENE_HEALTHY, ONE },
    { "one-10", 10, SCENE_VANISHING, ONE },
    { "one-relu-10", 10, SCENE_HEALTHY, ONE },
    { "one-33", 33, SCENE_VANISHING, ONE },
    { "one-200", 200, SCENE_HEALTHY, ONE },
    { "collapsed-10", 10, SCENE_COLLAPSED, SCENE_HEALTHY },
    { "exploding-10", 10, SCENE_EXPLODING, SCENE_VANISHING },
    { "zero-10", 10, SCENE_ZERO, ONE },
    { "diverged-10", 10, SCENE_DIVERGED, SCENE_VANISHING },
};

/* What is laid over a state. */
enum extra {
    EXTRA_NONE,
    EXTRA_HELP,
    EXTRA_TOAST,
    EXTRA_WEIGHTS,
    EXTRA_PRETRAINING,
    EXTRA_MENU,
    EXTRA_TYPING,
    EXTRA_LINEAR,
    EXTRA_FOLDED,
    EXTRA_BLOWN,
    EXTRA_POINTED,
    EXTRA_COUNT
};
static const char *const extras[EXTRA_COUNT] = { "",         "-help",        "-toast",
                                                 "-weights", "-pretraining", "-menu",
                                                 "-typing",  "-linear",      "-folded",
                                                 "-blown",   "-pointed" };

static void apply(struct scene *scene, enum extra extra) {
    struct view_state *state = &scene->state;
    state->show_help = extra == EXTRA_HELP;
    state->gradient = extra == EXTRA_WEIGHTS ? VIEW_GRADIENT_WEIGHT : VIEW_GRADIENT_DELTA;
    text_set(state->toast, sizeof state->toast, "%s",
             extra == EXTRA_TOAST ? "Could not write /home/ada/Pictures/layerscope/2025-03-14-"
                                    "15-09-26 relu he 10x100 step 300.png: No space left on device"
                                  : "");
    state->toast_bad = true;
    state->linear = extra == EXTRA_LINEAR;
    state->panels.folded[PANEL_ACTIVATIONS] = state->panels.folded[PANEL_PHI] =
        extra == EXTRA_FOLDED;
    state->panels.blown = extra == EXTRA_BLOWN ? PANEL_GRADIENTS : PANEL_NONE;
    state->pointer =
        (struct view_pointer){ extra == EXTRA_POINTED, 0.31f * state->width, 0.2f * state->height };
    state->menu.open = state->menu.typing = false;
    state->menu.problem[0] = '\0';
    if (extra == EXTRA_MENU || extra == EXTRA_TYPING) {
        scene_menu(scene, extra == EXTRA_MENU ? 5 : 12, state->compare);
    }
    if (extra == EXTRA_TYPING) {
        scene_type(scene, "0.3x", "learning_rate: '0.3x' is not a number from 0 to 1e+06.");
    }
    scene->snapshot.run[0].pretraining = (struct pretraining_stats){
        .active = extra == EXTRA_PRETRAINING,
        .layer = 1,
        .layers = scene->snapshot.run[0].layers,
        .epoch = 3,
        .epochs = 5,
        .reconstruction_error = 0.0123,
    };
}

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static bool render(struct scene *scene, const struct size *size, struct text *text,
                   const char *path) {
    struct display_list list;
    struct canvas canvas;
    static struct view_hits hits;
    text_set_scale(text, size->scale);
    display_list_init(&list, text_metrics(text));
    if (!canvas_init(&canvas, (int)(size->width * size->scale), (int)(size->height * size->scale),
                     size->scale)) {
        return false;
    }
    double best[2] = { 1.0, 1.0 };
    for (int i = 0; i < 5; i++) { // the first one fills the text cache
        double start = seconds();
        display_list_clear(&list);
        view_draw(&list, &hits, &scene->state, &scene->snapshot, &scene->history);
        double drawn = seconds();
        canvas_draw(&canvas, &list, text, themes[scene->state.theme].background);
        double end = seconds();
        best[0] = drawn - start < best[0] ? drawn - start : best[0];
        best[1] = end - drawn < best[1] ? end - drawn : best[1];
    }
    struct picture picture = { canvas.pixels, canvas.width, canvas.height };
    bool done = picture_write(&picture, path);
    printf("%-60s view %.2f ms, canvas %.2f ms, %zu primitives\n", path, 1e3 * best[0],
           1e3 * best[1], list.op_count);
    canvas_finish(&canvas);
    display_list_finish(&list);
    return done;
}

static bool render_all(struct scene *scene, struct text *text, const char *folder,
                       const char *state, const char *filter) {
    bool done = true;
    for (int s = 0; s < ARRAY_LEN(sizes); s++) {
        for (int t = 0; t < THEME_COUNT; t++) {
            for (int e = 0; e < EXTRA_COUNT; e++) {
                char name[256], path[1024];
                text_set(name, sizeof name, "%s%s-%s-%s", state, extras[e], sizes[s].name,
                         themes[t].name);
                if (!strstr(name, filter)) {
                    continue;
                }
                text_set(path, sizeof path, "%s/%s.png", folder, name);
                scene_size(scene, sizes[s].width, sizes[s].height, (enum theme)t);
                apply(scene, (enum extra)e);
                done = render(scene, &sizes[s], text, path) && done;
            }
        }
    }
    return done;
}

int main(int count, char **arguments) {
    if (count < 2) {
        fputs("usage: sheet FOLDER [NAME]\n", stderr);
        return 2;
    }
    const char *filter = count > 2 ? arguments[2] : "";
    char problem[512];
    struct text *text = text_create(problem, sizeof problem);
    if (!text) {
        fprintf(stderr, "%s\n", problem);
        return 1;
    }
    bool done = true;
    for (int i = 0; i < ARRAY_LEN(states); i++) {
        struct scene *scene = scene_make(states[i].layers, states[i].a, states[i].b);
        done = render_all(scene, text, arguments[1], states[i].name, filter) && done;
    }
    done = render_all(scene_empty("loading MNIST…"), text, arguments[1], "loading", filter) && done;
    done = render_all(scene_empty("cannot read /usr/share/layerscope/assets/mnist/"
                                  "train-images-idx3-ubyte.gz: No such file or directory"),
                      text, arguments[1], "failed", filter) &&
           done;
    text_destroy(text);
    return done ? 0 : 1;
}
