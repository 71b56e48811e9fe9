#include "base/check.h"

#include <stddef.h>
#include <string.h>

#include "base/require.h"
#include "engine/denormals.h"
#include "tools.h"

/* Whole tiny layers against plain loops in double, for every activation and around every width. */

enum { MOST_ROWS = 33, MOST = TINY_WIDTH * MOST_ROWS, GUARD = 1 };

static const struct kernels *set;

/* An array with something behind its end that nobody may touch. */
struct array {
    float value[MOST + GUARD];
};

static struct array input, W, b, z, h, delta, z_below, h_below, delta_below, dW, db;

static const size_t widths[] = { 1, 2, 5, 7, 8, 9, 15, 16 };
static const size_t batches[] = { 1, 2, 3, 4, 10, MOST_ROWS };

static void clear(struct array *array, size_t n) {
    for (size_t i = 0; i < n; i++) {
        array->value[i] = NAN;
    }
    array->value[n] = 7.0f;
}

static void assert_guarded(const struct array *array, size_t n) {
    assert_true(array->value[n] == 7.0f);
}

static struct tiny_layer layer_of(size_t in, size_t out) {
    return (struct tiny_layer){ .in = in,
                                .out = out,
                                .input = input.value,
                                .W = W.value,
                                .b = b.value,
                                .z = z.value,
                                .h = h.value,
                                .delta = delta.value,
                                .dW = dW.value,
                                .db = db.value };
}

static struct tiny_layer below_layer(size_t out) {
    return (struct tiny_layer){
        .in = 1, .out = out, .z = z_below.value, .h = h_below.value, .delta = delta_below.value
    };
}

static void assert_close(double got, double want, double sizes) {
    if (!(fabs(got - want) <= 4e-6 * sizes + 1e-30)) {
        fail_msg("%.9g instead of %.9g", got, want);
    }
}

static void check_forward(int which, const struct tiny_layer *layer, size_t batch) {
    static float again[MOST];
    size_t n = batch * layer->out;
    clear(&z, n);
    clear(&h, n);
    struct pass_sums sums;
    set->tiny->forward[which](layer, 1, batch, &sums);
    for (size_t k = 0; k < n; k++) {
        size_t r = k / layer->out, j = k % layer->out;
        double want = (double)b.value[j], sizes = fabs(want);
        for (size_t i = 0; i < layer->in; i++) {
            double term =
                (double)input.value[r * layer->in + i] * (double)W.value[i * layer->out + j];
            want += term;
            sizes += fabs(term);
        }
        assert_close((double)z.value[k], want, sizes);
    }
    set->activation[which].forward(z.value, again, n);
    assert_memory_equal(again, h.value, n * sizeof *again);
    assert_guarded(&z, n);
    assert_guarded(&h, n);
    assert_true(fabs(sums.z - set->sum(z.value, n)) <= 1e-9);
    assert_true(fabs(sums.h - set->sum(h.value, n)) <= 1e-9);
    assert_true(relative_error(sums.h_squared, set->sum_squares(h.value, n)) <= 1e-12);
}

static void check_backward(int which, const struct tiny_layer *layer, size_t batch) {
    static float g[MOST], want[MOST];
    static double sizes[MOST];
    size_t n = batch * layer->in;
    struct tiny_layer pair[] = { below_layer(layer->in), *layer };
    struct slope_sums sums;
    set->activation[which].forward(z_below.value, h_below.value, n);
    clear(&delta_below, n);
    set->tiny->backward[which](pair, 1, batch, &sums);
    for (size_t k = 0; k < n; k++) {
        double sum = 0.0;
        sizes[k] = 0.0;
        for (size_t j = 0; j < layer->out; j++) {
            double term = (double)delta.value[k / layer->in * layer->out + j] *
                          (double)W.value[k % layer->in * layer->out + j];
            sum += term;
            sizes[k] += fabs(term);
        }
        g[k] = (float)sum;
    }
    set->activation[which].backward(z_below.value, h_below.value, g, want, n);
    for (size_t k = 0; k < n; k++) {
        assert_close((double)delta_below.value[k], (double)want[k], 3.0 * sizes[k]);
    }
    assert_guarded(&delta_below, n);
    assert_true(relative_error(sums.g_squared, set->sum_squares(g, n)) <= 1e-5);
    double squares = set->sum_squares(delta_below.value, n);
    assert_true(relative_error(sums.delta_squared, squares) <= 1e-12);
}

