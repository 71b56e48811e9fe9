#include "base/check.h"

#include <stdlib.h>

#include "base/require.h"
#include "engine/denormals.h"
#include "engine/net.h"
#include "measure/layer_detail.h"

/* Every number of a layer's detail against plain loops over the network's arrays, in double. */

enum { BATCH = 14, INPUTS = 12, WIDTH = 24, LAYERS = 4, CLASSES = 3 };

struct looked {
    struct net net;
    struct layer_detail detail;
    float *inputs;
    uint8_t labels[BATCH];
};

static struct network_config config_of(int activation, int connection) {
    struct network_config config = usual_config(activation, connection);
    config.layers = LAYERS;
    config.width = WIDTH;
    config.inputs = INPUTS;
    config.outputs = CLASSES;
    config.batch = BATCH;
    return config;
}

/* A network at step 0 on normal inputs; the detail holds what was left of another one. */
static struct looked *looked_create(const struct network_config *config) {
    struct looked *l = malloc(sizeof *l);
    assert_non_null(l);
    memset(l, 0xAA, sizeof *l);
    net_init(&l->net, config);
    l->inputs = malloc((size_t)BATCH * (size_t)config->inputs * sizeof *l->inputs);
    assert_non_null(l->inputs);
    fill_examples(l->inputs, l->labels, BATCH, config->inputs, CLASSES);
    return l;
}

static void looked_pass(struct looked *l) {
    net_forward(&l->net.network, l->inputs, l->labels, BATCH, 1);
    network_backward(&l->net.network);
}

static void looked_finish(struct looked *l) {
    net_finish(&l->net);
    free(l->inputs);
    free(l);
}

static void look(struct looked *l, int layer, int unit) {
    layer_detail_fill(&l->net.network, layer, unit, (struct picture_shape){ 0 }, &l->detail);
}

/* The column of z that a piece of a unit is, as network.h and activation.h say it. */
static int column_of(const struct layer *layer, int unit, int piece) {
    int together = layer->units / layer->groups, group = unit / together;
    return group * layer->fan_out + unit % together + piece * together;
}

/* The weight (or its gradient) from h_{l-1}, input i, to such a column; 0 where nothing joins. */
static double entry(const struct layer *layer, const float *values, int i, int column) {
    int group = column / layer->fan_out, in = i - group * layer->fan_in;
    if (in < 0 || in >= layer->fan_in) {
        return 0.0;
    }
    size_t block = (size_t)layer->fan_in * (size_t)layer->fan_out;
    return (double)values[(size_t)group * block + (size_t)in * (size_t)layer->fan_out +
                          (size_t)(column % layer->fan_out)];
}

static double column_rms(const struct layer *layer, const float *values, int unit) {
    double squares = 0.0;
    for (int piece = 0; piece < layer->phi.pieces; piece++) {
        for (int i = 0; i < layer->fan_in * layer->groups; i++) {
            double value = entry(layer, values, i, column_of(layer, unit, piece));
            squares += value * value;
        }
    }
    return sqrt(squares / (layer->fan_in * layer->phi.pieces));
}

static double h_of(const struct layer *layer, const float *h, int example, int unit) {
    return (double)h[(size_t)example * (size_t)layer->units + (size_t)unit];
}

