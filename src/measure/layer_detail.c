#include "measure/layer_detail.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "base/require.h"
#include "engine/network.h"
#include "measure/capture.h"

/* A layer with what is asked of it. */
struct look_at {
    const struct network *network;
    const struct layer *layer;
    int rows;    // examples of the batch
    int inputs;  // d_{l-1}
    int columns; // pieces * units
    int pieces;
    int unit; // index
};

/* The column of z and of W's images that piece `piece` of unit has, which W stores by group. */
static int stored_column(const struct look_at *look, int unit, int piece) {
    int together = look->layer->units / look->layer->groups;
    return unit / together * look->layer->fan_out + piece * together + unit % together;
}

/* The unit of a column as stored; *piece: which one of its pieces. */
static int unit_of_column(const struct look_at *look, int column, int *piece) {
    int together = look->layer->units / look->layer->groups;
    int within = column % look->layer->fan_out;
    *piece = within / together;
    return column / look->layer->fan_out * together + within % together;
}

/* Where row `input` of W, or of an array shaped as it, starts: fan_out entries of its group. */
static const real *stored_row(const struct look_at *look, const real *values, int input) {
    return values + (size_t)input * (size_t)look->layer->fan_out;
}

/* The weight of input to unit; 0 where they are in different groups. */
static real weight_of(const struct look_at *look, int input, int unit, int piece) {
    int column = stored_column(look, unit, piece), fan_out = look->layer->fan_out;
    bool joined = input / look->layer->fan_in == column / fan_out;
    return joined ? stored_row(look, look->layer->weight.value, input)[column % fan_out] : 0;
}

/* Is the second one to be shown instead of the first where there is room for one? */
static bool outweighs(real shown, real other) {
    return !isnan(shown) && !(fabsf(other) <= fabsf(shown));
}

/* Sorting ascends by key; the low 16 bits are an index, which breaks ties. */
static uint64_t key_of(uint32_t rank, int index) {
    return (uint64_t)rank << 16 | (uint64_t)index;
}

/* Rises as the value falls; NaN comes last. */
static uint32_t rank_of(real value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint32_t rising = bits & 0x80000000u ? ~bits : bits | 0x80000000u;
    return isnan(value) ? UINT32_MAX : ~rising;
}

static void sift_down(uint64_t *keys, int root, int count) {
    for (int child = 2 * root + 1; child < count; root = child, child = 2 * root + 1) {
        child += child + 1 < count && keys[child + 1] > keys[child];
        if (keys[root] >= keys[child]) {
            return;
        }
        uint64_t key = keys[root];
        keys[root] = keys[child];
        keys[child] = key;
    }
}

/* Heap sort: qsort() may allocate. */
static void sort_keys(uint64_t *keys, int count) {
    for (int root = count / 2 - 1; root >= 0; root--) {
        sift_down(keys, root, count);
    }
    for (int last = count - 1; last > 0; last--) {
        uint64_t key = keys[0];
        keys[0] = keys[last];
        keys[last] = key;
        sift_down(keys, 0, last);
    }
}

static void sort_indices(uint64_t *keys, int count, uint16_t *order) {
    sort_keys(keys, count);
    for (int i = 0; i < count; i++) {
        order[i] = (uint16_t)(keys[i] & 0xffff);
    }
}

/* Root mean squares of each unit's columns of an array shaped as W. */
static void column_squares(const struct look_at *look, const real *values,
                           double squares[DETAIL_UNITS]) {
    const struct layer *layer = look->layer;
    memset(squares, 0, DETAIL_UNITS * sizeof *squares);
    int together = layer->units / layer->groups;
    for (int i = 0; i < look->inputs; i++) {
        const real *row = stored_row(look, values, i);
        int first = i / layer->fan_in * together;
        for (int piece = 0; piece < look->pieces; piece++, row += together) {
            for (int u = 0; u < together; u++) {
                squares[first + u] += (double)row[u] * (double)row[u];
            }
        }
    }
    for (int j = 0; j < layer->units; j++) {
        squares[j] = sqrt(squares[j] / ((double)layer->fan_in * look->pieces));
    }
}

static void fill_unit_weights(const struct look_at *look, struct layer_detail *detail) {
    const struct parameters *w = &look->layer->weight;
    double rms[DETAIL_UNITS];
    column_squares(look, w->value, rms);
    for (int j = 0; j < detail->units; j++) {
        detail->unit_stats[j].weight_rms = (float)rms[j];
    }
    column_squares(look, w->gradient, rms);
    for (int j = 0; j < detail->units; j++) {
        detail->unit_stats[j].gradient_rms = (float)rms[j];
    }
}