static void check_gradient(const struct tiny_layer *layer, size_t batch) {
    const float scale = 0.25f;
    size_t n = layer->in * layer->out;
    clear(&dW, n);
    clear(&db, layer->out);
    set->tiny->gradients(layer, 1, batch, scale);
    for (size_t j = 0; j < layer->out; j++) {
        double sum = 0.0, sizes = 0.0;
        for (size_t r = 0; r < batch; r++) {
            sum += (double)delta.value[r * layer->out + j];
            sizes += fabs((double)delta.value[r * layer->out + j]);
        }
        assert_close((double)db.value[j], 0.25 * sum, sizes);
    }
    for (size_t k = 0; k < n; k++) {
        double sum = 0.0, sizes = 0.0;
        for (size_t r = 0; r < batch; r++) {
            double term = (double)input.value[r * layer->in + k / layer->out] *
                          (double)delta.value[r * layer->out + k % layer->out];
            sum += term;
            sizes += fabs(term);
        }
        assert_close((double)dW.value[k], 0.25 * sum, sizes);
    }
    assert_guarded(&dW, n);
    assert_guarded(&db, layer->out);
}

static void tiny_layers_equal_plain_loops(void **state) {
    (void)state;
    if (!set) {
        skip();
    }
    for (int k = 0; k < ARRAY_LEN(widths) * ARRAY_LEN(widths) * ARRAY_LEN(batches); k++) {
        size_t in = widths[k % ARRAY_LEN(widths)];
        size_t out = widths[k / ARRAY_LEN(widths) % ARRAY_LEN(widths)];
        size_t batch = batches[k / ARRAY_LEN(widths) / ARRAY_LEN(widths)];
        struct tiny_layer layer = layer_of(in, out);
        for (int which = 0; which < ACTIVATION_COUNT; which++) {
            if (set->activation[which].forward) {
                check_forward(which, &layer, batch);
                check_backward(which, &layer, batch);
            } else {
                assert_null(set->tiny->forward[which]);
            }
        }
        check_gradient(&layer, batch);
    }
}

/* Layers one above another with arrays of their own, drawn at random. */
enum { STACK_LAYERS = 4 };

struct stack {
    float x[MOST], W[STACK_LAYERS][TINY_WIDTH * TINY_WIDTH], b[STACK_LAYERS][TINY_WIDTH];
    float z[STACK_LAYERS][MOST], h[STACK_LAYERS][MOST], delta[STACK_LAYERS][MOST];
    float dW[STACK_LAYERS][TINY_WIDTH * TINY_WIDTH], db[STACK_LAYERS][TINY_WIDTH];
    struct pass_sums sums[STACK_LAYERS];
    struct slope_sums slope_sums[STACK_LAYERS];
    struct tiny_layer layer[STACK_LAYERS];
};

static void stack_init(struct stack *stack, const size_t width[STACK_LAYERS + 1]) {
    memset(stack, 0, sizeof *stack);
    fill_normals(stack->x, MOST, 11, 0.0, 1.0);
    for (int l = 0; l < STACK_LAYERS; l++) {
        fill_normals(stack->W[l], TINY_WIDTH * TINY_WIDTH, 12 + (uint32_t)l, 0.0, 0.5);
        fill_normals(stack->b[l], TINY_WIDTH, 22 + (uint32_t)l, 0.0, 0.5);
        stack->layer[l] = (struct tiny_layer){ .in = width[l],
                                               .out = width[l + 1],
                                               .input = l > 0 ? stack->h[l - 1] : stack->x,
                                               .W = stack->W[l],
                                               .b = stack->b[l],
                                               .bias_last = l == STACK_LAYERS - 1,
                                               .z = stack->z[l],
                                               .h = stack->h[l],
                                               .delta = stack->delta[l],
                                               .dW = stack->dW[l],
                                               .db = stack->db[l] };
    }
    fill_normals(stack->delta[STACK_LAYERS - 1], MOST, 32, 0.0, 0.1);
}

static void pass_stack(struct stack *stack, int which, size_t batch, bool at_once) {
    const struct tiny_kernels *tiny = set->tiny;
    size_t step = at_once ? STACK_LAYERS : 1;
    for (size_t l = 0; l < STACK_LAYERS; l += step) {
        tiny->forward[which](&stack->layer[l], step, batch, &stack->sums[l]);
    }
    size_t below = STACK_LAYERS - 1;
    if (at_once) {
        tiny->backward[which](stack->layer, below, batch, stack->slope_sums);
    }
    for (size_t l = below; !at_once && l-- > 0;) {
        tiny->backward[which](&stack->layer[l], 1, batch, &stack->slope_sums[l]);
    }
    for (size_t l = 0; l < STACK_LAYERS; l += step) {
        tiny->gradients(&stack->layer[l], step, batch, 0.25f);
    }
}