static void check_unit(const struct looked *l, const struct layer *layer, int unit) {
    const struct unit_stats *stats = &l->detail.unit_stats[unit];
    const struct activation_row *phi = &activations[layer->phi.which];
    bool counts = l->detail.hidden && !l->detail.identity;
    double mean = 0.0, deviations = 0.0, low = (double)INFINITY, high = -(double)INFINITY;
    uint32_t zero = 0, saturated = 0;
    for (int i = 0; i < BATCH; i++) {
        double h = h_of(layer, layer->h, i, unit), y = h_of(layer, layer->y, i, unit);
        mean += h / BATCH;
        low = fmin(low, h);
        high = fmax(high, h);
        zero += counts && y == 0.0;
        saturated += counts && (y < phi->saturated_low || y > phi->saturated_high);
    }
    for (int i = 0; i < BATCH; i++) {
        double h = h_of(layer, layer->h, i, unit);
        deviations += (h - mean) * (h - mean);
    }
    double sd = sqrt(deviations / BATCH), size = fmax(fabs(low), fabs(high));
    assert_int_equal(stats->zero, zero);
    assert_int_equal(stats->saturated, saturated);
    assert_true(fabs((double)stats->mean - mean) <= 1e-7 * size);
    assert_true(fabs((double)stats->sd - sd) <= 1e-6 * size);
    assert_true((double)stats->min == low && (double)stats->max == high);
    double weight = column_rms(layer, layer->weight.value, unit);
    double gradient = column_rms(layer, layer->weight.gradient, unit);
    assert_true(relative_error((double)stats->weight_rms, weight) <= 1e-6);
    assert_true(relative_error((double)stats->gradient_rms, gradient) <= 1e-6);
}

static uint32_t idle(const struct unit_stats *stats) {
    return stats->zero > stats->saturated ? stats->zero : stats->saturated;
}

/* Every unit stands there once, idle ones first, of equals the first. */
static void check_order(const struct layer_detail *detail) {
    bool there[DETAIL_UNITS] = { false };
    int dead = 0, stuck = 0;
    for (int k = 0; k < detail->units; k++) {
        int unit = detail->order[k];
        assert_true(unit < detail->units && !there[unit]);
        there[unit] = true;
        dead += detail->unit_stats[unit].zero == BATCH;
        stuck += detail->unit_stats[unit].saturated == BATCH;
        if (k > 0) {
            uint32_t before = idle(&detail->unit_stats[detail->order[k - 1]]);
            uint32_t now = idle(&detail->unit_stats[unit]);
            assert_true(before > now || (before == now && detail->order[k - 1] < unit));
        }
    }
    assert_int_equal(detail->dead, dead);
    assert_int_equal(detail->stuck, stuck);
}

static double largest_z(const struct layer *layer, int example, int unit) {
    double most = -(double)INFINITY;
    for (int piece = 0; piece < layer->phi.pieces; piece++) {
        most =
            fmax(most, (double)layer->z[example * layer->columns + column_of(layer, unit, piece)]);
    }
    return most;
}

/* Driver number k beats all examples that are not among those before it. */
static void check_drivers(const struct looked *l, const struct layer *layer) {
    const struct layer_detail *detail = &l->detail;
    bool taken[BATCH] = { false };
    int inputs = l->net.network.config.inputs;
    assert_int_equal(detail->drivers, DETAIL_TOP);
    for (int k = 0; k < detail->drivers; k++) {
        const struct driver *driver = &detail->driver[k];
        int best = -1;
        for (int i = 0; i < BATCH; i++) {
            if (!taken[i] && (best < 0 || largest_z(layer, i, detail->unit - 1) >
                                              largest_z(layer, best, detail->unit - 1))) {
                best = i;
            }
        }
        taken[best] = true;
        assert_int_equal(driver->example, best);
        assert_int_equal(driver->label, l->labels[best]);
        assert_true((double)driver->z == largest_z(layer, best, detail->unit - 1));
        assert_true((double)driver->h == h_of(layer, layer->h, best, detail->unit - 1));
        if (inputs <= DETAIL_FEATURES) {
            assert_int_equal(detail->features, inputs);
            assert_memory_equal(driver->input, l->inputs + best * inputs,
                                (size_t)inputs * sizeof *l->inputs);
        } else {
            assert_int_equal(detail->features, 0);
        }
    }
}

