#include "base/check.h"

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

static struct tiny_layer layer_of(size_t batch, size_t in, size_t out) {
    return (struct tiny_layer){ .batch = batch,
                                .in = in,
                                .out = out,
                                .input = input.value,
                                .W = W.value,
                                .b = b.value,
                                .z = z.value,
                                .h = h.value,
                                .delta = delta.value };
}

static void assert_close(double got, double want, double sizes) {
    if (!(fabs(got - want) <= 4e-6 * sizes + 1e-30)) {
        fail_msg("%.9g instead of %.9g", got, want);
    }
}

static void check_forward(int which, const struct tiny_layer *layer) {
    static float again[MOST];
    size_t n = layer->batch * layer->out;
    clear(&z, n);
    clear(&h, n);
    struct pass_sums sums = set->tiny->forward[which](layer);
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

static void check_backward(int which, const struct tiny_layer *layer) {
    static float g[MOST], want[MOST];
    static double sizes[MOST];
    size_t n = layer->batch * layer->in;
    struct tiny_layer below = { .z = z_below.value,
                                .h = h_below.value,
                                .delta = delta_below.value };
    set->activation[which].forward(z_below.value, h_below.value, n);
    clear(&delta_below, n);
    struct slope_sums sums = set->tiny->backward[which](layer, &below);
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

static void check_gradient(const struct tiny_layer *layer) {
    const float scale = 0.25f;
    size_t n = layer->in * layer->out;
    clear(&dW, n);
    clear(&db, layer->out);
    set->tiny->gradient(layer, scale, dW.value, db.value);
    for (size_t j = 0; j < layer->out; j++) {
        double sum = 0.0, sizes = 0.0;
        for (size_t r = 0; r < layer->batch; r++) {
            sum += (double)delta.value[r * layer->out + j];
            sizes += fabs((double)delta.value[r * layer->out + j]);
        }
        assert_close((double)db.value[j], 0.25 * sum, sizes);
    }
    for (size_t k = 0; k < n; k++) {
        double sum = 0.0, sizes = 0.0;
        for (size_t r = 0; r < layer->batch; r++) {
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
        struct tiny_layer layer = layer_of(batch, in, out);
        for (int which = 0; which < ACTIVATION_COUNT; which++) {
            if (set->activation[which].forward) {
                check_forward(which, &layer);
                check_backward(which, &layer);
            } else {
                assert_null(set->tiny->forward[which]);
            }
        }
        check_gradient(&layer);
    }
}

/* A NaN or an infinity in one example stays in that example's row. */
static void what_is_not_finite_stays_in_its_row(void **state) {
    (void)state;
    if (!set) {
        skip();
    }
    for (size_t at = 0; at < 3; at++) {
        struct tiny_layer layer = layer_of(3, 5, 5), below = { .z = z_below.value,
                                                               .h = h_below.value,
                                                               .delta = delta_below.value };
        float kept[2] = { input.value[at * 5], delta.value[at * 5] };
        input.value[at * 5] = NAN;
        delta.value[at * 5] = INFINITY;
        assert_true(isnan(set->tiny->forward[ACTIVATION_TANH](&layer).z));
        set->activation[ACTIVATION_TANH].forward(z_below.value, h_below.value, 15);
        assert_true(isinf(set->tiny->backward[ACTIVATION_TANH](&layer, &below).delta_squared));
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
        cmocka_unit_test(what_is_not_finite_stays_in_its_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
