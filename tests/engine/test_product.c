#include "base/check.h"

#include <stdlib.h>

#include "base/require.h"
#include "engine/product.h"
#include "tools.h"

/* The three products against plain loops in double, small shapes with every instruction set. */

static const struct kernels *sets[SETS_MOST];
static int set_count;

// (batch, in, out); the first rows take the plain loops, the last ones the library.
static const int shapes[][3] = {
    { 1, 1, 1 },     { 1, 2, 3 },     { 4, 2, 5 },        { 4, 5, 5 },      { 4, 5, 1 },
    { 7, 3, 19 },    { 1, 1, 1024 },  { 8, 8, 16 },       { 8, 8, 17 },     { 3, 17, 33 },
    { 5, 1, 300 },   { 300, 5, 1 },   { 1, 300, 5 },      { 64, 100, 10 },  { 128, 784, 100 },
    { 1, 513, 257 }, { 33, 65, 129 }, { 16, 1024, 1024 }, { 13, 500, 500 }, { 150, 400, 97 },
};

struct operands {
    int batch, in, out;
    float *h;     // (batch, in)
    float *W;     // (in, out)
    float *delta; // (batch, out)
    float *result;
    size_t size;  // of result
    double worst; // error in units of what float sums may lose
};

/* Of so many rows and columns. */
static size_t entries(int rows, int columns) {
    return (size_t)rows * (size_t)columns;
}

static float *drawn(size_t n, uint32_t row, double sd) {
    float *values = malloc(n * sizeof *values);
    assert_non_null(values);
    fill_normals(values, n, row, 0.1 * sd, sd);
    return values;
}

static void operands_init(struct operands *o, const int shape[3]) {
    size_t batch = (size_t)shape[0], in = (size_t)shape[1], out = (size_t)shape[2];
    *o = (struct operands){
        .batch = shape[0],
        .in = shape[1],
        .out = shape[2],
        .h = drawn(batch * in, 1, 1.0),
        .W = drawn(in * out, 2, 0.3),
        .delta = drawn(batch * out, 3, 1e-4),
        .size = batch * in + in * out + batch * out + 1,
    };
    o->result = malloc(o->size * sizeof *o->result);
    assert_non_null(o->result);
}

static void operands_finish(struct operands *o) {
    free(o->h);
    free(o->W);
    free(o->delta);
    free(o->result);
}

/* What was in the result before must not matter, and what lies behind it must stay. */
static void prepare(struct operands *o) {
    for (size_t i = 0; i < o->size; i++) {
        o->result[i] = NAN;
    }
}

/* One entry: the sum over k of a[k step_a] b[k step_b], times scale. */
static void check_entry(struct operands *o, float got, const float *a, int step_a, const float *b,
                        int step_b, int terms, double scale) {
    double want = 0.0, sizes = 0.0;
    for (int k = 0; k < terms; k++) {
        double term = (double)a[(size_t)k * (size_t)step_a] * (double)b[(size_t)k * (size_t)step_b];
        want += scale * term;
        sizes += fabs(scale * term);
    }
    double lost = fabs((double)got - want) / (sizes * (double)FLT_EPSILON);
    o->worst = fmax(o->worst, lost / (terms + 2));
    assert_true(lost <= terms + 2);
}

static void check_products(struct operands *o) {
    int batch = o->batch, in = o->in, out = o->out;
    prepare(o);
    product_forward(o->h, o->W, o->result, batch, in, out);
    for (int b = 0; b < batch; b++) {
        for (int j = 0; j < out; j++) {
            check_entry(o, o->result[b * out + j], o->h + entries(b, in), 1, o->W + j, out, in,
                        1.0);
        }
    }
    assert_true(isnan(o->result[entries(batch, out)]));
    prepare(o);
    product_backward(o->delta, o->W, o->result, batch, in, out);
    for (int b = 0; b < batch; b++) {
        for (int i = 0; i < in; i++) {
            check_entry(o, o->result[b * in + i], o->delta + entries(b, out), 1,
                        o->W + entries(i, out), 1, out, 1.0);
        }
    }
    assert_true(isnan(o->result[entries(batch, in)]));
    prepare(o);
    float scale = 1.0f / (float)batch;
    product_gradient(o->h, o->delta, o->result, batch, in, out, scale);
    for (int i = 0; i < in; i++) {
        for (int j = 0; j < out; j++) {
            check_entry(o, o->result[i * out + j], o->h + i, in, o->delta + j, out, batch,
                        (double)scale);
        }
    }
    assert_true(isnan(o->result[entries(in, out)]));
}