static void check_activations(const struct looked *l, const struct layer *layer) {
    const struct layer_detail *detail = &l->detail;
    double mean = 0.0, squares = 0.0;
    uint64_t zero = 0;
    assert_int_equal(detail->activations, BATCH);
    for (int i = 0; i < BATCH; i++) {
        double h = h_of(layer, layer->h, i, detail->unit - 1);
        assert_true((double)detail->h[i] == h);
        mean += h / BATCH;
        squares += h * h;
        zero += h == 0.0;
    }
    double rms = sqrt(squares / BATCH);
    assert_int_equal(detail->activation.n, BATCH);
    assert_int_equal(detail->activation.zero, zero);
    assert_true(fabs(detail->activation.mean - mean) <= 1e-12 * rms);
    assert_true(relative_error(detail->activation.rms, rms) <= 1e-12);
    assert_int_equal(detail->activation_histogram.n, BATCH);
}

/* The largest of a block in magnitude. */
static double extreme(const struct layer *layer, int first, int inputs, int column, int columns) {
    double most = 0.0;
    int pieces = layer->phi.pieces;
    for (int i = first; i < first + inputs && i < layer->fan_in * layer->groups; i++) {
        for (int c = column; c < column + columns && c < layer->columns; c++) {
            double value =
                entry(layer, layer->weight.value, i, column_of(layer, c / pieces, c % pieces));
            most = fabs(value) > fabs(most) ? value : most;
        }
    }
    return most;
}

static void check_inputs(const struct layer_detail *detail, const struct layer *layer) {
    int inputs = layer->fan_in * layer->groups, block = detail->weight_block;
    assert_int_equal(detail->inputs, inputs);
    assert_int_equal(detail->weights, (inputs + block - 1) / block);
    for (int k = 0; k < detail->weights; k++) {
        double want = 0.0;
        for (int i = k * block; i < (k + 1) * block && i < inputs; i++) {
            double value =
                entry(layer, layer->weight.value, i, column_of(layer, detail->unit - 1, 0));
            want = fabs(value) > fabs(want) ? value : want;
        }
        assert_true((double)detail->input_weight[k] == want);
        if (k > 0) {
            assert_true(detail->input_weight[detail->input_order[k - 1]] >=
                        detail->input_weight[detail->input_order[k]]);
        }
    }
}

static void check_cells(const struct layer_detail *detail, const struct layer *layer) {
    int columns = layer->columns, rows = layer->fan_in * layer->groups;
    assert_int_equal(detail->tiles, 0);
    assert_true(detail->rows <= DETAIL_SIDE && detail->columns <= DETAIL_SIDE);
    assert_int_equal(detail->rows, (rows + detail->row_block - 1) / detail->row_block);
    assert_int_equal(detail->columns, (columns + detail->column_block - 1) / detail->column_block);
    assert_int_equal(layer_detail_image(detail), detail->rows * detail->columns);
    for (int i = 0; i < detail->rows; i++) {
        for (int c = 0; c < detail->columns; c++) {
            double want = extreme(layer, i * detail->row_block, detail->row_block,
                                  c * detail->column_block, detail->column_block);
            assert_true((double)detail->image[i * detail->columns + c] == want);
        }
    }
}

static void check_distribution(const struct moments *m, const float *values, size_t n) {
    double mean = 0.0, deviations = 0.0;
    for (size_t i = 0; i < n; i++) {
        mean += (double)values[i] / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        deviations += ((double)values[i] - mean) * ((double)values[i] - mean);
    }
    double sd = sqrt(deviations / (double)n);
    assert_int_equal(m->n, n);
    assert_true(fabs(m->mean - mean) <= 1e-12 * fmax(sd, fabs(mean)));
    assert_true(fabs(m->sd - sd) <= 1e-10 * fmax(sd, fabs(mean)));
}

