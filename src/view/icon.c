#include "view/icon.h"

#include <math.h>

#include "view/theme.h"

enum { LAYERS = 3, MOST_BINS = 13, FRAMED = 64 };

/* How much is drawn at a size; all but bins in pixels. */
struct grid {
    int bins;
    int bin;  // its height
    int half; // width of A's half of a layer, and of B's
    int gap;  // between layers
};

static struct grid fit(int side) {
    struct grid grid = { .bins = MOST_BINS };
    int room = side - 2 * (side / 12);
    grid.bin = side / 16 > 2 ? side / 16 : 2;
    while (grid.bins > 1 && grid.bins * grid.bin > room) {
        grid.bins -= 2; // the middle one stays
    }
    grid.gap = side / 20 > 1 ? side / 20 : 1;
    grid.half = (room - (LAYERS - 1) * grid.gap) / (2 * LAYERS);
    return grid;
}

/* Normal with this sd, in bins, its tallest bin being 1; on whole pixels of so many. */
static void fill(float *values, int bins, double sd, int pixels) {
    for (int i = 0; i < bins; i++) {
        double z = (i - (bins - 1) / 2) / sd;
        values[i] = (float)(round(exp(-0.5 * z * z) * pixels) / pixels);
    }
}

static void draw_half(struct display_list *list, struct rect rect, const struct grid *grid, int run,
                      double sd) {
    float values[MOST_BINS];
    fill(values, grid->bins, sd, grid->half);
    draw_histogram(list, rect, values, grid->bins, run == 0 ? GROW_LEFT : GROW_RIGHT,
                   themes[THEME_DARK].run_text[run]);
}

void icon_draw(struct display_list *list, int side) {
    const double healthy = 0.28, kept = 0.42; // sd of the height; what B keeps of it in a layer
    const struct theme_row *theme = &themes[THEME_DARK];
    struct grid grid = fit(side);
    const struct rect tile = { 0, 0, (float)side, (float)side };
    float radius = (float)side * 0.2f;
    draw_rounded(list, tile, radius, theme->raised);
    if (side >= FRAMED) {
        draw_frame(list, tile, radius, (float)side / FRAMED, theme->axis);
    }
    int width = 2 * LAYERS * grid.half + (LAYERS - 1) * grid.gap;
    int height = grid.bins * grid.bin, left = (side - width) / 2, top = (side - height) / 2;
    double sd = healthy * grid.bins;
    for (int l = 0; l < LAYERS; l++, sd *= kept) {
        int x = left + l * (2 * grid.half + grid.gap);
        struct rect a = { (float)x, (float)top, (float)grid.half, (float)height };
        struct rect b = { (float)(x + grid.half), a.y, a.w, a.h };
        draw_half(list, a, &grid, 0, healthy * grid.bins);
        draw_half(list, b, &grid, 1, sd);
    }
}