static void products_equal_plain_loops(void **state) {
    (void)state;
    for (int s = 0; s < set_count; s++) {
        kernels = sets[s];
        double worst = 0.0;
        for (int i = 0; i < ARRAY_LEN(shapes); i++) {
            struct operands o;
            operands_init(&o, shapes[i]);
            check_products(&o);
            worst = fmax(worst, o.worst);
            operands_finish(&o);
        }
        print_message("%s: worst error %.3f of what sums in float may lose\n", sets[s]->name,
                      worst);
    }
}

/* A NaN or an infinity in one example stays in that example's row. */
static void what_is_not_finite_stays_in_its_row(void **state) {
    (void)state;
    for (int i = 0; i < ARRAY_LEN(shapes); i++) {
        struct operands o;
        operands_init(&o, shapes[i]);
        o.h[entries(o.in, o.batch - 1)] = NAN;
        o.delta[entries(o.out, o.batch - 1)] = INFINITY;
        product_forward(o.h, o.W, o.result, o.batch, o.in, o.out);
        for (int k = 0; k < o.batch * o.out; k++) {
            assert_true(isfinite(o.result[k]) == (k < o.out * (o.batch - 1)));
        }
        product_backward(o.delta, o.W, o.result, o.batch, o.in, o.out);
        for (int k = 0; k < o.batch * o.in; k++) {
            assert_true(isfinite(o.result[k]) == (k < o.in * (o.batch - 1)));
        }
        operands_finish(&o);
    }
}

static void the_same_call_gives_the_same_bits(void **state) {
    (void)state;
    for (int i = 0; i < ARRAY_LEN(shapes); i++) {
        struct operands o;
        operands_init(&o, shapes[i]);
        size_t n = (size_t)o.batch * (size_t)o.out;
        float *again = malloc(n * sizeof *again);
        assert_non_null(again);
        product_forward(o.h, o.W, o.result, o.batch, o.in, o.out);
        product_forward(o.h, o.W, again, o.batch, o.in, o.out);
        assert_memory_equal(o.result, again, n * sizeof *again);
        free(again);
        operands_finish(&o);
    }
}

/* Parts of a product are the same bits as the whole, wherever it is cut. */
static void parts_equal_the_whole(void **state) {
    (void)state;
    for (int s = 0; s < set_count; s++) {
        kernels = sets[s];
        for (int i = 0; i < ARRAY_LEN(shapes) && kernels->tiles; i++) {
            struct operands o, whole;
            operands_init(&o, shapes[i]);
            operands_init(&whole, shapes[i]);
            int batch = o.batch, in = o.in, out = o.out;
            if ((double)batch * in * out > 2000.0) {
                product_forward(o.h, o.W, whole.result, batch, in, out);
                for (int at = 0; at < out; at += PRODUCT_GRAIN) {
                    int end = at + PRODUCT_GRAIN < out ? at + PRODUCT_GRAIN : out;
                    product_forward_part(o.h, o.W, o.result, batch, in, out, at, end);
                }
                assert_memory_equal(o.result, whole.result, sizeof(float) * (size_t)(batch * out));
                for (int at = 0; at < batch; at++) { // examples are independent of each other
                    product_forward(o.h + entries(at, in), o.W, o.result + entries(at, out), 1, in,
                                    out);
                }
                if (in * out > 1024) {
                    assert_memory_equal(o.result, whole.result,
                                        sizeof(float) * (size_t)(batch * out));
                }
                product_backward(o.delta, o.W, whole.result, batch, in, out);
                for (int at = 0; at < in; at += PRODUCT_GRAIN) {
                    int end = at + PRODUCT_GRAIN < in ? at + PRODUCT_GRAIN : in;
                    product_backward_part(o.delta, o.W, o.result, batch, in, out, at, end);
                }
                assert_memory_equal(o.result, whole.result, sizeof(float) * (size_t)(batch * in));
                product_gradient(o.h, o.delta, whole.result, batch, in, out, 0.1f);
                for (int at = 0; at < in; at += 7) {
                    int end = at + 7 < in ? at + 7 : in;
                    product_gradient_part(o.h, o.delta, o.result + entries(at, out), batch, in, out,
                                          0.1f, at, end);
                }
                assert_memory_equal(o.result, whole.result, sizeof(float) * (size_t)(in * out));
            }
            operands_finish(&o);
            operands_finish(&whole);
        }
    }
}

int main(void) {
    engine_start();
    set_count = kernel_sets(sets);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_equal_plain_loops),
        cmocka_unit_test(what_is_not_finite_stays_in_its_row),
        cmocka_unit_test(parts_equal_the_whole),
        cmocka_unit_test(the_same_call_gives_the_same_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