static void check_all(const struct looked *l, int index) {
    const struct layer *layer = &l->net.network.layer[index];
    const struct layer_detail *detail = &l->detail;
    assert_int_equal(detail->layer, index + 1);
    assert_int_equal(detail->units, layer->units);
    assert_int_equal(detail->pieces, layer->phi.pieces);
    assert_int_equal(detail->examples, BATCH);
    assert_int_equal(detail->hidden, index < LAYERS);
    check_distribution(&detail->weight, layer->weight.value, layer->weight.n);
    check_distribution(&detail->gradient, layer->weight.gradient, layer->weight.n);
    assert_int_equal(detail->weight_histogram.n, layer->weight.n);
    assert_int_equal(detail->gradient_histogram.n, layer->weight.n);
    for (int j = 0; j < layer->units; j++) {
        check_unit(l, layer, j);
    }
    check_order(detail);
    check_drivers(l, layer);
    check_activations(l, layer);
    check_inputs(detail, layer);
    check_cells(detail, layer);
}

static void every_number_is_what_the_arrays_hold(void **state) {
    (void)state;
    for (int activation = 0; activation < ACTIVATION_COUNT; activation++) {
        for (int connection = 0; connection < CONNECTION_COUNT; connection++) {
            struct network_config config = config_of(activation, connection);
            struct looked *l = looked_create(&config);
            looked_pass(l);
            for (int index = 0; index <= LAYERS; index++) {
                look(l, index + 1, 1 + (7 * index + activation) % CLASSES);
                check_all(l, index);
                look(l, index + 1, l->detail.units);
                check_all(l, index);
            }
            looked_finish(l);
        }
    }
}

/* h_{l-1} times the cells is what the layer has computed: cells are where they say they are. */
static void the_image_computes_the_layer(void **state) {
    (void)state;
    static const int kinds[][2] = { { ACTIVATION_TANH, CONNECTION_PLAIN },
                                    { ACTIVATION_MAXOUT, CONNECTION_PLAIN },
                                    { ACTIVATION_TANH, CONNECTION_SPLIT },
                                    { ACTIVATION_MAXOUT, CONNECTION_SPLIT } };
    for (int k = 0; k < ARRAY_LEN(kinds); k++) {
        struct network_config config = config_of(kinds[k][0], kinds[k][1]);
        struct looked *l = looked_create(&config);
        looked_pass(l);
        look(l, 3, 1);
        const struct layer *layer = &l->net.network.layer[2];
        const float *h = l->net.network.layer[1].h;
        for (int i = 0; i < BATCH; i++) {
            for (int j = 0; j < WIDTH; j++) {
                double most = -(double)INFINITY;
                for (int piece = 0; piece < layer->phi.pieces; piece++) {
                    double z = 0.0; // biases start at 0
                    for (int in = 0; in < WIDTH; in++) {
                        int column = j * layer->phi.pieces + piece;
                        z += (double)h[i * WIDTH + in] *
                             (double)l->detail.image[in * l->detail.columns + column];
                    }
                    most = fmax(most, z);
                }
                double want = kinds[k][0] == ACTIVATION_TANH ? tanh(most) : most;
                assert_true(fabs(h_of(layer, layer->h, i, j) - want) <= 1e-5);
            }
        }
        looked_finish(l);
    }
}

/* Larger than the image, and with blocks that do not divide it. */
static void a_large_layer_shows_the_extremes_of_blocks(void **state) {
    (void)state;
    struct network_config config = config_of(ACTIVATION_RELU, CONNECTION_PLAIN);
    config.inputs = 9001;
    config.width = 301;
    struct looked *l = looked_create(&config);
    looked_pass(l);
    for (int index = 0; index < 2; index++) {
        look(l, index + 1, 300);
        check_all(l, index);
    }
    assert_int_equal(l->detail.row_block, 2);
    assert_int_equal(l->detail.rows, 151);
    look(l, 1, 300);
    assert_int_equal(l->detail.weight_block, 3);
    looked_finish(l);
}