static void count_idle(const struct look_at *look, struct unit_stats *units) {
    const struct layer *layer = look->layer;
    const struct activation_row *phi = &activations[layer->phi.which];
    real low = (real)phi->saturated_low, high = (real)phi->saturated_high;
    for (int i = 0; i < look->rows; i++) {
        const real *y = layer->y + (size_t)i * (size_t)layer->units;
        for (int j = 0; j < layer->units; j++) {
            units[j].zero += y[j] == 0;
            units[j].saturated += y[j] < low || y[j] > high;
        }
    }
}

/* Deviations from the first example's, as the spread may be small beside the mean. */
static void fill_unit_moments(const struct look_at *look, struct unit_stats *units) {
    const struct layer *layer = look->layer;
    double sum[DETAIL_UNITS] = { 0.0 }, squares[DETAIL_UNITS] = { 0.0 };
    for (int j = 0; j < layer->units; j++) {
        units[j].min = units[j].max = layer->h[j];
    }
    for (int i = 0; i < look->rows; i++) {
        const real *h = layer->h + (size_t)i * (size_t)layer->units;
        for (int j = 0; j < layer->units; j++) {
            double deviation = (double)h[j] - (double)layer->h[j];
            sum[j] += deviation;
            squares[j] += deviation * deviation;
            units[j].min = h[j] < units[j].min ? h[j] : units[j].min;
            units[j].max = h[j] > units[j].max ? h[j] : units[j].max;
        }
    }
    for (int j = 0; j < layer->units; j++) {
        double offset = sum[j] / look->rows;
        bool finite = isfinite(squares[j]);
        units[j].mean = (float)((double)layer->h[j] + offset);
        units[j].sd = (float)sqrt(fmax(squares[j] / look->rows - offset * offset, 0.0));
        if (!finite) {
            units[j].mean = units[j].sd = units[j].min = units[j].max = NAN;
        }
    }
}

static void fill_units(const struct look_at *look, struct layer_detail *detail) {
    const struct layer *layer = look->layer;
    uint64_t keys[DETAIL_UNITS];
    memset(detail->unit_stats, 0, (size_t)layer->units * sizeof detail->unit_stats[0]);
    fill_unit_moments(look, detail->unit_stats);
    fill_unit_weights(look, detail);
    if (detail->hidden && !detail->identity) {
        count_idle(look, detail->unit_stats);
    }
    detail->dead = detail->stuck = 0;
    for (int j = 0; j < layer->units; j++) {
        const struct unit_stats *unit = &detail->unit_stats[j];
        uint32_t idle = unit->zero > unit->saturated ? unit->zero : unit->saturated;
        detail->dead += unit->zero == (uint32_t)look->rows;
        detail->stuck += unit->saturated == (uint32_t)look->rows;
        keys[j] = key_of((uint32_t)look->rows - idle, j);
    }
    sort_indices(keys, layer->units, detail->order);
}

static void fill_unit_inputs(const struct look_at *look, struct layer_detail *detail) {
    uint64_t keys[DETAIL_WEIGHTS];
    detail->weight_block = (look->inputs + DETAIL_WEIGHTS - 1) / DETAIL_WEIGHTS;
    detail->weights = (look->inputs + detail->weight_block - 1) / detail->weight_block;
    for (int k = 0; k < detail->weights; k++) {
        int first = k * detail->weight_block, end = first + detail->weight_block;
        real shown = weight_of(look, first, look->unit, 0);
        for (int i = first + 1; i < end && i < look->inputs; i++) {
            real other = weight_of(look, i, look->unit, 0);
            shown = outweighs(shown, other) ? other : shown;
        }
        detail->input_weight[k] = shown;
        keys[k] = key_of(rank_of(shown), k);
    }
    sort_indices(keys, detail->weights, detail->input_order);
}

