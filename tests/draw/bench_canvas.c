/*
 * bench_canvas.c - how long a dense picture takes: 48 histograms of 64 bins, 4 lines of 1000
 * points, 334 labels, 2 heat maps of 400 x 100 and their panels. Prints minimum and median
 * milliseconds.
 *
 *     bench_canvas [scale]
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/random.h"
#include "draw/canvas.h"
#include "draw/rect.h"

enum { COLUMNS = 12, ROWS = 4, BINS = 64, LINES = 4, POINTS = 1000, ROUNDS = 200 };
enum { MAP_WIDTH = 400, MAP_HEIGHT = 100, LABELS = 334 };

static const colour panel = 0xFF171C23, grid = 0xFF2A323C, ink = 0xFFE6EDF3, blue = 0xFF56B4E9,
                    orange = 0xFFE69F00;

/* What is drawn, made once. */
struct scene {
    float bins[COLUMNS * ROWS][2][BINS];
    struct point line[LINES][POINTS];
    uint32_t map[2][MAP_WIDTH * MAP_HEIGHT];
};

static void make_scene(struct scene *scene) {
    const struct random_stream noise = { .seed = 1 };
    double z[POINTS];

    for (int i = 0; i < COLUMNS * ROWS; i++) {
        random_normals(&noise, (uint32_t)i, 0, 2 * BINS, z);
        for (int b = 0; b < 2 * BINS; b++) {
            double at = (b % BINS - BINS / 2) / 12.0;
            scene->bins[i][b / BINS][b % BINS] = (float)(exp(-at * at) * (1.0 + 0.1 * z[b]));
        }
    }
    for (int i = 0; i < LINES; i++) {
        random_normals(&noise, (uint32_t)(1000 + i), 0, POINTS, z);
        for (int p = 0; p < POINTS; p++) {
            scene->line[i][p] =
                (struct point){ 1100.0f + 320.0f * (float)p / POINTS,
                                (float)(100.0 + 150.0 * i + 60.0 * exp(-p / 200.0) + 4.0 * z[p]) };
        }
    }
    for (int i = 0; i < MAP_WIDTH * MAP_HEIGHT; i++) {
        scene->map[0][i] = 0xFF000000u | ((uint32_t)i * 2654435761u) >> 8;
        scene->map[1][i] = 0xFF000000u | ((uint32_t)i * 40503u);
    }
}

static void list_scene(struct display_list *list, const struct scene *scene) {
    struct rect rows = { 20.0f, 40.0f, 1060.0f, 600.0f };
    struct text_style label = { FONT_LABEL, 11.0f, ALIGN_LEFT, ink };
    struct text_style number = { FONT_NUMBER, 11.0f, ALIGN_RIGHT, ink };

    display_list_clear(list);
    for (int i = 0; i < COLUMNS * ROWS; i++) {
        struct rect row = rect_row(rows, i / COLUMNS, ROWS);
        struct rect cell = rect_inset(rect_column(row, i % COLUMNS, COLUMNS), 2.0f, 8.0f);
        draw_rounded(list, cell, 4.0f, panel);
        draw_frame(list, cell, 4.0f, 1.0f, grid);
        draw_histogram(list, rect_column(cell, 0, 2), scene->bins[i][0], BINS, GROW_LEFT, blue);
        draw_histogram(list, rect_column(cell, 1, 2), scene->bins[i][1], BINS, GROW_RIGHT, orange);
    }
    for (int i = 0; i < LINES; i++) {
        struct rect box = { 1100.0f, 40.0f + 150.0f * (float)i, 320.0f, 140.0f };
        draw_rect(list, box, panel);
        for (int g = 1; g < 5; g++) {
            float y = box.y + 28.0f * (float)g;
            draw_line(list, (struct point){ box.x, y }, (struct point){ box.x + box.w, y }, 1.0f,
                      grid);
        }
        draw_polyline(list, scene->line[i], POINTS,
                      (struct stroke){ .width = 1.5f, .colour = i % 2 ? blue : orange });
    }
    draw_image(list, (struct rect){ 20.0f, 660.0f, 1060.0f, 100.0f }, scene->map[0], MAP_WIDTH,
               MAP_HEIGHT, false);
    draw_image(list, (struct rect){ 20.0f, 770.0f, 1060.0f, 100.0f }, scene->map[1], MAP_WIDTH,
               MAP_HEIGHT, false);
    for (int i = 0; i < LABELS; i++) {
        struct rect cell = { 20.0f + 58.0f * (float)(i % 24), 30.0f + 60.0f * (float)(i / 24),
                             56.0f, 14.0f };
        draw_text(list, cell, i % 2 ? label : number, i % 2 ? "layer %d" : "%d.25e-3", i);
    }
}

static int by_time(const void *a, const void *b) {
    double first = *(const double *)a, second = *(const double *)b;
    return (first > second) - (first < second);
}

static void report(const char *what, double *seconds) {
    qsort(seconds, ROUNDS, sizeof *seconds, by_time);
    printf("%-20s min %6.3f ms   median %6.3f ms\n", what, 1e3 * seconds[0],
           1e3 * seconds[ROUNDS / 2]);
}

static void measure(struct scene *scene, struct text *text, float scale) {
    static double listing[ROUNDS], drawing[ROUNDS];
    struct display_list list;
    struct canvas canvas;

    make_scene(scene);
    display_list_init(&list, text_metrics(text));
    if (!canvas_init(&canvas, (int)(1440 * scale), (int)(900 * scale), scale)) {
        fprintf(stderr, "out of memory\n");
        return;
    }
    text_set_scale(text, scale);
    for (int i = -2; i < ROUNDS; i++) { // the first two fill the caches
        double start = clock_seconds();
        list_scene(&list, scene);
        double listed = clock_seconds();
        canvas_draw(&canvas, &list, text, 0xFF0F1318);
        double drawn = clock_seconds();
        if (i >= 0) {
            listing[i] = listed - start;
            drawing[i] = drawn - listed;
        }
    }
    printf("%d x %d, %zu primitives\n", canvas.width, canvas.height, list.op_count);
    report("display list", listing);
    report("canvas", drawing);
    canvas_finish(&canvas);
    display_list_finish(&list);
}

int main(int argc, char **argv) {
    char problem[512];
    double start = clock_seconds();
    struct text *text = text_create(problem, sizeof problem);
    struct scene *scene = malloc(sizeof *scene);

    printf("text_create          %10.3f ms\n", 1e3 * (clock_seconds() - start));
    if (!text || !scene) {
        fprintf(stderr, "%s\n", text ? "out of memory" : problem);
        free(scene);
        text_destroy(text);
        return 1;
    }
    measure(scene, text, argc > 1 ? strtof(argv[1], NULL) : 1.0f);
    free(scene);
    text_destroy(text);
    return 0;
}