/* Layer 1 on pictures: the page of tiles that has the chosen unit, weight by weight. */
static void pictures_come_in_pages(void **state) {
    (void)state;
    struct network_config config = config_of(ACTIVATION_TANH, CONNECTION_PLAIN);
    const struct picture_shape shape = { .width = 32, .height = 32, .channels = 3 };
    config.inputs = 3072;
    config.width = 250;
    struct looked *l = looked_create(&config);
    looked_pass(l);
    const struct layer *layer = &l->net.network.layer[0];
    static const int rows[][3] = {
        { 1, 0, 106 }, { 106, 0, 106 }, { 107, 106, 106 }, { 250, 212, 38 }
    };
    for (int k = 0; k < ARRAY_LEN(rows); k++) {
        layer_detail_fill(&l->net.network, 1, rows[k][0], shape, &l->detail);
        assert_int_equal(l->detail.first_tile, rows[k][1]);
        assert_int_equal(l->detail.tiles, rows[k][2]);
        assert_int_equal(layer_detail_image(&l->detail), rows[k][2] * 3072);
        for (int n = 0; n < rows[k][2] * 3072; n++) {
            double want = entry(layer, layer->weight.value, n % 3072, rows[k][1] + n / 3072);
            assert_true((double)l->detail.image[n] == want);
        }
    }
    layer_detail_fill(&l->net.network, 2, 1, shape, &l->detail);
    check_cells(&l->detail, &l->net.network.layer[1]);
    assert_int_equal(l->detail.shape.channels, 3); // the examples are pictures there, too
    looked_finish(l);
}

static void points_are_kept_in_the_plane(void **state) {
    (void)state;
    struct network_config config = config_of(ACTIVATION_TANH, CONNECTION_PLAIN);
    config.inputs = 2;
    struct looked *l = looked_create(&config);
    looked_pass(l);
    look(l, 2, 1);
    for (int i = 0; i < 2 * BATCH; i++) {
        assert_true(l->detail.point[i / 2][i % 2] == l->inputs[i]);
    }
    looked_finish(l);
}

/* A unit that never fires leads the list; a constant one that is saturated is stuck. */
static void dead_and_stuck_units_lead_the_list(void **state) {
    (void)state;
    struct network_config config = config_of(ACTIVATION_RELU, CONNECTION_PLAIN);
    struct looked *l = looked_create(&config);
    l->net.network.layer[1].bias.value[5] = -1e3f;
    l->net.network.layer[1].bias.value[17] = -1e3f;
    looked_pass(l);
    look(l, 2, 6);
    assert_true(l->detail.dead >= 2 && l->detail.stuck == 0);
    assert_int_equal(l->detail.unit_stats[5].zero, BATCH);
    assert_true(l->detail.unit_stats[5].gradient_rms == 0.0f);
    check_all(l, 1);
    looked_finish(l);

    config = config_of(ACTIVATION_SIGMOID, CONNECTION_PLAIN);
    l = looked_create(&config);
    l->net.network.layer[1].bias.value[9] = 60.0f;
    looked_pass(l);
    look(l, 2, 10);
    assert_int_equal(l->detail.stuck, 1);
    assert_int_equal(l->detail.order[0], 9);
    assert_true(l->detail.unit_stats[9].sd == 0.0f && l->detail.unit_stats[9].mean == 1.0f);
    check_all(l, 1);
    looked_finish(l);
}

/* What is asked for may not be there: units are clamped, and of a layer beyond nothing is said. */
static void what_is_not_there_is_not_shown(void **state) {
    (void)state;
    struct network_config config = config_of(ACTIVATION_RELU, CONNECTION_PLAIN);
    struct looked *l = looked_create(&config);
    looked_pass(l);
    look(l, 2, 0);
    assert_int_equal(l->detail.unit, 1);
    look(l, 2, 1000);
    assert_int_equal(l->detail.unit, WIDTH);
    look(l, LAYERS + 2, 1);
    assert_int_equal(l->detail.layer, 0);
    looked_finish(l);
}

/* NaN leads a block and ends the sorted weights; a unit with one has no moments, no driver is one.
 */