static void fill_activations(const struct look_at *look, struct layer_detail *detail) {
    const struct network *network = look->network;
    detail->activations = look->rows < DETAIL_EXAMPLES ? look->rows : DETAIL_EXAMPLES;
    for (int i = 0; i < detail->activations; i++) {
        detail->h[i] = look->layer->h[(size_t)i * (size_t)look->layer->units + (size_t)look->unit];
        for (int k = 0; k < 2 && network->config.inputs == 2; k++) {
            detail->point[i][k] = network->now.input[2 * i + k];
        }
    }
    struct moments *moments = &detail->activation;
    capture_moments(moments, detail->h, (size_t)detail->activations);
    histogram_fit(&detail->activation_histogram, moments->min, moments->max, moments->mean,
                  moments->sd);
    histogram_add(&detail->activation_histogram, detail->h, (size_t)detail->activations);
}

/* z of the chosen unit, its largest piece. */
static real drive_of(const struct look_at *look, int example) {
    const real *z = look->layer->z + (size_t)example * (size_t)look->layer->columns;
    real most = z[stored_column(look, look->unit, 0)];
    for (int piece = 1; piece < look->pieces; piece++) {
        real other = z[stored_column(look, look->unit, piece)];
        most = isnan(most) || other <= most ? most : other;
    }
    return most;
}

static void describe_driver(const struct look_at *look, int features, struct driver *driver) {
    const struct network_batch *now = &look->network->now;
    size_t example = (size_t)driver->example, inputs = (size_t)look->network->config.inputs;
    driver->label = now->targets.labels[example];
    driver->h = look->layer->h[example * (size_t)look->layer->units + (size_t)look->unit];
    memcpy(driver->input, now->input + example * inputs, (size_t)features * sizeof(real));
}

static void fill_drivers(const struct look_at *look, struct layer_detail *detail) {
    struct driver *driver = detail->driver;
    int count = 0;
    for (int i = 0; i < look->rows; i++) {
        real z = drive_of(look, i);
        int place = count;
        while (place > 0 && z > driver[place - 1].z) {
            place--;
        }
        if (isnan(z) || place == DETAIL_TOP) {
            continue;
        }
        count += count < DETAIL_TOP;
        for (int k = count - 1; k > place; k--) { // their inputs are not there yet
            driver[k].example = driver[k - 1].example;
            driver[k].z = driver[k - 1].z;
        }
        driver[place].example = i;
        driver[place].z = z;
    }
    detail->drivers = count;
    for (int k = 0; k < count; k++) {
        describe_driver(look, detail->features, &driver[k]);
    }
}

static void fill_tiles(const struct look_at *look, struct layer_detail *detail) {
    int page = DETAIL_IMAGE / look->inputs;
    detail->first_tile = look->unit / page * page;
    detail->tiles = detail->units - detail->first_tile;
    detail->tiles = detail->tiles < page ? detail->tiles : page;
    detail->rows = detail->columns = detail->row_block = detail->column_block = 0;
    REQUIRE(look->layer->groups == 1); // so that the first pieces are the first columns
    for (int i = 0; i < look->inputs; i++) {
        const real *row = stored_row(look, look->layer->weight.value, i) + detail->first_tile;
        for (int t = 0; t < detail->tiles; t++) {
            detail->image[t * look->inputs + i] = row[t];
        }
    }
}

/* Row by row as W is stored; what no group joins stays 0. */
static void fill_cells(const struct look_at *look, struct layer_detail *detail) {
    const struct layer *layer = look->layer;
    uint16_t cell[DETAIL_UNITS * PHI_MAX_PIECES]; // of each column, as stored
    detail->first_tile = detail->tiles = 0;
    detail->row_block = (look->inputs + DETAIL_SIDE - 1) / DETAIL_SIDE;
    detail->column_block = (look->columns + DETAIL_SIDE - 1) / DETAIL_SIDE;
    detail->rows = (look->inputs + detail->row_block - 1) / detail->row_block;
    detail->columns = (look->columns + detail->column_block - 1) / detail->column_block;
    for (int column = 0; column < look->columns; column++) {
        int piece, unit = unit_of_column(look, column, &piece);
        cell[column] = (uint16_t)((unit * look->pieces + piece) / detail->column_block);
    }
    memset(detail->image, 0,
           (size_t)detail->rows * (size_t)detail->columns * sizeof detail->image[0]);
    for (int i = 0; i < look->inputs; i++) {
        const real *row = stored_row(look, layer->weight.value, i);
        const uint16_t *cells = cell + (size_t)(i / layer->fan_in) * (size_t)layer->fan_out;
        float *shown = detail->image + (size_t)(i / detail->row_block) * (size_t)detail->columns;
        for (int column = 0; column < layer->fan_out; column++) {
            if (outweighs(shown[cells[column]], row[column])) {
                shown[cells[column]] = row[column];
            }
        }
    }
}