/* What one call hands over in registers is what calls one by one read from memory. */
static void layers_at_once_are_the_same_bits(void **state) {
    (void)state;
    static struct stack once, each;
    static const size_t stacks[][STACK_LAYERS + 1] = {
        { 2, 5, 5, 5, 1 }, { 2, 8, 8, 8, 1 },   { 16, 16, 16, 16, 16 }, { 9, 9, 12, 9, 10 },
        { 3, 8, 9, 8, 7 }, { 10, 1, 16, 2, 9 }, { 1, 1, 1, 1, 1 },
    };
    const size_t header = offsetof(struct stack, layer);
    for (int k = 0; set && k < ARRAY_LEN(stacks) * ARRAY_LEN(batches); k++) {
        size_t batch = batches[k / ARRAY_LEN(stacks)];
        for (int which = 0; which < ACTIVATION_COUNT; which++) {
            if (!set->tiny->forward[which]) {
                continue;
            }
            stack_init(&once, stacks[k % ARRAY_LEN(stacks)]);
            stack_init(&each, stacks[k % ARRAY_LEN(stacks)]);
            pass_stack(&once, which, batch, true);
            pass_stack(&each, which, batch, false);
            assert_memory_equal(&once, &each, header);
        }
    }
}

/* z of a layer whose bias comes last, to the bit: the products from zero on, then b. */
static void bias_last_is_what_products_do(void **state) {
    (void)state;
    if (!set) {
        skip();
    }
    for (int k = 0; k < ARRAY_LEN(widths) * ARRAY_LEN(widths); k++) {
        static float want[MOST];
        struct tiny_layer layer =
            layer_of(widths[k % ARRAY_LEN(widths)], widths[k / ARRAY_LEN(widths)]);
        struct pass_sums sums;
        layer.bias_last = true;
        set->tiny->forward[ACTIVATION_LINEAR](&layer, 1, MOST_ROWS, &sums);
        set->small->forward(layer.input, layer.W, layer.b, want, MOST_ROWS, layer.in, layer.out);
        assert_memory_equal(want, z.value, MOST_ROWS * layer.out * sizeof *want);
    }
}

/* A NaN or an infinity in one example stays in that example's row. */
static void what_is_not_finite_stays_in_its_row(void **state) {
    (void)state;
    if (!set) {
        skip();
    }
    for (size_t at = 0; at < 3; at++) {
        struct tiny_layer pair[] = { below_layer(5), layer_of(5, 5) };
        struct pass_sums sums;
        struct slope_sums slope_sums;
        float kept[2] = { input.value[at * 5], delta.value[at * 5] };
        input.value[at * 5] = NAN;
        delta.value[at * 5] = INFINITY;
        set->tiny->forward[ACTIVATION_TANH](&pair[1], 1, 3, &sums);
        assert_true(isnan(sums.z));
        set->activation[ACTIVATION_TANH].forward(z_below.value, h_below.value, 15);
        set->tiny->backward[ACTIVATION_TANH](pair, 1, 3, &slope_sums);
        assert_true(isinf(slope_sums.delta_squared));
        for (size_t k = 0; k < 15; k++) {
            assert_true(isfinite(z.value[k]) == (k / 5 != at));
            assert_true(isfinite(delta_below.value[k]) == (k / 5 != at));
        }
        input.value[at * 5] = kept[0];
        delta.value[at * 5] = kept[1];
    }
}

int main(void) {
    denormals_flush();
    const struct kernels *sets[SETS_MOST];
    int count = kernel_sets(sets);
    for (int s = 0; s < count; s++) {
        set = sets[s]->tiny ? sets[s] : set;
    }
    fill_normals(input.value, MOST, 1, 0.1, 1.0);
    fill_normals(W.value, MOST, 2, 0.0, 0.5);
    fill_normals(b.value, MOST, 3, 0.0, 1.0);
    fill_normals(delta.value, MOST, 4, 0.0, 0.1);
    fill_normals(z_below.value, MOST, 5, 0.0, 1.5);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tiny_layers_equal_plain_loops),
        cmocka_unit_test(layers_at_once_are_the_same_bits),
        cmocka_unit_test(bias_last_is_what_products_do),
        cmocka_unit_test(what_is_not_finite_stays_in_its_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