static void nan_is_shown(void **state) {
    (void)state;
    struct network_config config = config_of(ACTIVATION_RELU, CONNECTION_PLAIN);
    config.width = 300;
    struct looked *l = looked_create(&config);
    l->inputs[0] = NAN;
    looked_pass(l);
    look(l, 1, 3);
    assert_true(isnan(l->detail.unit_stats[2].mean) && isnan(l->detail.unit_stats[2].sd));
    assert_int_equal(l->detail.activation.nan, 1);
    assert_int_equal(l->detail.drivers, DETAIL_TOP);
    for (int k = 0; k < DETAIL_TOP; k++) {
        assert_true(l->detail.driver[k].example != 0);
    }
    l->inputs[0] = 1.0f;
    l->net.network.layer[1].weight.value[3 * 300 + 2] = NAN;
    looked_pass(l);
    look(l, 2, 3);
    assert_int_equal(l->detail.row_block, 2);
    assert_true(isnan(l->detail.image[1 * l->detail.columns + 1]));
    assert_true(isnan(l->detail.input_weight[3]));
    assert_int_equal(l->detail.input_order[299], 3);
    assert_int_equal(l->detail.drivers, 0);
    assert_int_equal(l->detail.weight.nan, 1);
    looked_finish(l);
}

/* The network is read only, and a copy holds all that is in use. */
static void looking_changes_nothing_and_a_copy_is_whole(void **state) {
    (void)state;
    struct network_config config = config_of(ACTIVATION_TANH, CONNECTION_PLAIN);
    struct looked *l = looked_create(&config);
    looked_pass(l);
    unsigned char *block = malloc(l->net.arena.used);
    struct layer_detail *copy = malloc(sizeof *copy);
    assert_true(block && copy);
    memcpy(block, l->net.arena.base, l->net.arena.used);
    look(l, 2, 5);
    assert_memory_equal(block, l->net.arena.base, l->net.arena.used);
    layer_detail_copy(copy, &l->detail);
    assert_memory_equal(copy, &l->detail, offsetof(struct layer_detail, order));
    assert_memory_equal(copy->order, l->detail.order, WIDTH * sizeof copy->order[0]);
    assert_memory_equal(copy->unit_stats, l->detail.unit_stats, WIDTH * sizeof *copy->unit_stats);
    assert_memory_equal(copy->input_weight, l->detail.input_weight, WIDTH * sizeof(float));
    assert_memory_equal(copy->input_order, l->detail.input_order, WIDTH * sizeof(uint16_t));
    assert_memory_equal(copy->h, l->detail.h, BATCH * sizeof(float));
    assert_int_equal(copy->drivers, DETAIL_TOP);
    for (int k = 0; k < DETAIL_TOP; k++) {
        assert_memory_equal(&copy->driver[k], &l->detail.driver[k], offsetof(struct driver, input));
        assert_memory_equal(copy->driver[k].input, l->detail.driver[k].input,
                            (size_t)l->detail.features * sizeof(float));
    }
    assert_memory_equal(copy->image, l->detail.image,
                        (size_t)(WIDTH * WIDTH) * sizeof copy->image[0]);
    look(l, LAYERS + 2, 1);
    layer_detail_copy(copy, &l->detail);
    assert_int_equal(copy->layer, 0);
    free(block);
    free(copy);
    looked_finish(l);
}

int main(void) {
    denormals_flush();
    engine_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_number_is_what_the_arrays_hold),
        cmocka_unit_test(the_image_computes_the_layer),
        cmocka_unit_test(a_large_layer_shows_the_extremes_of_blocks),
        cmocka_unit_test(pictures_come_in_pages),
        cmocka_unit_test(points_are_kept_in_the_plane),
        cmocka_unit_test(dead_and_stuck_units_lead_the_list),
        cmocka_unit_test(what_is_not_there_is_not_shown),
        cmocka_unit_test(nan_is_shown),
        cmocka_unit_test(looking_changes_nothing_and_a_copy_is_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