static void fill_distributions(const struct look_at *look, struct layer_detail *detail) {
    const struct parameters *w = &look->layer->weight;
    capture_moments(&detail->weight, w->value, w->n);
    capture_moments(&detail->gradient, w->gradient, w->n);
    const struct moments *weight = &detail->weight;
    histogram_fit(&detail->weight_histogram, weight->min, weight->max, weight->mean, weight->sd);
    histogram_add(&detail->weight_histogram, w->value, w->n);
    memset(&detail->gradient_histogram, 0, sizeof detail->gradient_histogram);
    log_histogram_add(&detail->gradient_histogram, w->gradient, w->n);
}

static void fill_shape(const struct look_at *look, struct picture_shape shape,
                       struct layer_detail *detail) {
    int features = look->network->config.inputs;
    REQUIRE(shape.channels == 0 || shape.width * shape.height * shape.channels == features);
    detail->features = features <= DETAIL_FEATURES ? features : 0;
    detail->shape = features <= DETAIL_IMAGE ? shape : (struct picture_shape){ 0 };
}

void layer_detail_fill(const struct network *network, int layer, int unit,
                       struct picture_shape shape, struct layer_detail *detail) {
    detail->layer = layer <= network->config.layers + 1 ? layer : 0;
    if (detail->layer <= 0) {
        return;
    }
    const struct layer *looked = &network->layer[layer - 1];
    REQUIRE(looked->units <= DETAIL_UNITS);
    detail->unit = unit < 1 ? 1 : unit > looked->units ? looked->units : unit;
    const struct look_at look = {
        .network = network,
        .layer = looked,
        .rows = network->now.count,
        .inputs = looked->fan_in * looked->groups,
        .columns = looked->columns,
        .pieces = looked->phi.pieces,
        .unit = detail->unit - 1,
    };
    detail->units = looked->units;
    detail->pieces = look.pieces;
    detail->inputs = look.inputs;
    detail->examples = look.rows;
    detail->hidden = layer <= network->config.layers;
    detail->identity = looked->block_end && network->config.connection.span > 1;
    fill_shape(&look, shape, detail);
    fill_distributions(&look, detail);
    fill_units(&look, detail);
    fill_unit_inputs(&look, detail);
    fill_activations(&look, detail);
    fill_drivers(&look, detail);
    (layer == 1 && detail->shape.channels > 0 ? fill_tiles : fill_cells)(&look, detail);
}

size_t layer_detail_image(const struct layer_detail *detail) {
    return detail->tiles > 0 ? (size_t)detail->tiles * (size_t)detail->inputs
                             : (size_t)detail->rows * (size_t)detail->columns;
}

/* The first count entries of an array. */
#define SOME(array, count)                                                                         \
    ((struct part){ offsetof(struct layer_detail, array),                                          \
                    ((size_t)(count) * sizeof((struct layer_detail *)0)->array[0] + 3) / 4 * 4 })

int layer_detail_parts(const struct layer_detail *detail, struct part *parts) {
    const struct part list[] = {
        { 0, offsetof(struct layer_detail, order) },
        SOME(order, detail->units),
        SOME(unit_stats, detail->units),
        SOME(input_weight, detail->weights),
        SOME(input_order, detail->weights),
        SOME(h, detail->activations),
        SOME(point, detail->activations),
        SOME(image, layer_detail_image(detail)),
    };
    static_assert(ARRAY_LEN(list) + DETAIL_TOP == LAYER_DETAIL_PARTS, "all are listed");
    memcpy(parts, list, sizeof list);
    parts += ARRAY_LEN(list);
    for (int k = 0; k < detail->drivers; k++) {
        size_t offset = offsetof(struct layer_detail, driver) + (size_t)k * sizeof(struct driver);
        size_t features = (size_t)detail->features * sizeof detail->driver[0].input[0];
        parts[k] = (struct part){ offset, offsetof(struct driver, input) + features };
    }
    return ARRAY_LEN(list) + detail->drivers;
}

void layer_detail_copy(struct layer_detail *to, const struct layer_detail *from) {
    struct part parts[LAYER_DETAIL_PARTS];
    to->layer = from->layer;
    if (from->layer > 0) {
        parts_copy(to, from, parts, layer_detail_parts(from, parts));
    }
}
