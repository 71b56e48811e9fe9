#include "scene_layer.h"

#include <math.h>
#include <string.h>

#include "base/text.h"
#include "scene_numbers.h"

enum { MOST_INPUTS = 600, MOST_UNITS = 500 };

static const struct look_recipe {
    int inputs, units;
    struct picture_shape shape;
    int features;
    bool tiles, hidden;
    float size; // of the weights, times 0.14 or 0.01; NAN: all NaN
} recipes[LOOKED_COUNT] = {
    [LOOKED_MATRIX] = { 24, 40, { 0 }, 24, false, true, 1.0f },
    [LOOKED_PICTURES] = { 64, 30, { 8, 8, 1 }, 64, true, true, 1.0f },
    [LOOKED_COLOURS] = { 192, 20, { 8, 8, 3 }, 192, true, true, 1.0f },
    [LOOKED_BEHIND] = { 24, 40, { 8, 8, 1 }, 64, false, true, 1.0f },
    [LOOKED_PLANE] = { 24, 24, { 0 }, 2, false, true, 1.0f },
    [LOOKED_BLOCKS] = { 600, 500, { 0 }, 600, false, true, 1.0f },
    [LOOKED_ONE] = { 1, 1, { 0 }, 1, false, true, 1.0f },
    [LOOKED_ZERO] = { 24, 40, { 0 }, 24, false, true, 0.0f },
    [LOOKED_NAN] = { 24, 40, { 0 }, 24, false, true, NAN },
    [LOOKED_OUTPUT] = { 64, 10, { 8, 8, 1 }, 64, true, false, 1.0f },
};

static float weights[SNAPSHOT_RUNS][MOST_INPUTS * MOST_UNITS];
static float z[LOOKED_EXAMPLES][MOST_UNITS], h[LOOKED_EXAMPLES][MOST_UNITS];

const float *scene_weights(int run) {
    return weights[run];
}

static void fill_weights(struct layer_detail *detail, const struct look_recipe *recipe, int run) {
    static float gradient[MOST_INPUTS * MOST_UNITS];
    int n = recipe->inputs * recipe->units;
    for (int i = 0; i < n; i++) {
        weights[run][i] = recipe->size * (run == 0 ? 0.14f : 0.01f) * scene_normal();
        gradient[i] = recipe->size * (run == 0 ? 1e-3f : 1e-9f) * scene_normal();
    }
    detail->weight = scene_moments(weights[run], n);
    detail->gradient = scene_moments(gradient, n);
    scene_bin(&detail->weight_histogram, weights[run], n, &detail->weight);
    scene_bin_log(&detail->gradient_histogram, gradient, n);
}

static float largest_of(const struct look_recipe *recipe, int run, int row, int rows, int column,
                        int columns) {
    float largest = 0.0f;
    for (int i = row; i < row + rows && i < recipe->inputs; i++) {
        for (int j = column; j < column + columns && j < recipe->units; j++) {
            float weight = weights[run][i * recipe->units + j];
            largest = fabsf(weight) > fabsf(largest) || isnan(weight) ? weight : largest;
        }
    }
    return largest;
}

static void fill_image(struct layer_detail *detail, const struct look_recipe *recipe, int run) {
    detail->first_tile = 0;
    detail->tiles = recipe->tiles ? recipe->units : 0;
    for (int i = 0; i < detail->tiles * recipe->inputs; i++) {
        int unit = i / recipe->inputs, input = i % recipe->inputs;
        detail->image[i] = weights[run][input * recipe->units + unit];
    }
    if (recipe->tiles) {
        return;
    }
    detail->row_block = (recipe->inputs + DETAIL_SIDE - 1) / DETAIL_SIDE;
    detail->column_block = (recipe->units + DETAIL_SIDE - 1) / DETAIL_SIDE;
    detail->rows = (recipe->inputs + detail->row_block - 1) / detail->row_block;
    detail->columns = (recipe->units + detail->column_block - 1) / detail->column_block;
    for (int i = 0; i < detail->rows; i++) {
        for (int j = 0; j < detail->columns; j++) {
            detail->image[i * detail->columns + j] =
                largest_of(recipe, run, i * detail->row_block, detail->row_block,
                           j * detail->column_block, detail->column_block);
        }
    }
}

static bool is_idle(int unit) {
    return unit + 1 == LOOKED_DEAD || unit + 1 == LOOKED_DEAD_TOO;
}

/* ReLU, with the idle units far below 0; or a sigmoid, with them far above. */
static void fill_activations(const struct look_recipe *recipe, int run) {
    for (int i = 0; i < LOOKED_EXAMPLES; i++) {
        for (int j = 0; j < recipe->units; j++) {
            float shift = is_idle(j) && recipe->units > 1 ? run == 0 ? -9.0f : 12.0f : 0.0f;
            z[i][j] = recipe->size * (scene_normal() + shift);
            h[i][j] = run == 1 && recipe->hidden ? 1.0f / (1.0f + expf(-z[i][j]))
                      : z[i][j] > 0.0f           ? z[i][j]
                                                 : z[i][j] * 0.0f;
        }
    }
}

static void fill_unit(struct layer_detail *detail, const struct look_recipe *recipe, int run,
                      int unit) {
    struct unit_stats *stats = &detail->unit_stats[unit];
    float values[LOOKED_EXAMPLES], column[MOST_INPUTS];
    memset(stats, 0, sizeof *stats);
    for (int i = 0; i < LOOKED_EXAMPLES; i++) {
        values[i] = h[i][unit];
        stats->zero +=
            recipe->hidden && !(h[i][unit] < 0.0f || h[i][unit] > 0.0f) && !isnan(h[i][unit]);
        stats->saturated += run == 1 && (h[i][unit] < 0.015f || h[i][unit] > 0.985f);
    }
    for (int i = 0; i < recipe->inputs; i++) {
        column[i] = weights[run][i * recipe->units + unit];
    }
    struct moments moments = scene_moments(values, LOOKED_EXAMPLES);
    stats->mean = (float)moments.mean;
    stats->sd = (float)moments.sd;
    stats->min = (float)moments.min;
    stats->max = (float)moments.max;
    stats->weight_rms = (float)scene_moments(column, recipe->inputs).rms;
    stats->gradient_rms = 0.01f * stats->weight_rms;
}

static uint32_t idle_of(const struct layer_detail *detail, int unit) {
    const struct unit_stats *stats = &detail->unit_stats[unit];
    return stats->zero > stats->saturated ? stats->zero : stats->saturated;
}

static void fill_units(struct layer_detail *detail, const struct look_recipe *recipe, int run) {
    detail->dead = detail->stuck = 0;
    for (int j = 0; j < recipe->units; j++) {
        fill_unit(detail, recipe, run, j);
        detail->dead += detail->unit_stats[j].zero == LOOKED_EXAMPLES;
        detail->stuck += detail->unit_stats[j].saturated == LOOKED_EXAMPLES;
        int place = j;
        for (; place > 0 && idle_of(detail, detail->order[place - 1]) < idle_of(detail, j);
             place--) {
            detail->order[place] = detail->order[place - 1];
        }
        detail->order[place] = (uint16_t)j;
    }
}

static void fill_inputs(struct layer_detail *detail, const struct look_recipe *recipe, int run) {
    detail->weights = recipe->inputs;
    detail->weight_block = 1;
    for (int i = 0; i < recipe->inputs; i++) {
        detail->input_weight[i] = weights[run][i * recipe->units + detail->unit - 1];
        int place = i;
        for (; place > 0 &&
               detail->input_weight[detail->input_order[place - 1]] < detail->input_weight[i];
             place--) {
            detail->input_order[place] = detail->input_order[place - 1];
        }
        detail->input_order[place] = (uint16_t)i;
    }
}

/* The largest z that is left, and a picture that is brighter the further to the right. */
static void fill_drivers(struct layer_detail *detail, const struct look_recipe *recipe) {
    bool taken[LOOKED_EXAMPLES] = { false };
    int unit = detail->unit - 1;
    detail->drivers = isnan(recipe->size) ? 0 : DETAIL_TOP;
    for (int k = 0; k < detail->drivers; k++) {
        int best = -1;
        for (int i = 0; i < LOOKED_EXAMPLES; i++) {
            best = !taken[i] && (best < 0 || z[i][unit] > z[best][unit]) ? i : best;
        }
        taken[best] = true;
        struct driver *driver = &detail->driver[k];
        *driver = (struct driver){ best, best % 10, z[best][unit], h[best][unit], { 0.0f } };
        for (int i = 0; i < recipe->features; i++) {
            driver->input[i] =
                recipe->features == 2 ? detail->point[best][i] : (float)(i % 8) / 7.0f;
        }
    }
}

static void fill_chosen(struct layer_detail *detail, const struct look_recipe *recipe, int run) {
    detail->activations = LOOKED_EXAMPLES;
    for (int i = 0; i < LOOKED_EXAMPLES; i++) {
        detail->h[i] = h[i][detail->unit - 1];
        detail->point[i][0] = scene_normal();
        detail->point[i][1] = scene_normal();
    }
    detail->activation = scene_moments(detail->h, LOOKED_EXAMPLES);
    scene_bin(&detail->activation_histogram, detail->h, LOOKED_EXAMPLES, &detail->activation);
    fill_inputs(detail, recipe, run);
    fill_drivers(detail, recipe);
}

static void look_at(struct scene *made, const struct look_recipe *recipe, int run) {
    struct layer_detail *detail = &made->snapshot.detail[run];
    memset(detail, 0, sizeof *detail);
    detail->layer = recipe->tiles ? 1 : made->state.selected;
    detail->unit = made->state.unit;
    detail->units = recipe->units;
    detail->pieces = 1;
    detail->inputs = recipe->inputs;
    detail->examples = LOOKED_EXAMPLES;
    detail->features = recipe->features;
    detail->shape = recipe->shape;
    detail->hidden = recipe->hidden;
    fill_weights(detail, recipe, run);
    fill_image(detail, recipe, run);
    fill_activations(recipe, run);
    fill_units(detail, recipe, run);
    fill_chosen(detail, recipe, run);
    text_set(made->snapshot.run[run].saturation_rule,
             sizeof made->snapshot.run[run].saturation_rule, "%s",
             run == 1 ? "h < 0.015 or h > 0.985" : "");
}

void scene_look(struct scene *made, enum scene_looked kind) {
    const struct look_recipe *recipe = &recipes[kind];
    made->state.view = VIEW_LAYER;
    made->state.cursor = -1;
    made->state.unit = recipe->units > 4 ? 5 : 1;
    made->state.selected = recipe->tiles ? 1 : made->state.selected;
    for (int run = 0; run < made->snapshot.runs; run++) {
        look_at(made, recipe, run);
    }
}
